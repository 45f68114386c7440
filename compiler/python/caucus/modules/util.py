"""Helpers that work for Python numbers, public and secret values alike."""

import operator as _operator

from ..reductions import tree_reduce
from ..values import Register


def _known(value):
    return isinstance(value, (int, float)) and not isinstance(value, Register)


def if_else(condition, a, b):
    """`a` where the condition is 1, `b` where it is 0; element by element for lists."""
    if _known(condition):
        return a if condition else b
    if isinstance(a, (list, tuple)):
        return type(a)(if_else(condition, x, y) for x, y in zip(a, b))
    return condition.if_else(a, b)


def cond_swap(condition, a, b):
    """(a, b) if the condition is 0, (b, a) if it is 1."""
    if _known(condition):
        return (b, a) if condition else (a, b)
    return condition.cond_swap(a, b)


def max(*values):
    """The largest value."""
    values = list(values[0]) if len(values) == 1 else list(values)
    return tree_reduce(lambda a, b: (a if a > b else b) if _known(a) and _known(b) else
                       if_else(a > b, a, b), values)


def min(*values):
    """The smallest value."""
    values = list(values[0]) if len(values) == 1 else list(values)
    return tree_reduce(lambda a, b: (a if a < b else b) if _known(a) and _known(b) else
                       if_else(a < b, a, b), values)


def log2(value):
    """The least n with 2^n >= value, for Python numbers."""
    if isinstance(value, int):
        return (value - 1).bit_length() if value > 0 else 0
    res = 0
    while 2 ** res < value:
        res += 1
    return res


def bit_and(a, b):
    """And of 0/1 values."""
    return a * b


def bit_xor(a, b):
    """Exclusive or of 0/1 values."""
    return a ^ b if _known(a) and _known(b) else a + b - 2 * (a * b)


def or_op(a, b):
    """Or of 0/1 values."""
    return a | b if _known(a) and _known(b) else a + b - a * b


def and_op(a, b):
    """And of 0/1 values."""
    return a & b if _known(a) and _known(b) else a * b


xor_op = bit_xor


def long_one(value):
    """The neutral element of `and` for 0/1 values."""
    return 1


def reveal(values):
    """Opens a value or each of a list."""
    if isinstance(values, (list, tuple)):
        return [reveal(value) for value in values]
    return values.reveal() if hasattr(values, "reveal") else values


def is_constant(value):
    """Whether a value is known while compiling."""
    return isinstance(value, int)


def is_zero(value):
    """Whether a value is known to be 0."""
    return isinstance(value, int) and value == 0


def is_one(value):
    """Whether a value is known to be 1."""
    return isinstance(value, int) and value == 1


def is_all_ones(value, n):
    """Whether a value is known to have all of its n bits set."""
    return isinstance(value, int) and value == (1 << n) - 1


def round_to_int(value):
    """The nearest integer of a Python number."""
    return int(round(value))


def mul(a, b):
    """The product."""
    return _operator.mul(a, b)


def inverse(permutation):
    """The inverse of a list that is a permutation."""
    res = [None] * len(permutation)
    for index, value in enumerate(permutation):
        res[value] = index
    return res
