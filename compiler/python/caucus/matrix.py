"""Containers of several dimensions, row-major; rows are views of the same memory."""

from . import _ops
from .containers import Array, Container, _CheckSwitch
from .errors import LanguageError, LanguageTypeError, VectorMismatch
from .fixed import from_products, integers
from .inputs import give
from .record import rec
from .selections import Selections
from .values import TYPES, Register, contents, convert
from .views import (add, check_range, element_type, length_of, load, run_time_index, store,
                    times, type_of)


class MultiArray(Selections, Container, metaclass=_CheckSwitch):
    """Elements in two or more dimensions."""

    def __init__(self, sizes, value_type, storage=None, base=0, strides=None):
        self.sizes = [length_of(size, "size") for size in sizes]
        self.value_type = element_type(value_type)
        self.total = 1
        for size in self.sizes:
            self.total *= size
        self.storage = storage or rec.storage(self.value_type.letter, self.total)
        self.base = base
        if strides is None:
            strides, stride = [], 1
            for size in reversed(self.sizes):
                strides.insert(0, stride)
                stride *= size
        self.strides = tuple(strides)

    @property
    def shape(self):
        """List of dimensions."""
        return self.sizes

    @property
    def ndim(self):
        """Number of dimensions."""
        return len(self.sizes)

    def __len__(self):
        return self.sizes[0]

    def of_type(self, value_type):
        """A new container of the same shape and another type."""
        return make(self.sizes, value_type)

    def same_shape(self):
        """A new container of the same shape and type."""
        return self.of_type(self.value_type)

    def levels(self):
        """The pattern of all elements in memory, row by row."""
        row_major, stride = [], 1
        for size in reversed(self.sizes):
            row_major.insert(0, stride)
            stride *= size
        if tuple(row_major) == self.strides:
            return ((self.total, 1),)
        return tuple(zip(self.sizes, self.strides))

    def as_register(self):
        """The contents as one vector."""
        return load(self.value_type, self.storage, self.base, self.levels())

    # Parts

    def __getitem__(self, index):
        if isinstance(index, slice):
            start, stop, step = index.indices(self.sizes[0])
            if (start, stop, step) == (0, self.sizes[0], 1):
                return self.as_register()
            if step != 1:
                raise LanguageTypeError("E0204", "rows cannot be taken with a step",
                                        "use a loop over the rows")
            return self.get_part(start, max(stop - start, 0)).as_register()
        index = run_time_index(index)
        if not isinstance(index, int) and index.size != 1:
            raise LanguageTypeError("E0204", "the row must be one number, not a vector")
        # The address of a row says nothing about the whole array's bounds: rows are checked.
        index = check_range(index, 1, self.sizes[0], False)
        base = add(self.base, times(index, self.strides[0]))
        if len(self.sizes) == 2:
            return Array(self.sizes[1], self.value_type, self.storage, base, self.strides[1])
        return MultiArray(self.sizes[1:], self.value_type, self.storage, base, self.strides[1:])

    def __setitem__(self, index, value):
        if isinstance(index, slice):
            start, stop, step = index.indices(self.sizes[0])
            if step != 1:
                raise LanguageTypeError("E0204", "rows cannot be taken with a step")
            part = self.get_part(start, max(stop - start, 0))
            if isinstance(value, (list, tuple)) and not is_flat(value):
                part.assign(value)
                return
            value = convert(self.value_type, contents(value))
            store(self.value_type, self.storage, part.base, part.levels(), value)
            return
        row = self[index]
        if isinstance(value, (int, float)) and len(row) != 1:
            raise LanguageTypeError("E0201", "a row cannot be replaced by one number",
                                    "use m[i].assign_all(x), or m[i] = a list, vector or array")
        row.assign(value)

    def __iter__(self):
        for index in range(self.sizes[0]):
            yield self[index]

    def get_part(self, base, size):
        """A view of `size` rows from `base` on."""
        size = length_of(size, "size of a part")
        index = check_range(run_time_index(base), size, self.sizes[0], False, "part")
        return MultiArray([size] + self.sizes[1:], self.value_type, self.storage,
                          add(self.base, times(index, self.strides[0])), self.strides)

    def get_part_vector(self, base=0, size=None):
        """`size` rows from `base` on as one vector."""
        return self.get_part(base, self.sizes[0] - base if size is None else size).as_register()

    def _flat(self):
        if self.levels() != ((self.total, 1),):
            raise LanguageTypeError("E0201", "a view of columns has no flat order")
        return Array(self.total, self.value_type, self.storage, self.base)

    def get_vector(self, base=0, size=None):
        """Elements in row-major order as one vector."""
        if isinstance(base, int) and base == 0 and size in (None, self.total):
            return self.as_register()
        return self._flat().get_vector(base, size)

    def to_array(self):
        """A flat view."""
        return self._flat()

    # Assignment

    def assign_vector(self, vector, base=0):
        """Writes a vector in row-major order; returns the container."""
        if isinstance(vector, Container):
            vector = vector.as_register()
        vector = convert(self.value_type, vector)
        if isinstance(base, int) and base == 0 and vector.size == self.total:
            store(self.value_type, self.storage, self.base, self.levels(), vector)
        else:
            self._flat().assign_vector(vector, base)
        return self

    def assign_part_vector(self, vector, base=0):
        """Writes a vector over the rows from `base` on."""
        row = self.total // self.sizes[0] if self.sizes[0] else 0
        size = vector.size // row if row else 0
        self.get_part(base, size).assign_vector(vector)

    def assign(self, values, base=0):
        """Writes nested lists, a vector or a container; returns the container."""
        if isinstance(values, (Register, Container)):
            return self.assign_vector(values)
        values = list(values)
        if values and isinstance(values[0], (int, float)) or not values:
            return self.assign_vector(values)
        if len(values) > self.sizes[0]:
            raise VectorMismatch(len(values), self.sizes[0])
        for index, row in enumerate(values):
            self[base + index].assign(row)
        return self

    def assign_all(self, value):
        """Fills the container; returns it."""
        store(self.value_type, self.storage, self.base, self.levels(),
              convert(self.value_type, value))
        return self

    def iadd(self, other):
        """Adds element-wise in place."""
        self.assign_vector(self.as_register() + other)

    # Columns and products

    def get_column(self, index):
        """A column as one vector."""
        return self.columns()[index].as_register()

    def set_column(self, index, values):
        """Writes a column."""
        self.columns()[index].assign_vector(values)

    def columns(self):
        """A view with rows and columns exchanged."""
        if len(self.sizes) != 2:
            raise LanguageTypeError("E0201", "only matrices have columns")
        return MultiArray(self.sizes[::-1], self.value_type, self.storage, self.base,
                          self.strides[::-1])

    def transpose(self):
        """A new matrix with rows and columns exchanged."""
        view = self.columns()
        return make(view.sizes, self.value_type).assign_vector(view.as_register())

    def concat_columns(self, other):
        """A new matrix with the columns of both."""
        if other.sizes[0] != self.sizes[0]:
            raise _shapes(self, other)
        res = make([self.sizes[0], self.sizes[1] + other.sizes[1]], self.value_type)
        left = res.columns().get_part(0, self.sizes[1])
        left.assign_vector(self.columns().as_register())
        right = res.columns().get_part(self.sizes[1], other.sizes[1])
        right.assign_vector(other.columns().as_register())
        return res

    def dot(self, other, n_threads=None):
        """The matrix product with a matrix or an array."""
        if len(other.shape) == 1:
            return self.dot(other.to_column_matrix()).to_array()
        if len(self.sizes) != 2 or len(other.shape) != 2 or self.sizes[1] != other.sizes[0]:
            raise _shapes(self, other)
        rows, inner, columns = self.sizes[0], self.sizes[1], other.sizes[1]
        if self.value_type.letter == other.value_type.letter == "s":
            res = TYPES["s"].fresh(rows * columns)
            a, b = self.as_register(), other.as_register()
            rec.emit(_ops.MATMULS, res.reg, a.use(), b.use(), rows, inner, columns)
        else:
            left = load(self.value_type, self.storage, self.base,
                        ((rows, self.strides[0]), (columns, 0), (inner, self.strides[1])))
            right = load(other.value_type, other.storage, other.base,
                         ((rows, 0), (columns, other.strides[1]), (inner, other.strides[0])))
            products = integers(left) * integers(right)
            res = type(products).fresh(rows * columns)
            rec.emit(products.ops.SUM, res.reg, products.use())
        res = from_products(res, self.value_type, other.value_type)
        return make([rows, columns], type(res)).assign_vector(res)

    direct_mul_to_matrix = dot

    def _shaped(self, name, other):
        """An element-wise result, in the same shape."""
        if isinstance(other, Container) and other.shape != self.shape:
            raise LanguageError("E0209", "containers of the shapes %s and %s do not fit"
                                % (self.shape, other.shape), "both must have the same shape")
        flat = isinstance(other, Register) and other.size != 1
        res = getattr(self.as_register(), name)(contents(other))
        if flat or res is NotImplemented:
            return res
        return self.of_type(type(res)).assign_vector(res)

    def __mul__(self, other):
        if isinstance(other, Container):
            return self.dot(other)
        return self._shaped("__mul__", other)

    def diag(self):
        """The diagonal as one vector."""
        return load(self.value_type, self.storage, self.base,
                    ((min(self.sizes), sum(self.strides)),))

    def trace(self):
        """The sum of the diagonal."""
        return self.diag().sum()

    def total_size(self):
        """Number of elements."""
        return self.total

    @classmethod
    def create_from(cls, items):
        """A new container with the contents of nested lists, vectors or containers."""
        rows = [row if isinstance(row, (Register, Container)) else
                Array.create_from(row) if is_flat(row) else cls.create_from(row) for row in items]
        shapes = [list(getattr(row, "shape", [len(row)])) for row in rows]
        for shape in shapes:
            if shape != shapes[0]:
                raise LanguageError("E0209", "parts of the shapes %s and %s do not make one "
                                    "container" % (shapes[0], shape))
        kind = type_of([getattr(row, "value_type", type(row)) for row in rows])
        res = make([len(rows)] + (shapes[0] if shapes else []), kind)
        for index, row in enumerate(rows):
            res[index].assign_vector(row)
        return res

    def reveal_nested(self):
        """Nested lists of opened elements."""
        return [row.reveal_nested() for row in self]

    reveal_list = reveal_nested


