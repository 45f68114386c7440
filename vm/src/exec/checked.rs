//! Checked runs: computation in the clear that stops where a program leaves what it promises.
//!
//! Everything here is for rings whose elements notice overflow ([`Ring::CHECKED`]), with one process that has all
//! values; for the others nothing of it is compiled in.

use caucus_bytecode::operand::{Imm, Requirement, SrcI, SrcS};
use caucus_bytecode::{ArrayRef, Op};
use caucus_core::algebra::Ring;
use caucus_protocols::{Protocol, strided};

use super::Frame;
use super::bits::verified;
use super::files::fits;
use super::memory::place;
use crate::Kind;
use crate::error::{Breach, Number};
use crate::kernel;

impl<P: Protocol> Frame<'_, P> {
    /// What an instruction takes for granted: the lengths of numbers, and elements that were written.
    #[allow(clippy::wildcard_enum_match_arm, reason = "most instructions take nothing for granted")]
    pub(super) fn inspect(&mut self, op: &Op) -> Result<(), Kind> {
        let comparison = |value, bits| Breach::Comparison { value, bits };
        let truncation = |value, bits| Breach::Truncation { value, bits };
        match op {
            Op::LessThanZeroS { tests } => {
                tests.iter().try_for_each(|(_, src, bits)| self.fits(*src, *bits, comparison))
            }
            // A difference of two numbers has one bit more, and is told from 0 by the others.
            Op::EqualZeroS { tests } => {
                tests.iter().try_for_each(|(_, src, bits)| self.fits(*src, *bits + 1, comparison))
            }
            Op::TruncateS { shifts } => shifts
                .iter()
                .try_for_each(|(_, src, _, bits, _)| self.fits(*src, *bits, truncation)),
            Op::RequireS { src, what, bits, point, .. } => {
                require(&self.values(*src), *what, *bits, *point)
            }
            Op::RequireC { src, what, bits, point, .. } => {
                self.publics.prepare(src.0);
                require(self.publics.get(src.0), *what, *bits, *point)
            }
            Op::LoadS { array, base, levels, .. }
            | Op::LoadC { array, base, levels, .. }
            | Op::LoadB { array, base, levels, .. }
            | Op::LoadI { array, base, levels, .. } => {
                let (base, mut addresses) = (self.ints.scalar(base.0), Vec::new());
                kernel::iota(base, levels, &mut addresses, &mut self.thread.scratch.ints);
                self.read(array.0, &addresses)
            }
            Op::GatherS { array, index, .. }
            | Op::GatherC { array, index, .. }
            | Op::GatherB { array, index, .. }
            | Op::GatherI { array, index, .. } => {
                let index = self.indices(*index);
                self.read(array.0, &index)
            }
            Op::StoreS { array, base, levels, .. }
            | Op::StoreC { array, base, levels, .. }
            | Op::StoreB { array, base, levels, .. }
            | Op::StoreI { array, base, levels, .. } => {
                let base = self.ints.scalar(base.0);
                let (memory, array) = place(self.shared, &self.locals, array.0);
                let levels = self.thread.scratch.levels(levels);
                let mut written = memory.written(array);
                Ok(strided::put(&mut written, base, levels, &[true])?)
            }
            Op::ScatterS { array, index, .. }
            | Op::ScatterC { array, index, .. }
            | Op::ScatterB { array, index, .. }
            | Op::ScatterI { array, index, .. } => {
                let index = self.indices(*index);
                let (memory, array) = place(self.shared, &self.locals, array.0);
                let mut written = memory.written(array);
                Ok(strided::scatter(&mut written, &index, &[true])?)
            }
            _ => Ok(()),
        }
    }

    /// Whether the instruction's results are numbers of the ring.
    pub(super) fn confirm(&self) -> Result<(), Kind> {
        match P::Ring::take_overflow() {
            None => Ok(()),
            Some(overflow) => Err(Breach::Overflow(overflow).into()),
        }
    }

    fn indices(&mut self, index: SrcI) -> Vec<i64> {
        self.ints.prepare(index.0);
        self.ints.get(index.0).clone()
    }

    /// The values of a register, which this process has alone.
    fn values(&mut self, src: SrcS) -> Vec<P::Ring> {
        self.secrets.prepare(src.0);
        self.thread.protocol.write_summand(self.secrets.get(src.0))
    }

    fn fits(&mut self, src: SrcS, bits: Imm, breach: fn(i128, u32) -> Breach) -> Result<(), Kind> {
        let bits = verified(bits);
        let too_long = |value: &i128| !fits(*value, bits);
        match self.values(src).into_iter().map(Ring::to_i128).find(too_long) {
            None => Ok(()),
            Some(value) => Err(breach(value, bits).into()),
        }
    }

    /// Whether the elements at these addresses were written.
    fn read(&mut self, array: ArrayRef, addresses: &[i64]) -> Result<(), Kind> {
        let (memory, array) = place(self.shared, &self.locals, array);
        let written = memory.written(array);
        let is_missing = |address: &&i64| {
            // What lies outside is the instruction's own error.
            usize::try_from(**address).is_ok_and(|at| written.get(at) == Some(&false))
        };
        match addresses.iter().find(is_missing) {
            None => Ok(()),
            Some(&index) => Err(Breach::Uninitialised { index }.into()),
        }
    }
}

fn require<R: Ring>(values: &[R], what: Requirement, bits: Imm, point: Imm) -> Result<(), Kind> {
    let (bits, point) = (verified(bits), verified(point));
    let holds = |value: i128| match what {
        Requirement::Fits => fits(value, bits),
        Requirement::NotZero => value != 0,
        Requirement::NotNegative => value >= 0,
        Requirement::Positive => value > 0,
    };
    let Some(value) = values.iter().map(|value| value.to_i128()).find(|value| !holds(*value))
    else {
        return Ok(());
    };
    let number = Number { value, point };
    Err(Kind::Breach(match what {
        Requirement::Fits => Breach::Length { number, bits },
        Requirement::NotZero => Breach::SecretDivisor,
        Requirement::NotNegative => Breach::Negative { number },
        Requirement::Positive => Breach::NotPositive { number },
    }))
}
