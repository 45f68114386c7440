"""Rewrites the statements of a program so that run-time values can decide if, while and for.

`if c: A else: B` becomes a loop over what `branches` gives: one pass of A or B where c is known while
the program is compiled, as it would be without us, and one pass of each where c exists at run time.
`while` and `for … in range(…)` keep their form, with calls at the beginning and end of a pass.
A `break`, `continue` or `return` in an `if` ends that helping loop first and is done behind it.
"""

import ast
import copy
import re

from .candidates import may_be_run_time
from .expressions import Expressions, plain
from .jumps import ACTIVE, Jumps
from .scopes import assigned, attributes, declared, exposed, reads
from .state import SITES, Site
from .templates import PREFIX, assign, expression, name, place, statements

#: Statements of a long module.
_LONG = 3000

#: CPython allows 20 blocks inside each other.
_DEEPEST = 15

_CONTROL = re.compile(rb"\b(?:el)?(?:if|while|for|and|or|not|try|break|continue|return)\b|"
                      rb"[<>]=?.*(?:[<>]|==|!=)|[=!]=.*(?:[<>]|==|!=)")

_TERMINATES = (ast.Return, ast.Break, ast.Continue, ast.Raise)


class Lines:
    """The text of a file: tells quickly which lines can need a change."""

    def __init__(self, source):
        self.needed = [bool(_CONTROL.search(line)) for line in source.splitlines()]
        self.any = True in self.needed

    def need(self, first, last):
        """Whether one of these lines has a word of control flow, or two comparisons."""
        if last is None:
            return self.any
        return self.any and (self.needed[first - 1] if first == last
                             else True in self.needed[first - 1:last])


class Around:
    """What surrounds a statement within its function."""

    def __init__(self, function, loop=None, chain=(), outer=(), tail=(False, False), depth=0):
        self.function = function
        #: the nearest loop of the program, and the rewritten ifs between it and here.
        self.loop = loop
        self.chain = chain
        #: conditions that hold if something around is decided at run time.
        self.outer = outer
        #: whether nothing follows in the body of the loop, and in the function.
        self.tail = tail
        self.depth = depth

    def inside(self, **changes):
        """The same with changes."""
        fields = dict(function=self.function, loop=self.loop, chain=self.chain, outer=self.outer,
                      tail=self.tail, depth=self.depth)
        fields.update(changes)
        return Around(**fields)


class _Function:
    """Facts about a function, or the module, as it is before anything is rewritten."""

    def __init__(self, body, module, is_function):
        self.foreign = declared(body, ast.Global)
        self.outer = declared(body, ast.Nonlocal)
        #: names of this function that functions in it assign
        self.shared = sorted({name for node in body for item in ast.walk(node)
                              if isinstance(item, ast.Nonlocal) for name in item.names}
                             - self.outer) if is_function else []
        # In a very long module it costs less to treat all names as needed.
        self.counts = reads(body) if is_function or len(body) < _LONG else None
        self.module = module or self
        self.is_function = is_function

    def live(self, names, node, again):
        """Which of these names may be read behind a statement."""
        if self.counts is None or self.module.counts is None and self.foreign:
            return set(names)
        inside = reads([node])
        found = {item for item in names if item in self.outer
                 or self.counts.get(item, 0) > inside.get(item, 0)
                 or item in self.foreign and self.module.counts.get(item, 0)
                 > inside.get(item, 0)}
        return found | (set(names) & exposed([node]) if again else set())


class _If:
    """A rewritten if that is being built."""

    def __init__(self, number, names):
        self.number = number
        self.names = names
        self.jumps = set()

    def part(self, letter):
        """The name of one of its variables."""
        return "%s%s%d" % (PREFIX, letter, self.number)


class _Loop:
    """A loop of the program."""

    def __init__(self, number=0, names=(), kind=None):
        self.number = number
        self.names = names
        self.kind = kind

    def variable(self):
        """The name of its object."""
        return "%sw%d" % (PREFIX, self.number)

    def active(self):
        """The name that tells whether a pass of `for` is that of a run-time loop."""
        return "%sa%d" % (PREFIX, self.number)


