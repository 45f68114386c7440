"""Parties in operands."""

from .errors import LanguageTypeError, LanguageValueError, VectorMismatch
from .regint import regint


def player_number(player):
    """A party's number as a register."""
    if isinstance(player, int) and player < 0:
        raise LanguageValueError("E0219", "there is no party %d" % player)
    if getattr(player, "letter", "") == "s":
        raise LanguageTypeError("E0202", "the number of a party must not be secret")
    number = regint.conv(player)
    if number.size != 1:
        raise VectorMismatch(number.size, 1)
    return number
