//! Stable sorting by keys in shared bits, digit by digit, the least significant one first.
//!
//! G. Asharov, K. Hamada, D. Ikarashi, R. Kikuchi, A. Nof, B. Pinkas, K. Takahashi, J. Tomida: Efficient Secure Three-Party
//! Sorting with Applications to Data Analysis and Heavy Hitters, CCS 2022, protocols 4.4 and 5.1. What is sorted during the
//! passes is not the rows but their ranks: rank i is the place of row i in the order by the digits so far. A pass
//!
//! 1. shuffles the ranks together with the next digit of each row, and opens the ranks, which tell nothing then;
//! 2. computes the new ranks: with rows in the order of the old ones, a row with digit v comes behind all rows with lesser
//!    digits and behind those before it with the same digit;
//! 3. undoes the shuffling.
//!
//! Ours is:
//! - that digits have three bits instead of one. For every bit, digits of one, two, three and four bits send 18, 12, 12 and
//!   15 elements in all and take 7, 3.5, 2.3 and 1.8 rounds;
//! - that digits are shuffled as bits, one for each possible value but 0: one byte, which is made numbers after shuffling;
//! - that ranks are shared modulo 2^32, whatever the ring; in the last pass, modulo that of the rows, to move these.

use caucus_core::algebra::Ring;
use caucus_core::net::{Net, Step};

use super::algebra::{Algebra, Packed};
use super::bits::{self, Rows};
use super::cross::Side;
use super::mul::reshare;
use super::random::scratch;
use super::rank::{Labelled, Number, Rank};
use super::{N_PARTIES, Replicated};
use crate::emulate::check_keys;
use crate::kernel::PIECE;
use crate::permutation::{Permutation, width};
use crate::{Error, Shares};

/// Bits of a digit: see above.
pub(super) const DIGIT_BITS: usize = 3;
/// Values of a digit.
const VALUES: usize = 1 << DIGIT_BITS;
/// What ranks are opened in.
const RANKS: Step = Step::User(5);

/// A key: numbers, and how many of their low bits count.
pub(super) type Key<'a, R> = (&'a Shares<R, 2>, u32);

/// A digit of all rows: a bit for each value but 0, that of value v at place v - 1 of a byte for each row.
struct Digit {
    bits: [Vec<u8>; 2],
    /// Values that it can have, without 0.
    others: usize,
}

