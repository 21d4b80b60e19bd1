// IEEE 754 arithmetic as the F and D extensions define it [unpriv F chapter 11, D chapter 12],
// for F32 and F64, in integer arithmetic alone: results and flags are the same on every host, and
// the host's floating-point state is neither read nor changed.
//
// This is the specification's meaning and the slow path; host_fast.hpp has the same functions on
// the host's own unit. It does not know registers, NaN boxing or CSRs. The hart's executor calls
// it; anybody may.
//
// Every function ORs the exceptions it signals into `flags` (FLAG_*) and touches nothing else.
// Every NaN result is the canonical one. `Rounding` must be one of its five values.
// Each template exists for F32 and F64; the definitions are in the .cpp files.
#pragma once

#include <cstdint>

#include "hart/fp/format.hpp"

namespace hartlab::fp {

// arithmetic.cpp, divide_sqrt.cpp

template <class F>
F add(F a, F b, Rounding rm, std::uint8_t& flags);
template <class F>
F sub(F a, F b, Rounding rm, std::uint8_t& flags);
template <class F>
F mul(F a, F b, Rounding rm, std::uint8_t& flags);
template <class F>
F div(F a, F b, Rounding rm, std::uint8_t& flags);
template <class F>
F sqrt(F a, Rounding rm, std::uint8_t& flags);
// a * b + c, rounded once. For the other fused forms negate a, c or both beforehand: a NaN's sign
// never shows. Infinity times zero is invalid even when c is a quiet NaN.
template <class F>
F fma(F a, F b, F c, Rounding rm, std::uint8_t& flags);

// compare.cpp

// minimumNumber and maximumNumber: -0 is less than +0, a NaN loses against a number, and a
// signalling NaN is invalid though the number is returned.
template <class F>
F min(F a, F b, std::uint8_t& flags);
template <class F>
F max(F a, F b, std::uint8_t& flags);
// False when either is a NaN. eq is quiet (invalid for signalling NaNs); lt and le are signalling
// (invalid for every NaN).
template <class F>
bool eq(F a, F b, std::uint8_t& flags);
template <class F>
bool lt(F a, F b, std::uint8_t& flags);
template <class F>
bool le(F a, F b, std::uint8_t& flags);
// fclass: one bit set of ten. [unpriv F table 11.5]
template <class F>
std::uint16_t classify(F a);

// convert.cpp

// Out of range after rounding is invalid, not inexact, and gives the nearest limit; NaN gives the
// greatest value. [unpriv F table 11.4] A 32-bit result is the value itself: sign extension to the
// register, which RV64 wants for fcvt.wu too, is the caller's.
template <class F>
std::int32_t to_i32(F a, Rounding rm, std::uint8_t& flags);
template <class F>
std::uint32_t to_u32(F a, Rounding rm, std::uint8_t& flags);
template <class F>
std::int64_t to_i64(F a, Rounding rm, std::uint8_t& flags);
template <class F>
std::uint64_t to_u64(F a, Rounding rm, std::uint8_t& flags);

template <class F>
F from_i32(std::int32_t value, Rounding rm, std::uint8_t& flags);
template <class F>
F from_u32(std::uint32_t value, Rounding rm, std::uint8_t& flags);
template <class F>
F from_i64(std::int64_t value, Rounding rm, std::uint8_t& flags);
template <class F>
F from_u64(std::uint64_t value, Rounding rm, std::uint8_t& flags);

F64 widen(F32 a, std::uint8_t& flags);                // fcvt.d.s: exact
F32 narrow(F64 a, Rounding rm, std::uint8_t& flags);  // fcvt.s.d

}  // namespace hartlab::fp
