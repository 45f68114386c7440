//! What every protocol must do: compared with the arithmetic of the ring, for many sizes.

mod binary;
mod bits;
mod costs;
mod permutations;

use caucus_core::algebra::Ring;
use caucus_core::ids::PartyId;
use caucus_core::net::Net;
use caucus_core::random::Prg;

use super::{Conform, random_elements, test_prg, world};
use crate::{Error, Opened, Protocol, ShareVector};

/// Sizes around those of pieces, and primes, which fit nothing.
const SIZES: [usize; 9] = [0, 1, 2, 7, 1023, 1024, 1025, 4099, 100_003];

/// Shares and values that must agree.
type Case<P> = (&'static str, <P as Protocol>::Vector, Vec<<P as Protocol>::Ring>);

/// Checks every operation of a protocol, with inputs of every party.
///
/// # Panics
/// If one gives something else than the ring does, or shares do not fit together; the message names the seed.
pub fn conformance<P: Conform>(seed: u64) {
    for (idx, n) in SIZES.into_iter().enumerate() {
        compare::<P>(seed, n, |protocol, net, prg| lane_by_lane(protocol, net, prg, n, idx));
    }
    for (results, block) in [(0, 0), (1, 0), (3, 1), (1, 1031), (7, 11), (1031, 3)] {
        compare::<P>(seed, results * block, |protocol, net, prg| {
            inner_products(protocol, net, prg, results, block)
        });
    }
    for dims in [(1, 1, 1), (0, 3, 2), (2, 0, 3), (3, 5, 7), (2, 67, 515), (13, 9, 1)] {
        compare::<P>(seed, dims.1, |protocol, net, prg| matrix_product(protocol, net, prg, dims));
    }
    bits::conformance::<P>(seed);
    permutations::conformance::<P>(seed);
    binary::conformance::<P>(seed);
    costs::conformance::<P>(seed);
    randomness::<P>(seed);
}

/// Runs all parties; then everything they share must have the values that they expect.
fn compare<P: Conform>(
    seed: u64,
    n: usize,
    body: impl Fn(&mut P, &mut Net, &mut Prg) -> Result<Vec<Case<P>>, Error> + Sync,
) {
    let parties = world::<P, _>(seed, |protocol, net| {
        let cases =
            body(protocol, net, &mut test_prg(seed ^ n as u64)).expect("the parties are honest");
        // Everything survives being written, opened, added up, and opened to each party.
        for (name, shares, expected) in &cases {
            let mut bytes = vec![7];
            shares.write_full(&mut bytes);
            assert_eq!(
                bytes.len(),
                1 + shares.len() * P::Vector::FULL_BYTES,
                "{name}, seed {seed}"
            );
            let read =
                P::Vector::read_full(&bytes[1..], shares.len()).expect("it was written above");
            check_opening(protocol, net, &read, expected).expect("the parties are honest");
        }
        let _checked = protocol.check(net).expect("the parties are honest");
        let summands: Vec<_> =
            cases.iter().map(|(_, shares, _)| protocol.write_summand(shares)).collect();
        (cases, summands)
    });
    for idx in 0..parties[0].0.len() {
        let (name, _, expected) = &parties[0].0[idx];
        let shares: Vec<_> = parties.iter().map(|(cases, _)| cases[idx].1.clone()).collect();
        assert!(P::reconstruct(&shares) == *expected, "{name} of {n}, seed {seed}");
        for lane in 0..expected.len() {
            let sum: P::Ring = parties.iter().map(|(_, summands)| summands[idx][lane]).sum();
            assert_eq!(sum, expected[lane], "summands of {name} of {n}, seed {seed}");
        }
    }
}

fn check_opening<P: Conform>(
    protocol: &mut P,
    net: &mut Net,
    shares: &P::Vector,
    expected: &[P::Ring],
) -> Result<(), Error> {
    let mut opened = Opened::with_buffer(vec![P::Ring::ONE; 3]);
    protocol.open(net, shares, &mut opened)?;
    assert!(opened.into_pending() == expected, "opened to all");
    for receiver in (0..P::PARTIES).map(|party| PartyId::new(party as u8)) {
        let values = protocol.open_to(net, shares, receiver)?;
        assert_eq!(values.is_some(), receiver == protocol.me(), "only the receiver gets values");
        assert!(values.is_none_or(|values| values == expected), "opened to {receiver}");
    }
    Ok(())
}

/// Shares values as the input of a party. Returns them too: in a test all parties know them.
fn input<P: Conform>(
    protocol: &mut P,
    net: &mut Net,
    prg: &mut Prg,
    owner: usize,
    n: usize,
) -> Result<(P::Vector, Vec<P::Ring>), Error> {
    let values = random_elements(prg, n);
    let owner = PartyId::new((owner % P::PARTIES) as u8);
    let mut shares = P::Vector::zeros(5);
    let mine = (owner == protocol.me()).then_some(&values[..]);
    protocol.input(net, owner, mine, n, &mut shares)?;
    Ok((shares, values))
}

fn lane_by_lane<P: Conform>(
    protocol: &mut P,
    net: &mut Net,
    prg: &mut Prg,
    n: usize,
    owner: usize,
) -> Result<Vec<Case<P>>, Error> {
    let (a, a_values) = input(protocol, net, prg, owner, n)?;
    let (b, b_values) = input(protocol, net, prg, owner + 1, n)?;
    let (single, single_values) = input(protocol, net, prg, owner + 2, 1)?;
    let public: Vec<P::Ring> = random_elements(prg, n);
    let [one_public]: [P::Ring; 1] = [random_elements(prg, 1)[0]];
    let zip = |a: &[P::Ring], b: &[P::Ring], op: fn(P::Ring, P::Ring) -> P::Ring| -> Vec<P::Ring> {
        a.iter().zip(b).map(|(a, b)| op(*a, *b)).collect()
    };
    let singles = vec![single_values[0]; n];
    let publics = vec![one_public; n];
    let mut cases: Vec<Case<P>> = Vec::new();
    let mut case = |name, shares: &mut P::Vector, values| {
        // The next operation finds results of another length in its place.
        cases.push((name, std::mem::replace(shares, P::Vector::zeros(3)), values));
    };
    let mut out = P::Vector::default();
    protocol.public(&public, &mut out);
    case("public", &mut out, public.clone());
    protocol.add_public(&a, &public, &mut out);
    case("add_public", &mut out, zip(&a_values, &public, |a, b| a + b));
    protocol.add_public(&a, &[one_public], &mut out);
    case("add_public of one value", &mut out, zip(&a_values, &publics, |a, b| a + b));
    protocol.add_public(&single, &public, &mut out);
    case("add_public to one lane", &mut out, zip(&singles, &public, |a, b| a + b));
    a.add(&b, &mut out);
    case("add", &mut out, zip(&a_values, &b_values, |a, b| a + b));
    single.sub(&b, &mut out);
    case("sub from one lane", &mut out, zip(&singles, &b_values, |a, b| a - b));
    a.neg(&mut out);
    case("neg", &mut out, a_values.iter().map(|a| -*a).collect());
    a.scale(&public, &mut out);
    case("scale", &mut out, zip(&a_values, &public, |a, b| a * b));
    single.scale(&public, &mut out);
    case("scale of one lane", &mut out, zip(&singles, &public, |a, b| a * b));
    a.sum(&mut out, 1);
    case("sum", &mut out, vec![a_values.iter().copied().sum()]);
    protocol.mul(net, &a, &b, &mut out)?;
    let products = zip(&a_values, &b_values, |a, b| a * b);
    let product = out.clone();
    case("mul", &mut out, products.clone());
    let mut factor = b.clone();
    protocol.mul_in_place(net, &a, &mut factor)?;
    case("mul_in_place", &mut factor, products.clone());
    protocol.mul(net, &product, &product, &mut out)?;
    case("mul of a product with itself", &mut out, zip(&products, &products, |a, b| a * b));
    case("input", &mut a.clone(), a_values);
    case("input of the next party", &mut b.clone(), b_values);
    Ok(cases)
}

fn inner_products<P: Conform>(
    protocol: &mut P,
    net: &mut Net,
    prg: &mut Prg,
    results: usize,
    block: usize,
) -> Result<Vec<Case<P>>, Error> {
    let (a, a_values) = input(protocol, net, prg, 0, results * block)?;
    let (b, b_values) = input(protocol, net, prg, 1, results * block)?;
    let mut out = P::Vector::zeros(1);
    protocol.dot(net, &a, &b, results, &mut out)?;
    let expected = (0..results).map(|result| {
        (result * block..(result + 1) * block).map(|idx| a_values[idx] * b_values[idx]).sum()
    });
    Ok(vec![("dot", out, expected.collect())])
}

fn matrix_product<P: Conform>(
    protocol: &mut P,
    net: &mut Net,
    prg: &mut Prg,
    dims: (usize, usize, usize),
) -> Result<Vec<Case<P>>, Error> {
    let (rows, inner, columns) = dims;
    let (a, a_values) = input(protocol, net, prg, 1, rows * inner)?;
    let (b, b_values) = input(protocol, net, prg, 2, inner * columns)?;
    let mut out = P::Vector::zeros(1);
    protocol.matmul(net, &a, &b, dims, &mut out)?;
    let expected = (0..rows * columns).map(|idx| {
        let (row, column) = (idx / columns, idx % columns);
        (0..inner).map(|k| a_values[row * inner + k] * b_values[k * columns + column]).sum()
    });
    Ok(vec![("matmul", out, expected.collect())])
}

/// Random secrets fit together, look uniform, and differ between calls and threads.
fn randomness<P: Conform>(seed: u64) {
    const LANES: usize = 3000;
    let vectors = world::<P, _>(seed, |protocol, _net| {
        let mut forks = [protocol.fork(0), protocol.fork(1), protocol.fork(1), protocol.fork(2)];
        let states = std::iter::once(&mut *protocol).chain(&mut forks);
        let twice = states.flat_map(|state| {
            [(); 2].map(|()| {
                let mut out = P::Vector::zeros(2);
                state.random(LANES, &mut out);
                out
            })
        });
        twice.collect::<Vec<_>>()
    });
    let mut seen = Vec::new();
    for idx in 0..vectors[0].len() {
        let shares: Vec<_> = vectors.iter().map(|party| party[idx].clone()).collect();
        let values = P::reconstruct(&shares);
        for bit in 0..P::Ring::BITS {
            // 3000 fair coins give fewer than 1200 or more than 1800 heads with probability below 10^-27.
            let heads = values.iter().filter(|value| value.to_u128() >> bit & 1 == 1).count();
            assert!((1200..=1800).contains(&heads), "bit {bit} set {heads} times, seed {seed}");
        }
        seen.push(values[0].to_u128());
    }
    let n_seen = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), n_seen, "no randomness is used twice, seed {seed}");
}
