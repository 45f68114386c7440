"""Comparisons and divisions of secret integers by powers of two, by the names of the library.

Made by editor/generate.py from the front end.
"""

import typing as _t

def LTZ(s: _t.Any, a: _t.Any, k: _t.Any, kappa: _t.Any = ...) -> _t.Any:
    """s := LessThanZero(a, k)."""

def LessThanZero(a: _t.Any, k: _t.Any) -> _t.Any:
    """1 where a number of k bits with the sign is negative."""

def Mod2m(a_prime: _t.Any, a: _t.Any, k: _t.Any, m: _t.Any, kappa: _t.Any = ..., signed: _t.Any = ...) -> _t.Any:
    """a_prime := the remainder of a number of k bits modulo 2^m, at least 0."""

def Trunc(d: _t.Any, a: _t.Any, k: _t.Any, m: _t.Any, kappa: _t.Any = ..., signed: _t.Any = ...) -> _t.Any:
    """d := a number of k bits divided by 2^m, rounded down."""

def TruncRoundNearest(a: _t.Any, k: _t.Any, m: _t.Any, kappa: _t.Any = ..., signed: _t.Any = ...) -> _t.Any:
    """A number of k bits divided by 2^m, rounded to the nearest, halves up."""
