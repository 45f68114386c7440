"""Secrets beyond addition and multiplication: what is recorded, what it means, what is refused."""

import random
import unittest

from tests.decode import record
from tests.interpret import Machine


class Case(unittest.TestCase):
    """Shared checks."""

    def lines(self, source, *args, inputs=None, **request):
        """The program's output."""
        res = record(source, *args, **request)
        self.assertTrue(res.ok, None if res.ok else res.error)
        return Machine(res, inputs).run().splitlines()

    def prints(self, expected, source, *args, **more):
        """The program's output is these lines."""
        self.assertEqual(self.lines(source, *args, **more), expected)

    def refused(self, code, source, mention=None, **request):
        """The program's last line is refused."""
        res = record(source, **request)
        self.assertFalse(res.ok, source)
        self.assertEqual((res.error["code"], res.error["line"]),
                         (code, source.rstrip("\n").count("\n") + 1), res.error)
        if mention:
            self.assertIn(mention, "%s %s" % (res.error["message"], res.error["help"]))


class Comparisons(Case):
    """Signs of differences."""

    def test_a_comparison_is_one_test_on_one_bit_more(self):
        r = record("a, b = sint(1), sint(2)\na < b\na.less_than(b, 16)\na == b\n"
                   "program.set_bit_length(20)\na >= b\n")
        self.assertEqual([bits for ((_, _, bits),), in r.all("ltzs")], [64, 17, 21])
        self.assertEqual([bits for ((_, _, bits),), in r.all("eqzs")], [64])

    def test_comparison_with_zero_takes_no_difference(self):
        r = record("a = sint(1)\na < 0\na == 0\n")
        self.assertEqual((r.all("subsc"), r.all("subs")), ([], []))

    def test_all_operators_agree_with_python(self):
        for a, b in [(0, 0), (1, -1), (-2**61, 2**61), (2**62 - 1, -2**62), (5, 6)]:
            for left, right in (("sint(%d)", "sint(%d)"), ("sint(%d)", "%d"), ("%d", "sint(%d)"),
                                ("cint(%d)", "sint(%d)"), ("sint(%d)", "regint(%d)")):
                x, y = left % a, right % b
                self.prints([str([int(v) for v in (a < b, a <= b, a == b, a != b, a >= b, a > b)])],
                            "x, y = %s, %s\nprint_ln('%%s', [v.reveal() for v in "
                            "(x < y, x <= y, x == y, x != y, x >= y, x > y)])\n" % (x, y))

    def test_equality_covers_the_whole_ring(self):
        self.prints(["0"], "print_ln('%s', (sint(-2**63) == 0).reveal())\n")

    def test_lengths_beyond_the_ring_are_refused(self):
        self.refused("E0220", "program.set_bit_length(64)\nsint(1) < sint(2)\n", "-R 72")
        self.refused("E0220", "sint(1).equal(2, 64)\n", "65")
        self.refused("E0220", "sint(5).bit_decompose(70)\n", "70")
        self.refused("E0220", "sint(5).int_div(sint(2))\n", "int_div(y, 23)")
        self.refused("E0219", "program.bit_length = 0\n")
        self.lines("program.set_bit_length(64)\nsint(1) < sint(2)\n", ring_bits=128)

    def test_secret_integers_do_not_compare_with_fractions(self):
        self.refused("E0201", "x = sint(5)\nx == 1.5\n", "float")

    def test_bits_have_logic_and_integers_do_not(self):
        self.prints(["0 1 1 0 [1, 0, 1, 1]"],
                    "t, f = sint(1) == 1, sint(1) > 1\nprint_ln('%s %s %s %s %s', (t & f).reveal(),"
                    " (t | f).reveal(), (f ^ 1).reveal(), t.bit_not().reveal(),"
                    " [(x ^ y).reveal() for x, y in "
                    "zip(sint(9).bit_decompose(4), sint(4).bit_decompose(4))])\n")
        self.refused("E0201", "x = sint(1)\nx & 1\n", "bit_and")
        self.refused("E0201", "x = sint(1) < 2\nx & 2\n", "no bit")

    def test_a_bit_is_a_number_too(self):
        self.prints(["2 5 True"], "v = sint([1, 2, 3]) > 1\nm = MemValue(v[1])\nm.write(5)\n"
                    "print_ln('%s %s %s', v.sum().reveal(), m.reveal(), isinstance(v, sint))\n")
        self.prints(["1 7"], "b = sint(1) > 0\nx = sint(b)\nx.update(7)\n"
                    "print_ln('%s %s', b.reveal(), x.reveal())\n")


