//! What depends on the bits of secrets: comparing, decomposing, shifting.
//!
//! An instruction has several operands, each with parameters of its own. Those with equal parameters are joined and
//! share the rounds of one call of the protocol. All results are written at the end, so that no group of operands
//! reads what another one has written.

use caucus_bytecode::operand::{ConstRef, DstS, Imm, Places, Rounding, SrcS};
use caucus_core::net::Net;
use caucus_protocols::{Error, Level, Protocol, ShareVector};

use super::Frame;
use crate::Kind;

/// A destination, its source and a number of bits.
type Bits = (DstS, SrcS, Imm);
/// A destination, its source, by how many bits it is shifted, how many it has, and how to round.
type Shift = (DstS, SrcS, Imm, Imm, Rounding);
/// A destination, its source, how many bits it has, and the weights of what places.
type Sum = (DstS, SrcS, Imm, Places, Vec<ConstRef>);

impl<P: Protocol> Frame<'_, P> {
    pub(super) fn less_than_zero(&mut self, tests: &[Bits]) -> Result<(), Kind> {
        let items = tests.iter().map(|(dst, src, bits)| (*dst, *src, verified(*bits)));
        self.by_parameters(items, |_| 1, P::less_than_zero)
    }

    pub(super) fn equal_zero(&mut self, tests: &[Bits]) -> Result<(), Kind> {
        let items = tests.iter().map(|(dst, src, bits)| (*dst, *src, verified(*bits)));
        self.by_parameters(items, |_| 1, P::equal_zero)
    }

    pub(super) fn decompose(&mut self, parts: &[Bits]) -> Result<(), Kind> {
        let items = parts.iter().map(|(dst, src, bits)| (*dst, *src, verified(*bits)));
        self.by_parameters(items, u64::from, P::decompose)
    }

    pub(super) fn truncate(&mut self, shifts: &[Shift]) -> Result<(), Kind> {
        let items = shifts.iter().map(|(dst, src, shift, bits, rounding)| {
            (*dst, *src, (verified(*shift), verified(*bits), *rounding))
        });
        self.by_parameters(
            items,
            |_| 1,
            |protocol, net, a, (shift, bits, rounding), out| {
                protocol.truncate(net, a, shift, bits, rounding_of(rounding), out)
            },
        )
    }

    pub(super) fn weigh(&mut self, sums: &[Sum]) -> Result<(), Kind> {
        let constants = &self.shared.constants;
        let value = |it: &ConstRef| constants[it.0 as usize];
        let weights: Vec<Vec<P::Ring>> =
            sums.iter().map(|(.., weights)| weights.iter().map(value).collect()).collect();
        let items = sums.iter().zip(&weights).map(|((dst, src, bits, places, _), weights)| {
            (*dst, *src, (verified(*bits), *places, weights.as_slice()))
        });
        self.by_parameters(
            items,
            |(bits, _, weights)| weights.len() as u64 / u64::from(bits),
            |protocol, net, a, (bits, places, weights), out| {
                protocol.weigh(net, a, bits, places_of(places), weights, out)
            },
        )
    }

    /// Calls the protocol once for all items with equal parameters. The call gives `rows` results for each lane of
    /// its argument, as rows of a matrix with a column for each lane.
    fn by_parameters<K: Copy + PartialEq>(
        &mut self,
        items: impl Iterator<Item = (DstS, SrcS, K)>,
        rows: impl Fn(K) -> u64,
        call: impl Fn(&mut P, &mut Net, &P::Vector, K, &mut P::Vector) -> Result<(), Error>,
    ) -> Result<(), Kind> {
        let mut groups: Vec<(K, Vec<(DstS, SrcS)>)> = Vec::new();
        for (dst, src, parameters) in items {
            match groups.iter_mut().find(|(known, _)| *known == parameters) {
                Some((_, members)) => members.push((dst, src)),
                None => groups.push((parameters, vec![(dst, src)])),
            }
        }
        let mut results = Vec::new();
        for (parameters, members) in groups {
            self.joined(&members, parameters, rows(parameters), &call, &mut results)?;
        }
        results.into_iter().for_each(|(dst, out)| self.secrets.set(dst.0, out));
        self.thread.flush()
    }

    /// One call of the protocol. Appends the destinations with what belongs into them.
    fn joined<K: Copy>(
        &mut self,
        members: &[(DstS, SrcS)],
        parameters: K,
        rows: u64,
        call: impl Fn(&mut P, &mut Net, &P::Vector, K, &mut P::Vector) -> Result<(), Error>,
        results: &mut Vec<(DstS, P::Vector)>,
    ) -> Result<(), Kind> {
        if let [(dst, src)] = *members
            && self.secrets.lanes(dst.0) != 0
        {
            self.secrets.prepare(src.0);
            let mut out = P::Vector::default();
            let src = self.secrets.get(src.0);
            let thread = &mut *self.thread;
            call(&mut thread.protocol, &mut thread.net, src, parameters, &mut out)?;
            results.push((dst, out));
            return Ok(());
        }
        // Without a destination, a single lane need not be computed.
        let lanes_of = |frame: &Self, dst: DstS, src: SrcS| match frame.secrets.lanes(dst.0) {
            0 => 0,
            _ => frame.secrets.lanes(src.0),
        };
        self.clear_scratch();
        for (dst, src) in members {
            let lanes = lanes_of(self, *dst, *src);
            self.append_repeated(*src, lanes, |scratch| &mut scratch.a);
        }
        let thread = &mut *self.thread;
        let scratch = &mut thread.scratch;
        call(&mut thread.protocol, &mut thread.net, &scratch.a, parameters, &mut scratch.out)?;
        let total = scratch.a.len();
        let mut offset = 0;
        for (dst, src) in members {
            let lanes = lanes_of(self, *dst, *src);
            let rows = Level { count: rows, stride: total as i64 };
            let levels = [rows, Level { count: lanes as u64, stride: 1 }];
            let mut out = P::Vector::default();
            self.thread.scratch.out.pick(offset as i64, &levels, &mut out)?;
            results.push((*dst, out));
            offset += lanes;
        }
        Ok(())
    }
}

/// A number of bits, which the verifier has compared with those of the ring.
pub(crate) fn verified(bits: Imm) -> u32 {
    u32::try_from(bits).expect("verified numbers of bits are small")
}

pub(crate) fn rounding_of(rounding: Rounding) -> caucus_protocols::Rounding {
    match rounding {
        Rounding::Floor => caucus_protocols::Rounding::Floor,
        Rounding::Nearest => caucus_protocols::Rounding::Nearest,
        Rounding::Probabilistic => caucus_protocols::Rounding::Probabilistic,
    }
}

pub(crate) fn places_of(places: Places) -> caucus_protocols::Places {
    match places {
        Places::Each => caucus_protocols::Places::Each,
        Places::Leading => caucus_protocols::Places::Leading,
    }
}
