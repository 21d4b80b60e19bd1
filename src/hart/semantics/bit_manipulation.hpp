// Zba, Zbb and Zbs [bitmanip 2.1, 2.2, 2.4].
#pragma once

#include <algorithm>
#include <bit>

#include "hart/semantics/integer.hpp"

namespace hartlab::semantics {

// Zba: sums of a scaled index and a base; .uw takes the index as an unsigned word
inline void add_uw(Hart& h, const Slot& i) { rd(h, i) = std::uint64_t{word1(h, i)} + rs2(h, i); }
inline void sh1add(Hart& h, const Slot& i) { rd(h, i) = (rs1(h, i) << 1) + rs2(h, i); }
inline void sh2add(Hart& h, const Slot& i) { rd(h, i) = (rs1(h, i) << 2) + rs2(h, i); }
inline void sh3add(Hart& h, const Slot& i) { rd(h, i) = (rs1(h, i) << 3) + rs2(h, i); }
inline void sh1add_uw(Hart& h, const Slot& i) { rd(h, i) = (std::uint64_t{word1(h, i)} << 1) + rs2(h, i); }
inline void sh2add_uw(Hart& h, const Slot& i) { rd(h, i) = (std::uint64_t{word1(h, i)} << 2) + rs2(h, i); }
inline void sh3add_uw(Hart& h, const Slot& i) { rd(h, i) = (std::uint64_t{word1(h, i)} << 3) + rs2(h, i); }
inline void slli_uw(Hart& h, const Slot& i) { rd(h, i) = std::uint64_t{word1(h, i)} << i.imm; }

// Zbb: logic with a complement
inline void andn(Hart& h, const Slot& i) { rd(h, i) = rs1(h, i) & ~rs2(h, i); }
inline void orn(Hart& h, const Slot& i) { rd(h, i) = rs1(h, i) | ~rs2(h, i); }
inline void xnor(Hart& h, const Slot& i) { rd(h, i) = ~(rs1(h, i) ^ rs2(h, i)); }

// Zbb: counts, of which those of zeros are the width for zero
inline std::uint64_t from_count(int n) { return static_cast<std::uint64_t>(n); }
inline void clz(Hart& h, const Slot& i) { rd(h, i) = from_count(std::countl_zero(rs1(h, i))); }
inline void clzw(Hart& h, const Slot& i) { rd(h, i) = from_count(std::countl_zero(word1(h, i))); }
inline void ctz(Hart& h, const Slot& i) { rd(h, i) = from_count(std::countr_zero(rs1(h, i))); }
inline void ctzw(Hart& h, const Slot& i) { rd(h, i) = from_count(std::countr_zero(word1(h, i))); }
inline void cpop(Hart& h, const Slot& i) { rd(h, i) = from_count(std::popcount(rs1(h, i))); }
inline void cpopw(Hart& h, const Slot& i) { rd(h, i) = from_count(std::popcount(word1(h, i))); }

// Zbb: the greater and the lesser
inline void max(Hart& h, const Slot& i) { rd(h, i) = from_signed(std::max(srs1(h, i), srs2(h, i))); }
inline void maxu(Hart& h, const Slot& i) { rd(h, i) = std::max(rs1(h, i), rs2(h, i)); }
inline void min(Hart& h, const Slot& i) { rd(h, i) = from_signed(std::min(srs1(h, i), srs2(h, i))); }
inline void minu(Hart& h, const Slot& i) { rd(h, i) = std::min(rs1(h, i), rs2(h, i)); }

// Zbb: extension, rotation and bytes
inline void sext_b(Hart& h, const Slot& i) { rd(h, i) = from_signed(sign_extend(rs1(h, i), 8)); }
inline void sext_h(Hart& h, const Slot& i) { rd(h, i) = from_signed(sign_extend(rs1(h, i), 16)); }
inline void zext_h(Hart& h, const Slot& i) { rd(h, i) = rs1(h, i) & 0xffff; }
inline int low6(std::uint64_t v) { return static_cast<int>(v & 63); }
inline int low5(std::uint64_t v) { return static_cast<int>(v & 31); }
inline void rol(Hart& h, const Slot& i) { rd(h, i) = std::rotl(rs1(h, i), low6(rs2(h, i))); }
inline void rolw(Hart& h, const Slot& i) { rd(h, i) = sext32(std::rotl(word1(h, i), low5(rs2(h, i)))); }
inline void ror(Hart& h, const Slot& i) { rd(h, i) = std::rotr(rs1(h, i), low6(rs2(h, i))); }
inline void rori(Hart& h, const Slot& i) { rd(h, i) = std::rotr(rs1(h, i), i.imm); }
inline void roriw(Hart& h, const Slot& i) { rd(h, i) = sext32(std::rotr(word1(h, i), i.imm)); }
inline void rorw(Hart& h, const Slot& i) { rd(h, i) = sext32(std::rotr(word1(h, i), low5(rs2(h, i)))); }
inline void orc_b(Hart& h, const Slot& i) {
    std::uint64_t v = rs1(h, i);
    for (const unsigned by : {4u, 2u, 1u}) v |= (v >> by) & (0x0101'0101'0101'0101 * (0xffu >> by));
    rd(h, i) = (v & 0x0101'0101'0101'0101) * 0xff;
}
inline void rev8(Hart& h, const Slot& i) {
    std::uint64_t v = rs1(h, i);
    v = ((v & 0x00ff'00ff'00ff'00ff) << 8) | ((v >> 8) & 0x00ff'00ff'00ff'00ff);
    v = ((v & 0x0000'ffff'0000'ffff) << 16) | ((v >> 16) & 0x0000'ffff'0000'ffff);
    rd(h, i) = std::rotl(v, 32);
}

// Zbs: the bit whose number is in the low six bits of the other operand
inline std::uint64_t one_bit(std::uint64_t number) { return std::uint64_t{1} << (number & 63); }
inline void bclr(Hart& h, const Slot& i) { rd(h, i) = rs1(h, i) & ~one_bit(rs2(h, i)); }
inline void bclri(Hart& h, const Slot& i) { rd(h, i) = rs1(h, i) & ~one_bit(imm(i)); }
inline void bext(Hart& h, const Slot& i) { rd(h, i) = (rs1(h, i) >> low6(rs2(h, i))) & 1; }
inline void bexti(Hart& h, const Slot& i) { rd(h, i) = (rs1(h, i) >> i.imm) & 1; }
inline void binv(Hart& h, const Slot& i) { rd(h, i) = rs1(h, i) ^ one_bit(rs2(h, i)); }
inline void binvi(Hart& h, const Slot& i) { rd(h, i) = rs1(h, i) ^ one_bit(imm(i)); }
inline void bset(Hart& h, const Slot& i) { rd(h, i) = rs1(h, i) | one_bit(rs2(h, i)); }
inline void bseti(Hart& h, const Slot& i) { rd(h, i) = rs1(h, i) | one_bit(imm(i)); }

}  // namespace hartlab::semantics
