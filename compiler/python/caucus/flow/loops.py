"""Run-time loops written as Python's while and for.

The body is recorded once. Names that it reads before it assigns them become variables: registers of
their own from before the loop on, assigned at the end of each pass.
"""

import sys
from itertools import chain

from ..errors import LanguageError
from ..loops import bound
from ..record import BREAK, LOOP, PARALLEL, SEQUENTIAL, TEST, WHILE, rec
from ..regint import regint
from ..values import Register
from .branches import RUN_TIME, _names, run_time_condition
from .merging import MISSING, Unset, as_variable, describe, fits, same
from .places import Places
from .state import SITES, current, program_frame, reached, spaces


class Loop:
    """A run-time loop that is being recorded."""

    active = True

    def __init__(self, site, frame):
        self.site = site
        self.outer = current(site, frame)
        self.places = Places(reached(site, frame), spaces(site, frame))
        self.tape = rec.tape
        self.region = None
        self.variables = {}
        self.attributes = []
        self.left = False

    def make_variables(self):
        """Gives the names that passes hand on registers of their own; returns all names."""
        values = {}
        for name, value in self.outer.items():
            carried = name in self.site.exposed or name in self.site.live
            variable = as_variable(value) if carried and name != self.site.target else None
            if variable is not None:
                self.variables[name] = variable
            values[name] = value if variable is None else variable
        for place in self.places.places:
            if isinstance(place.holder, dict) and place.name[:1] == ".":
                for key in sorted(self.site.attributes & set(place.before)):
                    variable = as_variable(place.before[key])
                    if variable is not None:
                        self.attributes.append((place, key, variable))
                        place.holder[key] = place.before[key] = variable
        return _names(values)

    def assign(self, frame):
        """Records the end of a pass: the variables get their next values."""
        values = current(self.site, frame)
        changed = []
        for name, variable in self.variables.items():
            changed.append((name, variable, values[name]))
        for place, key, variable in self.attributes:
            changed.append(("%s.%s" % (place.name[1:], key), variable, place.holder.get(key)))
        changed = [item for item in changed if item[2] is not item[1]]
        for name, variable, value in changed:
            if fits(variable, value):
                continue
            if name in self.site.exposed or name not in self.variables:
                raise self.unfit(name, variable, value)
            # Passes do not need it: it only has no value behind the loop.
            del self.variables[name]
            self.outer[name] = MISSING
        changed = [item for item in changed if item[0] not in values or item[0] in self.variables]
        olds = {id(variable) for _, variable, _ in changed}
        copies = [value.copy() if id(value) in olds else value for _, _, value in changed]
        for (_, variable, _), value in zip(changed, copies):
            variable.update(value)
        for place, key, variable in self.attributes:
            place.holder[key] = variable
        return values

    def unfit(self, name, variable, value):
        """The error for a variable that changes its kind."""
        if isinstance(value, Unset):
            value._used()
        kind = type(value).__name__ if isinstance(value, Register) else "register"
        old = self.outer.get(name)
        remedy = "write %s = %s(%s) before the loop" % (name, kind, name) \
            if isinstance(value, Register) else "use another name in the loop"
        return LanguageError(
            "E0275", "%s is %s before the run-time loop and %s at the end of a pass"
            % (name, describe(variable if old is None else old), describe(value)), remedy)

    def leave(self, frame):
        """Records the way out of the loop from the middle of a pass."""
        if rec.tape is not self.tape:
            raise LanguageError("E0272", "a thread cannot leave a loop around it")
        for region in reversed(rec.tape.regions):
            if region is self.region:
                break
            if region.kind != "if":
                raise LanguageError(
                    "E0272", "this break would leave more than the innermost run-time loop",
                    "use a variable that says whether the outer loop goes on")
        self.left = True
        self.assign(frame)
        rec.emit(BREAK)

    def finish(self, frame):
        """The end of the body; returns what the names stand for behind the loop."""
        if rec.tape is not self.tape or rec.tape.regions[-1] is not self.region:
            raise LanguageError("E0206", "a branch or loop that was opened in this loop is still "
                                "open at its end")
        values = self.assign(frame)
        for place, changes in zip(self.places.places, self.places.collect()):
            if changes:
                name = place.name.lstrip(".") or ", ".join(changes)
                raise LanguageError(
                    "E0214", "%s changes in a run-time loop: the change would happen once, while "
                    "compiling" % name,
                    "use .update() on a register that it holds, an Array or a MemValue")
        result = {}
        for name, old in self.outer.items():
            new = values[name]
            if name in self.variables:
                result[name] = self.variables[name]
            elif name == self.site.target:
                result[name] = self.last_index()
            elif same(new, old):
                result[name] = old
            elif name in self.site.exposed and old is not MISSING:
                raise LanguageError(
                    "E0275", "%s is %s before the run-time loop and %s at the end of a pass"
                    % (name, describe(old), describe(new)),
                    "no register can hold both: use another name, an Array or a MemValue")
            else:
                result[name] = Unset(name, "it is assigned in a run-time loop, which may not run")
        rec.close_region(self.region)
        self.active = False
        return result

    def last_index(self):
        """What the loop variable of `for` is afterwards."""
        return Unset(self.site.target, "it is the variable of a run-time loop")


