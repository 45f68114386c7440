# Made by editor/generate.py from the front end.
"""Names of the language."""

from .types import *
