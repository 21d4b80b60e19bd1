#include "inspect/page_table.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

#include "inspect/table_walker.hpp"
#include "inspect/words.hpp"

namespace hartlab::inspect {

PteBits PteBits::of(std::uint64_t pte) {
    // Bit i of the PTE becomes byte i: a copy of the flags in each byte, of which byte i keeps its bit i alone, and then
    // any bit that was kept becomes a 1. A million rows are made this way.
    static_assert(offsetof(PteBits, V) == 0 && offsetof(PteBits, D) == 7 && sizeof(bool) == 1);
    const std::uint64_t kept = ((pte & 0xff) * 0x0101'0101'0101'0101) & 0x8040'2010'0804'0201;
    const std::uint64_t ones = ((kept + 0x7f7f'7f7f'7f7f'7f7f) >> 7) & 0x0101'0101'0101'0101;
    PteBits bits{};
    std::memcpy(&bits, &ones, sizeof ones);
    bits.cow = bit(pte, 8);
    return bits;
}

Fields PteBits::fields() {
    return {
        field("V", &PteBits::V, "valid"),
        field("R", &PteBits::R, "readable"),
        field("W", &PteBits::W, "writable"),
        field("X", &PteBits::X, "executable"),
        field("U", &PteBits::U, "for user mode"),
        field("G", &PteBits::G, "global: the same in every address space"),
        field("A", &PteBits::A, "accessed since it was last cleared"),
        field("D", &PteBits::D, "written since it was last cleared (dirty)"),
        field("cow", &PteBits::cow, "bit 8, free for software: copy on write"),
    };
}

Fields PteRow::fields() {
    Fields f = {
        field("va", &PteRow::va, "first virtual address that the entry is responsible for"),
        field("pa", &PteRow::pa, "physical address that it points at: a page, or the next table"),
        field("size", &PteRow::size, "bytes that it is responsible for"),
        field("level", &PteRow::level, "0 maps 4 KiB, 1 maps 2 MiB, 2 maps 1 GiB"),
        field("pte", &PteRow::pte, "the entry itself"),
        field("pte_address", &PteRow::pte_address, "physical address of the entry"),
        field("flags", &PteRow::flags, "bits 9 to 0 of the entry"),
    };
    append_nested(f, &PteRow::bits, PteBits::fields());
    f.push_back(field("leaf", &PteRow::leaf, "maps memory; otherwise it points to a table"));
    f.push_back(field("broken", &PteRow::broken, "the MMU would refuse it"));
    f.push_back(field("problem", &PteRow::problem,
                      "why: 0 none, 1 table outside RAM, 2 reserved encoding, 3 pointer with A, D or U, "
                      "4 pointer at level 0, 5 misaligned superpage, 6 the listing was cut short"));
    return f;
}

Fields WalkRow::fields() {
    Fields f = {
        field("level", &WalkRow::level, "2 is the root"),
        field("index", &WalkRow::index, "VPN[level]: nine bits of the address, which select the entry"),
        field("table", &WalkRow::table, "physical address of the table"),
        field("pte_address", &WalkRow::pte_address, "physical address of the entry"),
        field("pte", &WalkRow::pte, "the entry; 0 when it cannot be read"),
        field("next", &WalkRow::next, "physical address that the entry points at"),
        field("flags", &WalkRow::flags, "bits 9 to 0 of the entry"),
    };
    append_nested(f, &WalkRow::bits, PteBits::fields());
    f.push_back(field("leaf", &WalkRow::leaf, "maps memory; otherwise it points to a table"));
    f.push_back(field("last", &WalkRow::last, "the walk ended here"));
    f.push_back(field("end", &WalkRow::end, "why it ended, as a code; -1 while it goes on"));
    f.push_back(field("verdict", &WalkRow::verdict, "why it ended, in words"));
    return f;
}

namespace {

/// How many rows there will be at most: of the lowest tables, every valid entry is one.
struct CountEntries {
    const MemoryView& memory;
    std::uint64_t limit;
    std::uint64_t count = 0;

    bool table(PhysAddr pa, int level, std::uint64_t) {
        if (level > 0) return true;
        std::array<std::uint64_t, PTES_PER_PAGE> ptes;
        std::memcpy(ptes.data(), memory.page(pa), sizeof ptes);
        for (const std::uint64_t pte : ptes) count += pte & PTE_V;
        return false;
    }
    bool entry(const TableEntry&) { return ++count <= limit; }
};

struct ListEntries {
    bool tables;
    std::uint64_t limit;
    Rows<PteRow>& rows;

    bool table(PhysAddr, int, std::uint64_t) const { return true; }
    bool entry(const TableEntry& e) {
        if (!tables && !e.leaf() && e.problem == EntryProblem::none) return true;
        if (rows.size() == limit) return false;
        PteRow& row = rows.emplace_back();
        row.va = e.va;
        row.pa = PTE2PA(e.pte).value;
        row.size = leaf_size(e.level);
        row.pte = e.pte;
        row.pte_address = e.pte_address.value;
        row.level = e.level;
        row.flags = static_cast<std::uint16_t>(PTE_FLAGS(e.pte));
        row.bits = PteBits::of(e.pte);
        row.leaf = e.leaf();
        row.broken = e.problem != EntryProblem::none;
        row.problem = static_cast<std::uint8_t>(e.problem);
        return true;
    }
};

PteRow broken_row(EntryProblem problem, int level) {
    PteRow row{};
    row.level = level;
    row.broken = true;
    row.problem = static_cast<std::uint8_t>(problem);
    return row;
}

}  // namespace

Rows<PteRow> page_table_entries(const MemoryView& memory, PhysAddr root, const EntriesOptions& options, Poll poll) {
    Rows<PteRow> rows;
    if (!root.page_aligned() || !memory.contains(root, PGSIZE)) {
        rows.push_back(broken_row(EntryProblem::table_outside_memory, SV39_LEVELS));
        rows.back().pa = root.value;
        return rows;
    }
    const std::uint64_t limit = options.limit ? options.limit : 65'536 + 2 * memory.page_count();
    Interruption interruption(poll);

    // Counting first costs a fraction of growing a vector of a million rows.
    CountEntries counter{memory, limit};
    TableWalker counting(memory, interruption, counter);
    counting.restrict_to(options.first_va, options.last_va);
    counting.walk(root);
    rows.reserve(std::min(counter.count, limit) + 1);

    ListEntries lister{options.tables, limit, rows};
    TableWalker listing(memory, interruption, lister);
    listing.restrict_to(options.first_va, options.last_va);
    if (!listing.walk(root)) rows.push_back(broken_row(EntryProblem::cut_short, -1));
    return rows;
}

namespace {

/// What the MMU sees at one level when it is not the last.
WalkRow walk_row(int level, VirtAddr va, PhysAddr pte_address, std::uint64_t pte) {
    WalkRow row{};
    row.level = level;
    row.index = static_cast<std::int32_t>(PX(level, va));
    row.table = pte_address.page_base().value;
    row.pte_address = pte_address.value;
    row.pte = pte;
    row.next = PTE2PA(pte).value;
    row.flags = static_cast<std::uint16_t>(PTE_FLAGS(pte));
    row.bits = PteBits::of(pte);
    row.leaf = (pte & PTE_V) && pte_is_leaf(pte);
    row.end = -1;
    set_text(row.verdict, "a pointer to the next table");
    return row;
}

}  // namespace

PageTableWalk walk_page_table(const MemoryView& memory, PhysAddr root, VirtAddr va, Access access,
                              const AccessContext& context) {
    std::vector<WalkRow> rows;
    const Walk walk = sv39_walk(root, va, access, context, [&](PhysAddr pte_address) -> std::optional<std::uint64_t> {
        const std::optional<std::uint64_t> pte = memory.load64(pte_address);
        rows.push_back(walk_row(SV39_LEVELS - 1 - static_cast<int>(rows.size()), va, pte_address, pte.value_or(0)));
        return pte;
    });
    if (!rows.empty()) {
        rows.back().last = true;
        rows.back().end = static_cast<std::int32_t>(walk.end);
        set_text(rows.back().verdict, walk_end_words(walk.end));
    }
    return {walk, std::move(rows)};
}

std::optional<Leaf> find_leaf(const MemoryView& memory, PhysAddr root, VirtAddr va) {
    if (!sv39_canonical(va) || !root.page_aligned()) return std::nullopt;
    PhysAddr table = root;
    for (int level = SV39_LEVELS - 1; level >= 0; --level) {
        const PhysAddr pte_address = table + PX(level, va) * sizeof(std::uint64_t);
        const std::optional<std::uint64_t> pte = memory.load64(pte_address);
        if (!pte || !(*pte & PTE_V) || problem_of(memory, *pte, level) != EntryProblem::none) return std::nullopt;
        if (pte_is_leaf(*pte)) {
            return Leaf{*pte, pte_address, PhysAddr(PTE2PA(*pte).value | (va.value & (leaf_size(level) - 1))), level};
        }
        table = PTE2PA(*pte);
    }
    return std::nullopt;
}

}  // namespace hartlab::inspect
