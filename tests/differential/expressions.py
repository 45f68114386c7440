"""Random expressions in which indices stay in range and divisors are not 0."""

ORDER = "ics"
TYPES = {"i": "regint", "c": "cint", "s": "sint"}


class Expressions:
    """Makes expressions; `random` decides everything."""

    def __init__(self, random, prefix=""):
        self.random = random
        self.prefix = prefix
        self.count = 0
        self.scope = []
        #: Number of times that the current statement runs.
        self.times = 1
        self.depth = 0
        self.in_threads = False
        self.in_branch = False
        self.names = [set()]
        #: Indices within indices.
        self.nesting = 0
        #: What the body of a loop that can be merged may only add to, or only write.
        self.outs = []

    def name(self, letter):
        """A new name."""
        self.count += 1
        return "%s%s%d" % (letter, self.prefix, self.count)

    def chance(self, share):
        """True in this share of all cases."""
        return self.random.random() < share

    def variables(self, kind=None, letter=None, writable=False):
        """The names that can be used here."""
        return [v for v in self.scope
                if (kind is None or v.kind == kind) and (letter is None or v.letter in letter)
                and not (writable and v.frozen)]

    # Expressions

    def constant(self):
        """An integer."""
        pick = self.random.random()
        if pick < 0.75:
            return str(self.random.randint(-9, 20))
        if pick < 0.95:
            return str(self.random.randint(-10 ** 6, 10 ** 6))
        return str(self.random.choice([2 ** 31, -2 ** 31, 2 ** 62, -2 ** 63, 2 ** 63 - 1]))

    def index(self, length, room=1):
        """An expression in [0, length - room]."""
        self.nesting += 1
        text = self._index(length - room)
        self.nesting -= 1
        return text

    def _index(self, last):
        choices = [v for v in self.scope if v.span]
        pick = self.random.random()
        if choices and pick < 0.6:
            v = self.random.choice(choices)
            low, high = v.span
            forms = []
            for factor in (1, 1, 1, 2, 3, -1, -2):
                ends = sorted((factor * low, factor * high))
                if ends[1] - ends[0] <= last:
                    forms += [(factor, self.random.randint(-ends[0], last - ends[1]))]
                    forms += [(factor, -ends[0])]
            if forms:
                factor, add = self.random.choice(forms)
                text = v.name if factor == 1 else "%d * %s" % (factor, v.name)
                return text if add == 0 else "%s + %d" % (text, add)
            pair = [w for w in choices if w is not v and w.span[0] >= 0]
            if low >= 0 and pair:
                w = self.random.choice(pair)
                factor = self.random.randint(1, 5)
                return "(%s * %d + %s) %% %d" % (v.name, factor, w.name, last + 1)
            if low >= 0:
                return "%s %% %d" % (v.name, last + 1)
        if len(choices) > 1 and pick < 0.7:
            v, w = self.random.sample(choices, 2)
            if v.span[0] >= 0 and w.span[0] >= 0:
                width = w.span[1] + 1
                if v.span[1] * width + w.span[1] <= last:
                    return "%s * %d + %s" % (v.name, width, w.name)
        tables = [v for v in self.variables("array", "i") if 0 < v.below <= last + 1]
        if tables and pick < 0.8 and self.nesting < 3:
            table = self.random.choice(tables)
            return "%s[%s]" % (table.name, self.index(table.size))
        if pick < 0.88 and self.nesting < 2 and self.variables("reg", "i"):
            return "(%s & 63) %% %d" % (self.expression("i", 1, 1), last + 1)
        return str(self.random.randint(0, last))

    def expression(self, letter, size, depth=3):
        """An expression of this class and number of lanes."""
        if depth <= 0 or self.chance(0.15):
            return self.leaf(letter, size)
        pick = self.random.random()
        lower = self.random.choice(ORDER[:ORDER.index(letter) + 1])
        sizes = (size, size) if size == 1 or self.chance(0.6) else \
            self.random.choice(((1, size), (size, 1)))
        if pick < 0.55:
            pair = [letter, lower] if self.chance(0.5) else [lower, letter]
            if self.chance(0.3):
                pair = [letter, letter]
            parts = [self.expression(kind, count, depth - 1) for kind, count in zip(pair, sizes)]
            if self.chance(0.25) and (size == 1 or sizes[0] == size):
                parts = [self.expression(letter, size, depth - 1), self.constant()]
                if self.chance(0.3):
                    parts.reverse()
            return "(%s %s %s)" % (parts[0], self.random.choice("++-***"), parts[1])
        if pick < 0.70 and letter != "s":
            return self._public(letter, size, sizes, depth)
        if pick < 0.76:
            kind = self.random.choice("ic")
            condition = self.condition(kind, size if self.chance(0.5) else 1, depth - 1)
            # A selection by a vector, or of vectors.
            return "(%s).if_else(%s, %s)" % (
                condition, self.expression(letter, size, depth - 1),
                self.expression(letter, size, depth - 1))
        if pick < 0.80 and letter == "c":
            return "%s.reveal()" % self.expression("s", size, depth - 1)
        if pick < 0.84:
            return "%s(%s)" % (TYPES[letter], self.expression(lower, size, depth - 1))
        if pick < 0.87:
            return "(-%s)" % self.expression(letter, size, depth - 1)
        if pick < 0.90:
            return "(%s ** %d)" % (self.expression(letter, size, depth - 1),
                                   self.random.choice((2, 2, 3, 5)))
        if size == 1:
            if pick < 0.95:
                return "%s.sum()" % self.expression(letter, self.random.randint(2, 6), depth - 1)
            if letter == "s":
                count = self.random.randint(2, 5)
                return "sint.dot_product(%s, %s)" % (
                    self.expression("s", count, depth - 1), self.expression("s", count, depth - 1))
        else:
            if pick < 0.92:
                return "%s.get_reverse_vector()" % self.expression(letter, size, depth - 1)
            if pick < 0.94:
                return "%s.prefix_sum()" % self.expression(letter, size, depth - 1)
            if pick < 0.97:
                first = self.random.randint(1, size - 1)
                return "%s.concat([%s, %s])" % (
                    TYPES[letter], self.expression(letter, first, depth - 1),
                    self.expression(letter, size - first, depth - 1))
            more = self.random.randint(0, 3)
            return "%s.get_vector(%d, %d)" % (
                self.expression(letter, size + more, depth - 1), self.random.randint(0, more), size)
        return self.leaf(letter, size)

    def _public(self, letter, size, sizes, depth):
        a = self.expression(letter, sizes[0], depth - 1)
        b = self.expression("i", sizes[1], depth - 1)
        pick = self.random.randrange(7)
        if pick == 0:
            return "(%s // ((%s & 7) + 1))" % (a, b)
        if pick == 1:
            return "(%s %% ((%s & 15) + 1))" % (a, b)
        if pick == 2:
            return "(%s %s (%s & 7))" % (a, self.random.choice(("<<", ">>")), b)
        if pick == 3 and letter == "i":
            return "(%s)" % self.condition("i", size, depth - 1)
        if pick == 4 and size == sizes[0] == sizes[1]:
            return "%s.%s(%s)" % (a, self.random.choice(("max", "min")), b) if letter == "i" else a
        return "(%s %s %s)" % (a, self.random.choice("&|^"), b)

    def condition(self, letter, size, depth):
        """A comparison of public values."""
        a = self.expression(letter, size, depth)
        b = self.constant() if self.chance(0.6) else self.expression(letter, size, depth)
        text = "(%s %s %s)" % (a, self.random.choice(("<", "<=", ">", ">=", "==", "!=")), b)
        if self.chance(0.4):
            index = [v for v in self.scope if v.span]
            if index and size == 1:
                v = self.random.choice(index)
                middle = self.random.randint(*v.span)
                return "(%s %s %d)" % (v.name, self.random.choice(("<", ">=", "==")), middle)
        return text

    def leaf(self, letter, size):
        """An expression without operators."""
        choices = []
        registers = [v for v in self.variables("reg", letter) if v.size == size]
        choices += [v.name for v in registers] * 2
        wide = self.variables("array", letter)
        for v in wide:
            if size == 1:
                choices.append("%s[%s]" % (v.name, self.index(v.size)))
            elif v.size == size:
                choices += ["%s.get_vector()" % v.name, "%s[:]" % v.name]
            elif v.size > size:
                choices.append("%s.get_vector(%s, %d)" % (v.name, self.index(v.size, size), size))
                begin = self.random.randint(0, v.size - size)
                choices.append("%s[%d:%d]" % (v.name, begin, begin + size))
                step = (v.size - 1) // (size - 1)
                choices.append("%s[%d:%d:%d]" % (v.name, 0, step * (size - 1) + 1, step))
                if size * 2 <= v.size:
                    choices.append("%s.get_part(%s, %d).get_vector()"
                                   % (v.name, self.index(v.size, size), size))
        for v in self.variables("matrix", letter):
            if size == 1:
                choices.append("%s[%s][%s]" % (v.name, self.index(v.size), self.index(v.columns)))
            if size == v.columns and size > 1:
                choices.append("%s[%s].as_register()" % (v.name, self.index(v.size)))
            if size == v.size and size > 1:
                choices.append("%s.get_column(%s)" % (v.name, self.index(v.columns)))
        for v in self.variables("cell", letter):
            if v.size == size:
                choices.append("%s.read()" % v.name)
        tables = [v for v in self.variables("array", "i") if v.below]
        for v in self.variables("array", letter):
            for table in tables:
                # Addresses that are data, of single elements and of vectors.
                if table.below <= v.size and table.size >= size:
                    if size == 1:
                        choices.append("%s[%s[%s]]" % (v.name, table.name, self.index(table.size)))
                    else:
                        choices.append("%s[%s.get_vector(%s, %d)]" % (
                            v.name, table.name, self.index(table.size, size), size))
        for v in self.variables("matrix", letter):
            if v.size * v.columns == size:
                choices.append("%s.transpose().as_register()" % v.name)
            for w in self.variables("matrix", letter):
                if v.columns == w.size and v.size * w.columns == size:
                    choices.append("%s.dot(%s).as_register()" % (v.name, w.name))
        for v in self.variables("array", letter):
            if size == 1 and self.chance(0.2):
                choices.append("%s.sum()" % v.name)
                for w in self.variables("array", letter):
                    if v.size == w.size:
                        choices.append("%s.dot(%s)" % (v.name, w.name))
        if choices and self.chance(0.85):
            return self.random.choice(choices)
        if size > 1:
            base = self.index(20) if self.chance(0.6) else self.random.randint(-5, 5)
            text = "regint.inc(%d, %s, %d)" % (size, base, self.random.randint(-2, 3))
            if self.chance(0.3):
                values = [self.constant() for _ in range(size)]
                text = "regint([%s])" % ", ".join(values)
            return text if letter == "i" else "%s(%s)" % (TYPES[letter], text)
        if self.chance(0.4):
            spans = [v for v in self.scope if v.span]
            if spans:
                name = self.random.choice(spans).name
                # The name itself would be another name of the loop's counter.
                return "%s(%s)" % (TYPES[letter], name) if letter != "i" else "(%s + 0)" % name
        return "%s(%s)" % (TYPES[letter], self.constant())
