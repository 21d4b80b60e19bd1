// Text that the guest has had a hand in: names, paths and messages that quote them may hold any bytes. Every binding
// that returns such text goes through here; what is no UTF-8 becomes U+FFFD instead of an exception.
#pragma once

#include <pybind11/pybind11.h>

#include <string_view>

namespace hartlab::bindings {

inline pybind11::str text(std::string_view bytes) {
    PyObject* decoded = PyUnicode_DecodeUTF8(bytes.data(), static_cast<Py_ssize_t>(bytes.size()), "replace");
    if (decoded == nullptr) throw pybind11::error_already_set();
    return pybind11::reinterpret_steal<pybind11::str>(decoded);
}

}  // namespace hartlab::bindings
