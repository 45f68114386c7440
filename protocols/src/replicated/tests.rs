//! Conformance, costs, and what a single party sees.

mod binary;
mod bits;
mod shuffle;

use caucus_core::algebra::{Z64, Z72, Z128};
use caucus_core::stats::NetStats;

use super::*;
use crate::testing::{conformance, random_elements, test_prg, world};

/// Bytes in front of each message.
const HEADER_BYTES: u64 = 8;

#[test]
fn it_computes_what_the_ring_says() {
    println!("seed 1");
    conformance::<Replicated<Z64>>(1);
    conformance::<Replicated<Z72>>(1);
    conformance::<Replicated<Z128>>(1);
}

#[test]
fn seeds_agreed_over_the_network_fit_together() {
    std::thread::scope(|scope| {
        for mut net in Net::local_mesh(3) {
            scope.spawn(move || {
                let mut protocol =
                    Replicated::<Z64>::setup(&mut net, &SessionId::new([7; 32])).unwrap();
                assert_eq!((net.stats().rounds, net.stats().bytes_sent()), (1, 32 + HEADER_BYTES));
                let mut factors = Shares::default();
                protocol.public(&[6, 7].map(Z64::from_i64), &mut factors);
                let (mut fork, mut product) = (protocol.fork(3), Shares::default());
                for state in [&mut protocol, &mut fork] {
                    state.mul(&mut net, &factors, &factors, &mut product).unwrap();
                    let mut opened = Opened::default();
                    state.open(&mut net, &product, &mut opened).unwrap();
                    assert_eq!(opened.into_pending(), [36, 49].map(Z64::from_i64));
                }
            });
        }
    });
}

#[test]
fn another_number_of_parties_is_refused() {
    for n_parties in [1, 2, 4] {
        let mut net = Net::local_mesh(n_parties).remove(0);
        let result = Replicated::<Z64>::setup(&mut net, &SessionId::new([0; 32]));
        let error = result.err().unwrap().to_string();
        assert_eq!(error, format!("protocol `ring` is for 3 parties, found {n_parties}"));
    }
}

/// Rounds, messages and elements that each party sends in one operation.
fn cost<R: Ring>(
    operation: impl Fn(&mut Replicated<R>, &mut Net) -> Result<(), Error> + Sync,
) -> Vec<(u64, u64, u64)> {
    let sent = |stats: &NetStats| {
        let messages: u64 = stats.links.iter().map(|(_, link)| link.messages_sent).sum();
        (stats.rounds, messages, stats.bytes_sent())
    };
    world(1, |protocol, net| {
        let before = sent(&net.stats());
        operation(protocol, net).unwrap();
        let after = sent(&net.stats());
        let (rounds, messages) = (after.0 - before.0, after.1 - before.1);
        let bytes = after.2 - before.2 - messages * HEADER_BYTES;
        assert_eq!(bytes % R::BYTES as u64, 0, "whole elements are sent");
        (rounds, messages, bytes / R::BYTES as u64)
    })
}

fn costs_are_as_stated<R: Ring>() {
    let vector = || Shares::<R, 2>::zeros(1000);
    let elements = vec![R::ONE; 1000];
    let out = &Shares::<R, 2>::default;
    let equal = |elements| vec![(1, 1, elements); 3];
    assert_eq!(cost::<R>(|ring, net| ring.mul(net, &vector(), &vector(), &mut out())), equal(1000));
    for results in [1, 10] {
        let found = cost::<R>(|ring, net| ring.dot(net, &vector(), &vector(), results, &mut out()));
        assert_eq!(found, equal(results as u64));
    }
    let dims = (20, 50, 20);
    let found = cost::<R>(|ring, net| ring.matmul(net, &vector(), &vector(), dims, &mut out()));
    assert_eq!(found, equal(400));
    let found = cost::<R>(|ring, net| ring.open(net, &vector(), &mut Opened::default()));
    assert_eq!(found, equal(1000));
    for party in 0..3 {
        let id = PartyId::new(party);
        let found = cost::<R>(|ring, net| ring.open_to(net, &vector(), id).map(|_| ()));
        let mut expected = vec![(1, 0, 0); 3];
        expected[next(id).index()] = (1, 1, 1000);
        assert_eq!(found, expected);
        let found = cost::<R>(|ring, net| ring.input(net, id, Some(&elements), 1000, &mut out()));
        let mut expected = vec![(1, 0, 0); 3];
        expected[id.index()] = (1, 1, 1000);
        assert_eq!(found, expected);
    }
}

