"""BLAKE2b (RFC 7693) of public numbers, in operations on 64-bit integers that exist at run time."""

from .errors import LanguageValueError
from .record import rec
from .values import TYPES

#: The first words: fractional bits of the square roots of the first primes (RFC 7693, 2.6).
_START = (0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
          0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179)

#: Which word of the message comes when (RFC 7693, 2.7).
_ORDER = ("0123456789abcdef", "ea489fd61c02b753", "b8c052fdae367194", "7931dcbe265a40f8",
          "905724afe1bc683d", "2c6a0b834d75fe19", "c51fed4a0763928b", "db7ec13950f4862a",
          "6fe9b308c2d714a5", "a2847615fb9e3cd0")
_ROUNDS = 12

#: The columns and diagonals of the state that are mixed.
_MIXED = ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
          (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14))


def _rotated(word, count):
    """A word whose bits move down by `count`, and around."""
    return ((word >> count) & ((1 << 64 - count) - 1)) | (word << 64 - count)


def _words(value):
    """The number in words of 64 bits, lowest first, and its length in bytes."""
    regint = TYPES["i"]
    if value.letter == "i":
        return [value.copy()], 8
    words = [regint.conv(value)]
    if rec.ring_bits > 64:
        words.append(regint.conv(value >> 64))
    return words, -(-rec.ring_bits // 8)


def blake2b(value, n_bytes):
    """The hash of a number's bytes, lowest first, as a number of `n_bytes` bytes, lowest first."""
    if not isinstance(n_bytes, int) or not 0 < n_bytes <= rec.ring_bits // 8:
        raise LanguageValueError(
            "E0219", "digest() gives 1 to %d bytes in this ring, not %r"
            % (rec.ring_bits // 8, n_bytes), "use a larger ring (-R)")
    regint, cint = TYPES["i"], TYPES["c"]
    message, length = _words(value)
    message += [regint(0, size=value.size) for _ in range(16 - len(message))]
    first = list(_START)
    # One block: length of the key 0, one leaf, the length of the hash.
    first[0] ^= 0x01010000 ^ n_bytes
    start = first + list(_START)
    start[12] ^= length
    start[14] ^= 2 ** 64 - 1
    state = [regint.constant(word, value.size) for word in start]
    for turn in range(_ROUNDS):
        order = [message[int(digit, 16)] for digit in _ORDER[turn % len(_ORDER)]]
        for k, (a, b, c, d) in enumerate(_MIXED):
            for word, (one, two) in zip(order[2 * k:2 * k + 2], ((32, 24), (16, 63))):
                state[a] = state[a] + state[b] + word
                state[d] = _rotated(state[d] ^ state[a], one)
                state[c] = state[c] + state[d]
                state[b] = _rotated(state[b] ^ state[c], two)
    res = None
    for k in range(-(-n_bytes // 8)):
        word = state[k] ^ state[k + 8] ^ regint.constant(first[k])
        left = min(n_bytes - 8 * k, 8)
        word = cint.conv(word) & ((1 << 8 * left) - 1)
        res = word if res is None else res + (word << 64 * k)
    return res
