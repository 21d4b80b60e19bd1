// System calls: their numbers, how one is made, and how its arguments are fetched. The calls themselves are sysproc.cpp,
// sysfile.cpp and sysexec.cpp.
//
// A call that has to sleep returns nothing. The process then keeps its number in `restart` and its progress in `deadline`
// and `done`, and the same function is called again once it has been woken.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "kernel/kernel.hpp"

namespace hartlab {

// One row a call: number, name.
// clang-format off
#define HARTLAB_SYSTEM_CALLS(X) \
    X(1, fork) \
    X(2, exit) \
    X(3, wait) \
    X(4, pipe) \
    X(5, read) \
    X(6, kill) \
    X(7, exec) \
    X(8, fstat) \
    X(10, dup) \
    X(11, getpid) \
    X(12, sbrk) \
    X(13, sleep) \
    X(14, uptime) \
    X(15, open) \
    X(16, write) \
    X(21, close) \
    X(23, myalloc) \
    X(24, myfree)
// clang-format on

/// Departs: not SYS_fork and so on, which the host's own headers define as something else.
enum class SystemCallNumber : std::int32_t {
#define X(number, name) name = number,
    HARTLAB_SYSTEM_CALLS(X)
#undef X
};

inline constexpr std::int32_t SBRK_EAGER = 1, SBRK_LAZY = 2;

using SystemCall = std::optional<std::uint64_t> (*)(Kernel&);

#define X(number, name) std::optional<std::uint64_t> sys_##name(Kernel& kernel);
HARTLAB_SYSTEM_CALLS(X)
#undef X

/// "fork"; "call 99" for a number that is none.
std::string system_call_name(std::int32_t number);

enum class CallEnd : std::uint8_t {
    returned,  // the result is in a0
    blocked,   // the process sleeps, and is to be restarted
    gave_up,   // what was done has been undone, and is to be started again (see Kernel::may_continue)
    gone,      // the process has exited
};

/// Makes the call that the current process's a7 asks for, or goes on with the one that it is in.
CallEnd syscall(Kernel& kernel, RamStruct<Proc> p);
/// The same with `call` in place of what the table has under `number`.
CallEnd make_call(Kernel& kernel, RamStruct<Proc> p, std::int32_t number,
                  const std::function<std::optional<std::uint64_t>(Kernel&)>& call);

/// Keeps for Python, and for the trace, how `p` ended.
void note_exit(Kernel& kernel, RamStruct<Proc> p);

// -- arguments of the call that the current process makes: number 0 to 5 ----------------------------------------------
std::uint64_t argraw(Kernel& kernel, int n);
inline std::int32_t argint(Kernel& kernel, int n) { return static_cast<std::int32_t>(argraw(kernel, n)); }
inline VirtAddr argaddr(Kernel& kernel, int n) { return VirtAddr(argraw(kernel, n)); }
/// Copies a string from the user, its zero byte included, to kernel memory. False: a bad address, or longer than `max` bytes.
bool fetchstr(Kernel& kernel, VirtAddr va, PhysAddr buffer, std::uint64_t max);
/// A 64-bit word of the user's; nothing for a bad address.
std::optional<std::uint64_t> fetchaddr(Kernel& kernel, VirtAddr va);
/// The path that argument `n` points to, which is left in KernelData::path too; nothing when it cannot be had.
std::optional<std::string> argpath(Kernel& kernel, int n);

/// exec with strings of the host's, on the current process: argc or -1.
int exec_from_host(Kernel& kernel, const std::string& path, const std::vector<std::string>& arguments);

}  // namespace hartlab
