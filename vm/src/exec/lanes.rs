//! Constants, moves, lanes and conversions.

use caucus_bytecode::Level;
use caucus_bytecode::operand::{ConstRef, DstC, DstI, DstS, SrcC, SrcI, SrcS};
use caucus_core::algebra::Ring;
use caucus_protocols::{Protocol, ShareVector, strided};

use super::Frame;
use crate::Kind;
use crate::kernel;
use crate::registers::File;

impl<P: Protocol> Frame<'_, P> {
    pub(super) fn load_int(&mut self, dst: DstI, value: i64) -> Result<(), Kind> {
        fill(&mut self.ints, dst.0, value)
    }

    pub(super) fn load_ints(&mut self, dst: DstI, values: &[i64]) -> Result<(), Kind> {
        let mut out = self.ints.out(dst.0, &[])?;
        out.clear();
        out.extend_from_slice(values);
        self.ints.set(dst.0, out);
        Ok(())
    }

    pub(super) fn load_public(&mut self, dst: DstC, value: ConstRef) -> Result<(), Kind> {
        fill(&mut self.publics, dst.0, self.shared.constants[value.0 as usize])
    }

    pub(super) fn move_s(&mut self, dst: DstS, src: SrcS) -> Result<(), Kind> {
        let mut out = self.secrets.out_to_fill(dst.0, &[src.0])?;
        out.copy_from(self.secrets.get(src.0));
        self.secrets.set(dst.0, out);
        Ok(())
    }

    pub(super) fn move_c(&mut self, dst: DstC, src: SrcC) -> Result<(), Kind> {
        copy(&mut self.publics, dst.0, src.0)
    }

    pub(super) fn move_i(&mut self, dst: DstI, src: SrcI) -> Result<(), Kind> {
        copy(&mut self.ints, dst.0, src.0)
    }

    pub(super) fn pick_s(
        &mut self,
        dst: DstS,
        src: SrcS,
        offset: i64,
        levels: &[Level],
    ) -> Result<(), Kind> {
        let mut out = self.secrets.out_to_fill(dst.0, &[src.0])?;
        let levels = self.thread.scratch.levels(levels);
        self.secrets.get(src.0).pick(offset, levels, &mut out)?;
        self.secrets.set(dst.0, out);
        Ok(())
    }

    pub(super) fn pick_c(
        &mut self,
        dst: DstC,
        src: SrcC,
        offset: i64,
        levels: &[Level],
    ) -> Result<(), Kind> {
        let mut out = self.publics.out(dst.0, &[src.0])?;
        let levels = self.thread.scratch.levels(levels);
        strided::pick(self.publics.get(src.0), offset, levels, &mut out)?;
        self.publics.set(dst.0, out);
        Ok(())
    }

    pub(super) fn pick_i(
        &mut self,
        dst: DstI,
        src: SrcI,
        offset: i64,
        levels: &[Level],
    ) -> Result<(), Kind> {
        let mut out = self.ints.out(dst.0, &[src.0])?;
        let levels = self.thread.scratch.levels(levels);
        strided::pick(self.ints.get(src.0), offset, levels, &mut out)?;
        self.ints.set(dst.0, out);
        Ok(())
    }

    pub(super) fn concat_s(&mut self, dst: DstS, parts: &[SrcS]) -> Result<(), Kind> {
        parts.iter().for_each(|part| self.secrets.prepare(part.0));
        let mut out = match parts.iter().find(|part| part.0 == dst.0) {
            Some(part) => self.secrets.out_to_fill(dst.0, &[part.0])?,
            None => self.secrets.out_to_fill(dst.0, &[])?,
        };
        out.clear();
        parts.iter().for_each(|part| out.append(self.secrets.get(part.0)));
        self.secrets.set(dst.0, out);
        Ok(())
    }

    pub(super) fn concat_c(&mut self, dst: DstC, parts: &[SrcC]) -> Result<(), Kind> {
        concat(&mut self.publics, dst.0, parts.iter().map(|part| part.0))
    }

    pub(super) fn concat_i(&mut self, dst: DstI, parts: &[SrcI]) -> Result<(), Kind> {
        concat(&mut self.ints, dst.0, parts.iter().map(|part| part.0))
    }

    pub(super) fn iota(&mut self, dst: DstI, base: SrcI, levels: &[Level]) -> Result<(), Kind> {
        let mut out = self.ints.out(dst.0, &[base.0])?;
        let base = self.ints.scalar(base.0);
        kernel::iota(base, levels, &mut out, &mut self.thread.scratch.ints);
        self.ints.set(dst.0, out);
        Ok(())
    }

    pub(super) fn public_from_int(&mut self, dst: DstC, src: SrcI) -> Result<(), Kind> {
        self.ints.prepare(src.0);
        let mut out = self.publics.out(dst.0, &[])?;
        out.clear();
        out.extend(self.ints.get(src.0).iter().map(|value| P::Ring::from_i64(*value)));
        self.publics.set(dst.0, out);
        Ok(())
    }

    pub(super) fn int_from_public(&mut self, dst: DstI, src: SrcC) -> Result<(), Kind> {
        self.publics.prepare(src.0);
        let mut out = self.ints.out(dst.0, &[])?;
        out.clear();
        out.extend(self.publics.get(src.0).iter().map(|value| value.to_i64()));
        self.ints.set(dst.0, out);
        Ok(())
    }

    pub(super) fn secret_from_public(&mut self, dst: DstS, src: SrcC) -> Result<(), Kind> {
        self.publics.prepare(src.0);
        let mut out = self.secrets.out_to_fill(dst.0, &[])?;
        self.thread.protocol.public(self.publics.get(src.0), &mut out);
        self.secrets.set(dst.0, out);
        Ok(())
    }
}

fn fill<T: Copy + Default>(file: &mut File<'_, Vec<T>>, dst: u32, value: T) -> Result<(), Kind> {
    let mut out = file.out(dst, &[])?;
    out.clear();
    out.resize(file.lanes(dst), value);
    file.set(dst, out);
    Ok(())
}

fn copy<T: Copy + Default>(file: &mut File<'_, Vec<T>>, dst: u32, src: u32) -> Result<(), Kind> {
    let mut out = file.out(dst, &[src])?;
    out.clone_from(file.get(src));
    file.set(dst, out);
    Ok(())
}

fn concat<T: Copy + Default>(
    file: &mut File<'_, Vec<T>>,
    dst: u32,
    parts: impl Iterator<Item = u32> + Clone,
) -> Result<(), Kind> {
    parts.clone().for_each(|part| file.prepare(part));
    let mut out = match parts.clone().find(|part| *part == dst) {
        Some(part) => file.out(dst, &[part])?,
        None => file.out(dst, &[])?,
    };
    out.clear();
    parts.for_each(|part| out.extend_from_slice(file.get(part)));
    file.set(dst, out);
    Ok(())
}
