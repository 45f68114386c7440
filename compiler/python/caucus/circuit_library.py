"""Circuits that come with the language: AES-128, the compression of SHA-256, Keccak-f.

They are written for vectors: a register holds a bit of many places of the state, for all blocks,
so that a round of the cipher is a few instructions. Bits of places are place-major: places times
blocks. The interface is that of circuits in Bristol Fashion: a row for each wire.

AES and SHA-256 take bit i of a value as bit i of the number that the standard writes in
hexadecimal; Keccak-f takes bits in the order of FIPS 202.
"""

from functools import cache

from . import bit_rows
from .bits import Bits, invert, land, sbits, xor, zeros


def _parts(register, sizes):
    """Consecutive parts of a register."""
    at, found = 0, []
    for size in sizes:
        found.append(register.pick(at, ((size, 1),)))
        at += size
    return found


def _rotate(register, by):
    """Lane k becomes lane k + by, around the end."""
    by %= register.size
    if by == 0:
        return register
    return Bits.concat([register.pick(register.size - by, ((by, 1),)),
                        register.pick(0, ((register.size - by, 1),))])


def _sum(values):
    total = values[0]
    for value in values[1:]:
        total = xor(total, value)
    return total


# The field of AES: GF(2^8) as polynomials modulo x^8 + x^4 + x^3 + x + 1, and as pairs of
# elements of GF(2^4), which are pairs of elements of GF(2^2). The inverse is computed in the
# latter: D. Canright: A Very Compact S-Box for AES, CHES 2005. The isomorphism is found below.

def _multiply_polynomials(a, b):
    product = 0
    for k in range(8):
        product ^= (a << k) if b >> k & 1 else 0
    for k in range(14, 7, -1):
        product ^= (0x11b << k - 8) if product >> k & 1 else 0
    return product


def _mul4(a, b):
    """GF(2^2): modulo x^2 + x + 1."""
    high, low, both = a >> 1 & b >> 1, a & b & 1, (a ^ a >> 1) & (b ^ b >> 1) & 1
    return (both ^ low) << 1 | high ^ low


#: The element of GF(2^2) whose polynomial y^2 + y + it has no root there.
_PHI = 2


def _mul16(a, b):
    """GF(2^4): pairs of GF(2^2), modulo y^2 + y + PHI."""
    ah, al, bh, bl = a >> 2, a & 3, b >> 2, b & 3
    high, low, both = _mul4(ah, bh), _mul4(al, bl), _mul4(ah ^ al, bh ^ bl)
    return (both ^ low) << 2 | _mul4(high, _PHI) ^ low


def _lambda16():
    """An element without which z^2 + z + it has a root in GF(2^4): the first that has none."""
    values = {_mul16(z, z) ^ z for z in range(16)}
    return next(value for value in range(16) if value not in values)


_LAMBDA = _lambda16()


def _mul256(a, b):
    """GF(2^8): pairs of GF(2^4), modulo z^2 + z + LAMBDA."""
    ah, al, bh, bl = a >> 4, a & 15, b >> 4, b & 15
    high, low, both = _mul16(ah, bh), _mul16(al, bl), _mul16(ah ^ al, bh ^ bl)
    return (both ^ low) << 4 | _mul16(high, _LAMBDA) ^ low


def _isomorphism():
    """Images of the powers of x: columns of the matrix from polynomials to pairs of pairs."""
    for root in range(2, 256):
        powers = [1]
        for _ in range(8):
            powers.append(_mul256(powers[-1], root))
        if powers[8] ^ powers[4] ^ powers[3] ^ powers[1] ^ 1 == 0:
            return powers[:8]
    raise AssertionError("fields of one size are isomorphic")


def _inverse_matrix(columns):
    """Columns of the inverse of a matrix over GF(2)."""
    rows = [(sum((columns[k] >> j & 1) << k for k in range(8)), 1 << j) for j in range(8)]
    for k in range(8):
        pivot = next(j for j in range(k, 8) if rows[j][0] >> k & 1)
        rows[k], rows[pivot] = rows[pivot], rows[k]
        for j in range(8):
            if j != k and rows[j][0] >> k & 1:
                rows[j] = rows[j][0] ^ rows[k][0], rows[j][1] ^ rows[k][1]
    return [sum((rows[j][1] >> k & 1) << j for j in range(8)) for k in range(8)]


def _apply_numbers(columns, value):
    result = 0
    for k, column in enumerate(columns):
        result ^= column if value >> k & 1 else 0
    return result


def _linear(function, bits):
    """Columns of a linear function on numbers of so many bits."""
    return [function(1 << k) for k in range(bits)]


