//! Division by powers of two.
//!
//! With x made non-negative by adding 2^(bits-1), which is subtracted again from the quotient, and its halves u and v
//! (see [`adder`](super::adder)) modulo 2^B:
//!
//! ⌊x / 2^m⌋ = ⌊u / 2^m⌋ - ⌊v / 2^m⌋ + 2^(B-m) (u < v) - (u mod 2^m < v mod 2^m).
//!
//! If x < 2^(B-1), then u < v just if the highest bit of u is 0 and that of v is 1: a product of what P0 knows with what
//! the others know. That is possible if the ring has a bit more than x; otherwise the adder tells. It also tells the
//! last term; without it the result is the quotient or one more, and the quotient if nothing remains.

use std::ops::Range;

use caucus_core::algebra::Ring;
use caucus_core::net::Net;
use caucus_core::wide;

use super::Replicated;
use super::bits::{self, Rows};
use super::cross::Side;
use super::tree::{Goal, Tree};
use crate::emulate::check_shift;
use crate::{Error, Rounding};

impl<R: Ring> Replicated<R> {
    /// Divides by 2^`shift`.
    pub(super) fn divide(
        &mut self,
        net: &mut Net,
        a: [&[R]; 2],
        shift: u32,
        bits: u32,
        rounding: Rounding,
    ) -> Result<[Vec<R>; 2], Error> {
        check_shift::<R>(shift, bits);
        let lanes = a[0].len();
        if lanes == 0 || shift == 0 {
            return Ok(a.map(<[R]>::to_vec));
        }
        let (bits, half) = match rounding {
            Rounding::Nearest => (R::BITS.min(bits + 1), power(shift - 1)),
            Rounding::Floor | Rounding::Probabilistic => (bits, R::ZERO),
        };
        let halves = self.halves(a, half + power(bits - 1));
        let has_room = bits < R::BITS;
        let is_exact = !has_room || rounding != Rounding::Probabilistic;
        let carries = if is_exact { self.carries(net, &halves, shift, has_room)? } else { vec![] };
        // With room P0 knows all that it deals at once: its half of the carry is no result of messages.
        if !(is_exact && has_room) {
            net.count_round();
        }
        let split = Split {
            lanes,
            shift,
            modulus_bits: R::BITS.min(bits + 1),
            has_room,
            halves: &halves,
            carries: &carries,
        };
        let n_products = split.n_products();
        let dealt =
            self.deal_made(net, (1 + n_products) * lanes, |range, out| split.pair(range, out))?;
        let side = self.side();
        let mut quotients = self.blind_made(net, n_products * lanes, |range, out| {
            if let Side::Third(third) = side {
                split.third(&dealt[1 - third][lanes..], third == 1, range, out);
            }
        })?;
        let offset = power::<R>(bits - 1 - shift);
        for (component, (part, dealt)) in quotients.iter_mut().zip(&dealt).enumerate() {
            let offset = if Some(component) == self.public_component() { offset } else { R::ZERO };
            let (sums, others) = part.split_at_mut(lanes);
            wide!(|| sums.iter_mut().zip(dealt).for_each(|(sum, dealt)| *sum += *dealt - offset));
            for others in others.chunks_exact(lanes) {
                wide!(|| sums.iter_mut().zip(others).for_each(|(sum, other)| *sum += *other));
            }
            part.truncate(lanes);
        }
        Ok(quotients)
    }

    /// This party's halves of the carries out of the whole number, unless there is room, and of the low `shift` places.
    fn carries(
        &mut self,
        net: &mut Net,
        halves: &[R],
        shift: u32,
        has_room: bool,
    ) -> Result<Vec<R>, Error> {
        let shift = shift as usize;
        if has_room {
            let carry = self.carry_half(net, halves, &Tree::new(Goal::Carry, shift))?;
            return Ok(bits::unpack(&carry, halves.len()));
        }
        let places = R::BITS as usize;
        let adder = self.adder(net, halves, places, places)?;
        let all = self.all_carries(net, &adder)?;
        let mut carries = Rows::empty(all.words);
        carries.push(&all, places - 1);
        carries.push(&all, shift - 1);
        Ok(self.bit_halves(&carries, halves.len()))
    }
}

