"""Run-time branches written as Python's if, conditional expressions, and, or, not.

A rewritten `if` is a loop over what this module gives: for a condition that is known while
compiling one pass of the part that holds, for a run-time condition one pass for each part, which is
recorded between the markers of a branch. In between, the names that the parts assign are put back,
and in the end they get registers that both parts set.
"""

from ..branches import as_regint, condition_of
from ..errors import LanguageError, LanguageTypeError
from ..personal import localint, personal
from ..record import ELSE, IF, rec
from ..values import Register, as_operand
from . import hints
from .merging import MISSING, Merge, Unset
from .places import Places
from .state import SITES, current, program_frame, reached, spaces

#: What a rewritten `if` loops over if its condition is known.
YES, NO = (True,), (False,)


class _RunTime(dict):
    """Tells of a class whether its values exist at run time."""

    def __missing__(self, kind):
        found = self[kind] = issubclass(kind, (Register, localint, personal, Unset)) \
            or kind.__name__ == "MemValue" and kind.__module__.startswith("caucus")
        return found


RUN_TIME = _RunTime({bool: False, int: False, str: False})


def run_time_condition(value, site):
    """A bool or a regint; a secret is refused with the code that would do."""
    if getattr(value, "letter", "") != "s":
        no_operand = isinstance(value, (localint, personal, Unset))
        operand = None if no_operand else as_operand(value, None)
        if getattr(operand, "letter", "") != "s":
            if isinstance(value, Unset):
                value._used()
            return condition_of(value, site.what)
    message, help = hints.secret(site)
    raise LanguageTypeError("E0202", message, help)


class Part:
    """One of the two passes of a run-time branch; true in the first."""

    __slots__ = ("branch", "first", "returned", "result")

    def __init__(self, branch, first):
        self.branch = branch
        self.first = first
        self.returned = False
        self.result = None

    def __bool__(self):
        return self.first


class Branch:
    """A run-time branch that is being recorded."""

    def __init__(self, condition, site, frame):
        self.site = site
        self.outer = current(site, frame)
        self.places = Places(reached(site, frame), spaces(site, frame))
        self.tape = rec.tape
        self.returned = None
        rec.emit(IF, condition.use())
        self.region = rec.open_region("if")
        self.first = self.changes = None
        self.left = False
        self.end = 0

    def __iter__(self):
        yield Part(self, True)
        yield Part(self, False)

    def check(self):
        """Refuses a part that leaves a region open, or another tape."""
        if rec.tape is not self.tape or rec.tape.regions[-1] is not self.region:
            raise LanguageError("E0206", "a branch or loop that was opened in this %s is still open "
                                "at its end" % self.site.what)

    def between(self, frame, left, returned):
        """The end of the first part; returns what the names stand for at the second."""
        self.check()
        self.first = current(self.site, frame)
        self.changes = self.places.collect()
        self.left = left
        self.returned = returned
        self.end = len(rec.words)
        rec.emit(ELSE)
        return self.outer

    def finish(self, part, frame, left):
        """The end of the second part; returns what the names stand for behind the branch."""
        self.check()
        site, second = self.site, current(self.site, frame)
        changes = self.places.collect()
        merge = Merge()
        if self.left or left:
            values = second if self.left else self.first
            kept = changes if self.left else self.changes
            self.places.merged(kept, kept, merge)
        else:
            values = {
                name: merge.value(name, self.outer[name], self.first[name], second[name])
                if name in site.live or self.first[name] is second[name]
                else Unset(name, "it is assigned in a run-time branch") for name in site.names}
            self.places.merged(self.changes, changes, merge)
            self.join_results(part, merge)
        self.record(merge)
        rec.close_region(self.region)
        return values

    def join_results(self, part, merge):
        """The value that a function returns if both parts do."""
        one, two = self.returned, part.result if part.returned else None
        if one is None and not part.returned:
            return
        value = merge.value("the result", MISSING, one[0] if one else None, two)
        if isinstance(value, Unset):
            raise LanguageError(
                "E0271", "the two ways of this run-time branch return different things",
                "return registers of the same kind on both ways: return sint(0), regint(1)…")
        part.returned, part.result = True, value

    def record(self, merge):
        """Assigns the merged registers at the end of both parts."""
        start = len(rec.words)
        for target, value, _ in merge.moves:
            target.update(value)
        chunk = rec.words[start:]
        del rec.words[start:]
        for target, _, value in merge.moves:
            target.update(value)
        rec.insert(self.end, chunk)