@cache
def _to_pairs():
    """The isomorphism and, by columns, its inverse followed by the affine map of the S-box. Looking for it takes
    longer than the rest of this module, and few programs need it.
    """
    columns = _isomorphism()
    return columns, [_apply_numbers(_AFFINE, column) for column in _inverse_matrix(columns)]


#: The affine map of the S-box: bit i is the sum of bits i, i + 4, …, i + 7.
_AFFINE = [sum((1 << (k + shift) % 8) for shift in (0, 1, 2, 3, 4)) for k in range(8)]
_SQUARE_LAMBDA = _linear(lambda a: _mul16(_mul16(a, a), _LAMBDA), 4)
_SQUARE16 = _linear(lambda a: _mul16(a, a), 4)
_SQUARE_PHI = _linear(lambda a: _mul4(_mul4(a, a), _PHI), 2)
_TIMES_PHI = _linear(lambda a: _mul4(a, _PHI), 2)
_SQUARE4 = _linear(lambda a: _mul4(a, a), 2)


def _apply(columns, bits):
    """A linear map on registers."""
    width = max(column.bit_length() for column in columns)
    return [_sum([bits[k] for k, column in enumerate(columns) if column >> j & 1])
            for j in range(width)]


def _products4(pairs):
    """Products in GF(2^2), three conjunctions each, all in one round."""
    wanted = [it for (a, b) in pairs for it in (
        (a[1], b[1]), (a[0], b[0]), (xor(a[0], a[1]), xor(b[0], b[1])))]
    found = land(wanted)
    return [[xor(high, low), xor(both, low)] for high, low, both in
            zip(found[0::3], found[1::3], found[2::3])]


def _add(a, b):
    return [xor(x, y) for x, y in zip(a, b)]


def _products16(pairs):
    """Products in GF(2^4), nine conjunctions each, all in one round."""
    wanted = [it for (a, b) in pairs for it in (
        (a[2:], b[2:]), (a[:2], b[:2]), (_add(a[:2], a[2:]), _add(b[:2], b[2:])))]
    found = _products4(wanted)
    return [_add(_apply(_TIMES_PHI, high), low) + _add(both, low) for high, low, both in
            zip(found[0::3], found[1::3], found[2::3])]


def _inverse16(a):
    """The inverse in GF(2^4), and 0 of 0; two rounds."""
    low, high = a[:2], a[2:]
    both = _add(low, high)
    norm = _add(_apply(_SQUARE_PHI, high), _products4([(low, both)])[0])
    inverse = _apply(_SQUARE4, norm)
    new_low, new_high = _products4([(both, inverse), (high, inverse)])
    return new_low + new_high


def substitute(bits):
    """The S-box of AES on eight registers, one for each bit: 36 conjunctions, four rounds."""
    to_pairs, from_pairs = _to_pairs()
    pairs = _apply(to_pairs, bits)
    low, high = pairs[:4], pairs[4:]
    both = _add(low, high)
    norm = _add(_apply(_SQUARE_LAMBDA, high), _products16([(low, both)])[0])
    inverse = _inverse16(norm)
    new_low, new_high = _products16([(both, inverse), (high, inverse)])
    out = _apply(from_pairs, new_low + new_high)
    return [invert(bit) if 0x63 >> k & 1 else bit for k, bit in enumerate(out)]


