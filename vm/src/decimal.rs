//! Fixed-point numbers as decimal text.

use num_bigint::BigUint;

/// `numerator` / 2^`bits` as C's `printf` shows it with `%.<digits>g`: rounded to so many significant digits (halves to
/// even), without trailing zeros, with an exponent where that is shorter. `digits` is at least 1.
///
/// The quotient itself is rounded, not the nearest floating-point number, which matters only beyond 53 bits.
pub(crate) fn general(numerator: i128, bits: u32, digits: u32) -> String {
    if numerator == 0 {
        return "0".to_owned();
    }
    let digits = digits as usize;
    // n / 2^bits = n * 5^bits / 10^bits.
    let exact =
        (BigUint::from(numerator.unsigned_abs()) * BigUint::from(5u8).pow(bits)).to_string();
    let mut exponent = exact.len() as i64 - 1 - i64::from(bits);
    let mut shown = exact.into_bytes();
    if shown.len() > digits && round(&mut shown, digits) {
        exponent += 1;
    }
    while shown.last() == Some(&b'0') {
        shown.pop();
    }
    let sign = if numerator < 0 { "-" } else { "" };
    sign.to_owned() + &place_point(&shown, exponent, digits)
}

/// Rounds the digits of a number to the first `digits` of them; whether that gave another digit in front, so that the
/// number is ten times as large as they say.
fn round(shown: &mut Vec<u8>, digits: usize) -> bool {
    let odd = (shown[digits - 1] - b'0') % 2 == 1;
    let up = match shown[digits].cmp(&b'5') {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => odd || shown[digits + 1..].iter().any(|digit| *digit != b'0'),
    };
    shown.truncate(digits);
    if !up {
        return false;
    }
    for digit in shown.iter_mut().rev() {
        if *digit < b'9' {
            *digit += 1;
            return false;
        }
        *digit = b'0';
    }
    shown.insert(0, b'1');
    true
}

/// The number whose first digit, of those `shown`, stands for 10^`exponent`.
fn place_point(shown: &[u8], exponent: i64, digits: usize) -> String {
    let text: String = shown.iter().map(|digit| char::from(*digit)).collect();
    if exponent < -4 || exponent >= digits as i64 {
        let (first, rest) = text.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{first}{point}{rest}e{sign}{:02}", exponent.unsigned_abs());
    }
    if exponent < 0 {
        let zeros = "0".repeat(exponent.unsigned_abs() as usize - 1);
        return format!("0.{zeros}{text}");
    }
    let before = exponent as usize + 1;
    if text.len() <= before {
        return text + &"0".repeat(before - shown.len());
    }
    let (whole, fraction) = text.split_at(before);
    format!("{whole}.{fraction}")
}

#[cfg(test)]
mod tests {
    use super::general;

    #[test]
    fn numbers_look_like_those_of_c() {
        let cases: [(i128, &str); 16] = [
            (0, "0"),
            (1 << 16, "1"),
            (-163_840, "-2.5"),
            (809_086_353, "12345.7"),
            (123_456 << 16, "123456"),
            ((999_999 << 16) + 32_768, "1e+06"),
            (1_234_567 << 16, "1.23457e+06"),
            (32_768, "0.5"),
            (7, "0.000106812"),
            (6, "9.15527e-05"),
            (-1, "-1.52588e-05"),
            (100_000 << 16, "100000"),
            (1_000_000 << 16, "1e+06"),
            (655_359, "9.99998"),
            (21_845, "0.333328"),
            (100 << 16, "100"),
        ];
        for (numerator, expected) in cases {
            assert_eq!(general(numerator, 16, 6), expected, "{numerator}");
        }
    }

    #[test]
    fn exact_halves_are_rounded_to_even() {
        assert_eq!(general(5, 1, 1), "2");
        assert_eq!(general(7, 1, 1), "4");
        assert_eq!(general(195, 1, 2), "98");
        assert_eq!(general(199, 1, 2), "1e+02");
    }

    #[test]
    fn the_number_of_digits_can_be_chosen() {
        let numerator = 809_086_353;
        assert_eq!(general(numerator, 16, 3), "1.23e+04");
        assert_eq!(general(numerator, 16, 30), "12345.6779937744140625");
    }

    #[test]
    fn the_largest_numerators_are_exact() {
        assert_eq!(general(i128::MIN, 127, 6), "-1");
        assert_eq!(general(i128::MIN, 0, 39), "-170141183460469231731687303715884105728");
        assert_eq!(general(i128::MAX, 128, 6), "0.5");
        assert_eq!(general(1, 128, 3), "2.94e-39");
    }
}
