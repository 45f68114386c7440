"""Random programs.

What a program may not do never happens: indices stay in range, divisors are not 0, threads write
different elements, and everything is written before it is read.
"""

from expressions import ORDER, TYPES, Expressions
from tree import Body, Group, Line, Var


class Generator(Expressions):
    """Makes statements; `random` decides everything."""

    def declare(self, frozen_ok=True):
        """A new name with its first value."""
        letter = self.random.choice("iccsss")
        kind = self.random.choice(("reg", "reg", "array", "array", "matrix", "cell"))
        if self.depth and kind != "reg" and self.chance(0.5):
            kind = "reg"
        size = self.random.choice((1, 1, 1, 2, 3, 5)) if kind in ("reg", "cell") \
            else self.random.randint(1, 9)
        name = self.name({"reg": "x", "array": "a", "matrix": "m", "cell": "c"}[kind])
        cls = TYPES[letter]
        lines = []
        v = Var(name, kind, letter, size)
        if kind == "reg":
            lines.append("%s = %s(%s)" % (name, cls, self.expression(letter, size)))
        elif kind == "cell":
            lines.append("%s = MemValue(%s(%s))" % (name, cls, self.expression(letter, size)))
        elif kind == "array":
            lines.append("%s = %s" % (name, self.random.choice(
                ("%s.Array(%d)" % (cls, size), "Array(%d, %s)" % (size, cls)))))
            if letter == "i" and self.chance(0.6):
                v.below, v.frozen = self.random.randint(1, 9), True
                values = [str(self.random.randrange(v.below)) for _ in range(size)]
                lines.append("%s.assign([%s])" % (name, ", ".join(values)))
            elif self.chance(0.3):
                lines.append("%s.assign_all(%s)" % (name, self.expression(letter, 1, 1)))
            else:
                lines.append("%s.assign_vector(%s)" % (name, self.expression(letter, size, 1)))
        else:
            v.columns = self.random.randint(1, 5)
            v.size = self.random.randint(1, 5)
            lines.append("%s = Matrix(%d, %d, %s)" % (name, v.size, v.columns, cls))
            lines.append("%s.assign_vector(%s)" % (
                name, self.expression(letter, v.size * v.columns, 1)))
        v.top = self.depth == 0
        self.scope.append(v)
        return [Line("; ".join(lines))]

    def write(self):
        """A statement that changes a variable."""
        if self.outs and self.chance(0.5):
            return self._write_out()
        choices = [v for v in self.scope if not v.frozen and (v.kind != "reg" or not v.span)]
        if not choices:
            return self.declare()
        v = self.random.choice(choices)
        name, letter = v.name, v.letter
        if v.kind == "reg":
            value = self.expression(letter, v.size)
            pick = self.random.random()
            if pick < 0.3:
                return [Line("%s.iadd(%s)" % (name, self.expression(letter, v.size)))]
            if v.top and self.depth and pick < 0.6:
                self.names[-1].add(name)
                form = "%s = %s + %s" if self.chance(0.5) else "%s = %s * %s"
                if self.chance(0.5):
                    return [Line(form % (name, name, value))]
                return [Line("%s = %s(%s)" % (name, TYPES[letter], value))]
            if pick < 0.7:
                lower = self.random.choice(ORDER[:ORDER.index(letter) + 1])
                return [Line("%s.update(%s)" % (name, self.expression(lower, 1)))]
            return [Line("%s.update(%s)" % (name, value))]
        if v.kind == "cell":
            value = self.expression(letter, v.size)
            return [Line(self.random.choice(("%s.write(%s)", "%s.iadd(%s)")) % (name, value))]
        if v.kind == "array":
            return [Line(self._write_array(v))]
        return [Line(self._write_matrix(v))]

    def _write_out(self):
        """A write that passes of a loop can make at once, or nearly so."""
        v = self.random.choice(self.outs)
        value = self.expression(v.letter, v.size if v.kind == "reg" else 1)
        if v.kind == "reg":
            if v.top and self.chance(0.3):
                self.names[-1].add(v.name)
                return [Line("%s += %s" % (v.name, value))]
            return [Line("%s.iadd(%s)" % (v.name, value))]
        if v.kind == "matrix":
            place = "%s[%s][%s]" % (v.name, self.index(v.size), self.index(v.columns))
        elif self.chance(0.15):
            size = self.random.randint(1, v.size)
            return [Line("%s.assign_vector(%s, %s)" % (
                v.name, self.expression(v.letter, size), self.index(v.size, size)))]
        else:
            place = "%s[%s]" % (v.name, self.index(v.size))
        if self.chance(0.4):
            return [Line("%s = %s %s %s" % (place, place, self.random.choice("+++-*"), value))]
        return [Line("%s = %s" % (place, value))]

    def _restrict(self):
        """Chooses what a loop that can be merged reads, and what it writes."""
        scope, outs = self.scope, self.outs
        self.scope, self.outs = [], []
        for v in scope:
            if v.kind == "cell" or v.frozen or self.chance(0.6):
                copy = Var(v.name, v.kind, v.letter, v.size, v.columns, v.span, frozen=True)
                copy.below = v.below
                self.scope.append(copy)
            else:
                self.outs.append(v)
        return scope, outs

    def _write_array(self, v):
        pick = self.random.random()
        name, letter = v.name, v.letter
        if pick < 0.35:
            return "%s[%s] = %s" % (name, self.index(v.size), self.expression(letter, 1))
        if pick < 0.6:
            index = self.index(v.size)
            return "%s[%s] = %s[%s] %s %s" % (name, index, name, index,
                                              self.random.choice("++-*"),
                                              self.expression(letter, 1))
        size = self.random.randint(1, v.size)
        if pick < 0.8:
            return "%s.assign_vector(%s, %s)" % (name, self.expression(letter, size),
                                                 self.index(v.size, size))
        if pick < 0.9:
            step = self.random.randint(1, 3)
            size = len(range(0, v.size, step))
            return "%s[::%d] = %s" % (name, step, self.expression(letter, size))
        if pick < 0.95 and v.size > 1:
            places = self.random.sample(range(v.size), self.random.randint(2, v.size))
            return "%s[regint([%s])] = %s" % (name, ", ".join(map(str, places)),
                                              self.expression(letter, len(places)))
        return "%s.assign_all(%s)" % (name, self.expression(letter, 1))

    def _write_matrix(self, v):
        pick = self.random.random()
        name, letter = v.name, v.letter
        if pick < 0.5:
            return "%s[%s][%s] = %s" % (name, self.index(v.size), self.index(v.columns),
                                        self.expression(letter, 1))
        if pick < 0.75:
            return "%s[%s].assign_vector(%s)" % (name, self.index(v.size),
                                                 self.expression(letter, v.columns))
        if pick < 0.9:
            return "%s.set_column(%s, %s)" % (name, self.index(v.columns),
                                              self.expression(letter, v.size))
        return "%s.iadd(%s)" % (name, self.expression(letter, 1))

    def statement(self):
        """One statement, as a list of nodes."""
        pick = self.random.random()
        room = self.depth < 4 and self.times < 150
        if pick < 0.15:
            return self.declare()
        if pick < 0.5 or not room:
            return self.write()
        if pick < 0.53 and not self.in_threads and self.times < 40:
            return self.show()
        if pick < 0.55 and not self.in_threads and not self.in_branch:
            name = self.name("x")
            size = self.random.choice((1, 1, 3))
            args = str(self.random.randrange(2)) + (", size=%d" % size if size > 1 else "")
            v = Var(name, "reg", "s", size)
            v.top = self.depth == 0
            self.scope.append(v)
            return [Line("%s = sint.get_input_from(%s)" % (name, args))]
        if pick < 0.57:
            value = self.expression("i", 1, 1)
            return [Line("runtime_error_if((%s & 7) > 7, 'no %%s', %s)" % (value, value))]
        if pick < 0.64:
            return self.branch()
        if pick < 0.67:
            return self.repeat()
        if pick < 0.74:
            return self.plain_loop()
        if pick < 0.79 and self.depth == 0 or pick < 0.75 and not self.in_threads:
            return self.threads()
        if pick < 0.81 and not self.in_threads and not self.depth:
            return self.map_sum()
        return self.parallel_loop()

    def show(self):
        """Prints a value."""
        letter = self.random.choice("ic")
        return [Line("print_ln('t%d %%s', %s)" % (
            self.count, self.expression(letter, self.random.choice((1, 1, 3)), 2)))]

    def statements(self, count):
        """Some statements with a scope of their own."""
        mark = len(self.scope)
        self.depth += 1
        res = [node for _ in range(count) for node in self.statement()]
        self.depth -= 1
        del self.scope[mark:]
        return res

    def _body(self, head, params, indices, times, count=None, tail="", extra=()):
        """A decorated function with a scope of its own."""
        mark = len(self.scope)
        self.scope += indices
        self.names.append(set())
        self.times *= max(times, 1)
        count = self.random.randint(1, 4) if count is None else count
        nodes = self.statements(count) + list(extra)
        self.times //= max(times, 1)
        names = self.names.pop()
        del self.scope[mark:]
        return (head, params, nodes, names, tail)

    def branch(self):
        """A branch on a public value."""
        was, self.in_branch = self.in_branch, True
        body = Body()
        condition = self.condition(self.random.choice("ic"), 1, 1)
        both = self.chance(0.5)
        body.parts.append(self._body("@if_e(%s)" % condition if both else "@if_(%s)" % condition,
                                     "", [], 1))
        if both:
            body.parts.append(self._body("@else_", "", [], 1))
        self.in_branch = was
        return [body]

    def _leave(self, name, last):
        """A break in the middle of a loop."""
        body = Body()
        body.parts.append(("@if_(%s == %d)" % (name, self.random.randint(0, max(last, 0))), "",
                           [], set(), "break_loop()"))
        return body

    def repeat(self):
        """A loop with a condition."""
        last = self.random.randint(0, 5)
        was, self.in_branch = self.in_branch, True
        body, name = Body(), self.name("w")
        v = Var(name, "reg", "i", span=None, frozen=True)
        form = self.random.randrange(3)
        step = "%s.iadd(%d)" % (name, self.random.randint(1, 2))
        leave = [self._leave(name, last)] if self.chance(0.2) else []
        if form == 0:
            body.parts.append(self._body("@while_do(lambda: %s < %d)" % (name, last), "", [v],
                                         last, tail=step))
            if leave:
                body.parts[0][2].insert(self.random.randint(0, len(body.parts[0][2])), leave[0])
            nodes = [Line("%s = regint(0)" % name), body]
        elif form == 1:
            body.parts.append(self._body("@do_while", "", [v], last,
                                         extra=[Line(step)], tail="return %s < %d" % (name, last)))
            nodes = [Line("%s = regint(0)" % name), body]
        else:
            other = self.name("w")
            letter = self.random.choice("cs")
            w = Var(other, "reg", letter, frozen=True)
            start = self.expression(letter, 1, 1)
            mark = len(self.scope)
            self.scope += [v, w]
            new = self.expression(letter, 1, 2)
            del self.scope[mark:]
            body.parts.append(self._body(
                "@while_do(lambda p, q: p < %d, regint(0), %s(%s))" % (last, TYPES[letter], start),
                "%s, %s" % (name, other), [v, w], last,
                tail="return %s + 1, %s" % (name, new)))
            nodes = [body]
        self.in_branch = was
        return nodes

    def _bounds(self, longest=9):
        """Bounds of a loop: the text, the smallest and largest index, and the number of passes."""
        count = self.random.choice((0, 1, 2, 3, 4, 5, 7, longest))
        if self.times > 20:
            count = min(count, 3)
        if self.chance(0.6):
            return str(count), (0, max(count - 1, 0)), count
        start = self.random.randint(-3, 6)
        step = self.random.choice((1, 1, 2, 3, -1, -2))
        stop = start + count * step - (self.random.randrange(abs(step)) if step > 0 else
                                       -self.random.randrange(abs(step)))
        ends = range(start, stop, step)
        span = (min(ends), max(ends)) if len(ends) else (start, start)
        return "%d, %d, %d" % (start, stop, step), span, len(ends)

    def plain_loop(self):
        """A loop whose passes run one after the other."""
        text, span, count = self._bounds()
        was, self.in_branch = self.in_branch, self.in_branch or self.chance(0.3)
        if self.chance(0.15) and self.variables("reg", "i"):
            # A bound that exists at run time; inputs could not be counted.
            text, span, count = "%s & 7" % self.expression("i", 1, 1), (0, 6), 7
            self.in_branch = True
        name = self.name("i")
        body = Body()
        v = Var(name, "reg", "i", span=span, frozen=True)
        tail = "%s.iadd(1)" % name if self.chance(0.08) and self.in_branch \
            and (text.isdigit() or not text.split(", ")[-1].startswith("-")) else ""
        leave = self.in_branch and self.chance(0.15)
        body.parts.append(self._body("@for_range(%s)" % text, name, [v], count, tail=tail))
        if leave:
            body.parts[0][2].insert(self.random.randint(0, len(body.parts[0][2])),
                                    self._leave(name, span[1]))
        self.in_branch = was
        return [body]

    def parallel_loop(self):
        """A loop whose passes may be merged."""
        if not self.chance(0.65):
            return self._parallel_loop()
        scope, outs = self._restrict()
        nodes = self._parallel_loop()
        self.scope, self.outs = scope, outs
        return nodes

    def _parallel_loop(self):
        body = Body()
        was = self.in_branch
        if self.chance(0.4):
            dimensions = self.random.choice((2, 2, 3)) if self.times < 20 else 2
            sizes = [self.random.choice((1, 2, 3, 4)) for _ in range(dimensions)]
            names = [self.name("i") for _ in sizes]
            indices = [Var(name, "reg", "i", span=(0, size - 1), frozen=True)
                       for name, size in zip(names, sizes)]
            count = 1
            for size in sizes:
                count *= size
            body.parts.append(self._body("@for_range_opt(%s)" % sizes, ", ".join(names), indices,
                                         count))
            return [body]
        text, span, count = self._bounds(self.random.choice((9, 9, 30)))
        name = self.name("i")
        head = "@for_range_opt(%s)" % text
        if text.isdigit() and self.chance(0.2):
            head = "@for_range_parallel(%d, %s)" % (self.random.randint(1, 4), text)
        if self.chance(0.07) and self.variables("reg", "i"):
            head = "@for_range_opt(%s & 7)" % self.expression("i", 1, 1)
            span, count = (0, 6), 7
            self.in_branch = True
        v = Var(name, "reg", "i", span=span, frozen=True)
        leave = self.chance(0.04)
        self.in_branch |= leave
        body.parts.append(self._body(head, name, [v], count))
        if leave:
            body.parts[0][2].insert(self.random.randint(0, len(body.parts[0][2])),
                                    self._leave(name, span[1]))
        self.in_branch = was
        return [body]

    def threads(self):
        """A loop in threads: it sees memory only, and each pass writes its own elements."""
        size = self.random.randint(1, 9)
        columns = self.random.choice((0, 0, self.random.randint(1, 4)))
        letter = self.random.choice("iccsss")
        out = Var(self.name("m" if columns else "a"), "matrix" if columns else "array", letter,
                  size, columns)
        fill = "%s.assign_all(%s)" % (out.name, self.constant())
        make = "Matrix(%d, %d, %s)" % (size, columns, TYPES[letter]) if columns else \
            "%s.Array(%d)" % (TYPES[letter], size)
        nodes = [Line("%s = %s; %s" % (out.name, make, fill))]
        scope, self.scope = self.scope, []
        outs, self.outs = self.outs, []
        for v in scope:
            if v.kind != "reg":
                copy = Var(v.name, v.kind, v.letter, v.size, v.columns, frozen=True)
                copy.below = v.below
                self.scope.append(copy)
        threads, self.in_threads = self.in_threads, True
        branch, self.in_branch = self.in_branch, True
        depth, self.depth = self.depth, max(self.depth, 1)
        body = Body()
        number = self.random.randint(2, 5)
        name, other = self.name("i"), self.name("i")
        i = Var(name, "reg", "i", span=(0, size - 1), frozen=True)
        j = Var(other, "reg", "i", span=(0, columns - 1), frozen=True)
        if columns:
            head, params, indices = "[%d, %d]" % (size, columns), name + ", " + other, [i, j]
            place = "%s[%s][%s]" % (out.name, name, other)
        else:
            head, params, indices = str(size), name, [i]
            place = "%s[%s]" % (out.name, name)
            if self.chance(0.3):
                place = "%s[%d - %s]" % (out.name, size - 1, name)
        head = "@for_range_opt_multithread(%d, %s)" % (number, head) if self.chance(0.7) else \
            "@for_range_multithread(%d, %d, %s)" % (number, self.random.randint(1, 3), head)
        part = None
        if not columns and self.chance(0.25):
            head, params = "@multithread(%d, %d)" % (number, size), "base, size"
            part = "for_range_opt" if self.chance(0.7) else "for_range"
        mark = len(self.scope)
        self.scope += indices
        self.names.append(set())
        self.times *= size * max(columns, 1)
        inner = self.statements(self.random.randint(0, 3))
        value = self.expression(letter, 1)
        self.times //= size * max(columns, 1)
        self.names.pop()
        del self.scope[mark:]
        last = "%s = %s" % (place, value) if self.chance(0.6) else \
            "%s = %s %s %s" % (place, place, self.random.choice("+-*"), value)
        if part:
            loop = Body()
            inner.insert(0, Line("%s = base + k" % name))
            loop.parts.append(("@%s(size)" % part, "k", inner, set(), last))
            body.parts.append((head, params, [loop], set(), ""))
        else:
            body.parts.append((head, params, inner, set(), last))
        self.scope, self.in_threads, self.in_branch, self.depth = scope, threads, branch, depth
        self.outs = outs
        out.top = self.depth == 0
        self.scope.append(out)
        return nodes + [body]

    def map_sum(self):
        """A sum over a loop in threads."""
        size = self.random.randint(1, 9)
        letter = self.random.choice("ics")
        name, total = self.name("i"), self.name("x")
        scope, self.scope = self.scope, [v for v in self.scope if v.kind == "array"]
        self.scope.append(Var(name, "reg", "i", span=(0, size - 1), frozen=True))
        value = self.expression(letter, 1)
        self.scope = scope
        body = Body()
        body.parts.append(("@map_sum_opt(%d, %d, [%s])" % (
            self.random.choice((1, 2, 3)), size, TYPES[letter]), name, [], set(),
            "return " + value))
        v = Var(total, "reg", letter)
        v.top = True
        self.scope.append(v)
        group = Group([body, Line("%s = _()" % total)])
        return [group]

    def program(self, length):
        """A whole program, which prints all of its variables in the end."""
        nodes = []
        for _ in range(4):
            nodes += self.declare()
        for _ in range(length):
            nodes += self.statement()
        for v in self.scope:
            nodes.append(Line("print_ln('%s %%s', %s%s)" % (
                v.name, v.name, ".read().reveal()" if v.kind == "cell" else ".reveal()"
                if v.letter == "s" or self.chance(0.5) and v.kind == "reg" else "")))
        return nodes
