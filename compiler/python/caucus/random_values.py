"""Random values: secret ones that no party knows, and public ones that all parties have alike."""

from . import _ops, secret_bits
from .errors import LanguageError, LanguageTypeError, LanguageValueError
from .fixed import Fixed
from .record import rec
from .regint import regint
from .sint import sint

#: How many more bits are drawn than the range has.
_MARGIN = 28


def random_number(bits, size=1):
    """Secrets that are uniform from 0 to 2^bits - 1."""
    if bits == 0:
        return sint(0, size=size)
    ring = rec.ring_bits
    if not 0 < bits < ring:
        raise LanguageValueError(
            "E0220", "a random number of %d bits does not fit the ring of %d" % (bits, ring),
            "use fewer bits, or a larger ring (-R)")
    high = secret_bits.truncate(sint.get_random(size), ring - bits, ring, secret_bits.FLOOR)
    return high + (1 << bits - 1)


def get_random_triple(cls, size=1):
    """a, b and a * b for uniform a and b."""
    a, b = cls.get_random(size), cls.get_random(size)
    return a, b, a * b


def get_random_square(cls, size=1):
    """a and a * a for a uniform a."""
    a = cls.get_random(size)
    return a, a.square()


def get_random_inverse(cls, *_, **__):
    """Not in a ring."""
    raise LanguageError(
        "E0243", "random inverses need a field: in a ring of 2^%d only odd numbers have one"
        % rec.ring_bits, "compute a quotient with sfix, or with int_div")


def get_public_random(cls, bit_length, size=1):
    """Public numbers, uniform from 0 to 2^bit_length - 1: a random secret is opened."""
    if isinstance(bit_length, bool) or not isinstance(bit_length, int) \
            or not 0 < bit_length <= 64:
        raise LanguageValueError(
            "E0219", "a regint has 1 to 64 random bits, not %r" % (bit_length,))
    value = regint.conv(sint.get_random(size).reveal())
    return value if bit_length == 64 else value & ((1 << bit_length) - 1)


def get_random_fixed(cls, lower, upper, symmetric=True, size=1):
    """Secrets that are uniform among the numbers of this precision from `lower` to before `upper`.

    With a range that is no power of two, no number is more likely than another one by a factor of
    more than 1 + 2^-28.
    """
    if cls.letter != "s":
        raise LanguageTypeError("E0201", "%s has no secret random numbers" % cls.__name__,
                                "use sfix")
    if not all(isinstance(bound, (int, float)) for bound in (lower, upper)):
        raise LanguageTypeError(
            "E0202", "the bounds of random numbers must be known while compiling")
    kind = cls.of_precision()
    low, high = kind.scaled(lower), kind.scaled(upper)
    if low >= high:
        raise LanguageValueError(
            "E0219", "there is no number of this precision from %r to before %r" % (lower, upper))
    count = high - low
    bits = (count - 1).bit_length()
    if count == 1 << bits:
        return kind.view(random_number(bits, size) + low)
    limb = rec.ring_bits - 2 - bits
    if 2 * limb < bits + _MARGIN:
        raise LanguageValueError(
            "E0220", "random numbers from %r to before %r need more bits than the ring has"
            % (lower, upper), "use a range that is a power of two, or a larger ring (-R)")
    # r * count / 2^limbs for a random r, limb by limb.
    res = 0
    for _ in range(1 if limb >= bits + _MARGIN else 2):
        product = random_number(limb, size) * count + res
        res = secret_bits.truncate(product, limb, rec.ring_bits - 1, secret_bits.FLOOR)
    return kind.view(res + low)


sint.get_random_triple = classmethod(get_random_triple)
sint.get_random_square = classmethod(get_random_square)
sint.get_random_inverse = Fixed.get_random_inverse = classmethod(get_random_inverse)
regint.get_random = classmethod(get_public_random)
Fixed.get_random = classmethod(get_random_fixed)
