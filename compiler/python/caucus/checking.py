"""Checked runs: what the program promises of its numbers is recorded beside its operations.

Operators that the program itself calls are wrapped: results must fit the fixed-point range or the
bit length that the program has set, divisors must not be 0, arguments of roots and logarithms must
lie in the domain. What the library computes on the way is left alone. Ordinary runs have none of
this.
"""

import importlib
import sys

from . import _ops, trigonometry
from .fixed import cfix, sfix
from .record import is_foreign, rec
from .sint import sint
from .values import Register, contents

_ARITHMETIC = ("__add__", "__radd__", "__sub__", "__rsub__", "__mul__", "__rmul__", "__neg__",
               "__truediv__", "__rtruediv__", "__pow__", "square")
#: What functions of a module require of their first argument.
_DOMAINS = {"sqrt": _ops.REQUIRES_NOTNEGATIVE, "InvertSqrt": _ops.REQUIRES_POSITIVE,
            "log2_fx": _ops.REQUIRES_POSITIVE, "log_fx": _ops.REQUIRES_POSITIVE}

#: What was there before, to be put back: (owner, name, value or None if it was inherited).
_replaced = []


def required(value, what, bits=None):
    """The value, which a checked run compares with what is required."""
    res = value.fresh(value.size)
    code = _ops.REQUIRES if value.letter == "s" else _ops.REQUIREC
    point = value.f if value.fixed else 0
    rec.emit(code, res.reg, value.use(), what, rec.ring_bits if bits is None else bits, point)
    return res


def _called_by_program():
    frame = sys._getframe(2)
    return frame.f_globals is rec.main_globals or not is_foreign(frame.f_code.co_filename)


def _in_range(value):
    """A result of the program, within the bits that it has promised."""
    if not isinstance(value, Register) or value.letter not in "sc":
        return value
    if value.fixed:
        return required(value, _ops.REQUIRES_FITS, value.k)
    if value.letter == "s" and rec.bit_length < rec.ring_bits - 1:
        # Numbers of n bits may have a sign or not: both are below 2^n.
        return required(value, _ops.REQUIRES_FITS, rec.bit_length + 1)
    return value


def _divisor(value):
    value = contents(value)
    if isinstance(value, Register) and value.letter == "s":
        return required(value, _ops.REQUIRES_NOTZERO)
    return value


def _replace(owner, name, value):
    _replaced.append((owner, name, vars(owner).get(name)))
    setattr(owner, name, value)


def _operator(original):
    def method(self, *others):
        res = original(self, *others)
        return _in_range(res) if _called_by_program() else res
    return method


def _quotient(original, swapped):
    def method(self, other, *more):
        if _called_by_program():
            if swapped:
                self = _divisor(self)
            else:
                other = _divisor(other)
            return _in_range(original(self, other, *more))
        return original(self, other, *more)
    return method


def _iadd(self, value):
    self.update(_in_range(self + value))


def _function(original, what):
    def function(value, *args, **kwargs):
        value = contents(value)
        if isinstance(value, Register) and value.letter in "sc" and _called_by_program():
            value = required(value, what)
        return original(value, *args, **kwargs)
    function.__doc__ = original.__doc__
    return function


def install():
    """Begins to record what the program promises."""
    for cls in (sint, sfix, cfix):
        for name in _ARITHMETIC:
            original = getattr(cls, name)
            if name in ("__truediv__", "__rtruediv__"):
                _replace(cls, name, _quotient(original, name == "__rtruediv__"))
            else:
                _replace(cls, name, _operator(original))
        _replace(cls, "iadd", _iadd)
    for name in ("int_div", "int_mod"):
        if hasattr(sint, name):
            _replace(sint, name, _quotient(getattr(sint, name), False))
    _replace(trigonometry, "MAY_OVERFLOW", False)
    module = importlib.import_module("caucus.modules.mpc_math")
    for name, what in _DOMAINS.items():
        if hasattr(module, name):
            _replace(module, name, _function(getattr(module, name), what))


def remove():
    """Ends it."""
    while _replaced:
        owner, name, value = _replaced.pop()
        if value is None:
            delattr(owner, name)
        else:
            setattr(owner, name, value)
