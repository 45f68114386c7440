//! Private inputs.

use std::ops::Range;

use caucus_core::algebra::Ring;
use caucus_core::ids::PartyId;
use caucus_core::net::{Net, Step};
use caucus_core::wide;

use super::algebra::Algebra;
use super::{Replicated, next, previous};
use crate::emulate::owned_input;
use crate::{Error, Given};

impl<R: Ring> Replicated<R> {
    /// Shares the owner's values x: x_{o+1} = r from the stream that owner o shares with party o + 1, x_{o+2} = 0,
    /// and x_o = x - r, which the owner sends to party o - 1. One element per value, sent by the owner alone.
    ///
    /// Party o + 1 sees r and 0, party o - 1 sees 0 and x - r, where r is uniform to it: neither learns anything. A
    /// sharing of three uniform summands would cost two elements, as party o - 1 and party o + 1 then both lack
    /// one that depends on x. It is not needed: products are blinded by sharings of zero, and what is opened is
    /// determined by its value and the two summands that the receiver has.
    pub(super) fn share_input<A: Algebra>(
        &mut self,
        net: &mut Net,
        owner: PartyId,
        values: Option<&[A]>,
        n: usize,
        out: &mut [Vec<A>; 2],
    ) -> Result<(), Error> {
        if n > 0 {
            net.count_round();
        }
        self.share_some(net, owner, values, n, out)
    }

    /// Shares the values of several owners in one round: everybody sends before waiting for others.
    pub(super) fn share_inputs(
        &mut self,
        net: &mut Net,
        inputs: &[Given<'_, R>],
    ) -> Result<Vec<[Vec<R>; 2]>, Error> {
        if inputs.iter().any(|given| given.n > 0) {
            net.count_round();
        }
        let mut shared = vec![[Vec::new(), Vec::new()]; inputs.len()];
        for mine in [true, false] {
            for (given, out) in inputs.iter().zip(&mut shared) {
                let Given { owner, values, n } = *given;
                if (owner == self.me) == mine {
                    self.share_some(net, owner, values, n, out)?;
                }
            }
        }
        Ok(shared)
    }

    /// Shares an owner's values in a round that the caller counts.
    fn share_some<A: Algebra>(
        &mut self,
        net: &mut Net,
        owner: PartyId,
        values: Option<&[A]>,
        n: usize,
        [first, second]: &mut [Vec<A>; 2],
    ) -> Result<(), Error> {
        let is_mine = owner == self.me;
        let values = if is_mine { owned_input(owner, values, n)? } else { &[] };
        if n == 0 {
            first.clear();
            second.clear();
            return Ok(());
        }
        if is_mine {
            A::resize(first, n);
            A::resize(second, n);
            let streams = &mut self.streams;
            let mut make = |range: Range<usize>, piece: &mut [A]| {
                let (masks, values) = (&mut second[range.clone()], &values[range]);
                streams.fill_own_masks(masks);
                wide!(|| {
                    for ((first, mask), value) in piece.iter_mut().zip(&*masks).zip(values) {
                        *first = *value - *mask;
                    }
                });
            };
            A::send_made(net, previous(owner), Step::Input, first, &mut make)?;
        } else if self.me == next(owner) {
            A::resize(first, n);
            self.streams.fill_previous_masks(first);
            A::set_zeros(second, n);
        } else {
            A::set_zeros(first, n);
            A::resize(second, n);
            A::recv(net, owner, Step::Input, second)?;
        }
        Ok(())
    }
}
