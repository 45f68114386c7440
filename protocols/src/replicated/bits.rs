//! Shared bits of many lanes: a row of packed words for each place of the numbers.
//!
//! Lane l of a row is bit l mod 64 of word l div 64; unused bits of the last word mean nothing. Rows lie one after the
//! other, that of the least significant place first.

use std::ops::Range;

use caucus_core::algebra::Ring;
use caucus_core::wide;

use super::algebra::{Algebra, Packed};

/// Lanes of one word.
pub(super) const WORD: usize = u64::BITS as usize;

/// Replicated shares of bits, modulo 2: rows of `words` words in both components.
pub(super) struct Rows {
    /// The components, of equal length.
    pub(super) parts: [Vec<Packed>; 2],
    /// Words of each row, at least 1.
    pub(super) words: usize,
}

/// A row of shared bits, where it lies.
pub(super) type Row<'a> = [&'a [Packed]; 2];

impl Rows {
    /// No rows, of this many words each.
    pub(super) fn empty(words: usize) -> Self {
        Self { parts: [Vec::new(), Vec::new()], words }
    }

    /// The number of rows.
    pub(super) fn len(&self) -> usize {
        self.parts[0].len() / self.words
    }

    /// The first rows.
    pub(super) fn first(&self, rows: usize) -> [&[Packed]; 2] {
        [0, 1].map(|component| &self.parts[component][..rows * self.words])
    }

    /// Both components of a row.
    pub(super) fn at(&self, row: usize) -> Row<'_> {
        [0, 1].map(|component| self.row(component, row))
    }

    /// One component of a row.
    pub(super) fn row(&self, component: usize, row: usize) -> &[Packed] {
        &self.parts[component][row * self.words..][..self.words]
    }

    /// Appends a row of other shares.
    pub(super) fn push(&mut self, other: &Self, row: usize) {
        for (component, part) in self.parts.iter_mut().enumerate() {
            part.extend_from_slice(other.row(component, row));
        }
    }

    /// Overwrites a row.
    pub(super) fn put(&mut self, row: usize, words: [&[Packed]; 2]) {
        for (part, words) in self.parts.iter_mut().zip(words) {
            part[row * self.words..][..self.words].copy_from_slice(words);
        }
    }

    /// Adds a row of other shares to a row.
    pub(super) fn add(&mut self, row: usize, other: &Self, other_row: usize) {
        for (component, part) in self.parts.iter_mut().enumerate() {
            let sums = &mut part[row * self.words..][..self.words];
            let others = other.row(component, other_row);
            sums.iter_mut().zip(others).for_each(|(sum, other)| *sum += *other);
        }
    }

    /// Overwrites a row with one of other shares.
    pub(super) fn replace(&mut self, row: usize, other: &Self, other_row: usize) {
        for (component, part) in self.parts.iter_mut().enumerate() {
            let words = &mut part[row * self.words..][..self.words];
            words.copy_from_slice(other.row(component, other_row));
        }
    }
}

/// Words of a row.
pub(super) fn words(lanes: usize) -> usize {
    lanes.div_ceil(WORD)
}

/// The rows of the low `bits` bits of elements.
pub(super) fn pack<R: Ring>(elements: &[R], bits: usize) -> Vec<Packed> {
    let words = words(elements.len());
    let mut rows = Packed::zeros(bits * words);
    pack_into(elements, bits, &mut rows);
    rows
}

/// The same, into rows of as many words as the elements need.
pub(super) fn pack_into<R: Ring>(elements: &[R], bits: usize, rows: &mut [Packed]) {
    let words = words(elements.len());
    wide!(|| {
        let mut square = [0; WORD];
        for (word, lanes) in elements.chunks(WORD).enumerate() {
            for first in (0..bits).step_by(WORD) {
                square.fill(0);
                for (part, lane) in square.iter_mut().zip(lanes) {
                    *part = (lane.to_u128() >> first) as u64;
                }
                transpose(&mut square);
                for (row, part) in (first..bits).zip(&square) {
                    rows[row * words + word] = Packed::new(*part);
                }
            }
        }
    });
}

/// The row of one bit of elements.
pub(super) fn pack_place<R: Ring>(elements: &[R], place: usize) -> Vec<Packed> {
    let word = |lanes: &[R]| {
        let bits = lanes.iter().enumerate().map(|(lane, element)| {
            let bit = (element.to_u128() >> place) as u64 & 1;
            bit << lane
        });
        Packed::new(bits.fold(0, |word, bit| word | bit))
    };
    wide!(|| elements.chunks(WORD).map(word).collect())
}

