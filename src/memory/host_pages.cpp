#include "memory/host_pages.hpp"

#include <cstring>

#include "base/address.hpp"
#include "memory/host_memory.hpp"

namespace hartlab {

HostMapping HostMapping::zeroed(std::uint64_t size, bool huge) { return {host::reserve(size, huge), size}; }

HostMapping::~HostMapping() { host::release(bytes_, size_); }

FrozenPages::FrozenPages(const std::uint8_t* bytes, std::uint64_t size, const std::vector<std::uint32_t>& pages) :
    file_(host::freeze(bytes, size, pages)), pages_(pages), size_(size), view_(nullptr) {
    if (file_ == host::NO_FILE) {
        std::uint8_t* const copy = host::reserve(size, true);
        copy_pages(copy, bytes);
        view_ = copy;
        return;
    }
    try {
        view_ = host::map(file_, size_, false);
    } catch (...) {
        host::close(file_);
        throw;
    }
}

FrozenPages::~FrozenPages() {
    host::release(const_cast<std::uint8_t*>(view_), size_);
    if (file_ != host::NO_FILE) host::close(file_);
}

void FrozenPages::map_copy_at(std::uint8_t* address, std::uint64_t offset, std::uint64_t length) const {
    if (file_ == host::NO_FILE) {
        std::memcpy(address + offset, view_ + offset, length);
    } else {
        host::map_at(address + offset, file_, offset, length);
    }
}

HostMapping FrozenPages::map_copy() const {
    if (file_ != host::NO_FILE) return {host::map(file_, size_, true), size_};
    std::uint8_t* const copy = host::reserve(size_, true);
    copy_pages(copy, view_);
    return {copy, size_};
}

void FrozenPages::reset(std::uint8_t* copy, std::uint64_t offset, std::uint64_t length) const {
    if (file_ == host::NO_FILE) {
        std::memcpy(copy + offset, view_ + offset, length);
    } else {
        host::drop(copy + offset, length);
    }
}

bool FrozenPages::copies_cost_nothing() const { return file_ != host::NO_FILE; }

/// To memory that is zero, from memory that is zero but for `pages_`.
void FrozenPages::copy_pages(std::uint8_t* to, const std::uint8_t* from) const {
    for (const std::uint32_t page : pages_) {
        std::memcpy(to + std::uint64_t{page} * PGSIZE, from + std::uint64_t{page} * PGSIZE, PGSIZE);
    }
}

}  // namespace hartlab