def _breaks(block):
    """Whether a condition that may be a run-time one leads to a break."""
    return any(isinstance(item, ast.If) and not plain(item.test) and any(
        isinstance(inner, ast.Break) for inner in ast.walk(item))
        for node in block for item in ast.walk(node))


def _ends(block):
    """Whether the end of a block is surely never reached."""
    if not block:
        return False
    last = block[-1]
    if isinstance(last, ast.If):
        return _ends(last.body) and _ends(last.orelse)
    return isinstance(last, _TERMINATES)


class Rewriter(Jumps):
    """Rewrites one file."""

    def __init__(self, tree, numbers, lines):
        self.numbers = numbers
        self.expressions = Expressions(numbers)
        self.module = _Function(tree.body, None, False)
        self.lines = lines
        self.functions_read, self.range = {}, True
        if lines.any:
            functions = []
            for node in ast.walk(tree):
                if isinstance(node, (ast.FunctionDef, ast.Lambda)):
                    functions.append(node)
                elif isinstance(node, ast.arg) and node.arg == "range" or isinstance(
                        node, ast.Name) and node.id == "range" and isinstance(node.ctx, ast.Store):
                    self.range = False
            self.functions_read = reads(functions)
        tree.body = self.block(tree.body, Around(self.module))

    # Blocks

    def block(self, body, around):
        """A list of statements."""
        result = []
        for index, node in enumerate(body):
            if not self.lines.need(node.lineno, node.end_lineno):
                result.append(node)
                continue
            rest = body[index + 1:]
            if rest and isinstance(node, ast.If) and not plain(node.test) \
                    and around.depth < _DEEPEST:
                # What follows a part that surely leaves belongs to the other part.
                if _ends(node.body) and not _ends(node.orelse):
                    node.orelse = node.orelse + rest
                    rest = []
                elif _ends(node.orelse) and not _ends(node.body):
                    node.body = node.body + rest
                    rest = []
            here = around if not rest else around.inside(tail=(False, False))
            made = self.statement(node, here)
            result += made if isinstance(made, list) else [made]
            if not rest:
                break
        return result

    def statement(self, node, around):
        """One statement, or a list of them."""
        method = getattr(self, "do_" + type(node).__name__, None)
        return self.other(node, around) if method is None else method(node, around)

    def other(self, node, around):
        """A statement without a rule of its own: its expressions and blocks."""
        for field, value in ast.iter_fields(node):
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                setattr(node, field, self.block(value, around.inside(
                    tail=(False, False), depth=around.depth + 1)))
            elif isinstance(value, list):
                setattr(node, field, [self.expressions.visit(item) if isinstance(item, ast.AST)
                                      else item for item in value])
            elif isinstance(value, ast.expr) and field != "annotation":
                setattr(node, field, self.expressions.visit(value))
        return node

    def do_FunctionDef(self, node, around):
        """A function has its own world."""
        if around is not None:
            node.decorator_list = [self.expressions.visit(item) for item in node.decorator_list]
        facts = _Function(node.body, self.module, True)
        node.body = self.block(node.body, Around(facts, tail=(False, True)))
        return node

    def do_AsyncFunctionDef(self, node, around):
        """Left alone."""
        return node

    def do_ClassDef(self, node, around):
        """Only its methods: what a class assigns becomes its attributes."""
        for item in node.body:
            if isinstance(item, ast.FunctionDef):
                self.do_FunctionDef(item, None)
        return node

    def do_Try(self, node, around):
        """A run-time branch must not be left by an exception that is caught."""
        number = self.numbers.next()
        variable = "%sd%d" % (PREFIX, number)
        inner = around.inside(tail=(False, False), depth=around.depth + 1)
        for handler in node.handlers:
            handler.body = statements("$caught(D)", handler, D=variable) \
                + self.block(handler.body, inner)
        node.body = self.block(node.body, inner)
        node.orelse = self.block(node.orelse, inner)
        node.finalbody = self.block(node.finalbody, inner.inside(depth=around.depth + 2))
        return statements("D = $depth()", node, D=variable) + [node]

    do_TryStar = do_Try

    # if

    def site(self, node, what, around, parts, **more):
        """Registers a statement; returns its number and the names that it assigns."""
        names = [item for item in assigned(parts) if not item.startswith(PREFIX)]
        facts = around.function
        names += [item for item in facts.shared if item not in names]
        again = around.loop is not None
        live = facts.live(names, node, again)
        if not facts.is_function:
            live |= set(names) & set(self.functions_read)
        SITES.append(Site(what, node.lineno, _shown(node), names, facts.foreign,
                          list(reads([node])), live, attributes=attributes(parts), **more))
        return len(SITES) - 1, names

    def do_If(self, node, around):
        """Python's if."""
        if plain(node.test) or around.depth >= _DEEPEST:
            node.test = self.expressions.visit(node.test)
            inner = around if around.depth >= _DEEPEST else around.inside(depth=around.depth)
            node.body = self.block(node.body, inner)
            node.orelse = self.block(node.orelse, inner)
            return node
        site, names = self.site(node, "this if", around, node.body + node.orelse)
        test = self.expressions.visit(node.test)
        helper = _If(self.numbers.next(), names)
        condition = expression("C.__class__ is not $bool", node, C=helper.part("c"))
        inner = around.inside(chain=around.chain + (helper,), outer=around.outer + (condition,),
                              depth=around.depth + 1)
        body = self.block(node.body, inner) or [place(ast.Pass(), node)]
        orelse = self.block(node.orelse, inner) or [place(ast.Pass(), node)]
        result = []
        if helper.jumps & {"break", "continue", "return"}:
            result += statements("F = 0", node, F=helper.part("f"))
        turn = assign(names, expression("$turn(C)", node, C=helper.part("c")), node)
        result += statements(
            "for C in ($YES if (T := A) is True else $NO if T is False else $branch(T, S) "
            "if $R[T.__class__] else $YES if T else $NO):\n"
            "    if C:\n        X\n    else:\n        Y\n"
            "    if C.__class__ is not $bool:\n        Z",
            node.test, C=helper.part("c"), T=helper.part("t"), A=test, S=site,
            X=body, Y=orelse, Z=[turn])
        return result + self.behind(helper, around, node)

    # Loops

    def do_While(self, node, around):
        """Python's while."""
        if isinstance(node.test, ast.Constant) and node.test.value and not node.orelse \
                and around.depth < _DEEPEST and _breaks(node.body):
            return self.forever(node, around)
        if plain(node.test) or node.orelse or around.depth >= _DEEPEST:
            node.test = self.expressions.visit(node.test)
            inner = around.inside(loop=_Loop(), chain=(), tail=(True, False),
                                  depth=around.depth + 1)
            node.body = self.block(node.body, inner)
            node.orelse = self.block(node.orelse, around.inside(tail=(False, False)))
            return node
        test = ast.Expr(node.test)
        site, names = self.site(node, "this while", around, [test] + node.body,
                                exposed=self.exposed([test] + node.body, around))
        loop = _Loop(self.numbers.next(), names, "while")
        again = self.expressions.visit(copy.deepcopy(node.test))
        condition = expression(ACTIVE["while"], node, L=loop.variable())
        body = self.block(node.body, around.inside(
            loop=loop, chain=(), outer=around.outer + (condition,), tail=(True, False),
            depth=around.depth + 1))
        values = {"L": loop.variable(), "M": "%sm%d" % (PREFIX, loop.number),
                  "T": "%st%d" % (PREFIX, loop.number), "I": "%si%d" % (PREFIX, loop.number)}
        first = [assign(names, expression("I", node, **values), node)] if names else []
        return statements(
            "L = None\n"
            "while True:\n"
            "    if L is not None:\n"
            "        if L.active:\n            Z\n"
            "        break\n"
            "    M = $mark()\n"
            "    T = A\n"
            "    if T is not True:\n"
            "        if $R[T.__class__]:\n"
            "            L, I = $start_while(M, T, S)\n"
            "            if L.active:\n                P\n                $test_while(L, B)\n"
            "            else:\n                T = L.goes_on\n                L = None\n"
            "                if not T:\n                    break\n"
            "        elif not T:\n            break\n"
            "    X",
            node, A=self.expressions.visit(node.test), B=again, S=site, P=first, X=body,
            Z=[assign(names, expression("$finish(L)", node, L=loop.variable()), node)], **values)

    def forever(self, node, around):
        """`while True`: its end is a break, whose condition may be a run-time one."""
        site, names = self.site(node, "this while", around, node.body,
                                exposed=self.exposed(node.body, around))
        loop = _Loop(self.numbers.next(), names, "forever")
        condition = expression(ACTIVE["forever"], node, L=loop.variable())
        body = self.block(node.body, around.inside(
            loop=loop, chain=(), outer=around.outer + (condition,), tail=(True, False),
            depth=around.depth + 2))
        values = {"L": loop.variable(), "I": "%si%d" % (PREFIX, loop.number)}
        first = [assign(names, expression("I", node, **values), node)] if names else []
        return statements(
            "L = $forever(S)\n"
            "while True:\n"
            "    if L.active:\n        Z\n        break\n"
            "    try:\n"
            "        I = $begin(L)\n"
            "        if L.active:\n            pass\n            P\n"
            "        X\n"
            "    except $again(L):\n        R", node, S=site, P=first, X=body,
            R=[assign(names, expression("$restored(L)", node, L=loop.variable()), node)],
            Z=[assign(names, expression("$finish(L)", node, L=loop.variable()), node)], **values)

    def exposed(self, nodes, around):
        """What passes may hand on; of global names also what functions of the program read."""
        return exposed(nodes) | (set() if around.function.is_function else
                                 set(self.functions_read))

    def do_For(self, node, around):
        """Python's for: over range() it may become a run-time loop."""
        call = node.iter
        node.iter = self.expressions.visit(node.iter)
        if not (self.range and isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
                and call.func.id == "range" and not call.keywords and not node.orelse
                and isinstance(node.target, ast.Name) and around.depth < _DEEPEST
                and not any(isinstance(item, ast.Starred) for item in call.args)):
            inner = around.inside(loop=_Loop(), chain=(), tail=(True, False),
                                  depth=around.depth + 1)
            node.body = self.block(node.body, inner)
            node.orelse = self.block(node.orelse, around.inside(tail=(False, False)))
            return node
        candidate, breaks = may_be_run_time(node), _breaks(node.body)
        site, names = self.site(node, "this for", around, [node],
                                exposed=self.exposed(node.body, around), target=node.target.id,
                                candidate=candidate, breaks=breaks)
        loop = _Loop(self.numbers.next(), names, "for")
        condition = expression("A", node, A=loop.active())
        body = self.block(node.body, around.inside(
            loop=loop, chain=(), outer=around.outer + (condition,), tail=(True, False),
            depth=around.depth + 2))
        values = {"L": loop.variable(), "I": node.target.id}
        call.func = place(name(PREFIX + "passes"), call.func)
        call.args.insert(0, place(ast.Constant(site), call))
        enter = assign(names, expression("$enter(L)", node, L=loop.variable()), node)
        finish = assign(names, expression("$finish(L)", node, L=loop.variable()), node)
        inner = statements(
            "if I.__class__ is $regint:\n    E\n    A = True\nB\nX\nif A:\n    Z", node, X=body,
            E=[enter], Z=[finish], A=loop.active(), B=statements(
                "if not A and L.__class__ is $Range:\n    $begin_pass(L)", node,
                A=loop.active(), **values) if breaks else [], **values)
        if candidate or breaks:
            restored = assign(names, expression("$restored(L)", node, L=loop.variable()), node)
            inner = statements("try:\n    X\nexcept $failed(L):\n    Y\n    A = False", node,
                               X=inner, Y=[restored], A=loop.active(), L=loop.variable())
        return statements("N = False\nfor I in (L := A):\n    X", node, A=call, X=inner,
                          N=loop.active(), **values)


def _shown(node):
    """A copy of what messages show of a statement, which is rewritten itself."""
    if not isinstance(node, (ast.If, ast.While)):
        return node
    short = isinstance(node, ast.If) and len(node.body) == 1 and len(node.orelse) < 2
    body, orelse = (node.body, node.orelse) if short else ([ast.Pass()], [])
    return copy.deepcopy(type(node)(test=node.test, body=body, orelse=orelse))
