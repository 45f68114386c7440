//! What shuffles, permutations and sorting cost, and what is sent for them.

use std::sync::{Arc, Mutex};

use super::bits::{LANES, all_carries, log2, traffic};
use super::*;

/// Rounds and bytes, if P1 sends so many bytes per row and the others so many.
fn expected(rounds: u64, middle: usize, others: usize) -> Vec<(u64, u64)> {
    [others, middle, others].map(|bytes| (rounds, (bytes * LANES) as u64)).to_vec()
}

fn costs_are_as_stated<R: Ring>() {
    let out = &Shares::<R, 2>::default;
    let element = R::BYTES;
    let numbers: Vec<R> = (0..LANES).map(|idx| R::from_u128(idx as u128)).collect();
    for width in [1, 3] {
        let rows = || Shares::<R, 2>::zeros(width * LANES);
        let found = traffic::<R>(|ring, net, _| ring.shuffle(net, LANES, &rows(), &mut out()));
        assert_eq!(found, expected(2, 2 * width * element, width * element));
        for direction in [Direction::Forward, Direction::Backward] {
            let found = traffic::<R>(|ring, net, _| {
                let number = ring.new_permutation(net, LANES)?;
                ring.permute(net, number, direction, LANES, &rows(), &mut out())
            });
            assert_eq!(found, expected(2, 2 * width * element, width * element));
            let found = traffic::<R>(|ring, net, _| {
                let mut places = Shares::default();
                ring.public(&numbers, &mut places);
                ring.rearrange(net, &places, direction, &rows(), &mut out())
            });
            let permuted = width + 1;
            let (middle, others) = ((2 * permuted + 1) * element, (permuted + 1) * element);
            let rounds = if direction == Direction::Forward { 3 } else { 5 };
            assert_eq!(found, expected(rounds, middle, others));
        }
        for bits in [1, 2, 3, 4, 32, R::BITS] {
            let found =
                traffic::<R>(|ring, net, a| ring.sort(net, &[(a, bits)], &rows(), &mut out()));
            assert_eq!(found, sorting::<R>(bits, width), "{bits} bits, {width} columns");
        }
    }
}

/// What the comment in front of the protocol states of sorting.
fn sorting<R: Ring>(bits: u32, width: usize) -> Vec<(u64, u64)> {
    let ands = all_carries(bits - 1);
    let decomposition = if bits == 1 { 1 } else { 2 + log2(bits - 1) };
    let group = |first| 3.min(bits - first);
    let groups: Vec<u32> = (0..bits).step_by(3).map(group).collect();
    let products: u32 = groups.iter().map(|group| [0, 1, 4][*group as usize - 1]).sum();
    let rounds = decomposition + u64::from(bits.min(3) - 1) + 3 + 7 * (groups.len() as u64 - 1) + 3;
    let mut bytes = [0, 0];
    for (idx, group) in groups.iter().enumerate() {
        let number = if idx + 1 == groups.len() { R::BYTES } else { 4 };
        // Made numbers, and ranked.
        let values = (1 << group) - 1;
        bytes.iter_mut().for_each(|bytes| *bytes += (values + 1) * number);
        if idx > 0 {
            bytes[0] += 5 + 4 + number;
            bytes[1] += 2 * 5 + 4 + 2 * number;
        }
    }
    let moved = (width + 1) * R::BYTES;
    let [others, middle] = [bytes[0] + moved + R::BYTES, bytes[1] + 2 * moved + R::BYTES];
    let found = [others, middle, others].into_iter().enumerate();
    let total = found.map(|(party, bytes)| {
        let dealt = if party == 0 { bits } else { bits - 1 };
        let shared = u64::from(dealt + ands + products) * LANES as u64 / 8;
        (rounds, shared + (bytes * LANES) as u64)
    });
    total.collect()
}

#[test]
fn costs_of_permutations_are_as_stated_in_every_ring() {
    costs_are_as_stated::<Z64>();
    costs_are_as_stated::<Z72>();
    costs_are_as_stated::<Z128>();
}

#[test]
fn nothing_is_sent_for_no_rows_or_a_single_one() {
    let found = cost::<Z64>(|ring, net| {
        let (empty, one, mut out) = (Shares::default(), Shares::zeros(1), Shares::zeros(3));
        ring.shuffle(net, 0, &empty, &mut out)?;
        let number = ring.new_permutation(net, 0)?;
        ring.permute(net, number, Direction::Backward, 0, &empty, &mut out)?;
        ring.rearrange(net, &empty, Direction::Forward, &empty, &mut out)?;
        ring.rearrange(net, &empty, Direction::Backward, &empty, &mut out)?;
        ring.sort(net, &[(&empty, 8)], &empty, &mut out)?;
        assert_eq!(out.len(), 0);
        ring.sort(net, &[(&one, 8)], &Shares::zeros(4), &mut out)
    });
    assert_eq!(found, [(0, 0, 0); 3]);
}

/// Whatever the secrets are, what is sent looks uniform, and what is opened is in no order.
#[test]
fn messages_of_permutations_look_uniform() {
    println!("seed 11");
    let n = 20 * LANES;
    for key in [|_: usize| 0, |idx: usize| idx as i64] {
        let views = world::<Replicated<Z64>, _>(11, |ring, net| {
            let sent = Arc::new(Mutex::new(Vec::new()));
            let log = Arc::clone(&sent);
            net.set_tamper(Box::new(move |_, _, bytes| log.lock().unwrap().push(bytes.clone())));
            let [mut keys, mut out] = [Shares::default(), Shares::default()];
            let values: Vec<Z64> = (0..n).map(|idx| Z64::from_i64(key(idx))).collect();
            ring.public(&values, &mut keys);
            ring.shuffle(net, n, &keys, &mut out).unwrap();
            ring.sort(net, &[(&keys, 17)], &keys, &mut out).unwrap();
            assert!(out.parts().into_iter().all(looks_uniform));
            std::mem::take(&mut *sent.lock().unwrap())
        });
        for (party, messages) in views.iter().enumerate() {
            assert!(messages.len() > 20);
            for (idx, message) in messages.iter().enumerate() {
                let mut words = vec![Z64::ZERO; message.len() / 8];
                Z64::decode(&message[..words.len() * 8], &mut words).unwrap();
                assert!(looks_uniform(&words), "message {idx} of P{party}");
            }
        }
    }
}

/// What each party knows of a permutation does not tell the third part.
#[test]
fn each_two_parties_share_one_of_three_permutations() {
    let known = world::<Replicated<Z64>, _>(3, |ring, _| {
        let known = ring.secret_permutation(50);
        [known.with_previous, known.with_next].map(|permutation| permutation.sources().to_vec())
    });
    for party in 0..3 {
        let [mine, next, other] = [0, 1, 2].map(|offset| &known[(party + offset) % 3]);
        assert_eq!(mine[1], next[0]);
        assert!(!other.contains(&mine[1]));
    }
}
