// Pages of the host: lazily backed memory, and frozen pages of which copies cost what is written to them, where the host can
// map files (memory/host_memory.hpp), or else the pages that are not zero.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace hartlab {

/// A mapping of `size` bytes that the process may read and write, released when this goes.
class HostMapping {
public:
    /// Zeroed memory that costs nothing until it is touched; with `huge`, in huge pages where the host has them.
    /// Throws std::bad_alloc.
    static HostMapping zeroed(std::uint64_t size, bool huge = false);
    HostMapping(std::uint8_t* bytes, std::uint64_t size) : bytes_(bytes), size_(size) {}
    HostMapping(const HostMapping&) = delete;
    HostMapping& operator=(const HostMapping&) = delete;
    ~HostMapping();

    std::uint8_t* bytes() const { return bytes_; }

private:
    std::uint8_t* bytes_;
    std::uint64_t size_;
};

/// Bytes that never change once they are made, of which there can be any number of private copies. Where the host maps files
/// they are in one, and a copy costs nothing but the pages that are written to.
class FrozenPages {
public:
    /// The contents of `size` bytes of which only the pages numbered in `pages` need not be zero; `bytes` is the whole.
    /// Throws std::bad_alloc.
    FrozenPages(const std::uint8_t* bytes, std::uint64_t size, const std::vector<std::uint32_t>& pages);
    ~FrozenPages();
    FrozenPages(const FrozenPages&) = delete;
    FrozenPages& operator=(const FrozenPages&) = delete;

    std::uint64_t size() const { return size_; }
    /// The frozen bytes, for reading.
    const std::uint8_t* data() const { return view_; }
    /// The pages that need not be zero, ascending.
    const std::vector<std::uint32_t>& pages() const { return pages_; }
    /// Whether a copy costs no more than what is written to it.
    bool copies_cost_nothing() const;
    /// Whether page `index` need not be zero.
    bool may_hold(std::uint64_t index) const {
        return std::binary_search(pages_.begin(), pages_.end(), static_cast<std::uint32_t>(index));
    }
    /// Puts a private copy in place of the size() bytes of the mapping at `address`. Nobody else ever sees what is written to it.
    void map_copy_at(std::uint8_t* address) const { map_copy_at(address, 0, size_); }
    /// Likewise for `length` bytes from `offset` on of the mapping whose first byte is at `address`.
    void map_copy_at(std::uint8_t* address, std::uint64_t offset, std::uint64_t length) const;
    /// A private copy at an address of the host's choice.
    HostMapping map_copy() const;
    /// Makes `length` bytes of a private copy, from `offset` on, the frozen ones again, and gives back their memory. All
    /// are multiples of the page size. Zero bytes may as well be of an anonymous mapping.
    void reset(std::uint8_t* copy, std::uint64_t offset, std::uint64_t length) const;

private:
    void copy_pages(std::uint8_t* to, const std::uint8_t* from) const;

    int file_;  // host::NO_FILE where pages are copied
    std::vector<std::uint32_t> pages_;
    std::uint64_t size_;
    const std::uint8_t* view_;
};

}  // namespace hartlab