class Selection(Case):
    """Choices by secret bits."""

    def test_all_kinds_of_values_can_be_selected(self):
        self.prints(["1 2.5 -1 [3, 4] [1, 9] 0.5"],
                    "yes, no = sint(1), sint(2) < 1\na, b = sint.Array(2), sint.Array(2)\n"
                    "a.assign([1, 2])\nb.assign([3, 4])\n"
                    "print_ln('%s %s %s %s %s %s', yes.if_else(1, 2).reveal(),"
                    " no.if_else(sint(1), sfix(2.5)).reveal(),"
                    " no.if_else(0.5, cfix(-1)).reveal(), no.if_else(a, b).reveal(),"
                    " sint([1, 0]).if_else(sint([1, 2]), 9).reveal(),"
                    " regint(1).if_else(cfix(0.5), 0.25))\n")

    def test_lists_and_fractions_cannot_select(self):
        self.refused("E0201", "x = sint(1)\nx.if_else([1], [2])\n", "lists")
        self.refused("E0201", "x = sfix(1)\nx.if_else(1, 2)\n", "compare")

    def test_extremes_are_found(self):
        self.prints(["7 -3 2.5 4 5"],
                    "v = [sint(x) for x in (4, 7, -3)]\nprint_ln('%s %s %s %s %s',"
                    " util.max(v).reveal(), util.min(v).reveal(), sfix(2.5).max(-1).reveal(),"
                    " abs(sint(-4)).reveal(), sint(5).max(2).reveal())\n")

    def test_vectors_are_reduced_in_order(self):
        self.prints(["9 3"], "v = sint([4, 9, -3, 0, 5])\n"
                    "print_ln('%s %s', tree_reduce_multithread(2, lambda a, b: a.max(b), v)"
                    ".reveal(), tree_reduce_multithread(2, lambda a, b: a, v[2:3][0] * -1)"
                    ".reveal())\n")

    def test_arrays_and_lists_of_any_length_are_sorted(self):
        numbers = random.Random(3)
        for length in (0, 1, 2, 3, 5, 8, 13):
            values = [numbers.randint(-9, 9) for _ in range(length)]
            self.prints([str(sorted(values))] * 2,
                        "a = sint.Array(%d)\na.assign(%s)\na.sort()\n"
                        "print_ln('%%s', a.reveal())\n"
                        "print_ln('%%s', [x.reveal() for x in sort([sint(x) for x in %s])])\n"
                        % (length, values, values))


