//! Shuffles, permutations and sorting: compared with what they do in the clear.

use std::collections::BTreeMap;

use caucus_core::algebra::Ring;
use caucus_core::ids::PartyId;
use caucus_core::net::Net;
use caucus_core::random::Prg;

use super::{Case, Conform, compare, random_elements, world};
use crate::permutation::Permutation;
use crate::{Direction, Error, ShareVector};

/// Rows and columns.
const SHAPES: [(usize, usize); 8] =
    [(0, 1), (1, 1), (1, 3), (2, 1), (63, 2), (64, 1), (65, 1), (1000, 3)];

/// Checks what a protocol does with the order of secrets.
pub(super) fn conformance<P: Conform>(seed: u64) {
    for (rows, width) in SHAPES {
        shuffles::<P>(seed, rows, width);
        compare::<P>(seed, rows, |protocol, net, prg| rearranged(protocol, net, prg, rows, width));
        for (columns, bits) in [(1, 1), (1, 3), (2, 4), (3, 1), (1, 17)] {
            compare::<P>(seed, rows, |protocol, net, prg| {
                sorted(protocol, net, prg, (rows, width), &vec![bits; columns])
            });
        }
        let most = P::Ring::BITS;
        compare::<P>(seed, rows, |protocol, net, prg| {
            sorted(protocol, net, prg, (rows, width), &[2, most, 5])
        });
    }
    kept::<P>(seed);
    refusals::<P>(seed);
    each_order_is_as_likely::<P>(seed);
}

/// Shares values that all parties know, as the input of one.
fn share<P: Conform>(protocol: &mut P, net: &mut Net, values: &[P::Ring]) -> P::Vector {
    let owner = PartyId::new((values.len() % P::PARTIES) as u8);
    let mut shares = P::Vector::default();
    protocol
        .input(net, owner, Some(values), values.len(), &mut shares)
        .expect("parties are honest");
    shares
}

fn numbers<R: Ring>(n: usize) -> Vec<R> {
    (0..n).map(|idx| R::from_u128(idx as u128)).collect()
}

/// The rows of a matrix, in increasing order.
fn ordered<R: Ring>(values: &[R], width: usize) -> Vec<Vec<u128>> {
    let rows = values.chunks(width).map(|row| row.iter().map(|value| value.to_u128()).collect());
    let mut rows: Vec<Vec<u128>> = rows.collect();
    rows.sort_unstable();
    rows
}

/// A shuffle has the same rows in another order, another time in yet another one.
fn shuffles<P: Conform>(seed: u64, rows: usize, width: usize) {
    let values: Vec<P::Ring> = numbers(rows * width);
    let parties = world::<P, _>(seed, |protocol, net| {
        let a = share(protocol, net, &values);
        [(); 2].map(|()| {
            let mut out = P::Vector::zeros(2);
            protocol.shuffle(net, rows, &a, &mut out).expect("the parties are honest");
            out
        })
    });
    let found = [0, 1].map(|idx| {
        let shares: Vec<_> = parties.iter().map(|party| party[idx].clone()).collect();
        P::reconstruct(&shares)
    });
    for found in &found {
        assert_eq!(ordered(found, width), ordered(&values, width), "{rows} rows, seed {seed}");
        assert!(rows < 60 || *found != values, "{rows} rows are shuffled, seed {seed}");
    }
    assert!(rows < 60 || found[0] != found[1], "shuffles differ, seed {seed}");
}

fn rearranged<P: Conform>(
    protocol: &mut P,
    net: &mut Net,
    prg: &mut Prg,
    rows: usize,
    width: usize,
) -> Result<Vec<Case<P>>, Error> {
    let values: Vec<P::Ring> = random_elements(prg, rows * width);
    let places: Vec<P::Ring> = Permutation::random(prg, rows).rows(&numbers(rows));
    let [a, secret_places] = [&values, &places].map(|values| share(protocol, net, values));
    let row = |idx: usize| &values[idx * width..][..width];
    let place = |idx: usize| places[idx].to_u128() as usize;
    let mut moved = values.clone();
    for idx in 0..rows {
        moved[place(idx) * width..][..width].copy_from_slice(row(idx));
    }
    let taken: Vec<P::Ring> = (0..rows).flat_map(|idx| row(place(idx)).to_vec()).collect();
    let mut cases: Vec<Case<P>> = Vec::new();
    for (direction, expected) in [(Direction::Forward, moved), (Direction::Backward, taken)] {
        let mut out = P::Vector::zeros(2);
        protocol.rearrange(net, &secret_places, direction, &a, &mut out)?;
        cases.push(("rearrange", out, expected));
    }
    Ok(cases)
}

