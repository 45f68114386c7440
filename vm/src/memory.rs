//! Arrays.
//!
//! Elements are zero until they are written. Memory is taken on the first access. The arrays of the program are shared
//! by all threads: each has a lock, which an instruction takes once.

mod parts;
mod snapshot;

use std::borrow::Cow;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use caucus_bytecode::{ArrayDecl, Class};
use caucus_core::algebra::Ring;
use caucus_protocols::{BitVector, Protocol, ShareVector};

use crate::Kind;
use crate::registers::{or_out_of_memory, reserved};

pub(crate) use parts::part_bytes;

/// The elements of an array, or nothing before the first access.
pub(crate) struct Array<V> {
    /// Index in the program's array of the first element here: a worker has a part of an array only.
    origin: i64,
    len: usize,
    data: RwLock<Option<V>>,
    /// Which elements were written, in checked runs.
    written: Mutex<Vec<bool>>,
}

impl<V> Array<V> {
    fn new(origin: i64, len: u64) -> Self {
        // The verifier limits lengths to 2^40. On a machine that cannot count so far, the first access fails.
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        Self { origin, len, data: RwLock::new(None), written: Mutex::new(Vec::new()) }
    }

    /// The elements, to read them. `zeros` makes them if nobody accessed them before.
    fn read(&self, zeros: impl FnOnce(usize) -> Result<V, Kind>) -> Result<Reading<'_, V>, Kind> {
        let guard = self.data.read().unwrap_or_else(PoisonError::into_inner);
        if guard.is_some() {
            return Ok(Reading(guard));
        }
        drop(guard);
        drop(self.write(zeros)?);
        Ok(Reading(self.data.read().unwrap_or_else(PoisonError::into_inner)))
    }

    /// Which elements were written, as far as anybody has asked before.
    fn written(&self) -> MutexGuard<'_, Vec<bool>> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if written.is_empty() {
            written.resize(self.len, false);
        }
        written
    }

    /// The elements, to write some. `zeros` makes them if nobody accessed them before.
    fn write(&self, zeros: impl FnOnce(usize) -> Result<V, Kind>) -> Result<Writing<'_, V>, Kind> {
        let mut guard = self.data.write().unwrap_or_else(PoisonError::into_inner);
        if guard.is_none() {
            *guard = Some(zeros(self.len)?);
        }
        Ok(Writing(guard))
    }
}

/// Elements that exist, locked for reading.
pub(crate) struct Reading<'a, V>(RwLockReadGuard<'a, Option<V>>);

impl<V> Reading<'_, V> {
    /// The elements.
    pub(crate) fn elements(&self) -> &V {
        self.0.as_ref().expect("elements exist after the first access")
    }
}

/// Elements that exist, locked for writing.
pub(crate) struct Writing<'a, V>(RwLockWriteGuard<'a, Option<V>>);

impl<V> Writing<'_, V> {
    /// The elements.
    pub(crate) fn elements(&mut self) -> &mut V {
        self.0.as_mut().expect("elements exist after the first access")
    }
}

/// An array of any class.
enum AnyArray<P: Protocol> {
    Secret(Array<P::Vector>),
    Public(Array<Vec<P::Ring>>),
    Int(Array<Vec<i64>>),
    Bits(Array<P::Bits>),
}

/// The arrays of the program, or those of one run of a tape.
pub(crate) struct Memory<P: Protocol>(Vec<AnyArray<P>>);

impl<P: Protocol> AnyArray<P> {
    fn new(decl: &ArrayDecl, origin: i64, len: u64) -> Self {
        match decl.class().expect("verified arrays have a class") {
            Class::Secret => Self::Secret(Array::new(origin, len)),
            Class::Public => Self::Public(Array::new(origin, len)),
            Class::Int => Self::Int(Array::new(origin, len)),
            Class::Bits => Self::Bits(Array::new(origin, len)),
        }
    }
}

/// Why an array has no other class than the instruction says.
const VERIFIED: &str = "verified instructions name arrays of their class";

impl<P: Protocol> Memory<P> {
    /// Arrays of zeros.
    pub(crate) fn new(decls: &[ArrayDecl]) -> Self {
        Self(decls.iter().map(|decl| AnyArray::new(decl, 0, decl.len)).collect())
    }

    /// Parts of arrays, one for each declaration: the first element and how many. They are zeros until
    /// [`Memory::import`] fills them.
    pub(crate) fn of_parts(decls: &[ArrayDecl], parts: &[(i64, u64)]) -> Self {
        let arrays = decls.iter().zip(parts);
        Self(arrays.map(|(decl, (origin, len))| AnyArray::new(decl, *origin, *len)).collect())
    }

    /// The index in a part of an array of the element with this index in the whole one.
    pub(crate) fn local(&self, array: u32, index: i64) -> i64 {
        index.wrapping_sub(self.origin(array))
    }

