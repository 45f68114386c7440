"""Run-time loops: sequential, parallel, in threads, while."""

from types import FunctionType

from . import _ops
from .branches import as_regint, condition_of
from .errors import LanguageError, LanguageTypeError, LanguageValueError
from .linking import Links, call_linked, check_signature, namespace
from .record import BREAK, LOOP, PARALLEL, SEQUENTIAL, TEST, THREADS, WHILE, rec
from .regint import regint
from .values import Register, as_operand

_KINDS = {SEQUENTIAL: "loop", PARALLEL: "parallel", THREADS: "threads"}


def bound(value, what="bound"):
    """A Python int or a regint of one lane."""
    res = None if isinstance(value, (float, str, list, tuple)) else as_operand(value, None)
    if res is None:
        raise LanguageTypeError(
            "E0205", "the %s of a loop must be a public integer, not %s"
            % (what, type(value).__name__))
    if isinstance(res, int):
        return res
    if res.letter == "s":
        raise LanguageTypeError(
            "E0205", "the %s of a loop is secret: the number of passes would show it" % what,
            "loop up to a public maximum and use if_else, or open it with .reveal()")
    res = regint.conv(res)
    if res.size != 1:
        raise LanguageTypeError("E0205", "the %s of a loop is a vector" % what)
    return res


def _bounds(start, stop, step):
    if stop is None:
        start, stop = 0, start
    step = 1 if step is None else bound(step, "step")
    if not isinstance(step, int):
        raise LanguageTypeError("E0205", "the step of a loop must be known while compiling")
    if step == 0:
        raise LanguageValueError("E0205", "the step of a loop is 0")
    return bound(start), bound(stop), step


def record_loop(bounds, kind, body, threads=0, unroll=0):
    """Records one loop; `body` gets the index."""
    start, stop, step = bounds
    first, last = regint.conv(start), regint.conv(stop)
    if kind == SEQUENTIAL:
        # The counter may be changed by the body: the bounds are copies that are not.
        last = last.copy() if isinstance(stop, Register) else last
    first_number, last_number = first.use(), last.use()
    if kind == THREADS and rec.in_threads():
        raise LanguageError("E0306", "a thread cannot start threads",
                            "use @for_range_opt inside of threads")
    floors = rec.raise_floors() if kind == THREADS else None
    index = regint.fresh(1)
    if isinstance(start, int) and isinstance(stop, int):
        count = len(range(start, stop, step))
        ends = (start, start + (count - 1) * step)
        index.range = (min(ends), max(ends) + 1)
    rec.emit(LOOP, index.reg, first_number, last_number, step, kind, threads, unroll)
    region = rec.open_region(_KINDS[kind])
    if kind != SEQUENTIAL:
        rec.fixed.add(index.reg)
    try:
        body(index)
        if index.reg in rec.changed & rec.relied:
            _check_next(index, start, step)
    finally:
        rec.close_region(region)
        if floors is not None:
            rec.restore_floors(floors)


def _check_next(index, start, step):
    """The body moves the counter, and accesses rely on it staying between the loop's bounds.

    One bound is the loop's condition; the other is checked at the end of every pass.
    """
    wrong = index + step < start if step > 0 else index + step > start
    rec.emit(_ops.FAIL, wrong.use(), 1, 0, rec.text("the loop variable leaves its bounds"))


def _check_called(start, name):
    """Refuses a body in the place of the bounds: its loop would silently never run."""
    if isinstance(start, FunctionType):
        raise LanguageTypeError("E0205", "%s has no bounds" % name, "write %s(n)" % name)


def for_range(start, stop=None, step=None):
    """@for_range(n) or (start, stop, step): one pass after the other."""
    _check_called(start, "@for_range")

    def decorator(body):
        check_signature(body, 1, "@for_range")
        record_loop(_bounds(start, stop, step), SEQUENTIAL,
                    lambda index: call_linked(body, index))
        return body
    return decorator


def _nested(sizes, body, name, threads=0, unroll=0):
    """Parallel loops over all dimensions; the first, or the longest, is split among threads."""
    check_signature(body, len(sizes), name)
    bounds = [_bounds(size, None, None) for size in sizes]
    order = list(range(len(sizes)))
    if threads > 1 and isinstance(bounds[0][1], int) and bounds[0][1] < threads:
        known = [k for k in order if isinstance(bounds[k][1], int)]
        longest = max(known, key=lambda k: bounds[k][1])
        order.remove(longest)
        order.insert(0, longest)
    indices = [None] * len(sizes)

    def level(depth):
        if depth == len(order):
            call_linked(body, *indices)
            return
        kind = THREADS if threads > 1 and depth == 0 else PARALLEL

        def inner(index):
            indices[order[depth]] = index
            level(depth + 1)
        here = bounds[order[depth]]
        if kind == PARALLEL and threads > 1:
            here = tuple(known_again(value) for value in here)
        record_loop(here, kind, inner, threads if kind == THREADS else 0,
                    unroll if depth == len(order) - 1 else 0)
    level(0)
    return body


