#include "memory/ram_image.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <mutex>
#include <utility>

namespace hartlab {

/// Shared by the copies of an image, on whatever threads they are.
struct RamImage::InOnePiece {
    std::mutex mutex;
    bool copied = false;
    std::shared_ptr<const FrozenPages> pages;
};

RamImage::RamImage(std::shared_ptr<const FrozenPages> frozen) :
    page_count_(frozen->size() / PGSIZE), frozen_(std::move(frozen)),
    chunks_((page_count_ + CHUNK_PAGES - 1) / CHUNK_PAGES) {}

const std::uint8_t* RamImage::page(std::uint64_t index) const {
    const RamPage* over = overlay(index);
    return over ? over->bytes.data() : frozen_->data() + index * PGSIZE;
}

RamImage RamImage::with_pages(const std::vector<std::uint32_t>& indices, std::vector<Page> pages) const {
    RamImage image = *this;
    for (std::size_t i = 0; i < indices.size();) {
        const std::size_t chunk_index = indices[i] / CHUNK_PAGES;
        const auto& old = image.chunks_[chunk_index];
        auto chunk = old ? std::make_shared<Chunk>(*old) : std::make_shared<Chunk>();
        for (; i < indices.size() && indices[i] / CHUNK_PAGES == chunk_index; ++i) {
            (*chunk)[indices[i] % CHUNK_PAGES] = std::move(pages[i]);
        }
        image.chunks_[chunk_index] = std::move(chunk);
    }
    image.in_one_piece_ = std::make_shared<InOnePiece>();
    return image;
}

RamImage::Basis RamImage::basis() const {
    constexpr std::size_t FEW = 16;  // pages are copied sooner than a file is made
    const RamImage family(frozen_);
    if (!in_one_piece_ || !frozen_->copies_cost_nothing()) return {frozen_, family};
    const std::scoped_lock lock(in_one_piece_->mutex);
    if (!in_one_piece_->pages && std::exchange(in_one_piece_->copied, true)) {
        const std::vector<std::uint32_t> overlays = pages_not_shared_with(family);
        if (overlays.size() > FEW) in_one_piece_->pages = freeze(overlays);
    }
    return in_one_piece_->pages ? Basis{in_one_piece_->pages, *this} : Basis{frozen_, family};
}

std::shared_ptr<const FrozenPages> RamImage::freeze(const std::vector<std::uint32_t>& overlays) const {
    const HostMapping copy = frozen_->map_copy();
    for (const std::uint32_t index : overlays)
        std::memcpy(copy.bytes() + (std::uint64_t{index} << PGSHIFT), overlay(index)->bytes.data(), PGSIZE);
    std::vector<std::uint32_t> pages;
    std::set_union(overlays.begin(), overlays.end(), frozen_->pages().begin(), frozen_->pages().end(),
                   std::back_inserter(pages));
    return std::make_shared<const FrozenPages>(copy.bytes(), frozen_->size(), pages);
}

std::vector<std::uint32_t> RamImage::pages_not_shared_with(const RamImage& other) const {
    const bool same_frozen = frozen_ == other.frozen_;
    std::vector<std::uint32_t> indices;
    for (std::uint64_t first = 0; first < page_count_; first += CHUNK_PAGES) {
        if (same_frozen && chunks_[first / CHUNK_PAGES] == other.chunks_[first / CHUNK_PAGES]) continue;
        for (std::uint64_t i = first; i < first + CHUNK_PAGES && i < page_count_; ++i) {
            const RamPage* mine = overlay(i);
            if (mine != other.overlay(i) || (!mine && !same_frozen)) indices.push_back(static_cast<std::uint32_t>(i));
        }
    }
    return indices;
}

}  // namespace hartlab
