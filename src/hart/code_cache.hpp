// Decoded instructions, kept by physical page and half-word, so that a TLB flush loses none of them. Bytes that change
// lose only the instructions they were part of. Shared by the harts of a machine.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <unordered_map>

#include "base/address.hpp"
#include "hart/isa/instruction.hpp"
#include "memory/ram.hpp"

namespace hartlab {

/// The instructions of one page: the one that starts at byte offset 2i is slot i; length 0 means not decoded yet.
struct CodePage {
    static constexpr std::size_t SLOTS = PGSIZE / 2;
    std::array<Instruction, SLOTS> slots{};
    const std::uint8_t* bytes = nullptr;  // the page in RAM
};

class CodeCache final : public CodeListener {
public:
    explicit CodeCache(Ram& ram);
    ~CodeCache() override;
    CodeCache(const CodeCache&) = delete;
    CodeCache& operator=(const CodeCache&) = delete;

    /// The page of decoded instructions for the RAM page that holds `pa`. Precondition: `pa` is in RAM.
    CodePage& page(PhysAddr pa);
    /// Decodes slot `index` of `page`. False when the instruction runs on into the next page: such a one is not kept.
    static bool decode_slot(CodePage& page, std::size_t index);

    /// `instruction` as the executor wants it: a write to x0 goes to a register that nobody reads.
    static Instruction prepared(Instruction instruction);

    void code_changed(PhysAddr first, std::uint64_t size) override;
    /// Forgets everything. Pointers to pages are valid as long as generation() stays the same.
    void clear();
    std::uint64_t generation() const { return generation_; }

private:
    static constexpr std::size_t MAX_PAGES = 4096;  // 128 MiB of decoded code; beyond it everything is decoded anew

    Ram* ram_;
    std::uint64_t generation_ = 0;
    std::unordered_map<std::uint64_t, std::unique_ptr<CodePage>> pages_;  // by physical page number
};

}  // namespace hartlab
