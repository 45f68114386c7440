//! What an instruction costs under a protocol: the calls that `exec` makes for it, with their costs.

#[cfg(test)]
mod tests;

use std::vec::IntoIter;

use caucus_bytecode::operand::{DstB, DstS, Places, Reg, Rounding, SrcB, SrcI, SrcS};
use caucus_bytecode::{Effect, Op};
use caucus_core::algebra::Ring;
use caucus_protocols::Protocol;
use caucus_protocols::cost::{Cost, Operation};
use num_bigint::BigInt;

use crate::exec::{places_of, rounding_of, shared_block, verified};

/// What is known of the program that an instruction belongs to.
pub struct Facts<'a> {
    /// Lanes of a register.
    pub lanes: &'a dyn Fn(Reg) -> u64,
    /// The value of an integer register, if it is always the same.
    pub number: &'a dyn Fn(u32) -> Option<i64>,
    /// The big integers of the program.
    pub constants: &'a [BigInt],
}

/// What an instruction costs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Price {
    /// So much.
    Exactly(Cost),
    /// So much, or less if parties that are chosen at run time are the same.
    AtMost(Cost),
    /// Nobody can say: what it does depends on clients or files, or the protocol does not state it.
    Unknown,
}

/// The price of an instruction.
pub fn price<P: Protocol>(op: &Op, facts: &Facts<'_>) -> Price {
    let exactly = |calls: Vec<Operation>| total::<P>(&calls).map(Price::Exactly);
    let input = |inputs: Vec<(SrcI, u64)>| {
        let (owners, certain) = facts.by_owner(&inputs);
        let given = owners.iter().filter(|lanes| **lanes > 0).count() as u64;
        let cost = P::cost(&Operation::Input { owners: given, lanes: owners.iter().sum() })?;
        Some(if certain { Price::Exactly(cost) } else { Price::AtMost(cost) })
    };
    let bits = |inputs: Vec<(SrcI, u64)>| {
        let (owners, certain) = facts.by_owner(&inputs);
        let calls = owners.into_iter().map(|lanes| Operation::InputBits { lanes });
        let cost = total::<P>(&calls.collect::<Vec<_>>())?;
        Some(if certain { Price::Exactly(cost) } else { Price::AtMost(cost) })
    };
    let found = match op {
        Op::InputS { inputs } => input(inputs.iter().map(|it| (it.1, facts.dst(it.0))).collect()),
        Op::InputOwnS { inputs } => {
            input(inputs.iter().map(|it| (it.1, facts.dst(it.0))).collect())
        }
        Op::BinaryInputS { dst, player, .. } => input(vec![(*player, facts.dst(*dst))]),
        Op::InputB { inputs } => {
            bits(inputs.iter().map(|it| (it.1, (facts.lanes)(it.0.reg()))).collect())
        }
        _ => exactly(match facts.calls::<P::Ring>(op) {
            Some(calls) => calls,
            None => return Price::Unknown,
        }),
    };
    found.unwrap_or(Price::Unknown)
}

/// The cost of calls one after the other; `None` if the protocol does not state one of them.
fn total<P: Protocol>(calls: &[Operation]) -> Option<Cost> {
    calls.iter().try_fold(Cost::default(), |mut sum, call| {
        sum += P::cost(call)?;
        Some(sum)
    })
}

