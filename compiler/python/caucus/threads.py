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
            start = regint.fresh(1)
            rec.tape.params.append(start.reg)
            try:
                _parts(start, size, longest, body)
            finally:
                rec.close_tape(state)
        jobs.append((tapes[size], base))
        base += size
    words = []
    for tape, base in jobs:
        words += (tape, 1, regint.constant(base).reg)
    rec.emit(_ops.THREADS, len(jobs), *words)
