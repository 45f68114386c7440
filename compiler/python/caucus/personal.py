"""Values that one party knows, or that differ between parties."""

from . import _ops
from .errors import LanguageError, LanguageTypeError, LanguageValueError
from .record import rec
from .values import FIXED, TYPES, Register


class personal:
    """A public type's value at one party; the others hold 0."""

    def __init__(self, player, value):
        self.player = player
        self.value = value if isinstance(value, Register) else TYPES["c"].conv(value)

    @property
    def size(self):
        """Number of elements."""
        return self.value.size

    def __repr__(self):
        return "<personal of party %r>" % (self.player,)

    def __getitem__(self, index):
        return personal(self.player, self.value[index])

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

    def _with(self, other):
        if isinstance(other, personal):
            check_same_player(self.player, other.player)
            return other.value
        if getattr(other, "letter", "") == "s":
            raise LanguageTypeError("E0201", "a personal value does not mix with secrets",
                                    "make it secret first: sint(x)")
        return other


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


def _forward(cls, names, wrap):
    for name in names:
        name = "__%s__" % name

        def method(self, other, name=name):
            res = getattr(self.value, name)(self._with(other))
            return res if res is NotImplemented else wrap(self, res)
        setattr(cls, name, method)


def _local_with(self, other):
    return other.value if isinstance(other, localint) else other


localint._with = _local_with
_ARITHMETIC = ("add", "radd", "sub", "rsub", "mul", "rmul", "floordiv", "mod", "lshift", "rshift",
               "and", "or", "xor")
_forward(personal, _ARITHMETIC, lambda self, res: personal(self.player, res))
_forward(localint, ("lt", "le", "gt", "ge", "eq", "ne"), lambda self, res: localint(res))