impl Facts<'_> {
    fn src(&self, reg: SrcS) -> u64 {
        (self.lanes)(reg.reg())
    }

    fn dst(&self, reg: DstS) -> u64 {
        (self.lanes)(reg.reg())
    }

    /// The calls for an instruction without an owner; `None` if what it does is not known.
    fn calls<R: Ring>(&self, op: &Op) -> Option<Vec<Operation>> {
        let bits_of = |src: &SrcB| (self.lanes)(src.reg());
        Some(match op {
            Op::MulS { products } => {
                let product = |(dst, a, b): &(DstS, SrcS, SrcS)| {
                    self.src(*a).max(self.src(*b)).min(self.dst(*dst))
                };
                vec![Operation::Mul { lanes: products.iter().map(product).sum() }]
            }
            Op::DotS { products } => {
                let product = |(dst, a, _): &(DstS, SrcS, SrcS)| (self.dst(*dst), self.src(*a));
                dots(products.iter().map(product).collect())
            }
            Op::MatMulS { dst, .. } => vec![Operation::MatMul { results: self.dst(*dst) }],
            Op::OpenS { openings } => {
                vec![Operation::Open { lanes: openings.iter().map(|it| self.src(it.1)).sum() }]
            }
            Op::OpenToS { src, .. } => vec![Operation::OpenTo { lanes: self.src(*src) }],
            Op::LessThanZeroS { tests } => self
                .joined(tests.iter().map(|it| (it.0, it.1, verified(it.2))))
                .map(|(bits, lanes)| Operation::LessThanZero { lanes, bits })
                .collect(),
            Op::EqualZeroS { tests } => self
                .joined(tests.iter().map(|it| (it.0, it.1, verified(it.2))))
                .map(|(bits, lanes)| Operation::EqualZero { lanes, bits })
                .collect(),
            Op::DecomposeS { parts } => self
                .joined(parts.iter().map(|it| (it.0, it.1, verified(it.2))))
                .map(|(bits, lanes)| Operation::Decompose { lanes, bits })
                .collect(),
            Op::TruncateS { shifts } => self
                .joined(shifts.iter().map(|it| (it.0, it.1, (it.2, it.3, it.4))))
                .map(|(how, lanes)| truncation(how, lanes))
                .collect(),
            Op::WeighS { sums } => self
                .joined(sums.iter().map(|it| (it.0, it.1, (it.2, it.3, it.4.as_slice()))))
                .map(|((bits, places, weights), lanes)| {
                    let is_zero = |at: usize| {
                        let weight =
                            weights.get(at).and_then(|it| self.constants.get(it.0 as usize));
                        weight.is_none_or(|weight| R::from_bigint(weight) == R::ZERO)
                    };
                    weighing(verified(bits), places, weights.len(), &is_zero, lanes)
                })
                .collect(),
            Op::ShuffleS { src, .. } | Op::PermuteS { src, .. } => {
                vec![Operation::Permute { lanes: self.src(*src) }]
            }
            Op::NewPermutation { .. } => vec![Operation::NewPermutation],
            Op::RearrangeS { numbers, src, backward, .. } => vec![Operation::Rearrange {
                rows: self.src(*numbers),
                lanes: self.src(*src),
                backward: *backward,
            }],
            Op::SortS { src, keys, .. } => vec![Operation::Sort {
                rows: keys.first().map_or(0, |(key, _)| self.src(*key)),
                lanes: self.src(*src),
                keys: keys.iter().map(|(_, bits)| verified(*bits)).collect(),
            }],
            Op::AndB { products } => {
                let product = |(dst, a, b): &(DstB, SrcB, SrcB)| {
                    bits_of(a).max(bits_of(b)).min((self.lanes)(dst.reg()))
                };
                vec![Operation::AndBits { lanes: products.iter().map(product).sum() }]
            }
            Op::OpenB { openings } => {
                vec![Operation::OpenBits { lanes: openings.iter().map(|it| bits_of(&it.1)).sum() }]
            }
            Op::BitsFromSecret { parts } => {
                grouped(parts.iter().map(|it| (verified(it.2), self.src(it.1))))
                    .map(|(bits, lanes)| Operation::ToBits { lanes, bits })
                    .collect()
            }
            Op::SecretFromBits { parts } => {
                vec![Operation::LiftBits { lanes: parts.iter().map(|it| bits_of(&it.1)).sum() }]
            }
            // All parties agree on what is stored.
            Op::StoreShares { .. } | Op::LoadShares { .. } => return None,
            _ => match op.effect() {
                Effect::Pure | Effect::Memory | Effect::Control | Effect::Output => Vec::new(),
                Effect::Round | Effect::Input | Effect::Socket => return None,
            },
        })
    }

    /// Lanes of operands with equal parameters, of which those without a destination are not computed.
    fn joined<K: Copy + PartialEq>(
        &self,
        items: impl Iterator<Item = (DstS, SrcS, K)>,
    ) -> IntoIter<(K, u64)> {
        let lanes_of = |dst, src| if self.dst(dst) == 0 { 0 } else { self.src(src) };
        grouped(items.map(|(dst, src, parameters)| (parameters, lanes_of(dst, src))))
    }

    /// Lanes for each owner of inputs, and whether it is known which of them are the same.
    fn by_owner(&self, inputs: &[(SrcI, u64)]) -> (Vec<u64>, bool) {
        let owner = |player: SrcI| (self.number)(player.0).ok_or(player.0);
        let owners: Vec<_> = grouped(inputs.iter().map(|it| (owner(it.0), it.1))).collect();
        let certain = owners.len() < 2 || owners.iter().all(|(owner, _)| owner.is_ok());
        (owners.into_iter().map(|(_, lanes)| lanes).collect(), certain)
    }
}

/// Sums of the lanes of items with equal parameters, in the order of their first ones.
fn grouped<K: PartialEq>(items: impl Iterator<Item = (K, u64)>) -> IntoIter<(K, u64)> {
    let mut groups: Vec<(K, u64)> = Vec::new();
    for (parameters, lanes) in items {
        match groups.iter_mut().find(|(known, _)| *known == parameters) {
            Some((_, sum)) => *sum += lanes,
            None => groups.push((parameters, lanes)),
        }
    }
    groups.into_iter()
}

/// Inner products, given as results and lanes of a factor.
fn dots(products: Vec<(u64, u64)>) -> Vec<Operation> {
    let block = |(results, lanes): &(u64, u64)| lanes.checked_div(*results).unwrap_or(0);
    let sizes = products.iter().map(|it| (it.0 as usize, it.1 as usize));
    let joint = products.len() == 1 || shared_block(sizes).is_some();
    let key = |product: &(u64, u64)| if joint { 0 } else { block(product) };
    grouped(products.iter().map(|it| (key(it), it.0)))
        .map(|(_, results)| Operation::Dot { results })
        .collect()
}

fn truncation((shift, bits, rounding): (i64, i64, Rounding), lanes: u64) -> Operation {
    let (shift, bits) = (verified(shift), verified(bits));
    Operation::Truncate { lanes, shift, bits, rounding: rounding_of(rounding) }
}

fn weighing(
    bits: u32,
    places: Places,
    weights: usize,
    is_zero: &dyn Fn(usize) -> bool,
    lanes: u64,
) -> Operation {
    let columns = bits as usize;
    let rows = weights.checked_div(columns).unwrap_or(0);
    let is_used = |column: &usize| (0..rows).any(|row| !is_zero(row * columns + column));
    let used = (0..columns).filter(is_used).count() as u64;
    Operation::Weigh { lanes, bits, places: places_of(places), used, rows: rows as u64 }
}
