"""Quotients of secrets: the divisor is shifted into a known range, where its reciprocal is found."""

from fractions import Fraction

from .normal import inverse, look_up, shift_to
from .record import rec
from .scaled import FLOOR, PROBABILISTIC, Scaled, room
from .secret_bits import length_of_numbers, need, negative, truncate
from .values import TYPES


def reciprocal(divisor, n, scale):
    """About 2^scale / divisor, for divisors of n bits and a sign; 0 for 0.

    The relative error is below 2^(3-n), the absolute one of rounding below 1. Needs 2n + 2 bits.
    """
    sign, shift = look_up(divisor, n + 1, shift_to(n))
    shift = shift * (1 - 2 * sign)
    return _shifted_inverse(divisor * shift, shift, n, scale, PROBABILISTIC)


def _shifted_inverse(normal, shift, n, scale, rounding):
    res = shift * inverse(Scaled(normal, n, 1 << n)).raw
    down = 2 * n - 1 - scale
    return truncate(res, down, 2 * n + 2, rounding) if down >= 0 else res * (1 << -down)


def fixed_quotient(a, b, k, f, rounding):
    """a / b for an integer a of k bits in units of 2^-f; a may be public or a Python int.

    The error is below 2 units, plus the quotient times 2^(4-k).
    """
    need(2 * k, "the division of fixed-point numbers of %d bits" % k,
         "use fewer bits (sfix.set_precision)")
    scale = k - 1
    return truncate(reciprocal(b, k - 1, f + scale) * a, scale, 2 * k, rounding)


def quotient(a, b, k, f):
    """a / b for fractions in equal units, as an integer of k bits in units of 2^-f.

    The error is below 2 units, plus the quotient times 2^3 over the greatest b.
    """
    n, scale = b.bound.bit_length(), room() - (k - f)
    inverted = reciprocal(b.raw, n, scale)
    return Scaled(a.raw * inverted, scale, 1 << room()).to(f).raw


def fixed_quotient_by_known(a, b, k, rounding):
    """a / b for an integer a of k bits and a Python number b that is not 0.

    Exact up to rounding if b or 1 / b is a power of two; else the error is below 2 units.
    """
    inverse_of = 1 / Fraction(b)
    scale = min(rec.ring_bits - k - 1, k)
    factor = round(inverse_of * (1 << scale))
    while scale and factor % 2 == 0:
        factor, scale = factor // 2, scale - 1
    return truncate(a * factor, scale, k + scale + 1, rounding)


def fixed_quotient_by_public(a, b, k, f, rounding):
    """a / b for an integer a of k bits and a public b in units of 2^-f; b = 0 ends the run."""
    scale = min(rec.ring_bits - k - 1, k)
    need(f + scale + 1, "the division of fixed-point numbers of %d bits" % k,
         "use fewer bits (sfix.set_precision)")
    return truncate(a * ((1 << f + scale) // b), scale, k + scale + 1, rounding)


def integer_quotient(a, b, length=None):
    """The quotient of numbers of `length` bits, rounded down.

    The quotient is computed with an error below 1 and corrected with the remainder's help.
    """
    length = length_of_numbers(length)
    n = length + 4
    need(2 * n + 2, "dividing numbers of %d bits" % length,
         "promise shorter numbers: x.int_div(y, %d)" % ((rec.ring_bits - 2) // 2 - 8))
    sign, shift = look_up(b, n + 1, shift_to(n))
    factor = 1 - 2 * sign
    a, b = a * factor, b * factor
    inverted = _shifted_inverse(b * shift, shift, n, n, FLOOR)
    found = truncate(inverted * a, n, 2 * n + 1, FLOOR)
    rest = a - found * b
    return TYPES["s"].conv(
        found - negative(rest, length + 3) + 1 - negative(rest - b, length + 3))
