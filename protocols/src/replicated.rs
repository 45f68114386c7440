//! Replicated sharing among three parties, semi-honest, honest majority.
//!
//! T. Araki, J. Furukawa, Y. Lindell, A. Nof, K. Ohara: High-Throughput Semi-Honest Secure Three-Party Computation
//! with an Honest Majority, CCS 2016. Here in the form without their factor 1/3: a value x is the sum
//! x_0 + x_1 + x_2 modulo 2^k, and party i holds x_i and x_{i+1} (indices modulo 3). Any two parties know everything,
//! one alone sees uniform elements.
//!
//! What party i sends goes to party i - 1, whose second component it completes; seeds go the other way.
//!
//! | operation | sent by each party and lane, in ring elements |
//! | --- | --- |
//! | `mul` | 1 |
//! | `dot`, `matmul` | 1 per lane of the result |
//! | `open` | 1 |
//! | `open_to` | 1 by the party after the receiver, 0 by the others |
//! | `input`, `input_each` | 1 by the owner, 0 by the others |
//! | `public`, `add_public`, `random`, linear operations, `check` | 0 |
//!
//! A message has 8 bytes in addition. Every one of these operations that sends is one round.
//!
//! What works on bits keeps them as replicated shares modulo 2, 64 lanes in a word. Each party sends per lane, where b
//! is the number of bits, m the shift, and ⌈log⌉ the logarithm to base 2, rounded up (⌈log4⌉ to base 4, and at least 1):
//!
//! | operation | rounds | bits | ring elements |
//! | --- | --- | --- | --- |
//! | `less_than_zero` | 2 + ⌈log4(b - 1)⌉, of one bit 2 | at most 6 b by P0, b by the others | 1 |
//! | `equal_zero` | 2 + ⌈log4 b⌉ | the same | 1 |
//! | `decompose` | 4 + ⌈log(b - 1)⌉, of one bit 3 | at most b (1 + ⌈log b⌉) | b |
//! | `truncate`, probabilistic | 2 | 0 | 2 by P0, 1 by the others |
//! | `truncate`, floor or nearest | 2 + ⌈log4 m⌉ | at most 6 m by P0, m by the others | 3 by P0, 2 by the others |
//! | `and_bits`, `open_bits` | 1 | 1 | 0 |
//! | `input_bits` | 1 | 1 by the owner, 0 by the others | 0 |
//! | `to_bits` | 2 + ⌈log(b - 1)⌉, of one bit 1 | at most b (1 + ⌈log b⌉) | 0 |
//! | `lift_bits` | 2 | 0 | 1 |
//! | `public_bits`, `random_bits`, linear operations | 0 | 0 | 0 |
//!
//! `truncate` of numbers that take all bits of the ring (or, to the nearest, all but one) has 4 + ⌈log k⌉ rounds, for
//! the k bits of the ring, and at most k (1 + ⌈log k⌉) bits, whatever the rounding.
//!
//! What changes the order of n rows, with w elements each, shares them anew (see [`shuffle`] and [`sort`]); P1 sends twice
//! what the others do for each permutation:
//!
//! | operation | rounds | ring elements of each row sent by P0 and P2, by P1 |
//! | --- | --- | --- |
//! | `shuffle`, `permute`, `shuffle_shards` | 2 | w, 2 w |
//! | `new_permutation` | 0 | 0 |
//! | `rearrange`, forward | 3 | w + 2, 2 w + 3 |
//! | `rearrange`, backward | 5 | w + 2, 2 w + 3 |
//!
//! `sort` by b bits in all takes the bits of the keys apart as `decompose` does, in two rounds less and without its ring
//! elements; then it needs ⌈b / 3⌉ passes. The first one takes 3 rounds, the others 7. For each row, a pass sends 32 bytes
//! (P0 and P2 45, P1 54 if it is not the first one), the last one about twice as many. `rearrange` comes behind.

mod adder;
mod algebra;
mod binary;
mod bits;
mod carry;
mod compare;
mod cost;
mod cross;
mod input;
mod mul;
mod open;
mod random;
mod rank;
mod setup;
mod shuffle;
mod sort;
#[cfg(test)]
mod tests;
mod tree;
mod truncate;
mod weigh;

