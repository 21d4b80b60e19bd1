// The core that every operation of float.hpp is made of: a value taken apart into sign, exponent
// and significand (unpack), and an exact result rounded into a format (round_pack). Private to
// src/hart/fp.
//
// One convention throughout: a finite non-zero value is
//
//     (-1)^sign * significand * 2^(exponent - 63),    bit 63 of the significand set,
//
// so 1.0 is 2^63 with exponent 0, in either format and for subnormals too. 64 bits leave 11 or
// more below the last bit of a result. An operation whose exact result needs more sets bit 0 (the
// sticky bit) when it cut off anything that was not zero: no rounding can tell the difference.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "hart/fp/format.hpp"

namespace hartlab::fp::detail {

__extension__ using Wide = unsigned __int128;

enum class Kind : std::uint8_t { ZERO, FINITE, INFINITE, NAN_VALUE };

struct Unpacked {
    Kind kind;
    bool sign;
    int exponent = 0;               // for FINITE
    std::uint64_t significand = 0;  // for FINITE
};

template <class F>
constexpr Unpacked unpack(F f) {
    using Fmt = Format<F>;
    const bool sign = is_negative(f);
    const std::uint64_t fraction = f.bits & Fmt::FRACTION_MASK;
    const int biased = static_cast<int>(magnitude(f) >> Fmt::FRACTION_BITS);
    if (biased == Fmt::EXPONENT_MASK) {
        return {fraction == 0 ? Kind::INFINITE : Kind::NAN_VALUE, sign};
    }
    constexpr int TO_TOP = 63 - Fmt::FRACTION_BITS;
    if (biased != 0) {
        const std::uint64_t significand = (std::uint64_t{1} << 63) | (fraction << TO_TOP);
        return {Kind::FINITE, sign, biased - Fmt::EMAX, significand};
    }
    if (fraction == 0) {
        return {Kind::ZERO, sign};
    }
    const int shift = std::countl_zero(fraction);
    return {Kind::FINITE, sign, Fmt::EMIN + TO_TOP - shift, fraction << shift};
}

// The result of an operation with a NaN among its operands.
template <class F, class... Fs>
constexpr F nan_result(std::uint8_t& flags, F first, Fs... rest) {
    if ((is_signalling(first) || ... || is_signalling(rest))) {
        flags |= FLAG_NV;
    }
    return Format<F>::CANONICAL_NAN;
}

// The result of an invalid operation.
template <class F>
constexpr F invalid_result(std::uint8_t& flags) {
    flags |= FLAG_NV;
    return Format<F>::CANONICAL_NAN;
}

// The sign of a sum that is exactly zero, of terms with different signs.
constexpr bool sign_of_exact_zero(Rounding rm) { return rm == Rounding::RDN; }

struct Rounded {
    std::uint64_t integer;
    bool inexact;
};

// significand / 2^shift rounded to an integer. Bit 63 must be set, shift at least 0. It fits for
// shift 0 because that is exact.
constexpr Rounded round_shift(std::uint64_t significand, int shift, bool sign, Rounding rm) {
    // From 65 on the quotient is below one half and not zero, and how far below is all the same.
    const Wide fixed_point = (Wide{significand} << 64) >> std::min(shift, 65);
    const auto integer = static_cast<std::uint64_t>(fixed_point >> 64);
    const auto fraction = static_cast<std::uint64_t>(fixed_point);
    constexpr std::uint64_t HALF = std::uint64_t{1} << 63;
    bool up = false;
    switch (rm) {
    case Rounding::RNE: up = fraction > HALF || (fraction == HALF && (integer & 1) != 0); break;
    case Rounding::RTZ: break;
    case Rounding::RDN: up = sign && fraction != 0; break;
    case Rounding::RUP: up = !sign && fraction != 0; break;
    case Rounding::RMM: up = fraction >= HALF; break;
    }
    return {integer + (up ? 1 : 0), fraction != 0};
}

template <class F>
constexpr F overflow_result(bool sign, Rounding rm, std::uint8_t& flags) {
    flags |= FLAG_OF | FLAG_NX;
    const bool to_infinity = rm == Rounding::RNE || rm == Rounding::RMM || rm == (sign ? Rounding::RDN : Rounding::RUP);
    return signed_as<F>(sign, to_infinity ? Format<F>::INFINITE : Format<F>::MAX_FINITE);
}

// Rounds a finite non-zero value into F, with NX, UF and OF as they fall.
template <class F>
constexpr F round_pack(bool sign, int exponent, std::uint64_t significand, Rounding rm, std::uint8_t& flags) {
    using Fmt = Format<F>;
    if (exponent > Fmt::EMAX) {
        return overflow_result<F>(sign, rm, flags);
    }
    constexpr int EXCESS = 64 - Fmt::PRECISION;
    const int below = std::max(Fmt::EMIN - exponent, 0);  // bits that a subnormal result lacks
    const Rounded rounded = round_shift(significand, EXCESS + below, sign, rm);

    // A normal result's leading one adds 1 to the exponent field, and so does a carry out of the
    // rounding, be it into the next power of two, the least normal number or infinity.
    const std::uint64_t field = below != 0 ? 0 : static_cast<std::uint64_t>(exponent - Fmt::EMIN) << Fmt::FRACTION_BITS;
    const std::uint64_t bits = field + rounded.integer;
    if (bits >= Fmt::INFINITE) {
        return overflow_result<F>(sign, rm, flags);
    }
    if (rounded.inexact) {
        flags |= FLAG_NX;
        // Tininess is detected after rounding [unpriv F 11.4]: a value is not tiny when, rounded
        // to full precision as though exponents had no lower bound, it reaches 2^EMIN.
        constexpr std::uint64_t CARRIED = std::uint64_t{1} << Fmt::PRECISION;
        const bool reaches = below == 1 && round_shift(significand, EXCESS, sign, rm).integer == CARRIED;
        if (below != 0 && !reaches) {
            flags |= FLAG_UF;
        }
    }
    return signed_as<F>(sign, static_cast<typename Fmt::Bits>(bits));
}

// The same for a significand of any width up to 128 bits that is not zero, not normalised, and
// worth significand * 2^(exponent - 126).
template <class F>
constexpr F round_pack_wide(bool sign, int exponent, Wide significand, Rounding rm, std::uint8_t& flags) {
    const auto upper = static_cast<std::uint64_t>(significand >> 64);
    const int shift =
        upper != 0 ? std::countl_zero(upper) : 64 + std::countl_zero(static_cast<std::uint64_t>(significand));
    significand <<= shift;
    const bool sticky = static_cast<std::uint64_t>(significand) != 0;
    const auto top = static_cast<std::uint64_t>(significand >> 64) | (sticky ? 1 : 0);
    return round_pack<F>(sign, exponent + 1 - shift, top, rm, flags);
}

}  // namespace hartlab::fp::detail
