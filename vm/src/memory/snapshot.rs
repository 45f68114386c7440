//! All arrays as bytes, for checkpoints.

use caucus_bytecode::ArrayDecl;
use caucus_core::algebra::Ring;
use caucus_protocols::Protocol;

use super::{AnyArray, Array, Memory, part_bytes};
use crate::Kind;
use crate::snapshot::{Reader, flags, pack_flags, unpack_flags};

/// The array exists: somebody has accessed it.
const EXISTS: u8 = 1;
/// It is known which of its elements were written.
const TRACKED: u8 = 2;

impl<V> Array<V> {
    fn exists(&self) -> bool {
        self.data.read().unwrap_or_else(std::sync::PoisonError::into_inner).is_some()
    }
}

impl<P: Protocol> Memory<P> {
    fn exists(&self, index: usize) -> bool {
        match &self.0[index] {
            AnyArray::Secret(array) => array.exists(),
            AnyArray::Public(array) => array.exists(),
            AnyArray::Int(array) => array.exists(),
            AnyArray::Bits(array) => array.exists(),
        }
    }

    /// How many bytes [`write_all`](Self::write_all) appends.
    pub(crate) fn bytes_of_all(&self, decls: &[ArrayDecl]) -> usize {
        let bytes = |(index, decl): (usize, &ArrayDecl)| {
            let len = usize::try_from(decl.len).unwrap_or(usize::MAX);
            let elements = if self.exists(index) { part_bytes::<P>(decl, len) } else { 0 };
            1 + elements.saturating_add(if P::Ring::CHECKED { flags(len) } else { 0 })
        };
        decls.iter().enumerate().map(bytes).fold(0, usize::saturating_add)
    }

    /// Appends all elements of whole arrays that anybody has accessed.
    pub(crate) fn write_all(&self, decls: &[ArrayDecl], out: &mut Vec<u8>) -> Result<(), Kind> {
        for (index, decl) in decls.iter().enumerate() {
            let exists = self.exists(index);
            let tracked = P::Ring::CHECKED;
            out.push(if exists { EXISTS } else { 0 } | if tracked { TRACKED } else { 0 });
            if exists {
                self.export(index as u32, 0, decl.len as usize, out)?;
            }
            if tracked {
                pack_flags(&self.written(index as u32), out);
            }
        }
        Ok(())
    }

    /// Takes what [`write_all`](Self::write_all) has appended for the same declarations.
    pub(crate) fn read_all(&self, decls: &[ArrayDecl], from: &mut Reader<'_>) -> Result<(), Kind> {
        for (index, decl) in decls.iter().enumerate() {
            let [state] = from.array("the state of an array")?;
            let len = usize::try_from(decl.len).unwrap_or(usize::MAX);
            let tracked = if P::Ring::CHECKED { TRACKED } else { 0 };
            if state & !EXISTS != tracked {
                return Err(Kind::Snapshot { what: "the state of an array" });
            }
            if state & EXISTS != 0 {
                let bytes = from.take(part_bytes::<P>(decl, len), "an array")?;
                self.import(index as u32, 0, len, bytes)?;
            }
            if P::Ring::CHECKED {
                let written = unpack_flags(from.take(flags(len), "an array")?, len);
                *self.written(index as u32) = written;
            }
        }
        Ok(())
    }
}
