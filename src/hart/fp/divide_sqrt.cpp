// Division and square root: as many digits as rounding can look at, and a sticky bit for the rest.
#include "hart/fp/float.hpp"
#include "hart/fp/round_pack.hpp"

namespace hartlab::fp {

namespace {

using namespace detail;

struct Digits {
    std::uint64_t value;
    bool exact;
};

// floor(radicand's root) from bit 63 down to bit `last`, for a radicand of at least 2^126. A digit
// by digit method: a bit is in the root when (root + bit)^2 - root^2 is still there to be taken.
Digits square_root(Wide radicand, int last) {
    std::uint64_t root = 0;
    Wide remainder = radicand;
    for (int position = 63; position >= last; --position) {
        const std::uint64_t bit = std::uint64_t{1} << position;
        const Wide step = ((Wide{root} << 1) + bit) << position;
        if (step <= remainder) {
            remainder -= step;
            root |= bit;
        }
    }
    return {root, remainder == 0};
}

}  // namespace

template <class F>
F div(F a, F b, Rounding rm, std::uint8_t& flags) {
    const Unpacked x = unpack(a);
    const Unpacked y = unpack(b);
    const bool sign = x.sign != y.sign;
    if (x.kind == Kind::NAN_VALUE || y.kind == Kind::NAN_VALUE) {
        return nan_result(flags, a, b);
    }
    if (x.kind == y.kind && x.kind != Kind::FINITE) {
        return invalid_result<F>(flags);  // 0 / 0, infinity / infinity
    }
    if (x.kind == Kind::INFINITE) {
        return signed_as<F>(sign, Format<F>::INFINITE);
    }
    if (y.kind == Kind::ZERO) {
        flags |= FLAG_DZ;
        return signed_as<F>(sign, Format<F>::INFINITE);
    }
    if (x.kind == Kind::ZERO || y.kind == Kind::INFINITE) {
        return signed_as<F>(sign, 0);
    }
    // Scaled so that the quotient has exactly 64 bits.
    const bool less = x.significand < y.significand;
    const Wide dividend = Wide{x.significand} << (less ? 64 : 63);
    const auto quotient = static_cast<std::uint64_t>(dividend / y.significand);
    const bool exact = Wide{quotient} * y.significand == dividend;
    const int exponent = x.exponent - y.exponent - (less ? 1 : 0);
    return round_pack<F>(sign, exponent, quotient | (exact ? 0 : 1), rm, flags);
}

template <class F>
F sqrt(F a, Rounding rm, std::uint8_t& flags) {
    const Unpacked x = unpack(a);
    if (x.kind == Kind::NAN_VALUE) {
        return nan_result(flags, a);
    }
    if (x.kind == Kind::ZERO) {
        return a;  // -0 too
    }
    if (x.sign) {
        return invalid_result<F>(flags);
    }
    if (x.kind == Kind::INFINITE) {
        return a;
    }
    // An even power of two goes in front of the root as its half; an odd one leaves a factor of 2.
    const int odd = x.exponent & 1;
    constexpr int LAST = 64 - (Format<F>::PRECISION + 1);  // one digit more than the result's
    const Digits root = square_root(Wide{x.significand} << (63 + odd), LAST);
    return round_pack<F>(false, (x.exponent - odd) / 2, root.value | (root.exact ? 0 : 1), rm, flags);
}

template F32 div(F32, F32, Rounding, std::uint8_t&);
template F64 div(F64, F64, Rounding, std::uint8_t&);
template F32 sqrt(F32, Rounding, std::uint8_t&);
template F64 sqrt(F64, Rounding, std::uint8_t&);

}  // namespace hartlab::fp
