//! Making secrets public, to all parties or to one.

use std::ops::Range;

use caucus_core::algebra::Ring;
use caucus_core::ids::PartyId;
use caucus_core::net::{Net, Step};
use caucus_core::wide;

use super::algebra::Algebra;
use super::{N_PARTIES, Replicated, next, previous};
use crate::Error;

impl<R: Ring> Replicated<R> {
    /// Party i lacks x_{i+2}, the second component of party i + 1: each sends its second component to the previous
    /// party. One element per lane, one round.
    pub(super) fn open_to_all(
        &mut self,
        net: &mut Net,
        a: [&[R]; 2],
        out: &mut Vec<R>,
    ) -> Result<(), Error> {
        R::resize(out, a[0].len());
        if out.is_empty() {
            return Ok(());
        }
        let (to, from) = (net.neighbor(N_PARTIES - 1), net.neighbor(1));
        let mut usage = |range: Range<usize>, piece: &mut [R]| {
            complete(a.map(|part| &part[range.clone()]), piece);
        };
        net.exchange_ring_used(to, from, Step::Open, a[1], out, &mut usage)?;
        Ok(())
    }

    /// The party after the receiver sends its second component; the third party does nothing.
    pub(super) fn open_to_one(
        &mut self,
        net: &mut Net,
        a: [&[R]; 2],
        to: PartyId,
    ) -> Result<Option<Vec<R>>, Error> {
        let lanes = a[0].len();
        if lanes > 0 {
            net.count_round();
        }
        if self.me == to {
            let mut values = vec![R::ZERO; lanes];
            if lanes > 0 {
                net.recv_ring(next(to), Step::OpenTo, &mut values)?;
                complete(a, &mut values);
            }
            return Ok(Some(values));
        }
        if to == previous(self.me) && lanes > 0 {
            net.send_ring(to, Step::OpenTo, a[1])?;
        }
        Ok(None)
    }
}

/// Adds this party's components to the missing one.
fn complete<R: Ring>([first, second]: [&[R]; 2], values: &mut [R]) {
    wide!(|| {
        for ((value, first), second) in values.iter_mut().zip(first).zip(second) {
            *value += *first + *second;
        }
    });
}
