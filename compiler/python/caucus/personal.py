"""Values that one party knows, or that differ between parties."""

import operator

from . import _ops
from .errors import LanguageError, LanguageTypeError, LanguageValueError
from .players import player_number
from .record import rec
from .values import FIXED, TYPES, Register, contents


class personal:
    """A public value, or container of such, at one party; what the others have means nothing."""

    def __init__(self, player, value):
        while isinstance(value, personal):
            check_same_player(value.player, player)
            value = value.value
        kind = getattr(value, "value_type", type(value))
        if isinstance(value, float):
            value = FIXED["c"].conv(value)
        elif isinstance(value, (int, list, tuple)):
            value = TYPES["c"].conv(value)
        elif getattr(kind, "letter", "s") == "s":
            raise LanguageTypeError(
                "E0201", "a personal value must be public, not %s" % kind.__name__,
                "open a secret to one party with x.reveal_to(player)")
        self.player = player
        self.value = value

    @property
    def _v(self):
        return self.value

    @property
    def size(self):
        """Number of elements."""
        return contents(self.value).size

    def __len__(self):
        return len(self.value)

    def __iter__(self):
        return (personal(self.player, item) for item in self.value)

    def __repr__(self):
        return "<personal of party %r>" % (self.player,)

    def __bool__(self):
        raise LanguageTypeError(
            "E0202", "a value that one party knows has no truth value while compiling",
            "use print_ln_to(…), or make it secret: sint(x)")

    __hash__ = object.__hash__

    def __getitem__(self, index):
        return personal(self.player, self.value[index])

    def __setitem__(self, index, value):
        self.value[index] = self._with(value)

    def __neg__(self):
        return personal(self.player, -contents(self.value))

    def __invert__(self):
        return personal(self.player, ~contents(self.value))

    def __abs__(self):
        return personal(self.player, abs(contents(self.value)))

    def bit_decompose(self, bit_length=None):
        """The lowest bits, lowest first."""
        bits = contents(self.value).bit_decompose(bit_length)
        return [personal(self.player, bit) for bit in bits]

    def if_else(self, a, b):
        """`a` where this is 1, `b` where it is 0."""
        value = contents(self.value).if_else(self._with(a), self._with(b))
        return personal(self.player, value)

    def reveal_to(self, player):
        """Passes the value on to another party."""
        return self.secret().reveal_to(player)

    def binary_output(self):
        """Appends the value to the party's binary output file."""
        contents(self.value).binary_output(self.player)

    # Private input

    def secret(self):
        """The secret of the type that fits, which the party inputs."""
        return self.shared_as(FIXED["s"] if contents(self.value).fixed else TYPES["s"])

    def shared_as(self, cls):
        """A register of the secret class `cls`, which the party inputs."""
        value = contents(self.value)
        if value.fixed and not cls.fixed:
            return cls.conv(self.shared_as(FIXED["s"].get_prec_type(value.f, value.k)))
        raw = TYPES["c"].conv(cls.raw(value) if cls.fixed else value)
        res = TYPES["s"].fresh(raw.size)
        rec.emit(_ops.INPUTOWN, 1, res.reg, player_number(self.player).use(), raw.use())
        return cls.view(res)

    @classmethod
    def read_int_from_socket(cls, player, socket, size=1):
        """Integers that one party's own client sends to it alone."""
        return cls._read_from_socket(TYPES["c"], player, socket, size)

    @classmethod
    def read_fix_from_socket(cls, player, socket, size=1):
        """Fixed-point numbers, as integers in their units, that one party's own client sends."""
        return cls._read_from_socket(FIXED["c"], player, socket, size)

    @classmethod
    def _read_from_socket(cls, kind, player, socket, size):
        from .sint import player_number
        from .sockets import socket_number
        if not isinstance(size, int) or isinstance(size, Register) or size < 0:
            raise LanguageValueError(
                "E0219", "how many values are read must be known while compiling")
        value = kind.fresh(size)
        rec.emit(_ops.RECVOWN, player_number(player).use(), socket_number(socket).use(), 1,
                 value.reg)
        return cls(player, value)

    # Operators

    def _with(self, other):
        """The other operand as a public value."""
        if isinstance(other, personal):
            check_same_player(self.player, other.player)
            return contents(other.value)
        other = contents(other)
        if getattr(other, "letter", "") == "s":
            raise LanguageTypeError("E0201", "a personal value does not mix with secrets",
                                    "make it secret first: sint(x)")
        return other

    def _divisor(self):
        """The value, and 1 at the others: they must not fail for what means nothing."""
        here = localint.player_number().value == self.player
        return contents(self.value) * here + (1 - here)


def check_same_player(one, other):
    """Refuses two parties that are known to differ."""
    if isinstance(one, int) and isinstance(other, int) and one != other:
        raise LanguageError(
            "E0218", "player mismatch: the value is known to party %s, not to party %s"
            % (one, other), "open it to that party with reveal_to(%s)" % other)


class localint:
    """An integer that may differ between parties: for printing and errors only."""

    def __init__(self, value):
        self.value = value

    @property
    def _v(self):
        return self.value

    @classmethod
    def player_number(cls):
        """The number of the party that runs the program."""
        res = TYPES["i"].fresh(1)
        rec.emit(_ops.PARTYID, res.reg)
        return cls(res)

    def __repr__(self):
        return "<localint>"

    def __bool__(self):
        raise LanguageTypeError(
            "E0202", "a value that differs between parties has no truth value while compiling",
            "use print_ln_if(condition, …)")

    __hash__ = object.__hash__

    def output(self):
        """Prints the value without a line end."""
        from .output import print_str
        print_str("%s", self)


_DIVISIONS = ("floordiv", "truediv", "mod")


def _personal_operator(name):
    dunder, divides = "__%s__" % name, name in _DIVISIONS

    def method(self, other):
        if divides and isinstance(other, personal):
            check_same_player(self.player, other.player)
            other = other._divisor()
        res = _apply(dunder, contents(self.value), self._with(other))
        return res if res is NotImplemented else personal(self.player, res)

    def reflected(self, other):
        value = self._divisor() if divides else contents(self.value)
        res = _apply(dunder, self._with(other), value)
        return res if res is NotImplemented else personal(self.player, res)
    setattr(personal, dunder, method)
    if name not in ("lt", "le", "gt", "ge", "eq", "ne"):
        setattr(personal, "__r%s__" % name, reflected)


def _apply(dunder, one, other):
    return getattr(operator, dunder)(one, other)


for _name in ("add", "sub", "mul", "floordiv", "truediv", "mod", "pow", "lshift", "rshift", "and",
              "or", "xor", "lt", "le", "gt", "ge", "eq", "ne"):
    _personal_operator(_name)


def _local_operator(name):
    def method(self, other):
        res = getattr(self.value, name)(other.value if isinstance(other, localint) else other)
        return res if res is NotImplemented else localint(res)
    setattr(localint, name, method)


for _name in ("lt", "le", "gt", "ge", "eq", "ne"):
    _local_operator("__%s__" % _name)
