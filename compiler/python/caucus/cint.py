"""Public elements of the ring."""

from . import _ops
from .arithmetic import PUBLIC_CODES
from .errors import LanguageTypeError, LanguageValueError, larger_ring
from .operators import add_operators
from .public_values import PublicMethods
from .record import rec
from .sockets import SocketMethods
from .values import TYPES, ClassOps, Register


class cint(PublicMethods, SocketMethods, Register):
    """A vector of ring elements that all parties know."""

    __slots__ = ()
    letter = "c"
    ops = ClassOps("C", "CM")

    def __init__(self, value=None, size=None):
        self._init(value, size)

    @classmethod
    def constant(cls, value, size=1):
        """A register filled with a Python int."""
        if value.bit_length() > rec.ring_bits:
            raise LanguageValueError(
                "E0215", "%d does not fit the ring of 2^%d" % (value, rec.ring_bits),
                larger_ring(value.bit_length()) or "no ring is so large")
        res = cls.fresh(size)
        rec.emit(_ops.LDC, res.reg, rec.constant(value))
        return res

    @classmethod
    def from_register(cls, value):
        """Conversion from a machine integer."""
        if value.letter == "s":
            raise LanguageTypeError(
                "E0201", "a secret value cannot become public by conversion",
                "open it with .reveal()")
        res = cls.fresh(value.size)
        rec.emit(_ops.CONVIC, res.reg, value.use())
        return res

    def __neg__(self):
        return 0 - self

    def __invert__(self):
        return self ^ -1

    def __abs__(self):
        return self * (1 - 2 * (self < 0))

    def bit_decompose(self, bit_length=None):
        """The lowest bits, lowest first."""
        return [(self >> k) & 1 for k in range(bit_length or rec.ring_bits)]


TYPES["c"] = cint
add_operators(cint, {name: ((_ops.PUBL, PUBLIC_CODES[name]),) * 2
                       for name in ("ADD", "SUB", "MUL")})
