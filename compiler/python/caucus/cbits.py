"""Public strings of bits: what opening secret bits gives."""

from . import _ops
from .cint import cint
from .errors import LanguageTypeError, LanguageValueError
from .record import rec
from .regint import regint


class cbits(cint):
    """A public number of n bits: + is the addition of integers."""

    __slots__ = ("n",)

    def __init__(self, value=None, n=None, size=None):
        value = 0 if value is None else value
        self.n = n or getattr(value, "n", None) or getattr(type(self), "length", 64)
        if isinstance(value, int) and value.bit_length() > rec.ring_bits:
            raise LanguageValueError("E0215", "%d does not fit the ring of 2^%d"
                                     % (value, rec.ring_bits), "use a larger ring (-R)")
        self._init(cint.conv(value), size)

    @classmethod
    def get_type(cls, length):
        """The class of public numbers of `length` bits."""
        return type("cbits%d" % length, (cbits,), {"__slots__": (), "length": length})

    @classmethod
    def from_opened(cls, opened):
        """The number whose bits are the lanes of a register."""
        count = opened.size
        if count > rec.ring_bits:
            return OpenedBits.view(opened)
        number = opened if count == 1 else weigh(opened, count, 1, True)
        res = cls.view(number)
        res.n = count
        return res

    def bit_decompose(self, bit_length=None):
        """The lowest bits, lowest first."""
        return cint.bit_decompose(self, bit_length or getattr(self, "n", None))

    def popcnt(self):
        """How many bits are 1."""
        return self._lanes().sum()

    def _lanes(self):
        count = getattr(self, "n", 64)
        return (self >> cint.conv(regint.inc(count))) & 1

    def print_hex(self):
        """Prints in hexadecimal."""
        _print_hex("", self._lanes())

    reveal_print_hex = print_hex

    def print_reg(self, comment=""):
        """Prints in hexadecimal, for looking at registers."""
        _print_hex("Reg = ", self._lanes(), comment)


class OpenedBits(cint):
    """Public bits that are too many for a number of the ring: one in each lane."""

    __slots__ = ()
    print_as_hex = True

    def print_hex(self):
        """Prints in hexadecimal."""
        _print_hex("", self)

    reveal_print_hex = print_hex

    def print_reg(self, comment=""):
        """Prints in hexadecimal, for looking at registers."""
        _print_hex("Reg = ", self, comment)

    def bit_decompose(self, bit_length=None):
        """The lowest bits, lowest first."""
        return [cint.view(self[k]) for k in range(bit_length or self.size)]

    def popcnt(self):
        """How many bits are 1."""
        return cint.view(self).sum()

    def _no_number(self, *_):
        raise LanguageTypeError(
            "E0231", "%d opened bits are no number of a ring of %d bits"
            % (self.size, rec.ring_bits), "use .bit_decompose(), or a larger ring (-R)")

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _no_number
    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = _no_number
    __hash__ = object.__hash__


def _print_hex(prefix, lanes, comment=""):
    words = [0, rec.text(prefix)] if prefix else []
    end = (" # %s\n" % comment) if comment else "\n"
    rec.emit(_ops.PRINT, 0, 0, 3 if prefix else 2, *(words + [8, lanes.use(), 0, rec.text(end)]))


def weigh(elements, rows, lanes, is_signed):
    """Of rows of elements 0 and 1 the numbers whose bits they are, bit-major."""
    weights = [1 << row for row in range(rows)]
    if is_signed and rows > 1:
        weights[-1] = -weights[-1]
    weight = cint.conv(weights) if rows > 1 else cint.constant(weights[0])
    # Number by number, so that each is a block of its own.
    by_number = elements if lanes == 1 else elements.pick(0, ((lanes, 1), (rows, lanes)))
    if lanes > 1 and rows > 1:
        weight = weight.pick(0, ((lanes, 0), (rows, 1)))
    weighted = by_number * weight
    if lanes == 1:
        return weighted.sum()
    res = type(weighted).fresh(lanes)
    rec.emit(weighted.ops.SUM, res.reg, weighted.use())
    return res
