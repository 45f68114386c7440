"""Runs a record on plain integers: what the language means, without compiler and machine.

One party that sees everything. Parallel loops and threads run one pass after the other.
"""

import random
from itertools import product

BITS = 64


class Crash(Exception):
    """The program has stopped itself."""


class _Break(Exception):
    """A loop is left."""


def ring(value):
    """The signed representative modulo 2^64."""
    value &= (1 << BITS) - 1
    return value - (1 << BITS) if value >> (BITS - 1) else value


def _quotient(a, b):
    if b == 0:
        raise Crash("division by zero")
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


MASK = (1 << BITS) - 1
INT = {0: lambda a, b: a + b, 1: lambda a, b: a - b, 2: lambda a, b: a * b, 3: _quotient,
       4: lambda a, b: a - b * _quotient(a, b), 5: lambda a, b: a << b, 6: lambda a, b: a >> b,
       7: lambda a, b: a & b, 8: lambda a, b: a | b, 9: lambda a, b: a ^ b,
       10: lambda a, b: a < b, 11: lambda a, b: a <= b, 12: lambda a, b: a == b,
       13: lambda a, b: a != b}
PUBLIC = dict(INT)
PUBLIC.update({4: lambda a, b: (a & MASK) % (b & MASK), 6: lambda a, b: (a & MASK) >> b})
COMPARE = {0: INT[10], 1: INT[11], 2: INT[12], 3: INT[13]}
SECRET = {"adds": 0, "subs": 1, "addsc": 0, "subsc": 1, "subcs": 1, "mulsc": 2}


def offsets(levels):
    """The distances of a strided pattern from its base."""
    return [sum(k * stride for k, (_, stride) in zip(steps, levels))
            for steps in product(*[range(count) for count, _ in levels])]


def parse(items):
    """Nested blocks: (instruction, [blocks])."""
    def block():
        found = []
        while position[0] < len(items):
            item = items[position[0]]
            position[0] += 1
            if item[0] in ("end", "else", "test"):
                return found, item
            if item[0] in ("loop", "if", "while"):
                blocks, end = [], ("",)
                while end[0] != "end":
                    inner, end = block()
                    blocks.append((inner, end))
                found.append((item, blocks))
            else:
                found.append((item, None))
        return found, ("end",)
    position = [0]
    return block()[0]


