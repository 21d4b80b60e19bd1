// Open files: struct file in the kernel's table, and reading and writing whatever one leads to. Not the files themselves
// (kernel/inode.hpp) and not descriptors (sysfile.cpp). For the kernel's own files; none of these is in the seam table.
//
// A read or write that has to sleep returns nothing; what it has moved so far is in the process's `done`.
#pragma once

#include <cstdint>
#include <optional>

#include "kernel/kernel.hpp"

namespace hartlab {

/// What read and write come back with: a count, -1, or nothing for a call that is to be restarted.
using Transfer = std::optional<std::uint64_t>;
inline constexpr std::uint64_t MINUS_ONE = ~std::uint64_t{0};

/// A struct file that nobody uses, with one reference; 0 when the table is full.
PhysAddr filealloc(Kernel& kernel);
/// One more reference; returns f.
PhysAddr filedup(Kernel& kernel, PhysAddr f);
/// One reference less; with the last one the pipe end or inode is let go.
void fileclose(Kernel& kernel, PhysAddr f);
/// Writes a struct stat to user address `va`. 0, or -1.
int filestat(Kernel& kernel, PhysAddr f, VirtAddr va);
/// `n` is xv6's int, from the user.
Transfer fileread(Kernel& kernel, PhysAddr f, VirtAddr va, std::int32_t n);
Transfer filewrite(Kernel& kernel, PhysAddr f, VirtAddr va, std::int32_t n);

/// How much of `n` bytes at `va` lies in the page of `va`: copyin and copyout either do all of that or nothing.
inline std::uint64_t within_page(VirtAddr va, std::uint64_t n) { return std::min(n, PGSIZE - va.page_offset()); }

}  // namespace hartlab
