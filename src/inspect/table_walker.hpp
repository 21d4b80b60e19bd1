// One pass over a whole Sv39 tree, whatever lies in it: three levels deep and no deeper, tables outside RAM not entered.
// For this folder alone; page_table.hpp is the interface.
#pragma once

#include <cstdint>
#include <cstring>

#include "inspect/interruption.hpp"
#include "inspect/memory_view.hpp"
#include "inspect/page_table.hpp"
#include "mmu/pte.hpp"

namespace hartlab::inspect {

struct TableEntry {
    std::uint64_t va = 0;
    std::uint64_t pte = 0;
    PhysAddr pte_address;
    int level = 0;
    EntryProblem problem{};

    bool leaf() const { return pte_is_leaf(pte); }
};

/// Why the MMU would refuse an entry with V set [priv 4.3.2 steps 3 to 6], permissions apart.
inline EntryProblem problem_of(const MemoryView& memory, std::uint64_t pte, int level) {
    if ((!(pte & PTE_R) && (pte & PTE_W)) || (pte & PTE_RESERVED)) return EntryProblem::reserved_encoding;
    const PhysAddr pa = PTE2PA(pte);
    if (pte_is_leaf(pte)) {
        return pa.value & (leaf_size(level) - 1) ? EntryProblem::misaligned_superpage : EntryProblem::none;
    }
    if (pte & (PTE_A | PTE_D | PTE_U)) return EntryProblem::pointer_with_adu;
    if (level == 0) return EntryProblem::no_leaf;
    return memory.contains(pa, PGSIZE) ? EntryProblem::none : EntryProblem::table_outside_memory;
}

/// Visits the entries with V set that are responsible for an address of [first_va, last_va], in the order of addresses.
///   visitor.table(PhysAddr table, int level, uint64_t va): a table is about to be read; false skips it.
///   visitor.entry(const TableEntry&): an entry, a pointer before what it points to; false ends the walk.
/// Depth bounds the work: at most 512 * 512 + 512 + 1 tables.
template <class Visitor>
class TableWalker {
public:
    TableWalker(const MemoryView& memory, Interruption& interruption, Visitor& visitor) :
        memory_(memory), interruption_(interruption), visitor_(visitor) {}

    void restrict_to(std::uint64_t first_va, std::uint64_t last_va) {
        first_ = first_va;
        last_ = last_va;
    }

    /// False when the visitor ended it. Precondition: the page of `root` is in RAM.
    bool walk(PhysAddr root) { return walk_table(root, SV39_LEVELS - 1, 0); }

private:
    bool walk_table(PhysAddr table, int level, std::uint64_t table_va) {
        if (!visitor_.table(table, level, table_va)) return true;
        interruption_.work();
        const std::uint8_t* bytes = memory_.page(table);
        for (std::uint64_t i = 0; i < PTES_PER_PAGE; ++i) {
            std::uint64_t pte;
            std::memcpy(&pte, bytes + i * sizeof pte, sizeof pte);
            if (!(pte & PTE_V)) continue;
            const std::uint64_t va = static_cast<std::uint64_t>(sign_extend(table_va + (i << PXSHIFT(level)), 39));
            if (va > last_ || va + (leaf_size(level) - 1) < first_) continue;
            const TableEntry entry{va, pte, table + i * sizeof pte, level, problem_of(memory_, pte, level)};
            if (!visitor_.entry(entry)) return false;
            if (entry.problem == EntryProblem::none && !entry.leaf() && !walk_table(PTE2PA(pte), level - 1, va))
                return false;
        }
        return true;
    }

    const MemoryView& memory_;
    Interruption& interruption_;
    Visitor& visitor_;
    std::uint64_t first_ = 0;
    std::uint64_t last_ = ~std::uint64_t{0};
};

}  // namespace hartlab::inspect
