"""The module ``circuit`` of the language: circuits on vectors of secret bits."""

from ..bristol import Circuit
from ..circuit_library import sha3_256, sha256
from ..later import placeholder

ieee_float = placeholder("ieee_float")

__all__ = ["Circuit", "ieee_float", "sha256", "sha3_256"]
