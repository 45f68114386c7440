//! Arithmetic on plain vectors: what all protocols compute locally.

use caucus_core::algebra::Ring;
use caucus_core::wide;

use crate::MatMulDims;

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

/// Adds the product of two matrices, given row by row, to `out`.
///
/// # Panics
/// If the lengths are not those of the dimensions.
pub(crate) fn matmul_add<R: Ring>(a: &[R], b: &[R], dims: MatMulDims, out: &mut [R]) {
    /// Columns of a block: its rows of the right matrix and of the result are a few KiB each.
    const BLOCK_COLUMNS: usize = 512;
    /// Rows of the right matrix in a block, which then fits the second cache.
    const BLOCK_INNER: usize = 64;

    check_dims(a.len(), b.len(), dims);
    let MatMulDims { rows, inner, columns } = dims;
    assert_eq!(out.len(), rows * columns, "the result has the dimensions {dims:?}");
    if columns == 1 {
        return wide!(|| {
            let rows = out.iter_mut().enumerate();
            rows.for_each(|(row, out)| *out += dot(&a[row * inner..][..inner], b));
        });
    }
    for first_column in (0..columns).step_by(BLOCK_COLUMNS) {
        let width = BLOCK_COLUMNS.min(columns - first_column);
        for first_inner in (0..inner).step_by(BLOCK_INNER) {
            let depth = BLOCK_INNER.min(inner - first_inner);
            wide!(|| {
                for row in 0..rows {
                    let factors = &a[row * inner + first_inner..][..depth];
                    let sums = &mut out[row * columns + first_column..][..width];
                    let right_row =
                        |idx| &b[(first_inner + idx) * columns + first_column..][..width];
                    add_combination(factors, right_row, sums);
                }
            });
        }
    }
}

/// Adds the sum of `factors[idx] * right_row(idx)` to `sums`. Four rows at a time: sums are loaded and stored less often.
#[inline(always)]
fn add_combination<'a, R: Ring>(
    factors: &[R],
    right_row: impl Fn(usize) -> &'a [R],
    sums: &mut [R],
) {
    let fours = factors.chunks_exact(4);
    let (n_fours, rest) = (fours.len(), fours.remainder());
    for (idx, four) in fours.enumerate() {
        let (f0, f1, f2, f3) = (four[0], four[1], four[2], four[3]);
        let right = |k| right_row(4 * idx + k).iter();
        // Iterators side by side need no checks of bounds, which would keep the loop from vector instructions.
        let rows = right(0).zip(right(1)).zip(right(2).zip(right(3)));
        for (sum, ((r0, r1), (r2, r3))) in sums.iter_mut().zip(rows) {
            *sum += f0 * *r0 + f1 * *r1 + (f2 * *r2 + f3 * *r3);
        }
    }
    for (k, &factor) in rest.iter().enumerate() {
        let right = right_row(4 * n_fours + k);
        sums.iter_mut().zip(right).for_each(|(sum, right)| *sum += factor * *right);
    }
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
    use caucus_core::random::Seed;

    use super::*;

    #[test]
    fn a_blocked_matrix_product_is_that_of_the_definition() {
        for (rows, inner, columns) in
            [(0, 3, 2), (2, 0, 3), (1, 1, 1), (3, 7, 1), (2, 65, 513), (5, 130, 3), (1, 4, 1030)]
        {
            let mut prg = Seed::from_bytes([3; 32]).prg();
            let mut random = |n| {
                let mut elements = vec![Z64::ZERO; n];
                Z64::fill_random(&mut prg, &mut elements);
                elements
            };
            let [a, b, c] = [rows * inner, inner * columns, rows * columns].map(&mut random);
            let mut found = c.clone();
            matmul_add(&a, &b, (rows, inner, columns).into(), &mut found);
            for (idx, found) in found.iter().enumerate() {
                let (row, column) = (idx / columns, idx % columns);
                let terms = (0..inner).map(|k| a[row * inner + k] * b[k * columns + column]);
                let expected = c[idx] + terms.sum();
                assert_eq!(*found, expected, "{rows}×{inner}×{columns} at {row}, {column}");
            }
        }
    }

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
