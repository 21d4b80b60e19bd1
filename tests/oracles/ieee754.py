"""IEEE 754 arithmetic in exact fractions, slow and obvious: the oracle for F and D. [unpriv 11, 12; IEEE
754-2019]

A number is unpacked to a Fraction, computed with exactly, and rounded once. Results are (bits, flags).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

NX, UF, OF, DZ, NV = 1, 2, 4, 8, 16
RNE, RTZ, RDN, RUP, RMM = range(5)


@dataclass(frozen=True)
class Format:
    """A binary interchange format: the widths of exponent and fraction."""

    exponent_bits: int
    fraction_bits: int

    @property
    def width(self) -> int:
        return 1 + self.exponent_bits + self.fraction_bits

    @property
    def bias(self) -> int:
        return 2 ** (self.exponent_bits - 1) - 1

    @property
    def least_exponent(self) -> int:
        """Of the smallest normal number."""
        return 1 - self.bias

    @property
    def sign_bit(self) -> int:
        return 1 << self.width - 1

    @property
    def infinity(self) -> int:
        return (2**self.exponent_bits - 1) << self.fraction_bits

    @property
    def nan(self) -> int:
        """The canonical NaN."""
        return self.infinity | 1 << self.fraction_bits - 1

    def is_nan(self, bits: int) -> bool:
        return bits & ~self.sign_bit > self.infinity

    def is_signaling(self, bits: int) -> bool:
        return self.is_nan(bits) and not bits >> self.fraction_bits - 1 & 1

    def is_infinite(self, bits: int) -> bool:
        return bits & ~self.sign_bit == self.infinity

    def sign(self, bits: int) -> int:
        return bits >> self.width - 1

    def value(self, bits: int) -> Fraction:
        """Of a finite number."""
        magnitude = bits & self.sign_bit - 1
        exponent = magnitude >> self.fraction_bits
        fraction = magnitude & 2**self.fraction_bits - 1
        if exponent:
            fraction |= 1 << self.fraction_bits
        power = max(exponent, 1) - self.bias - self.fraction_bits
        number = Fraction(fraction) * Fraction(2) ** power
        return -number if self.sign(bits) else number

    def is_zero(self, bits: int) -> bool:
        return bits & ~self.sign_bit == 0


F32 = Format(8, 23)
F64 = Format(11, 52)


def floor_log2(value: Fraction) -> int:
    """Of a positive number."""
    guess = value.numerator.bit_length() - value.denominator.bit_length()
    return guess if Fraction(2) ** guess <= value else guess - 1


def to_integer(value: Fraction, rm: int) -> int:
    """A number rounded to an integer."""
    below = math.floor(value)
    rest = value - below
    if rest == 0 or rm == RDN:
        return below
    if rm == RUP:
        return below + 1
    if rm == RTZ:
        return below if value > 0 else below + 1
    if rest != Fraction(1, 2):
        return below + (rest > Fraction(1, 2))
    if rm == RMM:
        return below + 1 if value > 0 else below
    return below + below % 2


def round_to(fmt: Format, value: Fraction, rm: int, zero_sign: int = 0) -> tuple[int, int]:
    """The encoding of `value` rounded, and the flags. An exact zero gets `zero_sign`."""
    if value == 0:
        return zero_sign * fmt.sign_bit, 0
    sign = fmt.sign_bit if value < 0 else 0

    def unit(exponent: int) -> Fraction:
        return Fraction(2) ** (exponent - fmt.fraction_bits)

    exponent = floor_log2(abs(value))
    scale = unit(max(exponent, fmt.least_exponent))
    units = to_integer(value / scale, rm)
    inexact = units * scale != value
    # Tiny is judged after rounding, as though the exponent had no end [unpriv 11.3].
    unbounded = to_integer(value / unit(exponent), rm) * unit(exponent)
    tiny = abs(unbounded) < Fraction(2) ** fmt.least_exponent
    flags = (NX if inexact else 0) | (UF if inexact and tiny else 0)
    magnitude = abs(units) * scale
    largest = (Fraction(2) - Fraction(2) ** -fmt.fraction_bits) * Fraction(2) ** fmt.bias
    if magnitude > largest:
        to_infinity = rm in (RNE, RMM) or (rm == RUP and not sign) or (rm == RDN and sign)
        return sign | (fmt.infinity if to_infinity else fmt.infinity - 1), OF | NX
    if magnitude == 0:
        return sign, flags
    exponent = floor_log2(magnitude)
    if exponent < fmt.least_exponent:
        return sign | int(magnitude / unit(fmt.least_exponent)), flags
    fraction = int(magnitude / unit(exponent)) - (1 << fmt.fraction_bits)
    return sign | (exponent + fmt.bias) << fmt.fraction_bits | fraction, flags


def _nan(fmt: Format, *operands: int) -> tuple[int, int]:
    return fmt.nan, NV if any(fmt.is_signaling(o) for o in operands) else 0


def fma(fmt: Format, a: int, b: int, c: int, rm: int) -> tuple[int, int]:
    """a * b + c, rounded once."""
    invalid_product = (fmt.is_infinite(a) and fmt.is_zero(b)) or (fmt.is_zero(a) and fmt.is_infinite(b))
    if invalid_product and not (fmt.is_nan(a) or fmt.is_nan(b)):
        return fmt.nan, NV
    if any(fmt.is_nan(o) for o in (a, b, c)):
        return _nan(fmt, a, b, c)
    product_sign = fmt.sign(a) ^ fmt.sign(b)
    if fmt.is_infinite(a) or fmt.is_infinite(b):
        if fmt.is_infinite(c) and fmt.sign(c) != product_sign:
            return fmt.nan, NV
        return product_sign * fmt.sign_bit | fmt.infinity, 0
    if fmt.is_infinite(c):
        return c, 0
    product, addend = fmt.value(a) * fmt.value(b), fmt.value(c)
    # A sum of zeros of one sign has it; any other exact zero is positive, or negative when rounding down.
    same_sign_zeros = product == 0 and addend == 0 and product_sign == fmt.sign(c)
    zero_sign = product_sign if same_sign_zeros else int(rm == RDN)
    return round_to(fmt, product + addend, rm, zero_sign)


def add(fmt: Format, a: int, b: int, rm: int) -> tuple[int, int]:
    one = fmt.bias << fmt.fraction_bits
    return fma(fmt, a, one, b, rm)


def mul(fmt: Format, a: int, b: int, rm: int) -> tuple[int, int]:
    sign = fmt.sign(a) ^ fmt.sign(b)
    if fmt.is_nan(a) or fmt.is_nan(b):
        return _nan(fmt, a, b)
    # A zero of the product's own sign changes nothing, not even the sign of a zero.
    return fma(fmt, a, b, sign * fmt.sign_bit, rm)


def div(fmt: Format, a: int, b: int, rm: int) -> tuple[int, int]:
    if fmt.is_nan(a) or fmt.is_nan(b):
        return _nan(fmt, a, b)
    sign = fmt.sign(a) ^ fmt.sign(b)
    if (fmt.is_infinite(a) and fmt.is_infinite(b)) or (fmt.is_zero(a) and fmt.is_zero(b)):
        return fmt.nan, NV
    if fmt.is_infinite(a):
        return sign * fmt.sign_bit | fmt.infinity, 0
    if fmt.is_infinite(b):
        return sign * fmt.sign_bit, 0
    if fmt.is_zero(b):
        return sign * fmt.sign_bit | fmt.infinity, DZ
    return round_to(fmt, fmt.value(a) / fmt.value(b), rm, sign)


def sqrt(fmt: Format, a: int, rm: int) -> tuple[int, int]:
    if fmt.is_nan(a):
        return _nan(fmt, a)
    if fmt.is_zero(a):
        return a, 0
    if fmt.sign(a):
        return fmt.nan, NV
    if fmt.is_infinite(a):
        return a, 0
    # Far more bits than the format has, and a last one that stands for all those behind it.
    scale = 1 << 2400
    scaled = fmt.value(a) * scale
    root = math.isqrt(int(scaled))
    exact = Fraction(root, 1 << 1200)
    if root * root != scaled:
        exact += Fraction(1, 1 << 1202)
    return round_to(fmt, exact, rm)


def less(fmt: Format, a: int, b: int) -> bool:
    """a < b of numbers that are not NaN."""

    def key(bits: int) -> Fraction:
        huge = Fraction(2) ** 2000
        return (-huge if fmt.sign(bits) else huge) if fmt.is_infinite(bits) else fmt.value(bits)

    return key(a) < key(b)


def compare(fmt: Format, name: str, a: int, b: int) -> tuple[int, int]:
    """feq is quiet, flt and fle signal any NaN."""
    if fmt.is_nan(a) or fmt.is_nan(b):
        signals = name != "feq" or fmt.is_signaling(a) or fmt.is_signaling(b)
        return 0, NV if signals else 0
    if name == "flt":
        return int(less(fmt, a, b)), 0
    equal = not less(fmt, a, b) and not less(fmt, b, a)
    return int(equal or (name == "fle" and less(fmt, a, b))), 0


def minimum(fmt: Format, a: int, b: int, largest: bool) -> tuple[int, int]:
    """minimumNumber or maximumNumber: a NaN loses, -0 is below +0."""
    flags = NV if fmt.is_signaling(a) or fmt.is_signaling(b) else 0
    if fmt.is_nan(a):
        return (fmt.nan if fmt.is_nan(b) else b), flags
    if fmt.is_nan(b):
        return a, flags
    if fmt.is_zero(a) and fmt.is_zero(b):
        smaller = a if fmt.sign(a) else b
        larger = b if fmt.sign(a) else a
    else:
        smaller, larger = (a, b) if less(fmt, a, b) else (b, a)
    return (larger if largest else smaller), flags


def classify(fmt: Format, bits: int) -> int:
    """The one bit of fclass."""
    if fmt.is_nan(bits):
        return 1 << (8 if fmt.is_signaling(bits) else 9)
    if fmt.is_infinite(bits):
        kind = 0
    elif fmt.is_zero(bits):
        kind = 3
    else:
        kind = 1 if abs(fmt.value(bits)) >= Fraction(2) ** fmt.least_exponent else 2
    return 1 << (kind if fmt.sign(bits) else 7 - kind)


def to_int(fmt: Format, bits: int, rm: int, width: int, unsigned: bool) -> tuple[int, int]:
    """A number as an integer of `width` bits, as Python has it; out of range, the nearest, invalid."""
    low, high = (0, 2**width - 1) if unsigned else (-(2 ** (width - 1)), 2 ** (width - 1) - 1)
    if fmt.is_nan(bits):
        return high, NV
    if fmt.is_infinite(bits):
        return (low if fmt.sign(bits) else high), NV
    value = fmt.value(bits)
    rounded = to_integer(value, rm)
    if not low <= rounded <= high:
        return (low if rounded < low else high), NV
    return rounded, NX if rounded != value else 0


def convert(source: Format, target: Format, bits: int, rm: int) -> tuple[int, int]:
    """From one format to another."""
    if source.is_nan(bits):
        return target.nan, _nan(source, bits)[1]
    sign = source.sign(bits)
    if source.is_infinite(bits):
        return sign * target.sign_bit | target.infinity, 0
    return round_to(target, source.value(bits), rm, sign)
