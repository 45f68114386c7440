"""Inputs besides the text files of the parties: binary files, data of the program, public numbers.

Data that a program gives to a party (``input_tensor_via``) is collected while it is recorded and
written to the party's input file, in the folder of whoever compiles, once the recording is over.
"""

import math
import os
import struct

from . import _ops
from .errors import LanguageError, LanguageTypeError, LanguageValueError
from .players import player_number
from .record import rec
from .regint import regint

#: Bytes of the numbers in a binary file, by what programs give as ``binary`` or ``n_bytes``.
_SINGLE = ("float", "float32", "single", 4)


def only_in_main_thread(what):
    """Refuses what several threads would do in another order at each party."""
    if rec.in_threads():
        raise LanguageError(
            "E0252", "%s cannot be used in a thread: the order of threads differs between parties"
            % what, "do it before or after the loop and pass values in an Array")


def _form(cls, binary):
    """The numbers of a binary file for a class."""
    single = any(binary == name and binary is not True for name in _SINGLE)
    if not cls.fixed:
        if single:
            raise LanguageTypeError("E0201", "binary integers have 8 bytes, not 4")
        return _ops.INPUTF_INT64
    return _ops.INPUTF_FLOAT if single else _ops.INPUTF_DOUBLE


def private_input(cls, player, size, binary, bits):
    """Private inputs of a party, as integers in units of 2^-bits."""
    if rec.chunk is not None:
        raise LanguageError(
            "E0309", "a distributed loop cannot take private inputs of main nodes: other nodes "
            "compute it", "let each node read a part: parts= of the loop and input_from_workers(); "
            "or read into an Array before the loop")
    player = player_number(player)
    res = cls.fresh(size)
    if binary:
        rec.emit(_ops.INPUTF, res.reg, player.use(), _form(cls, binary), bits)
    else:
        rec.emit(_ops.INPUTS, 1, res.reg, player.use(), bits)
    return res


def part_input(cls, player, size, bits):
    """The next private inputs of a party from the part of the chunk, in units of 2^-bits."""
    if rec.chunk is None or not rec.chunk.has_parts:
        raise LanguageError("E0253", "input_from_workers() stands outside of a distributed loop "
                            "that says how many parts the inputs have")
    if rec.in_threads():
        raise LanguageError("E0253", "input_from_workers() stands in a thread of a chunk: threads "
                            "would read in any order", "leave n_threads= out, or read into an Array "
                            "of the chunk before its threads start")
    player = player_number(player)
    res = cls.fresh(size)
    # In the tape of a chunk, private inputs are those of its part.
    rec.emit(_ops.INPUTS, 1, res.reg, player.use(), bits)
    return res


def raw_input(cls, player, size=1):
    """Elements of the ring as they lie in a party's binary file."""
    player = player_number(player)
    res = cls.fresh(size)
    rec.emit(_ops.INPUTF, res.reg, player.use(), _ops.INPUTF_RAW, 0)
    return res


def public_input():
    """The next number of Programs/Public-Input/<program>, which all parties have."""
    only_in_main_thread("public_input()")
    res = regint.fresh(1)
    rec.emit(_ops.INPUTP, res.reg)
    return res


# Data of the program

def give(cls, player, content, shape, binary, one_hot):
    """Adds data to what a party's input file will have; returns its shape."""
    if not isinstance(player, int) or player < 0:
        raise LanguageTypeError(
            "E0219", "the party that inputs data of the program must be a number known while "
            "compiling", "give 0 for party 0")
    _check_place()
    if one_hot:
        content = _one_hot(content, shape)
    found, numbers = _flat(content)
    shape = found if shape is None else [int(size) for size in shape]
    if math.prod(shape) != math.prod(found):
        raise LanguageValueError(
            "E0209", "the data has the shape %s, which does not fit %s" % (found, shape),
            "leave out the shape to take that of the data")
    data = rec.given.setdefault((player, bool(binary)), bytearray())
    data += _binary(cls, numbers, binary) if binary else _text(cls, numbers)
    return shape


