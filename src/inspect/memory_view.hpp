// Reading RAM without owning it: the same code looks at a live Ram and at a RamImage of a snapshot.
// Read-only, bounds-checked, and light enough to copy. What it looks at must outlive it.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>

#include "base/address.hpp"
#include "memory/ram.hpp"
#include "memory/ram_image.hpp"

namespace hartlab::inspect {

class MemoryView {
public:
    explicit MemoryView(const Ram& ram) : bytes_(ram.data()), base_(ram.base()), size_(ram.size()) {}
    explicit MemoryView(const RamImage& image, PhysAddr base = RAM_BASE) :
        image_(&image), base_(base), size_(image.page_count() << PGSHIFT) {}

    PhysAddr base() const { return base_; }
    PhysAddr end() const { return base_ + size_; }
    std::uint64_t size() const { return size_; }
    std::uint64_t page_count() const { return size_ >> PGSHIFT; }
    bool contains(PhysAddr pa, std::uint64_t length = 1) const {
        const std::uint64_t offset = pa.value - base_.value;
        return offset < size_ && length <= size_ - offset;
    }
    /// The number of the frame that holds `pa`. Precondition: contains(pa).
    std::uint64_t frame_of(PhysAddr pa) const { return (pa - base_) >> PGSHIFT; }

    /// The PGSIZE bytes of frame number `frame`. Precondition: frame < page_count().
    const std::uint8_t* frame(std::uint64_t frame) const {
        if (bytes_) return bytes_ + (frame << PGSHIFT);
        return image_->page(frame);
    }
    /// The PGSIZE bytes of the frame that holds `pa`, or null outside RAM.
    const std::uint8_t* page(PhysAddr pa) const { return contains(pa) ? frame(frame_of(pa)) : nullptr; }

    /// Copies `length` bytes out. False, and nothing copied, unless all of them are in RAM.
    bool read(PhysAddr pa, void* to, std::uint64_t length) const {
        if (!contains(pa, length)) return false;
        auto* out = static_cast<std::uint8_t*>(to);
        while (length > 0) {
            const std::uint64_t offset = pa.page_offset();
            const std::uint64_t piece = length < PGSIZE - offset ? length : PGSIZE - offset;
            std::memcpy(out, frame(frame_of(pa)) + offset, piece);
            out += piece;
            pa += piece;
            length -= piece;
        }
        return true;
    }
    template <class T>
    std::optional<T> load(PhysAddr pa) const {
        T value;
        if (!read(pa, &value, sizeof value)) return std::nullopt;
        return value;
    }
    std::optional<std::uint64_t> load64(PhysAddr pa) const { return load<std::uint64_t>(pa); }

private:
    const std::uint8_t* bytes_ = nullptr;  // of a live Ram
    const RamImage* image_ = nullptr;      // or of a snapshot
    PhysAddr base_;
    std::uint64_t size_;
};

}  // namespace hartlab::inspect
