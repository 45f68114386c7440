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

use caucus_core::algebra::Ring;
use caucus_core::net::Net;

use super::Replicated;
use super::bits::Rows;
use super::cross::Side;
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
        let split = Split { lanes, shift, modulus_bits: R::BITS.min(bits + 1), has_room };
        let (values, factors, summands) = match self.side() {
            Side::Pair => (split.pair(&halves, &carries), vec![], vec![]),
            Side::Third(_) => {
                let (factors, summands) = split.third(&halves, &carries);
                (vec![R::ZERO; lanes + factors.len()], factors, summands)
            }
        };
        let dealt = self.deal(net, &values)?;
        let [mut quotients, products] = split_off(dealt, lanes);
        let products = products.each_ref().map(Vec::as_slice);
        let products = self.cross(net, products, &factors, &summands)?;
        for (quotients, products) in quotients.iter_mut().zip(&products) {
            for products in products.chunks_exact(lanes) {
                quotients.iter_mut().zip(products).for_each(|(sum, product)| *sum += *product);
            }
        }
        if let Some(component) = self.public_component() {
            let offset = power::<R>(bits - 1 - shift);
            quotients[component].iter_mut().for_each(|quotient| *quotient -= offset);
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
        let carries = if has_room {
            let adder = self.adder(net, halves, shift, shift)?;
            self.carry_out(net, adder)?
        } else {
            let places = R::BITS as usize;
            let adder = self.adder(net, halves, places, places)?;
            let all = self.all_carries(net, &adder)?;
            let mut carries = Rows::empty(all.words);
            carries.push(&all, places - 1);
            carries.push(&all, shift - 1);
            carries
        };
        Ok(self.bit_halves(&carries, halves.len()))
    }
}

/// How the terms of a quotient are put together.
struct Split {
    lanes: usize,
    shift: u32,
    /// B, to which halves are reduced.
    modulus_bits: u32,
    /// Whether the highest bits of the halves tell which is less.
    has_room: bool,
}

impl Split {
    /// What P0 deals: ⌊u / 2^m⌋ of all lanes, then its parts of the products.
    fn pair<R: Ring>(&self, halves: &[R], carries: &[R]) -> Vec<R> {
        let mut values: Vec<R> = halves.iter().map(|half| self.quotient(*half)).collect();
        if self.has_room {
            values.extend(halves.iter().map(|half| R::ONE - self.highest(*half)));
        }
        values.extend_from_slice(carries);
        values
    }

    /// The factors and summands of P1 and P2: for (u < v) and the quotient of v, then for the carry of low places.
    fn third<R: Ring>(&self, halves: &[R], carries: &[R]) -> (Vec<R>, Vec<R>) {
        let weight = power::<R>(self.modulus_bits - self.shift);
        // Of a carry with halves c and b: c (1 - 2 b) + b.
        let factor = |half: &R| R::ONE - *half - *half;
        let (mut factors, mut summands): (Vec<R>, Vec<R>);
        let low = if self.has_room {
            factors = halves.iter().map(|half| weight * self.highest(*half)).collect();
            summands = vec![R::ZERO; self.lanes];
            carries
        } else {
            let (whole, low) = carries.split_at(self.lanes);
            factors = whole.iter().map(|half| weight * factor(half)).collect();
            summands = whole.iter().map(|half| weight * *half).collect();
            low
        };
        for (summand, half) in summands.iter_mut().zip(halves) {
            *summand -= self.quotient(*half);
        }
        factors.extend(low.iter().map(|half| -factor(half)));
        summands.extend(low.iter().map(|half| -*half));
        (factors, summands)
    }

    fn reduced<R: Ring>(&self, half: R) -> u128 {
        half.to_u128() & (u128::MAX >> (u128::BITS - self.modulus_bits))
    }

    fn quotient<R: Ring>(&self, half: R) -> R {
        R::from_u128(self.reduced(half) >> self.shift)
    }

    fn highest<R: Ring>(&self, half: R) -> R {
        R::from_u128(self.reduced(half) >> (self.modulus_bits - 1))
    }
}

/// Cuts both components after this many lanes.
fn split_off<R>(mut parts: [Vec<R>; 2], lanes: usize) -> [[Vec<R>; 2]; 2] {
    let rest = parts.each_mut().map(|part| part.split_off(lanes));
    [parts, rest]
}

/// A power of two that the ring has.
fn power<R: Ring>(exponent: u32) -> R {
    R::from_u128(1 << exponent)
}
