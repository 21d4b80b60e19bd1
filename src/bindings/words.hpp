// Python ints as the words that kernel functions take and give (kernel/seam.hpp), and back.
#pragma once

#include <pybind11/pybind11.h>

#include <cstdint>
#include <string>

#include "kernel/seam.hpp"

namespace hartlab::bindings {

/// TypeError or ValueError, with the function's declaration, when `value` is none of that type. `index` counts from 1.
std::uint64_t to_word(pybind11::handle value, WordType type, FunctionId function, std::size_t index);
/// None for nothing.
pybind11::object from_word(std::uint64_t word, WordType type);
/// A result that a replacement in Python gave. TypeError or ValueError when it is none of the function's.
std::uint64_t to_result(pybind11::handle value, FunctionId function);

}  // namespace hartlab::bindings
