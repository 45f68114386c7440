"""What all nodes of each party do together: shuffles and sorting of rows that are spread over them.

Without workers, and in threads and chunks of distributed loops, they are the ordinary ones. The
result is the same.
"""

from . import _ops
from .containers import Container
from .errors import LanguageTypeError
from .permuting import secret_shuffle
from .program import Program
from .record import rec
from .sorting import key_bits, key_columns, sort_container


def _is_spread(container, done):
    """Whether the workers do it; tells --explain how it is done."""
    if container.value_type.letter != "s":
        raise LanguageTypeError(
            "E0240", "only rows of secrets go to the nodes of the parties, not of %s"
            % container.value_type.__name__, "use .sort() or .shuffle()")
    rows, workers = len(container), Program.current.n_workers
    if rows < 2:
        return False
    if rec.is_distributed():
        rec.note("%d rows are %s here: a thread or a chunk is not distributed further"
                 % (rows, done))
        return False
    if not workers:
        rec.note("%d rows are %s by the main node: there are no workers" % (rows, done))
        return False
    rec.note("%d rows are %s by %d worker%s of each party together, in shards of up to %d"
             % (rows, done, workers, "s" * (workers > 1), -(-rows // workers)))
    return True


def _replace(container, code, *words):
    """Has the rows of a container replaced by the result of an instruction."""
    vector = container.as_register()
    res = vector.fresh(vector.size)
    rec.emit(code, res.reg, vector.use(), len(container), *words)
    container.assign_vector(res)


def sort_multinode(self, key_indices=None, n_bits=None):
    """Sorts rows in place as sort() does, spread over the nodes of each party."""
    if not _is_spread(self, "sorted"):
        sort_container(self, key_indices, n_bits)
        return
    bits = key_bits(self.value_type, n_bits)
    columns = key_columns(self, key_indices)
    words = [word for column in columns for word in (column, bits)]
    _replace(self, _ops.NODESORTS, len(columns), *words)


def secure_shuffle_multinode(self):
    """Shuffles rows as secure_shuffle() does, spread over the nodes of each party."""
    if _is_spread(self, "shuffled"):
        _replace(self, _ops.NODESHUFFLES)
    elif len(self) > 1:
        unit = self.total // len(self)
        self.assign_vector(secret_shuffle(self.as_register(), unit))


Container.sort_multinode = sort_multinode
Container.secure_shuffle_multinode = secure_shuffle_multinode
