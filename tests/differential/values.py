"""Registers of the language over plain integers, in the ring of 64 bits."""

BITS = 64
MASK = (1 << BITS) - 1


def signed(value):
    """The signed representative."""
    value &= MASK
    return value - (1 << BITS) if value >> (BITS - 1) else value


def _toward_zero(a, b):
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


RANK = {"i": 0, "c": 1, "s": 2}

OPERATIONS = {
    "add": lambda a, b, _: a + b,
    "sub": lambda a, b, _: a - b,
    "mul": lambda a, b, _: a * b,
    "floordiv": lambda a, b, _: _toward_zero(a, b),
    # Public ring elements have the remainder of the unsigned representative.
    "mod": lambda a, b, c: (a & MASK) % (b & MASK) if c == "c" else a - b * _toward_zero(a, b),
    "lshift": lambda a, b, _: a << b,
    "rshift": lambda a, b, c: (a & MASK) >> b if c == "c" else a >> b,
    "and": lambda a, b, _: a & b,
    "or": lambda a, b, _: a | b,
    "xor": lambda a, b, _: a ^ b,
}
COMPARISONS = {
    "lt": lambda a, b: a < b, "le": lambda a, b: a <= b, "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b, "eq": lambda a, b: a == b, "ne": lambda a, b: a != b,
}


class Value:
    """A register: lanes that can be changed in place."""

    letter = None
    __hash__ = object.__hash__

    def __init__(self, value=0, size=None):
        lanes = type(self).lanes_of(value)
        self.lanes = lanes * size if size is not None and len(lanes) == 1 else list(lanes)

    @classmethod
    def lanes_of(cls, value):
        if isinstance(value, int):
            return [signed(value)]
        if isinstance(value, list) and value and isinstance(value[0], int):
            if all(isinstance(item, int) for item in value):
                return list(map(signed, value))
        if isinstance(value, (list, tuple)):
            return [lane for item in value for lane in cls.lanes_of(item)]
        value = value.as_register()
        assert RANK[value.letter] <= RANK[cls.letter], "a secret became public"
        return list(value.lanes)

    @classmethod
    def conv(cls, value):
        """The register itself if it fits."""
        return value if value.__class__ is cls else cls(value)

    def as_register(self):
        """Itself."""
        return self

    @property
    def size(self):
        """Number of lanes."""
        return len(self.lanes)

    def __len__(self):
        return len(self.lanes)

    def __iter__(self):
        return (self[k] for k in range(len(self.lanes)))

    def __getitem__(self, index):
        return self if self.size == 1 else type(self)(self.lanes[index])

    def __bool__(self):
        raise AssertionError("truth of a register")

    def update(self, value):
        """Assignment at run time."""
        lanes = type(self).lanes_of(value)
        assert len(lanes) in (1, self.size), "lengths differ"
        self.lanes[:] = lanes * self.size if len(lanes) != self.size else lanes

    def iadd(self, value):
        """Addition in place."""
        self.update(self + value)

    def get_vector(self, base, size):
        """Lanes from `base` on."""
        return type(self)(self.lanes[base:base + size])

    def get_reverse_vector(self):
        """Lanes in reverse order."""
        return type(self)(self.lanes[::-1])

    @classmethod
    def concat(cls, parts):
        """Joins vectors."""
        return cls(list(parts))

    def sum(self):
        """The sum of all lanes."""
        return type(self)(sum(self.lanes))

    def prefix_sum(self):
        """Running sums."""
        return type(self)([sum(self.lanes[:k + 1]) for k in range(self.size)])

    def square(self):
        """The value times itself."""
        return self * self

    def __neg__(self):
        return 0 - self

    def __pow__(self, exponent):
        return type(self)([pow(lane, exponent, 1 << BITS) for lane in self.lanes])

    def if_else(self, a, b):
        """Selection."""
        return b + self * (a - b)

    def bit_or(self, other):
        """Logical or."""
        return self + other - self * other

    def bit_xor(self, other):
        """Exclusive or."""
        return self + other - 2 * (self * other)

    def bit_not(self):
        """Logical not."""
        return 1 - self

    def max(self, other):
        """The larger value."""
        return (self > other).if_else(self, other)

    def min(self, other):
        """The smaller value."""
        return (self < other).if_else(self, other)

    def reveal(self):
        """The same number, public."""
        return cint(self.lanes) if self.letter == "s" else self


class sint(Value):
    """Secret."""

    letter = "s"

    @staticmethod
    def dot_product(a, b):
        """The inner product."""
        return (sint(a) * sint(b)).sum()


class cint(Value):
    """Public."""

    letter = "c"


class regint(Value):
    """Machine integers."""

    letter = "i"

    @staticmethod
    def inc(size, base=0, step=1):
        """An arithmetic sequence."""
        return regint([base + k * step if isinstance(base, int) else base.lanes[0] + k * step
                       for k in range(size)])


def _operands(a, b):
    """Both as lanes, and the class of the result."""
    if isinstance(a, Value) and isinstance(b, Value) and len(a.lanes) == len(b.lanes):
        return (a.lanes, b.lanes), a.letter if RANK[a.letter] >= RANK[b.letter] else b.letter
    pair = [value if isinstance(value, (int, Value)) else value.as_register() for value in (a, b)]
    letter = max((v.letter for v in pair if isinstance(v, Value)), key=RANK.get)
    lanes = [[v] if isinstance(v, int) else v.lanes for v in pair]
    size = max(map(len, lanes)) if min(map(len, lanes)) else 0
    assert all(len(item) in (1, size) for item in lanes), "lengths differ"
    return [item * size if len(item) != size else item for item in lanes], letter


def binary(name):
    operation = OPERATIONS[name]

    def method(self, other, swapped=False):
        if isinstance(other, int) and len(self.lanes) == 1 and not swapped:
            # The common case, written out for speed.
            lane = operation(self.lanes[0], signed(other), self.letter)
            return type(self)(lane)
        (a, b), letter = _operands(other, self) if swapped else _operands(self, other)
        cls = {"s": sint, "c": cint, "i": regint}[letter]
        return cls([operation(signed(x), signed(y), letter) for x, y in zip(a, b)])
    return method


def comparison(name):
    def method(self, other):
        (a, b), letter = _operands(self, other)
        assert letter != "s"
        return regint([int(COMPARISONS[name](signed(x), signed(y))) for x, y in zip(a, b)])
    return method


for _name in OPERATIONS:
    setattr(Value, "__%s__" % _name, binary(_name))
    setattr(Value, "__r%s__" % _name, lambda self, other, _op=binary(_name): _op(self, other, True))
for _name in COMPARISONS:
    setattr(Value, "__%s__" % _name, comparison(_name))