/// The bits of rows as elements 0 and 1, all lanes of one row after the other.
pub(super) fn unpack<R: Ring>(rows: &[Packed], lanes: usize) -> Vec<R> {
    let words = words(lanes).max(1);
    let mut elements = R::zeros(rows.len() / words * lanes);
    wide!(|| {
        let rows = rows.chunks_exact(words).zip(elements.chunks_exact_mut(lanes.max(1)));
        for (row, elements) in rows {
            for (word, elements) in row.iter().zip(elements.chunks_mut(WORD)) {
                for (lane, element) in elements.iter_mut().enumerate() {
                    *element = R::from_u128(u128::from(word.bits() >> lane & 1));
                }
            }
        }
    });
    elements
}

/// The elements in this range of those that [`unpack`] gives for the rows whose words `word` tells.
pub(super) fn unpack_range<R: Ring>(
    word: impl Fn(usize) -> Packed + Copy,
    lanes: usize,
    range: Range<usize>,
    elements: &mut [R],
) {
    let words = words(lanes).max(1);
    wide!(|| {
        let mut at = range.start;
        let mut rest = &mut *elements;
        while !rest.is_empty() {
            let (row, lane) = (at / lanes, at % lanes);
            // Up to the end of the word, or of the row.
            let n_lanes = rest.len().min(WORD - lane % WORD).min(lanes - lane);
            let (part, after) = rest.split_at_mut(n_lanes);
            let bits = word(row * words + lane / WORD).bits() >> (lane % WORD);
            match <&mut [R; WORD]>::try_from(&mut *part) {
                Ok(part) => spread(bits, part),
                Err(_) => spread(bits, part),
            }
            (at, rest) = (at + n_lanes, after);
        }
    });
}

/// The lowest bits as elements.
#[inline(always)]
fn spread<R: Ring>(bits: u64, elements: &mut [R]) {
    for (lane, element) in elements.iter_mut().enumerate() {
        *element = R::from_u128(u128::from(bits >> lane & 1));
    }
}

/// Swaps bit i of word j with bit j of word i: halves first, then quarters, and so on.
///
/// H. S. Warren: Hacker's Delight, 2nd edition, section 7-3.
#[inline(always)]
fn transpose(square: &mut [u64; WORD]) {
    swap_blocks::<32>(square, 0x0000_0000_ffff_ffff);
    swap_blocks::<16>(square, 0x0000_ffff_0000_ffff);
    swap_blocks::<8>(square, 0x00ff_00ff_00ff_00ff);
    swap_blocks::<4>(square, 0x0f0f_0f0f_0f0f_0f0f);
    swap_blocks::<2>(square, 0x3333_3333_3333_3333);
    swap_blocks::<1>(square, 0x5555_5555_5555_5555);
}

/// Swaps the upper left and the lower right block of this width in each square of twice the width. Loops of a constant
/// length over neighbors become vector instructions.
#[inline(always)]
fn swap_blocks<const WIDTH: usize>(square: &mut [u64; WORD], mask: u64) {
    for rows in square.chunks_exact_mut(2 * WIDTH) {
        let (upper, lower) = rows.split_at_mut(WIDTH);
        for (upper, lower) in upper.iter_mut().zip(lower) {
            let swapped = ((*upper >> WIDTH) ^ *lower) & mask;
            *upper ^= swapped << WIDTH;
            *lower ^= swapped;
        }
    }
}

#[cfg(test)]
mod tests {
    use caucus_core::algebra::{Z72, Z128};

    use super::*;
    use crate::testing::{random_elements, test_prg};

    #[test]
    fn rows_hold_the_bits_of_all_lanes() {
        for lanes in [0, 1, 63, 64, 65, 200] {
            let elements: Vec<Z128> = random_elements(&mut test_prg(1), lanes);
            for bits in [1, 63, 64, 65, 128] {
                let rows = pack(&elements, bits);
                assert_eq!(rows.len(), bits * words(lanes));
                let last = &rows[(bits - 1) * words(lanes)..];
                assert!(pack_place(&elements, bits - 1) == last);
                let found: Vec<Z72> = unpack(&rows, lanes);
                assert_eq!(found.len(), bits * lanes);
                for range in [0..found.len(), found.len() / 3..found.len() / 2] {
                    let mut part: Vec<Z72> = Ring::zeros(range.len());
                    unpack_range(|word| rows[word], lanes, range.clone(), &mut part);
                    assert_eq!(part, found[range]);
                }
                for (idx, found) in found.iter().enumerate() {
                    let (bit, lane) = (idx / lanes, idx % lanes);
                    assert_eq!(found.to_u128(), elements[lane].to_u128() >> bit & 1);
                }
            }
        }
    }
}
