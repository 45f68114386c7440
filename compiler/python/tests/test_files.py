"""Inputs, outputs and stored secrets: what is recorded, written and refused."""

import os
import struct
import tempfile

from tests.decode import record
from tests.test_frontend import Case


class Given(Case):
    """Data of the program for input files."""

    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.prefix = os.path.join(self.directory.name, "data", "Input")

    def file(self, name):
        """The contents of an input file."""
        with open(self.prefix + name, "rb") as file:
            return file.read()

    def given(self, source):
        """The record of a program whose files go to a directory of this test."""
        return self.recorded(source, input_prefix=self.prefix)

    def test_integers_and_fractions_are_written_as_they_are_read(self):
        r = self.given("sint.input_tensor_via(1, [[1, -2], [3, 4]])\n"
                       "sfix.input_tensor_via(1, [0.5, -3])\n"
                       "sfix.input_tensor_via(1, [0.25], n_bytes=4)\n"
                       "sfix.input_tensor_via(0, [0.1, 2], binary=False)\n")
        expected = struct.pack("<4q2df", 1, -2, 3, 4, 0.5, -3, 0.25)
        self.assertEqual(self.file("-Binary-P1-0"), expected)
        self.assertEqual(self.file("-P0-0"), b"0.1 2 \n")
        self.assertEqual([op[2:] for op in r.all("inputf")], [(0, 0), (1, 16), (2, 16)])
        self.assertEqual(os.stat(self.prefix + "-P0-0").st_mode & 0o777, 0o600)

    def test_labels_become_rows_with_a_single_one(self):
        self.given("sint.input_tensor_via(0, [2, 0], one_hot=True)\n"
                   "sint.input_tensor_via(0, [1], shape=[1, 2], one_hot=True)\n")
        self.assertEqual(self.file("-Binary-P0-0"), struct.pack("<8q", 0, 0, 1, 1, 0, 0, 0, 1))

    def test_arrays_of_other_packages_are_data(self):
        self.given("class Foreign:\n    def numpy(self):\n        return self\n"
                   "    def tolist(self):\n        return [[1, 2]]\n"
                   "x = sint.input_tensor_via(0, Foreign())\nassert x.shape == [1, 2]\n")
        self.assertEqual(self.file("-Binary-P0-0"), struct.pack("<2q", 1, 2))

    def test_a_faulty_program_writes_nothing(self):
        record("sint.input_tensor_via(0, [1])\nnothing\n", input_prefix=self.prefix)
        self.assertFalse(os.path.exists(self.prefix + "-Binary-P0-0"))

    def test_other_data_is_not_replaced(self):
        source = "sint.input_tensor_via(0, [%d])\n"
        self.given(source % 1)
        self.given(source % 2)
        with open(self.prefix + "-Binary-P0-0", "ab") as file:
            file.write(b"mine")
        error = record(source % 3, input_prefix=self.prefix).error
        self.assertEqual(error["code"], "E0250")
        self.assertEqual(self.file("-Binary-P0-0"), struct.pack("<q", 2) + b"mine")

    def test_what_is_no_data_is_refused(self):
        for code, arguments in (
                ("E0201", "0, [1.5]"), ("E0201", "0, 'text'"), ("E0209", "0, [[1], [2, 3]]"),
                ("E0209", "0, [1, 2], shape=[3]"), ("E0215", "0, [2 ** 63]"),
                ("E0219", "regint(0), [1]"), ("E0219", "0"), ("E0219", "0, [-1], one_hot=True"),
                ("E0219", "0, [3], shape=[1, 3], one_hot=True"), ("E0201", "0, [1], n_bytes=4")):
            self.refused(code, 1, "sint.input_tensor_via(%s)\n" % arguments)

    def test_data_must_be_read_as_often_as_it_is_there(self):
        for head in ("@for_range(3)\ndef _(i):\n", "@if_(regint(1))\ndef _():\n"):
            self.refused("E0251", 3, head + "    sint.input_tensor_via(0, [1])\n")


class Threads(Case):
    """What several threads would do in another order at each party."""

    def test_files_of_all_parties_belong_to_the_main_thread(self):
        for what in ("public_input()", "sint.write_to_file([sint(1)])",
                     "sint.read_from_file(0, 1)", "sint.Array(2).write_to_file()"):
            self.refused("E0252", 3, "@for_range_multithread(2, 1, 4)\ndef _(i):\n    %s\n" % what)


class Stored(Case):
    """Stored secrets."""

    def test_large_containers_are_stored_in_parts(self):
        r = self.recorded("a = sint.Array(2 ** 21 + 1)\na.write_to_file(5)\na.read_from_file(5)\n")
        lanes = [[r.lanes["s"][int(value[1:])] for value in op[1]] for op in r.all("storeshares")]
        self.assertEqual(lanes, [[2 ** 20], [2 ** 20], [1]])
        self.assertEqual(len(r.all("loadshares")), 3)

    def test_arguments_of_the_instruction_forms(self):
        self.refused("E0202", 1, "writesharestofile(sint(1), sint(2))\n", mention="position")
        self.refused("E0201", 1, "readsharesfromfile(0, sint(), sint())\n")
        self.refused("E0219", 1, "sint.read_from_file(0, regint(2))\n")


class Personal(Case):
    """Values that one party knows."""

    def test_what_two_parties_know_does_not_mix(self):
        head = "x, y = sint(1).reveal_to(0), sint(2).reveal_to(1)\n"
        for what in ("x + y", "x / y", "x == y", "x[:1] if x + y else 0", "personal(1, x)",
                     "print_ln_to(1, '%s', x)"):
            self.refused("E0218", 2, head + what + "\n")

    def test_secrets_and_conditions_are_refused(self):
        self.refused("E0201", 1, "sint(1).reveal_to(0) + sint(2)\n", mention="sint(x)")
        self.refused("E0201", 1, "sint(2) * sint(1).reveal_to(0)\n")
        self.refused("E0201", 1, "personal(0, sint(1))\n", mention="reveal_to")
        self.refused("E0202", 1, "sint(1).reveal_to(0) and 1\n")
        self.refused("E0218", 1, "print_ln('%s', sint(1).reveal_to(0))\n")
        self.refused("E0201", 1, "cfix(sint(1).reveal_to(0))\n")


class Output(Case):
    """Outputs."""

    def test_secrets_are_printed_only_where_the_program_insists(self):
        self.refused("E0207", 1, "print_ln('%s', sint(1))\n")
        self.refused("E0207", 1, "sint(1).binary_output()\n", mention="reveal_to_binary_output")
        r = self.recorded("x = sint(1)\nprint_ln('%s', [x], print_secrets=True)\nx.output()\n")
        self.assertEqual(r.printed(), ["[{s0}]\n", "{s0}"])
