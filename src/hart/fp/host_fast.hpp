// The functions of float.hpp on the host's floating-point unit: the same names and arguments in
// hartlab::fp::fast, and the same results and flags to the bit.
//
// For the hart's executor, inside a HostFpScope only: flags that the host raised are in its
// environment until the scope harvests them, and `flags` receives those of the portable path
// alone. A flag may be raised in both; none is raised that the portable path would not raise.
// Call them by their qualified names: a bare add(a, b, ...) finds both families and is ambiguous.
//
// What goes to the host: rounding to nearest even, truncating conversions, whatever is exact, and
// comparisons. What goes to the portable path, and why:
//   - other rounding modes: switching the host's mode costs more than most operations;
//   - fma with a NaN result, since hosts differ about infinity * 0 + quiet NaN, and fma where the
//     host has none;
//   - conversions to integers of what might not fit: hosts answer these in ways of their own;
//   - conversions from integers of 2^63 and more, for which SSE2 has no instruction;
//   - where the host detects tininess before rounding: results of mul, div, fma and narrow that
//     are zero, subnormal or the least normal number (add and sub are exact down there).
// A NaN result of the others has the right flags already and is only replaced by the canonical
// one: an arithmetic result is never a signalling NaN, so looking at it raises nothing.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <type_traits>

#include "hart/fp/float.hpp"
#include "hart/fp/host.hpp"
#include "hart/fp/host_scope.hpp"

