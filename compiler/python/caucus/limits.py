"""How large a recording may become.

Python loops are unrolled, so that a small program may record without end. A timer looks at the size
now and then: nothing is counted while operations are recorded, which must be fast.
"""

import signal
from contextlib import contextmanager

from .errors import LanguageError
from .record import rec

#: Instructions and registers of a whole program, more than any machine compiles in reasonable time.
MOST = 10_000_000

_SECONDS = 0.1


def check(*_):
    """Refuses a recording that is too large; the line is the one that records at this moment."""
    if rec.size() > MOST:
        raise LanguageError(
            "E0290", "the program has grown to more than {:,} instructions: Python loops are "
            "unrolled, and each of their passes is recorded".format(MOST),
            "use a loop of the language, such as @for_range_opt(n), and an Array instead of a list")


@contextmanager
def watched():
    """Looks at the size while the program is recorded, where the system has timers."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, check)
    signal.setitimer(signal.ITIMER_REAL, _SECONDS, _SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
