"""What all registers have in common: lanes, truth, conversions of operands, selection.

A register is a vector of a fixed number of lanes of one class: secret (``s``), public ring element
(``c``) or 64-bit integer (``i``). The classes themselves are in sint, cint and regint.
"""

import operator

from . import _ops
from .errors import (LanguageError, LanguageIndexError, LanguageTypeError, LanguageValueError,
                     VectorMismatch)
from .record import rec

#: The classes by letter, filled by their modules.
TYPES = {}

#: The fixed-point classes by the letter of the integers that they consist of.
FIXED = {}

MAX_LANES = 1 << 31

_new = object.__new__


class Register:
    """A vector of values that exist at run time."""

    __slots__ = ("reg", "size")
    letter = None
    #: Whether the integers stand for fractions.
    fixed = False
    __hash__ = object.__hash__

    # Making

    @classmethod
    def fresh(cls, size):
        """A new register without a value."""
        if size >= MAX_LANES:
            raise LanguageValueError("E0219", "a vector of %d elements is too long" % size)
        table = getattr(rec, cls.letter)
        res = _new(cls)
        res.reg = len(table)
        res.size = size
        table.append(size)
        return res

    @classmethod
    def view(cls, value):
        """The same register as one of this class."""
        res = _new(cls)
        res.reg, res.size = value.reg, value.size
        return res

    @classmethod
    def from_fixed(cls, value):
        """Conversion from fixed point."""
        raise LanguageTypeError(
            "E0201", "a fixed-point number cannot become a %s by conversion" % cls.__name__,
            "take the integer behind it with .v" if value.letter == "c" else
            "open it with .reveal()")

    def use(self):
        """Its number, if it may be used here."""
        if self.reg < getattr(rec, "floor_" + self.letter):
            return rec.passed(self)
        return self.reg

    @classmethod
    def conv(cls, value):
        """`value` as a register of this class; itself if it is one."""
        return value if value.__class__ is cls else convert(cls, value)

    hard_conv = conv

    @classmethod
    def get_type(cls, length):
        """The class for values of `length` bits, or vectors: itself."""
        return cls

    def _init(self, value, size):
        """The constructor's work: takes over the register of the converted value."""
        if value is None:
            value = 0
        res = convert(self.__class__, value, size)
        # A new register, even if the value has one that could be used under two names.
        if isinstance(value, Register) and (value.letter, value.reg) == (res.letter, res.reg) \
                or (size is not None and res.size != size):
            if size is not None and res.size not in (1, size):
                raise VectorMismatch(res.size, size)
            res = res.copy(size)
        self.reg = res.reg
        self.size = res.size

    def copy(self, size=None):
        """A new register with the same value, or with one lane repeated."""
        res = self.fresh(self.size if size is None else size)
        rec.emit(self.ops.MOV, res.reg, self.use())
        return res

    def __repr__(self):
        # No address: texts of the program must be the same at all parties.
        return "<%s of %d>" % (self.__class__.__name__, self.size)

    # What a register cannot do

    def __bool__(self):
        kind = "secret" if self.letter in "sb" else "run-time"
        raise LanguageTypeError(
            "E0202", "a %s value has no truth value while the program is compiled "
            "(max, min, assert, bool and conditions outside of the program's code need one)" % kind,
            "use condition.if_else(a, b)" if self.letter in "sb" else
            "use if/else, a conditional expression or while in the program's own code, "
            "@if_(condition), or condition.if_else(a, b)")

    def __index__(self):
        raise LanguageTypeError(
            "E0202", "a run-time value cannot be a Python number (range, list index, slice…)",
            "use `for i in range(n):` or @for_range(n) for a loop and an Array for a list with "
            "run-time indices")

    def _no_number(self, *_):
        raise LanguageTypeError(
            "E0202", "a run-time value has no Python number: it is not known while compiling",
            "keep computing with it; int(), float() and round() are for compile-time values")

    __int__ = __float__ = __round__ = __complex__ = __trunc__ = _no_number

    # Lanes

    def __len__(self):
        return self.size

    def __iter__(self):
        return iter([self[k] for k in range(self.size)])

    def __getitem__(self, index):
        if isinstance(index, slice):
            return [self[k] for k in range(*index.indices(self.size))]
        if isinstance(index, Register):
            raise LanguageTypeError(
                "E0204", "the element of a vector must be chosen by a compile-time number",
                "put the vector into an Array: Array.create_from(v)[i]")
        index = operator.index(index)
        if not -self.size <= index < self.size:
            raise LanguageIndexError(
                "E0204", "index %d is out of range for a vector of %d elements"
                % (index, self.size))
        if self.size == 1:
            return self
        return self.pick(index % self.size, ())

    def pick(self, offset, levels):
        """Lanes in a strided pattern."""
        size = 1
        flat = []
        for count, stride in levels:
            size *= count
            flat += (count, stride)
        res = self.fresh(size)
        rec.emit(self.ops.PICK, res.reg, self.use(), offset, len(levels), *flat)
        return res

    def get_vector(self, base=0, size=None):
        """`size` lanes from `base` on."""
        if size is None:
            size = self.size - base
        if base < 0 or size < 0 or base + size > self.size:
            raise LanguageIndexError(
                "E0204", "elements %d to %d are out of range for a vector of %d"
                % (base, base + size - 1, self.size))
        return self.pick(base, ((size, 1),))

    def get_reverse_vector(self):
        """The lanes in reverse order."""
        return self.pick(max(self.size - 1, 0), ((self.size, -1),))

    def expand_to_vector(self, size=None):
        """One lane repeated."""
        if size is None or size == self.size:
            return self
        if self.size != 1:
            raise VectorMismatch(self.size, size)
        return self.copy(size)

    @classmethod
    def joined(cls, parts):
        """The vectors of a list, one after the other."""
        res = cls.fresh(sum(part.size for part in parts))
        rec.emit(cls.ops.CONCAT, res.reg, len(parts), *[part.use() for part in parts])
        return res

    def sum(self):
        """The sum of all lanes."""
        res = (type(self) if self.fixed else TYPES[self.letter]).fresh(1)
        rec.emit(self.ops.SUM, res.reg, self.use())
        return res

    def prefix_sum(self):
        """Running sums."""
        res, total = [], None
        for lane in self:
            total = lane if total is None else total + lane
            res.append(total)
        return type(total).concat(res) if res else self

    # Assignment at run time

    def update(self, value):
        """Gives this register another value at run time."""
        if value is self:
            return
        value = convert(self.__class__, value)
        if value.size not in (1, self.size):
            raise VectorMismatch(value.size, self.size)
        if self.letter == "i":
            if self.reg in rec.fixed:
                raise LanguageError(
                    "E0203", "the index of a parallel loop cannot be changed",
                    "use @for_range, whose loop variable is the counter itself")
            if hasattr(self, "range"):
                rec.changed.add(self.reg)
                del self.range
        rec.emit(self.ops.MOV, self.use(), value.use())

    link = update

    def iadd(self, value):
        """x.update(x + value)."""
        self.update(self + value)

    def load_int(self, value):
        """Sets the value to a constant."""
        self.update(value)

    # Arithmetic that is the same for all classes

    def __pow__(self, exponent):
        exponent = as_operand(exponent, self)
        if exponent is None:
            return NotImplemented
        if not isinstance(exponent, int):
            from .powers import run_time_power
            return run_time_power(self, exponent)
        if exponent < 0:
            return 1 / self ** -exponent
        if exponent == 0:
            return convert(self.__class__, 1, self.size)
        res = None
        for bit in bin(exponent)[2:]:
            if res is not None:
                res = res.square()
            if bit == "1":
                res = self if res is None else res * self
        return self.copy() if res is self else res

    def __rpow__(self, base):
        base = as_operand(base, self)
        if isinstance(base, int) and base == 2 and self.letter == "s":
            return self.pow2()
        return NotImplemented if base is None else convert(self.__class__, base) ** self

    def __pos__(self):
        return self

    def square(self):
        """The value times itself."""
        return self * self

    def if_else(self, a, b):
        """`a` where this is 1, `b` where it is 0."""
        for item in (a, b):
            if isinstance(item, (list, tuple)):
                raise LanguageTypeError(
                    "E0201", "if_else does not take lists",
                    "apply it to each element, or use util.if_else")
        a, b, wrap = alternatives(self, a, b)
        return wrap(b + self * (a - b))

    def cond_swap(self, a, b):
        """(a, b) if this is 0, (b, a) if it is 1."""
        a, b, wrap = alternatives(self, a, b)
        prod = self * (b - a)
        return wrap(a + prod), wrap(b - prod)

    def bit_and(self, other):
        """Logical and of 0/1 values."""
        return self * other

    def bit_or(self, other):
        """Logical or of 0/1 values."""
        return self + other - self * other

    def bit_xor(self, other):
        """Exclusive or of 0/1 values."""
        return self + other - 2 * (self * other)

    def bit_not(self):
        """1 - x."""
        return 1 - self

    @classmethod
    def bit_compose(cls, bits):
        """The sum of bits[i] * 2^i."""
        res = None
        for index, bit in enumerate(bits):
            bit = bit * (1 << index)
            res = bit if res is None else res + bit
        return cls(0) if res is None else cls.conv(res)

    def reveal(self, check=True):
        """Public values are known already."""
        return self

    def max(self, other):
        """The larger value."""
        return (self > other).if_else(self, other)

    def min(self, other):
        """The smaller value."""
        return (self < other).if_else(self, other)

    def less_than(self, other, bit_length=None):
        """self < other."""
        return self < other

    def less_equal(self, other, bit_length=None):
        """self <= other."""
        return self <= other

    def greater_than(self, other, bit_length=None):
        """self > other."""
        return self > other

    def greater_equal(self, other, bit_length=None):
        """self >= other."""
        return self >= other

    def equal(self, other, bit_length=None):
        """self == other."""
        return self == other

    def not_equal(self, other, bit_length=None):
        """self != other."""
        return self != other

    # Raw memory

    def store_in_mem(self, address):
        """Writes to a raw address of this class."""
        base, known = _address(address)
        storage = rec.heap(self.letter, (known or 0) + self.size)
        rec.emit_array(self.ops.STORE, (), storage, base, 1, self.size, 1, self.use())

    @classmethod
    def load_mem(cls, address, size=1):
        """Reads from a raw address of this class."""
        base, known = _address(address)
        storage = rec.heap(cls.letter, (known or 0) + size)
        res = cls.fresh(size)
        rec.emit_array(cls.ops.LOAD, (res.reg,), storage, base, 1, size, 1)
        return res


