// Conversions between the formats, and between them and integers.
#include <limits>

#include "hart/fp/float.hpp"
#include "hart/fp/round_pack.hpp"

namespace hartlab::fp {

namespace {

using namespace detail;

template <class Integer, class F>
Integer to_integer(F a, Rounding rm, std::uint8_t& flags) {
    using Limits = std::numeric_limits<Integer>;
    const Unpacked x = unpack(a);
    if (x.kind == Kind::ZERO) {
        return 0;
    }
    if (x.kind == Kind::NAN_VALUE) {
        flags |= FLAG_NV;
        return Limits::max();
    }
    const Integer limit = x.sign ? Limits::min() : Limits::max();
    const std::uint64_t limit_magnitude =
        x.sign ? 0 - static_cast<std::uint64_t>(limit) : static_cast<std::uint64_t>(limit);
    if (x.kind == Kind::FINITE && x.exponent <= 63) {
        const Rounded r = round_shift(x.significand, 63 - x.exponent, x.sign, rm);
        if (r.integer <= limit_magnitude) {
            flags |= r.inexact ? FLAG_NX : 0;
            return static_cast<Integer>(x.sign ? 0 - r.integer : r.integer);
        }
    }
    flags |= FLAG_NV;
    return limit;
}

template <class F, class Integer>
F from_integer(Integer value, Rounding rm, std::uint8_t& flags) {
    if (value == 0) {
        return F{0};
    }
    const bool sign = value < 0;
    const auto extended = static_cast<std::uint64_t>(value);
    const std::uint64_t absolute = sign ? 0 - extended : extended;
    const int shift = std::countl_zero(absolute);
    return round_pack<F>(sign, 63 - shift, absolute << shift, rm, flags);
}

template <class To, class From>
To convert(From a, Rounding rm, std::uint8_t& flags) {
    const Unpacked x = unpack(a);
    switch (x.kind) {
    case Kind::FINITE: return round_pack<To>(x.sign, x.exponent, x.significand, rm, flags);
    case Kind::ZERO: return signed_as<To>(x.sign, 0);
    case Kind::INFINITE: return signed_as<To>(x.sign, Format<To>::INFINITE);
    case Kind::NAN_VALUE: break;
    }
    nan_result(flags, a);
    return Format<To>::CANONICAL_NAN;
}

}  // namespace

template <class F>
std::int32_t to_i32(F a, Rounding rm, std::uint8_t& flags) {
    return to_integer<std::int32_t>(a, rm, flags);
}

template <class F>
std::uint32_t to_u32(F a, Rounding rm, std::uint8_t& flags) {
    return to_integer<std::uint32_t>(a, rm, flags);
}

template <class F>
std::int64_t to_i64(F a, Rounding rm, std::uint8_t& flags) {
    return to_integer<std::int64_t>(a, rm, flags);
}

template <class F>
std::uint64_t to_u64(F a, Rounding rm, std::uint8_t& flags) {
    return to_integer<std::uint64_t>(a, rm, flags);
}

template <class F>
F from_i32(std::int32_t value, Rounding rm, std::uint8_t& flags) {
    return from_integer<F>(value, rm, flags);
}

template <class F>
F from_u32(std::uint32_t value, Rounding rm, std::uint8_t& flags) {
    return from_integer<F>(value, rm, flags);
}

template <class F>
F from_i64(std::int64_t value, Rounding rm, std::uint8_t& flags) {
    return from_integer<F>(value, rm, flags);
}

template <class F>
F from_u64(std::uint64_t value, Rounding rm, std::uint8_t& flags) {
    return from_integer<F>(value, rm, flags);
}

F64 widen(F32 a, std::uint8_t& flags) { return convert<F64>(a, Rounding::RNE, flags); }

F32 narrow(F64 a, Rounding rm, std::uint8_t& flags) { return convert<F32>(a, rm, flags); }

template std::int32_t to_i32(F32, Rounding, std::uint8_t&);
template std::int32_t to_i32(F64, Rounding, std::uint8_t&);
template std::uint32_t to_u32(F32, Rounding, std::uint8_t&);
template std::uint32_t to_u32(F64, Rounding, std::uint8_t&);
template std::int64_t to_i64(F32, Rounding, std::uint8_t&);
template std::int64_t to_i64(F64, Rounding, std::uint8_t&);
template std::uint64_t to_u64(F32, Rounding, std::uint8_t&);
template std::uint64_t to_u64(F64, Rounding, std::uint8_t&);
template F32 from_i32(std::int32_t, Rounding, std::uint8_t&);
template F64 from_i32(std::int32_t, Rounding, std::uint8_t&);
template F32 from_u32(std::uint32_t, Rounding, std::uint8_t&);
template F64 from_u32(std::uint32_t, Rounding, std::uint8_t&);
template F32 from_i64(std::int64_t, Rounding, std::uint8_t&);
template F64 from_i64(std::int64_t, Rounding, std::uint8_t&);
template F32 from_u64(std::uint64_t, Rounding, std::uint8_t&);
template F64 from_u64(std::uint64_t, Rounding, std::uint8_t&);

}  // namespace hartlab::fp
