//! What is done for each block of lanes.

use super::lanes::{Body, Row, add, and, rows, rows_mut, sum};
use super::{FAN_IN, Goal, Part, Propagated, SETS, Tree};
use crate::replicated::algebra::Packed;

pub(super) struct Deal<'a> {
    pub(super) tree: &'a Tree,
    pub(super) bits: &'a [Packed],
    pub(super) masks: &'a [Packed],
    pub(super) monomials: &'a mut [Packed],
    pub(super) products: &'a mut [Packed],
}

impl Body for Deal<'_> {
    #[inline(always)]
    fn run<const B: usize>(&mut self, word: usize) {
        let tree = self.tree;
        let bits = rows::<B>(self.bits, tree.places, word);
        let mut rest = rows_mut::<B>(self.monomials, tree.monomials(), word);
        for (first, places) in tree.blocks() {
            let (monomials, after) = rest.split_at_mut((1 << places) - 1);
            rest = after;
            for place in 0..places {
                let (done, new) = monomials.split_at_mut((1 << place) - 1);
                let bit = &bits[first + place];
                new[0] = *bit;
                for (new, old) in new[1..].iter_mut().zip(&*done) {
                    *new = and(old, bit);
                }
            }
        }
        let masks = rows::<B>(self.masks, tree.masks(), word);
        let mut rest = rows_mut::<B>(self.products, tree.products, word);
        let mut masks = masks.iter();
        for merge in tree.levels.iter().flat_map(|level| &level.merges) {
            let mut table = [[Packed::ZEROS; B]; SETS];
            let n_factors = merge.factors.len();
            (0..n_factors).zip(&mut masks).for_each(|(it, mask)| table[1 << it] = *mask);
            let (products, after) = rest.split_at_mut(merge.products.len());
            rest = after;
            for (product, set) in products.iter_mut().zip(&merge.products) {
                let others = set & (set - 1);
                table[*set] = and(&table[others], &table[set - others]);
                *product = table[*set];
            }
        }
    }
}

pub(super) struct Begin<'a> {
    pub(super) tree: &'a Tree,
    pub(super) is_first: bool,
    pub(super) bits: &'a [Packed],
    pub(super) monomials: &'a [Packed],
    pub(super) values: &'a mut [Packed],
}

impl Body for Begin<'_> {
    #[inline(always)]
    fn run<const B: usize>(&mut self, word: usize) {
        let tree = self.tree;
        let bits = rows::<B>(self.bits, tree.places, word);
        let mut rest = rows::<B>(self.monomials, tree.monomials(), word);
        let n_values = self.values.len() / (self.bits.len() / tree.places);
        let mut values = rows_mut::<B>(self.values, n_values, word).iter_mut();
        for (first, places) in tree.blocks() {
            let (monomials, after) = rest.split_at((1 << places) - 1);
            rest = after;
            let bits = &bits[first..][..places];
            if tree.goal == Goal::Carry {
                *values.next().expect("a row of each block") = generated(bits, monomials);
            }
            if tree.goal == Goal::Differ || first > 0 {
                let value = propagated(bits, monomials, self.is_first);
                *values.next().expect("a row of each block") = value;
            }
        }
    }
}

/// Polynomials of the bits of v, of which one belongs to each set of places of a block.
type Factors<const B: usize> = [Row<B>; 1 << FAN_IN];

/// Takes in a further place j: the polynomial of a set gets v_j as a factor, and that of the set with j is what it was.
#[inline(always)]
fn extend<const B: usize>(factors: &mut Factors<B>, place: usize, bit: &Row<B>) {
    let (lower, upper) = factors.split_at_mut(1 << place);
    for (lower, upper) in lower.iter_mut().zip(upper) {
        *upper = *lower;
        *lower = and(lower, bit);
    }
}

/// Adds the products of monomials and the polynomials of the same sets, which are not empty.
#[inline(always)]
fn add_products<const B: usize>(sum: &mut Row<B>, monomials: &[Row<B>], factors: &Factors<B>) {
    for (monomial, factor) in monomials.iter().zip(&factors[1..]) {
        add(sum, &and(monomial, factor));
    }
}

/// The carry out of a block is sum M_S g_S over the sets S of places, with the monomials M_S of a. A further place j,
/// with bits a_j and v_j, generates a_j v_j and propagates if a_j + v_j: so g_S becomes v_j g_S, that of S with j becomes
/// g_S, and that of j alone is v_j.
#[inline(always)]
fn generated<const B: usize>(bits: &[Row<B>], monomials: &[Row<B>]) -> Row<B> {
    let mut factors = [[Packed::ZEROS; B]; 1 << FAN_IN];
    for (place, bit) in bits.iter().enumerate() {
        extend(&mut factors, place, bit);
        factors[1 << place] = *bit;
    }
    let mut value = [Packed::ZEROS; B];
    add_products(&mut value, monomials, &factors);
    value
}

