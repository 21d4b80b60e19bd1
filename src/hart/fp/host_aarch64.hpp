// The host's floating-point unit on AArch64. See host.hpp for the contract.
//
// AArch64 detects tininess before rounding: underflow is not taken from the unit, and
// host_fast.hpp asks the portable path about the results for which it could matter.
#pragma once

#include <cstdint>

namespace hartlab::fp::host {

inline constexpr bool AVAILABLE = true;
inline constexpr bool TININESS_BEFORE_ROUNDING = true;

// FPCR: DN (bit 25) makes every NaN result the default NaN, which is RISC-V's canonical one. Zero
// elsewhere means to nearest even, no flushing to zero and no traps.
inline constexpr std::uint64_t FPCR_PLAIN = std::uint64_t{1} << 25;

// FPSR:  7     4     3     2     1     0
//        IDC | IXC | UFC | OFC | DZC | IOC
struct Control {
    std::uint64_t fpcr;
    std::uint64_t fpsr;
};

inline std::uint64_t read_fpsr() {
    std::uint64_t value;
    asm volatile("mrs %0, fpsr" : "=r"(value));
    return value;
}

inline void write_fpsr(std::uint64_t value) { asm volatile("msr fpsr, %0" : : "r"(value)); }

inline Control enter() {
    std::uint64_t fpcr;
    asm volatile("mrs %0, fpcr" : "=r"(fpcr));
    const Control saved{fpcr, read_fpsr()};
    asm volatile("msr fpcr, %0" : : "r"(FPCR_PLAIN));
    write_fpsr(0);
    return saved;
}

inline void leave(Control saved) {
    asm volatile("msr fpcr, %0" : : "r"(saved.fpcr));
    write_fpsr(saved.fpsr);
}

inline std::uint8_t take_flags() {
    const std::uint64_t raised = read_fpsr() & 0x1f;
    if (raised == 0) {
        return 0;
    }
    write_fpsr(0);
    // The same five in the opposite order, without UF.
    return static_cast<std::uint8_t>((raised >> 4 & 1) | (raised & 4) | (raised << 2 & 8) | (raised << 4 & 16));
}

inline float add(float a, float b) {
    float result;
    asm volatile("fadd %s0, %s1, %s2" : "=w"(result) : "w"(a), "w"(b));
    return result;
}
inline double add(double a, double b) {
    double result;
    asm volatile("fadd %d0, %d1, %d2" : "=w"(result) : "w"(a), "w"(b));
    return result;
}
inline float sub(float a, float b) {
    float result;
    asm volatile("fsub %s0, %s1, %s2" : "=w"(result) : "w"(a), "w"(b));
    return result;
}
inline double sub(double a, double b) {
    double result;
    asm volatile("fsub %d0, %d1, %d2" : "=w"(result) : "w"(a), "w"(b));
    return result;
}
inline float mul(float a, float b) {
    float result;
    asm volatile("fmul %s0, %s1, %s2" : "=w"(result) : "w"(a), "w"(b));
    return result;
}
inline double mul(double a, double b) {
    double result;
    asm volatile("fmul %d0, %d1, %d2" : "=w"(result) : "w"(a), "w"(b));
    return result;
}
inline float div(float a, float b) {
    float result;
    asm volatile("fdiv %s0, %s1, %s2" : "=w"(result) : "w"(a), "w"(b));
    return result;
}
inline double div(double a, double b) {
    double result;
    asm volatile("fdiv %d0, %d1, %d2" : "=w"(result) : "w"(a), "w"(b));
    return result;
}

inline float sqrt(float a) {
    float result;
    asm volatile("fsqrt %s0, %s1" : "=w"(result) : "w"(a));
    return result;
}
inline double sqrt(double a) {
    double result;
    asm volatile("fsqrt %d0, %d1" : "=w"(result) : "w"(a));
    return result;
}

inline bool has_fma() { return true; }

inline float fma(float a, float b, float c) {
    float result;
    asm volatile("fmadd %s0, %s1, %s2, %s3" : "=w"(result) : "w"(a), "w"(b), "w"(c));
    return result;
}
inline double fma(double a, double b, double c) {
    double result;
    asm volatile("fmadd %d0, %d1, %d2, %d3" : "=w"(result) : "w"(a), "w"(b), "w"(c));
    return result;
}

inline float narrow(double a) {
    float result;
    asm volatile("fcvt %s0, %d1" : "=w"(result) : "w"(a));
    return result;
}
inline double widen(float a) {
    double result;
    asm volatile("fcvt %d0, %s1" : "=w"(result) : "w"(a));
    return result;
}

template <class Real>
Real from_i64(std::int64_t value);
template <>
inline float from_i64(std::int64_t value) {
    float result;
    asm volatile("scvtf %s0, %x1" : "=w"(result) : "r"(value));
    return result;
}
template <>
inline double from_i64(std::int64_t value) {
    double result;
    asm volatile("scvtf %d0, %x1" : "=w"(result) : "r"(value));
    return result;
}

inline std::int64_t truncated(float a) {
    std::int64_t result;
    asm volatile("fcvtzs %x0, %s1" : "=r"(result) : "w"(a));
    return result;
}
inline std::int64_t truncated(double a) {
    std::int64_t result;
    asm volatile("fcvtzs %x0, %d1" : "=r"(result) : "w"(a));
    return result;
}
inline std::int64_t nearest(float a) {
    std::int64_t result;
    asm volatile("fcvtns %x0, %s1" : "=r"(result) : "w"(a));
    return result;
}
inline std::int64_t nearest(double a) {
    std::int64_t result;
    asm volatile("fcvtns %x0, %d1" : "=r"(result) : "w"(a));
    return result;
}

// fcmp is quiet, fcmpe signalling. Unordered sets C and V: eq, mi and ls are false for it.
inline bool eq(float a, float b) {
    std::uint32_t result;
    asm volatile("fcmp %s1, %s2\n\tcset %w0, eq" : "=r"(result) : "w"(a), "w"(b) : "cc");
    return result != 0;
}
inline bool eq(double a, double b) {
    std::uint32_t result;
    asm volatile("fcmp %d1, %d2\n\tcset %w0, eq" : "=r"(result) : "w"(a), "w"(b) : "cc");
    return result != 0;
}
inline bool lt(float a, float b) {
    std::uint32_t result;
    asm volatile("fcmpe %s1, %s2\n\tcset %w0, mi" : "=r"(result) : "w"(a), "w"(b) : "cc");
    return result != 0;
}
inline bool lt(double a, double b) {
    std::uint32_t result;
    asm volatile("fcmpe %d1, %d2\n\tcset %w0, mi" : "=r"(result) : "w"(a), "w"(b) : "cc");
    return result != 0;
}
inline bool le(float a, float b) {
    std::uint32_t result;
    asm volatile("fcmpe %s1, %s2\n\tcset %w0, ls" : "=r"(result) : "w"(a), "w"(b) : "cc");
    return result != 0;
}
inline bool le(double a, double b) {
    std::uint32_t result;
    asm volatile("fcmpe %d1, %d2\n\tcset %w0, ls" : "=r"(result) : "w"(a), "w"(b) : "cc");
    return result != 0;
}

}  // namespace hartlab::fp::host
