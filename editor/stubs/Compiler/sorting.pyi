"""Sorting of lists, arrays and matrices.

Made by editor/generate.py from the front end.
"""

import typing as _t

def chunkier_odd_even_merge_sort(values: _t.Any, sorted_length: _t.Any = ..., n_parallel: _t.Any = ..., n_threads: _t.Any = ...) -> _t.Any:
    """Sorts a list or an array in place."""

def chunky_odd_even_merge_sort(values: _t.Any, sorted_length: _t.Any = ..., n_parallel: _t.Any = ..., n_threads: _t.Any = ...) -> _t.Any:
    """Sorts a list or an array in place."""

def cond_swap(a: _t.Any, b: _t.Any) -> _t.Any:
    """(smaller, larger) of two values."""

def loopy_odd_even_merge_sort(values: _t.Any, sorted_length: _t.Any = ..., n_parallel: _t.Any = ..., n_threads: _t.Any = ...) -> _t.Any:
    """Sorts a list or an array in place."""

def odd_even_merge_sort(values: _t.Any) -> _t.Any:
    """Sorts a list or an array in place."""

def radix_sort(keys: _t.Any, data: _t.Any, n_bits: _t.Any = ..., signed: _t.Any = ...) -> _t.Any:
    """Sorts data (an array, or the rows of a matrix) in place in the order of the keys."""

def radix_sort_from_matrix(bits: _t.Any, data: _t.Any) -> _t.Any:
    """Sorts data in place by keys whose bits are the rows of a matrix, the lowest first."""

def reveal_sort(keys: _t.Any, data: _t.Any, reverse: _t.Any = ...) -> _t.Any:
    """Moves row i to place keys[i], for secret keys 0, 1, … in any order; or back."""

def sort(values: _t.Any) -> _t.Any:
    """A sorted list of the values of a list; arrays are sorted in place."""
