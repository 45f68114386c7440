"""Python starts without `site`, which looks for third-party modules and runs what they have left to be run: that takes
longer than most compilations. A program that imports such a module gets it all the same, a little later.
"""

import builtins
import importlib.machinery
import sys


class _Finder:
    """The last resort for a module that nobody has found."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        sys.meta_path.remove(_Finder)
        import site

        site.main()
        return importlib.machinery.PathFinder.find_spec(name, path, target)


def install():
    """Does what `site` would have done, as late as possible."""
    if not sys.flags.no_site:
        return
    sys.meta_path.append(_Finder)
    # Programs may end themselves in Python's usual ways.
    builtins.exit = builtins.quit = sys.exit
