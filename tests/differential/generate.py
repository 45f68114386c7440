"""The differential test: random programs with the output that they must give.

    generate.py SEED FIRST END FOLDER       writes files FIRST to END - 1 of ten programs, with heads like those
                                            in tests/conformance
    generate.py SEED FIRST END --try WORDS  runs them with the command WORDS, such as `compile-run emulate`, and
                                            makes those small that fail

The expected output comes from model.py, which runs the same text over plain integers.
"""

import os
import random
import subprocess
import sys
import tempfile

import model
import programs
import tree

#: Inputs that a program may take.
_MOST_INPUTS = 2000


class Snippet:
    """A random program."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        generator = programs.Generator(self.random, "_%s_" % seed.rpartition("-")[2])
        self.nodes = generator.program(self.random.randint(2, 7))


class Case:
    """A program of several snippets: text, inputs, flags, and what it must print."""

    def __init__(self, seed, snippets, nodes):
        chooser = random.Random("inputs of " + seed)
        rows = [[chooser.randint(-1000, 1000) for _ in range(_MOST_INPUTS)] for _ in range(2)]
        self.flags = chooser.choice(("", "", "", "-b 1", "-b 30", "-b 100000", "-M", "-n"))
        self.seed = seed
        self.snippets = snippets
        self.nodes = nodes
        self.text = tree.render(nodes)
        self.expected, taken, self.failed = model.run(self.text, rows)
        # The message is output, too.
        self.expected += [self.failed] if self.failed is not None else []
        self.inputs = [row[:count] for row, count in zip(rows, taken)]

    def file(self):
        """The program with its head."""
        head = ["# test: random program %s" % self.seed, "# protocols: ring emulate"]
        head += ["# flags: %s" % self.flags] if self.flags else []
        head += ["# input %d: %s" % (party, " ".join(map(str, row)))
                 for party, row in enumerate(self.inputs) if row]
        head += ["# fails: yes"] if self.failed is not None else []
        head += ["# expect:"] + ["#   " + line for line in self.expected]
        return "\n".join(head) + "\n\n" + self.text


def make(seed, count):
    """A case of `count` snippets."""
    nodes = []
    for number in range(count):
        nodes.append(tree.Line("# snippet %d" % number))
        nodes += Snippet("%s-%d" % (seed, number)).nodes
    if random.Random(seed).random() < 0.1:
        nodes.append(tree.Line("runtime_error_if(sint(%d).reveal() == %d, 'wanted')" % (7, 7)))
    return Case(seed, count, nodes)


class Runner:
    """Runs cases with a command."""

    def __init__(self, words):
        self.words = words
        self.folder = tempfile.TemporaryDirectory()
        os.makedirs(self.path("Player-Data"))

    def path(self, name):
        """A name in the folder of the run."""
        return os.path.join(self.folder.name, name)

    def problem(self, case):
        """None, or what is wrong, in a few words."""
        for party in range(2):
            with open(self.path("Player-Data/Input-P%d-0" % party), "w") as file:
                file.write(" ".join(map(str, case.inputs[party])))
        with open(self.path("case.mpc"), "w") as file:
            file.write(case.text)
        command, protocol = self.words[:-1], self.words[-1]
        try:
            done = subprocess.run(command + ["-q"] + case.flags.split() + [protocol, "case.mpc"],
                                  cwd=self.folder.name, capture_output=True, text=True, timeout=60)
        except subprocess.TimeoutExpired:
            return "hangs"
        if "panicked" in done.stderr:
            return "panic: " + done.stderr[done.stderr.index("panicked"):][:200]
        shown = done.stdout.splitlines()
        if (done.returncode != 0) != (case.failed is not None):
            return "exit code %d: %s" % (done.returncode, done.stderr[-600:])
        if shown == case.expected:
            return None
        for a, b in zip(shown + [None] * len(case.expected), case.expected):
            if a != b:
                return "printed %r instead of %r" % (a, b)
        return "printed more: %r" % shown[len(case.expected):][:3]


def _lists(nodes):
    """All lists of statements in a tree."""
    yield nodes
    for node in nodes:
        for part in getattr(node, "parts", ()):
            yield from _lists(part[2])


def _kind(problem):
    """What stays the same when a program gets smaller."""
    return problem[:7] if problem.startswith("print") else problem[:40]


def minimize(case, runner, first):
    """Leaves out statements as long as the program still fails in the same way."""
    def still_fails():
        try:
            smaller = Case(case.seed, case.snippets, case.nodes)
        except Exception:
            return False
        smaller.flags = case.flags
        problem = runner.problem(smaller)
        return problem is not None and _kind(problem) == _kind(first)
    size = max(len(case.nodes) // 2, 1)
    while True:
        changed = False
        for nodes in list(_lists(case.nodes)):
            at = 0
            while at < len(nodes):
                taken = nodes[at:at + size]
                del nodes[at:at + size]
                if still_fails():
                    changed = True
                else:
                    nodes[at:at] = taken
                    at += size
        if size > 1:
            size //= 2
        elif not changed:
            break
    smaller = Case(case.seed, case.snippets, case.nodes)
    smaller.flags = case.flags
    return smaller


def main():
    """The command."""
    seed, first, end, target = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    runner = Runner(sys.argv[5:]) if target == "--try" else None
    failures = 0
    for number in range(first, end):
        case = make("%s.%d" % (seed, number), 10)
        if runner is None:
            with open(os.path.join(target, "random_%d.mpc" % number), "w") as file:
                file.write(case.file())
            continue
        problem = runner.problem(case)
        if problem is None:
            if number % 50 == 49:
                print("%d programs, %d failed" % (10 * (number + 1), failures), flush=True)
            continue
        failures += 1
        print("== %s: %s" % (case.seed, problem), flush=True)
        case = minimize(case, runner, problem)
        print("-- %s\n%s" % (runner.problem(case), case.file()), flush=True)
    if runner is not None:
        print("%d of %d failed" % (failures, end - first), flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
