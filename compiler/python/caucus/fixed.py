"""Fixed-point numbers: integers in units of 2^-f, public (cfix) or secret (sfix).

A value is the register of its integer. Its precision belongs to its class, a class below sfix or
cfix, whose own attributes only say which one values get that are made under these names.
Numbers have k bits with the sign, which the program promises for results.
"""

import math
import numbers
import re

from . import secret_bits
from .arithmetic import binary, compare
from .cint import cint
from .division import fixed_quotient, fixed_quotient_by_known, fixed_quotient_by_public
from .errors import LanguageTypeError, LanguageValueError, VectorMismatch, not_yet
from .personal import personal
from .inputs import part_input, private_input, raw_input
from .sint import sint, vector_of
from .sockets import SocketMethods
from .values import FIXED, Register, contents

_FRACTION_BITS, _BITS = 16, 31

#: The classes of values, by sfix or cfix, total bits and fractional bits.
_kinds = {}


class Fixed(SocketMethods, Register):
    """What public and secret fixed-point numbers have in common."""

    __slots__ = ()
    fixed = True
    f, k = _FRACTION_BITS, _BITS
    base = integer = int_type = None

    def __init__(self, v=None, k=None, f=None, size=None):
        self.__class__ = self.of_precision(k, f)
        self._init(v, size)

    # Precision

    @classmethod
    def set_precision(cls, f, k=None):
        """Fractional bits and, by default twice as many, total bits of values made from now on."""
        cls.base.f, cls.base.k = _precision(f, 2 * f if k is None else k)

    @classmethod
    def set_precision_from_args(cls, program, adapt_ring=False):
        """Precision from arguments f16, k31, and rounding from the argument nearest.

        With `adapt_ring` the ring must have room for products; it is chosen by -R.
        """
        given = {}
        for arg in program.args[1:]:
            match = re.fullmatch("([fk])([0-9]+)", str(arg))
            if match:
                given[match.group(1)] = int(match.group(2))
            if arg == "nearest":
                cls.round_nearest = True
        if given:
            f = given.get("f", given.get("k", 0) // 2)
            for kind in FIXED.values():
                kind.set_precision(f, given.get("k"))
            if adapt_ring:
                secret_bits.need(sfix.k + f, "a product of numbers with this precision",
                                 "give smaller numbers in the arguments f and k")

    @classmethod
    def get_prec_type(cls, f, k=None):
        """The class with another precision."""
        f, k = _precision(f, 2 * f if k is None else k)
        key = (cls.base, k, f)
        if key not in _kinds:
            _kinds[key] = type(cls.__name__, (cls.base,),
                               {"__slots__": (), "f": f, "k": k, "__module__": __name__})
        return _kinds[key]

    @classmethod
    def of_precision(cls, k=None, f=None):
        """The class of values with these bits, by default those of `cls` now."""
        if k is None and f is None:
            return cls.get_prec_type(cls.f, cls.k) if cls is cls.base else cls
        return cls.get_prec_type(cls.f if f is None else f, k)

    @classmethod
    def fresh(cls, size):
        """A new register without a value."""
        return super(Fixed, cls.of_precision()).fresh(size)

    @classmethod
    def view(cls, value):
        """The same register as one of this class."""
        return super(Fixed, cls.of_precision()).view(value)

    # Integers and fixed point

    @property
    def v(self):
        """The integer."""
        return self.integer.view(self)

    @classmethod
    def _new(cls, value, k=None, f=None):
        """The fixed-point number of an integer."""
        if f is not None and k is None:
            k = cls.k
        return cls.of_precision(k, f).view(cls.integer.conv(value))

    @classmethod
    def wrap(cls, raw):
        """The number of this precision for a public or secret integer."""
        return FIXED["s" if raw.letter == "s" else "c"].get_prec_type(cls.f, cls.k).view(raw)

    @classmethod
    def scaled(cls, number):
        """The integer for a Python number."""
        if not math.isfinite(number):
            raise LanguageValueError("E0215", "%r is no number" % number, "give a finite number")
        res = number << cls.f if isinstance(number, int) else round(number * 2.0 ** cls.f)
        if not -(1 << cls.k - 1) <= res < 1 << cls.k - 1:
            raise LanguageValueError(
                "E0215", "%r does not fit fixed-point numbers of %d bits, %d of them fractional"
                % (number, cls.k, cls.f), "use more bits: %s.set_precision(%d, %d)"
                % (cls.__name__, cls.f, res.bit_length() + 1))
        return res

    @classmethod
    def raw(cls, value):
        """An operand as a Python int or a register in units of 2^-f, or None for other types."""
        value = _operand(value)
        if isinstance(value, Register):
            if value.fixed:
                return _rescale(value, cls.f)
            return (cint.conv(value) if value.letter == "i" else value) * (1 << cls.f)
        return cls.scaled(value) if isinstance(value, (int, float)) else None

    @classmethod
    def constant(cls, value, size=1):
        """A register filled with a Python number."""
        return cls.view(cls.integer.constant(cls.scaled(value), size))

    @classmethod
    def from_value(cls, value, size=None):
        """A register of this class for anything that can be converted."""
        if isinstance(value, personal):
            return _owned(cls, value)
        if isinstance(value, (list, tuple, range)) or type(value).__name__ == "generator":
            return cls._from_list([_operand(item) for item in value])
        value = _operand(value)
        if isinstance(value, (int, float)):
            return cls.constant(value, 1 if size is None else size)
        raw = cls.raw(value)
        if raw is None:
            raise LanguageTypeError("E0201", "cannot convert %s %r to %s" % (
                type(value).__name__, value, cls.__name__))
        if raw.letter == "s" and cls.letter != "s":
            raise LanguageTypeError(
                "E0201", "a secret value cannot become public by conversion",
                "open it with .reveal()")
        return cls.view(cls.integer.conv(raw))

    @classmethod
    def _from_list(cls, items):
        if all(isinstance(item, (int, float)) for item in items):
            return cls.view(cls.integer.conv([cls.scaled(item) for item in items]))
        return cls.concat([cls.conv(item) for item in items])

    # Arithmetic

    def _yields(self, other):
        """Whether the operation belongs to a secret operand on the other side."""
        return self.letter != "s" and isinstance(other, Fixed) and other.letter == "s"

    def __neg__(self):
        return self.view(0 - self.v)

    def __abs__(self):
        return (self < 0).if_else(-self, self)

    def __mul__(self, other):
        other = _operand(other)
        if self._yields(other):
            return NotImplemented
        if isinstance(other, float) and other.is_integer():
            other = int(other)
        if isinstance(other, int):
            return self.wrap(self.v * int(other))
        if isinstance(other, float):
            return self.wrap(self.rounded(self.v * self.scaled(other), self.f))
        if not isinstance(other, Register):
            return NotImplemented
        if other.fixed:
            return self.wrap(self.rounded(self.v * other.v, other.f))
        return self.wrap(self.v * other)

    __rmul__ = __mul__

    @classmethod
    def rounded(cls, product, shift):
        """A product of k + shift bits divided by 2^shift."""
        if product.letter != "s":
            return _public_shift(product + (1 << shift >> 1), shift)
        bits = secret_bits.need(cls.k + shift, "a product of fixed-point numbers",
                                "use fewer bits (sfix.set_precision)")
        return secret_bits.truncate(product, shift, bits, cls.rounding())

    @classmethod
    def rounding(cls):
        """How products and quotients of secrets are rounded."""
        return secret_bits.NEAREST if sfix.round_nearest else secret_bits.PROBABILISTIC

    def __truediv__(self, other):
        other = _operand(other)
        if self._yields(other):
            return NotImplemented
        if self.letter == "s" and isinstance(other, (int, float)):
            if other == 0:
                raise _division_by_zero()
            return self.view(fixed_quotient_by_known(self.v, other, self.k, self.rounding()))
        return self._divide(self.v, self.raw(other))

    def __rtruediv__(self, other):
        raw = self.raw(other)
        return NotImplemented if raw is None else self._divide(raw, self.v)

    def _divide(self, a, b):
        if b is None:
            return NotImplemented
        if isinstance(b, int) and b == 0:
            raise _division_by_zero()
        if not isinstance(b, int) and b.letter == "s":
            return self.wrap(fixed_quotient(a, b, self.k, self.f, self.rounding()))
        if not isinstance(a, int) and a.letter == "s":
            return self.wrap(fixed_quotient_by_public(a, b, self.k, self.f, self.rounding()))
        return self.wrap(cint.conv(a) * (1 << self.f) // b)

    def __pow__(self, exponent):
        exponent = _operand(exponent)
        if isinstance(exponent, float) and exponent.is_integer():
            exponent = int(exponent)
        if isinstance(exponent, int) or getattr(exponent, "letter", "s") == "i":
            return Register.__pow__(self, exponent)
        return self._power(self, exponent)

    def __rpow__(self, base):
        return self._power(_operand(base), self)

    def _power(self, base, exponent):
        if not all(isinstance(it, (Register, int, float)) for it in (base, exponent)):
            return NotImplemented
        if not any(getattr(it, "letter", "") == "s" for it in (base, exponent)):
            raise not_yet("a power of public numbers whose exponent is no integer is",
                          "make one of them secret: sfix(x) ** y")
        from .modules.mpc_math import pow_fx
        return pow_fx(base, exponent)

    def sqrt(self):
        """The square root is a function."""
        raise LanguageTypeError("E0201", "fixed-point numbers have no method sqrt",
                                "use mpc_math.sqrt(x), after `from Compiler import mpc_math`")

    # Registers

    @classmethod
    def get_input_from(cls, player, size=1, binary=False):
        """Private inputs of a party, decimal fractions, rounded to f bits."""
        if cls.letter != "s":
            raise LanguageTypeError("E0201", "%s has no private input" % cls.__name__, "use sfix")
        return private_input(cls, player, size, binary, cls.f)

    @classmethod
    def input_from_workers(cls, player, size=1):
        """In a distributed loop with `parts=`: the next decimal fractions of the chunk's part."""
        if cls.letter != "s":
            raise LanguageTypeError("E0201", "%s has no private input" % cls.__name__, "use sfix")
        return part_input(cls, player, size, cls.f)

    @classmethod
    def get_raw_input_from(cls, player, size=1):
        """Integers in units of 2^-f as they lie in a party's binary file."""
        if cls.letter != "s":
            raise LanguageTypeError("E0201", "%s has no private input" % cls.__name__, "use sfix")
        return raw_input(cls, player, size)


def _owned(cls, value):
    """The private input of a personal value."""
    if cls.letter != "s":
        raise LanguageTypeError("E0201", "a value that one party knows cannot become public",
                                "make it secret, sfix(x), and open that with .reveal()")
    return value.shared_as(cls)


def _operand(value):
    """The register in a container; numbers of other packages as Python's."""
    value = contents(value)
    if isinstance(value, (Register, int, float)) or not isinstance(value, numbers.Real):
        return value
    return int(value) if isinstance(value, numbers.Integral) else float(value)


def _precision(f, k):
    if not isinstance(f, int) or not isinstance(k, int) or not 0 <= f < k:
        raise LanguageValueError(
            "E0219", "%r fractional bits of %r bits are no precision" % (f, k),
            "give the fractional bits first, then all: sfix.set_precision(16, 31)")
    return f, k


def _division_by_zero():
    return LanguageValueError("E0219", "division by zero")


def _public_shift(value, shift):
    """A public integer divided by 2^shift, rounded down."""
    return (value - (value & ((1 << shift) - 1))) // (1 << shift) if shift else value


def _rescale(value, f):
    """The integer of a fixed-point number in units of 2^-f."""
    if value.f <= f:
        return value.v * (1 << (f - value.f)) if value.f < f else value.v
    return type(value).rounded(value.v, value.f - f)


def _sum(name, swapped):
    def method(self, other):
        if self._yields(other):
            return NotImplemented
        raw = self.raw(other)
        return NotImplemented if raw is None else self.wrap(binary(name, self.v, raw, swapped))
    return method


def _comparison(name, swapped):
    def method(self, other, bit_length=None):
        if self._yields(contents(other)):
            return NotImplemented
        raw = self.raw(other)
        if raw is None:
            return NotImplemented
        return compare(name, self.v, raw, swapped, self.k if bit_length is None else bit_length)
    return method


def _refused(sign):
    def method(self, other):
        raise LanguageTypeError("E0201", "fixed-point numbers have no %s" % sign,
                                "it works on integers only: x.v is the one behind x")
    return method


for _name, _code in (("add", "ADD"), ("sub", "SUB")):
    setattr(Fixed, "__%s__" % _name, _sum(_code, False))
    setattr(Fixed, "__r%s__" % _name, _sum(_code, True))
for _name, _long, _code, _swapped in (
        ("lt", "less_than", "LT", False), ("gt", "greater_than", "LT", True),
        ("le", "less_equal", "LE", False), ("ge", "greater_equal", "LE", True),
        ("eq", "equal", "EQ", False), ("ne", "not_equal", "NE", False)):
    setattr(Fixed, "__%s__" % _name, _comparison(_code, _swapped))
    setattr(Fixed, _long, getattr(Fixed, "__%s__" % _name))
for _name, _sign in (("floordiv", "//"), ("mod", "%"), ("lshift", "<<"), ("rshift", ">>"),
                     ("and", "&"), ("or", "|"), ("xor", "^")):
    setattr(Fixed, "__%s__" % _name, _refused(_sign))
    setattr(Fixed, "__r%s__" % _name, _refused(_sign))
Fixed.__hash__ = object.__hash__


class cfix(Fixed):
    """A vector of fixed-point numbers that all parties know."""

    __slots__ = ()
    letter = "c"
    ops = cint.ops
    integer = int_type = clear_type = cint


class sfix(Fixed):
    """A vector of secret fixed-point numbers.

    Products and quotients are rounded to one of the two neighbors, or to the nearest if
    `round_nearest` is set.
    """

    __slots__ = ()
    letter = "s"
    ops = sint.ops
    integer = int_type = sint
    clear_type = cfix
    round_nearest = False

    def reveal(self, check=True):
        """Opens the value to everybody."""
        return self.wrap(self.v.reveal(check))

    def reveal_to(self, player):
        """Opens the value to one party."""
        return personal(player, self.wrap(self.v.reveal_to(player).value))

    @classmethod
    def dot_product(cls, x, y):
        """The inner product, rounded once."""
        a, b = vector_of(x), vector_of(y)
        if a.size != b.size:
            raise VectorMismatch(a.size, b.size)
        if a.letter == b.letter == "s":
            total = sint.dot_product(integers(a), integers(b))
        else:
            total = (integers(a) * integers(b)).sum()
        res = from_products(total, type(a), type(b))
        return res if res.fixed else cls.conv(res)


cfix.base, sfix.base = cfix, sfix
FIXED["c"], FIXED["s"] = cfix, sfix


def reset_precision():
    """Forgets what a program has set."""
    for kind in FIXED.values():
        kind.f, kind.k = _FRACTION_BITS, _BITS
    sfix.round_nearest = False
    _kinds.clear()


def integers(value):
    """The integers behind a fixed-point register; other registers as they are."""
    return value.v if value.fixed else value


def from_products(total, one, other):
    """The value of a sum of products of the integers of two classes."""
    if one.fixed and other.fixed:
        kind = one if one.letter == "s" or other.letter != "s" else other
        return kind.wrap(kind.rounded(total, (other if kind is one else one).f))
    if one.fixed or other.fixed:
        return (one if one.fixed else other).wrap(total)
    return total
