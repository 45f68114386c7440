"""Quotients of secrets: reciprocals by Goldschmidt's iteration.

The divisor B, a positive integer of n bits, is shifted to C = B·v in [2^(n-1), 2^n) by a power of
two v that comparisons with all powers of two give. With c = C / 2^n, the line y = 2.914 - 2·c is
within a factor 1 ± 0.0858 of 1/c; each step of y := y·(1 + x), x := x^2 from x = 1 - c·y squares
the relative error. All numbers are integers: y in units of 2^(1-n), x in units of 2^-n.
"""

from fractions import Fraction
from math import ceil, log2

from . import _ops
from .record import rec
from .secret_bits import FLOOR, PROBABILISTIC, length_of_numbers, need, negative, truncate
from .values import TYPES

#: The line's constant, 3/2 + sqrt(2), in units of 2^-64, and the bits that it gets right.
_LINE = 53757751761229891848
_RIGHT_BITS = 3.54


def absolute(value, bits):
    """(factor, magnitude): the factor is 1, or -1 for negative numbers."""
    factor = 1 - 2 * negative(value, bits)
    return factor, factor * value


def _shift(divisor, n):
    """The power of two that makes the divisor a number of n bits; 0 for 0."""
    lanes, powers = divisor.size, n - 1
    one = TYPES["c"].constant(1)
    empty = negative(divisor - 1, n + 1) * (1 << powers)
    if powers < 1:
        return 1 - empty
    exponents = TYPES["i"].inc(lanes * powers, 1, 1, 1, powers)
    repeated = divisor.pick(0, ((lanes, 1), (powers, 0)))
    below = negative(repeated - (one << exponents), n + 1)
    weighted = below * (one << (powers - exponents))
    total = TYPES["s"].fresh(lanes)
    rec.emit(_ops.SUMS, total.reg, weighted.use())
    return total + 1 - empty


def reciprocal(divisor, n, scale):
    """About 2^scale / divisor, for divisors from 1 to 2^n - 1; 0 for 0.

    The relative error is below 2^(3-n), the absolute one of rounding below 1. Needs 2n + 2 bits.
    """
    shift = _shift(divisor, n)
    normal = divisor * shift
    y = (_LINE >> (65 - n) if n < 65 else _LINE << (n - 65)) - normal
    wide = 2 * n + 2
    x = (1 << n) - truncate(normal * y, n - 1, wide, PROBABILISTIC)
    steps = max(ceil(log2(max(n - 2, 1) / _RIGHT_BITS)), 1)
    for step in range(steps):
        y = truncate(y * (x + (1 << n)), n, wide, PROBABILISTIC)
        if step + 1 < steps:
            x = truncate(x * x, n, wide, PROBABILISTIC)
    res = shift * y
    down = 2 * n - 1 - scale
    return truncate(res, down, wide, FLOOR) if down >= 0 else res * (1 << -down)


def fixed_quotient(a, b, k, f, rounding):
    """a / b for integers of k bits in units of 2^-f; a may be public or a Python int.

    The error is below 2 units, plus the quotient times 2^(4-k).
    """
    need(2 * k, "the division of fixed-point numbers of %d bits" % k,
         "or fewer bits (sfix.set_precision)")
    factor, b = absolute(b, k)
    scale = k - 1
    inverse = reciprocal(b, k - 1, f + scale)
    return truncate(inverse * (factor * a), scale, 2 * k, rounding)


def fixed_quotient_by_known(a, b, k, rounding):
    """a / b for an integer a of k bits and a Python number b that is not 0.

    Exact up to rounding if b or 1 / b is a power of two; else the error is below 2 units.
    """
    inverse = 1 / Fraction(b)
    scale = min(rec.ring_bits - k - 1, k)
    factor = round(inverse * (1 << scale))
    while scale and factor % 2 == 0:
        factor, scale = factor // 2, scale - 1
    return truncate(a * factor, scale, k + scale + 1, rounding)


def fixed_quotient_by_public(a, b, k, f, rounding):
    """a / b for an integer a of k bits and a public b in units of 2^-f; b = 0 ends the run."""
    scale = min(rec.ring_bits - k - 1, k)
    need(f + scale + 1, "the division of fixed-point numbers of %d bits" % k,
         "or fewer bits (sfix.set_precision)")
    return truncate(a * ((1 << f + scale) // b), scale, k + scale + 1, rounding)


def integer_quotient(a, b, length=None):
    """The quotient of numbers of `length` bits, rounded down.

    The quotient is computed with an error below 1 and corrected with the remainder's help.
    """
    length = length_of_numbers(length)
    n = length + 4
    need(2 * n + 2, "dividing numbers of %d bits" % length)
    factor, b = absolute(b, length + 1)
    a = a * factor
    inverse = reciprocal(b, n, n)
    quotient = truncate(inverse * a, n, 2 * n + 1, FLOOR)
    rest = a - quotient * b
    return TYPES["s"].conv(
        quotient - negative(rest, length + 3) + 1 - negative(rest - b, length + 3))
