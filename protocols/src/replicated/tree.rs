//! Carries of the sum of two numbers, one known to P0 and one to P1 and P2, for which P0 deals products of what it
//! knows: the computations, without messages. [`carry`](super::carry) has the protocol.
//!
//! Blocks of four places come first. What a block of a + v generates and propagates is a sum of products, each of a
//! monomial of the bits of a, which P0 shares, and a polynomial of the bits of v, which P1 and P2 know. So P1 and P2 get
//! summands of it without a message between them.
//!
//! Then up to four neighbors are merged at once: G = g_3 + p_3 g_2 + p_3 p_2 g_1 + p_3 p_2 p_1 g_0, P = p_3 p_2 p_1 p_0.
//! P1 and P2 open their bits x masked by random bits m, of which P0 knows the sums, so that it can share the products of
//! any of them. Products of x = d + m, with open d, are then sums of these: D. Beaver: Efficient Multiparty Protocols
//! Using Circuit Randomization, CRYPTO 1991, for more than two factors at once as in A. Patra, T. Schneider, A. Suresh,
//! H. Yalame: ABY2.0, USENIX Security 2021, section 3.2.
//!
//! Rows of bits lie in tables, block by block of lanes; see [`lanes`].

mod compute;
pub(super) mod lanes;
#[cfg(test)]
mod tests;

use super::algebra::{Algebra, Packed};
use compute::{Begin, Deal, Mask, MergeAll};
use lanes::each_block;

/// Places of a block, and neighbors that are merged at once. More of them need far more products.
const FAN_IN: usize = 4;
/// Sets of factors of a merge: three that are propagated and three that are generated, or four and three.
const SETS: usize = 1 << (2 * FAN_IN - 1);

/// What is asked of the places.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Goal {
    /// The carry out of the highest place.
    Carry,
    /// Whether the bits differ in all places.
    Differ,
}

/// How places are put together.
pub(super) struct Tree {
    goal: Goal,
    places: usize,
    levels: Vec<Level>,
    /// Rows of all levels: products that are dealt.
    products: usize,
    /// Rows of all levels: bits that are masked.
    masked: usize,
}

struct Level {
    /// From the lowest places on.
    merges: Vec<Merge>,
    /// Groups before.
    groups: usize,
    /// Rows of earlier levels.
    first_product: usize,
    first_masked: usize,
    masked: usize,
}

/// Neighbors that become one group. Sets of factors are bits of a number, in the order of `factors`.
struct Merge {
    /// Rows, among the values of the level, of what is masked.
    factors: Vec<usize>,
    /// Sets of at least two factors, of which products are dealt; every set comes after those in it.
    products: Vec<usize>,
    /// The row to which the products are added, and their factors, if the group generates a carry.
    generate: Option<(usize, Vec<usize>)>,
    /// The factors of what the group propagates, or the row if it is one.
    propagate: Option<Propagated>,
}

enum Propagated {
    Same(usize),
    Product(usize),
}

impl Tree {
    /// For so many places, at least one.
    pub(super) fn new(goal: Goal, places: usize) -> Self {
        assert!(places > 0, "there is a place");
        let mut tree = Self { goal, places, levels: vec![], products: 0, masked: 0 };
        let mut groups = places.div_ceil(FAN_IN);
        while groups > 1 {
            let firsts = (0..groups).step_by(FAN_IN);
            let merges: Vec<_> =
                firsts.map(|first| Merge::new(goal, first, FAN_IN.min(groups - first))).collect();
            let masked = merges.iter().map(|merge| merge.factors.len()).sum();
            let products: usize = merges.iter().map(|merge| merge.products.len()).sum();
            let (first_product, first_masked) = (tree.products, tree.masked);
            tree.products += products;
            tree.masked += masked;
            tree.levels.push(Level { merges, groups, first_product, first_masked, masked });
            groups = groups.div_ceil(FAN_IN);
        }
        tree
    }

    /// Rows that P0 shares: monomials of its bits.
    pub(super) fn monomials(&self) -> usize {
        self.blocks().map(|(_, places)| (1 << places) - 1).sum()
    }

    /// Rows that P0 shares: products of masks.
    pub(super) fn products(&self) -> usize {
        self.products
    }

    /// Rows of masks: those of all levels, then the one of the result.
    pub(super) fn masks(&self) -> usize {
        self.masked + 1
    }

    /// The number of places.
    pub(super) fn places(&self) -> usize {
        self.places
    }

    /// Rows that are opened in each level, before the result is.
    pub(super) fn opened(&self) -> impl Iterator<Item = usize> {
        self.levels.iter().map(|level| level.masked)
    }

