//! Registers: vectors with a fixed number of lanes each, which the tape declares.

use std::mem;

use caucus_core::algebra::Ring;
use caucus_protocols::{BitVector, Level, ShareVector};

use crate::Kind;

/// Memory of vectors above this size is taken before they are written, so that lack of it is an error instead of the end
/// of the process. Below, that costs more than it tells.
const LARGE_BYTES: u64 = 64 << 20;

/// Whether a vector of so many lanes is large.
pub(crate) fn is_large(lanes: usize, lane_bytes: usize) -> bool {
    (lanes as u64).saturating_mul(lane_bytes as u64) >= LARGE_BYTES
}

/// Lanes that `make` gives, which gives none if the system refuses the memory.
pub(crate) fn or_out_of_memory<V>(
    lanes: usize,
    lane_bytes: usize,
    make: impl FnOnce(usize) -> Option<V>,
) -> Result<V, Kind> {
    let bytes = (lanes as u64).saturating_mul(lane_bytes as u64);
    make(lanes).ok_or(Kind::OutOfMemory { bytes })
}

/// An empty vector that has memory for so many values.
pub(crate) fn reserved<T>(lanes: usize) -> Option<Vec<T>> {
    let mut vector = Vec::new();
    vector.try_reserve_exact(lanes).ok()?;
    Some(vector)
}

/// What a file of registers does with its vectors. One type of vector has one form.
pub(crate) struct Form<V> {
    len: fn(&V) -> usize,
    zero: fn(&mut V, usize),
    repeat: fn(&mut V, usize),
    /// A vector that need not take more memory for so many lanes; its lanes mean nothing. It is of zeros where new memory
    /// need not be touched for that.
    reserve: fn(usize) -> Option<V>,
    /// The same without lanes.
    reserve_empty: fn(usize) -> Option<V>,
    lane_bytes: usize,
}

impl<T: Copy + Default> Form<Vec<T>> {
    /// Vectors of plain values.
    pub(crate) fn plain() -> Self {
        Self {
            len: Vec::len,
            zero: |vector, lanes| {
                vector.clear();
                vector.resize(lanes, T::default());
            },
            repeat: |vector, lanes| {
                let value = vector[0];
                vector.resize(lanes, value);
            },
            reserve: reserved,
            reserve_empty: reserved,
            lane_bytes: size_of::<T>(),
        }
    }
}

/// Vectors of shares. Not a method, because the ring would be unconstrained there.
pub(crate) fn shares_form<R: Ring, V: ShareVector<R>>() -> Form<V> {
    Form {
        len: V::len,
        zero: |vector, lanes| {
            vector.clear();
            vector.resize(lanes);
        },
        repeat: |vector, lanes| {
            let single = mem::take(vector);
            repeat_share(&single, lanes, vector);
        },
        reserve: V::try_zeros,
        reserve_empty: V::try_with_capacity,
        lane_bytes: V::COMPONENTS * size_of::<R>(),
    }
}

/// Vectors of secret bits.
pub(crate) fn bits_form<V: BitVector>() -> Form<V> {
    Form {
        len: V::len,
        zero: |vector, lanes| {
            vector.clear();
            vector.resize(lanes);
        },
        repeat: |vector, lanes| {
            let single = mem::take(vector);
            repeat_bits(&single, lanes, vector);
        },
        // Eight lanes take so many bytes; it is only about vectors that fill the memory.
        reserve: reserve_bits,
        reserve_empty: reserve_bits,
        lane_bytes: V::COMPONENTS.div_ceil(8),
    }
}

/// An empty vector, if as many bytes as it will need are available.
fn reserve_bits<V: BitVector>(lanes: usize) -> Option<V> {
    reserved::<u8>(lanes.div_ceil(8).saturating_mul(V::COMPONENTS)).map(|_| V::default())
}

/// Makes `lanes` lanes of one bit.
pub(crate) fn repeat_bits<V: BitVector>(single: &V, lanes: usize, out: &mut V) {
    single
        .pick(0, &[Level { count: lanes as u64, stride: 0 }], out)
        .expect("the only lane is lane 0");
}

