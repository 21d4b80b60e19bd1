// The TLB's contents and counters as rows, each entry held against the page table it came from.
#pragma once

#include <cstdint>
#include <vector>

#include "inspect/page_table.hpp"
#include "inspect/row.hpp"
#include "inspect/state_view.hpp"
#include "mmu/mmu.hpp"

namespace hartlab::inspect {

struct TlbRow {
    std::int32_t set, way;
    bool valid;
    bool global;
    bool dirty;    // D as the entry holds it: a store needs no further walk
    bool checked;  // its page table is known, so that `stale` means something
    bool stale;    // the page table says otherwise now: a fence is missing, or still to come
    PteBits bits;
    std::uint16_t flags;
    std::int32_t asid;
    std::int32_t level;
    std::int32_t pid;  // whose page table it was checked against; 0: the kernel's or none
    std::uint64_t va;
    std::uint64_t pa;
    std::uint64_t pte;        // the leaf as it was read
    std::uint64_t table_pte;  // the leaf as it is now; 0 for none
    std::uint64_t stamp;      // LRU: last use, FIFO: fill; larger is younger

    static constexpr std::string_view NAME = "TLB";
    static Fields fields();
};

/// A row for each valid entry, or for each way of each set. `spaces` says which page table an ASID means.
std::vector<TlbRow> tlb_rows(const Tlb& tlb, const MemoryView& memory, const std::vector<AddressSpace>& spaces,
                             bool invalid = false);
std::vector<TlbRow> tlb_rows(const MachineView& machine, bool invalid = false);
std::vector<TlbRow> tlb_rows(const KernelView& kernel, bool invalid = false);

struct TlbCountsRow {
    std::uint64_t fetch_hits, load_hits, store_hits;
    std::uint64_t fetch_misses, load_misses, store_misses;
    std::uint64_t evictions, flushes;

    static constexpr std::string_view NAME = "TLB counts";
    static Fields fields();
};

TlbCountsRow tlb_counts(const Tlb& tlb);

/// An access that went through only because a fence is missing (the stale-TLB sanitizer).
struct StaleUseRow {
    std::uint64_t time, pc;
    std::int32_t pid;
    std::uint64_t va;
    char access[8];
    std::uint64_t tlb_pte, tlb_pa, table_pte;
    std::int32_t code;  // WalkEnd of a walk at that moment
    char verdict[48];   // in words
    char writer[24];    // "kernel", the name of a replaced function, "store"; empty when it is not known
    std::uint64_t writer_time, writer_pc;
    std::int32_t writer_pid;

    static constexpr std::string_view NAME = "stale uses";
    static Fields fields();
};

std::vector<StaleUseRow> stale_uses(const std::vector<StaleUse>& uses);

}  // namespace hartlab::inspect
