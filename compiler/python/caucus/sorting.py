"""Sorting: of secrets by comparing all pairs, by the machine's radix sort, or by a network."""

from . import _ops
from .containers import Container
from .errors import LanguageIndexError, LanguageTypeError, VectorMismatch
from .permuting import rearrange
from .record import rec
from .regint import regint
from .secret_bits import length_of_numbers, need
from .values import TYPES, Register, contents

#: How many times as much may be sent by comparing all pairs as by a radix sort, which takes ten
#: times as many rounds.
_ROUNDS_WORTH = 4


def stages(length):
    """Lists of pairs (i, j), i < j; the pairs of one list have no element in common.

    Knuth, The Art of Computer Programming, volume 3, algorithm 5.2.2M.
    """
    top = 1
    while 2 * top < length:
        top *= 2
    p = top if length > 1 else 0
    while p:
        q, r, distance = top, 0, p
        while True:
            yield [(i, i + distance) for i in range(length - distance) if i & p == r]
            if q == p:
                break
            q, r, distance = q // 2, p, q - p
        p //= 2


def _greater(a, b, length):
    return a > b if length is None else a.greater_than(b, length)


def sort_by_network(array, length=None):
    """Sorts an array in place, all pairs of a stage at once."""
    for pairs in stages(len(array)):
        if not pairs:
            continue
        low = regint([i for i, _ in pairs])
        high = regint([j for _, j in pairs])
        a, b = array[low], array[high]
        if len(pairs) == 1:
            low, high = pairs[0]
        array[low], array[high] = _greater(a, b, length).cond_swap(a, b)


# Secrets, by keys


def key_bits(kind, n_bits):
    """Bits of a key with its sign."""
    bits = kind.k if n_bits is None and kind.fixed else length_of_numbers(n_bits)
    return need(bits, "sorting by numbers of %d bits" % bits, "give shorter keys (n_bits)")


def _prefers_pairs(n, bits):
    # Of each pair about 3 bits a bit and an element are sent, of each bit of a radix sort 16 bytes
    # an element: see the tables at the protocol.
    return n / 2 * (3 * bits / 8 + 8) < _ROUNDS_WORTH * 16 * bits


def _ranks(key, bits):
    """The place of each element in the order of the elements; equal ones keep their order.

    Each is compared with those from 1 to n // 2 places behind it, in a circle: so each pair is
    compared, and if n is even those just opposite of each other twice, alike.
    """
    n = key.size
    half = n // 2
    distances = regint.inc(half * n, 1, 1, n)
    positions = regint.inc(half * n, 0, 1, 1, n)
    passes_end = positions + distances >= n
    one = key.pick(0, ((half, 0), (n, 1)))
    other = type(key).concat([key, key]).pick(1, ((half, 1), (n, 1)))
    # The one that stands first goes first, so that equal ones stay in order.
    swap = passes_end * (other - one)
    first, second = one + swap, other - swap
    greater = first.greater_than(second, bits)
    behind = greater + passes_end * (1 - 2 * greater)
    own = _row_sums(behind, 0, n, half, n)
    twice = type(behind).concat([behind] * 2).pick(0, ((half, n), (2, half * n), (n, 1)))
    opposed = (n - 1) // 2
    if opposed == 0:
        return own
    others = _row_sums(twice, n - 1, n, opposed, 2 * n - 1)
    return own + opposed - others


def _row_sums(values, offset, rows, columns, stride):
    """The sums over lanes offset + row + stride * column."""
    table = values.pick(offset, ((rows, 1), (columns, stride)))
    res = table.fresh(rows)
    rec.emit(table.ops.SUM, res.reg, table.use())
    return res


def sort_rows(rows, keys, bits, unit_size=1):
    """Rows in the order of keys with so many bits, each with its sign; the first counts most."""
    n = keys[0].size
    if n < 2:
        return rows
    if len(keys) == 1 and bits[0] < rec.ring_bits and _prefers_pairs(n, bits[0]):
        return rearrange(rows, _ranks(keys[0], bits[0]), unit_size)
    res = rows.fresh(rows.size)
    words = []
    for key, count in zip(keys, bits):
        words += ((key + (1 << count - 1)).use(), count)
    rec.emit(_ops.SORTS, res.reg, rows.use(), len(keys), *words)
    return res


def _integers(vector):
    return vector.v if vector.fixed else vector


# Containers


def key_columns(container, key_indices):
    """Numbers of the columns of a container that are keys."""
    columns = container.total // len(container)
    if key_indices is None:
        chosen = range(columns)
    else:
        chosen = list(key_indices) if hasattr(key_indices, "__iter__") else [key_indices]
        if len(container.shape) > 2:
            chosen = [_position(container.shape[1:], chosen)]
        chosen = [_checked(index, columns) for index in chosen]
        if not chosen:
            raise LanguageIndexError("E0204", "there are no key columns to sort by")
    return list(chosen)


