//! What one party holds of a vector of secrets.

pub(crate) mod local;
#[cfg(test)]
mod tests;

use std::any::type_name;
use std::fmt;

use caucus_core::algebra::Ring;

use crate::strided::{self, Level};
use crate::{Error, kernel};

/// One party's part of a vector of secrets: a number of components of equal length, one element of each per lane.
///
/// The operations here are linear, local and component by component. `out` is overwritten, whatever it was before.
/// Where two vectors meet, a single lane on either side stands for as many as the other has; other unequal lengths
/// are a bug of the caller, and panic.
pub trait ShareVector<R: Ring>: Clone + Default + Send + Sync + 'static {
    /// The number of components.
    const COMPONENTS: usize;
    /// Bytes of one lane in the form of [`write_full`](Self::write_full).
    const FULL_BYTES: usize = Self::COMPONENTS * R::BYTES;

    /// The number of lanes.
    fn len(&self) -> usize;

    /// Whether there are no lanes.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Lanes of zero, which all parties know.
    fn zeros(n: usize) -> Self;

    /// The same, or none if the system refuses the memory.
    fn try_zeros(n: usize) -> Option<Self>;

    /// No lanes, but memory for `n`, or none if the system refuses it.
    fn try_with_capacity(n: usize) -> Option<Self>;

    /// Removes all lanes and keeps their memory.
    fn clear(&mut self);

    /// Removes lanes at the end, or adds lanes of zero.
    fn resize(&mut self, n: usize);

    /// One component of all lanes.
    fn component(&self, idx: usize) -> &[R];

    /// One component of all lanes. Whoever changes its length changes that of the others too.
    fn component_mut(&mut self, idx: usize) -> &mut Vec<R>;

    /// Adds two vectors.
    fn add(&self, other: &Self, out: &mut Self);

    /// Subtracts the other vector from this one.
    fn sub(&self, other: &Self, out: &mut Self);

    /// Negates all lanes.
    fn neg(&self, out: &mut Self);

    /// Multiplies by values that all parties know.
    fn scale(&self, public: &[R], out: &mut Self);

    /// Cuts the vector into `groups` equal blocks and sums each. The length is a multiple of `groups`.
    fn sum(&self, out: &mut Self, groups: usize);

    /// Becomes equal to another vector.
    fn copy_from(&mut self, src: &Self);

    /// Reads the lanes of a strided view, see [`Level`]. Fails if one is out of range.
    fn pick(&self, offset: i64, levels: &[Level], out: &mut Self) -> Result<(), Error>;

    /// Writes to the lanes of a strided view as many lanes, or one lane to all. Fails without writing if one is out
    /// of range or `src` has another length.
    fn put(&mut self, offset: i64, levels: &[Level], src: &Self) -> Result<(), Error>;

    /// Reads the lanes with these indices. Fails if one is out of range.
    fn gather(&self, indices: &[i64], out: &mut Self) -> Result<(), Error>;

    /// Writes as many lanes, or one lane, to these indices. Fails without writing if one is out of range or `src`
    /// has another length.
    fn scatter(&mut self, indices: &[i64], src: &Self) -> Result<(), Error>;

    /// Adds the lanes of another vector at the end.
    fn append(&mut self, src: &Self);

    /// Appends everything this party holds: the components of lane 0, then those of lane 1, …;
    /// [`FULL_BYTES`](Self::FULL_BYTES) per lane.
    fn write_full(&self, out: &mut Vec<u8>);

    /// Reads `n` lanes in the form of [`write_full`](Self::write_full). Fails if there are more or fewer bytes, or
    /// they encode no elements.
    fn read_full(bytes: &[u8], n: usize) -> Result<Self, Error>;
}

/// Shares that are `C` vectors of ring elements (a structure of arrays).
#[derive(Clone)]
pub struct Shares<R: Ring, const C: usize> {
    parts: [Vec<R>; C],
}

impl<R: Ring, const C: usize> Shares<R, C> {
    /// The vector with these components.
    ///
    /// # Panics
    /// If their lengths differ.
    pub fn from_components(parts: [Vec<R>; C]) -> Self {
        let lanes = parts.first().map_or(0, Vec::len);
        assert!(parts.iter().all(|part| part.len() == lanes), "components have equal lengths");
        Self { parts }
    }

    /// All components at once.
    pub(crate) fn parts(&self) -> [&[R]; C] {
        self.parts.each_ref().map(Vec::as_slice)
    }

    /// All components at once. Whoever changes the length of one changes that of the others too.
    pub(crate) fn parts_mut(&mut self) -> &mut [Vec<R>; C] {
        &mut self.parts
    }

