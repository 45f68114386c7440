//! What one party holds of a vector of secret bits.

mod packed;
mod string;
#[cfg(test)]
mod tests;

use std::fmt;

use crate::Error;
use crate::strided::Level;
pub(crate) use packed::Packed;
pub(crate) use string::{WORD, words};

/// One party's part of a vector of secret bits, shared modulo 2.
///
/// As for [`ShareVector`](crate::ShareVector): the operations are linear, local, and component by component; `out` is
/// overwritten; a single lane on either side stands for as many as the other has; other unequal lengths panic.
pub trait BitVector: Clone + Default + Send + Sync + 'static {
    /// The number of components, each with one bit of a lane.
    const COMPONENTS: usize;

    /// The number of lanes.
    fn len(&self) -> usize;

    /// Whether there are no lanes.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Lanes of zero, which all parties know.
    fn zeros(n: usize) -> Self;

    /// Removes all lanes and keeps their memory.
    fn clear(&mut self);

    /// Removes lanes at the end, or adds lanes of zero.
    fn resize(&mut self, n: usize);

    /// Becomes equal to another vector.
    fn copy_from(&mut self, src: &Self);

    /// Adds two vectors.
    fn xor(&self, other: &Self, out: &mut Self);

    /// Multiplies by bits that all parties know.
    fn mask(&self, public: &BitShares<1>, out: &mut Self);

    /// Cuts the vector into `groups` equal blocks and sums each. The length is a multiple of `groups`.
    fn sum(&self, out: &mut Self, groups: usize);

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

    /// How many bytes [`write_full`](Self::write_full) makes of `n` lanes.
    fn full_bytes(n: usize) -> usize {
        Self::COMPONENTS * words(n) * size_of::<u64>()
    }

    /// Appends everything this party holds: each component as words of 64 lanes, little endian.
    fn write_full(&self, out: &mut Vec<u8>);

    /// Reads `n` lanes in the form of [`write_full`](Self::write_full). Fails if there are more or fewer bytes; unused
    /// bits of the last word do not count.
    fn read_full(bytes: &[u8], n: usize) -> Result<Self, Error>;
}

/// Shares of bits that are `C` strings of packed bits. With one component: bits that all parties know.
///
/// Lane l is bit l mod 64 of word l div 64; unused bits of the last word are zero.
#[derive(Clone)]
pub struct BitShares<const C: usize> {
    parts: [Vec<Packed>; C],
    lanes: usize,
}

impl<const C: usize> BitShares<C> {
    /// Words with the bits of so many lanes; unused bits are cleared.
    pub(crate) fn from_parts(mut parts: [Vec<Packed>; C], lanes: usize) -> Self {
        parts.iter_mut().for_each(|part| string::cut(part, lanes));
        Self { parts, lanes }
    }

    /// All components at once.
    pub(crate) fn parts(&self) -> [&[Packed]; C] {
        self.parts.each_ref().map(Vec::as_slice)
    }

    /// Overwrites all lanes with what `fill` writes to the words of the components.
    pub(crate) fn refill(&mut self, lanes: usize, fill: impl FnOnce(&mut [Vec<Packed>; C])) {
        self.lanes = lanes;
        self.parts.iter_mut().for_each(|part| part.resize(words(lanes), Packed::ZEROS));
        fill(&mut self.parts);
        self.parts.iter_mut().for_each(|part| string::cut(part, lanes));
    }

    /// Combines each component with its counterpart.
    fn zip(&self, other: [&[Packed]; C], lanes: usize, out: &mut Self, op: string::Combine) {
        out.lanes = self.lanes.max(lanes);
        if self.lanes == 1 || lanes == 1 {
            out.lanes = if self.lanes == 1 { lanes } else { self.lanes };
        } else {
            assert_eq!(self.lanes, lanes, "vectors of bits have equal lengths");
        }
        for ((a, b), res) in self.parts.iter().zip(other).zip(&mut out.parts) {
            string::zip((a, self.lanes), (b, lanes), res, op);
        }
    }
}

impl BitShares<1> {
    /// Bits that all parties know.
    pub fn from_bits(bits: impl Iterator<Item = bool>) -> Self {
        let mut res = Self::default();
        let mut word = 0;
        for bit in bits {
            word |= u64::from(bit) << (res.lanes % WORD);
            res.lanes += 1;
            if res.lanes % WORD == 0 {
                res.parts[0].push(Packed::new(word));
                word = 0;
            }
        }
        if res.lanes % WORD != 0 {
            res.parts[0].push(Packed::new(word));
        }
        res
    }

    /// Bits of words that all parties know, the least significant first.
    ///
    /// # Panics
    /// If there are fewer words than the lanes need.
    pub fn from_words(words_of_bits: impl Iterator<Item = u64>, lanes: usize) -> Self {
        let part: Vec<_> = words_of_bits.map(Packed::new).take(words(lanes)).collect();
        assert_eq!(part.len(), words(lanes), "words for {lanes} lanes");
        Self::from_parts([part], lanes)
    }

