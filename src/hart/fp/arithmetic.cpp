// Sums, products and the fused multiply-add: all of them exact in 128 bits, and then rounded once.
#include <utility>

#include "hart/fp/float.hpp"
#include "hart/fp/round_pack.hpp"

namespace hartlab::fp {

namespace {

using namespace detail;

// A finite non-zero term: significand * 2^(exponent - 126), bit 126 set. The bit above is room for
// the carry of one addition. The 20 lowest bits of a fresh term are zero.
struct Term {
    bool sign;
    int exponent;
    Wide significand;
};

Term term_of(const Unpacked& u) { return {u.sign, u.exponent, Wide{u.significand} << 63}; }

// Exact: the factors' significands have no more than 53 bits each.
Term product_of(const Unpacked& a, const Unpacked& b) {
    const Wide product = Wide{a.significand} * b.significand;
    const int carry = static_cast<int>(product >> 127);
    return {a.sign != b.sign, a.exponent + b.exponent + carry, product >> carry};
}

// Shifts right, and sets bit 0 when anything but zeros fell off.
Wide shift_right_sticky(Wide value, int count) {
    if (count >= 128) {
        return value != 0 ? 1 : 0;
    }
    const Wide shifted = value >> count;
    return (shifted << count) == value ? shifted : shifted | 1;
}

// The sticky bit is safe under subtraction: the larger term's low bits are zero, so the difference
// has bit 0 set where the exact one is not a multiple of 2, and lies between the same multiples
// of 2. Cancellation of more than one leading bit needs exponents that differ by 1 at most, and
// then nothing has fallen off.
template <class F>
F sum_of(Term x, Term y, Rounding rm, std::uint8_t& flags) {
    if (x.exponent < y.exponent || (x.exponent == y.exponent && x.significand < y.significand)) {
        std::swap(x, y);
    }
    y.significand = shift_right_sticky(y.significand, x.exponent - y.exponent);
    if (x.sign == y.sign) {
        return round_pack_wide<F>(x.sign, x.exponent, x.significand + y.significand, rm, flags);
    }
    const Wide difference = x.significand - y.significand;
    if (difference == 0) {
        return signed_as<F>(sign_of_exact_zero(rm), 0);
    }
    return round_pack_wide<F>(x.sign, x.exponent, difference, rm, flags);
}

template <class F>
F sum_of_zeros(bool a, bool b, Rounding rm) {
    return signed_as<F>(a == b ? a : sign_of_exact_zero(rm), 0);
}

template <class F>
F rounded(const Term& term, Rounding rm, std::uint8_t& flags) {
    return round_pack_wide<F>(term.sign, term.exponent, term.significand, rm, flags);
}

}  // namespace

template <class F>
F add(F a, F b, Rounding rm, std::uint8_t& flags) {
    const Unpacked x = unpack(a);
    const Unpacked y = unpack(b);
    if (x.kind == Kind::FINITE && y.kind == Kind::FINITE) {
        return sum_of<F>(term_of(x), term_of(y), rm, flags);
    }
    if (x.kind == Kind::NAN_VALUE || y.kind == Kind::NAN_VALUE) {
        return nan_result(flags, a, b);
    }
    if (x.kind == Kind::INFINITE && y.kind == Kind::INFINITE) {
        return x.sign == y.sign ? a : invalid_result<F>(flags);
    }
    if (x.kind == Kind::ZERO && y.kind == Kind::ZERO) {
        return sum_of_zeros<F>(x.sign, y.sign, rm);
    }
    return x.kind == Kind::INFINITE || y.kind == Kind::ZERO ? a : b;
}

template <class F>
F sub(F a, F b, Rounding rm, std::uint8_t& flags) {
    return add(a, negated(b), rm, flags);
}

template <class F>
F mul(F a, F b, Rounding rm, std::uint8_t& flags) {
    const Unpacked x = unpack(a);
    const Unpacked y = unpack(b);
    if (x.kind == Kind::FINITE && y.kind == Kind::FINITE) {
        return rounded<F>(product_of(x, y), rm, flags);
    }
    if (x.kind == Kind::NAN_VALUE || y.kind == Kind::NAN_VALUE) {
        return nan_result(flags, a, b);
    }
    const bool infinite = x.kind == Kind::INFINITE || y.kind == Kind::INFINITE;
    const bool zero = x.kind == Kind::ZERO || y.kind == Kind::ZERO;
    if (infinite && zero) {
        return invalid_result<F>(flags);
    }
    return signed_as<F>(x.sign != y.sign, infinite ? Format<F>::INFINITE : 0);
}

template <class F>
F fma(F a, F b, F c, Rounding rm, std::uint8_t& flags) {
    const Unpacked x = unpack(a);
    const Unpacked y = unpack(b);
    const Unpacked z = unpack(c);
    const bool sign = x.sign != y.sign;
    if (x.kind == Kind::FINITE && y.kind == Kind::FINITE) {
        const Term product = product_of(x, y);
        switch (z.kind) {
        case Kind::FINITE: return sum_of<F>(product, term_of(z), rm, flags);
        case Kind::ZERO: return rounded<F>(product, rm, flags);
        case Kind::INFINITE: return c;
        case Kind::NAN_VALUE: return nan_result(flags, c);
        }
    }
    const bool infinite = x.kind == Kind::INFINITE || y.kind == Kind::INFINITE;
    const bool zero = x.kind == Kind::ZERO || y.kind == Kind::ZERO;
    // [unpriv F 11.6] Before the NaN of c, which does not excuse it. A NaN factor is neither zero
    // nor infinite, so it never gets here.
    if (infinite && zero) {
        return invalid_result<F>(flags);
    }
    if (x.kind == Kind::NAN_VALUE || y.kind == Kind::NAN_VALUE || z.kind == Kind::NAN_VALUE) {
        return nan_result(flags, a, b, c);
    }
    if (infinite) {
        const bool opposed = z.kind == Kind::INFINITE && z.sign != sign;
        return opposed ? invalid_result<F>(flags) : signed_as<F>(sign, Format<F>::INFINITE);
    }
    return z.kind == Kind::ZERO ? sum_of_zeros<F>(sign, z.sign, rm) : c;
}

template F32 add(F32, F32, Rounding, std::uint8_t&);
template F64 add(F64, F64, Rounding, std::uint8_t&);
template F32 sub(F32, F32, Rounding, std::uint8_t&);
template F64 sub(F64, F64, Rounding, std::uint8_t&);
template F32 mul(F32, F32, Rounding, std::uint8_t&);
template F64 mul(F64, F64, Rounding, std::uint8_t&);
template F32 fma(F32, F32, F32, Rounding, std::uint8_t&);
template F64 fma(F64, F64, F64, Rounding, std::uint8_t&);

}  // namespace hartlab::fp
