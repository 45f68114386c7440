"""Mathematical functions of secret fixed-point numbers: single values, vectors, containers.

Made by editor/generate.py from the front end.
"""

import typing as _t

def InvertSqrt(x: _t.Any) -> _t.Any:
    """1 over the square root; 0 for numbers that are not positive."""

def abs_fx(x: _t.Any) -> _t.Any:
    """The absolute value."""

def acos(x: _t.Any) -> _t.Any:
    """Arc cosine, from 0 to π."""

def asin(x: _t.Any) -> _t.Any:
    """Arc sine, from -π/2 to π/2."""

def atan(x: _t.Any) -> _t.Any:
    """Arc tangent, from -π/2 to π/2."""

def cos(x: _t.Any) -> _t.Any:
    """Cosine."""

def exp(x: _t.Any) -> _t.Any:
    """e^x."""

def exp2_fx(x: _t.Any) -> _t.Any:
    """2^x; 0 where that is below the precision."""

def floor_fx(x: _t.Any) -> _t.Any:
    """The greatest integer that is not greater."""

def log2_fx(x: _t.Any) -> _t.Any:
    """The binary logarithm; for numbers that are not positive one less than that of any other."""

def log_fx(x: _t.Any, base: _t.Any) -> _t.Any:
    """The logarithm to a base, which may be secret."""

def pow_fx(x: _t.Any, y: _t.Any) -> _t.Any:
    """x^y. For an int y it is a product; else x must be positive, and 0^y is 0."""

def sin(x: _t.Any) -> _t.Any:
    """Sine."""

def sqrt(x: _t.Any, k: _t.Any = ..., f: _t.Any = ...) -> _t.Any:
    """The square root; 0 for negative numbers. k and f are the bits of the result."""

def tan(x: _t.Any) -> _t.Any:
    """Tangent."""

def tanh(x: _t.Any) -> _t.Any:
    """Hyperbolic tangent."""
