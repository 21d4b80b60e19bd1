// Who runs next, and what happens when nobody can. For the kernel's own files.
#pragma once

#include <string>

#include "kernel/kernel.hpp"

namespace hartlab {

/// The current process has left RUNNING: the hart is the scheduler's. Fills in its context, and notes the end of a zombie.
void sched(Kernel& kernel, RamStruct<Proc> p);

enum class Turn : std::uint8_t {
    runs,      // a process is RUNNING and in user mode, or about to go on with its system call
    finished,  // no process is left but init, and init has nothing to wait for
    idle,      // only input from outside could wake anybody
};

struct Choice {
    Turn turn{};
    bool switched = false;  // it is another process than the one that ran last
    std::string detail;     // idle: who waits for what
};

/// Chooses a process and puts it on the hart. While everybody sleeps, the clock goes forward to the next alarm.
/// Precondition: no process is on the hart.
Choice schedule(Kernel& kernel);

}  // namespace hartlab
