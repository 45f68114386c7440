"""Rewrites conditional expressions, and, or, not and chained comparisons."""

import ast
import copy

from .state import SITES, Site
from .templates import PREFIX, expression, name, place

_ALWAYS_PLAIN = {"isinstance", "issubclass", "hasattr", "callable", "len", "bool", "any", "all",
                 "int", "str", "float", "type", "id", "repr", "ord"}
_PLAIN_COMPARISONS = (ast.Is, ast.IsNot, ast.In, ast.NotIn)

_AND = "(second($T, B) if ($begin_and($T, S) if $R[($T := A).__class__] else $T) else $T)"
_OR = "($T if ($begin_or($T, S) if $R[($T := A).__class__] else $T) else second($T, B))"
_NOT = "($negate($T, S) if $R[($T := A).__class__] else not $T)"
_CHOICE = "$select(($C := $F if ($T := A) is True else $E if $T is False else $choose($T, S)), " \
    "X if $C.first else None, Y if $C.second else None)"

#: Longer displays are data.
_LARGE = 1000


def plain(node):
    """Whether an expression surely has a value while the program is compiled."""
    if isinstance(node, (ast.Constant, ast.JoinedStr, ast.List, ast.Tuple, ast.Dict, ast.Set,
                         ast.Lambda, ast.ListComp)):
        return True
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in _ALWAYS_PLAIN
    if isinstance(node, ast.Compare):
        return all(isinstance(op, _PLAIN_COMPARISONS) for op in node.ops) or \
            all(plain(item) for item in [node.left] + node.comparators)
    if isinstance(node, ast.UnaryOp):
        return plain(node.operand)
    if isinstance(node, ast.BinOp):
        return plain(node.left) and plain(node.right)
    if isinstance(node, ast.BoolOp):
        return all(plain(item) for item in node.values)
    return False


class Numbers:
    """Numbers for the names that rewritten code uses."""

    def __init__(self):
        self.last = 0
        #: names that are assigned at the level of the module.
        self.used = []

    def next(self):
        """A number for one rewritten statement or expression."""
        self.last += 1
        return self.last


class Expressions(ast.NodeTransformer):
    """Rewrites the expressions below a node; statements below it are left alone."""

    def __init__(self, numbers):
        self.numbers = numbers

    def _parts(self, kind):
        return PREFIX + kind + str(self.numbers.next())

    @staticmethod
    def _site(node, what):
        SITES.append(Site(what, node.lineno, node))
        return len(SITES) - 1

    def visit(self, node):
        """Statements and large tables of data are not entered."""
        if isinstance(node, ast.stmt) or (isinstance(node, (ast.List, ast.Tuple))
                                          and len(node.elts) > _LARGE):
            return node
        return ast.NodeTransformer.visit(self, node)

    def visit_Lambda(self, node):
        """The body has its own names."""
        node.body = self.visit(node.body)
        return node

    def _comprehension(self, node):
        """Only the result: Python forbids := in what a comprehension loops over."""
        for field in ("elt", "key", "value"):
            if hasattr(node, field):
                setattr(node, field, self.visit(getattr(node, field)))
        return node

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension

    def visit_BoolOp(self, node):
        """a and b and …: two at a time."""
        if all(plain(value) for value in node.values[:-1]):
            return self.generic_visit(node)
        text = "and" if isinstance(node.op, ast.And) else "or"
        form = _AND if text == "and" else _OR
        site = self._site(copy.deepcopy(node), "`%s`" % text)
        return self._fold(node, form, [self.visit(value) for value in node.values], site)

    def _fold(self, node, form, values, site):
        res = values[0]
        for value in values[1:]:
            temp = self._parts("t")
            res = expression(form.replace("$T", "T").replace("second", "$second"), node,
                             T=temp, A=res, B=value, S=site)
        return res

    def visit_UnaryOp(self, node):
        """not a"""
        if not isinstance(node.op, ast.Not) or plain(node.operand):
            return self.generic_visit(node)
        site = self._site(copy.deepcopy(node), "`not`")
        return expression(_NOT.replace("$T", "T"), node, T=self._parts("t"),
                          A=self.visit(node.operand), S=site)

    def visit_IfExp(self, node):
        """a if c else b"""
        if plain(node.test):
            return self.generic_visit(node)
        site = self._site(copy.deepcopy(node), "the conditional expression")
        form = _CHOICE.replace("$T", "T").replace("$C", "C")
        return expression(form, node, T=self._parts("t"), C=self._parts("s"), S=site,
                          A=self.visit(node.test), X=self.visit(node.body),
                          Y=self.visit(node.orelse))

    def visit_Compare(self, node):
        """a < b < c is (a < b) and (b < c), with b evaluated once."""
        if len(node.ops) == 1 or all(isinstance(op, _PLAIN_COMPARISONS) for op in node.ops):
            return self.generic_visit(node)
        site = self._site(copy.deepcopy(node), "the chained comparison")
        left, terms = node.left, []
        for op, right in zip(node.ops, node.comparators):
            following = right
            if right is not node.comparators[-1] and not isinstance(right, (ast.Name,
                                                                            ast.Constant)):
                temp = self._parts("t")
                right = place(ast.NamedExpr(place(name(temp, True), right), right), right)
                following = place(name(temp), following)
            terms.append(place(ast.Compare(left, [op], [right]), node))
            left = following
        return self._fold(node, _AND, [self.visit(term) for term in terms], site)
