//! Products of matrices.
//!
//! Large ones are made of seven products of quarters instead of eight, as often as quarters are large: V. Strassen:
//! Gaussian Elimination is not Optimal, Numerische Mathematik 13, 1969. In a ring that is exact.

use caucus_core::algebra::{Ring, TILE_COLUMNS, TILE_ROWS};
use caucus_core::wide;

use super::{check_dims, dot};
use crate::MatMulDims;

/// Columns of a block: its rows of the right matrix and of the result are a few KiB each.
const BLOCK_COLUMNS: usize = 512;
/// Rows of the right matrix in a block, which then fits the second cache.
const BLOCK_INNER: usize = 64;
/// Matrices whose dimensions are all at least so large are cut into quarters. Below, adding up quarters takes longer than
/// the eighth of the products that it saves.
const LARGE: usize = 512;

/// A part of a matrix: its first element and the length of the whole rows.
#[derive(Clone, Copy)]
struct Part<'a, R> {
    elements: &'a [R],
    stride: usize,
}

impl<'a, R> Part<'a, R> {
    fn row(&self, row: usize, columns: usize) -> &'a [R] {
        &self.elements[row * self.stride..][..columns]
    }

    /// The part from here on.
    fn from(&self, row: usize, column: usize) -> Self {
        Self { elements: &self.elements[row * self.stride + column..], stride: self.stride }
    }
}

/// Adds the product of two matrices, given row by row, to `out`.
///
/// # Panics
/// If the lengths are not those of the dimensions.
pub(crate) fn matmul_add<R: Ring>(a: &[R], b: &[R], dims: MatMulDims, out: &mut [R]) {
    check_dims(a.len(), b.len(), dims);
    let MatMulDims { rows, inner, columns } = dims;
    assert_eq!(out.len(), rows * columns, "the result has the dimensions {dims:?}");
    if columns == 1 {
        return wide!(|| {
            let rows = out.iter_mut().enumerate();
            rows.for_each(|(row, out)| *out += dot(&a[row * inner..][..inner], b));
        });
    }
    let (a, b) = (Part { elements: a, stride: inner }, Part { elements: b, stride: columns });
    add_product(a, b, dims, out, columns, LARGE);
}

/// The same for parts; rows of the result begin `stride` elements apart. What is at least `large` is cut into quarters.
fn add_product<R: Ring>(
    a: Part<'_, R>,
    b: Part<'_, R>,
    dims: MatMulDims,
    out: &mut [R],
    stride: usize,
    large: usize,
) {
    let MatMulDims { rows, inner, columns } = dims;
    let is_cut = |n: usize| n >= large && n.is_multiple_of(2);
    if !(is_cut(rows) && is_cut(inner) && is_cut(columns)) {
        return add_blocks(a, b, dims, out, stride);
    }
    let half = MatMulDims { rows: rows / 2, inner: inner / 2, columns: columns / 2 };
    let quarter_a = |row: usize, column: usize| a.from(row * half.rows, column * half.inner);
    let quarter_b = |row: usize, column: usize| b.from(row * half.inner, column * half.columns);
    let [a11, a12, a21, a22] = [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(i, j)| quarter_a(i, j));
    let [b11, b12, b21, b22] = [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(i, j)| quarter_b(i, j));
    let mut left = R::zeros(half.rows * half.inner);
    let mut right = R::zeros(half.inner * half.columns);
    let mut product = R::zeros(half.rows * half.columns);
    // Both factors, each a quarter or the sum or difference of two, and the quarters of the result to which their product
    // is added or from which it is subtracted.
    let plus = |quarter| Some((quarter, false));
    let minus = |quarter| Some((quarter, true));
    let products = [
        ((a11, plus(a22)), (b11, plus(b22)), [((0, 0), false), ((1, 1), false)]),
        ((a21, plus(a22)), (b11, None), [((1, 0), false), ((1, 1), true)]),
        ((a11, None), (b12, minus(b22)), [((0, 1), false), ((1, 1), false)]),
        ((a22, None), (b21, minus(b11)), [((0, 0), false), ((1, 0), false)]),
        ((a11, plus(a12)), (b22, None), [((0, 0), true), ((0, 1), false)]),
    ];
    for ((a, other_a), (b, other_b), targets) in products {
        let a = combined(a, other_a, (half.rows, half.inner), &mut left);
        let b = combined(b, other_b, (half.inner, half.columns), &mut right);
        product.fill(R::ZERO);
        add_product(a, b, half, &mut product, half.columns, large);
        for ((row, column), is_negative) in targets {
            let out = &mut out[row * half.rows * stride + column * half.columns..];
            accumulate(&product, half, is_negative, out, stride);
        }
    }
    // These two have one target each.
    for (a, other_a, b, other_b, corner) in
        [(a21, a11, b11, b12, half.rows * stride + half.columns), (a12, a22, b21, b22, 0)]
    {
        let a = combined(a, minus(other_a), (half.rows, half.inner), &mut left);
        let b = combined(b, plus(other_b), (half.inner, half.columns), &mut right);
        add_product(a, b, half, &mut out[corner..], stride, large);
    }
}

