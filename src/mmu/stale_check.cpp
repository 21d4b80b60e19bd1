// The check for accesses that go through only because a fence is missing, and who made the fence necessary. While it is on, no
// host pointer is cached, so that every access comes by here.
#include "mmu/mmu.hpp"

namespace hartlab {

void Mmu::set_stale_check(bool on) {
    if (on && !stale_check_) pte_writers_.clear();
    stale_check_ = on;
    flush_host_cache();
}

void Mmu::watch_path(VirtAddr va, Access access) {
    const Ram& ram = bus_->ram();
    sv39_walk(satp_root(satp_), va, access, context(access), [&](PhysAddr pa) -> std::optional<std::uint64_t> {
        if (!ram.contains(pa, sizeof(std::uint64_t))) return std::nullopt;
        const auto pte = ram.load<std::uint64_t>(pa);
        pte_writers_.watch(pa, pte);
        return pte;
    });
}

/// Of the entries that a walk reads now, the one that changed last since the TLB was filled by way of it.
PteWriter Mmu::last_writer(VirtAddr va, Access access) const {
    const Ram& ram = bus_->ram();
    PteWriter last;
    sv39_walk(satp_root(satp_), va, access, context(access), [&](PhysAddr pa) -> std::optional<std::uint64_t> {
        if (!ram.contains(pa, sizeof(std::uint64_t))) return std::nullopt;
        const PteWriter writer = pte_writers_.of(pa);
        if (writer.kind != PteWriter::Kind::unknown && writer.time >= last.time) last = writer;
        return ram.load<std::uint64_t>(pa);
    });
    return last;
}

void Mmu::check_stale(VirtAddr va, Access access, const TlbEntry& entry) {
    const Walk now = peek(va, access);
    if (now.ok() && ppn_of(now.pa) == entry.ppn) return;
    if (stale_uses.size() == MAX_STALE_USES) return;
    stale_uses.push_back({.time = *retired,
                          .pc = *pc,
                          .pid = pid,
                          .va = va,
                          .access = access,
                          .tlb_pte = entry.pte,
                          .tlb_pa = base_of(entry.ppn),
                          .table_pte = now.read,
                          .table_end = now.end,
                          .writer = last_writer(va, access)});
}

PteWriter Mmu::writer(PteWriter::Kind kind, std::uint16_t function) const {
    return {.kind = kind, .function = function, .pid = pid, .pc = *pc, .time = *retired};
}

void Mmu::attribute_pte_writes(PteWriter::Kind kind, std::uint16_t function) {
    pte_writers_.look(bus_->ram(), writer(kind, function));
}

void Mmu::attribute_pte_write(PhysAddr pa, PteWriter::Kind kind, std::uint16_t function) {
    pte_writers_.look_at(bus_->ram(), pa, writer(kind, function));
}

}  // namespace hartlab
