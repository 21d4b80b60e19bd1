// The F and D extensions [unpriv 11, 12]: loads, stores, moves and comparisons, and arithmetic by hart/fp, on the host's unit where
// result and flags are the same.
// With mstatus.FS off every one of them is illegal; a static or dynamic rounding mode that is reserved makes it so too.
#pragma once

#include "hart/fp/host_fast.hpp"
#include "hart/mstatus.hpp"
#include "hart/semantics/memory.hpp"

namespace hartlab::semantics {

inline bool fp_off(const Hart& h) { return (h.state.csr.mstatus & MSTATUS_FS) == 0; }
inline void fp_dirty(Hart& h) { h.state.csr.mstatus |= MSTATUS_FS; }

/// The rounding mode of an instruction with `rm`, dynamic resolved; nothing when it is reserved.
inline std::optional<fp::Rounding> rounding(const Hart& h, const Slot& i) {
    const std::uint8_t rm = i.rm == 7 ? h.state.csr.frm : i.rm;
    if (rm > 4) return std::nullopt;
    return static_cast<fp::Rounding>(rm);
}

// A single lives in the low half of a register whose high half is all ones; anything else reads as the canonical NaN.
template <class F>
inline F read_f(const Hart& h, std::uint8_t number);
template <>
inline fp::F32 read_f<fp::F32>(const Hart& h, std::uint8_t number) {
    const std::uint64_t boxed = h.state.f[number];
    return boxed >> 32 == 0xffff'ffff ? fp::F32{static_cast<std::uint32_t>(boxed)} : fp::CANONICAL_NAN_F32;
}
template <>
inline fp::F64 read_f<fp::F64>(const Hart& h, std::uint8_t number) {
    return {h.state.f[number]};
}
inline void write_f(Hart& h, const Slot& i, fp::F32 value) {
    h.state.f[i.rd] = 0xffff'ffff'0000'0000 | value.bits;
    fp_dirty(h);
}
inline void write_f(Hart& h, const Slot& i, fp::F64 value) {
    h.state.f[i.rd] = value.bits;
    fp_dirty(h);
}

template <class F>
inline F f1(const Hart& h, const Slot& i) {
    return read_f<F>(h, i.rs1);
}
template <class F>
inline F f2(const Hart& h, const Slot& i) {
    return read_f<F>(h, i.rs2);
}
template <class F>
inline F f3(const Hart& h, const Slot& i) {
    return read_f<F>(h, i.rs3);
}

/// Raises the flags that `operate(flags)` signals, in the kinds of instruction that there are.
template <class Operate>
inline Completion to_float(Hart& h, const Slot& i, Operate operate) {
    if (fp_off(h)) return h.illegal(i);
    write_f(h, i, operate(h.state.csr.fflags));
    return Completion::done;
}
template <class Operate>
inline Completion to_float_rounded(Hart& h, const Slot& i, Operate operate) {
    const auto rm = rounding(h, i);
    if (fp_off(h) || !rm) return h.illegal(i);
    write_f(h, i, operate(*rm, h.state.csr.fflags));
    return Completion::done;
}
template <class Operate>
inline Completion to_register(Hart& h, const Slot& i, Operate operate) {
    if (fp_off(h)) return h.illegal(i);
    rd(h, i) = operate(h.state.csr.fflags);
    fp_dirty(h);  // it may have raised a flag, which the host may still be keeping
    return Completion::done;
}
template <class Operate>
inline Completion to_register_rounded(Hart& h, const Slot& i, Operate operate) {
    const auto rm = rounding(h, i);
    if (!rm) return h.illegal(i);
    return to_register(h, i, [&](std::uint8_t& flags) { return operate(*rm, flags); });
}

// loads, stores and moves of bits
inline Completion flw(Hart& h, const Slot& i, Ledger& l) {
    if (fp_off(h)) return h.illegal(i);
    std::uint32_t value;
    const Completion completion = h.load(i, rs1(h, i) + imm(i), value, l);
    if (completion != Completion::faulted) write_f(h, i, fp::F32{value});
    return completion;
}
inline Completion fld(Hart& h, const Slot& i, Ledger& l) {
    if (fp_off(h)) return h.illegal(i);
    std::uint64_t value;
    const Completion completion = h.load(i, rs1(h, i) + imm(i), value, l);
    if (completion != Completion::faulted) write_f(h, i, fp::F64{value});
    return completion;
}
inline Completion fsw(Hart& h, const Slot& i, Ledger& l) {
    if (fp_off(h)) return h.illegal(i);
    return h.store(i, rs1(h, i) + imm(i), static_cast<std::uint32_t>(h.state.f[i.rs2]), l);
}
inline Completion fsd(Hart& h, const Slot& i, Ledger& l) {
    if (fp_off(h)) return h.illegal(i);
    return h.store(i, rs1(h, i) + imm(i), h.state.f[i.rs2], l);
}
inline Completion fmv_x_w(Hart& h, const Slot& i) {
    return to_register(h, i, [&](std::uint8_t&) { return sext32(h.state.f[i.rs1]); });
}
inline Completion fmv_x_d(Hart& h, const Slot& i) {
    return to_register(h, i, [&](std::uint8_t&) { return h.state.f[i.rs1]; });
}
inline Completion fmv_w_x(Hart& h, const Slot& i) {
    return to_float(h, i, [&](std::uint8_t&) { return fp::F32{word1(h, i)}; });
}
inline Completion fmv_d_x(Hart& h, const Slot& i) {
    return to_float(h, i, [&](std::uint8_t&) { return fp::F64{rs1(h, i)}; });
}

// conversions between the formats
inline Completion fcvt_s_d(Hart& h, const Slot& i) {
    return to_float_rounded(
        h, i, [&](fp::Rounding rm, std::uint8_t& flags) { return fp::fast::narrow(f1<fp::F64>(h, i), rm, flags); });
}
inline Completion fcvt_d_s(Hart& h, const Slot& i) {
    return to_float_rounded(
        h, i, [&](fp::Rounding, std::uint8_t& flags) { return fp::fast::widen(f1<fp::F32>(h, i), flags); });
}

/// rs1's value with the sign that `choose` makes of the two signs.
template <class F, class Choose>
inline Completion sign_inject(Hart& h, const Slot& i, Choose choose) {
    return to_float(h, i, [&](std::uint8_t&) {
        constexpr auto SIGN = fp::Format<F>::SIGN;
        const auto a = f1<F>(h, i).bits, b = f2<F>(h, i).bits;
        return F{static_cast<decltype(a)>((a & ~SIGN) | (choose(a, b) & SIGN))};
    });
}

// One definition gives the form for singles and the form for doubles.
#define HARTLAB_FP_BOTH(name, kind, parameters, expression)                                                            \
    inline Completion name##_s(Hart& h, const Slot& i) {                                                               \
        using F = fp::F32;                                                                                             \
        return kind(h, i, [&] parameters { return expression; });                                                      \
    }                                                                                                                  \
    inline Completion name##_d(Hart& h, const Slot& i) {                                                               \
        using F = fp::F64;                                                                                             \
        return kind(h, i, [&] parameters { return expression; });                                                      \
    }