class Bits(Case):
    """Shifts, remainders, powers, quotients of secret integers."""

    def test_shifts_and_remainders_round_down(self):
        for n in (0, 1, -1, 1000, -1001, 2**62 - 1, -2**62, -2**63):
            self.prints(["%d %d %d %d" % (n >> 1, n >> 40, n % 2, n % 2**20)],
                        "x = sint(%d)\nprint_ln('%%s %%s %%s %%s', (x >> 1).reveal(),"
                        " (x >> 40).reveal(), (x %% 2).reveal(), (x %% 2**20).reveal())\n" % n)

    def test_extreme_shifts_have_a_meaning(self):
        self.prints(["5 -1 0 -5 24"],
                    "x, y = sint(5), sint(-5)\nprint_ln('%s %s %s %s %s', (x >> 0).reveal(),"
                    " (y >> 70).reveal(), (x % 1).reveal(), (y % 2**64).reveal(),"
                    " (sint(3) << regint(3)).reveal())\n")

    def test_moduli_are_public_powers_of_two(self):
        self.refused("E0201", "x = sint(1)\nx % 3\n", "int_mod")
        self.refused("E0201", "x = sint(1)\nx // 2\n", "int_div")
        self.refused("E0210", "x = sint(1)\nx >> regint(2)\n")

    def test_powers_of_two_have_secret_exponents(self):
        self.prints(["1 4096 40"],
                    "print_ln('%s %s %s', sint(0).pow2(8).reveal(), (2 ** sint(12)).reveal(),"
                    " (sint(5) << sint(3)).reveal())\n")

    def test_quotients_round_down_for_all_signs(self):
        numbers = random.Random(4)
        pairs = [(numbers.randint(-2**19, 2**19 - 1), numbers.choice((-1, 1)) * divisor)
                 for divisor in (1, 2, 3, 7, 1000, 2**19 - 1) for _ in range(4)]
        pairs += [(7, 7), (-7, 7), (-8, 7), (-2**19, 1), (-2**19, 2**19 - 1), (0, -5)]
        a, b = [list(side) for side in zip(*pairs)]
        self.prints([str([x // y for x, y in pairs]), str([x % y for x, y in pairs])],
                    "a, b = sint(%s), sint(%s)\nprint_ln('%%s', a.int_div(b, 20).reveal())\n"
                    "print_ln('%%s', a.int_mod(b, 20).reveal())\n" % (a, b))

    def test_rounding_takes_a_length(self):
        self.prints(["3 -2"], "print_ln('%s %s', sint(5).round(8, 1, nearest=True).reveal(),"
                    " sint(-5).round(8, 1, nearest=True).reveal())\n")


class FixedPoint(Case):
    """sfix and cfix."""

    def test_types_are_promoted(self):
        for left, right, result in [
                ("cfix(1)", "1", "cfix"), ("cfix(1)", "0.5", "cfix"),
                ("cfix(1)", "regint(1)", "cfix"), ("cint(1)", "cfix(1)", "cfix"),
                ("cfix(1)", "sint(1)", "sfix"), ("cfix(1)", "sfix(1)", "sfix"),
                ("sfix(1)", "1", "sfix"), ("sfix(1)", "0.5", "sfix"),
                ("sfix(1)", "sint(1)", "sfix"), ("sfix(1)", "cint(1)", "sfix")]:
            for operation in "+-*/":
                for a, b in ((left, right), (right, left)):
                    self.prints([result], "x = %s %s %s\nprint_ln('%%s', type(x).__name__)\n"
                                % (a, operation, b))

    def test_products_are_rounded_once(self):
        r = record("a, b = sfix([1, 2]), sfix([3, 4])\na * b\nsfix.dot_product(a, b)\na * 3\n"
                   "a * sint(2)\na * 2.0\nm = sfix.Matrix(2, 2)\nm * m\n"
                   "sfix.round_nearest = True\na * b\n")
        self.assertEqual([item[0][0][2:] for item in r.all("truncs")],
                         [(16, 47, 2)] * 3 + [(16, 47, 1)])

    def test_precision_is_a_property_of_the_class(self):
        self.prints(["2.25 24 48 0.75 12 0.75"],
                    "sfix.set_precision(24)\nx = sfix(2.25)\n"
                    "y = sfix.get_prec_type(4, 12)(0.75)\nprint_ln('%s %s %s %s %s %s',"
                    " x.reveal(), x.f, x.k, y.reveal(), y.v.reveal(), sfix(y).reveal())\n")
        self.refused("E0220", "sfix.set_precision(24)\nsfix(1) * sfix(1)\n", "-R 72")
        self.prints(["20 30 1"], "sfix.set_precision_from_args(program)\nx = sfix(1)\n"
                    "print_ln('%s %s %s', x.f, x.k, int(sfix.round_nearest))\n",
                    "f20", "k30", "nearest")

    def test_values_keep_their_precision(self):
        self.prints(["1.5 0.25 1.75 20 1.5", "[0.5, 1.5]", "-2.5 3"],
                    "x, c = sfix(1.5), cfix(0.25)\na = sfix.Array(2)\na[0] = 0.5\n"
                    "sfix.set_precision(20, 40)\ncfix.set_precision(20, 40)\ny = sfix(x)\n"
                    "print_ln('%s %s %s %s %s', x.reveal(), c, (y + c).reveal(), y.f, y.reveal())\n"
                    "a[1] = y\nprint_ln('%s', a.reveal())\nfrom fractions import Fraction\n"
                    "print_ln('%s %s', sfix(Fraction(-5, 2)).reveal(),"
                    " (x * Fraction(2)).reveal())\n")

    def test_constants_must_fit(self):
        self.lines("x = sfix(-2**14), sfix(16383.9)\n")
        self.refused("E0215", "x = sfix(2**14)\n", "set_precision(16, 32)")
        self.refused("E0215", "x = cfix(1e9)\n")
        self.refused("E0215", "x = sfix(float('nan'))\n")

    def test_integers_come_back_rounded(self):
        self.prints(["3 -2 12", "[1, -1]"],
                    "print_ln('%s %s %s', sint(sfix(2.5)).reveal(), sint(sfix(-2.5)).reveal(),"
                    " sint(sfix(12)).reveal())\na = sfix.Array(2)\na.assign([0.75, -0.75])\n"
                    "print_ln('%s', sint(a).reveal())\n")
        self.refused("E0201", "x = sfix(1)\ncint(x)\n", "reveal")
        self.refused("E0201", "x = cfix(1)\nregint(x)\n", ".v")
        self.refused("E0201", "x = sfix(1)\ncfix(x)\n", "reveal")

    def test_quotients_are_close_for_the_whole_range(self):
        numbers = random.Random(5)
        top = 2.0 ** 14
        pairs = [(1, 3), (-1, 3), (16383, 1), (16383, -1.0001), (0.5, 2**-15), (2**-16, 2**-16),
                 (-3, 16383), (0, 5), (16000, 16000.5)]
        for _ in range(60):
            b = numbers.choice((-1, 1)) * round(2.0 ** numbers.uniform(1, 29.9)) / 65536
            pairs.append((numbers.uniform(-1, 1) * min(top - 1, abs(b) * (top - 1)), b))
        pairs = [[round(x * 65536) / 65536 for x in pair] for pair in pairs]
        a, b = [list(side) for side in zip(*pairs)]
        (line,) = self.lines("a, b = sfix(%s), sfix(%s)\nprint_ln('%%s', (a / b).v.reveal())\n"
                             % (a, b))
        for (x, y), q in zip(pairs, eval(line)):
            exact = x / y * 65536
            self.assertLessEqual(abs(q - exact), 2 + abs(exact) * 2 ** -27, (x, y))
        self.prints(["0"], "print_ln('%s', (sfix(1) / sfix(0)).reveal())\n")

    def test_quotients_work_at_other_precisions(self):
        for f, k, ring in ((8, 16, 64), (20, 31, 64), (16, 32, 64), (29, 31, 64)):
            top = 2.0 ** (k - f - 1)
            for x, y in ((0.5, 0.75), (-0.25, 0.375), (0.7, -0.9)):
                (line,) = self.lines(
                    "sfix.set_precision(%d, %d)\n"
                    "print_ln('%%s', (sfix(%r) / sfix(%r)).v.reveal())\n"
                    % (f, k, x, y), ring_bits=ring)
                self.assertLess(abs(x / y), top)
                exact = round(x * 2**f) / round(y * 2**f) * 2**f
                self.assertLessEqual(abs(int(line) - exact), 2 + abs(exact) * 2.0 ** (4 - k))

    def test_quotients_by_known_numbers_are_close(self):
        for b in (3, -7, 0.25, 0.1, 1000, 8, -0.5, 1):
            (line,) = self.lines("a = sfix([1.5, -100.25, 77])\n"
                                 "print_ln('%%s', list((a / %r).v.reveal()) + "
                                 "list((a / cfix(%r)).v.reveal()))\n" % (b, b))
            for q, x in zip(eval(line), (1.5, -100.25, 77)):
                self.assertLessEqual(abs(q - x / b * 65536), 2)
        self.refused("E0219", "x = sfix(1)\nx / 0\n", "zero")
        self.prints(["division by zero"], "x = sfix(1) / cfix(0)\n")

    def test_public_numbers_are_exact(self):
        self.prints(["-1.625 2.5 0.375 -0.25 0.333328 0.5"],
                    "print_ln('%s %s %s %s %s %s', cfix(6.5) * cfix(-0.25), cint(10) / cint(4),"
                    " regint(3) / 8, -cfix(0.25), cfix(1) / 3, cfix(2) ** -1)\n")

    def test_printing_has_six_digits_unless_told(self):
        self.prints(["12345.7 [0.5, -2]", "1.23e+04"],
                    "print_ln('%s %s', cfix(12345.678), cfix([0.5, -2]))\n"
                    "print_float_precision(3)\nprint_ln('%s', cfix(12345.678))\n")
        self.refused("E0207", "x = sfix(1)\nprint_ln('%s', x)\n", "reveal")

    def test_inputs_are_decimal_fractions(self):
        self.prints(["[1.5, -0.25] 7", "[2, 3]"],
                    "a = sfix.get_input_from(0, size=2)\nb = sint.get_input_from(0)\n"
                    "print_ln('%s %s', a.reveal(), b.reveal())\nc = sfix.Array(2)\n"
                    "c.input_from(1)\nprint_ln('%s', c.reveal())\n",
                    inputs={0: [1.5, -0.25, 7], 1: [2, 3]})

    def test_containers_loops_and_cells_hold_fractions(self):
        self.prints(["[1, 3, -2.5]", "4.5", "[[1, -1], [0.5, 2]]", "10.5 2.25", "[3.5, 2, -1]"],
                    "a = Array.create_from([0.5, sfix(1.5), -1.25])\n@for_range_opt(3)\n"
                    "def _(i):\n    a[i] = a[i] * 2\nprint_ln('%s', a.reveal())\n"
                    "m = MemValue(sfix(1.5))\nm.iadd(3)\nprint_ln('%s', m.reveal())\n"
                    "n = Matrix.create_from([[1, 0.5], [-1, 2]])\nprint_ln('%s', n.transpose())\n"
                    "t = sfix(0)\n@for_range(3)\ndef _(i):\n    global t\n    t = t + 3.5\n"
                    "u = sfix(2.25)\nu.update(u)\nprint_ln('%s %s', t.reveal(), u.reveal())\n"
                    "print_ln('%s', sint.Array(3).assign([3, 1, 1]).get_vector()"
                    ".if_else(0, 0).reveal() + cfix([3.5, 2, -1]))\n")


if __name__ == "__main__":
    unittest.main()
