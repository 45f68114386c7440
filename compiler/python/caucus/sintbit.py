"""Secrets that are 0 or 1: results of comparisons, bits of numbers."""

from .errors import LanguageTypeError
from .sint import sint
from .values import as_operand


class sintbit(sint):
    """A secret integer that is 0 or 1, so that & | ^ are logical."""

    __slots__ = ()

    def _known(self, other):
        """The operand; refused if it is a number that is no bit."""
        other = as_operand(other, self)
        if isinstance(other, int) and other not in (0, 1):
            raise LanguageTypeError(
                "E0201", "%d is no bit: & | ^ of secret bits need 0 or 1" % other)
        return other

    def __and__(self, other):
        other = self._known(other)
        return NotImplemented if other is None else sintbit.view(self * other)

    def __or__(self, other):
        other = self._known(other)
        if other is None:
            return NotImplemented
        return sintbit.view(self + other - self * other)

    def __xor__(self, other):
        other = self._known(other)
        if other is None:
            return NotImplemented
        return sintbit.view(self + other - 2 * (self * other))

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__

    def bit_and(self, other):
        """Logical and."""
        return self & other

    def bit_or(self, other):
        """Logical or."""
        return self | other

    def bit_xor(self, other):
        """Exclusive or."""
        return self ^ other

    def bit_not(self):
        """1 - x."""
        return sintbit.view(1 - self)


sint.bit_type = sintbit
