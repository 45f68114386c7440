//! Statements of random programs about secret bits.

use caucus_bytecode::Op;
use caucus_bytecode::operand::*;

use super::Generator;

impl Generator {
    pub(super) fn binary(&mut self) {
        let a = self.any(Class::Bits);
        let lanes = self.lanes(Class::Bits, a);
        match self.below(7) {
            0..=1 => {
                let b = self.fitting(Class::Bits, lanes);
                let dst = self.fresh(Class::Bits, lanes);
                self.op(Op::AndB { products: vec![(DstB(dst), SrcB(a), SrcB(b))] });
            }
            2 => {
                let b = SrcC(self.fitting(Class::Public, lanes));
                let (dst, a) = (DstB(self.fresh(Class::Bits, lanes)), SrcB(a));
                let xor = self.one_in(2);
                self.op(if xor { Op::XorBC { dst, a, b } } else { Op::AndBC { dst, a, b } });
            }
            3 => {
                let dst = DstS(self.fresh(Class::Secret, lanes));
                self.op(Op::SecretFromBits { parts: vec![(dst, SrcB(a))] });
            }
            4 => {
                let bits = 1 + self.below(3);
                let secret = self.any(Class::Secret);
                let lanes = self.lanes(Class::Secret, secret);
                let dst = DstB(self.fresh(Class::Bits, lanes * bits));
                let bits = bits as i64;
                self.op(Op::BitsFromSecret { parts: vec![(dst, SrcS(secret), bits)] });
            }
            5 => {
                let bits = 1 + self.below(3);
                let public = self.any(Class::Public);
                let lanes = self.lanes(Class::Public, public);
                let dst = DstB(self.fresh(Class::Bits, lanes * bits));
                self.op(Op::BitsFromPublic { dst, src: SrcC(public), bits: bits as i64 });
            }
            _ => self.bit_input(),
        }
    }

    /// Beside other inputs, whose order must stay.
    fn bit_input(&mut self) {
        let player = self.below(2) as i64;
        let player = SrcI(self.constant(player));
        let (bits, numbers) = (1 + self.below(3), 1 + self.below(2));
        let dst = DstB(self.fresh(Class::Bits, bits * numbers));
        self.op(Op::InputB { inputs: vec![(dst, player, bits as i64, 0)] });
        if self.one_in(2) {
            let dst = DstS(self.fresh(Class::Secret, numbers));
            self.op(Op::InputS { inputs: vec![(dst, player, 0)] });
        }
    }
}
