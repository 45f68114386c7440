//! Reductions: element by element, over all members.

use super::call::Call;
use super::round::Round;
use super::tree::{SEGMENT_BYTES, Tree};
use super::{Collective, Comm, Element, Error, Op, Reduce};

/// Longer vectors are reduced to all in blocks, one at each member: then each sends and receives its vector twice,
/// whatever the number of members, where a tree sends it once for each neighbor (R. Rabenseifner: Optimization of
/// collective reduction operations, 2004).
const LONG_BYTES: usize = 256 << 10;

impl Comm {
    /// Gives `root` the reduction of what each member has in `mine`, element by element; nothing to the others. Equal
    /// lengths.
    pub fn reduce<T: Reduce>(
        &mut self,
        root: usize,
        op: Op,
        mine: &[T],
    ) -> Result<Option<Vec<T>>, Error> {
        let len = Some(mine.len());
        let call = self.call(Collective::Reduce, T::TYPE, Some(root), len, Call::op(op));
        let valid = self.valid_root(root).and_then(|()| valid_op::<T>(op));
        self.collective(call, valid, |round| {
            let sum = round.reduce_to(root, mine, &mut |sum, more| T::apply(op, sum, more))?;
            Ok((round.rank == root).then_some(sum))
        })
    }

    /// Like [`reduce`](Self::reduce), with a function of two elements. It must be associative but need not be
    /// commutative: it is applied in the order of ranks. All members must give the same one, which cannot be checked.
    pub fn reduce_with<T: Element>(
        &mut self,
        root: usize,
        function: impl Fn(T, T) -> T,
        mine: &[T],
    ) -> Result<Option<Vec<T>>, Error> {
        let len = Some(mine.len());
        let call = self.call(Collective::Reduce, T::TYPE, Some(root), len, Call::FUNCTION);
        let valid = self.valid_root(root);
        self.collective(call, valid, |round| {
            // In the order of ranks the tree begins at rank 0.
            let sum = round.reduce_to(0, mine, &mut |sum, more| fold(sum, more, &function))?;
            match round.rank {
                _ if root == 0 => {}
                0 => {
                    let out = round.to(root, T::TYPE, T::encoded(&sum));
                    round.transfer(&mut [out], &mut [])?;
                }
                rank if rank == root => {
                    let sum = round.receive(
                        mine.len(),
                        |_| 0,
                        |round, bytes| {
                            let wanted = round.from(0, T::TYPE, bytes);
                            round.transfer(&mut [], &mut [wanted])
                        },
                    )?;
                    return Ok(Some(sum));
                }
                _ => {}
            }
            Ok((round.rank == root).then_some(sum))
        })
    }

    /// Gives `root` the fold from the left, in the order of ranks, of what each member has: `f(f(f(x0, x1), x2), x3)`.
    /// So it also does what is not associative, such as differences and quotients; all vectors go to the root.
    pub fn reduce_ordered<T: Element>(
        &mut self,
        root: usize,
        function: impl Fn(T, T) -> T,
        mine: &[T],
    ) -> Result<Option<Vec<T>>, Error> {
        let len = Some(mine.len());
        let call = self.call(Collective::ReduceOrdered, T::TYPE, Some(root), len, Call::FUNCTION);
        let valid = self.valid_root(root);
        self.collective(call, valid, |round| {
            if round.rank != root {
                let out = round.to(root, T::TYPE, T::encoded(mine));
                round.transfer(&mut [out], &mut [])?;
                return Ok(None);
            }
            let mut sum = Vec::new();
            for rank in 0..round.size() {
                let part = if rank == root {
                    mine.to_vec()
                } else {
                    round.receive(
                        mine.len(),
                        |_| rank,
                        |round, bytes| {
                            let wanted = round.from(rank, T::TYPE, bytes);
                            round.transfer(&mut [], &mut [wanted])
                        },
                    )?
                };
                match rank {
                    0 => sum = part,
                    _ => fold(&mut sum, &part, &function),
                }
            }
            Ok(Some(sum))
        })
    }