/// A quarter, or its sum with or difference from another one, which is written to `space`.
fn combined<'a, R: Ring>(
    quarter: Part<'a, R>,
    other: Option<(Part<'_, R>, bool)>,
    (rows, columns): (usize, usize),
    space: &'a mut [R],
) -> Part<'a, R> {
    let Some((other, is_negative)) = other else { return quarter };
    wide!(|| {
        for (row, out) in space.chunks_exact_mut(columns).enumerate().take(rows) {
            let both = quarter.row(row, columns).iter().zip(other.row(row, columns));
            if is_negative {
                out.iter_mut().zip(both).for_each(|(out, (a, b))| *out = *a - *b);
            } else {
                out.iter_mut().zip(both).for_each(|(out, (a, b))| *out = *a + *b);
            }
        }
    });
    Part { elements: space, stride: columns }
}

fn accumulate<R: Ring>(
    product: &[R],
    dims: MatMulDims,
    is_negative: bool,
    out: &mut [R],
    stride: usize,
) {
    wide!(|| {
        for (row, product) in product.chunks_exact(dims.columns).enumerate() {
            let sums = out[row * stride..][..dims.columns].iter_mut().zip(product);
            if is_negative {
                sums.for_each(|(sum, it)| *sum -= *it);
            } else {
                sums.for_each(|(sum, it)| *sum += *it);
            }
        }
    });
}

/// Rows of the right matrix whose elements of one column of tiles are packed: they fit half of the nearest cache.
const PACKED_ROWS: usize = 256;
/// Rows of the left matrix that are used with a packed column before the next one: so much of them fits the second cache.
const LEFT_ROWS: usize = 256;

/// The product as it is defined, tile by tile where that pays.
fn add_blocks<R: Ring>(
    a: Part<'_, R>,
    b: Part<'_, R>,
    dims: MatMulDims,
    out: &mut [R],
    stride: usize,
) {
    let MatMulDims { rows, inner, columns } = dims;
    if inner == 0 {
        return;
    }
    // Elements that are wider do not stay in registers, and packing takes as long as a few rows of the result.
    let (tiled_rows, tiled_columns) = (rows - rows % TILE_ROWS, columns - columns % TILE_COLUMNS);
    if size_of::<R>() > size_of::<u64>() || tiled_rows < 2 * TILE_ROWS || tiled_columns == 0 {
        return add_rows(a, b, dims, out, stride);
    }
    let tiled = MatMulDims { rows: tiled_rows, columns: tiled_columns, ..dims };
    add_tiles(a, b, tiled, out, stride);
    // What is left on the right, and below.
    if tiled_columns < columns {
        let right = MatMulDims { rows: tiled_rows, columns: columns - tiled_columns, ..dims };
        add_rows(a, b.from(0, tiled_columns), right, &mut out[tiled_columns..], stride);
    }
    if tiled_rows < rows {
        let below = MatMulDims { rows: rows - tiled_rows, ..dims };
        add_rows(a.from(tiled_rows, 0), b, below, &mut out[tiled_rows * stride..], stride);
    }
}

/// A product whose rows and columns are multiples of those of a tile. After K. Goto, R. van de Geijn: Anatomy of
/// High-Performance Matrix Multiplication, ACM TOMS 34, 2008: what is packed lies in the order in which it is used, where
/// rows of a power of two would all fall into the same lines of the cache.
fn add_tiles<R: Ring>(
    a: Part<'_, R>,
    b: Part<'_, R>,
    dims: MatMulDims,
    out: &mut [R],
    stride: usize,
) {
    let MatMulDims { rows, inner, columns } = dims;
    let mut packed = vec![[R::ZERO; TILE_COLUMNS]; PACKED_ROWS.min(inner)];
    for (first_row, first_inner) in (0..rows)
        .step_by(LEFT_ROWS)
        .flat_map(|row| (0..inner).step_by(PACKED_ROWS).map(move |idx| (row, idx)))
    {
        let depth = PACKED_ROWS.min(inner - first_inner);
        let end_row = rows.min(first_row + LEFT_ROWS);
        for column in (0..columns).step_by(TILE_COLUMNS) {
            for (idx, packed) in packed[..depth].iter_mut().enumerate() {
                packed.copy_from_slice(b.from(first_inner + idx, column).row(0, TILE_COLUMNS));
            }
            for row in (first_row..end_row).step_by(TILE_ROWS) {
                let factors =
                    std::array::from_fn(|k| &a.row(row + k, inner)[first_inner..][..depth]);
                let mut sums = [[R::ZERO; TILE_COLUMNS]; TILE_ROWS];
                R::add_tile(factors, &packed[..depth], &mut sums);
                for (k, sums) in sums.iter().enumerate() {
                    let out = &mut out[(row + k) * stride + column..][..TILE_COLUMNS];
                    out.iter_mut().zip(sums).for_each(|(out, sum)| *out += *sum);
                }
            }
        }
    }
}

