"""64-bit integers that all parties know: indices, counters, conditions."""

from . import _ops
from .arithmetic import INT_CODES
from .errors import LanguageTypeError, LanguageValueError
from .operators import add_operators
from .public_values import PublicMethods
from .record import rec
from .sockets import SocketMethods
from .values import TYPES, ClassOps, Register


class regint(PublicMethods, SocketMethods, Register):
    """A vector of 64-bit integers; arithmetic wraps."""

    __slots__ = ("range",)
    letter = "i"
    ops = ClassOps("I", "IM")

    def __init__(self, value=None, size=None):
        self._init(value, size)

    @classmethod
    def constant(cls, value, size=1):
        """A register filled with a Python int."""
        if not -2 ** 63 <= value < 2 ** 63:
            if not 0 <= value < 2 ** 64:
                raise LanguageValueError(
                    "E0215", "%d does not fit the 64 bits of a regint" % value,
                    "use cint or sint in a larger ring (-R)")
            value -= 2 ** 64
        res = cls.fresh(size)
        rec.emit(_ops.LDI, res.reg, value)
        return res

    @classmethod
    def constants(cls, values):
        """A vector of Python ints."""
        res = cls.fresh(len(values))
        rec.emit(_ops.LDVI, res.reg, len(values), *values)
        return res

    @classmethod
    def from_register(cls, value):
        """Conversion from a public ring element."""
        if value.letter == "s":
            raise LanguageTypeError(
                "E0201", "a secret value cannot become public by conversion",
                "open it with .reveal()")
        res = cls.fresh(value.size)
        rec.emit(_ops.CONVCI, res.reg, value.use())
        return res

    @classmethod
    def inc(cls, size, base=0, step=1, repeat=1, wrap=None):
        """base + step * ((k // repeat) mod wrap) for k = 0 … size - 1."""
        if wrap is None:
            groups = -(-size // repeat)
            levels = [(groups, step)] + ([(repeat, 0)] if repeat != 1 else [])
            total = groups * repeat
        else:
            groups = -(-size // (repeat * wrap))
            levels = [(groups, 0), (wrap, step)] + ([(repeat, 0)] if repeat != 1 else [])
            total = groups * wrap * repeat
        base = cls.conv(base)
        res = cls.fresh(total)
        rec.emit(_ops.IOTAI, res.reg, base.use(), len(levels),
                 *[word for level in levels for word in level])
        return res if total == size else res.get_vector(0, size)

    def __neg__(self):
        return 0 - self

    def __invert__(self):
        return self ^ -1

    def __abs__(self):
        return self * (1 - 2 * (self < 0))

    def bit_decompose(self, bit_length=None):
        """The lowest bits, lowest first."""
        return [(self >> k) & 1 for k in range(64 if bit_length is None else bit_length)]


TYPES["i"] = regint
add_operators(regint, {name: ((_ops.INT, INT_CODES[name]),) * 2
                       for name in ("ADD", "SUB", "MUL")})
