"""Polynomials that approximate functions, computed while compiling.

A function on an interval is expanded in Chebyshev polynomials by interpolation at their nodes, and
the series is cut where the rest is below a tolerance; what is cut is nearly the least error that a
polynomial of the degree can have (J. Mason, D. Handscomb: Chebyshev Polynomials, 2003, sections
5.5 and 6.3). Numbers are Decimal with many digits, so that all parties get the same coefficients.
"""

from decimal import Decimal, localcontext

_DIGITS = 60
_NODES = 48
_series = {}


def _precise(function):
    def call(*args):
        with localcontext() as context:
            context.prec = _DIGITS
            return function(*args)
    return call


def _terms(first, next_term):
    """The sum of terms until they vanish."""
    total, term, index = Decimal(0), Decimal(first), 0
    while abs(term) > Decimal(10) ** -_DIGITS:
        total += term
        index += 1
        term = next_term(term, index)
    return total


@_precise
def arc_tangent_quotient(s):
    """atan(r) / r for s = r^2, by Euler's series."""
    q = s / (1 + s)
    return _terms(1, lambda term, n: term * q * 2 * n / (2 * n + 1)) / (1 + s)


#: The circle's constant.
PI = _precise(lambda: 4 * arc_tangent_quotient(Decimal(1)))()


@_precise
def quarter_sine_quotient(s):
    """sin(r pi/2) / r for s = r^2."""
    half = PI / 2
    return _terms(half, lambda term, n: -term * s * half * half / (2 * n * (2 * n + 1)))


@_precise
def arc_cosine_quotient(a):
    """acos(a) / sqrt(1 - a) for 0 <= a <= 1: acos(a) is twice the angle with the tangent
    sqrt((1 - a) / (1 + a))."""
    return 2 * arc_tangent_quotient((1 - a) / (1 + a)) / (1 + a).sqrt()


@_precise
def _cosine(x):
    return _terms(1, lambda term, n: -term * x * x / (2 * n * (2 * n - 1)))


@_precise
def logarithm(x, base=2):
    """The logarithm of a number."""
    return Decimal(x).ln() / Decimal(base).ln()


@_precise
def power_of_two(x):
    """2^x."""
    return Decimal(2) ** Decimal(x)


@_precise
def root(x):
    """The square root."""
    return Decimal(x).sqrt()


@_precise
def inverse_root(x):
    """1 / sqrt(x)."""
    return 1 / Decimal(x).sqrt()


def integer(value, bits=0):
    """The integer nearest to value * 2^bits."""
    with localcontext() as context:
        context.prec = _DIGITS + 60
        return int((Decimal(value) * 2 ** bits).to_integral_value())


@_precise
def _chebyshev(function, low, high):
    """Coefficients of Chebyshev polynomials of z, where z from -1 to 1 is the interval."""
    key = (function, low, high)
    if key not in _series:
        low, high = Decimal(low), Decimal(high)
        # cos(k pi / 2n) for all k: the nodes, and what they are multiplied with.
        cosines = [_cosine(PI * k / (2 * _NODES)) for k in range(_NODES + 1)]
        cosines += [-it for it in reversed(cosines[:-1])]
        cosines += cosines[-2:0:-1]
        values = [function((low + high + (high - low) * cosines[2 * k + 1]) / 2)
                  for k in range(_NODES)]
        res = [2 * sum(value * cosines[j * (2 * k + 1) % (4 * _NODES)]
                       for k, value in enumerate(values)) / _NODES for j in range(_NODES * 2 // 3)]
        res[0] /= 2
        _series[key] = res
    return _series[key]


@_precise
def coefficients(function, low, high, bits):
    """Coefficients, constant first, of a polynomial in z, from -1 at `low` to 1 at `high`, whose
    error is below 2^-bits."""
    series = _chebyshev(function, low, high)
    rest, degree = Decimal(0), len(series) - 1
    while degree > 1 and rest + abs(series[degree]) < Decimal(2) ** -bits:
        rest += abs(series[degree])
        degree -= 1
    # T_0 = 1, T_1 = z, T_(j+1) = 2 z T_j - T_(j-1).
    previous, current = [Decimal(1)], [Decimal(0), Decimal(1)]
    res = [series[0]] + [Decimal(0)] * degree
    for j in range(1, degree + 1):
        for power, value in enumerate(current):
            res[power] += series[j] * value
        following = [Decimal(0)] + [2 * it for it in current]
        for power, value in enumerate(previous):
            following[power] -= value
        previous, current = current, following
    return res
