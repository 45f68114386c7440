"""The recorder: buffers of the tapes, tables of registers, texts and constants, source positions.

Everything that a program does ends here as words in one flat buffer per tape. The recorder is one
object for the process (``rec``): the values of the language look at it with every operation.
"""

import os
import struct
import sys
from array import array
from functools import cache

from .errors import LanguageError

#: Markers of the record besides instructions.
ARRAY, LOOP, IF, ELSE, WHILE, TEST, BREAK, END = 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1099

SEQUENTIAL, PARALLEL, THREADS = 0, 1, 2

_PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_LIBRARY = os.path.dirname(os.path.abspath(os.__file__)) + os.sep


@cache
def packer(count):
    """What makes so many words of a tape from numbers: a third of the time that an array takes for them."""
    return struct.Struct("=%dq" % count).pack


def is_foreign(filename):
    """Whether code of this file is not part of the program: ours or Python's own."""
    return (filename.startswith(_PACKAGE) or filename.startswith(_LIBRARY)
            and "site-packages" not in filename or filename.startswith("<frozen"))


class Storage:
    """An array object: its number is fixed when the record is assembled."""

    __slots__ = ("letter", "length", "scope", "number", "line")

    def __init__(self, letter, length, scope, line):
        self.letter = letter
        self.length = length
        self.scope = scope
        self.number = None
        self.line = line


class Region:
    """A part of a tape between a marker and its end."""

    __slots__ = ("kind", "start", "open", "pending_else", "old_floors", "extra", "line",
                 "distributed")

    def __init__(self, kind, start):
        self.kind = kind
        self.start = start
        self.open = True
        self.pending_else = None
        self.old_floors = None
        self.extra = None
        self.line = 0
        #: whether it is a part of a distributed loop, which nothing can leave early.
        self.distributed = False


class Tape:
    """The words of one unit of code, with its open regions."""

    def __init__(self, name):
        self.name = name
        self.params = []
        self.words = array("q")
        self.regions = [Region("tape", 0)]
        #: (position, storage): declarations to be inserted when the record is assembled.
        self.declared = []
        #: positions of array numbers, and which array is meant.
        self.array_words = array("q")
        self.array_storages = []
        #: the register of the integer that a thread was started with
        self.argument = None
        #: whether a chunk of a distributed loop has a part of the private inputs of its own.
        self.has_parts = False
        #: integers of a chunk of a distributed loop that its threads may use, by number.
        self.given = set()
        #: in a thread of a chunk: its parameters for those integers, by number.
        self.passed = {}


