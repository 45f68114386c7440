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
//! Tables hold rows of bits for blocks of words: all rows of eight words (512 lanes), then those of the next eight, and
//! single words at the end, so that computing stays within the nearest cache.

use caucus_core::algebra::Ring;
use caucus_core::wide;

use super::algebra::{Algebra, Packed};
use super::bits;

/// Places of a block, and neighbors that are merged at once. More of them need far more products.
const FAN_IN: usize = 4;
/// Words of each row of a block of lanes.
const BLOCK: usize = 8;
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

/// A row of a block of lanes.
type Row<const B: usize> = [Packed; B];

#[inline(always)]
fn add<const B: usize>(sum: &mut Row<B>, other: &Row<B>) {
    sum.iter_mut().zip(other).for_each(|(sum, other)| *sum += *other);
}

#[inline(always)]
fn and<const B: usize>(a: &Row<B>, b: &Row<B>) -> Row<B> {
    std::array::from_fn(|word| a[word] * b[word])
}

#[inline(always)]
fn sum<const B: usize>(a: &Row<B>, b: &Row<B>) -> Row<B> {
    std::array::from_fn(|word| a[word] + b[word])
}

/// What is done for each block of lanes.
trait Body {
    fn run<const B: usize>(&mut self, word: usize);
}

#[inline(always)]
fn run_blocks(words: usize, body: &mut impl Body) {
    let whole = words / BLOCK * BLOCK;
    (0..whole).step_by(BLOCK).for_each(|word| body.run::<BLOCK>(word));
    (whole..words).for_each(|word| body.run::<1>(word));
}

fn each_block(words: usize, body: &mut impl Body) {
    wide!(|| run_blocks(words, body));
}

/// The rows of the block of lanes that begins at this word, of a table with so many rows.
#[inline(always)]
fn rows<const B: usize>(table: &[Packed], n: usize, word: usize) -> &[Row<B>] {
    table[word * n..][..n * B].as_chunks().0
}

#[inline(always)]
fn rows_mut<const B: usize>(table: &mut [Packed], n: usize, word: usize) -> &mut [Row<B>] {
    table[word * n..][..n * B].as_chunks_mut().0
}

