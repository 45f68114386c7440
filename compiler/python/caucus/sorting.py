"""Sorting of secrets by networks of comparisons (Batcher's merge exchange, for any length)."""

from .containers import Container
from .errors import LanguageTypeError
from .regint import regint
from .values import Register


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


def sort_array(array, length=None):
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


def _sort_list(items):
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
        values.sort()
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
