"""Secret fractions with a known bound, from which mathematical functions are put together.

A Scaled is an integer in units of 2^-scale whose magnitude has a bound that is known while
compiling. So every product has a length that is known to fit the ring, or is refused while
compiling, and rounding is told the right length. One bit of the ring is left free, with which
rounding takes two rounds; see the protocol's truncation.
"""

from . import _ops
from .approximation import coefficients, integer
from .record import rec
from .secret_bits import FLOOR, NEAREST, PROBABILISTIC, need, truncate
from .values import TYPES


class Scaled:
    """Secret fractions."""

    __slots__ = ("raw", "scale", "bound")

    def __init__(self, raw, scale, bound):
        self.raw = raw
        self.scale = scale
        self.bound = bound

    def __mul__(self, other):
        return Scaled(self.raw * other.raw, self.scale + other.scale, self.bound * other.bound)

    def plus(self, number):
        """Adds a public number."""
        number = integer(number, self.scale)
        return Scaled(self.raw + number, self.scale, self.bound + abs(number))

    def times(self, number, scale):
        """Multiplies by a public number, rounded to units of 2^-scale."""
        number = integer(number, scale)
        return Scaled(self.raw * number, self.scale + scale, max(self.bound * abs(number), 1))

    def negated(self):
        """The negative."""
        return Scaled(0 - self.raw, self.scale, self.bound)

    def within(self, bound):
        """The same, of which more is known."""
        return Scaled(self.raw, self.scale, bound)

    def to(self, scale, rounding=PROBABILISTIC):
        """In other units, rounded."""
        shift = self.scale - scale
        if shift <= 0:
            return Scaled(self.raw * (1 << -shift) if shift else self.raw, scale,
                          self.bound << -shift)
        bits = need(max(self.bound.bit_length(), shift) + 1, "a mathematical function",
                    "use fewer bits (sfix.set_precision)")
        return Scaled(truncate(self.raw, shift, bits, rounding), scale, (self.bound >> shift) + 1)


def working_scale(bits):
    """The scale of fractions up to 1, for results with so many bits.

    Products of two, summed with coefficients whose magnitudes add up to less than 4, leave a bit
    of the ring free.
    """
    scale = min((rec.ring_bits - 3) // 2, bits + 1)
    need(2 * scale + 3, "a mathematical function")
    return scale


def room():
    """The bits of a magnitude that can be rounded, also to the nearest, with a free bit."""
    return rec.ring_bits - 3


def weigh(value, bits, places, weights):
    """Sums of weights, a list of `bits` for each result, over places of a number that are 1."""
    lanes, rows = value.size, len(weights)
    every = TYPES["s"].fresh(lanes * rows)
    constants = [rec.constant(weight) for row in weights for weight in row]
    rec.emit(_ops.WEIGHS, 1, every.reg, value.use(), bits, places, len(constants), *constants)
    if rows == 1:
        return [every]
    levels = () if lanes == 1 else ((lanes, 1),)
    return [every.pick(row * lanes, levels) for row in range(rows)]


def polynomial(z, function, low, high, bits, factor=1):
    """`factor` times a function, where z from -1 to 1 stands for the interval, with an error below
    2^-bits times `factor` before rounding. The result has the scale of products.

    All powers are made in the logarithm of the degree steps; the sum is rounded once.
    """
    values = [factor * it for it in coefficients(function, low, high, bits)]
    total = sum(abs(it) for it in values)
    scale = z.scale
    while integer(total, scale).bit_length() + z.bound.bit_length() > room() + 1 and scale > 0:
        scale -= 1
    powers = {1: z}
    for power in range(2, len(values)):
        half = 1 << (power - 1).bit_length() - 1
        powers[power] = (powers[half] * powers[power - half]).to(z.scale).within(z.bound)
    raw = integer(values[0], scale + z.scale)
    for power in range(1, len(values)):
        raw = raw + powers[power].raw * integer(values[power], scale)
    return Scaled(raw, scale + z.scale, integer(total, scale + z.scale) + len(values) * z.bound)


__all__ = ["Scaled", "working_scale", "room", "weigh", "polynomial", "FLOOR", "NEAREST",
           "PROBABILISTIC"]