def branch(value, number):
    """What a rewritten `if` loops over, for a value that exists at run time."""
    site = SITES[number]
    known = run_time_condition(value, site)
    if isinstance(known, bool):
        return YES if known else NO
    return Branch(known, site, program_frame())


def _names(values):
    return tuple(Unset(name, "it is assigned in a run-time branch or loop only")
                 if value is MISSING else value for name, value in values.items())


def turn(part, left=False):
    """The end of a part: the values of the names in what follows."""
    frame = program_frame()
    if part.first:
        returned = (part.result,) if part.returned else None
        return _names(part.branch.between(frame, left, returned))
    return _names(part.branch.finish(part, frame, left))


def returns(part, value):
    """The end of a part with `return value`."""
    part.returned, part.result = True, value
    return turn(part)


def leave(part, loop):
    """`break` in a part: out of a run-time loop."""
    if getattr(loop, "forever", False) and not loop.active:
        loop.start_again()
    if loop is None or not getattr(loop, "active", False):
        raise LanguageError(
            "E0272", "whether this break is reached is known at run time only, but the loop runs "
            "while the program is compiled",
            "use while with a run-time condition, or @for_range with break_loop()")
    loop.leave(program_frame())
    return turn(part, True)


def refuse(what, number):
    """A statement that cannot depend on a run-time condition."""
    raise LanguageError(
        "E0273", "whether this %s is reached is known at run time only" % what,
        {"return": "let the function end in if/else with a return at the end of each part",
         "continue": "use if/else for the rest of the body"}.get(what))


def caught(depth):
    """The beginning of an `except` clause: a run-time branch must not be left by an exception."""
    if len(rec.tape.regions) > depth:
        raise LanguageError(
            "E0274", "an exception leaves a run-time branch or loop: it is raised while compiling, "
            "whatever the condition is", "use runtime_error_if(condition, text)")


def depth():
    """How many regions are open, for `caught`."""
    return len(rec.tape.regions)


# Expressions


class _Choice:
    """A conditional expression: which parts are evaluated."""

    first, second = True, False

    def __init__(self, first=True):
        self.first, self.second = first, not first


ONLY_FIRST, ONLY_SECOND = _Choice(True), _Choice(False)


class _RunTimeChoice:
    """A conditional expression with a run-time condition."""

    first = True

    def __init__(self, condition):
        rec.emit(IF, condition.use())
        self.region = rec.open_region("if")
        self.end = 0

    def turn(self):
        """The end of the first part."""
        self.end = len(rec.words)
        rec.emit(ELSE)

    @property
    def second(self):
        """The second part is evaluated, too: asking for it ends the first."""
        self.turn()
        return True

    record = Branch.record

    def join(self, first, second, what):
        """The value behind both parts."""
        merge = Merge()
        value = merge.value(what, MISSING, first, second)
        self.record(merge)
        rec.close_region(self.region)
        if isinstance(value, Unset):
            value._used()
        return value


def choose(value, number):
    """The choice of a conditional expression, for a condition that is neither True nor False."""
    if RUN_TIME[value.__class__]:
        value = run_time_condition(value, SITES[number])
        if not isinstance(value, bool):
            return _RunTimeChoice(value)
    return ONLY_FIRST if value else ONLY_SECOND


def select(choice, first, second):
    """The value of a conditional expression."""
    if choice is ONLY_FIRST:
        return first
    if choice is ONLY_SECOND:
        return second
    return choice.join(first, second, "the value of the conditional expression")


#: The open and/or expressions with run-time terms.
_open = []


def reset():
    """Forgets what a program left open that ended with an error."""
    del _open[:]


def begin(value, number, goes_on):
    """A run-time term of and/or: whether the next one is evaluated."""
    known = run_time_condition(value, SITES[number])
    if isinstance(known, bool):
        _open.append(None)
        return known == goes_on
    _open.append(_RunTimeChoice(known if goes_on else known == 0))
    return True


def begin_and(value, number):
    """`value and …`: whether what follows is evaluated."""
    if begin(value, number, True):
        return True
    _open.pop()
    return False


def begin_or(value, number):
    """`value or …`: whether what follows is not evaluated."""
    if begin(value, number, False):
        return False
    _open.pop()
    return True


def second_term(value, other):
    """The value of and/or after its second term."""
    if not RUN_TIME[value.__class__]:
        return other
    choice = _open.pop()
    if choice is None:
        return other
    choice.turn()
    return choice.join(other, value, "the value of and/or")


def negate(value, number):
    """`not value` for a value that exists at run time."""
    known = run_time_condition(value, SITES[number])
    return (not known) if isinstance(known, bool) else as_regint(known) == 0