impl<R: Ring> Replicated<R> {
    /// Sorts rows by keys, of which the first counts most, as numbers that are not negative.
    pub(super) fn sort_rows(
        &mut self,
        net: &mut Net,
        keys: &[Key<'_, R>],
        a: [&[R]; 2],
    ) -> Result<[Vec<R>; 2], Error> {
        let n = check_keys(keys);
        width(a[0].len(), n);
        if n < 2 {
            return Ok(a.map(<[R]>::to_vec));
        }
        let digits = self.digits(net, keys, n)?;
        let (last, others) = digits.split_last().expect("a key has at least one bit");
        let mut ranks: Option<[Vec<Rank>; 2]> = None;
        for digit in others {
            ranks = Some(self.pass(net, ranks.as_ref(), digit)?);
        }
        let places: [Vec<R>; 2] = self.pass(net, ranks.as_ref(), last)?;
        self.move_rows(net, places.each_ref().map(Vec::as_slice), a)
    }

    /// The digits of all keys, the least significant one first.
    fn digits(
        &mut self,
        net: &mut Net,
        keys: &[Key<'_, R>],
        n: usize,
    ) -> Result<Vec<Digit>, Error> {
        // All keys are taken apart together: each has whole words.
        let words = bits::words(n);
        let most = keys.iter().map(|(_, bits)| *bits).max().unwrap_or(1);
        let mut joined = [Vec::new(), Vec::new()];
        for (key, _) in keys {
            for (part, joined) in key.parts().iter().zip(&mut joined) {
                joined.extend_from_slice(part);
                joined.resize(joined.len().next_multiple_of(64), R::ZERO);
            }
        }
        let all = self.shared_bits(net, joined.each_ref().map(Vec::as_slice), most)?;
        let places = keys.iter().enumerate().rev();
        let places: Vec<(usize, usize)> = places
            .flat_map(|(key, (_, bits))| (0..*bits as usize).map(move |place| (place, key)))
            .collect();
        let row = |(place, key): (usize, usize)| {
            [0, 1].map(|part| &all.row(part, place)[key * words..][..words])
        };
        let groups: Vec<&[_]> = places.chunks(DIGIT_BITS).collect();
        let monomials = self.monomials(net, &groups, words, row)?;
        let digit = |(monomials, group): (Rows, &&[_])| Digit {
            bits: [0, 1].map(|part| value_bytes(&monomials, part, n)),
            others: (1 << group.len()) - 1,
        };
        Ok(monomials.into_iter().zip(&groups).map(digit).collect())
    }

    /// For each group of bits, a row for each set of them that is not empty: their product. The set is in the bits of
    /// the number of the row, counted from 1. Two rounds at most.
    fn monomials<'a, P: Copy>(
        &mut self,
        net: &mut Net,
        groups: &[&[P]],
        words: usize,
        row: impl Fn(P) -> [&'a [Packed]; 2],
    ) -> Result<Vec<Rows>, Error> {
        let mut all: Vec<Rows> = Vec::with_capacity(groups.len());
        for group in groups {
            let mut rows = Rows { parts: [(); 2].map(|()| Vec::new()), words };
            let sets = (1 << group.len()) - 1;
            rows.parts.iter_mut().for_each(|part| part.resize(sets * words, Packed::ZERO));
            for (idx, bit) in group.iter().enumerate() {
                rows.put((1 << idx) - 1, row(*bit));
            }
            all.push(rows);
        }
        // Sets of two, then sets of three, as the product of the lowest bit and the others.
        for size in 2..=DIGIT_BITS as u32 {
            let [mut left, mut right] = [(); 2].map(|()| Rows::empty(words));
            let sets = |rows: &Rows| (1..=rows.len()).filter(|set| set.count_ones() == size);
            for rows in &all {
                for set in sets(rows) {
                    let lowest = set & set.wrapping_neg();
                    left.push(rows, lowest - 1);
                    right.push(rows, (set ^ lowest) - 1);
                }
            }
            let products = self.and(net, &left, &right)?;
            let mut idx = 0..products.len();
            for rows in &mut all {
                for set in sets(rows).collect::<Vec<_>>() {
                    rows.replace(set - 1, &products, idx.next().expect("a product for each set"));
                }
            }
        }
        Ok(all)
    }

    /// Ranks by one digit more; without ranks, those of the order in which rows are.
    fn pass<A: Number>(
        &mut self,
        net: &mut Net,
        ranks: Option<&[Vec<Rank>; 2]>,
        digit: &Digit,
    ) -> Result<[Vec<A>; 2], Error> {
        let Some(ranks) = ranks else {
            let halves = self.byte_halves(digit.bits.each_ref().map(Vec::as_slice), digit.others);
            let indicators = self.lift_halves(net, &halves)?;
            return self.next_ranks(net, &indicators, digit.others, None);
        };
        let n = ranks[0].len();
        let known = self.secret_permutation(n);
        let rows = [0, 1].map(|part| {
            let pairs = ranks[part].iter().zip(&digit.bits[part]);
            pairs.map(|(rank, bits)| Labelled { rank: *rank, bits: *bits }).collect::<Vec<_>>()
        });
        let rows = self.permute_rows(net, &known, false, rows.each_ref().map(Vec::as_slice))?;
        let bytes = rows.each_ref().map(|part| part.iter().map(|row| row.bits).collect::<Vec<_>>());
        let halves = self.byte_halves(bytes.each_ref().map(Vec::as_slice), digit.others);
        let ranks = rows.map(|part| part.into_iter().map(|row| row.rank).collect::<Vec<_>>());
        let (opened, dealt) = self.open_and_deal(net, &ranks, &halves)?;
        let indicators = self.lift_dealt(net, &dealt, &halves)?;
        let order = Permutation::to_places(opened.iter().map(|rank| rank.to_u128()))
            .map_err(|_| Error::Misbehaved { check: "the opening of ranks while sorting" })?;
        let next = self.next_ranks(net, &indicators, digit.others, Some(&order))?;
        self.permute_rows(net, &known, true, next.each_ref().map(Vec::as_slice))
    }

    /// This party's half of bits: `count` of each byte.
    fn byte_halves<A: Number>(&self, bits: [&[u8]; 2], count: usize) -> Vec<A> {
        let spread = |byte: u8| (0..count).map(move |place| A::from_bit(byte >> place & 1));
        match self.side() {
            Side::Pair => bits[0].iter().zip(bits[1]).flat_map(|(a, b)| spread(a ^ b)).collect(),
            Side::Third(third) => bits[third].iter().flat_map(|byte| spread(*byte)).collect(),
        }
    }

    /// Opens ranks to all, and shares what P0 knows, in one round.
    fn open_and_deal<A: Number>(
        &mut self,
        net: &mut Net,
        ranks: &[Vec<Rank>; 2],
        halves: &[A],
    ) -> Result<(Vec<Rank>, [Vec<A>; 2]), Error> {
        let (to, from) = (net.neighbor(N_PARTIES - 1), net.neighbor(1));
        let mut opened = vec![Rank::ZERO; ranks[0].len()];
        Rank::send(net, to, RANKS, &ranks[1])?;
        // P0 waits for nothing before it deals; what it deals comes behind its ranks.
        let dealt = if self.side() == Side::Pair {
            let dealt = self.deal(net, halves)?;
            Rank::recv(net, from, RANKS, &mut opened)?;
            dealt
        } else {
            Rank::recv(net, from, RANKS, &mut opened)?;
            self.deal(net, halves)?
        };
        for (opened, (first, second)) in opened.iter_mut().zip(ranks[0].iter().zip(&ranks[1])) {
            *opened += *first + *second;
        }
        Ok((opened, dealt))
    }

    /// The ranks of rows whose old ranks are public: without `order`, that of row i is i, else row `order.sources()[i]`
    /// has rank i. `indicators` has for each row whether its digit is 1, 2, …, `others`. One round.
    fn next_ranks<A: Number>(
        &mut self,
        net: &mut Net,
        indicators: &[Vec<A>; 2],
        others: usize,
        order: Option<&Permutation>,
    ) -> Result<[Vec<A>; 2], Error> {
        let n = indicators[0].len() / others;
        let mut ranks = [vec![A::ZERO; n], Vec::new()];
        let mut scratch = scratch(n);
        for summands in ranks[0].chunks_mut(PIECE) {
            self.streams.fill_zero(summands, &mut scratch);
        }
        let component = self.public_component();
        let one = [0, 1].map(|part| A::from_bit(u8::from(Some(part) == component)));
        let order = order.map(Permutation::sources);
        // The number of values is known to the compiler in each case.
        match others {
            1 => add_ranks::<A, 1>(indicators, one, order, &mut ranks[0]),
            3 => add_ranks::<A, 3>(indicators, one, order, &mut ranks[0]),
            _ => add_ranks::<A, { VALUES - 1 }>(indicators, one, order, &mut ranks[0]),
        }
        reshare(net, Step::Dot, &mut ranks)?;
        Ok(ranks)
    }
}

/// Adds this party's summands of new ranks to `summands`, for digits with `OTHERS` values besides 0. `one` are the
/// components of the number 1.
///
/// With the number of rows b_v that come before a row if its digit is v, and the indicators d_v, of which one is 1, the
/// new rank is Σ d_v b_v = b_0 + Σ d_v (b_v - b_0), where v is not 0 in the second sum.
fn add_ranks<A: Number, const OTHERS: usize>(
    indicators: &[Vec<A>; 2],
    one: [A; 2],
    order: Option<&[u32]>,
    summands: &mut [A],
) {
    let [rows, more] = [0, 1].map(|part| indicators[part].as_chunks::<OTHERS>().0);
    let (mut zero, mut before) = ([A::ZERO; 2], [[A::ZERO; OTHERS]; 2]);
    for (part, rows) in [rows, more].into_iter().enumerate() {
        let mut counts = [A::ZERO; OTHERS];
        let mut zeros = A::ZERO;
        for row in rows {
            zeros += one[part];
            counts.iter_mut().zip(row).for_each(|(count, indicator)| *count += *indicator);
        }
        // Rows with digit 0 are those with no other one, and come first.
        let mut sum = counts.iter().fold(zeros, |zeros, count| zeros - *count);
        for (before, count) in before[part].iter_mut().zip(&counts) {
            *before = sum;
            sum += *count;
        }
    }
    for rank in 0..summands.len() {
        let idx = order.map_or(rank, |order| order[rank] as usize);
        let (first, second) = (&rows[idx], &more[idx]);
        let mut summand = zero[0];
        let mut is_zero = one;
        for value in 0..OTHERS {
            let (first, second) = (first[value], second[value]);
            let a = before[0][value] - zero[0];
            let b = before[1][value] - zero[1];
            summand += first * (a + b) + second * a;
            before[0][value] += first;
            before[1][value] += second;
            is_zero[0] -= first;
            is_zero[1] -= second;
        }
        zero[0] += is_zero[0];
        zero[1] += is_zero[1];
        summands[idx] += summand;
    }
}

/// A byte for each lane: whether the value in the bits of a lane is 1, 2, …, from the products of all sets of its bits.
///
/// A value is that of a lane if the product of its set is 1 and that of no larger set is: the sum of the products of all
/// sets that contain it.
fn value_bytes(monomials: &Rows, part: usize, lanes: usize) -> Vec<u8> {
    let sets = monomials.len();
    let mut bytes = vec![0_u8; lanes];
    let mut words = [0_u64; VALUES];
    for (word, bytes) in bytes.chunks_mut(64).enumerate() {
        for value in 1..=sets {
            let larger = (value..=sets).filter(|set| set & value == value);
            words[value - 1] =
                larger.fold(0, |sum, set| sum ^ monomials.row(part, set - 1)[word].bits());
        }
        for (lane, byte) in bytes.iter_mut().enumerate() {
            for (place, word) in words[..sets].iter().enumerate() {
                *byte |= ((word >> lane & 1) as u8) << place;
            }
        }
    }
    bytes
}
