"""Ordinary Python control flow: what is recorded, and what is refused with which remedy."""

import contextlib
import io
import textwrap
import unittest

from tests.decode import record
from tests.test_frontend import Case


class Secrets(Case):
    """A secret cannot decide; the remedy is the program's own code, rewritten."""

    def test_if_shows_the_selection(self):
        self.refused("E0202", 2, "x, y = sint(3), sint(0)\nif x > 2:\n    y = x\n",
                     mention="write y = (x > 2).if_else(x, y)")
        self.refused("E0202", 2, "x, y = sint(3), sint(0)\nif x > 2:\n    y += 1\nelse:\n"
                     "    y = 5\n", mention="write y = (x > 2).if_else(y + 1, 5)")
        self.refused("E0202", 2, "x = sint(1)\nif x:\n    a = 1\n    b = 2\n", mention="if_else")

    def test_expressions_show_theirs(self):
        self.refused("E0202", 2, "x = sint(3)\nz = 1 if x else 2\n",
                     mention="write (x).if_else(1, 2)")
        self.refused("E0202", 2, "x = sint(3)\nz = x > 0 and x < 5\n",
                     mention="write (x > 0).bit_and(x < 5)")
        self.refused("E0202", 2, "x = sint(3)\nz = x > 9 or x < 5\n",
                     mention="write (x > 9).bit_or(x < 5)")
        self.refused("E0202", 2, "x = sint(3)\nz = 0 < x + 1 < 5\n",
                     mention="write (0 < x + 1).bit_and(x + 1 < 5)")
        self.refused("E0202", 2, "x = sint(3)\nz = not x\n", mention="write (x).bit_not()")

    def test_loops_ask_for_a_public_bound(self):
        self.refused("E0202", 2, "x = sint(3)\nwhile x > 0:\n    x -= 1\n", mention="public")
        self.refused("E0205", 2, "x = sint(3)\nfor i in range(x):\n    pass\n", mention="secret")


class Names(Case):
    """What names stand for behind a run-time branch or loop."""

    def refuses(self, code, line, text, **more):
        """The error of an indented program."""
        return self.refused(code, line, textwrap.dedent(text), **more)

    def test_a_name_of_one_part_has_no_value_behind(self):
        self.refuses("E0270", 4, """\
            x = regint(1)
            if x:
                q = 5
            print_ln('%s', q)
            """, mention="q has no value here")
        self.refuses("E0270", 6, """\
            x = regint(1)
            if x:
                q = 'one'
            else:
                q = 'two'
            print_ln(q)
            """, mention="no register can hold")
        self.refuses("E0270", 4, """\
            x = regint(1)
            for i in range(x):
                last = i * 2
            y = last + 1
            """)
        self.refuses("E0270", 5, """\
            x, v = regint(1), sint([1, 2])
            if x == 1:
                v = sint([1, 2, 3])
            if True:
                print_ln('%s', v.reveal())
            """, mention="vector")

    def test_variables_of_loops_keep_their_kind(self):
        self.refuses("E0275", 2, """\
            x, n = 0, regint(0)
            while n < 3:
                x, n = x + sint(1), n + 1
            """, mention="write x = sint(x) before the loop")
        self.refuses("E0275", 2, """\
            word, n = 'a', regint(0)
            while n < 3:
                word, n = word + 'b', n + 1
            """, mention="word")

    def test_changes_while_compiling_are_refused(self):
        for change in ("items.append(1)", "table['k'] = 1", "thing.x = 'text'", "items[0] = 'text'",
                       "group.add(3)", "del items[0]", "thing.change()", "Thing.kind = 2", "up()"):
            source = textwrap.dedent("""\
                class Thing:
                    def __init__(self):
                        self.x = 1
                        self.seen = []
                    def change(self):
                        self.seen.append(1)
                level = 0
                def up():
                    global level
                    level += 1
                thing, items, table, group = Thing(), [4], {}, set()
                n = regint(1)
                while n < 3:
                    %s
                    n += 1
                """) % change
            self.assertFalse(record(source).ok, change)
        self.refuses("E0214", 3, """\
            found = []
            x = regint(3)
            if x == 3: found.append(x)
            """, mention="Array")


class Jumps(Case):
    """break, continue, return and exceptions under run-time conditions."""

    refuses = Names.refuses

    def test_break_needs_a_run_time_loop(self):
        self.refuses("E0272", 3, """\
            for i in [0, 1, 2]:
                if regint(i) == 2:
                    break
            """, mention="break_loop")

    def test_return_in_the_middle_is_refused(self):
        self.refuses("E0273", 4, """\
            def f():
                for i in range(3):
                    if regint(i) == 2:
                        return i
            f()
            """, mention="return")
        self.refuses("E0271", 3, """\
            def f(x):
                if x: return 'text'
                return 5
            f(regint(1))
            """)

    def test_continue_in_the_middle_is_refused(self):
        self.refuses("E0273", 5, """\
            n = regint(3)
            while n > 0:
                if n > 1:
                    if n == 2:
                        continue
                    print_ln('a')
                n -= 1
            """, mention="else")

    def test_exceptions_do_not_leave_run_time_branches(self):
        self.refuses("E0274", 4, """\
            try:
                if regint(2) == 2:
                    raise ValueError
            except ValueError:
                pass
            """, mention="runtime_error_if")


class Unchanged(Case):
    """Where conditions are known, programs behave as Python says, at the same lines."""

    def test_nothing_is_recorded_for_known_conditions(self):
        r = self.recorded("for i in range(3):\n    if i == 1:\n        continue\n    x = sint(i)\n"
                          "while i > 0 and i < 9:\n    i -= 1\n    if i == 0: break\n")
        self.assertEqual([name for name in r.names() if name not in ("ldc", "convcs")], [])

    def test_syntax_is_checked_before(self):
        self.refused("E0101", 2, "if True:\n    break\n")
        self.refused("E0101", 2, "x = 1\nif x: continue\n")
        self.refused("E0101", 1, "return 4 if x else 5\n")

    def test_lines_of_errors_stay(self):
        self.refused("E0102", 4, "x = 4\nif x > 3:\n    y = 1\n    z = 1 // 0\n")
        self.refused("E0102", 3, "def f(x):\n    while x > 0:\n        x = x - 'a'\nf(3)\n")

    def test_a_chain_of_many_parts_compiles(self):
        text = "x = 30\nif x == 0:\n    y = 0\n"
        text += "".join("elif x == %d:\n    y = %d\n" % (k, k) for k in range(1, 40))
        self.recorded(text + "assert y == 30\n")

    def test_large_loops_become_run_time_loops(self):
        source = "a = Array(3000000, sint)\nfor i in range(3000000):\n    a[i] = i * sint(2)\n"
        shown = io.StringIO()
        with contextlib.redirect_stderr(shown):
            r = self.recorded(source)
        self.assertIn("note: test.mpc:2: the 3000000 passes", shown.getvalue())
        self.assertEqual(len(r.all("loop")), 1)
        source = "l = [0] * 2000\nfor i in range(2000):\n    l[i] = i\nassert l[7] == 7\n"
        self.assertEqual(self.recorded(source).all("loop"), [])


if __name__ == "__main__":
    unittest.main()
