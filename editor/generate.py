#!/usr/bin/env python3
"""Writes the type stubs of the language's names, from the front end itself.

    editor/generate.py [FOLDER]     by default the folder of this file

Names, parameters and documentation come from the classes and functions that programs find; what the
operators give comes from the table of promotions below. A test compares the result with the files.
"""

import inspect
import os
import sys
import textwrap

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "..", "compiler", "python"))

from tests.decode import install_numbers  # noqa: E402

install_numbers()

from caucus import imports, later, names  # noqa: E402
from caucus.program import Program  # noqa: E402
from caucus.record import rec  # noqa: E402

#: What a sum, difference or product of two types gives: rows by the type of self.
PROMOTIONS = {
    "regint": {"regint": ("int", "regint"), "cint": ("cint",), "sint": ("sint",),
               "cfix": ("cfix",), "sfix": ("sfix",)},
    "cint": {"cint": ("int", "regint", "cint"), "sint": ("sint",), "cfix": ("cfix",),
             "sfix": ("sfix",)},
    "sint": {"sint": ("int", "regint", "cint", "sint"), "sfix": ("cfix", "sfix")},
    "cfix": {"cfix": ("float", "regint", "cint", "cfix"), "sfix": ("sint", "sfix")},
    "sfix": {"sfix": ("float", "regint", "cint", "sint", "cfix", "sfix")},
}
SECRET = ("sint", "sfix")
ARITHMETIC = ("add", "sub", "mul", "radd", "rsub", "rmul")
DIVISION = ("truediv", "rtruediv")
COMPARISON = ("lt", "le", "gt", "ge", "eq", "ne")
CLEAR = {"sint": "cint", "sintbit": "cint", "sfix": "cfix"}
#: What methods give, by name; of those that are not listed nothing is known.
RESULTS = {
    "__len__": "int", "__str__": "str", "__repr__": "str", "__hash__": "int", "__bool__": "bool",
    "__init__": "None", "__setitem__": "None", "update": "None", "iadd": "None", "link": "None",
    "bit_decompose": "list", "less_than": "COMPARED", "less_equal": "COMPARED",
    "greater_than": "COMPARED", "greater_equal": "COMPARED", "equal": "COMPARED",
    "not_equal": "COMPARED", "reveal": "CLEAR", "max": "SELF", "min": "SELF", "square": "SELF",
    "__neg__": "SELF", "__abs__": "SELF", "__pos__": "SELF", "sum": "SELF",
    "get_input_from": "SELF", "input_from_workers": "SELF", "get_vector": "SELF",
    "get_reverse_vector": "SELF",
    "Array": "Array", "Matrix": "Matrix", "Tensor": "MultiArray",
}
#: Python's own protocol that says nothing to a reader.
SKIPPED = {"__class__", "__doc__", "__module__", "__dict__", "__weakref__", "__slots__",
           "__qualname__", "__new__", "__getattr__", "__setattr__", "__getattribute__",
           "__class_getitem__", "__init_subclass__", "__reduce__"}


def promoted(name):
    """The row of the table that a class follows."""
    return "sint" if name == "sintbit" else name


def operators(name):
    """The overloads of the operators of a number type."""
    row = PROMOTIONS[promoted(name)]
    lines = []
    for method in ARITHMETIC + DIVISION:
        for result, others in row.items():
            if method in DIVISION:
                result = "sfix" if result in SECRET else "cfix"
                others = tuple("int" if other == "float" and "fix" not in name else other
                               for other in others)
            lines += overload(method, others, result)
        lines += overload(method, ("_Container",), "_t.Any")
    compared = "sintbit" if promoted(name) in SECRET else "regint"
    for method in COMPARISON:
        ignore = "  # type: ignore[override]" if method in ("eq", "ne") else ""
        others = [other for others in row.values() for other in others]
        public = [other for other in others if other not in SECRET]
        secret = [other for other in others if other in SECRET] + ["_Container"]
        lines += overload(method, public, compared, ignore)
        lines += overload(method, secret, "sintbit" if "_Container" not in secret[:-1] else
                          "_t.Any", ignore)
    return lines


def overload(method, others, result, ignore=""):
    """One way to call a binary operator."""
    other = "_t.Union[%s]" % ", ".join(others) if len(others) > 1 else others[0]
    return ["@_t.overload" + ignore,
            "def __%s__(self, other: %s) -> %s: ...%s" % (method, other, result, ignore)]