class Recorder:
    """All state of the recording."""

    def __init__(self):
        self.reset()

    def reset(self):
        """Forgets everything; for tests, which record several programs in one process."""
        self.s = array("I")
        self.c = array("I")
        self.i = array("I")
        self.b = array("I")
        self.floor_s = self.floor_c = self.floor_i = self.floor_b = 0
        self.texts = []
        self.text_numbers = {}
        self.constants = []
        self.constant_numbers = {}
        self.files = []
        self.bases = {}
        #: by the identity of a code object: lines by place in it, and at -1 what is added to them;
        #: None for code that is none of the program's. The code objects themselves stay alive.
        self.lines = {}
        self.codes = []
        self.directory = ""
        self.main_globals = None
        self.tapes = [Tape("main")]
        self.tape = self.tapes[0]
        self.words = self.tape.words
        self.statements = 0
        self.memory = {}
        self.ring_bits = 64
        #: bits of secret numbers with their sign, as the program promises.
        self.bit_length = 63
        #: significant digits of printed fixed-point numbers.
        self.float_digits = 6
        #: numbers of the indices of parallel loops, which cannot be changed.
        self.fixed = set()
        #: indices of loops whose bounds made a check unnecessary, and those the program changes.
        self.relied = set()
        #: data of the program for input files, by (party, whether binary).
        self.given = {}
        self.changed = set()
        #: whether loops over range() become run-time loops wherever they can (-l).
        self.flow = False
        #: (tape, argument, region) of threads that are to be started, and how many there were.
        self.waiting = []
        self.started = 0
        #: the tape of the chunk of a distributed loop that is recorded, its threads included.
        self.chunk = None
        #: [position, text]: how loops are distributed, for --explain.
        self.notes = []

    # Source positions

    def begin(self, path, display, namespace):
        """Names the main program, whose lines need no table."""
        self.directory = os.path.dirname(os.path.abspath(path)) + os.sep
        self.files.append(display)
        self.bases[path] = 0
        self.main_globals = namespace

    def position(self, frame):
        """file * 2^32 + line of the first caller that belongs to the program."""
        while frame is not None:
            lines = self.lines.get(id(frame.f_code), 0)
            if lines == 0:
                lines = self._lines_of(frame)
            if lines is not None:
                at = frame.f_lasti
                line = lines.get(at)
                if line is None:
                    line = lines[at] = lines[-1] + frame.f_lineno
                return line
            frame = frame.f_back
        return 0

    def _lines_of(self, frame):
        """A table of the lines of a code object that are known, or nothing if it is none of the program's.

        Python looks for a line from the beginning of the code, which takes long in long programs.
        """
        code = frame.f_code
        if frame.f_globals is self.main_globals:
            base = 0
        else:
            base = self.bases.get(code.co_filename, -1)
            if base == -1:
                base = self.bases[code.co_filename] = self._new_file(code.co_filename)
        lines = self.lines[id(code)] = None if base is None else {-1: base}
        self.codes.append(code)
        return lines

    def _new_file(self, filename):
        if is_foreign(filename) or filename.startswith("<"):
            return None
        self.files.append(self.display_name(filename))
        return (len(self.files) - 1) << 32

    def display_name(self, filename):
        """A file's name as messages show it: the same on every machine."""
        path = os.path.abspath(filename)
        if path.startswith(self.directory):
            return path[len(self.directory):]
        return os.path.basename(path)

    # Tables

    def text(self, text):
        """The number of a text."""
        number = self.text_numbers.get(text)
        if number is None:
            number = self.text_numbers[text] = len(self.texts)
            self.texts.append(text)
        return number

    def constant(self, value):
        """The number of an integer of any size."""
        number = self.constant_numbers.get(value)
        if number is None:
            number = self.constant_numbers[value] = len(self.constants)
            self.constants.append(str(value))
        return number

    # Instructions

    def size(self):
        """How much has been recorded: registers, of which most instructions make one, and what
        else is known to be one."""
        return len(self.s) + len(self.c) + len(self.i) + len(self.b) + self.statements

    def emit(self, code, *operands):
        """Records an instruction or marker."""
        self.statements += 1
        pack = packer(len(operands) + 2)
        self.words.frombytes(pack(code, self.position(sys._getframe(1)), *operands))

    def emit_array(self, code, before, storage, *after):
        """Records an instruction that touches an array; `before` stands before its number."""
        if not storage.scope.open:
            raise LanguageError(
                "E0217", "this array belongs to the body of a parallel loop that has ended",
                "declare the array before the loop")
        words = self.words
        at = len(words) + 2 + len(before)
        self.tape.array_words.append(at)
        self.tape.array_storages.append(storage)
        self.statements += 1
        words.extend((code, self.position(sys._getframe(1))) + before + (-1,) + after)

    def storage(self, letter, length):
        """A new array.

        It lives in the innermost parallel loop, where every iteration has its own, else in the
        tape: what a sequential loop or a branch declares keeps its place and contents.
        """
        for region in reversed(self.tape.regions):
            if region.kind in ("parallel", "threads", "tape"):
                break
        storage = Storage(letter, length, region, self.position(sys._getframe(1)))
        self.tape.declared.append((region.start, storage))
        return storage

    def heap(self, letter, length):
        """The array behind raw addresses of a class, with at least this length."""
        storage = self.memory.get(letter)
        if storage is None:
            storage = self.memory[letter] = Storage(
                letter, 8192, self.tapes[0].regions[0], self.position(sys._getframe(1)))
            self.tapes[0].declared.append((0, storage))
        storage.length = max(storage.length, length)
        return storage

    # Taking back

    def mark(self):
        """What roll_back() needs to take back all that is recorded from here on."""
        tape = self.tape
        return (tape, len(tape.words), len(tape.array_words), len(tape.regions), len(self.tapes),
                (self.floor_s, self.floor_c, self.floor_i, self.floor_b), len(self.notes))

    def roll_back(self, mark):
        """Takes back what was recorded since; registers made since have no values any more."""
        tape, words, arrays, regions, tapes, floors, notes = mark
        self.tape = tape
        self.words = tape.words
        del tape.words[words:], tape.array_words[arrays:], tape.array_storages[arrays:]
        del tape.regions[regions:], self.tapes[tapes:], self.notes[notes:]
        # What is declared for a region around stays; it may belong to raw memory.
        tape.declared = [item for item in tape.declared if item[0] <= words]
        self.restore_floors(floors)

    def insert(self, at, chunk):
        """Puts words that touch no array between others of this tape."""
        count = len(chunk)
        if not count:
            return
        tape = self.tape
        tape.words[at:at] = chunk
        arrays = tape.array_words
        for k in range(len(arrays) - 1, -1, -1):
            if arrays[k] < at:
                break
            arrays[k] += count
        tape.declared = [(where + count, item) if where > at else (where, item)
                         for where, item in tape.declared]

    # Regions

    def open_region(self, kind):
        """Enters a region whose marker has just been recorded."""
        region = Region(kind, len(self.words))
        self.tape.regions.append(region)
        return region

    def close_region(self, region=None):
        """Records the end of the innermost region, or of `region`, and leaves it."""
        while region is not None and self.tape.regions[-1] is not region:
            # An exception that the program has caught left inner regions open.
            self.close_region()
        if any(where is self.tape.regions[-1] for _, _, where in self.waiting):
            self.start_waiting()
        region = self.tape.regions.pop()
        if region.kind in ("parallel", "threads"):
            region.open = False
        self.emit(END)
        return region

    def raise_floors(self):
        """Registers made so far cannot be used any more; returns what restores them."""
        old = (self.floor_s, self.floor_c, self.floor_i, self.floor_b)
        self.restore_floors((len(self.s), len(self.c), len(self.i), len(self.b)))
        return old

    def restore_floors(self, floors):
        """Ends what raise_floors began."""
        self.floor_s, self.floor_c, self.floor_i, self.floor_b = floors

    def in_threads(self):
        """Whether what is recorded now runs in a thread that the program started."""
        return self.tape not in (self.tapes[0], self.chunk) or any(
            region.kind == "threads" for region in self.tape.regions)

    def is_distributed(self):
        """Whether what is recorded now runs in a thread or is part of a distributed loop."""
        return self.chunk is not None or self.in_threads()

    def open_tape(self, name):
        """Goes on in a new tape; returns what close_tape needs."""
        state = (self.tape, self.raise_floors())
        self.tape = Tape(name)
        self.tapes.append(self.tape)
        self.words = self.tape.words
        return state

    def close_tape(self, state):
        """Goes back to the tape that was current before."""
        self.tape.regions[0].open = False
        self.tape, floors = state
        self.words = self.tape.words
        self.restore_floors(floors)

    def start_waiting(self):
        """Records the start of all threads that wait for it, and the wait for their end."""
        from ._ops import THREADS as code
        jobs, self.waiting = self.waiting, []
        words = []
        for tape, argument, _ in jobs:
            words += (tape, 1, argument)
        if jobs:
            self.emit(code, len(jobs), *words)

    def passed(self, register):
        """The number of a register from outside of a thread: a chunk's threads get its start."""
        chunk = self.chunk
        if chunk is None or register.letter != "i" or register.reg not in chunk.given:
            raise self.capture_error()
        if self.tape is chunk:
            return register.reg
        own = self.tape.passed.get(register.reg)
        if own is None:
            own = self.tape.passed[register.reg] = len(self.i)
            self.i.append(1)
            self.tape.params.append(own)
        return own

    def note(self, text):
        """Tells how the loop in the program's current line is compiled."""
        self.notes.append([self.position(sys._getframe(1)), text])

    def capture_error(self):
        """The error for a register of another thread, or from outside of a chunk."""
        if self.chunk is self.tape:
            return LanguageError(
                "E0301", "this register from outside of a distributed loop cannot be used in it",
                "nodes share only memory: put the value into a MemValue or an Array before the loop")
        return LanguageError(
            "E0301", "this register of another thread cannot be used here",
            "threads share only memory: put the value into a MemValue or an Array before the loop")

    # The result

    def assemble(self):
        """The words of each tape, with the declarations of arrays in place."""
        number = 0
        assembled = []
        for tape in self.tapes:
            declared = sorted(tape.declared, key=lambda item: item[0])
            for _, storage in declared:
                storage.number = number
                number += 1
            assembled.append((tape, declared))
        result = []
        for tape, declared in assembled:
            words = tape.words
            for at, storage in zip(tape.array_words, tape.array_storages):
                words[at] = storage.number
            out = array("q")
            done = 0
            for at, storage in declared:
                out.extend(words[done:at])
                done = at
                kind = "scib".index(storage.letter)
                out.extend((ARRAY, storage.line, kind, storage.length))
            out.extend(words[done:])
            result.append(out)
        return result


rec = Recorder()
