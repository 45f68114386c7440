"""Which loops over range() may be run-time loops although their bounds are known.

The body is then recorded once instead of once for each pass. What it does while compiling would
happen once, so that a body which may do something of that kind is left alone.
"""

import ast

_REFUSED = (ast.Return, ast.Raise, ast.Try, ast.With, ast.Yield, ast.YieldFrom, ast.Await,
            ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal, ast.Delete, ast.ClassDef, ast.Assert,
            ast.While)
_FUNCTIONS = {"print", "next", "open", "input", "exec", "eval", "globals", "locals", "setattr",
              "delattr", "vars", "exit", "print_both"}
_METHODS = {"append", "extend", "insert", "pop", "remove", "clear", "setdefault", "popitem",
            "discard", "write_line"}
_MODULES = {"random", "time", "os", "sys", "itertools", "io", "subprocess"}


def may_be_run_time(node):
    """Whether the body of a `for` only does what a run-time loop can do."""
    for statement in node.body:
        for item in ast.walk(statement):
            if isinstance(item, _REFUSED):
                return False
            if isinstance(item, ast.Name) and item.id in _FUNCTIONS | _MODULES:
                return False
            if isinstance(item, ast.Attribute) and item.attr in _METHODS:
                return False
    return True
