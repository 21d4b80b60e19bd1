// The M extension [unpriv 7]. Division by zero and the one overflow have results, not traps [unpriv Table 7.1].
#pragma once

#include <limits>

#include "hart/semantics/integer.hpp"

namespace hartlab::semantics {

using Int128 = __int128;
using Uint128 = unsigned __int128;

template <class Signed>
constexpr Signed quotient(Signed dividend, Signed divisor) {
    if (divisor == 0) return -1;
    if (divisor == -1)
        return static_cast<Signed>(-static_cast<std::make_unsigned_t<Signed>>(dividend));  // min / -1 is min
    return dividend / divisor;
}
template <class Signed>
constexpr Signed remainder(Signed dividend, Signed divisor) {
    if (divisor == 0) return dividend;
    return divisor == -1 ? 0 : dividend % divisor;
}

inline void mul(Hart& h, const Slot& i) { rd(h, i) = rs1(h, i) * rs2(h, i); }
inline void mulh(Hart& h, const Slot& i) {
    rd(h, i) = static_cast<std::uint64_t>((Int128{srs1(h, i)} * srs2(h, i)) >> 64);
}
inline void mulhsu(Hart& h, const Slot& i) {
    rd(h, i) = static_cast<std::uint64_t>((Int128{srs1(h, i)} * static_cast<Int128>(rs2(h, i))) >> 64);
}
inline void mulhu(Hart& h, const Slot& i) {
    rd(h, i) = static_cast<std::uint64_t>((Uint128{rs1(h, i)} * rs2(h, i)) >> 64);
}
inline void div(Hart& h, const Slot& i) { rd(h, i) = from_signed(quotient(srs1(h, i), srs2(h, i))); }
inline void divu(Hart& h, const Slot& i) { rd(h, i) = rs2(h, i) == 0 ? ~std::uint64_t{0} : rs1(h, i) / rs2(h, i); }
inline void rem(Hart& h, const Slot& i) { rd(h, i) = from_signed(remainder(srs1(h, i), srs2(h, i))); }
inline void remu(Hart& h, const Slot& i) { rd(h, i) = rs2(h, i) == 0 ? rs1(h, i) : rs1(h, i) % rs2(h, i); }

inline void mulw(Hart& h, const Slot& i) { rd(h, i) = sext32(rs1(h, i) * rs2(h, i)); }
inline void divw(Hart& h, const Slot& i) { rd(h, i) = from_signed(quotient(sword1(h, i), sword2(h, i))); }
inline void divuw(Hart& h, const Slot& i) {
    rd(h, i) = word2(h, i) == 0 ? ~std::uint64_t{0} : sext32(word1(h, i) / word2(h, i));
}
inline void remw(Hart& h, const Slot& i) { rd(h, i) = from_signed(remainder(sword1(h, i), sword2(h, i))); }
inline void remuw(Hart& h, const Slot& i) {
    rd(h, i) = sext32(word2(h, i) == 0 ? word1(h, i) : word1(h, i) % word2(h, i));
}

}  // namespace hartlab::semantics
