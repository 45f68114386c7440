"""Secret bits: what is refused, and circuits from files."""

import os
import tempfile
import unittest

from .decode import record
from .interpret import Machine


def run(text, **options):
    """What a program prints."""
    res = record(text, **options)
    assert res.ok, res.error
    return Machine(res).run()


ADDER = """5 8
3 1 1 1
2 1 1

2 1 0 1 3 XOR
2 1 3 2 6 XOR
2 1 0 1 4 AND
2 1 3 2 5 AND
2 1 4 5 7 XOR
"""

OTHERS = """6 10
1 4
1 4

4 2 0 1 2 3 4 5 MAND
1 1 0 6 EQW
1 1 1 7 EQ
1 1 4 8 INV
1 1 5 9 NOT
"""


class Circuits(unittest.TestCase):
    def circuit(self, text, program):
        """Runs a program beside a circuit."""
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(os.path.join(folder, "Programs", "Circuits"))
            with open(os.path.join(folder, "Programs", "Circuits", "mine.txt"), "w") as file:
                file.write(text)
            old = os.getcwd()
            os.chdir(folder)
            try:
                return record("from circuit import Circuit\n" + program)
            finally:
                os.chdir(old)

    def test_a_circuit_computes_for_all_numbers(self):
        res = self.circuit(ADDER, """
x, y, c = (sbitvec.get_type(1)([k >> j & 1 for k in range(8)]) for j in range(3))
total, carry = Circuit('mine')(x, y, c)
print_ln('%s %s', sint(total).reveal(), sint(carry).reveal())
""")
        expected = [bin(k).count("1") for k in range(8)]
        self.assertTrue(res.ok, getattr(res, "error", None))
        self.assertEqual(Machine(res).run(), "%s %s\n" % (
            [k % 2 for k in expected], [k // 2 for k in expected]))

    def test_all_kinds_of_gates(self):
        res = self.circuit(OTHERS.replace("6 10", "5 10"), """
x = sbitvec.get_type(4)(list(range(16)))
print_ln('%s', sint(Circuit('mine')(x)).reveal())
""")
        self.assertTrue(res.ok, getattr(res, "error", None))
        expected = []
        for k in range(16):
            bit = [k >> j & 1 for j in range(4)]
            high = [1 - (bit[0] & bit[2]), 1 - (bit[1] & bit[3])]
            expected.append(bit[0] | 1 << 1 | high[0] << 2 | high[1] << 3)
        self.assertEqual(Machine(res).run(), "%s\n" % expected)

    def test_damaged_circuits_are_refused_with_the_line(self):
        for old, new, line in (("5 8", "5 x", 1), ("2 1 1\n", "2 1\n", 1), ("5 8", "6 8", 9),
                               ("3 XOR", "3 NAND", 5), ("0 1 3", "0 9 3", 5), ("0 1 3", "0 4 3", 5),
                               ("2 1 4 5 7 XOR", "2 1 4 5 3 XOR", 9), ("2 1 0 1 4", "2 1 0 1", 7)):
            res = self.circuit(ADDER.replace(old, new), "Circuit('mine')\n")
            self.assertFalse(res.ok, new)
            self.assertEqual(res.error["code"], "E0234")
            self.assertIn("line %d" % line, res.error["message"])

    def test_wrong_inputs_are_refused(self):
        for call in ("Circuit('mine')(sbitvec.get_type(1)([0, 1]))",
                     "Circuit('mine')(*[sbitvec.get_type(2)([1])] * 3)"):
            self.assertEqual(self.circuit(ADDER, call + "\n").error["code"], "E0236")
        for name in ("'none'", "'../x'", "3"):
            self.assertEqual(self.circuit(ADDER, "Circuit(%s)\n" % name).error["code"], "E0235")


class Refusals(unittest.TestCase):
    def refused(self, code, text):
        res = record(text)
        self.assertFalse(res.ok, text)
        self.assertEqual(res.error["code"], code, res.error["message"])

    def test_bits_do_not_mix_with_numbers(self):
        for text in ("sbit(1) + sint(1)", "sint(1) + sbit(1)", "sbit(1) - 1", "sbit(1) < 2",
                     "cint(sbit(1))", "regint(sbits(3))", "sfix(sbitvec([1], 3))",
                     "if_(sbit(1))(lambda: None)", "print_ln('%s', sbit(1))",
                     "if sbit(1):\n  pass", "sbits.get_type(0)", "sbits.get_type(3).Array(2)[sint(1)]",
                     "sbits.Array(3)", "sbits.get_type(4)(1) << sint(1)"):
            res = record(text + "\n")
            self.assertFalse(res.ok, text)
            self.assertRegex(res.error["code"], "E02[0-9][0-9]", text)

    def test_division_is_not_there(self):
        self.refused("E0210", "sbitint.get_type(8)(4) // 2\n")
        self.refused("E0210", "sbitfix(1) / 2\n")

    def test_lengths_that_differ_are_refused(self):
        self.refused("E0209", "sbitvec([1, 2], 3) ^ sbitvec([1, 2, 3], 3)\n")

    def test_long_strings_are_opened_bit_by_bit(self):
        self.assertEqual(run("x = sbits.get_type(70)(2 ** 69 + 5).reveal()\n"
                             "print_ln('%s %s', x, [b for b in x.bit_decompose(3)])\n"),
                         "0x200000000000000005 [1, 0, 1]\n")


if __name__ == "__main__":
    unittest.main()
