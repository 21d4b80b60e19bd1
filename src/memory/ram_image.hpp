// The contents of RAM as an immutable value: frozen pages that many images share, and over them a two-level table of the
// pages that differ, shared between images as well. Copying an image copies a few pointers.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/address.hpp"
#include "memory/host_pages.hpp"

namespace hartlab {

struct RamPage {
    std::array<std::uint8_t, PGSIZE> bytes;
};

class RamImage {
public:
    static constexpr std::uint64_t CHUNK_PAGES = 512;
    using Page = std::shared_ptr<const RamPage>;  // null: as in the frozen pages
    using Chunk = std::array<Page, CHUNK_PAGES>;

    RamImage() = default;
    explicit RamImage(std::shared_ptr<const FrozenPages> frozen);

    std::uint64_t page_count() const { return page_count_; }
    const std::shared_ptr<const FrozenPages>& frozen() const { return frozen_; }
    /// The bytes of page `index`, PGSIZE of them. Precondition: index < page_count().
    const std::uint8_t* page(std::uint64_t index) const;
    /// Whether page `index` is as in the frozen pages.
    bool page_is_frozen(std::uint64_t index) const { return overlay(index) == nullptr; }

    /// Whether page `index` is known to be zero, without a look at it.
    bool page_is_zero(std::uint64_t index) const { return page_is_frozen(index) && !frozen_->may_hold(index); }

    /// This image with the given pages in place of its own. `indices` is ascending and as long as `pages`.
    RamImage with_pages(const std::vector<std::uint32_t>& indices, std::vector<Page> pages) const;

    /// Whether page `index` is the same object in both.
    bool shares_page(const RamImage& other, std::uint64_t index) const {
        return frozen_ == other.frozen_ && overlay(index) == other.overlay(index);
    }

    /// Frozen pages of which a copy is to become this image, and the image that they hold: the family's own, of which pages
    /// differ, or pages in which all of this image is, which are made when it is copied a second time.
    struct Basis;
    Basis basis() const;

    /// Indices of the pages that are not the same object in both (so, a superset of those whose bytes differ), ascending.
    std::vector<std::uint32_t> pages_not_shared_with(const RamImage& other) const;

private:
    const RamPage* overlay(std::uint64_t index) const {
        const auto& chunk = chunks_[index / CHUNK_PAGES];
        return chunk ? (*chunk)[index % CHUNK_PAGES].get() : nullptr;
    }

    struct InOnePiece;
    std::shared_ptr<const FrozenPages> freeze(const std::vector<std::uint32_t>& overlays) const;

    std::uint64_t page_count_ = 0;
    std::shared_ptr<const FrozenPages> frozen_;
    std::vector<std::shared_ptr<const Chunk>> chunks_;  // null: all as in the frozen pages
    std::shared_ptr<InOnePiece> in_one_piece_;          // null where that is the frozen pages
};

struct RamImage::Basis {
    std::shared_ptr<const FrozenPages> pages;
    RamImage holds;
};

}  // namespace hartlab
