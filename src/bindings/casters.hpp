// Addresses cross into Python as plain ints. Every binding file that mentions one includes this first.
#pragma once

#include <pybind11/pybind11.h>

#include "base/address.hpp"

namespace pybind11::detail {

template <class Tag>
struct type_caster<hartlab::Address<Tag>> {
    PYBIND11_TYPE_CASTER(hartlab::Address<Tag>, const_name("int"));

    bool load(handle source, bool convert) {
        make_caster<std::uint64_t> number;
        if (!number.load(source, convert)) return false;
        value = hartlab::Address<Tag>(cast_op<std::uint64_t>(number));
        return true;
    }
    static handle cast(hartlab::Address<Tag> address, return_value_policy, handle) {
        return PyLong_FromUnsignedLongLong(address.value);
    }
};

}  // namespace pybind11::detail
