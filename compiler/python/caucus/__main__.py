"""Entry point: a request as JSON on standard input, the record to CAUCUS_RECORD_FD.

Both ``python3 -m caucus`` and ``python3 path/to/caucus`` work; the latter cannot take a directory
of the same name for the package.
"""

import _io
import atexit
import gc
import json
import os
import sys

if not __package__:
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from caucus import environment, output_record, third_party  # noqa: E402


def main():
    """Answers one request; returns the exit status."""
    descriptor = int(os.environ.pop("CAUCUS_RECORD_FD"))
    os.set_inheritable(descriptor, False)
    third_party.install()
    request = json.loads(sys.stdin.buffer.read())
    if request.get("print_to_stderr"):
        sys.stdout = sys.stderr
    # The program must not read what is left of our input.
    sys.stdin = open(os.devnull)
    # What is there by now stays: looking through it for garbage would find none.
    gc.freeze()
    gc.enable()
    try:
        answer = environment.run(request)
    except KeyboardInterrupt:
        return 130
    sys.stdout.flush()
    output_record.write(descriptor, answer)
    os.close(descriptor)
    return 0


def leave(status):
    """Ends the process as Python does, but for taking all modules apart, which takes longer than most compilations."""
    if "threading" in sys.modules:
        sys.modules["threading"]._shutdown()
    atexit._run_exitfuncs()
    # Also files that the program has left open. The base of all of them is no abstract class, as that of `io` is.
    files = [it for it in gc.get_objects() if issubclass(type(it), _io._IOBase)]
    for file in files + [sys.stdout, sys.stderr]:
        try:
            file.flush()
        except (OSError, ValueError):
            # It is closed, or nobody reads it any more.
            pass
    os._exit(status)


if __name__ == "__main__":
    leave(main())
