//! Shapes of instructions on secret bits.

use super::{Check, Checker};
use crate::op::Op;
use crate::operand::Reg;

/// Largest number of bits of a number that is given as private input.
const MAX_INPUT_BITS: i64 = 1 << 16;

impl Checker<'_> {
    /// `dst` has a lane for each of `bits` bits of each lane of `src`.
    fn bits_of(&self, dst: Reg, src: Reg, bits: i64) -> Check {
        self.bits(bits)?;
        self.decomposition(dst, src, bits)
    }

    pub(super) fn bit_shapes(&self, op: &Op) -> Check {
        match op {
            Op::LoadBits { dst, words } => {
                let lanes = self.lanes(dst.reg());
                let fits = lanes.div_ceil(64) == words.len() as u64;
                if fits { Ok(()) } else { Err(format!("{} words for {lanes} lanes", words.len())) }
            }
            Op::MoveB { dst, src } => self.elementwise(dst.reg(), &[src.reg()]),
            Op::PickB { dst, src, offset, levels } => {
                self.pick(dst.reg(), src.reg(), *offset, levels)
            }
            Op::ConcatB { dst, parts } => self.concat(dst.reg(), parts.iter().map(|it| it.reg())),
            Op::XorB { dst, a, b } => self.elementwise(dst.reg(), &[a.reg(), b.reg()]),
            Op::XorBC { dst, a, b } | Op::AndBC { dst, a, b } => {
                self.elementwise(dst.reg(), &[a.reg(), b.reg()])
            }
            Op::SumB { dst, src } => self.blocks(dst.reg(), src.reg()),
            Op::BitsFromPublic { dst, src, bits } => self.bits_of(dst.reg(), src.reg(), *bits),
            Op::AndB { products } => products
                .iter()
                .try_for_each(|(dst, a, b)| self.elementwise(dst.reg(), &[a.reg(), b.reg()])),
            Op::OpenB { openings } => openings
                .iter()
                .try_for_each(|(dst, src)| self.concat(dst.reg(), [src.reg()].into_iter())),
            Op::BitsFromSecret { parts } => parts
                .iter()
                .try_for_each(|(dst, src, bits)| self.bits_of(dst.reg(), src.reg(), *bits)),
            Op::SecretFromBits { parts } => parts
                .iter()
                .try_for_each(|(dst, src)| self.concat(dst.reg(), [src.reg()].into_iter())),
            Op::InputB { inputs } => inputs.iter().try_for_each(|(dst, player, bits, fraction)| {
                self.scalar(&[player.reg()])?;
                let fits = (1..=MAX_INPUT_BITS).contains(bits) && (0..=*bits).contains(fraction);
                if fits && self.lanes(dst.reg()).is_multiple_of(bits.unsigned_abs()) {
                    return Ok(());
                }
                Err(format!("{} takes numbers of {bits} bits / 2^{fraction}", dst.reg()))
            }),
            Op::LoadB { dst, array, base, levels } => self.load(dst.reg(), *array, *base, levels),
            Op::StoreB { array, base, levels, src } => self.store(*array, *base, levels, src.reg()),
            Op::GatherB { dst, array, index } => self.gather(dst.reg(), *array, *index),
            Op::ScatterB { array, index, src } => self.scatter(*array, *index, src.reg()),
            other => unreachable!("{other} has no bits"),
        }
    }
}
