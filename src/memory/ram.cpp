#include "memory/ram.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace hartlab {

namespace {

std::uint64_t checked_size(std::uint64_t size) {
    constexpr std::uint64_t MAX_SIZE = std::uint64_t{64} << 30;
    if (size == 0 || size % PGSIZE != 0 || size > MAX_SIZE) {
        throw std::invalid_argument("the size of RAM must be a positive multiple of 4096 bytes, at most 64 GiB, not " +
                                    std::to_string(size));
    }
    return size;
}

}  // namespace

Ram::Ram(std::uint64_t size, PhysAddr base) :
    base_(base), size_(checked_size(size)), memory_(HostMapping::zeroed(size_, true)),
    page_flags_(HostMapping::zeroed(page_count())), bytes_(memory_.bytes()), flags_(page_flags_.bytes()) {}

Ram::Ram(const RamImage& image, RamImage::Basis basis, PhysAddr base) :
    base_(base), size_(image.page_count() << PGSHIFT), memory_(basis.pages->map_copy()),
    page_flags_(HostMapping::zeroed(page_count())), bytes_(memory_.bytes()), flags_(page_flags_.bytes()),
    image_(basis.holds), basis_(std::move(basis)) {
    restore(image);
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
    const std::uint64_t watched = watched_ - base_;
    if (watched_size_ != 0 && first_offset < watched + watched_size_ && watched < first_offset + length) [[unlikely]]
        write_listener_->written();
}

void Ram::write(PhysAddr pa, const void* source, std::size_t length) {
    if (length == 0) return;
    before(pa - base_, length);
    std::memcpy(bytes_ + (pa - base_), source, length);
    touch(pa - base_, length);
}

void Ram::fill(PhysAddr pa, std::uint8_t byte, std::size_t length) {
    if (length == 0) return;
    before(pa - base_, length);
    std::memset(bytes_ + (pa - base_), byte, length);
    touch(pa - base_, length);
}

void Ram::copy(PhysAddr to, PhysAddr from, std::size_t length) {
    if (length == 0) return;
    before(to - base_, length);
    std::memmove(bytes_ + (to - base_), bytes_ + (from - base_), length);
    touch(to - base_, length);
}

