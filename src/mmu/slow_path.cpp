// What a hit is not: walks and refills of the TLB, accesses across pages and to devices, control and instruments.
#include <algorithm>
#include <utility>

#include "mmu/fast_path.hpp"

namespace hartlab {

Mmu::Mmu(Bus& bus, TlbGeometry geometry) : tlb(geometry), bus_(&bus), most_recent_(geometry.sets) {
    fetch_cache_.set_privilege(fetch_context_.privilege);
    load_cache_.set_privilege(data_context_.privilege);
    store_cache_.set_privilege(data_context_.privilege);
}

// -- control ------------------------------------------------------------------------------------------------------------

void Mmu::set_satp(std::uint64_t satp) {
    if (satp == satp_) return;
    count_hits();
    satp_ = satp;
    flush_host_cache();
}

void Mmu::set_context(const AccessContext& fetch, const AccessContext& data) {
    if (fetch_context_ == fetch && data_context_ == data) return;
    count_hits();
    const auto same_but_for_privilege = [](AccessContext a, const AccessContext& b) {
        a.privilege = b.privilege;
        return a == b;
    };
    // What was filled at one privilege waits for the return to it; a change of SUM, MXR or Svade makes it void.
    const bool keep = same_but_for_privilege(data_context_, data) && same_but_for_privilege(fetch_context_, fetch);
    fetch_context_ = fetch;
    data_context_ = data;
    fetch_cache_.set_privilege(fetch.privilege);
    load_cache_.set_privilege(data.privilege);
    store_cache_.set_privilege(data.privilege);
    if (!keep) flush_host_cache();
}

void Mmu::set_pmp(const PmpRegisters& registers, bool implemented) {
    pmp_.configure(registers, implemented);
    flush_host_cache();
}

void Mmu::count_hits() {
    for (const Access access : {Access::fetch, Access::load, Access::store}) {
        const auto kind = static_cast<std::size_t>(access);
        const std::uint64_t n = std::exchange(uncounted_hits_[kind], 0);
        if (translates(access)) tlb.counts.hits[kind] += n;
    }
}

void Mmu::sfence_vma(std::optional<VirtAddr> va, std::optional<std::uint16_t> asid) {
    if (va && asid)
        tlb.flush_address_asid(*va, *asid);
    else if (va)
        tlb.flush_address(*va);
    else if (asid)
        tlb.flush_asid(*asid);
    else
        tlb.flush_all();
    flush_host_cache();
    if (events) {
        events->add({.time = *retired,
                     .kind = EventKind::tlb_flush,
                     .pid = pid,
                     .code = (va ? std::uint64_t{1} : 0) + (asid ? std::uint64_t{2} : 0),
                     .va = va ? va->value : 0,
                     .value = asid.value_or(0)});
    }
}

void Mmu::flush_host_cache() {
    load_cache_.flush();
    store_cache_.flush();
    fetch_cache_.flush();
    code_dropped_ = true;
    seen_write_epoch_ = bus_->ram().write_epoch();
    if (++flushes_ == 0) most_recent_.assign(most_recent_.size(), {});
}

void Mmu::restore_tlb(const Tlb& saved) {
    tlb = saved;
    most_recent_.assign(tlb.geometry().sets, {});
    flush_host_cache();
}

void Mmu::revalidate_host_cache() {
    if (seen_write_epoch_ == bus_->ram().write_epoch()) return;
    store_cache_.flush();
    seen_write_epoch_ = bus_->ram().write_epoch();
}

// -- translation ----------------------------------------------------------------------------------------------------------

[[gnu::always_inline]] inline Walk Mmu::walk(VirtAddr va, Access access) const {
    const Ram& ram = bus_->ram();
    return sv39_walk(satp_root(satp_), va, access, context(access),
                     [&ram, this](PhysAddr pa) -> std::optional<std::uint64_t> {
                         // A table is read with the rights of S-mode [priv 3.7.1].
                         if (!ram.contains(pa, sizeof(std::uint64_t)) ||
                             !pmp_.allows(pa, sizeof(std::uint64_t), Access::load, Privilege::S)) [[unlikely]]
                             return std::nullopt;
                         return ram.load<std::uint64_t>(pa);
                     });
}

Walk Mmu::peek(VirtAddr va, Access access) const { return walk(va, access); }

/// Of an LRU set, only the entry used last may be in the host caches: a hit there then changes no order, and needs no
/// bookkeeping to be exact.
inline void Mmu::make_most_recent(std::uint32_t index) {
    if (tlb.geometry().replacement != Replacement::lru) return;
    MostRecent& most_recent = most_recent_[tlb.set_of(tlb[index].vpn)];
    if (most_recent.flush != flushes_ || most_recent.index != index) {
        if (most_recent.flush == flushes_ && most_recent.index != Tlb::NONE) {
            drop_host_entries(tlb[most_recent.index].vpn);
        }
        most_recent = {index, flushes_};
    }
}

/// Walks and puts the result into the TLB: in place of entry `index`, or where the replacement policy says if it is NONE.
[[gnu::always_inline]] inline Result<PhysAddr> Mmu::fill_tlb(VirtAddr va, Access access, std::uint32_t index) {
    const Walk walk = this->walk(va, access);
    if (!walk.ok()) return walk.fault(va, access);
    if (walk.pte_changed()) {
        if (!pmp_.allows(walk.pte_address, sizeof walk.pte, Access::store, Privilege::S))
            return access_fault(access, va.value);
        bus_->set_accessed(walk.pte_address, walk.pte);
    }

    const Vpn vpn = vpn_of(va);
    if (index != Tlb::NONE) {
        drop_host_entries(vpn);
    } else {
        index = tlb.victim(vpn);
        if (tlb.live(index)) {
            ++tlb.counts.evictions;
            drop_host_entries(tlb[index].vpn);
        }
    }
    tlb.replace(index, {.vpn = vpn,
                        .ppn = ppn_of(walk.pa),
                        .pte = walk.pte,
                        .asid = satp_asid(satp_),
                        .level = static_cast<std::uint8_t>(walk.level),
                        .global = (walk.pte & PTE_G) != 0});
    make_most_recent(index);
    if (stale_check_) watch_path(va, access);
    if (events) {
        events->add({.time = *retired,
                     .kind = EventKind::tlb_fill,
                     .pid = pid,
                     .code = static_cast<std::uint64_t>(access),
                     .va = va.page_base().value,
                     .pa = walk.pa.page_base().value,
                     .value = walk.pte});
    }
    return walk.pa;
}

Result<PhysAddr> Mmu::translate(VirtAddr va, Access access) {
    if (!translates(access)) return PhysAddr(va.value);
    const std::uint32_t index = sv39_canonical(va) ? tlb.find(vpn_of(va), satp_asid(satp_)) : Tlb::NONE;
    if (index != Tlb::NONE) {
        const TlbEntry& entry = tlb[index];
        // An entry that does not let this access through is no reason to fault: the walker has the last word, and sets D.
        const bool must_set_dirty = access == Access::store && !(entry.pte & PTE_D);
        if (check_leaf(entry.pte, access, context(access)) == WalkEnd::translated && !must_set_dirty) {
            ++tlb.counts.hits[static_cast<int>(access)];
            if (stale_check_) check_stale(va, access, entry);
            tlb.touch(index);
            make_most_recent(index);
            return base_of(entry.ppn) + va.page_offset();
        }
    }
    ++tlb.counts.misses[static_cast<int>(access)];
    return fill_tlb(va, access, index);
}

void Mmu::drop_host_entries(Vpn vpn) {
    load_cache_.drop(vpn);
    store_cache_.drop(vpn);
    code_dropped_ |= fetch_cache_.drop(vpn);
}

// -- accesses that are no hits ---------------------------------------------------------------------------------------------

namespace {

/// How many of `size` bytes at `va` lie in its page.
unsigned bytes_in_page(std::uint64_t va, unsigned size) {
    return static_cast<unsigned>(std::min<std::uint64_t>(size, PGSIZE - (va & (PGSIZE - 1))));
}

std::uint64_t low_bytes(std::uint64_t value, unsigned n) {
    return n == 8 ? value : value & ((std::uint64_t{1} << (8 * n)) - 1);
}

}  // namespace

bool Mmu::may_be_aligned_so(std::uint64_t va, unsigned size, Access access) {
    if (hardware_misaligned || va % size == 0) return true;
    fault_ = misaligned_address(access, va);
    return false;
}

bool Mmu::load_slow(std::uint64_t va, unsigned size, std::uint64_t& value) {
    if (!may_be_aligned_so(va, size, Access::load)) return false;
    const unsigned first = bytes_in_page(va, size);
    if (first == size) return load_within_page(va, size, value);
    std::uint64_t low = 0, high = 0;
    if (!load_part(va, first, low) || !load_part(va + first, size - first, high)) return false;
    value = low | (high << (8 * first));
    if (!watchpoints_.empty())  // the access, in place of its halves
        note_watchpoint(va, size, Access::load, value, value);
    return true;
}

/// A part of an access across pages. Only memory is accessed in parts: a device could not take the first of them back.
bool Mmu::load_part(std::uint64_t va, unsigned size, std::uint64_t& value) {
    const Result<PhysAddr> pa = translate(VirtAddr(va), Access::load);
    if (pa && bus_->is_memory(*pa, size)) return load_physical(*pa, va, size, value);
    fault_ = pa ? access_fault(Access::load, va) : pa.fault();
    return false;
}

bool Mmu::load_within_page(std::uint64_t va, unsigned size, std::uint64_t& value) {
    const Result<PhysAddr> pa = translate(VirtAddr(va), Access::load);
    if (!pa) {
        fault_ = pa.fault();
        return false;
    }
    return load_physical(*pa, va, size, value);
}

bool Mmu::load_physical(PhysAddr pa, std::uint64_t va, unsigned size, std::uint64_t& value) {
    const Ram& ram = bus_->ram();
    const bool may_cache = this->may_cache(VirtAddr(va), pa, Access::load);
    if (ram.contains(pa, sizeof value) && may_cache) [[likely]] {
        const auto page = reinterpret_cast<std::uintptr_t>(ram.at(pa.page_base()));
        load_cache_.fill(va, page - VirtAddr(va).page_base().value);
        value = low_bytes(ram.load<std::uint64_t>(pa), size);
        return true;
    }
    if (const Ram* second = bus_->second(); second && second->contains(pa, size) && may_cache) {
        const auto page = reinterpret_cast<std::uintptr_t>(second->at(pa.page_base()));
        load_cache_.fill(va, page - VirtAddr(va).page_base().value);
    }
    const std::optional<std::uint64_t> read = permitted(pa, size, Access::load) ? bus_->read(pa, size) : std::nullopt;
    if (!read) {
        fault_ = access_fault(Access::load, va);
        return false;
    }
    value = *read;
    if (!watchpoints_.empty()) note_watchpoint(va, size, Access::load, value, value);
    return true;
}

bool Mmu::store_slow(std::uint64_t va, unsigned size, std::uint64_t value) {
    if (!may_be_aligned_so(va, size, Access::store)) return false;
    const unsigned first = bytes_in_page(va, size);
    if (first == size) return store_within_page(va, size, value);
    // Both pages must be willing before either changes. The second look-up may have evicted the first page's entry, so
    // neither page goes into the host cache.
    const Result<PhysAddr> low = translate(VirtAddr(va), Access::store);
    const Result<PhysAddr> high = low ? translate(VirtAddr(va + first), Access::store) : low;
    if (!high) {
        fault_ = high.fault();
        return false;
    }
    const auto willing = [this](PhysAddr pa, unsigned n) {  // see load_part()
        return bus_->is_memory(pa, n) && permitted(pa, n, Access::store);
    };
    const bool low_willing = willing(*low, first);
    if (!low_willing || !willing(*high, size - first)) {
        fault_ = access_fault(Access::store, low_willing ? va + first : va);
        return false;
    }
    std::optional<std::uint64_t> before;
    if (!watchpoints_.empty()) {
        const auto below = value_in_ram(*low, first), above = value_in_ram(*high, size - first);
        if (below && above) before = *below | *above << (8 * first);
    }
    if (!write_physical(*low, va, first, low_bytes(value, first)) ||
        !write_physical(*high, va + first, size - first, value >> (8 * first))) {
        return false;
    }
    if (!watchpoints_.empty())  // the access, in place of its halves
        note_watchpoint(va, size, Access::store, before, low_bytes(value, size));
    return true;
}

bool Mmu::store_within_page(std::uint64_t va, unsigned size, std::uint64_t value) {
    const Result<PhysAddr> pa = translate(VirtAddr(va), Access::store);
    if (!pa) {
        fault_ = pa.fault();
        return false;
    }
    return store_physical(*pa, va, size, value);
}

bool Mmu::store_physical(PhysAddr pa, std::uint64_t va, unsigned size, std::uint64_t value) {
    Ram& ram = bus_->ram();
    const bool may_cache = this->may_cache(VirtAddr(va), pa, Access::store);
    if (!may_cache && !permitted(pa, size, Access::store)) {
        fault_ = access_fault(Access::store, va);
        return false;
    }
    if (ram.contains(pa, size) && may_cache) {
        revalidate_host_cache();
        if (std::uint8_t* page = ram.unsafe_writable(pa)) {
            store_cache_.fill(va, reinterpret_cast<std::uintptr_t>(page) - VirtAddr(va).page_base().value);
        }
    } else if (Ram* second = bus_->second(); second && second->contains(pa, size) && may_cache) {
        if (std::uint8_t* page = second->unsafe_writable(pa)) {
            store_cache_.fill(va, reinterpret_cast<std::uintptr_t>(page) - VirtAddr(va).page_base().value);
        }
    }
    return write_physical(pa, va, size, value);
}

bool Mmu::write_physical(PhysAddr pa, std::uint64_t va, unsigned size, std::uint64_t value) {
    const auto before = watchpoints_.empty() ? std::nullopt : value_in_ram(pa, size);
    if (!bus_->write(pa, value, size)) {
        fault_ = access_fault(Access::store, va);
        return false;
    }
    if (!watchpoints_.empty()) note_watchpoint(va, size, Access::store, before, low_bytes(value, size));
    if (stale_check_) attribute_pte_write(pa, PteWriter::Kind::instruction);
    return true;
}

void Mmu::cache_code(std::uint64_t va, PhysAddr pa, void* code) {
    if (!may_cache(VirtAddr(va), pa, Access::fetch)) return;
    fetch_cache_.fill(va, reinterpret_cast<std::uintptr_t>(code));
}

// -- instruments ------------------------------------------------------------------------------------------------------------

void Mmu::set_watchpoints(std::vector<Watchpoint> watchpoints) {
    watchpoints_ = std::move(watchpoints);
    watch_hit_.reset();
    flush_host_cache();
}

bool Mmu::watched_page(VirtAddr va) const {
    return std::any_of(watchpoints_.begin(), watchpoints_.end(), [va](const Watchpoint& w) {
        return w.size != 0 && vpn_of(w.first) <= vpn_of(va) && vpn_of(va) <= vpn_of(w.first + (w.size - 1));
    });
}

std::optional<std::uint64_t> Mmu::value_in_ram(PhysAddr pa, unsigned size) const {
    return bus_->ram().contains(pa, size) ? bus_->read(pa, size) : std::nullopt;
}

void Mmu::note_watchpoint(std::uint64_t va, unsigned size, Access access, std::optional<std::uint64_t> before,
                          std::uint64_t after) {
    for (const Watchpoint& w : watchpoints_) {
        const bool wanted = access == Access::store ? w.stores : w.loads;
        const bool overlaps = va - w.first.value < w.size || w.first.value - va < size;
        if (wanted && overlaps) watch_hit_ = WatchHit{VirtAddr(va), size, access, pc ? *pc : 0, before, after};
    }
}

std::optional<WatchHit> Mmu::take_watch_hit() { return std::exchange(watch_hit_, std::nullopt); }

}  // namespace hartlab