# while


def mark():
    """The state of the record before the condition of `while`."""
    return rec.mark()


class _Passed:
    """A condition that turns out to be known."""

    active = False

    def __init__(self, goes_on):
        self.goes_on = goes_on


def start_while(marked, value, number):
    """Begins a run-time `while`: the condition is evaluated again, inside of the loop."""
    frame = program_frame()
    site = SITES[number]
    known = run_time_condition(value, site)
    if isinstance(known, bool):
        return _Passed(known), ()
    rec.roll_back(marked)
    loop = Loop(site, frame)
    names = loop.make_variables()
    rec.emit(WHILE)
    loop.region = rec.open_region("loop")
    return loop, names


def test_while(loop, value):
    """The condition of a run-time `while`."""
    known = run_time_condition(value, loop.site)
    if isinstance(known, bool):
        known = regint(int(known))
    rec.emit(TEST, known.use())


def finish(loop):
    """The end of the body of a run-time loop."""
    return _names(loop.finish(program_frame()))


def leave_and_finish(loop):
    """`break` that is always reached in a run-time loop."""
    frame = program_frame()
    loop.leave(frame)
    return _names(loop.finish(frame))


#: Passes are not recorded again if they may have changed longer lists, which are not copied.
_SMALL = 1000


class _Again(BaseException):
    """A pass must be recorded again, as that of a run-time loop."""


class Restarting(Loop):
    """A loop that becomes a run-time loop in the pass whose break depends on a run-time value."""

    forever = True

    def begin_pass(self, frame):
        """Remembers what is needed to record a pass again."""
        self.marked = rec.mark()
        self.outer = current(self.site, frame)
        self.places = Places(reached(self.site, frame), spaces(self.site, frame), _SMALL)

    def start_again(self):
        """Gives up the pass that is being recorded, unless that cannot be undone."""
        if self.marked is not None and not self.places.partial:
            self.again = True
            raise _Again()


class Forever(Restarting):
    """`while True`."""

    def __init__(self, site):
        self.site = site
        self.active = self.again = False
        self.marked = None

    def begin(self, frame):
        """The beginning of a pass; returns what the names stand for if it is a run-time loop's."""
        if not self.again:
            self.begin_pass(frame)
            return ()
        Loop.__init__(self, self.site, frame)
        self.active = True
        names = self.make_variables()
        rec.emit(WHILE)
        self.region = rec.open_region("loop")
        rec.emit(TEST, regint(1).use())
        return names


def forever(number):
    """Begins a `while True`."""
    return Forever(SITES[number])


def begin(loop):
    """The beginning of a pass of `while True`."""
    return loop.begin(program_frame())


def begin_pass(loop):
    """The beginning of a pass of `for` that may be recorded again."""
    loop.begin_pass(program_frame())


def again(loop):
    """The exceptions after which a pass is recorded again."""
    return (_Again,) if loop.again and not loop.active else ()


# for … in range(…)

#: Loops that would record more operations than this become run-time loops where they can.
LARGE = 4_000_000
#: Passes that are recorded before it is decided.
_TRIED = 2
#: Shorter loops are not worth a note.
_SHORTEST = 1000


