"""Private inputs of external clients and private outputs to them.

A client adds up what the parties send it, so that only it learns the sum. For an input it gets a
random mask and sends all parties its value plus the mask. Random products go along, by which it
notices a wrong sum: a and b with a * b for the mask a, and r and x * r for the output x. They are
left out where the program sets ``program.active`` to False.
"""

from . import _ops, sockets
from .errors import LanguageError, LanguageTypeError, LanguageValueError
from .record import rec
from .values import TYPES, Register, contents


class Settings:
    """What programs can switch."""

    active = True


def receive(cls, n, client, size):
    """A list of n private inputs, each a vector."""
    _secrets_only(cls, "private inputs", "read_from_socket")
    for number in (n, size):
        if not isinstance(number, int) or isinstance(number, Register) or number < 0:
            raise LanguageValueError(
                "E0219", "how many inputs a client gives must be known while compiling")
    base = TYPES["s"]
    total = n * size
    if total == 0:
        return [cls.view(base.constant(0, 0)) for _ in range(n)]
    client = sockets.socket_number(client)
    mask = random(total)
    _send_checked(client, mask)
    masked = TYPES["c"].fresh(total)
    rec.emit(_ops.RECVMASKED, client.use(), 1, masked.reg)
    return [cls.view(part) for part in sockets.split(masked - mask, n)]


def receive_tensor(cls, client, shape):
    """A container of private inputs."""
    from .matrix import make
    shape = [shape] if isinstance(shape, int) else list(shape)
    res = make(shape, cls)
    if res.total:
        res.assign_vector(receive(cls, 1, client, res.total)[0])
    return res


def reveal(cls, ids, values):
    """Opens values to clients, whose connections are given by a number, a list or a container."""
    _secrets_only(cls, "private outputs", "write_to_socket")
    if not isinstance(values, (list, tuple)):
        values = [values]
    base = TYPES["s"]
    parts = [cls.conv(contents(value)) for value in values]
    vector = base.view(sockets.interleaved(cls, parts)) if parts else base.constant(0, 0)
    if vector.size == 0:
        return
    frame = _checked(vector, random(vector.size) if Settings.active else None)
    _each(ids, lambda client: _send(client, frame))


def random(size):
    """Random elements that no party knows."""
    res = TYPES["s"].fresh(size)
    rec.emit(_ops.RANDS, res.reg)
    return res


def _send_checked(client, mask):
    _send(client, _checked(mask, random(mask.size) if Settings.active else None))


def _checked(values, factors):
    """Of each value x: x, r and x * r."""
    if factors is None:
        return values
    return sockets.interleaved(TYPES["s"], [values, factors, values * factors]) \
        if values.size > 1 else TYPES["s"].concat([values, factors, values * factors])


def _send(client, frame):
    rec.emit(_ops.SENDSUMS, sockets.socket_number(client).use(), 1, frame.use())


def _each(ids, body):
    """Calls `body` with the number of each connection."""
    length = getattr(ids, "length", None)
    if isinstance(length, Register):
        from .loops import for_range
        for_range(length)(lambda index: body(ids[index]))
        return
    if isinstance(ids, (int, Register)):
        ids = [ids] if isinstance(ids, int) or ids.size == 1 else list(ids)
    elif getattr(ids, "letter", None) is None and not hasattr(ids, "__iter__"):
        raise LanguageTypeError("E0219", "%s is no list of clients" % type(ids).__name__,
                                "give a list or an array of the numbers of connections")
    for client in ids:
        body(client)


def _secrets_only(cls, what, instead):
    if cls.letter != "s":
        raise LanguageError("E0260", "%s has no %s of clients" % (cls.__name__, what),
                            "use sint or sfix, or %s() for public values" % instead)
