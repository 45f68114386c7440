//! Correlated randomness without communication, from streams that two parties share.

use caucus_core::random::Prg;
use caucus_core::wide;

use super::algebra::Algebra;
use super::setup::Seeds;
use crate::kernel::PIECE;
use crate::stream::{Place, SessionSeed};

/// The streams of one state. Each is shared with the party named, and has one purpose.
pub(super) struct Streams {
    /// Sharings of zero, which blind products.
    zero: Pair,
    /// Random secrets.
    random: Pair,
    /// Masks of private inputs: this party's own are in the stream with the next party, those of the previous party
    /// in the stream with it.
    input: Pair,
    /// Shares of what P0 knows, and blinds of their products: with the next party for P0 and P2, with the previous
    /// one for P0 and P1. The stream of P1 and P2 is not used.
    dealt: Pair,
    /// Permutations that two parties know.
    pub(super) permutation: Pair,
    /// Masks and new summands of what is permuted.
    pub(super) shuffle: Pair,
}

pub(super) struct Pair {
    pub(super) with_next: Prg,
    pub(super) with_previous: Prg,
}

impl Streams {
    pub(super) fn new(seeds: &Seeds, place: Place) -> Self {
        let pair = |purpose| {
            let stream = |seed: &SessionSeed| seed.stream(purpose, place);
            let with_next = stream(&seeds.with_next);
            Pair { with_next, with_previous: stream(&seeds.with_previous) }
        };
        Self {
            zero: pair("zero"),
            random: pair("random"),
            input: pair("input"),
            dealt: pair("dealt"),
            permutation: pair("permutation"),
            shuffle: pair("shuffle"),
        }
    }

    /// This party's summands of fresh sharings of zero (Araki et al., section 2.2): alpha_i = F(k_i) - F(k_{i-1}).
    /// All three add up to zero, and to whoever lacks a seed the summands with it are uniform.
    ///
    /// `scratch` has at least as many elements as `out`.
    pub(super) fn fill_zero<A: Algebra>(&mut self, out: &mut [A], scratch: &mut [A]) {
        let other = self.zero_summands(out, scratch);
        wide!(|| out.iter_mut().zip(other).for_each(|(zero, other)| *zero -= *other));
    }

    /// The same in two parts: what is in `out` minus what is returned, which lies in `scratch`.
    pub(super) fn zero_summands<'a, A: Algebra>(
        &mut self,
        out: &mut [A],
        scratch: &'a mut [A],
    ) -> &'a [A] {
        let scratch = &mut scratch[..out.len()];
        A::fill_random(&mut self.zero.with_next, out);
        A::fill_random(&mut self.zero.with_previous, scratch);
        scratch
    }

    /// Replicated shares of uniform elements: x_{i+1} is in the stream of k_i, which only parties i and i + 1 know.
    pub(super) fn fill_random<A: Algebra>(&mut self, [first, second]: &mut [Vec<A>; 2]) {
        A::fill_random(&mut self.random.with_previous, first);
        A::fill_random(&mut self.random.with_next, second);
    }

    /// Masks of this party's own inputs, which the next party knows too.
    pub(super) fn fill_own_masks<A: Algebra>(&mut self, out: &mut [A]) {
        A::fill_random(&mut self.input.with_next, out);
    }

    /// The stream of what P0 deals, in the part shared with the next party.
    pub(super) fn dealt_with_next(&mut self) -> &mut Prg {
        &mut self.dealt.with_next
    }

    /// The stream of what P0 deals, in the part shared with the previous party.
    pub(super) fn dealt_with_previous(&mut self) -> &mut Prg {
        &mut self.dealt.with_previous
    }

    /// Masks of the previous party's inputs.
    pub(super) fn fill_previous_masks<A: Algebra>(&mut self, out: &mut [A]) {
        A::fill_random(&mut self.input.with_previous, out);
    }
}

/// Memory for [`Streams::fill_zero`] of one piece.
pub(super) fn scratch<A: Algebra>(lanes: usize) -> Vec<A> {
    vec![A::ZERO; lanes.min(PIECE)]
}
