//! Products: local summands, blinded, then one element sent per result.
//!
//! Araki et al., section 2.2, in our form: z_i = x_i y_i + x_i y_{i+1} + x_{i+1} y_i + alpha_i, where the alpha_i are a
//! sharing of zero. The three z_i add up to x y. Party i sends z_i to party i - 1, for which it is the second component.
//! We compute x_i (y_i + y_{i+1}) + x_{i+1} y_i, which saves a product.

use std::ops::Range;

use caucus_core::algebra::Ring;
use caucus_core::net::{Net, Step};
use caucus_core::wide;

use super::algebra::{Algebra, Packed};
use super::bits::{Row, Rows};
use super::random::scratch;
use super::{N_PARTIES, Replicated};
use crate::kernel::{self, PIECE, block_len};
use crate::{Error, MatMulDims};

impl<R: Ring> Replicated<R> {
    /// Multiplies lane by lane.
    pub(super) fn multiply<A: Algebra>(
        &mut self,
        net: &mut Net,
        a: [&[A]; 2],
        b: [&[A]; 2],
        out: &mut [Vec<A>; 2],
    ) -> Result<(), Error> {
        let lanes = a[0].len();
        assert_eq!(lanes, b[0].len(), "factors have equal lengths");
        out.iter_mut().for_each(|part| A::resize(part, lanes));
        if lanes == 0 {
            return Ok(());
        }
        let [first, second] = out;
        let mut scratch = scratch(lanes);
        let streams = &mut self.streams;
        let mut make = |range: Range<usize>, piece: &mut [A]| {
            for (start, summands) in range.step_by(PIECE).zip(piece.chunks_mut(PIECE)) {
                let blinds = streams.zero_summands(summands, &mut scratch);
                let lanes = start..start + blinds.len();
                let [a, b] = [a, b].map(|parts| parts.map(|part| &part[lanes.clone()]));
                add_products(a, b, blinds, summands);
            }
        };
        let (to, from) = (net.neighbor(N_PARTIES - 1), net.neighbor(1));
        A::exchange_made(net, to, from, Step::Mul, first, &mut make, second)?;
        Ok(())
    }

    /// Multiplies `b` by `a`, lane by lane, in the memory of `b`: what is sent takes the place of its first component, what
    /// comes that of the second.
    pub(super) fn multiply_in_place(
        &mut self,
        net: &mut Net,
        a: [&[R]; 2],
        b: &mut [Vec<R>; 2],
    ) -> Result<(), Error> {
        let lanes = a[0].len();
        assert_eq!(lanes, b[0].len(), "factors have equal lengths");
        if lanes == 0 {
            return Ok(());
        }
        let [first, second] = b;
        let mut scratch = scratch(lanes);
        let mut summands = vec![R::ZERO; scratch.len()];
        let streams = &mut self.streams;
        let mut make = |range: Range<usize>, piece: &mut [R], part: &mut [R]| {
            let parts = piece.chunks_mut(PIECE).zip(part.chunks_mut(PIECE));
            for (start, (first, second)) in range.step_by(PIECE).zip(parts) {
                let summands = &mut summands[..first.len()];
                let blinds = streams.zero_summands(summands, &mut scratch);
                let a = a.map(|part| &part[start..][..blinds.len()]);
                add_products(a, [first, second], blinds, summands);
                first.copy_from_slice(summands);
            }
        };
        let (to, from) = (net.neighbor(N_PARTIES - 1), net.neighbor(1));
        net.exchange_ring_in_place(to, from, Step::Mul, first, second, &mut make)?;
        Ok(())
    }

