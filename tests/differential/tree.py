"""Programs as trees of lines and bodies."""


class Var:
    """A name of the program."""

    def __init__(self, name, kind, letter, size=1, columns=0, span=None, frozen=False):
        self.name = name
        #: reg, array, matrix, cell
        self.kind = kind
        self.letter = letter
        self.size = size
        self.columns = columns
        #: The smallest and largest value of an index.
        self.span = span
        #: Must not be written.
        self.frozen = frozen
        #: Module-level names can be assigned with `global`.
        self.top = False
        #: Array of indices below this number.
        self.below = 0


class Line:
    """A statement."""

    def __init__(self, text):
        self.text = text

    def render(self, indent, out):
        """Adds the lines of text."""
        out.append("    " * indent + self.text)


class Body:
    """One or more decorated functions that belong together."""

    def __init__(self):
        #: (decorator, parameters, statements, global names, last line)
        self.parts = []

    def render(self, indent, out):
        """Adds the lines of text."""
        pad = "    " * indent
        for head, params, statements, names, tail in self.parts:
            out.append(pad + head)
            out.append(pad + "def _(%s):" % params)
            if names:
                out.append(pad + "    global " + ", ".join(sorted(names)))
            for statement in statements:
                statement.render(indent + 1, out)
            if tail:
                out.append(pad + "    " + tail)
            if not (statements or tail):
                out.append(pad + "    pass")


class Group:
    """Statements that belong together."""

    def __init__(self, nodes):
        self.nodes = nodes

    def render(self, indent, out):
        """Adds the lines of text."""
        for node in self.nodes:
            node.render(indent, out)


def render(statements):
    """The text of a program."""
    out = []
    for statement in statements:
        statement.render(0, out)
    return "\n".join(out) + "\n"
