//! Bits of a shared number: it is split in two, which a circuit of logarithmic depth puts together.
//!
//! P0 knows u = x_0 + x_1, the others know v = -x_2, and x = u - v. With a = -u - 1, whose bits are those of u inverted,
//! a + v = -x - 1, whose bits are those of x inverted. So one adder, of a and v, gives everything: the carry into place
//! j is 1 where u mod 2^j is below v mod 2^j.
//!
//! Generated and propagated carries of neighboring groups of places combine into those of both; R. Brent, H. T. Kung: A
//! Regular Layout for Parallel Adders, IEEE Transactions on Computers 31(3), 1982, section III.

use std::ops::Range;

use caucus_core::algebra::Ring;
use caucus_core::net::Net;
use caucus_core::wide;

use super::Replicated;
use super::algebra::Packed;
use super::bits::{self, Rows};
use super::cross::Side;
use super::rank::Number;
use crate::Error;

/// The adder of one call, with the carries that single places make.
pub(super) struct Adder {
    /// Where a + v is without carries; a place that is 1 propagates a carry into it.
    pub(super) propagate: Rows,
    /// Where a carry is made, in the lower places as far as carries are asked for.
    pub(super) generate: Rows,
}

impl<R: Ring> Replicated<R> {
    /// This party's half of each lane: u, to which `offset` is added, at P0, v at the others.
    pub(super) fn halves(&self, a: [&[R]; 2], offset: R) -> Vec<R> {
        match self.side() {
            Side::Pair => {
                wide!(|| a[0].iter().zip(a[1]).map(|(a, b)| *a + *b + offset).collect())
            }
            Side::Third(third) => wide!(|| a[third].iter().map(|element| -*element).collect()),
        }
    }

    /// Shares a + v without carries, in the low `bits` places. P0 sends one bit per lane and place; one round.
    pub(super) fn add_halves(
        &mut self,
        net: &mut Net,
        halves: &[R],
        bits: usize,
    ) -> Result<Rows, Error> {
        let (side, words) = (self.side(), bits::words(halves.len()));
        let mut mine = bits::pack(halves, bits);
        if side == Side::Pair {
            mine.iter_mut().for_each(|word| *word += Packed::ONES);
        }
        let mut parts = self.deal(net, &mine)?;
        if let Side::Third(third) = side {
            parts[third] = mine;
        }
        Ok(Rows { parts, words })
    }

    /// Shares a + v without carries in the low `bits` places, and the carries that the low `carries` places make. P0
    /// sends a bit per lane and place, the others one per lane and place that makes carries; two rounds.
    pub(super) fn adder(
        &mut self,
        net: &mut Net,
        halves: &[R],
        bits: usize,
        carries: usize,
    ) -> Result<Adder, Error> {
        let propagate = self.add_halves(net, halves, bits)?;
        let first = propagate.first(carries);
        // The component without a share of a holds v.
        let factors = match self.side() {
            Side::Pair => &[],
            Side::Third(third) => first[third],
        };
        let parts = self.cross(net, first, factors, &[])?;
        let generate = Rows { parts, words: propagate.words };
        Ok(Adder { propagate, generate })
    }

    /// Multiplies rows by rows. One round, with one bit per lane and row.
    pub(super) fn and(&mut self, net: &mut Net, a: &Rows, b: &Rows) -> Result<Rows, Error> {
        let pairs: Vec<_> = (0..a.len()).map(|row| (a.at(row), b.at(row))).collect();
        self.multiply_rows(net, &pairs, a.words)
    }

    /// The carries out of each of the places that make carries. ⌈log2⌉ of their number rounds, each with at most one
    /// bit per lane and place.
    ///
    /// J. Sklansky: Conditional-Sum Addition Logic, IRE Transactions on Electronic Computers 9(2), 1960: after step s,
    /// groups of 2^s places are done.
    pub(super) fn all_carries(&mut self, net: &mut Net, adder: &Adder) -> Result<Rows, Error> {
        let words = adder.generate.words;
        let n_places = adder.generate.len();
        let copy = |rows: &Rows| Rows { parts: rows.first(n_places).map(<[_]>::to_vec), words };
        let (mut propagate, mut generate) = (copy(&adder.propagate), copy(&adder.generate));
        let mut group = 1;
        while group < n_places {
            let upper = || (0..n_places).filter(|place| place & group != 0);
            // The places whose carry is not yet that of all lower ones.
            let unfinished = || upper().filter(|place| *place >= 2 * group);
            let below = |place: usize| place / group * group - 1;
            let generated = upper().map(|place| (propagate.at(place), generate.at(below(place))));
            let propagated =
                unfinished().map(|place| (propagate.at(place), propagate.at(below(place))));
            let factors: Vec<_> = generated.chain(propagated).collect();
            let products = self.multiply_rows(net, &factors, words)?;
            upper().enumerate().for_each(|(idx, place)| generate.add(place, &products, idx));
            let n_upper = upper().count();
            for (idx, place) in unfinished().enumerate() {
                propagate.replace(place, &products, n_upper + idx);
            }
            group *= 2;
        }
        Ok(generate)
    }