class Machine:
    """Registers, memory, output."""

    def __init__(self, record, inputs=None):
        self.record = record
        self.registers = {}
        self.arrays = {}
        self.inputs = {player: iter(values) for player, values in (inputs or {}).items()}
        self.text = ""
        self.permutations = []
        self.chance = random.Random(1)
        self.blocks = [parse(tape) for tape in record.tapes]
        # Arrays are numbered over all tapes, in the order of their declarations.
        self.numbers = {}
        for tape in record.tapes:
            for item in tape:
                if item[0] == "array":
                    self.numbers[id(item)] = len(self.numbers)

    def run(self):
        """What the program prints; a crash ends it."""
        try:
            self.block(self.blocks[0])
        except Crash as crash:
            self.text += "".join("%s\n" % text for text in crash.args if text)
        return self.text

    def get(self, name, lanes=None):
        """The lanes of a register, with one lane repeated."""
        value = self.registers[name]
        return value * lanes if lanes is not None and len(value) == 1 else value

    def set(self, name, values):
        """Writes a register, which has the right number of lanes."""
        lanes = self.lanes(name)
        values = [ring(int(value)) for value in values]
        if len(values) == 1:
            values = values * lanes
        assert len(values) == lanes, (name, lanes, len(values))
        self.registers[name] = values

    def lanes(self, name):
        """The number of lanes of a register."""
        return self.record.lanes[name[0]][int(name[1:])]

    def block(self, block):
        """Runs statements."""
        for item, blocks in block:
            if blocks is None:
                self.step(item)
            else:
                getattr(self, "do_" + item[0])(item[2:], blocks)

    def do_if(self, operands, blocks):
        """A branch."""
        taken = self.get("i%d" % operands[0]) != [0]
        if taken or len(blocks) > 1:
            self.block(blocks[0 if taken else 1][0])

    def do_while(self, operands, blocks):
        """A loop with a test."""
        (test, (_, _, condition)), (body, _) = blocks
        while True:
            self.block(test)
            if self.get("i%d" % condition) == [0]:
                return
            try:
                self.block(body)
            except _Break:
                return

    def do_loop(self, operands, blocks):
        """A counted loop."""
        index, start, stop, step = ("i%d" % operands[0], self.get("i%d" % operands[1])[0],
                                    self.get("i%d" % operands[2])[0], operands[3])
        self.set(index, [start])
        while (self.get(index)[0] < stop) if step > 0 else (self.get(index)[0] > stop):
            try:
                self.block(blocks[0][0])
            except _Break:
                return
            self.set(index, [self.get(index)[0] + step])

    def parts(self, parts):
        """A printed text."""
        out = ""
        for kind, number, *precision in parts:
            if kind == 8:
                lanes = self.get("c%d" % number)
                value = sum((lane & 1) << k for k, lane in enumerate(lanes))
                out += "0x%0*x" % (-(-len(lanes) // 4), value)
            elif kind == 0:
                out += self.record.json["texts"][number]
            elif kind == 3:
                bits, total, digits = precision
                lanes = ["%.*g" % (digits, lane / 2 ** bits)
                         if -2 ** (total - 1) <= lane < 2 ** (total - 1) else "NaN"
                         for lane in self.get("c%d" % number)]
                out += lanes[0] if len(lanes) == 1 else "[%s]" % ", ".join(lanes)
            else:
                lanes = self.get("%s%d" % (" ic"[kind], number))
                out += str(lanes[0]) if len(lanes) == 1 else str(lanes)
        return out

    def cells(self, number, addresses):
        """An array, if all of these addresses lie in it."""
        array = self.arrays[number]
        if not all(0 <= address < len(array) for address in addresses):
            raise Crash("index out of range")
        return array

    def step(self, item):
        """One instruction."""
        name, operands = item[0], item[2:]
        method = getattr(self, "op_" + name.replace(".", "_"), None)
        if name == "array":
            self.arrays[self.numbers[id(item)]] = [0] * operands[1]
        elif name == "break":
            raise _Break
        elif method is not None:
            method(*operands)
        elif name in SECRET:
            self.binary(INT[SECRET[name]], *operands)
        elif name[:-1] in ("mov", "conv") or name in ("convic", "convci", "convcs"):
            self.set(operands[0], self.get(operands[1]))
        elif name[:-1] == "pick":
            lanes = self.get(operands[1])
            self.set(operands[0], [lanes[operands[2] + k] for k in offsets(operands[3])])
        elif name[:-1] == "concat":
            self.set(operands[0], [lane for part in operands[1] for lane in self.get(part)])
        elif name[:-1] == "sum":
            lanes, count = self.get(operands[1]), self.lanes(operands[0])
            size = len(lanes) // count
            self.set(operands[0], [sum(lanes[k * size:(k + 1) * size]) for k in range(count)])
        elif name in ("lds", "ldcm", "ldim", "ldbm"):
            self.load(operands[0], operands[1], operands[2], operands[3])
        elif name in ("sts", "stcm", "stim", "stbm"):
            self.store(operands[0], operands[1], operands[2], operands[3])
        elif name[:-1] == "gather":
            addresses = self.get(operands[2])
            array = self.cells(operands[1], addresses)
            self.set(operands[0], [array[address] for address in addresses])
        elif name[:-1] == "scatter":
            addresses = self.get(operands[1])
            array = self.cells(operands[0], addresses)
            for address, value in zip(addresses, self.get(operands[2], len(addresses))):
                array[address] = value
        else:
            assert name in ("timer.start", "timer.stop", "check"), name

    def binary(self, operation, dst, a, b):
        """An element-wise operation."""
        lanes = self.lanes(dst)
        self.set(dst, [operation(x, y) for x, y in zip(self.get(a, lanes), self.get(b, lanes))])

    def load(self, dst, number, base, levels):
        """Reads a pattern."""
        addresses = [self.get(base)[0] + k for k in offsets(levels)]
        array = self.cells(number, addresses)
        self.set(dst, [array[address] for address in addresses])

    def store(self, number, base, levels, src):
        """Writes a pattern."""
        addresses = [self.get(base)[0] + k for k in offsets(levels)]
        array = self.cells(number, addresses)
        for address, value in zip(addresses, self.get(src, len(addresses))):
            array[address] = value

    def op_ldi(self, dst, value):
        self.set(dst, [value])

    def op_ldvi(self, dst, values):
        self.set(dst, values)

    def op_ldc(self, dst, number):
        self.set(dst, [int(self.record.json["constants"][number])])

    def op_iotai(self, dst, base, levels):
        self.set(dst, [self.get(base)[0] + k for k in offsets(levels)])

    def op_int(self, code, dst, a, b):
        self.binary(INT[code], dst, a, b)

    def op_publ(self, code, dst, a, b):
        self.binary(PUBLIC[code], dst, a, b)

    def op_cmpc(self, code, dst, a, b):
        self.binary(COMPARE[code], dst, a, b)

    def op_muls(self, products):
        for dst, a, b in products:
            self.binary(INT[2], dst, a, b)

    def op_dots(self, products):
        for dst, a, b in products:
            self.set(dst, [sum(x * y for x, y in zip(self.get(a), self.get(b)))])

    def op_matmuls(self, dst, a, b, rows, inner, columns):
        a, b = self.get(a), self.get(b)
        self.set(dst, [sum(a[i * inner + k] * b[k * columns + j] for k in range(inner))
                       for i in range(rows) for j in range(columns)])

    def op_ltzs(self, tests):
        for dst, src, bits in tests:
            self.set(dst, [lane >> (bits - 1) & 1 for lane in self.get(src)])

    def op_eqzs(self, tests):
        for dst, src, bits in tests:
            self.set(dst, [lane & ((1 << bits) - 1) == 0 for lane in self.get(src)])

    def op_decs(self, parts):
        for dst, src, bits in parts:
            self.set(dst, [lane >> bit & 1 for bit in range(bits) for lane in self.get(src)])

    def op_weighs(self, sums):
        for dst, src, bits, places, weights in sums:
            weights = [int(self.record.json["constants"][weight]) for weight in weights]
            res = []
            for row in range(0, len(weights), bits):
                for lane in self.get(src):
                    low = lane & ((1 << bits) - 1)
                    sign = low >> bits - 1
                    if places == 1:
                        size = (~low & ((1 << bits - 1) - 1)) | 1 if sign else low
                        low = (1 << size.bit_length() >> 1) | sign << bits - 1
                    res.append(sum(weights[row + k] for k in range(bits) if low >> k & 1))
            self.set(dst, res)

    def op_truncs(self, shifts):
        for dst, src, shift, bits, rounding in shifts:
            lanes = self.get(src)
            # Numbers that are longer than promised become anything.
            lanes = [lane if -1 << bits - 1 <= lane < 1 << bits - 1 else
                     self.chance.getrandbits(BITS) for lane in lanes]
            # Floor, nearest, or one of the two neighbors.
            part = (1 << shift) - 1
            up = {0: lambda: 0, 1: lambda: 1 << shift - 1, 2: lambda: self.chance.choice((0, part))}
            self.set(dst, [lane + up[rounding]() >> shift for lane in lanes])

    def rows(self, src, count):
        """Equal rows of a register."""
        lanes = self.get(src)
        width = len(lanes) // count if count else 0
        return [lanes[k * width:(k + 1) * width] for k in range(count)]

    def set_rows(self, dst, rows):
        """Writes rows."""
        self.set(dst, [lane for row in rows for lane in row])

    def op_shuffles(self, dst, src, count):
        rows = self.rows(src, count)
        self.chance.shuffle(rows)
        self.set_rows(dst, rows)

    def op_newperm(self, dst, count):
        order = list(range(count))
        self.chance.shuffle(order)
        self.permutations.append(order)
        self.set(dst, [len(self.permutations) - 1])

    def op_perms(self, dst, number, src, count, backward):
        order = self.permutations[self.get(number)[0]]
        if len(order) != count:
            raise Crash("another number of rows")
        self.rearrange(dst, order, src, backward)

    def op_rearrs(self, dst, numbers, src, backward):
        order = self.get(numbers)
        if sorted(order) != list(range(len(order))):
            raise Crash("no permutation")
        self.rearrange(dst, order, src, backward)

    def rearrange(self, dst, order, src, backward):
        """Moves row i to order[i], or back."""
        rows = self.rows(src, len(order))
        res = [None] * len(rows)
        for k, place in enumerate(order):
            res[k if backward else place] = rows[place if backward else k]
        self.set_rows(dst, res)

    def op_sorts(self, dst, src, keys):
        columns = [[lane & (1 << bits) - 1 for lane in self.get(key)] for key, bits in keys]
        order = sorted(range(len(columns[0])), key=lambda k: [column[k] for column in columns])
        rows = self.rows(src, len(order))
        self.set_rows(dst, [rows[k] for k in order])

    def op_ldb(self, dst, words):
        self.set(dst, [words[k // 64] >> k % 64 & 1 for k in range(self.lanes(dst))])

    def op_xorb(self, dst, a, b):
        self.binary(lambda x, y: x ^ y & 1, dst, a, b)

    op_xorbc = op_xorb

    def op_andbc(self, dst, a, b):
        self.binary(INT[7], dst, a, b)

    def op_andb(self, products):
        for dst, a, b in products:
            self.binary(INT[7], dst, a, b)

    def op_sumb(self, dst, src):
        lanes, count = self.get(src), self.lanes(dst)
        size = len(lanes) // count
        self.set(dst, [sum(lanes[k * size:(k + 1) * size]) % 2 for k in range(count)])

    def op_convcb(self, dst, src, bits):
        self.set(dst, [lane >> bit & 1 for bit in range(bits) for lane in self.get(src)])

    def op_convsb(self, parts):
        for dst, src, bits in parts:
            self.op_convcb(dst, src, bits)

    def op_convbs(self, parts):
        for dst, src in parts:
            self.set(dst, self.get(src))

    def op_randb(self, dst):
        self.set(dst, [self.chance.getrandbits(1) for _ in range(self.lanes(dst))])

    def op_openb(self, openings):
        for dst, src in openings:
            self.set(dst, self.get(src))

    def op_inputb(self, inputs):
        for dst, player, bits, fraction in inputs:
            source = self.inputs[self.get(player)[0]]
            numbers = [round(next(source) * 2 ** fraction)
                       for _ in range(self.lanes(dst) // bits)]
            self.set(dst, [number >> bit & 1 for bit in range(bits) for number in numbers])

    def op_opens(self, openings):
        for dst, src in openings:
            self.set(dst, self.get(src))

    def op_opentos(self, player, dst, src):
        self.set(dst, self.get(src))

    def op_inputs(self, inputs):
        for dst, player, bits in inputs:
            source = self.inputs[self.get(player)[0]]
            self.set(dst, [round(next(source) * 2 ** bits) for _ in range(self.lanes(dst))])

    def op_nparties(self, dst):
        self.set(dst, [3])

    def op_partyid(self, dst):
        self.set(dst, [0])

    def op_print(self, condition, player, parts):
        if condition is not None and self.get(condition) == [0]:
            return
        if player is None or self.get(player) == [0]:
            self.text += self.parts(parts)

    def op_fail(self, condition, parts):
        if any(self.get(condition)):
            raise Crash(self.parts(parts))

    def op_threads(self, jobs):
        for tape, args in jobs:
            for param, arg in zip(self.record.json["tapes"][tape]["params"], args):
                self.set("i%d" % param, self.get(arg))
            self.block(self.blocks[tape])
