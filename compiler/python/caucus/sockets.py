"""Connections to clients and nodes.

One call sends or expects one message, however many values it has.
"""

from . import _ops, clients
from .errors import LanguageTypeError, LanguageValueError
from .record import rec
from .values import TYPES, Register


#: How many values of a container go into one message.
PART = 1000000


class Both:
    """A method that works as ``T.name(id, values)`` and as ``x.name(id)``."""

    def __init__(self, function):
        self.function = function
        self.__doc__ = function.__doc__

    def __get__(self, instance, owner):
        if instance is None:
            def of_class(socket, values, message_type=0):
                check_message_type(message_type)
                return self.function(owner, socket, values)
            return of_class

        def of_instance(socket, message_type=0):
            check_message_type(message_type)
            return self.function(owner, socket, [instance])
        return of_instance


class ClientMessageType:
    """Numbers of kinds of messages, of which only the first one is in use."""

    NoType = 0
    TripleShares = 1
    ClearModpInt = 2
    Int32 = 3
    ClearModpFix = 4


def check_message_type(message_type):
    """Refuses messages that begin with their type."""
    if message_type != 0:
        raise LanguageValueError(
            "E0261", "messages have no type: %r was given" % (message_type,),
            "leave the type out, or give ClientMessageType.NoType")


def registers(cls, values):
    """The registers of `cls` for a value, a container, or a list of them."""
    if isinstance(values, (list, tuple)):
        return [cls.conv(value) for value in values]
    return [cls.conv(values)]


def interleaved(cls, parts):
    """Vectors of equal size as one: the first lane of each, then the second of each, …"""
    sizes = {part.size for part in parts}
    if len(parts) == 1:
        return parts[0]
    joined = cls.concat(parts)
    if len(sizes) > 1 or sizes <= {0, 1}:
        return joined
    size, = sizes
    return joined.pick(0, ((size, 1), (len(parts), size)))


def send(cls, code, socket, values):
    """Records that values are sent in one message: lane by lane of vectors of equal size."""
    parts = registers(cls, values)
    if len(parts) > 1 and parts[0].size > 1 and len({part.size for part in parts}) == 1:
        parts = [interleaved(cls, parts)]
    rec.emit(code, socket_number(socket).use(), len(parts), *[part.use() for part in parts])


def send_parts(cls, code, socket, vector):
    """Records that the contents of a container are sent, in messages of at most PART values."""
    if vector.size <= PART:
        send(cls, code, socket, vector)
        return
    for base in range(0, vector.size, PART):
        send(cls, code, socket, vector.get_vector(base, min(PART, vector.size - base)))


def receive(cls, socket, count, size):
    """Records that `count` vectors of `size` values come in one message, as they are sent."""
    if not isinstance(count, int) or not isinstance(size, int) or count < 0 or size < 0:
        raise LanguageValueError(
            "E0219", "how many values are read must be known while compiling")
    if count > 1 and size > 1:
        return split(receive(cls, socket, 1, count * size)[0], count)
    parts = [cls.fresh(size) for _ in range(count)]
    rec.emit(cls.ops.RECV, socket_number(socket).use(), count, *[part.reg for part in parts])
    return parts


def split(joined, count):
    """The vectors that `interleaved` has joined."""
    if count == 1:
        return [joined]
    return [joined.pick(k, ((joined.size // count, count),)) for k in range(count)]


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
    def receive_from_client(cls, n, client, *extra, size=1, message_type=0):
        """A list of n private inputs of a client, vectors of `size` elements each."""
        for given in extra:
            # The third argument of older programs is the type of the message, which is 0.
            size, message_type = (given, message_type) if given else (size, given)
        check_message_type(message_type)
        return clients.receive(cls, n, client, size)

    @classmethod
    def input_tensor_from_client(cls, client, shape):
        """A container of private inputs of a client."""
        return clients.receive_tensor(cls, client, shape)

    @Both
    def reveal_to_clients(cls, ids, values):
        """Private outputs to one or several clients."""
        clients.reveal(cls, ids, values)


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
