"""Circuits in the form called Bristol Fashion: a text with one gate in each line.

The first line has the numbers of gates and of wires; the second the number of inputs, and the
wires of each; the third the same for the outputs. A gate is a line with the number of its inputs,
that of its outputs, their wires, and its kind. Input wires come first, output wires last.
"""

import os

from .bits import Bits, invert, land, xor, zeros
from .bitvec import sbitvec
from .errors import LanguageError, LanguageValueError, VectorMismatch
from .record import rec


def _fault(path, line, what):
    return LanguageError("E0234", "the circuit %s is damaged in line %d: %s"
                         % (os.path.basename(path), line, what),
                         "it must be a circuit in the format Bristol Fashion")


class Netlist:
    """A circuit that was read: gates by level of conjunctions."""

    def __init__(self, path):
        self.path = path
        with open(path, encoding="ascii", errors="replace") as file:
            lines = [(number, line.split()) for number, line in enumerate(file, 1) if line.strip()]
        if len(lines) < 3:
            raise _fault(path, len(lines) or 1, "it has no head")
        head = []
        for number, words in lines[:3]:
            if not all(word.isdigit() for word in words):
                raise _fault(path, number, "the head has numbers only")
            head.append([int(word) for word in words])
        if len(head[0]) != 2 or any(len(part) != 1 + part[0] for part in head[1:]):
            raise _fault(path, 1, "the head has another form")
        (self.n_gates, self.n_wires), self.inputs, self.outputs = head[0], head[1][1:], head[2][1:]
        if sum(self.inputs) > self.n_wires or sum(self.outputs) > self.n_wires:
            raise _fault(path, 1, "there are fewer wires than inputs or outputs")
        self._schedule(lines[3:])

    def _schedule(self, lines):
        """Sorts gates: what is local at a depth, then the conjunctions of that depth."""
        if len(lines) != self.n_gates:
            raise _fault(self.path, lines[-1][0] if lines else 3, "it has %d gates, not %d"
                         % (len(lines), self.n_gates))
        depths = [None] * self.n_wires
        for wire in range(sum(self.inputs)):
            depths[wire] = 0
        self.levels = []
        for number, words in lines:
            for kind, ins, outs in self._gates(number, words):
                if any(not 0 <= wire < self.n_wires for wire in ins + outs):
                    raise _fault(self.path, number, "there is no such wire")
                if any(depths[wire] is None for wire in ins if kind != "EQ"):
                    raise _fault(self.path, number, "a wire is used before it has a value")
                depth = max([depths[wire] for wire in ins if kind != "EQ"], default=0)
                while len(self.levels) <= depth:
                    self.levels.append(([], []))
                is_and = kind == "AND"
                self.levels[depth][is_and].append((kind, ins, outs[0]))
                depths[outs[0]] = depth + is_and
        first = self.n_wires - sum(self.outputs)
        if any(depth is None for depth in depths[first:]):
            raise _fault(self.path, lines[-1][0] if lines else 3, "an output has no value")

    def _gates(self, number, words):
        """The gates of a line; a line of the kind MAND has several."""
        kind = words[-1]
        try:
            n_in, n_out, *wires = [int(word) for word in words[:-1]]
        except ValueError:
            raise _fault(self.path, number, "this is no gate") from None
        if len(wires) != n_in + n_out:
            raise _fault(self.path, number, "the numbers of wires do not fit")
        ins, outs = wires[:n_in], wires[n_in:]
        if kind == "MAND" and n_in == 2 * n_out:
            return [("AND", [ins[k], ins[n_out + k]], [outs[k]]) for k in range(n_out)]
        if (kind, n_in, n_out) not in (("AND", 2, 1), ("XOR", 2, 1), ("INV", 1, 1),
                                       ("NOT", 1, 1), ("EQW", 1, 1), ("EQ", 1, 1)):
            raise _fault(self.path, number, "there is no gate %s with %d inputs and %d outputs"
                         % (kind, n_in, n_out))
        if kind == "EQ" and ins[0] not in (0, 1):
            raise _fault(self.path, number, "a constant is 0 or 1")
        return [(kind, ins, outs)]

    def run(self, rows):
        """The outputs' rows for those of the inputs: all conjunctions of a level in one round."""
        wires = list(rows) + [None] * (self.n_wires - len(rows))
        lanes = rows[0].size if rows else 1
        for local, conjunctions in self.levels:
            for kind, ins, out in local:
                if kind == "XOR":
                    wires[out] = xor(wires[ins[0]], wires[ins[1]])
                elif kind == "EQW":
                    wires[out] = wires[ins[0]]
                elif kind == "EQ":
                    wires[out] = invert(zeros(lanes)) if ins[0] else zeros(lanes)
                else:
                    wires[out] = invert(wires[ins[0]])
            if conjunctions:
                products = land([(wires[a], wires[b]) for _, (a, b), _ in conjunctions])
                for (_, _, out), product in zip(conjunctions, products):
                    wires[out] = product
        return wires[self.n_wires - sum(self.outputs):]


class Circuit:
    """A circuit that is called with vectors of bits: Programs/Circuits/NAME.txt, or one of ours."""

    def __init__(self, name):
        from .circuit_library import LIBRARY
        path = find(name)
        if path is not None:
            netlist = Netlist(path)
            self.inputs, self.outputs, self._run = netlist.inputs, netlist.outputs, netlist.run
        elif name in LIBRARY:
            self.inputs, self.outputs, self._run = LIBRARY[name]
        else:
            raise LanguageValueError(
                "E0235", "there is no circuit %r" % (name,),
                "put it into Programs/Circuits/%s.txt, or use one of %s"
                % (name, ", ".join(sorted(LIBRARY))))
        self.name = name

    def __call__(self, *inputs):
        if len(inputs) != len(self.inputs):
            raise LanguageValueError("E0236", "the circuit %s takes %d inputs, not %d"
                                     % (self.name, len(self.inputs), len(inputs)))
        inputs = [value if isinstance(value, sbitvec) else sbitvec.conv(value)
                  for value in inputs]
        lanes = max([value.lanes for value in inputs], default=1)
        rows = []
        for value, wires in zip(inputs, self.inputs):
            if value.length != wires:
                raise LanguageValueError("E0236", "the circuit %s takes an input of %d bits, not %d"
                                         % (self.name, wires, value.length))
            if value.lanes not in (1, lanes):
                raise VectorMismatch(value.lanes, lanes)
            rows += [row if row.size == lanes else row.pick(0, ((lanes, 0),)) for row in value.v]
        found = iter(self._run(rows))
        results = []
        for wires in self.outputs:
            matrix = Bits.concat([next(found) for _ in range(wires)])
            results.append(sbitvec.of(matrix, lanes))
        return results[0] if len(results) == 1 else results


def find(name):
    """The file of a circuit: beside the program's folder, or in the current one."""
    if not isinstance(name, str) or os.path.basename(name) != name:
        raise LanguageValueError("E0235", "%r is no name of a circuit" % (name,))
    for folder in (rec.directory, os.path.join(rec.directory, os.pardir),
                   os.path.join(rec.directory, os.pardir, os.pardir), os.getcwd()):
        for place in (("Programs", "Circuits"), ("Circuits",)):
            path = os.path.join(folder, *place, name + ".txt")
            if os.path.isfile(path):
                return path
    return None
