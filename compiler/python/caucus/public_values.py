"""What cint and regint have in common besides operators: the methods of secrets for them."""

from .errors import LanguageError, LanguageTypeError, LanguageValueError, VectorMismatch
from .record import rec
from .values import TYPES, Register, contents


def _known(number, what):
    if isinstance(number, Register) or not isinstance(number, int) or number < 0:
        raise LanguageValueError("E0219", "%s needs a number of bits that is known while compiling "
                                 "and not negative, not %r" % (what, number))
    return int(number)


def fields_only(name):
    """A method that exists for elements of fields only."""
    def refused(self, *_, **__):
        raise LanguageError(
            "E0277", "%s() needs a field: in a ring of 2^%d only odd numbers have an inverse"
            % (name, rec.ring_bits), "compute a quotient with /, // or int_div")
    return refused


class PublicMethods:
    """The methods; the classes stand before this one."""

    __slots__ = ()

    def mod2m(self, m, bit_length=None, signed=True):
        """The remainder modulo 2^m, at least 0."""
        m = _known(m, "mod2m()")
        return self.copy() if m >= (64 if self.letter == "i" else rec.ring_bits) \
            else self & ((1 << m) - 1)

    def right_shift(self, m, bit_length=None, signed=True):
        """The number divided by 2^m, rounded down: unlike cint's >> also for negative numbers."""
        m = _known(m, "right_shift()")
        if self.letter == "i":
            return self >> min(m, 63)
        if m >= rec.ring_bits - 1:
            return 0 - self.conv(self < 0)
        return (self - self.mod2m(m)) // (1 << m)

    def pow2(self, bit_length=None):
        """2^x for x that is not negative."""
        return type(self)(1, size=self.size) << self

    def int_div(self, other, bit_length=None):
        """The quotient, rounded towards zero."""
        return self // other

    def int_mod(self, other, bit_length=None):
        """x - y * x.int_div(y)."""
        return self - self.int_div(other) * other

    def round(self, k, m, nearest=False, signed=True):
        """The number divided by 2^m: the nearest integer, halves up."""
        m = _known(m, "round()")
        return (self + (1 << m - 1)).right_shift(m) if m else self.copy()

    def popcnt(self):
        """How many bits are 1 in two's complement."""
        total = None
        for bit in self.bit_decompose():
            total = bit if total is None else total + bit
        return total

    @classmethod
    def dot_product(cls, x, y):
        """The inner product."""
        from .sint import sint, vector_of
        a, b = vector_of(x), vector_of(y)
        if a.fixed or b.fixed or "s" in (a.letter, b.letter):
            return sint.dot_product(a, b)
        if a.size != b.size:
            raise VectorMismatch(a.size, b.size)
        return (a * b).sum()

    def to_regint(self, n_bits=None, dest=None):
        """The number as a regint."""
        res = TYPES["i"].conv(self)
        if dest is not None:
            dest.update(res)
        return res

    field_div, legendre = fields_only("field_div"), fields_only("legendre")

    def digest(self, n_bytes):
        """A public hash of the number: the first bytes of its BLAKE2b hash, as a number."""
        from .digest import blake2b
        return blake2b(self, n_bytes)


class Concat:
    """`T.concat(list)`, `T.concat(a, b)` and `a.concat(b)`."""

    def __get__(self, instance, owner):
        def concat(*parts):
            if len(parts) == 1 and not isinstance(contents(parts[0]), (Register, int, float)):
                parts = list(parts[0])
            if instance is not None:
                parts = [instance] + list(parts)
            if not parts:
                raise LanguageTypeError("E0201", "concat() needs something to join")
            kind = owner
            if instance is not None:
                from .views import type_of
                kind = type_of([contents(part) for part in parts])
            return kind.joined([kind.conv(contents(part)) for part in parts])
        return concat


Register.concat = Concat()
