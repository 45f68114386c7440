"""The object ``program``: arguments, and settings that programs make."""

import os
from collections import defaultdict
from types import SimpleNamespace

from . import clients
from .errors import LanguageIndexError, not_yet
from .record import rec
from .secret_bits import length_of_numbers
from .tapes import join_tape, join_tapes, new_tape, run_tape, run_tapes


class Arguments(list):
    """[name, argument, …]: a missing one is explained."""

    def __getitem__(self, index):
        try:
            return list.__getitem__(self, index)
        except IndexError:
            given = len(self) - 1
            raise LanguageIndexError(
                "E0211", "program argument %s is out of range: %d argument%s given"
                % (index, given, " was" if given == 1 else "s were"),
                "give it after the program's name on the command line") from None


class _CurrentTape:
    """What programs call on program.curr_tape."""

    def start_new_basicblock(self, *_, **__):
        """Nothing: order is kept where it matters."""

    def require_bit_length(self, *_, **__):
        """Nothing: the ring is fixed."""


class _Options(SimpleNamespace):
    """Options of the compilation; one that does not exist here is not given."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)


class Program:
    """The compilation in progress, as programs see it."""

    current = None

    def __init__(self, path, args, ring_bits, budget, options, n_workers=0):
        stem = os.path.splitext(os.path.basename(path))[0]
        self.args = Arguments([stem] + [str(arg) for arg in args])
        self.name = "-".join(arg.replace("/", "_") for arg in self.args)
        Program.current = self
        self.options = _Options(ring=str(ring_bits), binary=None, field=None, prime=None,
                                budget=budget, merge_opens=True, cisc=True)
        for name, value in (options or {}).items():
            setattr(self.options, name, value)
        self.budget = budget
        #: Workers of each party; 0 if the main nodes compute alone.
        self.n_workers = n_workers
        self.security = 40
        self.use_trunc_pr = False
        self.use_dabit = False
        clients.Settings.active = True
        self.curr_tape = _CurrentTape()
        self.allocated_mem = defaultdict(int)
        self.public_input_file = None
        rec.ring_bits = ring_bits
        rec.bit_length = ring_bits - 1

    @property
    def active(self):
        """Whether clients get random products to check what they are sent."""
        return clients.Settings.active

    @active.setter
    def active(self, active):
        clients.Settings.active = bool(active)

    @property
    def bit_length(self):
        """The bits of secret numbers, for operations that are given no length."""
        return rec.bit_length

    @bit_length.setter
    def bit_length(self, length):
        rec.bit_length = length_of_numbers(length)

    def set_bit_length(self, length):
        """Sets bit_length."""
        self.bit_length = length

    def set_security(self, security):
        """The statistical security parameter."""
        self.security = security

    def options_from_args(self):
        """Options in the arguments choose among methods; ours need no hints."""

    def use_edabit(self, change=None):
        """A choice of method, which the protocol makes itself."""
        return False

    def use_split(self, change=None):
        """A choice of method, which the protocol makes itself."""
        return False

    def use_invperm(self, change=None):
        """A choice of method, which the protocol makes itself."""
        return False

    linear_rounds = use_square = use_mulm = use_unsplit = use_edabit

    @staticmethod
    def new_tape(function, args=(), name=None, single_thread=False):
        """Compiles a function as a code unit that threads can run."""
        return new_tape(function, args, name)

    @staticmethod
    def run_tape(handle, arg=0):
        """Starts a thread."""
        return run_tape(handle, arg)

    @staticmethod
    def run_tapes(jobs):
        """Starts threads."""
        return run_tapes(jobs)

    @staticmethod
    def join_tape(number):
        """Waits for a thread."""
        join_tape(number)

    @staticmethod
    def join_tapes(numbers):
        """Waits for threads."""
        join_tapes(numbers)

    def disable_memory_warnings(self):
        """There are none: order is kept."""

    def protect_memory(self, status):
        """Memory is always in order."""

    def set_ring_size(self, bits):
        """The ring is chosen by -R."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise not_yet("program.%s is" % name)
