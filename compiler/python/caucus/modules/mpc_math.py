"""Mathematical functions of secret fixed-point numbers: single values, vectors, containers.

Other arguments become sfix first. docs/precision.md says how exact each is, and what happens at
the border of its domain.
"""

from decimal import Decimal as _Decimal

from .. import elementary as _elementary
from .. import trigonometry as _trigonometry
from ..approximation import logarithm as _logarithm
from ..errors import LanguageTypeError as _LanguageTypeError
from ..errors import LanguageValueError as _LanguageValueError
from ..errors import not_yet as _not_yet
from ..fixed import sfix as _sfix
from ..scaled import Scaled as _Scaled
from ..scaled import room as _room
from ..scaled import working_scale as _working_scale
from ..secret_bits import FLOOR as _FLOOR
from ..secret_bits import need as _need
from ..secret_bits import truncate as _truncate
from ..values import contents as _contents

_known = (int, float)


def _argument(x):
    value = _contents(x)
    value = value if isinstance(value, _sfix) else _sfix.conv(value)
    _need(value.k + value.f, "a function of fixed-point numbers of %d bits" % value.k,
          "or fewer bits (sfix.set_precision)")
    return value


def _number(value, what):
    if isinstance(value, _known) and value > 0:
        return _Decimal(value)
    raise _LanguageValueError("E0219", "%s must be a positive number, not %r" % (what, value))


def sqrt(x, k=None, f=None):
    """The square root; 0 for negative numbers. k and f are the bits of the result."""
    x = _argument(x if k is None and f is None else _sfix(_contents(x), k=k, f=f))
    return x.wrap(_elementary.square_root(x.v, x.k, x.f))


def InvertSqrt(x):
    """1 over the square root; 0 for numbers that are not positive."""
    x = _argument(x)
    return x.wrap(_elementary.inverse_square_root(x.v, x.k, x.f))


def sin(x):
    """Sine."""
    return _sine(x, 0)


def cos(x):
    """Cosine."""
    return _sine(x, 1)


def _sine(x, quarters):
    x = _argument(x)
    return x.wrap(_trigonometry.sine(x.v, x.k, x.f, quarters, x.rounding()))


def tan(x):
    """Tangent."""
    x = _argument(x)
    return x.wrap(_trigonometry.tangent(x.v, x.k, x.f))


def asin(x):
    """Arc sine, from -π/2 to π/2."""
    x = _argument(x)
    return x.wrap(_trigonometry.arc_cosine(x.v, x.k, x.f, x.rounding(), minus_quarter=True))


def acos(x):
    """Arc cosine, from 0 to π."""
    x = _argument(x)
    return x.wrap(_trigonometry.arc_cosine(x.v, x.k, x.f, x.rounding()))


def atan(x):
    """Arc tangent, from -π/2 to π/2."""
    x = _argument(x)
    return x.wrap(_trigonometry.arc_tangent(x.v, x.k, x.f, x.rounding()))


def tanh(x):
    """Hyperbolic tangent."""
    x = _argument(x)
    return x.wrap(_trigonometry.hyperbolic_tangent(x.v, x.k, x.f, x.rounding()))


def exp2_fx(x):
    """2^x; 0 where that is below the precision."""
    x = _argument(x)
    exponent = _Scaled(x.v, x.f, 1 << x.k - 1)
    return x.wrap(_elementary.exponential(exponent, x.k, x.k, x.f, x.rounding()))


def exp(x):
    """e^x."""
    return _power_of(_Decimal(1).exp(), _argument(x))


def _power_of(base, x):
    """base^x for a public base."""
    factor = _logarithm(base)
    scale = _room() - (x.k - 1) - max(int(abs(factor)).bit_length(), 1)
    exponent = _Scaled(x.v, x.f, 1 << x.k - 1).times(factor, scale).to(_working_scale(x.k))
    bits = exponent.bound.bit_length() + 1
    return x.wrap(_elementary.exponential(exponent, bits, x.k, x.f, x.rounding()))


def log2_fx(x):
    """The binary logarithm; for numbers that are not positive one less than that of any other."""
    return _log(_argument(x), _Decimal(1))


def log_fx(x, base):
    """The logarithm to a base, which may be secret."""
    if isinstance(base, _known):
        return _log(_argument(x), 1 / _logarithm(_number(base, "the base of a logarithm")))
    return log2_fx(x) / log2_fx(base)


def _log(x, factor):
    found, positive = _elementary.scaled_logarithm(x.v, x.k, x.f, factor, x.f, x.f + 3)
    lowest = round(-factor * (x.f + 1) * (1 << x.f))
    return x.wrap(positive * (found.raw - lowest) + lowest)


def pow_fx(x, y):
    """x^y. For an int y it is a product; else x must be positive, and 0^y is 0."""
    if isinstance(y, int):
        return _argument(x) ** y
    if isinstance(x, _known):
        return _power_of(_number(x, "the base of a power"), _argument(y))
    x = _argument(x)
    if isinstance(y, float):
        y = _Decimal(y)
        scale = _working_scale(x.k)
        most = int(abs(y) * (max(x.k - x.f, x.f + 1) + 1)) + 1
        scale = min(scale, _room() - most.bit_length())
        exponent, positive = _elementary.scaled_logarithm(x.v, x.k, x.f, y, scale, scale)
    else:
        y = _argument(y)
        most = max(x.k - x.f, x.f + 1) + 1
        scale = _room() - (y.k - 1) - most.bit_length()
        found, positive = _elementary.scaled_logarithm(x.v, x.k, x.f, 1, scale, scale)
        product = found * _Scaled(y.v, y.f, 1 << y.k - 1)
        exponent = product.within(min(product.bound, 1 << _room())).to(_working_scale(x.k))
    bits = exponent.bound.bit_length() + 1
    res = _elementary.exponential(exponent, bits, x.k, x.f, x.rounding())
    return x.wrap(res * positive)


def floor_fx(x):
    """The greatest integer that is not greater."""
    x = _argument(x)
    return x.wrap(_truncate(x.v, x.f, x.k, _FLOOR) * (1 << x.f))


def abs_fx(x):
    """The absolute value."""
    return abs(_argument(x))


def __getattr__(name):
    if name.startswith("_"):
        raise AttributeError(name)
    if name in ("load_sint", "trunc", "TruncRoundNearestAdjusted", "norm_SQ", "lin_app_SQ"):
        raise _LanguageTypeError("E0201", "mpc_math.%s is no function of the language" % name)
    raise _not_yet("mpc_math.%s is" % name)
