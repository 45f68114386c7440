"""Random functions of one or two secrets, applied to all elements of arrays in several ways.

    operations.py SEED FIRST END PROGRAMS FOLDER    writes files FIRST to END - 1, of so many programs each

All ways must give the same: vectors, loops that are unrolled, run, merged or widened, and threads; and so must runs
under any protocol and with any budget. Each program prints a line for each way, `NUMBER WAY VALUES`. Numbers stay within
bounds that are known here, so that a checked run finds nothing. The result may be a quotient of fractions, which has a
small error: then the number has a `~`.
"""

import os
import random
import sys

#: Bits that no integer needs more of, and no fraction before its point.
_INTEGER, _FRACTION = 40, 12
#: Numbers of elements: around those of words, and such as divide among threads badly.
_LENGTHS = (1, 2, 3, 5, 7, 13, 63, 64, 65, 100)
#: Ways for any length; unrolled programs become too long.
_WAYS = ("vector", "run", "widened", "merged", "threads 1", "threads 4", "parts 1", "parts 4")
_COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")


class Value:
    """A value of the function: its name, its type, and what bounds its size."""

    def __init__(self, name, kind, low, high):
        self.name = name
        #: `int` or `fix`.
        self.kind = kind
        self.low = low
        self.high = high

    def size(self):
        """The largest magnitude."""
        return max(abs(self.low), abs(self.high))

    def is_bit(self):
        """Whether it is 0 or 1."""
        return self.kind == "int" and self.low >= 0 and self.high <= 1


