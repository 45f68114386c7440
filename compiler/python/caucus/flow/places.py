"""Objects that a run-time branch or loop may change: attributes, lists, dictionaries.

Their contents change while the program is compiled, whatever the condition will be. So they are
compared with what they were: what can become a register does, everything else is refused.
"""

import types
from operator import is_

from ..errors import LanguageError
from ..values import Register
from .merging import MISSING, same
from .templates import PREFIX

#: Longer lists are compared, but what they hold is not looked into.
_LONGEST = 1000
#: Not more objects than this are looked into.
_MOST = 20000

#: Python's mark of classes that were made at run time.
_HEAP = 1 << 9

_CONTAINERS = (list, dict, set, bytearray)
_NEVER = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, type, Register)


def _of_program(value):
    """Whether a value is an object of one of the program's own classes."""
    if isinstance(value, _NEVER) or not isinstance(getattr(value, "__dict__", None), dict):
        return False
    module = type(value).__module__ or ""
    return module.split(".")[0] not in ("caucus", "Compiler", "builtins")


class _Place:
    """One object, with its contents at the beginning."""

    def __init__(self, name, holder):
        self.name = name
        self.holder = holder
        self.before = holder.copy()

    def changes(self):
        """The keys whose values differ now, with the values; None if it cannot be told."""
        now, before = self.holder, self.before
        if isinstance(now, list):
            if len(now) != len(before):
                return None
            return {key: now[key] for key in range(len(now)) if now[key] is not before[key]
                    and not same(now[key], before[key])}
        if isinstance(now, dict):
            keys = list(before) + [key for key in now if key not in before]
            found = {key: now.get(key, MISSING) for key in keys}
            return {key: value for key, value in found.items()
                    if not same(value, before.get(key, MISSING))}
        return {} if now == before else None

    def restore(self):
        """Puts the contents back."""
        if isinstance(self.holder, (dict, set)):
            self.holder.clear()
            self.holder.update(self.before)
        else:
            self.holder[:] = self.before

    def old(self, key):
        """The value of a key at the beginning."""
        return self.before.get(key, MISSING) if isinstance(self.before, dict) else self.before[key]


class _Names(_Place):
    """Global names, which functions of the program may assign."""

    def __init__(self, space, own):
        self.own = set(own)
        _Place.__init__(self, "", space)

    def changes(self):
        """The names that stand for something else, except those that the statement assigns."""
        now, before = self.holder, self.before
        if len(now) == len(before) and all(map(is_, now.values(), before.values())):
            return {}
        found = {}
        for name, value in now.items():
            if value is not before.get(name, MISSING) and name not in self.own \
                    and name[:len(PREFIX)] != PREFIX and not same(value, before.get(name, MISSING)):
                found[name] = value
        return found

    def restore(self):
        """Puts the names back."""
        for name in self.changes():
            if name in self.before:
                self.holder[name] = self.before[name]
            else:
                del self.holder[name]


class _Class(_Place):
    """A class of the program, whose attributes must stay."""

    def __init__(self, name, holder):
        self.name = name
        self.holder = holder
        self.before = dict(vars(holder))

    def changes(self):
        """Nothing, or that something has changed."""
        now = vars(self.holder)
        fixed = len(now) == len(self.before) and all(
            now.get(key, MISSING) is value for key, value in self.before.items())
        return {} if fixed else None

    def restore(self):
        """Puts the attributes back."""
        for key, value in list(vars(self.holder).items()):
            if key not in self.before:
                delattr(self.holder, key)
            elif self.before[key] is not value:
                setattr(self.holder, key, self.before[key])


class Places:
    """All objects that can be reached from some names, and the global names."""

    def __init__(self, names, spaces=(), longest=None):
        #: containers beyond this length are left out, and whether there was one
        self.longest = longest
        self.partial = False
        self.places = [_Names(space, own) for space, own in spaces]
        self._seen = set()
        for name, value in names:
            self._add(name, value)

    def _add(self, name, value):
        if len(self._seen) > _MOST or id(value) in self._seen:
            return
        if isinstance(value, _CONTAINERS):
            self._seen.add(id(value))
            if self.longest is not None and len(value) > self.longest:
                self.partial = True
                return
            self.places.append(_Place(name, value))
            inner = value if isinstance(value, list) else \
                list(value.values()) if isinstance(value, dict) else ()
            if len(inner) <= _LONGEST:
                for item in inner:
                    if isinstance(item, _CONTAINERS + (tuple,)) or hasattr(item, "__dict__"):
                        self._add(name, item)
        elif type(value) is tuple:
            for item in value[:_LONGEST]:
                self._add(name, item)
        elif isinstance(value, type):
            if value.__module__ == "__main__" and value.__flags__ & _HEAP:
                self._seen.add(id(value))
                self.places.append(_Class(name, value))
        elif _of_program(value):
            self._seen.add(id(value))
            self._add(type(value).__name__, type(value))
            self._seen.add(id(value.__dict__))
            self.places.append(_Place("." + name, value.__dict__))
            for key, item in list(value.__dict__.items()):
                self._add("%s.%s" % (name, key), item)

    def collect(self):
        """What has changed since the beginning, for each place; the objects are restored."""
        found = []
        for place in self.places:
            changes = place.changes()
            if changes is None:
                raise LanguageError(
                    "E0214", "the list, set or dictionary %s changes in a run-time branch or "
                    "loop: the change would happen while compiling, whatever the condition is"
                    % place.name.lstrip("."), "use an Array or a MemValue")
            if changes:
                place.restore()
            found.append(changes)
        return found

    def restore(self):
        """Puts all contents back."""
        for place in self.places:
            if place.changes() != {}:
                place.restore()

    def merged(self, first, second, merge):
        """Sets the entries that one of the ways has changed."""
        for place, one, two in zip(self.places, first, second):
            for key in list(one) + [key for key in two if key not in one]:
                old = place.old(key)
                value = merge.value(self._title(place, key), old,
                                    one.get(key, old), two.get(key, old))
                if value is not MISSING:
                    place.holder[key] = value

    @staticmethod
    def _title(place, key):
        if isinstance(place, _Names):
            return key
        if place.name[:1] == ".":
            return "%s.%s" % (place.name[1:], key)
        return "%s[%r]" % (place.name, key)
