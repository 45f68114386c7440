"""Ordinary Python control flow on values that exist at run time; `install` is the entrance."""