/// The product of a_j + v_j over the places: the sum of M_S times the bits of v outside of S.
#[inline(always)]
fn propagated<const B: usize>(bits: &[Row<B>], monomials: &[Row<B>], is_first: bool) -> Row<B> {
    let mut factors = [[Packed::ONES; B]; 1 << FAN_IN];
    bits.iter().enumerate().for_each(|(place, bit)| extend(&mut factors, place, bit));
    let mut value = if is_first { factors[0] } else { [Packed::ZEROS; B] };
    add_products(&mut value, monomials, &factors);
    value
}

pub(super) struct Mask<'a> {
    pub(super) tree: &'a Tree,
    pub(super) level: usize,
    pub(super) values: &'a [Packed],
    pub(super) masks: &'a [Packed],
    pub(super) out: &'a mut [Packed],
}

impl Body for Mask<'_> {
    #[inline(always)]
    fn run<const B: usize>(&mut self, word: usize) {
        let n_masks = self.tree.masks();
        let words = self.masks.len() / n_masks;
        let masks = rows::<B>(self.masks, n_masks, word);
        let values = rows::<B>(self.values, self.values.len() / words, word);
        let out = rows_mut::<B>(self.out, self.out.len() / words, word);
        let Some(level) = self.tree.levels.get(self.level) else {
            out[0] = sum(&values[0], &masks[n_masks - 1]);
            return;
        };
        let factors = level.merges.iter().flat_map(|merge| &merge.factors);
        let masked = factors.zip(&masks[level.first_masked..]);
        for (out, (row, mask)) in out.iter_mut().zip(masked) {
            *out = sum(&values[*row], mask);
        }
    }
}

pub(super) struct MergeAll<'a> {
    pub(super) tree: &'a Tree,
    pub(super) level: usize,
    pub(super) is_first: bool,
    pub(super) opened: &'a [Packed],
    pub(super) part: &'a Part,
    pub(super) values: &'a mut [Packed],
}

impl Body for MergeAll<'_> {
    #[inline(always)]
    fn run<const B: usize>(&mut self, word: usize) {
        let (tree, level) = (self.tree, &self.tree.levels[self.level]);
        let words = self.part.masks.len() / tree.masks();
        let mut opened = rows::<B>(self.opened, level.masked, word);
        let mut masks = &rows::<B>(&self.part.masks, tree.masks(), word)[level.first_masked..];
        let mut products =
            &rows::<B>(&self.part.products, tree.products, word)[level.first_product..];
        let before = rows::<B>(&self.part.values, tree.values(level.groups), word);
        let n_values = self.values.len() / words;
        let mut values = rows_mut::<B>(self.values, n_values, word).iter_mut();
        let one = if self.is_first { Packed::ONES } else { Packed::ZEROS };
        for merge in &level.merges {
            // Products of what is open, and summands of products of masks.
            let mut open = [[Packed::ONES; B]; SETS];
            let mut shared = [[one; B]; SETS];
            for factor in 0..merge.factors.len() {
                open[1 << factor] = opened[factor];
                shared[1 << factor] = masks[factor];
            }
            for (set, product) in merge.products.iter().zip(products) {
                let others = set & (set - 1);
                open[*set] = and(&open[others], &open[set - others]);
                shared[*set] = *product;
            }
            let product = |all: usize| {
                let (mut value, mut set) = ([Packed::ZEROS; B], all);
                loop {
                    add(&mut value, &and(&shared[set], &open[all - set]));
                    if set == 0 {
                        return value;
                    }
                    set = (set - 1) & all;
                }
            };
            if let Some((highest, terms)) = &merge.generate {
                let mut value = before[*highest];
                terms.iter().for_each(|term| add(&mut value, &product(*term)));
                *values.next().expect("a row of each group") = value;
            }
            match merge.propagate {
                None => {}
                Some(Propagated::Same(row)) => {
                    *values.next().expect("a row of each group") = before[row];
                }
                Some(Propagated::Product(set)) => {
                    *values.next().expect("a row of each group") = product(set);
                }
            }
            opened = &opened[merge.factors.len()..];
            masks = &masks[merge.factors.len()..];
            products = &products[merge.products.len()..];
        }
    }
}
