//! Parts of arrays as bytes, on their way between nodes of one party.

use caucus_bytecode::{ArrayDecl, Class};
use caucus_core::algebra::Ring;
use caucus_protocols::{BitVector, Level, Protocol, ShareVector};

use super::{AnyArray, Memory};
use crate::Kind;

/// Bytes of an integer.
const INT_BYTES: usize = size_of::<i64>();

/// How many bytes `len` elements of an array take.
pub(crate) fn part_bytes<P: Protocol>(decl: &ArrayDecl, len: usize) -> usize {
    match decl.class().expect("verified arrays have a class") {
        Class::Secret => len.saturating_mul(P::Vector::FULL_BYTES),
        Class::Public => len.saturating_mul(P::Ring::BYTES),
        Class::Int => len.saturating_mul(INT_BYTES),
        Class::Bits => P::Bits::full_bytes(len),
    }
}

impl<P: Protocol> Memory<P> {
    /// Appends `len` elements from `start` on, as this party holds them. Fails if they are not all in the array.
    pub(crate) fn export(
        &self,
        array: u32,
        start: i64,
        len: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Kind> {
        let start = self.local(array, start);
        let levels = [Level { count: len as u64, stride: 1 }];
        match &self.0[array as usize] {
            // Component by component, as they lie: lane by lane would cost a pass over every element.
            AnyArray::Secret(_) => {
                let elements = self.read_secret(array)?;
                for component in 0..P::Vector::COMPONENTS {
                    P::Ring::encode(
                        slice(elements.elements().component(component), start, len)?,
                        out,
                    );
                }
            }
            AnyArray::Bits(_) => {
                let mut part = P::Bits::default();
                self.read_bits(array)?.elements().pick(start, &levels, &mut part)?;
                part.write_full(out);
            }
            AnyArray::Public(_) => {
                let elements = self.read_public(array)?;
                P::Ring::encode(slice(elements.elements(), start, len)?, out);
            }
            AnyArray::Int(_) => {
                let elements = self.read_int(array)?;
                let part = slice(elements.elements(), start, len)?;
                out.extend(part.iter().flat_map(|int| int.to_le_bytes()));
            }
        }
        Ok(())
    }

    /// Writes `len` elements from `start` on, from bytes that [`Memory::export`] has made. Fails if they are not all in
    /// the array, or the bytes are not those of so many elements.
    pub(crate) fn import(
        &self,
        array: u32,
        start: i64,
        len: usize,
        bytes: &[u8],
    ) -> Result<(), Kind> {
        let start = self.local(array, start);
        let levels = [Level { count: len as u64, stride: 1 }];
        match &self.0[array as usize] {
            AnyArray::Secret(_) => {
                let mut elements = self.write_secret(array)?;
                let parts = bytes.chunks_exact((len * P::Ring::BYTES).max(1));
                for (component, part) in (0..P::Vector::COMPONENTS).zip(parts) {
                    let lanes = elements.elements().component_mut(component);
                    P::Ring::decode(part, slice_mut(lanes, start, len)?)
                        .map_err(caucus_protocols::Error::from)?;
                }
            }
            AnyArray::Bits(_) => {
                let part = P::Bits::read_full(bytes, len)?;
                self.write_bits(array)?.elements().put(start, &levels, &part)?;
            }
            AnyArray::Public(_) => {
                let mut elements = self.write_public(array)?;
                let part = slice_mut(elements.elements(), start, len)?;
                P::Ring::decode(bytes, part).map_err(caucus_protocols::Error::from)?;
            }
            AnyArray::Int(_) => {
                let mut elements = self.write_int(array)?;
                let part = slice_mut(elements.elements(), start, len)?;
                let words = bytes.chunks_exact(INT_BYTES);
                for (int, word) in part.iter_mut().zip(words) {
                    *int = i64::from_le_bytes(word.try_into().expect("chunks have eight bytes"));
                }
            }
        }
        Ok(())
    }
}

fn slice<T>(elements: &[T], start: i64, len: usize) -> Result<&[T], Kind> {
    let range = usize::try_from(start).ok().and_then(|at| Some(at..at.checked_add(len)?));
    let found = range.and_then(|range| elements.get(range));
    found.ok_or(Kind::IndexOutOfRange { index: start, len: elements.len() })
}

fn slice_mut<T>(elements: &mut [T], start: i64, len: usize) -> Result<&mut [T], Kind> {
    let all = elements.len();
    let range = usize::try_from(start).ok().and_then(|at| Some(at..at.checked_add(len)?));
    let found = range.and_then(|range| elements.get_mut(range));
    found.ok_or(Kind::IndexOutOfRange { index: start, len: all })
}
