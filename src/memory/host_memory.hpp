// What the engine asks of the operating system: memory, and files to map. Written twice, for Linux
// (host_memory_linux.cpp) and in standard C++ for every other host (host_memory_portable.cpp), where there are no files
// and pages are copied instead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hartlab::host {

/// Instead of a file: this host maps none, or not in pages of ours.
inline constexpr int NO_FILE = -1;

/// Zeroed memory that begins at a page's boundary, and costs nothing until it is touched; with `huge`, in huge pages where
/// the host has them. Throws std::bad_alloc.
std::uint8_t* reserve(std::uint64_t size, bool huge);
void release(std::uint8_t* bytes, std::uint64_t size);

/// A file without a name that holds those of `size` bytes that lie in `pages`, and zeros elsewhere; nobody can write to it.
/// Or NO_FILE, and then none of the functions that take a file is to be called. Throws std::bad_alloc.
int freeze(const std::uint8_t* bytes, std::uint64_t size, const std::vector<std::uint32_t>& pages);
void close(int file);

/// A mapping of the file: its own bytes for reading, or a private copy to be written to. release() ends it.
std::uint8_t* map(int file, std::uint64_t size, bool writable);
/// A private copy in place of what is at `address`, which reserve() or map() gave.
void map_at(std::uint8_t* address, int file, std::uint64_t offset, std::uint64_t length);
/// Makes a part of a private copy the file's again, and gives back its memory.
void drop(std::uint8_t* address, std::uint64_t length);

/// Memory for a large table, to be filled at once: not zeroed, in huge pages where the host has them. Throws std::bad_alloc.
void* allocate_table(std::size_t bytes);
void free_table(void* table);

}  // namespace hartlab::host
