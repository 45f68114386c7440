"""Codes of errors: each one that is used is listed with its meaning, and explained on the page."""

import os
import re
import unittest

from caucus import errors, limits
from tests.decode import record

_HERE = os.path.dirname(os.path.abspath(__file__))
_PACKAGE = os.path.join(os.path.dirname(_HERE), "caucus")
_PAGE = os.path.join(_HERE, "..", "..", "..", "docs", "errors.md")


class Codes(unittest.TestCase):
    def used(self):
        codes = set()
        for folder, _, names in os.walk(_PACKAGE):
            for name in names:
                if name.endswith(".py"):
                    with open(os.path.join(folder, name), encoding="utf-8") as file:
                        codes.update(re.findall(r'"(E0\d{3})"', file.read()))
        return codes

    def test_every_code_is_listed(self):
        self.assertEqual(self.used() - set(errors.CODES), set())

    def test_every_code_has_a_section_with_its_meaning(self):
        with open(_PAGE, encoding="utf-8") as file:
            headings = dict(re.findall(r"^### (E\d{4}): (.*)$", file.read(), re.M))
        for code, meaning in errors.CODES.items():
            self.assertEqual(headings.get(code), meaning,
                             "docs/errors.md needs a section '### %s: %s' with an example "
                             "(```python wrong, ```python corrected)" % (code, meaning))


class Limits(unittest.TestCase):
    def test_a_recording_without_end_is_stopped_at_its_line(self):
        most, limits.MOST = limits.MOST, 20_000
        try:
            res = record("x = sint(0)\nwhile True: x = x + 1\n")
        finally:
            limits.MOST = most
        self.assertEqual((res.error["code"], res.error["line"]), ("E0290", 2))

    def test_the_size_is_judged_at_the_end_too(self):
        most, limits.MOST = limits.MOST, 5
        try:
            res = record("x = sint(0)\nfor i in range(9):\n    x = x + 1\n")
        finally:
            limits.MOST = most
        self.assertEqual(res.error["code"], "E0290")


if __name__ == "__main__":
    unittest.main()
