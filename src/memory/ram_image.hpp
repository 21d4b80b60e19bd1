// The contents of RAM as an immutable value: a two-level table of shared pages, so that two images of one machine
// share every page that did not change between them, and copying an image copies a few pointers.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/address.hpp"

namespace hartlab {

struct RamPage {
    std::array<std::uint8_t, PGSIZE> bytes;
};

class RamImage {
public:
    static constexpr std::uint64_t CHUNK_PAGES = 512;
    using Page = std::shared_ptr<const RamPage>;                // null: a page of zeros
    using Chunk = std::array<Page, CHUNK_PAGES>;

    RamImage() = default;
    explicit RamImage(std::uint64_t page_count);

    std::uint64_t page_count() const { return page_count_; }
    /// The bytes of page `index`, or null for a page of zeros. Precondition: index < page_count().
    const RamPage* page(std::uint64_t index) const;

    /// This image with the given pages in place of its own. `indices` is ascending and as long as `pages`.
    RamImage with_pages(const std::vector<std::uint32_t>& indices, std::vector<Page> pages) const;

    /// Indices of the pages that are not the same object in both (so, a superset of those whose bytes differ), ascending.
    std::vector<std::uint32_t> pages_not_shared_with(const RamImage& other) const;

private:
    std::uint64_t page_count_ = 0;
    std::vector<std::shared_ptr<const Chunk>> chunks_;          // null: all zeros
};

}  // namespace hartlab