#define ROUNDED (fp::Rounding rm, std::uint8_t& flags)
#define EXACT (std::uint8_t& flags)

HARTLAB_FP_BOTH(fadd, to_float_rounded, ROUNDED, fp::fast::add(f1<F>(h, i), f2<F>(h, i), rm, flags))
HARTLAB_FP_BOTH(fsub, to_float_rounded, ROUNDED, fp::fast::sub(f1<F>(h, i), f2<F>(h, i), rm, flags))
HARTLAB_FP_BOTH(fmul, to_float_rounded, ROUNDED, fp::fast::mul(f1<F>(h, i), f2<F>(h, i), rm, flags))
HARTLAB_FP_BOTH(fdiv, to_float_rounded, ROUNDED, fp::fast::div(f1<F>(h, i), f2<F>(h, i), rm, flags))
HARTLAB_FP_BOTH(fsqrt, to_float_rounded, ROUNDED, fp::fast::sqrt(f1<F>(h, i), rm, flags))
HARTLAB_FP_BOTH(fmadd, to_float_rounded, ROUNDED, fp::fast::fma(f1<F>(h, i), f2<F>(h, i), f3<F>(h, i), rm, flags))
HARTLAB_FP_BOTH(fmsub, to_float_rounded, ROUNDED,
                fp::fast::fma(f1<F>(h, i), f2<F>(h, i), fp::negated(f3<F>(h, i)), rm, flags))
