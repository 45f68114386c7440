"""Stable matching of secret preferences.

Made by editor/generate.py from the front end.
"""

import typing as _t

class Matchmaker:
    """Matches n proposers with n others."""
    def __init__(self, N: _t.Any, oram_type: _t.Any = ..., int_type: _t.Any = ...) -> _t.Any: ...
    def init_easy(self) -> _t.Any:
        """Preferences with which everyone gets whom it likes best."""
    def init_hard(self) -> _t.Any:
        """Preferences with as many proposals as there can be: n^2 - n + 1."""
    def init_random(self) -> _t.Any:
        """Preferences that are drawn at run time, and that nobody knows."""
    def match(self, n_loops: _t.Any = ...) -> _t.Any:
        """Matches all; with fewer passes than n^2 - n + 1 perhaps not all."""
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...
