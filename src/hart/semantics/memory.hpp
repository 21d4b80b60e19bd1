// Loads and stores of integers [unpriv 2.6, 5.3]. Misaligned ones work, across pages too, or trap
// (Mmu::hardware_misaligned). `l` is the loop's account of them.
#pragma once

#include "hart/memory_access.hpp"
#include "hart/semantics/integer.hpp"

namespace hartlab::semantics {

/// rd = the T at rs1 + imm, extended to 64 bits as T's signedness says.
template <class T>
inline Completion load_integer(Hart& h, const Slot& i, Ledger& l) {
    std::make_unsigned_t<T> value;
    const Completion completion = h.load(i, rs1(h, i) + imm(i), value, l);
    if (completion == Completion::faulted) [[unlikely]]
        return completion;
    rd(h, i) = static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<T>(value)));
    return completion;
}

template <class T>
inline Completion store_integer(Hart& h, const Slot& i, Ledger& l) {
    return h.store(i, rs1(h, i) + imm(i), static_cast<T>(rs2(h, i)), l);
}

inline Completion lb(Hart& h, const Slot& i, Ledger& l) { return load_integer<std::int8_t>(h, i, l); }
inline Completion lh(Hart& h, const Slot& i, Ledger& l) { return load_integer<std::int16_t>(h, i, l); }
inline Completion lw(Hart& h, const Slot& i, Ledger& l) { return load_integer<std::int32_t>(h, i, l); }
inline Completion ld(Hart& h, const Slot& i, Ledger& l) { return load_integer<std::uint64_t>(h, i, l); }
inline Completion lbu(Hart& h, const Slot& i, Ledger& l) { return load_integer<std::uint8_t>(h, i, l); }
inline Completion lhu(Hart& h, const Slot& i, Ledger& l) { return load_integer<std::uint16_t>(h, i, l); }
inline Completion lwu(Hart& h, const Slot& i, Ledger& l) { return load_integer<std::uint32_t>(h, i, l); }
inline Completion sb(Hart& h, const Slot& i, Ledger& l) { return store_integer<std::uint8_t>(h, i, l); }
inline Completion sh(Hart& h, const Slot& i, Ledger& l) { return store_integer<std::uint16_t>(h, i, l); }
inline Completion sw(Hart& h, const Slot& i, Ledger& l) { return store_integer<std::uint32_t>(h, i, l); }
inline Completion sd(Hart& h, const Slot& i, Ledger& l) { return store_integer<std::uint64_t>(h, i, l); }

}  // namespace hartlab::semantics
