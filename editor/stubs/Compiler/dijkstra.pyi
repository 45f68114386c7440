"""Shortest paths in a secret graph, and the queue that they need.

Made by editor/generate.py from the front end.
"""

import typing as _t

class HeapQ:
    """A queue of the values 0 to max_size - 1, each with a priority; the least one comes first."""
    def __init__(self, max_size: _t.Any, oram_type: _t.Any = ..., int_type: _t.Any = ..., **_: _t.Any) -> _t.Any: ...
    def pop(self, for_real: _t.Any = ...) -> _t.Any:
        """Takes the value with the least priority away if the bit is 1; 0 if there is none."""
    def pop_if_any(self, for_real: _t.Any = ...) -> _t.Any:
        """The same, and whether there is one."""
    def update(self, value: _t.Any, priority: _t.Any, for_real: _t.Any = ...) -> _t.Any:
        """Adds a value, or changes its priority, if the bit is 1."""
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...

def convert_graph(graph: _t.Any) -> _t.Any:
    """Lists of edges and of first edges for a graph {vertex: {neighbor: weight}}.

    Also for graphs of other packages with such dictionaries, where weights are in attributes.
    """

def dijkstra(source: _t.Any, edges: _t.Any, e_index: _t.Any, oram_type: _t.Any = ..., n_loops: _t.Any = ..., int_type: _t.Any = ...) -> _t.Any:
    """The distances of all vertices from the source.

    Memories with secret addresses hold the graph: `edges` (neighbor, weight, whether it is the
    last edge of its vertex), with those of a vertex one after the other; `e_index` the place of
    the first edge of each vertex, of which there is at least one. The result is such a memory with
    (distance, vertex before it) for each vertex. Vertices that are not reached have the largest
    distance, 2^(bits - 3), which is more than all sums of weights must be.
    """

def test_dijkstra(graph: _t.Any, source: _t.Any, oram_type: _t.Any, n_loops: _t.Any = ..., int_type: _t.Any = ...) -> _t.Any:
    """Runs dijkstra on a public graph; gives the memory with the results."""
