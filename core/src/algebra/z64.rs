//! Integers modulo 2^64.

use bytemuck::{Pod, Zeroable};

use super::{NotCanonical, Ring, TILE_COLUMNS, TILE_ROWS, impl_operators};
use crate::random::Prg;
use crate::tile;

/// An integer modulo 2^64.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Debug, Pod, Zeroable)]
#[repr(transparent)]
pub struct Z64(u64);

impl_operators!(Z64, |value| value);

impl Ring for Z64 {
    const BITS: u32 = 64;
    const BYTES: usize = size_of::<Self>();
    const ZERO: Self = Self(0);
    const ONE: Self = Self(1);

    #[inline]
    fn from_i64(value: i64) -> Self {
        Self(value as u64)
    }

    #[inline]
    fn from_u128(value: u128) -> Self {
        Self(value as u64)
    }

    #[inline]
    fn to_u128(self) -> u128 {
        self.0.into()
    }

    fn add_tile(
        rows: [&[Self]; TILE_ROWS],
        right: &[[Self; TILE_COLUMNS]],
        sums: &mut [[Self; TILE_COLUMNS]; TILE_ROWS],
    ) {
        let rows = rows.map(bytemuck::cast_slice);
        tile::add_words(rows, bytemuck::cast_slice(right), bytemuck::cast_mut(sums));
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
fn from_little_endian(values: &mut [Z64]) {
    if cfg!(target_endian = "big") {
        values.iter_mut().for_each(|value| value.0 = u64::from_le(value.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algebra::testing;

    #[test]
    fn the_axioms_hold() {
        testing::ring_axioms::<Z64>(1);
    }

    #[test]
    fn elements_are_encoded_little_endian() {
        let mut bytes = Vec::new();
        Z64::encode(&[Z64::from_i64(1), Z64::from_i64(-2)], &mut bytes);
        let mut expected = vec![0xff; 2 * Z64::BYTES];
        expected[..Z64::BYTES].fill(0);
        expected[0] = 1;
        expected[Z64::BYTES] = 0xfe;
        assert_eq!(bytes, expected);
    }
}
