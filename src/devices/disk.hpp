// The contents of a disk: sectors in memory, which are saved with the machine as RAM is, at the cost of what changed.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "memory/ram.hpp"

namespace hartlab {

class Disk {
public:
    static constexpr std::uint64_t SECTOR = 512;

    /// A zeroed disk of `size` bytes, rounded up to whole sectors. Throws std::invalid_argument or std::bad_alloc.
    explicit Disk(std::uint64_t size) :
        size_((size + SECTOR - 1) / SECTOR * SECTOR), pages_(std::make_unique<Ram>(PGROUNDUP(size_), PhysAddr(0))) {}

    /// A disk of `size` bytes that holds what `image` does, at the cost of the pages by which it differs from its basis.
    Disk(std::uint64_t size, const RamImage& image) : size_(size), pages_(std::make_unique<Ram>(image, PhysAddr(0))) {}

    std::uint64_t size() const { return size_; }
    std::uint64_t sectors() const { return size_ / SECTOR; }
    bool contains(std::uint64_t offset, std::uint64_t length) const {
        return offset <= size_ && length <= size_ - offset;
    }
    /// Precondition for both: contains(offset, length).
    const std::uint8_t* at(std::uint64_t offset) const { return pages_->data() + offset; }
    void write(std::uint64_t offset, const void* bytes, std::uint64_t length) {
        pages_->write(PhysAddr(offset), bytes, length);
    }

    RamImage capture() { return pages_->capture(); }
    void restore(const RamImage& image) { pages_->restore(image); }

    /// Numbers of the pages that have changed since the last call, for whoever keeps a copy elsewhere; none at the first.
    std::vector<std::uint32_t> changed_pages() {
        RamImage now = capture();
        std::vector<std::uint32_t> changed;
        if (followed_.page_count() != 0) changed = now.pages_not_shared_with(followed_);
        followed_ = std::move(now);
        return changed;
    }

private:
    std::uint64_t size_;
    std::unique_ptr<Ram> pages_;
    RamImage followed_;  // as of the last changed_pages(); empty before
};

}  // namespace hartlab
