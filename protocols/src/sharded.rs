//! Rows that are spread over the nodes of each party, and what these do with them together.
//!
//! The nodes of the same number, one of each party, are a *set* and compute over a [`Net`](caucus_core::net::Net) as
//! parties always do; each set has a *shard*: consecutive rows. The nodes of one party move rows among themselves over
//! a [`Comm`], without their main node. That is no communication between parties: what a party's nodes tell each other
//! is what the party holds and knows anyway.
//!
//! Shuffling: two parties know each of the permutations of which a shuffle consists, so all their nodes may know it,
//! too. They draw it from a seed that the first set's streams give and that each party spreads among its nodes; then a
//! node knows for each row of its shard where it goes, and for each place of it where its row comes from. No count, of
//! rows or bytes between two nodes, is known to the third party. The permutations have all rows, so that their product
//! is uniform, and at no time does a node need more than its shard and four bytes for each row of all.
//!
//! Sorting: see [`sort()`].

mod sort;
#[cfg(test)]
mod tests;

use std::ops::Range;

use caucus_core::algebra::Ring;
use caucus_core::comm::Comm;
use caucus_core::random::{Label, Prg, Seed};
use zeroize::Zeroizing;

pub use sort::sort;

use crate::Error;
use crate::permutation::{Permutation, width};

/// Bytes of a seed.
const SEED_BYTES: usize = 32;

/// The nodes of this party among which rows are spread: the member of rank r has shard r.
pub struct Shards<'c> {
    comm: &'c mut Comm,
    rows: usize,
}

impl<'c> Shards<'c> {
    /// So many rows, spread over all members.
    pub fn new(comm: &'c mut Comm, rows: usize) -> Self {
        Self { comm, rows }
    }

    /// Which of `rows` rows are in the shard `index` of `count`: equally many in each, but one more in some.
    pub fn part(rows: usize, count: usize, index: usize) -> Range<usize> {
        // Shard i begins at ⌈rows · i / count⌉, so that the first one is empty only if there are no rows.
        let start = |index: usize| (rows as u128 * index as u128).div_ceil(count as u128) as usize;
        start(index)..start(index + 1)
    }

    /// Which of `count` shards has a row.
    fn part_of(rows: usize, count: usize, row: usize) -> usize {
        (row as u128 * count as u128 / rows as u128) as usize
    }

    /// How many rows there are in all.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many shards there are.
    pub fn count(&self) -> usize {
        self.comm.size()
    }

    /// Which shard is here.
    pub fn index(&self) -> usize {
        self.comm.rank()
    }

    /// The rows of a shard.
    fn range(&self, shard: usize) -> Range<usize> {
        Self::part(self.rows, self.count(), shard)
    }

    /// The rows that are here.
    pub fn mine(&self) -> Range<usize> {
        self.range(self.index())
    }

    /// Streams that all nodes of the party have in common, from the streams of its first node, which must be fresh.
    /// Another party that shares these has them in common, too.
    pub(crate) fn common<const N: usize>(
        &mut self,
        mut streams: [&mut Prg; N],
    ) -> Result<[Prg; N], Error> {
        let mut seeds = Zeroizing::new(vec![0; N * SEED_BYTES]);
        if self.index() == 0 {
            let parts = seeds.chunks_exact_mut(SEED_BYTES).zip(&mut streams);
            parts.for_each(|(seed, stream)| stream.fill(seed));
        }
        self.comm.broadcast(0, seeds.as_mut_slice())?;
        let label = Label { protocol: "shards", purpose: "common", thread: 0, node: 0, epoch: 0 };
        let (seeds, _) = seeds.as_chunks::<SEED_BYTES>();
        Ok(std::array::from_fn(|idx| Seed::from_bytes(seeds[idx]).derive(&label).prg()))
    }

    /// Permutes all rows, of equal widths, of which these are the ones here. All members must know the permutation.
    pub(crate) fn permute<R: Ring>(
        &mut self,
        permutation: &Permutation,
        rows: &[R],
    ) -> Result<Vec<R>, Error> {
        let (count, mine) = (self.count(), self.mine());
        let width = width(rows.len(), mine.len());
        let sources = permutation.sources();
        let part = |shard: usize| {
            let mut part = Vec::new();
            for item in &sources[self.range(shard)] {
                let item = *item as usize;
                if mine.contains(&item) {
                    part.extend_from_slice(&rows[(item - mine.start) * width..][..width]);
                }
            }
            part
        };
        let parts: Vec<Vec<R>> = (0..count).map(part).collect();
        let shard = |item: &u32| Self::part_of(self.rows, count, *item as usize);
        let from: Vec<usize> = sources[mine].iter().map(shard).collect();
        let mut lens = vec![0; count];
        from.iter().for_each(|shard| lens[*shard] += width);
        let parts: Vec<&[R]> = parts.iter().map(Vec::as_slice).collect();
        let received = self.comm.all_to_allv(&parts, &lens)?;
        let mut next = vec![0; count];
        let mut out = Vec::with_capacity(rows.len());
        for shard in from {
            out.extend_from_slice(&received[shard][next[shard]..][..width]);
            next[shard] += width;
        }
        Ok(out)
    }
}
