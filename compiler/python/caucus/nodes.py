"""Loops that are distributed among the nodes of each party.

The passes of such a loop are cut into chunks of equal length, and a shorter one for the rest. The
body is recorded once for each of these lengths, as a tape that gets the number of the chunk. The
compiler finds out which parts of arrays go with a chunk; chunks share nothing else.
"""

from . import _ops
from .containers import Array
from .errors import LanguageTypeError, LanguageValueError
from .linking import call_linked, check_signature
from .loops import (_bounds, _check_called, _nested, _positive, _sizes, for_range_opt,
                    n_threads_of)
from .program import Program
from .record import SEQUENTIAL, rec
from .reductions import tree_reduce
from .regint import regint
from .threads import run_numbered_parts
from .values import Register
from .views import add, element_type, times

#: Iterations of a chunk below which more chunks than workers do not pay: handing out a chunk takes
#: some rounds and about a millisecond, as long as so many multiplications.
_SHORTEST = 1 << 14
#: Iterations of the longest chunk: its values must fit a node's memory. A register of so many
#: secrets takes 16 MB.
_LONGEST = 1 << 20
#: Chunks for each worker: with more than one, workers of different speed end at the same time.
_FOR_EACH_WORKER = 4
#: Fewer rows than this are reduced by a tree of single values, more by vectors in memory.
_FEW = 16