class ClassOps:
    """The instructions of a class that have the same meaning in each."""

    def __init__(self, letter, memory):
        for name in ("MOV", "PICK", "CONCAT", "SUM", "GATHER", "SCATTER"):
            setattr(self, name, getattr(_ops, name + letter))
        for name in ("SEND", "RECV"):
            setattr(self, name, getattr(_ops, name + letter, None))
        self.LOAD = getattr(_ops, "LD" + memory)
        self.STORE = getattr(_ops, "ST" + memory)
        self.SEND_SHARE = _ops.SENDSUMS if letter == "S" else self.SEND


def _address(address):
    if isinstance(address, int):
        if address < 0:
            raise LanguageIndexError("E0204", "the address %d is negative" % address)
        return TYPES["i"].constant(address).reg, address
    address = TYPES["i"].conv(address)
    return address.use(), None


def no_float(value, what="secret and public integers"):
    """The error for a Python fraction where integers are needed."""
    return LanguageTypeError(
        "E0201", "the float %r does not mix with %s" % (value, what),
        "use an int, or fixed-point types for fractions")


def as_operand(value, like):
    """A Python int or a register of integers for anything that can be an operand, else None."""
    if isinstance(value, Register):
        return None if value.fixed or value.letter == "b" else value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        raise no_float(value, like.__class__.__name__ if like is not None else "registers")
    read = getattr(value, "as_register", None)
    if read is not None:
        return as_operand(read(), like)
    if hasattr(value, "__index__") and not isinstance(value, type):
        return operator.index(value)
    return None