class Range(Restarting):
    """The passes of `for … in range(…)`, some of which may be left to a run-time loop."""

    def __init__(self, site, bounds, attempt):
        self.bounds = bounds
        self.site = site
        self.active = self.again = False
        self.attempt = attempt
        self.marked = None
        self.left = False
        #: what the loop variable stood for before the loop, and its last value
        self.before = MISSING
        self.last = None

    def last_index(self):
        """Known if the number of passes is, and none is left out."""
        start, stop, step = self.bounds
        known = all(value.__class__ is int for value in self.bounds)
        if known and not self.left:
            return range(start, stop, step)[-1]
        return Loop.last_index(self) if self.last is None else self.last

    def open(self, frame):
        """Begins the run-time loop; returns what the names stand for in its body."""
        target = self.site.target
        index = frame.f_locals.get(target, frame.f_globals.get(target))
        Loop.__init__(self, self.site, frame)
        self.outer[target] = self.before
        self.active = True
        names = dict(zip(self.site.names, self.make_variables()))
        start, stop, step = self.bounds
        if target in self.site.live:
            known = all(value.__class__ is int for value in self.bounds)
            self.last = as_variable(start if known else self.before)
        first, last = regint.conv(start), regint.conv(stop)
        if start.__class__ is stop.__class__ is int and range(start, stop, step):
            ends = (start, range(start, stop, step)[-1])
            index.range = (min(ends), max(ends) + 1)
        rec.emit(LOOP, index.reg, first.use(), last.use(), step, PARALLEL, 0, 0)
        self.region = rec.open_region("parallel")
        rec.fixed.add(index.reg)
        if self.last is not None:
            self.last.update(index)
        names[target] = index
        return tuple(names[name] for name in self.site.names)

    def leave(self, frame):
        """A loop that is left runs one pass after the other."""
        self.region.kind = "loop"
        rec.words[self.region.start - 3] = SEQUENTIAL
        Loop.leave(self, frame)

    def __iter__(self):
        if not self.attempt:
            return iter((regint.fresh(1),))
        return chain.from_iterable(self.pieces())

    def pieces(self):
        """Passes while compiling, until the rest is left to a run-time loop that works."""
        start, stop, step = self.bounds
        whole = range(start, stop, step)
        if self.attempt == "break":
            for index in whole:
                yield (index,)
                if self.again:
                    self.bounds = (index, stop, step)
                    yield (regint.fresh(1),)
                    return
            return
        tried, done = ((0, 1) if self.attempt == "flow" else (_TRIED,)), 0
        for number in tried:
            yield whole[done:max(done, number - 1)]
            before = rec.statements
            yield whole[max(done, number - 1):number]
            done = number
            large = (rec.statements - before) * (len(whole) - number) > LARGE
            if len(whole) - number > 1 and (large or self.attempt == "flow"):
                self.bounds = (whole[number], whole.stop, step)
                self.marked = rec.mark()
                yield (regint.fresh(1),)
                if self.region is not None:
                    self.note(len(whole))
                    return
        yield whole[done:]

    def note(self, passes):
        """Tells what has happened to a loop without the option."""
        if self.attempt == "auto":
            print("note: %s:%d: the %d passes of this loop became a run-time loop: unrolled, they "
                  "would record more than %d operations"
                  % (self.site.file, self.site.line, passes, LARGE), file=sys.stderr)


def passes(number, *bounds):
    """What a rewritten `for … in range(…)` loops over."""
    site = SITES[number]
    if all(value.__class__ is int for value in bounds):
        whole = range(*bounds)
        if site.breaks and not (site.candidate and rec.flow):
            return Range(site, (whole.start, whole.stop, whole.step), "break")
        if site.candidate and len(whole) > 1 and (rec.flow or len(whole) >= _SHORTEST):
            return Range(site, (whole.start, whole.stop, whole.step),
                         "flow" if rec.flow else "auto")
        return whole
    if not any(RUN_TIME[value.__class__] for value in bounds):
        return range(*bounds)
    if len(bounds) == 1:
        bounds = (0,) + bounds
    start, stop = bound(bounds[0]), bound(bounds[1])
    step = bound(bounds[2], "step") if len(bounds) > 2 else 1
    if not isinstance(step, int) or step == 0:
        raise LanguageError("E0205", "the step of a run-time loop must be a number that is known "
                            "while compiling and not 0")
    res = Range(site, (start, stop, step), None)
    frame = program_frame()
    res.before = (frame.f_globals if site.target in site.foreign else frame.f_locals).get(
        site.target, MISSING)
    return res


def enter(loop):
    """The beginning of a pass: what the names stand for in it, if it is the run-time loop's."""
    return loop.open(program_frame())


def failed(loop):
    """The exceptions after which the passes are recorded one by one instead."""
    if loop.__class__ is not Range:
        return ()
    if loop.attempt == "break":
        return again(loop)
    return (Exception,) if loop.active and loop.marked else ()


def restored(loop):
    """What the names stood for before the run-time loop that did not work."""
    rec.roll_back(loop.marked)
    loop.places.restore()
    loop.active, loop.region = False, None
    return _names(loop.outer)