fn sorted<P: Conform>(
    protocol: &mut P,
    net: &mut Net,
    prg: &mut Prg,
    (rows, width): (usize, usize),
    bits: &[u32],
) -> Result<Vec<Case<P>>, Error> {
    let values: Vec<P::Ring> = random_elements(prg, rows * width);
    // What is above the bits that count does not matter, and must not.
    let keys: Vec<Vec<P::Ring>> = bits.iter().map(|_| random_elements(prg, rows)).collect();
    let a = share(protocol, net, &values);
    let shared: Vec<_> = keys.iter().map(|key| share(protocol, net, key)).collect();
    let mut order: Vec<usize> = (0..rows).collect();
    let low = |value: P::Ring, bits: u32| value.to_u128() & (u128::MAX >> (u128::BITS - bits));
    order.sort_by_key(|row| {
        let parts = keys.iter().zip(bits).map(|(key, bits)| low(key[*row], *bits));
        parts.collect::<Vec<_>>()
    });
    let expected = order.iter().flat_map(|row| values[row * width..][..width].to_vec()).collect();
    let with_bits: Vec<_> = shared.iter().zip(bits).map(|(key, bits)| (key, *bits)).collect();
    let mut out = P::Vector::zeros(2);
    protocol.sort(net, &with_bits, &a, &mut out)?;
    Ok(vec![("sort", out, expected)])
}

/// Permutations that are kept do the same to all vectors, in each thread, and are undone.
fn kept<P: Conform>(seed: u64) {
    const ROWS: usize = 100;
    let values: Vec<P::Ring> = numbers(ROWS);
    let parties = world::<P, _>(seed, |protocol, net| {
        let a = share(protocol, net, &values);
        let mut pairs = P::Vector::default();
        let doubled: Vec<P::Ring> = values.iter().flat_map(|value| [*value, *value]).collect();
        protocol.public(&doubled, &mut pairs);
        let mut fork = protocol.fork(3);
        let mine = protocol.new_permutation(net, ROWS).expect("it is random");
        let other = fork.new_permutation(net, ROWS).expect("it is random");
        let mut results = Vec::new();
        for (in_fork, number) in [(false, mine), (true, mine), (true, other)] {
            let state = if in_fork { &mut fork } else { &mut *protocol };
            for a in [&a, &pairs] {
                let [mut out, mut back] = [(); 2].map(|()| P::Vector::zeros(1));
                let forward = Direction::Forward;
                state.permute(net, number, forward, ROWS, a, &mut out).expect("it is kept");
                let backward = Direction::Backward;
                state.permute(net, number, backward, ROWS, &out, &mut back).expect("it is kept");
                results.extend([out, back]);
            }
        }
        (mine, other, results)
    });
    for party in &parties {
        assert_eq!((party.0, party.1), (parties[0].0, parties[0].1), "numbers are equal");
    }
    let found: Vec<Vec<u128>> = (0..parties[0].2.len())
        .map(|idx| {
            let shares: Vec<_> = parties.iter().map(|party| party.2[idx].clone()).collect();
            P::reconstruct(&shares).into_iter().map(Ring::to_u128).collect()
        })
        .collect();
    let expected: Vec<u128> = values.iter().map(|value| value.to_u128()).collect();
    let pairs = |values: &[u128]| values.iter().flat_map(|value| [*value; 2]).collect::<Vec<_>>();
    for case in found.chunks(4) {
        assert_ne!(case[0], expected, "it is permuted, seed {seed}");
        assert_eq!(case[2], pairs(&case[0]), "rows are permuted alike, seed {seed}");
        assert_eq!((&case[1], &case[3]), (&expected, &pairs(&expected)), "seed {seed}");
    }
    assert_eq!(found[0], found[4], "the same permutation in another thread, seed {seed}");
    assert_ne!(found[0], found[8], "another permutation, seed {seed}");
}

fn refusals<P: Conform>(seed: u64) {
    world::<P, _>(seed, |protocol, net| {
        let a = share(protocol, net, &numbers(6));
        let mut out = P::Vector::default();
        let number = protocol.new_permutation(net, 3).expect("it is random");
        let forward = Direction::Forward;
        let mut permute = |number, rows| {
            protocol
                .permute(net, number, forward, rows, &a, &mut out)
                .expect_err("it must be refused")
                .to_string()
        };
        assert_eq!(permute(number, 6), "a permutation of 3 items is applied to 6");
        assert_eq!(permute(77, 6), "there is no permutation with number 77");
        for numbers in [[0, 1, 3], [0, 0, 1], [0, 1, -1]] {
            let numbers = share(protocol, net, &numbers.map(P::Ring::from_i64));
            for direction in [forward, Direction::Backward] {
                let error = protocol
                    .rearrange(net, &numbers, direction, &a, &mut out)
                    .expect_err("it must be refused");
                assert_eq!(error.to_string(), "the numbers are no permutation of 0 to 2");
            }
        }
    });
}

fn each_order_is_as_likely<P: Conform>(seed: u64) {
    const SHUFFLES: usize = 2400;
    let values: Vec<P::Ring> = numbers(3);
    let parties = world::<P, _>(seed, |protocol, net| {
        let a = share(protocol, net, &values);
        let mut all = P::Vector::default();
        for _ in 0..SHUFFLES {
            let mut out = P::Vector::default();
            protocol.shuffle(net, 3, &a, &mut out).expect("the parties are honest");
            all.append(&out);
        }
        all
    });
    let mut counts = BTreeMap::new();
    for order in P::reconstruct(&parties).chunks(3) {
        let order: Vec<_> = order.iter().map(|value| value.to_u128()).collect();
        *counts.entry(order).or_insert(0_usize) += 1;
    }
    assert_eq!(counts.len(), 6);
    // 400 each; the standard deviation is 18.
    assert!(counts.values().all(|count| count.abs_diff(400) < 110), "{counts:?}, seed {seed}");
}
