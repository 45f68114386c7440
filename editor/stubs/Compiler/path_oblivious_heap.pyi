"""Priority queues of secrets: which entries they have, and which one is taken, stays secret.

Made by editor/generate.py from the front end.
"""

import typing as _t

class POHeap:
    """Entries of a key and a value; those with the least keys come first."""
    def __init__(self, capacity: _t.Any, security: _t.Any = ..., entry_size: _t.Any = ..., value_type: _t.Any = ..., **_: _t.Any) -> _t.Any: ...
    def extract_min(self, fake: _t.Any = ...) -> _t.Any:
        """Takes the value with the least key away."""
    def find_min(self, fake: _t.Any = ...) -> _t.Any:
        """The value with the least key, which stays."""
    def insert(self, value: _t.Any, key: _t.Any, fake: _t.Any = ...) -> _t.Any:
        """Adds an entry."""
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...

def POSort(keys: _t.Any, values: _t.Any, key_length: _t.Any, value_length: _t.Any, **_: _t.Any) -> _t.Any:
    """Sorts values in place in the order of keys that are not negative, with a heap."""

class PathObliviousHeap:
    """Entries of a key and a value; those with the least keys come first."""
    def __init__(self, capacity: _t.Any, security: _t.Any = ..., entry_size: _t.Any = ..., value_type: _t.Any = ..., **_: _t.Any) -> _t.Any: ...
    def extract_min(self, fake: _t.Any = ...) -> _t.Any:
        """Takes the value with the least key away."""
    def find_min(self, fake: _t.Any = ...) -> _t.Any:
        """The value with the least key, which stays."""
    def insert(self, value: _t.Any, key: _t.Any, fake: _t.Any = ...) -> _t.Any:
        """Adds an entry."""
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...

class UniquePOHeap:
    """A heap with each value once, whose key can change."""
    def __init__(self, capacity: _t.Any, security: _t.Any = ..., entry_size: _t.Any = ..., value_type: _t.Any = ..., **_: _t.Any) -> _t.Any: ...
    def extract_min(self, fake: _t.Any = ...) -> _t.Any:
        """Takes the value with the least key away."""
    def find_min(self, fake: _t.Any = ...) -> _t.Any:
        """The value with the least key, which stays."""
    def insert(self, value: _t.Any, key: _t.Any, fake: _t.Any = ...) -> _t.Any:
        """Changes the key of a value, or adds it with this key."""
    def update(self, value: _t.Any, key: _t.Any, fake: _t.Any = ...) -> _t.Any:
        """Changes the key of a value, or adds it with this key."""
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...

class UniquePathObliviousHeap:
    """A heap with each value once, whose key can change."""
    def __init__(self, capacity: _t.Any, security: _t.Any = ..., entry_size: _t.Any = ..., value_type: _t.Any = ..., **_: _t.Any) -> _t.Any: ...
    def extract_min(self, fake: _t.Any = ...) -> _t.Any:
        """Takes the value with the least key away."""
    def find_min(self, fake: _t.Any = ...) -> _t.Any:
        """The value with the least key, which stays."""
    def insert(self, value: _t.Any, key: _t.Any, fake: _t.Any = ...) -> _t.Any:
        """Changes the key of a value, or adds it with this key."""
    def update(self, value: _t.Any, key: _t.Any, fake: _t.Any = ...) -> _t.Any:
        """Changes the key of a value, or adds it with this key."""
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...

def path_oblivious_sort(keys: _t.Any, values: _t.Any, key_length: _t.Any, value_length: _t.Any, **_: _t.Any) -> _t.Any:
    """Sorts values in place in the order of keys that are not negative, with a heap."""

def tournament(keys: _t.Any, bits: _t.Any, *others: _t.Any) -> _t.Any:
    """The least key and what stands at its place in the others; of equal keys the first one.

    Keys are numbers of so many bits that are not negative.
    """
