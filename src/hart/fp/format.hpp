// The two floating-point formats as bit patterns: binary32 and binary64 of IEEE 754, and what
// RISC-V adds to them (the canonical NaN, the encodings of frm and fflags).
//
// This is not arithmetic (float.hpp) and not NaN boxing, which belongs to the registers. Anybody
// may include it.
//
//          63 62         52 51                                0
//   F64   | s | exponent   | fraction                          |     bias 1023
//          31 30         23 22            0
//   F32   | s | exponent   | fraction      |                         bias 127
//
//   exponent 0          zero (fraction 0) or subnormal: 0.fraction * 2^EMIN
//   exponent all ones   infinity (fraction 0) or NaN, quiet when the fraction's top bit is set
//   otherwise           1.fraction * 2^(exponent - bias)
#pragma once

#include <cstdint>

namespace hartlab::fp {

struct F32 {
    std::uint32_t bits;
    friend constexpr bool operator==(F32, F32) = default;  // of bits, not of values: see eq()
};

struct F64 {
    std::uint64_t bits;
    friend constexpr bool operator==(F64, F64) = default;
};

// [unpriv F 11.2] The encoding of frm and of an instruction's rm field. 5 and 6 are reserved and 7
// means "dynamic"; whoever calls has resolved them.
enum class Rounding : std::uint8_t {
    RNE = 0,  // to nearest, ties to even
    RTZ = 1,  // towards zero
    RDN = 2,  // down
    RUP = 3,  // up
    RMM = 4,  // to nearest, ties to max magnitude
};

// [unpriv F 11.2] The accrued exceptions as fflags holds them. Operations OR into their `flags`.
inline constexpr std::uint8_t FLAG_NX = 0x01;  // inexact
inline constexpr std::uint8_t FLAG_UF = 0x02;  // underflow: tiny after rounding, and inexact
inline constexpr std::uint8_t FLAG_OF = 0x04;  // overflow
inline constexpr std::uint8_t FLAG_DZ = 0x08;  // divide by zero
inline constexpr std::uint8_t FLAG_NV = 0x10;  // invalid operation

// Everything the algorithms need to know about a format.
template <class F, class BitsType, int FRACTION_WIDTH, int EXPONENT_WIDTH>
struct FormatOf {
    using Bits = BitsType;
    static constexpr int FRACTION_BITS = FRACTION_WIDTH;
    static constexpr int PRECISION = FRACTION_WIDTH + 1;  // with the implicit leading one
    static constexpr int EXPONENT_MASK = (1 << EXPONENT_WIDTH) - 1;
    static constexpr int EMAX = EXPONENT_MASK >> 1;  // which is the bias too
    static constexpr int EMIN = 1 - EMAX;
    static constexpr Bits FRACTION_MASK = (Bits{1} << FRACTION_WIDTH) - 1;
    static constexpr Bits SIGN = Bits{1} << (FRACTION_WIDTH + EXPONENT_WIDTH);
    static constexpr Bits INFINITE = Bits{EXPONENT_MASK} << FRACTION_WIDTH;
    static constexpr Bits MAX_FINITE = INFINITE - 1;
    static constexpr Bits MIN_NORMAL = Bits{1} << FRACTION_WIDTH;
    static constexpr Bits QUIET = Bits{1} << (FRACTION_WIDTH - 1);
    static constexpr F CANONICAL_NAN{INFINITE | QUIET};  // [unpriv F 11.3]
};

template <class F>
struct Format;
template <>
struct Format<F32> : FormatOf<F32, std::uint32_t, 23, 8> {};
template <>
struct Format<F64> : FormatOf<F64, std::uint64_t, 52, 11> {};

inline constexpr F32 CANONICAL_NAN_F32 = Format<F32>::CANONICAL_NAN;
inline constexpr F64 CANONICAL_NAN_F64 = Format<F64>::CANONICAL_NAN;
static_assert(CANONICAL_NAN_F32.bits == 0x7fc0'0000);
static_assert(CANONICAL_NAN_F64.bits == 0x7ff8'0000'0000'0000);

template <class F>
constexpr auto magnitude(F f) {
    return static_cast<typename Format<F>::Bits>(f.bits & ~Format<F>::SIGN);
}

template <class F>
constexpr bool is_negative(F f) {
    return (f.bits & Format<F>::SIGN) != 0;
}

template <class F>
constexpr bool is_nan(F f) {
    return magnitude(f) > Format<F>::INFINITE;
}

template <class F>
constexpr bool is_signalling(F f) {
    return is_nan(f) && (f.bits & Format<F>::QUIET) == 0;
}

template <class F>
constexpr F negated(F f) {
    return F{static_cast<typename Format<F>::Bits>(f.bits ^ Format<F>::SIGN)};
}

template <class F>
constexpr F signed_as(bool negative, typename Format<F>::Bits magnitude_bits) {
    return F{negative ? (magnitude_bits | Format<F>::SIGN) : magnitude_bits};
}

// Whether a comes before b in the order of the encodings, in which -0 is less than +0. Neither
// may be a NaN.
template <class F>
constexpr bool encoded_before(F a, F b) {
    if (is_negative(a) != is_negative(b)) {
        return is_negative(a);
    }
    return is_negative(a) ? a.bits > b.bits : a.bits < b.bits;
}

}  // namespace hartlab::fp
