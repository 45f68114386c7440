//! Decimal numbers in text: integers of any size, and fractions where they are allowed.

use num_bigint::BigInt;

/// More digits than any number needs that is meant; parsing takes time quadratic in their number.
const MAX_DIGITS: usize = 100_000;
/// A larger exponent, of either sign, than any number needs.
const MAX_EXPONENT: u32 = 10_000;

/// What is wrong with a fraction where an integer is taken.
pub(super) const NOT_AN_INTEGER: &str = "is not an integer: this program takes an integer here";

/// A number as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Number {
    /// Without point and exponent.
    Integer(BigInt),
    /// `digits` · 10^`exponent`.
    Fraction {
        /// All digits, with the sign.
        digits: BigInt,
        /// Of ten.
        exponent: i32,
    },
}

impl Number {
    /// The number times 2^`bits`, rounded to the nearest integer, halves away from zero.
    pub(super) fn times_power(&self, bits: u32) -> BigInt {
        let (digits, exponent) = match self {
            Self::Integer(value) => return value << bits,
            Self::Fraction { digits, exponent } => (digits << bits, *exponent),
        };
        let power = BigInt::from(10).pow(exponent.unsigned_abs());
        if exponent >= 0 {
            return digits * power;
        }
        let half = if digits < BigInt::ZERO { -&power } else { power.clone() };
        // The quotient is cut off towards zero: (2d ± p) / 2p.
        (digits * 2 + half) / (power * 2)
    }
}

/// A number with an optional sign, or what is wrong with the token.
pub(super) fn parse(token: &str, fractions: bool) -> Result<Number, &'static str> {
    let unsigned = token.strip_prefix(['-', '+']).unwrap_or(token);
    if unsigned.len() > MAX_DIGITS {
        return Err("has too many digits: the limit is 100000");
    }
    let malformed = if fractions {
        "is not a number: expected decimal digits with an optional sign, point and exponent"
    } else if unsigned.parse::<f64>().is_ok_and(f64::is_finite) {
        "is not an integer: this program takes integers only"
    } else {
        "is not an integer: expected decimal digits with an optional sign"
    };
    if !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        // The fast way for what nearly all tokens are.
        if let Ok(small) = token.parse::<i64>() {
            return Ok(Number::Integer(BigInt::from(small)));
        }
        return token.parse().map(Number::Integer).map_err(|_| malformed);
    }
    if !fractions {
        return Err(malformed);
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().map_err(|_| malformed)?),
        None => (unsigned, 0),
    };
    if exponent.unsigned_abs() > MAX_EXPONENT {
        return Err("has too large an exponent: the limit is 10000");
    }
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(malformed);
    }
    let digits: BigInt = digits.parse().map_err(|_| malformed)?;
    let digits = if token.starts_with('-') { -digits } else { digits };
    let places = i32::try_from(fraction.len()).expect("tokens are short");
    Ok(Number::Fraction { digits, exponent: exponent - places })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn times(token: &str, bits: u32) -> i64 {
        parse(token, true).unwrap().times_power(bits).try_into().unwrap()
    }

    #[test]
    fn fractions_are_rounded_to_the_nearest_multiple() {
        for (token, bits, expected) in [
            ("2.5", 1, 5),
            ("0.1", 16, 6554),
            ("-0.1", 16, -6554),
            (".5", 0, 1),
            ("-.5", 0, -1),
            ("0.49999", 0, 0),
            ("3.", 2, 12),
            ("1e3", 1, 2000),
            ("+12.5E-1", 2, 5),
            ("7", 3, 56),
            ("-1e-9999", 16, 0),
        ] {
            assert_eq!(times(token, bits), expected, "{token}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for token in
            ["", "-", ".", "e5", "1e", "1.2.3", "0x10", "nan", "inf", "1e99999", "--1", "1.-2"]
        {
            assert!(parse(token, true).is_err(), "{token}");
        }
    }
}
