"""Bodies that run in threads as tapes of their own."""

from . import _ops
from .errors import LanguageError
from .linking import call_linked
from .record import SEQUENTIAL, rec
from .regint import regint


def _parts(base, size, longest, body):
    """Calls the body for [base, base + size), in parts of at most `longest`."""
    from .loops import record_loop
    from .views import add
    full, rest = divmod(size, longest)
    if full == 1:
        call_linked(body, base, longest)
    elif full > 1:
        record_loop((0, full, 1), SEQUENTIAL,
                    lambda part: call_linked(body, add(base, part * longest), longest))
    if rest:
        call_linked(body, add(base, full * longest), rest)


def run_parts(threads, items, longest, body):
    """Runs body(base, size) in threads; the last items % threads threads have one item more."""
    if threads == 1 or items <= 1:
        _parts(0, items, longest, body)
        return
    _run(threads, items, lambda size, start: _parts(start, size, longest, body), 1)


def run_numbered_parts(threads, items, body):
    """Runs body(base, size, number of the thread) in threads; gives their number."""
    if threads == 1 or items <= 1:
        body(0, items, 0)
        return 1
    return _run(threads, items, lambda size, start, number: body(start, size, number), 2)


def _run(threads, items, body, params):
    """Starts a thread for each part; its body gets the size, the first item, and its number."""
    if rec.in_threads():
        raise LanguageError("E0306", "a thread cannot start threads",
                            "give None as the number of threads")
    small, larger = divmod(items, threads)
    tapes = {}
    jobs = []
    base = 0
    for thread in range(threads):
        size = small + (thread >= threads - larger)
        if size == 0:
            continue
        if size not in tapes:
            tapes[size] = len(rec.tapes)
            state = rec.open_tape("thread of %d items" % size)
            args = [regint.fresh(1) for _ in range(params)]
            rec.tape.params += [arg.reg for arg in args]
            try:
                body(size, *args)
            finally:
                rec.close_tape(state)
        jobs.append((tapes[size], base))
        base += size
    words = []
    for number, (tape, base) in enumerate(jobs):
        args = [regint.constant(value).reg for value in (base, number)[:params]]
        args += rec.tapes[tape].passed
        words += [tape, len(args)] + args
    rec.emit(_ops.THREADS, len(jobs), *words)
    return len(jobs)
