"""Binary operations on registers of any classes: promotion, broadcasting, recording.

int < regint < cint < sint: the lower operand is lifted. The classes have short ways of their own
for the common cases, which end here otherwise.
"""

from . import _ops
from .errors import LanguageTypeError, VectorMismatch, not_yet
from .record import rec
from .secret_bits import compared_bits, known_shift, negative, remainder, shift_right, zero
from .values import FIXED, TYPES, as_operand, contents

NAMES = ("ADD", "SUB", "MUL", "DIV", "MOD", "SHL", "SHR", "AND", "OR", "XOR")
SIGNS = dict(zip(NAMES, ("+", "-", "*", "//", "%", "<<", ">>", "&", "|", "^")))
COMPARISONS = ("LT", "LE", "EQ", "NE")

INT_CODES = {name: getattr(_ops, "INT_" + name) for name in NAMES + COMPARISONS}
PUBLIC_CODES = {name: getattr(_ops, "PUBL_" + name) for name in NAMES}
COMPARE_CODES = {name: getattr(_ops, "CMPC_" + name) for name in COMPARISONS}

_RANK = {"i": 0, "c": 1, "s": 2}
_BY_RANK = "ics"


def broadcast(a, b):
    """The number of lanes of a result."""
    if a.size == b.size or b.size == 1:
        return a.size
    if a.size == 1:
        return b.size
    raise VectorMismatch(a.size, b.size)


def _constants(a, b):
    """Turns the int among two operands into a register of the class that costs least."""
    if isinstance(a, int):
        return TYPES["c" if b.letter == "s" else b.letter].constant(a), b
    if isinstance(b, int):
        return a, TYPES["c" if a.letter == "s" else a.letter].constant(b)
    return a, b


def binary(name, register, other, swapped=False):
    """register OP other, or other OP register; NotImplemented for foreign types."""
    other = as_operand(other, register)
    if other is None:
        return NotImplemented
    a, b = (other, register) if swapped else (register, other)
    if register.letter == "s" or getattr(other, "letter", "") == "s":
        return _secret(name, a, b)
    a, b = _constants(a, b)
    size = broadcast(a, b)
    if a.letter == "i" and b.letter == "i":
        res = TYPES["i"].fresh(size)
        rec.emit(_ops.INT, INT_CODES[name], res.reg, a.use(), b.use())
        return res
    cint = TYPES["c"]
    a, b = cint.conv(a), cint.conv(b)
    res = cint.fresh(size)
    rec.emit(_ops.PUBL, PUBLIC_CODES[name], res.reg, a.use(), b.use())
    return res


def _secret(name, a, b):
    if name == "SHL":
        return _secret("MUL", a, _power_of_two(b))
    if name in ("MOD", "SHR"):
        if getattr(a, "letter", "") != "s":
            raise not_yet("a public number %s a secret is" % SIGNS[name])
        return (remainder if name == "MOD" else shift_right)(a, b)
    if name == "DIV":
        raise LanguageTypeError("E0201", "secrets have no //", "use int_div()")
    if name in ("AND", "OR", "XOR"):
        raise LanguageTypeError(
            "E0201", "secret integers have no %s" % SIGNS[name],
            "for secrets that are 0 or 1 use bit_and, bit_or, bit_xor")
    a, b = _constants(a, b)
    sint, cint = TYPES["s"], TYPES["c"]
    size = broadcast(a, b)
    a = cint.conv(a) if a.letter == "i" else a
    b = cint.conv(b) if b.letter == "i" else b
    res = sint.fresh(size)
    if a.letter == "s" and b.letter == "s":
        if name == "MUL":
            rec.emit(_ops.MULS, 1, res.reg, a.use(), b.use())
        else:
            rec.emit(_ops.ADDS if name == "ADD" else _ops.SUBS, res.reg, a.use(), b.use())
        return res
    if name == "SUB":
        rec.emit(_ops.SUBSC if a.letter == "s" else _ops.SUBCS, res.reg, a.use(), b.use())
        return res
    if a.letter != "s":
        a, b = b, a
    rec.emit(_ops.ADDSC if name == "ADD" else _ops.MULSC, res.reg, a.use(), b.use())
    return res


def _power_of_two(exponent):
    if isinstance(exponent, int):
        return 1 << known_shift(exponent, "<<")
    return exponent.pow2() if exponent.letter == "s" else TYPES["c"].constant(1) << exponent


def _compare_secrets(name, a, b, length):
    """The sign of the difference, or whether it is 0."""
    bits = compared_bits(length)
    if name == "LE":
        return _compare_secrets("LT", b, a, length).bit_not()
    if name == "NE":
        return _compare_secrets("EQ", a, b, length).bit_not()
    difference = a if isinstance(b, int) and b == 0 else _secret("SUB", a, b)
    return (negative if name == "LT" else zero)(difference, bits)


def compare(name, register, other, swapped=False, length=None):
    """register OP other (or reversed), which is a secret bit or a regint.

    `length` is the number of bits of secrets. NotImplemented for foreign types.
    """
    other = as_operand(other, register)
    if other is None:
        return NotImplemented
    a, b = (other, register) if swapped else (register, other)
    if register.letter == "s" or getattr(other, "letter", "") == "s":
        return _compare_secrets(name, a, b, length)
    a, b = _constants(a, b)
    res = TYPES["i"].fresh(broadcast(a, b))
    if a.letter == "i" and b.letter == "i":
        rec.emit(_ops.INT, INT_CODES[name], res.reg, a.use(), b.use())
    else:
        cint = TYPES["c"]
        rec.emit(_ops.CMPC, COMPARE_CODES[name], res.reg, cint.conv(a).use(), cint.conv(b).use())
    return res


def divide(register, other, swapped=False):
    """The operator /, which gives fixed-point numbers."""
    other = contents(other)
    if getattr(other, "fixed", False) or as_operand(other, register) is None:
        return NotImplemented
    secret = "s" in (register.letter, getattr(other, "letter", ""))
    register = FIXED["s" if secret else "c"].conv(register)
    return register.__rtruediv__(other) if swapped else register.__truediv__(other)
