"""Shuffles, sorting and random values: what is recorded, and what is refused."""

import random

from tests.test_frontend import Case
from tests.test_secrets import Case as Meaning


class Recorded(Case):
    """How many instructions there are."""

    def test_a_long_array_is_sorted_by_one_instruction(self):
        r = self.recorded("a = sint.Array(10**6)\na.sort()\n")
        self.assertEqual(len(r.all("sorts")), 1)
        self.assertLess(len(r.names()), 12)

    def test_a_short_array_is_sorted_by_one_comparison_of_all_pairs(self):
        for length in (2, 3, 64):
            r = self.recorded("a = sint.Array(%d)\na.sort()\n" % length)
            self.assertEqual((len(r.all("ltzs")), len(r.all("rearrs"))), (1, 1))
            self.assertLess(len(r.names()), 60)

    def test_the_first_key_counts_most(self):
        r = self.recorded("m = sint.Matrix(500, 3)\nm.sort(key_indices=(2, 0), n_bits=5)\n")
        (dst, src, keys), = r.all("sorts")
        self.assertEqual([bits for _, bits in keys], [5, 5])
        offsets = [pick[2] for pick in r.all("picks")]
        self.assertEqual(offsets, [2, 0])

    def test_shuffles_take_one_instruction(self):
        r = self.recorded("a = sint.Array(1000)\na.secure_shuffle()\n"
                          "h = sint.get_secure_shuffle(1000)\na.secure_permute(h, reverse=True)\n")
        self.assertEqual([len(r.all(name)) for name in ("shuffles", "newperm", "perms")], [1] * 3)
        self.assertEqual(r.all("perms")[0][3:], (1000, 1))


class Sorted(Meaning):
    """What is printed."""

    def test_pairs_and_ranks_agree_for_all_lengths_and_ties(self):
        numbers = random.Random(5)
        for length in range(2, 24):
            keys = [numbers.randint(-3, 3) for _ in range(length)]
            order = sorted(range(length), key=lambda k: keys[k])
            self.prints([str(order)], "from Compiler import sorting\n"
                        "d = Array.create_from(sint(regint.inc(%d)))\n"
                        "sorting.radix_sort(sint(%s), d, 12)\nprint_ln('%%s', d.reveal())\n"
                        % (length, keys))

    def test_both_spellings_give_the_same_module(self):
        for name in ("sorting", "permutation", "oram", "sqrt_oram", "path_oram", "dijkstra", "gs",
                     "path_oblivious_heap"):
            self.prints(["1"], "import %s\nfrom Compiler import %s as other\n"
                        "import Compiler\nprint_ln('%%s', int(%s is other is Compiler.%s))\n"
                        % ((name,) * 4))

    def test_lists_are_permuted(self):
        self.prints(["[0, 1, 2, 3] 6 [1, 2, 0]"], """
from Compiler.permutation import random_perm, shuffle, inverse
values = [sint(k) for k in range(4)]
shuffle(values)
print_ln('%s %s %s', sorted(random_perm(4)), sum(values).reveal(), inverse([2, 0, 1]))
""")


class Refused(Case):
    """Mistakes, each with its line."""

    def test_public_values_have_no_secret_order(self):
        self.refused("E0240", 2, "a = cint.Array(3)\na.secure_shuffle()\n", mention="shuffle()")
        self.refused("E0240", 1, "regint(1).secure_permute(sint.get_secure_shuffle(1))\n")
        self.refused("E0240", 2, "a = sfix.Array(3)\na.inverse_permutation()\n", mention="integers")
        self.refused("E0240", 2, "from oram import LinearORAM\nLinearORAM(3, regint)\n")
        self.refused("E0240", 3, "import permutation\nx = [1, 2]\npermutation.shuffle(x)\n")
        self.refused("E0240", 2, "import sorting\nsorting.radix_sort(cint([2, 1]),"
                     " sint.Array(2))\n")

    def test_permutations_are_named_by_their_number(self):
        self.refused("E0241", 2, "a = sint.Array(3)\na.secure_permute([2, 1, 0])\n",
                     mention="get_secure_shuffle(3)")
        self.refused("E0241", 2, "a = sint.Array(3)\na.secure_permute(sint(1))\n")
        self.refused("E0241", 2, "a = sint.Array(3)\na.permute(sint([1, 0, 2]))\n",
                     mention="secure_permute")
        self.refused("E0219", 1, "sint.get_secure_shuffle(regint(3))\n")
        self.refused("E0219", 1, "sint.get_secure_shuffle(-1)\n")

    def test_lists_that_are_no_permutation_are_named(self):
        self.refused("E0242", 2, "a = sint.Array(3)\na.permute([0, 1, 1])\n", mention="[0, 1, 1]")
        self.refused("E0209", 2, "a = sint.Array(3)\na.permute(regint([0, 1]))\n")
        self.refused("E0209", 1, "sint([1, 2, 3]).secure_shuffle(unit_size=2)\n")

    def test_keys_must_be_there_and_fit_the_ring(self):
        self.refused("E0204", 2, "m = sint.Matrix(3, 2)\nm.sort(key_indices=(2,))\n",
                     mention="rows have 2")
        self.refused("E0204", 2, "m = sint.Matrix(3, 2)\nm.sort(key_indices=())\n")
        self.refused("E0204", 2, "m = sint.Tensor([3, 2, 2])\nm.sort(key_indices=(1,))\n")
        self.refused("E0220", 2, "a = sint.Array(3)\na.sort(n_bits=65)\n", mention="-R 72")
        self.refused("E0219", 2, "a = sint.Array(3)\na.sort(n_bits=0)\n")
        self.refused("E0209", 2, "import sorting\nsorting.radix_sort(sint([2, 1]),"
                     " sint.Array(3))\n")
        self.refused("E0201", 2, "m = cint.Matrix(3, 2)\nm.sort()\n")

    def test_random_values_have_sensible_ranges(self):
        self.refused("E0243", 1, "sint.get_random_inverse()\n", mention="field")
        self.refused("E0219", 1, "regint.get_random(65)\n")
        self.refused("E0219", 1, "sfix.get_random(1, 1)\n")
        self.refused("E0202", 1, "sfix.get_random(sfix(1), 2)\n")
        self.refused("E0201", 1, "cfix.get_random(0, 1)\n", mention="sfix")
        self.refused("E0215", 1, "sfix.get_random(0, 10**6)\n")
        self.refused("E0220", 2, "sfix.set_precision(16, 50)\nsfix.get_random(0, 10**9)\n")

    def test_memories_and_heaps_say_what_fits(self):
        head = "from oram import *\n"
        self.refused("E0209", 3, head + "o = OptimalORAM(3, sint, entry_size=(1, 2))\no[0] = 5\n")
        self.refused("E0209", 3, head + "o = OptimalORAM(3)\no[sint([1, 2])]\n")
        self.refused("E0219", 2, head + "OptimalORAM(0)\n")
        self.refused("E0201", 2, head + "SqrtOram([1, 2])\n")
        self.refused("E0220", 2, "from path_oblivious_heap import *\n"
                     "PathObliviousHeap(3, entry_size=(63, 1))\n", mention="63 bits")
        self.refused("E0219", 2, "from dijkstra import *\nconvert_graph({0: {}})\n",
                     mention="vertex 0")
