"""Entry point: a request as JSON on standard input, the record to CAUCUS_RECORD_FD."""

import json
import os
import sys

from . import environment, output_record


def main():
    """Answers one request; returns the exit status."""
    descriptor = int(os.environ.pop("CAUCUS_RECORD_FD"))
    os.set_inheritable(descriptor, False)
    request = json.load(sys.stdin)
    if request.get("print_to_stderr"):
        sys.stdout = sys.stderr
    # The program must not read what is left of our input.
    sys.stdin = open(os.devnull)
    answer = environment.run(request)
    sys.stdout.flush()
    output_record.write(descriptor, answer)
    os.close(descriptor)
    return 0


if __name__ == "__main__":
    sys.exit(main())
