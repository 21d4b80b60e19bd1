// The hart's loads and stores: a hit is inline here and in mmu/fast_path.hpp; the rest is in hart/slow_access.cpp.
#pragma once

#include <cstring>

#include "hart/hart.hpp"
#include "hart/ledger.hpp"
#include "mmu/fast_path.hpp"

namespace hartlab {

/// `i` is the instruction that makes the access. `value` is set unless the result is `faulted`.
template <class T>
[[gnu::always_inline]] inline Completion Hart::load(const Slot& i, std::uint64_t va, T& value, Ledger& ledger) {
    if (const std::uint8_t* bytes = mmu.load_pointer(va, sizeof(T))) [[likely]] {
        std::memcpy(&value, bytes, sizeof(T));
        ++ledger.loads;
        return Completion::done;
    }
    left_ = ledger.left;
    std::uint64_t wide = 0;
    const Completion completion = load_slow(i, va, sizeof(T), wide);
    value = static_cast<T>(wide);
    return completion;
}

template <class T>
[[gnu::always_inline]] inline Completion Hart::store(const Slot& i, std::uint64_t va, T value, Ledger& ledger) {
    if (std::uint8_t* bytes = mmu.store_pointer(va, sizeof(T))) [[likely]] {
        std::memcpy(bytes, &value, sizeof(T));
        ++ledger.stores;
        return Completion::done;
    }
    left_ = ledger.left;
    return store_slow(i, va, sizeof(T), value);
}

}  // namespace hartlab
