"""Orders of elements: secret shuffles and permutations, and public ones.

A vector or container holds equal rows; those of an array are its elements.
"""

from . import _ops
from .containers import Array, Container
from .errors import LanguageTypeError, LanguageValueError, VectorMismatch
from .record import rec
from .regint import regint
from .sint import sint
from .values import TYPES, Register, contents

#: Most rows that can be permuted: their numbers have 32 bits at the machine.
MOST_ROWS = 1 << 31


def rows_of(vector, unit_size):
    """How many rows of so many elements a vector has; it must be secret."""
    if vector.letter != "s":
        raise LanguageTypeError(
            "E0240", "only secrets can be put into a secret order, not a %s"
            % type(vector).__name__, "use .shuffle() or .permute() for a public order")
    if not isinstance(unit_size, int) or unit_size < 1:
        raise LanguageValueError("E0219", "%r is no number of elements of a row" % (unit_size,))
    if vector.size % unit_size:
        raise VectorMismatch(vector.size, unit_size)
    return vector.size // unit_size


def secret_shuffle(vector, unit_size=1):
    """The rows in an order that no party knows."""
    rows = rows_of(vector, unit_size)
    res = vector.fresh(vector.size)
    rec.emit(_ops.SHUFFLES, res.reg, vector.use(), rows)
    return res


def get_secure_shuffle(cls, n):
    """The number of a new permutation of n rows that no party knows."""
    if isinstance(n, Register) or not hasattr(n, "__index__") or not 0 <= n <= MOST_ROWS:
        raise LanguageValueError(
            "E0219", "a permutation needs a number of rows that is known while compiling, "
            "not %r" % (n,))
    res = regint.fresh(1)
    rec.emit(_ops.NEWPERM, res.reg, int(n))
    return res


def secret_permute(vector, number, unit_size=1, reverse=False):
    """The rows permuted by a permutation of get_secure_shuffle, or put back in order."""
    rows = rows_of(vector, unit_size)
    if getattr(contents(number), "letter", None) not in ("i", "c"):
        raise LanguageTypeError(
            "E0241", "a secret permutation is named by the number that get_secure_shuffle gives",
            "handle = sint.get_secure_shuffle(%d)" % rows)
    number = regint.conv(contents(number))
    if number.size != 1:
        raise VectorMismatch(number.size, 1)
    res = vector.fresh(vector.size)
    rec.emit(_ops.PERMS, res.reg, number.use(), vector.use(), rows, int(bool(reverse)))
    return res


def rearrange(vector, numbers, unit_size=1, reverse=False):
    """Row i moved to place numbers[i]; reversed, row numbers[i] taken to place i.

    The numbers are secret. They must be 0, 1, … in any order: else the run ends with an error.
    """
    if getattr(numbers, "fixed", False):
        raise LanguageTypeError("E0240", "the numbers of a permutation are integers")
    numbers = sint.conv(numbers)
    rows = rows_of(vector, unit_size)
    if rows != numbers.size:
        raise VectorMismatch(rows, numbers.size)
    res = vector.fresh(vector.size)
    rec.emit(_ops.REARRS, res.reg, numbers.use(), vector.use(), int(bool(reverse)))
    return res


def inverse_permutation(vector):
    """For a vector that is a permutation of 0, 1, …: where each number stands."""
    return rearrange(sint(regint.inc(vector.size)), vector)


def random_order(n):
    """A public, uniformly random permutation of 0, 1, …, n - 1."""
    return regint.conv(secret_shuffle(sint(regint.inc(n))).reveal())


def _permutation(order, n):
    """A vector of n integers, which is checked to be a permutation."""
    order = contents(order)
    known = order if isinstance(order, (list, tuple, range)) else None
    if known is not None and all(isinstance(item, int) for item in known):
        if sorted(known) != list(range(n)):
            raise LanguageValueError(
                "E0242", "%s is no permutation of 0 to %d" % (list(known), n - 1))
        return regint(list(known))
    if getattr(order, "letter", None) == "s":
        raise LanguageTypeError(
            "E0241", "permute() needs a public permutation",
            "use secure_permute with a number of sint.get_secure_shuffle")
    order = regint.conv(order)
    if order.size != n:
        raise VectorMismatch(order.size, n)
    seen = Array(n, regint)
    seen.assign_all(0)
    seen[order] = regint(1)
    wrong = seen.sum() != n
    rec.emit(_ops.FAIL, wrong.use(), 1, 0,
             rec.text("the numbers given to permute() are no permutation of 0 to %d" % (n - 1)))
    return order


def permute(vector, order, unit_size=1, reverse=False):
    """Row order[i] taken to place i; reversed, row i moved to place order[i]."""
    n = vector.size // unit_size
    if n < 2:
        return vector
    order = _permutation(order, n)
    if unit_size > 1:
        starts = order.pick(0, ((n, 1), (unit_size, 0))) * unit_size
        order = starts + regint.inc(n * unit_size, wrap=unit_size)
    kind = type(vector) if vector.fixed else TYPES[vector.letter]
    cells = Array(vector.size, kind)
    if reverse:
        cells[order] = vector
        return cells.as_register()
    cells.assign_vector(vector)
    return cells[order]


def _unit(container):
    return container.total // len(container) if len(container) else 1


def _in_place(function):
    def method(self, *args, **kwargs):
        kwargs.pop("n_threads", None)
        if len(self):
            self.assign_vector(function(self.as_register(), *args, unit_size=_unit(self), **kwargs))
    method.__doc__ = function.__doc__
    return method


def _shuffled(vector, unit_size=1):
    """The rows in a public random order."""
    rows = vector.size // unit_size
    return permute(vector, random_order(rows), unit_size) if rows > 1 else vector


Container.secure_shuffle = _in_place(secret_shuffle)
Container.secure_permute = _in_place(secret_permute)
Container.shuffle = _in_place(_shuffled)
Container.permute = _in_place(permute)
Register.secure_shuffle = secret_shuffle
Register.secure_permute = secret_permute
Register.shuffle = _shuffled
Register.permute = permute
sint.inverse_permutation = inverse_permutation
sint.get_secure_shuffle = classmethod(get_secure_shuffle)
Container.inverse_permutation = lambda self: inverse_permutation(self.as_register())
