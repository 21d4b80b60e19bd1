// Pipes: a page of kernel memory with a ring buffer in it, between two open files. See file.hpp for what Transfer means.
#pragma once

#include <optional>

#include "kernel/file.hpp"

namespace hartlab {

struct PipeEnds {
    PhysAddr reader, writer;  // struct file *
};

/// A new pipe, open at both ends; nothing, with nothing kept, when there are no open files or no memory left.
std::optional<PipeEnds> pipealloc(Kernel& kernel);
/// One end is no longer open: whoever sleeps at the other is woken, and the page is freed with the second.
void pipeclose(Kernel& kernel, PhysAddr pipe, bool writable);
/// Sleeps while the pipe is empty and someone may still write. 0 at the end; -1 when killed, or if the first byte cannot be stored.
Transfer piperead(Kernel& kernel, PhysAddr pipe, VirtAddr va, std::int32_t n);
/// Writes all `n` bytes, asleep while the pipe is full; fewer when user memory ends. -1 when nobody can read, or when killed.
Transfer pipewrite(Kernel& kernel, PhysAddr pipe, VirtAddr va, std::int32_t n);

}  // namespace hartlab
