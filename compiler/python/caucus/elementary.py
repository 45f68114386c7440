"""Roots, logarithms and powers of secret fixed-point numbers.

Each shifts its argument into a short interval, where a polynomial approximates the function with
few rounds; A. Aly, N. Smart: Benchmarking Privacy Preserving Scientific Operations, ACNS 2019,
describe this way, with rational functions instead. Arguments and results are integers in units of
2^-f. docs/precision.md states the errors.
"""

from decimal import Decimal

from . import _ops
from .approximation import integer, inverse_root, logarithm, power_of_two, root
from .normal import shifted
from .scaled import NEAREST, Scaled, polynomial, room, weigh, working_scale


def _shifted(value, bits, scale, *entries):
    """(z, sign, found): the value shifted into the interval from 1/2 to 1, which z from -1 to 1
    stands for, the sign of the value, and what `entries` give for its leading place."""
    wide = max(bits - 1, scale)
    sign, normal, found = shifted(value, bits, wide, *entries)
    return _interval(normal.to(scale)), sign, found


def _interval(normal):
    """z from -1 to 1 for a number from 1/2 to 1."""
    scale = normal.scale
    return Scaled(normal.raw * 4 - (3 << scale), scale, 1 << scale)


def _root(value, bits, f, function, exponent):
    """function(x) for x = value / 2^f, where the function of 2^e is 2^(e·exponent)."""
    sizes = [Decimal(place + 1 - f) * exponent for place in range(bits - 1)]
    greatest = int(max(sizes)) + 1
    # Small results have few bits, all of which must be right: half a unit, and a little more.
    fraction = f + greatest + 3
    scale = working_scale(fraction)
    factor_scale = max(min(room() - 1 - scale - greatest, scale + 4), f + 4)
    body_scale = min(room() - 1 - factor_scale - greatest, scale)
    z, sign, (factor,) = _shifted(
        value, bits, scale, lambda place: integer(power_of_two(sizes[place]), factor_scale))
    # Nothing leads 0, whose factor is 0; so is that of a negative number now.
    factor = Scaled(factor * (1 - sign), factor_scale, 1 << factor_scale + greatest)
    body = polynomial(z, function, Decimal("0.5"), Decimal(1), fraction)
    return (body.to(body_scale) * factor).to(f, NEAREST).raw


def unit_root(value, bits, f, scale, factor):
    """The square root of a number up to 1, times a factor that is 1 or -1, as a fraction; 0 for
    numbers that are not positive."""
    z, sign, (size,) = _shifted(
        value, bits, scale,
        lambda place: integer(power_of_two(Decimal(place + 1 - f) / 2), scale) if place <= f else 0)
    size = size * ((1 - sign) * factor)
    body = polynomial(z, root, Decimal("0.5"), Decimal(1), scale - 1)
    return (body.to(scale) * Scaled(size, scale, 2 << scale)).to(scale).within(1 << scale)


def square_root(value, bits, f):
    """The square root, to the nearest or its neighbor; 0 for numbers that are not positive."""
    return _root(value, bits, f, root, Decimal("0.5"))


def inverse_square_root(value, bits, f):
    """1 over the square root; 0 for numbers that are not positive."""
    return _root(value, bits, f, inverse_root, Decimal("-0.5"))


def scaled_logarithm(value, bits, f, factor, scale, precision):
    """(result, positive): the binary logarithm times a public factor, which is right to so many
    binary digits before it is rounded to units of 2^-scale, and whether the value is positive. That
    of other numbers is anything."""
    most = max(bits - f, f + 1)
    working = working_scale(precision)
    z, sign, (whole, nonzero) = _shifted(
        value, bits, working,
        lambda place: integer((place + 1 - f) * Decimal(factor), scale), lambda place: 1)
    positive = nonzero * (1 - sign)
    body = polynomial(z, logarithm, Decimal("0.5"), Decimal(1), precision, Decimal(factor))
    bound = integer((most + 1) * abs(Decimal(factor)), scale) + 1
    return Scaled(whole + body.to(scale).raw, scale, bound), positive


def _powers(exponent, bits, offset, most):
    """(z, power) for a secret fraction x of `bits` bits with the sign: z from -1 to 1 stands for
    its part after the point, from 0 to 1, and the power of two for what is before it, x + offset;
    0 if that is negative. At most 2^most is right.
    """
    scale = exponent.scale
    shifted = exponent.raw + (offset << scale)
    places = most.bit_length()
    bits = max(bits, scale + places) + 1
    below = [0] * scale
    rows = [below + [0] * j + [(1 << (1 << j)) - 1] + [0] * (bits - 1 - scale - j)
            for j in range(places)]
    rows.append(below + [1 << place for place in range(scale, bits - 1)] + [-1 << bits - 1])
    rows.append([0] * (bits - 1) + [1])
    *factors, whole, sign = weigh(shifted, bits, _ops.WEIGHS_EACH, rows)
    factors = [1 - sign] + [1 + factor for factor in factors]
    while len(factors) > 1:
        rest = factors[len(factors) // 2 * 2:]
        factors = [a * b for a, b in zip(factors[::2], factors[1::2])] + rest
    part = shifted - whole
    z = Scaled(part * 2 - (1 << scale), scale, 1 << scale)
    return z, factors[0]


def exponential(exponent, bits, k, f, rounding):
    """2^x as an integer of k bits in units of 2^-f."""
    offset = f + 1
    working = working_scale(k)
    z, shift = _powers(exponent, bits, offset, k - 1)
    body = polynomial(z.to(working), power_of_two, Decimal(0), Decimal(1), k)
    scale = min(room() - 1 - (k - 1), body.scale)
    product = Scaled(body.to(scale).raw * shift, scale + offset, 1 << scale + k)
    return product.to(f, rounding).raw


def small_exponential(exponent, bits, scale):
    """2^x for x at most 0, as a fraction with this scale."""
    z, shift = _powers(exponent, bits, scale, scale)
    body = polynomial(z, power_of_two, Decimal(0), Decimal(1), scale)
    body = body.to(room() - 1 - scale)
    product = Scaled(body.raw * shift, body.scale + scale, 1 << body.scale + 1 + scale)
    return product.to(scale).within(1 << scale)
