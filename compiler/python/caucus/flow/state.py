"""What a rewritten statement knows about the program, and how it sees the names at its place."""

import sys

from .merging import MISSING


#: The file that is being rewritten.
FILE = [""]

#: The global names of the program and of its modules.
NAMESPACES = []


class Site:
    """One statement or expression of the program that a run-time condition may decide.

    `names` are assigned in it and come back to the program as a tuple, `foreign` are those among
    them that are declared global, `reads` is what it reads, `live` what is read behind it.
    """

    def __init__(self, what, line, node=None, names=(), foreign=(), reads=(), live=(), exposed=(),
                 attributes=(), target=None, candidate=False, breaks=False):
        self.what = what
        self.line = line
        self.file = FILE[0]
        self.node = node
        self.names = tuple(names)
        self.foreign = frozenset(foreign)
        self.reads = tuple(reads)
        self.live = frozenset(live)
        self.exposed = frozenset(exposed)
        self.attributes = frozenset(attributes)
        self.target = target
        self.candidate = candidate
        self.breaks = breaks


#: All sites of all files of the program; rewritten code names them by number.
SITES = []


def program_frame():
    """The frame of the rewritten statement that called us."""
    frame = sys._getframe(1)
    package = frame.f_code.co_filename
    folder = package[:-len("state.py")]
    while frame.f_code.co_filename.startswith(folder):
        frame = frame.f_back
    return frame


def current(site, frame):
    """What the names that the site assigns stand for now."""
    here, outside = frame.f_locals, frame.f_globals
    return {name: (outside if name in site.foreign else here).get(name, MISSING)
            for name in site.names}


def reached(site, frame):
    """Names that the site reads, with their values: objects behind them may change."""
    here, outside = frame.f_locals, frame.f_globals
    found = []
    for name in site.reads:
        value = here.get(name, MISSING)
        if value is MISSING:
            value = outside.get(name, MISSING)
        if value is not MISSING:
            found.append((name, value))
    return found


def spaces(site, frame):
    """Global names, which functions may change: the dictionaries, and the names of the site."""
    own = site.names if frame.f_locals is frame.f_globals else site.foreign
    return [(space, own if space is frame.f_globals else ()) for space in NAMESPACES]
