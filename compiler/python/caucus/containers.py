"""Containers: what they have in common, and arrays."""

from . import sint
from .errors import LanguageError, LanguageTypeError, VectorMismatch
from .fixed import Fixed
from .personal import personal
from .record import rec
from .sockets import receive, send_parts
from .stored import container_read, container_write, read_from_file, write_to_file
from .values import TYPES, Register, convert
from .views import (Settings, add, check_range, element_type, gather, known_int, length_of, load,
                    run_time_index, scatter, store, times, type_of)


class Container:
    """What all containers have in common; subclasses give what they hold as a vector."""

    __hash__ = object.__hash__
    ndim = 1

    def _elementwise(self, name, other):
        method = getattr(self.as_register(), name)
        other = other.as_register() if isinstance(other, Container) else other
        return method(other)

    def __bool__(self):
        return len(self) > 0

    def __repr__(self):
        return "<%s of %s>" % (self.__class__.__name__, self.shape)

    def write_to_socket(self, socket):
        """Sends the contents in one message, or in several of a million values."""
        send_parts(self.value_type, self.value_type.ops.SEND, socket, self.as_register())

    write_fully_to_socket = write_to_socket

    def write_share_to_socket(self, socket):
        """Sends this party's summands in one message, or in several of a million values."""
        send_parts(self.value_type, self.value_type.ops.SEND_SHARE, socket, self.as_register())

    write_shares_to_socket = write_share_to_socket

    def read_from_socket(self, socket):
        """Fills the container from what the same method of sending writes."""
        self.assign_vector(receive(self.value_type, socket, 1, self.total)[0])
        return self

    def reveal_to_clients(self, clients):
        """Opens the contents to clients."""
        self.value_type.reveal_to_clients(clients, [self.as_register()])

    def input_from(self, player, budget=None, raw=False, binary=False):
        """Fills the container with a party's private inputs."""
        kind = self.value_type
        self.assign_vector(kind.get_raw_input_from(player, size=self.total) if raw else
                           kind.get_input_from(player, size=self.total, binary=binary))
        return self

    def write_to_file(self, position=None):
        """Stores all elements behind the last stored one, or from a position on."""
        container_write(self, position)

    def read_from_file(self, start, crash_if_missing=True):
        """Fills the container with stored secrets; returns the position behind them."""
        return container_read(self, start, crash_if_missing)

    def randomize(self, *args, **kwargs):
        """Fills the container with random elements; the arguments are those of get_random."""
        kwargs.pop("n_threads", None)
        self.assign_vector(self.value_type.get_random(*args, size=self.total, **kwargs))

    def sum(self):
        """The sum of all elements."""
        return self.as_register().sum()

    def delete(self):
        """Nothing: memory is planned by the compiler."""

    def iadd(self, other):
        """Adds element-wise in place."""
        self.assign_vector(self.as_register() + other)

    def reveal(self, check=True):
        """A new container with the opened elements."""
        vector = self.as_register().reveal()
        res = self.of_type(type(vector))
        res.assign_vector(vector)
        return res

    def reveal_nested(self):
        """Nested lists of opened elements."""
        return [item.reveal() for item in self]

    reveal_list = reveal_nested

    def reveal_to(self, player):
        """A container that one party knows."""
        own = self.as_register().reveal_to(player)
        res = self.of_type(type(own.value))
        res.assign_vector(own.value)
        return personal(player, res)

    def binary_output(self, player=None):
        """Appends the elements to the binary output file, at one party or all."""
        self.as_register().binary_output(player)

    def reveal_to_binary_output(self, player=None):
        """Opens the elements into the binary output file, to one party or all."""
        self.as_register().reveal_to_binary_output(player)

    def output(self):
        """Prints the elements without a line end; of secrets, this party's shares."""
        self.as_register().output()

    def print_reveal_nested(self, end="\n"):
        """Opens and prints with brackets."""
        from .output import print_str
        print_str("%s%s", self.reveal(), end)


for _name in ("add", "sub", "mul", "floordiv", "truediv", "mod", "lshift", "rshift", "and", "or",
              "xor", "radd", "rsub", "rmul", "rfloordiv", "pow", "lt", "le", "gt", "ge", "eq",
              "ne", "rtruediv"):
    def _operator(self, other, _name="__%s__" % _name):
        return self._elementwise(_name, other)
    setattr(Container, "__%s__" % _name, _operator)