def parameters(function, skip_first):
    """The parameters of a function as text; what is unknown accepts everything."""
    try:
        found = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return "*args: _t.Any, **kwargs: _t.Any"
    if skip_first:
        found = found[1:]
    found = [item for item in found
             if not item.name.startswith("_") or item.kind in (item.VAR_POSITIONAL,
                                                               item.VAR_KEYWORD)]
    parts, star = [], False
    for item in found:
        default = "" if item.default is item.empty else " = ..."
        if item.kind is item.VAR_POSITIONAL:
            star = True
            parts.append("*%s: _t.Any" % item.name)
        elif item.kind is item.VAR_KEYWORD:
            parts.append("**%s: _t.Any" % item.name)
        else:
            if item.kind is item.KEYWORD_ONLY and not star:
                parts.append("*")
                star = True
            parts.append("%s: _t.Any%s" % (item.name, default))
    return ", ".join(parts)


def documented(head, value):
    """A definition with its documentation."""
    text = inspect.getdoc(value) or ""
    if not text or text.startswith("Initialize self") or value.__doc__ is None:
        return [head + " ..."]
    text = text.replace("\\", "\\\\").replace('"""', "'''").split("\n")
    if len(text) == 1:
        return [head, '    """%s"""' % text[0]]
    return [head, '    """%s' % text[0]] + ["    " + line if line else "" for line in text[1:]] \
        + ['    """']


def result_of(owner, method, known):
    """The type that a method gives."""
    result = RESULTS.get(method, "_t.Any")
    if result == "CLEAR":
        result = CLEAR.get(owner, "_t.Any" if owner.startswith("_") else owner)
        return result if owner in PROMOTIONS or owner in CLEAR else "_t.Any"
    if result == "SELF":
        return owner if owner in PROMOTIONS or owner in CLEAR else "_t.Any"
    if result == "COMPARED":
        return "_t.Any"
    return result if result[0] != result[0].upper() or result in known else "_t.Any"


def member(owner, name, value, known):
    """The lines of an attribute of a class."""
    if isinstance(value, property):
        return ["@property"] + documented("def %s(self) -> _t.Any:" % name, value.fget)
    if isinstance(value, (classmethod, staticmethod)):
        kind = type(value).__name__
        first = "cls" if kind == "classmethod" else ""
        rest = parameters(value.__func__, kind == "classmethod")
        args = ", ".join(part for part in (first, rest) if part)
        head = "def %s(%s) -> %s:" % (name, args, result_of(owner, name, known))
        return ["@" + kind] + documented(head, value.__func__)
    if inspect.isfunction(value):
        if name == "__setitem__":
            return ["def __setitem__(self, index: _t.Any, value: _t.Any) -> None: ..."]
        rest = parameters(value, True)
        args = ", ".join(part for part in ("self", rest) if part)
        return documented("def %s(%s) -> %s:" % (name, args, result_of(owner, name, known)), value)
    if isinstance(value, type):
        return ["%s: _t.Any" % name]
    if isinstance(value, (bool, int, str, float)):
        return ["%s: %s" % (name, type(value).__name__)]
    return ["%s: _t.Any" % name]


def class_lines(name, cls, known):
    """The stub of a class: everything that it and its unnamed bases have."""
    public = [base for base in cls.__mro__[1:] if known.get(base.__name__) is base]
    bases = [public[0].__name__] if public else []
    if name in ("Array", "MultiArray", "SubMultiArray") or not bases and "Matrix" in name:
        bases = bases or ["_Container"]
    members = {}
    for base in cls.__mro__:
        if base is object or base in (public[:1] and public[0].__mro__):
            continue
        for key, value in vars(base).items():
            if key in SKIPPED or key.startswith("_") and not key.startswith("__") \
                    and key != "_new":
                continue
            members.setdefault(key, value)
    number = promoted(name) in PROMOTIONS
    handled = {"__%s__" % method for method in ARITHMETIC + DIVISION + COMPARISON}
    body = ['"""%s"""' % (inspect.getdoc(cls) or name).split("\n")[0]]
    if number:
        body += operators(name)
        if promoted(name) in SECRET:
            # Editors show this name where a secret decides what Python does.
            body.append("def __bool__(self) -> _secret_has_no_truth_value_use_if_else: ...")
            members.pop("__bool__", None)
        body.append("def __iter__(self) -> _t.Iterator[%s]: ..." % name)
    body += ["%s: bool" % key for key, value in vars(type(cls)).items()
             if isinstance(value, property) and not key.startswith("_")]
    for key in sorted(members):
        if number and (key in handled or key == "__iter__"):
            continue
        body += member(name, key, members[key], known)
    if not number:
        # Attributes that are made at run time.
        body.append("def __getattr__(self, name: str) -> _t.Any: ...")
        body.append("def __setattr__(self, name: str, value: _t.Any) -> None: ...")
    head = "class %s%s:" % (name, "(%s)" % ", ".join(bases) if bases else "")
    return [head] + textwrap.indent("\n".join(body), "    ").split("\n") + [""]


