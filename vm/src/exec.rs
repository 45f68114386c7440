//! What each instruction does.

#![warn(
    clippy::wildcard_enum_match_arm,
    reason = "a new instruction or operation must not compile unnoticed"
)]

mod binary;
mod bits;
mod checked;
mod checkpoint;
mod client;
mod control;
mod files;
mod input;
mod interactive;
mod lanes;
mod memory;
mod order;
mod output;
mod public;
mod secret;
mod socket;

pub(crate) use bits::{places_of, rounding_of, verified};
pub(crate) use interactive::shared_block;

use std::collections::BTreeMap;

use caucus_bytecode::operand::{Class, Reg};
use caucus_bytecode::{Op, Position, Tape};
use caucus_core::algebra::Ring;
use caucus_core::ids::PartyId;
use caucus_core::net;
use caucus_protocols::Protocol;

use crate::machine::Shared;
use crate::memory::Memory;
use crate::places;
use crate::registers::{File, Form, bits_form, shares_form};
use crate::release::Releases;
use crate::spans::Begin;
use crate::threads::Thread;
use crate::{Kind, RuntimeError};

/// Which instruction is next.
enum Flow {
    /// The following one.
    Next,
    /// The one with this index.
    Jump(u32),
    /// The following one, after a checkpoint has been written.
    Checkpoint,
}

/// One run of a tape.
pub(crate) struct Frame<'a, P: Protocol> {
    shared: &'a Shared<'a, P>,
    thread: &'a mut Thread<P>,
    /// The threads that this tape may run others in: those of the main tape.
    others: &'a mut [Thread<P>],
    secrets: File<'a, P::Vector>,
    publics: File<'a, Vec<P::Ring>>,
    ints: File<'a, Vec<i64>>,
    /// Secret bits.
    binary: File<'a, P::Bits>,
    locals: Memory<P>,
    part: Option<Part>,
    /// Registers that checkpoints keep, by the instruction to go on with.
    live: BTreeMap<usize, Vec<Reg>>,
}

/// The part of the private inputs that a chunk takes.
struct Part {
    number: u64,
    /// How many were taken so far, by party, where this process has them.
    taken: BTreeMap<PartyId, usize>,
}

impl<'a, P: Protocol> Frame<'a, P> {
    /// Runs the tape of this number with these arguments to its end. Afterwards everything is sent and checked.
    pub(crate) fn run(
        shared: &'a Shared<'a, P>,
        thread: &'a mut Thread<P>,
        others: &'a mut [Thread<P>],
        tape: usize,
        args: &[i64],
    ) -> Result<(), RuntimeError> {
        Self::new(shared, thread, others, tape, args, None).go(tape, 0)
    }

    /// Runs the main tape, from the beginning or from a checkpoint.
    pub(crate) fn run_main(
        shared: &'a Shared<'a, P>,
        thread: &'a mut Thread<P>,
        others: &'a mut [Thread<P>],
    ) -> Result<(), RuntimeError> {
        let mut frame = Self::new(shared, thread, others, 0, &[], None);
        let first = frame.begin(&shared.program.tapes[0]);
        let first = first.map_err(|kind| RuntimeError { thread: 0, position: None, kind })?;
        frame.go(0, first)
    }

    /// Runs the tape of a chunk, which takes private inputs from the part with its number.
    pub(crate) fn run_chunk(
        shared: &'a Shared<'a, P>,
        thread: &'a mut Thread<P>,
        others: &'a mut [Thread<P>],
        tape: usize,
        number: i64,
    ) -> Result<(), RuntimeError> {
        let part = Part { number: number.unsigned_abs(), taken: BTreeMap::new() };
        Self::new(shared, thread, others, tape, &[number], Some(part)).go(tape, 0)
    }

    fn new(
        shared: &'a Shared<'a, P>,
        thread: &'a mut Thread<P>,
        others: &'a mut [Thread<P>],
        tape: usize,
        args: &[i64],
        part: Option<Part>,
    ) -> Self {
        let tape = &shared.program.tapes[tape];
        let [secrets, publics, ints, bits] = &tape.lanes;
        let mut frame = Self {
            shared,
            thread,
            others,
            secrets: File::new(secrets, shares_form::<P::Ring, P::Vector>()),
            publics: File::new(publics, Form::plain()),
            ints: File::new(ints, Form::plain()),
            binary: File::new(bits, bits_form()),
            locals: Memory::new(&tape.arrays),
            part,
            live: BTreeMap::new(),
        };
        tape.params.iter().zip(args).for_each(|(param, arg)| frame.ints.set_scalar(*param, *arg));
        frame
    }

