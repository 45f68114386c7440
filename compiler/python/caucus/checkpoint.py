"""Places from which a run can be continued after it was interrupted."""

from . import _ops
from .errors import LanguageError
from .record import rec


def checkpoint():
    """Marks a place from which the run can be continued: see the options --checkpoint and --resume."""
    where = _elsewhere()
    if where:
        raise LanguageError(
            "E0311", "checkpoint() stands in %s: a run can only be continued from the main thread"
            % where)
    rec.emit(_ops.CHECKPOINT)


def _elsewhere():
    """The place that is not the main thread one step after the other, if it is one."""
    if rec.chunk is not None:
        return "a distributed loop"
    if rec.in_threads():
        return "a thread"
    if any(region.kind == "parallel" for region in rec.tape.regions):
        return "a loop whose iterations may be merged"
    return None
