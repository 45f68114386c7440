//! Comparisons, bits and division by powers of two: compared with the integers.

use caucus_core::algebra::Ring;
use caucus_core::ids::PartyId;
use caucus_core::net::Net;
use caucus_core::random::Prg;

use super::{Case, Conform, compare, random_elements, test_prg, world};
use crate::{Error, Places, Rounding, ShareVector};

/// Sizes around that of a word, and one of many words.
const SIZES: [usize; 6] = [0, 1, 63, 64, 65, 1000];

/// Checks what a protocol does with the bits of secrets, for numbers of all kinds of widths.
pub(super) fn conformance<P: Conform>(seed: u64) {
    let most = P::Ring::BITS;
    let widths = [1, 2, 3, 8, 33, 62, 63, 64, most - 1, most];
    for n in SIZES {
        for bits in widths {
            compare::<P>(seed, n, |protocol, net, prg| tests(protocol, net, prg, n, bits));
            compare::<P>(seed, n, |protocol, net, prg| quotients(protocol, net, prg, n, bits));
            compare::<P>(seed, n, |protocol, net, prg| sums(protocol, net, prg, n, bits));
            if n < 100 || bits == 64 {
                likely_quotients::<P>(seed, n, bits);
            }
        }
    }
}

/// Numbers of a width, extreme ones first, then uniform ones.
fn numbers<R: Ring>(prg: &mut Prg, n: usize, bits: u32) -> Vec<R> {
    let extreme = |exponent: u32| 1_i128 << exponent;
    let near = |value: i128| [-1, 0, 1].map(|offset| value.wrapping_add(offset));
    let powers = [0, 1, bits / 2, bits - 1].map(extreme);
    let special = powers.into_iter().flat_map(|power| [power, power.wrapping_neg()]);
    let special = std::iter::once(0).chain(special).flat_map(near);
    let uniform: Vec<R> = random_elements(prg, n);
    let special: Vec<R> = special.map(|value| R::from_u128(value as u128)).collect();
    let all = special.into_iter().chain(uniform).take(n);
    all.map(|value| R::from_u128(signed(value, bits) as u128)).collect()
}

/// The low bits in two's complement.
fn signed<R: Ring>(value: R, bits: u32) -> i128 {
    let unused = u128::BITS - bits;
    (value.to_u128() << unused) as i128 >> unused
}

/// Shares numbers: as they come from an input, or as they come from a product, all of whose summands are uniform.
fn shared<P: Conform>(
    protocol: &mut P,
    net: &mut Net,
    values: &[P::Ring],
    is_uniform: bool,
) -> Result<P::Vector, Error> {
    let owner = PartyId::new((values.len() % P::PARTIES) as u8);
    let [mut shares, mut product, mut ones] = [(); 3].map(|()| P::Vector::default());
    protocol.input(net, owner, Some(values), values.len(), &mut shares)?;
    if !is_uniform {
        return Ok(shares);
    }
    protocol.public(&vec![P::Ring::ONE; values.len()], &mut ones);
    protocol.mul(net, &shares, &ones, &mut product)?;
    Ok(product)
}

fn tests<P: Conform>(
    protocol: &mut P,
    net: &mut Net,
    prg: &mut Prg,
    n: usize,
    bits: u32,
) -> Result<Vec<Case<P>>, Error> {
    let mut values: Vec<P::Ring> = numbers(prg, n, bits);
    // What is above the width does not matter, and must not.
    let above: Vec<P::Ring> = random_elements(prg, n);
    for (value, above) in values.iter_mut().zip(above).skip(n / 2) {
        let low = value.to_u128() & (u128::MAX >> (u128::BITS - bits));
        let above = above.to_u128().checked_shl(bits).unwrap_or(0);
        *value = P::Ring::from_u128(above | low);
    }
    let mut cases: Vec<Case<P>> = Vec::new();
    for is_uniform in [false, true] {
        let a = shared(protocol, net, &values, is_uniform)?;
        let bit = |is_set: bool| P::Ring::from_i64(is_set.into());
        let mut out = P::Vector::zeros(5);
        protocol.less_than_zero(net, &a, bits, &mut out)?;
        let expected = values.iter().map(|value| bit(signed(*value, bits) < 0)).collect();
        cases.push(("less_than_zero", out.clone(), expected));
        protocol.equal_zero(net, &a, bits, &mut out)?;
        let expected = values.iter().map(|value| bit(signed(*value, bits) == 0)).collect();
        cases.push(("equal_zero", out.clone(), expected));
        protocol.decompose(net, &a, bits, &mut out)?;
        let places = 0..bits;
        let expected = places.flat_map(|place| {
            values.iter().map(move |value| bit(value.to_u128() >> place & 1 == 1))
        });
        cases.push(("decompose", out, expected.collect()));
    }
    Ok(cases)
}