Container.__neg__ = lambda self: -self.as_register()
Container.__hash__ = object.__hash__


class _CheckSwitch(type):
    """Makes ``Array.check_indices`` one switch for all containers."""

    @property
    def check_indices(cls):
        """Whether run-time indices of parts of containers are checked."""
        return Settings.check_indices

    @check_indices.setter
    def check_indices(cls, value):
        Settings.check_indices = bool(value)

    def disable_index_checks(cls):
        """Switches the checks off."""
        Settings.check_indices = False


class Array(Container, metaclass=_CheckSwitch):
    """A row of elements in memory, or a view of a part of one."""

    def __new__(cls, length, value_type=None, *_, **__):
        for one, other in ((length, value_type), (value_type, length)):
            if getattr(one, "letter", "") == "b" and isinstance(one, type):
                return one.Array(other)
        return object.__new__(cls)

    def __init__(self, length, value_type, storage=None, base=0, stride=1):
        if isinstance(value_type, int) or not known_int(length) and isinstance(length, type):
            length, value_type = value_type, length
        self.value_type = element_type(value_type)
        self.length = length_of(length)
        self.storage = storage or rec.storage(self.value_type.letter, self.length)
        self.base = base
        self.stride = stride

    @property
    def shape(self):
        """[length]."""
        return [self.length]

    sizes = shape

    @property
    def total(self):
        """Number of elements."""
        return self.length

    @property
    def whole(self):
        """Whether the machine's check against the whole array is exact."""
        return (self.stride == 1 and isinstance(self.base, int) and self.base == 0
                and self.storage.length == self.length)

    @classmethod
    def create_from(cls, values):
        """A new array with these contents."""
        if isinstance(values, (Register, Container)):
            vector = values if isinstance(values, Register) else values.as_register()
        else:
            values = list(values)
            kind = type_of(values)
            vector = convert(kind, values) if values else kind.fresh(0)
        res = Array(vector.size, type(vector))
        if vector.size:
            res.assign_vector(vector)
        return res

    def of_type(self, value_type):
        """A new array of the same length and another type."""
        return Array(self.length, value_type)

    def same_shape(self):
        """A new array of the same length and type."""
        return self.of_type(self.value_type)

    # Elements

    def __len__(self):
        return self.length

    def _address(self, index, count=1, what="index"):
        index = check_range(index, count, self.length, self.whole, what)
        return add(self.base, times(index, self.stride))

    def __getitem__(self, index):
        if isinstance(index, slice):
            base, stride, count = self._slice(index)
            return load(self.value_type, self.storage, base, ((count, stride),))
        index = self._index(index)
        if not isinstance(index, int) and index.size != 1:
            return gather(self.value_type, self.storage, self._address(index))
        return load(self.value_type, self.storage, self._address(index), ())

    def __setitem__(self, index, value):
        if isinstance(index, slice):
            base, stride, count = self._slice(index)
            store(self.value_type, self.storage, base, ((count, stride),), self._vector(value))
            return
        index = self._index(index)
        value = self._vector(value)
        if not isinstance(index, int) and index.size != 1:
            scatter(self.value_type, self.storage, self._address(index), value)
            return
        store(self.value_type, self.storage, self._address(index), (), value)

    def _index(self, index):
        if isinstance(index, list):
            raise LanguageTypeError("E0204", "a list cannot be an index of an array",
                                    "use a vector: a[regint([0, 2])] or a.get([0, 2])")
        return run_time_index(index)

    def _slice(self, index):
        for bound in (index.start, index.stop, index.step):
            if isinstance(bound, Register):
                raise LanguageTypeError(
                    "E0202", "the bounds of a slice must be known while compiling",
                    "use a.get_vector(base, size) with a run-time base")
        start, stop, step = index.indices(self.length)
        count = len(range(start, stop, step))
        start = start if count else 0
        return add(self.base, start * self.stride), step * self.stride, count

    def _vector(self, value):
        if isinstance(value, Container):
            value = value.as_register()
        return convert(self.value_type, value)

    def __iter__(self):
        for index in range(self.length):
            yield self[index]

    def as_register(self):
        """The contents as one vector."""
        return load(self.value_type, self.storage, self.base, ((self.length, self.stride),))

    # Vectors and parts

    def get_vector(self, base=0, size=None):
        """`size` elements from `base` on as one vector."""
        base = run_time_index(base)
        if size is None:
            if not isinstance(base, int):
                raise LanguageTypeError("E0202", "get_vector needs the size if the base is not "
                                        "known while compiling")
            size = self.length - base
        size = length_of(size, "size of a part")
        return load(self.value_type, self.storage, self._address(base, size, "part"),
                    ((size, self.stride),))

    get_part_vector = get_vector

    def assign_vector(self, vector, base=0):
        """Writes a vector from `base` on; returns the array."""
        vector = self._vector(vector)
        address = self._address(run_time_index(base), vector.size, "part")
        store(self.value_type, self.storage, address, ((vector.size, self.stride),), vector)
        return self

    assign_part_vector = assign_vector

    def assign(self, values, base=0):
        """Writes a vector, list or container from `base` on; returns the array."""
        if isinstance(values, (int, float)) and self.length != 1:
            raise LanguageTypeError("E0201", "assign() needs a list, vector or container, not the "
                                    "number %r" % (values,), "use assign_all(x) to fill")
        if not isinstance(values, (Register, Container, int, float, list)):
            values = list(values)
        return self.assign_vector(values, base)

    def assign_all(self, value):
        """Fills the array; returns it."""
        value = self._vector(value)
        if value.size != 1:
            raise VectorMismatch(value.size, 1)
        store(self.value_type, self.storage, self.base, ((self.length, self.stride),), value)
        return self

    def get_part(self, base, size):
        """A view of `size` elements from `base` on."""
        size = length_of(size, "size of a part")
        address = self._address(run_time_index(base), size, "part")
        return Array(size, self.value_type, self.storage, address, self.stride)

    def get_sub(self, start, stop=None):
        """A view of the elements from `start` to before `stop`."""
        start, stop = (0, start) if stop is None else (start, stop)
        if isinstance(start, Register) or isinstance(stop, Register):
            from .parts import RunTimePart
            return RunTimePart(self, start, stop)
        return self.get_part(start, stop - start)

    def get_range(self, start, size):
        """A list of elements."""
        return [self[start + k] for k in range(size)]

    def set_range(self, start, values):
        """Writes a list of elements."""
        for k, value in enumerate(values):
            self[start + k] = value

    def get(self, indices):
        """The elements at these indices as one vector."""
        return gather(self.value_type, self.storage, self._address(TYPES["i"].conv(indices)))

    def maybe_get(self, condition, index):
        """The element if the public condition is 1, else 0."""
        return condition * self[condition * index]

    def maybe_set(self, condition, index, value):
        """Writes the element if the public condition is 1."""
        from .branches import if_
        if_(condition)(lambda: self.__setitem__(index, value))

    # Views and products

    def to_array(self):
        """Itself."""
        return self

    def to_row_matrix(self):
        """A view of one row."""
        from .matrix import MultiArray
        return MultiArray([1, self.length], self.value_type, self.storage, self.base,
                          (self.length * self.stride, self.stride))

    def to_column_matrix(self):
        """A view of one column."""
        from .matrix import MultiArray
        return MultiArray([self.length, 1], self.value_type, self.storage, self.base,
                          (self.stride, self.stride))

    def concat(self, other):
        """A new array with the elements of both."""
        return Array.create_from(self.value_type.concat(
            [self.as_register(), self._vector(other)]))

    def dot(self, other, n_threads=None):
        """The inner product."""
        from .sint import sint, vector_of
        if hasattr(other, "shape") and len(other.shape) == 2:
            if other.shape[0] != self.length:
                raise LanguageError(
                    "E0209", "an array of length %d and a matrix of shape %s do not fit for a "
                    "product" % (self.length, other.shape),
                    "the matrix must have as many rows as the array has elements")
            return self.to_row_matrix().dot(other)[0]
        a, b = self.as_register(), vector_of(other)
        return (a * b).sum() if a.letter != "s" and b.letter != "s" else sint.dot_product(a, b)


def _typed_array(cls, length, *_, **__):
    return Array(length, cls)


Register.Array = classmethod(_typed_array)
sint.sint.write_to_file = Fixed.write_to_file = classmethod(write_to_file)
sint.sint.read_from_file = Fixed.read_from_file = classmethod(read_from_file)
