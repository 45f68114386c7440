"""Arrays, matrices and cells of memory of strings of secret bits.

An element of n bits takes n lanes of the array behind, so that elements are read and written like
parts of other arrays.
"""

from .bits import Bits
from .errors import LanguageTypeError, LanguageValueError, VectorMismatch
from .record import rec
from .regint import regint
from .views import add, check_range, length_of, load, run_time_index, store, times


class BitArray:
    """Strings of n bits in rows, or a view of a part."""

    __hash__ = object.__hash__

    def __init__(self, sizes, value_type, storage=None, base=0):
        if value_type.n is None:
            raise LanguageTypeError(
                "E0233", "the elements of an array need a fixed number of bits",
                "use sbits.get_type(n).Array(length)")
        self.value_type = value_type
        self.shape = self.sizes = [length_of(size) for size in sizes]
        self.width = value_type.n
        for size in self.shape[1:]:
            self.width *= size
        self.storage = storage or rec.storage("b", self.width * self.shape[0])
        self.base = base

    @property
    def length(self):
        """The number of elements or rows."""
        return self.shape[0]

    @property
    def _is_whole(self):
        return isinstance(self.base, int) and self.storage.length == self.width * self.length

    def __len__(self):
        return self.shape[0]

    def __repr__(self):
        return "<array of %s of %s>" % (self.shape, self.value_type.__name__)

    def _address(self, index):
        index = run_time_index(index)
        if not isinstance(index, int) and index.size != 1:
            raise LanguageTypeError("E0204", "an array of strings of bits takes one index")
        index = check_range(index, 1, self.length, self._is_whole)
        return add(self.base, times(index, self.width))

    def __getitem__(self, index):
        if isinstance(index, slice):
            return [self[k] for k in range(*index.indices(self.length))]
        address = self._address(index)
        if len(self.shape) > 1:
            return BitArray(self.shape[1:], self.value_type, self.storage, address)
        levels = ((self.width, 1),) if self.width != 1 else ()
        return load(self.value_type, self.storage, address, levels)

    def __setitem__(self, index, value):
        if isinstance(index, slice):
            places = range(*index.indices(self.length))
            values = list(value)
            if len(values) != len(places):
                raise VectorMismatch(len(values), len(places))
            for place, item in zip(places, values):
                self[place] = item
        elif len(self.shape) > 1:
            self[index].assign(value)
        else:
            value = self.value_type.conv(value)
            levels = ((self.width, 1),) if self.width != 1 else ()
            store(self.value_type, self.storage, self._address(index), levels, value)

    def __iter__(self):
        return iter([self[k] for k in range(self.length)])

    def assign(self, values, base=0):
        """Writes elements, or rows, from `base` on; returns the array."""
        values = list(values)
        if base + len(values) > self.length:
            raise LanguageValueError(
                "E0204", "%d elements from %d on are out of range for length %d"
                % (len(values), base, self.length))
        for k, value in enumerate(values):
            self[base + k] = value
        return self

    assign_vector = assign

    def assign_all(self, value):
        """Fills the array; returns it."""
        value = self.value_type.conv(value)
        n = self.value_type.n
        count = self.width * self.length // n
        repeated = value.pick(0, ((count, 0), (n, 1)))
        store(self.value_type, self.storage, self.base, ((count * n, 1),), repeated)
        return self

    def get_vector(self, base=0, size=None):
        """Elements as a vector of strings of bits."""
        from .bitvec import sbitvec
        size = self.length - base if size is None else size
        return sbitvec.get_type(self.value_type.n).conv([self[base + k] for k in range(size)])

    def reveal(self, check=True):
        """Lists of the opened elements."""
        return [item.reveal() for item in self]

    reveal_nested = reveal_list = reveal

    def get_random(self):
        """Fills the array with random bits."""
        for k in range(self.length):
            self[k] = self.value_type.get_random()

    randomize = get_random


class BitCell:
    """A cell of memory that reads itself in any operation."""

    __hash__ = object.__hash__

    def __init__(self, value):
        self.value_type = type(value)
        self.array = BitArray([1], self.value_type)
        self.write(value)

    def read(self):
        """Loads the value."""
        return self.array[regint(0)]

    as_register = read

    def write(self, value):
        """Stores a value."""
        self.array[regint(0)] = value
        return self

    update = write

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.read(), name)


def _cell_operators():
    for name in ("add", "radd", "xor", "rxor", "and", "rand", "or", "ror", "mul", "rmul", "lshift",
                 "rshift", "eq", "ne", "getitem", "invert", "len", "iter", "bool"):
        def method(self, *args, name="__%s__" % name):
            args = [arg.read() if isinstance(arg, BitCell) else arg for arg in args]
            return getattr(self.read(), name)(*args)
        setattr(BitCell, "__%s__" % name, method)
    BitCell.__hash__ = object.__hash__


_cell_operators()


def is_bits(value_type):
    """Whether a class is one of strings of bits."""
    return isinstance(value_type, type) and issubclass(value_type, Bits)
