//! Arithmetic on plain vectors: what all protocols compute locally.

mod matmul;

use caucus_core::algebra::Ring;
use caucus_core::wide;

use crate::MatMulDims;

pub(crate) use matmul::matmul_add;

/// Elements that are worked on at a time: randomness and arithmetic on 8 to 16 KiB stay in the nearest cache. Half as
/// many cost more calls, twice as many leave no room for the operands.
pub(crate) const PIECE: usize = 1024;

/// Cuts `a` into `groups` equal blocks and sums each.
///
/// # Panics
/// If the length is not a multiple of `groups`.
pub(crate) fn sum<R: Ring>(a: &[R], groups: usize, out: &mut Vec<R>) {
    let block = block_len(a.len(), groups);
    out.clear();
    wide!(|| {
        out.extend((0..groups).map(|group| a[group * block..][..block].iter().copied().sum::<R>()));
    });
}

/// The length of each of `groups` equal blocks.
///
/// # Panics
/// If the length is not a multiple of `groups`.
pub(crate) fn block_len(len: usize, groups: usize) -> usize {
    let block = len.checked_div(groups).unwrap_or(0);
    assert_eq!(block * groups, len, "{len} lanes are not {groups} equal blocks");
    block
}

/// The inner product of two vectors of equal length.
#[inline(always)]
pub(crate) fn dot<R: Ring>(a: &[R], b: &[R]) -> R {
    a.iter().zip(b).map(|(a, b)| *a * *b).sum()
}

/// Compares the lengths of both factors with the dimensions.
///
/// # Panics
/// If they differ.
pub(crate) fn check_dims(a_len: usize, b_len: usize, dims: MatMulDims) {
    let MatMulDims { rows, inner, columns } = dims;
    assert_eq!(a_len, rows * inner, "the left matrix has the dimensions {dims:?}");
    assert_eq!(b_len, inner * columns, "the right matrix has the dimensions {dims:?}");
}

#[cfg(test)]
mod tests {
    use caucus_core::algebra::Z64;

    use super::*;

    #[test]
    fn blocks_are_summed_in_order() {
        let a: Vec<_> = (1..=6).map(Z64::from_i64).collect();
        let mut out = Vec::new();
        sum(&a, 2, &mut out);
        assert_eq!(out, [6, 15].map(Z64::from_i64));
        sum::<Z64>(&[], 3, &mut out);
        assert_eq!(out, [Z64::ZERO; 3]);
        sum::<Z64>(&[], 0, &mut out);
        assert_eq!(out, []);
    }

    #[test]
    #[should_panic(expected = "5 lanes are not 2 equal blocks")]
    fn unequal_blocks_are_refused() {
        sum(&[Z64::ONE; 5], 2, &mut Vec::new());
    }
}
