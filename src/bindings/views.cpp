#include "bindings/views.hpp"

#include <algorithm>
#include <cstring>
#include <string>

namespace py = pybind11;

namespace hartlab::bindings {

using inspect::Field;
using inspect::RowType;

py::array view(const std::shared_ptr<Ram>& ram) {
    auto* share = new std::shared_ptr<Ram>(ram);
    const py::capsule owner(share, [](void* p) { delete static_cast<std::shared_ptr<Ram>*>(p); });
    py::array_t<std::uint8_t> array({static_cast<py::ssize_t>(ram->size())}, {1}, ram->data(), owner);
    array.attr("setflags")(py::arg("write") = false);
    return array;
}

bool has_text(const RowType& type) {
    return std::any_of(type.fields.begin(), type.fields.end(), [](const Field& f) { return f.kind == 'S'; });
}

namespace {

constexpr std::size_t CODE_POINT = 4;  // NumPy keeps str as UCS-4

/// Where each field of `type` stands in an array with text widened: packed, so that no byte is left uninitialised.
struct Layout {
    std::vector<std::size_t> offsets;
    std::size_t itemsize = 0;

    explicit Layout(const RowType& type) {
        if (!has_text(type)) {
            for (const Field& f : type.fields) offsets.push_back(f.offset);
            itemsize = type.itemsize;
            return;
        }
        for (const Field& f : type.fields) {
            offsets.push_back(itemsize);
            itemsize += f.kind == 'S' ? f.size * CODE_POINT : f.size;
        }
    }
};

void widen(std::uint8_t* to, const std::uint8_t* from, std::size_t size) {
    const std::size_t length = strnlen(reinterpret_cast<const char*>(from), size);
    for (std::size_t i = 0; i < length; ++i) {
        const std::uint32_t code_point = from[i];
        std::memcpy(to + i * CODE_POINT, &code_point, CODE_POINT);
    }
    std::memset(to + length * CODE_POINT, 0, (size - length) * CODE_POINT);
}

}  // namespace

py::dtype table_dtype(const RowType& type) {
    const Layout layout(type);
    py::list names, formats, offsets;
    for (std::size_t i = 0; i < type.fields.size(); ++i) {
        const Field& field = type.fields[i];
        names.append(field.name);
        formats.append(field.kind == 'S' ? "<U" + std::to_string(field.size) : field.format());
        offsets.append(layout.offsets[i]);
    }
    return {names, formats, offsets, static_cast<py::ssize_t>(layout.itemsize)};
}

py::array copied_table(const RowType& type, const void* rows, std::size_t count) {
    const Layout layout(type);
    py::array array(table_dtype(type), std::vector<py::ssize_t>{static_cast<py::ssize_t>(count)});
    auto* to = static_cast<std::uint8_t*>(array.mutable_data());
    const auto* from = static_cast<const std::uint8_t*>(rows);
    for (std::size_t row = 0; row < count; ++row, to += layout.itemsize, from += type.itemsize) {
        for (std::size_t i = 0; i < type.fields.size(); ++i) {
            const Field& field = type.fields[i];
            if (field.kind == 'S') {
                widen(to + layout.offsets[i], from + field.offset, field.size);
            } else {
                std::memcpy(to + layout.offsets[i], from + field.offset, field.size);
            }
        }
    }
    return array;
}

}  // namespace hartlab::bindings
