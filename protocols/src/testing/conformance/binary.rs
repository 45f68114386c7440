//! Secret bits: compared with plain ones.

use caucus_core::algebra::Ring;
use caucus_core::ids::PartyId;
use caucus_core::net::Net;
use caucus_core::random::Prg;

use super::{Case as Elements, Conform, random_elements, test_prg, world};
use crate::{BitShares, BitVector, Error, Opened, Protocol, ShareVector};

/// Sizes around that of a word, and some of many words.
const SIZES: [usize; 7] = [0, 1, 63, 64, 65, 1000, 70_001];

/// Shares and bits that must agree.
type Case<P> = (&'static str, <P as Protocol>::Bits, Vec<bool>);

/// Bits and elements.
type Cases<P> = (Vec<Case<P>>, Vec<Elements<P>>);

/// Checks every operation on bits, with inputs of every party. Protocols without bits pass.
pub(super) fn conformance<P: Conform>(seed: u64) {
    if P::reconstruct_bits(&vec![P::Bits::zeros(1); P::PARTIES]).is_none() {
        return;
    }
    for (idx, n) in SIZES.into_iter().enumerate() {
        compare::<P>(seed, n, |protocol, net, prg| lane_by_lane(protocol, net, prg, n, idx));
    }
    for n in [0, 1, 64, 100] {
        let most = P::Ring::BITS;
        for bits in [1, 2, 33, 63, 64, most - 1, most] {
            compare::<P>(seed, n, |protocol, net, prg| conversions(protocol, net, prg, n, bits));
        }
    }
    randomness::<P>(seed);
}

fn compare<P: Conform>(
    seed: u64,
    n: usize,
    body: impl Fn(&mut P, &mut Net, &mut Prg) -> Result<Cases<P>, Error> + Sync,
) {
    let parties = world::<P, _>(seed, |protocol, net| {
        let prg = &mut test_prg(seed ^ n as u64);
        let (cases, elements) = body(protocol, net, prg).expect("the parties are honest");
        for (name, shares, expected) in &cases {
            let mut opened = Opened::with_buffer(vec![P::Ring::ONE; 3]);
            protocol.open_bits(net, shares, &mut opened).expect("the parties are honest");
            let expected: Vec<_> = expected.iter().map(|bit| element::<P::Ring>(*bit)).collect();
            assert!(opened.into_pending() == expected, "{name} of {n} opened, seed {seed}");
        }
        let _checked = protocol.check(net).expect("the parties are honest");
        (cases, elements)
    });
    for idx in 0..parties[0].0.len() {
        let (name, _, expected) = &parties[0].0[idx];
        let shares: Vec<_> = parties.iter().map(|(cases, _)| cases[idx].1.clone()).collect();
        let found = P::reconstruct_bits(&shares);
        assert!(found.as_ref() == Some(expected), "{name} of {n}, seed {seed}");
    }
    for idx in 0..parties[0].1.len() {
        let (name, _, expected) = &parties[0].1[idx];
        let shares: Vec<_> = parties.iter().map(|(_, cases)| cases[idx].1.clone()).collect();
        assert!(P::reconstruct(&shares) == *expected, "{name} of {n}, seed {seed}");
    }
}

fn element<R: Ring>(bit: bool) -> R {
    R::from_u128(bit.into())
}

fn random_bits(prg: &mut Prg, n: usize) -> Vec<bool> {
    let mut bytes = vec![0; n];
    prg.fill(&mut bytes);
    bytes.into_iter().map(|byte| byte & 1 == 1).collect()
}

fn packed(bits: &[bool]) -> BitShares<1> {
    BitShares::from_bits(bits.iter().copied())
}

/// Shares bits as the input of a party.
fn input<P: Conform>(
    protocol: &mut P,
    net: &mut Net,
    bits: &[bool],
    owner: usize,
) -> Result<P::Bits, Error> {
    let owner = PartyId::new((owner % P::PARTIES) as u8);
    let mut shares = P::Bits::zeros(5);
    let values = packed(bits);
    let mine = (owner == protocol.me()).then_some(&values);
    protocol.input_bits(net, owner, mine, bits.len(), &mut shares)?;
    Ok(shares)
}

fn lane_by_lane<P: Conform>(
    protocol: &mut P,
    net: &mut Net,
    prg: &mut Prg,
    n: usize,
    owner: usize,
) -> Result<Cases<P>, Error> {
    let [a_bits, b_bits] = [random_bits(prg, n), random_bits(prg, n)];
    let single_bit = random_bits(prg, 1);
    let a = input(protocol, net, &a_bits, owner)?;
    let b = input(protocol, net, &b_bits, owner + 1)?;
    let single = input(protocol, net, &single_bit, owner + 2)?;
    let zip = |a: &[bool], b: &[bool], op: fn(bool, bool) -> bool| -> Vec<bool> {
        a.iter().zip(b).map(|(a, b)| op(*a, *b)).collect()
    };
    let mut cases: Vec<Case<P>> = Vec::new();
    let mut out = P::Bits::zeros(3);
    let mut case = |name, shares: &mut P::Bits, bits| {
        cases.push((name, std::mem::replace(shares, P::Bits::zeros(3)), bits));
    };
    protocol.public_bits(&packed(&b_bits), &mut out)?;
    case("public_bits", &mut out, b_bits.clone());
    a.xor(&b, &mut out);
    case("xor", &mut out, zip(&a_bits, &b_bits, |a, b| a ^ b));
    a.xor(&single, &mut out);
    case("xor of one lane", &mut out, a_bits.iter().map(|bit| bit ^ single_bit[0]).collect());
    a.mask(&packed(&b_bits), &mut out);
    case("mask", &mut out, zip(&a_bits, &b_bits, |a, b| a & b));
    protocol.and_bits(net, &a, &b, &mut out)?;
    let products = zip(&a_bits, &b_bits, |a, b| a & b);
    let product = out.clone();
    case("and", &mut out, products.clone());
    product.xor(&a, &mut out);
    let sum = out.clone();
    protocol.and_bits(net, &sum, &product, &mut out)?;
    let expected = zip(&zip(&products, &a_bits, |a, b| a ^ b), &products, |a, b| a & b);
    case("and of what was computed", &mut out, expected);
    a.sum(&mut out, 1);
    case("sum", &mut out, vec![a_bits.iter().fold(false, |sum, bit| sum ^ bit)]);
    let mut joined = a.clone();
    joined.append(&b);
    case("append", &mut joined, [&a_bits[..], &b_bits].concat());
    let mut elements = P::Vector::zeros(3);
    protocol.lift_bits(net, &a, &mut elements)?;
    let expected: Vec<P::Ring> = a_bits.iter().map(|bit| element(*bit)).collect();
    case("input", &mut a.clone(), a_bits);
    Ok((cases, vec![("lift_bits", elements, expected)]))
}

fn conversions<P: Conform>(
    protocol: &mut P,
    net: &mut Net,
    prg: &mut Prg,
    n: usize,
    bits: u32,
) -> Result<Cases<P>, Error> {
    let values: Vec<P::Ring> = random_elements(prg, n);
    let (mut a, mut out) = (P::Vector::zeros(2), P::Bits::zeros(2));
    let owner = PartyId::new(0);
    let mine = (owner == protocol.me()).then_some(&values[..]);
    protocol.input(net, owner, mine, n, &mut a)?;
    protocol.to_bits(net, &a, bits, &mut out)?;
    let row = |bit: u32| values.iter().map(move |value| value.to_u128() >> bit & 1 == 1);
    let expected: Vec<bool> = (0..bits).flat_map(row).collect();
    let mut back = P::Vector::default();
    protocol.lift_bits(net, &out, &mut back)?;
    let elements = expected.iter().map(|bit| element(*bit)).collect();
    Ok((vec![("to_bits", out, expected)], vec![("there and back", back, elements)]))
}

/// Random bits fit together, are fair, and differ between calls and threads.
fn randomness<P: Conform>(seed: u64) {
    const LANES: usize = 3000;
    let vectors = world::<P, _>(seed, |protocol, _net| {
        let mut forks = [protocol.fork(0), protocol.fork(1), protocol.fork(1)];
        let states = std::iter::once(&mut *protocol).chain(&mut forks);
        let twice = states.flat_map(|state| {
            [(); 2].map(|()| {
                let mut out = P::Bits::zeros(2);
                state.random_bits(LANES, &mut out).expect("it is local");
                out
            })
        });
        twice.collect::<Vec<_>>()
    });
    let mut seen = Vec::new();
    for idx in 0..vectors[0].len() {
        let shares: Vec<_> = vectors.iter().map(|party| party[idx].clone()).collect();
        let bits = P::reconstruct_bits(&shares).expect("the protocol has bits");
        // See the test of random elements.
        let heads = bits.iter().filter(|bit| **bit).count();
        assert!((1200..=1800).contains(&heads), "{heads} heads, seed {seed}");
        seen.push(bits);
    }
    let n_seen = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), n_seen, "no randomness is used twice, seed {seed}");
}