class Cut:
    """How n iterations are cut into chunks.

    `jobs` are rows of equal chunks: (length, first chunk, number of chunks, stride, shift), where
    chunk k begins at iteration k * stride + shift.
    """

    def __init__(self, n, inner, chunk, parts):
        if parts is not None:
            self._by_parts(n, parts)
        else:
            self._by_length(n, self._length(n, inner, chunk))

    def _by_parts(self, n, parts):
        """One chunk for each part of the inputs; the first ones are longer by one, if any."""
        parts = min(parts, n)
        length, longer = divmod(n, parts)
        self.jobs = [(length + 1, 0, longer, length + 1, 0),
                     (length, longer, parts - longer, length, longer)]
        self.jobs = [job for job in self.jobs if job[2]]

    def _by_length(self, n, length):
        full, rest = divmod(n, length)
        self.jobs = [(length, 0, full, length, 0)]
        if rest:
            self.jobs.append((rest, full, 1, length, 0))

    def _length(self, n, inner, chunk):
        workers = Program.current.n_workers
        longest = max(1, _LONGEST // max(1, inner))
        if chunk is not None:
            return min(_positive(chunk, "length of a chunk"), n)
        wanted = 1
        if workers:
            worth = n * max(1, inner) // (_SHORTEST * workers)
            wanted = workers * min(max(worth, 1), _FOR_EACH_WORKER)
        length = min(-(-n // min(wanted, n)), longest)
        # As many chunks, but of the same length as far as possible.
        return -(-n // -(-n // length))

    @property
    def shortest(self):
        """The length of the shortest chunk."""
        return min(job[0] for job in self.jobs)

    def describe(self, n):
        """A text for --explain."""
        length, _, count = self.jobs[0][:3]
        text = "%d iteration%s in %d chunk%s of %d" % (
            n, "s" * (n != 1), count, "s" * (count != 1), length)
        for length, _, count, *_ in self.jobs[1:]:
            text += " and %s of %d" % ("one" if count == 1 else count, length)
        return text


def _known(n, name):
    """A number of iterations that must be known while compiling."""
    if isinstance(n, Register) or not isinstance(n, int):
        raise LanguageTypeError(
            "E0205", "the number of iterations of %s must be known while compiling" % name,
            "take it from program.args, or loop up to a maximum that is known")
    return max(n, 0)


def _keep_order():
    """Loops around are not merged: the iterations would have to share their chunks."""
    for region in rec.tape.regions:
        if region.kind == "parallel":
            rec.words[region.start - 3] = SEQUENTIAL


def _cannot_be_left(depth):
    """Lets no break out of the innermost regions: other chunks would go on."""
    for region in rec.tape.regions[-depth:]:
        region.distributed = True


def _number_of_parts(parts, chunk):
    """How many parts the inputs have that the body takes; None if it takes none."""
    if parts is None:
        return None
    if chunk is not None:
        raise LanguageValueError("E0219", "there is a chunk for each part of the inputs: the length "
                                 "of chunks cannot be given as well", "leave chunk= out")
    if isinstance(parts, Register) or not isinstance(parts, int):
        raise LanguageTypeError("E0205", "the number of parts must be known while compiling",
                                "take it from program.args, or write a number")
    return _positive(parts, "number of parts")


def run_chunks(n, body, chunk=None, inner=1, parts=None):
    """Records the chunks of n iterations: body(first iteration, length, number of the chunk)."""
    parts = _number_of_parts(parts, chunk)
    if n == 0:
        return
    if rec.is_distributed():
        rec.note("runs here as an ordinary loop: a thread or a chunk is not distributed further")
        body(0, n, 0)
        return
    cut = Cut(n, inner, chunk, parts)
    _keep_order()
    rec.note(cut.describe(n))
    jobs = [_chunks(body, parts is not None, *job) for job in cut.jobs]
    words = []
    for job in jobs:
        # The compiler adds the windows.
        words += job + (0,)
    rec.emit(_ops.NODES, len(jobs), *words)


def _chunks(body, has_parts, length, first, count, stride, shift):
    """The tape for `count` chunks from number `first` on: (tape, first, count)."""
    number = len(rec.tapes)
    state = rec.open_tape("chunk of %d" % length)
    rec.chunk = tape = rec.tape
    tape.has_parts = has_parts
    try:
        chunk = regint.fresh(1)
        chunk.range = (first, first + count)
        tape.params.append(chunk.reg)
        start = add(times(chunk, stride), shift)
        low = first * stride + shift
        start.range = (low, low + (count - 1) * stride + 1)
        tape.given.update((chunk.reg, start.reg))
        rec.fixed.update(tape.given)
        body(start, length, chunk)
    finally:
        rec.chunk = None
        rec.close_tape(state)
    return number, first, count


def multinode(n, chunk=None, parts=None):
    """@multinode(n): the body gets (start, length) of each chunk."""
    _check_called(n, "@multinode")

    def decorator(body):
        check_signature(body, 2, "@multinode")
        run_chunks(_known(n, "@multinode"),
                   lambda start, length, _: call_linked(body, start, length), chunk,
                   parts=parts)
        return body
    return decorator


def _index(first, step, start, offset, length):
    """The loop's index of the iteration start + offset; both may be run-time values."""
    index = add(times(add(start, offset), step), first)
    low, high = _range(start)
    ends = (first + low * step, first + (high - 1 + length - 1) * step)
    index.range = (min(ends), max(ends) + 1)
    rec.fixed.add(index.reg)
    return index


def _range(value):
    """The values that a number can have, as for range()."""
    return value.range if isinstance(value, Register) else (value, value + 1)


def for_range_opt_multinode(start, stop=None, step=None, n_threads=None, chunk=None, parts=None):
    """@for_range_opt_multinode(n), (start, stop, step) or ([n, m, …]): nodes × threads × lanes."""
    name = "@for_range_opt_multinode"
    _check_called(start, name)
    threads = n_threads_of(n_threads)

    def decorator(body):
        others = []
        if stop is None:
            sizes = [_known(size, name) for size in _sizes(start)]
            others, first, distance, n = sizes[1:], 0, 1, sizes[0]
        else:
            first, last, distance = _bounds(start, stop, step)
            n = len(range(_known_bound(first, name), _known_bound(last, name), distance))
        check_signature(body, 1 + len(others), name)
        inner = 1
        for size in others:
            inner *= size

        def part(base, length, _):
            def run(offset, *rest):
                _cannot_be_left(1 + len(rest))
                call_linked(body, _index(first, distance, base, offset, length), *rest)
            _nested([length] + others, run, name, 1 if rec.in_threads() else threads)
        run_chunks(n if inner else 0, part, chunk, inner, parts)
        return body
    return decorator


def _known_bound(value, name):
    if isinstance(value, Register):
        _known(value, name)
    return value


class _Places:
    """Memory for what the parts of all chunks return: one row of places for each value."""

    def __init__(self, n, types, threads, chunk, parts):
        self.chunk = chunk
        self.threads = threads
        #: Parts of the inputs, or None.
        self.parts = parts
        #: Places of each chunk but the last: one for each thread.
        self.places = self.count = 0
        if n and rec.is_distributed():
            self.threads = self.places = self.count = 1
        elif n:
            cut = Cut(n, 1, chunk, _number_of_parts(parts, chunk))
            if parts is not None:
                # All chunks have as many places, so that these are in a row.
                self.threads = min(threads, cut.shortest)
            self.places = min(self.threads, cut.jobs[0][0])
            self.count = sum(count * min(self.threads, length) for length, _, count, *_ in cut.jobs)
        self.rows = [Array(self.count, kind) for kind in types]

    def fill(self, n, part):
        """Runs part(first iteration, length), and keeps the values that it returns."""
        def chunk(start, length, number):
            def store(base, size, thread):
                # A thread's first item is known at run time only.
                first_of_part = add(start, base)
                if isinstance(base, Register):
                    low, high = _range(start)
                    first_of_part.range = (low, high + length - size)
                values = part(first_of_part, size)
                place = add(times(number, self.places), thread)
                for row, value in zip(self.rows, values):
                    row[place] = value
            run_numbered_parts(self.threads, length, store)
        run_chunks(n, chunk, self.chunk, parts=self.parts)


def _stored(body, types, start, size):
    """What the body returns in `size` iterations, in memory: a row for each value."""
    rows = [Array(size, kind) for kind in types]

    def store(offset):
        _cannot_be_left(1)
        result = call_linked(body, _index(0, 1, start, offset, size))
        results = list(result) if isinstance(result, (list, tuple)) else [result]
        if len(results) != len(rows):
            raise LanguageValueError("E0213", "the body returns %d values, %d types were given"
                                     % (len(results), len(rows)))
        for row, value in zip(rows, results):
            row[offset] = value
    for_range_opt(size)(store)
    return rows


def map_sum_multinode(n_loops, types, n_threads=None, chunk=None, parts=None):
    """@map_sum_multinode(n, types): the sums of what the body returns over all passes."""
    types = [element_type(kind) for kind in types]
    n = _known(n_loops, "@map_sum_multinode")

    def decorator(body):
        check_signature(body, 1, "@map_sum_multinode")
        places = _Places(n, types, n_threads_of(n_threads), chunk, parts)
        places.fill(n, lambda start, size: [
            row.sum() for row in _stored(body, types, start, size)])

        def totals():
            sums = [row.sum() for row in places.rows]
            return sums[0] if len(sums) == 1 else tuple(sums)
        return totals
    return decorator


def map_reduce_multinode(n_loops, initializer, reducer, n_threads=None, chunk=None, parts=None):
    """@map_reduce_multinode(n, initializer, reducer): the reduction of what the body returns.

    The reducer gets two lists of values and returns one; it must be associative.
    """
    n = _known(n_loops, "@map_reduce_multinode")

    def decorator(body):
        check_signature(body, 1, "@map_reduce_multinode")
        state = list(initializer())
        types = [element_type(type(value)) for value in state]
        places = _Places(n, types, n_threads_of(n_threads), chunk, parts)
        places.fill(n, lambda start, size: _reduced(
            _stored(body, types, start, size), size, reducer))

        def reduced():
            res = state
            if n:
                res = list(reducer(state, _reduced(places.rows, places.count, reducer)))
            return res[0] if len(res) == 1 else tuple(res)
        return reduced
    return decorator


def _reduced(rows, count, reducer):
    """The reduction of `count` rows in memory: neighbors first, all pairs of a step at once."""
    while count > _FEW:
        half, odd = divmod(count, 2)
        shorter = [Array(half + odd, row.value_type) for row in rows]

        def pair(k):
            values = reducer([row[2 * k] for row in rows], [row[2 * k + 1] for row in rows])
            for row, value in zip(shorter, list(values)):
                row[k] = value
        for_range_opt(half)(pair)
        if odd:
            for row, old in zip(shorter, rows):
                row[half] = old[count - 1]
        rows, count = shorter, half + odd
    return list(tree_reduce(lambda a, b: list(reducer(a, b)),
                            [[row[k] for row in rows] for k in range(count)]))
