// Comparisons, minimum and maximum, and fclass. All of it works on the encodings: without the sign
// they are in the order of the values.
#include "hart/fp/float.hpp"

namespace hartlab::fp {

namespace {

template <class F>
bool both_zero(F a, F b) {
    return (magnitude(a) | magnitude(b)) == 0;
}

// Sets NV for a signalling NaN; says whether there is any NaN.
template <class F>
bool quiet_unordered(F a, F b, std::uint8_t& flags) {
    if (is_signalling(a) || is_signalling(b)) {
        flags |= FLAG_NV;
    }
    return is_nan(a) || is_nan(b);
}

// Sets NV for every NaN.
template <class F>
bool signalling_unordered(F a, F b, std::uint8_t& flags) {
    const bool unordered = is_nan(a) || is_nan(b);
    flags |= unordered ? FLAG_NV : 0;
    return unordered;
}

// What min and max answer when there is a NaN.
template <class F>
F number_among(F a, F b) {
    if (is_nan(a)) {
        return is_nan(b) ? Format<F>::CANONICAL_NAN : b;
    }
    return a;
}

}  // namespace

template <class F>
F min(F a, F b, std::uint8_t& flags) {
    if (quiet_unordered(a, b, flags)) {
        return number_among(a, b);
    }
    return encoded_before(b, a) ? b : a;
}

template <class F>
F max(F a, F b, std::uint8_t& flags) {
    if (quiet_unordered(a, b, flags)) {
        return number_among(a, b);
    }
    return encoded_before(a, b) ? b : a;
}

template <class F>
bool eq(F a, F b, std::uint8_t& flags) {
    if (quiet_unordered(a, b, flags)) {
        return false;
    }
    return a.bits == b.bits || both_zero(a, b);
}

template <class F>
bool lt(F a, F b, std::uint8_t& flags) {
    if (signalling_unordered(a, b, flags)) {
        return false;
    }
    return encoded_before(a, b) && !both_zero(a, b);
}

template <class F>
bool le(F a, F b, std::uint8_t& flags) {
    if (signalling_unordered(a, b, flags)) {
        return false;
    }
    return !encoded_before(b, a) || both_zero(a, b);
}

//   bit 0 -infinity   1 -normal   2 -subnormal   3 -0
//       7 +infinity   6 +normal   5 +subnormal   4 +0     8 signalling NaN   9 quiet NaN
template <class F>
std::uint16_t classify(F a) {
    using Fmt = Format<F>;
    if (is_nan(a)) {
        return is_signalling(a) ? 1 << 8 : 1 << 9;
    }
    const auto size = magnitude(a);
    int distance = 0;  // from the middle, between -0 and +0
    if (size == Fmt::INFINITE) {
        distance = 3;
    } else if (size >= Fmt::MIN_NORMAL) {
        distance = 2;
    } else if (size != 0) {
        distance = 1;
    }
    return static_cast<std::uint16_t>(1 << (is_negative(a) ? 3 - distance : 4 + distance));
}

template F32 min(F32, F32, std::uint8_t&);
template F64 min(F64, F64, std::uint8_t&);
template F32 max(F32, F32, std::uint8_t&);
template F64 max(F64, F64, std::uint8_t&);
template bool eq(F32, F32, std::uint8_t&);
template bool eq(F64, F64, std::uint8_t&);
template bool lt(F32, F32, std::uint8_t&);
template bool lt(F64, F64, std::uint8_t&);
template bool le(F32, F32, std::uint8_t&);
template bool le(F64, F64, std::uint8_t&);
template std::uint16_t classify(F32);
template std::uint16_t classify(F64);

}  // namespace hartlab::fp
