"""Memories with secret addresses.

Made by editor/generate.py from the front end.
"""

import typing as _t

class LinearORAM:
    """Every access computes with all entries: as many products, in about 7 rounds."""
    def __getitem__(self, index: _t.Any) -> _t.Any: ...
    def __init__(self, size: _t.Any, value_type: _t.Any = ..., value_length: _t.Any = ..., index_size: _t.Any = ..., entry_size: _t.Any = ..., init_rounds: _t.Any = ..., **options: _t.Any) -> _t.Any: ...
    def __len__(self) -> int: ...
    def __setitem__(self, index: _t.Any, value: _t.Any) -> None: ...
    def access(self, index: _t.Any, values: _t.Any, write: _t.Any = ...) -> _t.Any:
        """The entry at a secret place, which is replaced if the secret bit `write` is 1."""
    def batch_init(self, values: _t.Any) -> _t.Any:
        """Replaces all entries; a vector or container holds them one after the other."""
    def read(self, index: _t.Any) -> _t.Any:
        """The entry at a secret place."""
    def write(self, index: _t.Any, values: _t.Any) -> _t.Any:
        """Replaces the entry at a secret place."""
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...

class Memory:
    """What all memories have in common; an entry is one value, or as many as `entry_size` names."""
    def __getitem__(self, index: _t.Any) -> _t.Any: ...
    def __init__(self, size: _t.Any, value_type: _t.Any = ..., value_length: _t.Any = ..., index_size: _t.Any = ..., entry_size: _t.Any = ..., init_rounds: _t.Any = ..., **options: _t.Any) -> _t.Any: ...
    def __len__(self) -> int: ...
    def __setitem__(self, index: _t.Any, value: _t.Any) -> None: ...
    def access(self, index: _t.Any, values: _t.Any, write: _t.Any = ...) -> _t.Any:
        """The entry at a secret place, which is replaced if the secret bit `write` is 1."""
    def batch_init(self, values: _t.Any) -> _t.Any:
        """Replaces all entries; a vector or container holds them one after the other."""
    def read(self, index: _t.Any) -> _t.Any:
        """The entry at a secret place."""
    def write(self, index: _t.Any, values: _t.Any) -> _t.Any:
        """Replaces the entry at a secret place."""
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...

def OptimalORAM(size: _t.Any, value_type: _t.Any = ..., *args: _t.Any, **kwargs: _t.Any) -> _t.Any:
    """The memory that is the cheaper one for this size."""

class RecursiveORAM:
    """The same under another name: the leaves of many entries are in such a memory, too."""
    def __getitem__(self, index: _t.Any) -> _t.Any: ...
    def __init__(self, size: _t.Any, value_type: _t.Any = ..., value_length: _t.Any = ..., index_size: _t.Any = ..., entry_size: _t.Any = ..., init_rounds: _t.Any = ..., **options: _t.Any) -> _t.Any: ...
    def __len__(self) -> int: ...
    def __setitem__(self, index: _t.Any, value: _t.Any) -> None: ...
    def access(self, index: _t.Any, values: _t.Any, write: _t.Any = ...) -> _t.Any:
        """The entry at a secret place, which is replaced if the secret bit `write` is 1."""
    def batch_init(self, values: _t.Any) -> _t.Any:
        """Replaces all entries; a vector or container holds them one after the other."""
    def read(self, index: _t.Any) -> _t.Any:
        """The entry at a secret place."""
    def write(self, index: _t.Any, values: _t.Any) -> _t.Any:
        """Replaces the entry at a secret place."""
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...

def SqrtORAM(data: _t.Any, entry_length: _t.Any = ..., value_type: _t.Any = ..., k: _t.Any = ..., period: _t.Any = ...) -> _t.Any:
    """A square-root memory with the contents of an array, or of a matrix by rows; or of a size."""

def SqrtOram(data: _t.Any, entry_length: _t.Any = ..., value_type: _t.Any = ..., k: _t.Any = ..., period: _t.Any = ...) -> _t.Any:
    """A square-root memory with the contents of an array, or of a matrix by rows; or of a size."""

class SquareRootORAM:
    """Entries are shuffled and found by their position, which is opened: each once only."""
    def __getitem__(self, index: _t.Any) -> _t.Any: ...
    def __init__(self, size: _t.Any, value_type: _t.Any = ..., value_length: _t.Any = ..., index_size: _t.Any = ..., entry_size: _t.Any = ..., init_rounds: _t.Any = ..., **options: _t.Any) -> _t.Any: ...
    def __len__(self) -> int: ...
    def __setitem__(self, index: _t.Any, value: _t.Any) -> None: ...
    def access(self, index: _t.Any, values: _t.Any, write: _t.Any = ...) -> _t.Any:
        """The entry at a secret place, which is replaced if the secret bit `write` is 1."""
    def batch_init(self, values: _t.Any) -> _t.Any:
        """Replaces all entries; a vector or container holds them one after the other."""
    def read(self, index: _t.Any) -> _t.Any:
        """The entry at a secret place."""
    def write(self, index: _t.Any, values: _t.Any) -> _t.Any:
        """Replaces the entry at a secret place."""
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...

class TreeORAM:
    """Every entry is on the path from the root to a leaf that was drawn at its last access."""
    def __getitem__(self, index: _t.Any) -> _t.Any: ...
    def __init__(self, size: _t.Any, value_type: _t.Any = ..., value_length: _t.Any = ..., index_size: _t.Any = ..., entry_size: _t.Any = ..., init_rounds: _t.Any = ..., **options: _t.Any) -> _t.Any: ...
    def __len__(self) -> int: ...
    def __setitem__(self, index: _t.Any, value: _t.Any) -> None: ...
    def access(self, index: _t.Any, values: _t.Any, write: _t.Any = ...) -> _t.Any:
        """The entry at a secret place, which is replaced if the secret bit `write` is 1."""
    def batch_init(self, values: _t.Any) -> _t.Any:
        """Replaces all entries; a vector or container holds them one after the other."""
    def read(self, index: _t.Any) -> _t.Any:
        """The entry at a secret place."""
    def write(self, index: _t.Any, values: _t.Any) -> _t.Any:
        """Replaces the entry at a secret place."""
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...

class TrivialORAM:
    """The same under another name."""
    def __getitem__(self, index: _t.Any) -> _t.Any: ...
    def __init__(self, size: _t.Any, value_type: _t.Any = ..., value_length: _t.Any = ..., index_size: _t.Any = ..., entry_size: _t.Any = ..., init_rounds: _t.Any = ..., **options: _t.Any) -> _t.Any: ...
    def __len__(self) -> int: ...
    def __setitem__(self, index: _t.Any, value: _t.Any) -> None: ...
    def access(self, index: _t.Any, values: _t.Any, write: _t.Any = ...) -> _t.Any:
        """The entry at a secret place, which is replaced if the secret bit `write` is 1."""
    def batch_init(self, values: _t.Any) -> _t.Any:
        """Replaces all entries; a vector or container holds them one after the other."""
    def read(self, index: _t.Any) -> _t.Any:
        """The entry at a secret place."""
    def write(self, index: _t.Any, values: _t.Any) -> _t.Any:
        """Replaces the entry at a secret place."""
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...

def demux(bits: _t.Any) -> _t.Any:
    """A vector with 1 at the place whose number has these bits, lowest first."""

def one_hot(index: _t.Any, size: _t.Any) -> _t.Any:
    """A vector of `size` elements: 1 at the place `index`, a secret, and 0 elsewhere."""
