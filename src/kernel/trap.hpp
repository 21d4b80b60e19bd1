// Between user and kernel, for the kernel's own files: the two halves of the trampoline, and what usertrap is made of.
// Kernel::usertrap and usertrapret (trap.cpp) are the way in and out; drive.cpp and user_access.cpp use the parts.
#pragma once

#include <cstdint>

#include "kernel/kernel.hpp"

namespace hartlab {

/// Behind the 36 words in the trapframe page.
/// Departs: xv6 has no floating point in user programs. Saved when FS is dirty, and restored, with the other registers.
struct FloatFrame {
    std::uint64_t f[32];
    std::uint64_t fcsr;
};

/// The user's satp.
std::uint64_t user_satp(Kernel& kernel, RamStruct<Proc> p);
/// Writes satp, with a fence before and one after unless address spaces are told apart by ASID.
void switch_satp(Kernel& kernel, std::uint64_t satp);

/// What the trampoline does on the way in: user registers to the page at TRAPFRAME, then the kernel's satp. The hart is in
/// S-mode with the user's satp. panic `uservec` when the page table has lost the trampoline or the trapframe.
void uservec(Kernel& kernel, RamStruct<Proc> p);

/// Deals with a user's page fault: a lazy page, a shared one that is stored to, or an A or D bit that is to be set
/// (Svade). True when the access is worth another try. Emits the event.
bool repair_fault(Kernel& kernel, RamStruct<Proc> p, std::uint64_t scause, std::uint64_t sepc, std::uint64_t stval);

/// The cause of a trap in words: "store page fault".
const char* cause_name(std::uint64_t scause);

/// Goes on with the system call that the current process was in when it blocked or gave up, and then back to user mode.
void resume_system_call(Kernel& kernel, RamStruct<Proc> p);

/// A tick of the clock: whoever sleeps on it is woken.
void clockintr(Kernel& kernel);

}  // namespace hartlab
