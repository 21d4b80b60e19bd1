#include "memory/ram.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <new>
#include <stdexcept>
#include <string>

namespace hartlab {

namespace {

/// Zeroed memory that costs nothing until it is touched.
std::uint8_t* map_lazily(std::uint64_t size) {
    void* p = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) throw std::bad_alloc();
    return static_cast<std::uint8_t*>(p);
}

constexpr std::uint8_t ZERO_PAGE[PGSIZE] = {};

}  // namespace

Ram::Ram(std::uint64_t size, PhysAddr base) : base_(base), size_(size), image_(size >> PGSHIFT) {
    constexpr std::uint64_t MAX_SIZE = std::uint64_t{64} << 30;
    if (size == 0 || size % PGSIZE != 0 || size > MAX_SIZE) {
        throw std::invalid_argument("the size of RAM must be a positive multiple of 4096 bytes, at most 64 GiB, not " +
                                    std::to_string(size));
    }
    bytes_ = map_lazily(size_);
    flags_ = map_lazily(page_count());
}

Ram::~Ram() {
    munmap(bytes_, size_);
    munmap(flags_, page_count());
}

void Ram::touch(std::uint64_t first_offset, std::uint64_t length) {
    const std::uint64_t last_page = (first_offset + length - 1) >> PGSHIFT;
    for (std::uint64_t page = first_offset >> PGSHIFT; page <= last_page; ++page) {
        mark_dirty(page);
        if (flags_[page] & CODE) {
            const std::uint64_t first = std::max(first_offset, page << PGSHIFT);
            const std::uint64_t stop = std::min(first_offset + length, (page + 1) << PGSHIFT);
            listener_->code_changed(base_ + first, stop - first);
        }
    }
}

void Ram::write(PhysAddr pa, const void* source, std::size_t length) {
    if (length == 0) return;
    std::memcpy(bytes_ + (pa - base_), source, length);
    touch(pa - base_, length);
}

void Ram::fill(PhysAddr pa, std::uint8_t byte, std::size_t length) {
    if (length == 0) return;
    std::memset(bytes_ + (pa - base_), byte, length);
    touch(pa - base_, length);
}

void Ram::copy(PhysAddr to, PhysAddr from, std::size_t length) {
    if (length == 0) return;
    std::memmove(bytes_ + (to - base_), bytes_ + (from - base_), length);
    touch(to - base_, length);
}

std::uint8_t* Ram::unsafe_writable(PhysAddr pa) {
    const std::uint64_t page = (pa - base_) >> PGSHIFT;
    if (flags_[page] & CODE) return nullptr;
    mark_dirty(page);
    return bytes_ + (page << PGSHIFT);
}

void Ram::watch_code(PhysAddr pa) {
    std::uint8_t& flags = flags_[(pa - base_) >> PGSHIFT];
    if (flags & CODE) return;
    flags |= CODE;
    revoke_write_permission();
}

void Ram::unwatch_code(PhysAddr pa) { flags_[(pa - base_) >> PGSHIFT] &= static_cast<std::uint8_t>(~CODE); }

RamImage Ram::capture() {
    std::sort(dirty_pages_.begin(), dirty_pages_.end());
    std::vector<RamImage::Page> pages;
    pages.reserve(dirty_pages_.size());
    for (const std::uint32_t page : dirty_pages_) {
        auto copy = std::make_shared<RamPage>();
        std::memcpy(copy->bytes.data(), bytes_ + (std::uint64_t{page} << PGSHIFT), PGSIZE);
        pages.push_back(std::move(copy));
        flags_[page] &= static_cast<std::uint8_t>(~DIRTY);
    }
    if (!dirty_pages_.empty()) {
        image_ = image_.with_pages(dirty_pages_, std::move(pages));
        dirty_pages_.clear();
        revoke_write_permission();
    }
    return image_;
}

void Ram::restore(const RamImage& image) {
    if (image.page_count() != page_count()) {
        throw std::invalid_argument("the image is of " + std::to_string(image.page_count()) + " pages and this RAM has " +
                                    std::to_string(page_count()));
    }
    const auto put_back = [&](std::uint32_t page) {
        const RamPage* saved = image.page(page);
        const std::uint64_t offset = std::uint64_t{page} << PGSHIFT;
        const std::uint8_t* bytes = saved ? saved->bytes.data() : ZERO_PAGE;
        std::memcpy(bytes_ + offset, bytes, PGSIZE);
        if (flags_[page] & CODE) listener_->code_changed(base_ + offset, PGSIZE);
        flags_[page] &= static_cast<std::uint8_t>(~DIRTY);
    };
    for (const std::uint32_t page : dirty_pages_) put_back(page);
    dirty_pages_.clear();
    for (const std::uint32_t page : image.pages_not_shared_with(image_)) put_back(page);
    image_ = image;
    revoke_write_permission();
}

}  // namespace hartlab
