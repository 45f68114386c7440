//! Integers modulo 2^128.

use bytemuck::{Pod, Zeroable};

use super::{NotCanonical, Ring, impl_operators};
use crate::random::Prg;

/// An integer modulo 2^128.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Debug, Pod, Zeroable)]
#[repr(transparent)]
pub struct Z128(u128);

impl_operators!(Z128, |value| value);

impl Ring for Z128 {
    const BITS: u32 = 128;
    const BYTES: usize = size_of::<Self>();
    const ZERO: Self = Self(0);
    const ONE: Self = Self(1);

    #[inline]
    fn from_i64(value: i64) -> Self {
        Self(value as u128)
    }

    #[inline]
    fn from_u128(value: u128) -> Self {
        Self(value)
    }

    #[inline]
    fn to_u128(self) -> u128 {
        self.0
    }

    fn zeros(n: usize) -> Vec<Self> {
        bytemuck::zeroed_vec(n)
    }

    fn try_zeros(n: usize) -> Option<Vec<Self>> {
        bytemuck::try_zeroed_vec(n).ok()
    }

    fn encode(values: &[Self], out: &mut Vec<u8>) {
        match Self::as_bytes(values) {
            Some(bytes) => out.extend_from_slice(bytes),
            None => out.extend(values.iter().flat_map(|value| value.0.to_le_bytes())),
        }
    }

    fn decode(bytes: &[u8], out: &mut [Self]) -> Result<(), NotCanonical> {
        debug_assert_eq!(bytes.len(), out.len() * Self::BYTES);
        bytemuck::cast_slice_mut(out).copy_from_slice(bytes);
        from_little_endian(out);
        Ok(())
    }

    fn fill_random(prg: &mut Prg, out: &mut [Self]) {
        prg.fill(bytemuck::cast_slice_mut(out));
        from_little_endian(out);
    }

    fn as_bytes(values: &[Self]) -> Option<&[u8]> {
        cfg!(target_endian = "little").then(|| bytemuck::cast_slice(values))
    }

    fn as_bytes_mut(values: &mut [Self]) -> Option<&mut [u8]> {
        cfg!(target_endian = "little").then(|| bytemuck::cast_slice_mut(values))
    }

    fn from_bytes_mut(bytes: &mut [u8]) -> Option<&mut [Self]> {
        cfg!(target_endian = "little").then(|| bytemuck::cast_slice_mut(bytes))
    }
}

/// Corrects the order of bytes where it differs from that of encodings.
fn from_little_endian(values: &mut [Z128]) {
    if cfg!(target_endian = "big") {
        values.iter_mut().for_each(|value| value.0 = u128::from_le(value.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algebra::testing;

    #[test]
    fn the_axioms_hold() {
        testing::ring_axioms::<Z128>(1);
    }

    #[test]
    fn elements_are_encoded_little_endian() {
        let mut bytes = Vec::new();
        Z128::encode(&[Z128::from_i64(1), Z128::from_i64(-2)], &mut bytes);
        let mut expected = vec![0xff; 2 * Z128::BYTES];
        expected[..Z128::BYTES].fill(0);
        expected[0] = 1;
        expected[Z128::BYTES] = 0xfe;
        assert_eq!(bytes, expected);
    }
}
