//! Passing data along a binomial tree of the members.

use std::borrow::Cow;

use super::round::Round;
use super::{ElementType, Error};

/// Bytes that a tree passes on at a time: as much as is sent unasked.
pub(super) const SEGMENT_BYTES: usize = super::port::PREFIX_BYTES;

/// The place of a node in a binomial tree over `size` places whose root is 0. The subtree below a place is a range of
/// places that begins there.
pub(super) struct Tree {
    size: usize,
    place: usize,
}

impl Tree {
    pub(super) fn new(size: usize, place: usize) -> Self {
        Self { size, place }
    }

    pub(super) fn parent(&self) -> Option<usize> {
        (self.place > 0).then(|| self.place & (self.place - 1))
    }

    /// The children, nearest place (and smallest subtree) first.
    pub(super) fn children(&self) -> Vec<usize> {
        let low = if self.place == 0 { self.size } else { self.place & self.place.wrapping_neg() };
        let offsets = (0..usize::BITS).map(|bit| 1_usize << bit).take_while(|offset| *offset < low);
        offsets.map(|offset| self.place + offset).filter(|child| *child < self.size).collect()
    }

    /// How many places the subtree below a place has, itself included.
    pub(super) fn below(&self, place: usize) -> usize {
        let low = if place == 0 { self.size } else { place & place.wrapping_neg() };
        low.min(self.size - place)
    }
}

impl Round<'_> {
    /// Passes the bytes of the root along a tree, in segments, so that all levels of the tree are at work.
    pub(super) fn broadcast(
        &mut self,
        root: usize,
        element: ElementType,
        bytes: &mut [u8],
    ) -> Result<(), Error> {
        let size = self.size();
        let rank_of = |place: usize| (place + root) % size;
        let tree = Tree::new(size, (self.rank + size - root) % size);
        let (parent, mut children) = (tree.parent(), tree.children());
        // The largest subtree first: it takes longest.
        children.reverse();
        let n_segments = bytes.len().div_ceil(SEGMENT_BYTES);
        for step in 0..=n_segments {
            let (before, rest) = bytes.split_at_mut((step * SEGMENT_BYTES).min(bytes.len()));
            let last = &before[step.saturating_sub(1) * SEGMENT_BYTES..];
            let children = children.iter().filter(|_| step > 0);
            let mut outs: Vec<_> =
                children.map(|child| self.to(rank_of(*child), element, last)).collect();
            let segment = rest.len().min(SEGMENT_BYTES);
            let wanted = parent.filter(|_| step < n_segments);
            let wanted = wanted.map(|from| self.from(rank_of(from), element, &mut rest[..segment]));
            let mut ins: Vec<_> = wanted.into_iter().collect();
            self.transfer(&mut outs, &mut ins)?;
        }
        Ok(())
    }

    /// Passes the parts along a tree: each gets the parts of its subtree and passes on those of its children.
    pub(super) fn scatter(
        &mut self,
        root: usize,
        element: ElementType,
        data: Option<&[u8]>,
        part: &mut [u8],
    ) -> Result<(), Error> {
        let size = self.size();
        let n_bytes = part.len();
        if n_bytes == 0 {
            return Ok(());
        }
        let rank_of = |place: usize| (place + root) % size;
        let place = (self.rank + size - root) % size;
        let tree = Tree::new(size, place);
        // The parts of the subtree, in the order of places.
        let parts: Cow<'_, [u8]> = match (data, tree.parent()) {
            (Some(data), _) if root == 0 => Cow::Borrowed(data),
            (Some(data), _) => {
                let (end, start) = data.split_at(root * n_bytes);
                Cow::Owned([start, end].concat())
            }
            (None, Some(parent)) => {
                let mut parts = vec![0; tree.below(place) * n_bytes];
                let wanted = self.from(rank_of(parent), element, &mut parts);
                self.transfer(&mut [], &mut [wanted])?;
                Cow::Owned(parts)
            }
            (None, None) => unreachable!("the root has data"),
        };
        part.copy_from_slice(&parts[..n_bytes]);
        let outs = tree.children().into_iter().rev().map(|child| {
            let range = (child - place) * n_bytes..(child - place + tree.below(child)) * n_bytes;
            self.to(rank_of(child), element, &parts[range])
        });
        let mut outs: Vec<_> = outs.collect();
        self.transfer(&mut outs, &mut [])
    }

    /// Collects parts along a tree. The root gives `all` for the parts, in the order of ranks.
    pub(super) fn gather(
        &mut self,
        root: usize,
        element: ElementType,
        mine: &[u8],
        all: Option<&mut [u8]>,
    ) -> Result<(), Error> {
        let (size, n_bytes) = (self.size(), mine.len());
        if n_bytes == 0 {
            return Ok(());
        }
        let rank_of = |place: usize| (place + root) % size;
        let place = (self.rank + size - root) % size;
        let tree = Tree::new(size, place);
        let mut own = Vec::new();
        let is_root = all.is_some();
        let parts = match all {
            Some(all) => all,
            None => {
                own = vec![0; tree.below(place) * n_bytes];
                &mut own[..]
            }
        };
        let (first, mut rest) = parts.split_at_mut(n_bytes);
        first.copy_from_slice(mine);
        let mut ins = Vec::new();
        for child in tree.children() {
            let (block, after) =
                std::mem::take(&mut rest).split_at_mut(tree.below(child) * n_bytes);
            ins.push(self.from(rank_of(child), element, block));
            rest = after;
        }
        self.transfer(&mut [], &mut ins)?;
        drop(ins);
        if is_root {
            parts.rotate_right(root * n_bytes);
            return Ok(());
        }
        let parent = tree.parent().expect("who is not the root has a parent");
        let out = self.to(rank_of(parent), element, &own[..]);
        self.transfer(&mut [out], &mut [])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_has_all_places_once_and_subtrees_are_ranges() {
        for size in 1..40 {
            let mut n_reached = 1;
            for place in 0..size {
                let tree = Tree::new(size, place);
                let mut next = place + 1;
                for child in tree.children() {
                    assert_eq!(child, next, "the subtrees of {place} of {size} follow each other");
                    assert_eq!(Tree::new(size, child).parent(), Some(place));
                    next += tree.below(child);
                    n_reached += 1;
                }
                assert_eq!(next, place + tree.below(place));
            }
            assert_eq!(n_reached, size);
        }
    }
}
