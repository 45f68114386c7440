"""Programs that are Python scripts: they register a function and have it compiled.

Made by editor/generate.py from the front end.
"""

import typing as _t

class Compiler:
    """What scripts make one of."""
    def __init__(self, custom_args: _t.Any = ..., usage: _t.Any = ..., execute: _t.Any = ..., split_args: _t.Any = ...) -> _t.Any: ...
    def compile_func(self) -> _t.Any:
        """Compiles the registered function."""
    def finalize_compile(self, *_: _t.Any, **__: _t.Any) -> _t.Any:
        """Nothing: the compilation is prepared already."""
    def parse_args(self) -> _t.Any:
        """Reads the program's arguments."""
    def prep_compile(self, *_: _t.Any, **__: _t.Any) -> _t.Any:
        """Nothing: the compilation is prepared already."""
    @property
    def prog(self) -> _t.Any:
        """The compilation in progress."""
    def register_function(self, name: _t.Any = ...) -> _t.Any:
        """@compiler.register_function(name): the function that compile_func() compiles."""
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...