/// How the terms of a quotient are put together. Terms lie one after the other, each for all lanes.
struct Split<'a, R> {
    lanes: usize,
    shift: u32,
    /// B, to which halves are reduced.
    modulus_bits: u32,
    /// Whether the highest bits of the halves tell which is less.
    has_room: bool,
    /// This party's halves of the lanes.
    halves: &'a [R],
    /// Its halves of the carries out of the whole number, unless there is room, and of the low places.
    carries: &'a [R],
}

impl<R: Ring> Split<'_, R> {
    /// How many terms are products of what P0 knows with what the others know: (u < v), and the carry of the low
    /// places if that is known.
    fn n_products(&self) -> usize {
        usize::from(self.has_room) + self.carries.len() / self.lanes
    }

    /// What P0 deals, a part of it: ⌊u / 2^m⌋, then its parts of the products.
    fn pair(&self, range: Range<usize>, out: &mut [R]) {
        self.by_term(range, out, |term, halves, carries, out| match term {
            0 => wide!(|| {
                out.iter_mut().zip(halves).for_each(|(out, half)| *out = self.quotient(*half));
            }),
            1 if self.has_room => wide!(|| {
                let terms = out.iter_mut().zip(halves);
                terms.for_each(|(out, half)| *out = R::ONE - self.highest(*half));
            }),
            _ => out.copy_from_slice(&carries(term - 1)),
        });
    }

    /// The summands of P1 and P2, a part of them: their shares w of P0's parts of the products times their factors, and
    /// what P1 adds: the quotient of v, too.
    fn third(&self, w: &[R], is_p1: bool, range: Range<usize>, out: &mut [R]) {
        let weight = power::<R>(self.modulus_bits - self.shift);
        let w = &w[range.clone()];
        let mut done = 0;
        self.by_term(range, out, |term, halves, carries, out| {
            let w = &w[done..][..out.len()];
            done += out.len();
            if term == 0 && self.has_room {
                wide!(|| {
                    for (out, (w, half)) in out.iter_mut().zip(w.iter().zip(halves)) {
                        *out = *w * weight * self.highest(*half);
                    }
                });
            } else {
                // Of a carry with halves c and b: c (1 - 2 b) + b.
                let weight = if term == 0 { weight } else { -R::ONE };
                let own = if is_p1 { R::ONE } else { R::ZERO };
                let carries = carries(term);
                wide!(|| {
                    for (out, (w, b)) in out.iter_mut().zip(w.iter().zip(&carries)) {
                        *out = weight * (*w * (R::ONE - *b - *b) + *b * own);
                    }
                });
            }
            if term == 0 && is_p1 {
                wide!(|| {
                    out.iter_mut().zip(halves).for_each(|(out, half)| *out -= self.quotient(*half));
                });
            }
        });
    }

    /// Goes through a range of terms: the number of the term, the halves of its lanes, its carries where it has some, and
    /// where it is written.
    fn by_term(
        &self,
        range: Range<usize>,
        out: &mut [R],
        mut body: impl FnMut(usize, &[R], &dyn Fn(usize) -> Vec<R>, &mut [R]),
    ) {
        let (mut at, mut rest) = (range.start, out);
        while !rest.is_empty() {
            let (term, lane) = (at / self.lanes, at % self.lanes);
            let n_lanes = rest.len().min(self.lanes - lane);
            let (part, after) = rest.split_at_mut(n_lanes);
            // The first product has no carries if there is room.
            let carries = |product: usize| {
                let first = (product - usize::from(self.has_room)) * self.lanes + lane;
                self.carries[first..][..n_lanes].to_vec()
            };
            body(term, &self.halves[lane..][..n_lanes], &carries, part);
            (at, rest) = (at + n_lanes, after);
        }
    }

    /// ⌊half / 2^m⌋ modulo 2^B.
    #[inline(always)]
    fn quotient(&self, half: R) -> R {
        self.shifted(half, self.shift)
    }

    /// The highest bit modulo 2^B.
    #[inline(always)]
    fn highest(&self, half: R) -> R {
        self.shifted(half, self.modulus_bits - 1)
    }

    #[inline(always)]
    fn shifted(&self, half: R, shift: u32) -> R {
        let reduced = half.to_u128() & (u128::MAX >> (u128::BITS - self.modulus_bits));
        // Shifts of words become vector instructions, others do not.
        let shifted = if R::BITS <= u64::BITS {
            u128::from(reduced as u64 >> shift)
        } else {
            reduced >> shift
        };
        R::from_u128(shifted)
    }
}

/// A power of two that the ring has.
fn power<R: Ring>(exponent: u32) -> R {
    R::from_u128(1 << exponent)
}
