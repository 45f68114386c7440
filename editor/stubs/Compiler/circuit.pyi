"""The module ``circuit`` of the language: circuits on vectors of secret bits.

Made by editor/generate.py from the front end.
"""

import typing as _t

class Circuit:
    """A circuit that is called with vectors of bits: Programs/Circuits/NAME.txt, or one of ours."""
    def __call__(self, *inputs: _t.Any) -> _t.Any: ...
    def __init__(self, name: _t.Any) -> _t.Any: ...
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...

def ieee_float(*_: _t.Any) -> _t.Any:
    """There are no circuits for floating point: refused."""

def sha256(x: _t.Any) -> _t.Any:
    """SHA-256 of each of a vector of messages: numbers whose first byte is the most significant."""

def sha3_256(x: _t.Any) -> _t.Any:
    """SHA3-256 of each of a vector of messages: bit 8·i + j is bit j of byte i (FIPS 202, B.1)."""
