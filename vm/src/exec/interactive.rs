//! What is computed together with the other parties.
//!
//! An instruction with several operands joins them and calls the protocol once: so they share one round. One operand
//! that needs no joining is used as it lies.

use caucus_bytecode::operand::{DstC, DstS, Imm, SrcI, SrcS};
use caucus_core::algebra::Ring;
use caucus_core::ids::PartyId;
use caucus_protocols::{Given, Level, Opened, Protocol, ShareVector};

use super::Frame;
use super::bits::verified;
use crate::registers::repeat_share;
use crate::threads::Scratch;
use crate::{InputPiece, Kind};

/// Inner products of different lengths share a round by padding them with zeros, unless that makes the work so many
/// times larger…
const PADDING_FACTOR: usize = 4;
/// …and it is more than so many lanes, whose computation takes less time than a round in any network.
const PADDED_LANES: usize = 1 << 14;

/// A destination and both sources.
type Product = (DstS, SrcS, SrcS);

/// The length of blocks with which inner products share one round, given as numbers of results and of lanes of a factor;
/// none if that is too long for some of them.
pub(crate) fn shared_block(products: impl Iterator<Item = (usize, usize)>) -> Option<usize> {
    let (mut longest, mut results, mut exact) = (0, 0, 0_usize);
    for (n_results, lanes) in products {
        longest = longest.max(lanes.checked_div(n_results).unwrap_or(0));
        results += n_results;
        exact += lanes;
    }
    let padded = longest.saturating_mul(results);
    (padded <= PADDED_LANES.max(exact.saturating_mul(PADDING_FACTOR))).then_some(longest)
}

