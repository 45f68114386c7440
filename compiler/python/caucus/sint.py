"""Secret integers of the ring."""

from . import _ops
from .cint import cint
from .errors import LanguageTypeError, LanguageValueError, VectorMismatch, not_yet
from .operators import add_operators
from .personal import personal
from .record import rec
from .regint import regint
from .sockets import SocketMethods
from .values import TYPES, ClassOps, Register, operand


class sint(SocketMethods, Register):
    """A vector of secret ring elements."""

    __slots__ = ()
    letter = "s"
    ops = ClassOps("S", "S")

    def __init__(self, value=None, size=None):
        if isinstance(value, personal):
            raise not_yet("the private input of a personal value is")
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
        if binary:
            raise not_yet("binary input is")
        res = cls.fresh(size)
        rec.emit(_ops.INPUTS, 1, res.reg, player_number(player).use())
        return res

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

    # Arithmetic

    def __neg__(self):
        return 0 - self

    def __abs__(self):
        raise not_yet("abs() of secrets is")

    def __invert__(self):
        raise LanguageTypeError("E0201", "secret integers have no ~",
                                "for secrets that are 0 or 1 use bit_not()")

    @classmethod
    def dot_product(cls, x, y):
        """The inner product at the cost of one multiplication."""
        a, b = vector_of(x), vector_of(y)
        if a.size != b.size:
            raise VectorMismatch(a.size, b.size)
        if a.letter == "s" and b.letter == "s":
            res = cls.fresh(1)
            rec.emit(_ops.DOTS, 1, res.reg, a.use(), b.use())
            return res
        return cls.conv((a * b).sum())


def vector_of(values):
    """One register with all of the values; secret if one of them is."""
    if isinstance(values, Register):
        return values
    if hasattr(values, "as_register"):
        return values.as_register()
    values = [operand(value, None) for value in values]
    letters = {getattr(value, "letter", "") for value in values}
    for letter, cls in (("s", sint), ("c", cint), ("i", regint)):
        if letter in letters:
            return cls.concat(values)
    return cint.conv(values)


def player_number(player):
    """A party's number as a register."""
    if isinstance(player, int) and player < 0:
        raise LanguageValueError("E0219", "there is no party %d" % player)
    if getattr(player, "letter", "") == "s":
        raise LanguageTypeError("E0202", "the number of a party must not be secret")
    number = regint.conv(player)
    if number.size != 1:
        raise VectorMismatch(number.size, 1)
    return number


for _name in ("bit_decompose", "mod2m", "right_shift", "pow2", "int_div", "int_mod", "round",
              "popcnt", "inverse_permutation", "field_div", "reveal_to_clients",
              "binary_output", "output"):
    def _later(self, *_, _name=_name, **__):
        raise not_yet("sint.%s() is" % _name)
    setattr(sint, _name, _later)

for _name in ("get_random_bit", "get_random_int", "get_random_triple", "get_random_square",
              "get_random_inverse", "get_secure_shuffle", "get_raw_input_from",
              "input_tensor_via", "input_tensor_from_client", "receive_from_client",
              "write_to_file", "read_from_file"):
    def _later_class(cls, *_, _name=_name, **__):
        raise not_yet("sint.%s() is" % _name)
    setattr(sint, _name, classmethod(_later_class))

TYPES["s"] = sint
add_operators(sint, {"ADD": ((_ops.ADDS,), (_ops.ADDSC,)),
                     "SUB": ((_ops.SUBS,), (_ops.SUBSC,)),
                     "MUL": ((_ops.MULS, 1), (_ops.MULSC,))})
