#include "hart/code_cache.hpp"

namespace hartlab {

CodeCache::CodeCache(Ram& ram) : ram_(&ram) { ram.set_code_listener(this); }

CodeCache::~CodeCache() {
    clear();
    ram_->set_code_listener(nullptr);
}

CodePage& CodeCache::page(PhysAddr pa) {
    const std::uint64_t number = ppn_of(pa).value;
    Recent& recent = recent_[number % recent_.size()];
    if (recent.number == number) return *recent.page;
    auto found = pages_.find(number);
    if (found == pages_.end()) {
        if (pages_.size() == MAX_PAGES) clear();
        found = pages_.emplace(number, std::make_unique<CodePage>(pa.page_base(), ram_->at(pa.page_base()))).first;
    }
    recent = {number, found->second.get()};
    return *recent.page;
}

void CodeCache::decode_block(CodePage& page, std::size_t index) {
    ram_->watch_code(page.pa());
    page.decode_block(index);
}

void CodeCache::clear() {
    for (const auto& [number, page] : pages_) ram_->unwatch_code(base_of(Ppn(number)));
    pages_.clear();
    recent_.fill({});
    ++generation_;
}

void CodeCache::code_changed(PhysAddr first, std::uint64_t size) {
    const auto found = pages_.find(ppn_of(first).value);
    if (found == pages_.end()) return;
    CodePage& page = *found->second;
    changed_ |= page.forget(first.page_offset(), size);
    if (page.empty()) ram_->unwatch_code(page.pa());
}

}  // namespace hartlab