def _columns(container, key_indices):
    """Vectors of the columns of a container that are keys."""
    columns = container.total // len(container)
    vector = _integers(container.as_register())
    chosen = key_columns(container, key_indices)
    return [vector.pick(index, ((len(container), columns),)) for index in chosen]


def _position(shape, indices):
    """The place of one element of a row of several dimensions."""
    if len(indices) != len(shape):
        raise LanguageIndexError(
            "E0204", "the key of rows with %d dimensions needs as many indices, not %d"
            % (len(shape), len(indices)))
    res = 0
    for index, size in zip(indices, shape):
        res = res * size + _checked(index, size)
    return res


def _checked(index, columns):
    if isinstance(index, Register) or not hasattr(index, "__index__") \
            or not -columns <= index < columns:
        raise LanguageIndexError(
            "E0204", "there is no key column %r: rows have %d" % (index, columns))
    return int(index) % columns


def sort_container(container, key_indices=None, n_bits=None, batcher=False):
    """Sorts the rows in place, by whole rows or by key columns."""
    kind = container.value_type
    if len(container) < 2:
        return
    if len(container.shape) == 1 and (batcher or kind.letter != "s"):
        sort_by_network(container, n_bits)
        return
    if kind.letter != "s":
        raise LanguageTypeError("E0201", "rows of public numbers cannot be sorted",
                                "sort an array, or secret rows")
    keys = _columns(container, key_indices)
    bits = [key_bits(kind, n_bits)] * len(keys)
    unit = container.total // len(container)
    container.assign_vector(sort_rows(container.as_register(), keys, bits, unit))


def _sort(self, key_indices=None, n_bits=None, batcher=False, n_threads=None):
    """Sorts rows in place, by whole rows or by key columns of numbers of `n_bits` bits."""
    sort_container(self, key_indices, n_bits, batcher)


Container.sort = _sort


def radix_sort(keys, data, n_bits=None, signed=True):
    """Sorts data (an array, or the rows of a matrix) in place in the order of the keys."""
    key = contents(keys)
    if not isinstance(key, Register) or key.letter != "s":
        raise LanguageTypeError("E0240", "the keys of radix_sort() must be secret")
    if key.size != len(data):
        raise VectorMismatch(key.size, len(data))
    if len(data) < 2:
        return
    bits = key_bits(key, n_bits)
    key = _integers(key)
    if not signed:
        key = key - (1 << bits - 1)
    unit = data.total // len(data)
    data.assign_vector(sort_rows(data.as_register(), [key], [bits], unit))


def radix_sort_from_matrix(bits, data):
    """Sorts data in place by keys whose bits are the rows of a matrix, the lowest first."""
    keys = [contents(row) for row in bits]
    if not keys or any(key.size != len(data) for key in keys):
        raise VectorMismatch(keys[0].size if keys else 0, len(data))
    if len(data) < 2:
        return
    vector = data.as_register()
    res = vector.fresh(vector.size)
    words = [word for key in reversed(keys) for word in (key.use(), 1)]
    rec.emit(_ops.SORTS, res.reg, vector.use(), len(keys), *words)
    data.assign_vector(res)


def reveal_sort(keys, data, reverse=False):
    """Moves row i to place keys[i], for secret keys 0, 1, … in any order; or back."""
    unit = data.total // len(data) if len(data) else 1
    data.assign_vector(rearrange(data.as_register(), contents(keys), unit, reverse))


# Lists


def _sort_list(items):
    kind = type(items[0]) if items else None
    if kind is TYPES["s"] or getattr(kind, "fixed", False) and kind.letter == "s":
        if all(type(item) is kind and item.size == 1 for item in items):
            vector = kind.concat(items)
            items[:] = list(sort_rows(vector, [_integers(vector)], [key_bits(kind, None)]))
            return
    for pairs in stages(len(items)):
        for i, j in pairs:
            a, b = items[i], items[j]
            if not isinstance(a, Register) and not isinstance(b, Register):
                items[i], items[j] = (b, a) if a > b else (a, b)
            else:
                items[i], items[j] = (a > b).cond_swap(a, b)


def sort(values):
    """A sorted list of the values of a list; arrays are sorted in place."""
    if isinstance(values, Container):
        values.sort()
        return values
    items = list(values)
    _sort_list(items)
    return items


def odd_even_merge_sort(values):
    """Sorts a list or an array in place."""
    if isinstance(values, Container):
        sort_container(values, batcher=len(values.shape) == 1)
    elif isinstance(values, list):
        _sort_list(values)
    else:
        raise LanguageTypeError(
            "E0201", "%s cannot be sorted in place" % type(values).__name__, "use sort(list)")


def loopy_odd_even_merge_sort(values, sorted_length=1, n_parallel=32, n_threads=None):
    """Sorts a list or an array in place."""
    odd_even_merge_sort(values)


chunky_odd_even_merge_sort = chunkier_odd_even_merge_sort = loopy_odd_even_merge_sort


def cond_swap(a, b):
    """(smaller, larger) of two values."""
    return (a > b).cond_swap(a, b)