/// Makes `lanes` lanes of one.
pub(crate) fn repeat_share<R: Ring, V: ShareVector<R>>(single: &V, lanes: usize, out: &mut V) {
    single
        .pick(0, &[Level { count: lanes as u64, stride: 0 }], out)
        .expect("the only lane is lane 0");
}

/// All registers of one class.
///
/// They are allocated when they are first written; one that is read before is zero. An instruction takes the vector
/// of its destination with [`out`](Self::out), writes to it, and gives it back with [`set`](Self::set): so buffers are
/// used again.
pub(crate) struct File<'a, V> {
    registers: Vec<V>,
    lanes: &'a [u64],
    form: Form<V>,
    /// A buffer for instructions whose destination is a source, too.
    spare: V,
}

impl<'a, V: Default> File<'a, V> {
    /// Registers with these numbers of lanes.
    pub(crate) fn new(lanes: &'a [u64], form: Form<V>) -> Self {
        let registers = lanes.iter().map(|_| V::default()).collect();
        Self { registers, lanes, form, spare: V::default() }
    }

    /// The number of lanes that the tape declares.
    pub(crate) fn lanes(&self, register: u32) -> usize {
        self.lanes[register as usize] as usize
    }

    /// Makes sure that a register can be read.
    pub(crate) fn prepare(&mut self, register: u32) {
        let lanes = self.lanes(register);
        let vector = &mut self.registers[register as usize];
        if (self.form.len)(vector) != lanes {
            (self.form.zero)(vector, lanes);
        }
    }

    /// The vector of a register that was prepared.
    pub(crate) fn get(&self, register: u32) -> &V {
        let vector = &self.registers[register as usize];
        debug_assert_eq!((self.form.len)(vector), self.lanes(register), "registers are prepared");
        vector
    }

    /// The vector of a register, to be changed and given back with [`set`](Self::set).
    pub(crate) fn take(&mut self, register: u32) -> V {
        self.prepare(register);
        mem::take(&mut self.registers[register as usize])
    }

    /// Gives the memory of a register back, which is zero from now on.
    pub(crate) fn release(&mut self, register: u32) {
        self.registers[register as usize] = V::default();
    }

    /// Prepares the sources and gives the vector to write the destination to. Its contents do not matter.
    pub(crate) fn out(&mut self, dst: u32, sources: &[u32]) -> Result<V, Kind> {
        self.out_from(dst, sources, self.form.reserve)
    }

    /// The same for instructions that append their result lane by lane: a vector that had no memory has no lanes.
    pub(crate) fn out_to_fill(&mut self, dst: u32, sources: &[u32]) -> Result<V, Kind> {
        self.out_from(dst, sources, self.form.reserve_empty)
    }

    fn out_from(
        &mut self,
        dst: u32,
        sources: &[u32],
        reserve: fn(usize) -> Option<V>,
    ) -> Result<V, Kind> {
        sources.iter().for_each(|source| self.prepare(*source));
        if sources.contains(&dst) {
            return Ok(mem::take(&mut self.spare));
        }
        let out = mem::take(&mut self.registers[dst as usize]);
        if (self.form.len)(&out) == 0 {
            let lanes = self.lanes(dst);
            if is_large(lanes, self.form.lane_bytes) {
                return or_out_of_memory(lanes, self.form.lane_bytes, reserve);
            }
        }
        Ok(out)
    }

    /// Puts the result of an instruction into its destination. One lane stands for as many as there must be.
    pub(crate) fn set(&mut self, dst: u32, mut out: V) {
        let lanes = self.lanes(dst);
        let found = (self.form.len)(&out);
        if found != lanes {
            debug_assert_eq!(found, 1, "results have the lanes of the destination, or one");
            (self.form.repeat)(&mut out, lanes);
        }
        let old = mem::replace(&mut self.registers[dst as usize], out);
        if (self.form.len)(&old) != 0 {
            self.spare = old;
        }
    }
}

impl<T: Copy + Default> File<'_, Vec<T>> {
    /// The value of a register with one lane.
    pub(crate) fn scalar(&self, register: u32) -> T {
        self.registers[register as usize].first().copied().unwrap_or_default()
    }

    /// Writes a register with one lane.
    pub(crate) fn set_scalar(&mut self, dst: u32, value: T) {
        let vector = &mut self.registers[dst as usize];
        vector.clear();
        vector.push(value);
    }
}