    /// Runs a tape from an instruction on to its end. Afterwards everything is sent and checked.
    fn go(mut self, tape: usize, first: usize) -> Result<(), RuntimeError> {
        let (shared, place) = (self.shared, places::first(tape));
        let tape = &shared.program.tapes[tape];
        // A tape may run others in the same thread: the chunks of a loop.
        let before = self.thread.net.place();
        let mut releases = Releases::of(tape);
        let mut next = first;
        while let Some(op) = tape.ops.get(next) {
            while let Some(reg) = releases.before(next) {
                self.release(reg);
            }
            self.thread.net.set_place(place + next as u64);
            let flow = match Begin::of(self.thread) {
                None => self.step(op),
                Some(begin) => self.timed_step(op, begin, tape.positions.get(next)),
            };
            match flow {
                Ok(Flow::Next) => next += 1,
                Ok(Flow::Jump(target)) => next = target as usize,
                Ok(Flow::Checkpoint) => {
                    let written = self.checkpoint(tape, next);
                    written.map_err(|kind| self.locate(kind.into(), tape, next))?;
                    next += 1;
                }
                Err(failure) => return Err(self.locate(failure, tape, next)),
            }
        }
        let end = self.thread.check().map(|_| ()).and_then(|()| self.thread.flush());
        let end = end.and_then(|()| self.part_done());
        self.thread.net.set_place(before);
        end.map_err(|kind| RuntimeError { thread: self.thread.index, position: None, kind })
    }

    /// Tells the host how many private inputs the chunk has taken.
    fn part_done(&self) -> Result<(), Kind> {
        let Some(part) = &self.part else { return Ok(()) };
        for (player, count) in &part.taken {
            self.shared.host.part_done(*player, part.number, *count)?;
        }
        Ok(())
    }

    /// Gives the memory of a register back that is used no more.
    fn release(&mut self, reg: Reg) {
        match reg.class {
            Class::Secret => self.secrets.release(reg.index),
            Class::Public => self.publics.release(reg.index),
            Class::Int => self.ints.release(reg.index),
            Class::Bits => self.binary.release(reg.index),
        }
    }

    fn locate(&self, failure: Failure, tape: &Tape, at: usize) -> RuntimeError {
        let position = || self.shared.program.location(*tape.positions.get(at)?);
        match failure {
            Failure::Here(kind) => {
                RuntimeError { thread: self.thread.index, position: position(), kind }
            }
            Failure::Elsewhere(error) => *error,
        }
    }

    /// Goes on elsewhere. Every loop comes here, so here the end of the run is noticed, which others may have caused.
    fn jump(&self, target: u32) -> Result<Flow, Failure> {
        match self.shared.abort.cause() {
            None => Ok(Flow::Jump(target)),
            Some(cause) => Err(Kind::from(net::Error::Aborted { cause }).into()),
        }
    }

    /// Likewise, and records it if it took long.
    #[cold]
    fn timed_step(
        &mut self,
        op: &'a Op,
        begin: Begin,
        position: Option<&Position>,
    ) -> Result<Flow, Failure> {
        let flow = self.step(op)?;
        begin.end_op(self.thread, op, || self.shared.program.location(*position?));
        Ok(flow)
    }

    fn step(&mut self, op: &'a Op) -> Result<Flow, Failure> {
        if P::Ring::CHECKED {
            self.inspect(op)?;
            let next = self.execute(op)?;
            self.confirm()?;
            return Ok(next);
        }
        self.execute(op)
    }

