// One hart's memory management unit: the only translator of virtual addresses, for the hart and for Python alike.
// A hit is inline in mmu/fast_path.hpp; the rest is in mmu/slow_path.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/address.hpp"
#include "base/event.hpp"
#include "base/fault.hpp"
#include "memory/bus.hpp"
#include "mmu/host_cache.hpp"
#include "mmu/pmp.hpp"
#include "mmu/privilege.hpp"
#include "mmu/pte_writers.hpp"
#include "mmu/satp.hpp"
#include "mmu/sv39_walk.hpp"
#include "mmu/tlb.hpp"

namespace hartlab {

/// An access that was allowed by a TLB entry and would have gone otherwise by the page table: a fence is missing.
struct StaleUse {
    std::uint64_t time = 0;  // instructions retired
    std::uint64_t pc = 0;
    std::int32_t pid = 0;
    VirtAddr va;
    Access access{};
    std::uint64_t tlb_pte = 0;
    PhysAddr tlb_pa;
    std::uint64_t table_pte = 0;  // the last PTE that a walk reads now
    WalkEnd table_end{};
    PteWriter writer;  // who changed the entry, and so should have fenced
};

struct Watchpoint {
    VirtAddr first;
    std::uint64_t size = 1;
    bool loads = false;
    bool stores = true;
};

struct WatchHit {
    VirtAddr va;
    std::uint64_t size = 0;
    Access access{};
    std::uint64_t pc = 0;                 // of the instruction that made the access
    std::optional<std::uint64_t> before;  // what was there, and ...
    std::uint64_t after = 0;              // ... what is; nothing was there before a write to a device
};

class Mmu {
public:
    Mmu(Bus& bus, TlbGeometry geometry);

    // -- control: what CSR writes and sfence.vma come down to --------------------------------------------------------
    std::uint64_t satp() const { return satp_; }
    /// Precondition: the MODE is Bare or Sv39; the hart ignores other writes. Flushes no TLB entry, as the spec has it.
    void set_satp(std::uint64_t satp);
    /// How fetches and data accesses are judged from now on.
    void set_context(const AccessContext& fetch, const AccessContext& data);
    const AccessContext& context(Access access) const {
        return access == Access::fetch ? fetch_context_ : data_context_;
    }
    /// What of physical memory each mode may use from now on.
    void set_pmp(const PmpRegisters& registers, bool implemented);
    void sfence_vma(std::optional<VirtAddr> va, std::optional<std::uint16_t> asid);

    // -- access ---------------------------------------------------------------------------------------------------
    // Hits of the hart itself are inline, in mmu/fast_path.hpp.
    const std::uint8_t* load_pointer(std::uint64_t va, std::uint64_t size) const;
    std::uint8_t* store_pointer(std::uint64_t va, std::uint64_t size) const;
    /// Any access of 1 to 8 bytes, in one page or across two, to RAM or a device. False: see fault().
    bool load_slow(std::uint64_t va, unsigned size, std::uint64_t& value);
    bool store_slow(std::uint64_t va, unsigned size, std::uint64_t value);
    const Fault& fault() const { return fault_; }

    /// Through the TLB, counted, with A and D set: what an access of that kind does before it touches memory.
    Result<PhysAddr> translate(VirtAddr va, Access access);
    /// A walk for inspection: reads the tables as they are, and changes and counts nothing.
    Walk peek(VirtAddr va, Access access) const;
    /// Whether physical memory protection lets the present mode make this access.
    bool permitted(PhysAddr pa, std::uint64_t size, Access access) const {
        return pmp_.allows(pa, size, access, context(access).privilege);
    }

    /// Whether physical memory protection does not allow such accesses to the whole page of `pa`.
    bool splits_page(PhysAddr pa, Access access) const {
        return pmp_.implemented() && !permitted(pa.page_base(), PGSIZE, access);
    }

    /// The fetch cache maps a virtual page to its decoded instructions, which the hart keeps.
    void* cached_code(std::uint64_t va) const;
    /// Does nothing if not all of the page at `pa` may be executed.
    void cache_code(std::uint64_t va, PhysAddr pa, void* code);
    /// `n` accesses went through the host cache, and were TLB hits unless such accesses are not translated.
    void note_hits(Access access, std::uint64_t n) { uncounted_hits_[static_cast<std::size_t>(access)] += n; }
    /// Adds the hits since the last call to tlb.counts. Hits are counted apart, because whether they were look-ups at all
    /// depends on the context they happened in: every change of context calls this first.
    void count_hits();
    /// Whether a page left the fetch cache since the last call: the code being executed may be no hit any more.
    bool take_code_dropped() { return std::exchange(code_dropped_, false); }
    bool translates(Access access) const {
        return satp_mode(satp_) == SATP_MODE_SV39 && context(access).privilege != Privilege::M;
    }
    /// The second half of an access within a page, after translate(va) gave `pa`: atomics use the halves by themselves.
    bool load_physical(PhysAddr pa, std::uint64_t va, unsigned size, std::uint64_t& value);
    bool store_physical(PhysAddr pa, std::uint64_t va, unsigned size, std::uint64_t value);