def _check_place():
    if len(rec.tape.regions) > 1 or rec.in_threads():
        raise LanguageError(
            "E0251", "input_tensor_via() stands in a loop, branch or thread that exists at run "
            "time, but its data is there once", "move it out, or read it with input_tensor_from()")


def _one_hot(labels, shape):
    labels = _flat(labels)[1]
    if any(label != int(label) or label < 0 for label in labels):
        raise LanguageValueError("E0219", "one_hot needs labels from 0 on")
    classes = shape[-1] if shape is not None else int(max(labels, default=-1)) + 1
    if any(label >= classes for label in labels):
        raise LanguageValueError(
            "E0219", "the label %d does not fit %d classes" % (max(labels), classes))
    return [[int(label == k) for k in range(classes)] for label in labels]


def _flat(content):
    """(shape, numbers) of nested lists or of an array of another package."""
    for method in ("detach", "cpu", "to_numpy", "numpy"):
        if hasattr(content, method):
            content = getattr(content, method)()
    if hasattr(content, "tolist"):
        content = content.tolist()
    if isinstance(content, (int, float)):
        return [], [content]
    if not isinstance(content, (list, tuple, range)):
        raise LanguageTypeError(
            "E0201", "data of the program must be numbers in lists or arrays, not %s"
            % type(content).__name__)
    if all(type(item) in (int, float) for item in content):
        return [len(content)], content
    parts = [_flat(item) for item in content]
    shapes = {tuple(shape) for shape, _ in parts}
    if len(shapes) != 1:
        raise LanguageValueError("E0209", "the rows of the data have different lengths")
    return [len(parts)] + parts[0][0], [number for _, part in parts for number in part]


def _integers(cls, numbers):
    for number in numbers:
        if number != int(number):
            raise LanguageTypeError(
                "E0201", "%r is no integer, but data for %s" % (number, cls.__name__),
                "use sfix.input_tensor_via() for fractions")
    return [int(number) for number in numbers]


def _binary(cls, numbers, binary):
    if cls.fixed:
        letter = "f" if _form(cls, binary) == _ops.INPUTF_FLOAT else "d"
        return struct.pack("<%d%s" % (len(numbers), letter), *numbers)
    try:
        return struct.pack("<%dq" % len(numbers), *_integers(cls, numbers))
    except struct.error:
        raise LanguageValueError(
            "E0215", "the data has an integer of more than 64 bits",
            "give it as text: binary=False") from None


def _text(cls, numbers):
    numbers = numbers if cls.fixed else _integers(cls, numbers)
    return ("".join("%r " % number for number in numbers) + "\n").encode("ascii")


def write_given(prefix):
    """Writes the data of the program to the input files with this prefix."""
    for (player, binary), data in sorted(rec.given.items()):
        _write("%s-%sP%d-0" % (prefix, "Binary-" if binary else "", player), bytes(data))


def _write(path, data):
    """Replaces a file, unless it has inputs that are not from here."""
    mark = path + ".given"
    try:
        found = _read(path)
        if found == data:
            return
        if found and _read(mark) != _digest(found):
            raise LanguageError(
                "E0250", "input_tensor_via() would replace %s, which has other data" % path,
                "move that file away, choose another folder (--input-dir), or give this party's "
                "other inputs by input_tensor_via(), too")
        if os.path.dirname(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
        for name, content in ((path, data), (mark, _digest(data))):
            descriptor = os.open(name + ".part", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            os.replace(name + ".part", name)
    except OSError as error:
        raise LanguageError("E0250", "cannot write the input file %s: %s"
                            % (path, error.strerror)) from None


def _read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""


def _digest(data):
    # It takes long to import, and few programs need it.
    import hashlib

    return hashlib.sha256(data).hexdigest().encode("ascii") + b"\n"
