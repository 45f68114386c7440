"""What the front end records, for each construct, and what it refuses."""

import os
import random
import sys
import tempfile
import time
import unittest

from tests.decode import record, record_in_process


class Case(unittest.TestCase):
    """Shared checks."""

    def recorded(self, source, *args, **request):
        """The record of a program that must be accepted."""
        res = record(source, *args, **request)
        self.assertTrue(res.ok, None if res.ok else res.error)
        return res

    def refused(self, code, line, source, *args, mention=None):
        """The error of a program that must be refused."""
        res = record(source, *args)
        self.assertFalse(res.ok, "the program was accepted")
        self.assertEqual(res.error["code"], code, res.error)
        # Older versions of Python give a decorator's call the line of the function.
        lines = (line,) if sys.version_info >= (3, 11) else (line, line + 1)
        self.assertIn(res.error["line"], lines, res.error)
        if mention:
            text = "%s %s" % (res.error["message"], res.error["help"])
            self.assertIn(mention, text)
        return res.error


class Arithmetic(Case):
    """Operations on registers."""

    def test_two_secrets_are_multiplied_by_one_instruction(self):
        r = self.recorded("a = sint(2)\nb = sint(3)\nc = a * b\nd = a + b\ne = a - b\n")
        self.assertEqual(r.all("muls"), [([("s2", "s0", "s1")],)])
        self.assertEqual(r.all("adds"), [("s3", "s0", "s1")])
        self.assertEqual(r.all("subs"), [("s4", "s0", "s1")])

    def test_public_operands_of_secrets_use_local_instructions(self):
        r = self.recorded("a = sint(2)\nb = a + 1\nc = 1 - a\nd = a * cint(5)\ne = regint(2) + a\n")
        self.assertEqual(r.names()[-9:], [
            "ldc", "addsc", "ldc", "subcs", "ldc", "mulsc", "ldi", "convic", "addsc"])

    def test_int_and_regint_give_regint_and_cint_lifts_it(self):
        r = self.recorded("a = regint(7)\nb = a // 2\nc = a % 3\nd = cint(1) + a\ne = a << 2\n")
        self.assertEqual([op[0] for op in r.all("int")], [3, 4, 5])
        self.assertEqual(len(r.all("publ")), 1)

    def test_public_comparisons_give_regint(self):
        r = self.recorded("a = regint(1)\nb = a < 2\nc = a > 2\nd = cint(3) == a\n"
                          "e = (c == 0) + 1\n")
        self.assertEqual([op[0] for op in r.all("int")], [10, 10, 12, 0])
        self.assertEqual([op[0] for op in r.all("cmpc")], [2])
        self.assertEqual(r.all("int")[0][2:], ("i0", "i1"))
        self.assertEqual(r.all("int")[1][2:], ("i3", "i0"))

    def test_a_square_is_a_product_with_itself(self):
        r = self.recorded("a = sint(3)\nb = a ** 2\nc = a ** 0\nd = a ** 5\n")
        self.assertEqual(r.all("muls")[0], ([("s1", "s0", "s0")],))
        self.assertEqual(len(r.all("muls")), 4)

    def test_vectors_broadcast_one_lane(self):
        r = self.recorded("a = sint([1, 2, 3])\nb = a * sint(2)\nc = b + 1\nd = b[1]\n")
        self.assertEqual(list(r.lanes["s"]), [3, 1, 3, 3, 1])
        self.assertEqual(r.all("picks"), [("s4", "s2", 1, [])])

    def test_sums_take_one_instruction(self):
        r = self.recorded("a = sint([1, 2, 3])\nb = sum(a)\nc = sum(sint.Array(9))\nd = a.sum()\n")
        self.assertEqual(len(r.all("sums")), 3)

    def test_an_inner_product_takes_one_instruction(self):
        r = self.recorded("a = sint([1, 2, 3])\nb = sint.dot_product(a, [sint(1), sint(2), 3])\n")
        self.assertEqual(len(r.all("dots")), 1)

    def test_patterns_have_levels(self):
        r = self.recorded("a = regint.inc(6, 5, 1, 2)\nb = regint.inc(8, 0, 1, 1, 3)\n")
        self.assertEqual(r.all("iotai")[0], ("i1", "i0", [(3, 1), (2, 0)]))
        self.assertEqual(r.all("iotai")[1], ("i3", "i2", [(3, 0), (3, 1)]))
        self.assertEqual(r.all("picki"), [("i4", "i3", 0, [(8, 1)])])

    def test_big_constants_are_exact(self):
        r = self.recorded("a = cint(2**100)\nb = cint(-5)\n", ring_bits=128)
        self.assertEqual(r.json["constants"], [str(2 ** 100), "-5"])

    def test_run_time_exponents_use_repeated_squaring(self):
        r = self.recorded("a = sint(2) ** regint(10)\n")
        self.assertEqual(len(r.all("while")), 1)


