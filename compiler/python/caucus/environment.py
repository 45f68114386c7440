"""Runs a program: its names, its arguments, its random numbers, and what becomes of errors."""

import os
import random
import sys
import time

from . import checking, diagnose, imports, limits, output_record
from .errors import LanguageError
from .fixed import reset_precision
from .flow import install as flow
from .inputs import write_given
from .names import all_names
from .program import Program
from .record import rec
from .views import Settings


def run(request):
    """The bytes of the record for a request as the compiler sends it."""
    rec.reset()
    flow.reset()
    rec.flow = bool((request.get("options") or {}).get("flow"))
    Settings.check_indices = True
    reset_precision()
    path, display = request["path"], request.get("display") or request["path"]
    started = time.process_time()
    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError as error:
        return output_record.frame({"ok": False, "error": diagnose.unreadable(error, display)})
    program = Program(path, request.get("args", []), request.get("ring_bits", 64),
                      request.get("budget", 1000), request.get("options"),
                      request.get("n_workers", 0))
    try:
        if (request.get("options") or {}).get("checked"):
            checking.install()
        with limits.watched():
            _execute(source, path, display, program)
        limits.check()
        _check_end()
        write_given(request.get("input_prefix", "Player-Data/Input"))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: whatever ends the program is explained
        if isinstance(error, SystemExit) and error.code in (None, 0):
            return output_record.success(program.name, time.process_time() - started, rec.notes)
        answer = diagnose.describe(error, display, path)
        return output_record.frame({"ok": False, "error": answer})
    finally:
        checking.remove()
    return output_record.success(program.name, time.process_time() - started, rec.notes)


def _execute(source, path, display, program):
    names = all_names(program)
    imports.install(names)
    namespace = dict(names)
    flow.prepare(namespace)
    namespace.update(__name__="__main__", __file__=path, __builtins__=__builtins__)
    directory = os.path.dirname(os.path.abspath(path))
    if sys.path[:1] != [directory]:
        sys.path.insert(0, directory)
    _seed(source, program.args)
    rec.begin(path, display, namespace)
    for code in flow.compile_source(source, path):
        exec(code, namespace)


def _seed(source, args):
    """Parties that compile separately must get the same: randomness follows from the program."""
    texts = [source] + [arg.encode("utf-8", "surrogateescape") for arg in args]
    random.seed(b"".join(len(text).to_bytes(8, "little") + text for text in texts))


def _check_end():
    region = rec.tape.regions[-1]
    if region.kind != "tape":
        raise LanguageError("E0206", "this if_then() has no end_if()",
                            "write end_if() where the branch ends").at(region.line)
    rec.start_waiting()
