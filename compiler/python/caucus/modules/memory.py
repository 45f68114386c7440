"""What all memories with secret addresses have in common, and the one that scans all entries."""

from .. import _ops
from ..containers import Array, Container
from ..errors import LanguageTypeError, LanguageValueError, VectorMismatch
from ..record import rec
from ..regint import regint
from ..sint import sint
from ..values import Register, contents
from ..views import element_type, length_of

#: Up to so many small numbers about entries, such as positions, are looked up by a scan.
LONGEST_SCAN = 1024

#: So many of them are in each entry of the memory that holds longer lists.
PACKED = 8


def one_hot(index, size):
    """A vector of `size` elements: 1 at the place `index`, a secret, and 0 elsewhere."""
    if size < 2:
        return sint(1, size=size)
    every = demux(index.bit_decompose((size - 1).bit_length()))
    return every if every.size == size else every.get_vector(0, size)


def demux(bits):
    """A vector with 1 at the place whose number has these bits, lowest first."""
    if len(bits) == 1:
        bit = sint.view(bits[0])
        return sint.concat([1 - bit, bit])
    half = len(bits) // 2
    low, high = demux(bits[:half]), demux(bits[half:])
    return (high.pick(0, ((high.size, 1), (low.size, 0)))
            * low.pick(0, ((high.size, 0), (low.size, 1))))


def selected(hot, columns, count):
    """Of columns, one after the other: the sum of each, times the vector. One round."""
    res = sint.fresh(count)
    repeated = hot.pick(0, ((count, 0), (hot.size, 1)))
    rec.emit(_ops.DOTS, 1, res.reg, repeated.use(), columns.use())
    return res


def replaced(hot, columns, old, new):
    """The columns, with new values where the vector is 1 and the values were the old ones."""
    count = old.size
    difference = (new - old).pick(0, ((count, 1), (hot.size, 0)))
    return columns + hot.pick(0, ((count, 0), (hot.size, 1))) * difference


class Memory:
    """What all memories have in common; an entry is one value, or as many as `entry_size` names."""

    def __init__(self, size, value_type=sint, value_length=None, index_size=None, entry_size=None,
                 init_rounds=-1, **options):
        self.size = length_of(size, "size")
        if self.size < 1:
            raise LanguageValueError("E0219", "a memory needs at least one entry")
        self.value_type = element_type(value_type)
        if self.value_type.letter != "s":
            raise LanguageTypeError(
                "E0240", "a memory with secret addresses holds secrets, not %s"
                % self.value_type.__name__, "use sint or sfix")
        if value_length is None:
            value_length = len(entry_size) if isinstance(entry_size, (tuple, list)) else 1
        self.value_length = value_length
        self.index_size = (self.size - 1).bit_length() if index_size is None else index_size
        self._create(**options)

    def __len__(self):
        return self.size

    # Values and the integers that are stored

    def _store(self, values):
        """The integers of one entry as a vector."""
        if isinstance(values, Container):
            values = values.as_register()
        if not isinstance(values, (list, tuple)):
            values = [values]
        parts = [self.value_type.conv(contents(value)) for value in values]
        vector = parts[0] if len(parts) == 1 else self.value_type.concat(parts)
        if vector.size != self.value_length:
            raise VectorMismatch(vector.size, self.value_length)
        return vector.v if vector.fixed else vector

    def _values(self, vector):
        """The entry of a vector of integers: one value, or a tuple of several."""
        typed = self.value_type.view(vector) if self.value_type.fixed else vector
        return typed if typed.size == 1 else tuple(typed)

    @staticmethod
    def _address(index):
        """The index as a secret."""
        index = sint.conv(contents(index))
        if index.size != 1:
            raise VectorMismatch(index.size, 1)
        return index

    # Access

    def __getitem__(self, index):
        return self._values(self._access(self._address(index), None))

    def __setitem__(self, index, values):
        self._access(self._address(index), lambda old: self._store(values))

    def read(self, index):
        """The entry at a secret place."""
        return self[index]

    def write(self, index, values):
        """Replaces the entry at a secret place."""
        self[index] = values

    def access(self, index, values, write=1):
        """The entry at a secret place, which is replaced if the secret bit `write` is 1."""
        new = self._store(values)
        old = self._access(self._address(index), lambda old: old + write * (new - old))
        return self._values(old)

    def batch_init(self, values):
        """Replaces all entries; a vector or container holds them one after the other."""
        vector = self.value_type.conv(contents(values))
        if vector.size != self.size * self.value_length:
            raise VectorMismatch(vector.size, self.size * self.value_length)
        self._fill(vector.v if vector.fixed else vector)


class LinearORAM(Memory):
    """Every access computes with all entries: as many products, in about 7 rounds."""

    def _create(self, **_):
        # A column for each value of an entry, one after the other.
        self.cells = Array(self.size * self.value_length, sint)
        self.cells.assign_all(0)

    def _fill(self, vector):
        self.cells.assign_vector(vector.pick(0, ((self.value_length, 1),
                                                 (self.size, self.value_length))))

    def _public(self, index):
        """The places of an entry that is not secret."""
        index = contents(index)
        if isinstance(index, Register) and index.letter == "s":
            return None
        index = regint.conv(index)
        if index.size != 1:
            raise VectorMismatch(index.size, 1)
        wrong = (index < 0).bit_or(index >= self.size)
        rec.emit(_ops.FAIL, wrong.use(), 3, 0, rec.text("index "), 1, index.use(), 0,
                 rec.text(" is out of range for length %d" % self.size))
        return index + regint.inc(self.value_length, 0, self.size)

    def __getitem__(self, index):
        places = self._public(index)
        if places is None:
            return Memory.__getitem__(self, index)
        return self._values(self.cells.get(places))

    def __setitem__(self, index, values):
        places = self._public(index)
        if places is None:
            Memory.__setitem__(self, index, values)
        else:
            self.cells[places] = self._store(values)

    def _access(self, index, change):
        hot = one_hot(index, self.size)
        cells = self.cells.as_register()
        old = selected(hot, cells, self.value_length)
        if change is not None:
            self.cells.assign_vector(replaced(hot, cells, old, change(old)))
        return old


class TrivialORAM(LinearORAM):
    """The same under another name."""