    /// Gives all members the reduction of what each has in `mine`, element by element. Equal lengths.
    pub fn all_reduce<T: Reduce>(&mut self, op: Op, mine: &[T]) -> Result<Vec<T>, Error> {
        let call = self.call(Collective::AllReduce, T::TYPE, None, Some(mine.len()), Call::op(op));
        self.collective(call, valid_op::<T>(op), |round| {
            let apply = &mut |sum: &mut [T], more: &[T]| T::apply(op, sum, more);
            if round.size() > 2 && mine.len() * T::WIRE_BYTES > LONG_BYTES {
                return round.reduce_in_blocks(mine, apply);
            }
            let mut sum = round.reduce_to(0, mine, apply)?;
            round.receive_into(
                &mut sum,
                |_| 0,
                |round, bytes| round.broadcast(0, T::TYPE, bytes),
            )?;
            Ok(sum)
        })
    }

    /// Gives each member the reduction of what the members up to it have in `mine`, itself included. Equal lengths.
    pub fn scan<T: Reduce>(&mut self, op: Op, mine: &[T]) -> Result<Vec<T>, Error> {
        let call = self.call(Collective::Scan, T::TYPE, None, Some(mine.len()), Call::op(op));
        self.collective(call, valid_op::<T>(op), |round| {
            // After step k this is the reduction of 2^(k+1) ranks up to this one (W. D. Hillis, G. L. Steele: Data
            // parallel algorithms, 1986).
            let mut sum = mine.to_vec();
            let offsets = (0..usize::BITS).map(|bit| 1_usize << bit);
            let (rank, size) = (round.rank, round.size());
            for offset in offsets.take_while(|offset| *offset < size) {
                let encoded = T::encoded(&sum);
                let to = Some(rank + offset).filter(|to| *to < size);
                let mut outs: Vec<_> =
                    to.map(|to| round.to(to, T::TYPE, encoded.as_ref())).into_iter().collect();
                let Some(from) = rank.checked_sub(offset) else {
                    round.transfer(&mut outs, &mut [])?;
                    continue;
                };
                let mut before = round.receive(
                    mine.len(),
                    |_| from,
                    |round, bytes| {
                        let wanted = round.from(from, T::TYPE, bytes);
                        round.transfer(&mut outs, &mut [wanted])
                    },
                )?;
                T::apply(op, &mut before, &sum);
                sum = before;
            }
            Ok(sum)
        })
    }
}

fn valid_op<T: Reduce>(op: Op) -> Result<(), String> {
    match T::has(op) {
        true => Ok(()),
        false => Err(format!("{} has no operator {op}", T::TYPE)),
    }
}

fn fold<T: Copy>(sum: &mut [T], more: &[T], function: &impl Fn(T, T) -> T) {
    for (sum, more) in sum.iter_mut().zip(more) {
        *sum = function(*sum, *more);
    }
}

/// Replaces the first vector by what both are together.
type Apply<'a, T> = &'a mut dyn FnMut(&mut [T], &[T]);