    /// Likewise, of many elements.
    pub(crate) fn locals<'i>(&self, array: u32, indices: &'i [i64]) -> Cow<'i, [i64]> {
        match self.origin(array) {
            0 => Cow::Borrowed(indices),
            origin => Cow::Owned(indices.iter().map(|index| index.wrapping_sub(origin)).collect()),
        }
    }

    fn origin(&self, array: u32) -> i64 {
        match &self.0[array as usize] {
            AnyArray::Secret(array) => array.origin,
            AnyArray::Public(array) => array.origin,
            AnyArray::Int(array) => array.origin,
            AnyArray::Bits(array) => array.origin,
        }
    }

    /// Shares, to read them.
    pub(crate) fn read_secret(&self, index: u32) -> Result<Reading<'_, P::Vector>, Kind> {
        self.secret(index).read(secret_zeros::<P>)
    }

    /// Shares, to write some.
    pub(crate) fn write_secret(&self, index: u32) -> Result<Writing<'_, P::Vector>, Kind> {
        self.secret(index).write(secret_zeros::<P>)
    }

    /// Public ring elements, to read them.
    pub(crate) fn read_public(&self, index: u32) -> Result<Reading<'_, Vec<P::Ring>>, Kind> {
        self.public(index).read(public_zeros::<P>)
    }

    /// Public ring elements, to write some.
    pub(crate) fn write_public(&self, index: u32) -> Result<Writing<'_, Vec<P::Ring>>, Kind> {
        self.public(index).write(public_zeros::<P>)
    }

    /// Integers, to read them.
    pub(crate) fn read_int(&self, index: u32) -> Result<Reading<'_, Vec<i64>>, Kind> {
        self.int(index).read(int_zeros)
    }

    /// Integers, to write some.
    pub(crate) fn write_int(&self, index: u32) -> Result<Writing<'_, Vec<i64>>, Kind> {
        self.int(index).write(int_zeros)
    }

    /// Secret bits, to read them.
    pub(crate) fn read_bits(&self, index: u32) -> Result<Reading<'_, P::Bits>, Kind> {
        self.bits(index).read(bit_zeros::<P>)
    }

    /// Secret bits, to write some.
    pub(crate) fn write_bits(&self, index: u32) -> Result<Writing<'_, P::Bits>, Kind> {
        self.bits(index).write(bit_zeros::<P>)
    }

    /// For each element whether it was written. Only for checked runs, which keep this up to date.
    pub(crate) fn written(&self, index: u32) -> MutexGuard<'_, Vec<bool>> {
        match &self.0[index as usize] {
            AnyArray::Secret(array) => array.written(),
            AnyArray::Public(array) => array.written(),
            AnyArray::Int(array) => array.written(),
            AnyArray::Bits(array) => array.written(),
        }
    }

    fn secret(&self, index: u32) -> &Array<P::Vector> {
        match &self.0[index as usize] {
            AnyArray::Secret(array) => array,
            AnyArray::Public(_) | AnyArray::Int(_) | AnyArray::Bits(_) => {
                unreachable!("{VERIFIED}")
            }
        }
    }

    fn public(&self, index: u32) -> &Array<Vec<P::Ring>> {
        match &self.0[index as usize] {
            AnyArray::Public(array) => array,
            AnyArray::Secret(_) | AnyArray::Int(_) | AnyArray::Bits(_) => {
                unreachable!("{VERIFIED}")
            }
        }
    }

    fn int(&self, index: u32) -> &Array<Vec<i64>> {
        match &self.0[index as usize] {
            AnyArray::Int(array) => array,
            AnyArray::Secret(_) | AnyArray::Public(_) | AnyArray::Bits(_) => {
                unreachable!("{VERIFIED}")
            }
        }
    }

    fn bits(&self, index: u32) -> &Array<P::Bits> {
        match &self.0[index as usize] {
            AnyArray::Bits(array) => array,
            AnyArray::Secret(_) | AnyArray::Public(_) | AnyArray::Int(_) => {
                unreachable!("{VERIFIED}")
            }
        }
    }
}

fn secret_zeros<P: Protocol>(len: usize) -> Result<P::Vector, Kind> {
    or_out_of_memory(len, P::Vector::COMPONENTS * size_of::<P::Ring>(), P::Vector::try_zeros)
}

fn public_zeros<P: Protocol>(len: usize) -> Result<Vec<P::Ring>, Kind> {
    or_out_of_memory(len, size_of::<P::Ring>(), P::Ring::try_zeros)
}

fn bit_zeros<P: Protocol>(len: usize) -> Result<P::Bits, Kind> {
    // Whether there is memory is asked before: then the zeros are taken from it.
    or_out_of_memory(len.div_ceil(8), P::Bits::COMPONENTS, |bytes| {
        reserved::<u8>(bytes.saturating_mul(P::Bits::COMPONENTS))
    })?;
    Ok(P::Bits::zeros(len))
}

fn int_zeros(len: usize) -> Result<Vec<i64>, Kind> {
    or_out_of_memory(len, size_of::<i64>(), |len| bytemuck::try_zeroed_vec(len).ok())
}
