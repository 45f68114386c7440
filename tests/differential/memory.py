"""Containers of the language over lists of plain integers."""

from values import (COMPARISONS, OPERATIONS, RANK, Value, binary, cint, comparison, regint,
                    signed, sint)


class Memory:
    """Places in a list of numbers: what all containers are."""

    __hash__ = object.__hash__

    def __init__(self, value_type, data, places, shape):
        self.value_type, self.data, self.places, self.shape = value_type, data, places, shape

    def as_register(self):
        """The contents."""
        return self.value_type([self.data[place] for place in self.places])

    def _write(self, places, value):
        lanes = self.value_type.lanes_of(value)
        assert len(lanes) in (1, len(places)), "lengths differ"
        for k, place in enumerate(places):
            self.data[place] = lanes[k if len(lanes) > 1 else 0]

    def assign_all(self, value):
        """Fills."""
        self._write(self.places, value)
        return self

    def iadd(self, other):
        """Adds in place."""
        self._write(self.places, self.as_register() + other)

    def sum(self):
        """The sum."""
        return self.as_register().sum()

    def reveal(self):
        """A public copy."""
        kind = cint if self.value_type is sint else self.value_type
        return type(self)(kind, [self.data[place] for place in self.places],
                          list(range(len(self.places))), self.shape)

    def __len__(self):
        return self.shape[0]


def _position(index, length):
    """An index that a program may use: negative ones only if they are known."""
    if isinstance(index, int):
        assert -length <= index < length, "index"
        return index % length
    (index,) = index.as_register().lanes
    assert 0 <= index < length, "index"
    return index


def _base(base, size, length):
    """The begin of a part."""
    base = base if isinstance(base, int) else base.as_register().lanes[0]
    assert 0 <= base <= length - size, "part"
    return base


class ArrayView(Memory):
    """An array, or a part of one."""

    def __getitem__(self, index):
        if isinstance(index, Value) and index.size > 1:
            return self.value_type([self.data[self.places[_position(lane, len(self))]]
                                    for lane in index])
        if isinstance(index, slice):
            return self.value_type([self.data[place] for place in self.places[index]])
        return self.value_type(self.data[self.places[_position(index, len(self))]])

    def __setitem__(self, index, value):
        if isinstance(index, Value) and index.size > 1:
            self._write([self.places[_position(lane, len(self))] for lane in index], value)
        elif isinstance(index, slice):
            self._write(self.places[index], value)
        else:
            self._write([self.places[_position(index, len(self))]], value)

    def get_vector(self, base=0, size=None):
        """A part as a vector."""
        return self.get_part(base, len(self) - base if size is None else size).as_register()

    def assign_vector(self, vector, base=0):
        """Writes a part."""
        size = len(self.value_type.lanes_of(vector))
        self.get_part(base, size).assign_all(vector)
        return self

    assign = assign_vector

    def get_part(self, base, size):
        """A view."""
        base = _base(base, size, len(self))
        return ArrayView(self.value_type, self.data, self.places[base:base + size], [size])

    def dot(self, other):
        """The inner product."""
        return (self.as_register() * other.as_register()).sum()


class MatrixView(Memory):
    """A matrix."""

    def __getitem__(self, index):
        row, width = _position(index, self.shape[0]), self.shape[1]
        return ArrayView(self.value_type, self.data, self.places[row * width:][:width], [width])

    def __setitem__(self, index, value):
        self[index].assign_all(value)

    def __iter__(self):
        return (self[k] for k in range(self.shape[0]))

    def _column(self, index):
        column = _position(index, self.shape[1])
        return self.places[column::self.shape[1]]

    def get_column(self, index):
        """A column as a vector."""
        return self.value_type([self.data[place] for place in self._column(index)])

    def set_column(self, index, values):
        """Writes a column."""
        self._write(self._column(index), values)

    def assign_vector(self, vector):
        """Writes everything."""
        return self.assign_all(vector)

    def transpose(self):
        """A new matrix with rows and columns exchanged."""
        rows, columns = self.shape
        lanes = [self.data[self.places[r * columns + c]] for c in range(columns)
                 for r in range(rows)]
        return MatrixView(self.value_type, lanes, list(range(len(lanes))), [columns, rows])

    def dot(self, other):
        """The matrix product."""
        rows, inner, columns = self.shape[0], self.shape[1], other.shape[1]
        a, b = self.as_register(), other.as_register()
        kind = max(self.value_type, other.value_type, key=lambda it: RANK[it.letter])
        lanes = [signed(sum(a.lanes[r * inner + k] * b.lanes[k * columns + c]
                            for k in range(inner)))
                 for r in range(rows) for c in range(columns)]
        return MatrixView(kind, lanes, list(range(len(lanes))), [rows, columns])


class MemValue(Memory):
    """A cell."""

    def __init__(self, value):
        value = regint(value) if isinstance(value, int) else value
        super().__init__(type(value), list(value.lanes), list(range(value.size)), [value.size])

    write = Memory.assign_all
    read = Memory.as_register


for _name in OPERATIONS:
    setattr(Memory, "__%s__" % _name,
            lambda self, other, _op=binary(_name): _op(self.as_register(), other))
    setattr(Memory, "__r%s__" % _name,
            lambda self, other, _op=binary(_name): _op(self.as_register(), other, True))
for _name in COMPARISONS:
    setattr(Memory, "__%s__" % _name,
            lambda self, other, _op=comparison(_name): _op(self.as_register(), other))


def Array(length, value_type):
    """A new array; programs fill it before they read it."""
    return ArrayView(value_type, [0] * length, list(range(length)), [length])


def Matrix(rows, columns, value_type):
    """A new matrix."""
    return MatrixView(value_type, [0] * (rows * columns), list(range(rows * columns)),
                   [rows, columns])


Array.create_from = lambda vector: Array(vector.size, type(vector)).assign_all(vector)
for _cls in (sint, cint, regint):
    _cls.Array = staticmethod(lambda length, _cls=_cls: Array(length, _cls))