    /// Combines each component with its counterpart.
    fn zip(&self, other: &Self, out: &mut Self, op: impl Fn(R, R) -> R + Copy) {
        let pairs = self.parts.iter().zip(&other.parts);
        pairs.zip(&mut out.parts).for_each(|((a, b), out)| local::zip(a, b, out, op));
    }
}

impl<R: Ring, const C: usize> Default for Shares<R, C> {
    fn default() -> Self {
        Self { parts: [const { Vec::new() }; C] }
    }
}

impl<R: Ring, const C: usize> fmt::Debug for Shares<R, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ring = type_name::<R>().rsplit("::").next().unwrap_or_default();
        write!(f, "Shares<{ring}, {C}>({} lanes)", self.len())
    }
}

impl<R: Ring, const C: usize> ShareVector<R> for Shares<R, C> {
    const COMPONENTS: usize = C;

    fn len(&self) -> usize {
        self.parts.first().map_or(0, Vec::len)
    }

    fn zeros(n: usize) -> Self {
        Self { parts: std::array::from_fn(|_| R::zeros(n)) }
    }

    fn try_zeros(n: usize) -> Option<Self> {
        let mut parts = [const { Vec::new() }; C];
        for part in &mut parts {
            *part = R::try_zeros(n)?;
        }
        Some(Self { parts })
    }

    fn try_with_capacity(n: usize) -> Option<Self> {
        let mut empty = Self::default();
        for part in &mut empty.parts {
            part.try_reserve_exact(n).ok()?;
        }
        Some(empty)
    }

    fn clear(&mut self) {
        self.parts.iter_mut().for_each(Vec::clear);
    }

    fn resize(&mut self, n: usize) {
        self.parts.iter_mut().for_each(|part| part.resize(n, R::ZERO));
    }

    fn component(&self, idx: usize) -> &[R] {
        &self.parts[idx]
    }

    fn component_mut(&mut self, idx: usize) -> &mut Vec<R> {
        &mut self.parts[idx]
    }

    fn add(&self, other: &Self, out: &mut Self) {
        self.zip(other, out, |a, b| a + b);
    }

    fn sub(&self, other: &Self, out: &mut Self) {
        self.zip(other, out, |a, b| a - b);
    }

    fn neg(&self, out: &mut Self) {
        for (part, out) in self.parts.iter().zip(&mut out.parts) {
            out.clear();
            out.extend(part.iter().map(|element| -*element));
        }
    }

    fn scale(&self, public: &[R], out: &mut Self) {
        let parts = self.parts.iter().zip(&mut out.parts);
        parts.for_each(|(part, out)| local::zip(part, public, out, |a, b| a * b));
    }

    fn sum(&self, out: &mut Self, groups: usize) {
        let parts = self.parts.iter().zip(&mut out.parts);
        parts.for_each(|(part, out)| kernel::sum(part, groups, out));
    }

    fn copy_from(&mut self, src: &Self) {
        self.parts.iter_mut().zip(&src.parts).for_each(|(part, src)| part.clone_from(src));
    }

    fn pick(&self, offset: i64, levels: &[Level], out: &mut Self) -> Result<(), Error> {
        let mut parts = self.parts.iter().zip(&mut out.parts);
        parts.try_for_each(|(part, out)| strided::pick(part, offset, levels, out))
    }

    fn put(&mut self, offset: i64, levels: &[Level], src: &Self) -> Result<(), Error> {
        // Components have equal lengths: if one fails, already the first does.
        let mut parts = self.parts.iter_mut().zip(&src.parts);
        parts.try_for_each(|(part, src)| strided::put(part, offset, levels, src))
    }

    fn gather(&self, indices: &[i64], out: &mut Self) -> Result<(), Error> {
        let mut parts = self.parts.iter().zip(&mut out.parts);
        parts.try_for_each(|(part, out)| strided::gather(part, indices, out))
    }

    fn scatter(&mut self, indices: &[i64], src: &Self) -> Result<(), Error> {
        let mut parts = self.parts.iter_mut().zip(&src.parts);
        parts.try_for_each(|(part, src)| strided::scatter(part, indices, src))
    }

    fn append(&mut self, src: &Self) {
        self.parts.iter_mut().zip(&src.parts).for_each(|(part, src)| part.extend_from_slice(src));
    }

    fn write_full(&self, out: &mut Vec<u8>) {
        local::write_interleaved(self.parts(), out);
    }

    fn read_full(bytes: &[u8], n: usize) -> Result<Self, Error> {
        let expected = n.saturating_mul(Self::FULL_BYTES);
        if bytes.len() != expected {
            return Err(Error::Malformed { what: "shares (bytes)", expected, found: bytes.len() });
        }
        Ok(Self { parts: local::read_interleaved(bytes, n)? })
    }
}