def _byte_registers(rows, lanes):
    """Eight registers with a bit of the 16 bytes each, in the order of the state's rows.

    Byte k of the standard is bits 8·(15 - k)… of the number; the state has it in row k mod 4 and
    column k div 4.
    """
    order = [4 * (place % 4) + place // 4 for place in range(16)]
    return [Bits.concat([rows[8 * (15 - byte) + bit] for byte in order]) for bit in range(8)]


def _wires(registers, lanes):
    """The reverse of _byte_registers."""
    place = {4 * (place % 4) + place // 4: place for place in range(16)}
    return [registers[wire % 8].pick(place[15 - wire // 8] * lanes, ((lanes, 1),))
            for wire in range(128)]


def _shift_rows(register, lanes):
    rows = _parts(register, [4 * lanes] * 4)
    return Bits.concat([_rotate(row, -k * lanes) for k, row in enumerate(rows)])


def _double(bits):
    """Times x: the highest bit comes back as x^4 + x^3 + x + 1."""
    top = bits[7]
    return [top, xor(bits[0], top), bits[1], xor(bits[2], top), xor(bits[3], top)] + bits[4:7]


def _mix_columns(bits, lanes):
    below = [[_rotate(bit, -k * 4 * lanes) for bit in bits] for k in range(4)]
    once = _double([xor(a, b) for a, b in zip(bits, below[1])])
    return [_sum([once[k], below[1][k], below[2][k], below[3][k]]) for k in range(8)]


def _next_key(key, constant, lanes):
    """The next round key; words of the key are the columns of the state."""
    rows = [_parts(bit, [4 * lanes] * 4) for bit in key]
    words = [[[bit[row].pick(column * lanes, ((lanes, 1),)) for bit in rows]
              for row in range(4)] for column in range(4)]
    # The last column, turned by one row, all four bytes in one register for each bit.
    turned = [Bits.concat([words[3][(row + 1) % 4][k] for row in range(4)]) for k in range(8)]
    turned = substitute(turned)
    mixed = [[turned[k].pick(row * lanes, ((lanes, 1),)) for k in range(8)] for row in range(4)]
    mixed[0] = [invert(bit) if constant >> k & 1 else bit for k, bit in enumerate(mixed[0])]
    columns, last = [], mixed
    for column in range(4):
        last = [[xor(words[column][row][k], last[row][k]) for k in range(8)] for row in range(4)]
        columns.append(last)
    return [Bits.concat([columns[column][row][k] for row in range(4) for column in range(4)])
            for k in range(8)]


def aes_128(rows):
    """FIPS 197: the key, then the block. 40 rounds of communication."""
    lanes = rows[0].size
    key = _byte_registers(rows[:128], lanes)
    state = [xor(bit, other) for bit, other in zip(_byte_registers(rows[128:], lanes), key)]
    constant = 1
    for step in range(1, 11):
        key = _next_key(key, constant, lanes)
        constant = _multiply_polynomials(constant, 2)
        state = [_shift_rows(bit, lanes) for bit in substitute(state)]
        if step < 10:
            state = _mix_columns(state, lanes)
        state = [xor(bit, other) for bit, other in zip(state, key)]
    return _wires(state, lanes)


# SHA-256: words are matrices of 32 rows, the least significant first.

def _primes(count):
    found = []
    number = 2
    while len(found) < count:
        if all(number % prime for prime in found):
            found.append(number)
        number += 1
    return found


def _root_bits(number, degree):
    """The first 32 bits behind the point of a root."""
    low, high = 0, number << 32
    target = number << 32 * degree
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle ** degree <= target else (low, middle)
    return low & 0xffffffff


@cache
def _round_constants():
    """FIPS 180-4, section 4.2.2: cube roots of the first primes."""
    return [_root_bits(prime, 3) for prime in _primes(64)]


def _initial_hash():
    """FIPS 180-4, section 5.3.3: square roots of the first primes."""
    return [_root_bits(prime, 2) for prime in _primes(8)]


def _constant_word(number, lanes):
    return bit_rows.repeat(sbits.get_type(32).constant(number), 1, lanes)


def _right(word, by, lanes):
    return _rotate(word, -by * lanes)


def _small_sigma(word, first, second, shift, lanes):
    shifted = bit_rows.shift_down(word, shift, lanes, False)
    return _sum([_right(word, first, lanes), _right(word, second, lanes), shifted])


def _schedule(words, lanes):
    words = list(words)
    for step in range(16, 64):
        words.append(bit_rows.total_of(
            [words[step - 16], _small_sigma(words[step - 15], 7, 18, 3, lanes), words[step - 7],
             _small_sigma(words[step - 2], 17, 19, 10, lanes)], lanes))
    return words


def compress(words, state, lanes):
    """FIPS 180-4, section 6.2.2, on words."""
    a, b, c, d, e, f, g, h = state
    for word, constant in zip(_schedule(words, lanes), _round_constants()):
        big_e = _sum([_right(e, by, lanes) for by in (6, 11, 25)])
        big_a = _sum([_right(a, by, lanes) for by in (2, 13, 22)])
        chosen, common = land([(e, xor(f, g)), (xor(a, b), xor(a, c))])
        first = [h, big_e, xor(chosen, g), _constant_word(constant, lanes), word]
        # Both sums begin at once: the second one does not wait for the first.
        new_e = bit_rows.total_of(first + [d], lanes)
        new_a = bit_rows.total_of(first + [big_a, xor(common, a)], lanes)
        a, b, c, d, e, f, g, h = new_a, a, b, c, new_e, e, f, g
    return [bit_rows.add(old, new, lanes) for old, new in zip(state, (a, b, c, d, e, f, g, h))]


def _words(rows, lanes):
    """Words of a number, the most significant first."""
    count = len(rows) // 32
    return [Bits.concat(rows[32 * (count - 1 - k):32 * (count - k)]) for k in range(count)]


def _unpack_words(words, lanes):
    return [row for word in reversed(words) for row in _parts(word, [lanes] * 32)]


def sha256_compress(rows):
    """The compression function: a block of 512 bits, then the chaining value."""
    lanes = rows[0].size
    state = compress(_words(rows[:512], lanes), _words(rows[512:], lanes), lanes)
    return _unpack_words(state, lanes)


# Keccak-f: FIPS 202, section 3; a lane of the standard is a register of 64 places.

def _offsets():
    """Section 3.2.2."""
    found, x, y = {(0, 0): 0}, 1, 0
    for step in range(24):
        found[x, y] = (step + 1) * (step + 2) // 2 % 64
        x, y = y, (2 * x + 3 * y) % 5
    return found


@cache
def _iotas():
    """Section 3.2.5: the constants of the rounds."""
    def bit(time):
        register = 1
        for _ in range(time % 255):
            register <<= 1
            register ^= 0x171 if register >> 8 else 0
        return register & 1
    return [sum(bit(j + 7 * step) << (1 << j) - 1 for j in range(7)) for step in range(24)]


_OFFSETS = _offsets()


def keccak_f(rows):
    """The permutation of 1600 bits: 24 rounds of communication."""
    lanes = rows[0].size
    state = {(x, y): Bits.concat(rows[64 * (5 * y + x):64 * (5 * y + x + 1)])
             for y in range(5) for x in range(5)}
    for constant in _iotas():
        column = [_sum([state[x, y] for y in range(5)]) for x in range(5)]
        mixed = [xor(column[x - 1], _rotate(column[(x + 1) % 5], lanes)) for x in range(5)]
        moved = {}
        for (x, y), word in state.items():
            moved[y, (2 * x + 3 * y) % 5] = _rotate(xor(word, mixed[x]), _OFFSETS[x, y] * lanes)
        places = [(x, y) for y in range(5) for x in range(5)]
        products = land([(invert(moved[(x + 1) % 5, y]), moved[(x + 2) % 5, y])
                         for x, y in places])
        state = {place: xor(moved[place], product) for place, product in zip(places, products)}
        iota = bit_rows.repeat(sbits.get_type(64).constant(constant), 1, lanes)
        state[0, 0] = xor(state[0, 0], iota)
    return [row for y in range(5) for x in range(5) for row in _parts(state[x, y], [lanes] * 64)]


#: Wires of the inputs, those of the outputs, and what computes these from those.
LIBRARY = {
    "aes_128": ([128, 128], [128], aes_128),
    "sha256": ([512, 256], [256], sha256_compress),
    "Keccak_f": ([1600], [1600], keccak_f),
}


def _padding(bits, lanes):
    """Constant rows for a number of bits, the first row the lowest bit."""
    number, count = bits
    if count == 0:
        return []
    matrix = bit_rows.repeat(sbits.get_type(count).constant(number), 1, lanes)
    return _parts(matrix, [lanes] * count)


def sha3_256(x):
    """SHA3-256 of each of a vector of messages: bit 8·i + j is bit j of byte i (FIPS 202, B.1)."""
    from .bitvec import sbitvec
    x = sbitvec.conv(x)
    rate, lanes = 1088, max(x.lanes, 1)
    fill = -(x.length + 4) % rate
    # The two bits of SHA-3, then 1, zeros, and 1.
    padded = list(x.v) + _padding((0b0110 | 1 << fill + 3, fill + 4), lanes)
    state = [zeros(lanes)] * 1600
    for start in range(0, len(padded), rate):
        block = padded[start:start + rate]
        state = [xor(old, new) for old, new in zip(state, block)] + state[rate:]
        state = keccak_f(state)
    return sbitvec.of(Bits.concat(state[:256]), lanes)


def sha256(x):
    """SHA-256 of each of a vector of messages: numbers whose first byte is the most significant."""
    from .bitvec import sbitvec
    from .errors import LanguageValueError
    x = sbitvec.conv(x)
    if x.length % 8:
        raise LanguageValueError("E0237", "SHA-256 takes whole bytes, not %d bits" % x.length,
                                 "use sbitvec.get_type(8 * number_of_bytes)")
    lanes = max(x.lanes, 1)
    fill = 512 - (x.length + 64) % 512
    padded = _padding((1 << 64 + fill - 1 | x.length, 64 + fill), lanes) + list(x.v)
    state = [_constant_word(number, lanes) for number in _initial_hash()]
    for end in range(len(padded), 0, -512):
        state = compress(_words(padded[end - 512:end], lanes), state, lanes)
    return sbitvec.of(Bits.concat(_unpack_words(state, lanes)), lanes)
