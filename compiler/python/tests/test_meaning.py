"""What programs compute: records are run on plain integers and their output is compared."""

import unittest

from tests.decode import record
from tests.interpret import Machine


class Meaning(unittest.TestCase):
    """Programs and what they print."""

    def prints(self, expected, source, *args, inputs=None):
        """The program's output is these lines."""
        res = record(source, *args)
        self.assertTrue(res.ok, None if res.ok else res.error)
        self.assertEqual(Machine(res, inputs).run().splitlines(), expected)

    def test_public_integers_divide_towards_zero(self):
        self.prints(["-2 -3 2", "-1 4 13"],
                    "a, b = regint(29), regint(-8)\n"
                    "print_ln('%s %s %s', b // 3, a // b, b % -3 + 4)\n"
                    "print_ln('%s %s %s', regint(-7) % 3, 100 // regint(24), regint(13).max(9))\n")

    def test_secrets_mix_with_all_public_types(self):
        self.prints(["78 168 -5535", "124 46 90", "15129 -91125 1 1024"],
                    "a, b = sint(123), sint(-45)\n"
                    "print_ln('%s %s %s', (a + b).reveal(), (a - b).reveal(), (a * b).reveal())\n"
                    "print_ln('%s %s %s', (a + 1).reveal(), (1 - b).reveal(),"
                    " (b * -2).reveal())\n"
                    "print_ln('%s %s %s %s', a.square().reveal(), (b ** 3).reveal(),"
                    " (a ** 0).reveal(), (sint(2) ** regint(10)).reveal())\n")

    def test_vectors_select_join_and_sum(self):
        self.prints(["[1, 3, 6]", "[1, 2, 3, 5, 5]", "[3, 2, 1]", "14", "[5, 5, 6, 6, 7, 7]",
                     "[0, 1, 2, 0, 1, 2, 0, 1]"],
                    "w = sint([1, 2, 3])\nprint_ln('%s', w.prefix_sum().reveal())\n"
                    "print_ln('%s', sint.concat([w, sint(5, size=2)]).reveal())\n"
                    "print_ln('%s', w.get_reverse_vector().reveal())\n"
                    "print_ln('%s', sint.dot_product(w, w).reveal())\n"
                    "print_ln('%s', regint.inc(6, 5, 1, 2))\n"
                    "print_ln('%s', regint.inc(8, 0, 1, 1, 3))\n")

    def test_the_collatz_sequence_of_27_has_111_steps(self):
        self.prints(["111"],
                    "i = regint(27)\nsteps = regint(0)\n@while_do(lambda: i != 1)\ndef _():\n"
                    "    odd = i % 2\n    i.update(odd.if_else(3 * i + 1, i // 2))\n"
                    "    steps.iadd(1)\nprint_ln('%s', steps)\n")

    def test_fibonacci_numbers_come_from_exchanged_globals(self):
        for loop in ("@for_range(10)\ndef _(i):\n", "@while_do(lambda: a < 50)\ndef _():\n"):
            self.prints(["55 89"],
                        "a, b = regint(0), regint(1)\n%s    global a, b\n    a, b = b, a + b\n"
                        "print_ln('%%s %%s', a, b)\n" % loop)

    def test_loops_count_in_all_directions(self):
        for bounds, expected in (("4", "0 1 2 3 "), ("2, 5", "2 3 4 "), ("0, 10, 3", "0 3 6 9 "),
                                 ("5, 0, -2", "5 3 1 "), ("3, 3", ""),
                                 ("regint(1), cint(4)", "1 2 3 ")):
            for name in ("for_range", "for_range_opt"):
                self.prints([expected] if expected else [],
                            "@%s(%s)\ndef _(i):\n    print_str('%%s ', i)\n" % (name, bounds))

    def test_a_moved_counter_skips_passes(self):
        self.prints(["0 3 6 9 "],
                    "@for_range(10)\ndef _(i):\n    print_str('%s ', i)\n    i.iadd(2)\n")

    def test_a_counter_that_leaves_its_bounds_ends_the_run(self):
        self.prints(["the loop variable leaves its bounds"],
                    "m = sint.Matrix(3, 3)\n@for_range(3)\ndef _(i):\n    m[i][0] = 1\n"
                    "    i.iadd(-5)\n")

    def test_breaks_leave_the_innermost_loop(self):
        self.prints(["00 10 11 20 21 22 "],
                    "@for_range(3)\ndef _(i):\n    @for_range(5)\n    def _(j):\n"
                    "        print_str('%s%s ', i, j)\n        @if_(j == i)\n        def _():\n"
                    "            break_loop()\n")

    def test_do_while_and_state_of_while_do(self):
        self.prints(["5,3,1,", "1 3 9 27 81 "],
                    "n = MemValue(5)\n@do_while\ndef _():\n    print_str('%s,', n)\n"
                    "    n.write(n - 2)\n    return n > 0\nprint_ln()\n"
                    "@while_do(lambda x: x < 100, 1)\ndef _(x):\n    print_str('%s ', x)\n"
                    "    return x * 3\n")

    def test_branches_take_one_part(self):
        self.prints(["1 2 3 4"],
                    "def classify(n):\n    x = regint(n)\n    out = MemValue(0)\n"
                    "    @if_e(x < 0)\n    def _():\n        out.write(1)\n    @else_\n"
                    "    def _():\n        @if_e(x == 0)\n        def _():\n"
                    "            out.write(2)\n        @else_\n        def _():\n"
                    "            out.write(3)\n            @if_(x > 10)\n            def _():\n"
                    "                out.write(4)\n    return out\n"
                    "print_ln('%s %s %s %s', *[classify(n) for n in (-5, 0, 5, 50)])\n")

    def test_later_terms_are_not_evaluated(self):
        self.prints(["done"],
                    "a = regint.Array(3)\ni = regint(5)\n"
                    "@if_(and_(lambda: i < 3, lambda: a[i] == 0))\ndef _():\n"
                    "    print_ln('no')\n"
                    "@if_(or_(lambda: i > 3, lambda: a[i] == 0))\ndef _():\n"
                    "    print_ln('done')\n")

    def test_arrays_slices_and_views_share_memory(self):
        self.prints(["[0, 40, 50, 60, 7, -1, 6, 7, 80, 90]", "[9, 6, 3, 0]", "[1, 2]"],
                    "a = Array.create_from(sint(regint.inc(10)))\n"
                    "a.assign_vector(a.get_vector(4, 3) * 10, 1)\na[8:10] = sint([80, 90])\n"
                    "a.assign([7, 7], 4)\na.get_sub(5, 8)[0] = -1\n"
                    "print_ln('%s', a.reveal())\n"
                    "b = Array.create_from(regint.inc(10))\nprint_ln('%s', b[::-3])\n"
                    "print_ln('%s', b[1:3])\n")

    def test_matrices_multiply_and_transpose(self):
        self.prints(["[[22, 28], [49, 64]]", "[[1, 4], [2, 5], [3, 6]]", "[-2, -2]",
                     "[[2, 4, 6], [12, 15, 18]]", "[2, 5]"],
                    "a = sint.Matrix(2, 3)\na.assign([[1, 2, 3], [4, 5, 6]])\n"
                    "b = sint.Matrix(3, 2)\nb.assign([[1, 2], [3, 4], [5, 6]])\n"
                    "print_ln('%s', (a * b).reveal())\nprint_ln('%s', a.transpose().reveal())\n"
                    "print_ln('%s', a.dot(Array.create_from([1, 0, -1])).reveal())\n"
                    "p = cint.Matrix(2, 2)\np.assign([[2, 0], [0, 3]])\n"
                    "print_ln('%s', p.dot(a).reveal())\nprint_ln('%s', a.get_column(1).reveal())\n")

    def test_threads_cover_every_item_once(self):
        self.prints(["[11, 11, 11, 11, 11, 11, 11, 11, 11, 11]", "[[0, 1, 2], [3, 4, 5]]"],
                    "cover = regint.Array(10)\n@multithread(4, 10)\ndef _(base, size):\n"
                    "    @for_range(size)\n    def _(i):\n        cover[base + i] += 1\n"
                    "@multithread(2, 10, max_size=2)\ndef _(base, size):\n"
                    "    @for_range(size)\n    def _(i):\n        cover[base + i] += 10\n"
                    "print_ln('%s', cover)\nm = sint.Matrix(2, 3)\n"
                    "@for_range_opt_multithread(3, [2, 3])\ndef _(i, j):\n"
                    "    m[i][j] = i * 3 + j\nprint_ln('%s', m.reveal())\n")

    def test_reductions_give_totals(self):
        self.prints(["45 285", "720", "[10, 15, 20]", "5050"],
                    "@map_sum(2, 3, 10, 2, [sint, sint])\ndef f(i):\n"
                    "    return sint(i), sint(i) * i\nx, y = f()\n"
                    "print_ln('%s %s', x.reveal(), y.reveal())\n"
                    "@map_reduce(None, 2, 6, lambda: [sint(1)], lambda a, b: [a[0] * b[0]])\n"
                    "def k(i):\n    return i + 1\nprint_ln('%s', k().reveal())\n"
                    "@map_sum_simple(2, 5, sint, 3)\ndef h(i):\n"
                    "    return sint(regint.inc(3, i))\nprint_ln('%s', h().reveal())\n"
                    "total = regint(0)\n@for_range_opt(101)\ndef _(i):\n    total.iadd(i)\n"
                    "print_ln('%s', total)\n")

    def test_inputs_are_taken_in_order(self):
        self.prints(["6 [7, 8] 1"],
                    "a = sint.get_input_from(0) + sint.get_input_from(0)\nb = sint.Array(2)\n"
                    "b.input_from(0)\nc = sint.get_input_from(1)\n"
                    "print_ln('%s %s %s', a.reveal(), b.reveal(), c.reveal())\n",
                    inputs={0: [2, 4, 7, 8], 1: [1]})

    def test_errors_end_the_run_after_what_was_printed(self):
        self.prints(["before", "too large: 50"],
                    "x = sint(50).reveal()\nprint_ln('before')\n"
                    "runtime_error_if(x < 50, 'too small: %s', x)\n"
                    "runtime_error_if(x > 49, 'too large: %s', x)\nprint_ln('after')\n")

    def test_run_time_indices_of_rows_are_checked(self):
        self.prints(["before", "index 3 is out of range for length 3"],
                    "m = sint.Matrix(2, 3)\ni = regint(sint(3).reveal())\nprint_ln('before')\n"
                    "m[0][i] = 1\nprint_ln('after')\n")


if __name__ == "__main__":
    unittest.main()
