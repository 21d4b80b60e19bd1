// Chooses the host's floating-point unit: one of the files host_*.hpp, which all define the same
// names in hartlab::fp::host. Private to src/hart/fp: host_fast.hpp and host_scope.hpp use it.
//
// What such a file gives, with Real = float or double, the host's own types:
//
//   AVAILABLE                  false when the host has no unit that we know how to use
//   TININESS_BEFORE_ROUNDING   underflow is detected the other way than RISC-V does it
//   Control, enter(), leave()  save the calling thread's floating-point environment and set the
//                              plain one: to nearest even, nothing traps, nothing is flushed to
//                              zero, no flag raised; put a saved one back
//   take_flags()               the flags raised since, in fflags' encoding; clears them
//   add, sub, mul, div, sqrt, fma, narrow, widen, from_i64, truncated, nearest, eq, lt, le
//                              one instruction each; has_fma() must be true for fma
//
// The instructions are written as inline assembly, and volatile: a compiler takes C++ arithmetic
// for a function of its operands, folds it, shares it and moves it past the reading of flags,
// which are half of the result here.
#pragma once

#if defined(HARTLAB_PORTABLE_FP)
#include "hart/fp/host_none.hpp"
#elif defined(__GNUC__) && defined(__x86_64__)
#include "hart/fp/host_x86_64.hpp"
#elif defined(__GNUC__) && defined(__aarch64__)
#include "hart/fp/host_aarch64.hpp"
#else
#include "hart/fp/host_none.hpp"
#endif
