// Decoded code, kept by physical page, so that a TLB flush loses none of it. Bytes that change lose only the blocks they
// are part of. Shared by the harts of a machine.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <utility>

#include "base/address.hpp"
#include "hart/code_page.hpp"
#include "memory/ram.hpp"

namespace hartlab {

class CodeCache final : public CodeListener {
public:
    explicit CodeCache(Ram& ram);
    ~CodeCache() override;
    CodeCache(const CodeCache&) = delete;
    CodeCache& operator=(const CodeCache&) = delete;

    /// Where code is: the only RAM that instructions are fetched from.
    const Ram& ram() const { return *ram_; }
    /// The decoded code of the RAM page that holds `pa`, perhaps nothing yet. Precondition: `pa` is in RAM.
    CodePage& page(PhysAddr pa);
    /// Decodes the block that begins at slot `index`. Stores to the page go through the RAM's door from then on, until
    /// nothing of it is decoded any more: frames that held code are soon somebody's stack.
    void decode_block(CodePage& page, std::size_t index);

    void code_changed(PhysAddr first, std::uint64_t size) override;
    /// Whether decoded instructions were forgotten since the last call.
    bool take_changed() { return std::exchange(changed_, false); }
    /// Forgets everything. Pointers to pages are valid as long as generation() stays the same.
    void clear();
    std::uint64_t generation() const { return generation_; }

private:
    static constexpr std::size_t MAX_PAGES = 4096;  // 16 MiB of code; beyond it everything is decoded anew

    struct Recent {
        std::uint64_t number = ~std::uint64_t{0};
        CodePage* page = nullptr;
    };

    Ram* ram_;
    std::uint64_t generation_ = 0;
    bool changed_ = false;
    std::unordered_map<std::uint64_t, std::unique_ptr<CodePage>> pages_;  // by physical page number
    std::array<Recent, 64> recent_{};                                     // what the hart asks for again after a flush
};

}  // namespace hartlab
