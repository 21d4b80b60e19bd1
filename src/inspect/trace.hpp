// The event trace as rows, oldest first. EventRing::dropped() says how many came before the first.
#pragma once

#include <cstdint>
#include <vector>

#include "base/event.hpp"
#include "inspect/row.hpp"

namespace hartlab::inspect {

struct TraceRow {
    std::uint64_t sequence;
    std::uint64_t time;
    char kind[16];
    char what[32];           // the code in words: a system call's name, a cause, an access
    std::int32_t kind_code;  // EventKind
    std::int32_t pid;
    std::uint64_t code;
    std::uint64_t va, pa, value, result;
    std::uint64_t a0, a1, a2, a3, a4, a5;

    static constexpr std::string_view NAME = "trace";
    static Fields fields();
};

/// The events that are still there and whose number is at least `since`.
std::vector<TraceRow> trace_rows(const EventRing& ring, std::uint64_t since = 0);

}  // namespace hartlab::inspect
