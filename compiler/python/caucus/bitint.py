"""Signed numbers of secret bits: sbitint (the name means vectors, as sbitintvec) and sbitfix."""

from . import bit_rows as rows
from .bits import Bits, bit_input, known_shift, select
from .bitvec import sbitvec
from .errors import LanguageTypeError, LanguageValueError, not_yet
from .fixed import cfix
from .values import Register, contents


class _Switch(type):
    """Makes `sbitint.linear_rounds` one switch for all lengths."""

    _linear = False

    @property
    def linear_rounds(cls):
        """Whether adders pass carries from row to row."""
        return _Switch._linear

    @linear_rounds.setter
    def linear_rounds(cls, value):
        _Switch._linear = bool(value)


def linear():
    """What the switch says."""
    return _Switch._linear


class sbitintvec(sbitvec, metaclass=_Switch):
    """A vector of signed numbers of n bits; results have as many, and wrap around."""

    family = True
    signed = True

    def reveal(self, check=True):
        """Opens the numbers: a public vector."""
        return self.opened()

    def _arithmetic(self, other, operation, swapped=False):
        other = contents(other)
        if not isinstance(other, (sbitvec, int, list)) and not (
                isinstance(other, Register) and not other.fixed):
            return NotImplemented
        a, b, lanes = self._pair(other)
        return self.of(operation(*((b, a) if swapped else (a, b)), lanes, linear=linear()), lanes)

    def __add__(self, other):
        return self._arithmetic(other, rows.add)

    __radd__ = __add__

    def __sub__(self, other):
        return self._arithmetic(other, rows.subtract)

    def __rsub__(self, other):
        return self._arithmetic(other, rows.subtract, True)

    def __mul__(self, other):
        if isinstance(other, int):
            product = rows.multiply_constant(self.matrix, other, self.lanes, linear())
            return self.of(product, self.lanes)
        if isinstance(other, Bits) and other.size in (1, self.lanes):
            return sbitvec.__mul__(self, other)
        return self._arithmetic(other, rows.multiply)

    __rmul__ = __mul__

    def __neg__(self):
        return self.of(rows.negate(self.matrix, self.lanes, linear()), self.lanes)

    def __abs__(self):
        return (self < 0).if_else(-self, self)

    def square(self):
        """The number times itself."""
        return self * self

    def __pow__(self, exponent):
        if isinstance(exponent, bool) or not isinstance(exponent, int) or exponent < 1:
            raise not_yet("this power of a number of bits is")
        res = None
        for bit in bin(exponent)[2:]:
            res = res * res if res is not None else None
            if bit == "1":
                res = self if res is None else res * self
        return res

    def _compare(self, other, swapped):
        a, b, lanes = self._pair(other)
        return rows.less_than(*((b, a) if swapped else (a, b)), lanes, linear=linear())

    def __lt__(self, other):
        return self._compare(other, False)

    def __gt__(self, other):
        return self._compare(other, True)

    def __le__(self, other):
        return ~self._compare(other, True)

    def __ge__(self, other):
        return ~self._compare(other, False)

    __eq__, __ne__, __hash__ = sbitvec.equal, sbitvec.not_equal, object.__hash__

    less_than, less_equal = Register.less_than, Register.less_equal
    greater_than, greater_equal = Register.greater_than, Register.greater_equal

    def max(self, other):
        """The larger number."""
        return select(self > other, self, other)

    def min(self, other):
        """The smaller number."""
        return select(self < other, self, other)

    def __truediv__(self, other):
        raise not_yet("division of numbers of secret bits is")

    __floordiv__ = __mod__ = __rtruediv__ = __rfloordiv__ = __truediv__


