"""Memories with secret addresses.

LinearORAM touches every entry at each access, in a few rounds. RecursiveORAM (SquareRootORAM)
touches about the square root of the number of entries; OptimalORAM chooses by that number.
An address that is not below the size reads something and may write somewhere: the program must
not use it.
"""

import math

from .. import _ops
from ..branches import if_
from ..containers import Array, Container
from ..errors import LanguageTypeError, LanguageValueError, VectorMismatch
from ..matrix import Matrix
from ..permuting import rearrange
from ..record import rec
from ..regint import regint
from ..secret_bits import zero
from ..sint import sint
from ..values import FIXED, Register, contents
from ..views import element_type, length_of

#: Up to so many entries a scan of all of them is cheaper.
LONGEST_SCAN = 4096

#: Up to so many positions are looked up by a scan.
LONGEST_POSITIONS = 1024

#: Positions in each entry of the memory that holds longer lists of them.
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


class SquareRootORAM(Memory):
    """Entries are shuffled and found by their position, which is opened: each once only.

    S. Zahur, X. Wang, M. Raykova, A. Gascón, J. Doerner, D. Evans, J. Katz: Revisiting Square-Root
    ORAM: Efficient Random Access in Multi-party Computation, IEEE S&P 2016. What has been accessed
    is in a stash, which every access scans. If the entry is there, an entry is fetched that was
    made for that, so that all accesses look alike. After a period the stash goes back to where its
    entries came from, and everything is shuffled anew. Shuffles are those of the protocol.
    """

    def _create(self, period=None, longest_positions=None, **_):
        self.period = max(8, 2 * math.isqrt(self.size)) if period is None else period
        self.total = self.size + self.period
        #: Bits that tell all numbers of entries apart, and from -1.
        self.bits = self.total.bit_length() + 1
        # The number of each entry, then its values.
        self.width = 1 + self.value_length
        self.store = Matrix(self.total, self.width, sint)
        self.stash = Matrix(self.period, self.width, sint)
        self.origins = Array(self.period, regint)
        self.count = Array(1, regint)
        self.positions = _positions(self.total, longest_positions)
        self._fill(sint(0, size=self.size * self.value_length))

    def _fill(self, vector):
        self.store.assign_all(0)
        self.store.set_column(0, sint(regint.inc(self.total)))
        rows = self.store.columns().get_part(1, self.value_length)
        columns = vector.pick(0, ((self.value_length, 1), (self.size, self.value_length)))
        for index in range(self.value_length):
            rows[index].get_part(0, self.size).assign_vector(
                columns.get_vector(index * self.size, self.size))
        self._shuffle()

    def _shuffle(self):
        rows = self.store.as_register().secure_shuffle(self.width)
        self.store.assign_vector(rows)
        numbers = rows.pick(0, ((self.total, self.width),))
        self.positions.fill(rearrange(sint(regint.inc(self.total)), numbers))
        self.stash.assign_all(-1)
        self.count[0] = 0

    def _refresh(self):
        """Entries of the stash go back to where they came from."""
        origins = self.origins.as_register()
        places = origins.pick(0, ((self.period, 1), (self.width, 0))) * self.width
        places = places + regint.inc(self.period * self.width, wrap=self.width)
        cells = self.store.to_array()
        cells[places] = self.stash.as_register()
        self._shuffle()

    def _access(self, index, change):
        if_(self.count[0] == self.period)(self._refresh)
        count = self.count[0]
        in_stash = zero(self.stash.get_column(0) - index, self.bits)
        in_stash = sint.view(in_stash)
        found = in_stash.sum()
        wanted = index + found * (self.size + count - index)
        position = regint.conv(self.positions.find(wanted).reveal())
        self.stash[count].assign_vector(self.store[position].as_register())
        self.origins[count] = position
        self.count[0] = count + 1
        newest = regint.inc(self.period) == count
        hot = in_stash + newest * (1 - found)
        columns = self.stash.columns().get_part(1, self.value_length)
        cells = columns.as_register()
        old = selected(hot, cells, self.value_length)
        if change is not None:
            columns.assign_vector(replaced(hot, cells, old, change(old)))
        return old


class RecursiveORAM(SquareRootORAM):
    """The same under another name: positions are in such a memory, too, if they are many."""


class _ScannedPositions:
    """Positions that a scan finds."""

    def __init__(self, size):
        self.cells = Array(size, sint)

    def fill(self, vector):
        """Sets all positions."""
        self.cells.assign_vector(vector)

    def find(self, index):
        """The position of an entry."""
        return selected(one_hot(index, len(self.cells)), self.cells.as_register(), 1)


class _PackedPositions:
    """Positions in the entries of another memory, several in each."""

    def __init__(self, size, longest):
        self.size = size
        self.rows = -(-size // PACKED)
        self.memory = SquareRootORAM(self.rows, value_length=PACKED, longest_positions=longest)

    def fill(self, vector):
        """Sets all positions."""
        rest = self.rows * PACKED - self.size
        if rest:
            vector = sint.concat([vector, sint(0, size=rest)])
        self.memory.batch_init(vector)

    def find(self, index):
        """The position of an entry."""
        bits = index.bit_decompose((self.size - 1).bit_length())
        low = (PACKED - 1).bit_length()
        row = sint.concat(list(self.memory.read(sint.bit_compose(bits[low:]))))
        return selected(demux(bits[:low]), row, 1)


def _positions(size, longest):
    longest = LONGEST_POSITIONS if longest is None else max(longest, PACKED)
    return _ScannedPositions(size) if size <= longest else _PackedPositions(size, longest)


def OptimalORAM(size, value_type=sint, *args, **kwargs):
    """The memory that is the cheaper one for this size."""
    kind = LinearORAM if size <= LONGEST_SCAN else RecursiveORAM
    return kind(size, value_type, *args, **kwargs)


def SqrtOram(data, entry_length=None, value_type=None, k=0, period=None):
    """A square-root memory with the contents of an array, or of a matrix by rows; or of a size."""
    if isinstance(data, int):
        kind = sint if value_type is None else value_type
        return SquareRootORAM(data, kind, value_length=entry_length, period=period)
    if not isinstance(data, Container):
        raise LanguageTypeError("E0201", "SqrtOram takes a container or a size, not %s"
                                % type(data).__name__)
    kind = data.value_type if value_type is None else value_type
    if data.value_type.letter != "s":
        kind = FIXED["s"] if data.value_type.fixed else sint
    width = data.total // len(data) if len(data) else 1
    res = SquareRootORAM(len(data), kind, value_length=width, period=period)
    res.batch_init(data.as_register())
    return res


SqrtORAM = SqrtOram

__all__ = ["LinearORAM", "TrivialORAM", "OptimalORAM", "RecursiveORAM", "SquareRootORAM",
           "SqrtOram", "SqrtORAM", "Memory", "one_hot", "demux"]
