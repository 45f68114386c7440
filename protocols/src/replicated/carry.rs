//! One carry of an adder of two numbers, in few rounds: P0 deals, P1 and P2 compute.
//!
//! [`tree`](super::tree) says what is computed. P0 sends all that it has to send at once. Then P1 and P2 open masked bits
//! to each other, once for each level of merges, and at last the result, masked by a bit that only P0 knows. So P0 knows
//! one half of the result, P1 and P2 the other: P0 learns nothing, and to P1 and P2 all that they see is uniform, because
//! each bit is masked with what the other and P0 share.

use caucus_core::algebra::Ring;
use caucus_core::net::{Net, Step};

use super::Replicated;
use super::algebra::{Algebra, Packed};
use super::bits;
use super::cross::{DEAL, DEALER, Side};
use super::tree::lanes::{last_row, table_of};
use super::tree::{Part, Tree};
use super::{next, previous};
use crate::Error;

/// What P1 and P2 send each other: masked bits.
const OPEN_MASKED: Step = Step::User(6);

/// Words of lanes for which P0 deals at once, so that it stays in a near cache.
pub(super) const SECTION: usize = 256;

impl<R: Ring> Replicated<R> {
    /// This party's half of a bit of the sum of `halves` as [`halves`](Self::halves) gives them, lane by lane: what P0
    /// knows, or what P1 and P2 both know. There is at least one lane.
    ///
    /// Two rounds and one for each level. In the first one P0 sends one bit per lane for each monomial and product; then
    /// P1 and P2 send one bit per lane for each that is opened. What P0 deals of its half needs no further round.
    pub(super) fn carry_half(
        &mut self,
        net: &mut Net,
        halves: &[R],
        tree: &Tree,
    ) -> Result<Vec<Packed>, Error> {
        net.count_round();
        let Side::Third(third) = self.side() else {
            let half = self.deal_tree(net, halves, tree)?;
            tree.opened().for_each(|_| net.count_round());
            net.count_round();
            return Ok(half);
        };
        let is_p1 = third == 1;
        let peer = if is_p1 { next(self.me) } else { previous(self.me) };
        let mut parts = self.take_tree(net, halves, tree)?;
        let words = bits::words(halves.len());
        let mut open = |level: usize, rows: usize, parts: &[Part]| {
            let mut mine = Packed::zeros(rows * words);
            let mut theirs = Packed::zeros(rows * words);
            let sections = mine.chunks_mut(rows * SECTION);
            for (part, mine) in parts.iter().zip(sections) {
                tree.mask(level, &part.values, &part.masks, mine);
            }
            Packed::exchange(net, peer, peer, OPEN_MASKED, &mine, &mut theirs)?;
            theirs.iter_mut().zip(&mine).for_each(|(sum, mine)| *sum += *mine);
            Ok::<_, Error>(theirs)
        };
        for (level, rows) in tree.opened().enumerate() {
            let opened = open(level, rows, &parts)?;
            for (part, opened) in parts.iter_mut().zip(opened.chunks(rows * SECTION)) {
                part.values = tree.merge(level, is_p1, opened, part);
            }
        }
        open(tree.opened().count(), 1, &parts)
    }

    /// P0's part; its half is the mask of the result.
    fn deal_tree(
        &mut self,
        net: &mut Net,
        halves: &[R],
        tree: &Tree,
    ) -> Result<Vec<Packed>, Error> {
        let mut half = Vec::with_capacity(bits::words(halves.len()));
        let n_monomials = tree.monomials();
        let [mut dealt, mut shares, mut masks, mut others] = [(); 4].map(|()| Vec::new());
        for lanes in halves.chunks(SECTION * bits::WORD) {
            let words = bits::words(lanes.len());
            let mut own = table_of(lanes, tree.places());
            own.iter_mut().for_each(|word| *word += Packed::ONES);
            let n_dealt = (n_monomials + tree.products()) * words;
            Packed::resize(&mut dealt, n_dealt);
            Packed::resize(&mut shares, n_dealt);
            Packed::resize(&mut masks, tree.masks() * words);
            Packed::resize(&mut others, tree.masks() * words);
            let stream = self.streams.dealt_with_next();
            Packed::fill_random(stream, &mut shares);
            Packed::fill_random(stream, &mut masks);
            Packed::fill_random(self.streams.dealt_with_previous(), &mut others);
            masks.iter_mut().zip(&others).for_each(|(sum, other)| *sum += *other);
            let (monomials, products) = dealt.split_at_mut(n_monomials * words);
            tree.deal(&own, &masks, monomials, products);
            dealt.iter_mut().zip(&shares).for_each(|(sum, share)| *sum -= *share);
            Packed::send(net, previous(DEALER), DEAL, &dealt)?;
            half.extend(last_row(&masks, tree.masks()));
        }
        Ok(half)
    }

    /// What P1 and P2 get from P0, and make of it: P1 from the stream that it shares with P0, P2 by message.
    fn take_tree(&mut self, net: &mut Net, halves: &[R], tree: &Tree) -> Result<Vec<Part>, Error> {
        let is_p1 = self.side() == Side::Third(1);
        let n_monomials = tree.monomials();
        let mut dealt = Vec::new();
        let sections = halves.chunks(SECTION * bits::WORD).map(|lanes| {
            let words = bits::words(lanes.len());
            Packed::resize(&mut dealt, (n_monomials + tree.products()) * words);
            let mut masks = Packed::zeros(tree.masks() * words);
            if is_p1 {
                let stream = self.streams.dealt_with_previous();
                Packed::fill_random(stream, &mut dealt);
                Packed::fill_random(stream, &mut masks);
            } else {
                Packed::recv(net, DEALER, DEAL, &mut dealt)?;
                Packed::fill_random(self.streams.dealt_with_next(), &mut masks);
            }
            let (monomials, products) = dealt.split_at(n_monomials * words);
            let values = tree.begin(is_p1, &table_of(lanes, tree.places()), monomials);
            Ok(Part { values, masks, products: products.to_vec() })
        });
        sections.collect()
    }
}
