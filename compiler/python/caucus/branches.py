"""Run-time branches."""

import sys

from .errors import LanguageError, LanguageTypeError
from .linking import Links, call_branch, call_linked
from .personal import localint
from .record import ELSE, IF, rec
from .regint import regint
from .values import Register, as_operand


def condition_of(condition, what="a branch"):
    """A bool if the condition is known while compiling, else a regint."""
    if not isinstance(condition, Register) and callable(condition):
        condition = condition()
    if isinstance(condition, localint):
        raise LanguageTypeError(
            "E0202", "the condition of %s must be the same at all parties" % what,
            "use print_ln_if for output of single parties")
    is_secret = getattr(condition, "letter", "") == "b"
    value = None if isinstance(condition, (str, list, tuple)) else \
        condition if is_secret else as_operand(condition, None)
    if value is None:
        raise LanguageTypeError(
            "E0202", "%s cannot be the condition of %s" % (type(condition).__name__, what))
    if isinstance(value, int):
        return bool(value)
    if value.letter == "s" or is_secret:
        raise LanguageTypeError(
            "E0202", "the condition of %s is secret" % what,
            "use condition.if_else(a, b), or open it with .reveal() if it may become public")
    if value.size != 1:
        raise LanguageTypeError("E0202", "the condition of %s is a vector" % what)
    return value != 0 if value.letter == "c" else value


def as_regint(condition):
    """A condition as 0 or 1 in a register."""
    return regint(int(condition)) if isinstance(condition, bool) else condition


def open_if(condition):
    """Begins a branch on a regint."""
    rec.emit(IF, condition.use())
    return rec.open_region("if")


def _branch(region, body, what):
    try:
        call_branch(body, what)
    finally:
        rec.close_region(region)


def if_(condition):
    """@if_(c): runs the body if the public condition is not 0."""
    def decorator(body):
        known = condition_of(condition)
        if isinstance(known, bool):
            if known:
                call_linked(body)
            return body
        _branch(open_if(known), body, "@if_")
        return body
    return decorator


def if_e(condition):
    """@if_e(c): like if_, and the following @else_ gives the other part."""
    def decorator(body):
        known = condition_of(condition)
        outside = rec.tape.regions[-1]
        if isinstance(known, bool):
            if known:
                call_linked(body)
            outside.pending_else = (rec.tape, len(rec.words), not known)
            return body
        _branch(open_if(known), body, "@if_e")
        outside.pending_else = (rec.tape, len(rec.words), None)
        return body
    return decorator


def else_(body):
    """@else_: the other part of the @if_e directly before."""
    outside = rec.tape.regions[-1]
    pending, outside.pending_else = outside.pending_else, None
    if pending is None or pending[:2] != (rec.tape, len(rec.words)):
        raise LanguageError(
            "E0206", "there is no open branch: @else_ must follow directly after the body of @if_e",
            "use @if_e instead of @if_, and put nothing between the two parts")
    if pending[2] is not None:
        if pending[2]:
            call_linked(body)
        return body
    # The branch goes on: its end (marker and position) is taken back.
    del rec.words[-2:]
    region = rec.open_region("if")
    rec.emit(ELSE)
    _branch(region, body, "@else_")
    return body


def _caller_names():
    frame = sys._getframe(2)
    return frame.f_globals


def if_then(condition):
    """if_then(c); …; else_then(); …; end_if(): the form with statements."""
    known = as_regint(condition_of(condition))
    region = open_if(known)
    region.extra = Links(_caller_names())
    region.line = rec.position(sys._getframe(1))


def _statement_region(name):
    region = rec.tape.regions[-1]
    if region.kind != "if" or region.extra is None:
        raise LanguageError("E0206", "%s() has no open if_then()" % name)
    return region


def else_then():
    """The other part of if_then."""
    region = _statement_region("else_then")
    region.extra.close()
    region.extra = Links(_caller_names())
    rec.emit(ELSE)


def end_if():
    """The end of if_then."""
    region = _statement_region("end_if")
    region.extra.close()
    rec.close_region()


def _short_circuit(terms, goes_on):
    """Evaluates terms until one decides; `goes_on` is the value that asks for the next term."""
    def evaluate():
        res = regint(int(goes_on))

        def term(index):
            value = as_regint(condition_of(terms[index], "and_/or_"))
            res.update(value != 0)
            if index + 1 < len(terms):
                open_if(value != 0 if goes_on else value == 0)
                term(index + 1)
                rec.close_region()
        term(0)
        return res
    return evaluate


def and_(*terms):
    """A condition that holds if all terms (functions) do; later ones may not be evaluated."""
    return _short_circuit(terms, True)


def or_(*terms):
    """A condition that holds if one of the terms (functions) does."""
    return _short_circuit(terms, False)


def not_(term):
    """A condition that holds if the term (a function) does not."""
    return lambda: as_regint(condition_of(term, "not_")) == 0
