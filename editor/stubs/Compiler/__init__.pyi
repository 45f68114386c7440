# Made by editor/generate.py from the front end.
"""The modules of the language."""