    /// Multiplies pairs of rows, of as many words each, where they lie. One round, with one bit per lane and pair.
    pub(super) fn multiply_rows(
        &mut self,
        net: &mut Net,
        pairs: &[(Row<'_>, Row<'_>)],
        words: usize,
    ) -> Result<Rows, Error> {
        let mut parts = [(); 2].map(|()| Packed::zeros(pairs.len() * words));
        if !pairs.is_empty() {
            let [first, second] = &mut parts;
            let mut scratch = scratch(first.len());
            let streams = &mut self.streams;
            let mut make = |range: Range<usize>, piece: &mut [Packed]| {
                for (start, summands) in range.step_by(PIECE).zip(piece.chunks_mut(PIECE)) {
                    let mut blinds = streams.zero_summands(summands, &mut scratch);
                    let (mut at, mut rest) = (start, summands);
                    while !rest.is_empty() {
                        let (row, word) = (at / words, at % words);
                        let n_words = rest.len().min(words - word);
                        let (a, b) = pairs[row];
                        let [a, b] = [a, b].map(|row| row.map(|part| &part[word..][..n_words]));
                        let (summands, after) = rest.split_at_mut(n_words);
                        add_products(a, b, &blinds[..n_words], summands);
                        (at, rest, blinds) = (at + n_words, after, &blinds[n_words..]);
                    }
                }
            };
            let (to, from) = (net.neighbor(N_PARTIES - 1), net.neighbor(1));
            Packed::exchange_made(net, to, from, Step::Mul, first, &mut make, second)?;
        }
        Ok(Rows { parts, words })
    }

    /// Inner products of equal consecutive blocks.
    pub(super) fn multiply_blocks(
        &mut self,
        net: &mut Net,
        a: [&[R]; 2],
        b: [&[R]; 2],
        results: usize,
        out: &mut [Vec<R>; 2],
    ) -> Result<(), Error> {
        assert_eq!(a[0].len(), b[0].len(), "factors have equal lengths");
        let block = block_len(a[0].len(), results);
        self.fill_zero(results, &mut out[0]);
        wide!(|| {
            for (idx, summand) in out[0].iter_mut().enumerate() {
                let [a, b] = [a, b].map(|parts| parts.map(|part| &part[idx * block..][..block]));
                *summand += sum_of_products(a, b);
            }
        });
        reshare(net, Step::Dot, out)
    }

    /// Multiplies matrices given row by row.
    pub(super) fn multiply_matrices(
        &mut self,
        net: &mut Net,
        a: [&[R]; 2],
        b: [&[R]; 2],
        dims: MatMulDims,
        out: &mut [Vec<R>; 2],
    ) -> Result<(), Error> {
        kernel::check_dims(a[0].len(), b[0].len(), dims);
        self.fill_zero(dims.rows * dims.columns, &mut out[0]);
        let sums: Vec<R> =
            wide!(|| b[0].iter().zip(b[1]).map(|(first, second)| *first + *second).collect());
        kernel::matmul_add(a[0], &sums, dims, &mut out[0]);
        kernel::matmul_add(a[1], b[0], dims, &mut out[0]);
        reshare(net, Step::MatMul, out)
    }

    fn fill_zero(&mut self, lanes: usize, out: &mut Vec<R>) {
        R::resize(out, lanes);
        let mut scratch = scratch(lanes);
        out.chunks_mut(PIECE).for_each(|piece| self.streams.fill_zero(piece, &mut scratch));
    }
}

/// Makes replicated shares of the summands in the first component: sends them to the previous party, receives the
/// second component from the next one.
pub(super) fn reshare<A: Algebra>(
    net: &mut Net,
    step: Step,
    [first, second]: &mut [Vec<A>; 2],
) -> Result<(), Error> {
    A::resize(second, first.len());
    if first.is_empty() {
        return Ok(());
    }
    let (to, from) = (net.neighbor(N_PARTIES - 1), net.neighbor(1));
    A::exchange(net, to, from, step, first, second)?;
    Ok(())
}

/// Adds the local part of each product to `summands` and subtracts `blinds`. All slices have equal lengths.
fn add_products<A: Algebra>(
    [a0, a1]: [&[A]; 2],
    [b0, b1]: [&[A]; 2],
    blinds: &[A],
    summands: &mut [A],
) {
    wide!(|| {
        // Iterators side by side need no checks of bounds, which would keep the loop from vector instructions.
        let factors = a0.iter().zip(a1).zip(b0.iter().zip(b1)).zip(blinds);
        for (summand, (((a0, a1), (b0, b1)), blind)) in summands.iter_mut().zip(factors) {
            *summand += *a0 * (*b0 + *b1) + *a1 * *b0 - *blind;
        }
    });
}

/// The local part of an inner product. All slices have equal lengths.
#[inline(always)]
fn sum_of_products<R: Ring>([a0, a1]: [&[R]; 2], [b0, b1]: [&[R]; 2]) -> R {
    let factors = a0.iter().zip(a1).zip(b0.iter().zip(b1));
    factors.map(|((a0, a1), (b0, b1))| *a0 * (*b0 + *b1) + *a1 * *b0).sum()
}
