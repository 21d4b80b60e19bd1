// Files in use, as exec and the file system calls reach them. Not the files themselves, whose bytes are with the host
// (kernel/file_registry.hpp). An inode here is a slot of KernelData::inode, by its address in RAM. Defined in inode.cpp.
#pragma once

#include <cstdint>
#include <string>

#include "base/address.hpp"

namespace hartlab {

class Kernel;
struct Inode;
template <class Struct>
class RamStruct;

/// The inode of the file that is registered under `path`, with one more reference; 0 when there is none or no slot is left.
PhysAddr namei(Kernel& kernel, const std::string& path);

/// One more reference to `ip`; returns it.
PhysAddr idup(Kernel& kernel, PhysAddr ip);

/// Gives a reference back. The slot is free when the last is gone.
void iput(Kernel& kernel, PhysAddr ip);

/// Reads up to `n` bytes at `offset` into RAM at `destination`; returns how many there were, 0 at or beyond the end.
std::uint64_t readi(Kernel& kernel, PhysAddr ip, PhysAddr destination, std::uint64_t offset, std::uint64_t n);

/// The struct at `ip`, once that is known to be one. Hostile data may hold any pointer: KernelPanic when it is none.
RamStruct<Inode> inode_at(Kernel& kernel, PhysAddr ip, const char* function);

}  // namespace hartlab
