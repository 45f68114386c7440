"""Arithmetic on numbers whose bits lie in rows.

A matrix of n rows and N lanes is a register of n·N bits: row j has bit j of all N numbers, the
least significant row first. Rows of carries are computed with logarithmic depth, by default; all
rows of a step are one conjunction. `linear` asks for adders that pass the carry from row to row:
as many rounds as rows, but the fewest conjunctions.
"""

from .bits import Bits, all_rows, invert, land, xor, zeros


def rows_of(matrix, first, count, lanes):
    """Consecutive rows."""
    if first == 0 and count * lanes == matrix.size:
        return matrix
    return matrix.pick(first * lanes, ((count * lanes, 1),))


def row(matrix, index, lanes):
    """One row."""
    return rows_of(matrix, index, 1, lanes)


def repeat(matrix, lanes, times):
    """Each lane of a matrix with one lane, so often."""
    if lanes == times:
        return matrix
    return matrix.pick(0, ((matrix.size, 1), (times, 0)))


def _interleave(first, second, block):
    """Blocks of two matrices of equal size in turns."""
    blocks = first.size // block
    both = Bits.concat([first, second])
    return both.pick(0, ((blocks, block), (2, first.size), (block, 1)))


def carries(generate, propagate, lanes):
    """The carry out of each row, of rows that generate or propagate one.

    J. Sklansky: Conditional-Sum Addition Logic, IRE Transactions on Electronic Computers 9(2),
    1960: after step s, groups of 2^s rows are done.
    """
    count = generate.size // lanes
    size = 1
    while size < count:
        size *= 2
    fill = (size - count) * lanes
    if fill:
        generate = Bits.concat([generate, zeros(fill)])
        propagate = Bits.concat([propagate, zeros(fill)])
    group = 1
    while group < size:
        blocks, block = size // (2 * group), group * lanes
        upper = ((blocks, 2 * block), (block, 1))
        last = ((blocks, 2 * block), (group, 0), (lanes, 1))
        upper_propagate = propagate.pick(block, upper)
        pairs = [(upper_propagate, generate.pick(block - lanes, last))]
        if blocks > 1:
            # The lowest group has no other below: whether it propagates does not matter.
            lower = propagate.pick(block - lanes, last)
            pairs.append((upper_propagate.pick(block, ((upper_propagate.size - block, 1),)),
                          lower.pick(block, ((lower.size - block, 1),))))
        products = land(pairs)
        generate = xor(generate, _interleave(zeros(blocks * block), products[0], block))
        if blocks > 1:
            done = Bits.concat([upper_propagate.pick(0, ((block, 1),)), products[1]])
            propagate = _interleave(propagate.pick(0, upper), done, block)
        group *= 2
    return rows_of(generate, 0, count, lanes)


def carry_out(generate, propagate, lanes):
    """The carry out of the highest row: neighbors combine.

    R. Brent, H. T. Kung: A Regular Layout for Parallel Adders, IEEE Transactions on Computers
    31(3), 1982, section III.
    """
    while generate.size > lanes:
        count = generate.size // lanes
        pairs = count // 2
        even = ((pairs, 2 * lanes), (lanes, 1))
        high = propagate.pick(lanes, even)
        wanted = [(high, generate.pick(0, even))]
        if pairs > 1:
            wanted.append((high.pick(lanes, ((high.size - lanes, 1),)),
                           propagate.pick(2 * lanes, ((pairs - 1, 2 * lanes), (lanes, 1)))))
        products = land(wanted)
        sums = xor(generate.pick(lanes, even), products[0])
        # Whether the lowest group propagates a carry does not matter.
        kept = [high.pick(0, ((lanes, 1),))] + products[1:]
        if count % 2:
            kept.append(row(propagate, count - 1, lanes))
            sums = Bits.concat([sums, row(generate, count - 1, lanes)])
        generate, propagate = sums, Bits.concat(kept)
    return generate


def _start(a, b, lanes, carry):
    """What each row propagates and generates; a carry into the lowest row generates there."""
    propagate = xor(a, b)
    generate = land([(a, b)])[0]
    if carry:
        low = xor(row(generate, 0, lanes), row(propagate, 0, lanes))
        rest = generate.size - lanes
        generate = Bits.concat([low, generate.pick(lanes, ((rest, 1),))]) if rest else low
    return propagate, generate


def add(a, b, lanes, carry=False, linear=False):
    """a + b, plus one if `carry`, modulo 2^rows."""
    count = a.size // lanes
    if count == 1:
        total = xor(a, b)
        return invert(total) if carry else total
    if linear:
        return _ripple(a, b, lanes, carry)
    a_low, b_low = (rows_of(it, 0, count - 1, lanes) for it in (a, b))
    low_propagate, generate = _start(a_low, b_low, lanes, carry)
    into = carries(generate, low_propagate, lanes)
    total = xor(a, b)
    first = row(total, 0, lanes)
    high = xor(rows_of(total, 1, count - 1, lanes), into)
    return Bits.concat([invert(first) if carry else first, high])


def _ripple(a, b, lanes, carry):
    """The same, row by row, with one conjunction each."""
    count = a.size // lanes
    total = xor(a, b)
    sums, into = [], None
    for index in range(count):
        half = row(total, index, lanes)
        if index == 0:
            sums.append(invert(half) if carry else half)
        else:
            sums.append(xor(half, into))
        if index == count - 1:
            break
        x, y = row(a, index, lanes), row(b, index, lanes)
        if index == 0:
            into = land([(x, y)])[0]
            into = xor(into, half) if carry else into
        else:
            into = xor(land([(xor(x, into), xor(y, into))])[0], into)
    return Bits.concat(sums)


