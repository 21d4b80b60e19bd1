// The hart's loads and stores: a hit is inline here and in mmu/fast_path.hpp; the rest is in hart/slow_access.cpp.
#pragma once

#include "hart/hart.hpp"
#include "mmu/fast_path.hpp"

namespace hartlab {

/// `i` is the instruction that makes the access. `value` is set unless the result is `faulted`.
template <class T>
[[gnu::always_inline]] inline Completion Hart::load(const Slot& i, std::uint64_t va, T& value) {
    if (mmu.load_hit(va, value)) [[likely]] return Completion::done;
    std::uint64_t wide = 0;
    const Completion completion = load_slow(i, va, sizeof(T), wide);
    value = static_cast<T>(wide);
    return completion;
}

template <class T>
[[gnu::always_inline]] inline Completion Hart::store(const Slot& i, std::uint64_t va, T value) {
    if (mmu.store_hit(va, value)) [[likely]] return Completion::done;
    return store_slow(i, va, sizeof(T), value);
}

}  // namespace hartlab
