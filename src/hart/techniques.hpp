// Which techniques for speed a hart starts with. They change nothing that a guest can observe, so this is no part of any state or
// configuration: it exists for the tests, which run with each of them off, and for benchmarks.
#pragma once

namespace hartlab {

struct Techniques {
    bool blocks = true;        // whole basic blocks in the threaded loop, or else one instruction at a time
    bool memory_loops = true;  // turns of loops that only fill, copy or look at memory at once (hart/memory_loop.hpp)
    bool idle_loops = true;    // rounds of a kernel that waits without wfi passed over (machine/idle_loops.hpp)
};

/// What harts made from now on start with. To be set before a thread makes any.
inline Techniques techniques_of_new_harts;

}  // namespace hartlab
