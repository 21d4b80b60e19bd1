// What the threaded loop keeps in registers: how much of its budget is left, and the hits that it has not reported yet.
#pragma once

#include <cstdint>

namespace hartlab {

struct Ledger {
    std::int64_t left = 0;  // instructions that may still be started in blocks not yet entered
    std::uint64_t loads = 0, stores = 0;
};

}  // namespace hartlab