impl<P: Protocol> Frame<'_, P> {
    pub(super) fn mul(&mut self, products: &[Product]) -> Result<(), Kind> {
        if let [(dst, a, b)] = *products {
            let lanes = self.secrets.lanes(a.0);
            if self.secrets.lanes(b.0) == lanes && self.secrets.lanes(dst.0) != 0 {
                // A long factor that is not needed any more gives its memory to the product.
                let other = if dst.0 == a.0 { b.0 } else { a.0 };
                if (dst.0 == a.0 || dst.0 == b.0) && dst.0 != other {
                    let mut out = self.secrets.take(dst.0);
                    self.secrets.prepare(other);
                    let other = self.secrets.get(other);
                    self.thread.protocol.mul_in_place(&mut self.thread.net, other, &mut out)?;
                    self.secrets.set(dst.0, out);
                    return self.thread.flush();
                }
                let mut out = self.secrets.out(dst.0, &[a.0, b.0])?;
                let (a, b) = (self.secrets.get(a.0), self.secrets.get(b.0));
                self.thread.protocol.mul(&mut self.thread.net, a, b, &mut out)?;
                self.secrets.set(dst.0, out);
                return self.thread.flush();
            }
        }
        // Where both factors have one lane, their product is computed once and repeated.
        let lanes_of = |frame: &Self, (dst, a, b): Product| {
            let lanes = frame.secrets.lanes(a.0).max(frame.secrets.lanes(b.0));
            lanes.min(frame.secrets.lanes(dst.0))
        };
        self.clear_scratch();
        for product @ &(_, a, b) in products {
            let lanes = lanes_of(self, *product);
            self.append_repeated(a, lanes, |scratch| &mut scratch.a);
            self.append_repeated(b, lanes, |scratch| &mut scratch.b);
        }
        let scratch = &mut self.thread.scratch;
        let net = &mut self.thread.net;
        self.thread.protocol.mul(net, &scratch.a, &scratch.b, &mut scratch.out)?;
        let mut offset = 0;
        for product in products {
            let lanes = lanes_of(self, *product);
            self.take_result(product.0, &mut offset, lanes)?;
        }
        self.thread.flush()
    }

    pub(super) fn dot(&mut self, products: &[Product]) -> Result<(), Kind> {
        if let [(dst, a, b)] = *products {
            let results = self.secrets.lanes(dst.0);
            let mut out = self.secrets.out(dst.0, &[a.0, b.0])?;
            let (a, b) = (self.secrets.get(a.0), self.secrets.get(b.0));
            self.thread.protocol.dot(&mut self.thread.net, a, b, results, &mut out)?;
            self.secrets.set(dst.0, out);
            return self.thread.flush();
        }
        let size = |(dst, a, _): &Product| (self.secrets.lanes(dst.0), self.secrets.lanes(a.0));
        if let Some(longest) = shared_block(products.iter().map(size)) {
            return self.dot_padded(products, longest);
        }
        let block = |product: &Product| {
            let (results, lanes) = size(product);
            lanes.checked_div(results).unwrap_or(0)
        };
        let mut by_block: Vec<(usize, Product)> =
            products.iter().map(|product| (block(product), *product)).collect();
        by_block.sort_by_key(|(block, _)| *block);
        for group in by_block.chunk_by(|(a, _), (b, _)| a == b) {
            let products: Vec<Product> = group.iter().map(|(_, product)| *product).collect();
            self.dot_padded(&products, group[0].0)?;
        }
        Ok(())
    }

    /// Inner products of at most `block` lanes each, in one round.
    fn dot_padded(&mut self, products: &[Product], block: usize) -> Result<(), Kind> {
        self.clear_scratch();
        let mut total = 0;
        for &(dst, a, b) in products {
            let results = self.secrets.lanes(dst.0);
            total += results;
            self.append_blocks(a, results, block, |scratch| &mut scratch.a);
            self.append_blocks(b, results, block, |scratch| &mut scratch.b);
        }
        let scratch = &mut self.thread.scratch;
        let net = &mut self.thread.net;
        self.thread.protocol.dot(net, &scratch.a, &scratch.b, total, &mut scratch.out)?;
        let mut offset = 0;
        for (dst, _, _) in products {
            self.take_result(*dst, &mut offset, self.secrets.lanes(dst.0))?;
        }
        self.thread.flush()
    }

    pub(super) fn matmul(
        &mut self,
        dst: DstS,
        a: SrcS,
        b: SrcS,
        dims: (usize, usize, usize),
    ) -> Result<(), Kind> {
        let mut out = self.secrets.out(dst.0, &[a.0, b.0])?;
        let (a, b) = (self.secrets.get(a.0), self.secrets.get(b.0));
        self.thread.protocol.matmul(&mut self.thread.net, a, b, dims, &mut out)?;
        self.secrets.set(dst.0, out);
        self.thread.flush()
    }

    pub(super) fn open(&mut self, openings: &[(DstC, SrcS)]) -> Result<(), Kind> {
        if let [(dst, src)] = *openings {
            self.secrets.prepare(src.0);
            let mut opened = Opened::with_buffer(self.publics.out(dst.0, &[])?);
            let src = self.secrets.get(src.0);
            self.thread.protocol.open(&mut self.thread.net, src, &mut opened)?;
            // Public registers are pending: whatever leaves the machine is checked before.
            self.publics.set(dst.0, opened.into_pending());
            return self.thread.flush();
        }
        self.clear_scratch();
        for (_, src) in openings {
            self.append_repeated(*src, self.secrets.lanes(src.0), |scratch| &mut scratch.a);
        }
        let scratch = &mut self.thread.scratch;
        let mut opened = Opened::with_buffer(std::mem::take(&mut scratch.public));
        self.thread.protocol.open(&mut self.thread.net, &scratch.a, &mut opened)?;
        let values = opened.into_pending();
        let mut rest = values.as_slice();
        for (dst, _) in openings {
            let (lanes, after) = rest.split_at(self.publics.lanes(dst.0));
            let mut out = self.publics.out(dst.0, &[])?;
            out.clear();
            out.extend_from_slice(lanes);
            self.publics.set(dst.0, out);
            rest = after;
        }
        self.thread.scratch.public = values;
        self.thread.flush()
    }

    pub(super) fn open_to(&mut self, player: SrcI, dst: DstC, src: SrcS) -> Result<(), Kind> {
        let player = self.party(player)?;
        self.secrets.prepare(src.0);
        let mut out = self.publics.out(dst.0, &[])?;
        let src = self.secrets.get(src.0);
        match self.thread.protocol.open_to(&mut self.thread.net, src, player)? {
            Some(values) => out = values,
            None => {
                out.clear();
                out.resize(self.publics.lanes(dst.0), P::Ring::ZERO);
            }
        }
        self.publics.set(dst.0, out);
        self.thread.flush()
    }

    /// All inputs of one party are together, in the order of the program.
    pub(super) fn input(&mut self, inputs: &[(DstS, SrcI, Imm)]) -> Result<(), Kind> {
        let mut by_owner: Vec<(PartyId, Vec<(DstS, u32)>)> = Vec::new();
        for (dst, player, bits) in inputs {
            let owner = self.party(*player)?;
            let item = (*dst, verified(*bits));
            match by_owner.iter_mut().find(|(known, _)| *known == owner) {
                Some((_, items)) => items.push(item),
                None => by_owner.push((owner, vec![item])),
            }
        }
        let mut values = Vec::new();
        for (owner, items) in &by_owner {
            let mine = self.shared.host.owns_input(*owner);
            let mut numbers = std::mem::take(&mut self.thread.scratch.public);
            if mine {
                self.private_input(*owner, items, &mut numbers)?;
            }
            values.push(mine.then_some(numbers));
        }
        let destinations = by_owner.into_iter().map(|(owner, items)| {
            (owner, items.into_iter().map(|(dst, _)| dst).collect::<Vec<_>>())
        });
        self.share_inputs(&destinations.collect::<Vec<_>>(), &values)?;
        // Its memory serves again.
        if let Some(numbers) = values.into_iter().flatten().next() {
            self.thread.scratch.public = numbers;
        }
        Ok(())
    }

    /// Shares what the owners have for these destinations, all in one call of the protocol.
    pub(super) fn share_inputs(
        &mut self,
        by_owner: &[(PartyId, Vec<DstS>)],
        values: &[Option<Vec<P::Ring>>],
    ) -> Result<(), Kind> {
        let given = by_owner.iter().zip(values).map(|((owner, destinations), values)| Given {
            owner: *owner,
            values: values.as_deref(),
            n: destinations.iter().map(|dst| self.secrets.lanes(dst.0)).sum(),
        });
        let given: Vec<_> = given.collect();
        let net = &mut self.thread.net;
        let destinations = by_owner.iter().flat_map(|(_, destinations)| destinations);
        let destinations: Vec<DstS> = destinations.copied().collect();
        if let ([Given { owner, values, n }], [dst]) = (&given[..], &destinations[..]) {
            // Without another copy.
            let mut out = self.secrets.out(dst.0, &[])?;
            self.thread.protocol.input(net, *owner, *values, *n, &mut out)?;
            self.secrets.set(dst.0, out);
            return self.thread.flush();
        }
        let scratch = &mut self.thread.scratch;
        match given[..] {
            [Given { owner, values, n }] => {
                self.thread.protocol.input(net, owner, values, n, &mut scratch.out)?;
            }
            _ => self.thread.protocol.input_each(net, &given, &mut scratch.out)?,
        }
        let mut offset = 0;
        for dst in destinations {
            self.take_result(dst, &mut offset, self.secrets.lanes(dst.0))?;
        }
        self.thread.flush()
    }

    /// The numbers for these destinations, each with so many bits after the point. This process has them.
    fn private_input(
        &mut self,
        owner: PartyId,
        items: &[(DstS, u32)],
        values: &mut Vec<P::Ring>,
    ) -> Result<(), Kind> {
        let (host, thread) = (self.shared.host, self.thread.index);
        values.clear();
        for equal in items.chunk_by(|(_, a), (_, b)| a == b) {
            let lanes = equal.iter().map(|(dst, _)| self.secrets.lanes(dst.0)).sum();
            let bits = equal[0].1;
            let mut take = |piece: InputPiece<'_>| match piece {
                InputPiece::Small(small) => {
                    values.extend(small.iter().map(|value| P::Ring::from_i64(*value)));
                }
                InputPiece::Large(large) => values.push(P::Ring::from_bigint(large)),
            };
            match &mut self.part {
                Some(part) => {
                    let taken = part.taken.entry(owner).or_insert(0);
                    host.part_input(owner, part.number, *taken, lanes, bits, &mut take)?;
                    *taken += lanes;
                }
                None => host.private_input(owner, thread, lanes, bits, &mut take)?,
            }
        }
        Ok(())
    }

    pub(super) fn random(&mut self, dst: DstS) -> Result<(), Kind> {
        let mut out = self.secrets.out(dst.0, &[])?;
        self.thread.protocol.random(self.secrets.lanes(dst.0), &mut out);
        self.secrets.set(dst.0, out);
        Ok(())
    }

    pub(super) fn clear_scratch(&mut self) {
        self.thread.scratch.a.clear();
        self.thread.scratch.b.clear();
    }

    /// Appends a register, whose single lane stands for `lanes`.
    pub(super) fn append_repeated(
        &mut self,
        src: SrcS,
        lanes: usize,
        to: fn(&mut Scratch<P>) -> &mut P::Vector,
    ) {
        self.secrets.prepare(src.0);
        let src = self.secrets.get(src.0);
        let scratch = &mut self.thread.scratch;
        if src.len() == lanes {
            to(scratch).append(src);
        } else {
            let mut repeated = std::mem::take(&mut scratch.single);
            repeat_share(src, lanes, &mut repeated);
            to(scratch).append(&repeated);
            scratch.single = repeated;
        }
    }

    /// Appends a register that consists of `n_blocks` equal blocks, each filled up with zeros to `block` lanes.
    fn append_blocks(
        &mut self,
        src: SrcS,
        n_blocks: usize,
        block: usize,
        to: fn(&mut Scratch<P>) -> &mut P::Vector,
    ) {
        let exact = self.secrets.lanes(src.0).checked_div(n_blocks).unwrap_or(0);
        if exact == block {
            return self.append_repeated(src, self.secrets.lanes(src.0), to);
        }
        self.secrets.prepare(src.0);
        let src = self.secrets.get(src.0);
        let scratch = &mut self.thread.scratch;
        let mut part = std::mem::take(&mut scratch.single);
        for idx in 0..n_blocks {
            let levels = [Level { count: exact as u64, stride: 1 }];
            src.pick((idx * exact) as i64, &levels, &mut part).expect("blocks lie in the register");
            part.resize(block);
            to(scratch).append(&part);
        }
        scratch.single = part;
    }

    /// Gives the next lanes of a joint result to their destination.
    pub(super) fn take_result(
        &mut self,
        dst: DstS,
        offset: &mut usize,
        lanes: usize,
    ) -> Result<(), Kind> {
        let mut out = self.secrets.out(dst.0, &[])?;
        let levels = [Level { count: lanes as u64, stride: 1 }];
        self.thread.scratch.out.pick(*offset as i64, &levels, &mut out)?;
        self.secrets.set(dst.0, out);
        *offset += lanes;
        Ok(())
    }
}
