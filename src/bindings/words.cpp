#include "bindings/words.hpp"

#include <string_view>

#include "kernel/function_facts.hpp"

namespace py = pybind11;

namespace hartlab::bindings {

namespace {

std::string declaration(FunctionId function) {
    return std::string(function_facts()[static_cast<std::size_t>(function)].declaration);
}

std::string shown(py::handle value) {
    std::string text = py::repr(value);
    constexpr std::size_t MOST = 60;
    return text.size() <= MOST ? text : text.substr(0, MOST) + "...";
}

const char* range(WordType type) {
    return type == WordType::integer ? "an int from -2^31 to 2^31 - 1" : "an int from 0 to 2^64 - 1";
}

/// The value as a word; false when it is out of range. Throws TypeError when it is no integer.
bool convert(py::handle value, WordType type, std::uint64_t& word) {
    const py::object number = py::reinterpret_steal<py::object>(PyNumber_Index(value.ptr()));
    if (!number) throw py::error_already_set();
    int overflow = 0;
    const long long fits = PyLong_AsLongLongAndOverflow(number.ptr(), &overflow);
    if (type == WordType::integer) {
        word = static_cast<std::uint64_t>(fits);
        return overflow == 0 && fits >= INT32_MIN && fits <= INT32_MAX;
    }
    if (overflow == 0) {
        word = static_cast<std::uint64_t>(fits);
        return fits >= 0;
    }
    if (overflow < 0) return false;
    word = PyLong_AsUnsignedLongLong(number.ptr());
    if (!PyErr_Occurred()) return true;
    PyErr_Clear();
    return false;
}

}  // namespace

std::uint64_t to_word(py::handle value, WordType type, FunctionId function, std::size_t index) {
    const auto complain = [&] {
        return declaration(function) + ": argument " + std::to_string(index) + " is " + shown(value) + "; it must be " +
               range(type);
    };
    if (!PyIndex_Check(value.ptr())) throw py::type_error(complain());
    if (type == WordType::boolean) return value ? static_cast<std::uint64_t>(PyObject_IsTrue(value.ptr()) == 1) : 0;
    std::uint64_t word = 0;
    if (!convert(value, type, word)) throw py::value_error(complain());
    return word;
}

py::object from_word(std::uint64_t word, WordType type) {
    switch (type) {
    case WordType::nothing: return py::none();
    case WordType::integer: return py::int_(static_cast<std::int32_t>(static_cast<std::uint32_t>(word)));
    case WordType::boolean:
    case WordType::number:
    case WordType::physical:
    case WordType::virtual_: break;
    }
    return py::int_(word);
}

std::uint64_t to_result(py::handle value, FunctionId function) {
    const WordType type = signature(function).result;
    if (type == WordType::nothing) {
        if (value.is_none()) return 0;
        throw py::type_error("returned " + shown(value) + "; " + declaration(function) + " returns nothing");
    }
    const auto complain = [&] {
        return "returned " + shown(value) + "; " + declaration(function) + " returns " + range(type);
    };
    if (!PyIndex_Check(value.ptr())) throw py::type_error(complain());
    std::uint64_t word = 0;
    if (!convert(value, type, word)) throw py::value_error(complain());
    return word;
}

}  // namespace hartlab::bindings