    /// The conjunctions of each row with all before it. ⌈log2⌉ of their number rounds, each with at most one bit for
    /// half of the rows; the groups are those of [`all_carries`](Self::all_carries).
    pub(super) fn all_before(&mut self, net: &mut Net, mut rows: Rows) -> Result<Rows, Error> {
        let mut group = 1;
        while group < rows.len() {
            let upper = || (0..rows.len()).filter(|row| row & group != 0);
            let factors: Vec<_> =
                upper().map(|row| (rows.at(row), rows.at(row / group * group - 1))).collect();
            let products = self.multiply_rows(net, &factors, rows.words)?;
            let upper: Vec<usize> = upper().collect();
            for (idx, row) in upper.into_iter().enumerate() {
                rows.replace(row, &products, idx);
            }
            group *= 2;
        }
        Ok(rows)
    }

    /// Inverts all bits.
    pub(super) fn invert(&self, rows: &mut Rows) {
        if let Some(component) = self.public_component() {
            rows.parts[component].iter_mut().for_each(|word| *word += Packed::ONES);
        }
    }

    /// This party's half of shared bits, as elements: the sum modulo 2 of the two summands of P0, or the third.
    pub(super) fn bit_halves(&self, rows: &Rows, lanes: usize) -> Vec<R> {
        let [first, second] = &rows.parts;
        match self.side() {
            Side::Pair => {
                let sums: Vec<_> = first.iter().zip(second).map(|(a, b)| *a + *b).collect();
                bits::unpack(&sums, lanes)
            }
            Side::Third(third) => bits::unpack(&rows.parts[third], lanes),
        }
    }

    /// Makes elements 0 and 1 of shared bits, row by row. Two rounds; each party sends one element per bit.
    ///
    /// With the halves u of P0 and b of the others, the bit is u + b - 2 u b = u (1 - 2 b) + b. Bits become elements in
    /// pieces, where they are needed.
    pub(super) fn lift(
        &mut self,
        net: &mut Net,
        rows: &Rows,
        lanes: usize,
    ) -> Result<[Vec<R>; 2], Error> {
        let [first, second] = &rows.parts;
        if rows.len() * lanes > 0 {
            net.count_round();
        }
        match self.side() {
            Side::Pair => {
                self.lift_row(net, rows.len() * lanes, lanes, |word| first[word] + second[word])
            }
            Side::Third(third) => {
                let half = &rows.parts[third];
                self.lift_row(net, rows.len() * lanes, lanes, |word| half[word])
            }
        }
    }

    /// The same of this party's halves, whose words `half` tells: `n_bits` of them, in rows of so many lanes. The first
    /// of both rounds is counted by the caller, who may have P0 deal more in it.
    pub(super) fn lift_row(
        &mut self,
        net: &mut Net,
        n_bits: usize,
        lanes: usize,
        half: impl Fn(usize) -> Packed + Copy,
    ) -> Result<[Vec<R>; 2], Error> {
        let half = |range: Range<usize>, piece: &mut [R]| {
            bits::unpack_range(half, lanes, range, piece);
        };
        let dealt = self.deal_made(net, n_bits, half)?;
        let Side::Third(third) = self.side() else { return self.blind(net, R::zeros(n_bits)) };
        let is_p1 = third == 1;
        let dealt = &dealt[1 - third];
        self.blind_made(net, n_bits, |range, piece| {
            half(range.clone(), piece);
            let dealt = &dealt[range];
            wide!(|| {
                for (piece, dealt) in piece.iter_mut().zip(dealt) {
                    let twice = *dealt * *piece + *dealt * *piece;
                    *piece = if is_p1 { *dealt - twice + *piece } else { *dealt - twice };
                }
            });
        })
    }

    /// The same, of this party's halves of bits, as elements.
    pub(super) fn lift_halves<A: Number>(
        &mut self,
        net: &mut Net,
        halves: &[A],
    ) -> Result<[Vec<A>; 2], Error> {
        let dealt = self.deal(net, halves)?;
        self.lift_dealt(net, &dealt, halves)
    }

    /// The second of both rounds.
    pub(super) fn lift_dealt<A: Number>(
        &mut self,
        net: &mut Net,
        dealt: &[Vec<A>; 2],
        halves: &[A],
    ) -> Result<[Vec<A>; 2], Error> {
        let factor = |half: &A| A::from_bit(1) - *half - *half;
        let factors: Vec<A> = halves.iter().map(factor).collect();
        self.cross(net, dealt.each_ref().map(Vec::as_slice), &factors, halves)
    }
}
