// The traps that a machine's harts have taken, as rows, oldest first.
#pragma once

#include <cstdint>
#include <vector>

#include "hart/trap_log.hpp"
#include "inspect/row.hpp"

namespace hartlab::inspect {

struct TrapRow {
    std::uint64_t sequence;
    std::uint64_t time;
    std::uint64_t instructions;
    std::int32_t hart;
    bool interrupt;
    char from[2], to[2];  // modes
    char what[40];        // the cause in words
    std::uint64_t cause, tval, epc, satp;
    std::uint64_t a0, a1, a2, a3, a4, a5, a6, a7;

    static constexpr std::string_view NAME = "traps of a machine";
    static Fields fields();
};

/// Those that are still there and whose number is at least `since`.
std::vector<TrapRow> trap_rows(const TrapLog& log, std::uint64_t since = 0);

}  // namespace hartlab::inspect
