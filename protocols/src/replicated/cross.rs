//! Products of what P0 knows with what P1 and P2 both know.
//!
//! A value x = x_0 + x_1 + x_2 falls into a summand x_0 + x_1 that P0 knows and a summand x_2 that both others know; the
//! same holds for shares of bits. The idea to compute with these two, instead of with three, is in P. Mohassel,
//! P. Rindal: ABY3, CCS 2018, section 5.3; the product below is ours. It costs each party one element, as a product of
//! shares does, but includes the sharing of what P0 knows.

use std::ops::Range;

use caucus_core::algebra::Ring;
use caucus_core::ids::PartyId;
use caucus_core::net::{Net, Step};
use caucus_core::wide;

use super::algebra::Algebra;
use super::{Replicated, next, previous};
use crate::Error;

/// P0, which knows two of the summands of every value.
pub(super) const DEALER: PartyId = PartyId::new(0);

/// What P0 sends: shares of what it knows.
pub(super) const DEAL: Step = Step::User(1);
/// What P1 and P2 send each other: blinded summands of products.
const CROSS: Step = Step::User(2);

/// What a party has of a value: it depends on who it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Side {
    /// The sum of two summands: P0.
    Pair,
    /// The third one, which is in this component: P1 and P2.
    Third(usize),
}

impl<R: Ring> Replicated<R> {
    /// Which part of values this party knows.
    pub(super) fn side(&self) -> Side {
        match self.me.index() {
            0 => Side::Pair,
            1 => Side::Third(1),
            _ => Side::Third(0),
        }
    }

    /// Shares the values that P0 knows; those of other parties are ignored but for their number. P0 sends one element
    /// per value. One round, or none for no values.
    ///
    /// x_1 = r from the stream that P0 shares with P1, x_0 = x - r, which P2 lacks, and x_2 = 0.
    pub(super) fn deal<A: Algebra>(
        &mut self,
        net: &mut Net,
        values: &[A],
    ) -> Result<[Vec<A>; 2], Error> {
        if !values.is_empty() {
            net.count_round();
        }
        self.deal_some(net, values)
    }

    /// A part of what is dealt in a round that the caller counts.
    pub(super) fn deal_some<A: Algebra>(
        &mut self,
        net: &mut Net,
        values: &[A],
    ) -> Result<[Vec<A>; 2], Error> {
        self.deal_made(net, values.len(), |range, piece| piece.copy_from_slice(&values[range]))
    }

    /// The same for `n` values, which P0 makes in pieces, from the first to the last.
    pub(super) fn deal_made<A: Algebra>(
        &mut self,
        net: &mut Net,
        n: usize,
        mut values: impl FnMut(Range<usize>, &mut [A]),
    ) -> Result<[Vec<A>; 2], Error> {
        let (mut first, mut second) = (A::zeros(n), A::zeros(n));
        if n == 0 {
            return Ok([first, second]);
        }
        match self.side() {
            Side::Pair => {
                let stream = self.streams.dealt_with_next();
                let mut make = |range: Range<usize>, piece: &mut [A]| {
                    let masks = &mut second[range.clone()];
                    A::fill_random(stream, masks);
                    values(range, piece);
                    wide!(|| piece.iter_mut().zip(&*masks).for_each(|(it, mask)| *it -= *mask));
                };
                A::send_made(net, previous(DEALER), DEAL, &mut first, &mut make)?;
            }
            Side::Third(1) => A::fill_random(self.streams.dealt_with_previous(), &mut first),
            Side::Third(_) => A::recv(net, DEALER, DEAL, &mut second)?,
        }
        Ok([first, second])
    }

    /// Shares of w f + q, for shares of w that come from [`deal`](Self::deal), and f and q that P1 and P2 know; P0 gives
    /// none. P1 and P2 send one element per lane. One round, or none for no lanes.
    ///
    /// P1 has w_1 f + q, P2 has w_0 f, which add up to the result.
    pub(super) fn cross<A: Algebra>(
        &mut self,
        net: &mut Net,
        w: [&[A]; 2],
        factors: &[A],
        summands: &[A],
    ) -> Result<[Vec<A>; 2], Error> {
        let Side::Third(third) = self.side() else {
            return self.blind(net, A::zeros(w[0].len()));
        };
        // The other component is the one that this party shares with P0.
        let (w, is_p1) = (w[1 - third], third == 1);
        self.blind_made(net, w.len(), |range, piece| {
            let (w, factors) = (&w[range.clone()], &factors[range.clone()]);
            wide!(|| {
                for (piece, (w, factor)) in piece.iter_mut().zip(w.iter().zip(factors)) {
                    *piece = *w * *factor;
                }
            });
            if is_p1 && !summands.is_empty() {
                let summands = &summands[range];
                wide!(|| piece.iter_mut().zip(summands).for_each(|(it, summand)| *it += *summand));
            }
        })
    }

    /// Shares of the sums of what P1 and P2 give; P0's values are ignored but for their number. P1 and P2 send one
    /// element per lane. One round, or none for no lanes.
    pub(super) fn blind<A: Algebra>(
        &mut self,
        net: &mut Net,
        mine: Vec<A>,
    ) -> Result<[Vec<A>; 2], Error> {
        self.blind_all(net, mine, |_, _| {})
    }

    /// The same for `n` lanes, which P1 and P2 make in pieces, from the first to the last.
    pub(super) fn blind_made<A: Algebra>(
        &mut self,
        net: &mut Net,
        n: usize,
        summands: impl FnMut(Range<usize>, &mut [A]),
    ) -> Result<[Vec<A>; 2], Error> {
        self.blind_all(net, A::zeros(n), summands)
    }

    /// They send their summands to each other, blinded by s_1 from the stream of P0 and P1, and s_0 from that of P2 and
    /// P0: those are the other two summands of the result. `change` may change them before, in pieces.
    fn blind_all<A: Algebra>(
        &mut self,
        net: &mut Net,
        mut mine: Vec<A>,
        mut change: impl FnMut(Range<usize>, &mut [A]),
    ) -> Result<[Vec<A>; 2], Error> {
        let lanes = mine.len();
        let mut out = [(); 2].map(|()| A::zeros(lanes));
        if lanes == 0 {
            return Ok(out);
        }
        let Side::Third(third) = self.side() else {
            net.count_round();
            let [first, second] = &mut out;
            A::fill_random(self.streams.dealt_with_previous(), first);
            A::fill_random(self.streams.dealt_with_next(), second);
            return Ok(out);
        };
        let is_p1 = third == 1;
        let stream =
            if is_p1 { self.streams.dealt_with_previous() } else { self.streams.dealt_with_next() };
        let peer = if is_p1 { next(self.me) } else { previous(self.me) };
        let [first, second] = &mut out;
        let (blinds, theirs) = if is_p1 { (first, second) } else { (second, first) };
        let mut make = |range: Range<usize>, piece: &mut [A]| {
            change(range.clone(), piece);
            let blinds = &mut blinds[range];
            A::fill_random(stream, blinds);
            wide!(|| piece.iter_mut().zip(&*blinds).for_each(|(mine, blind)| *mine -= *blind));
        };
        A::exchange_made(net, peer, peer, CROSS, &mut mine, &mut make, theirs)?;
        wide!(|| theirs.iter_mut().zip(&mine).for_each(|(other, mine)| *other += *mine));
        Ok(out)
    }
}
