"""What a name stands for behind a run-time branch: one value, a register that both parts set, or
nothing that could be used.
"""

from .. import sint as _classes  # noqa: F401 -- the classes of registers must be there
from ..errors import LanguageError
from ..sintbit import sintbit
from ..values import FIXED, TYPES, Register

#: What a name stands for that stands for nothing.
MISSING = object()

_RANK = "ics"
_PLAIN = (bool, int, float, str, bytes, complex, type(None))


class Unset:
    """The value of a name that has none which holds on every way: any use is explained."""

    __slots__ = ("_reason",)

    def __init__(self, name, reason):
        object.__setattr__(self, "_reason", (name, reason))

    def _used(self, *_, **__):
        name, reason = object.__getattribute__(self, "_reason")
        raise LanguageError("E0270", "%s has no value here: %s" % (name, reason),
                            "give it a register as value before (x = sint(0), regint(0), "
                            "sfix(0)…), or use an Array or a MemValue")

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        self._used()

    def __repr__(self):
        return "<no value>"

    __hash__ = object.__hash__


for _name in """add sub mul truediv floordiv mod pow lshift rshift and or xor matmul""".split():
    for _prefix in ("", "r", "i"):
        setattr(Unset, "__%s%s__" % (_prefix, _name), Unset._used)
for _name in """lt le gt ge eq ne neg pos abs invert bool int float index round len iter getitem
setitem delitem contains call str format enter exit next trunc""".split():
    setattr(Unset, "__%s__" % _name, Unset._used)
Unset.__setattr__ = Unset._used
Unset.__hash__ = object.__hash__


def same(a, b):
    """Whether two values are the same for the program."""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, _PLAIN):
        return a == b and repr(a) == repr(b)
    if isinstance(a, (tuple, list)) and len(a) == len(b):
        return all(same(x, y) for x, y in zip(a, b))
    return False


def register_class(values):
    """The class and number of lanes of a register that can hold each of these values.

    None if there is no such class.
    """
    registers = [value for value in values if isinstance(value, Register)]
    if any(value.letter not in _RANK for value in registers):
        return None
    if any(not isinstance(value, (Register, int, float)) for value in values):
        return None
    fixed = [value for value in registers if value.fixed]
    if any(isinstance(value, float) for value in values) and not fixed:
        return None
    sizes = {value.size for value in registers} or {1}
    if len(sizes) > 1 or sizes != {1} and len(registers) < len(values):
        return None
    letter = max((value.letter for value in registers), key=_RANK.index, default="i")
    if fixed:
        kinds = {(kind.k, kind.f) for kind in map(type, fixed)}
        if len(kinds) > 1:
            return None
        kind = FIXED["s" if letter == "s" else "c"].get_prec_type(fixed[0].f, fixed[0].k)
    elif all(type(value) is sintbit for value in values):
        kind = sintbit
    else:
        numbers = [value for value in values if isinstance(value, int)]
        if letter == "i" and not all(-2 ** 63 <= number < 2 ** 63 for number in numbers):
            letter = "c"
        kind = TYPES[letter]
    return kind, sizes.pop()


class Merge:
    """Values of one place on both ways, and the registers that take them."""

    def __init__(self):
        #: (register, value on the first way, value on the second)
        self.moves = []

    def value(self, name, old, first, second):
        """What the place has behind the branch."""
        if same(first, second):
            return first
        if first is MISSING or second is MISSING:
            return Unset(name, "it is assigned in one part of a run-time branch only")
        for value in (first, second):
            if isinstance(value, Unset):
                return value
        if type(first) is type(second) and type(first) in (tuple, list) \
                and len(first) == len(second):
            olds = old if type(old) is type(first) and len(old) == len(first) \
                else [MISSING] * len(first)
            return type(first)(self.value(name, *three) for three in zip(olds, first, second))
        first, second = _readable(first), _readable(second)
        found = register_class((first, second))
        if found is None:
            return Unset(name, "it is %s in one part of a run-time branch and %s in the other, "
                         "which no register can hold" % (describe(first), describe(second)))
        res = found[0].fresh(found[1])
        self.moves.append((res, first, second))
        return res


def _readable(value):
    """Truth values count as numbers."""
    return int(value) if isinstance(value, bool) else value


def describe(value):
    """A value in a message."""
    if value is MISSING:
        return "nothing"
    if isinstance(value, Register):
        kind = type(value).__name__
        return "a %s" % kind if value.size == 1 else "a %s vector of %d" % (kind, value.size)
    if isinstance(value, (bool, int, float)):
        return "the number %r" % value
    return "a value of type %s" % type(value).__name__


def as_variable(value):
    """A new register with this value, or None if no register can hold it."""
    found = register_class((value,)) if isinstance(value, (Register, int)) else None
    if found is None:
        return None
    kind, size = found
    if kind is sintbit:
        # Another pass may assign a number that is no bit.
        kind = TYPES["s"]
    res = kind.fresh(size)
    res.update(kind.conv(value))
    return res


def fits(variable, value):
    """Whether a value can be assigned to a variable without loss."""
    if isinstance(value, float):
        return variable.fixed
    found = register_class((variable, value)) if isinstance(value, (Register, int)) else None
    return found is not None and found == (type(variable), variable.size)
