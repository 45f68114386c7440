"""Places in arrays: addresses of elements, checks of indices, loads and stores."""

import operator

from . import _ops
from .errors import LanguageIndexError, LanguageTypeError, LanguageValueError, VectorMismatch
from .record import rec
from .values import FIXED, TYPES, Register, as_operand


class Settings:
    """What programs can switch."""

    check_indices = True


def run_time_index(index):
    """A Python int, or a regint for an index that exists at run time."""
    if isinstance(index, bool):
        return int(index)
    if isinstance(index, int):
        return index
    res = None if isinstance(index, (float, tuple, list)) else as_operand(index, None)
    if isinstance(res, int):
        return res
    if res is None:
        raise LanguageTypeError(
            "E0204", "a %s cannot be an index" % type(index).__name__,
            "use m[i][j] for several dimensions" if isinstance(index, tuple) else None)
    if res.letter == "s":
        raise LanguageTypeError(
            "E0204", "a secret cannot be an index: the access would show it",
            "open it with .reveal() if it may become public")
    return TYPES["i"].conv(res)


def add(a, b):
    """The sum of two addresses, each a Python int or a register."""
    if isinstance(a, int) and a == 0:
        return b
    if isinstance(b, int) and b == 0:
        return a
    return a + b


def times(a, b):
    """The product of an index and a distance that is known."""
    return a if b == 1 else a * b


def base_number(base):
    """The register of an address."""
    base = TYPES["i"].conv(base)
    if base.size != 1:
        raise VectorMismatch(base.size, 1)
    return base.use()


def check_range(index, count, length, whole, what="index"):
    """Checks that [index, index + count) lies in [0, length); returns the index.

    What is known while compiling is checked here. The machine checks accesses against the whole
    array, so that only parts of arrays (`whole` is False) need a check of their own.
    """
    if isinstance(index, int):
        if count == 1 and what == "index":
            if not -length <= index < length:
                raise LanguageIndexError(
                    "E0204", "index %d is out of range for length %d" % (index, length),
                    "indices go from 0 to %d, and from -1 down to %d" % (length - 1, -length)
                    if length else "it has no elements")
            return index % length
        if index < 0 or count < 0 or index + count > length:
            raise LanguageIndexError(
                "E0204", "%d elements from %d on are out of range for length %d"
                % (count, index, length), "take fewer elements, or make the container longer")
        return index
    if length == 0 and count == 1:
        # A loop over nothing never comes here; anything else that does, fails.
        rec.emit(_ops.FAIL, TYPES["i"].constant(1).use(), 1, 0,
                 rec.text("an element of an empty container is used"))
        return index
    if count > length:
        raise LanguageIndexError(
            "E0204", "%d elements are out of range for length %d" % (count, length),
            "take fewer elements, or make the container longer")
    if whole or not Settings.check_indices:
        return index
    known = getattr(index, "range", None)
    if known is not None and known[0] >= 0 and known[1] - 1 + count <= length:
        rec.relied.add(index.reg)
        return index
    wrong = (index < 0).bit_or(index > length - count)
    rec.emit(_ops.FAIL, wrong.use(), 3, 0, rec.text("index "), 1, index.use(),
             0, rec.text(" is out of range for length %d" % length))
    return index


def load(cls, storage, base, levels):
    """Elements in a strided pattern."""
    size = 1
    for count, _ in levels:
        size *= count
    number = base_number(base)
    res = cls.fresh(size)
    rec.emit_array(cls.ops.LOAD, (res.reg,), storage, number, len(levels),
                   *[word for level in levels for word in level])
    return res


def store(cls, storage, base, levels, value):
    """Writes elements in a strided pattern; one lane is repeated."""
    size = 1
    for count, _ in levels:
        size *= count
    if value.size not in (1, size):
        raise VectorMismatch(value.size, size)
    number = base_number(base)
    rec.emit_array(cls.ops.STORE, (), storage, number, len(levels),
                   *([word for level in levels for word in level] + [value.use()]))


def gather(cls, storage, index):
    """Elements at the given addresses."""
    res = cls.fresh(index.size)
    rec.emit_array(cls.ops.GATHER, (res.reg,), storage, index.use())
    return res


def scatter(cls, storage, index, value):
    """Writes lanes to the given addresses."""
    if value.size not in (1, index.size):
        raise VectorMismatch(value.size, index.size)
    rec.emit_array(cls.ops.SCATTER, (), storage, index.use(), value.use())


def element_type(value_type):
    """The class of elements: sint, cint, regint or fixed point."""
    if value_type in ("s", "c", "i", "ci"):
        value_type = TYPES["i" if value_type == "ci" else value_type]
    if value_type is int:
        value_type = TYPES["c"]
    if not (isinstance(value_type, type) and issubclass(value_type, Register)):
        raise LanguageTypeError(
            "E0201", "%r is no type of elements" % (value_type,),
            "use sint, cint, regint, sfix or cfix")
    # Elements of one letter are stored alike; bits lose that they are bits.
    return value_type.of_precision() if value_type.fixed else TYPES[value_type.letter]


def length_of(value, what="length"):
    """A length that must be known while compiling."""
    if isinstance(value, Register) or not hasattr(value, "__index__"):
        raise LanguageTypeError(
            "E0202", "the %s of a container must be a number known while compiling" % what,
            "make it as long as it can be at most, or take the number from program.args")
    value = operator.index(value)
    if value < 0:
        raise LanguageValueError("E0219", "the %s of a container is negative: %d" % (what, value),
                                 "give 0 or more")
    return value


def type_of(values):
    """The class that fits a list of values, or of their classes."""
    letters = {getattr(value, "letter", "") for value in values}
    fixed = [value if isinstance(value, type) else type(value) for value in values
             if getattr(value, "fixed", False)]
    if fixed or any(isinstance(value, float) for value in values):
        letter = "s" if "s" in letters else "c"
        return next((kind for kind in fixed if kind.letter == letter), FIXED[letter])
    for letter in "sci":
        if letter in letters:
            return TYPES[letter]
    return TYPES["c"]


def known_int(value):
    """Whether a value is a Python number, not a register."""
    return isinstance(value, int) and not isinstance(value, Register)
