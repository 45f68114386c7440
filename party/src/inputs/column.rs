//! The numbers of a text file, read in one pass and kept as compactly as most of them allow: eight bytes each.

use std::collections::BTreeMap;
use std::ops::Range;

use caucus_vm::InputPiece;

use super::number::{Number, parse};

/// Digits that always fit into a word.
const WORD_DIGITS: usize = 18;
/// Numbers that are scaled at a time.
const PIECE: usize = 1024;

/// The numbers of a file, in its order.
#[derive(Default)]
pub(crate) struct Column {
    /// The digits of each number, as an integer with its sign; those of `others` do not count.
    digits: Vec<i64>,
    /// How many of the digits stand behind the point, by index. Empty as long as there are none.
    places: Vec<u8>,
    /// Numbers that do not fit into this form, by index.
    others: BTreeMap<usize, Number>,
    /// Where those are that are no integers: index, line and column, in the order of the file.
    fractions: Vec<(usize, usize, usize)>,
}

/// A token that is no number: which one of the file it would be, from 1, its place, and what is wrong with it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed {
    pub(super) number: usize,
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) what: &'static str,
}

/// Where in the text the reader is. Lines and columns count from 1, columns in characters.
struct Cursor {
    line: usize,
    /// Where the line starts.
    start: usize,
    /// How many bytes more than characters the line has so far.
    surplus: usize,
}

impl Cursor {
    fn place(&self, at: usize) -> (usize, usize) {
        (self.line, at - self.start - self.surplus + 1)
    }
}

impl Column {
    /// Reads all numbers of a text, and where number `limit` is, counted from 0, if there is one.
    pub(crate) fn read(
        text: &[u8],
        with_fractions: bool,
        limit: Option<u64>,
    ) -> Result<(Self, Option<(usize, usize)>), Malformed> {
        let mut column = Self::default();
        let mut cursor = Cursor { line: 1, start: 0, surplus: 0 };
        let mut at_limit = None;
        let mut at = 0;
        while let Some(&byte) = text.get(at) {
            if is_blank(byte) {
                at += 1;
                if byte == b'\n' {
                    cursor = Cursor { line: cursor.line + 1, start: at, surplus: 0 };
                }
                continue;
            }
            let (start, before) = (at, column.len());
            match short_number(&text[at..], with_fractions) {
                Some(short) => {
                    at += short.length;
                    if short.has_point {
                        column.push_fraction(short.digits, short.places, cursor.place(start));
                    } else {
                        column.push(short.digits);
                    }
                }
                None => {
                    let token = &text[at..];
                    let end = token.iter().position(|byte| is_blank(*byte)).unwrap_or(token.len());
                    column.read_other(&token[..end], with_fractions, start, &mut cursor)?;
                    at += end;
                }
            }
            let passed = before as u64..column.len() as u64;
            if limit.is_some_and(|limit| passed.contains(&limit)) {
                at_limit = Some(cursor.place(start));
            }
        }
        Ok((column, at_limit))
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.digits.len()
    }

    /// The first number of the range that is no integer: index, line and column.
    pub(super) fn first_fraction(&self, range: Range<usize>) -> Option<(usize, usize, usize)> {
        let first = self.fractions.partition_point(|(index, ..)| *index < range.start);
        self.fractions.get(first).filter(|(index, ..)| *index < range.end).copied()
    }