class Function:
    """A random function as lines of text."""

    def __init__(self, chooser, arguments):
        self.random = chooser
        self.values = list(arguments)
        self.lines = []
        for _ in range(chooser.randint(2, 6)):
            self.step()
        if self.values[-1].is_bit():
            # A number says more than a bit.
            value = chooser.choice(self.values[:2])
            self.add("%s.if_else(%s, -%s)" % (self.values[-1].name, value.name, value.name),
                     value.kind, -value.size(), value.size())
        self.is_quotient = self.values[-1].kind == "fix" and chooser.random() < 0.3
        if self.is_quotient:
            self.ratio(self.values[-1])
        self.result = self.values[-1]

    def pick(self, fits=lambda value: True):
        """A value that fits, later ones more likely; None if there is none."""
        found = [value for value in self.values if fits(value)]
        return found[-1 - min(int(self.random.expovariate(0.7)), len(found) - 1)] if found else None

    def add(self, text, kind, low, high):
        """A new value, unless it may be too large."""
        limit = 1 << (_INTEGER if kind == "int" else _FRACTION)
        if low < -limit or high > limit:
            return
        name = "v%d" % len(self.values)
        self.lines.append("%s = %s" % (name, text))
        self.values.append(Value(name, kind, low, high))

    def step(self):
        """One more operation."""
        before = len(self.values)
        while len(self.values) == before:
            value = self.pick()
            (self.integer if value.kind == "int" else self.fraction)(value)

    def operand(self, value):
        """Text and bounds of another operand of the same kind."""
        if self.random.random() < 0.3:
            number = self.random.randint(-100, 100)
            if value.kind == "fix" and self.random.random() < 0.5:
                return "%r" % (number / 8), number / 8, number / 8
            return str(number), number, number
        other = self.pick(lambda it: it.kind == value.kind)
        return other.name, other.low, other.high

    def sum_or_product(self, value):
        """+, - or *."""
        text, low, high = self.operand(value)
        sign = self.random.choice("+-*")
        ends = [a + b if sign == "+" else a - b if sign == "-" else a * b
                for a in (value.low, value.high) for b in (low, high)]
        self.add("%s %s %s" % (value.name, sign, text), value.kind,
                 min(ends) - (value.kind == "fix"), max(ends) + (value.kind == "fix"))

    def comparison(self, value):
        """0 or 1."""
        text, _, _ = self.operand(value)
        self.add("%s %s %s" % (value.name, self.random.choice(_COMPARISONS), text), "int", 0, 1)

    def selection(self, value):
        """One of two by a bit."""
        bit = self.pick(Value.is_bit)
        if bit is None:
            return self.comparison(value)
        text, low, high = self.operand(value)
        low, high = min(value.low, low), max(value.high, high)
        if value.kind == "fix" and text[-1].isdigit() and text[0] != "v":
            text = "sfix(%s)" % text
        if self.random.random() < 0.3 and text[0] in "v":
            return self.add("%s.cond_swap(%s, %s)[%d]" % (
                bit.name, value.name, text, self.random.randrange(2)), value.kind, low, high)
        return self.add("%s.if_else(%s, %s)" % (bit.name, value.name, text), value.kind, low, high)

    def extreme(self, value):
        """The larger or smaller one, or the magnitude."""
        if self.random.random() < 0.4:
            return self.add("abs(%s)" % value.name, value.kind, 0, value.size() + 1)
        other = self.pick(lambda it: it.kind == value.kind)
        return self.add("util.%s([%s, %s])" % (self.random.choice(("max", "min")), value.name,
                                               other.name), value.kind,
                        min(value.low, other.low), max(value.high, other.high))

    def integer(self, value):
        """An operation on an integer."""
        self.random.choice((
            self.sum_or_product, self.sum_or_product, self.comparison, self.comparison_of_length,
            self.selection, self.extreme, self.shift, self.bits, self.logic, self.quotient,
            self.to_fraction))(value)

    def comparison_of_length(self, value):
        """With a promise of how long the numbers are."""
        other = self.pick(lambda it: it.kind == "int")
        least = int(max(value.size(), other.size()) * 2 + 1).bit_length() + 1
        bits = self.random.choice((least, min(least + 5, 60), 60))
        name = self.random.choice(("less_than", "greater_than", "less_equal", "greater_equal",
                                   "equal", "not_equal"))
        self.add("%s.%s(%s, %d)" % (value.name, name, other.name, bits), "int", 0, 1)

    def shift(self, value):
        """By a power of two: down, up, or what remains."""
        amount = self.random.randint(1, 9)
        form = self.random.randrange(3)
        if form == 0:
            self.add("%s >> %d" % (value.name, amount), "int", value.low >> amount,
                     value.high >> amount)
        elif form == 1:
            self.add("%s << %d" % (value.name, amount), "int", value.low << amount,
                     value.high << amount)
        else:
            self.add("%s %% %d" % (value.name, 1 << amount), "int", 0, (1 << amount) - 1)

    def bits(self, value):
        """Taken apart, and put together in another order, or one of them."""
        if value.low < 0:
            return
        count = max(int(value.high).bit_length(), 1) + self.random.randrange(3)
        if self.random.random() < 0.5:
            self.add("%s.bit_decompose(%d)[%d]" % (value.name, count, self.random.randrange(count)),
                     "int", 0, 1)
        else:
            step = self.random.choice((1, -1))
            self.add("sint.bit_compose(%s.bit_decompose(%d)[::%d])" % (value.name, count, step),
                     "int", 0, (1 << count) - 1)

    def logic(self, value):
        """On bits."""
        a, b = self.pick(Value.is_bit), self.pick(Value.is_bit)
        if a is None:
            return
        name = self.random.choice(("bit_and", "bit_or", "bit_xor", "bit_not"))
        self.add("%s.%s(%s)" % (a.name, name, "" if name == "bit_not" else b.name), "int", 0, 1)

    def quotient(self, value):
        """By a positive number."""
        if self.random.random() < 0.7 or value.low < 0 or value.high >= 1 << 20:
            return
        divisor = "(%s %% 16 + 1)" % self.pick(lambda it: it.kind == "int").name
        self.add("%s.int_div(%s, %d)" % (value.name, divisor, 22), "int", 0, value.high)

    def to_fraction(self, value):
        """The same number as a fraction."""
        if value.size() < 1 << _FRACTION:
            self.add("sfix(%s)" % value.name, "fix", value.low, value.high)

    def fraction(self, value):
        """An operation on a fraction."""
        self.random.choice((self.sum_or_product, self.sum_or_product, self.comparison,
                            self.selection, self.extreme))(value)

    def ratio(self, value):
        """By a number of at least 1."""
        other = self.pick(lambda it: it.kind == "fix")
        self.add("%s / (abs(%s) + 1)" % (value.name, other.name), "fix",
                 -value.size(), value.size())


