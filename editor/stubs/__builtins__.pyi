# Made by editor/generate.py from the front end.
"""Names that programs find without an import."""

from Compiler.types import *
