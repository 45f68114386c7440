"""Helpers that work for Python numbers, public and secret values alike."""

import itertools as _itertools
import operator as _operator

from ..errors import not_yet as _not_yet
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


def argmax(values):
    """(index, value) of the largest value, the first one of equal ones."""
    return _extreme(values, lambda first, second: second > first)


def argmin(values):
    """(index, value) of the smallest value, the first one of equal ones."""
    return _extreme(values, lambda first, second: second < first)


def _extreme(values, is_better):
    def best(first, second):
        later = is_better(first[1], second[1])
        return if_else(later, second[0], first[0]), if_else(later, second[1], first[1])
    return tree_reduce(best, list(enumerate(values)))


def bit_and(a, b):
    """And of 0/1 values."""
    return a * b


def bit_compose(bits):
    """The number with these bits, the lowest first."""
    res = 0
    for place, bit in enumerate(bits):
        res = res + bit * (1 << place)
    return res


def pow2(bits):
    """2^n for the bits of n, the lowest first."""
    factors = [1 + bit * ((1 << (1 << place)) - 1) for place, bit in enumerate(bits)]
    return tree_reduce(_operator.mul, factors) if factors else 1


def left_shift(bits, count):
    """The bits of a number, the lowest first, times 2^count."""
    return [0] * count + list(bits[:len(bits) - count])


def right_shift(bits, count):
    """The bits of a number, the lowest first, divided by 2^count, as many as before."""
    return list(bits[count:]) + [0] * (len(bits) - len(bits[count:]))


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


def powerset(values):
    """All tuples of some of the values, in their order, the shortest first."""
    values = list(values)
    return [subset for size in range(len(values) + 1)
            for subset in _itertools.combinations(values, size)]


def mergesort(values):
    """A sorted list of Python numbers; for others use sort() of an Array."""
    values = list(values)
    if not all(_known(value) for value in values):
        raise _not_yet("util.mergesort() of values that exist at run time is",
                       "put them into an Array and call its sort()")
    return sorted(values)


def __getattr__(name):
    if name.startswith("_"):
        raise AttributeError(name)
    raise _not_yet("util.%s is" % name)
