"""Memories whose entries are in a tree of buckets."""

from .. import _ops
from ..containers import Array
from ..loops import for_range
from ..output import runtime_error_if
from ..random_values import random_number
from ..record import rec
from ..regint import regint
from ..secret_bits import decompose, zero
from ..sint import sint
from .memory import LONGEST_SCAN, PACKED, Memory, demux, one_hot, replaced, selected

#: Places of a bucket, a power of two. Inner buckets are queues: an entry is overwritten, which is
#: noticed, if it has not moved on when 64 more have come, in which time 32 move on. In simulations
#: a queue has k entries with a probability of about 5^-k: 2^-74 for 32.
BUCKET = 64

#: Entries for each leaf, on average and at most; its bucket has room for several times as many.
PER_LEAF = 8

#: Columns of the tree: 1 if there is an entry, its number, its leaf; then its values.
FULL, NUMBER, LEAF, VALUES = range(4)


class TreeORAM(Memory):
    """Every entry is on the path from the root to a leaf that was drawn at its last access.

    E. Shi, T.-H. H. Chan, E. Stefanov, M. Li: Oblivious RAM with O((log N)^3) Worst-Case Cost,
    ASIACRYPT 2011. An access opens the leaf, takes the entry from the path, draws a new leaf, and
    puts the entry into the root. Then, from two buckets of each level, the oldest entry moves to
    the next level. Here buckets take turns instead of being drawn, and inner ones are filled in a
    circle: so the place for what comes is public. A bucket that is too full is an error: that it
    happens tells something, but it does not happen.
    """

    def _create(self, longest_scan=None, fresh=None, bucket=BUCKET, per_leaf=PER_LEAF, **_):
        #: Levels below the root.
        self.depth = max(1, (-(-self.size // per_leaf) - 1).bit_length())
        self.bucket = bucket
        buckets = (2 << self.depth) - 1
        self.places = buckets * bucket
        self.columns = VALUES + self.value_length
        self.cells = Array(self.columns * self.places, sint)
        #: How many entries, or none in their place, each bucket got; and accesses.
        self.arrived, self.turn = Array(buckets, regint), Array(1, regint)
        self.lost = Array(1, sint)
        longest = LONGEST_SCAN if longest_scan is None else longest_scan
        kind = _ScannedLeaves if self.size <= max(longest, PACKED) else _PackedLeaves
        self.leaves = kind(self.size, self.depth, longest_scan)
        #: What entries hold that were never written: integers.
        self.fresh = fresh
        self._clear()

    def _clear(self):
        for array in (self.cells, self.arrived, self.turn, self.lost):
            array.assign_all(0)
        self.leaves.draw()

    def _fill(self, vector):
        entries = Array.create_from(vector)
        self._clear()

        @for_range(self.size)
        def _(index):
            new = entries.get_vector(index * self.value_length, self.value_length)
            self._access(sint(index), lambda old: new)

    # Places

    def _buckets(self, nodes, first=None):
        """The places of buckets, one bucket after the other; in a circle from a place of each."""
        size = self.bucket
        repeat = ((nodes.size, 1), (size, 0))
        places = regint.inc(nodes.size * size, wrap=size)
        if first is not None:
            places = (places + first.pick(0, repeat)) & (size - 1)
        return (nodes * size).pick(0, repeat) + places

    def _columns(self, places, first, count):
        """The addresses of columns of these places, a column after the other."""
        starts = regint.inc(count * places.size, first * self.places, self.places, places.size)
        return starts + places.pick(0, ((count, 0), (places.size, 1)))

    def _access(self, index, change):
        leaf = random_number(self.depth)
        opened = sint.concat([self.leaves.exchange(index, leaf), self.lost[0]]).reveal()
        runtime_error_if(opened[1] != 0, "a bucket of a memory with secret addresses is too full")
        path = regint.conv(opened[0])
        places = self._buckets(regint.concat([
            (1 << level) - 1 + (path >> (self.depth - level)) for level in range(self.depth + 1)]))
        full = self.cells[places]
        numbers = self.cells[places + NUMBER * self.places]
        hot = sint.view(zero(numbers - index, self.size.bit_length() + 1)) * full
        values = self.cells[self._columns(places, VALUES, self.value_length)]
        old = selected(hot, values, self.value_length)
        if self.fresh is not None:
            old = old + (1 - hot.sum()) * self.fresh()
        new = old if change is None else change(old)
        # What is not full may hold anything.
        self.cells[places] = full - hot
        # The root is empty: its only entry moves on after every access.
        self.cells[regint.inc(self.columns, 0, self.places)] = sint.concat(
            [sint(1), index, leaf, new])
        for first in range(min(2, self.depth)):
            self._evict(first)
        self.turn[0] = self.turn[0] + 1
        return old

    # Moving entries down

    def _evict(self, first):
        """The oldest entry of each of two buckets of every other level moves to the next level.

        Each of the 2^l buckets of level l has its turn after 2^(l-1) accesses; meanwhile one entry
        on average moves from the level above to both of its children: so a bucket gets two entries
        or none in their place, which are entries half of the time, before it gives one away.
        """
        levels = [level for level in range(first, self.depth, 2)
                  for _ in range(min(2, 1 << level))]
        order = [levels[:k].count(level) for k, level in enumerate(levels)]
        turn = 2 * self.turn[0]
        nodes = regint.concat([((turn + which) & ((1 << level) - 1)) + ((1 << level) - 1)
                               for level, which in zip(levels, order)])
        count = nodes.size
        places = self._buckets(nodes, self.arrived[nodes] if count > 1 else regint(0))
        full = self.cells[places]
        taken = _first(full, self.bucket)
        self.cells[places] = full - taken
        # Of each bucket: whether there is an entry, and what it holds.
        present = _sums(taken, self.bucket)
        cells = self.cells[self._columns(places, NUMBER, self.columns - 1)]
        entries = sint.fresh((self.columns - 1) * count)
        repeated = taken.pick(0, ((self.columns - 1, 0), (taken.size, 1)))
        rec.emit(_ops.DOTS, 1, entries.reg, repeated.use(), cells.use())
        every = decompose(entries.get_vector((LEAF - 1) * count, count), self.depth)
        right = sint.concat([sint.view(every[self.depth - 1 - level])[k]
                             for k, level in enumerate(levels)]) * present
        goes = sint.concat([present - right, right])
        children = regint.concat([nodes * 2 + 1, nodes * 2 + 2])
        entries = entries.pick(0, ((self.columns - 1, count), (2, 0), (count, 1)))
        for is_leaf, put in ((False, self._append), (True, self._put_into_leaves)):
            chosen = [k for k, level in enumerate(levels) if (level + 1 == self.depth) == is_leaf]
            if chosen:
                start, number = chosen[0], len(chosen)
                part = ((2, count), (number, 1))
                put(children.pick(start, part), goes.pick(start, part),
                    entries.pick(start, ((self.columns - 1, 2 * count),) + part))

    def _append(self, nodes, goes, entries):
        """Puts entries behind the others of inner buckets."""
        arrived = self.arrived[nodes]
        places = nodes * self.bucket + (arrived & (self.bucket - 1))
        self.lost[0] = self.lost[0] + self.cells[places].sum()
        self.cells[self._columns(places, FULL, self.columns)] = sint.concat([goes, entries])
        self.arrived[nodes] = arrived + 1

    def _put_into_leaves(self, nodes, goes, entries):
        """Puts entries into the first free places of leaves."""
        count, size = nodes.size, self.bucket
        places = self._buckets(nodes)
        full = self.cells[places]
        here = _first(1 - full, size) * goes.pick(0, ((count, 1), (size, 0)))
        self.lost[0] = self.lost[0] + goes.sum() - here.sum()
        self.cells[places] = full + here
        addresses = self._columns(places, NUMBER, self.columns - 1)
        cells = self.cells[addresses]
        entries = entries.pick(0, ((entries.size, 1), (size, 0)))
        here = here.pick(0, ((self.columns - 1, 0), (here.size, 1)))
        self.cells[addresses] = cells + here * (entries - cells)


class RecursiveORAM(TreeORAM):
    """The same under another name: the leaves of many entries are in such a memory, too."""


def _first(bits, size):
    """Of each block of so many bits, the first one that is 1."""
    blocks = bits.size // size
    # First the bits in front of all blocks, then the second ones: then neighbors are one step.
    prefix = bits.pick(0, ((size, 1), (blocks, size)))
    step = blocks
    while step < prefix.size:
        before = prefix.get_vector(0, prefix.size - step)
        here = prefix.get_vector(step)
        prefix = sint.concat([prefix.get_vector(0, step), before + here - before * here])
        step *= 2
    before = sint.concat([sint(0, size=blocks), prefix.get_vector(0, prefix.size - blocks)])
    return (prefix - before).pick(0, ((blocks, 1), (size, blocks)))


def _sums(vector, size):
    """The sums of consecutive blocks."""
    res = vector.fresh(vector.size // size)
    rec.emit(vector.ops.SUM, res.reg, vector.use())
    return res


class _ScannedLeaves:
    """Leaves that a scan finds."""

    def __init__(self, size, depth, _):
        self.depth = depth
        self.cells = Array(size, sint)

    def draw(self):
        """Draws all leaves."""
        self.cells.assign_vector(random_number(self.depth, len(self.cells)))

    def exchange(self, index, leaf):
        """The leaf of an entry, which gets another one."""
        hot, cells = one_hot(index, len(self.cells)), self.cells.as_register()
        old = selected(hot, cells, 1)
        self.cells.assign_vector(replaced(hot, cells, old, leaf))
        return old


class _PackedLeaves:
    """Leaves in the entries of another memory, several in each."""

    def __init__(self, size, depth, longest_scan):
        self.bits = (size - 1).bit_length()
        self.memory = TreeORAM(
            -(-size // PACKED), value_length=PACKED, longest_scan=longest_scan,
            fresh=lambda: random_number(depth, PACKED))

    def draw(self):
        """Leaves are drawn when they are needed first."""
        self.memory._clear()

    def exchange(self, index, leaf):
        """The leaf of an entry, which gets another one."""
        bits = index.bit_decompose(self.bits)
        low = (PACKED - 1).bit_length()
        hot = demux(bits[:low])
        row = self.memory._access(
            sint.bit_compose(bits[low:]),
            lambda old: replaced(hot, old, selected(hot, old, 1), leaf))
        return selected(hot, row, 1)