use std::marker::PhantomData;

use caucus_core::algebra::Ring;
use caucus_core::ids::PartyId;
use caucus_core::net::Net;

use crate::cost::{Cost, Operation};
use crate::permutation::Kept;
use crate::sharded::Shards;
use crate::shares::local;
use crate::{
    BitShares, Checked, Direction, Error, Given, MatMulDims, Opened, Places, Protocol, Rounding,
    SessionId, ShareVector, Shares,
};
use random::Streams;
use setup::Seeds;
use shuffle::Known;

/// Party i's part of a vector: component 0 holds all x_i, component 1 all x_{i+1}.
type ReplicatedShares<R> = Shares<R, 2>;

/// Three parties of which at most one looks at what it should not; all follow the protocol.
///
/// What each operation sends: 1 element per party and lane for `mul` and `open`, 1 per lane of the result for `dot` and
/// `matmul`, 1 per lane by one party for `input` and `open_to`, nothing otherwise.
///
/// Measured by `examples/throughput.rs`: all three parties on two cores of an AMD EPYC, one thread each, over socket pairs
/// without encryption. The lower figures are of runs in which other programs used the cores too. Products modulo 2^64 in
/// one vector of 10^7: 64 to 110 million per second; matrix products of size 512: 500 to 1,000 million multiply-adds per
/// second; dependent products: 8 to 16 µs each.
pub struct Replicated<R: Ring> {
    me: PartyId,
    /// The number of the thread whose state this is.
    thread: u32,
    seeds: Seeds,
    streams: Streams,
    /// The permutations that programs keep.
    kept: Kept<Known>,
    ring: PhantomData<R>,
}

/// The party numbered after `party`.
fn next(party: PartyId) -> PartyId {
    PartyId::new(((party.index() + 1) % N_PARTIES) as u8)
}

/// The party numbered before `party`.
fn previous(party: PartyId) -> PartyId {
    PartyId::new(((party.index() + N_PARTIES - 1) % N_PARTIES) as u8)
}

const N_PARTIES: usize = 3;

impl<R: Ring> Replicated<R> {
    /// The component in which this party has x_0, the summand that carries public values. P1 does not have it.
    fn public_component(&self) -> Option<usize> {
        match self.me.index() {
            0 => Some(0),
            2 => Some(1),
            _ => None,
        }
    }
}

impl<R: Ring> Protocol for Replicated<R> {
    type Ring = R;
    type Vector = ReplicatedShares<R>;
    type Bits = BitShares<2>;
    const NAME: &'static str = "ring";

    fn setup(net: &mut Net, session: &SessionId) -> Result<Self, Error> {
        Self::agree(net, session)
    }

    fn setup_cost() -> Option<Cost> {
        Some(cost::SETUP)
    }

    fn cost(operation: &Operation) -> Option<Cost> {
        Some(cost::of(operation, R::BITS, R::BYTES as u64))
    }

    fn fork(&self, thread: u32) -> Self {
        Self::on_thread(self.me, self.seeds.clone(), self.kept.clone(), thread)
    }

    fn n_parties(&self) -> usize {
        N_PARTIES
    }

    fn me(&self) -> PartyId {
        self.me
    }

    fn public(&self, values: &[R], out: &mut Self::Vector) {
        for (component, part) in out.parts_mut().iter_mut().enumerate() {
            if Some(component) == self.public_component() {
                part.clear();
                part.extend_from_slice(values);
            } else {
                algebra::Algebra::set_zeros(part, values.len());
            }
        }
    }

    fn add_public(&self, a: &Self::Vector, b: &[R], out: &mut Self::Vector) {
        let parts = a.parts().into_iter().zip(out.parts_mut());
        for (component, (part, out)) in parts.enumerate() {
            if Some(component) == self.public_component() {
                local::zip(part, b, out, |a, b| a + b);
            } else {
                local::zip(part, b, out, |a, _| a);
            }
        }
    }

