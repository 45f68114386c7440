"""Records of registers with named fields."""

import operator

from .containers import Array
from .errors import LanguageTypeError, LanguageValueError
from .values import Register


class Record:
    """What the classes that getNamedTupleType() makes have in common."""

    names = ()

    def __init__(self, *values, **named):
        values = list(values)
        for name in self.names[len(values):]:
            if name not in named:
                break
            values.append(named.pop(name))
        if len(values) != len(self.names) or named:
            raise LanguageTypeError(
                "E0201", "a record of %s needs a value for each field" % ", ".join(self.names))
        for name, value in zip(self.names, values):
            setattr(self, name, value)

    @classmethod
    def get_array(cls, size, value_type, *args):
        """An array of records whose fields have one type."""
        return RecordArray(cls, size, value_type)

    @classmethod
    def conv(cls, value):
        """A record from a record or the values of its fields."""
        return value if isinstance(value, cls) else cls(*value)

    def __iter__(self):
        return (getattr(self, name) for name in self.names)

    def __len__(self):
        return len(self.names)

    def __getitem__(self, index):
        return list(self)[index]

    def __repr__(self):
        return "<record of %s>" % ", ".join(self.names)

    def reveal(self):
        """A record of the opened fields."""
        return type(self)(*[value.reveal() for value in self])

    def copy(self):
        """A record of new registers."""
        return type(self)(*[value.copy() if isinstance(value, Register) else value
                            for value in self])

    def if_else(self, *_):
        """Refused: a record is no condition."""
        raise LanguageTypeError("E0201", "a record is no condition")

    def _each(self, method, other):
        if not isinstance(other, Record):
            return type(self)(*[method(value, other) for value in self])
        if other.names != self.names:
            raise LanguageTypeError("E0201", "records of %s and of %s do not mix" % (
                ", ".join(self.names), ", ".join(other.names)))
        return type(self)(*[method(one, two) for one, two in zip(self, other)])

    def __add__(self, other):
        return self._each(operator.add, other)

    def __sub__(self, other):
        return self._each(operator.sub, other)

    def __mul__(self, other):
        return self._each(operator.mul, other)

    def __xor__(self, other):
        return self._each(operator.xor, other)

    def __radd__(self, other):
        return self._each(lambda value, term: term + value, other)

    def __rmul__(self, other):
        return self._each(lambda value, factor: factor * value, other)


class RecordArray:
    """An array for each field."""

    def __init__(self, kind, size, value_type):
        self.kind = kind
        self.columns = [Array(size, value_type) for _ in kind.names]

    def __len__(self):
        return len(self.columns[0])

    def __getitem__(self, index):
        return self.kind(*[column[index] for column in self.columns])

    def __setitem__(self, index, value):
        for column, item in zip(self.columns, self.kind.conv(value)):
            column[index] = item

    def __iter__(self):
        return (self[k] for k in range(len(self)))

    def assign(self, values):
        """Writes records one after the other; returns the array."""
        for index, value in enumerate(values):
            self[index] = value
        return self


def getNamedTupleType(*names):
    """A class of records with these fields."""
    if not names or len(set(names)) != len(names) \
            or not all(isinstance(name, str) and name.isidentifier() for name in names):
        raise LanguageValueError("E0219", "the fields of a record need different names, not %s"
                                 % ", ".join(map(repr, names)))
    return type("Record", (Record,), {"names": names, "__module__": __name__})
