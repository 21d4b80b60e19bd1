#include "inspect/tlb_rows.hpp"

#include <algorithm>

#include "inspect/words.hpp"
#include "kernel/seam.hpp"

namespace hartlab::inspect {

Fields TlbRow::fields() {
    using T = TlbRow;
    Fields f = {
        field("set", &T::set, "set, chosen by the low bits of the page number"),
        field("way", &T::way, "way of the set"),
        field("valid", &T::valid, "holds a translation"),
        field("asid", &T::asid, "address space it belongs to"),
        field("va", &T::va, "virtual address of the page"),
        field("pa", &T::pa, "physical address of the page"),
        field("level", &T::level, "of the leaf: 0 is 4 KiB; a superpage is held as its 4 KiB pieces"),
        field("pte", &T::pte, "the leaf as it was read"),
        field("flags", &T::flags, "bits 9 to 0 of it"),
    };
    append_nested(f, &T::bits, PteBits::fields());
    f.push_back(field("global", &T::global, "serves every address space"));
    f.push_back(field("dirty", &T::dirty, "D is known to be set: a store needs no further walk"));
    f.push_back(field("stamp", &T::stamp, "time of the last use (LRU) or of the fill (FIFO); larger is younger"));
    f.push_back(field("checked", &T::checked, "the page table it came from is known, so that `stale` means something"));
    f.push_back(field("stale", &T::stale, "the page table says otherwise now"));
    f.push_back(field("table_pte", &T::table_pte, "the leaf as it is in the page table now; 0 for none"));
    f.push_back(field("pid", &T::pid, "the process whose page table that is; 0 for the kernel's, or none"));
    return f;
}

Fields TlbCountsRow::fields() {
    using T = TlbCountsRow;
    return {
        field("fetch_hits", &T::fetch_hits, "fetches that found their translation"),
        field("load_hits", &T::load_hits, "loads that did"),
        field("store_hits", &T::store_hits, "stores that did"),
        field("fetch_misses", &T::fetch_misses, "fetches that walked the page table"),
        field("load_misses", &T::load_misses, "loads that did"),
        field("store_misses", &T::store_misses, "stores that did"),
        field("evictions", &T::evictions, "valid entries that made room for another"),
        field("flushes", &T::flushes, "sfence.vma executed, in any form"),
    };
}

Fields StaleUseRow::fields() {
    using T = StaleUseRow;
    return {
        field("time", &T::time, "instructions retired"),
        field("pc", &T::pc, "the instruction that made the access"),
        field("pid", &T::pid, "the process that the hart ran; 0 for none"),
        field("va", &T::va, "virtual address"),
        field("access", &T::access, "fetch, load or store"),
        field("tlb_pte", &T::tlb_pte, "the leaf by which the TLB allowed it"),
        field("tlb_pa", &T::tlb_pa, "physical address that was reached"),
        field("table_pte", &T::table_pte, "the last entry that a walk reads now"),
        field("code", &T::code, "how such a walk ends, as a number"),
        field("verdict", &T::verdict, "how such a walk ends, in words"),
        field("writer", &T::writer,
              "who changed the entry after it was read: kernel, a replaced function by name, or store for an "
              "instruction"),
        field("writer_time", &T::writer_time, "when: instructions retired"),
        field("writer_pc", &T::writer_pc, "where the hart was: of a store, the instruction"),
        field("writer_pid", &T::writer_pid, "on behalf of which process; 0 for none"),
    };
}

namespace {

/// Whether an access could come out differently by the page table than by the entry. A bit A or D that the table has gained
/// meanwhile does not count: it takes nothing away.
bool disagrees(const TlbRow& row, const std::optional<Leaf>& leaf) {
    if (!leaf || leaf->pa.page_base().value != row.pa) return true;
    constexpr std::uint64_t PERMISSIONS = PTE_R | PTE_W | PTE_X | PTE_U | PTE_G;
    const std::uint64_t differing = row.pte ^ leaf->pte;
    return (differing & PERMISSIONS) || (row.pte & ~leaf->pte & (PTE_A | PTE_D));
}

void check(TlbRow& row, const MemoryView& memory, const std::vector<AddressSpace>& spaces) {
    const auto space = std::find_if(spaces.begin(), spaces.end(), [&](const AddressSpace& s) {
        return row.global || s.asid == static_cast<std::uint16_t>(row.asid);
    });
    if (space == spaces.end()) return;
    const std::optional<Leaf> leaf = find_leaf(memory, space->root, VirtAddr(row.va));
    row.checked = true;
    row.pid = space->pid;
    row.table_pte = leaf ? leaf->pte : 0;
    row.stale = disagrees(row, leaf);
}

}  // namespace

std::vector<TlbRow> tlb_rows(const Tlb& tlb, const MemoryView& memory, const std::vector<AddressSpace>& spaces,
                             bool invalid) {
    std::vector<TlbRow> rows;
    const std::uint32_t ways = tlb.geometry().ways;
    for (std::uint32_t i = 0; i < tlb.size(); ++i) {
        TlbRow row{};
        row.set = static_cast<std::int32_t>(i / ways);
        row.way = static_cast<std::int32_t>(i % ways);
        row.valid = tlb.live(i);
        if (row.valid) {
            const TlbEntry& e = tlb[i];
            row.global = e.global;
            row.dirty = (e.pte & PTE_D) != 0;
            row.bits = PteBits::of(e.pte);
            row.flags = static_cast<std::uint16_t>(PTE_FLAGS(e.pte));
            row.asid = e.asid;
            row.level = e.level;
            row.va = e.vpn.value << PGSHIFT;
            row.pa = base_of(e.ppn).value;
            row.pte = e.pte;
            row.stamp = e.stamp;
            check(row, memory, spaces);
        }
        if (row.valid || invalid) rows.push_back(row);
    }
    return rows;
}

std::vector<TlbRow> tlb_rows(const MachineView& machine, bool invalid) {
    std::vector<AddressSpace> spaces;
    if (const std::optional<AddressSpace> current = current_address_space(machine)) spaces.push_back(*current);
    return tlb_rows(*machine.tlb, machine.memory, spaces, invalid);
}

std::vector<TlbRow> tlb_rows(const KernelView& kernel, bool invalid) {
    return tlb_rows(*kernel.machine.tlb, kernel.memory(), address_spaces(kernel), invalid);
}

namespace {

std::string_view writer_name(const PteWriter& writer) {
    switch (writer.kind) {
    case PteWriter::Kind::unknown: break;
    case PteWriter::Kind::kernel: return "kernel";
    case PteWriter::Kind::function: return function_name(static_cast<FunctionId>(writer.function));
    case PteWriter::Kind::instruction: return "store";
    }
    return "";
}

}  // namespace

TlbCountsRow tlb_counts(const Tlb& tlb) {
    const TlbCounts& c = tlb.counts;
    return {c.hits[0], c.hits[1], c.hits[2], c.misses[0], c.misses[1], c.misses[2], c.evictions, c.flushes};
}

std::vector<StaleUseRow> stale_uses(const std::vector<StaleUse>& uses) {
    std::vector<StaleUseRow> rows;
    rows.reserve(uses.size());
    for (const StaleUse& use : uses) {
        StaleUseRow row{};
        row.time = use.time;
        row.pc = use.pc;
        row.pid = use.pid;
        row.va = use.va.value;
        set_text(row.access, access_name(use.access));
        row.tlb_pte = use.tlb_pte;
        row.tlb_pa = use.tlb_pa.value;
        row.table_pte = use.table_pte;
        row.code = static_cast<std::int32_t>(use.table_end);
        set_text(row.verdict, walk_end_words(use.table_end));
        set_text(row.writer, writer_name(use.writer));
        row.writer_time = use.writer.time;
        row.writer_pc = use.writer.pc;
        row.writer_pid = use.writer.pid;
        rows.push_back(row);
    }
    return rows;
}

}  // namespace hartlab::inspect
