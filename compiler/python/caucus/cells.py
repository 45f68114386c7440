"""Cells of memory."""

from .containers import Array
from .errors import LanguageTypeError, VectorMismatch
from .values import FIXED, TYPES, Register, convert
from .views import element_type


class MemValue:
    """A cell of memory that reads itself in any operation."""

    __hash__ = object.__hash__

    def __new__(cls, value=None):
        return value.MemValue(value) if getattr(value, "letter", "") == "b" else \
            object.__new__(cls)

    def __init__(self, value):
        if isinstance(value, float):
            value = FIXED["c"].conv(value)
        if isinstance(value, int):
            value = TYPES["i"].constant(int(value))
        elif isinstance(value, MemValue):
            value = value.read()
        elif not isinstance(value, Register):
            raise LanguageTypeError(
                "E0201", "MemValue needs a number or a register, not %s" % type(value).__name__)
        self.value_type = element_type(type(value))
        self.size = value.size
        self.array = Array(value.size, self.value_type)
        self.write(value)

    def read(self):
        """Loads the value."""
        return self.array[0] if self.size == 1 else self.array.as_register()

    as_register = read

    def write(self, value):
        """Stores a value."""
        value = convert(self.value_type, value)
        if value.size not in (1, self.size):
            raise VectorMismatch(value.size, self.size)
        self.array.assign_all(value) if value.size == 1 and self.size != 1 else \
            self.array.assign_vector(value)
        return self

    update = write

    def iadd(self, value):
        """Adds in place."""
        self.write(self.read() + value)

    def __len__(self):
        return self.size

    def __repr__(self):
        return "<MemValue of %r>" % (self.value_type.__name__,)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.read(), name)


def _cell_operators():
    names = ["%s%s" % (r, n) for n in ("add", "sub", "mul", "floordiv", "truediv", "mod", "pow",
                                       "lshift", "rshift", "and", "or", "xor") for r in ("", "r")]
    for name in names + ["lt", "le", "gt", "ge", "eq", "ne", "getitem"]:
        def method(self, other, name="__%s__" % name):
            if isinstance(other, MemValue):
                other = other.read()
            return getattr(self.read(), name)(other)
        setattr(MemValue, "__%s__" % name, method)
    for name in ("neg", "invert", "abs", "bool", "index", "int", "float", "iter"):
        def method(self, name="__%s__" % name):
            return getattr(self.read(), name)()
        setattr(MemValue, "__%s__" % name, method)


_cell_operators()
MemValue.__hash__ = object.__hash__


def _typed_cell(cls, value=0):
    return MemValue(cls(value))


Register.MemValue = classmethod(_typed_cell)