    fn execute(&mut self, op: &'a Op) -> Result<Flow, Failure> {
        match op {
            Op::LoadInt { dst, value } => self.load_int(*dst, *value),
            Op::LoadInts { dst, values } => self.load_ints(*dst, values),
            Op::LoadPublic { dst, value } => self.load_public(*dst, *value),
            Op::MoveS { dst, src } => self.move_s(*dst, *src),
            Op::MoveC { dst, src } => self.move_c(*dst, *src),
            Op::MoveI { dst, src } => self.move_i(*dst, *src),
            Op::PickS { dst, src, offset, levels } => self.pick_s(*dst, *src, *offset, levels),
            Op::PickC { dst, src, offset, levels } => self.pick_c(*dst, *src, *offset, levels),
            Op::PickI { dst, src, offset, levels } => self.pick_i(*dst, *src, *offset, levels),
            Op::ConcatS { dst, parts } => self.concat_s(*dst, parts),
            Op::ConcatC { dst, parts } => self.concat_c(*dst, parts),
            Op::ConcatI { dst, parts } => self.concat_i(*dst, parts),
            Op::IotaI { dst, base, levels } => self.iota(*dst, *base, levels),
            Op::PublicFromInt { dst, src } => self.public_from_int(*dst, *src),
            Op::IntFromPublic { dst, src } => self.int_from_public(*dst, *src),
            Op::SecretFromPublic { dst, src } => self.secret_from_public(*dst, *src),

            Op::AddS { dst, a, b } => self.add_s(*dst, *a, *b),
            Op::SubS { dst, a, b } => self.sub_s(*dst, *a, *b),
            Op::AddSC { dst, a, b } => self.add_sc(*dst, *a, *b),
            Op::SubSC { dst, a, b } => self.sub_sc(*dst, *a, *b),
            Op::SubCS { dst, a, b } => self.sub_cs(*dst, *a, *b),
            Op::MulSC { dst, a, b } => self.mul_sc(*dst, *a, *b),
            Op::SumS { dst, src } => self.sum_s(*dst, *src),

            Op::MulS { products } => self.mul(products),
            Op::DotS { products } => self.dot(products),
            Op::MatMulS { dst, a, b, rows, inner, cols } => {
                self.matmul(*dst, *a, *b, (*rows as usize, *inner as usize, *cols as usize))
            }
            Op::OpenS { openings } => self.open(openings),
            Op::OpenToS { player, dst, src } => self.open_to(*player, *dst, *src),
            Op::InputS { inputs } => self.input(inputs),
            Op::RandomS { dst } => self.random(*dst),
            Op::LessThanZeroS { tests } => self.less_than_zero(tests),
            Op::EqualZeroS { tests } => self.equal_zero(tests),
            Op::DecomposeS { parts } => self.decompose(parts),
            Op::TruncateS { shifts } => self.truncate(shifts),
            Op::WeighS { sums } => self.weigh(sums),

            Op::ShuffleS { dst, src, rows } => self.shuffle(*dst, *src, *rows as usize),
            Op::NewPermutation { dst, rows } => self.new_permutation(*dst, *rows as usize),
            Op::PermuteS { dst, number, src, rows, backward } => {
                self.permute(*dst, *number, *src, *rows as usize, *backward)
            }
            Op::RearrangeS { dst, numbers, src, backward } => {
                self.rearrange(*dst, *numbers, *src, *backward)
            }
            Op::SortS { dst, src, keys } => self.sort(*dst, *src, keys),

            Op::ShuffleAtNodes { dst, src, rows } => {
                return self.reorder_at_nodes(*dst, *src, *rows, &[]);
            }
            Op::SortAtNodes { dst, src, rows, keys } => {
                return self.reorder_at_nodes(*dst, *src, *rows, keys);
            }

            Op::PublicBinary { op, dst, a, b } => self.public_binary(*op, *dst, *a, *b),
            Op::ComparePublic { op, dst, a, b } => self.compare_public(*op, *dst, *a, *b),
            Op::SumC { dst, src } => self.sum_c(*dst, *src),
            Op::RequireS { dst, src, .. } => self.move_s(*dst, *src),
            Op::RequireC { dst, src, .. } => self.move_c(*dst, *src),
            Op::IntBinary { op, dst, a, b } => self.int_binary(*op, *dst, *a, *b),
            Op::SumI { dst, src } => self.sum_i(*dst, *src),

            Op::LoadS { dst, array, base, levels } => self.load_s(*dst, *array, *base, levels),
            Op::LoadC { dst, array, base, levels } => self.load_c(*dst, *array, *base, levels),
            Op::LoadI { dst, array, base, levels } => self.load_i(*dst, *array, *base, levels),
            Op::StoreS { array, base, levels, src } => self.store_s(*array, *base, levels, *src),
            Op::StoreC { array, base, levels, src } => self.store_c(*array, *base, levels, *src),
            Op::StoreI { array, base, levels, src } => self.store_i(*array, *base, levels, *src),
            Op::GatherS { dst, array, index } => self.gather_s(*dst, *array, *index),
            Op::GatherC { dst, array, index } => self.gather_c(*dst, *array, *index),
            Op::GatherI { dst, array, index } => self.gather_i(*dst, *array, *index),
            Op::ScatterS { array, index, src } => self.scatter_s(*array, *index, *src),
            Op::ScatterC { array, index, src } => self.scatter_c(*array, *index, *src),
            Op::ScatterI { array, index, src } => self.scatter_i(*array, *index, *src),

            Op::LoadBits { .. }
            | Op::MoveB { .. }
            | Op::PickB { .. }
            | Op::ConcatB { .. }
            | Op::XorB { .. }
            | Op::XorBC { .. }
            | Op::AndBC { .. }
            | Op::SumB { .. }
            | Op::BitsFromPublic { .. }
            | Op::RandomB { .. }
            | Op::AndB { .. }
            | Op::OpenB { .. }
            | Op::BitsFromSecret { .. }
            | Op::SecretFromBits { .. }
            | Op::InputB { .. }
            | Op::LoadB { .. }
            | Op::StoreB { .. }
            | Op::GatherB { .. }
            | Op::ScatterB { .. } => self.bits(op),

            Op::Jump { target } => return self.jump(target.0),
            Op::JumpIfZero { condition, target } => {
                if self.ints.scalar(condition.0) == 0 {
                    return self.jump(target.0);
                }
                Ok(())
            }
            Op::JumpIfNotZero { condition, target } => {
                if self.ints.scalar(condition.0) != 0 {
                    return self.jump(target.0);
                }
                Ok(())
            }
            Op::Threads { jobs } => return self.run_threads(jobs),
            Op::Nodes { jobs } => return self.run_chunks(jobs),

            Op::Print { condition, player, parts } => self.print(*condition, *player, parts),
            Op::Fail { condition, parts } => self.fail(*condition, parts),
            Op::TimerStart { timer } => self.start_timer(*timer),
            Op::TimerStop { timer } => self.stop_timer(*timer),
            Op::PartyCount { dst } => self.party_count(*dst),
            Op::PartyNumber { dst } => self.party_number(*dst),
            Op::ThreadNumber { dst } => self.thread_number(*dst),
            Op::Check {} => self.thread.check().map(|_| ()),
            Op::Checkpoint {} => return Ok(Flow::Checkpoint),

            Op::Listen { port } => self.listen(*port),
            Op::Accept { dst, port } => self.accept(*dst, *port),
            Op::Connect { dst, host, port, id, relative } => {
                self.connect(*dst, *host, *port, *id, *relative)
            }
            Op::Close { socket } => self.close(*socket),
            Op::SendS { socket, values } => self.send_s(*socket, values),
            Op::SendSummands { socket, values } => self.send_summands(*socket, values),
            Op::SendC { socket, values } => self.send_c(*socket, values),
            Op::SendI { socket, values } => self.send_i(*socket, values),
            Op::RecvS { socket, values } => self.receive_s(*socket, values),
            Op::RecvC { socket, values } => self.receive_c(*socket, values),
            Op::RecvI { socket, values } => self.receive_i(*socket, values),
            Op::RecvMasked { socket, values } => self.receive_masked(*socket, values),
            Op::RecvOwn { player, socket, values } => self.receive_own(*player, *socket, values),

            Op::StoreShares { position, values } => self.store_shares(*position, values),
            Op::LoadShares { end, position, values, required } => {
                self.load_shares(*end, *position, values, *required)
            }
            Op::PublicInput { dst } => self.public_input(*dst),
            Op::BinaryInputS { dst, player, form, bits } => {
                self.binary_input(*dst, *player, *form, *bits)
            }
            Op::InputOwnS { inputs } => self.input_own(inputs),
            Op::Threshold { dst } => self.threshold(*dst),
            Op::CommandLineArg { dst, index } => self.command_line_arg(*dst, *index),
            Op::BinaryOutputI { player, src } => self.binary_output_i(*player, *src),
            Op::BinaryOutputFixed { player, src, bits, total } => {
                self.binary_output_fixed(*player, *src, *bits, *total)
            }
        }?;
        Ok(Flow::Next)
    }
}

/// A failure of an instruction.
enum Failure {
    /// In this tape: its place is that of the instruction.
    Here(Kind),
    /// In a thread that the instruction ran.
    Elsewhere(Box<RuntimeError>),
}

impl From<Kind> for Failure {
    fn from(kind: Kind) -> Self {
        Self::Here(kind)
    }
}