    /// The bits.
    pub fn bits(&self) -> impl Iterator<Item = bool> {
        (0..self.lanes).map(|lane| string::get(&self.parts[0], lane) == 1)
    }
}

impl<const C: usize> Default for BitShares<C> {
    fn default() -> Self {
        Self { parts: [const { Vec::new() }; C], lanes: 0 }
    }
}

impl<const C: usize> fmt::Debug for BitShares<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BitShares<{C}>({} lanes)", self.lanes)
    }
}

impl<const C: usize> BitVector for BitShares<C> {
    const COMPONENTS: usize = C;

    fn len(&self) -> usize {
        self.lanes
    }

    fn zeros(n: usize) -> Self {
        Self { parts: std::array::from_fn(|_| vec![Packed::ZEROS; words(n)]), lanes: n }
    }

    fn clear(&mut self) {
        self.lanes = 0;
        self.parts.iter_mut().for_each(Vec::clear);
    }

    fn resize(&mut self, n: usize) {
        self.lanes = n;
        for part in &mut self.parts {
            part.resize(words(n), Packed::ZEROS);
            string::cut(part, n);
        }
    }

    fn copy_from(&mut self, src: &Self) {
        self.lanes = src.lanes;
        self.parts.iter_mut().zip(&src.parts).for_each(|(part, src)| part.clone_from(src));
    }

    fn xor(&self, other: &Self, out: &mut Self) {
        self.zip(other.parts(), other.lanes, out, |a, b| a + b);
    }

    fn mask(&self, public: &BitShares<1>, out: &mut Self) {
        self.zip([public.parts()[0]; C], public.lanes, out, |a, b| a * b);
    }

    fn sum(&self, out: &mut Self, groups: usize) {
        let block = crate::kernel::block_len(self.lanes, groups);
        out.lanes = groups;
        for (part, out) in self.parts.iter().zip(&mut out.parts) {
            out.clear();
            out.resize(words(groups), Packed::ZEROS);
            (0..groups).for_each(|group| {
                string::set(out, group, string::parity(part, group * block, block));
            });
        }
    }

    fn pick(&self, offset: i64, levels: &[Level], out: &mut Self) -> Result<(), Error> {
        out.lanes = 0;
        for (part, res) in self.parts.iter().zip(&mut out.parts) {
            out.lanes = string::pick((part, self.lanes), offset, levels, res)?;
        }
        Ok(())
    }

    fn put(&mut self, offset: i64, levels: &[Level], src: &Self) -> Result<(), Error> {
        // Components have equal lengths: if one fails, already the first does.
        let mut parts = self.parts.iter_mut().zip(&src.parts);
        parts.try_for_each(|(part, other)| {
            string::put((part, self.lanes), offset, levels, (other, src.lanes))
        })
    }

    fn gather(&self, indices: &[i64], out: &mut Self) -> Result<(), Error> {
        out.lanes = 0;
        crate::strided::check_indices(indices, self.lanes)?;
        out.lanes = indices.len();
        for (part, res) in self.parts.iter().zip(&mut out.parts) {
            string::gather(part, indices, res);
        }
        Ok(())
    }

    fn scatter(&mut self, indices: &[i64], src: &Self) -> Result<(), Error> {
        crate::strided::check_indices(indices, self.lanes)?;
        crate::strided::check_source(indices.len(), src.lanes)?;
        for (part, other) in self.parts.iter_mut().zip(&src.parts) {
            for (lane, index) in indices.iter().enumerate() {
                let from = if src.lanes == 1 { 0 } else { lane };
                string::set(part, *index as usize, string::get(other, from));
            }
        }
        Ok(())
    }

    fn append(&mut self, src: &Self) {
        for (part, other) in self.parts.iter_mut().zip(&src.parts) {
            string::append(part, self.lanes, (other, 0), src.lanes);
        }
        self.lanes += src.lanes;
    }

    fn write_full(&self, out: &mut Vec<u8>) {
        let words = self.parts.iter().flatten();
        out.extend(words.flat_map(|word| word.bits().to_le_bytes()));
    }

    fn read_full(bytes: &[u8], n: usize) -> Result<Self, Error> {
        let (expected, found) = (Self::full_bytes(n), bytes.len());
        if found != expected {
            return Err(Error::Malformed { what: "bytes of shared bits", expected, found });
        }
        let mut read = bytes.chunks_exact(size_of::<u64>()).map(|word| {
            Packed::new(u64::from_le_bytes(word.try_into().expect("chunks have eight bytes")))
        });
        let parts = std::array::from_fn(|_| read.by_ref().take(words(n)).collect());
        Ok(Self::from_parts(parts, n))
    }
}
