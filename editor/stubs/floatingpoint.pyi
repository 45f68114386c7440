# Made by editor/generate.py from the front end.
"""The module under its short name."""

from Compiler.floatingpoint import *
