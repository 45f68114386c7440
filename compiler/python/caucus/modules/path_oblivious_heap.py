"""Priority queues of secrets: which entries they have, and which one is taken, stays secret.

Under the names of path oblivious heaps, which keep entries in a tree of buckets. Here they are in
one row: finding the least one compares all, in as many rounds as a tree has levels. That is less
than updating two paths of a tree, level by level, costs in rounds.
"""

from ..containers import Array
from ..errors import LanguageTypeError, LanguageValueError
from ..loops import for_range
from ..regint import regint
from ..secret_bits import length_of_numbers, need, zero
from ..sint import sint
from ..values import contents
from ..views import length_of
from .memory import one_hot


def tournament(keys, bits, *others):
    """The least key and what stands at its place in the others; of equal keys the first one.

    Keys are numbers of so many bits that are not negative.
    """
    rows = [keys] + list(others)
    while rows[0].size > 1:
        pairs, rest = divmod(rows[0].size, 2)
        first = [row.pick(0, ((pairs, 2),)) for row in rows]
        second = [row.pick(1, ((pairs, 2),)) for row in rows]
        later = second[0].less_than(first[0], bits)
        won = [a + later * (b - a) for a, b in zip(first, second)]
        if rest:
            won = [sint.concat([row, old[2 * pairs]]) for row, old in zip(won, rows)]
        rows = won
    return rows


class _Entries:
    """A row of places, each with a key, a value and whether there is an entry."""

    def __init__(self, capacity, key_bits):
        self.capacity = length_of(capacity, "capacity")
        if self.capacity < 1:
            raise LanguageValueError("E0219", "a queue needs room for at least one entry")
        # One bit more tells places without an entry from others, one is the sign of differences.
        self.key_bits = length_of_numbers(None) - 1 if key_bits is None else key_bits
        need(self.key_bits + 2, "comparing keys of %d bits" % self.key_bits,
             "give shorter keys (entry_size)")
        self.keys, self.values, self.present = (Array(self.capacity, sint) for _ in range(3))
        for array in (self.keys, self.values, self.present):
            array.assign_all(0)

    def put(self, hot, key, value):
        """Writes an entry where the vector is 1."""
        for array, new in ((self.keys, key), (self.values, value), (self.present, 1)):
            old = array.as_register()
            array.assign_vector(old + hot * (new - old))

    def least(self):
        """Key, value and place of the entry with the least key, and whether there is one."""
        absent = 1 - self.present.as_register()
        keys = self.keys.as_register() + absent * (1 << self.key_bits)
        places = sint(regint.inc(self.capacity))
        _, key, value, place, present = tournament(
            keys, self.key_bits + 1, self.keys.as_register(), self.values.as_register(), places,
            self.present.as_register())
        return key, value, place, present

    def remove(self, place, for_real):
        """Removes the entry at a place if the bit is 1."""
        self.present.assign_vector(
            self.present.as_register() - one_hot(place, self.capacity) * for_real)

    def free(self):
        """1 at the first place without an entry; nowhere if there is none."""
        absent = 1 - self.present.as_register()
        places = sint(regint.inc(self.capacity))
        rows = [absent, places]
        while rows[0].size > 1:
            pairs, rest = divmod(rows[0].size, 2)
            first = [row.pick(0, ((pairs, 2),)) for row in rows]
            second = [row.pick(1, ((pairs, 2),)) for row in rows]
            won = [b + first[0] * (a - b) for a, b in zip(first, second)]
            rows = won if not rest else [sint.concat([row, old[2 * pairs]])
                                         for row, old in zip(won, rows)]
        return one_hot(rows[1], self.capacity) * rows[0]


def _bits_of(entry_size):
    """Bits of keys, from (bits of keys, bits of values), one number, or nothing."""
    if entry_size is None or isinstance(entry_size, int):
        return entry_size
    return entry_size[0]


class PathObliviousHeap:
    """Entries of a key and a value; those with the least keys come first.

    `entry_size` gives the bits of keys, without sign. What is inserted above the capacity is lost;
    taking from an empty heap gives 0. With `fake`, a bit, an operation changes nothing.
    """

    def __init__(self, capacity, security=None, entry_size=None, value_type=None, **_):
        if value_type not in (None, sint):
            raise LanguageTypeError("E0201", "the values of a heap are secret integers")
        self.entries = _Entries(capacity, _bits_of(entry_size))
        self.capacity = self.entries.capacity

    def insert(self, value, key, fake=0):
        """Adds an entry."""
        self.entries.put(self.entries.free() * (1 - fake), _secret(key), _secret(value))

    def find_min(self, fake=0):
        """The value with the least key, which stays."""
        _, value, _, present = self.entries.least()
        return value * present

    def extract_min(self, fake=0):
        """Takes the value with the least key away."""
        _, value, place, present = self.entries.least()
        self.entries.remove(place, present * (1 - fake))
        return value * present


class UniquePathObliviousHeap(PathObliviousHeap):
    """A heap with each value once, whose key can change."""

    def update(self, value, key, fake=0):
        """Changes the key of a value, or adds it with this key."""
        entries, value = self.entries, _secret(value)
        # Values are compared whole: in a ring that is as quick as comparing a few bits.
        same = sint.view(zero(entries.values.as_register() - value, length_of_numbers(None)))
        same = same * entries.present.as_register()
        hot = same + (1 - same.sum()) * entries.free()
        entries.put(hot * (1 - fake), _secret(key), value)

    insert = update


def _secret(value):
    return sint.conv(contents(value))


def path_oblivious_sort(keys, values, key_length, value_length, **_):
    """Sorts values in place in the order of keys that are not negative, with a heap."""
    n = len(keys)
    heap = PathObliviousHeap(n, entry_size=(key_length, value_length))

    @for_range(n)
    def _(index):
        heap.insert(values[index], keys[index])

    @for_range(n)
    def _(index):
        values[index] = heap.extract_min()


POHeap, UniquePOHeap, POSort = PathObliviousHeap, UniquePathObliviousHeap, path_oblivious_sort

__all__ = ["PathObliviousHeap", "UniquePathObliviousHeap", "path_oblivious_sort", "POHeap",
           "UniquePOHeap", "POSort"]
