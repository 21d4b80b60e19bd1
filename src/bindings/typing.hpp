// Python types with their parameters, so that the generated stubs say what is in a dict or a list.
#pragma once

#include <pybind11/pybind11.h>
#include <pybind11/typing.h>

#include <cstdint>
#include <string>
#include <tuple>

namespace hartlab::bindings {

using AnyDict = pybind11::typing::Dict<pybind11::str, pybind11::object>;
template <class... Fields>
using TupleList = pybind11::typing::List<pybind11::typing::Tuple<Fields...>>;

}  // namespace hartlab::bindings