HARTLAB_FP_BOTH(fnmsub, to_float_rounded, ROUNDED,
                fp::fast::fma(fp::negated(f1<F>(h, i)), f2<F>(h, i), f3<F>(h, i), rm, flags))
HARTLAB_FP_BOTH(fnmadd, to_float_rounded, ROUNDED,
                fp::fast::fma(fp::negated(f1<F>(h, i)), f2<F>(h, i), fp::negated(f3<F>(h, i)), rm, flags))
HARTLAB_FP_BOTH(fmin, to_float, EXACT, fp::fast::min(f1<F>(h, i), f2<F>(h, i), flags))
HARTLAB_FP_BOTH(fmax, to_float, EXACT, fp::fast::max(f1<F>(h, i), f2<F>(h, i), flags))
HARTLAB_FP_BOTH(feq, to_register, EXACT, std::uint64_t{fp::fast::eq(f1<F>(h, i), f2<F>(h, i), flags)})
HARTLAB_FP_BOTH(flt, to_register, EXACT, std::uint64_t{fp::fast::lt(f1<F>(h, i), f2<F>(h, i), flags)})
HARTLAB_FP_BOTH(fle, to_register, EXACT, std::uint64_t{fp::fast::le(f1<F>(h, i), f2<F>(h, i), flags)})
HARTLAB_FP_BOTH(fclass, to_register, (std::uint8_t&), std::uint64_t{fp::classify(f1<F>(h, i))})
HARTLAB_FP_BOTH(fcvt_w, to_register_rounded, ROUNDED,
                sext32(static_cast<std::uint32_t>(fp::fast::to_i32(f1<F>(h, i), rm, flags))))
HARTLAB_FP_BOTH(fcvt_wu, to_register_rounded, ROUNDED, sext32(fp::fast::to_u32(f1<F>(h, i), rm, flags)))
HARTLAB_FP_BOTH(fcvt_l, to_register_rounded, ROUNDED, from_signed(fp::fast::to_i64(f1<F>(h, i), rm, flags)))
HARTLAB_FP_BOTH(fcvt_lu, to_register_rounded, ROUNDED, fp::fast::to_u64(f1<F>(h, i), rm, flags))

#define HARTLAB_FP_FROM_INTEGER(suffix, convert, operand)                                                              \
    inline Completion fcvt_s_##suffix(Hart& h, const Slot& i) {                                                        \
        return to_float_rounded(h, i, [&] ROUNDED { return fp::fast::convert<fp::F32>(operand(h, i), rm, flags); });   \
    }                                                                                                                  \
    inline Completion fcvt_d_##suffix(Hart& h, const Slot& i) {                                                        \
        return to_float_rounded(h, i, [&] ROUNDED { return fp::fast::convert<fp::F64>(operand(h, i), rm, flags); });   \
    }
HARTLAB_FP_FROM_INTEGER(w, from_i32, sword1)
HARTLAB_FP_FROM_INTEGER(wu, from_u32, word1)
HARTLAB_FP_FROM_INTEGER(l, from_i64, srs1)
HARTLAB_FP_FROM_INTEGER(lu, from_u64, rs1)

#define HARTLAB_FP_SIGN(name, expression)                                                                              \
    inline Completion name##_s(Hart& h, const Slot& i) {                                                               \
        return sign_inject<fp::F32>(h, i, [](std::uint32_t a, std::uint32_t b) { return expression; });                \
    }                                                                                                                  \
    inline Completion name##_d(Hart& h, const Slot& i) {                                                               \
        return sign_inject<fp::F64>(h, i, [](std::uint64_t a, std::uint64_t b) { return expression; });                \
    }
HARTLAB_FP_SIGN(fsgnj, (static_cast<void>(a), b))
HARTLAB_FP_SIGN(fsgnjn, (static_cast<void>(a), ~b))
HARTLAB_FP_SIGN(fsgnjx, a ^ b)

#undef HARTLAB_FP_BOTH
#undef HARTLAB_FP_FROM_INTEGER
#undef HARTLAB_FP_SIGN
#undef ROUNDED
#undef EXACT

}  // namespace hartlab::semantics