def function_lines(name, value):
    """The stub of a function."""
    return documented("def %s(%s) -> _t.Any:" % (name, parameters(value, False)), value) + [""]


#: In every file: how it came about.
MARK = "Made by editor/generate.py from the front end."
HEAD = '''"""%s

%s
"""

import typing as _t

'''


def types_stub(found):
    """The text of Compiler/types.pyi: all names that programs find."""
    placeholders = later.placeholders()
    known = {name: value for name, value in found.items()
             if isinstance(value, type) and name not in placeholders}
    lines = ["class _Container:", '    """What is kept in memory."""',
             "    def __getattr__(self, name: str) -> _t.Any: ...", "",
             "class _secret_has_no_truth_value_use_if_else: ...", ""]
    for name in sorted(found):
        value = found[name]
        if name in placeholders and type(value) is type(placeholders[name]):
            continue
        if name == "program":
            lines += class_lines("_Program", type(value), known) + ["program: _Program", ""]
        elif isinstance(value, type):
            lines += class_lines(name, value, known)
        elif callable(value):
            lines += function_lines(name, value)
        else:
            lines += ["%s: _t.Any" % name, ""]
    return HEAD % ("Names of the language that programs find without an import.", MARK) + "\n".join(lines)


def module_stub(module):
    """The text of a library module's stub."""
    lines = []
    for name in sorted(vars(module)):
        value = vars(module)[name]
        listed = getattr(module, "__all__", ())
        if name not in listed and (
                name.startswith("_") or getattr(value, "__module__", None) != module.__name__):
            continue
        if isinstance(value, type):
            lines += class_lines(name, value, {name: value})
        elif callable(value):
            lines += function_lines(name, value)
    text = (inspect.getdoc(module) or "").split("\n")[0]
    return HEAD % (text, MARK) + "\n".join(lines)


def files():
    """All stubs by their paths."""
    rec.reset()
    found = names.all_names(Program("program.mpc", [], 64, 1000, {}))
    imports.install(found)
    finder = next(item for item in sys.meta_path if isinstance(item, imports.Finder))
    res = {
        "__builtins__.pyi": '"""Names that programs find without an import."""\n\n'
                            "from Compiler.types import *\n",
        "Compiler/__init__.pyi": '"""The modules of the language."""\n',
        "Compiler/types.pyi": types_stub(found),
    }
    for name in ("library", "instructions"):
        res["Compiler/%s.pyi" % name] = '"""Names of the language."""\n\nfrom .types import *\n'
    for name in imports.LIBRARY:
        res["Compiler/%s.pyi" % name] = module_stub(finder.module(name))
        res["%s.pyi" % name] = '"""The module under its short name."""\n\n' \
                               "from Compiler.%s import *\n" % name
    res = {"stubs/" + name: text if MARK in text else "# %s\n%s" % (MARK, text)
           for name, text in res.items()}
    listed = "".join('    ("%s", include_str!("stubs/%s")),\n' % (name, name)
                     for name in sorted(item[len("stubs/"):] for item in res))
    res["files.inc"] = "// Made by editor/generate.py.\n&[\n%s]\n" % listed
    return res


def main():
    """Writes the files."""
    folder = sys.argv[1] if len(sys.argv) > 1 else HERE
    for name, text in files().items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.rstrip("\n") + "\n")


if __name__ == "__main__":
    main()
