"""Memories with secret addresses, under another name of the module."""

from .oram import *  # noqa: F403
from .oram import __all__  # noqa: F401
