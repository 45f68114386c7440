"""Permutations of lists: public ones while compiling, secret ones at run time."""

import random as _random

from ..containers import Array as _Array
from ..containers import Container as _Container
from ..errors import LanguageTypeError as _TypeError
from ..sorting import odd_even_merge_sort, sort
from ..values import Register as _Register
from ..views import type_of as _type_of
from .util import inverse

__all__ = ["random_perm", "shuffle", "inverse", "sort", "odd_even_merge_sort"]


def random_perm(n):
    """A list of 0 to n - 1 in an order that is drawn while compiling, and so is public."""
    res = list(range(n))
    _random.shuffle(res)
    return res


def shuffle(values):
    """Puts the secrets of a list, or the rows of a container, into an order that no party knows."""
    if isinstance(values, _Container):
        values.secure_shuffle()
        return
    if not isinstance(values, list) or not all(
            isinstance(value, _Register) and value.size == 1 for value in values):
        raise _TypeError("E0240", "shuffle() takes a list of single secrets, or a container")
    if values:
        cells = _Array.create_from(_type_of(values).concat(values))
        cells.secure_shuffle()
        values[:] = [cells[k] for k in range(len(values))]
