"""Writes the record to the descriptor that the compiler gave."""

import json
import os
import struct
import sys
from array import array

from .record import rec

MAGIC = b"CAUCUSR1"


def frame(answer, binary=b""):
    """The bytes of an answer: magic, length, JSON, binary part."""
    head = json.dumps(answer, ensure_ascii=True).encode("ascii")
    return MAGIC + struct.pack("<I", len(head)) + head + binary


def _little_endian(items):
    if sys.byteorder == "big":
        items = array(items.typecode, items)
        items.byteswap()
    return items.tobytes()


def success(name, seconds, notes=()):
    """The answer for a program that was recorded."""
    tapes = rec.assemble()
    answer = {
        "ok": True,
        "name": name,
        "files": rec.files,
        # Arguments that are no valid text must not make the record unreadable.
        "texts": [text.encode("utf-8", "replace").decode("utf-8") for text in rec.texts],
        "constants": rec.constants,
        "sizes": {"s": len(rec.s), "c": len(rec.c), "i": len(rec.i), "b": len(rec.b)},
        "tapes": [
            {"name": tape.name, "params": tape.params, "words": len(words)}
            for tape, words in zip(rec.tapes, tapes)
        ],
        "recorded": rec.size(),
        "seconds": seconds,
        "notes": list(notes),
    }
    lanes = b"".join(_little_endian(table) for table in (rec.s, rec.c, rec.i, rec.b))
    return frame(answer, lanes + b"".join(_little_endian(words) for words in tapes))


def write(descriptor, data):
    """Writes everything; the reader may take its time."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view):]
