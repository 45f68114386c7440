//! Shuffles and sorting of rows that are spread over nodes: all nodes of all parties in one process.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::thread;

use caucus_core::algebra::{Z64, Z72};
use caucus_core::net::Net;

use super::*;
use crate::testing::{Conform, test_prg, world};
use crate::{Emulate, Protocol, Replicated, ShareVector};

/// Runs all nodes of all parties, `count` of each. Gives what they return, by set and party.
fn nodes<P: Conform, T: Send>(
    seed: u64,
    count: usize,
    body: impl Fn(&mut P, &mut Net, &mut Comm) -> T + Sync,
) -> Vec<Vec<T>> {
    let comms: Vec<_> = (0..P::PARTIES).map(|_| Comm::local(count)).collect();
    let comms: Vec<Vec<_>> = comms
        .into_iter()
        .map(|party| party.into_iter().map(|comm| Mutex::new(Some(comm))).collect())
        .collect();
    thread::scope(|scope| {
        let (comms, body) = (&comms, &body);
        let set = |set: usize| {
            move || {
                // Sets agree on seeds of their own.
                world::<P, T>(seed * 64 + set as u64, |protocol, net| {
                    let mut comm = comms[net.me().index()][set].lock().unwrap().take().unwrap();
                    body(protocol, net, &mut comm)
                })
            }
        };
        let sets: Vec<_> = (0..count).map(|it| scope.spawn(set(it))).collect();
        sets.into_iter().map(|it| it.join().unwrap()).collect()
    })
}

/// Small numbers that follow from a seed.
fn numbers(seed: u64, n: usize, below: u64) -> Vec<u64> {
    let mut words = vec![0; n];
    test_prg(seed).fill_u64(&mut words);
    words.into_iter().map(|word| word % below).collect()
}

