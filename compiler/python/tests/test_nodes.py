"""Distributed loops: how iterations are cut into chunks, and what is recorded for them."""

import unittest
from types import SimpleNamespace

from tests.decode import install_numbers
from tests.test_frontend import Case

install_numbers()

from caucus import nodes  # noqa: E402
from caucus.program import Program  # noqa: E402


class Cuts(unittest.TestCase):
    """The lengths of chunks."""

    def cut(self, n, workers, inner=1, chunk=None):
        """A cut, which must have all iterations."""
        lengths = self.lengths(n, workers, inner, chunk)
        self.assertEqual(len(set(lengths[:-1] or lengths)), 1)
        self.assertTrue(0 < lengths[-1] <= lengths[0])
        return lengths[0], len(lengths)

    def lengths(self, n, workers, inner=1, chunk=None, parts=None):
        """The lengths of all chunks, which must be numbered and begin where the one before ends."""
        Program.current = SimpleNamespace(n_workers=workers)
        lengths = []
        cut = nodes.Cut(n, inner, chunk, parts)
        for length, first, count, stride, shift in cut.jobs:
            for number in range(first, first + count):
                self.assertEqual(number, len(lengths))
                self.assertEqual(number * stride + shift, sum(lengths))
                lengths.append(length)
        self.assertEqual(sum(lengths), n)
        self.assertEqual(cut.shortest, min(lengths))
        return lengths

    def test_without_workers_there_are_as_few_chunks_as_memory_allows(self):
        self.assertEqual(self.cut(1, 0), (1, 1))
        self.assertEqual(self.cut(1 << 20, 0), (1 << 20, 1))
        self.assertEqual(self.cut((1 << 20) + 1, 0), ((1 << 19) + 1, 2))
        self.assertEqual(self.cut(100, 0, inner=1 << 20), (1, 100))

    def test_short_loops_have_at_most_one_chunk_for_each_worker(self):
        for workers in (1, 2, 3, 4, 7):
            for n in range(1, 60):
                self.assertLessEqual(self.cut(n, workers)[1], workers)
            self.assertEqual(self.cut(workers * 100, workers), (100, workers))

    def test_long_loops_have_four_chunks_for_each_worker(self):
        self.assertEqual(self.cut(1_000_000, 4), (62_500, 16))
        self.assertEqual(self.cut(1000, 4, inner=1000), (63, 16))
        self.assertEqual([self.cut(n, 4)[1] for n in (100_000, 150_000)], [4, 8])
        self.assertEqual(self.cut(1 << 30, 2), (1 << 20, 1024))

    def test_programs_can_choose_the_length(self):
        self.assertEqual(self.cut(10, 3, chunk=4), (4, 3))
        self.assertEqual(self.cut(10, 0, chunk=1), (1, 10))
        self.assertEqual(self.cut(10, 2, chunk=100), (10, 1))

    def test_there_is_a_chunk_for_each_part(self):
        for workers in (0, 1, 4):
            self.assertEqual(self.lengths(10, workers, parts=4), [3, 3, 2, 2])
            self.assertEqual(self.lengths(8, workers, parts=4), [2, 2, 2, 2])
            # A part without iterations is not taken.
            self.assertEqual(self.lengths(3, workers, parts=5), [1, 1, 1])
            self.assertEqual(self.lengths(1 << 22, workers, inner=9, parts=1), [1 << 22])


