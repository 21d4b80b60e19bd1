// Any host: memory of the C library's, and no files.
#if !defined(__linux__) || defined(HARTLAB_PORTABLE_MEMORY)

#include <cstdlib>
#include <cstring>
#include <new>

#include "base/address.hpp"
#include "memory/host_memory.hpp"

namespace hartlab::host {

namespace {

/// What release() has to free is noted in front of the memory that reserve() gives out.
using Note = void*;

void* checked(void* memory) {
    if (!memory) throw std::bad_alloc();
    return memory;
}

}  // namespace

std::uint8_t* reserve(std::uint64_t size, bool) {
    void* const memory = checked(std::calloc(1, size + sizeof(Note) + PGSIZE));
    const auto first = reinterpret_cast<std::uintptr_t>(memory) + sizeof(Note);
    const std::uintptr_t page = (first + PGSIZE - 1) & ~static_cast<std::uintptr_t>(PGSIZE - 1);
    auto* const bytes = reinterpret_cast<std::uint8_t*>(page);
    std::memcpy(bytes - sizeof(Note), &memory, sizeof(Note));
    return bytes;
}

void release(std::uint8_t* bytes, std::uint64_t) {
    Note memory;
    std::memcpy(&memory, bytes - sizeof(Note), sizeof(Note));
    std::free(memory);
}

int freeze(const std::uint8_t*, std::uint64_t, const std::vector<std::uint32_t>&) { return NO_FILE; }

// There is no file that these could be called with.
void close(int) { std::abort(); }
std::uint8_t* map(int, std::uint64_t, bool) { std::abort(); }
void map_at(std::uint8_t*, int, std::uint64_t, std::uint64_t) { std::abort(); }
void drop(std::uint8_t*, std::uint64_t) { std::abort(); }

void* allocate_table(std::size_t bytes) { return checked(std::malloc(bytes)); }
void free_table(void* table) { std::free(table); }

}  // namespace hartlab::host

#endif