namespace hartlab::fp::fast {

namespace detail {

inline float real(F32 f) { return std::bit_cast<float>(f.bits); }
inline double real(F64 f) { return std::bit_cast<double>(f.bits); }
inline F32 encoded(float r) { return F32{std::bit_cast<std::uint32_t>(r)}; }
inline F64 encoded(double r) { return F64{std::bit_cast<std::uint64_t>(r)}; }

template <class F>
using RealOf = decltype(real(F{}));

inline bool on_host(Rounding rm) { return host::AVAILABLE && rm == Rounding::RNE; }

template <class Real>
auto canonical(Real r) {
    const auto f = encoded(r);
    if (r != r) [[unlikely]] {
        return Format<std::remove_const_t<decltype(f)>>::CANONICAL_NAN;
    }
    return f;
}

// Whether the host's underflow flag may be wrong about this result.
template <class F>
bool doubtful_underflow(F result) {
    return host::TININESS_BEFORE_ROUNDING && magnitude(result) <= Format<F>::MIN_NORMAL;
}

// The magnitude of the greatest F whose every rounding is below 2^width: an integer of `width`
// ones, as many as F has room for.
template <class F>
constexpr auto greatest_below_power(int width) {
    using Fmt = Format<F>;
    using Bits = typename Fmt::Bits;
    const int ones = std::min(width - 1, Fmt::FRACTION_BITS);
    const auto fraction = ((Bits{1} << ones) - 1) << (Fmt::FRACTION_BITS - ones);
    return static_cast<Bits>((Bits(Fmt::EMAX + width - 1) << Fmt::FRACTION_BITS) | fraction);
}

// Whether a converts to an integer within -(2^width - 1) to 2^width - 1, in every rounding mode.
template <int width, class F>
bool fits_signed(F a) {
    return magnitude(a) <= greatest_below_power<F>(width);
}
template <int width, class F>
bool fits_unsigned(F a) {
    return a.bits <= greatest_below_power<F>(width);  // a sign bit makes it too great
}

template <class F>
std::int64_t to_integer(F a, Rounding rm) {
    return rm == Rounding::RTZ ? host::truncated(real(a)) : host::nearest(real(a));
}

inline bool converts_on_host(Rounding rm) { return host::AVAILABLE && (rm == Rounding::RTZ || rm == Rounding::RNE); }

}  // namespace detail

template <class F>
F add(F a, F b, Rounding rm, std::uint8_t& flags) {
    if (!detail::on_host(rm)) [[unlikely]] {
        return fp::add(a, b, rm, flags);
    }
    return detail::canonical(host::add(detail::real(a), detail::real(b)));
}

template <class F>
F sub(F a, F b, Rounding rm, std::uint8_t& flags) {
    if (!detail::on_host(rm)) [[unlikely]] {
        return fp::sub(a, b, rm, flags);
    }
    return detail::canonical(host::sub(detail::real(a), detail::real(b)));
}

template <class F>
F mul(F a, F b, Rounding rm, std::uint8_t& flags) {
    if (!detail::on_host(rm)) [[unlikely]] {
        return fp::mul(a, b, rm, flags);
    }
    const F result = detail::canonical(host::mul(detail::real(a), detail::real(b)));
    return detail::doubtful_underflow(result) ? fp::mul(a, b, rm, flags) : result;
}

template <class F>
F div(F a, F b, Rounding rm, std::uint8_t& flags) {
    if (!detail::on_host(rm)) [[unlikely]] {
        return fp::div(a, b, rm, flags);
    }
    const F result = detail::canonical(host::div(detail::real(a), detail::real(b)));
    return detail::doubtful_underflow(result) ? fp::div(a, b, rm, flags) : result;
}

template <class F>
F sqrt(F a, Rounding rm, std::uint8_t& flags) {
    if (!detail::on_host(rm)) [[unlikely]] {
        return fp::sqrt(a, rm, flags);
    }
    return detail::canonical(host::sqrt(detail::real(a)));
}

template <class F>
F fma(F a, F b, F c, Rounding rm, std::uint8_t& flags) {
    if (!detail::on_host(rm) || !host::has_fma()) [[unlikely]] {
        return fp::fma(a, b, c, rm, flags);
    }
    const auto real = host::fma(detail::real(a), detail::real(b), detail::real(c));
    const F result = detail::encoded(real);
    const bool doubtful = real != real || detail::doubtful_underflow(result);
    return doubtful ? fp::fma(a, b, c, rm, flags) : result;
}

// min, max and classify need no rounding: integer code, with the common case inline.
template <class F>
F min(F a, F b, std::uint8_t& flags) {
    if (is_nan(a) || is_nan(b)) [[unlikely]] {
        return fp::min(a, b, flags);
    }
    return encoded_before(b, a) ? b : a;
}

template <class F>
F max(F a, F b, std::uint8_t& flags) {
    if (is_nan(a) || is_nan(b)) [[unlikely]] {
        return fp::max(a, b, flags);
    }
    return encoded_before(a, b) ? b : a;
}

using fp::classify;

template <class F>
bool eq(F a, F b, std::uint8_t& flags) {
    if (!host::AVAILABLE) {
        return fp::eq(a, b, flags);
    }
    return host::eq(detail::real(a), detail::real(b));
}

template <class F>
bool lt(F a, F b, std::uint8_t& flags) {
    if (!host::AVAILABLE) {
        return fp::lt(a, b, flags);
    }
    return host::lt(detail::real(a), detail::real(b));
}

template <class F>
bool le(F a, F b, std::uint8_t& flags) {
    if (!host::AVAILABLE) {
        return fp::le(a, b, flags);
    }
    return host::le(detail::real(a), detail::real(b));
}

template <class F>
std::int32_t to_i32(F a, Rounding rm, std::uint8_t& flags) {
    const bool easy = detail::converts_on_host(rm) && detail::fits_signed<31>(a);
    return easy ? static_cast<std::int32_t>(detail::to_integer(a, rm)) : fp::to_i32(a, rm, flags);
}

template <class F>
std::uint32_t to_u32(F a, Rounding rm, std::uint8_t& flags) {
    const bool easy = detail::converts_on_host(rm) && detail::fits_unsigned<32>(a);
    return easy ? static_cast<std::uint32_t>(detail::to_integer(a, rm)) : fp::to_u32(a, rm, flags);
}

template <class F>
std::int64_t to_i64(F a, Rounding rm, std::uint8_t& flags) {
    const bool easy = detail::converts_on_host(rm) && detail::fits_signed<63>(a);
    return easy ? detail::to_integer(a, rm) : fp::to_i64(a, rm, flags);
}

template <class F>
std::uint64_t to_u64(F a, Rounding rm, std::uint8_t& flags) {
    const bool easy = detail::converts_on_host(rm) && detail::fits_unsigned<63>(a);
    return easy ? static_cast<std::uint64_t>(detail::to_integer(a, rm)) : fp::to_u64(a, rm, flags);
}

template <class F>
F from_i64(std::int64_t value, Rounding rm, std::uint8_t& flags) {
    if (!detail::on_host(rm)) [[unlikely]] {
        return fp::from_i64<F>(value, rm, flags);
    }
    return detail::encoded(host::from_i64<detail::RealOf<F>>(value));
}

template <class F>
F from_u64(std::uint64_t value, Rounding rm, std::uint8_t& flags) {
    if (value >> 63 != 0) [[unlikely]] {
        return fp::from_u64<F>(value, rm, flags);
    }
    return fast::from_i64<F>(static_cast<std::int64_t>(value), rm, flags);
}

template <class F>
F from_i32(std::int32_t value, Rounding rm, std::uint8_t& flags) {
    return fast::from_i64<F>(value, rm, flags);
}

template <class F>
F from_u32(std::uint32_t value, Rounding rm, std::uint8_t& flags) {
    return fast::from_i64<F>(value, rm, flags);
}

inline F64 widen(F32 a, std::uint8_t& flags) {
    if (!host::AVAILABLE) {
        return fp::widen(a, flags);
    }
    return detail::canonical(host::widen(detail::real(a)));
}

inline F32 narrow(F64 a, Rounding rm, std::uint8_t& flags) {
    if (!detail::on_host(rm)) [[unlikely]] {
        return fp::narrow(a, rm, flags);
    }
    const F32 result = detail::canonical(host::narrow(detail::real(a)));
    return detail::doubtful_underflow(result) ? fp::narrow(a, rm, flags) : result;
}

}  // namespace hartlab::fp::fast
