"""Strings of secret bits: sbits and sbit.

A register of letter ``b`` holds one secret bit a lane; an sbits of n bits is such a register with
n lanes, the least significant bit first. The bits are shared modulo 2, so that exclusive or costs
nothing and a conjunction one bit of communication.
"""

import struct

from . import _ops
from .cbits import cbits, weigh
from .cint import cint
from .errors import LanguageTypeError, LanguageValueError, VectorMismatch
from .record import rec
from .regint import regint
from .sint import player_number, sint
from .values import TYPES, ClassOps, Register, contents

#: Bits of an sbits whose length nobody has given.
DEFAULT_LENGTH = 64

_types = {}


def check_length(length):
    """A number of bits that is known while compiling."""
    if isinstance(length, bool) or not isinstance(length, int) or length < 1:
        raise LanguageValueError(
            "E0230", "the number of bits must be a positive number known while compiling, not %r"
            % (length,))
    return length


class Bits(Register):
    """What strings of bits have in common; `n` of the class is its fixed length, or None."""

    __slots__ = ()
    letter = "b"
    ops = ClassOps("B", "BM")
    n = None
    __hash__ = object.__hash__

    def __init__(self, value=None, n=None):
        res = self.conv(0 if value is None else value) if n is None else \
            sbits.get_type(n).conv(0 if value is None else value)
        if res is value:
            res = res.copy()
        self.reg, self.size = res.reg, res.size

    # Types and conversion

    @classmethod
    def get_type(cls, length):
        """The class of strings of `length` bits."""
        check_length(length)
        res = _types.get(length)
        if res is None:
            name = "sbit" if length == 1 else "sbits%d" % length
            res = _types[length] = type(name, (sbits,), {"__slots__": (), "n": length})
        return res

    @classmethod
    def fresh(cls, size):
        """A new register, of the class for its length."""
        kind = cls if cls.n == size else sbits if size == 0 else sbits.get_type(size)
        return Register.fresh.__func__(kind, size)

    @classmethod
    def conv(cls, value):
        """`value` as bits of this class: cut or filled with zeros to its length."""
        value = contents(value)
        if isinstance(value, (list, tuple)):
            return cls.bit_compose(value)
        if isinstance(value, Bits):
            return value.resized(cls.n or value.size)
        if getattr(value, "rows_of_bits", None) is not None:
            return cls.conv(value.single())
        if isinstance(value, int):
            return cls.constant(int(value))
        if isinstance(value, Register) and not value.fixed:
            if value.size != 1:
                raise VectorMismatch(value.size, 1)
            length = cls.n or getattr(value, "n", None) or min(DEFAULT_LENGTH, rec.ring_bits)
            return cls.from_number(value, length)
        raise LanguageTypeError("E0201", "cannot convert %s to bits" % type(value).__name__,
                                "use int() to convert while compiling"
                                if isinstance(value, (str, float)) else None)

    hard_conv = conv

    @classmethod
    def constant(cls, value, size=None):
        """Bits of a Python int, in two's complement."""
        length = cls.n or max(DEFAULT_LENGTH, value.bit_length())
        res = cls.fresh(length)
        count = -(-length // 64)
        # One pass over the bytes: shifting a long number for each word would take their square.
        data = (value & (1 << length) - 1).to_bytes(8 * count, "little")
        words = struct.unpack("<%dq" % count, data)
        rec.emit(_ops.LDB, res.reg, count, *words)
        return res

    @classmethod
    def from_number(cls, value, length):
        """The low bits of the lanes of a register of numbers, bit-major."""
        if length > rec.ring_bits:
            # The bits that the ring lacks are zero.
            low = Bits.from_number(value, rec.ring_bits)
            return Bits.concat([low, zeros((length - rec.ring_bits) * value.size)])
        res = cls.fresh(length * value.size)
        if value.letter == "s":
            rec.emit(_ops.CONVSB, 1, res.reg, value.use(), length)
        else:
            rec.emit(_ops.CONVCB, res.reg, cint.conv(value).use(), length)
        return res

    def resized(self, length):
        """The same bits, cut or filled with zeros."""
        if length == self.size:
            return self
        if length < self.size:
            return self.pick(0, ((length, 1),))
        return Bits.concat([self, zeros(length - self.size)])

    def to_arithmetic(self, cls, size=None):
        """The number without sign that the bits are, in another class."""
        if issubclass(cls, Bits):
            return cls.conv(self)
        if cls.letter != "s":
            raise LanguageTypeError(
                "E0201", "a secret value cannot become public by conversion",
                "open it with .reveal()")
        number = compose_rows(self, self.size, 1)
        return cls.conv(number if size in (None, 1) else number.expand_to_vector(size))

    @classmethod
    def concat(cls, *parts):
        """Joins strings of bits."""
        if len(parts) == 1 and not isinstance(parts[0], Register):
            parts = parts[0]
        parts = list(parts)
        if len(parts) == 1:
            return parts[0]
        res = Bits.fresh(sum(part.size for part in parts))
        rec.emit(_ops.CONCATB, res.reg, len(parts), *[part.use() for part in parts])
        return res

    # Logic

    def _operand(self, other):
        """Another string of bits or a constant of this length; None for foreign types."""
        other = contents(other)
        if isinstance(other, Bits):
            return other
        if isinstance(other, int):
            return int(other)
        if isinstance(other, cbits) or isinstance(other, Register) and other.letter in "ci" \
                and not other.fixed:
            return cint.conv(other)
        return None

    def _public(self, value):
        """The bits of a public number, one in each lane of a public register."""
        return public_bits(value, self.size)

    def __xor__(self, value):
        other = self._operand(value)
        if other is None:
            return self._no_arithmetic(value) if isinstance(value, Register) else NotImplemented
        if isinstance(other, int) and other == 0:
            return self
        if isinstance(other, Bits):
            a, b = same_length(self, other)
            return xor(a, b)
        res = self.fresh(self.size)
        rec.emit(_ops.XORBC, res.reg, self.use(), self._public(other).use())
        return res

    def __and__(self, value):
        other = self._operand(value)
        if other is None:
            return self._no_arithmetic(value) if isinstance(value, Register) else NotImplemented
        if isinstance(other, Bits):
            a, b = same_length(self, other)
            return land([(a, b)])[0]
        res = self.fresh(self.size)
        rec.emit(_ops.ANDBC, res.reg, self.use(), self._public(other).use())
        return res

    def __or__(self, other):
        return self ^ other ^ (self & other)

    def __invert__(self):
        return invert(self)

    def __mul__(self, other):
        """Selection: one of the factors is a single bit."""
        if isinstance(other, int) and other in (0, 1):
            return self & (-other)
        if isinstance(other, Bits) and 1 in (self.size, other.size):
            return land([(self, other)])[0]
        if getattr(other, "rows_of_bits", None) is not None:
            return other.__mul__(self)
        return self._no_arithmetic(other)

    def _no_arithmetic(self, other):
        raise LanguageTypeError(
            "E0201", "secret bits do not mix with %s here" % type(other).__name__,
            "convert with sint(x), or use sbitint for numbers of bits")

    __add__ = __radd__ = __xor__
    __rxor__, __rand__, __ror__, __rmul__ = __xor__, __and__, __or__, __mul__
    __sub__ = __rsub__ = __truediv__ = __rtruediv__ = __floordiv__ = _no_arithmetic
    __mod__ = __pow__ = __lt__ = __le__ = __gt__ = __ge__ = _no_arithmetic

    def __lshift__(self, count):
        count = known_shift(count)
        if count == 0:
            return self
        if count >= self.size:
            return zeros(self.size)
        return Bits.concat([zeros(count), self.pick(0, ((self.size - count, 1),))])

    def __rshift__(self, count):
        count = known_shift(count)
        if count == 0:
            return self
        if count >= self.size:
            return zeros(self.size)
        return Bits.concat([self.pick(count, ((self.size - count, 1),)), zeros(count)])

    def equal(self, other, bit_length=None):
        """1 if all bits are equal."""
        difference = self ^ other
        if difference is NotImplemented:
            return self._no_arithmetic(other)
        return all_rows(invert(difference), 1)

    __eq__ = equal

    def not_equal(self, other, bit_length=None):
        """1 if some bits differ."""
        return ~self.equal(other)

    __ne__ = not_equal

    bit_and, bit_or, bit_xor, bit_not = __and__, __or__, __xor__, __invert__

    def if_else(self, a, b):
        """`a` where this bit is 1, `b` where it is 0."""
        return select(self, a, b)

    def cond_swap(self, a, b):
        """(a, b) if this is 0, (b, a) if it is 1."""
        if any(getattr(side, "rows_of_bits", None) is not None for side in (a, b)):
            return select(self, b, a), select(self, a, b)
        if isinstance(a, Register) and a.letter == "s" or isinstance(b, Register) and \
                b.letter == "s":
            return sint(self).cond_swap(a, b)
        a, b = same_length(*[side if isinstance(side, Bits) else Bits.conv(side)
                             for side in (a, b)])
        change = land([(xor(a, b), spread(self, a.size))])[0]
        return xor(a, change), xor(b, change)

    # Parts

    def bit_decompose(self, bit_length=None):
        """The lowest bits, lowest first."""
        count = self.size if bit_length is None else bit_length
        value = self.resized(max(count, 1))
        return [value[k] for k in range(count)]

    @classmethod
    def bit_compose(cls, bits):
        """Single bits as one string, the first one least significant."""
        bits = [bit if isinstance(bit, Bits) and bit.size == 1 else sbit.conv(bit)
                for bit in bits]
        if not bits:
            return cls.conv(0)
        return Bits.concat(bits).resized(cls.n or len(bits))

    @classmethod
    def compose(cls, items, bit_length=1):
        """The low `bit_length` bits of each item as one string."""
        parts = [sbits.get_type(bit_length).conv(item) for item in items]
        return Bits.concat(parts).resized(cls.n or len(parts) * bit_length)

    @classmethod
    def trans(cls, rows):
        """The transpose of a matrix of bits: item k has bit k of each row."""
        rows = [row if isinstance(row, Bits) else cls.conv(row) for row in rows]
        width = max(row.size for row in rows)
        matrix = Bits.concat([row.resized(width) for row in rows])
        return [matrix.pick(column, ((len(rows), width),)) for column in range(width)]

    def popcnt(self):
        """How many bits are 1, as a number that is not negative."""
        from .bit_rows import count_ones
        return count_ones(self, self.size, 1)

    # Input, output, randomness

    @classmethod
    def get_random(cls, size=None):
        """Uniformly random bits."""
        res = cls.fresh(size or cls.n or DEFAULT_LENGTH)
        rec.emit(_ops.RANDB, res.reg)
        return res

    @classmethod
    def get_random_bit(cls, size=None):
        """A random bit."""
        return sbit.get_random()

    @classmethod
    def get_input_from(cls, player, n_bits=None, size=1):
        """A party's private input: an integer of so many bits."""
        return bit_input(player, n_bits or cls.n or DEFAULT_LENGTH, 1, 0)

    def reveal(self, check=True):
        """Opens the bits: a public number, negative if the highest bit is set."""
        opened = cint.fresh(self.size)
        rec.emit(_ops.OPENB, 1, opened.reg, self.use())
        return cbits.from_opened(opened)

    def reveal_print_hex(self):
        """Opens and prints the bits in hexadecimal."""
        self.reveal().print_hex()

    # Memory: an address for each 64 bits

    def store_in_mem(self, address):
        """Writes to a raw address."""
        padded = self.resized(-(-self.size // 64) * 64)
        _at_address(Register.store_in_mem, padded, address)

    @classmethod
    def load_mem(cls, address, size=None):
        """Reads from a raw address."""
        length = cls.n or DEFAULT_LENGTH
        res = _at_address(lambda at: Register.load_mem.__func__(
            sbits, at, -(-length // 64) * 64), address)
        return res.resized(length)

    @classmethod
    def Array(cls, length, *_, **__):
        """An array of strings of bits."""
        from .bit_containers import BitArray
        return BitArray([length], cls)

    @classmethod
    def Matrix(cls, rows, columns, *_, **__):
        """A matrix of strings of bits."""
        from .bit_containers import BitArray
        return BitArray([rows, columns], cls)

    @classmethod
    def MemValue(cls, value=0):
        """A cell of memory."""
        from .bit_containers import BitCell
        return BitCell(cls.conv(value))


class sbits(Bits):
    """A string of secret bits."""

    __slots__ = ()


TYPES["b"] = sbits
sbit = sbits.get_type(1)


def _at_address(access, *args):
    *before, address = args
    at = address * 64 if isinstance(address, int) else regint.conv(address) * 64
    return access(*before, at)


def known_shift(count):
    """By how many bits something is shifted."""
    if not isinstance(count, int) or count < 0:
        raise LanguageTypeError(
            "E0201", "bits are shifted by a number known while compiling that is not negative")
    return int(count)


def zeros(count):
    """So many bits that are 0."""
    if count == 0:
        res = Bits.fresh(0)
        rec.emit(_ops.LDB, res.reg, 0)
        return res
    return sbits.get_type(count).constant(0)


def public_bits(value, length):
    """The low bits of a number as lanes of a public register."""
    if isinstance(value, int):
        if value & (1 << length) - 1 in (0, (1 << length) - 1):
            return cint.constant(value & 1)
        return cint.conv([value >> k & 1 for k in range(length)])
    if value.size == length and getattr(value, "print_as_hex", False):
        return value
    if value.size != 1:
        raise VectorMismatch(value.size, 1)
    return value >> cint.conv(regint.inc(length))


def xor(a, b):
    """The sum of registers of equal length, or with a single bit."""
    res = Bits.fresh(max(a.size, b.size))
    rec.emit(_ops.XORB, res.reg, a.use(), b.use())
    return res


def land(pairs):
    """Products of registers of equal length, or with a single bit, in one round."""
    results, words = [], [len(pairs)]
    for a, b in pairs:
        res = Bits.fresh(max(a.size, b.size))
        results.append(res)
        words += (res.reg, a.use(), b.use())
    rec.emit(_ops.ANDB, *words)
    return results


def invert(a):
    """All bits inverted."""
    res = Bits.fresh(a.size)
    rec.emit(_ops.XORBC, res.reg, a.use(), cint.constant(1).use())
    return res


def spread(bit, length):
    """A single bit for an operation with so many: itself; or one of as many."""
    if bit.size not in (1, length):
        raise VectorMismatch(bit.size, length)
    return bit


def same_length(a, b):
    """Both strings with the length of the longer one; a single bit is a string of one."""
    length = max(a.size, b.size)
    return a.resized(length), b.resized(length)


def select(condition, a, b):
    """`a` where the bits of the condition are 1."""
    for vector, other in ((a, b), (b, a)):
        if getattr(vector, "rows_of_bits", None) is not None:
            a, b = (vector, vector.coerce(other)) if vector is a else (vector.coerce(other), vector)
            return a.selected(condition, b)
    a, b = contents(a), contents(b)
    if any(isinstance(side, Register) and side.letter == "s" for side in (a, b)):
        if condition.size != 1:
            raise VectorMismatch(condition.size, 1)
        return sint(condition).if_else(a, b)
    sides = [side if isinstance(side, Bits) else Bits.conv(side) for side in (a, b)]
    a, b = same_length(*sides)
    return xor(b, land([(xor(a, b), spread(condition, a.size))])[0])


def all_rows(matrix, lanes):
    """The conjunction of all rows of `lanes` bits each."""
    while matrix.size > lanes:
        rows = matrix.size // lanes
        half = rows // 2
        low = matrix.pick(0, ((half * lanes, 1),))
        high = matrix.pick(half * lanes, ((half * lanes, 1),))
        product = land([(low, high)])[0]
        rest = [] if rows % 2 == 0 else [matrix.pick(2 * half * lanes, ((lanes, 1),))]
        matrix = Bits.concat([product] + rest)
    return matrix


def compose_rows(matrix, rows, lanes, is_signed=False):
    """The secret numbers whose bits are the rows of a matrix."""
    if rows > rec.ring_bits:
        raise LanguageValueError(
            "E0220", "a number of %d bits does not fit the ring of %d" % (rows, rec.ring_bits),
            "use a ring of at least %d bits (-R)" % rows)
    if rows == 1 and not is_signed:
        bit = TYPES["s"].bit_type.fresh(lanes)
        rec.emit(_ops.CONVBS, 1, bit.reg, matrix.use())
        return bit
    elements = sint.fresh(rows * lanes)
    rec.emit(_ops.CONVBS, 1, elements.reg, matrix.use())
    return weigh(elements, rows, lanes, is_signed)


def bit_input(player, bits, count, fraction):
    """Private inputs of a party as bits, bit-major."""
    player = player_number(player)
    res = Bits.fresh(bits * count)
    rec.emit(_ops.INPUTB, 1, res.reg, player.use(), bits, fraction)
    return res
