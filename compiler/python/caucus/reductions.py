"""Reductions over loops, lists and threads.

The results of all passes go through memory, so that passes can run in threads and be merged.
"""

from .containers import Array
from .errors import LanguageValueError
from .loops import for_range, for_range_opt_multithread
from .matrix import Matrix
from .record import rec
from .values import Register, contents
from .views import element_type

#: More items than this are reduced by a run-time loop, fewer by a balanced tree.
_LONGEST_TREE = 1024


def tree_reduce(function, sequence):
    """A balanced reduction of a list."""
    items = list(sequence)
    if not items:
        raise LanguageValueError("E0219", "an empty sequence cannot be reduced",
                                 "give at least one value")
    while len(items) > 1:
        pairs = [function(items[k], items[k + 1]) for k in range(0, len(items) - 1, 2)]
        items = pairs + items[len(items) - len(items) % 2:]
    return items[0]


def tree_reduce_multithread(n_threads, function, vector):
    """A balanced reduction of a vector: each step reduces all neighbors at once."""
    vector = contents(vector)
    if vector.size == 0:
        raise LanguageValueError("E0219", "an empty sequence cannot be reduced",
                                 "give at least one value")
    while vector.size > 1:
        pairs, rest = divmod(vector.size, 2)
        reduced = function(vector.pick(0, ((pairs, 2),)), vector.pick(1, ((pairs, 2),)))
        vector = type(reduced).concat([reduced, vector[2 * pairs]]) if rest else reduced
    return vector


def map_sum_opt(n_threads, n_loops, types):
    """@map_sum_opt(t, n, types): the sums of what the body returns over all passes."""
    types = list(types)

    def decorator(body):
        rows = [Array(n_loops, element_type(kind)) for kind in types]

        def store(index):
            result = body(index)
            results = list(result) if isinstance(result, (list, tuple)) else [result]
            if len(results) != len(rows):
                raise LanguageValueError(
                    "E0213", "the body returns %d values, %d types were given"
                    % (len(results), len(rows)))
            for row, value in zip(rows, results):
                row[index] = value
        for_range_opt_multithread(n_threads, n_loops)(store)

        def totals():
            sums = [row.sum() for row in rows]
            return sums[0] if len(sums) == 1 else tuple(sums)
        return totals
    return decorator


def map_sum(n_threads, n_parallel, n_loops, n_items, types):
    """@map_sum(t, p, n, items, types): as map_sum_opt."""
    return map_sum_opt(n_threads, n_loops, [types] * n_items if not isinstance(
        types, (list, tuple)) else types)


def map_sum_simple(n_threads, n_loops, value_type, size):
    """@map_sum_simple(t, n, type, size): the sum of vectors."""
    def decorator(body):
        rows = Matrix(n_loops, size, value_type)

        def store(index):
            rows[index].assign_vector(body(index))
        for_range_opt_multithread(n_threads, n_loops)(store)

        def total():
            vector = rows.columns().as_register()
            res = type(vector).fresh(size)
            rec.emit(vector.ops.SUM, res.reg, vector.use())
            return res
        return total
    return decorator


def map_reduce(n_threads, n_parallel, n_loops, initializer, reducer, thread_mem_req=None):
    """@map_reduce(t, p, n, initializer, reducer): the reduction of what the body returns."""
    def decorator(body):
        state = list(initializer())
        rows = [Array(n_loops, type(value)) for value in state]

        def store(index):
            result = body(index)
            results = list(result) if isinstance(result, (list, tuple)) else [result]
            for row, value in zip(rows, results):
                row[index] = value
        for_range_opt_multithread(n_threads, n_loops)(store)

        def reduced():
            if n_loops <= _LONGEST_TREE:
                items = [[row[k] for row in rows] for k in range(n_loops)]
                res = list(tree_reduce(reducer, [state] + items))
            else:
                res = [value.copy() for value in state]

                def step(index):
                    values = list(reducer(res, [row[index] for row in rows]))
                    values = [v.copy() if isinstance(v, Register) else v for v in values]
                    for old, new in zip(res, values):
                        old.update(new)
                for_range(n_loops)(step)
            return res[0] if len(res) == 1 else tuple(res)
        return reduced
    return decorator