    fn input(
        &mut self,
        net: &mut Net,
        owner: PartyId,
        values: Option<&[R]>,
        n: usize,
        out: &mut Self::Vector,
    ) -> Result<(), Error> {
        self.share_input(net, owner, values, n, out.parts_mut())
    }

    fn input_each(
        &mut self,
        net: &mut Net,
        inputs: &[Given<'_, R>],
        out: &mut Self::Vector,
    ) -> Result<(), Error> {
        out.clear();
        for parts in self.share_inputs(net, inputs)? {
            out.append(&Shares::from_components(parts));
        }
        Ok(())
    }

    fn mul(
        &mut self,
        net: &mut Net,
        a: &Self::Vector,
        b: &Self::Vector,
        out: &mut Self::Vector,
    ) -> Result<(), Error> {
        self.multiply(net, a.parts(), b.parts(), out.parts_mut())
    }

    fn mul_in_place(
        &mut self,
        net: &mut Net,
        a: &Self::Vector,
        out: &mut Self::Vector,
    ) -> Result<(), Error> {
        self.multiply_in_place(net, a.parts(), out.parts_mut())
    }

    fn dot(
        &mut self,
        net: &mut Net,
        a: &Self::Vector,
        b: &Self::Vector,
        results: usize,
        out: &mut Self::Vector,
    ) -> Result<(), Error> {
        self.multiply_blocks(net, a.parts(), b.parts(), results, out.parts_mut())
    }

    fn matmul(
        &mut self,
        net: &mut Net,
        a: &Self::Vector,
        b: &Self::Vector,
        dims: impl Into<MatMulDims>,
        out: &mut Self::Vector,
    ) -> Result<(), Error> {
        self.multiply_matrices(net, a.parts(), b.parts(), dims.into(), out.parts_mut())
    }

    fn less_than_zero(
        &mut self,
        net: &mut Net,
        a: &Self::Vector,
        bits: u32,
        out: &mut Self::Vector,
    ) -> Result<(), Error> {
        *out = Shares::from_components(self.sign(net, a.parts(), bits)?);
        Ok(())
    }

    fn equal_zero(
        &mut self,
        net: &mut Net,
        a: &Self::Vector,
        bits: u32,
        out: &mut Self::Vector,
    ) -> Result<(), Error> {
        *out = Shares::from_components(self.is_zero(net, a.parts(), bits)?);
        Ok(())
    }

    fn decompose(
        &mut self,
        net: &mut Net,
        a: &Self::Vector,
        bits: u32,
        out: &mut Self::Vector,
    ) -> Result<(), Error> {
        *out = Shares::from_components(self.bits_of(net, a.parts(), bits)?);
        Ok(())
    }

    fn truncate(
        &mut self,
        net: &mut Net,
        a: &Self::Vector,
        shift: u32,
        bits: u32,
        rounding: Rounding,
        out: &mut Self::Vector,
    ) -> Result<(), Error> {
        *out = Shares::from_components(self.divide(net, a.parts(), shift, bits, rounding)?);
        Ok(())
    }

    fn shuffle(
        &mut self,
        net: &mut Net,
        rows: usize,
        a: &Self::Vector,
        out: &mut Self::Vector,
    ) -> Result<(), Error> {
        let known = self.secret_permutation(rows);
        *out = Shares::from_components(self.permute_rows(net, &known, false, a.parts())?);
        Ok(())
    }

    fn shuffle_shards(
        &mut self,
        net: &mut Net,
        shards: &mut Shards<'_>,
        a: &Self::Vector,
        out: &mut Self::Vector,
    ) -> Result<(), Error> {
        *out = Shares::from_components(self.shuffle_spread(net, shards, a.parts())?);
        Ok(())
    }

    fn new_permutation(&mut self, _net: &mut Net, n: usize) -> Result<i64, Error> {
        Ok(self.keep_permutation(n))
    }

    fn write_kept(&self, out: &mut Vec<u8>) {
        self.kept.write(|known| vec![&known.with_next, &known.with_previous], out);
    }

    fn read_kept(&mut self, bytes: &[u8]) -> bool {
        self.kept.read(bytes, Known::from_parts)
    }

    fn permute(
        &mut self,
        net: &mut Net,
        number: i64,
        direction: Direction,
        rows: usize,
        a: &Self::Vector,
        out: &mut Self::Vector,
    ) -> Result<(), Error> {
        let reverse = direction == Direction::Backward;
        *out = Shares::from_components(self.permute_by(net, number, reverse, rows, a.parts())?);
        Ok(())
    }

    fn rearrange(
        &mut self,
        net: &mut Net,
        numbers: &Self::Vector,
        direction: Direction,
        a: &Self::Vector,
        out: &mut Self::Vector,
    ) -> Result<(), Error> {
        let parts = match direction {
            Direction::Forward => self.move_rows(net, numbers.parts(), a.parts())?,
            Direction::Backward => self.take_rows(net, numbers.parts(), a.parts())?,
        };
        *out = Shares::from_components(parts);
        Ok(())
    }

    fn sort(
        &mut self,
        net: &mut Net,
        keys: &[(&Self::Vector, u32)],
        a: &Self::Vector,
        out: &mut Self::Vector,
    ) -> Result<(), Error> {
        *out = Shares::from_components(self.sort_rows(net, keys, a.parts())?);
        Ok(())
    }

    fn public_bits(&self, values: &BitShares<1>, out: &mut Self::Bits) -> Result<(), Error> {
        self.share_public_bits(values, out);
        Ok(())
    }

    fn random_bits(&mut self, n: usize, out: &mut Self::Bits) -> Result<(), Error> {
        out.refill(n, |parts| self.streams.fill_random(parts));
        Ok(())
    }

    fn input_bits(
        &mut self,
        net: &mut Net,
        owner: PartyId,
        values: Option<&BitShares<1>>,
        n: usize,
        out: &mut Self::Bits,
    ) -> Result<(), Error> {
        self.share_input_bits(net, owner, values, n, out)
    }

    fn and_bits(
        &mut self,
        net: &mut Net,
        a: &Self::Bits,
        b: &Self::Bits,
        out: &mut Self::Bits,
    ) -> Result<(), Error> {
        self.multiply_bits(net, a, b, out)
    }

    fn open_bits(
        &mut self,
        net: &mut Net,
        a: &Self::Bits,
        out: &mut Opened<R>,
    ) -> Result<(), Error> {
        self.open_bits_to_all(net, a, out.values_mut())
    }

    fn to_bits(
        &mut self,
        net: &mut Net,
        a: &Self::Vector,
        bits: u32,
        out: &mut Self::Bits,
    ) -> Result<(), Error> {
        self.bits_of_elements(net, a.parts(), bits, out)
    }

    fn lift_bits(
        &mut self,
        net: &mut Net,
        a: &Self::Bits,
        out: &mut Self::Vector,
    ) -> Result<(), Error> {
        *out = Shares::from_components(self.elements_of_bits(net, a)?);
        Ok(())
    }

    fn weigh(
        &mut self,
        net: &mut Net,
        a: &Self::Vector,
        bits: u32,
        places: Places,
        weights: &[R],
        out: &mut Self::Vector,
    ) -> Result<(), Error> {
        let sums = self.weighted_places(net, a.parts(), bits, places, weights)?;
        *out = Shares::from_components(sums);
        Ok(())
    }

    fn open(&mut self, net: &mut Net, a: &Self::Vector, out: &mut Opened<R>) -> Result<(), Error> {
        self.open_to_all(net, a.parts(), out.values_mut())
    }

    fn open_to(
        &mut self,
        net: &mut Net,
        a: &Self::Vector,
        to: PartyId,
    ) -> Result<Option<Vec<R>>, Error> {
        self.open_to_one(net, a.parts(), to)
    }

    fn random(&mut self, n: usize, out: &mut Self::Vector) {
        out.resize(n);
        self.streams.fill_random(out.parts_mut());
    }

    fn write_summand(&self, a: &Self::Vector) -> Vec<R> {
        a.component(0).to_vec()
    }

    fn check(&mut self, _net: &mut Net) -> Result<Checked, Error> {
        // All parties follow the protocol by assumption.
        Ok(Checked::passed())
    }
}
