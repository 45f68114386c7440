//! Secret bits: constants, lanes, local and interactive operations, arrays, conversions.

use caucus_bytecode::operand::{ArrayIn, ArrayOut, DstB, DstC, DstS, Imm, SrcB, SrcC, SrcI, SrcS};
use caucus_bytecode::{Level as Pattern, Op};
use caucus_core::algebra::Ring;
use caucus_core::ids::PartyId;
use caucus_protocols::{BitShares, BitVector, Level, Opened, Protocol, ShareVector};
use num_bigint::BigInt;

use super::Frame;
use super::bits::verified;
use super::memory::place;
use crate::registers::repeat_bits;
use crate::threads::BitScratch;
use crate::{InputPiece, Kind};

/// A destination and both sources.
type Product = (DstB, SrcB, SrcB);
/// A destination of private inputs, the bits of each number, and how many of them are behind the point.
type Number = (DstB, usize, u32);

impl<P: Protocol> Frame<'_, P> {
    /// An instruction on secret bits.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the caller's match is exhaustive")]
    pub(super) fn bits(&mut self, op: &Op) -> Result<(), Kind> {
        match op {
            Op::LoadBits { dst, words } => self.load_bits(*dst, words),
            Op::MoveB { dst, src } => self.move_b(*dst, *src),
            Op::PickB { dst, src, offset, levels } => self.pick_b(*dst, *src, *offset, levels),
            Op::ConcatB { dst, parts } => self.concat_b(*dst, parts),
            Op::XorB { dst, a, b } => self.xor(*dst, *a, *b),
            Op::XorBC { dst, a, b } => self.xor_public(*dst, *a, *b),
            Op::AndBC { dst, a, b } => self.and_public(*dst, *a, *b),
            Op::SumB { dst, src } => self.sum_b(*dst, *src),
            Op::BitsFromPublic { dst, src, bits } => self.bits_from_public(*dst, *src, *bits),
            Op::RandomB { dst } => self.random_b(*dst),
            Op::AndB { products } => self.and(products),
            Op::OpenB { openings } => self.open_b(openings),
            Op::BitsFromSecret { parts } => self.bits_from_secret(parts),
            Op::SecretFromBits { parts } => self.secret_from_bits(parts),
            Op::InputB { inputs } => self.input_b(inputs),
            Op::LoadB { dst, array, base, levels } => self.load_b(*dst, *array, *base, levels),
            Op::StoreB { array, base, levels, src } => self.store_b(*array, *base, levels, *src),
            Op::GatherB { dst, array, index } => self.gather_b(*dst, *array, *index),
            Op::ScatterB { array, index, src } => self.scatter_b(*array, *index, *src),
            other => unreachable!("{other} has no bits"),
        }
    }

    // Local

    fn load_bits(&mut self, dst: DstB, words: &[Imm]) -> Result<(), Kind> {
        let lanes = self.binary.lanes(dst.0);
        let values = BitShares::from_words(words.iter().map(|word| *word as u64), lanes);
        self.set_public(dst, &values)
    }

    fn set_public(&mut self, dst: DstB, values: &BitShares<1>) -> Result<(), Kind> {
        let mut out = self.binary.out(dst.0, &[])?;
        self.thread.protocol.public_bits(values, &mut out)?;
        self.binary.set(dst.0, out);
        Ok(())
    }

    fn move_b(&mut self, dst: DstB, src: SrcB) -> Result<(), Kind> {
        let mut out = self.binary.out(dst.0, &[src.0])?;
        out.copy_from(self.binary.get(src.0));
        self.binary.set(dst.0, out);
        Ok(())
    }

    fn pick_b(
        &mut self,
        dst: DstB,
        src: SrcB,
        offset: i64,
        levels: &[Pattern],
    ) -> Result<(), Kind> {
        let mut out = self.binary.out(dst.0, &[src.0])?;
        let levels = self.thread.scratch.levels(levels);
        self.binary.get(src.0).pick(offset, levels, &mut out)?;
        self.binary.set(dst.0, out);
        Ok(())
    }

    fn concat_b(&mut self, dst: DstB, parts: &[SrcB]) -> Result<(), Kind> {
        parts.iter().for_each(|part| self.binary.prepare(part.0));
        let mut out = match parts.iter().find(|part| part.0 == dst.0) {
            Some(part) => self.binary.out(dst.0, &[part.0])?,
            None => self.binary.out(dst.0, &[])?,
        };
        out.clear();
        parts.iter().for_each(|part| out.append(self.binary.get(part.0)));
        self.binary.set(dst.0, out);
        Ok(())
    }

    fn xor(&mut self, dst: DstB, a: SrcB, b: SrcB) -> Result<(), Kind> {
        let mut out = self.binary.out(dst.0, &[a.0, b.0])?;
        self.binary.get(a.0).xor(self.binary.get(b.0), &mut out);
        self.binary.set(dst.0, out);
        Ok(())
    }

    fn xor_public(&mut self, dst: DstB, a: SrcB, b: SrcC) -> Result<(), Kind> {
        let public = self.lowest_bits(b);
        let mut out = self.binary.out(dst.0, &[a.0])?;
        let single = &mut self.thread.scratch.bits.single;
        self.thread.protocol.public_bits(&public, single)?;
        self.binary.get(a.0).xor(single, &mut out);
        self.binary.set(dst.0, out);
        Ok(())
    }

    fn and_public(&mut self, dst: DstB, a: SrcB, b: SrcC) -> Result<(), Kind> {
        let public = self.lowest_bits(b);
        let mut out = self.binary.out(dst.0, &[a.0])?;
        self.binary.get(a.0).mask(&public, &mut out);
        self.binary.set(dst.0, out);
        Ok(())
    }

    fn lowest_bits(&mut self, src: SrcC) -> BitShares<1> {
        self.publics.prepare(src.0);
        let values = self.publics.get(src.0).iter();
        BitShares::from_bits(values.map(|value| value.to_u128() & 1 == 1))
    }

    fn sum_b(&mut self, dst: DstB, src: SrcB) -> Result<(), Kind> {
        let mut out = self.binary.out(dst.0, &[src.0])?;
        self.binary.get(src.0).sum(&mut out, self.binary.lanes(dst.0));
        self.binary.set(dst.0, out);
        Ok(())
    }

    fn bits_from_public(&mut self, dst: DstB, src: SrcC, bits: Imm) -> Result<(), Kind> {
        self.publics.prepare(src.0);
        let values = self.publics.get(src.0);
        let row = |bit| values.iter().map(move |value| value.to_u128() >> bit & 1 == 1);
        let values = BitShares::from_bits((0..verified(bits)).flat_map(row));
        self.set_public(dst, &values)
    }

    fn random_b(&mut self, dst: DstB) -> Result<(), Kind> {
        let mut out = self.binary.out(dst.0, &[])?;
        self.thread.protocol.random_bits(self.binary.lanes(dst.0), &mut out)?;
        self.binary.set(dst.0, out);
        Ok(())
    }

    // Interactive

    fn and(&mut self, products: &[Product]) -> Result<(), Kind> {
        if let [(dst, a, b)] = *products {
            let lanes = self.binary.lanes(a.0);
            if self.binary.lanes(b.0) == lanes && self.binary.lanes(dst.0) != 0 {
                let mut out = self.binary.out(dst.0, &[a.0, b.0])?;
                let (a, b) = (self.binary.get(a.0), self.binary.get(b.0));
                self.thread.protocol.and_bits(&mut self.thread.net, a, b, &mut out)?;
                self.binary.set(dst.0, out);
                return self.thread.flush();
            }
        }
        // Where both factors have one lane, their product is computed once and repeated.
        let lanes_of = |frame: &Self, (dst, a, b): Product| {
            let lanes = frame.binary.lanes(a.0).max(frame.binary.lanes(b.0));
            lanes.min(frame.binary.lanes(dst.0))
        };
        self.thread.scratch.bits.clear();
        for product @ &(_, a, b) in products {
            let lanes = lanes_of(self, *product);
            self.append_bits(a, lanes, |scratch| &mut scratch.a);
            self.append_bits(b, lanes, |scratch| &mut scratch.b);
        }
        let (scratch, net) = (&mut self.thread.scratch.bits, &mut self.thread.net);
        self.thread.protocol.and_bits(net, &scratch.a, &scratch.b, &mut scratch.out)?;
        let mut offset = 0;
        for product in products {
            let lanes = lanes_of(self, *product);
            self.take_bits(product.0, &mut offset, lanes)?;
        }
        self.thread.flush()
    }

    fn open_b(&mut self, openings: &[(DstC, SrcB)]) -> Result<(), Kind> {
        self.thread.scratch.bits.clear();
        for (_, src) in openings {
            self.append_bits(*src, self.binary.lanes(src.0), |scratch| &mut scratch.a);
        }
        let scratch = &mut self.thread.scratch;
        let mut opened = Opened::with_buffer(std::mem::take(&mut scratch.public));
        let net = &mut self.thread.net;
        self.thread.protocol.open_bits(net, &scratch.bits.a, &mut opened)?;
        // Public registers are pending: whatever leaves the machine is checked before.
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

    /// All parts with equal numbers of bits are one call of the protocol.
    fn bits_from_secret(&mut self, parts: &[(DstB, SrcS, Imm)]) -> Result<(), Kind> {
        let mut groups: Vec<(u32, Vec<(DstB, SrcS)>)> = Vec::new();
        for (dst, src, bits) in parts {
            let bits = verified(*bits);
            match groups.iter_mut().find(|(known, _)| *known == bits) {
                Some((_, members)) => members.push((*dst, *src)),
                None => groups.push((bits, vec![(*dst, *src)])),
            }
        }
        for (bits, members) in groups {
            self.clear_scratch();
            for (_, src) in &members {
                self.append_repeated(*src, self.secrets.lanes(src.0), |scratch| &mut scratch.a);
            }
            let (scratch, net) = (&mut self.thread.scratch, &mut self.thread.net);
            let out = &mut scratch.bits.out;
            self.thread.protocol.to_bits(net, &scratch.a, bits, out)?;
            let total = scratch.a.len();
            let mut offset = 0;
            for (dst, src) in members {
                let lanes = self.secrets.lanes(src.0);
                let rows = Level { count: bits.into(), stride: total as i64 };
                let levels = [rows, Level { count: lanes as u64, stride: 1 }];
                let mut out = self.binary.out(dst.0, &[])?;
                self.thread.scratch.bits.out.pick(offset, &levels, &mut out)?;
                self.binary.set(dst.0, out);
                offset += lanes as i64;
            }
        }
        self.thread.flush()
    }

    fn secret_from_bits(&mut self, parts: &[(DstS, SrcB)]) -> Result<(), Kind> {
        self.thread.scratch.bits.clear();
        for (_, src) in parts {
            self.append_bits(*src, self.binary.lanes(src.0), |scratch| &mut scratch.a);
        }
        let (scratch, net) = (&mut self.thread.scratch, &mut self.thread.net);
        self.thread.protocol.lift_bits(net, &scratch.bits.a, &mut scratch.out)?;
        let mut offset = 0;
        for (dst, _) in parts {
            self.take_result(*dst, &mut offset, self.secrets.lanes(dst.0))?;
        }
        self.thread.flush()
    }

    /// All inputs of one party are one call, in the order of the program.
    fn input_b(&mut self, inputs: &[(DstB, SrcI, Imm, Imm)]) -> Result<(), Kind> {
        let mut by_owner: Vec<(PartyId, Vec<Number>)> = Vec::new();
        for (dst, player, bits, fraction) in inputs {
            let owner = self.party(*player)?;
            let item = (*dst, *bits as usize, verified(*fraction));
            match by_owner.iter_mut().find(|(known, _)| *known == owner) {
                Some((_, items)) => items.push(item),
                None => by_owner.push((owner, vec![item])),
            }
        }
        for (owner, items) in by_owner {
            let lanes = items.iter().map(|(dst, ..)| self.binary.lanes(dst.0)).sum();
            let mut values = None;
            for (dst, bits, fraction) in &items {
                let numbers = self.binary.lanes(dst.0) / bits;
                if let Some(next) = self.private_bits(owner, numbers, *bits, *fraction)? {
                    values.get_or_insert_with(BitShares::default).append(&next);
                }
            }
            let (scratch, net) = (&mut self.thread.scratch.bits, &mut self.thread.net);
            self.thread.protocol.input_bits(
                net,
                owner,
                values.as_ref(),
                lanes,
                &mut scratch.out,
            )?;
            let mut offset = 0;
            for (dst, ..) in items {
                self.take_bits(dst, &mut offset, self.binary.lanes(dst.0))?;
            }
        }
        self.thread.flush()
    }

    /// The bits of the next numbers of a party, if this process has them.
    fn private_bits(
        &self,
        owner: PartyId,
        count: usize,
        bits: usize,
        fraction: u32,
    ) -> Result<Option<BitShares<1>>, Kind> {
        let host = self.shared.host;
        if !host.owns_input(owner) {
            return Ok(None);
        }
        let mut numbers = Vec::new();
        host.private_input(owner, self.thread.index, count, fraction, &mut |piece| match piece {
            InputPiece::Small(small) => numbers.extend(small.iter().map(|it| BigInt::from(*it))),
            InputPiece::Large(large) => numbers.push(large.clone()),
        })?;
        let limit = BigInt::from(1) << bits;
        let fits = |number: &BigInt| *number < limit && number * 2 >= -&limit;
        if !numbers.iter().all(fits) {
            return Err(Kind::InputRange { player: owner, bits });
        }
        let row = |bit: u64| numbers.iter().map(move |number| number.bit(bit));
        Ok(Some(BitShares::from_bits((0..bits as u64).flat_map(row))))
    }

    // Arrays

    fn load_b(
        &mut self,
        dst: DstB,
        array: ArrayIn,
        base: SrcI,
        levels: &[Pattern],
    ) -> Result<(), Kind> {
        let mut out = self.binary.out(dst.0, &[])?;
        let (memory, index) = place(self.shared, &self.locals, array.0);
        let base = memory.local(index, self.ints.scalar(base.0));
        let levels = self.thread.scratch.levels(levels);
        memory.read_bits(index)?.elements().pick(base, levels, &mut out)?;
        self.binary.set(dst.0, out);
        Ok(())
    }

    fn store_b(
        &mut self,
        array: ArrayOut,
        base: SrcI,
        levels: &[Pattern],
        src: SrcB,
    ) -> Result<(), Kind> {
        self.binary.prepare(src.0);
        let (memory, index) = place(self.shared, &self.locals, array.0);
        let base = memory.local(index, self.ints.scalar(base.0));
        let levels = self.thread.scratch.levels(levels);
        Ok(memory.write_bits(index)?.elements().put(base, levels, self.binary.get(src.0))?)
    }

    fn gather_b(&mut self, dst: DstB, array: ArrayIn, index: SrcI) -> Result<(), Kind> {
        self.ints.prepare(index.0);
        let mut out = self.binary.out(dst.0, &[])?;
        let (memory, array) = place(self.shared, &self.locals, array.0);
        memory
            .read_bits(array)?
            .elements()
            .gather(&memory.locals(array, self.ints.get(index.0)), &mut out)?;
        self.binary.set(dst.0, out);
        Ok(())
    }

    fn scatter_b(&mut self, array: ArrayOut, index: SrcI, src: SrcB) -> Result<(), Kind> {
        self.ints.prepare(index.0);
        self.binary.prepare(src.0);
        let (memory, array) = place(self.shared, &self.locals, array.0);
        let index = memory.locals(array, self.ints.get(index.0));
        Ok(memory.write_bits(array)?.elements().scatter(&index, self.binary.get(src.0))?)
    }

    // Joining operands

    /// Appends a register, whose single lane stands for `lanes`.
    fn append_bits(&mut self, src: SrcB, lanes: usize, to: fn(&mut BitScratch<P>) -> &mut P::Bits) {
        self.binary.prepare(src.0);
        let src = self.binary.get(src.0);
        let scratch = &mut self.thread.scratch.bits;
        if src.len() == lanes {
            to(scratch).append(src);
        } else {
            let mut repeated = std::mem::take(&mut scratch.single);
            repeat_bits(src, lanes, &mut repeated);
            to(scratch).append(&repeated);
            scratch.single = repeated;
        }
    }

    /// Gives the next lanes of a joint result to their destination.
    fn take_bits(&mut self, dst: DstB, offset: &mut usize, lanes: usize) -> Result<(), Kind> {
        let mut out = self.binary.out(dst.0, &[])?;
        let levels = [Level { count: lanes as u64, stride: 1 }];
        self.thread.scratch.bits.out.pick(*offset as i64, &levels, &mut out)?;
        self.binary.set(dst.0, out);
        *offset += lanes;
        Ok(())
    }
}
