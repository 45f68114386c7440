"""Names in a piece of a program: what it reads, what it assigns, what it reads before it assigns.

All answers err on the safe side: a name that may be read counts as read.
"""

import ast

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def reads(nodes):
    """How often each name is read, in nested functions as well."""
    counts = {}
    for node in nodes:
        for item in ast.walk(node):
            if isinstance(item, ast.Name) and isinstance(item.ctx, (ast.Load, ast.Del)):
                counts[item.id] = counts.get(item.id, 0) + 1
            elif isinstance(item, ast.AugAssign) and isinstance(item.target, ast.Name):
                counts[item.target.id] = counts.get(item.target.id, 0) + 1
            elif isinstance(item, (ast.Global, ast.Nonlocal)):
                for name in item.names:
                    counts[name] = counts.get(name, 0) + 1
    return counts


def assigned(nodes):
    """The names that statements assign in their own scope, in the order of the text."""
    found = {}

    def visit(node):
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, (ast.Store, ast.Del)):
                found[node.id] = True
            return
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found[node.name] = True
            for item in node.decorator_list:
                visit(item)
            return
        if isinstance(node, ast.Lambda):
            return
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                if alias.name != "*":
                    found[alias.asname or alias.name.split(".")[0]] = True
            return
        if isinstance(node, ast.ExceptHandler) and node.name:
            found[node.name] = True
        if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            # Its own names stay inside, but := reaches the scope around.
            for item in ast.walk(node):
                if isinstance(item, ast.NamedExpr):
                    found[item.target.id] = True
            return
        for child in ast.iter_child_nodes(node):
            visit(child)
    for node in nodes:
        visit(node)
    return list(found)


def declared(body, kind):
    """The names that the statements of a function declare global or nonlocal."""
    found = set()

    def visit(block):
        for node in block:
            if isinstance(node, kind):
                found.update(node.names)
            elif not isinstance(node, _FUNCTIONS + (ast.ClassDef,)):
                for part in ("body", "orelse", "finalbody"):
                    visit(getattr(node, part, ()))
                for part in getattr(node, "handlers", ()):
                    visit(part.body)
    visit(body)
    return found


def attributes(nodes):
    """The names of attributes that are assigned anywhere in these statements."""
    return {item.attr for node in nodes for item in ast.walk(node)
            if isinstance(item, ast.Attribute) and isinstance(item.ctx, ast.Store)}


class Exposed(ast.NodeVisitor):
    """Collects in `names` what statements may read before they have assigned it."""

    def __init__(self):
        self.names = set()
        self.written = set()

    def run(self, statements):
        """Statements one after the other."""
        for statement in statements:
            self.visit(statement)

    def _apart(self, *blocks):
        """Alternatives: what all of them assign is assigned."""
        before, after = self.written, []
        for block in blocks:
            self.written = set(before)
            self.run(block)
            after.append(self.written)
        self.written = set.intersection(*after)

    def _perhaps(self, *blocks):
        """Statements that may not run."""
        before = self.written
        for block in blocks:
            self.written = set(before)
            self.run(block)
        self.written = before

    def visit_Name(self, node):
        """A use."""
        if isinstance(node.ctx, ast.Store):
            self.written.add(node.id)
        elif node.id not in self.written:
            self.names.add(node.id)

    def visit_Assign(self, node):
        """The value comes first."""
        self.visit(node.value)
        self.run(node.targets)

    def visit_AnnAssign(self, node):
        """The same with a type."""
        if node.value is not None:
            self.visit(node.value)
            self.visit(node.target)

    def visit_AugAssign(self, node):
        """Reads its target."""
        if isinstance(node.target, ast.Name) and node.target.id not in self.written:
            self.names.add(node.target.id)
        self.visit(node.value)
        self.visit(node.target)

    def visit_NamedExpr(self, node):
        """The value comes first."""
        self.visit(node.value)
        self.visit(node.target)

    def visit_If(self, node):
        """Two ways."""
        self.visit(node.test)
        self._apart(node.body, node.orelse)

    def visit_IfExp(self, node):
        """Two ways."""
        self.visit(node.test)
        self._apart([node.body], [node.orelse])

    def visit_BoolOp(self, node):
        """What follows the first term may not run."""
        self.visit(node.values[0])
        self._perhaps(node.values[1:])

    def visit_While(self, node):
        """The body may not run."""
        self.visit(node.test)
        self._perhaps(node.body, node.orelse)

    def visit_For(self, node):
        """The body may not run."""
        self.visit(node.iter)
        self._perhaps([node.target] + node.body, node.orelse)

    def visit_Try(self, node):
        """Any part may not run to its end."""
        self._perhaps(node.body, *[handler.body for handler in node.handlers])
        self._perhaps(node.orelse)
        self.run(node.finalbody)

    def visit_With(self, node):
        """The body runs."""
        for item in node.items:
            self.visit(item)
        self.run(node.body)

    def _inner(self, node):
        """A function reads names when it is called, or never."""
        for name in reads([node]):
            if name not in self.written:
                self.names.add(name)

    def visit_FunctionDef(self, node):
        """A function of the program."""
        self._inner(node)
        self.written.add(node.name)

    visit_AsyncFunctionDef = visit_ClassDef = visit_FunctionDef
    visit_Lambda = visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _inner


def exposed(statements):
    """The names that these statements may read before they have assigned them."""
    found = Exposed()
    found.run(statements)
    return found.names
