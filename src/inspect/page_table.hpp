// Page tables as rows: every entry of a tree, and the steps of one walk.
#pragma once

#include <cstdint>
#include <vector>

#include "inspect/interruption.hpp"
#include "inspect/memory_view.hpp"
#include "inspect/row.hpp"
#include "inspect/rows.hpp"
#include "mmu/sv39_walk.hpp"

namespace hartlab::inspect {

/// The flags of a PTE, one bool each; part of every row that shows one.
struct PteBits {
    bool V, R, W, X, U, G, A, D;
    bool cow;  // RSW bit 0

    static PteBits of(std::uint64_t pte);
    static Fields fields();
};

/// What is wrong with an entry whose V is set; the MMU would refuse it.
enum class EntryProblem : std::uint8_t {
    none,
    table_outside_memory,  // a pointer to a table that is not in RAM
    reserved_encoding,     // W without R, or a reserved bit set
    pointer_with_adu,      // a non-leaf with A, D or U set
    no_leaf,               // a pointer at level 0
    misaligned_superpage,
    cut_short,  // not of this entry: the listing ended here, because the tree refers to tables again and again
};

struct PteRow {
    std::uint64_t va;           // first address that the entry is responsible for, canonical
    std::uint64_t pa;           // what it points at: the page of a leaf, the next table of a pointer
    std::uint64_t size;         // bytes it is responsible for
    std::uint64_t pte;          // the entry itself
    std::uint64_t pte_address;  // where it is
    std::int32_t level;
    std::uint16_t flags;  // bits 9-0 of the entry
    PteBits bits;
    bool leaf;
    bool broken;
    std::uint8_t problem;  // an EntryProblem; 0 unless broken

    static constexpr std::string_view NAME = "page table entries";
    static Fields fields();
};

struct EntriesOptions {
    bool tables = false;                        // pointers to tables too, each before what stands below it
    std::uint64_t first_va = 0;                 // only entries that are responsible for an address from here ...
    std::uint64_t last_va = ~std::uint64_t{0};  // ... to here, both included (canonical addresses)
    std::uint64_t limit = 0;                    // rows at most; 0: 65,536 and two for each frame of RAM
};

/// The entries with V set of the tree at `root`, by ascending address (the upper half last). An entry that the MMU would
/// refuse is listed with `broken` set and not followed; a `root` outside RAM gives one broken row of level 3. More rows
/// than the limit end in a row cut_short. Throws Interrupted.
Rows<PteRow> page_table_entries(const MemoryView& memory, PhysAddr root, const EntriesOptions& options = {},
                                Poll poll = nullptr);

/// One look of the MMU at one level.
struct WalkRow {
    std::int32_t level;
    std::int32_t index;   // VPN[level], which selects the entry
    std::uint64_t table;  // the table looked into
    std::uint64_t pte_address;
    std::uint64_t pte;
    std::uint64_t next;  // where the entry points: a table, or the page of a leaf
    std::uint16_t flags;
    PteBits bits;
    bool leaf;
    bool last;         // the walk ended here
    std::int32_t end;  // of the last row: a WalkEnd; -1 in the rows before it
    char verdict[48];  // in words

    static constexpr std::string_view NAME = "walk";
    static Fields fields();
};

struct PageTableWalk {
    Walk walk;
    std::vector<WalkRow> rows;  // one a level; none for a non-canonical address
};

/// The walk that an access would make now. Reads RAM alone: no TLB, and A and D stay as they are.
PageTableWalk walk_page_table(const MemoryView& memory, PhysAddr root, VirtAddr va, Access access,
                              const AccessContext& context);

/// The leaf responsible for `va`, whoever may use it: no permission is judged.
struct Leaf {
    std::uint64_t pte = 0;
    PhysAddr pte_address;
    PhysAddr pa;  // of `va` itself
    int level = 0;
};
std::optional<Leaf> find_leaf(const MemoryView& memory, PhysAddr root, VirtAddr va);

}  // namespace hartlab::inspect
