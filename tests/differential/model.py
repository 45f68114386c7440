"""What programs mean: the names of the language, over plain integers, run step by step.

A program of the differential test is run here by Python itself. Registers hold their lanes, loops
run one pass after the other, and threads run one after the other.
"""

import dis

from memory import Array, ArrayView, Matrix, MatrixView, MemValue
from values import Value, cint, regint, sint


class Failed(Exception):
    """The program has ended itself."""


class _Left(Exception):
    """break_loop()."""


_assigned = {}


def _registers_assigned(body):
    """The registers behind the global names that a body itself assigns."""
    code = body.__code__
    names = _assigned.get(code)
    if names is None:
        names = _assigned[code] = {it.argval for it in dis.get_instructions(code)
                                   if it.opname == "STORE_GLOBAL"}
    found = [(name, body.__globals__.get(name)) for name in names]
    return [(name, value) for name, value in found if isinstance(value, Value)]


def call_linked(body, *args):
    """Global names that a body assigns change the registers that they stood for before."""
    names, before = body.__globals__, _registers_assigned(body)
    try:
        result = body(*args)
        changed = [(old, type(old)(names[name])) for name, old in before
                   if names[name] is not old]
        for old, value in changed:
            old.update(value)
    finally:
        # What a body assigns before it leaves the loop is not linked.
        names.update(before)
    return result


def _number(value):
    if isinstance(value, int):
        return value
    (lane,) = (value() if callable(value) else value).as_register().lanes
    return lane


def for_range(start, stop=None, step=1):
    """The loop variable is the counter itself."""
    first, last = (0, _number(start)) if stop is None else (_number(start), _number(stop))

    def decorator(body):
        index = regint(first)
        try:
            while index.lanes[0] < last if step > 0 else index.lanes[0] > last:
                call_linked(body, index)
                index.update(index + step)
        except _Left:
            pass
    return decorator


def for_range_opt(start, stop=None, step=1):
    """All passes, in order."""
    if stop is not None:
        return for_range(start, stop, step)
    sizes = list(map(_number, start if isinstance(start, (list, tuple)) else [start]))

    def decorator(body):
        def level(indices):
            if len(indices) == len(sizes):
                call_linked(body, *map(regint, indices))
                return
            try:
                for k in range(sizes[len(indices)]):
                    level(indices + [k])
            except _Left:
                pass
        level([])
    return decorator


def map_sum_opt(_, count, types):
    """Sums of what the body returns."""
    def decorator(body):
        totals = [kind(0) for kind in types]
        for k in range(count):
            result = body(regint(k))
            for total, value in zip(totals, result if isinstance(result, tuple) else [result]):
                total.iadd(value)
        return lambda: totals[0] if len(totals) == 1 else tuple(totals)
    return decorator


def multithread(threads, items):
    """Parts of the items; the last threads have one more."""
    def decorator(body):
        base = 0
        for thread in range(threads):
            size = items // threads + (thread >= threads - items % threads)
            if size:
                call_linked(body, regint(base), size)
            base += size
    return decorator


def while_do(condition, *state):
    """A loop with its condition first."""
    def decorator(body):
        variables = [regint(value) if isinstance(value, int) else type(value)(value)
                     for value in state]
        try:
            while _number(condition(*variables)):
                result = call_linked(body, *variables)
                if state:
                    results = result if isinstance(result, tuple) else (result,)
                    results = [type(old)(new) for old, new in zip(variables, results)]
                    for old, new in zip(variables, results):
                        old.update(new)
        except _Left:
            pass
    return decorator


def do_while(body):
    """A loop with its condition last."""
    try:
        # The body returns a comparison, which no name stands for.
        while _number(call_linked(body)):
            pass
    except _Left:
        pass


class Run:
    """One run: what is read, and what is printed."""

    def __init__(self, inputs):
        self.inputs = [iter(row) for row in inputs]
        self.taken = [0] * len(inputs)
        self.output = []
        self.decided = []

    def _input(self, player, size=1):
        self.taken[player] += size
        return sint([next(self.inputs[player]) for _ in range(size)])

    def _show(self, value):
        if isinstance(value, Value):
            assert value.letter != "s"
            shown = ", ".join(map(str, value.lanes))
            return shown if value.size == 1 else "[%s]" % shown
        if isinstance(value, MemValue):
            return self._show(value.read())
        if isinstance(value, ArrayView):
            return "[%s]" % ", ".join(map(str, value.as_register().lanes))
        if isinstance(value, MatrixView):
            return "[%s]" % ", ".join(map(self._show, value))
        return str(value)

    def _print(self, text="", *args):
        self.output.append(text % tuple(map(self._show, args)))

    def _fail(self, condition, text, *args):
        if _number(condition):
            raise Failed(text % tuple(map(self._show, args)))

    def _if(self, condition):
        def decorator(body):
            if _number(condition):
                call_linked(body)
        return decorator

    def _if_e(self, condition):
        holds = _number(condition)

        def decorator(body):
            if holds:
                call_linked(body)
            # The other part follows directly after this.
            self.decided.append(holds)
        return decorator

    def _else(self, body):
        if not self.decided.pop():
            call_linked(body)

    def _break(self):
        raise _Left

    def names(self):
        """What a program sees."""
        sint.get_input_from = staticmethod(self._input)
        return {
            "sint": sint, "cint": cint, "regint": regint, "Array": Array, "Matrix": Matrix,
            "MemValue": MemValue, "for_range": for_range, "for_range_opt": for_range_opt,
            "for_range_parallel": lambda _, n: for_range_opt(n),
            "for_range_opt_multithread": lambda _, n: for_range_opt(n),
            "for_range_multithread": lambda _, __, n: for_range_opt(n),
            "map_sum_opt": map_sum_opt, "multithread": multithread, "while_do": while_do,
            "do_while": do_while, "if_": self._if, "if_e": self._if_e, "else_": self._else,
            "break_loop": self._break, "print_ln": self._print,
            "runtime_error_if": self._fail,
        }


def run(text, inputs):
    """Runs a program; returns its lines, the inputs it took, and whether it ended itself."""
    it = Run(inputs)
    try:
        exec(compile(text, "program", "exec"), it.names())
        failed = None
    except Failed as failure:
        failed = str(failure)
    return it.output, it.taken, failed
