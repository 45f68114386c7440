//! Reading and writing arrays. Every access is checked as a whole before any element is touched.

use caucus_bytecode::operand::{ArrayIn, ArrayOut, DstC, DstI, DstS, SrcC, SrcI, SrcS};
use caucus_bytecode::{ArrayRef, Level};
use caucus_protocols::{Protocol, ShareVector, strided};

use super::Frame;
use crate::Kind;
use crate::machine::Shared;
use crate::memory::Memory;

/// Where an array is, and its index there.
pub(super) fn place<'m, P: Protocol>(
    shared: &'m Shared<'_, P>,
    locals: &'m Memory<P>,
    array: ArrayRef,
) -> (&'m Memory<P>, u32) {
    match array {
        ArrayRef::Global(index) => (&shared.memory, index),
        ArrayRef::Local(index) => (locals, index),
    }
}

impl<P: Protocol> Frame<'_, P> {
    pub(super) fn load_s(
        &mut self,
        dst: DstS,
        array: ArrayIn,
        base: SrcI,
        levels: &[Level],
    ) -> Result<(), Kind> {
        let mut out = self.secrets.out_to_fill(dst.0, &[])?;
        let (memory, index) = place(self.shared, &self.locals, array.0);
        let base = memory.local(index, self.ints.scalar(base.0));
        let levels = self.thread.scratch.levels(levels);
        memory.read_secret(index)?.elements().pick(base, levels, &mut out)?;
        self.secrets.set(dst.0, out);
        Ok(())
    }

    pub(super) fn load_c(
        &mut self,
        dst: DstC,
        array: ArrayIn,
        base: SrcI,
        levels: &[Level],
    ) -> Result<(), Kind> {
        let mut out = self.publics.out(dst.0, &[])?;
        let (memory, index) = place(self.shared, &self.locals, array.0);
        let base = memory.local(index, self.ints.scalar(base.0));
        let levels = self.thread.scratch.levels(levels);
        strided::pick(memory.read_public(index)?.elements(), base, levels, &mut out)?;
        self.publics.set(dst.0, out);
        Ok(())
    }

    pub(super) fn load_i(
        &mut self,
        dst: DstI,
        array: ArrayIn,
        base: SrcI,
        levels: &[Level],
    ) -> Result<(), Kind> {
        let mut out = self.ints.out(dst.0, &[base.0])?;
        let (memory, index) = place(self.shared, &self.locals, array.0);
        let base = memory.local(index, self.ints.scalar(base.0));
        let levels = self.thread.scratch.levels(levels);
        strided::pick(memory.read_int(index)?.elements(), base, levels, &mut out)?;
        self.ints.set(dst.0, out);
        Ok(())
    }

    pub(super) fn store_s(
        &mut self,
        array: ArrayOut,
        base: SrcI,
        levels: &[Level],
        src: SrcS,
    ) -> Result<(), Kind> {
        self.secrets.prepare(src.0);
        let (memory, index) = place(self.shared, &self.locals, array.0);
        let base = memory.local(index, self.ints.scalar(base.0));
        let levels = self.thread.scratch.levels(levels);
        Ok(memory.write_secret(index)?.elements().put(base, levels, self.secrets.get(src.0))?)
    }

    pub(super) fn store_c(
        &mut self,
        array: ArrayOut,
        base: SrcI,
        levels: &[Level],
        src: SrcC,
    ) -> Result<(), Kind> {
        self.publics.prepare(src.0);
        let (memory, index) = place(self.shared, &self.locals, array.0);
        let base = memory.local(index, self.ints.scalar(base.0));
        let levels = self.thread.scratch.levels(levels);
        let mut array = memory.write_public(index)?;
        Ok(strided::put(array.elements(), base, levels, self.publics.get(src.0))?)
    }

    pub(super) fn store_i(
        &mut self,
        array: ArrayOut,
        base: SrcI,
        levels: &[Level],
        src: SrcI,
    ) -> Result<(), Kind> {
        self.ints.prepare(src.0);
        let (memory, index) = place(self.shared, &self.locals, array.0);
        let base = memory.local(index, self.ints.scalar(base.0));
        let levels = self.thread.scratch.levels(levels);
        let mut array = memory.write_int(index)?;
        Ok(strided::put(array.elements(), base, levels, self.ints.get(src.0))?)
    }

    pub(super) fn gather_s(&mut self, dst: DstS, array: ArrayIn, index: SrcI) -> Result<(), Kind> {
        self.ints.prepare(index.0);
        let mut out = self.secrets.out_to_fill(dst.0, &[])?;
        let (memory, array) = place(self.shared, &self.locals, array.0);
        memory
            .read_secret(array)?
            .elements()
            .gather(&memory.locals(array, self.ints.get(index.0)), &mut out)?;
        self.secrets.set(dst.0, out);
        Ok(())
    }

    pub(super) fn gather_c(&mut self, dst: DstC, array: ArrayIn, index: SrcI) -> Result<(), Kind> {
        self.ints.prepare(index.0);
        let mut out = self.publics.out(dst.0, &[])?;
        let (memory, array) = place(self.shared, &self.locals, array.0);
        let index = memory.locals(array, self.ints.get(index.0));
        strided::gather(memory.read_public(array)?.elements(), &index, &mut out)?;
        self.publics.set(dst.0, out);
        Ok(())
    }

    pub(super) fn gather_i(&mut self, dst: DstI, array: ArrayIn, index: SrcI) -> Result<(), Kind> {
        let mut out = self.ints.out(dst.0, &[index.0])?;
        let (memory, array) = place(self.shared, &self.locals, array.0);
        let index = memory.locals(array, self.ints.get(index.0));
        strided::gather(memory.read_int(array)?.elements(), &index, &mut out)?;
        self.ints.set(dst.0, out);
        Ok(())
    }

    pub(super) fn scatter_s(
        &mut self,
        array: ArrayOut,
        index: SrcI,
        src: SrcS,
    ) -> Result<(), Kind> {
        self.ints.prepare(index.0);
        self.secrets.prepare(src.0);
        let (memory, array) = place(self.shared, &self.locals, array.0);
        let index = memory.locals(array, self.ints.get(index.0));
        Ok(memory.write_secret(array)?.elements().scatter(&index, self.secrets.get(src.0))?)
    }

    pub(super) fn scatter_c(
        &mut self,
        array: ArrayOut,
        index: SrcI,
        src: SrcC,
    ) -> Result<(), Kind> {
        self.ints.prepare(index.0);
        self.publics.prepare(src.0);
        let (memory, array) = place(self.shared, &self.locals, array.0);
        let index = memory.locals(array, self.ints.get(index.0));
        let mut array = memory.write_public(array)?;
        Ok(strided::scatter(array.elements(), &index, self.publics.get(src.0))?)
    }

    pub(super) fn scatter_i(
        &mut self,
        array: ArrayOut,
        index: SrcI,
        src: SrcI,
    ) -> Result<(), Kind> {
        self.ints.prepare(index.0);
        self.ints.prepare(src.0);
        let (memory, array) = place(self.shared, &self.locals, array.0);
        let index = memory.locals(array, self.ints.get(index.0));
        let mut array = memory.write_int(array)?;
        Ok(strided::scatter(array.elements(), &index, self.ints.get(src.0))?)
    }
}
