// A hart's registers as rows: pc, x, f, the privilege mode, and the CSRs that this hart has.
#pragma once

#include <cstdint>
#include <vector>

#include "hart/state.hpp"
#include "inspect/row.hpp"

namespace hartlab::inspect {

struct RegisterRow {
    char name[16];        // the calling convention's name, or the CSR's
    char kind[4];         // "pc", "x", "f", "csr", "mode"
    std::int32_t number;  // in its kind; -1 for pc and mode
    std::uint64_t value;

    static constexpr std::string_view NAME = "registers";
    static Fields fields();
};

struct RegisterGroups {
    bool pc = true, x = true, f = true, csr = true;
};

std::vector<RegisterRow> registers(const HartState& state, RegisterGroups groups = {},
                                   std::uint64_t instructions_per_tick = 1);

}  // namespace hartlab::inspect
