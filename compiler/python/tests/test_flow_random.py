"""Random programs with Python's own control flow: the same on numbers as Python runs them, and on
run-time values as recorded.

A program that is refused is no failure, as not every jump can depend on a run-time value; but
most must be accepted.
"""

import os
import random
import unittest

from tests.decode import record
from tests.interpret import Machine

#: The first seed, and how many programs.
SEED = int(os.environ.get("CAUCUS_SEED", "0"))
COUNT = int(os.environ.get("CAUCUS_PROGRAMS", "40"))


class Writer:
    """Writes one program over the names a, b, c, d."""

    def __init__(self, chance):
        self.chance = chance
        self.loops = 0
        self.names = list("abcd")

    def expression(self, depth=2):
        """A number."""
        kind = self.chance.random()
        if depth == 0 or kind < 0.4:
            return self.chance.choice(self.names + [str(self.chance.randint(-3, 5))])
        if kind < 0.8:
            return "(%s %s %s)" % (self.expression(depth - 1), self.chance.choice("+-*"),
                                   self.chance.choice(self.names + ["2"]))
        return "(%s if %s else %s)" % (self.expression(depth - 1), self.condition(depth - 1),
                                       self.expression(depth - 1))

    def condition(self, depth=2):
        """A condition."""
        kind = self.chance.random()
        one, two = self.expression(0), self.expression(0)
        if depth == 0 or kind < 0.5:
            return "%s %s %s" % (one, self.chance.choice("< > == != <= >=".split()), two)
        if kind < 0.6:
            return "%s < %s <= %s" % (one, two, self.expression(0))
        if kind < 0.9:
            return "(%s %s %s)" % (self.condition(depth - 1), self.chance.choice(["and", "or"]),
                                   self.condition(depth - 1))
        return "(not %s)" % self.condition(depth - 1)

    def block(self, depth, loop, function):
        """Lines of some statements."""
        return [line for _ in range(self.chance.randint(1, 3))
                for line in self.statement(depth, loop, function)]

    def inner(self, depth, loop, function, *last):
        """A block one level further in."""
        return ["    " + line for line in self.block(depth - 1, loop, function) + list(last)]

    def statement(self, depth, loop, function):
        """Lines of a statement."""
        kind = self.chance.random()
        name = self.chance.choice("abcd")
        if depth == 0 or kind < 0.3:
            return [self.chance.choice([
                "%s = %s" % (name, self.expression()), "%s += %s" % (name, self.expression(1)),
                "a, b = b, a", "c = d = %s" % self.expression(1)])]
        if kind < 0.35:
            return ["o.x = %s" % self.expression(1), "%s = o.x" % name]
        if kind < 0.65:
            jump = []
            if self.chance.random() < 0.3:
                jump = [self.chance.choice(["break", "continue"])] if loop else \
                    ["return %s" % self.expression(1)] if function else []
            lines = ["if %s:" % self.condition()] + self.inner(depth, loop, function, *jump)
            while self.chance.random() < 0.3:
                lines += ["elif %s:" % self.condition()] + self.inner(depth, loop, function)
            if self.chance.random() < 0.5:
                lines += ["else:"] + self.inner(depth, loop, function)
            return lines
        self.loops += 1
        name = "n%d" % self.loops
        if kind < 0.75:
            return ["%s = %s" % (name, self.chance.choice(["0", "zero"])),
                    "while %s < %d and %s:" % (name, self.chance.randint(1, 4),
                                               self.condition(1)),
                    "    %s += 1" % name] + self.inner(depth, True, function)
        if kind < 0.82:
            return ["%s = zero" % name, "while True:", "    %s += 1" % name,
                    "    if %s > %d:" % (name, self.chance.randint(1, 3)),
                    "        break"] + self.inner(depth, True, function)
        bounds = self.chance.choice(["3", "two", "1, 4", "two, -2, -1"])
        self.names.append(name)
        lines = ["for %s in range(%s):" % (name, bounds)] + self.inner(depth, True, function)
        self.names.remove(name)
        return lines

    def program(self):
        """The whole program, without its values."""
        lines = ["class O: pass", "o = O()", "o.x = zero"]
        if self.chance.random() < 0.6:
            lines += ["def f(a, b, c, d):"] + self.inner(3, False, True) + \
                ["    return %s" % self.expression(1), "d = f(a, b, c, d)"]
        for _ in range(3):
            lines += self.statement(3, False, False)
        return "\n".join(lines + ["show(a, b, c, d)"]) + "\n"


class Random(unittest.TestCase):
    """Programs that no one has thought of."""

    def test_run_time_values_take_the_way_that_numbers_take(self):
        accepted = 0
        for seed in range(SEED, SEED + COUNT):
            chance = random.Random(seed)
            body = Writer(chance).program()
            values = {name: chance.randint(-3, 4) for name in "abcd"}
            run_time = {name for name in "abcd" if chance.random() < 0.7}
            expected = []
            exec(body, dict(values, zero=0, two=2, show=lambda *found: expected.extend(
                int(value) for value in found)))
            if any(abs(value) > 2 ** 62 for value in expected):
                continue
            first = ["%s = %s" % (name, "regint(%d)" % value if name in run_time else value)
                     for name, value in values.items()]
            source = "\n".join(["zero, two = regint(0), regint(2)"] + first + [
                "def show(*values):", "    print_ln('%s %s %s %s', *[regint(v) for v in values])"
            ]) + "\n" + body
            options = {"flow": True} if seed % 3 == 0 else {}
            res = record(source, options=options)
            if not res.ok:
                self.assertIn(res.error["code"], ("E0272", "E0273"), (seed, res.error, source))
                continue
            accepted += 1
            found = [int(value) for value in Machine(res).run().split()]
            self.assertEqual(found, expected, "seed %d\n%s" % (seed, source))
        self.assertGreater(accepted, COUNT // 2)


if __name__ == "__main__":
    unittest.main()