#[test]
fn costs_are_as_stated_in_every_ring() {
    costs_are_as_stated::<Z64>();
    costs_are_as_stated::<Z72>();
    costs_are_as_stated::<Z128>();
}

#[test]
fn what_is_local_or_empty_costs_nothing() {
    let found = cost::<Z64>(|ring, net| {
        let mut out = Shares::default();
        ring.public(&[Z64::ONE; 10], &mut out);
        ring.add_public(&out.clone(), &[Z64::ONE], &mut out);
        ring.random(10, &mut out);
        let _checked = ring.check(net)?;
        let empty = Shares::default();
        ring.mul(net, &empty, &empty, &mut out)?;
        ring.dot(net, &empty, &empty, 0, &mut out)?;
        ring.matmul(net, &empty, &empty, (0, 5, 0), &mut out)?;
        ring.open(net, &empty, &mut Opened::default())?;
        for party in [0, 1, 2].map(PartyId::new) {
            ring.open_to(net, &empty, party)?;
            ring.input(net, party, Some(&[]), 0, &mut out)?;
        }
        Ok(())
    });
    assert_eq!(found, [(0, 0, 0); 3]);
}

/// Whether each bit of the elements is set about as often as not.
fn looks_uniform(elements: &[Z64]) -> bool {
    (0..Z64::BITS).all(|bit| {
        let heads = elements.iter().filter(|element| element.to_u128() >> bit & 1 == 1).count();
        let half = elements.len() / 2;
        // Six standard deviations.
        heads.abs_diff(half) < 3 * elements.len().isqrt()
    })
}

#[test]
fn a_single_party_sees_uniform_elements() {
    const LANES: usize = 10_000;
    println!("seed 5");
    for owner in [0, 1, 2].map(PartyId::new) {
        let views = world::<Replicated<Z64>, _>(5, |ring, net| {
            let values = vec![Z64::ONE; LANES];
            let [mut input, mut product] = [Shares::default(), Shares::default()];
            ring.input(net, owner, Some(&values), LANES, &mut input).unwrap();
            // Even products of values that all parties know are blinded.
            let known = Shares::zeros(LANES);
            ring.mul(net, &known, &known, &mut product).unwrap();
            (input, product)
        });
        for (party, (input, product)) in views.iter().enumerate() {
            assert!(product.parts().into_iter().all(looks_uniform), "product at P{party}");
            let is_zero = |part: &[Z64]| part.iter().all(|element| *element == Z64::ZERO);
            for part in input.parts() {
                // The summand that is zero whatever the input says nothing about it.
                assert!(is_zero(part) || looks_uniform(part), "input of {owner} at P{party}");
            }
        }
    }
}

#[test]
fn a_message_of_another_length_is_refused() {
    let results = world::<Replicated<Z64>, _>(1, |ring, net| {
        if ring.me() == PartyId::new(1) {
            net.set_tamper(Box::new(|_, _, bytes| bytes.truncate(bytes.len() - 8)));
        }
        let factors = Shares::zeros(10);
        ring.mul(net, &factors, &factors, &mut Shares::default()).map_err(|error| error.to_string())
    });
    let expected = "expected 80 bytes of mul from P1, found 72 bytes of mul";
    assert_eq!(results[0], Err(expected.to_owned()));
}

#[test]
fn long_vectors_do_not_deadlock() {
    const LANES: usize = 3_000_000;
    let values: Vec<Z64> = random_elements(&mut test_prg(2), LANES);
    let squares: Vec<Z64> = values.iter().map(|value| *value * *value).collect();
    world::<Replicated<Z64>, _>(2, |ring, net| {
        let [mut a, mut product] = [Shares::default(), Shares::default()];
        ring.input(net, PartyId::new(0), Some(&values), LANES, &mut a).unwrap();
        ring.mul(net, &a, &a, &mut product).unwrap();
        let mut opened = Opened::default();
        ring.open(net, &product, &mut opened).unwrap();
        assert!(opened.into_pending() == squares);
    });
}