def subtract(a, b, lanes, linear=False):
    """a - b modulo 2^rows."""
    return add(a, invert(b), lanes, True, linear)


def negate(a, lanes, linear=False):
    """-a modulo 2^rows."""
    return add(zeros(a.size), invert(a), lanes, True, linear)


def less_than(a, b, lanes, signed=True, linear=False):
    """1 where a < b: where a + (2^rows - 1 - b) + 1 has no carry out."""
    count = a.size // lanes
    if signed:
        # Numbers with a sign are in the order of numbers without, if the highest bit is inverted.
        a, b = (_flip_top(it, count, lanes) for it in (a, b))
    b = invert(b)
    if linear:
        wide = (Bits.concat([it, zeros(lanes)]) for it in (a, b))
        return invert(row(_ripple(*wide, lanes, True), count, lanes))
    propagate, generate = _start(a, b, lanes, True)
    return invert(carry_out(generate, propagate, lanes))


def _flip_top(matrix, count, lanes):
    top = invert(row(matrix, count - 1, lanes))
    return top if count == 1 else Bits.concat([rows_of(matrix, 0, count - 1, lanes), top])


def equal(a, b, lanes):
    """1 where all rows are equal."""
    return all_rows(invert(xor(a, b)), lanes)


def shift_up(matrix, by, lanes):
    """Times 2^by, modulo 2^rows."""
    count = matrix.size // lanes
    if by == 0:
        return matrix
    if by >= count:
        return zeros(matrix.size)
    return Bits.concat([zeros(by * lanes), rows_of(matrix, 0, count - by, lanes)])


def shift_down(matrix, by, lanes, signed=True):
    """Divided by 2^by, rounded down."""
    count = matrix.size // lanes
    if by == 0:
        return matrix
    by, kept = min(by, count), max(count - by, 0)
    fill = row(matrix, count - 1, lanes).pick(0, ((by, 0), (lanes, 1))) if signed \
        else zeros(by * lanes)
    return Bits.concat([rows_of(matrix, by, kept, lanes), fill]) if kept else fill


def extend(matrix, count, lanes, signed=True):
    """The same numbers with more rows, or the lowest rows."""
    old = matrix.size // lanes
    if count <= old:
        return rows_of(matrix, 0, count, lanes)
    fill = row(matrix, old - 1, lanes).pick(0, ((count - old, 0), (lanes, 1))) if signed \
        else zeros((count - old) * lanes)
    return Bits.concat([matrix, fill])


def total_of(numbers, lanes, linear=False):
    """The sum of matrices, modulo 2^rows.

    Three numbers become two with the same sum until two are left; C. S. Wallace: A Suggestion for
    a Fast Multiplier, IEEE Transactions on Electronic Computers 13(1), 1964.
    """
    numbers = list(numbers)
    while len(numbers) > 2:
        triples = [numbers[k:k + 3] for k in range(0, len(numbers) - 2, 3)]
        rest = numbers[3 * len(triples):]
        halves = [(xor(a, b), xor(a, c)) for a, b, c in triples]
        products = land(halves)
        numbers = []
        for (a, b, c), (half, _), product in zip(triples, halves, products):
            numbers += [xor(half, c), shift_up(xor(product, a), 1, lanes)]
        numbers += rest
    return numbers[0] if len(numbers) == 1 else add(*numbers, lanes, linear=linear)


def multiply(a, b, lanes, linear=False):
    """a · b modulo 2^rows."""
    count = a.size // lanes
    pairs = []
    for index in range(count):
        factor = row(b, index, lanes).pick(0, ((count - index, 0), (lanes, 1)))
        pairs.append((rows_of(a, 0, count - index, lanes), factor))
    products = land(pairs)
    parts = [product if index == 0 else Bits.concat([zeros(index * lanes), product])
             for index, product in enumerate(products)]
    return total_of(parts, lanes, linear)


def multiply_constant(a, factor, lanes, linear=False):
    """a times a number known while compiling, modulo 2^rows."""
    count = a.size // lanes
    factor %= 1 << count
    if factor >> count - 1 and bin(factor).count("1") > count // 2:
        return negate(multiply_constant(a, -factor, lanes, linear), lanes, linear)
    parts = [shift_up(a, k, lanes) for k in range(count) if factor >> k & 1]
    return total_of(parts, lanes, linear) if parts else zeros(a.size)


def count_ones(matrix, rows, lanes):
    """How many rows of each lane are 1: a matrix with room for a sign, which is never set.

    Three bits of one weight become one of it and one of the next, as in `total_of`.
    """
    length = rows.bit_length() + 1
    columns = [[row(matrix, k, lanes) for k in range(rows)]] + [[] for _ in range(length)]
    while max(map(len, columns)) > 2:
        triples = []
        for weight, column in enumerate(columns):
            while len(column) > 2:
                triples.append((weight, column[:3]))
                del column[:3]
        halves = [(xor(a, b), xor(a, c)) for _, (a, b, c) in triples]
        for (weight, (a, _, c)), (half, _), product in zip(triples, halves, land(halves)):
            columns[weight].append(xor(half, c))
            columns[weight + 1].append(xor(product, a))
    numbers = [Bits.concat([column[k] if len(column) > k else zeros(lanes)
                            for column in columns[:length]]) for k in range(2)]
    if not any(len(column) > 1 for column in columns):
        return numbers[0]
    return add(*numbers, lanes)