std::uint8_t* Ram::unsafe_writable(PhysAddr pa) {
    const std::uint64_t page = (pa - base_) >> PGSHIFT;
    if (flags_[page] & (CODE | WATCHED)) return nullptr;
    if (keeping_) [[unlikely]]
        keep(page, page);
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

// -- looking on --------------------------------------------------------------------------------------------------------

void Ram::begin_keeping() {
    keeping_ = kept_all_ = true;
    kept_count_ = 0;
    revoke_write_permission();
}

void Ram::keep(std::uint64_t first_page, std::uint64_t last_page) {
    constexpr std::size_t MOST = 32;
    for (std::uint64_t page = first_page; page <= last_page && kept_all_; ++page) {
        const auto stop = kept_.begin() + static_cast<std::ptrdiff_t>(kept_count_);
        if (std::any_of(kept_.begin(), stop, [page](const auto& kept) { return kept.first == page; })) continue;
        if (kept_count_ == MOST) {
            kept_all_ = false;
            return;
        }
        if (kept_count_ == kept_.size()) kept_.emplace_back(0, std::make_unique<RamPage>());
        kept_[kept_count_].first = page;
        std::memcpy(kept_[kept_count_++].second->bytes.data(), bytes_ + (page << PGSHIFT), PGSIZE);
    }
}

bool Ram::end_keeping() {
    keeping_ = false;
    const auto stop = kept_.begin() + static_cast<std::ptrdiff_t>(kept_count_);
    return kept_all_ && std::all_of(kept_.begin(), stop, [this](const auto& kept) {
               return std::memcmp(kept.second->bytes.data(), bytes_ + (kept.first << PGSHIFT), PGSIZE) == 0;
           });
}

void Ram::watch_writes(PhysAddr first, std::uint64_t size, WriteListener* listener) {
    const auto mark = [this](bool on) {
        if (watched_size_ == 0) return;
        const std::uint64_t last = (watched_ + (watched_size_ - 1) - base_) >> PGSHIFT;
        for (std::uint64_t page = (watched_ - base_) >> PGSHIFT; page <= last; ++page)
            flags_[page] = static_cast<std::uint8_t>(on ? flags_[page] | WATCHED : flags_[page] & ~WATCHED);
    };
    mark(false);
    watched_ = first;
    watched_size_ = size;
    write_listener_ = listener;
    mark(true);
    revoke_write_permission();
}

// -- images ------------------------------------------------------------------------------------------------------------

RamImage Ram::capture() {
    std::sort(dirty_pages_.begin(), dirty_pages_.end());
    if (!frozen()) {
        // The first time: all there is becomes the frozen pages, of which this RAM is a copy from now on.
        auto pages = std::make_shared<const FrozenPages>(bytes_, size_, dirty_pages_);
        map_first_copy(*pages);
        image_ = RamImage(pages);
        basis_ = {std::move(pages), image_};
    } else if (!dirty_pages_.empty()) {
        std::vector<RamImage::Page> copies;
        copies.reserve(dirty_pages_.size());
        for (const std::uint32_t page : dirty_pages_) {
            auto copy = std::make_shared<RamPage>();
            std::memcpy(copy->bytes.data(), bytes_ + (std::uint64_t{page} << PGSHIFT), PGSIZE);
            copies.push_back(std::move(copy));
        }
        image_ = image_.with_pages(dirty_pages_, std::move(copies));
    }
    forget_dirty();
    return image_;
}

/// Pages that were never written stay as they are, in huge pages where the host has them, if there are few gaps between the others.
void Ram::map_first_copy(const FrozenPages& pages) {
    constexpr std::size_t MAX_RUNS = 64;
    struct Run {
        std::uint64_t offset, length;
    };
    std::vector<Run> runs;
    for (const std::uint32_t page : dirty_pages_) {
        const std::uint64_t offset = std::uint64_t{page} << PGSHIFT;
        if (runs.empty() || runs.back().offset + runs.back().length != offset) runs.push_back({offset, 0});
        runs.back().length += PGSIZE;
        if (runs.size() > MAX_RUNS) return pages.map_copy_at(bytes_);
    }
    for (const Run& run : runs) pages.map_copy_at(bytes_, run.offset, run.length);
}

void Ram::forget_dirty() {
    for (const std::uint32_t page : dirty_pages_) flags_[page] &= static_cast<std::uint8_t>(~DIRTY);
    dirty_pages_.clear();
    revoke_write_permission();
}

void Ram::put_back(const RamImage& image, const std::vector<std::uint32_t>& pages) {
    constexpr std::size_t WORTH_A_SYSTEM_CALL = 16;
    for (std::size_t i = 0; i < pages.size();) {
        // A run of pages that are as the basis has them is given back to the host; others are copied.
        std::size_t end = i;
        while (end < pages.size() && pages[end] == pages[i] + (end - i) && image.shares_page(basis_.holds, pages[end]))
            ++end;
        const bool give_back = end - i >= WORTH_A_SYSTEM_CALL;
        if (!give_back) end = std::max(end, i + 1);
        const std::uint64_t offset = std::uint64_t{pages[i]} << PGSHIFT, length = (end - i) << PGSHIFT;
        if (give_back) basis_.pages->reset(bytes_, offset, length);
        for (; i < end; ++i) {
            const std::uint64_t here = std::uint64_t{pages[i]} << PGSHIFT;
            if (!give_back) std::memcpy(bytes_ + here, image.page(pages[i]), PGSIZE);
            if (flags_[pages[i]] & CODE) listener_->code_changed(base_ + here, PGSIZE);
        }
    }
}

void Ram::restore(const RamImage& image) {
    if (image.page_count() != page_count()) {
        throw std::invalid_argument("the image is of " + std::to_string(image.page_count()) +
                                    " pages and this RAM has " + std::to_string(page_count()));
    }
    if (image.frozen() != image_.frozen()) {
        // Of another family: a copy of its basis takes the place of everything.
        basis_ = image.basis();
        basis_.pages->map_copy_at(bytes_);
        image_ = basis_.holds;
        for (std::uint64_t page = 0; page < page_count(); ++page) {
            if (flags_[page] & CODE) listener_->code_changed(base_ + (page << PGSHIFT), PGSIZE);
        }
    } else {
        std::sort(dirty_pages_.begin(), dirty_pages_.end());
        put_back(image, dirty_pages_);
    }
    put_back(image, image.pages_not_shared_with(image_));
    forget_dirty();
    image_ = image;
}

}  // namespace hartlab
