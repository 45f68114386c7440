"""Mathematical functions where rounding goes to either neighbor, and numbers that are longer than
an instruction was told become anything: so lengths and errors are held, not only typical ones."""

import math
import random
import unittest

from tests.decode import record
from tests.interpret import Machine

TOP = (1 << 30) - 1
ONE = 1 << 16


def _spread(chance, low, count):
    """Integers of all lengths from `low` on, and the border."""
    return [round(2 ** chance.uniform(low, 29.99)) for _ in range(count)] + [TOP, ONE, ONE - 1]


class Mathematics(unittest.TestCase):
    """Each function at random points."""

    def errors(self, call, points, exact, nearest=False):
        """The errors in units of 2^-16, with the exact results."""
        res = record("from Compiler import mpc_math\nsfix.round_nearest = %r\n"
                     "x = sfix._new(sint(%r))\nprint_ln('%%s', (%s).reveal().v)\n"
                     % (nearest, points, call))
        self.assertTrue(res.ok, None if res.ok else res.error)
        found = [int(it) for it in Machine(res, None).run().strip("[]\n").split(", ")]
        self.assertEqual(len(found), len(points))
        exact = [exact(point / ONE) * ONE for point in points]
        return [(abs(one - other), abs(other)) for one, other in zip(found, exact)]

    def within(self, units, relative, call, points, exact):
        """Errors are below these bounds, with both kinds of rounding."""
        for nearest in (False, True):
            for point, (error, size) in zip(points, self.errors(call, points, exact, nearest)):
                self.assertLessEqual(error, units + relative * size, (call, point / ONE, nearest))

    def test_functions_of_positive_numbers(self):
        points = _spread(random.Random(1), 0, 60) + [1, 2, 3]
        self.within(0.6, 0, "mpc_math.sqrt(x)", points, math.sqrt)
        self.within(0.6, 2 ** -25, "mpc_math.InvertSqrt(x)", points, lambda x: x ** -0.5)
        self.within(1.3, 0, "mpc_math.log2_fx(x)", points, math.log2)
        self.within(1.8, 0, "mpc_math.log_fx(x, 10)", points, math.log10)
        self.within(1.5, 2 ** -20, "mpc_math.pow_fx(x, 0.75)", points, lambda x: x ** 0.75)
        small = [point for point in points if 2 ** 9 < point < 2 ** 23]
        self.within(1.5, 2 ** -20, "x ** sfix(-1.5)", small, lambda x: x ** -1.5)

    def test_exponentials(self):
        chance = random.Random(2)
        points = [chance.randint(-18 * ONE, 14 * ONE - 1) for _ in range(60)]
        points += [-TOP - 1, -17 * ONE, 0, 14 * ONE - 1]
        self.within(1.6, 2 ** -27, "mpc_math.exp2_fx(x)", points, lambda x: 2 ** x)
        points = [point * 11 // 16 for point in points]
        self.within(1.6, 2 ** -26, "mpc_math.exp(x)", points, math.exp)
        self.within(1.2, 0, "mpc_math.tanh(x)", points + [TOP, -TOP - 1], math.tanh)

    def test_angles(self):
        chance = random.Random(3)
        points = [chance.randint(-TOP - 1, TOP) for _ in range(30)] + _spread(chance, 0, 30)
        points += [-point for point in points if point > 0] + [0, -TOP - 1]
        self.within(1.1, 0, "mpc_math.sin(x)", points, math.sin)
        self.within(1.1, 0, "mpc_math.cos(x)", points, math.cos)
        self.within(1.5, 0, "mpc_math.atan(x)", points, math.atan)
        self.within(0, 0, "mpc_math.floor_fx(x)", points, math.floor)
        small = [chance.randint(-ONE, ONE) for _ in range(60)] + [0, ONE, -ONE]
        self.within(1.6, 0, "mpc_math.asin(x)", small, math.asin)
        self.within(2, 0, "mpc_math.acos(x)", small, math.acos)
        self.within(4, 0, "mpc_math.tan(x)", small, math.tan)

    def test_angles_without_overflow(self):
        from caucus import trigonometry
        chance = random.Random(5)
        points = [chance.randint(-TOP - 1, TOP) for _ in range(40)] + [0, ONE, -ONE]
        trigonometry.MAY_OVERFLOW = False
        try:
            # Their error grows with the angle.
            self.within(3, 0, "mpc_math.sin(x)", points, math.sin)
            self.within(3, 0, "mpc_math.cos(x)", points, math.cos)
            small = [point // (1 << 14) for point in points]
            self.within(1.1, 0, "mpc_math.sin(x)", small, math.sin)
            self.within(4, 0, "mpc_math.tan(x)", small, math.tan)
        finally:
            trigonometry.MAY_OVERFLOW = True

    def test_quotients(self):
        chance = random.Random(4)
        points = _spread(chance, 17, 40)
        self.within(2, 2 ** -27, "1 / x", points, lambda x: 1 / x)
        self.within(2, 2 ** -27, "sfix(-100.5) / x", points, lambda x: -100.5 / x)
        self.within(2, 0, "x / 3", points, lambda x: x / 3)
        self.within(2, 0, "x / cfix(-7.5)", points, lambda x: x / -7.5)

    def test_other_precisions_that_fit_the_ring(self):
        for f, k in ((8, 20), (12, 24), (20, 40), (4, 30), (16, 32)):
            res = record("from Compiler import mpc_math\nsfix.set_precision(%d, %d)\n"
                         "x = sfix([2.25, 1, 4])\n"
                         "for y in (mpc_math.sqrt(x), mpc_math.log2_fx(x), mpc_math.exp2_fx(x),\n"
                         "          mpc_math.sin(x), mpc_math.atan(x), mpc_math.tanh(x), %s,\n"
                         "          mpc_math.acos(x - x), mpc_math.InvertSqrt(x), x ** x):\n"
                         "    print_ln('%%s', y.reveal().v)\n"
                         # Quotients need 2k bits.
                         % (f, k, "9 / x" if 2 * k <= 64 else "9 - x"))
            self.assertTrue(res.ok, None if res.ok else res.error)
            lines = Machine(res, None).run().splitlines()
            for line, exact in zip(lines, (
                    math.sqrt, math.log2, lambda x: 2 ** x, math.sin, math.atan, math.tanh,
                    lambda x: 9 / x if 2 * k <= 64 else 9 - x, lambda x: math.acos(0),
                    lambda x: x ** -0.5, lambda x: x ** x)):
                for found, x in zip(line.strip("[]").split(", "), (2.25, 1, 4)):
                    self.assertLessEqual(abs(int(found) - exact(x) * 2 ** f),
                                         4 + 2 ** -14 * abs(exact(x)) * 2 ** f, (f, k, line))


if __name__ == "__main__":
    unittest.main()
