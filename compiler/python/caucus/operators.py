"""The operator methods of registers, with a short way for two registers of the same class."""

import sys

from .arithmetic import binary, compare, divide
from .record import rec

_new = object.__new__
_frame = sys._getframe


def _fast(cls, code, operation):
    """A method for `cls` OP `cls` of the same number of lanes; NAME is the general way.

    These lines run for every operation of a program, so that they are written out: the register's
    number is the length of its class's table, and the line is the caller's.
    """
    source = """
def method(self, other):
    if (other.__class__ is cls and other.size == self.size
            and self.reg >= rec.floor_{letter} and other.reg >= rec.floor_{letter}):
        table = rec.{letter}
        res = new(cls)
        res.reg = index = len(table)
        res.size = size = self.size
        table.append(size)
        caller = frame(1)
        line = (caller.f_lineno if caller.f_globals is rec.main_globals
                else rec.position(caller))
        rec.words.extend(({prefix}, {operands}))
        return res
    return general(name, self, other)
"""
    return source.format(
        letter=cls.letter,
        prefix=", ".join(map(str, [code[0], "line"] + list(code[1:]))),
        operands="index, self.reg, other.reg")


def _compile(cls, code, name):
    scope = {"cls": cls, "rec": rec, "new": _new, "frame": _frame, "general": binary, "name": name}
    exec(compile(_fast(cls, code, name), __file__, "exec"), scope)
    return scope["method"]


def _general(name, swapped):
    def method(self, other):
        return binary(name, self, other, swapped)
    return method


def _comparison(name, swapped):
    def method(self, other):
        return compare(name, self, other, swapped)
    return method


def add_operators(cls, fast):
    """Adds all operators to a class; `fast` gives, by name, the words before the destination."""
    for name, method in (("ADD", "add"), ("SUB", "sub"), ("MUL", "mul"), ("DIV", "floordiv"),
                         ("MOD", "mod"), ("SHL", "lshift"), ("SHR", "rshift"), ("AND", "and"),
                         ("OR", "or"), ("XOR", "xor")):
        forward = _compile(cls, fast[name], name) if name in fast else _general(name, False)
        setattr(cls, "__%s__" % method, forward)
        setattr(cls, "__r%s__" % method, _general(name, True))
    for method, name, swapped in (("lt", "LT", False), ("gt", "LT", True), ("le", "LE", False),
                                  ("ge", "LE", True), ("eq", "EQ", False), ("ne", "NE", False)):
        setattr(cls, "__%s__" % method, _comparison(name, swapped))
    cls.__hash__ = object.__hash__
    cls.__truediv__ = divide
    cls.__rtruediv__ = lambda self, other: divide(self, other, True)