def known_again(value):
    """A bound inside of a thread: only numbers known while compiling can go there."""
    if isinstance(value, Register):
        raise rec.capture_error()
    return value


def _sizes(n_loops):
    return list(n_loops) if isinstance(n_loops, (list, tuple)) else [n_loops]


def for_range_opt(start, stop=None, step=None, budget=None):
    """@for_range_opt(n), (start, stop, step) or ([n, m, …]): passes may be merged."""
    _check_called(start, "@for_range_opt")

    def decorator(body):
        if stop is None:
            return _nested(_sizes(start), body, "@for_range_opt")
        check_signature(body, 1, "@for_range_opt")
        record_loop(_bounds(start, stop, step), PARALLEL, lambda index: call_linked(body, index))
        return body
    return decorator


def _positive(value, what):
    if not isinstance(value, int) or isinstance(value, Register) or value < 1:
        raise LanguageValueError("E0219", "the %s must be a positive number, not %r"
                                 % (what, value), "give 1 or more")
    return value


def n_threads_of(n_threads):
    """A number of threads, 1 for the calling one."""
    return 1 if n_threads is None else _positive(n_threads, "number of threads")


def for_range_parallel(n_parallel, n_loops):
    """@for_range_parallel(p, n): p passes at a time."""
    unroll = _positive(n_parallel, "number of parallel passes")
    return lambda body: _nested(_sizes(n_loops), body, "@for_range_parallel", 0, unroll)


def for_range_multithread(n_threads, n_parallel, n_loops, thread_mem_req=None):
    """@for_range_multithread(t, p, n): t threads, p passes at a time in each."""
    unroll = 0 if not n_parallel else _positive(n_parallel, "number of parallel passes")
    threads = n_threads_of(n_threads)
    return lambda body: _nested(_sizes(n_loops), body, "@for_range_multithread", threads, unroll)


def for_range_opt_multithread(n_threads, n_loops, budget=None):
    """@for_range_opt_multithread(t, n): t threads, passes merged in each."""
    threads = n_threads_of(n_threads)
    return lambda body: _nested(_sizes(n_loops), body, "@for_range_opt_multithread", threads)


def while_do(condition, *state):
    """@while_do(f): repeats the body while f() is not 0; with more arguments, they are state."""
    def decorator(body):
        check_signature(body, len(state), "@while_do")
        variables = [value.copy() if isinstance(value, Register) else regint(value)
                     for value in state]
        rec.emit(WHILE)
        region = rec.open_region("loop")
        try:
            test = as_regint(condition_of(condition(*variables), "a loop"))
            rec.emit(TEST, test.use())
            result = call_linked(body, *variables)
            if state:
                _next_state(variables, result)
        finally:
            rec.close_region(region)
        return body
    return decorator


def _next_state(variables, result):
    results = list(result) if isinstance(result, (list, tuple)) else [result]
    if len(results) != len(variables) or any(value is None for value in results):
        raise LanguageError(
            "E0213", "the body of @while_do must return %d new value%s of its state"
            % (len(variables), "s" * (len(variables) != 1)))
    known = {id(variable) for variable in variables}
    results = [value.copy() if id(value) in known else value for value in results]
    for variable, value in zip(variables, results):
        variable.update(value)


def do_while(body):
    """@do_while: repeats the body as long as it returns a public value that is not 0."""
    check_signature(body, 0, "@do_while")
    again = regint(1)
    rec.emit(WHILE)
    region = rec.open_region("loop")
    rec.emit(TEST, again.use())
    try:
        links = Links(namespace(body))
        result = body()
        if result is None:
            raise LanguageError(
                "E0213", "the body of @do_while returns nothing",
                "return a public value: the loop goes on while it is not 0")
        # The condition is read before global names get their new values.
        again.update(as_regint(condition_of(result, "a loop")))
        links.close()
    finally:
        rec.close_region(region)
    return body


def break_loop():
    """Leaves the innermost run-time loop."""
    for region in reversed(rec.tape.regions):
        if region.kind == "loop":
            break
        if region.kind == "parallel" and not region.distributed:
            # Passes of such a loop are not independent after all.
            rec.words[region.start - 3] = SEQUENTIAL
            break
        if region.kind in ("parallel", "threads", "tape"):
            raise LanguageError(
                "E0216", "there is no run-time loop to leave here",
                "break_loop() works in @for_range, @while_do and @do_while")
    rec.emit(BREAK)


def multithread(n_threads, n_items=None, max_size=None):
    """@multithread(t, n): the body gets (start, size) of each thread's part."""
    from .threads import run_parts
    threads = n_threads_of(n_threads)
    items = threads if n_items is None else n_items
    if not isinstance(items, int) or items < 0:
        raise LanguageTypeError("E0205", "the number of items must be known while compiling")
    longest = items if max_size is None else _positive(max_size, "largest part")

    def decorator(body):
        check_signature(body, 2, "@multithread")
        run_parts(threads, items, max(longest, 1), body)
        return body
    return decorator
