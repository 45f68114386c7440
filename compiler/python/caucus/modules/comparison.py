"""Comparisons and divisions of secret integers by powers of two, by the names of the library.

Procedures with a first argument for the result write it there at run time.
"""

from .. import secret_bits as _bits
from ..errors import not_yet as _not_yet
from ..sint import sint as _sint


def LessThanZero(a, k):
    """1 where a number of k bits with the sign is negative."""
    return _bits.negative(_sint.conv(a), _bits.need(k, "a comparison"))


def LTZ(s, a, k, kappa=None):
    """s := LessThanZero(a, k)."""
    s.update(LessThanZero(a, k))


def Trunc(d, a, k, m, kappa=None, signed=True):
    """d := a number of k bits divided by 2^m, rounded down."""
    d.update(_bits.shift_right(_sint.conv(a), m, k + (not signed)))


def TruncRoundNearest(a, k, m, kappa=None, signed=True):
    """A number of k bits divided by 2^m, rounded to the nearest, halves up."""
    return _bits.divide_rounded(_sint.conv(a), k, m, True, signed)


def Mod2m(a_prime, a, k, m, kappa=None, signed=True):
    """a_prime := the remainder of a number of k bits modulo 2^m, at least 0."""
    a_prime.update(_bits.low_bits(_sint.conv(a), m, k + (not signed)))


def __getattr__(name):
    if name.startswith("_"):
        raise AttributeError(name)
    raise _not_yet("comparison.%s is" % name)
