"""Operations that look at the bits of secrets: sign, zero, decomposition, shifts, powers of two.

Lengths: a program promises that its numbers have ``program.bit_length`` bits with the sign, or the
length it gives to an operation. The difference of two such numbers has one bit more, which the
ring must have room for.
"""

from . import _ops
from .errors import LanguageTypeError, LanguageValueError, larger_ring, not_yet
from .record import rec
from .values import TYPES

FLOOR, NEAREST, PROBABILISTIC = (
    _ops.TRUNCS_FLOOR, _ops.TRUNCS_NEAREST, _ops.TRUNCS_PROBABILISTIC)

def length_of_numbers(length):
    """The number of bits that the program promises, by default for all its numbers."""
    if length is None:
        return rec.bit_length
    if isinstance(length, bool) or not isinstance(length, int) or length < 1:
        raise LanguageValueError(
            "E0219", "a bit length must be a positive number known while compiling, not %r"
            % (length,), "leave it out, or give the bits of the numbers with their sign")
    return length


def need(bits, what, remedy="promise shorter numbers: program.set_bit_length(n)"):
    """Refuses what needs more bits than the ring has; returns the number."""
    if bits > rec.ring_bits:
        ring = larger_ring(bits)
        raise LanguageValueError(
            "E0220", "%s needs %d bits, but the ring has %d only" % (what, bits, rec.ring_bits),
            "%s, or %s" % (ring, remedy) if ring else
            "no ring is so large: %s" % remedy)
    return bits


def _whole(length):
    """The bits of one number; all that the ring has if the program has not made them fewer."""
    if length is None and rec.bit_length == rec.ring_bits - 1:
        return rec.ring_bits
    return length_of_numbers(length)


def compared_bits(length):
    """The bits of the difference of two numbers."""
    length = length_of_numbers(length)
    return need(length + 1, "comparing numbers of %d bits" % length)


def negative(value, bits):
    """1 where the low bits are a negative number."""
    res = TYPES["s"].bit_type.fresh(value.size)
    rec.emit(_ops.LTZS, 1, res.reg, value.use(), bits)
    return res


def zero(value, bits):
    """1 where the low bits are all 0."""
    res = TYPES["s"].bit_type.fresh(value.size)
    rec.emit(_ops.EQZS, 1, res.reg, value.use(), bits)
    return res


def decompose(value, length=None):
    """The lowest bits, lowest first."""
    bits = need(length_of_numbers(length), "splitting a number into bits", "take fewer bits")
    every = TYPES["s"].bit_type.fresh(bits * value.size)
    rec.emit(_ops.DECS, 1, every.reg, value.use(), bits)
    levels = () if value.size == 1 else ((value.size, 1),)
    if len(every) == 1:
        return [every]
    return [every.pick(bit * value.size, levels) for bit in range(bits)]


def truncate(value, shift, bits, rounding):
    """A number of `bits` bits divided by 2^shift."""
    if shift == 0:
        return value
    res = TYPES["s"].fresh(value.size)
    rec.emit(_ops.TRUNCS, 1, res.reg, value.use(), shift, bits, rounding)
    return res


def known_shift(shift, sign):
    """A number of places that a secret can be shifted by."""
    if not isinstance(shift, int):
        raise not_yet("%s of secrets with a number that is not known while compiling is" % sign)
    if shift < 0:
        raise LanguageValueError(
            "E0219", "a secret cannot be shifted by %d: the number of places is negative" % shift,
            "shift in the other direction by %d" % -shift)
    return shift


def shift_right(value, shift, length=None):
    """value / 2^shift, rounded down."""
    shift = known_shift(shift, ">>")
    bits = need(_whole(length), "a shift")
    if shift >= bits:
        return TYPES["s"].conv(0 - negative(value, bits))
    return truncate(value, shift, bits, FLOOR) if shift else value.copy()


def low_bits(value, count, length=None):
    """value mod 2^count, at least 0."""
    count = known_shift(count, "mod2m()")
    if count == 0:
        return value * 0
    if count >= rec.ring_bits:
        return value.copy()
    if count == 1:
        return decompose(value, 1)[0]
    bits = need(_whole(length), "a remainder")
    bits = bits if count < bits else rec.ring_bits
    return value - truncate(value, count, bits, FLOOR) * (1 << count)


def remainder(value, modulus):
    """value % modulus for a power of two."""
    if not isinstance(modulus, int) or modulus < 1 or modulus & (modulus - 1):
        raise LanguageTypeError(
            "E0201", "the remainder of a secret is taken modulo a public power of two only",
            "use int_mod() for other numbers")
    return low_bits(value, modulus.bit_length() - 1)


def divide_rounded(value, length, shift, nearest=False, signed=True):
    """A number of `length` bits divided by 2^shift, to one of its neighbors or the nearest."""
    shift = known_shift(shift, "round()")
    bits = need(length_of_numbers(length) + (not signed), "rounding")
    if shift >= bits:
        raise LanguageValueError(
            "E0219", "a number of %d bits cannot be divided by 2^%d" % (length, shift))
    return truncate(value, shift, bits, NEAREST if nearest else PROBABILISTIC)


def power_of_two(value, length=None):
    """2^value for values from 0 to length - 1."""
    length = length_of_numbers(length)
    res = None
    for index, bit in enumerate(decompose(value, max((length - 1).bit_length(), 1))):
        factor = 1 + bit * ((1 << (1 << index)) - 1)
        res = factor if res is None else res * factor
    return res