class Recorded(Case):
    """What is recorded."""

    BODY = "def _(i):\n    a[i] = i\n"

    def test_a_loop_is_recorded_once_for_whole_chunks_and_once_for_the_rest(self):
        source = "a = sint.Array(10)\n@for_range_opt_multinode(10)\n" + self.BODY
        r = self.recorded(source, n_workers=3)
        self.assertEqual(r.all("nodes"), [([(1, 0, 2, []), (2, 2, 1, [])],)])
        self.assertEqual([len(tape["params"]) for tape in r.json["tapes"]], [0, 1, 1])
        self.assertEqual(r.json["notes"], [[2, "10 iterations in 2 chunks of 4 and one of 2"]])
        r = self.recorded(source)
        self.assertEqual(r.all("nodes"), [([(1, 0, 1, [])],)])

    def test_a_loop_over_nothing_is_none(self):
        for bounds in ("0", "-3", "5, 5", "5, 2, 1", "[0, 4]", "[4, 0]"):
            body = self.BODY if "[" not in bounds else "def _(i, j):\n    a[i] = j\n"
            r = self.recorded("a = sint.Array(0)\n@for_range_opt_multinode(%s)\n%s" % (bounds, body))
            self.assertEqual((r.all("nodes"), len(r.json["tapes"])), ([], 1))

    def test_threads_of_a_chunk_get_its_start(self):
        r = self.recorded("a = sint.Array(9)\n@multinode(9, chunk=6)\ndef _(start, length):\n"
                          "    @multithread(2, length)\n    def _(base, size):\n"
                          "        a.assign_vector(sint(regint.inc(size)), start + base)\n")
        params = [len(tape["params"]) for tape in r.json["tapes"]]
        # The main tape; chunks of six and their threads; the rest of three, whose threads differ.
        self.assertEqual(params, [0, 1, 2, 1, 2, 2])

    def test_a_loop_with_parts_is_recorded_for_longer_and_shorter_chunks(self):
        source = ("a = sint.Array(10)\n@for_range_opt_multinode(10, parts=4)\ndef _(i):\n"
                  "    a[i] = sint.input_from_workers(1)\n")
        r = self.recorded(source, n_workers=3)
        self.assertEqual(r.all("nodes"), [([(1, 0, 2, []), (2, 2, 2, [])],)])
        self.assertEqual(r.json["notes"], [[2, "10 iterations in 2 chunks of 3 and 2 of 2"]])

    def test_inputs_of_workers_need_a_part(self):
        body = "def _(i):\n    return sint.input_from_workers(0)\n"
        self.refused("E0253", 3, "@map_sum_multinode(4, [sint])\n" + body,
                     mention="how many parts")
        self.refused("E0253", 3, "@map_sum_multinode(4, [sint], n_threads=2, parts=2)\n" + body,
                     mention="thread")
        self.refused("E0253", 1, "x = sint.input_from_workers(0)\n", mention="how many parts")
        self.refused("E0201", 3, "@map_sum_multinode(4, [sint], parts=2)\n"
                     + body.replace("sint.", "cfix."), mention="cfix")
        self.refused("E0309", 3, "@map_sum_multinode(4, [sint], parts=2)\n"
                     + body.replace("input_from_workers", "get_input_from"), mention="parts=")

    def test_the_number_of_parts_is_known_and_excludes_a_length(self):
        body = "def _(i):\n    return sint.input_from_workers(0)\n"
        for arguments, code in (("parts=regint(2)", "E0205"), ("parts=0", "E0219"),
                                ("parts=2, chunk=2", "E0219")):
            source = "@map_sum_multinode(4, [sint], %s)\n%s" % (arguments, body)
            self.refused(code, 1, source, mention="part")

    def test_the_number_of_iterations_must_be_known(self):
        for loop in ("for_range_opt_multinode(regint(3))", "for_range_opt_multinode(0, cint(3))",
                     "multinode(regint(3))", "map_sum_multinode(regint(3), [sint])"):
            body = "def _(*i):\n    return 1\n"
            self.refused("E0205", 1, "@%s\n%s" % (loop, body), mention="known while compiling")

    def test_nothing_leaves_a_chunk_early(self):
        for head in ("for_range_opt_multinode(4)", "for_range_opt_multinode(4, n_threads=2)",
                     "map_sum_multinode(4, [sint])"):
            self.refused("E0216", 3, "@%s\ndef _(i):\n    break_loop()\n    return 1\n" % head)
        self.recorded("@for_range_opt_multinode(4)\ndef _(i):\n    @for_range_opt(3)\n"
                      "    def _(j):\n        break_loop()\n")

    def test_rows_are_sorted_by_columns_and_shuffled_by_all_nodes(self):
        source = ("m = sint.Matrix(5, 3)\nm.sort_multinode((2, -3), n_bits=8)\n"
                  "m.secure_shuffle_multinode()\na = sfix.Array(4)\na.sort_multinode()\n")
        r = self.recorded(source, n_workers=2)
        sorts = [operands[2:] for operands in r.all("nodesorts")]
        self.assertEqual(sorts, [(5, [(2, 8), (0, 8)]), (4, [(0, 31)])])
        self.assertEqual([operands[2:] for operands in r.all("nodeshuffles")], [(5,)])
        self.assertEqual(r.json["notes"][0], [
            2, "5 rows are sorted by 2 workers of each party together, in shards of up to 3"])

    def test_without_workers_and_in_threads_they_are_the_ordinary_ones(self):
        source = "m = sint.Matrix(500, 3)\nm.sort_multinode(0)\nm.secure_shuffle_multinode()\n"
        r = self.recorded(source)
        self.assertEqual([len(r.all(name)) for name in (
            "sorts", "shuffles", "nodesorts", "nodeshuffles")], [1, 1, 0, 0])
        source = ("m = sint.Matrix(5, 3)\n@for_range_multithread(2, 1, 2)\ndef _(i):\n"
                  "    m.sort_multinode(0)\n")
        r = self.recorded(source, n_workers=2)
        self.assertEqual(r.all("nodesorts"), [])
        self.assertIn("is not distributed further", r.json["notes"][0][1])
        # Nothing is done with fewer than two rows.
        r = self.recorded("sint.Array(1).sort_multinode()\nsint.Array(0).sort_multinode()\n"
                          "sint.Array(1).secure_shuffle_multinode()\n", n_workers=2)
        self.assertEqual(r.all("nodesorts") + r.all("nodeshuffles") + r.all("sorts"), [])

    def test_only_secrets_go_to_the_nodes_and_keys_are_columns(self):
        self.refused("E0240", 2, "a = regint.Array(3)\na.sort_multinode()\n", mention="secrets")
        self.refused("E0240", 2, "a = cint.Array(3)\na.secure_shuffle_multinode()\n")
        for key in ("3", "()", "'x'"):
            self.refused("E0204", 2, "m = sint.Matrix(4, 3)\nm.sort_multinode(%s)\n" % key)


if __name__ == "__main__":
    unittest.main()
