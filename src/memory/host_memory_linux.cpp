// Linux: memory by mmap, pages shared through files without a name.
#if defined(__linux__) && !defined(HARTLAB_PORTABLE_MEMORY)

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <new>

#include "base/address.hpp"
#include "memory/host_memory.hpp"

namespace hartlab::host {

namespace {

constexpr int PRIVATE = MAP_PRIVATE | MAP_NORESERVE;

std::uint8_t* checked(void* address) {
    if (address == MAP_FAILED) throw std::bad_alloc();
    return static_cast<std::uint8_t*>(address);
}

bool write_all(int file, const std::uint8_t* bytes, std::uint64_t length, std::uint64_t offset) {
    while (length != 0) {
        const ssize_t written = pwrite(file, bytes, length, static_cast<off_t>(offset));
        if (written <= 0) return false;
        bytes += written;
        offset += static_cast<std::uint64_t>(written);
        length -= static_cast<std::uint64_t>(written);
    }
    return true;
}

bool write_pages(int file, const std::uint8_t* bytes, const std::vector<std::uint32_t>& pages) {
    for (std::size_t i = 0; i < pages.size();) {
        std::size_t end = i + 1;
        while (end < pages.size() && pages[end] == pages[end - 1] + 1) ++end;
        const std::uint64_t offset = std::uint64_t{pages[i]} * PGSIZE;
        if (!write_all(file, bytes + offset, (end - i) * PGSIZE, offset)) return false;
        i = end;
    }
    return true;
}

}  // namespace

std::uint8_t* reserve(std::uint64_t size, bool huge) {
    void* const address = mmap(nullptr, size, PROT_READ | PROT_WRITE, PRIVATE | MAP_ANONYMOUS, -1, 0);
    std::uint8_t* const bytes = checked(address);
    if (huge) madvise(address, size, MADV_HUGEPAGE);  // a wish: some hosts know no such thing
    return bytes;
}

void release(std::uint8_t* bytes, std::uint64_t size) { munmap(bytes, size); }

int freeze(const std::uint8_t* bytes, std::uint64_t size, const std::vector<std::uint32_t>& pages) {
    static const bool same_pages =
        sysconf(_SC_PAGESIZE) == static_cast<long>(PGSIZE);  // 16 or 64 KiB on some Arm hosts
    if (!same_pages) return NO_FILE;
    const int file = memfd_create("hartlab-ram", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (file < 0) throw std::bad_alloc();
    if (ftruncate(file, static_cast<off_t>(size)) != 0 || !write_pages(file, bytes, pages)) {
        ::close(file);
        throw std::bad_alloc();
    }
    // Nobody will write to it again, not even by mistake.
    fcntl(file, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
    return file;
}

void close(int file) { ::close(file); }

std::uint8_t* map(int file, std::uint64_t size, bool writable) {
    return checked(mmap(nullptr, size, writable ? PROT_READ | PROT_WRITE : PROT_READ, PRIVATE, file, 0));
}

void map_at(std::uint8_t* address, int file, std::uint64_t offset, std::uint64_t length) {
    const auto from = static_cast<off_t>(offset);
    checked(mmap(address, length, PROT_READ | PROT_WRITE, PRIVATE | MAP_FIXED, file, from));
}

void drop(std::uint8_t* address, std::uint64_t length) { madvise(address, length, MADV_DONTNEED); }

void* allocate_table(std::size_t bytes) {
    constexpr std::size_t HUGE_PAGE = std::size_t{2} << 20;
    const std::size_t whole = (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    void* const memory = std::aligned_alloc(HUGE_PAGE, whole);
    if (!memory) throw std::bad_alloc();
    madvise(memory, whole, MADV_HUGEPAGE);
    return memory;
}

void free_table(void* table) { std::free(table); }

}  // namespace hartlab::host

#endif
