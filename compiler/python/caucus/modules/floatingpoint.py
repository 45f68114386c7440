"""Operations on the bits of secret integers, by the names of the library."""

from .. import secret_bits as _bits
from ..errors import not_yet as _not_yet
from ..sint import sint as _sint


def EQZ(a, k, kappa=None):
    """1 where the lowest k bits are all 0."""
    return _bits.zero(_sint.conv(a), _bits.need(k, "a test for zero"))


def BitDec(a, k, m, kappa=None, bits_to_compute=None):
    """The lowest m bits, the lowest first, or those whose places are asked for."""
    every = _bits.decompose(_sint.conv(a), m)
    return every if bits_to_compute is None else [every[place] for place in bits_to_compute]


def PreOR(a, kappa=None):
    """Of each bit of a list whether it or one before it is 1."""
    res, group = [_sint.bit_type.view(_sint.conv(bit)) for bit in a], 1
    # After each step, groups of twice as many are done.
    while group < len(res):
        res = [bit if not place & group else bit | res[place // group * group - 1]
               for place, bit in enumerate(res)]
        group *= 2
    return res


def Pow2(a, l, kappa=None):
    """2^a for a from 0 to l - 1."""
    return _bits.power_of_two(_sint.conv(a), l)


def B2U(a, l, kappa=None):
    """(bits, 2^a): l bits of which the first a are 1, for a from 0 to l - 1."""
    power = Pow2(a, l)
    return _bits.decompose(power - 1, l), power


def Trunc(a, l, m, kappa=None, compute_modulo=False, signed=False):
    """A number of l bits divided by 2^m, rounded down; with `compute_modulo` also the rest."""
    if not isinstance(m, int):
        raise _not_yet("floatingpoint.Trunc() by a number that is not known while compiling is")
    a = _sint.conv(a)
    quotient = _bits.shift_right(a, m, l + (not signed))
    return (quotient, a - quotient * (1 << m)) if compute_modulo else quotient


def TruncPr(a, k, m, kappa=None, signed=True):
    """A number of k bits divided by 2^m, to one of the two neighbors."""
    return _bits.divide_rounded(_sint.conv(a), k, m, False, signed)


def __getattr__(name):
    if name.startswith("_"):
        raise AttributeError(name)
    raise _not_yet("floatingpoint.%s is" % name)
