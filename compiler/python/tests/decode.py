"""Helpers of the tests: the generated table, a run of the front end, a reader of records."""

import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import types
from array import array

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = os.path.dirname(HERE)
BYTECODE = os.path.join(HERE, "..", "..", "..", "bytecode", "src")

MARKERS = {1000: ("array", "class Imm"), 1001: ("loop", "I I I Imm Imm Imm Imm"),
           1002: ("if", "I"), 1003: ("else", ""), 1004: ("while", ""), 1005: ("test", "I"),
           1006: ("break", ""), 1099: ("end", "")}


def _read(name):
    with open(os.path.join(BYTECODE, name), encoding="utf-8") as file:
        return file.read()


def _table():
    found = re.findall(r'^    (\d+) "([\w.]+)" \w+ \w+ \{(.*)\}$', _read("op.rs"), re.M)
    table = {}
    for number, name, operands in found:
        kinds = re.findall(r"\w+: ((?:[^,<(]|<[^>]*>)+)", operands)
        table[int(number)] = (name, [kind.strip() for kind in kinds])
    return table


def _choices():
    result = {}
    text = _read("choice.rs")
    for name, prefix in (("IntOp", "INT"), ("PublicOp", "PUBL"), ("Comparison", "CMPC"),
                         ("Rounding", "TRUNCS"), ("Requirement", "REQUIRES"),
                         ("BinaryForm", "INPUTF"), ("Places", "WEIGHS")):
        body = re.search(r"    %s \{(.*?)\n    \}" % name, text, re.S).group(1)
        for number, item in re.findall(r'= (\d+) "(\w+)"', body):
            result["%s_%s" % (prefix, item.upper())] = int(number)
    return result


TABLE = _table()
CHOICES = _choices()


def numbers_module():
    """The text of caucus/_ops.py, which the compiler generates from its table."""
    lines = ["%s = %d" % (name.replace(".", "_").upper(), number)
             for number, (name, _) in TABLE.items()]
    lines += ["%s = %d" % item for item in CHOICES.items()]
    return "\n".join(lines) + "\n"


def install_numbers():
    """Makes caucus._ops importable in this process."""
    if PYTHON not in sys.path:
        sys.path.insert(0, PYTHON)
    module = types.ModuleType("caucus._ops")
    exec(numbers_module(), module.__dict__)
    sys.modules.setdefault("caucus._ops", module)


install_numbers()


class Record:
    """A decoded answer of the front end."""

    def __init__(self, data):
        assert data[:8] == b"CAUCUSR1"
        (length,) = struct.unpack_from("<I", data, 8)
        self.json = json.loads(data[12:12 + length])
        self.ok = self.json["ok"]
        if not self.ok:
            self.error = self.json["error"]
            return
        at = 12 + length
        self.lanes = {}
        for letter in "scib":
            size = self.json["sizes"][letter]
            self.lanes[letter] = array("I", data[at:at + 4 * size])
            at += 4 * size
        words = array("q", data[at:])
        self.tapes = []
        done = 0
        for tape in self.json["tapes"]:
            self.tapes.append(list(self._decode(words[done:done + tape["words"]])))
            done += tape["words"]
        assert done == len(words)

    def _decode(self, words):
        items = iter(words)
        for code in items:
            line = next(items)
            if code in MARKERS:
                name, kinds = MARKERS[code]
                yield (name, line) + tuple(next(items) for _ in kinds.split())
            else:
                name, kinds = TABLE[code]
                yield (name, line) + tuple(self._operand(kind, items) for kind in kinds)

    def _operand(self, kind, items):
        inner = re.fullmatch(r"Vec<(.*)>", kind)
        if inner:
            return [self._operand(inner.group(1), items) for _ in range(next(items))]
        inner = re.fullmatch(r"Option<(.*)>", kind)
        if inner:
            return self._operand(inner.group(1), items) if next(items) else None
        if kind.startswith("("):
            parts = re.findall(r"Vec<\w+>|\w+", kind)
            return tuple(self._operand(part, items) for part in parts)
        if kind == "Level":
            return (next(items), next(items))
        if kind == "Part":
            which, number = next(items), next(items)
            rest = (next(items), next(items), next(items)) if which == 3 else ()
            return (which, number) + rest
        if kind in ("DstS", "SrcS", "DstC", "SrcC", "DstI", "SrcI", "DstB", "SrcB"):
            letter = kind[3].lower()
            number = next(items)
            assert 0 <= number < len(self.lanes[letter]), (kind, number)
            return letter + str(number)
        return next(items)

    def names(self, tape=0):
        """The instructions' names."""
        return [item[0] for item in self.tapes[tape]]

    def all(self, name, tape=0):
        """The instructions with a name, without name and line."""
        return [item[2:] for item in self.tapes[tape] if item[0] == name]

    def printed(self):
        """The texts of all print instructions, with registers as {s0}."""
        return [self.parts(item[-1]) for item in self.all("print")]

    def parts(self, parts):
        """A printed text."""
        show = {0: lambda k: self.json["texts"][k], 1: "{{i{}}}".format, 2: "{{c{}}}".format,
                3: lambda k, bits, total, digits: "{c%d/2^%d:%d}" % (k, bits, digits),
                5: "{{s{}}}".format}
        return "".join(show[kind](*rest) for kind, *rest in parts)


def record(source, *args, **request):
    """Records a program in this process."""
    from caucus import environment
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "test.mpc")
        with open(path, "w", encoding="utf-8") as file:
            file.write(source)
        request.update(path=path, display="test.mpc", args=list(args))
        return Record(environment.run(request))


def record_in_process(source, *args):
    """Records a program by `python3 -m caucus`."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "test.mpc")
        with open(path, "w", encoding="utf-8") as file:
            file.write(source)
        package = os.path.join(directory, "package")
        _copy_package(package)
        reader, writer = os.pipe()
        env = dict(os.environ, PYTHONPATH=package, CAUCUS_RECORD_FD=str(writer))
        child = subprocess.Popen([sys.executable, "-m", "caucus"], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, pass_fds=(writer,), env=env,
                                 cwd=directory)
        os.close(writer)
        request = {"path": path, "display": "test.mpc", "args": list(args), "ring_bits": 64,
                   "budget": 1000, "options": {}, "print_to_stderr": False}
        child.stdin.write(json.dumps(request).encode())
        child.stdin.close()
        with os.fdopen(reader, "rb") as file:
            data = file.read()
        printed = child.stdout.read()
        child.stdout.close()
        return child.wait(), printed, Record(data)


def _copy_package(target):
    import shutil
    shutil.copytree(os.path.join(PYTHON, "caucus"), os.path.join(target, "caucus"),
                    ignore=shutil.ignore_patterns("__pycache__"))
    with open(os.path.join(target, "caucus", "_ops.py"), "w") as file:
        file.write(numbers_module())
