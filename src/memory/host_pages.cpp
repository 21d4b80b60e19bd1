#include "memory/host_pages.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <new>

#include "base/address.hpp"

namespace hartlab {

namespace {

constexpr int PRIVATE = MAP_PRIVATE | MAP_NORESERVE;

std::uint8_t* checked(void* address) {
    if (address == MAP_FAILED) throw std::bad_alloc();
    return static_cast<std::uint8_t*>(address);
}

/// An anonymous file of `size` zero bytes; its holes take no memory.
int make_file(std::uint64_t size) {
    const int file = memfd_create("hartlab-ram", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (file < 0) throw std::bad_alloc();
    if (ftruncate(file, static_cast<off_t>(size)) != 0) {
        close(file);
        throw std::bad_alloc();
    }
    return file;
}

void write_all(int file, const std::uint8_t* bytes, std::uint64_t length, std::uint64_t offset) {
    while (length != 0) {
        const ssize_t written = pwrite(file, bytes, length, static_cast<off_t>(offset));
        if (written <= 0) throw std::bad_alloc();
        bytes += written;
        offset += static_cast<std::uint64_t>(written);
        length -= static_cast<std::uint64_t>(written);
    }
}

}  // namespace

HostMapping HostMapping::zeroed(std::uint64_t size, bool huge) {
    void* const address = mmap(nullptr, size, PROT_READ | PROT_WRITE, PRIVATE | MAP_ANONYMOUS, -1, 0);
    std::uint8_t* const bytes = checked(address);
    if (huge) madvise(address, size, MADV_HUGEPAGE);  // a wish: some hosts know no such thing
    return {bytes, size};
}

HostMapping::~HostMapping() { munmap(bytes_, size_); }

FrozenPages::FrozenPages(const std::uint8_t* bytes, std::uint64_t size, const std::vector<std::uint32_t>& pages) :
    file_(make_file(size)), size_(size), view_(nullptr) {
    try {
        for (std::size_t i = 0; i < pages.size();) {
            std::size_t end = i + 1;
            while (end < pages.size() && pages[end] == pages[end - 1] + 1) ++end;
            const std::uint64_t offset = std::uint64_t{pages[i]} * PGSIZE;
            write_all(file_, bytes + offset, (end - i) * PGSIZE, offset);
            i = end;
        }
        // Nobody will write to it again, not even by mistake.
        fcntl(file_, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
        view_ = checked(mmap(nullptr, size_, PROT_READ, PRIVATE, file_, 0));
    } catch (...) {
        close(file_);
        throw;
    }
}

FrozenPages::~FrozenPages() {
    munmap(const_cast<std::uint8_t*>(view_), size_);
    close(file_);
}

void FrozenPages::map_copy_at(std::uint8_t* address, std::uint64_t offset, std::uint64_t length) const {
    const auto from = static_cast<off_t>(offset);
    checked(mmap(address + offset, length, PROT_READ | PROT_WRITE, PRIVATE | MAP_FIXED, file_, from));
}

HostMapping FrozenPages::map_copy() const {
    return {checked(mmap(nullptr, size_, PROT_READ | PROT_WRITE, PRIVATE, file_, 0)), size_};
}

void FrozenPages::reset(std::uint8_t* copy, std::uint64_t offset, std::uint64_t length) const {
    madvise(copy + offset, length, MADV_DONTNEED);
}

}  // namespace hartlab
