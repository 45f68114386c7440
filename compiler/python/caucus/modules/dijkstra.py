"""Shortest paths in a secret graph, and the queue that they need.

E. Dijkstra: A Note on Two Problems in Connexion with Graphs, Numerische Mathematik 1, 1959. In the
form without branches of M. Keller, P. Scholl: Efficient, Oblivious Data Structures for MPC,
ASIACRYPT 2014, section 5: each pass takes one edge; after the last one of a vertex it takes the
next vertex from the queue. So only the numbers of vertices and edges are public.
"""

from ..cells import MemValue
from ..containers import Array
from ..errors import LanguageValueError
from ..loops import for_range
from ..secret_bits import length_of_numbers
from ..sint import sint
from ..values import contents
from .memory import one_hot
from .path_oblivious_heap import _Entries


class HeapQ:
    """A queue of the values 0 to max_size - 1, each with a priority; the least one comes first.

    Priorities are not negative and have as many bits as the program's numbers, without the sign.
    """

    def __init__(self, max_size, oram_type=None, int_type=None, **_):
        self.entries = _Entries(max_size, None)

    def update(self, value, priority, for_real=1):
        """Adds a value, or changes its priority, if the bit is 1."""
        value = sint.conv(contents(value))
        hot = one_hot(value, self.entries.capacity) * for_real
        self.entries.put(hot, sint.conv(contents(priority)), value)

    def pop(self, for_real=1):
        """Takes the value with the least priority away if the bit is 1; 0 if there is none."""
        return self.pop_if_any(for_real)[0]

    def pop_if_any(self, for_real=1):
        """The same, and whether there is one."""
        _, value, place, present = self.entries.least()
        self.entries.remove(place, present * for_real)
        return value * present, present


def dijkstra(source, edges, e_index, oram_type=None, n_loops=None, int_type=None):
    """The distances of all vertices from the source.

    Memories with secret addresses hold the graph: `edges` (neighbor, weight, whether it is the
    last edge of its vertex), with those of a vertex one after the other; `e_index` the place of
    the first edge of each vertex, of which there is at least one. The result is such a memory with
    (distance, vertex before it) for each vertex. Vertices that are not reached have the largest
    distance, 2^(bits - 3), which is more than all sums of weights must be.
    """
    from .oram import OptimalORAM
    n = e_index.size
    if edges.value_length != 3:
        raise LanguageValueError(
            "E0219", "an edge is (neighbor, weight, last), not %d values" % edges.value_length)
    far = 1 << length_of_numbers(None) - 3
    res = (oram_type or OptimalORAM)(n, sint, entry_size=(32, e_index.index_size))
    res.batch_init(sint.concat([sint([far, 0])] * n))
    res[source] = (0, source)
    queue = HeapQ(n, oram_type, int_type)
    queue.update(source, 0)
    vertex, edge, distance = MemValue(sint(0)), MemValue(sint(0)), MemValue(sint(0))
    is_next, runs = MemValue(sint(1)), MemValue(sint(1))

    @for_range(edges.size if n_loops is None else n_loops)
    def _(_):
        start = is_next.read() * runs.read()
        popped, present = queue.pop_if_any(start)
        runs.write(runs - start * (1 - present))
        taken = start * present
        first, before = e_index[popped], res[popped][0]
        for cell, new in ((vertex, popped), (edge, first), (distance, before)):
            cell.write(taken.if_else(new, cell.read()))
        neighbor, weight, last = edges[edge.read()]
        new = distance + weight
        better = (new < res[neighbor][0]) * runs
        res.access(neighbor, (new, vertex.read()), better)
        queue.update(neighbor, new, better)
        edge.write(edge + 1 - last)
        is_next.write(last)

    return res


def convert_graph(graph):
    """Lists of edges and of first edges for a graph {vertex: {neighbor: weight}}.

    Also for graphs of other packages with such dictionaries, where weights are in attributes.
    """
    edges, first = [], []
    for vertex in range(len(graph)):
        neighbors = graph[vertex]
        if not neighbors:
            raise LanguageValueError("E0219", "vertex %d has no edges" % vertex,
                                     "give it one to itself")
        first.append(len(edges))
        for neighbor in neighbors:
            weight = neighbors[neighbor]
            if hasattr(weight, "get"):
                weight = weight.get("weight", 1)
            edges.append([neighbor, weight, 0])
        edges[-1][2] = 1
    return edges, first


def test_dijkstra(graph, source, oram_type, n_loops=None, int_type=None):
    """Runs dijkstra on a public graph; gives the memory with the results."""
    edge_list, first = convert_graph(graph)
    edges = oram_type(len(edge_list), sint, entry_size=(32, 32, 1))
    edges.batch_init(sint([number for edge in edge_list for number in edge]))
    e_index = oram_type(len(first), sint)
    e_index.batch_init(sint(first))
    return dijkstra(source, edges, e_index, oram_type, n_loops, int_type)


__all__ = ["HeapQ", "dijkstra", "convert_graph", "test_dijkstra"]