    /// The first place and the number of places of each block.
    fn blocks(&self) -> impl Iterator<Item = (usize, usize)> {
        let firsts = (0..self.places).step_by(FAN_IN);
        firsts.map(|first| (first, FAN_IN.min(self.places - first)))
    }

    /// Rows of what groups generate and propagate.
    fn values(&self, groups: usize) -> usize {
        match self.goal {
            // No carry comes into the lowest group: whether it propagates one does not matter.
            Goal::Carry => 2 * groups - 1,
            Goal::Differ => groups,
        }
    }

    /// P0: makes monomials of its bits, one row for each place, and products of masks.
    pub(super) fn deal(
        &self,
        bits: &[Packed],
        masks: &[Packed],
        monomials: &mut [Packed],
        products: &mut [Packed],
    ) {
        let words = masks.len() / self.masks();
        each_block(words, &mut Deal { tree: self, bits, masks, monomials, products });
    }

    /// P1 and P2: summands of what blocks generate and propagate, of their summands of the monomials and the bits that
    /// both know. `is_first` is set at one of them.
    pub(super) fn begin(
        &self,
        is_first: bool,
        bits: &[Packed],
        monomials: &[Packed],
    ) -> Vec<Packed> {
        let words = bits.len() / self.places;
        let rows = self.values(self.places.div_ceil(FAN_IN));
        let mut values = Packed::zeros(rows * words);
        each_block(
            words,
            &mut Begin { tree: self, is_first, bits, monomials, values: &mut values },
        );
        values
    }

    /// P1 and P2: what they open in a level, or of the result after the last level.
    pub(super) fn mask(
        &self,
        level: usize,
        values: &[Packed],
        masks: &[Packed],
        out: &mut [Packed],
    ) {
        let words = masks.len() / self.masks();
        each_block(words, &mut Mask { tree: self, level, values, masks, out });
    }

    /// P1 and P2: summands of what the groups after a level generate and propagate, of those before, the opened bits,
    /// and their summands of masks and products.
    pub(super) fn merge(
        &self,
        level: usize,
        is_first: bool,
        opened: &[Packed],
        part: &Part,
    ) -> Vec<Packed> {
        let words = part.masks.len() / self.masks();
        let rows = self.values(self.levels[level].merges.len());
        let mut values = Packed::zeros(rows * words);
        each_block(
            words,
            &mut MergeAll { tree: self, level, is_first, opened, part, values: &mut values },
        );
        values
    }
}

/// What P1 or P2 has of some lanes.
pub(super) struct Part {
    /// Summands of what groups generate and propagate.
    pub(super) values: Vec<Packed>,
    pub(super) masks: Vec<Packed>,
    /// Summands of products of masks.
    pub(super) products: Vec<Packed>,
}

impl Merge {
    fn new(goal: Goal, first: usize, members: usize) -> Self {
        let generated = |group: usize| (2 * group).saturating_sub(1);
        let propagated = |group: usize| match goal {
            Goal::Carry => 2 * group,
            Goal::Differ => group,
        };
        let needs_propagate = goal == Goal::Differ || first > 0;
        let needs_generate = goal == Goal::Carry;
        // Factors: what members propagate, then what all but the highest generate.
        let lowest = usize::from(!needs_propagate);
        let mut factors = Vec::new();
        if members > 1 {
            factors.extend((first + lowest..first + members).map(propagated));
        }
        let n_propagated = factors.len();
        if needs_generate {
            factors.extend((first..first + members - 1).map(generated));
        }
        let set = |members: std::ops::Range<usize>| -> usize { members.map(|it| 1 << it).sum() };
        let generate = needs_generate.then(|| {
            let terms = (0..members - 1).map(|member| {
                set(member + 1 - lowest..n_propagated) | 1 << (n_propagated + member)
            });
            (generated(first + members - 1), terms.collect())
        });
        let propagate = needs_propagate.then(|| match members {
            1 => Propagated::Same(propagated(first)),
            _ => Propagated::Product(set(0..n_propagated)),
        });
        let mut merge = Self { factors, products: vec![], generate, propagate };
        let is_part = |set: usize| merge.wanted().any(|wanted| set & wanted == set);
        merge.products = (0..1_usize << merge.factors.len())
            .filter(|set| set.count_ones() > 1 && is_part(*set))
            .collect();
        merge
    }

    /// The products that make the results.
    fn wanted(&self) -> impl Iterator<Item = usize> {
        let generate = self.generate.iter().flat_map(|(_, terms)| terms.iter().copied());
        let propagate = self.propagate.iter().filter_map(|it| match it {
            Propagated::Product(set) => Some(*set),
            Propagated::Same(_) => None,
        });
        generate.chain(propagate)
    }
}