def is_flat(values):
    """Whether a list holds elements, not rows."""
    return not any(isinstance(item, (list, tuple, Container)) or getattr(item, "size", 1) != 1
                   for item in values)


def _shapes(one, other):
    return LanguageError(
        "E0209", "the shapes %s and %s do not fit for a matrix product" % (one.shape, other.shape),
        "the second dimension of the left one must be the first of the right one")


for _name in ("__add__", "__sub__", "__radd__", "__rsub__", "__rmul__", "__truediv__"):
    setattr(MultiArray, _name, lambda self, other, _name=_name: self._shaped(_name, other))
MultiArray.__neg__ = lambda self: self.of_type(self.value_type).assign_vector(-self.as_register())


class SubMultiArray(MultiArray):
    """The name under which programs know views."""


class Matrix(MultiArray):
    """Rows and columns."""

    def __init__(self, rows, columns, value_type):
        MultiArray.__init__(self, [rows, columns], value_type)

    @classmethod
    def create_from(cls, rows):
        """A new matrix with the contents of nested lists, vectors or arrays."""
        rows = [list(row) if not isinstance(row, (Register, Container)) else row for row in rows]
        width = len(rows[0]) if rows else 0
        kind = type_of([row.value_type if isinstance(row, Container) else type(row)
                        if isinstance(row, Register) else type_of(row) for row in rows])
        for row in rows:
            if len(row) != width:
                raise VectorMismatch(len(row), width)
        return cls(len(rows), width, kind).assign(rows)


