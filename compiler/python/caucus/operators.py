"""The operator methods of registers, with a short way for two registers of the same class."""

import sys

from . import _ops
from .arithmetic import binary, compare, divide
from .record import packer, rec

_new = object.__new__
_frame = sys._getframe


def _source(cls, code, constant, mixed):
    """A method for `cls` OP `cls` of the same number of lanes, and for `cls` OP small int.

    These lines run for every operation of a program, so that they are written out: a register's
    number is the length of its class's table, and the line is the caller's. Everything else goes
    the general way.
    """
    kind = type_letter(mixed)
    return """
def method(self, other):
    if self.reg >= rec.floor_{letter}:
        kind = other.__class__
        if kind is cls:
            if other.size == self.size and other.reg >= rec.floor_{letter}:
                table = rec.{letter}
                res = new(cls)
                res.reg = index = len(table)
                res.size = size = self.size
                table.append(size)
                caller = frame(1)
                lines = rec.lines.get(id(caller.f_code))
                line = lines and lines.get(caller.f_lasti) or rec.position(caller)
                rec.words.frombytes(pack_both({prefix}, index, self.reg, other.reg))
                return res
        elif kind is int and -2147483648 <= other <= 2147483647:
            constants = rec.{kind}
            number = len(constants)
            constants.append(1)
            table = rec.{letter}
            res = new(cls)
            res.reg = index = len(table)
            res.size = size = self.size
            table.append(size)
            caller = frame(1)
            lines = rec.lines.get(id(caller.f_code))
            line = lines and lines.get(caller.f_lasti) or rec.position(caller)
            rec.words.frombytes(pack_mixed({constant}, line, number, {value},
                                           {mixed}, index, self.reg, number))
            return res
    return general(name, self, other)
""".format(letter=cls.letter, kind=kind, prefix=_prefix(code), constant=constant,
           mixed=_prefix(mixed), value="other" if kind == "i" else "rec.constant(other)")


def type_letter(mixed):
    """The class of the constant in an operation with an int."""
    return "i" if mixed[0] == _ops.INT else "c"


def _prefix(code):
    return ", ".join(map(str, [code[0], "line"] + list(code[1:])))


def _compile(cls, code, mixed, name):
    constant = _ops.LDI if type_letter(mixed) == "i" else _ops.LDC
    scope = {"cls": cls, "rec": rec, "new": _new, "frame": _frame, "general": binary, "name": name,
             "pack_both": packer(len(code) + 4), "pack_mixed": packer(len(mixed) + 8)}
    exec(compile(_source(cls, code, constant, mixed), __file__, "exec"), scope)
    return scope["method"]


def _when_needed(cls, code, mixed, name, attribute):
    """The same method, which is compiled when it is called first: most programs need few of them."""
    compiled = None

    def method(self, other):
        nonlocal compiled
        if compiled is None:
            compiled = _compile(cls, code, mixed, name)
            setattr(cls, attribute, compiled)
        return compiled(self, other)
    return method


def _general(name, swapped):
    def method(self, other):
        return binary(name, self, other, swapped)
    return method


def _comparison(name, swapped):
    def method(self, other):
        return compare(name, self, other, swapped)
    return method


def add_operators(cls, fast):
    """Adds all operators to a class.

    `fast` gives, by name, the words before the destination of the operation with the same class
    and of the one with a constant.
    """
    for name, method in (("ADD", "add"), ("SUB", "sub"), ("MUL", "mul"), ("DIV", "floordiv"),
                         ("MOD", "mod"), ("SHL", "lshift"), ("SHR", "rshift"), ("AND", "and"),
                         ("OR", "or"), ("XOR", "xor")):
        attribute = "__%s__" % method
        forward = (_when_needed(cls, fast[name][0], fast[name][1], name, attribute)
                   if name in fast else _general(name, False))
        setattr(cls, attribute, forward)
        setattr(cls, "__r%s__" % method, _general(name, True))
    for method, name, swapped in (("lt", "LT", False), ("gt", "LT", True), ("le", "LE", False),
                                  ("ge", "LE", True), ("eq", "EQ", False), ("ne", "NE", False)):
        setattr(cls, "__%s__" % method, _comparison(name, swapped))
    cls.__hash__ = object.__hash__
    cls.__truediv__ = divide
    cls.__rtruediv__ = lambda self, other: divide(self, other, True)