def operand(value, like):
    """As as_operand, but a value of another type is an error."""
    res = as_operand(value, like)
    if res is None:
        raise LanguageTypeError(
            "E0201", "a value of type %s cannot be used with registers" % type(value).__name__)
    return res


def convert(cls, value, size=None):
    """A register of class `cls` with this value; the register itself if it fits."""
    if value.__class__ is cls:
        return value
    value = contents(value)
    if hasattr(value, "to_arithmetic"):
        return value.to_arithmetic(cls, size)
    if cls.fixed:
        return cls.of_precision().from_value(value, size)
    if getattr(value, "fixed", False):
        return cls.from_fixed(value)
    if isinstance(value, (list, tuple, range)) or type(value).__name__ == "generator":
        return _from_list(cls, list(value))
    if cls.letter == "s" and hasattr(value, "shared_as"):
        return value.shared_as(cls)
    res = None if isinstance(value, (str, float)) else as_operand(value, None)
    if res is None:
        _refuse(cls, value)
    if res.__class__ is cls:
        return res
    if isinstance(res, int):
        return cls.constant(res, 1 if size is None else size)
    return cls.view(res) if res.letter == cls.letter else cls.from_register(res)


def contents(value):
    """The register with the contents of a container or cell; other values as they are."""
    read = None if isinstance(value, (Register, type)) else getattr(value, "as_register", None)
    return value if read is None else read()


def alternatives(condition, a, b):
    """Two values of a selection as integers, and what makes a result of an integer."""
    if condition.fixed:
        raise LanguageTypeError("E0201", "a fixed-point number cannot select: it is no 0 or 1",
                                "compare it with something")
    a, b = contents(a), contents(b)
    kinds = sorted((type(value) for value in (a, b) if getattr(value, "fixed", False)),
                   key=lambda kind: kind.letter != "s")
    if not kinds:
        return operand(a, condition), operand(b, condition), lambda res: res
    raw = [kinds[0].raw(value) for value in (a, b)]
    if raw[0] is None or raw[1] is None:
        raise LanguageTypeError("E0201", "cannot select between %s and %s"
                                % (type(a).__name__, type(b).__name__))
    return raw[0], raw[1], kinds[0].wrap


def _refuse(cls, value):
    raise LanguageTypeError(
        "E0201", "cannot convert %s %r to %s" % (type(value).__name__, value, cls.__name__),
        "use int() to convert while compiling" if isinstance(value, (str, float)) else None)


def _from_list(cls, items):
    if items and all(isinstance(item, int) for item in items):
        if all(-2 ** 63 <= item < 2 ** 63 for item in items):
            return cls.conv(TYPES["i"].constants([int(item) for item in items]))
    parts = [convert(cls, item) for item in items]
    if len(parts) == 1:
        return parts[0]
    return cls.joined(parts)
