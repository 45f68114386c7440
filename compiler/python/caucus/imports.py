"""Modules of the language under both spellings: ``from Compiler import util``, ``import util``."""

import importlib
import importlib.machinery
import sys
import types

from . import later
from .errors import LanguageImportError
from .flow.install import module_of_program

PREFIX = "Compiler"

#: Modules of the package that programs import, each read when it is needed first.
LIBRARY = """util mpc_math comparison floatingpoint sorting permutation oram sqrt_oram path_oram
path_oblivious_heap dijkstra gs circuit compilerLib""".split()


class _Loader:
    """As `importlib.abc.Loader` wants it, which takes long to import."""

    def __init__(self, module):
        self.module = module

    def create_module(self, spec):
        return self.module

    def exec_module(self, module):
        """Nothing: the module is ready."""


class Finder:
    """Finds the modules of the language."""

    def __init__(self, names):
        self.ready = {
            "types": _module("types", names),
            "library": _module("library", names),
            "instructions": _module("instructions", names),
        }
        package = types.ModuleType(PREFIX, "The modules of the language.")
        package.__path__ = []
        for name, module in self.ready.items():
            setattr(package, name, module)
        package.__getattr__ = self._attribute
        self.package = package
        self.binary = types.ModuleType(PREFIX + ".GC", "The types of secret bits.")
        self.binary.__path__ = []
        self.binary.types = _module("GC.types", names)

    @staticmethod
    def module(name):
        """A module of the library."""
        return importlib.import_module("caucus.modules." + name)

    def _attribute(self, name):
        """A module of the library as an attribute of the package."""
        if name in LIBRARY:
            return self.module(name)
        raise AttributeError("module %r has no attribute %r" % (PREFIX, name))

    def find_spec(self, fullname, path=None, target=None):
        """Ours, or None for every other module."""
        if fullname == PREFIX:
            return _spec(fullname, self.package)
        if fullname in (PREFIX + ".GC", PREFIX + ".GC.types"):
            return _spec(fullname, self.binary if fullname.endswith("GC") else self.binary.types)
        head, _, name = fullname.rpartition(".")
        if head not in ("", PREFIX):
            return module_of_program(fullname, path)
        if name in self.ready and head:
            return _spec(fullname, self.ready[name])
        if name in LIBRARY:
            return _spec(fullname, self.module(name))
        if name in later.MODULES:
            raise LanguageImportError(
                "E0210", "the module %s is not available yet in this version" % name)
        return module_of_program(fullname, path)


def _spec(fullname, module):
    spec = importlib.machinery.ModuleSpec(fullname, _Loader(module))
    if hasattr(module, "__path__"):
        spec.submodule_search_locations = []
    return spec


def _module(name, names):
    module = types.ModuleType("%s.%s" % (PREFIX, name), "Names of the language.")
    module.__dict__.update(names)
    return module


def install(names):
    """Makes the modules importable; for the process."""
    for finder in [finder for finder in sys.meta_path if isinstance(finder, Finder)]:
        sys.meta_path.remove(finder)
    for name in [name for name in sys.modules
                 if name.split(".")[0] == PREFIX or name in LIBRARY]:
        del sys.modules[name]
    sys.meta_path.insert(0, Finder(names))
