"""Connections to clients and nodes.

One call sends or expects one message, however many values it has.
"""

from . import _ops
from .errors import LanguageTypeError, LanguageValueError, not_yet
from .record import rec
from .values import TYPES, Register


class Both:
    """A method that works as ``T.name(id, values)`` and as ``x.name(id)``."""

    def __init__(self, function):
        self.function = function
        self.__doc__ = function.__doc__

    def __get__(self, instance, owner):
        if instance is None:
            return lambda socket, values: self.function(owner, socket, values)
        return lambda socket, *_: self.function(owner, socket, [instance])


def registers(cls, values):
    """The registers of `cls` for a value, a container, or a list of them."""
    if isinstance(values, (list, tuple)):
        return [cls.conv(value) for value in values]
    return [cls.conv(values)]


def send(cls, code, socket, values):
    """Records that values are sent in one message."""
    parts = registers(cls, values)
    rec.emit(code, socket_number(socket).use(), len(parts), *[part.use() for part in parts])


def receive(cls, socket, count, size):
    """Records that `count` vectors of `size` values come in one message."""
    if not isinstance(count, int) or not isinstance(size, int) or count < 0 or size < 0:
        raise LanguageValueError(
            "E0219", "how many values are read must be known while compiling")
    parts = [cls.fresh(size) for _ in range(count)]
    rec.emit(cls.ops.RECV, socket_number(socket).use(), count, *[part.reg for part in parts])
    return parts


def socket_number(socket):
    """A connection's number as a register."""
    if getattr(socket, "letter", "") == "s":
        raise LanguageTypeError("E0202", "the number of a connection must not be secret")
    return TYPES["i"].conv(socket)


class SocketMethods:
    """Sending and receiving of registers."""

    __slots__ = ()

    @classmethod
    def read_from_socket(cls, socket, n=1, size=1):
        """A value, or a list of n values, of `size` elements each, in one message."""
        parts = receive(cls, socket, n, size)
        return parts[0] if n == 1 else parts

    @Both
    def write_to_socket(cls, socket, values):
        """Sends values in one message."""
        send(cls, cls.ops.SEND, socket, values)

    @Both
    def write_fully_to_socket(cls, socket, values):
        """Sends values in one message."""
        send(cls, cls.ops.SEND, socket, values)

    @Both
    def write_share_to_socket(cls, socket, values):
        """Sends this party's summands in one message; public values as they are."""
        send(cls, cls.ops.SEND_SHARE, socket, values)

    @Both
    def write_shares_to_socket(cls, socket, values):
        """Sends this party's summands in one message; public values as they are."""
        send(cls, cls.ops.SEND_SHARE, socket, values)

    @classmethod
    def receive_from_client(cls, n, client, size=1):
        """Private inputs of a client."""
        raise not_yet("receive_from_client() is")

    @classmethod
    def reveal_to_clients(cls, clients, values):
        """Private outputs to clients."""
        raise not_yet("reveal_to_clients() is")


def listen_for_clients(port):
    """Party i listens on `port` + i."""
    rec.emit(_ops.LISTEN, TYPES["i"].conv(port).use())


def accept_client_connection(port):
    """Waits for a client and gives its number."""
    port = TYPES["i"].conv(port)
    res = TYPES["i"].fresh(1)
    rec.emit(_ops.ACCEPT, res.reg, port.use())
    return res


def init_client_connection(host, port, my_id, relative_port=True):
    """Connects as client `my_id` to the same party of another computation."""
    if not isinstance(host, str):
        raise LanguageTypeError("E0219", "the host must be a text, not %s" % type(host).__name__)
    port, my_id = TYPES["i"].conv(port), TYPES["i"].conv(my_id)
    res = TYPES["i"].fresh(1)
    rec.emit(_ops.CONNECT, res.reg, rec.text(host), port.use(), my_id.use(), int(relative_port))
    return res


def close_client_connection(socket):
    """Closes a connection."""
    rec.emit(_ops.CLOSE, socket_number(socket).use())


def acceptclientconnection(destination, port):
    """The instruction form: the client's number goes to an existing regint."""
    if not isinstance(destination, Register):
        raise LanguageTypeError("E0201", "acceptclientconnection needs a regint for the number")
    destination.update(accept_client_connection(port))


listen = listen_for_clients
closeclientconnection = close_client_connection
