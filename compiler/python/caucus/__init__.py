"""The language's front end: runs a program under CPython and records what it computes.

Start it as ``python3 -m caucus``; see ``__main__``. The record's format is in docs/record.md.
"""
