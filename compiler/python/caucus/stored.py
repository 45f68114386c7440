"""Secrets that outlive a run: each party keeps its shares in the folder Persistence."""

from . import _ops
from .errors import LanguageTypeError, LanguageValueError
from .inputs import only_in_main_thread
from .record import rec
from .regint import regint
from .sint import sint
from .values import Register

#: Elements of a container that are read or written at a time.
_CHUNK = 1 << 20
#: The position that means behind the last one.
_END = -1


def _position(position):
    """A position as a register."""
    if getattr(position, "letter", "") == "s":
        raise LanguageTypeError(
            "E0202", "the position of stored shares must not be secret",
            "the first argument of writesharestofile() is the position, -1 for the end")
    position = regint.conv(_END if position is None else position)
    if position.size != 1:
        raise LanguageValueError("E0209", "a position must be a single number")
    return position


def store(position, values):
    """Records that registers are stored one behind the other."""
    only_in_main_thread("storing secrets")
    rec.emit(_ops.STORESHARES, _position(position).use(), len(values),
             *[value.use() for value in values])


def load(cls, position, sizes, required):
    """Registers of stored secrets, and the position behind them."""
    only_in_main_thread("reading stored secrets")
    position = _position(position)
    end = regint.fresh(1)
    values = [cls.fresh(size) for size in sizes]
    rec.emit(_ops.LOADSHARES, end.reg, position.use(), len(values),
             *([value.reg for value in values] + [int(bool(required))]))
    return end, values


def write_to_file(cls, values, position=None):
    """Stores a list of secrets, or a container, behind the last one or from a position on."""
    if not isinstance(values, (list, tuple)):
        values = [values]
    store(position, [cls.conv(value) for value in values])


def read_from_file(cls, start, n_items=1, crash_if_missing=True):
    """(position behind them, list of n secrets); the position is -1 at the end, -2 without file."""
    if not isinstance(n_items, int) or n_items < 0:
        raise LanguageValueError(
            "E0219", "how many secrets are read must be known while compiling")
    return load(cls, start, [1] * n_items, crash_if_missing)


def _chunks(total):
    return [(base, min(_CHUNK, total - base)) for base in range(0, max(total, 1), _CHUNK)]


def container_write(container, position=None):
    """Stores all elements."""
    parts = container.to_array()
    if position is not None:
        position = _position(position)
    for base, size in _chunks(container.total):
        at = position if position is None or base == 0 else _later(position, base)
        store(at, [parts.get_vector(base, size)])


def _later(position, base):
    """`base` behind a position; the end moves by itself."""
    return (position == _END).if_else(position, position + base)


def container_read(container, start, crash_if_missing=True):
    """Fills the container; returns the position behind its elements."""
    start, end = _position(start), None
    parts = []
    for base, size in _chunks(container.total):
        end, values = load(container.value_type, start + base if base else start, [size],
                           crash_if_missing)
        parts += values
    container.assign_vector(parts[0] if len(parts) == 1 else container.value_type.concat(parts))
    return end


def writesharestofile(position, *values):
    """The instruction form: stores secrets from a position on, -1 for the end."""
    store(position, [sint.conv(value) for value in values])


def readsharesfromfile(start, end, *values):
    """The instruction form: secrets and the position go to existing registers."""
    if not isinstance(end, regint) or not all(
            isinstance(value, Register) and value.letter == "s" for value in values):
        raise LanguageTypeError(
            "E0201", "readsharesfromfile needs a position, a regint and secret registers",
            "write readsharesfromfile(regint(0), regint(), sint(), …)")
    after, loaded = load(sint, start, [value.size for value in values], False)
    end.update(after)
    for value, new in zip(values, loaded):
        value.update(type(value).view(new))
