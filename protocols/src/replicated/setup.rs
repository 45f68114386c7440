//! Agreement on seeds: each two parties share one.

use std::marker::PhantomData;

use caucus_core::algebra::Ring;
use caucus_core::ids::PartyId;
use caucus_core::net::{Net, Step};
use caucus_core::random::Seed;
use zeroize::Zeroizing;

use super::random::Streams;
use super::shuffle::Known;
use super::{N_PARTIES, Replicated};
use crate::permutation::Kept;
use crate::stream::{Forks, SessionSeed};
use crate::{Error, Protocol, SessionId};

/// The seeds of one party: k_i, which it shares with the next party, and k_{i-1}, shared with the previous one.
#[derive(Clone)]
pub(super) struct Seeds {
    pub(super) with_next: SessionSeed,
    pub(super) with_previous: SessionSeed,
    pub(super) forks: Forks,
}

impl<R: Ring> Replicated<R> {
    /// Each party draws a seed and sends it to the next: 32 bytes and one round. Between two parties the link keeps
    /// it from the third.
    pub(super) fn agree(net: &mut Net, session: &SessionId) -> Result<Self, Error> {
        let found = net.n_parties();
        if found != N_PARTIES {
            return Err(Error::WrongParties { protocol: Self::NAME, expected: N_PARTIES, found });
        }
        let with_next = session.own_seed(net.me());
        let mut with_previous = Zeroizing::new([0; 32]);
        let (next, previous) = (net.neighbor(1), net.neighbor(N_PARTIES - 1));
        net.exchange(next, previous, Step::Setup, with_next.as_bytes(), &mut *with_previous)?;
        let with_previous = Seed::from_bytes(*with_previous);
        Ok(Self::with_seeds(net.me(), &with_next, &with_previous, session))
    }

    /// The state of the main thread with these seeds.
    pub(crate) fn with_seeds(
        me: PartyId,
        with_next: &Seed,
        with_previous: &Seed,
        session: &SessionId,
    ) -> Self {
        let [with_next, with_previous] =
            [with_next, with_previous].map(|seed| SessionSeed::new(Self::NAME, seed, session));
        let seeds = Seeds { with_next, with_previous, forks: Forks::new() };
        Self::on_thread(me, seeds, Kept::new(), 0)
    }

    /// A new state of this thread.
    pub(super) fn on_thread(me: PartyId, seeds: Seeds, kept: Kept<Known>, thread: u32) -> Self {
        let streams = Streams::new(&seeds, seeds.forks.place(thread));
        Self { me, thread, seeds, streams, kept, ring: PhantomData }
    }
}
