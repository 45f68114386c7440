"""Powers with exponents that exist at run time."""

from . import _ops
from .branches import condition_of
from .errors import not_yet
from .record import TEST, WHILE, rec
from .values import TYPES


def run_time_power(base, exponent):
    """base ** exponent for a public exponent, by repeated squaring."""
    if exponent.letter == "s":
        raise not_yet("a secret exponent is")
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