class Loops(Case):
    """Loops and what they change."""

    def test_a_parallel_loop_is_recorded_once_with_a_symbolic_index(self):
        r = self.recorded("a = sint.Array(1000)\n@for_range_opt(1000)\ndef _(i):\n"
                          "    a[i] = a[i] ** 2\n")
        self.assertEqual(r.names(), ["array", "ldi", "ldi", "loop", "lds", "muls", "sts", "end"])
        self.assertEqual(r.all("loop"), [(2, 0, 1, 1, 1, 0, 0)])
        self.assertEqual(r.all("lds"), [("s0", 0, "i2", [])])

    def test_loops_have_start_stop_and_step(self):
        r = self.recorded("@for_range(5, 0, -2)\ndef _(i):\n    pass\n")
        self.assertEqual(r.all("ldi"), [("i0", 5), ("i1", 0)])
        self.assertEqual(r.all("loop")[0][3:5], (-2, 0))

    def test_a_list_of_sizes_gives_nested_loops(self):
        r = self.recorded("@for_range_opt([2, 3])\ndef _(i, j):\n    i + j\n")
        self.assertEqual(len(r.all("loop")), 2)
        self.assertEqual(r.all("int"), [(0, "i6", "i2", "i5")])

    def test_threads_and_unrolling_are_recorded(self):
        r = self.recorded("@for_range_opt_multithread(4, 100)\ndef _(i):\n    pass\n"
                          "@for_range_multithread(3, 2, 11)\ndef _(i):\n    pass\n"
                          "@for_range_parallel(5, 10)\ndef _(i):\n    pass\n"
                          "@for_range_opt_multithread(None, 10)\ndef _(i):\n    pass\n")
        self.assertEqual([loop[4:] for loop in r.all("loop")],
                         [(2, 4, 0), (2, 3, 2), (1, 0, 5), (1, 0, 0)])

    def test_the_counter_of_a_sequential_loop_can_be_moved(self):
        r = self.recorded("@for_range(10)\ndef _(i):\n    i.iadd(2)\n")
        self.assertEqual(r.all("movi"), [("i2", "i4")])

    def test_the_index_of_a_parallel_loop_cannot(self):
        self.refused("E0203", 3, "@for_range_opt(10)\ndef _(i):\n    i.iadd(2)\n")

    def test_a_moved_counter_that_addresses_rows_is_checked(self):
        r = self.recorded("m = sint.Matrix(3, 3)\n@for_range(3)\ndef _(i):\n"
                          "    m[i][0] = 1\n    i.iadd(-1)\n")
        self.assertEqual(len(r.all("fail")), 1)

    def test_while_has_a_test_and_a_body(self):
        r = self.recorded("i = regint(3)\n@while_do(lambda: i > 0)\ndef _():\n    i.iadd(-1)\n")
        self.assertEqual(r.names()[1:], [
            "while", "ldi", "int", "test", "ldi", "int", "movi", "end"])

    def test_while_state_is_carried(self):
        r = self.recorded("@while_do(lambda x: x < 100, 1)\ndef _(x):\n    return x * 3\n")
        self.assertEqual(r.all("movi"), [("i0", "i4")])

    def test_do_while_runs_at_least_once(self):
        r = self.recorded("n = regint(5)\n@do_while\ndef _():\n    n.iadd(-1)\n    return n > 0\n")
        self.assertEqual(r.all("ldi")[1], ("i1", 1))
        self.assertEqual(r.all("test"), [(1,)])

    def test_break_makes_a_parallel_loop_sequential(self):
        r = self.recorded("@for_range_opt(9)\ndef _(i):\n    @if_(i == 4)\n    def _():\n"
                          "        break_loop()\n")
        self.assertEqual(r.all("loop")[0][4], 0)
        self.assertEqual(len(r.all("break")), 1)

    def test_break_outside_of_a_loop_is_refused(self):
        self.refused("E0216", 1, "break_loop()\n")

    def test_caught_exceptions_leave_closed_regions(self):
        r = self.recorded("try:\n    @for_range(3)\n    def _(i):\n        raise ValueError\n"
                          "except ValueError:\n    pass\n")
        self.assertEqual(r.names()[-2:], ["loop", "end"])

    def test_sums_over_threads_go_through_memory(self):
        r = self.recorded("@map_sum_opt(3, 7, [sint])\ndef g(i):\n    return sint(i) + 100\n"
                          "x = g()\n")
        self.assertEqual((len(r.all("loop")), len(r.all("sums"))), (1, 1))


