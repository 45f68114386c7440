"""Secrets shifted into a known range, and reciprocals there.

One instruction finds the leading place e of a number and looks up what depends on it: the power of
two that shifts the number, and whatever a function must multiply or add for it. Shifting a secret
by its size is from O. Catrina, A. Saxena: Secure Computation with Fixed-Point Numbers, FC 2010,
section 3.4; the lookup is ours.
"""

from math import ceil, log2

from . import _ops
from .scaled import Scaled, weigh

#: The line's constant, 3/2 + sqrt(2), in units of 2^-64, and the bits that it gets right.
_LINE = 53757751761229891848
_RIGHT_BITS = 3.54


def look_up(value, bits, *entries):
    """The sign (1 for negative numbers), and of each of `entries`, functions of the leading place,
    its value for a signed number of `bits` bits, which is 0 for 0."""
    rows = [[entry(place) for place in range(bits - 1)] + [0] for entry in entries]
    rows.append([0] * (bits - 1) + [1])
    *found, sign = weigh(value, bits, _ops.WEIGHS_LEADING, rows)
    return (sign, *found)


def shift_to(scale):
    """For look_up: what shifts a number to the range from 1/2 to 1 in units of 2^-scale."""
    return lambda place: 1 << (scale - 1 - place)


def shifted(value, bits, scale, *entries):
    """(sign, normal, found): the sign of a number, the number shifted to the range from 1/2 to 1,
    as a fraction, and what `entries` give for its leading place. For 0 it is 1/2, so that what is
    computed with it stays in its bounds; the range of negative numbers is from -1 to -1/2."""
    sign, shift, filled, *found = look_up(value, bits, shift_to(scale),
                                          lambda place: 1 << scale - 1, *entries)
    return sign, Scaled(value * shift + ((1 << scale - 1) - filled), scale, 1 << scale), found


def inverse(normal):
    """1 / c for c from 1/2 to 1, one bit shorter, as a fraction up to 2.

    The line 2.914 - 2 c is within a factor 1 ± 0.0858 of 1 / c. Each step of y := y (1 + x),
    x := x^2 from x = 1 - c y squares the relative error; R. Goldschmidt: Applications of Division
    by Convergence, 1964. That of rounding is below 2^(3-scale).
    """
    n = normal.scale
    line = _LINE >> (65 - n) if n < 65 else _LINE << (n - 65)
    y = Scaled(line - normal.raw, n - 1, 1 << n)
    x = (normal * y).to(n).negated().plus(1).within((1 << n) // 8 + 1)
    steps = max(ceil(log2(max(n - 2, 1) / _RIGHT_BITS)), 1)
    for step in range(steps):
        # (1 - x^2) / c, which is below 2.
        following = (y * x.plus(1)).within(1 << 2 * n).to(n - 1).within(1 << n)
        if step + 1 < steps:
            x = (x * x).to(n)
        y = following
    return y
