"""Helpers that work for Python numbers, public and secret values alike.

Made by editor/generate.py from the front end.
"""

import typing as _t

def and_op(a: _t.Any, b: _t.Any) -> _t.Any:
    """And of 0/1 values."""

def argmax(values: _t.Any) -> _t.Any:
    """(index, value) of the largest value, the first one of equal ones."""

def argmin(values: _t.Any) -> _t.Any:
    """(index, value) of the smallest value, the first one of equal ones."""

def bit_and(a: _t.Any, b: _t.Any) -> _t.Any:
    """And of 0/1 values."""

def bit_compose(bits: _t.Any) -> _t.Any:
    """The number with these bits, the lowest first."""

def bit_xor(a: _t.Any, b: _t.Any) -> _t.Any:
    """Exclusive or of 0/1 values."""

def cond_swap(condition: _t.Any, a: _t.Any, b: _t.Any) -> _t.Any:
    """(a, b) if the condition is 0, (b, a) if it is 1."""

def if_else(condition: _t.Any, a: _t.Any, b: _t.Any) -> _t.Any:
    """`a` where the condition is 1, `b` where it is 0; element by element for lists."""

def inverse(permutation: _t.Any) -> _t.Any:
    """The inverse of a list that is a permutation."""

def is_all_ones(value: _t.Any, n: _t.Any) -> _t.Any:
    """Whether a value is known to have all of its n bits set."""

def is_constant(value: _t.Any) -> _t.Any:
    """Whether a value is known while compiling."""

def is_one(value: _t.Any) -> _t.Any:
    """Whether a value is known to be 1."""

def is_zero(value: _t.Any) -> _t.Any:
    """Whether a value is known to be 0."""

def left_shift(bits: _t.Any, count: _t.Any) -> _t.Any:
    """The bits of a number, the lowest first, times 2^count."""

def log2(value: _t.Any) -> _t.Any:
    """The least n with 2^n >= value, for Python numbers."""

def long_one(value: _t.Any) -> _t.Any:
    """The neutral element of `and` for 0/1 values."""

def max(*values: _t.Any) -> _t.Any:
    """The largest value."""

def mergesort(values: _t.Any) -> _t.Any:
    """A sorted list of Python numbers; for others use sort() of an Array."""

def min(*values: _t.Any) -> _t.Any:
    """The smallest value."""

def mul(a: _t.Any, b: _t.Any) -> _t.Any:
    """The product."""

def or_op(a: _t.Any, b: _t.Any) -> _t.Any:
    """Or of 0/1 values."""

def pow2(bits: _t.Any) -> _t.Any:
    """2^n for the bits of n, the lowest first."""

def powerset(values: _t.Any) -> _t.Any:
    """All tuples of some of the values, in their order, the shortest first."""

def reveal(values: _t.Any) -> _t.Any:
    """Opens a value or each of a list."""

def right_shift(bits: _t.Any, count: _t.Any) -> _t.Any:
    """The bits of a number, the lowest first, divided by 2^count, as many as before."""

def round_to_int(value: _t.Any) -> _t.Any:
    """The nearest integer of a Python number."""

def xor_op(a: _t.Any, b: _t.Any) -> _t.Any:
    """Exclusive or of 0/1 values."""