class Linking(Case):
    """Global names that bodies assign."""

    BODIES = {
        "for_range": "@for_range(3)\ndef _(i):\n    global x\n    x = x + 1\n",
        "for_range_opt": "@for_range_opt(3)\ndef _(i):\n    global x\n    x = x + 1\n",
        "if_": "@if_(regint(1))\ndef _():\n    global x\n    x = x + 1\n",
        "if_e": "@if_e(regint(1))\ndef _():\n    pass\n@else_\ndef _():\n    global x\n"
                "    x = x + 1\n",
        "while_do": "@while_do(lambda: x < 5)\ndef _():\n    global x\n    x = x + 1\n",
        "do_while": "@do_while\ndef _():\n    global x\n    x = x + 1\n    return x < 5\n",
        "if_then": "if_then(regint(1))\nx = x + 1\nend_if()\n",
    }

    def test_every_form_links(self):
        for name, body in self.BODIES.items():
            r = self.recorded("x = regint(0)\n%sprint_ln('%%s', x)\n" % body)
            self.assertIn("i0", [move[0] for move in r.all("movi")], name)
            self.assertEqual(r.printed(), ["{i0}\n"], name)

    def test_exchanged_names_are_read_before_they_are_written(self):
        r = self.recorded("a = regint(1)\nb = regint(2)\n@for_range(3)\ndef _(i):\n"
                          "    global a, b\n    a, b = b, a\n")
        moves = r.all("movi")
        self.assertEqual(len(moves), 4)
        self.assertEqual([dst for dst, _ in moves[2:]], ["i0", "i1"])
        self.assertTrue(all(src not in ("i0", "i1") for _, src in moves[2:]))

    def test_numbers_are_linked_to_registers(self):
        r = self.recorded("x = regint(1)\n@if_(x == 1)\ndef _():\n    global x\n    x = 7\n")
        self.assertEqual(len(r.all("movi")), 1)

    def test_update_moves_and_iadd_adds(self):
        r = self.recorded("x = sint(1)\n@for_range(3)\ndef _(i):\n    x.iadd(i)\n    x.update(5)\n")
        self.assertEqual([move[0] for move in r.all("movs")], ["s0", "s0"])

    def test_lists_are_locked_in_branches(self):
        error = self.refused(
            "E0214", 5, "found = []\nx = regint(3)\n@if_(x == 3)\ndef _():\n    found.append(x)\n")
        self.assertIn("Array", error["help"])

    def test_lists_are_free_again_after_a_branch(self):
        self.recorded("found = []\n@if_(regint(1))\ndef _():\n    len(found)\nfound.append(1)\n"
                      "assert type(found) is list\n")


class Branches(Case):
    """Branches."""

    def test_both_parts_are_in_one_region(self):
        r = self.recorded("x = regint(1)\n@if_e(x)\ndef _():\n    print_ln('a')\n@else_\ndef _():\n"
                          "    print_ln('b')\n")
        self.assertEqual(r.names(), ["ldi", "if", "print", "else", "print", "end"])

    def test_known_conditions_are_decided_while_compiling(self):
        r = self.recorded("@if_(1 > 2)\ndef _():\n    print_ln('no')\n@if_e(0)\ndef _():\n"
                          "    print_ln('no')\n@else_\ndef _():\n    print_ln('yes')\n")
        self.assertEqual(r.printed(), ["yes\n"])

    def test_later_terms_are_evaluated_only_if_needed(self):
        r = self.recorded("i = regint(1)\n@if_(and_(lambda: i < 5, lambda: i > 0))\ndef _():\n"
                          "    print_ln('x')\n")
        self.assertEqual(len(r.all("if")), 2)

    def test_else_alone_is_refused(self):
        self.refused("E0206", 2, "print_ln('x')\n@else_\ndef _():\n    pass\n", mention="if_e")

    def test_returned_values_are_refused(self):
        self.refused("E0213", 1, "@if_(regint(1))\ndef _():\n    return 1\n")

    def test_secret_conditions_are_refused(self):
        self.refused("E0202", 2, "x = sint(1)\n@if_(x)\ndef _():\n    pass\n", mention="secret")


