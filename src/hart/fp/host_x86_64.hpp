// The host's floating-point unit on x86-64: SSE2, which every such processor has, and FMA3 where
// it is found at run time. See host.hpp for the contract.
//
// x86 detects tininess after rounding, as RISC-V does, and sets UE only for results that are
// inexact too while underflow is masked. [Intel SDM 1, 11.5.2.5]
#pragma once

#include <cpuid.h>

#include <cstdint>

namespace hartlab::fp::host {

inline constexpr bool AVAILABLE = true;
inline constexpr bool TININESS_BEFORE_ROUNDING = false;

// MXCSR:  15   14 13   12-7               6    5   4   3   2   1   0
//         FZ | RC   | exception masks | DAZ | PE | UE | OE | ZE | DE | IE
inline constexpr std::uint32_t MXCSR_PLAIN = 0x1f80;  // all masked, the rest 0
inline constexpr std::uint32_t MXCSR_FLAGS = 0x003f;

using Control = std::uint32_t;

inline std::uint32_t read_mxcsr() {
    std::uint32_t value;
    asm volatile("stmxcsr %0" : "=m"(value));
    return value;
}

inline void write_mxcsr(std::uint32_t value) { asm volatile("ldmxcsr %0" : : "m"(value)); }

inline Control enter() {
    const Control saved = read_mxcsr();
    write_mxcsr(MXCSR_PLAIN);
    return saved;
}

inline void leave(Control saved) { write_mxcsr(saved); }

inline std::uint8_t take_flags() {
    const std::uint32_t raised = read_mxcsr() & MXCSR_FLAGS;
    if (raised == 0) {
        return 0;
    }
    write_mxcsr(MXCSR_PLAIN);
    // fflags has the five from NX (bit 0) to NV (bit 4), MXCSR from PE (5) to IE (0) with DE, for
    // which RISC-V has no flag, at bit 1.
    return static_cast<std::uint8_t>((raised >> 5 & 1) | (raised >> 3 & 2) | (raised >> 1 & 4) | (raised << 1 & 8) |
                                     (raised << 4 & 16));
}

inline float add(float a, float b) {
    asm volatile("addss %1, %0" : "+x"(a) : "x"(b));
    return a;
}
inline double add(double a, double b) {
    asm volatile("addsd %1, %0" : "+x"(a) : "x"(b));
    return a;
}
inline float sub(float a, float b) {
    asm volatile("subss %1, %0" : "+x"(a) : "x"(b));
    return a;
}
inline double sub(double a, double b) {
    asm volatile("subsd %1, %0" : "+x"(a) : "x"(b));
    return a;
}
inline float mul(float a, float b) {
    asm volatile("mulss %1, %0" : "+x"(a) : "x"(b));
    return a;
}
inline double mul(double a, double b) {
    asm volatile("mulsd %1, %0" : "+x"(a) : "x"(b));
    return a;
}
inline float div(float a, float b) {
    asm volatile("divss %1, %0" : "+x"(a) : "x"(b));
    return a;
}
inline double div(double a, double b) {
    asm volatile("divsd %1, %0" : "+x"(a) : "x"(b));
    return a;
}

inline float sqrt(float a) {
    asm volatile("sqrtss %0, %0" : "+x"(a));
    return a;
}
inline double sqrt(double a) {
    asm volatile("sqrtsd %0, %0" : "+x"(a));
    return a;
}

// The processor has FMA3, and the operating system saves the AVX registers it works on: XCR0 has
// SSE and AVX state. [Intel SDM 1, 14.5.3]
inline bool find_fma3() {
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    constexpr unsigned NEEDED = bit_FMA | bit_OSXSAVE | bit_AVX;
    if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) == 0 || (ecx & NEEDED) != NEEDED) {
        return false;
    }
    asm volatile("xgetbv" : "=a"(eax), "=d"(edx) : "c"(0));
    return (eax & 6) == 6;
}
inline const bool FMA3_FOUND = find_fma3();
inline bool has_fma() { return FMA3_FOUND; }

inline float fma(float a, float b, float c) {
    asm volatile("vfmadd213ss %2, %1, %0" : "+x"(a) : "x"(b), "x"(c));
    return a;
}
inline double fma(double a, double b, double c) {
    asm volatile("vfmadd213sd %2, %1, %0" : "+x"(a) : "x"(b), "x"(c));
    return a;
}

// The conversions write part of a register: a zero first, or they wait for what was in it.
inline float narrow(double a) {
    float result = 0;
    asm volatile("cvtsd2ss %1, %0" : "+x"(result) : "x"(a));
    return result;
}
inline double widen(float a) {
    double result = 0;
    asm volatile("cvtss2sd %1, %0" : "+x"(result) : "x"(a));
    return result;
}

template <class Real>
Real from_i64(std::int64_t value);
template <>
inline float from_i64(std::int64_t value) {
    float result = 0;
    asm volatile("cvtsi2ssq %1, %0" : "+x"(result) : "r"(value));
    return result;
}
template <>
inline double from_i64(std::int64_t value) {
    double result = 0;
    asm volatile("cvtsi2sdq %1, %0" : "+x"(result) : "r"(value));
    return result;
}

inline std::int64_t truncated(float a) {
    std::int64_t result;
    asm volatile("cvttss2siq %1, %0" : "=r"(result) : "x"(a));
    return result;
}
inline std::int64_t truncated(double a) {
    std::int64_t result;
    asm volatile("cvttsd2siq %1, %0" : "=r"(result) : "x"(a));
    return result;
}
inline std::int64_t nearest(float a) {
    std::int64_t result;
    asm volatile("cvtss2siq %1, %0" : "=r"(result) : "x"(a));
    return result;
}
inline std::int64_t nearest(double a) {
    std::int64_t result;
    asm volatile("cvtsd2siq %1, %0" : "=r"(result) : "x"(a));
    return result;
}

// ucomis is quiet, comis signalling. Unordered sets ZF, PF and CF: "above" and "above or equal"
// are false for it, and so is less-than with its operands exchanged. Equality needs ZF without PF.
inline bool eq(float a, float b) {
    bool equal;
    bool ordered;
    asm volatile("ucomiss %3, %2" : "=@cce"(equal), "=@ccnp"(ordered) : "x"(a), "x"(b));
    return equal && ordered;
}
inline bool eq(double a, double b) {
    bool equal;
    bool ordered;
    asm volatile("ucomisd %3, %2" : "=@cce"(equal), "=@ccnp"(ordered) : "x"(a), "x"(b));
    return equal && ordered;
}
inline bool lt(float a, float b) {
    bool result;
    asm volatile("comiss %2, %1" : "=@cca"(result) : "x"(b), "x"(a));
    return result;
}
inline bool lt(double a, double b) {
    bool result;
    asm volatile("comisd %2, %1" : "=@cca"(result) : "x"(b), "x"(a));
    return result;
}
inline bool le(float a, float b) {
    bool result;
    asm volatile("comiss %2, %1" : "=@ccae"(result) : "x"(b), "x"(a));
    return result;
}
inline bool le(double a, double b) {
    bool result;
    asm volatile("comisd %2, %1" : "=@ccae"(result) : "x"(b), "x"(a));
    return result;
}

}  // namespace hartlab::fp::host
