//! Integers modulo 2^72.

use super::{NotCanonical, Ring, impl_operators};
use crate::random::Prg;

/// An integer modulo 2^72.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Debug)]
#[repr(transparent)]
pub struct Z72(u128);

const MASK: u128 = (1 << 72) - 1;

impl_operators!(Z72, |value: u128| value & MASK);

impl Ring for Z72 {
    const BITS: u32 = 72;
    const BYTES: usize = 9;
    const ZERO: Self = Self(0);
    const ONE: Self = Self(1);

    #[inline]
    fn from_i64(value: i64) -> Self {
        Self(value as u128 & MASK)
    }

    #[inline]
    fn from_u128(value: u128) -> Self {
        Self(value & MASK)
    }

    #[inline]
    fn to_u128(self) -> u128 {
        self.0
    }

    fn encode(values: &[Self], out: &mut Vec<u8>) {
        let start = out.len();
        out.resize(start + values.len() * Self::BYTES, 0);
        let encodings = out[start..].chunks_exact_mut(Self::BYTES);
        for (encoding, value) in encodings.zip(values) {
            encoding.copy_from_slice(&value.0.to_le_bytes()[..9]);
        }
    }

    fn decode(bytes: &[u8], out: &mut [Self]) -> Result<(), NotCanonical> {
        debug_assert_eq!(bytes.len(), out.len() * Self::BYTES);
        let encodings = bytes.chunks_exact(Self::BYTES);
        for (encoding, value) in encodings.zip(out) {
            let mut wide = [0; 16];
            wide[..9].copy_from_slice(encoding);
            value.0 = u128::from_le_bytes(wide);
        }
        Ok(())
    }

    fn fill_random(prg: &mut Prg, out: &mut [Self]) {
        // The stream is that of the encodings, so that it does not depend on how elements lie in memory.
        const ELEMENTS: usize = 256;
        let mut bytes = [0; ELEMENTS * 9];
        for elements in out.chunks_mut(ELEMENTS) {
            let bytes = &mut bytes[..elements.len() * Self::BYTES];
            prg.fill(bytes);
            Self::decode(bytes, elements).expect("every 9 bytes encode an element");
        }
        zeroize::Zeroize::zeroize(&mut bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algebra::testing;

    #[test]
    fn the_axioms_hold() {
        testing::ring_axioms::<Z72>(1);
    }

    #[test]
    fn elements_are_encoded_little_endian_in_nine_bytes() {
        let mut bytes = vec![7];
        Z72::encode(&[Z72::from_i64(1), Z72::from_i64(-2)], &mut bytes);
        assert_eq!(bytes[..10], [7, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(bytes[10..], [0xfe, 255, 255, 255, 255, 255, 255, 255, 255]);
    }

    #[test]
    fn the_stream_of_elements_is_that_of_bytes() {
        let seed = crate::random::Seed::from_bytes([5; 32]);
        let mut elements = vec![Z72::ZERO; 1000];
        Z72::fill_random(&mut seed.prg(), &mut elements);
        let mut encoded = Vec::new();
        Z72::encode(&elements, &mut encoded);
        let mut bytes = vec![0; 9000];
        seed.prg().fill(&mut bytes);
        assert_eq!(encoded, bytes);
    }
}
