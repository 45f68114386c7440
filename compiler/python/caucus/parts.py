"""Parts of arrays whose bounds exist at run time only."""

from . import _ops
from .errors import LanguageTypeError, not_yet
from .record import rec
from .values import TYPES
from .views import run_time_index


class RunTimePart:
    """Elements of an array whose number is known at run time only: for loops and clients."""

    def __init__(self, array, start, stop):
        start, stop = (TYPES["i"].conv(bound) for bound in (start, stop))
        self.array, self.value_type = array, array.value_type
        self.start, self.length = start, stop - start
        wrong = (start < 0).bit_or(stop > array.length).bit_or(self.length < 0)
        rec.emit(_ops.FAIL, wrong.use(), 5, 0, rec.text("the part from "), 1, start.use(),
                 0, rec.text(" to before "), 1, stop.use(),
                 0, rec.text(" is out of range for length %d" % array.length))

    def _index(self, index):
        index = TYPES["i"].conv(run_time_index(index))
        wrong = (index < 0).bit_or(index >= self.length)
        rec.emit(_ops.FAIL, wrong.use(), 4, 0, rec.text("index "), 1, index.use(),
                 0, rec.text(" is out of range for a part of length "), 1, self.length.use())
        return self.start + index

    def __getitem__(self, index):
        return self.array[self._index(index)]

    def __setitem__(self, index, value):
        self.array[self._index(index)] = value

    def __len__(self):
        raise LanguageTypeError(
            "E0202", "the length of this part is known at run time only",
            "loop with @for_range(part.length)")

    def __iter__(self):
        return iter(range(len(self)))

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise not_yet("%s() on a part with a run-time length is" % name,
                      "use get_part(base, size) with a size known while compiling")
