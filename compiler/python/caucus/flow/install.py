"""Ordinary Python control flow on values that exist at run time.

`if`, `while`, `for … in range(…)`, conditional expressions, `and`, `or`, `not` and chained
comparisons of a program are rewritten before it runs, so that a condition which turns out to be a
run-time public value becomes a run-time branch or loop. Where the condition is known while
compiling, the program does what it would do without us.
"""

import ast
import gc
import importlib.machinery

from .. import record
from ..regint import regint
from . import branches, loops
from .expressions import Numbers
from .rewrite import Lines, Rewriter
from .state import FILE, NAMESPACES, SITES
from .templates import PREFIX

_NAMES = {
    "YES": branches.YES, "NO": branches.NO, "R": branches.RUN_TIME, "bool": bool,
    "branch": branches.branch, "turn": branches.turn, "returns": branches.returns,
    "leave": branches.leave, "refuse": branches.refuse, "caught": branches.caught,
    "depth": branches.depth, "F": branches.ONLY_FIRST, "E": branches.ONLY_SECOND,
    "choose": branches.choose, "select": branches.select, "begin_and": branches.begin_and,
    "begin_or": branches.begin_or, "second": branches.second_term, "negate": branches.negate,
    "mark": loops.mark, "forever": loops.forever, "begin": loops.begin, "begin_pass": loops.begin_pass, "Range": loops.Range,
     "again": loops.again,
     "start_while": loops.start_while, "test_while": loops.test_while,
    "finish": loops.finish, "leave_and_finish": loops.leave_and_finish, "passes": loops.passes,
    "enter": loops.enter, "failed": loops.failed, "restored": loops.restored,
    "regint": regint,
}


def names():
    """The names that rewritten code finds."""
    return {PREFIX + name: value for name, value in _NAMES.items()}


def prepare(namespace):
    """Makes a dictionary of global names ready for rewritten code."""
    namespace.update(names())
    NAMESPACES.append(namespace)


def reset():
    """Forgets the statements of the program before, where one process compiles several."""
    del SITES[:], NAMESPACES[:]
    branches.reset()


def compile_source(source, path):
    """The code of a file of the program, rewritten, in pieces to be run one after the other."""
    # Faults of the syntax are found in the file as it is.
    original = compile(source, path, "exec", dont_inherit=True)
    collects = gc.isenabled()
    # A large tree is no garbage: looking through it again and again costs most of the time.
    gc.disable()
    try:
        lines = Lines(source if isinstance(source, bytes) else source.encode())
        if not lines.any and len(lines.needed) < _PIECE:
            return [original]
        tree = ast.parse(source, path)
        FILE[0] = record.rec.display_name(path)
        if lines.any:
            Rewriter(tree, Numbers(), lines)
        return list(_pieces(tree, path))
    except RecursionError:
        # An expression of extreme depth: without us, conditions in this file must be known.
        return [original]
    finally:
        if collects:
            gc.enable()


#: Statements that become one code object. Python finds the line of a running instruction by going
#: through the table of its code object, so that the time for a long one grows with its square.
_PIECE = 50


def _pieces(tree, path):
    body = tree.body
    together = any(isinstance(node, ast.ImportFrom) and node.module == "__future__"
                   for node in body[:_PIECE])
    step = max(len(body), 1) if together else _PIECE
    for start in range(0, max(len(body), 1), step):
        tree.body = body[start:start + step]
        yield compile(tree, path, "exec", dont_inherit=True)


class Loader(importlib.machinery.SourceFileLoader):
    """Loads a module of the program that lies beside it."""

    def get_code(self, fullname):
        """Always from the source: what Python has cached is not rewritten."""
        return compile_source(self.get_data(self.path), self.path)[0]

    def exec_module(self, module):
        """Runs the module's code with the names that it needs."""
        prepare(module.__dict__)
        for code in compile_source(self.get_data(self.path), self.path):
            exec(code, module.__dict__)


def module_of_program(fullname, path):
    """How to load a module that lies in the program's directory, else None."""
    spec = importlib.machinery.PathFinder.find_spec(fullname, path)
    if spec is None or type(spec.loader) is not importlib.machinery.SourceFileLoader:
        return None
    if not spec.origin.startswith(record.rec.directory) or record.is_foreign(spec.origin):
        return None
    spec.loader = Loader(fullname, spec.origin)
    return spec
