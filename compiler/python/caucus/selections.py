"""Parts of matrices that vectors of numbers select at run time."""

from . import _ops
from .errors import LanguageError, LanguageTypeError
from .record import rec
from .values import TYPES, contents
from .views import Settings, gather


def checked(indices, length, what):
    """Indices of rows or columns, with a check at run time."""
    if Settings.check_indices:
        wrong = (indices < 0).bit_or(indices >= length)
        rec.emit(_ops.FAIL, wrong.use(), 3, 0, rec.text(what + " "), 1, indices.use(),
                 0, rec.text(" is out of range for %d" % length))
    return indices


class Selections:
    """The methods of containers with rows that select."""

    def get_slice_vector(self, indices):
        """The rows with these numbers, an array or vector, as one vector."""
        width = self.total // self.sizes[0] if self.sizes[0] else 0
        rows = checked(TYPES["i"].conv(contents(indices)), self.sizes[0], "row")
        if self.levels() != ((self.total, 1),):
            raise LanguageTypeError("E0201", "a view of columns has no rows to gather")
        first = rows.pick(0, ((rows.size, 1), (width, 0))) * width
        return gather(self.value_type, self.storage,
                      first + TYPES["i"].inc(rows.size * width, 0, 1, 1, width) + self.base)

    def direct_mul(self, other, reduce=True, indices=None):
        """The matrix product as one vector.

        `indices` selects by vectors: rows and columns of this matrix, and of the other one.
        """
        if indices is None:
            return self.dot(other).as_register()
        if len(indices) != 4:
            raise LanguageError("E0209", "direct_mul() selects with four vectors, not %d"
                                % len(indices))
        left, right = self.selected(*indices[:2]), other.selected(*indices[2:])
        return left.dot(right).as_register()

    def selected(self, rows, columns):
        """A new matrix of some rows and columns, which vectors name."""
        if len(self.sizes) != 2:
            raise LanguageTypeError("E0201", "only matrices have rows and columns to select")
        rows = checked(TYPES["i"].conv(contents(rows)), self.sizes[0], "row")
        columns = checked(TYPES["i"].conv(contents(columns)), self.sizes[1], "column")
        down = rows.pick(0, ((rows.size, 1), (columns.size, 0))) * self.strides[0]
        across = columns.pick(0, ((rows.size, 0), (columns.size, 1))) * self.strides[1]
        from .matrix import make
        res = make([rows.size, columns.size], self.value_type)
        return res.assign_vector(gather(self.value_type, self.storage,
                                        down + across + self.base))
