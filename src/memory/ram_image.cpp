#include "memory/ram_image.hpp"

namespace hartlab {

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
    return image;
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
