//! Instructions on secret bits on the lanes of all iterations.

use caucus_bytecode::Op;
use caucus_bytecode::operand::{DstB, SrcB, SrcC, SrcI, SrcS};

use super::{Step, Widener};
use crate::ir::Class;

impl Widener<'_> {
    /// An instruction on secret bits that is neither element-wise nor an access to an array.
    pub(super) fn widen_bits(&mut self, op: &Op) -> Step {
        match op {
            Op::PickB { dst, src, offset, levels } => {
                self.pick(dst.reg(), src.reg(), *offset, levels);
            }
            Op::ConcatB { dst, parts } => {
                self.concat(dst.reg(), parts.iter().map(|it| it.reg()).collect());
            }
            Op::SumB { .. } | Op::OpenB { .. } | Op::SecretFromBits { .. } => self.whole(op),
            Op::AndB { products } => {
                let mut wide = Vec::with_capacity(products.len());
                for (dst, a, b) in products {
                    let lanes = self.lanes(dst.reg());
                    let (a, b) = (self.operand(a.reg(), lanes), self.operand(b.reg(), lanes));
                    wide.push((dst.reg(), SrcB(a), SrcB(b)));
                }
                let products =
                    wide.into_iter().map(|(dst, a, b)| (DstB(self.define(dst)), a, b)).collect();
                self.emit(Op::AndB { products });
            }
            Op::RandomB { dst } => {
                let dst = DstB(self.define(dst.reg()));
                self.emit(Op::RandomB { dst });
            }
            Op::BitsFromPublic { dst, src, bits } => {
                let src = SrcC(self.full(src.reg(), self.lanes(src.reg())));
                let rows = self.fresh(Class::Bits, self.n * self.lanes(dst.reg()));
                self.emit(Op::BitsFromPublic { dst: DstB(rows), src, bits: *bits });
                self.take_rows(dst.reg(), rows, *bits);
            }
            Op::BitsFromSecret { parts } => {
                let mut wide = Vec::with_capacity(parts.len());
                for (dst, src, bits) in parts {
                    let src = SrcS(self.full(src.reg(), self.lanes(src.reg())));
                    let rows = self.fresh(Class::Bits, self.n * self.lanes(dst.reg()));
                    wide.push((DstB(rows), src, *bits));
                }
                self.emit(Op::BitsFromSecret { parts: wide.clone() });
                for ((dst, _, bits), (rows, _, _)) in parts.iter().zip(wide) {
                    self.take_rows(dst.reg(), rows.0, *bits);
                }
            }
            Op::InputB { inputs } => {
                let players = self.players(inputs.iter().map(|(_, player, ..)| *player))?;
                let mut wide = Vec::with_capacity(inputs.len());
                for ((dst, _, bits, fraction), player) in inputs.iter().zip(players) {
                    let rows = self.fresh(Class::Bits, self.n * self.lanes(dst.reg()));
                    wide.push((DstB(rows), SrcI(player), *bits, *fraction));
                }
                self.emit(Op::InputB { inputs: wide.clone() });
                for ((dst, _, bits, _), (rows, ..)) in inputs.iter().zip(wide) {
                    self.take_rows(dst.reg(), rows.0, *bits);
                }
            }
            other => return self.refuse(format!("{} has no wide form", other.mnemonic())),
        }
        Ok(())
    }
}
