//! Arithmetic on public ring elements and integers.

use caucus_bytecode::operand::{Comparison, DstC, DstI, IntOp, PublicOp, SrcC, SrcI};
use caucus_core::algebra::Ring;
use caucus_protocols::Protocol;

use super::Frame;
use crate::Kind;
use crate::kernel;

impl<P: Protocol> Frame<'_, P> {
    pub(super) fn public_binary(
        &mut self,
        op: PublicOp,
        dst: DstC,
        a: SrcC,
        b: SrcC,
    ) -> Result<(), Kind> {
        if self.publics.lanes(dst.0) == 0 {
            return Ok(());
        }
        let mut out = self.publics.out(dst.0, &[a.0, b.0])?;
        kernel::public_binary(op, self.publics.get(a.0), self.publics.get(b.0), &mut out)?;
        self.publics.set(dst.0, out);
        Ok(())
    }

    pub(super) fn compare_public(
        &mut self,
        op: Comparison,
        dst: DstI,
        a: SrcC,
        b: SrcC,
    ) -> Result<(), Kind> {
        self.publics.prepare(a.0);
        self.publics.prepare(b.0);
        let mut out = self.ints.out(dst.0, &[])?;
        kernel::compare_public(op, self.publics.get(a.0), self.publics.get(b.0), &mut out);
        self.ints.set(dst.0, out);
        Ok(())
    }

    pub(super) fn sum_c(&mut self, dst: DstC, src: SrcC) -> Result<(), Kind> {
        let mut out = self.publics.out(dst.0, &[src.0])?;
        let groups = self.publics.lanes(dst.0);
        let src = self.publics.get(src.0);
        kernel::sum_blocks(src, groups, &mut out, P::Ring::ZERO, |a, b| a + b);
        self.publics.set(dst.0, out);
        Ok(())
    }

    pub(super) fn int_binary(
        &mut self,
        op: IntOp,
        dst: DstI,
        a: SrcI,
        b: SrcI,
    ) -> Result<(), Kind> {
        // No lanes, no failure: a divisor of one lane may be 0 then.
        if self.ints.lanes(dst.0) == 0 {
            return Ok(());
        }
        let mut out = self.ints.out(dst.0, &[a.0, b.0])?;
        kernel::int_binary(op, self.ints.get(a.0), self.ints.get(b.0), &mut out)?;
        self.ints.set(dst.0, out);
        Ok(())
    }

    pub(super) fn sum_i(&mut self, dst: DstI, src: SrcI) -> Result<(), Kind> {
        let mut out = self.ints.out(dst.0, &[src.0])?;
        let groups = self.ints.lanes(dst.0);
        kernel::sum_blocks(self.ints.get(src.0), groups, &mut out, 0, i64::wrapping_add);
        self.ints.set(dst.0, out);
        Ok(())
    }
}
