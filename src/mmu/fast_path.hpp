// The hits: loads and stores that find their page in the host cache. Inline, because they are most of what a guest does;
// everything else is mmu/slow_path.cpp. Included by the code that executes instructions.
#pragma once

#include "mmu/mmu.hpp"

namespace hartlab {

/// The host's address of `size` bytes at `va` if loads (stores) of them are hits, or null: nothing has happened then, and
/// load_slow() or store_slow() is to do it. The caller counts the hit.
[[gnu::always_inline]] inline const std::uint8_t* Mmu::load_pointer(std::uint64_t va, std::uint64_t size) const {
    const HostCache::Entry& entry = load_cache_.entry(va);
    if (!load_cache_.hit(entry, va, size)) [[unlikely]]
        return nullptr;
    return reinterpret_cast<const std::uint8_t*>(va + entry.addend);
}

[[gnu::always_inline]] inline std::uint8_t* Mmu::store_pointer(std::uint64_t va, std::uint64_t size) const {
    const HostCache::Entry& entry = store_cache_.entry(va);
    if (!store_cache_.hit(entry, va, size)) [[unlikely]]
        return nullptr;
    return reinterpret_cast<std::uint8_t*>(va + entry.addend);
}

/// The decoded instructions of the page that `va` lies in, as cache_code() was told, or null.
[[gnu::always_inline]] inline void* Mmu::cached_code(std::uint64_t va) const {
    const HostCache::Entry& entry = fetch_cache_.entry(va);
    if (!fetch_cache_.hit(entry, va, 1)) [[unlikely]]
        return nullptr;
    return reinterpret_cast<void*>(entry.addend);
}

}  // namespace hartlab
