//! Checkpoints: what the machine needs to go on later from where it is, with other randomness.

use caucus_bytecode::operand::{Class, Reg};
use caucus_bytecode::{Op, Tape};
use caucus_core::algebra::Ring;
use caucus_core::net::{self, Step};
use caucus_core::wire;
use caucus_protocols::{BitVector, Protocol, ShareVector};

use super::Frame;
use crate::live::live_at;
use crate::registers::reserved;
use crate::snapshot::Reader;
use crate::timers::Kept as KeptTimers;
use crate::{Beginning, Kind};

/// Bytes of an integer.
const INT_BYTES: usize = size_of::<i64>();

/// What stands before registers and arrays: the next instruction, the timers, and what the protocol keeps.
type Head = (u64, KeptTimers, Vec<u8>);

impl<P: Protocol> Frame<'_, P> {
    /// Agrees with the other parties on how to begin, and gives the first instruction to run.
    pub(super) fn begin(&mut self, tape: &Tape) -> Result<usize, Kind> {
        let Some(checkpoints) = self.shared.host.checkpoints() else { return Ok(0) };
        // A party that has nothing usable takes part, so that all come as far as this.
        let (offer, opened) = checkpoints.offer();
        let offers = self.thread.net.all_gather(Step::Agree, &offer)?;
        self.thread.flush()?;
        opened?;
        match checkpoints.settle(&offers)? {
            Beginning::Fresh => Ok(0),
            Beginning::From(snapshot) => {
                let next = self.restore(tape, &snapshot)?;
                drop(snapshot);
                // Nobody changes anything before all parties can go on.
                self.thread.net.all_gather(Step::Barrier, &[])?;
                self.thread.flush()?;
                checkpoints.resume()?;
                Ok(next)
            }
            Beginning::Unusable => {
                // It ends the run, with the cause; if it does not, this does.
                self.thread.net.all_gather(Step::Barrier, &[])?;
                let cause = "a party has no checkpoint that can be used".to_owned();
                Err(net::Error::Aborted { cause }.into())
            }
        }
    }

    /// Writes a checkpoint behind the instruction `at`, if this run keeps any.
    pub(super) fn checkpoint(&mut self, tape: &Tape, at: usize) -> Result<(), Kind> {
        let Some(checkpoints) = self.shared.host.checkpoints() else { return Ok(()) };
        let proof = self.turn_outside()?;
        let stores = |op: &Op| matches!(op, Op::StoreShares { .. } | Op::LoadShares { .. });
        if tape.ops.iter().any(stores) {
            // The checkpoint says which state of the stored shares belongs to it.
            self.settle_storage()?;
        }
        let snapshot = self.snapshot(tape, at + 1)?;
        let place = tape.positions.get(at).and_then(|it| self.shared.program.location(*it));
        checkpoints.write(proof, place, &snapshot)?;
        drop(snapshot);
        self.thread.net.all_gather(Step::Barrier, &[])?;
        self.thread.flush()?;
        Ok(checkpoints.commit()?)
    }

    /// Everything that the instructions from `next` on may read.
    fn snapshot(&mut self, tape: &Tape, next: usize) -> Result<Vec<u8>, Kind> {
        let shared = self.shared;
        let live: Vec<Reg> = match self.live.get(&next) {
            Some(live) => live.clone(),
            None => live_at(tape, next).into_iter().collect(),
        };
        let mut kept = Vec::new();
        self.thread.protocol.write_kept(&mut kept);
        let timers = shared.timers.keep(self.thread.traffic());
        let head: Head = (next as u64, timers, kept);
        let head = wire::to_bytes(&head);
        let registers = live.iter().map(|reg| self.register_bytes(*reg).saturating_add(4));
        let bytes = [
            4 + head.len() + 4 * Class::COUNT,
            registers.fold(0, usize::saturating_add),
            shared.memory.bytes_of_all(&shared.program.arrays),
            self.locals.bytes_of_all(&tape.arrays),
        ];
        let bytes = bytes.into_iter().fold(0, usize::saturating_add);
        let mut out = reserved(bytes).ok_or(Kind::OutOfMemory { bytes: bytes as u64 })?;
        out.extend((head.len() as u32).to_le_bytes());
        out.extend(head);
        for class in Class::ALL {
            let of_class = live.iter().filter(|reg| reg.class == class);
            out.extend((of_class.clone().count() as u32).to_le_bytes());
            for reg in of_class {
                out.extend(reg.index.to_le_bytes());
                self.write_register(*reg, &mut out);
            }
        }
        shared.memory.write_all(&shared.program.arrays, &mut out)?;
        self.locals.write_all(&tape.arrays, &mut out)?;
        debug_assert_eq!(out.len(), bytes, "the length is known before");
        self.live.insert(next, live);
        Ok(out)
    }

    /// Takes what [`snapshot`](Self::snapshot) has made, and gives the instruction to go on with.
    fn restore(&mut self, tape: &Tape, snapshot: &[u8]) -> Result<usize, Kind> {
        let mut from = Reader::new(snapshot);
        let len = from.number("its head")?;
        let head = from.take(len as usize, "its head")?;
        let head = wire::from_bytes::<Head>(head, head.len());
        let (next, timers, kept) = head.map_err(|_| Kind::Snapshot { what: "its head" })?;
        let is_checkpoint = |next: usize| {
            next.checked_sub(1)
                .is_some_and(|at| matches!(tape.ops.get(at), Some(Op::Checkpoint {})))
        };
        let next = usize::try_from(next).ok().filter(|next| is_checkpoint(*next));
        let next = next.ok_or(Kind::Snapshot { what: "its place" })?;
        for class in Class::ALL {
            for _ in 0..from.number("a register")? {
                let index = from.number("a register")?;
                if index as usize >= tape.lanes[class.index()].len() {
                    return Err(Kind::Snapshot { what: "a register" });
                }
                self.read_register(Reg { class, index }, &mut from)?;
            }
        }
        let shared = self.shared;
        shared.memory.read_all(&shared.program.arrays, &mut from)?;
        self.locals.read_all(&tape.arrays, &mut from)?;
        from.end()?;
        if !self.thread.protocol.read_kept(&kept) {
            return Err(Kind::Snapshot { what: "a permutation" });
        }
        shared.timers.restore(&timers, self.thread.traffic());
        Ok(next)
    }

    fn register_bytes(&self, reg: Reg) -> usize {
        let index = reg.index;
        match reg.class {
            Class::Secret => self.secrets.lanes(index).saturating_mul(P::Vector::FULL_BYTES),
            Class::Public => self.publics.lanes(index).saturating_mul(P::Ring::BYTES),
            Class::Int => self.ints.lanes(index).saturating_mul(INT_BYTES),
            Class::Bits => P::Bits::full_bytes(self.binary.lanes(index)),
        }
    }

    fn write_register(&mut self, reg: Reg, out: &mut Vec<u8>) {
        let index = reg.index;
        match reg.class {
            Class::Secret => {
                self.secrets.prepare(index);
                self.secrets.get(index).write_full(out);
            }
            Class::Public => {
                self.publics.prepare(index);
                P::Ring::encode(self.publics.get(index), out);
            }
            Class::Int => {
                self.ints.prepare(index);
                out.extend(self.ints.get(index).iter().flat_map(|lane| lane.to_le_bytes()));
            }
            Class::Bits => {
                self.binary.prepare(index);
                self.binary.get(index).write_full(out);
            }
        }
    }

    fn read_register(&mut self, reg: Reg, from: &mut Reader<'_>) -> Result<(), Kind> {
        let index = reg.index;
        let bytes = from.take(self.register_bytes(reg), "a register")?;
        match reg.class {
            Class::Secret => {
                let lanes = self.secrets.lanes(index);
                self.secrets.set(index, P::Vector::read_full(bytes, lanes)?);
            }
            Class::Public => {
                let mut lanes = P::Ring::zeros(self.publics.lanes(index));
                P::Ring::decode(bytes, &mut lanes).map_err(caucus_protocols::Error::from)?;
                self.publics.set(index, lanes);
            }
            Class::Int => {
                let words = bytes.chunks_exact(INT_BYTES);
                let int = |word: &[u8]| {
                    i64::from_le_bytes(word.try_into().expect("chunks have eight bytes"))
                };
                self.ints.set(index, words.map(int).collect());
            }
            Class::Bits => {
                let lanes = self.binary.lanes(index);
                self.binary.set(index, P::Bits::read_full(bytes, lanes)?);
            }
        }
        Ok(())
    }
}
