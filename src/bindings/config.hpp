// What Python passes to build a machine, as the engine's configuration structs.
#pragma once

#include <pybind11/pybind11.h>

#include <cstdint>
#include <string>
#include <tuple>

#include "bindings/typing.hpp"
#include "kernel/policies.hpp"
#include "machine/machine.hpp"

namespace hartlab::bindings {

/// sets, ways, replacement ("lru", "fifo" or "random"), seed
using TlbArguments = std::tuple<std::uint32_t, std::uint32_t, std::string, std::uint64_t>;

MachineConfig machine_config(std::uint64_t ram_size, const TlbArguments& tlb, bool hardware_ad, std::uint64_t per_tick);

/// The policies of xv6 `edition` ("2020" or "2025"), with those that `changes` names in place of its own.
Policies policies(const std::string& edition, const AnyDict& changes);

/// Name, choices, and the choice of each edition: (name, [choice...], 2020's, 2025's) for each policy.
TupleList<pybind11::str, pybind11::typing::List<pybind11::str>, pybind11::str, pybind11::str> policy_table();

/// The policies as a dict from name to choice.
AnyDict policy_dict(const Policies& policies);

}  // namespace hartlab::bindings