def make(sizes, value_type):
    """A new container of any number of dimensions."""
    if len(sizes) == 1:
        return Array(sizes[0], value_type)
    if len(sizes) == 2:
        return Matrix(sizes[0], sizes[1], value_type)
    return MultiArray(sizes, value_type)


def _typed_tensor(cls, shape):
    return make(list(shape), cls)


def _typed_matrix(cls, rows, columns, *_, **__):
    return Matrix(rows, columns, cls)


Register.Tensor, Register.Matrix = classmethod(_typed_tensor), classmethod(_typed_matrix)


def _input_tensor_from(cls, player, shape, binary=False):
    return make(list(shape), cls).input_from(player, binary=binary)


def _input_tensor_via(cls, player, content=None, shape=None, binary=True, one_hot=False,
                      skip_input=False, n_bytes=None):
    """A container of data that is known while compiling, and becomes a party's private input."""
    if binary is True and n_bytes is not None:
        binary = n_bytes
    if content is not None:
        shape = give(cls, player, content, shape, binary, one_hot)
    elif shape is None:
        raise LanguageTypeError("E0219", "without data, the shape must be given", "shape=[…]")
    res = make(list(shape), cls)
    return res if skip_input else res.input_from(player, binary=binary)


Register.input_tensor_from = classmethod(_input_tensor_from)
Register.input_tensor_via = classmethod(_input_tensor_via)


class VectorArray:
    """An array of equally long vectors."""

    def __init__(self, length, value_type, size):
        self.rows = Matrix(length, size, value_type)

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        return self.rows[index].as_register()

    def __setitem__(self, index, value):
        self.rows[index].assign_vector(value)

    def __repr__(self):
        return "<VectorArray of %s>" % self.rows.shape

    def assign_all(self, value):
        """Fills all vectors."""
        self.rows.assign_all(value)
        return self