class sbitfixvec:
    """A vector of fixed-point numbers of secret bits: integers in units of 2^-f, of k bits."""

    f, k = 16, 31
    rows_of_bits = True
    __hash__ = object.__hash__

    def __init__(self, value=0, k=None, f=None):
        self.v = self._raw(value)

    @classmethod
    def set_precision(cls, f, k=None):
        """Sets the bits behind the point and of the whole number."""
        k = 2 * f if k is None else k
        if not (isinstance(f, int) and isinstance(k, int) and 0 <= f < k):
            raise LanguageValueError("E0232", "%r bits behind the point of %r do not fit" % (f, k))
        sbitfixvec.f, sbitfixvec.k = f, k

    @classmethod
    def integers(cls):
        """The type of the integers behind."""
        return sbitintvec.get_type(cls.k)

    @classmethod
    def _new(cls, value):
        """The numbers with these integers behind."""
        res = object.__new__(cls)
        res.v = value if type(value) is cls.integers() else cls.integers().conv(value)
        return res

    @classmethod
    def conv(cls, value):
        """`value` as a vector of this class."""
        return value if isinstance(value, cls) else cls(value)

    @classmethod
    def _raw(cls, value):
        value = contents(value)
        if isinstance(value, sbitfixvec):
            return value.v
        if isinstance(value, (list, tuple)):
            if all(isinstance(item, (int, float)) for item in value):
                return cls.integers().conv([cls._constant(item) for item in value])
            return cls.integers().conv([cls._raw(item) for item in value])
        if isinstance(value, (int, float)):
            return cls.integers().conv(cls._constant(value))
        if isinstance(value, Register) and value.fixed:
            return cls._scaled(cls.integers().conv(value.v), cls.f - value.f)
        return cls._scaled(cls.integers().conv(value), cls.f)

    @staticmethod
    def _scaled(number, by):
        return number << by if by >= 0 else number >> -by

    @classmethod
    def _constant(cls, value):
        raw = round(value * 2 ** cls.f)
        if not -1 << cls.k - 1 <= raw < 1 << cls.k - 1:
            raise LanguageValueError(
                "E0215", "%r is out of range for fixed-point numbers of %d bits, %d of them "
                "behind the point" % (value, cls.k, cls.f), "use sbitfix.set_precision(f, k)")
        return raw

    @classmethod
    def get_input_from(cls, player, size=1):
        """Private inputs of a party: decimal fractions."""
        return cls._new(cls.integers()._make(bit_input(player, cls.k, size, cls.f), size))

    def reveal(self, check=True):
        """Opens the numbers."""
        return cfix._new(self.v.reveal(), self.k, self.f)

    def __len__(self):
        return len(self.v)

    @property
    def size(self):
        """How many numbers there are."""
        return self.v.lanes

    def __getitem__(self, index):
        return self._new(self.integers().conv(self.v[index]))

    def elements(self):
        """The numbers one by one."""
        return [self[k] for k in range(self.size)]

    def to_arithmetic(self, cls, size=None):
        """Secret fixed-point numbers of the ring."""
        from .sint import sint
        if cls.letter != "s" or not cls.fixed:
            raise LanguageTypeError("E0201", "sbitfix becomes an sfix by conversion, not a %s"
                                    % cls.__name__)
        own = cls.of_precision()
        raw = sint.conv(self.v)
        if own.f < self.f:
            raw = raw.right_shift(self.f - own.f, self.k)
        return own._new(raw * (1 << max(own.f - self.f, 0)))

    def _with(self, other, operation):
        return operation(self.v, self._raw(other))

    def __add__(self, other):
        return self._new(self._with(other, lambda a, b: a + b))

    def __sub__(self, other):
        return self._new(self._with(other, lambda a, b: a - b))

    def __rsub__(self, other):
        return self._new(self._with(other, lambda a, b: b - a))

    def __neg__(self):
        return self._new(-self.v)

    def __abs__(self):
        return self._new(abs(self.v))

    def __mul__(self, other):
        if isinstance(other, int):
            return self._new(self.v * other)
        if isinstance(other, Bits):
            return self._new(self.v * other)
        wide = sbitintvec.get_type(self.k + self.f)
        product = wide.conv(self.v) * wide.conv(self._raw(other))
        return self._new(product >> self.f)

    __radd__, __rmul__ = __add__, __mul__

    def __lt__(self, other):
        return self._with(other, lambda a, b: a < b)

    def __le__(self, other):
        return self._with(other, lambda a, b: a <= b)

    def __gt__(self, other):
        return self._with(other, lambda a, b: a > b)

    def __ge__(self, other):
        return self._with(other, lambda a, b: a >= b)

    def __eq__(self, other):
        return self._with(other, lambda a, b: a == b)

    def __ne__(self, other):
        return self._with(other, lambda a, b: a != b)

    def __lshift__(self, count):
        return self._new(self.v << known_shift(count))

    def __rshift__(self, count):
        return self._new(self.v >> known_shift(count))

    def selected(self, condition, other):
        """This where the bits of the condition are 1, else the other."""
        return self._new(self.v.selected(condition, self.conv(other).v))

    def coerce(self, other):
        """`other` as fixed-point numbers."""
        return self.conv(other)

    def __truediv__(self, other):
        raise not_yet("division of fixed-point numbers of secret bits is")

    __rtruediv__ = __truediv__


#: In programs the names mean the vector forms.
sbitint, sbitfix = sbitintvec, sbitfixvec
