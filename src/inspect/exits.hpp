// How processes ended, as rows.
#pragma once

#include <cstdint>
#include <vector>

#include "inspect/row.hpp"
#include "kernel/exit_log.hpp"

namespace hartlab::inspect {

struct ExitRow {
    std::int32_t pid;
    std::int32_t parent;  // who was to wait for it
    std::int32_t status;
    bool by_fault;
    std::uint64_t time;                 // instructions retired
    std::uint64_t scause, sepc, stval;  // of the fault that killed it
    char name[16];
    char cause[32];  // of that fault, in words

    static constexpr std::string_view NAME = "exits";
    static Fields fields();
};

/// A row for each process that has ended and is remembered, the oldest first.
std::vector<ExitRow> exits(const ExitLog& log);

}  // namespace hartlab::inspect
