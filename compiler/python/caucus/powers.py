"""Powers with exponents that exist at run time."""

from . import _ops
from .branches import condition_of
from .record import TEST, WHILE, rec
from .values import TYPES


def run_time_power(base, exponent):
    """base ** exponent for a public exponent, by repeated squaring."""
    if exponent.letter == "s":
        return _secret_power(base, exponent)
    left = TYPES["i"].conv(exponent).copy()
    rec.emit(_ops.FAIL, (left < 0).use(), 1, 0, rec.text("negative exponent"))
    res, square = type(base)(1, size=base.size), base.copy()
    rec.emit(WHILE)
    rec.open_region("loop")
    rec.emit(TEST, condition_of(left > 0).use())
    # The factor is the square where the lowest bit is 1, else 1.
    res.update(res * (1 + (left & 1) * (square - 1)))
    square.update(square * square)
    left.update(left >> 1)
    rec.close_region()
    return res


def _secret_power(base, exponent):
    """base ** exponent for a secret exponent: the product of the powers that its bits choose."""
    factors = []
    for bit in exponent.bit_decompose():
        factors.append(1 + bit * (base - 1))
        base = base * base
    while len(factors) > 1:
        pairs = [factors[k] * factors[k + 1] for k in range(0, len(factors) - 1, 2)]
        factors = pairs + factors[len(factors) - len(factors) % 2:]
    return factors[0]