    /// Drops the pointers for stores when a snapshot or decoded code has made them stale; they are filled again on demand.
    void revalidate_host_cache();
    /// Drops all that the host caches hold.
    void flush_host_cache();
    /// Puts a saved TLB, of whatever geometry, in place of this one.
    void restore_tlb(const Tlb& saved);

    /// Whether loads and stores may be misaligned. If not, the fault comes before any of translation, as a hart may have it
    /// [priv Table 3.7]; and no load or store is a hit, so that hits need not look at alignment. Chosen before the first access.
    bool hardware_misaligned = true;

    // -- instruments, off by default ----------------------------------------------------------------------------------
    void set_watchpoints(std::vector<Watchpoint> watchpoints);
    const std::vector<Watchpoint>& watchpoints() const { return watchpoints_; }
    /// The access to a watched address since the last take_watch_hit().
    const std::optional<WatchHit>& watch_hit() const { return watch_hit_; }
    std::optional<WatchHit> take_watch_hit();
    void set_stale_check(bool on);
    bool stale_check() const { return stale_check_; }
    static constexpr std::size_t MAX_STALE_USES = 10'000;
    std::vector<StaleUse> stale_uses;
    /// Says who has changed page-table entries since the last such call, or the one at `pa`. Precondition: stale_check().
    void attribute_pte_writes(PteWriter::Kind kind, std::uint16_t function = 0);
    void attribute_pte_write(PhysAddr pa, PteWriter::Kind kind, std::uint16_t function = 0);
    EventRing* events = nullptr;
    /// Where the hart is, for stale_uses and events.
    const std::uint64_t* pc = nullptr;
    const std::uint64_t* retired = nullptr;
    std::int32_t pid = 0;

    Tlb tlb;
    Bus& bus() { return *bus_; }

private:
    bool may_be_aligned_so(std::uint64_t va, unsigned size, Access access);
    bool load_within_page(std::uint64_t va, unsigned size, std::uint64_t& value);
    bool load_part(std::uint64_t va, unsigned size, std::uint64_t& value);
    bool store_within_page(std::uint64_t va, unsigned size, std::uint64_t value);
    bool write_physical(PhysAddr pa, std::uint64_t va, unsigned size, std::uint64_t value);
    void note_watchpoint(std::uint64_t va, unsigned size, Access access, std::optional<std::uint64_t> before,
                         std::uint64_t after);
    std::optional<std::uint64_t> value_in_ram(PhysAddr pa, unsigned size) const;
    bool watched_page(VirtAddr va) const;
    /// Whether accesses of this kind to the page of `va`, which is at `pa`, have nothing to be asked about.
    bool may_cache(VirtAddr va, PhysAddr pa, Access access) const {
        return !stale_check_ && (watchpoints_.empty() || !watched_page(va)) && !splits_page(pa, access) &&
               !(access == Access::store && bus_->intercepts(pa)) && (hardware_misaligned || access == Access::fetch);
    }

    Walk walk(VirtAddr va, Access access) const;
    Result<PhysAddr> fill_tlb(VirtAddr va, Access access, std::uint32_t index);
    void make_most_recent(std::uint32_t index);
    void drop_host_entries(Vpn vpn);
    void check_stale(VirtAddr va, Access access, const TlbEntry& entry);
    void watch_path(VirtAddr va, Access access);
    PteWriter last_writer(VirtAddr va, Access access) const;
    PteWriter writer(PteWriter::Kind kind, std::uint16_t function = 0) const;

    Bus* bus_;
    std::array<std::uint64_t, 3> uncounted_hits_{};  // by Access
    std::uint64_t satp_ = 0;
    AccessContext fetch_context_, data_context_;
    Pmp pmp_;
    Fault fault_;
    HostCache load_cache_, store_cache_, fetch_cache_;
    std::uint64_t seen_write_epoch_ = 0;
    struct MostRecent {
        std::uint32_t index = Tlb::NONE;
        std::uint32_t flush = 0;  // it means nothing unless no flush has come since
    };
    std::vector<MostRecent> most_recent_;  // by set: the only entry of an LRU set that the host caches may hold
    std::uint32_t flushes_ = 0;
    std::vector<Watchpoint> watchpoints_;
    std::optional<WatchHit> watch_hit_;
    bool stale_check_ = false;
    PteWriters pte_writers_;
    bool code_dropped_ = false;
};

}  // namespace hartlab
