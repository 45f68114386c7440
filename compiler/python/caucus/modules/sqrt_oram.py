"""Memories with secret addresses, under another name of the module."""

from .oram import (LinearORAM, Memory, OptimalORAM, RecursiveORAM, SqrtORAM, SqrtOram,
                   SquareRootORAM, TrivialORAM)

__all__ = ["LinearORAM", "TrivialORAM", "OptimalORAM", "RecursiveORAM", "SquareRootORAM",
           "SqrtOram", "SqrtORAM", "Memory"]
