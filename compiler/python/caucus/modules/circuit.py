"""The module ``circuit`` of the language: circuits on vectors of secret bits."""

from ..bristol import Circuit
from ..circuit_library import sha3_256, sha256
from ..errors import LanguageError

__all__ = ["Circuit", "ieee_float", "sha256", "sha3_256"]


def ieee_float(*_):
    """There are no circuits for floating point: refused."""
    raise LanguageError("E0235", "there are no circuits for floating point (ieee_float)",
                        "use sfix, whose range and precision sfix.set_precision chooses")
