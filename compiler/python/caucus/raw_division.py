"""The library's divisions of the integers behind fixed-point numbers, by their old names."""

from .cint import cint
from .division import fixed_quotient, fixed_quotient_by_public
from .normal import look_up, shift_to
from .secret_bits import NEAREST, PROBABILISTIC
from .sint import sint


def FPDiv(a, b, k, f, kappa=None, simplex_flag=False, nearest=False):
    """a / b in units of 2^-f, for secret integers of k bits in these units."""
    return fixed_quotient(sint.conv(a), sint.conv(b), k, f, NEAREST if nearest else PROBABILISTIC)


def sint_cint_division(a, b, k, f, kappa=None, nearest=False):
    """a / b in units of 2^-f, for integers of k bits in these units, b public."""
    return fixed_quotient_by_public(sint.conv(a), cint.conv(b), k, f,
                                    NEAREST if nearest else PROBABILISTIC)


def cint_cint_division(a, b, k, f):
    """a / b in units of 2^-f, for public integers in these units, rounded towards zero."""
    return cint.conv(a) * (1 << f) // cint.conv(b)


def IntDivision(a, b, kappa=None):
    """The quotient of secret integers, rounded down."""
    return sint.conv(a).int_div(b)


def Norm(b, k, f=None, kappa=None, simplex_flag=False):
    """(c, v) with c = b v from 2^(k-1) to 2^k, for an integer b of k bits and a sign; 0 for 0."""
    b = sint.conv(b)
    sign, shift = look_up(b, k + 1, shift_to(k))
    shift = shift * (1 - 2 * sign)
    return b * shift, shift