/// The product as it is defined, row by row.
fn add_rows<R: Ring>(
    a: Part<'_, R>,
    b: Part<'_, R>,
    dims: MatMulDims,
    out: &mut [R],
    stride: usize,
) {
    let MatMulDims { rows, inner, columns } = dims;
    for first_column in (0..columns).step_by(BLOCK_COLUMNS) {
        let width = BLOCK_COLUMNS.min(columns - first_column);
        for first_inner in (0..inner).step_by(BLOCK_INNER) {
            let depth = BLOCK_INNER.min(inner - first_inner);
            wide!(|| {
                for row in 0..rows {
                    let factors = &a.row(row, inner)[first_inner..][..depth];
                    let sums = &mut out[row * stride + first_column..][..width];
                    let right_row =
                        |idx| &b.row(first_inner + idx, columns)[first_column..][..width];
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

#[cfg(test)]
mod tests {
    use caucus_core::algebra::Z64;
    use caucus_core::random::Seed;

    use super::*;

    #[test]
    fn a_blocked_matrix_product_is_that_of_the_definition() {
        for (rows, inner, columns) in
            [(0, 3, 2), (2, 0, 3), (1, 1, 1), (3, 7, 1), (2, 65, 513), (5, 130, 3), (1, 4, 1030)]
                .into_iter()
                // Tiles, with rest and without, and more than fit the caches.
                .chain([
                    (8, 1, 8),
                    (9, 300, 17),
                    (11, 2, 9),
                    (8, 257, 7),
                    (300, 256, 15),
                    (264, 600, 8),
                    (9, 0, 17),
                ])
                // Quarters, those with quarters of their own, and odd ones.
                .chain([(512, 512, 512), (514, 513, 512), (20, 36, 52), (64, 64, 64), (18, 16, 34)])
        {
            let mut prg = Seed::from_bytes([3; 32]).prg();
            let mut random = |n| {
                let mut elements = vec![Z64::ZERO; n];
                Z64::fill_random(&mut prg, &mut elements);
                elements
            };
            let [a, b, c] = [rows * inner, inner * columns, rows * columns].map(&mut random);
            let dims = MatMulDims::from((rows, inner, columns));
            let mut found = c.clone();
            matmul_add(&a, &b, dims, &mut found);
            let mut by_quarters = c.clone();
            let [left, right] = [(&a, inner), (&b, columns)]
                .map(|(elements, stride)| Part { elements: elements.as_slice(), stride });
            add_product(left, right, dims, &mut by_quarters, columns, 8);
            assert!(found == by_quarters, "{dims:?}");
            for (idx, found) in found.iter().enumerate() {
                let (row, column) = (idx / columns, idx % columns);
                let terms = (0..inner).map(|k| a[row * inner + k] * b[k * columns + column]);
                let expected = c[idx] + terms.sum();
                assert_eq!(*found, expected, "{rows}×{inner}×{columns} at {row}, {column}");
            }
        }
    }

    /// Prints how long large products take: `cargo test --release -- --ignored --nocapture matmul`.
    #[test]
    #[ignore = "a measurement"]
    fn measure_large_products() {
        for n in [256, 512, 1024] {
            let mut prg = Seed::from_bytes([3; 32]).prg();
            let mut factors = vec![Z64::ZERO; n * n];
            Z64::fill_random(&mut prg, &mut factors);
            let time = |product: &dyn Fn(&mut [Z64])| {
                let mut out = vec![Z64::ZERO; n * n];
                let times = (0..7).map(|_| {
                    let begin = std::time::Instant::now();
                    product(&mut out);
                    begin.elapsed()
                });
                times.min().unwrap()
            };
            let dims = MatMulDims::from((n, n, n));
            let all = Part { elements: &factors, stride: n };
            let cut = time(&|out| matmul_add(&factors, &factors, dims, out));
            let whole = time(&|out| add_blocks(all, all, dims, out, n));
            let rows = time(&|out| add_rows(all, all, dims, out, n));
            println!("{n}: {cut:?}, {whole:?} without quarters, {rows:?} row by row");
        }
    }
}
