"""Helpers that work for Python numbers, public and secret values alike.

Made by editor/generate.py from the front end.
"""

import typing as _t

def and_op(a: _t.Any, b: _t.Any) -> _t.Any:
    """And of 0/1 values."""

def bit_and(a: _t.Any, b: _t.Any) -> _t.Any:
    """And of 0/1 values."""

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

def log2(value: _t.Any) -> _t.Any:
    """The least n with 2^n >= value, for Python numbers."""

def long_one(value: _t.Any) -> _t.Any:
    """The neutral element of `and` for 0/1 values."""

def max(*values: _t.Any) -> _t.Any:
    """The largest value."""

def min(*values: _t.Any) -> _t.Any:
    """The smallest value."""

def mul(a: _t.Any, b: _t.Any) -> _t.Any:
    """The product."""

def or_op(a: _t.Any, b: _t.Any) -> _t.Any:
    """Or of 0/1 values."""

def reveal(values: _t.Any) -> _t.Any:
    """Opens a value or each of a list."""

def round_to_int(value: _t.Any) -> _t.Any:
    """The nearest integer of a Python number."""

def xor_op(a: _t.Any, b: _t.Any) -> _t.Any:
    """Exclusive or of 0/1 values."""