class Containers(Case):
    """Arrays, matrices, cells."""

    def test_slices_are_clamped_and_strided(self):
        r = self.recorded("a = sint.Array(10)\na[2:50]\na[::3]\na[::-1]\na[-2:]\n")
        bases = [op[1] for op in r.all("ldi")]
        self.assertEqual([op[3] for op in r.all("lds")],
                         [[(8, 1)], [(4, 3)], [(10, -1)], [(2, 1)]])
        self.assertEqual(bases, [2, 0, 9, 8])

    def test_vectors_gather_and_scatter(self):
        r = self.recorded("a = sint.Array(10)\nb = a[regint([1, 3])]\na[regint([2, 4])] = b\n")
        self.assertEqual(r.all("gathers"), [("s0", 0, "i0")])
        self.assertEqual(r.all("scatters"), [(0, "i1", "s0")])

    def test_rows_are_views(self):
        r = self.recorded("m = sint.Matrix(4, 5)\n@for_range_opt([4, 5])\ndef _(i, j):\n"
                          "    m[i][j] = i\n")
        self.assertEqual((len(r.all("array")), len(r.all("fail"))), (1, 0))

    def test_rows_with_unknown_indices_are_checked(self):
        r = self.recorded("m = sint.Matrix(4, 5)\ni = regint(sint(2).reveal())\nx = m[0][i]\n")
        self.assertEqual(len(r.all("fail")), 1)

    def test_switched_off_checks_are_not_recorded(self):
        r = self.recorded("Array.check_indices = False\nm = sint.Matrix(4, 5)\n"
                          "x = m[0][regint(sint(2).reveal())]\n")
        self.assertEqual(len(r.all("fail")), 0)

    def test_arrays_of_parallel_bodies_belong_to_them(self):
        r = self.recorded("@for_range_opt(4)\ndef _(i):\n    a = sint.Array(2)\n    a[0] = i\n")
        names = r.names()
        self.assertEqual(names[names.index("loop") + 1], "array")

    def test_arrays_of_sequential_bodies_outlive_them(self):
        r = self.recorded("keep = []\n@for_range(4)\ndef _(i):\n    keep.append(sint.Array(2))\n"
                          "    keep[0][0] = i\nprint_ln('%s', keep[0].reveal())\n")
        self.assertEqual(r.names()[:2], ["array", "array"])

    def test_arrays_of_parallel_bodies_cannot_be_used_outside(self):
        self.refused("E0217", 4, "keep = []\n@for_range_opt(4)\ndef _(i): "
                     "keep.append(sint.Array(2))\nkeep[0][0] = 1\n")

    def test_array_numbers_follow_the_order_of_the_record(self):
        r = self.recorded("a = sint.Array(5)\n@multithread(2, 4)\ndef _(base, size):\n"
                          "    t = cint.Array(3)\n    t[0] = 1\nb = sint.Array(7)\nb[0] = 1\n")
        self.assertEqual(r.all("array"), [(0, 5), (0, 7)])
        self.assertEqual(r.all("sts"), [(1, "i4", [], "s0")])
        self.assertEqual(r.all("stcm", 1)[0][0], 2)

    def test_cells_read_and_write_memory(self):
        r = self.recorded("a = MemValue(sint(5))\na.iadd(2)\nprint_ln('%s', (a + 1).reveal())\n")
        self.assertEqual((len(r.all("lds")), len(r.all("sts"))), (2, 2))

    def test_raw_memory_grows(self):
        r = self.recorded("sint([1, 2]).store_in_mem(9000)\nsint.load_mem(regint(1))\n")
        self.assertEqual(r.all("array"), [(0, 9002)])

    def test_products_of_matrices_take_one_instruction(self):
        r = self.recorded("a = sint.Matrix(2, 3)\nb = sint.Matrix(3, 4)\nc = a * b\n"
                          "assert c.shape == [2, 4]\n")
        self.assertEqual(r.all("matmuls")[0][3:], (2, 3, 4))

    def test_impossible_accesses_are_refused(self):
        for source, code in (
                ("a[5] = 1", "E0204"), ("a[-6]", "E0204"), ("a[sint(1)]", "E0204"),
                ("a.assign_vector(sint([1] * 6))", "E0204"), ("a.get_vector(3, 3)", "E0204"),
                ("a[[0, 1]]", "E0204"), ("a[1, 1]", "E0204"), ("a[0] = sint([1, 2])", "E0209"),
                ("sint.Matrix(2, 2).dot(sint.Matrix(3, 2))", "E0209")):
            self.refused(code, 2, "a = sint.Array(5)\n%s\n" % source)


