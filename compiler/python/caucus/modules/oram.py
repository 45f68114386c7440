"""Memories with secret addresses.

LinearORAM touches every entry at each access, in a few rounds. RecursiveORAM is a tree, of which an
access touches a path and a few buckets more; SquareRootORAM touches about the square root of the
number of entries, with fewer bytes and rounds than a tree. OptimalORAM chooses by that number.
An address that is not below the size reads something and may write somewhere: the program must
not use it.
"""

from ..sint import sint
from .memory import LinearORAM, Memory, TrivialORAM, demux, one_hot
from .square_root import SqrtOram, SquareRootORAM
from .tree_oram import RecursiveORAM, TreeORAM

#: Up to so many entries a scan of all of them is cheaper.
LONGEST_SCAN = 4096


def OptimalORAM(size, value_type=sint, *args, **kwargs):
    """The memory that is the cheaper one for this size."""
    kind = LinearORAM if size <= LONGEST_SCAN else SquareRootORAM
    return kind(size, value_type, *args, **kwargs)


SqrtORAM = SqrtOram

__all__ = ["LinearORAM", "TrivialORAM", "OptimalORAM", "RecursiveORAM", "TreeORAM",
           "SquareRootORAM", "SqrtOram", "SqrtORAM", "Memory", "one_hot", "demux"]
