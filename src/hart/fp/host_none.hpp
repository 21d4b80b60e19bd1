// No host floating-point unit: every operation takes the portable path. See host.hpp.
// The operations are declared for the sake of code that is never instantiated, and not defined.
#pragma once

#include <cstdint>

namespace hartlab::fp::host {

inline constexpr bool AVAILABLE = false;
inline constexpr bool TININESS_BEFORE_ROUNDING = false;

struct Control {};
inline Control enter() { return {}; }
inline void leave(Control) {}
inline std::uint8_t take_flags() { return 0; }
inline bool has_fma() { return false; }

template <class Real>
Real add(Real a, Real b);
template <class Real>
Real sub(Real a, Real b);
template <class Real>
Real mul(Real a, Real b);
template <class Real>
Real div(Real a, Real b);
template <class Real>
Real sqrt(Real a);
template <class Real>
Real fma(Real a, Real b, Real c);
float narrow(double a);
double widen(float a);
template <class Real>
Real from_i64(std::int64_t value);
template <class Real>
std::int64_t truncated(Real a);
template <class Real>
std::int64_t nearest(Real a);
template <class Real>
bool eq(Real a, Real b);
template <class Real>
bool lt(Real a, Real b);
template <class Real>
bool le(Real a, Real b);

}  // namespace hartlab::fp::host