class Threads(Case):
    """Threads that the program starts."""

    def test_parts_are_tapes_and_the_last_take_one_more(self):
        r = self.recorded("a = sint.Array(11)\n@multithread(3, 11)\ndef _(base, size):\n"
                          "    a.assign_vector(a.get_vector(base, size) + 1, base)\n")
        self.assertEqual(len(r.tapes), 3)
        jobs = r.all("threads")[0][0]
        self.assertEqual([tape for tape, _ in jobs], [1, 2, 2])
        starts = [value for reg, value in r.all("ldi") if [reg] in [args for _, args in jobs]]
        self.assertEqual(starts, [0, 3, 7])
        self.assertEqual(len(r.json["tapes"][1]["params"]), 1)

    def test_largest_parts_are_cut(self):
        r = self.recorded("@multithread(2, 10, max_size=2)\ndef _(base, size):\n"
                          "    assert size <= 2\n    print_ln('%s', base)\n")
        self.assertEqual((len(r.all("loop", 1)), len(r.all("print", 1))), (1, 2))

    def test_one_thread_is_the_calling_one(self):
        r = self.recorded("@multithread(None, 10)\ndef _(base, size):\n"
                          "    assert (base, size) == (0, 10)\n")
        self.assertEqual(len(r.tapes), 1)

    def test_registers_of_another_thread_are_refused(self):
        self.refused("E0301", 4, "x = sint(5)\na = sint.Array(4)\n"
                     "@for_range_opt_multithread(2, 4)\ndef _(i): a[i] = x + i\n",
                     mention="MemValue")
        self.refused("E0301", 4, "x = sint(5)\na = sint.Array(4)\n@multithread(2, 4)\n"
                     "def _(base, size): a[base] = x\n", mention="thread")

    def test_threads_cannot_start_threads(self):
        self.refused("E0306", 3, "@for_range_opt_multithread(2, 4)\ndef _(i):\n"
                     "    @for_range_opt_multithread(2, 4)\n    def _(j):\n        pass\n")

    def test_the_longest_dimension_is_split_if_the_first_is_too_short(self):
        r = self.recorded("@for_range_opt_multithread(4, [2, 100])\ndef _(i, j):\n    i + j\n")
        self.assertEqual([loop[4] for loop in r.all("loop")], [2, 1])
        self.assertEqual(r.all("ldi")[1], ("i1", 100))


