//! All parties of a protocol in one process, and what every protocol must do.
//!
//! For tests of this crate and of those above it. Randomness comes from a seed that is given, so that a failure can be
//! repeated; assertions name it.

mod conformance;

use std::panic::resume_unwind;
use std::thread;
use std::time::Duration;

use caucus_core::algebra::Ring;
use caucus_core::ids::PartyId;
use caucus_core::net::Net;
use caucus_core::random::{Label, Prg, Seed};

use crate::{BitShares, BitVector, Emulate, Protocol, Replicated, SessionId, ShareVector};

pub use conformance::conformance;

/// A protocol whose parties can all be run in one process.
pub trait Conform: Protocol {
    /// The number of parties.
    const PARTIES: usize;

    /// The state of one party's main thread, with all randomness from a seed that all parties know: not secure.
    fn dealt(seed: &Seed, me: PartyId) -> Self;

    /// The values of a vector, from the shares of all parties in their order.
    ///
    /// # Panics
    /// If the shares of different parties do not fit together.
    fn reconstruct(shares: &[Self::Vector]) -> Vec<Self::Ring>;

    /// The bits of a vector, from the shares of all parties in their order; `None` if the protocol has no secret bits.
    ///
    /// # Panics
    /// If the shares of different parties do not fit together.
    fn reconstruct_bits(_shares: &[Self::Bits]) -> Option<Vec<bool>> {
        None
    }
}

impl<R: Ring> Conform for Emulate<R> {
    const PARTIES: usize = 1;

    fn dealt(seed: &Seed, _me: PartyId) -> Self {
        Self::with_seed(seed, &SessionId::new([0; 32]))
    }

    fn reconstruct(shares: &[Self::Vector]) -> Vec<R> {
        assert_eq!(shares.len(), Self::PARTIES, "shares of all parties");
        shares[0].component(0).to_vec()
    }

    fn reconstruct_bits(shares: &[Self::Bits]) -> Option<Vec<bool>> {
        assert_eq!(shares.len(), Self::PARTIES, "shares of all parties");
        Some(shares[0].bits().collect())
    }
}

impl<R: Ring> Conform for Replicated<R> {
    const PARTIES: usize = 3;

    fn dealt(seed: &Seed, me: PartyId) -> Self {
        let pair = |party: usize| derive(seed, "pair", (party % Self::PARTIES) as u32);
        let [with_next, with_previous] = [me.index(), me.index() + 2].map(pair);
        Self::with_seeds(me, &with_next, &with_previous, &SessionId::new([0; 32]))
    }

    fn reconstruct(shares: &[Self::Vector]) -> Vec<R> {
        assert_eq!(shares.len(), Self::PARTIES, "shares of all parties");
        for party in 0..3 {
            let [mine, next] = [party, (party + 1) % 3].map(|party| shares[party].parts());
            assert_eq!(mine[0].len(), mine[1].len(), "components of P{party} have equal lengths");
            assert!(mine[1] == next[0], "what P{party} shares with the next party is equal");
        }
        let [a, b, c] = [0, 1, 2].map(|party| shares[party].component(0));
        a.iter().zip(b).zip(c).map(|((a, b), c)| *a + *b + *c).collect()
    }

    fn reconstruct_bits(shares: &[Self::Bits]) -> Option<Vec<bool>> {
        assert_eq!(shares.len(), Self::PARTIES, "shares of all parties");
        for party in 0..3 {
            let [mine, next] = [party, (party + 1) % 3].map(|party| &shares[party]);
            assert_eq!(mine.len(), next.len(), "shares of P{party} have the lengths of others");
            assert!(
                mine.parts()[1] == next.parts()[0],
                "what P{party} shares with the next is equal"
            );
        }
        let [a, b, c] = [0, 1, 2].map(|party| shares[party].parts()[0]);
        let sums = a.iter().zip(b).zip(c).map(|((a, b), c)| *a + *b + *c).collect();
        Some(BitShares::from_parts([sums], shares[0].len()).bits().collect())
    }
}

/// Runs all parties, each in a thread of its own over a local mesh, with randomness from `seed`. Returns what they
/// return, in their order.
///
/// # Panics
/// If one of them does.
pub fn world<P: Conform, T: Send>(
    seed: u64,
    body: impl Fn(&mut P, &mut Net) -> T + Sync,
) -> Vec<T> {
    let seed = test_seed(seed);
    thread::scope(|scope| {
        let (body, seed) = (&body, &seed);
        let nets = Net::local_mesh(P::PARTIES).into_iter();
        let party = |mut net: Net| {
            move || {
                net.set_timeout(Duration::from_secs(30));
                let res = body(&mut P::dealt(seed, net.me()), &mut net);
                // What is still queued may be what another party waits for. If that one has failed, its own panic
                // says more than this error.
                let _ = net.close();
                res
            }
        };
        let threads: Vec<_> = nets.map(|net| scope.spawn(party(net))).collect();
        let results: Vec<_> = threads.into_iter().map(thread::ScopedJoinHandle::join).collect();
        results
            .into_iter()
            .map(|result| result.unwrap_or_else(|panic| resume_unwind(panic)))
            .collect()
    })
}

/// The stream of a test's own choices, equal at all parties.
pub fn test_prg(seed: u64) -> Prg {
    derive(&test_seed(seed), "choices", 0).prg()
}

/// Uniform elements.
pub fn random_elements<R: Ring>(prg: &mut Prg, n: usize) -> Vec<R> {
    let mut elements = vec![R::ZERO; n];
    R::fill_random(prg, &mut elements);
    elements
}

fn test_seed(seed: u64) -> Seed {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    Seed::from_bytes(bytes)
}

fn derive(seed: &Seed, purpose: &str, node: u32) -> Seed {
    seed.derive(&Label { protocol: "testing", purpose, thread: 0, node, epoch: 0 })
}