impl Round<'_> {
    /// The reduction of what all have, at the root; at the others, that of their subtrees. Goes along a tree in segments,
    /// so that all of its levels are at work.
    fn reduce_to<T: Element>(
        &mut self,
        root: usize,
        mine: &[T],
        apply: Apply<'_, T>,
    ) -> Result<Vec<T>, Error> {
        let size = self.size();
        let rank_of = |place: usize| (place + root) % size;
        let tree = Tree::new(size, (self.rank + size - root) % size);
        let (parent, children) = (tree.parent(), tree.children());
        let mut sum = mine.to_vec();
        let segment = (SEGMENT_BYTES / T::WIRE_BYTES).max(1);
        let n_segments = mine.len().div_ceil(segment);
        let lies = T::memory(&mut []).is_some();
        let most = segment.min(mine.len());
        let mut parts: Vec<_> = children.iter().map(|_| T::zeroed(most)).collect();
        let in_bytes = if lies { 0 } else { most * T::WIRE_BYTES };
        let mut bytes: Vec<_> = children.iter().map(|_| vec![0; in_bytes]).collect();
        for step in 0..=n_segments {
            let start = (step * segment).min(sum.len());
            let len = segment.min(sum.len() - start);
            let last = T::encoded(&sum[step.saturating_sub(1) * segment..start]);
            let to = parent.filter(|_| step > 0);
            let out = to.map(|to| self.to(rank_of(to), T::TYPE, last.as_ref()));
            let mut outs: Vec<_> = out.into_iter().collect();
            let mut ins = Vec::new();
            if step < n_segments {
                for ((child, part), bytes) in children.iter().zip(&mut parts).zip(&mut bytes) {
                    let buf = match T::memory(&mut part[..len]) {
                        Some(memory) => memory,
                        None => &mut bytes[..len * T::WIRE_BYTES],
                    };
                    ins.push(self.from(rank_of(*child), T::TYPE, buf));
                }
            }
            self.transfer(&mut outs, &mut ins)?;
            drop((outs, ins));
            drop(last);
            if step == n_segments {
                break;
            }
            // Subtrees follow each other, so this is the order of places.
            for ((child, part), bytes) in children.iter().zip(&mut parts).zip(&bytes) {
                if !lies {
                    T::decoded(&bytes[..len * T::WIRE_BYTES], &mut part[..len])
                        .map_err(|error| self.malformed(error, rank_of(*child)))?;
                }
                apply(&mut sum[start..start + len], &part[..len]);
            }
        }
        Ok(sum)
    }

    /// The reduction of what all have, at all: each reduces one block, and all gather the blocks.
    fn reduce_in_blocks<T: Element>(
        &mut self,
        mine: &[T],
        apply: Apply<'_, T>,
    ) -> Result<Vec<T>, Error> {
        let (size, me) = (self.size(), self.rank);
        let block = |rank: usize| mine.len() * rank / size..mine.len() * (rank + 1) / size;
        let len = block(me).len();
        let others = || (0..size).filter(move |rank| *rank != me);
        let encoded: Vec<_> = others().map(|rank| (rank, T::encoded(&mine[block(rank)]))).collect();
        let outs = encoded.iter().map(|(rank, part)| self.to(*rank, T::TYPE, part.as_ref()));
        let mut outs: Vec<_> = outs.collect();
        let sender = |idx: usize| others().nth(idx / len.max(1)).unwrap_or(me);
        let parts: Vec<T> = self.receive((size - 1) * len, sender, |round, bytes| {
            let chunks = bytes.chunks_mut((len * T::WIRE_BYTES).max(1));
            let ins = others().zip(chunks).map(|(rank, part)| round.from(rank, T::TYPE, part));
            let mut ins: Vec<_> = ins.collect();
            round.transfer(&mut outs, &mut ins)
        })?;
        drop(outs);
        let part = |rank: usize| match rank {
            rank if rank == me => &mine[block(me)],
            rank => &parts[(rank - usize::from(rank > me)) * len..][..len],
        };
        let mut sum = part(0).to_vec();
        (1..size).for_each(|rank| apply(&mut sum, part(rank)));
        let encoded = T::encoded(&sum);
        let mut outs: Vec<_> =
            others().map(|rank| self.to(rank, T::TYPE, encoded.as_ref())).collect();
        let sender = |idx: usize| (0..size).find(|rank| block(*rank).contains(&idx)).unwrap_or(me);
        self.receive(mine.len(), sender, |round, bytes| {
            let mut rest = bytes;
            let mut ins = Vec::new();
            for rank in 0..size {
                let n_bytes = block(rank).len() * T::WIRE_BYTES;
                let (part, after) = std::mem::take(&mut rest).split_at_mut(n_bytes);
                rest = after;
                if rank == me {
                    part.copy_from_slice(&encoded);
                } else {
                    ins.push(round.from(rank, T::TYPE, part));
                }
            }
            round.transfer(&mut outs, &mut ins)
        })
    }
}
