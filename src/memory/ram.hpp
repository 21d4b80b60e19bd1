// Physical RAM: one lazily backed block at a base address, with page-grained dirty tracking and images.
//
// Every writer but the hart (the kernel model, devices, Python) goes through write(), fill(), copy() or store():
// one door that bounds-checks, marks pages dirty and drops decoded code. The hart writes through a host pointer that
// unsafe_writable() handed out, which it may keep only while write_epoch() stays the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "base/address.hpp"
#include "memory/host_pages.hpp"
#include "memory/ram_image.hpp"

namespace hartlab {

inline constexpr PhysAddr RAM_BASE{0x8000'0000};

/// Told when bytes change that instructions were decoded from (see Ram::watch_code).
class CodeListener {
public:
    virtual ~CodeListener() = default;
    virtual void code_changed(PhysAddr first, std::uint64_t size) = 0;
};

/// Told of writes to watched bytes (see Ram::watch_writes).
class WriteListener {
public:
    virtual ~WriteListener() = default;
    virtual void written() = 0;
};

class Ram {
public:
    /// Zero-filled RAM of `size` bytes (a positive multiple of PGSIZE). Throws std::invalid_argument or std::bad_alloc.
    explicit Ram(std::uint64_t size, PhysAddr base = RAM_BASE);
    /// RAM that holds what `image` does. Costs the pages by which it differs from its frozen pages.
    explicit Ram(const RamImage& image, PhysAddr base = RAM_BASE) : Ram(image, image.basis(), base) {}
    Ram(const Ram&) = delete;
    Ram& operator=(const Ram&) = delete;

    PhysAddr base() const { return base_; }
    std::uint64_t size() const { return size_; }
    std::uint64_t page_count() const { return size_ >> PGSHIFT; }
    PhysAddr end() const { return base_ + size_; }

    bool contains(PhysAddr pa, std::uint64_t length = 1) const {
        const std::uint64_t offset = pa.value - base_.value;
        return offset < size_ && length <= size_ - offset;
    }

    /// The whole of RAM, for reading. Stays valid, at the same address, for as long as the Ram lives.
    const std::uint8_t* data() const { return bytes_; }

    /// Precondition for all that follow: contains(pa, length).
    const std::uint8_t* at(PhysAddr pa) const { return bytes_ + (pa - base_); }

    template <class T>
    T load(PhysAddr pa) const {
        T value;
        std::memcpy(&value, at(pa), sizeof value);
        return value;
    }
    /// The same for a caller that writes to the page next. What is as the image has it is read there: the host would map the
    /// page once to be read, and again to be written.
    template <class T>
    T load_before_write(PhysAddr pa) const {
        const std::uint64_t page = (pa - base_) >> PGSHIFT;
        if (flags_[page] & DIRTY || !frozen()) return load<T>(pa);
        T value;
        std::memcpy(&value, image_.page(page) + pa.page_offset(), sizeof value);
        return value;
    }
    template <class T>
    void store(PhysAddr pa, T value) {
        const std::uint64_t first = pa - base_, last = first + sizeof value - 1;
        before(first, sizeof value);
        std::memcpy(bytes_ + first, &value, sizeof value);
        if (flags_[first >> PGSHIFT] != DIRTY || flags_[last >> PGSHIFT] != DIRTY) touch(first, sizeof value);
    }
    void write(PhysAddr pa, const void* source, std::size_t length);
    void fill(PhysAddr pa, std::uint8_t byte, std::size_t length);
    /// Copies within RAM; the two ranges may overlap.
    void copy(PhysAddr to, PhysAddr from, std::size_t length);

    // -- the hart's store path ------------------------------------------------------------------------------------

    /// A host pointer to the page that holds `pa`, through which the hart may store until write_epoch() changes; null
    /// when stores must go through the door instead, because instructions were decoded from that page. Marks it dirty.
    std::uint8_t* unsafe_writable(PhysAddr pa);
    std::uint64_t write_epoch() const { return write_epoch_; }

    /// From now on `listener` hears of every change to the page of `pa`, until unwatch_code(). One listener for a Ram.
    void watch_code(PhysAddr pa);
    void unwatch_code(PhysAddr pa);
    void set_code_listener(CodeListener* listener) { listener_ = listener; }

    // -- looking on ----------------------------------------------------------------------------------------------------

    /// From now on keeps what each page holds before it is written to, of as many pages as that is worth.
    void begin_keeping();
    /// Whether every page holds what it held when that began. Ends it.
    bool end_keeping();

    /// Calls `listener` after each write to any of these bytes, until the size is 0. It must outlive the Ram, or end that.
    void watch_writes(PhysAddr first, std::uint64_t size, WriteListener* listener);

    // -- images ---------------------------------------------------------------------------------------------------

    /// The contents as an immutable value. Costs the pages that changed since the last capture or restore; the first
    /// time, the pages that were ever written.
    RamImage capture();
    /// Pages that were written to since the last capture or restore: what the next capture copies.
    std::uint64_t pages_written() const { return dirty_pages_.size(); }
    /// Makes the contents those of `image`, which must be of the same size. Costs the pages that differ, among images that
    /// go back to one first capture.
    void restore(const RamImage& image);

private:
    enum PageFlag : std::uint8_t { DIRTY = 1, CODE = 2, WATCHED = 4 };

    Ram(const RamImage& image, RamImage::Basis basis, PhysAddr base);
    void touch(std::uint64_t first_offset, std::uint64_t length);
    /// What precedes a change of those bytes.
    void before(std::uint64_t first_offset, std::uint64_t length) {
        if (keeping_) [[unlikely]]
            keep(first_offset >> PGSHIFT, (first_offset + length - 1) >> PGSHIFT);
    }
    void keep(std::uint64_t first_page, std::uint64_t last_page);
    void put_back(const RamImage& image, const std::vector<std::uint32_t>& pages);
    void map_first_copy(const FrozenPages& pages);
    void forget_dirty();
    bool frozen() const { return image_.frozen() != nullptr; }
    void revoke_write_permission() { ++write_epoch_; }
    void mark_dirty(std::uint64_t page) {
        if (!(flags_[page] & DIRTY)) {
            flags_[page] |= DIRTY;
            dirty_pages_.push_back(static_cast<std::uint32_t>(page));
        }
    }

    PhysAddr base_;
    std::uint64_t size_;
    HostMapping memory_, page_flags_;
    std::uint8_t* const bytes_;               // memory_'s
    std::uint8_t* const flags_;               // page_flags_': a PageFlag set for each page
    std::vector<std::uint32_t> dirty_pages_;  // exactly the pages whose DIRTY flag is set
    std::uint64_t write_epoch_ = 0;
    CodeListener* listener_ = nullptr;
    bool keeping_ = false, kept_all_ = true;
    std::vector<std::pair<std::uint64_t, std::unique_ptr<RamPage>>> kept_;  // by page; the first kept_count_ of them
    std::size_t kept_count_ = 0;
    PhysAddr watched_;
    std::uint64_t watched_size_ = 0;
    WriteListener* write_listener_ = nullptr;
    RamImage image_;           // what RAM holds wherever a page is not dirty; empty before the first capture,
    RamImage::Basis basis_{};  // and so is what memory_ is a private copy of
};

}  // namespace hartlab