    /// Hands over the numbers of the range, times 2^`bits` and rounded to the nearest integer.
    pub(crate) fn hand_over(
        &self,
        range: Range<usize>,
        bits: u32,
        take: &mut dyn FnMut(InputPiece<'_>),
    ) {
        let mut start = range.start;
        for (&index, number) in self.others.range(range.clone()) {
            self.hand_over_short(start..index, bits, take);
            take(InputPiece::Large(&number.times_power(bits)));
            start = index + 1;
        }
        self.hand_over_short(start..range.end, bits, take);
    }

    /// The same for a range without others.
    fn hand_over_short(
        &self,
        range: Range<usize>,
        bits: u32,
        take: &mut dyn FnMut(InputPiece<'_>),
    ) {
        if bits == 0 && self.places.is_empty() {
            return take(InputPiece::Small(&self.digits[range]));
        }
        let mut scaled = Vec::with_capacity(PIECE.min(range.len()));
        for index in range {
            let (digits, places) = (self.digits[index], self.places.get(index).copied());
            let places = places.unwrap_or_default();
            match times_power(digits, places, bits) {
                Some(small) => scaled.push(small),
                None => {
                    take(InputPiece::Small(&scaled));
                    scaled.clear();
                    let exact =
                        Number::Fraction { digits: digits.into(), exponent: -i32::from(places) };
                    take(InputPiece::Large(&exact.times_power(bits)));
                }
            }
            if scaled.len() == PIECE {
                take(InputPiece::Small(&scaled));
                scaled.clear();
            }
        }
        take(InputPiece::Small(&scaled));
    }

    fn push(&mut self, digits: i64) {
        self.digits.push(digits);
        if !self.places.is_empty() {
            self.places.push(0);
        }
    }

    fn push_fraction(&mut self, digits: i64, places: u8, (line, column): (usize, usize)) {
        self.fractions.push((self.len(), line, column));
        if self.places.is_empty() {
            self.places.resize(self.len(), 0);
        }
        self.digits.push(digits);
        self.places.push(places);
    }

    /// Reads what stands between blanks where it is no short number. Other characters may be blanks, too.
    fn read_other(
        &mut self,
        bytes: &[u8],
        with_fractions: bool,
        start: usize,
        cursor: &mut Cursor,
    ) -> Result<(), Malformed> {
        // What is not UTF-8 is no number either, so showing a replacement is enough.
        let text = String::from_utf8_lossy(bytes);
        let (line, first_column) = cursor.place(start);
        for token in text.split_whitespace() {
            let offset = token.as_ptr() as usize - text.as_ptr() as usize;
            let column = first_column + text[..offset].chars().count();
            let number = self.len() + 1;
            let parsed = parse(token, with_fractions);
            let parsed = parsed.map_err(|what| Malformed { number, line, column, what })?;
            if matches!(parsed, Number::Fraction { .. }) {
                self.fractions.push((self.len(), line, column));
            }
            self.others.insert(self.len(), parsed);
            self.push(0);
        }
        cursor.surplus += bytes.len() - text.chars().count();
        Ok(())
    }
}

fn is_blank(byte: u8) -> bool {
    // Those of ASCII that `char::is_whitespace` knows.
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// A number of few digits, as nearly all are.
struct Short {
    digits: i64,
    places: u8,
    has_point: bool,
    /// Bytes that it takes.
    length: usize,
}

/// The number that a text starts with, if few digits and a blank or the end follow.
fn short_number(text: &[u8], with_fractions: bool) -> Option<Short> {
    let is_negative = text.first() == Some(&b'-');
    let mut at = usize::from(matches!(text.first(), Some(b'-' | b'+')));
    let mut digits = 0_i64;
    let mut run = |at: &mut usize| -> usize {
        let start = *at;
        while let Some(digit) =
            text.get(*at).map(|byte| byte.wrapping_sub(b'0')).filter(|it| *it < 10)
        {
            // If there are too many, the value is not used.
            digits = digits.wrapping_mul(10).wrapping_add(i64::from(digit));
            *at += 1;
        }
        *at - start
    };
    let whole = run(&mut at);
    let has_point = with_fractions && text.get(at) == Some(&b'.');
    let places = if has_point {
        at += 1;
        run(&mut at)
    } else {
        0
    };
    let ends = text.get(at).is_none_or(|byte| is_blank(*byte));
    if !ends || !(1..=WORD_DIGITS).contains(&(whole + places)) {
        return None;
    }
    let digits = if is_negative { -digits } else { digits };
    Some(Short { digits, places: places as u8, has_point, length: at })
}

/// `digits` · 10^-`places` · 2^`bits`, rounded as [`Number::times_power`] does, if that is a word.
fn times_power(digits: i64, places: u8, bits: u32) -> Option<i64> {
    // Both factors have less than 63 bits.
    if bits > 60 {
        return None;
    }
    let scaled = i128::from(digits) << bits;
    if places == 0 {
        return scaled.try_into().ok();
    }
    let power = 10_i64.pow(places.into());
    let half = if digits < 0 { -power } else { power };
    // The quotient is cut off towards zero: (2d ± p) / 2p.
    let dividend = 2 * scaled + i128::from(half);
    match i64::try_from(dividend) {
        Ok(dividend) => Some(dividend / (2 * power)),
        Err(_) => (dividend / i128::from(2 * power)).try_into().ok(),
    }
}

#[cfg(test)]
mod tests {
    use num_bigint::BigInt;

    use super::*;

    fn read(text: &str, fractions: bool) -> Column {
        Column::read(text.as_bytes(), fractions, None).unwrap().0
    }

    fn numbers(column: &Column, range: Range<usize>, bits: u32) -> Vec<BigInt> {
        let mut found = Vec::new();
        column.hand_over(range, bits, &mut |piece| match piece {
            InputPiece::Small(small) => found.extend(small.iter().map(|it| BigInt::from(*it))),
            InputPiece::Large(large) => found.push(large.clone()),
        });
        found
    }

    /// Reading in one pass finds what parsing token by token does, in every part of the file.
    #[test]
    fn all_forms_are_read_as_single_tokens_are() {
        let tokens = [
            "0",
            "-1",
            "+7",
            "999999999999999999",
            "-999999999999999999",
            "1000000000000000000",
            "9223372036854775807",
            "-9223372036854775808",
            "9223372036854775808",
            "-0",
            "007",
            "123456789012345678901234567890",
            "2.5",
            "-0.1",
            ".5",
            "3.",
            "1e3",
            "-12.5E-1",
            "0.000000000000000001",
            "99999999.9999999999",
            "1.2345678901234567890123",
            "-1e-30",
        ];
        let fits = |token: &str| !token.contains(['.', 'e', 'E']);
        let all: Vec<&str> = tokens.iter().copied().cycle().take(3 * PIECE).collect();
        for with_fractions in [false, true] {
            let kept: Vec<&str> =
                all.iter().copied().filter(|it| with_fractions || fits(it)).collect();
            let column = read(&kept.join("\n"), with_fractions);
            for bits in if with_fractions { vec![1, 16, 40, 60, 61, 100] } else { vec![0, 16, 60] }
            {
                for range in [0..kept.len(), 5..9, 7..7, 9..PIECE + 40] {
                    let expected: Vec<_> = kept[range.clone()]
                        .iter()
                        .map(|token| parse(token, with_fractions).unwrap().times_power(bits))
                        .collect();
                    assert_eq!(numbers(&column, range, bits), expected, "{bits} bits");
                }
            }
        }
    }

    #[test]
    fn places_count_lines_and_characters() {
        let text = "1 2.5\n\u{a0}3\u{a0}\u{a0}4.5 ä1\n";
        let error = Column::read(text.as_bytes(), true, None).err().unwrap();
        assert_eq!((error.number, error.line, error.column), (5, 2, 9));
        let column = read(&text.replace('ä', "+"), true);
        assert_eq!(numbers(&column, 0..5, 1), [2, 5, 6, 9, 2].map(BigInt::from));
        assert_eq!(column.first_fraction(0..5), Some((1, 1, 3)));
        assert_eq!(column.first_fraction(2..5), Some((3, 2, 5)));
        assert_eq!(column.first_fraction(4..5), None);
    }

    #[test]
    fn blanks_are_those_of_unicode() {
        let column = read("\t1\u{b}2\u{c}3\r\n4\u{2003}5", false);
        assert_eq!(numbers(&column, 0..5, 0), [1, 2, 3, 4, 5].map(BigInt::from));
    }

    #[test]
    fn the_limit_is_found_with_its_place() {
        let at = |limit| Column::read(b"1 2\n 3", false, Some(limit)).unwrap().1;
        assert_eq!([0, 1, 2, 3].map(at), [Some((1, 1)), Some((1, 3)), Some((2, 2)), None]);
    }
}