/// The low bits of elements, in a table of one row for each place.
pub(super) fn table_of<R: Ring>(elements: &[R], places: usize) -> Vec<Packed> {
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
pub(super) fn last_row(table: &[Packed], n: usize) -> impl Iterator<Item = Packed> {
    let words = table.len() / n;
    let whole = words / BLOCK * BLOCK;
    let (blocks, rest) = table.split_at(n * whole);
    let of_blocks = blocks.chunks(n * BLOCK).flat_map(move |rows| &rows[(n - 1) * BLOCK..]);
    of_blocks.chain(rest.chunks(n).map(move |rows| &rows[n - 1])).copied()
}

struct Deal<'a> {
    tree: &'a Tree,
    bits: &'a [Packed],
    masks: &'a [Packed],
    monomials: &'a mut [Packed],
    products: &'a mut [Packed],
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
            let mut table = [[Packed::ZERO; B]; SETS];
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

struct Begin<'a> {
    tree: &'a Tree,
    is_first: bool,
    bits: &'a [Packed],
    monomials: &'a [Packed],
    values: &'a mut [Packed],
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

/// The carry out of a block is sum M_S g_S over the sets S of places, with the monomials M_S of a. A further place j,
/// with bits a_j and v_j, generates a_j v_j and propagates if a_j + v_j: so g_S becomes v_j g_S, that of S with j becomes
/// g_S, and that of j alone is v_j.
#[inline(always)]
fn generated<const B: usize>(bits: &[Row<B>], monomials: &[Row<B>]) -> Row<B> {
    let mut factors = [[Packed::ZERO; B]; 1 << FAN_IN];
    for (place, bit) in bits.iter().enumerate() {
        let (lower, upper) = factors.split_at_mut(1 << place);
        for (lower, upper) in lower.iter_mut().zip(upper) {
            *upper = *lower;
            *lower = and(lower, bit);
        }
        factors[1 << place] = *bit;
    }
    let mut value = [Packed::ZERO; B];
    for (monomial, factor) in monomials.iter().zip(&factors[1..]) {
        add(&mut value, &and(monomial, factor));
    }
    value
}

/// The product of a_j + v_j over the places: the sum of M_S times the bits of v outside of S.
#[inline(always)]
fn propagated<const B: usize>(bits: &[Row<B>], monomials: &[Row<B>], is_first: bool) -> Row<B> {
    let mut factors = [[Packed::ONES; B]; 1 << FAN_IN];
    for (place, bit) in bits.iter().enumerate() {
        let (lower, upper) = factors.split_at_mut(1 << place);
        for (lower, upper) in lower.iter_mut().zip(upper) {
            *upper = *lower;
            *lower = and(lower, bit);
        }
    }
    let mut value = if is_first { factors[0] } else { [Packed::ZERO; B] };
    for (monomial, factor) in monomials.iter().zip(&factors[1..]) {
        add(&mut value, &and(monomial, factor));
    }
    value
}

struct Mask<'a> {
    tree: &'a Tree,
    level: usize,
    values: &'a [Packed],
    masks: &'a [Packed],
    out: &'a mut [Packed],
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

struct MergeAll<'a> {
    tree: &'a Tree,
    level: usize,
    is_first: bool,
    opened: &'a [Packed],
    part: &'a Part,
    values: &'a mut [Packed],
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
        let one = if self.is_first { Packed::ONES } else { Packed::ZERO };
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
                let (mut value, mut set) = ([Packed::ZERO; B], all);
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

#[cfg(test)]
mod tests {
    use caucus_core::algebra::Z128;

    use super::*;
    use crate::testing::{random_elements, test_prg};

    /// What the tree gives for the lanes of both numbers, with summands of everything drawn at random.
    fn result_of(tree: &Tree, a: &[Z128], v: &[Z128]) -> Vec<Packed> {
        let words = bits::words(a.len());
        let mut prg = test_prg(2);
        let mut random = |rows: usize| {
            let mut table = Packed::zeros(rows * words);
            Packed::fill_random(&mut prg, &mut table);
            table
        };
        let add = |a: &[Packed], b: &[Packed]| -> Vec<Packed> {
            a.iter().zip(b).map(|(a, b)| *a + *b).collect()
        };
        let masks = [(); 2].map(|()| random(tree.masks()));
        let all_masks = add(&masks[0], &masks[1]);
        let mut monomials = [random(tree.monomials()), random(tree.monomials())];
        let mut products = [random(tree.products()), random(tree.products())];
        let (mut made, mut multiplied) = (monomials[0].clone(), products[0].clone());
        tree.deal(&table_of(a, tree.places()), &all_masks, &mut made, &mut multiplied);
        monomials[1] = add(&monomials[0], &made);
        products[1] = add(&products[0], &multiplied);
        let bits = table_of(v, tree.places());
        let mut parts = [0, 1].map(|party| Part {
            values: tree.begin(party == 0, &bits, &monomials[party]),
            masks: masks[party].clone(),
            products: products[party].clone(),
        });
        let open = |level: usize, rows: usize, parts: &[Part; 2]| {
            let both = [0, 1].map(|party| {
                let part = &parts[party];
                let mut out = Packed::zeros(rows * words);
                tree.mask(level, &part.values, &part.masks, &mut out);
                out
            });
            add(&both[0], &both[1])
        };
        for (level, rows) in tree.opened().enumerate() {
            let opened = open(level, rows, &parts);
            for (party, part) in parts.iter_mut().enumerate() {
                part.values = tree.merge(level, party == 0, &opened, part);
            }
        }
        let masked = open(tree.opened().count(), 1, &parts);
        let last: Vec<_> = last_row(&all_masks, tree.masks()).collect();
        add(&masked, &last)
    }

    #[test]
    fn trees_of_all_sizes_carry_and_compare() {
        // Blocks of words and single words after them, a block whose last word is not full, and one lane.
        for (places, lanes) in (1..=128).zip([600, 500, 1].into_iter().cycle()) {
            let all = u128::MAX >> (128 - places);
            let a: Vec<u128> = random_elements::<Z128>(&mut test_prg(places as u64), lanes)
                .iter()
                .map(|element| element.to_u128() & all)
                .collect();
            // Long runs of places that differ, with a carry into them or not, or one place that does not differ.
            let v: Vec<u128> = a
                .iter()
                .enumerate()
                .map(|(lane, a)| match lane % 4 {
                    0 => !a & all,
                    1 => !a ^ 1 << (lane / 4 % places),
                    2 => (!a).wrapping_add(1 << (lane / 4 % places)),
                    _ => a.rotate_left(64),
                })
                .map(|v| v & all)
                .collect();
            let elements = |numbers: &[u128]| -> Vec<Z128> {
                numbers.iter().map(|number| Z128::from_u128(*number)).collect()
            };
            for goal in [Goal::Carry, Goal::Differ] {
                let tree = Tree::new(goal, places);
                let found = result_of(&tree, &elements(&a), &elements(&v));
                for (lane, (a, v)) in a.iter().zip(&v).enumerate() {
                    let expected = match goal {
                        Goal::Carry => a.checked_add(*v).is_none_or(|sum| sum > all),
                        Goal::Differ => a ^ v == all,
                    };
                    let bit = found[lane / 64].bits() >> (lane % 64) & 1 == 1;
                    assert_eq!(bit, expected, "{goal:?} of {places} places, lane {lane}");
                }
            }
        }
    }
}
