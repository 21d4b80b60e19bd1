// The hits: loads and stores that find their page in the host cache. Inline, because they are most of what a guest does;
// everything else is mmu/slow_path.cpp. Included by the code that executes instructions.
#pragma once

#include <cstring>

#include "mmu/mmu.hpp"

namespace hartlab {

template <class T>
inline bool Mmu::load(std::uint64_t va, T& value) {
    const HostCache::Entry& entry = load_cache_.entry(va);
    if (load_cache_.hit(entry, va) && (va & (PGSIZE - 1)) <= PGSIZE - sizeof(T)) [[likely]] {
        std::memcpy(&value, reinterpret_cast<const void*>(va + entry.addend), sizeof(T));
        tlb.counts.hits[static_cast<int>(Access::load)] += entry.counted;
        return true;
    }
    std::uint64_t wide = 0;
    if (!load_slow(va, sizeof(T), wide)) return false;
    value = static_cast<T>(wide);
    return true;
}

template <class T>
inline bool Mmu::store(std::uint64_t va, T value) {
    const HostCache::Entry& entry = store_cache_.entry(va);
    if (store_cache_.hit(entry, va) && (va & (PGSIZE - 1)) <= PGSIZE - sizeof(T)) [[likely]] {
        std::memcpy(reinterpret_cast<void*>(va + entry.addend), &value, sizeof(T));
        tlb.counts.hits[static_cast<int>(Access::store)] += entry.counted;
        return true;
    }
    return store_slow(va, sizeof(T), value);
}

/// The decoded instructions of the page that `va` lies in, as cache_code() was told, or null.
inline void* Mmu::cached_code(std::uint64_t va) {
    const HostCache::Entry& entry = fetch_cache_.entry(va);
    if (!fetch_cache_.hit(entry, va)) [[unlikely]] return nullptr;
    return reinterpret_cast<void*>(entry.addend);
}

}  // namespace hartlab
