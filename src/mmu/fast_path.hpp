// The hits: loads and stores that find their page in the host cache. Inline, because they are most of what a guest does;
// everything else is mmu/slow_path.cpp. Included by the code that executes instructions.
#pragma once

#include <cstring>

#include "mmu/mmu.hpp"

namespace hartlab {

/// T is an unsigned integer of 1, 2, 4 or 8 bytes; va need not be aligned. False: not a hit, nothing has happened, and
/// load_slow() or store_slow() is to do it.
template <class T>
[[gnu::always_inline]] inline bool Mmu::load_hit(std::uint64_t va, T& value) {
    const HostCache::Entry& entry = load_cache_.entry(va);
    if (!load_cache_.hit(entry, va, sizeof(T))) [[unlikely]] return false;
    std::memcpy(&value, reinterpret_cast<const void*>(va + entry.addend), sizeof(T));
    ++uncounted_hits_[static_cast<int>(Access::load)];
    return true;
}

template <class T>
[[gnu::always_inline]] inline bool Mmu::store_hit(std::uint64_t va, T value) {
    const HostCache::Entry& entry = store_cache_.entry(va);
    if (!store_cache_.hit(entry, va, sizeof(T))) [[unlikely]] return false;
    std::memcpy(reinterpret_cast<void*>(va + entry.addend), &value, sizeof(T));
    ++uncounted_hits_[static_cast<int>(Access::store)];
    return true;
}

/// The decoded instructions of the page that `va` lies in, as cache_code() was told, or null.
[[gnu::always_inline]] inline void* Mmu::cached_code(std::uint64_t va) const {
    const HostCache::Entry& entry = fetch_cache_.entry(va);
    if (!fetch_cache_.hit(entry, va, 1)) [[unlikely]] return nullptr;
    return reinterpret_cast<void*>(entry.addend);
}

}  // namespace hartlab
