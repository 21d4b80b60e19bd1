#include "memory/ram_image.hpp"

namespace hartlab {

RamImage::RamImage(std::uint64_t page_count)
    : page_count_(page_count), chunks_((page_count + CHUNK_PAGES - 1) / CHUNK_PAGES) {}

const RamPage* RamImage::page(std::uint64_t index) const {
    const auto& chunk = chunks_[index / CHUNK_PAGES];
    return chunk ? (*chunk)[index % CHUNK_PAGES].get() : nullptr;
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
    std::vector<std::uint32_t> indices;
    for (std::uint64_t first = 0; first < page_count_; first += CHUNK_PAGES) {
        if (chunks_[first / CHUNK_PAGES] == other.chunks_[first / CHUNK_PAGES]) continue;
        for (std::uint64_t i = first; i < first + CHUNK_PAGES && i < page_count_; ++i) {
            if (page(i) != other.page(i)) indices.push_back(static_cast<std::uint32_t>(i));
        }
    }
    return indices;
}

}  // namespace hartlab
