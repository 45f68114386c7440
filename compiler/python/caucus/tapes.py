"""Code units that programs start in threads themselves.

A thread that is started runs at the latest when it is joined: all threads started until then run
side by side. As threads share only memory, a program cannot see the difference unless it depends
on which of two threads is faster.
"""

from . import _ops
from .errors import LanguageError, LanguageTypeError, LanguageValueError
from .linking import call_linked, check_signature
from .record import SEQUENTIAL, rec
from .regint import regint
from .values import Register, as_operand


class Handle:
    """A compiled function that threads can run."""

    def __init__(self, number, name):
        self.number = number
        self.name = name

    def __repr__(self):
        return "<tape %s>" % self.name


def _check_place():
    """Refuses to start threads where only loops can."""
    if rec.in_threads():
        raise LanguageError("E0306", "a thread cannot start threads")
    if rec.chunk is not None:
        raise LanguageError("E0309", "run_tape() cannot be used in a distributed loop",
                            "give the loop n_threads=, or use @multithread inside of it")


def new_tape(function, args=(), name=None, single_thread=False):
    """Compiles a function as a code unit of its own; returns the handle for run_tape()."""
    if not callable(function):
        raise LanguageTypeError("E0212", "new_tape() needs a function, not %s"
                                % type(function).__name__)
    _check_place()
    name = name or getattr(function, "__name__", "tape")
    number = len(rec.tapes)
    state = rec.open_tape(name)
    argument = regint.fresh(1)
    rec.tape.params.append(argument.reg)
    rec.tape.argument = argument
    try:
        call_linked(function, *args)
    finally:
        rec.close_tape(state)
    return Handle(number, name)


def _argument(value):
    """A copy of a thread's argument as it is now."""
    operand = as_operand(0 if value is None else value, None)
    if operand is None or getattr(operand, "letter", "") == "s":
        raise LanguageTypeError("E0201", "the argument of a thread must be a public integer, not %s"
                                % type(value).__name__)
    return regint.conv(operand).copy() if isinstance(operand, Register) else regint(operand)


def run_tapes(jobs):
    """Starts a thread for each [handle, argument], or handle; returns their numbers."""
    jobs = [job if isinstance(job, (list, tuple)) else (job, 0) for job in jobs]
    _check_place()
    numbers = []
    for job in jobs:
        handle, argument = (list(job) + [0])[:2]
        if not isinstance(handle, Handle):
            raise LanguageTypeError("E0201", "run_tapes() needs what new_tape() returns, not %s"
                                    % type(handle).__name__)
        rec.waiting.append((handle.number, _argument(argument).reg, rec.tape.regions[-1]))
        numbers.append(rec.started)
        rec.started += 1
    return numbers


def run_tape(handle, argument=0):
    """Starts a thread; returns its number for join_tape()."""
    return run_tapes([[handle, argument]])[0]


def join_tapes(numbers):
    """Waits for threads."""
    for number in numbers:
        if not isinstance(number, int) or not 0 <= number < rec.started:
            raise LanguageValueError("E0219", "%r is no thread that was started" % (number,),
                                     "give what run_tape() has returned")
    rec.start_waiting()


def join_tape(number):
    """Waits for one thread."""
    join_tapes([number])


def get_arg():
    """The integer that the thread was started with, 0 in the main one."""
    return regint(0 if rec.tape.argument is None else rec.tape.argument)


def get_thread_number():
    """The number of the thread that runs this: 0 for the main one."""
    res = regint.fresh(1)
    rec.emit(_ops.THREADNO, res.reg)
    return res


def export(*_, **__):
    """@export is refused: there is no host program that could call the function."""
    raise LanguageError(
        "E0276", "@export makes functions callable from a C++ host program, which does not exist "
        "here", "leave it out: the function can be called in the program itself")


def foreach_enumerate(values):
    """@foreach_enumerate(list): a run-time loop over data that is known while compiling.

    The body gets the index and one element, or one for each item of the elements.
    """
    from .containers import Array
    from .loops import record_loop
    rows = [tuple(row) if isinstance(row, (list, tuple)) else (row,) for row in values]
    widths = {len(row) for row in rows}
    if len(widths) > 1:
        raise LanguageValueError("E0219", "the elements for foreach_enumerate have different "
                                 "lengths: %s" % sorted(widths))

    def decorator(body):
        columns = [Array.create_from(regint([int(row[k]) for row in rows]))
                   for k in range(widths.pop() if widths else 0)]
        check_signature(body, 1 + len(columns), "@foreach_enumerate")
        record_loop((0, len(rows), 1), SEQUENTIAL, lambda index: call_linked(
            body, index, *[column[index] for column in columns]))
        return body
    return decorator
