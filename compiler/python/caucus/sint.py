"""Secret integers of the ring."""

from . import _ops, secret_bits
from .arithmetic import compare
from .cint import cint
from .division import integer_quotient
from .errors import LanguageTypeError, VectorMismatch
from .inputs import part_input, private_input, raw_input
from .operators import add_operators
from .personal import personal
from .players import player_number
from .public_values import fields_only
from .record import rec
from .sockets import SocketMethods
from .values import FIXED, TYPES, ClassOps, Register, contents
from .views import type_of


class sint(SocketMethods, Register):
    """A vector of secret ring elements."""

    __slots__ = ()
    letter = "s"
    ops = ClassOps("S", "S")

    def __init__(self, value=None, size=None):
        if isinstance(value, personal):
            value = value.shared_as(sint)
        self._init(value, size)

    @classmethod
    def constant(cls, value, size=1):
        """A register filled with a Python int."""
        return cls.from_register(cint.constant(value, size))

    @classmethod
    def from_register(cls, value):
        """A sharing of a public value."""
        value = cint.conv(value)
        res = cls.fresh(value.size)
        rec.emit(_ops.CONVCS, res.reg, value.use())
        return res

    # Input and opening

    @classmethod
    def get_input_from(cls, player, size=1, binary=False):
        """Private inputs of a party, `size` numbers."""
        return private_input(sint, player, size, binary, 0)

    @classmethod
    def input_from_workers(cls, player, size=1):
        """In a distributed loop with `parts=`: the next `size` numbers of the chunk's part."""
        return part_input(sint, player, size, 0)

    @classmethod
    def get_raw_input_from(cls, player, size=1):
        """Elements of the ring as they lie in a party's binary file."""
        return raw_input(sint, player, size)

    def reveal(self, check=True):
        """Opens the value to everybody."""
        res = cint.fresh(self.size)
        rec.emit(_ops.OPENS, 1, res.reg, self.use())
        return res

    def reveal_to(self, player):
        """Opens the value to one party."""
        res = cint.fresh(self.size)
        rec.emit(_ops.OPENTOS, player_number(player).use(), res.reg, self.use())
        return personal(player, res)

    @classmethod
    def get_random(cls, size=1):
        """Uniformly random elements of the ring."""
        res = cls.fresh(size)
        rec.emit(_ops.RANDS, res.reg)
        return res

    @classmethod
    def get_random_bit(cls, size=1):
        """Random secrets that are 0 or 1."""
        return _random_numbers(cls.bit_type, 1, size)

    @classmethod
    def get_random_int(cls, bits, size=1):
        """Random secrets from 0 to 2^bits - 1."""
        if isinstance(bits, bool) or not isinstance(bits, int) or bits < 1:
            raise LanguageValueError(
                "E0219", "a bit length must be a positive number known while compiling, not %r"
                % (bits,))
        secret_bits.need(bits, "a random number", "take fewer bits")
        return _random_numbers(cls, bits, size)

    # Arithmetic

    def __neg__(self):
        return 0 - self

    def __abs__(self):
        return (self < 0).if_else(-self, self)

    def __invert__(self):
        raise LanguageTypeError("E0201", "secret integers have no ~",
                                "for secrets that are 0 or 1 use bit_not()")

    @classmethod
    def from_fixed(cls, value):
        """The nearest integer, halves up."""
        if value.letter != "s":
            value = FIXED["s"].conv(value)
        return cls.view(secret_bits.truncate(
            value.v, value.f, secret_bits.need(value.k + 1, "rounding"), secret_bits.NEAREST))

    # Bits

    def bit_decompose(self, bit_length=None):
        """The lowest bits, lowest first; two's complement for negative numbers."""
        return secret_bits.decompose(self, bit_length)

    def mod2m(self, m, bit_length=None, signed=True):
        """The remainder modulo 2^m, at least 0."""
        return secret_bits.low_bits(self, m, bit_length)

    def right_shift(self, m, bit_length=None, signed=True):
        """The number divided by 2^m, rounded down."""
        return secret_bits.shift_right(self, m, bit_length)

    def pow2(self, bit_length=None):
        """2^x, for x from 0 to `bit_length` - 1."""
        return secret_bits.power_of_two(self, bit_length)

    def round(self, k, m, nearest=False, signed=True):
        """A number of k bits divided by 2^m, to a neighbor or the nearest integer."""
        return secret_bits.divide_rounded(self, k, m, nearest, signed)

    def int_div(self, other, bit_length=None):
        """The quotient of numbers of `bit_length` bits, rounded down; anything if `other` is 0."""
        return integer_quotient(self, self.conv(other), bit_length)

    def popcnt(self, bit_length=None):
        """How many of the lowest bits are 1; all of the program's length by default."""
        total = None
        for bit in self.bit_decompose(bit_length):
            total = bit if total is None else total + bit
        return sint.view(total)

    field_div, legendre = fields_only("field_div"), fields_only("legendre")

    def int_mod(self, other, bit_length=None):
        """x - y * x.int_div(y)."""
        return self - self.int_div(other, bit_length) * other

    @classmethod
    def dot_product(cls, x, y):
        """The inner product at the cost of one multiplication."""
        a, b = vector_of(x), vector_of(y)
        if a.fixed or b.fixed:
            return FIXED["s"].dot_product(a, b)
        if a.size != b.size:
            raise VectorMismatch(a.size, b.size)
        if a.letter == "s" and b.letter == "s":
            res = cls.fresh(1)
            rec.emit(_ops.DOTS, 1, res.reg, a.use(), b.use())
            return res
        return cls.conv((a * b).sum())


def _random_numbers(cls, bits, size):
    """Numbers of so many random bits: bits that nobody knows are made numbers, then weighed."""
    from .cbits import weigh
    number = len(rec.b)
    rec.b.append(bits * size)
    rec.emit(_ops.RANDB, number)
    elements = cls.fresh(bits * size)
    rec.emit(_ops.CONVBS, 1, elements.reg, number)
    return elements if bits == 1 else cls.conv(weigh(elements, bits, size, False))


def vector_of(values):
    """One register with all of the values; secret if one of them is."""
    if isinstance(values, Register):
        return values
    if hasattr(values, "as_register"):
        return values.as_register()
    values = [contents(value) for value in values]
    return type_of(values).conv(values)


def _with_length(method, name, swapped):
    def explicit(self, other, bit_length=None):
        res = compare(name, self, other, swapped, bit_length)
        return getattr(self, method)(other) if res is NotImplemented else res
    return explicit


for _name, _method, _code, _swapped in (
        ("less_than", "__lt__", "LT", False), ("greater_than", "__gt__", "LT", True),
        ("less_equal", "__le__", "LE", False), ("greater_equal", "__ge__", "LE", True),
        ("equal", "__eq__", "EQ", False), ("not_equal", "__ne__", "NE", False)):
    setattr(sint, _name, _with_length(_method, _code, _swapped))

TYPES["s"] = sint
add_operators(sint, {"ADD": ((_ops.ADDS,), (_ops.ADDSC,)),
                     "SUB": ((_ops.SUBS,), (_ops.SUBSC,)),
                     "MUL": ((_ops.MULS, 1), (_ops.MULSC,))})
