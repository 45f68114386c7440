"""Bodies of loops and branches: how they are called, and what they assign to global names.

A body that declares a name ``global`` and assigns it changes, at run time, the register that the
name stood for before the body.
"""

from .errors import LanguageError, LanguageTypeError
from .values import Register, as_operand, convert

#: The flags of code that takes any number of arguments, CO_VARARGS and CO_VARKEYWORDS of `inspect`.
_VARIADIC = 0x04 | 0x08


def check_signature(body, count, what):
    """Refuses a body that cannot be called with `count` arguments."""
    if not callable(body):
        raise LanguageTypeError("E0212", "%s decorates a function, not %r" % (what, body))
    code = getattr(body, "__code__", None)
    if code is not None and code.co_argcount == count and not (
            code.co_flags & _VARIADIC or code.co_kwonlyargcount):
        return
    # It takes long to import, and is not needed for functions as they are usually written.
    import inspect

    try:
        inspect.signature(body).bind(*[None] * count)
    except TypeError:
        raise LanguageTypeError(
            "E0212", "the body of %s must take %d argument%s" % (what, count, "s" * (count != 1)),
            "write def _(%s):" % ", ".join("ijklmnopq"[:count])) from None
    except ValueError:
        pass


def namespace(body):
    """The dictionary of global names that a function sees."""
    for attribute in ("__func__", "func", "__wrapped__"):
        body = getattr(body, attribute, body)
    return getattr(body, "__globals__", {})


class Links:
    """Remembers which registers the global names stand for, to link them after the body."""

    def __init__(self, names):
        self.names = names
        self.before = [(name, value) for name, value in names.items()
                       if isinstance(value, Register)]

    def close(self):
        """Records the assignments that the body has made, and restores the names."""
        changed = []
        for name, old in self.before:
            new = self.names.get(name, old)
            if new is old:
                continue
            value = new if getattr(new, "fixed", False) else as_operand(new, old)
            if value is None:
                raise LanguageTypeError(
                    "E0201", "the global %r is a %s here, but a %s in the body of a branch or loop"
                    % (name, type(old).__name__, type(new).__name__),
                    "use another name inside the body")
            changed.append((name, old, value))
        olds = {id(old) for _, old, _ in changed}
        # All values are read before any is written: they may be exchanged for each other.
        values = [value.copy() if id(value) in olds else value for _, _, value in changed]
        for (name, old, _), value in zip(changed, values):
            old.update(convert(old.__class__, value, old.size))
            self.names[name] = old


def call_linked(body, *args):
    """Calls a body and links the global names it assigns; returns its result."""
    links = Links(namespace(body))
    result = body(*args)
    links.close()
    return result


class _LockedList(list):
    """A list of the program during a run-time branch."""

    def _refuse(self, *_, **__):
        raise LanguageError(
            "E0214", "a list of the program cannot change in a run-time branch: the change would "
            "happen while compiling, whatever the condition is", "use an Array or a MemValue")

    append = extend = insert = remove = pop = clear = sort = reverse = _refuse
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse


#: Longer lists are not worth the copy; they are data that programs read.
_LONGEST_LOCKED = 100000


def call_branch(body, what):
    """Calls the body of a branch: global names are linked, global lists are locked."""
    check_signature(body, 0, what)
    names = namespace(body)
    links = Links(names)
    locked = []
    for name, value in list(names.items()):
        if type(value) is list and len(value) <= _LONGEST_LOCKED:
            names[name] = guard = _LockedList(value)
            locked.append((name, value, guard))
    try:
        result = body()
    finally:
        for name, value, guard in locked:
            if names.get(name) is guard:
                names[name] = value
    if result is not None:
        raise LanguageError(
            "E0213", "the body of a branch returns a value, which cannot leave it",
            "use x.update(value) on a register that exists before the branch")
    links.close()