/// What of a number is weighed, from the definition.
fn weighed(value: i128, bits: u32, places: Places) -> Vec<bool> {
    if places == Places::Each {
        return (0..bits).map(|place| value >> place & 1 == 1).collect();
    }
    let size = value.unsigned_abs();
    let leads = |place: u32| match value {
        0 => false,
        -1 => place == 0,
        1.. => size >> place == 1,
        _ => (size - 1) >> place == 1,
    };
    (0..bits - 1).map(leads).chain([value < 0]).collect()
}

fn sums<P: Conform>(
    protocol: &mut P,
    net: &mut Net,
    prg: &mut Prg,
    n: usize,
    bits: u32,
) -> Result<Vec<Case<P>>, Error> {
    let values: Vec<P::Ring> = numbers(prg, n, bits);
    let a = shared(protocol, net, &values, n % 2 == 1)?;
    let mut cases: Vec<Case<P>> = Vec::new();
    for places in [Places::Each, Places::Leading] {
        for n_rows in [0, 1, 3] {
            let columns = bits as usize;
            let mut weights: Vec<P::Ring> = random_elements(prg, n_rows * columns);
            // Some weights are zero, and so are all of every fifth place.
            weights.iter_mut().step_by(3).for_each(|weight| *weight = P::Ring::ZERO);
            for (idx, weight) in weights.iter_mut().enumerate() {
                if idx % columns % 5 == 1 {
                    *weight = P::Ring::ZERO;
                }
            }
            let mut out = P::Vector::zeros(5);
            protocol.weigh(net, &a, bits, places, &weights, &mut out)?;
            let expected = weights.chunks_exact(columns).flat_map(|row| {
                values.iter().map(move |value| -> P::Ring {
                    let set = weighed(signed(*value, bits), bits, places);
                    row.iter().zip(set).filter(|(_, set)| *set).map(|(weight, _)| *weight).sum()
                })
            });
            cases.push(("weigh", out, expected.collect()));
        }
    }
    Ok(cases)
}

/// Shifts of a number of this width.
fn shifts(bits: u32) -> Vec<u32> {
    let mut shifts: Vec<u32> = [0, 1, 2, 16, bits / 2, bits - 1].into();
    shifts.retain(|shift| *shift < bits);
    shifts.sort_unstable();
    shifts.dedup();
    shifts
}

/// The greatest integer that is not above a quotient.
fn floor<R: Ring>(value: R, shift: u32, bits: u32) -> R {
    R::from_u128((signed(value, bits) >> shift) as u128)
}

fn quotients<P: Conform>(
    protocol: &mut P,
    net: &mut Net,
    prg: &mut Prg,
    n: usize,
    bits: u32,
) -> Result<Vec<Case<P>>, Error> {
    let values: Vec<P::Ring> = numbers(prg, n, bits);
    let a = shared(protocol, net, &values, n % 2 == 1)?;
    let mut cases: Vec<Case<P>> = Vec::new();
    for shift in shifts(bits) {
        let mut out = P::Vector::zeros(5);
        protocol.truncate(net, &a, shift, bits, Rounding::Floor, &mut out)?;
        let expected = values.iter().map(|value| floor(*value, shift, bits)).collect();
        cases.push(("floor", out.clone(), expected));
        protocol.truncate(net, &a, shift, bits, Rounding::Nearest, &mut out)?;
        let half = P::Ring::from_u128(1 << shift >> 1);
        let wide = P::Ring::BITS.min(bits + 1);
        let expected = values.iter().map(|value| floor(*value + half, shift, wide)).collect();
        cases.push(("nearest", out, expected));
    }
    Ok(cases)
}

fn likely_quotients<P: Conform>(seed: u64, n: usize, bits: u32) {
    let values: Vec<P::Ring> = numbers(&mut test_prg(seed), n, bits);
    for is_uniform in [false, true] {
        let parties = world::<P, _>(seed, |protocol, net| {
            let a = shared(protocol, net, &values, is_uniform).expect("the parties are honest");
            let quotient = |shift| {
                let mut out = P::Vector::zeros(5);
                let rounding = Rounding::Probabilistic;
                protocol
                    .truncate(net, &a, shift, bits, rounding, &mut out)
                    .expect("the parties are honest");
                out
            };
            shifts(bits).into_iter().map(quotient).collect::<Vec<_>>()
        });
        for (idx, shift) in shifts(bits).into_iter().enumerate() {
            let shares: Vec<_> = parties.iter().map(|quotients| quotients[idx].clone()).collect();
            let found = P::reconstruct(&shares);
            assert_eq!(found.len(), n, "seed {seed}");
            for (value, found) in values.iter().zip(found) {
                let excess = (found - floor(*value, shift, bits)).to_u128();
                let has_rest = value.to_u128() & ((1 << shift) - 1) != 0;
                assert!(
                    excess <= u128::from(has_rest),
                    "{value:?} of {bits} bits divided by 2^{shift} is {found:?}, seed {seed}"
                );
            }
        }
    }
}
