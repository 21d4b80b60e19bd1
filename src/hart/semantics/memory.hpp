// Loads and stores of integers [unpriv 2.6, 5.3]. Misaligned ones work, across pages too.
#pragma once

#include "hart/semantics/integer.hpp"
#include "mmu/fast_path.hpp"

namespace hartlab::semantics {

/// rd = the T at rs1 + imm, extended to 64 bits as T's signedness says.
template <class T>
inline Completion load(Hart& h, const Instruction& i) {
    std::make_unsigned_t<T> value;
    if (!h.mmu.load(rs1(h, i) + imm(i), value)) return h.memory_fault();
    rd(h, i) = static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<T>(value)));
    return Completion::done;
}

template <class T>
inline Completion store(Hart& h, const Instruction& i) {
    if (!h.mmu.store(rs1(h, i) + imm(i), static_cast<T>(rs2(h, i)))) return h.memory_fault();
    return Completion::done;
}

inline Completion lb(Hart& h, const Instruction& i) { return load<std::int8_t>(h, i); }
inline Completion lh(Hart& h, const Instruction& i) { return load<std::int16_t>(h, i); }
inline Completion lw(Hart& h, const Instruction& i) { return load<std::int32_t>(h, i); }
inline Completion ld(Hart& h, const Instruction& i) { return load<std::uint64_t>(h, i); }
inline Completion lbu(Hart& h, const Instruction& i) { return load<std::uint8_t>(h, i); }
inline Completion lhu(Hart& h, const Instruction& i) { return load<std::uint16_t>(h, i); }
inline Completion lwu(Hart& h, const Instruction& i) { return load<std::uint32_t>(h, i); }
inline Completion sb(Hart& h, const Instruction& i) { return store<std::uint8_t>(h, i); }
inline Completion sh(Hart& h, const Instruction& i) { return store<std::uint16_t>(h, i); }
inline Completion sw(Hart& h, const Instruction& i) { return store<std::uint32_t>(h, i); }
inline Completion sd(Hart& h, const Instruction& i) { return store<std::uint64_t>(h, i); }

}  // namespace hartlab::semantics