/// What `body` makes of rows that are spread over nodes, in the clear.
fn spread<P: Conform>(
    seed: u64,
    count: usize,
    rows: &[Vec<u64>],
    body: impl Fn(&mut P, &mut Net, &mut Shards<'_>, &P::Vector) -> P::Vector + Sync,
) -> Vec<Vec<u64>> {
    let shares = nodes::<P, _>(seed, count, |protocol, net, comm| {
        let mut shards = Shards::new(comm, rows.len());
        let mine: Vec<P::Ring> = rows[shards.mine()]
            .iter()
            .flatten()
            .map(|it| P::Ring::from_u128(*it as u128))
            .collect();
        let mut a = P::Vector::default();
        let owner = caucus_core::ids::PartyId::new(0);
        protocol.input(net, owner, Some(&mine), mine.len(), &mut a).unwrap();
        body(protocol, net, &mut shards, &a)
    });
    let width = rows.first().map_or(1, Vec::len);
    let values = shares.iter().flat_map(|parties| P::reconstruct(parties));
    let values: Vec<u64> = values.map(|value| value.to_u128() as u64).collect();
    values.chunks(width).map(<[u64]>::to_vec).collect()
}

fn shuffled<P: Conform>(seed: u64, count: usize, rows: &[Vec<u64>]) -> Vec<Vec<u64>> {
    spread::<P>(seed, count, rows, |protocol, net, shards, a| {
        let mut out = P::Vector::default();
        protocol.shuffle_shards(net, shards, a, &mut out).unwrap();
        assert_eq!(out.len(), a.len(), "shards keep their lengths");
        out
    })
}

fn matrix(seed: u64, n: usize, width: usize, below: u64) -> Vec<Vec<u64>> {
    numbers(seed, n * width, below).chunks(width).map(<[u64]>::to_vec).collect()
}

fn shuffles_keep_rows<P: Conform>() {
    for (count, n, width) in
        [(1, 5, 1), (2, 0, 1), (2, 1, 2), (4, 3, 1), (4, 101, 1), (3, 250, 3), (5, 64, 2)]
    {
        let rows = matrix(n as u64, n, width, 1 << 40);
        let found = shuffled::<P>(7, count, &rows);
        assert!(n < 50 || found != rows, "{n} rows are shuffled");
        let sorted = |mut rows: Vec<Vec<u64>>| {
            rows.sort_unstable();
            rows
        };
        assert_eq!(sorted(found), sorted(rows), "{count} nodes, {n} rows");
    }
}

#[test]
fn shuffles_among_nodes_keep_rows_whole() {
    shuffles_keep_rows::<Emulate<Z64>>();
    shuffles_keep_rows::<Replicated<Z64>>();
    shuffles_keep_rows::<Replicated<Z72>>();
}

#[test]
fn each_order_is_as_likely_as_the_others() {
    const DRAWS: usize = 1200;
    println!("seed 11");
    let shares = nodes::<Replicated<Z64>, _>(11, 2, |protocol, net, comm| {
        let mut shards = Shards::new(comm, 3);
        let mine: Vec<Z64> = shards.mine().map(|row| Z64::from_u128(row as u128)).collect();
        let mut a = Default::default();
        protocol.public(&mine, &mut a);
        let mut all = Vec::new();
        for _ in 0..DRAWS {
            let mut out = Default::default();
            protocol.shuffle_shards(net, &mut shards, &a, &mut out).unwrap();
            all.push(out);
        }
        all
    });
    let mut counts = BTreeMap::new();
    for draw in 0..DRAWS {
        let order: Vec<u128> = shares
            .iter()
            .flat_map(|set| {
                let parties: Vec<_> = set.iter().map(|party| party[draw].clone()).collect();
                Replicated::<Z64>::reconstruct(&parties)
            })
            .map(|value| value.to_u128())
            .collect();
        *counts.entry(order).or_insert(0_usize) += 1;
    }
    assert_eq!(counts.len(), 6);
    // 200 each; the standard deviation is 13.
    assert!(counts.values().all(|count| count.abs_diff(200) < 80), "{counts:?}");
}

/// What parties send each other tells nothing of where rows go: it is as much as for a shuffle of the shard alone.
#[test]
fn what_goes_between_parties_depends_on_the_lengths_of_shards_only() {
    for seed in 0..5 {
        let sent = nodes::<Replicated<Z64>, _>(seed, 3, |protocol, net, comm| {
            let mut shards = Shards::new(comm, 100);
            let n = shards.mine().len();
            let before = net.stats();
            let mut out = Default::default();
            protocol
                .shuffle_shards(net, &mut shards, &crate::Shares::zeros(2 * n), &mut out)
                .unwrap();
            net.flush().unwrap();
            let after = net.stats();
            (after.bytes_sent() - before.bytes_sent(), after.rounds - before.rounds)
        });
        for (set, n) in [34_usize, 33, 33].into_iter().enumerate() {
            let one = nodes::<Replicated<Z64>, _>(seed, 1, |protocol, net, _| {
                let before = net.stats();
                let mut out = Default::default();
                protocol.shuffle(net, n, &crate::Shares::zeros(2 * n), &mut out).unwrap();
                net.flush().unwrap();
                let after = net.stats();
                (after.bytes_sent() - before.bytes_sent(), after.rounds - before.rounds)
            });
            assert_eq!(sent[set], one[0], "seed {seed}");
        }
    }
}

fn sorted<P: Conform>(
    seed: u64,
    count: usize,
    rows: &[Vec<u64>],
    keys: &[(usize, u32)],
) -> Vec<Vec<u64>> {
    spread::<P>(seed, count, rows, |protocol, net, shards, a| {
        sort(protocol, net, shards, keys, a).unwrap()
    })
}

/// Sorted as [`sort()`] says.
fn model(rows: &[Vec<u64>], keys: &[(usize, u32)]) -> Vec<Vec<u64>> {
    let mut rows = rows.to_vec();
    let signed = |value: u64, bits: u32| (value << (64 - bits)) as i64 >> (64 - bits);
    rows.sort_by_key(|row| {
        keys.iter().map(|(column, bits)| signed(row[*column], *bits)).collect::<Vec<_>>()
    });
    rows
}

fn sorts<P: Conform>() {
    // Numbers are shorter than the keys, as long, longer; they occur once or often.
    type Keys = &'static [(usize, u32)];
    let cases: [(usize, usize, usize, u64, Keys); 15] = [
        (1, 10, 1, 9, &[(0, 8)]),
        (2, 0, 1, 9, &[(0, 8)]),
        (4, 1, 1, 9, &[(0, 8)]),
        (4, 3, 2, 9, &[(1, 8)]),
        (2, 101, 1, 1 << 20, &[(0, 32)]),
        (3, 97, 2, 4, &[(0, 3)]),
        (4, 200, 2, 1 << 63, &[(1, 64)]),
        (4, 150, 2, 1 << 20, &[(0, 7)]),
        (1, 150, 2, 1 << 20, &[(0, 7)]),
        (3, 120, 3, 3, &[(2, 2), (0, 64)]),
        (2, 60, 1, 1, &[(0, 1)]),
        (5, 300, 2, 30, &[(0, 6)]),
        // All columns are keys, with all their bits and with fewer than tell rows apart.
        (3, 100, 1, 9, &[(0, 64)]),
        (4, 150, 1, 1 << 20, &[(0, 7)]),
        (3, 120, 2, 1 << 10, &[(1, 3), (0, 4)]),
    ];
    for (count, n, width, below, keys) in cases {
        let mut rows = matrix(n as u64, n, width, below);
        // The last column tells rows with equal keys apart.
        if width > 1 && !keys.iter().any(|(column, _)| *column == width - 1) {
            (0..n).for_each(|row| rows[row][width - 1] = row as u64);
        }
        // Some are negative.
        rows.iter_mut().step_by(3).for_each(|row| row[0] = row[0].wrapping_neg());
        let found = sorted::<P>(5, count, &rows, keys);
        assert_eq!(found, model(&rows, keys), "{count} nodes, {n} rows, keys {keys:?}");
    }
}

#[test]
fn rows_spread_over_nodes_are_sorted_stably() {
    sorts::<Emulate<Z64>>();
    sorts::<Replicated<Z64>>();
}

/// Rows with equal keys are spread like others, so that buckets do not tell how often keys occur.
#[test]
fn lengths_of_buckets_do_not_depend_on_keys() {
    const ROWS: usize = 4000;
    for below in [1, 2, 1 << 30] {
        let values = numbers(3, ROWS, below);
        let lens = nodes::<Emulate<Z64>, _>(9, 4, |protocol, net, comm| {
            let mut shards = Shards::new(comm, ROWS);
            let mine = values[shards.mine()].iter().map(|it| Z64::from_u128(u128::from(*it)));
            let mut a = Default::default();
            protocol.public(&mine.collect::<Vec<_>>(), &mut a);
            sort(protocol, net, &mut shards, &[(0, 32)], &a).unwrap().len()
        });
        // 1000 each; the standard deviation is about 60.
        assert!(lens.iter().flatten().all(|len| len.abs_diff(1000) < 400), "{below}: {lens:?}");
        assert_eq!(lens.iter().flatten().sum::<usize>(), ROWS);
    }
}

#[test]
fn shards_are_consecutive_and_about_equally_long() {
    for rows in [0, 1, 2, 7, 100, 1 << 31] {
        for count in 1..9 {
            let parts: Vec<_> = (0..count).map(|it| Shards::part(rows, count, it)).collect();
            assert_eq!((parts[0].start, parts[count - 1].end), (0, rows));
            assert!(parts.windows(2).all(|pair| pair[0].end == pair[1].start));
            let lens = parts.iter().map(ExactSizeIterator::len);
            assert!(lens.clone().max().unwrap() - lens.min().unwrap() <= 1);
            assert!(rows == 0 || !parts[0].is_empty());
            for (shard, part) in parts.iter().enumerate() {
                let ends = [part.start, part.end.saturating_sub(1)];
                for row in ends.into_iter().filter(|it| part.contains(it)) {
                    assert_eq!(Shards::part_of(rows, count, row), shard);
                }
            }
        }
    }
}
