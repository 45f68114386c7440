//! Comparison with zero, and decomposition into bits.

use caucus_core::algebra::Ring;
use caucus_core::net::Net;

use super::Replicated;
use super::bits::{self, Rows};
use super::tree::{Goal, Tree};
use crate::Error;
use crate::emulate::check_bits;

impl<R: Ring> Replicated<R> {
    /// The sign is the highest of the places: one carry into it.
    pub(super) fn sign(
        &mut self,
        net: &mut Net,
        a: [&[R]; 2],
        bits: u32,
    ) -> Result<[Vec<R>; 2], Error> {
        check_bits::<R>(bits);
        let lanes = a[0].len();
        if lanes == 0 {
            return Ok([Vec::new(), Vec::new()]);
        }
        let top = bits as usize - 1;
        let halves = self.halves(a, R::ZERO);
        // Inverted, as the place of -x - 1 is, the place of a is that of u.
        let mut sign = bits::pack_place(&halves, top);
        if top > 0 {
            let carry = self.carry_half(net, &halves, &Tree::new(Goal::Carry, top))?;
            sign.iter_mut().zip(&carry).for_each(|(sign, carry)| *sign += *carry);
        } else {
            net.count_round();
        }
        self.lift_row(net, lanes, lanes, |word| sign[word])
    }

    /// a + v = -1 - x: x is zero where all places of a and v differ, which makes no carries.
    pub(super) fn is_zero(
        &mut self,
        net: &mut Net,
        a: [&[R]; 2],
        bits: u32,
    ) -> Result<[Vec<R>; 2], Error> {
        check_bits::<R>(bits);
        let lanes = a[0].len();
        if lanes == 0 {
            return Ok([Vec::new(), Vec::new()]);
        }
        let halves = self.halves(a, R::ZERO);
        let differ = self.carry_half(net, &halves, &Tree::new(Goal::Differ, bits as usize))?;
        self.lift_row(net, lanes, lanes, |word| differ[word])
    }

    /// The bits as elements.
    pub(super) fn bits_of(
        &mut self,
        net: &mut Net,
        a: [&[R]; 2],
        bits: u32,
    ) -> Result<[Vec<R>; 2], Error> {
        check_bits::<R>(bits);
        let lanes = a[0].len();
        if lanes == 0 {
            return Ok([Vec::new(), Vec::new()]);
        }
        let bits = self.shared_bits(net, a, bits)?;
        self.lift(net, &bits, lanes)
    }

    /// The same, as shares modulo 2: two rounds less. There is at least one lane.
    pub(super) fn shared_bits(
        &mut self,
        net: &mut Net,
        a: [&[R]; 2],
        bits: u32,
    ) -> Result<Rows, Error> {
        let top = bits as usize - 1;
        let adder = self.adder(net, &self.halves(a, R::ZERO), top + 1, top)?;
        let carries = self.all_carries(net, &adder)?;
        let mut sum = adder.propagate;
        for place in 0..top {
            sum.add(place + 1, &carries, place);
        }
        self.invert(&mut sum);
        Ok(sum)
    }
}