def _applied(way, n):
    """Lines that apply `f` to the elements of `x` and `y`, into `z`."""
    name, _, number = way.partition(" ")
    body = "z[i] = f(x[i], y[i])"
    loop = {"run": "for_range(%d)" % n, "widened": "for_range_opt(%d)" % n,
            "merged": "for_range_parallel(3, %d)" % n,
            "threads": "for_range_opt_multithread(%s, %d)" % (number, n)}
    if name in loop:
        return ["@%s" % loop[name], "def _(i):", "    " + body]
    if name == "unrolled":
        return ["for i in range(%d):" % n, "    " + body]
    if name == "parts":
        part = "f(x.get_vector(base, size), y.get_vector(base, size))"
        return ["@multithread(%s, %d)" % (number, n), "def _(base, size):",
                "    z.assign_vector(%s, base)" % part]
    return ["z.assign_vector(f(x.get_vector(), y.get_vector()))"]


def _argument(chooser, name, n):
    """A random array, and what is known of its elements."""
    kind = chooser.choice(("int", "int", "fix"))
    size = 1 << chooser.choice((1, 4, 8, 16) if kind == "int" else (1, 4, 8))
    low = chooser.choice((0, -size))
    if kind == "int":
        values = [chooser.randint(low, size) for _ in range(n)]
        lines = ["%s = sint.Array(%d)" % (name, n), "%s.assign(%r)" % (name, values)]
    else:
        values = [chooser.randint(low * 16, size * 16) / 16 for _ in range(n)]
        lines = ["%s = sfix.Array(%d)" % (name, n),
                 "%s.assign([sfix(value) for value in %r])" % (name, values)]
    # Shares of products are random, while those of constants are not.
    lines.append("%s.assign_vector(%s.get_vector() * sint(1))" % (name, name))
    return Value(name, kind, low, size), lines


def program(seed, number):
    """The lines of one program."""
    chooser = random.Random("%s-%d" % (seed, number))
    n = chooser.choice(_LENGTHS)
    lines = ["# program %d" % number]
    arguments = []
    for name in "xy":
        value, made = _argument(chooser, name, n)
        arguments.append(value)
        lines += made
    function = Function(chooser, arguments)
    kind = {"int": "sint", "fix": "sfix"}[function.result.kind]
    lines += ["def f(x, y):"] + ["    " + line for line in function.lines]
    lines.append("    return " + function.result.name)
    ways = chooser.sample(_WAYS, 3) + (["unrolled"] if n < 10 else [])
    for way in ways:
        lines.append("z = %s.Array(%d)" % (kind, n))
        lines += _applied(way, n)
        mark = "~" if function.is_quotient else ""
        lines.append("print_ln('%d%s %s: %%s', z.get_vector().reveal())" % (number, mark, way))
    return lines


def main():
    """The command."""
    seed, folder = sys.argv[1], sys.argv[5]
    first, end, programs = map(int, sys.argv[2:5])
    for file in range(first, end):
        # Rounding is then the same everywhere.
        lines = ["from Compiler import util", "sfix.round_nearest = True"]
        for number in range(programs):
            lines += program("%s.%d" % (seed, file), number)
        with open(os.path.join(folder, "operations_%d.mpc" % file), "w") as out:
            out.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
