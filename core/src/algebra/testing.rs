//! What every ring must satisfy, checked against a model made of integers of any size.

use num_bigint::BigInt;

use super::Ring;
use crate::random::Seed;

/// Checks arithmetic, conversions and encoding of a ring on edge cases and random elements.
///
/// # Panics
/// If something does not hold; the message names the seed.
pub fn ring_axioms<R: Ring>(seed: u64) {
    let elements = samples::<R>(seed);
    for &a in &elements {
        check_conversions(a, seed);
        for &b in &elements {
            check_pair(a, b, seed);
            for &c in &elements[..8] {
                assert_eq!((a + b) + c, a + (b + c), "addition is associative, seed {seed}");
                assert_eq!((a * b) * c, a * (b * c), "multiplication is associative, seed {seed}");
                assert_eq!(a * (b + c), a * b + a * c, "multiplication distributes, seed {seed}");
            }
        }
    }
    check_sum(&elements, seed);
    check_encoding(&elements, seed);
    check_randomness::<R>(seed);
}

/// Random elements first, then edge cases.
fn samples<R: Ring>(seed: u64) -> Vec<R> {
    let mut elements = vec![R::ZERO; 32];
    R::fill_random(&mut test_seed(seed).prg(), &mut elements);
    elements.extend([R::ZERO, R::ONE, -R::ONE, R::from_i64(i64::MIN), R::from_i64(i64::MAX)]);
    elements.extend([31, 32, 63, 64, R::BITS - 1].map(|shift| {
        R::from_u128(1_u128.checked_shl(shift).expect("shifts here are below 128")) - R::ONE
    }));
    elements.push(R::from_u128(1 << (R::BITS - 1)));
    elements
}

fn test_seed(seed: u64) -> Seed {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    Seed::from_bytes(bytes)
}

fn model<R: Ring>(element: R) -> BigInt {
    BigInt::from(element.to_u128())
}

fn check_pair<R: Ring>(a: R, b: R, seed: u64) {
    let modulus = BigInt::from(1) << R::BITS;
    let reduce = |value: BigInt| ((value % &modulus) + &modulus) % &modulus;
    assert_eq!(model(a + b), reduce(model(a) + model(b)), "{a:?} + {b:?}, seed {seed}");
    assert_eq!(model(a - b), reduce(model(a) - model(b)), "{a:?} - {b:?}, seed {seed}");
    assert_eq!(model(a * b), reduce(model(a) * model(b)), "{a:?} * {b:?}, seed {seed}");
    assert_eq!((a + b, a * b), (b + a, b * a), "operations commute, seed {seed}");
    assert_eq!(a == b, model(a) == model(b), "elements are equal as their values, seed {seed}");
    let mut assigned = a;
    assigned += b;
    assert_eq!(assigned, a + b, "+= adds, seed {seed}");
    assigned -= b;
    assert_eq!(assigned, a, "-= subtracts, seed {seed}");
    assigned *= b;
    assert_eq!(assigned, a * b, "*= multiplies, seed {seed}");
}

fn check_conversions<R: Ring>(a: R, seed: u64) {
    let modulus = BigInt::from(1) << R::BITS;
    let half = BigInt::from(1) << (R::BITS - 1);
    assert_eq!((a + R::ZERO, a * R::ONE, a - R::ZERO), (a, a, a), "neutrals, seed {seed}");
    assert_eq!(
        (a + -a, R::ZERO - a, R::default()),
        (R::ZERO, -a, R::ZERO),
        "negation, seed {seed}"
    );
    assert!(model(a) < modulus, "{a:?} has a representative below the modulus, seed {seed}");
    assert_eq!(R::from_u128(a.to_u128()), a, "u128 and back, seed {seed}");
    let signed = a.to_signed();
    assert!(-&half <= signed && signed < half, "{a:?} as {signed}, seed {seed}");
    for shift in [-3, 0, 5] {
        let congruent = &signed + &modulus * shift;
        assert_eq!(R::from_bigint(&congruent), a, "from {congruent}, seed {seed}");
    }
    match i64::try_from(&signed) {
        Ok(small) => {
            assert_eq!(a.to_i64(), small, "signed value of {a:?}, seed {seed}");
            assert_eq!(R::from_i64(small), a, "i64 and back, seed {seed}");
        }
        Err(_) => assert_eq!(a.to_i64(), a.to_u128() as i64, "low bits of {a:?}, seed {seed}"),
    }
}

fn check_sum<R: Ring>(elements: &[R], seed: u64) {
    let sum: R = elements.iter().copied().sum();
    let expected: BigInt = elements.iter().map(|element| model(*element)).sum();
    assert_eq!(sum, R::from_bigint(&expected), "sum, seed {seed}");
}

fn check_encoding<R: Ring>(elements: &[R], seed: u64) {
    for n_elements in 0..=elements.len() {
        let mut bytes = vec![0xab; 3];
        R::encode(&elements[..n_elements], &mut bytes);
        assert_eq!(bytes[..3], [0xab; 3], "encoding appends, seed {seed}");
        let bytes = &bytes[3..];
        assert_eq!(bytes.len(), n_elements * R::BYTES, "length of the encoding, seed {seed}");
        let mut decoded = vec![R::ONE; n_elements];
        assert_eq!(R::decode(bytes, &mut decoded), Ok(()), "decoding, seed {seed}");
        assert_eq!(decoded, elements[..n_elements], "encoding and back, seed {seed}");
        if let Some(memory) = R::as_bytes(&elements[..n_elements]) {
            assert_eq!(memory, bytes, "memory is the encoding, seed {seed}");
            decoded.fill(R::ONE);
            let memory = R::as_bytes_mut(&mut decoded).expect("memory is the encoding both ways");
            memory.copy_from_slice(bytes);
            assert_eq!(decoded, elements[..n_elements], "memory and back, seed {seed}");
        }
    }
}

fn check_randomness<R: Ring>(seed: u64) {
    let mut whole = vec![R::ZERO; 3000];
    R::fill_random(&mut test_seed(seed).prg(), &mut whole);
    let mut pieces = vec![R::ZERO; 3000];
    let mut prg = test_seed(seed).prg();
    pieces.chunks_mut(7).for_each(|piece| R::fill_random(&mut prg, piece));
    assert_eq!(whole, pieces, "the stream does not depend on how it is cut, seed {seed}");
    for bit in 0..R::BITS {
        // 3000 fair coins give fewer than 1200 or more than 1800 heads with probability below 10^-27.
        let heads = whole.iter().filter(|element| element.to_u128() >> bit & 1 == 1).count();
        assert!((1200..=1800).contains(&heads), "bit {bit} was set {heads} times, seed {seed}");
    }
}
