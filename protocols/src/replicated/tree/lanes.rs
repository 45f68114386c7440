//! Tables of rows of bits, block by block: all rows of eight words (512 lanes), then those of the next eight, and single
//! words at the end, so that computing stays within the nearest cache.

use caucus_core::algebra::Ring;
use caucus_core::wide;

use crate::replicated::algebra::{Algebra, Packed};
use crate::replicated::bits;

/// Words of each row of a block of lanes.
const BLOCK: usize = 8;

/// A row of a block of lanes.
pub(super) type Row<const B: usize> = [Packed; B];

#[inline(always)]
pub(super) fn add<const B: usize>(sum: &mut Row<B>, other: &Row<B>) {
    sum.iter_mut().zip(other).for_each(|(sum, other)| *sum += *other);
}

#[inline(always)]
pub(super) fn and<const B: usize>(a: &Row<B>, b: &Row<B>) -> Row<B> {
    std::array::from_fn(|word| a[word] * b[word])
}

#[inline(always)]
pub(super) fn sum<const B: usize>(a: &Row<B>, b: &Row<B>) -> Row<B> {
    std::array::from_fn(|word| a[word] + b[word])
}

/// What is done for each block of lanes.
pub(super) trait Body {
    fn run<const B: usize>(&mut self, word: usize);
}

#[inline(always)]
fn run_blocks(words: usize, body: &mut impl Body) {
    let whole = words / BLOCK * BLOCK;
    (0..whole).step_by(BLOCK).for_each(|word| body.run::<BLOCK>(word));
    (whole..words).for_each(|word| body.run::<1>(word));
}

pub(super) fn each_block(words: usize, body: &mut impl Body) {
    wide!(|| run_blocks(words, body));
}

/// The rows of the block of lanes that begins at this word, of a table with so many rows.
#[inline(always)]
pub(super) fn rows<const B: usize>(table: &[Packed], n: usize, word: usize) -> &[Row<B>] {
    table[word * n..][..n * B].as_chunks().0
}

#[inline(always)]
pub(super) fn rows_mut<const B: usize>(
    table: &mut [Packed],
    n: usize,
    word: usize,
) -> &mut [Row<B>] {
    table[word * n..][..n * B].as_chunks_mut().0
}

/// The low bits of elements, in a table of one row for each place.
pub(in crate::replicated) fn table_of<R: Ring>(elements: &[R], places: usize) -> Vec<Packed> {
    let words = bits::words(elements.len());
    let whole = words / BLOCK * BLOCK;
    let mut table = Packed::zeros(places * words);
    let (blocks, rest) = table.split_at_mut(places * whole);
    let (of_blocks, others) = elements.split_at(elements.len().min(whole * bits::WORD));
    let of_blocks = of_blocks.chunks(BLOCK * bits::WORD).zip(blocks.chunks_mut(places * BLOCK));
    let others = others.chunks(bits::WORD).zip(rest.chunks_mut(places));
    of_blocks.chain(others).for_each(|(lanes, rows)| bits::pack_into(lanes, places, rows));
    table
}

/// The last row of a table of so many rows, word by word.
pub(in crate::replicated) fn last_row(table: &[Packed], n: usize) -> impl Iterator<Item = Packed> {
    let words = table.len() / n;
    let whole = words / BLOCK * BLOCK;
    let (blocks, rest) = table.split_at(n * whole);
    let of_blocks = blocks.chunks(n * BLOCK).flat_map(move |rows| &rows[(n - 1) * BLOCK..]);
    of_blocks.chain(rest.chunks(n).map(move |rows| &rows[n - 1])).copied()
}
