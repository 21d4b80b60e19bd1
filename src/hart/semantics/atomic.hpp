// The A extension [unpriv 8]. Every access is sequentially consistent, so aq and rl ask for nothing more. An address
// that is not naturally aligned is a misaligned-address exception; that of an amo or sc is a store's.
#pragma once

#include <algorithm>

#include "hart/semantics/memory.hpp"

namespace hartlab::semantics {

/// A register's low bits as T, and a T as a register holds it: sign-extended.
template <class T>
constexpr std::uint64_t widened(T value) {
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::make_signed_t<T>>(value)));
}

template <class T>
inline Completion load_reserved(Hart& h, const Slot& i) {
    const std::uint64_t va = rs1(h, i);
    if (va % sizeof(T) != 0) return h.raise(misaligned_address(Access::load, va));
    const Result<PhysAddr> pa = h.mmu.translate(VirtAddr(va), Access::load);
    if (!pa) return h.raise(pa.fault());
    std::uint64_t value = 0;
    if (!h.mmu.load_physical(*pa, va, sizeof(T), value)) return h.memory_fault();
    h.state.reservation = *pa;
    rd(h, i) = widened(static_cast<T>(value));
    return Completion::done;
}

template <class T>
inline Completion store_conditional(Hart& h, const Slot& i) {
    const std::uint64_t va = rs1(h, i);
    if (va % sizeof(T) != 0) return h.raise(misaligned_address(Access::store, va));
    const std::optional<PhysAddr> reservation = std::exchange(h.state.reservation, std::nullopt);
    bool success = false;
    if (reservation) {
        const Result<PhysAddr> pa = h.mmu.translate(VirtAddr(va), Access::store);
        if (!pa) return h.raise(pa.fault());
        success = *pa == *reservation;
        if (success && !h.mmu.store_physical(*pa, va, sizeof(T), static_cast<T>(rs2(h, i)))) return h.memory_fault();
    }
    rd(h, i) = success ? 0 : 1;
    return Completion::done;
}

/// rd = the T at rs1, and in one step the T there becomes combine(it, rs2).
template <class T, class Combine>
inline Completion amo(Hart& h, const Slot& i, Combine combine) {
    const std::uint64_t va = rs1(h, i);
    if (va % sizeof(T) != 0) return h.raise(misaligned_address(Access::store, va));
    const Result<PhysAddr> pa = h.mmu.translate(VirtAddr(va), Access::store);
    if (!pa) return h.raise(pa.fault());
    std::uint64_t wide = 0;
    if (!h.mmu.load_physical(*pa, va, sizeof(T), wide)) return h.raise(access_fault(Access::store, va));
    const T old = static_cast<T>(wide);
    if (!h.mmu.store_physical(*pa, va, sizeof(T), combine(old, static_cast<T>(rs2(h, i))))) return h.memory_fault();
    rd(h, i) = widened(old);
    return Completion::done;
}

/// The same, if it is aligned and a hit for a store: a page that may be written may be read [priv 4.3.1]. False otherwise,
/// and nothing has happened.
template <class T, class Combine>
[[gnu::always_inline]] inline bool amo_hit(Hart& h, const Slot& i, Ledger& l, Combine combine) {
    const std::uint64_t va = rs1(h, i);
    if (va % sizeof(T) != 0) return false;
    std::uint8_t* bytes = h.mmu.store_pointer(va, sizeof(T));
    if (!bytes) return false;
    T old;
    std::memcpy(&old, bytes, sizeof(T));
    const T combined = combine(old, static_cast<T>(rs2(h, i)));
    std::memcpy(bytes, &combined, sizeof(T));
    rd(h, i) = widened(old);
    ++l.stores;
    return true;
}

template <class T>
constexpr auto as_signed(T value) {
    return static_cast<std::make_signed_t<T>>(value);
}

// One definition gives the .w and the .d form, and those for hits.
#define HARTLAB_AMO(name, expression)                                                                                  \
    inline Completion name##_w(Hart& h, const Slot& i) {                                                               \
        return amo<std::uint32_t>(h, i, [](std::uint32_t m, std::uint32_t r) -> std::uint32_t { return expression; }); \
    }                                                                                                                  \
    inline Completion name##_d(Hart& h, const Slot& i) {                                                               \
        return amo<std::uint64_t>(h, i, [](std::uint64_t m, std::uint64_t r) -> std::uint64_t { return expression; }); \
    }                                                                                                                  \
    inline bool name##_w_hit(Hart& h, const Slot& i, Ledger& l) {                                                      \
        const auto combine = [](std::uint32_t m, std::uint32_t r) -> std::uint32_t { return expression; };             \
        return amo_hit<std::uint32_t>(h, i, l, combine);                                                               \
    }                                                                                                                  \
    inline bool name##_d_hit(Hart& h, const Slot& i, Ledger& l) {                                                      \
        const auto combine = [](std::uint64_t m, std::uint64_t r) -> std::uint64_t { return expression; };             \
        return amo_hit<std::uint64_t>(h, i, l, combine);                                                               \
    }
HARTLAB_AMO(amoswap, (static_cast<void>(m), r))
HARTLAB_AMO(amoadd, m + r)
HARTLAB_AMO(amoxor, m ^ r)
HARTLAB_AMO(amoand, m& r)
HARTLAB_AMO(amoor, m | r)
HARTLAB_AMO(amomin, as_signed(m) < as_signed(r) ? m : r)
HARTLAB_AMO(amomax, as_signed(m) > as_signed(r) ? m : r)
HARTLAB_AMO(amominu, std::min(m, r))
HARTLAB_AMO(amomaxu, std::max(m, r))
#undef HARTLAB_AMO

inline Completion lr_w(Hart& h, const Slot& i) { return load_reserved<std::uint32_t>(h, i); }
inline Completion lr_d(Hart& h, const Slot& i) { return load_reserved<std::uint64_t>(h, i); }
inline Completion sc_w(Hart& h, const Slot& i) { return store_conditional<std::uint32_t>(h, i); }
inline Completion sc_d(Hart& h, const Slot& i) { return store_conditional<std::uint64_t>(h, i); }

}  // namespace hartlab::semantics
