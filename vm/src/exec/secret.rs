//! Local arithmetic on secrets.

use caucus_bytecode::operand::{DstS, SrcC, SrcS};
use caucus_protocols::{Protocol, ShareVector};

use super::Frame;
use crate::Kind;

impl<P: Protocol> Frame<'_, P> {
    pub(super) fn add_s(&mut self, dst: DstS, a: SrcS, b: SrcS) -> Result<(), Kind> {
        let mut out = self.secrets.out_to_fill(dst.0, &[a.0, b.0])?;
        self.secrets.get(a.0).add(self.secrets.get(b.0), &mut out);
        self.secrets.set(dst.0, out);
        Ok(())
    }

    pub(super) fn sub_s(&mut self, dst: DstS, a: SrcS, b: SrcS) -> Result<(), Kind> {
        let mut out = self.secrets.out_to_fill(dst.0, &[a.0, b.0])?;
        self.secrets.get(a.0).sub(self.secrets.get(b.0), &mut out);
        self.secrets.set(dst.0, out);
        Ok(())
    }

    pub(super) fn add_sc(&mut self, dst: DstS, a: SrcS, b: SrcC) -> Result<(), Kind> {
        self.publics.prepare(b.0);
        let mut out = self.secrets.out_to_fill(dst.0, &[a.0])?;
        let (a, b) = (self.secrets.get(a.0), self.publics.get(b.0));
        self.thread.protocol.add_public(a, b, &mut out);
        self.secrets.set(dst.0, out);
        Ok(())
    }

    pub(super) fn sub_sc(&mut self, dst: DstS, a: SrcS, b: SrcC) -> Result<(), Kind> {
        self.publics.prepare(b.0);
        let mut out = self.secrets.out_to_fill(dst.0, &[a.0])?;
        let negated = &mut self.thread.scratch.public;
        negated.clear();
        negated.extend(self.publics.get(b.0).iter().map(|value| -*value));
        self.thread.protocol.add_public(self.secrets.get(a.0), negated, &mut out);
        self.secrets.set(dst.0, out);
        Ok(())
    }

    pub(super) fn sub_cs(&mut self, dst: DstS, a: SrcC, b: SrcS) -> Result<(), Kind> {
        self.publics.prepare(a.0);
        let mut out = self.secrets.out_to_fill(dst.0, &[b.0])?;
        let negated = &mut self.thread.scratch.a;
        self.secrets.get(b.0).neg(negated);
        self.thread.protocol.add_public(negated, self.publics.get(a.0), &mut out);
        self.secrets.set(dst.0, out);
        Ok(())
    }

    pub(super) fn mul_sc(&mut self, dst: DstS, a: SrcS, b: SrcC) -> Result<(), Kind> {
        self.publics.prepare(b.0);
        let mut out = self.secrets.out_to_fill(dst.0, &[a.0])?;
        self.secrets.get(a.0).scale(self.publics.get(b.0), &mut out);
        self.secrets.set(dst.0, out);
        Ok(())
    }

    pub(super) fn sum_s(&mut self, dst: DstS, src: SrcS) -> Result<(), Kind> {
        let mut out = self.secrets.out(dst.0, &[src.0])?;
        self.secrets.get(src.0).sum(&mut out, self.secrets.lanes(dst.0));
        self.secrets.set(dst.0, out);
        Ok(())
    }
}
