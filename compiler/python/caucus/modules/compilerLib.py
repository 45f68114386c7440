"""Programs that are Python scripts: they register a function and have it compiled.

The script is run by the compiler like every program; the registered function is called where the
script asks for its compilation.
"""

import optparse
from types import SimpleNamespace

from ..errors import LanguageError, LanguageTypeError, LanguageValueError
from ..program import Program


class _Parser(optparse.OptionParser):
    """Options of the script, among the arguments of the program."""

    def error(self, msg):
        """A wrong option is a mistake in the use of the program."""
        raise LanguageValueError("E0219", "arguments of the program: %s" % msg)

    def exit(self, status=0, msg=None):
        """Instead of the end of the process."""
        raise LanguageValueError("E0219", msg or "the program's options were asked for")


class Compiler:
    """What scripts make one of."""

    def __init__(self, custom_args=None, usage=None, execute=False, split_args=False):
        self.custom_args = custom_args
        self.parser = _Parser(usage=usage, add_help_option=False)
        self.options, self.args = SimpleNamespace(), list(Program.current.args)
        self.compile_name = self.compile_function = None

    @property
    def prog(self):
        """The compilation in progress."""
        return Program.current

    def parse_args(self):
        """Reads the program's arguments."""
        given = self.custom_args if self.custom_args is not None else Program.current.args[1:]
        self.options, rest = self.parser.parse_args([str(arg) for arg in given])
        self.args = [Program.current.args[0]] + rest

    def register_function(self, name=None):
        """@compiler.register_function(name): the function that compile_func() compiles."""
        def decorator(function):
            if not callable(function):
                raise LanguageTypeError("E0212", "register_function() decorates a function, not %s"
                                        % type(function).__name__)
            self.compile_name, self.compile_function = name or function.__name__, function
            return function
        return decorator

    def compile_func(self):
        """Compiles the registered function."""
        if self.compile_function is None:
            raise LanguageError("E0219", "no function is registered",
                                "mark one with @compiler.register_function('name')")
        self.compile_function()
        return Program.current

    def prep_compile(self, *_, **__):
        """Nothing: the compilation is prepared already."""

    finalize_compile = prep_compile