class Output(Case):
    """Printing, errors, timers."""

    def test_texts_and_values_are_parts(self):
        r = self.recorded("print_ln('%s is %s%', cint(1), [regint(2), 'x', (3,)])\n")
        self.assertEqual(r.printed(), ["{c0} is [{i0}, x, [3]]%\n"])

    def test_arrays_print_in_full(self):
        r = self.recorded("a = regint.Array(3)\nb = cint.Array(1)\nm = cint.Matrix(2, 2)\n"
                          "print_ln('%s %s %s %s', a, b, regint.Array(0), m)\n")
        self.assertEqual(r.printed(), ["{i1} [{c0}] [] [{c1}, {c2}]\n"])

    def test_conditions_and_parties_are_operands(self):
        r = self.recorded("x = regint(1)\nprint_ln_if(x, 'a')\nprint_ln_to(1, 'b')\n"
                          "print_ln_if(0, 'c')\nprint_ln_if(True, 'd')\n")
        self.assertEqual([(op[0] is not None, op[1] is not None) for op in r.all("print")],
                         [(True, False), (False, True), (False, False)])

    def test_errors_carry_their_message(self):
        r = self.recorded("x = cint(5)\nruntime_error_if(x > 4, 'too large: %s', x)\ncrash()\n"
                          "runtime_error('no')\nruntime_error_if(False, 'never')\n")
        self.assertEqual([r.parts(op[1]) for op in r.all("fail")],
                         ["too large: {c0}", "", "User exception: no"])

    def test_personal_values_print_at_their_party(self):
        r = self.recorded("x = sint(4).reveal_to(1)\nprint_ln_to(1, 'v %s', x + 1)\n")
        self.assertEqual(len(r.all("opentos")), 1)
        self.refused("E0218", 2, "x = sint(4).reveal_to(1)\nprint_ln_to(0, 'v %s', x)\n")

    def test_wrong_prints_are_refused(self):
        self.refused("E0207", 2, "x = sint(5)\nprint_ln('%s', x)\n", mention="reveal")
        self.refused("E0208", 1, "print_ln('%s and %s', 1)\n")

    def test_compile_time_output_goes_to_the_terminal(self):
        status, printed, r = record_in_process("print('hello', program.args)\nprint_ln('x')\n", "7")
        self.assertEqual((status, printed), (0, b"hello ['test', '7']\n"))
        self.assertEqual((r.ok, r.json["name"]), (True, "test-7"))


class Sockets(Case):
    """Clients and nodes."""

    def test_connections_are_made_and_closed(self):
        r = self.recorded("listen_for_clients(100)\ni = accept_client_connection(100)\n"
                          "h = init_client_connection('host', 5, 3)\n"
                          "h = init_client_connection('host', 5, 3, relative_port=False)\n"
                          "closeclientconnection(i)\nlisten(regint(9))\nn = regint()\n"
                          "acceptclientconnection(n, 9)\nclose_client_connection(h)\n")
        self.assertEqual([op[-1] for op in r.all("connect")], [1, 0])
        self.assertEqual((len(r.all("listen")), len(r.all("accept")), len(r.all("close"))),
                         (2, 2, 2))

    def test_every_form_of_sending_is_one_message(self):
        r = self.recorded(
            "x = sint([1, 2])\na = sint.Array(3)\nsint.write_to_socket(0, [x, 5])\n"
            "x.write_to_socket(0)\nx.write_fully_to_socket(0)\na.write_to_socket(0)\n"
            "a.write_fully_to_socket(0)\nx.write_share_to_socket(0)\n"
            "sint.write_shares_to_socket(0, [x])\nregint.write_to_socket(0, [1, 2])\n"
            "cint(1).write_to_socket(0)\nregint(1).write_to_socket(0)\n")
        self.assertEqual([len(op[1]) for op in r.all("sends")], [2, 1, 1, 1, 1])
        self.assertEqual((len(r.all("sendsums")), len(r.all("sendi")), len(r.all("sendc"))),
                         (2, 2, 1))

    def test_vectors_of_equal_size_are_sent_lane_by_lane(self):
        r = self.recorded("x, y = sint([1, 2, 3]), sint([4, 5, 6])\n"
                          "sint.write_shares_to_socket(0, [x, y])\n"
                          "a, b = cint.read_from_socket(0, 2, size=3)\nassert b.size == 3\n")
        self.assertEqual([op[2:] for op in r.all("picks")], [(0, [(3, 1), (2, 3)])])
        self.assertEqual([len(op[1]) for op in r.all("sendsums")], [1])
        self.assertEqual([op[2:] for op in r.all("pickc")], [(0, [(3, 2)]), (1, [(3, 2)])])

    def test_clients_have_secrets_only(self):
        self.refused("E0260", 2, "\ncint.receive_from_client(1, 0)", mention="sint")
        self.refused("E0260", 1, "cfix.reveal_to_clients([0], [1])", mention="write_to_socket")
        self.refused("E0261", 1, "sint.receive_from_client(1, 0, message_type=2)")
        self.refused("E0261", 1, "sint.write_shares_to_socket(0, [1], 4)")
        self.refused("E0202", 1, "sint.reveal_to_clients([sint(0)], [1])")
        self.refused("E0219", 1, "sint.receive_from_client(regint(1), 0)")
        self.refused("E0202", 2, "a = sint.Array(4)\nlen(a.get_sub(regint(2)))")

    def test_random_products_go_with_what_clients_add_up(self):
        r = self.recorded("x, y = sint.receive_from_client(2, 0, size=3)\n"
                          "assert (x.size, y.size) == (3, 3)\n"
                          "sint.reveal_to_clients([0, 1], [x])\n")
        self.assertEqual(len(r.all("recvmasked")), 1)
        self.assertEqual([r.lanes["s"][int(op[1][0][1:])] for op in r.all("sendsums")], [18, 9, 9])
        r = self.recorded("program.active = False\n"
                          "x, = sint.receive_from_client(1, 0, 0)\n"
                          "sint.reveal_to_clients(0, [x, x])\n")
        self.assertEqual([r.lanes["s"][int(op[1][0][1:])] for op in r.all("sendsums")], [1, 2])
        self.assertEqual(r.all("muls"), [])
        r = self.recorded("assert sint.receive_from_client(0, 0) == []\n"
                          "x, = sint.receive_from_client(1, 0, size=0)\n"
                          "sint.reveal_to_clients(0, [])\nassert x.size == 0\n")
        self.assertEqual((r.all("sendsums"), r.all("recvmasked")), ([], []))

    def test_long_containers_are_sent_in_parts(self):
        r = self.recorded("regint.Array(2000001).write_to_socket(0)\n")
        lanes = [r.lanes["i"][int(op[1][0][1:])] for op in r.all("sendi")]
        self.assertEqual(lanes, [1000000, 1000000, 1])

    def test_every_form_of_reading_is_one_message(self):
        r = self.recorded(
            "a = sint.Array(7)\na.read_from_socket(0)\nx = sint.read_from_socket(0, size=5)\n"
            "y, z = regint.read_from_socket(0, 2)\nc = cint.read_from_socket(0)\n"
            "assert x.size == 5\n")
        self.assertEqual([len(op[1]) for op in r.all("recvs")], [1, 1])
        self.assertEqual(list(r.lanes["s"]), [7, 5])
        self.assertEqual(len(r.all("recvi")[0][1]), 2)


