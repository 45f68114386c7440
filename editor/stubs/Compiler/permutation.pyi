"""Permutations of lists: public ones while compiling, secret ones at run time.

Made by editor/generate.py from the front end.
"""

import typing as _t

def inverse(permutation: _t.Any) -> _t.Any:
    """The inverse of a list that is a permutation."""

def odd_even_merge_sort(values: _t.Any) -> _t.Any:
    """Sorts a list or an array in place."""

def random_perm(n: _t.Any) -> _t.Any:
    """A list of 0 to n - 1 in an order that is drawn while compiling, and so is public."""

def shuffle(values: _t.Any) -> _t.Any:
    """Puts the secrets of a list, or the rows of a container, into an order that no party knows."""

def sort(values: _t.Any) -> _t.Any:
    """A sorted list of the values of a list; arrays are sorted in place."""
