"""Many numbers of secret bits: sbitvec and sbitint.

A vector of N numbers of n bits is a matrix of n rows with N bits each; `v` is the list of its
rows. One instruction works on all rows, or on all numbers.
"""

from . import _ops
from . import bit_rows as rows
from .bits import (Bits, bit_input, check_length, compose_rows, known_shift, land, sbits, xor,
                   zeros)
from .cbits import weigh
from .cint import cint
from .errors import LanguageTypeError, VectorMismatch, not_yet
from .record import rec
from .values import Register, contents

_types = {}


class sbitvec:
    """A vector of strings of bits."""

    n = None
    rows_of_bits = True
    #: Whether the highest bit of a number is its sign.
    signed = False
    __hash__ = object.__hash__

    def __init__(self, elements=None, length=None, input_length=None):
        kind = type(self) if length is None else self.get_type(length)
        res = kind.conv([] if elements is None else elements)
        self._set(res.matrix, res.lanes, res.length)

    def _set(self, matrix, lanes, length):
        self.matrix, self.lanes, self.length = matrix, lanes, length
        self._rows = None

    @classmethod
    def of(cls, matrix, lanes):
        """The vector with this matrix."""
        kind = cls.plain()
        res = object.__new__(kind.get_type(matrix.size // lanes) if kind.n and lanes else kind)
        res._set(matrix, lanes, matrix.size // lanes if lanes else 0)
        return res

    @classmethod
    def plain(cls):
        """The class without a fixed length, if results have another one."""
        return cls

    # Types and conversion

    @classmethod
    def get_type(cls, length):
        """The class of vectors of numbers of `length` bits."""
        check_length(length)
        family = next(kind for kind in cls.__mro__ if "family" in kind.__dict__)
        res = _types.get((family, length))
        if res is None:
            res = _types[family, length] = type("%s%d" % (family.__name__, length), (family,),
                                                {"n": length})
        return res

    @classmethod
    def conv(cls, value):
        """`value` as a vector of this class."""
        value = contents(value)
        if isinstance(value, sbitvec):
            length = cls.n or value.length
            if type(value) is cls and length == value.length:
                return value
            lanes = value.lanes
            return cls._make(rows.extend(value.matrix, length, lanes, value.signed), lanes)
        if isinstance(value, Bits):
            return cls._make(value.resized(cls.n or value.size), 1)
        if isinstance(value, (list, tuple)):
            return cls._from_list(list(value))
        if isinstance(value, int):
            return cls._from_list([value])
        if isinstance(value, Register) and not value.fixed:
            length = cls.n or min(rec.ring_bits, 64)
            matrix = Bits.from_number(value, min(length, rec.ring_bits))
            # What the ring lacks are copies of the sign.
            return cls._make(rows.extend(matrix, length, value.size, True), value.size)
        raise LanguageTypeError(
            "E0201", "cannot convert %s to %s" % (type(value).__name__, cls.__name__))

    @classmethod
    def _make(cls, matrix, lanes):
        res = object.__new__(cls)
        res._set(matrix, lanes, matrix.size // lanes if lanes else (cls.n or 0))
        return res

    @classmethod
    def _from_list(cls, values):
        if not values:
            return cls._make(zeros(0), 0)
        if all(isinstance(value, int) for value in values):
            length = cls.n or 64
            # Digits of row after row, the highest first, are one number: shifting each bit to
            # its place would take time in the square of their number.
            digits = [format(value & (1 << length) - 1, "0%db" % length)
                      for value in reversed(values)]
            number = int("".join(map("".join, zip(*digits))), 2)
            return cls._make(sbits.get_type(length * len(values)).constant(number), len(values))
        if any(isinstance(value, Register) and value.letter == "s" for value in values):
            from .sint import sint
            return cls.conv(sint.concat([sint.conv(value) for value in values]))
        items = [cls.conv(value) for value in values]
        length = cls.n or max(item.length for item in items)
        items = [rows.extend(item.matrix, length, item.lanes, item.signed) for item in items]
        if all(item.size == length for item in items):
            joined = Bits.concat(items)
            return cls._make(joined.pick(0, ((length, 1), (len(items), length))), len(items))
        counts = [item.size // length for item in items]
        joined = [rows.row(item, k, count) for k in range(length)
                  for item, count in zip(items, counts)]
        return cls._make(Bits.concat(joined), sum(counts))

    @classmethod
    def from_vec(cls, vector):
        """From the list of rows: bit j of all numbers is string j."""
        items = [item if isinstance(item, Bits) else sbits.conv(item) for item in vector]
        lanes = max([item.size for item in items], default=0)
        if not items:
            return cls._make(zeros(0), 0)
        return cls._make(Bits.concat([item.resized(lanes) for item in items]), lanes)

    @classmethod
    def from_matrix(cls, matrix):
        """From a matrix of bits: row j has bit j of all numbers."""
        return cls.from_vec([Bits.bit_compose([bit for bit in line]) for line in matrix])

    @classmethod
    def from_hex(cls, string, reverse=False):
        """From hexadecimal digits of bytes, the first byte least significant.

        With `reverse` the first byte is the most significant one, as numbers are written.
        """
        data = bytes.fromhex(string[2:] if string.startswith("0x") else string)
        number = int.from_bytes(data, "big" if reverse else "little")
        if not data:
            return cls._make(zeros(0), 1)
        return cls._make(sbits.get_type(8 * len(data)).constant(number), 1)

    @property
    def v(self):
        """The rows."""
        if self._rows is None:
            self._rows = [rows.row(self.matrix, k, self.lanes) for k in range(self.length)]
        return self._rows

    @property
    def size(self):
        """How many numbers there are."""
        return self.lanes

    def __len__(self):
        return self.lanes

    def single(self):
        """The only number as a string of bits."""
        if self.lanes != 1:
            raise VectorMismatch(self.lanes, 1)
        return self.matrix

    def elements(self, start=0, stop=None):
        """The numbers as strings of bits, one each."""
        return [self[k] for k in range(*slice(start, stop).indices(self.lanes))]

    def __getitem__(self, index):
        if isinstance(index, slice):
            return [self[k] for k in range(*index.indices(self.lanes))]
        index = range(self.lanes)[index]
        return self.matrix.pick(index, ((self.length, self.lanes),))

    def __iter__(self):
        return iter([self[k] for k in range(self.lanes)])

    def to_arithmetic(self, cls, size=None):
        """A vector of secret numbers."""
        if isinstance(cls, type) and issubclass(cls, Bits):
            return cls.conv(self.single())
        if cls.letter != "s" or cls.fixed:
            raise LanguageTypeError(
                "E0201", "secret bits become a sint by conversion, not a %s" % cls.__name__,
                "open them with .reveal(), or convert with sint(x) first")
        number = compose_rows(self.matrix, self.length, self.lanes, self.signed)
        return cls.conv(number if size in (None, number.size) else number.expand_to_vector(size))

    def __bool__(self):
        raise LanguageTypeError("E0202", "secret bits have no truth value",
                                "use condition.if_else(a, b)")

    # Rows and lanes

    def coerce(self, other):
        """`other` as a vector of this class, or an error."""
        if isinstance(other, sbitvec):
            return other if type(other) is type(self) else type(self).conv(
                rows_like(self, other))
        return self.get_type(self.length).conv(other)

    def _pair(self, other):
        other = self.coerce(other)
        length = max(self.length, other.length)
        return self._wide(other, length)

    def _wide(self, other, length):
        """Both matrices with the same rows and lanes, and the lanes."""
        lanes = self.lanes if other.lanes == 1 else other.lanes
        if self.lanes not in (1, lanes):
            raise VectorMismatch(self.lanes, other.lanes)
        return [rows.repeat(rows.extend(it.matrix, length, it.lanes, it.signed), it.lanes, lanes)
                for it in (self, other)] + [lanes]

    def selected(self, condition, other):
        """This where the bits of the condition are 1, else the other."""
        a, b, lanes = self._pair(other)
        if lanes == 1 and condition.size > 1:
            # One bit for each of many selections.
            lanes = condition.size
            a, b = (rows.repeat(it, 1, lanes) for it in (a, b))
        change = condition
        if condition.size == lanes and lanes > 1:
            change = condition.pick(0, ((a.size // lanes, 0), (lanes, 1)))
        elif condition.size != 1:
            raise VectorMismatch(condition.size, lanes)
        return self.of(xor(b, land([(xor(a, b), change)])[0]), lanes)

    def _logic(self, other, operation):
        if not isinstance(other, (sbitvec, int, Register, list)):
            return NotImplemented
        a, b, lanes = self._pair(other)
        return self.of(operation(a, b), lanes)

    def __xor__(self, other):
        return self._logic(other, xor)

    def __and__(self, other):
        if isinstance(other, int):
            mask = [other >> k & 1 for k in range(self.length)]
            kept = Bits.concat([row if bit else row & 0 for row, bit in zip(self.v, mask)])
            return self.of(kept, self.lanes)
        return self._logic(other, lambda a, b: land([(a, b)])[0])

    def __or__(self, other):
        return self ^ other ^ (self & other)

    def __invert__(self):
        return self.of(~self.matrix, self.lanes)

    def __mul__(self, other):
        """Selection by a single bit, or one for each number."""
        if isinstance(other, Bits):
            zero = self.of(self.matrix & 0, self.lanes)
            return self.selected(other, zero)
        raise LanguageTypeError("E0201", "vectors of bits are not multiplied by %s"
                                % type(other).__name__, "use sbitint for numbers")

    __add__ = __radd__ = __xor__
    __rxor__, __rand__, __ror__, __rmul__ = __xor__, __and__, __or__, __mul__

    def __lshift__(self, count):
        return self.of(rows.shift_up(self.matrix, known_shift(count), self.lanes), self.lanes)

    def __rshift__(self, count):
        return self.of(rows.shift_down(self.matrix, known_shift(count), self.lanes, self.signed),
                       self.lanes)

    def equal(self, other, bit_length=None):
        """1 for each pair of equal numbers."""
        a, b, lanes = self._pair(other)
        return rows.equal(a, b, lanes)

    def not_equal(self, other, bit_length=None):
        """1 for each pair of different numbers."""
        return ~self.equal(other)

    __eq__, __ne__ = equal, not_equal

    def popcnt(self):
        """How many bits of each number are 1."""
        return sbitvec._make(rows.count_ones(self.matrix, self.length, self.lanes), self.lanes)

    def bit_decompose(self, bit_length=None):
        """The rows, lowest first."""
        if bit_length is None or bit_length <= self.length:
            return self.v[:bit_length]
        wide = rows.extend(self.matrix, bit_length, self.lanes, self.signed)
        return [rows.row(wide, k, self.lanes) for k in range(bit_length)]

    @classmethod
    def bit_compose(cls, bits):
        """The vector with these rows, lowest first."""
        return cls.conv(sbitvec.from_vec(bits))

    @classmethod
    def compose(cls, items, bit_length=1):
        """Rows of all items, one after the other, `bit_length` of each."""
        items = [sbitvec.conv(item) for item in items]
        return cls.from_vec([row for item in items for row in item.bit_decompose(bit_length)])

    def update(self, value):
        """Gives other contents at run time."""
        value = self.coerce(value)
        if (value.length, value.lanes) != (self.length, self.lanes):
            raise VectorMismatch(value.lanes, self.lanes)
        self.matrix.update(value.matrix)
        self._rows = None

    # Input, output, randomness

    @classmethod
    def get_input_from(cls, player, size=1, n_bits=None):
        """Private inputs of a party: `size` integers."""
        length = n_bits or cls.n or 64
        return cls.get_type(length)._make(bit_input(player, length, size, 0), size)

    @classmethod
    def get_random(cls, size=1):
        """Uniformly random numbers."""
        length = cls.n or 64
        return cls.get_type(length)._make(Bits.get_random(length * size), size)

    @classmethod
    def get_random_bit(cls, size=1):
        """Random numbers 0 and 1 of one bit."""
        return cls.get_type(1)._make(Bits.get_random(size), size)

    def opened(self):
        """The numbers as a public vector, or bits if the ring is too small for them."""
        if self.length > rec.ring_bits:
            raise not_yet("opening numbers of %d bits in a ring of %d is"
                          % (self.length, rec.ring_bits))
        bits = cint.fresh(self.matrix.size)
        rec.emit(_ops.OPENB, 1, bits.reg, self.matrix.use())
        return weigh(bits, self.length, self.lanes, self.signed)

    def reveal(self, check=True):
        """Opens the numbers."""
        return [element.reveal() for element in self.elements()]

    def reveal_print_hex(self):
        """Opens and prints in hexadecimal, one line for each number."""
        for element in self.elements():
            element.reveal_print_hex()

    @classmethod
    def Array(cls, length, *_, **__):
        """An array of numbers: elements are strings of bits of their length."""
        raise not_yet("an array of %s is" % cls.__name__)

    Matrix = Array


sbitvec.family = True


def rows_like(vector, other):
    """A vector of bits where another class of them is expected."""
    return sbitvec._make(rows.extend(other.matrix, max(vector.length, other.length), other.lanes,
                                     other.signed), other.lanes)