class Programs(Case):
    """The environment of programs."""

    def test_positions_are_the_programs_lines(self):
        r = self.recorded("def f(x):\n    return x * x\n\na = sint(2)\nb = f(a)\n")
        self.assertEqual([item[1] for item in r.tapes[0]], [4, 4, 2])

    def test_arguments_are_texts(self):
        r = self.recorded("print_ln('%s', program.args)\n", "4", "a/b")
        self.assertEqual((r.printed(), r.json["name"]), (["[test, 4, a/b]\n"], "test-4-a_b"))

    def test_missing_arguments_are_explained(self):
        self.refused("E0211", 1, "n = int(program.args[2])\n", "5", mention="argument 2")
        self.recorded("try:\n    n = program.args[1]\nexcept IndexError:\n    n = 12\n")

    def test_random_numbers_follow_from_source_and_arguments(self):
        source = "import random\nprint_ln('%s', random.random())\n"
        one, other, third = (record(source, *args).printed() for args in ((), (), ("1",)))
        random.seed()
        self.assertEqual(one, other)
        self.assertNotEqual(one, third)

    def test_both_spellings_give_the_same_module(self):
        self.recorded("from Compiler import util, types, library\nimport util as other\n"
                      "assert util is other\nfrom Compiler.types import sint as s\n"
                      "assert s is sint\nfrom Compiler.library import *\n"
                      "assert util.log2(1000) == 10 and util.max(3, 9) == 9\n"
                      "import types\nassert types.FunctionType\n")

    def test_later_parts_are_refused_by_name(self):
        self.refused("E0210", 1, "x = sfloat(1.5)\n", mention="sfloat is not available yet")
        self.refused("E0210", 1, "sgf2n.get_input_from(0)\n", mention="sgf2n")
        self.refused("E0210", 1, "import ml\n", mention="ml")
        self.recorded("assert not isinstance(sint(1), sfloat)\n")

    def test_harmless_settings_are_accepted(self):
        self.recorded("program.use_edabit(True)\nprogram.set_bit_length(32)\n"
                      "program.options_from_args()\nprogram.use_trunc_pr = True\n"
                      "program.disable_memory_warnings()\nprogram.security = 40\n"
                      "break_point()\ncheck_point()\nstart_timer(1)\nstop_timer(1)\n")

    def test_the_result_is_the_same_every_time(self):
        source = "x = {'a', 'b', 'c'}\n@for_range(3)\ndef _(i):\n    print_ln('%s', i)\n"
        first, second = (record_in_process(source)[2] for _ in range(2))
        first.json["seconds"] = second.json["seconds"] = 0
        self.assertEqual((first.json, first.tapes), (second.json, second.tapes))


