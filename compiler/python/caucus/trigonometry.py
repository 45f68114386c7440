"""Trigonometric functions of secret fixed-point numbers, their inverses, and the hyperbolic tangent.

Arguments and results are integers in units of 2^-f. docs/precision.md states the errors.
"""

from decimal import Decimal

from .approximation import (PI, arc_cosine_quotient, arc_tangent_quotient, integer, logarithm,
                            quarter_sine_quotient)
from .division import quotient
from .elementary import small_exponential, unit_root
from .normal import inverse, look_up, shift_to
from .record import rec
from .scaled import Scaled, polynomial, room, working_scale
from .secret_bits import FLOOR, decompose, negative, truncate

_ZERO, _ONE = Decimal(0), Decimal(1)


def _signed(value, bits):
    """1 or -1, and the magnitude."""
    sign = 1 - 2 * negative(value, bits)
    return sign, value * sign


def _square_interval(square):
    """z from -1 to 1 for a square from 0 to 1."""
    return Scaled(square.raw * 2 - (1 << square.scale), square.scale, 1 << square.scale)


#: Whether angles may overflow on purpose; not in checked runs, which stop at any overflow.
MAY_OVERFLOW = True


def _half_turns(value, k, f, quarters):
    """(left, rest) of the angle x + quarters·π/2: whether it is in the left half of the circle, and
    what is then missing from half a turn, or the angle, from minus to plus a quarter of a turn in
    quarters, as a fraction.

    With a quarter more, the number of half turns is even in the right half. In turns that take all
    bits of the ring whole turns vanish by themselves, and the sign tells the half.
    """
    if MAY_OVERFLOW:
        ring = rec.ring_bits
        turns = value * integer(1 / (2 * PI), ring - f)
        turns = turns + (quarters + 1 << ring - 2) % (1 << ring)
        left = negative(turns, ring)
        return left, Scaled(turns + left * (1 << ring - 1) - (1 << ring - 2), ring - 2,
                            (1 << ring - 2) - 1)
    turns = Scaled(value, f, 1 << k - 1).times(1 / (2 * PI), room() - k)
    turns = turns.plus(Decimal(quarters + 1) / 4)
    scale = turns.scale
    count = truncate(turns.raw, scale - 1, turns.bound.bit_length() + 1, FLOOR)
    rest = turns.raw - count * (1 << scale - 1) - (1 << scale - 2)
    return decompose(count, 1)[0], Scaled(rest, scale - 2, 1 << scale - 2)


def _sines(value, k, f, quarters, scale):
    """The sine of each x + quarters·π/2, for x = value / 2^f, as fractions: in the left half of the
    circle it is the negative one of an angle in the right half, and there an odd polynomial."""
    res = []
    for count in quarters:
        left, rest = _half_turns(value, k, f, count)
        part = rest.to(scale).within(1 << scale)
        square = (part * part).to(scale).within(1 << scale)
        body = polynomial(_square_interval(square), quarter_sine_quotient, _ZERO, _ONE, scale)
        signed = Scaled(part.raw * (1 - 2 * left), scale, part.bound)
        res.append((signed * body.to(room() - 1 - scale)).within(1 << room() - 1))
    return res


def sine(value, k, f, quarters, rounding):
    """sin(x + quarters·π/2)."""
    scale = working_scale(f + 4)
    return _sines(value, k, f, (quarters,), scale)[0].to(f, rounding).raw


def tangent(value, k, f):
    """sin(x) / cos(x)."""
    working = working_scale(k)
    scale = working - 1
    top, bottom = _sines(value, k, f, (0, 1), working)
    return quotient(top.to(scale).within(1 << scale), bottom.to(scale).within(1 << scale), k, f)


def arc_tangent(value, k, f, rounding):
    """atan(x) = ±atan(|x|), and for |x| > 1 it is ±(π/2 - atan(1 / |x|)).

    The leading place tells which it is, and gives the shift for 1 / |x|, which is not used
    for other numbers.
    """
    scale = working_scale(f + 6)
    wide = max(k - 1, scale)
    shift = shift_to(wide)
    sign, any_shift, large_shift, large, filled = look_up(
        value, k, shift, lambda place: shift(place) if place >= f else 0,
        lambda place: int(place >= f), lambda place: 1 << wide - 1)
    sign = 1 - 2 * sign
    magnitude = value * sign
    # 1/2 in the place of 0, so that everything stays in its bounds.
    normal = magnitude * any_shift + ((1 << wide - 1) - filled)
    reciprocal = inverse(Scaled(normal, wide, 1 << wide).to(scale))
    # 1 / x = 2^f / (c 2^(e+1)), and the shift is 2^(wide-1-e).
    inverted = Scaled(large_shift * reciprocal.raw, wide + scale - 1 - f,
                      1 << wide + scale - 1 - f).to(scale)
    small = Scaled(magnitude * (1 - large), f, 1 << f).to(scale)
    ratio = Scaled(inverted.raw + small.raw, scale, 1 << scale)
    square = (ratio * ratio).to(scale).within(1 << scale)
    body = polynomial(_square_interval(square), arc_tangent_quotient, _ZERO, _ONE, f + 3)
    signed = Scaled(ratio.raw * (sign * (1 - 2 * large)), scale, ratio.bound)
    rest = (signed * body.to(scale)).to(f, rounding).raw
    return rest + large * sign * integer(PI / 2, f)


def arc_cosine(value, k, f, rounding, minus_quarter=False):
    """acos(x) of |x| is sqrt(1 - |x|) times a smooth function; that of -|x| is π less it.

    With `minus_quarter` π/2 - acos(x), which is asin(x). Beyond ±1 it is as at ±1.
    """
    scale = working_scale(f + 4)
    sign, magnitude = _signed(value, k)
    below = unit_root((1 << f) - magnitude, k + 1, f, scale, sign)
    z = Scaled(magnitude * 2 - (1 << f), f, 1 << f).to(scale)
    body = polynomial(z, arc_cosine_quotient, _ZERO, _ONE, f + 4)
    # The sign times acos(|x|), then what asin and acos make of it.
    angle = (below * body.to(room() - 2 - scale)).to(f, rounding).raw
    quarter = integer(PI / 2, f)
    if minus_quarter:
        return sign * quarter - angle
    return quarter - sign * quarter + angle


def hyperbolic_tangent(value, k, f, rounding):
    """tanh(x) = ±(1 - t) / (1 + t) with t = e^(-2|x|), which is at most 1."""
    scale = working_scale(f + 4)
    sign, magnitude = _signed(value, k)
    factor = 2 * logarithm(Decimal(1).exp())
    more = room() - (k - 1) - 2
    exponent = Scaled(magnitude, f, 1 << k - 1).times(-factor, more).to(scale)
    t = small_exponential(exponent, exponent.bound.bit_length() + 1, scale)
    # The denominator is between 1 and 2; half of it is normal.
    reciprocal = inverse(Scaled(t.raw + (1 << scale), scale + 1, 2 << scale))
    top = Scaled(((1 << scale) - t.raw) * sign, scale + 1, 1 << scale)
    return (top * reciprocal).to(f, rounding).raw
