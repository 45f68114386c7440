"""Names of the language that do not work yet: using one is a clear error."""

from .errors import not_yet

#: Types, by name.
TYPES = """sfloat cfloat sgf2n cgf2n squant""".split()

#: Functions and decorators, by name.
FUNCTIONS = """start stop vopen gopen vgopen
ginput approximate_reciprocal AppRcr""".split()

#: Modules that programs import.
MODULES = """ml
decision_tree instructions circuit_oram group_ops
allocator program papers""".split()


class _NotYetMeta(type):
    """Any use of such a class is refused; it may be named, as in isinstance()."""

    def __call__(cls, *_, **__):
        raise not_yet("%s is" % cls.__name__)

    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise not_yet("%s (here %s.%s) is" % (cls.__name__, cls.__name__, name))

    def __setattr__(cls, name, value):
        raise not_yet("%s (here %s.%s) is" % (cls.__name__, cls.__name__, name))

    def __getitem__(cls, index):
        raise not_yet("%s is" % cls.__name__)

    def _operator(cls, other):
        raise not_yet("%s is" % cls.__name__)

    __add__ = __sub__ = __mul__ = __radd__ = __rsub__ = __rmul__ = _operator


def placeholder(name):
    """The object that a program finds under a name that does not work yet."""
    return _NotYetMeta(name, (), {"__module__": "caucus"})


def placeholders():
    """All of them, by name."""
    return {name: placeholder(name) for name in TYPES + FUNCTIONS}
