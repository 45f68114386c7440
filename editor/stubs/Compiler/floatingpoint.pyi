"""Operations on the bits of secret integers, by the names of the library.

Made by editor/generate.py from the front end.
"""

import typing as _t

def B2U(a: _t.Any, l: _t.Any, kappa: _t.Any = ...) -> _t.Any:
    """(bits, 2^a): l bits of which the first a are 1, for a from 0 to l - 1."""

def BitDec(a: _t.Any, k: _t.Any, m: _t.Any, kappa: _t.Any = ..., bits_to_compute: _t.Any = ...) -> _t.Any:
    """The lowest m bits, the lowest first, or those whose places are asked for."""

def EQZ(a: _t.Any, k: _t.Any, kappa: _t.Any = ...) -> _t.Any:
    """1 where the lowest k bits are all 0."""

def Pow2(a: _t.Any, l: _t.Any, kappa: _t.Any = ...) -> _t.Any:
    """2^a for a from 0 to l - 1."""

def PreOR(a: _t.Any, kappa: _t.Any = ...) -> _t.Any:
    """Of each bit of a list whether it or one before it is 1."""

def Trunc(a: _t.Any, l: _t.Any, m: _t.Any, kappa: _t.Any = ..., compute_modulo: _t.Any = ..., signed: _t.Any = ...) -> _t.Any:
    """A number of l bits divided by 2^m, rounded down; with `compute_modulo` also the rest."""

def TruncPr(a: _t.Any, k: _t.Any, m: _t.Any, kappa: _t.Any = ..., signed: _t.Any = ...) -> _t.Any:
    """A number of k bits divided by 2^m, to one of the two neighbors."""
