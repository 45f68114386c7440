"""Memories whose entries are shuffled, and touched once between two shuffles."""

import math

from ..branches import if_
from ..containers import Array, Container
from ..errors import LanguageTypeError
from ..matrix import Matrix
from ..permuting import rearrange
from ..regint import regint
from ..secret_bits import zero
from ..sint import sint
from ..values import FIXED
from .memory import LONGEST_SCAN, PACKED, Memory, demux, one_hot, replaced, selected


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
    longest = LONGEST_SCAN if longest is None else max(longest, PACKED)
    return _ScannedPositions(size) if size <= longest else _PackedPositions(size, longest)


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
