#include "hart/code_cache.hpp"

#include <cstring>

#include "hart/isa/format.hpp"

namespace hartlab {

namespace {

/// Whether an instruction of this format writes the x register rd.
bool writes_x(Format format) {
    switch (format) {
    case Format::reg:
    case Format::immediate:
    case Format::shift:
    case Format::shift_word:
    case Format::load:
    case Format::upper:
    case Format::jump:
    case Format::csr:
    case Format::csr_immediate:
    case Format::load_reserved:
    case Format::atomic:
    case Format::fp_compare:
    case Format::fp_to_int:
    case Format::fp_to_int_rm: return true;
    default: return false;
    }
}

std::uint16_t half_at(const CodePage& page, std::size_t index) {
    std::uint16_t half;
    std::memcpy(&half, page.bytes + 2 * index, sizeof half);
    return half;
}

}  // namespace

CodeCache::CodeCache(Ram& ram) : ram_(&ram) { ram.set_code_listener(this); }

CodeCache::~CodeCache() {
    clear();
    ram_->set_code_listener(nullptr);
}

CodePage& CodeCache::page(PhysAddr pa) {
    const std::uint64_t number = ppn_of(pa).value;
    if (const auto found = pages_.find(number); found != pages_.end()) return *found->second;
    if (pages_.size() == MAX_PAGES) clear();
    auto page = std::make_unique<CodePage>();
    page->bytes = ram_->at(pa.page_base());
    ram_->watch_code(pa);
    return *(pages_[number] = std::move(page));
}

void CodeCache::clear() {
    for (const auto& [number, page] : pages_) ram_->unwatch_code(base_of(Ppn(number)));
    pages_.clear();
    ++generation_;
}

Instruction CodeCache::prepared(Instruction instruction) {
    constexpr std::uint8_t SINK = 32;
    if (instruction.rd == 0 && writes_x(instruction_info(instruction.op).format)) instruction.rd = SINK;
    return instruction;
}

bool CodeCache::decode_slot(CodePage& page, std::size_t index) {
    const std::uint16_t low = half_at(page, index);
    if (is_compressed(low)) {
        page.slots[index] = prepared(decode_compressed(low));
        return true;
    }
    if (index + 1 == CodePage::SLOTS) return false;
    page.slots[index] = prepared(decode(low | std::uint32_t{half_at(page, index + 1)} << 16));
    return true;
}

void CodeCache::code_changed(PhysAddr first, std::uint64_t size) {
    const auto found = pages_.find(ppn_of(first).value);
    if (found == pages_.end()) return;
    const std::uint64_t offset = first.page_offset();
    // An instruction that begins one half-word earlier has its second half here.
    const std::uint64_t begin = offset / 2 == 0 ? 0 : offset / 2 - 1;
    const std::uint64_t end = (offset + size + 1) / 2;
    for (std::uint64_t i = begin; i < end; ++i) found->second->slots[i].length = 0;
}

}  // namespace hartlab