class Mistakes(Case):
    """Errors in Python and in the use of registers."""

    def test_syntax_errors_have_a_place(self):
        error = self.refused("E0101", 2, "x = 1\nprint_ln('%s', (x + 1)\nz = x\n")
        self.assertEqual((error["kind"], error["file"]), ("syntax", "test.mpc"))
        if sys.version_info >= (3, 10):
            self.assertEqual(error["column"], 9)

    def test_exceptions_show_the_programs_line(self):
        error = self.refused("E0102", 2, "def f():\n    raise ValueError('only even')\nf()\n")
        self.assertEqual(error["message"], "ValueError: only even")
        self.assertIn("Traceback", error["traceback"])

    def test_names_are_suggested(self):
        error = self.refused("E0102", 2, "total = 1\nprint_ln('%s', totl)\n")
        self.assertEqual(error["help"], "did you mean 'total'?")

    def test_columns_are_given_where_python_knows_them(self):
        error = self.refused("E0201", 2, "x = sint(5)\ny = 1 + (x + 0.5)\n", mention="float")
        if sys.version_info >= (3, 11):
            self.assertEqual((error["column"], error["end_column"]), (10, 17))

    def test_registers_are_no_python_numbers(self):
        for use in ("bool(x)", "[1, 2][x]", "list(range(x))", "[k for k in range(3) if x]",
                    "int(x)", "float(x)", "round(x)", "max(x, 2)", "assert x"):
            self.refused("E0202", 2, "x = regint(1)\n%s\n" % use)

    def test_types_that_do_not_fit_are_refused(self):
        for use in ("x + 0.5", "sint(1.5)", "sint('five')", "x // 2", "x & 1", "cint(x)"):
            self.refused("E0201", 2, "x = sint(1)\n%s\n" % use)
        self.refused("E0209", 1, "sint([1, 2, 3]) + sint([1, 2])\n")
        self.refused("E0215", 1, "cint(2**64)\n", mention="-R")

    def test_loops_need_public_bounds_and_the_right_body(self):
        self.refused("E0205", 2, "n = sint(4)\n@for_range(n)\ndef _(i):\n    pass\n")
        self.refused("E0205", 1, "@for_range(2.5)\ndef _(i):\n    pass\n")
        self.refused("E0212", 1, "@for_range(3)\ndef _():\n    pass\n", mention="argument")
        self.refused("E0212", 1, "@if_(regint(1))\ndef _(i):\n    pass\n")

    def test_programs_can_catch_our_errors(self):
        self.recorded("for f, kind in ((lambda: sint(1) + 0.5, TypeError),\n"
                      "                (lambda: sint.Array(3)[3], IndexError),\n"
                      "                (lambda: print_ln('%s'), ValueError)):\n"
                      "    try:\n        f()\n        assert False\n"
                      "    except kind:\n        pass\n")

    def test_leaving_the_compiler_is_an_error_unless_it_succeeds(self):
        self.refused("E0103", 1, "exit(3)\n")
        self.recorded("exit()\n")

    def test_a_missing_file_is_reported(self):
        from caucus import environment
        from tests.decode import Record
        r = Record(environment.run({"path": "/nowhere/at/all.mpc", "display": "all.mpc"}))
        self.assertEqual((r.error["code"], r.error["kind"]), ("E0104", "usage"))


class Speed(Case):
    """Recording must not be the bottleneck."""

    def test_straight_line_code_is_recorded_fast(self):
        from caucus import environment
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "test.mpc")
            with open(path, "w", encoding="utf-8") as file:
                file.write("a, b = sint(2), sint(3)\nfor i in range(40000):\n    a = a * b + i\n")
            # Time of the processor: the machine may have other things to do.
            started = time.process_time()
            environment.run({"path": path, "args": []})
            self.assertLess(time.process_time() - started, 1.6, "for 160,000 operations")


if __name__ == "__main__":
    unittest.main()
