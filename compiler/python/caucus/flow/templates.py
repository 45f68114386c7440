"""Pieces of code that the rewriter puts around a program's statements."""

import ast
import copy

#: Names in rewritten code begin with this.
PREFIX = "_caucus_"

_parsed = {}


def name(text, store=False):
    """A name as an expression or target."""
    return ast.Name(text, ast.Store() if store else ast.Load())


class _Fill(ast.NodeTransformer):
    def __init__(self, values, reference):
        self.values = values
        self.reference = reference

    def visit(self, node):
        """Replaces placeholders; everything else gets the reference's place in the source."""
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Name) \
                and isinstance(self.values.get(node.value.id), list):
            return self.values[node.value.id]
        if isinstance(node, ast.Name) and node.id in self.values:
            value = self.values[node.id]
            if isinstance(value, str):
                return place(name(value, isinstance(node.ctx, ast.Store)), self.reference)
            if isinstance(value, int):
                return place(ast.Constant(value), self.reference)
            return value
        node = self.generic_visit(node)
        return place(node, self.reference)


def place(node, reference):
    """Gives a node the place of another in the source."""
    if "lineno" in node._attributes:
        ast.copy_location(node, reference)
    return node


def statements(text, reference, **values):
    """Statements from a text, with placeholders filled: names, numbers, nodes, lists of statements.

    PREFIX is put before names that begin with a dollar sign.
    """
    if text not in _parsed:
        _parsed[text] = ast.parse(text.replace("$", PREFIX))
    tree = copy.deepcopy(_parsed[text])
    return _Fill(values, reference).visit(tree).body


def expression(text, reference, **values):
    """The same for one expression."""
    return statements(text, reference, **values)[0].value


def targets(names, reference):
    """A tuple of names as target of an assignment."""
    items = [place(name(item, True), reference) for item in names]
    return place(ast.Tuple(items, ast.Store()), reference)


def assign(names, call, reference):
    """`(a, b) = call`, or the call alone."""
    if not names:
        return place(ast.Expr(call), reference)
    return place(ast.Assign([targets(names, reference)], call, lineno=0), reference)
