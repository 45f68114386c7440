//! Rows that all nodes of a party put into another order together.
//!
//! A main node shows its rows to its host as [`Joint`], which gives each worker a shard; a worker takes it as
//! [`JointWork`], with a communicator of the workers among which the shards are. Only nodes of one party see these bytes:
//! they are what that party holds of secrets. Without workers the main node does it alone; the result is the same.

use std::ops::Range;

use caucus_bytecode::operand::{Class, Imm, SrcS};
use caucus_bytecode::{Op, Program};
use caucus_core::algebra::Ring;
use caucus_core::comm::Comm;
use caucus_protocols::sharded::{self, Shards};
use caucus_protocols::{Checked, Error, Level, Protocol, ShareVector};

use crate::exec::verified;
use crate::nodes::Undone;
use crate::places::place;
use crate::registers::or_out_of_memory;
use crate::threads::Thread;
use crate::{Host, Kind, RuntimeError};

/// What is done with rows: as an instruction of the program says. All parties have the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reordering {
    /// How many rows there are.
    pub rows: usize,
    /// Elements of a row.
    pub columns: usize,
    /// The columns that rows are sorted by, with how many of their low bits count, as signed numbers; the first counts
    /// most. If there are none, rows are shuffled.
    pub keys: Vec<(usize, u32)>,
}

impl Reordering {
    /// What an instruction asks for: whose source has so many lanes, in so many rows, with such keys. Verified.
    pub(crate) fn new(lanes: usize, rows: i64, keys: &[(Imm, Imm)]) -> Self {
        let rows = usize::try_from(rows).expect("verified numbers of rows are not negative");
        let key = |(column, bits): &(Imm, Imm)| (*column as usize, verified(*bits));
        let columns = lanes.checked_div(rows).unwrap_or(0);
        Self { rows, columns, keys: keys.iter().map(key).collect() }
    }

    /// Whether a program asks for this.
    pub fn is_in(&self, program: &Program) -> bool {
        self.place(program).is_some()
    }

    /// The first instruction that asks for this.
    pub(crate) fn place(&self, program: &Program) -> Option<u64> {
        let main = program.tapes.first()?;
        let asks = |src: &SrcS, rows: i64, keys: &[(Imm, Imm)]| {
            let lanes = main.lanes[Class::Secret.index()][src.0 as usize];
            *self == Self::new(usize::try_from(lanes).unwrap_or(usize::MAX), rows, keys)
        };
        let at = main.ops.iter().position(|op| match op {
            Op::ShuffleAtNodes { src, rows, .. } => asks(src, *rows, &[]),
            Op::SortAtNodes { src, rows, keys, .. } => asks(src, *rows, keys),
            _ => false,
        });
        at.map(|at| place(0, at))
    }

    /// Bytes of a row, as a party holds it.
    pub fn row_bytes<P: Protocol>(&self) -> usize {
        self.columns.saturating_mul(P::Vector::FULL_BYTES)
    }
}

/// Rows at a main node.
pub trait Joint {
    /// What is to be done with them.
    fn job(&self) -> &Reordering;

    /// Bytes of a row.
    fn row_bytes(&self) -> usize;

    /// Appends some of the rows.
    fn shard(&self, rows: Range<usize>, out: &mut Vec<u8>);

    /// Takes the rows in their new order, from all workers in the order of their shards.
    ///
    /// # Errors
    /// These are not the bytes of so many rows.
    fn accept(&mut self, shards: &[Vec<u8>]) -> Result<(), RuntimeError>;

    /// Does it at this node. All main nodes must do this at the same time.
    ///
    /// # Errors
    /// As a run.
    fn compute(&mut self) -> Result<(), RuntimeError>;
}

/// What a worker has to do with its shard.
pub struct JointWork {
    /// What is done with all rows.
    pub job: Reordering,
    /// The workers of this party: the member of rank r has shard r.
    pub comm: Comm,
    /// What [`Joint::shard`] has made of the rows of this one.
    pub shard: Vec<u8>,
}

/// The rows of a register of the main node.
pub(crate) struct Rows<'r, P: Protocol> {
    thread: &'r mut Thread<P>,
    job: Reordering,
    src: &'r P::Vector,
    out: &'r mut P::Vector,
}

impl<'r, P: Protocol> Rows<'r, P> {
    pub(crate) fn new(
        thread: &'r mut Thread<P>,
        job: Reordering,
        src: &'r P::Vector,
        out: &'r mut P::Vector,
    ) -> Self {
        Self { thread, job, src, out }
    }

    /// Has the rows reordered: by workers if there are any, else here.
    pub(crate) fn reorder(mut self, host: &dyn Host) -> Result<(), Undone> {
        let Some(workers) = host.workers() else { return self.compute().map_err(Undone::Run) };
        let proof = self.thread.check().and_then(|proof| {
            self.thread.flush()?;
            Ok(proof)
        });
        let proof = proof.map_err(|kind| Undone::Run(self.error(kind)))?;
        self.thread.net.show_place();
        workers.reorder(proof, &mut self)
    }

    fn error(&self, kind: Kind) -> RuntimeError {
        RuntimeError { thread: self.thread.index, position: None, kind }
    }

    fn here(&mut self) -> Result<(), Kind> {
        let (thread, job) = (&mut *self.thread, &self.job);
        let (protocol, net) = (&mut thread.protocol, &mut thread.net);
        if job.keys.is_empty() {
            return Ok(protocol.shuffle(net, job.rows, self.src, self.out)?);
        }
        let mut keys = Vec::with_capacity(job.keys.len());
        for (column, bits) in &job.keys {
            let [mut values, mut key] = [(); 2].map(|()| P::Vector::default());
            let level = Level { count: job.rows as u64, stride: job.columns as i64 };
            self.src.pick(*column as i64, &[level], &mut values)?;
            // The protocol sorts numbers without a sign.
            protocol.add_public(&values, &[P::Ring::from_u128(1 << (bits - 1))], &mut key);
            keys.push((key, *bits));
        }
        let keys: Vec<_> = keys.iter().map(|(key, bits)| (key, *bits)).collect();
        Ok(protocol.sort(net, &keys, self.src, self.out)?)
    }
}

impl<P: Protocol> Joint for Rows<'_, P> {
    fn job(&self) -> &Reordering {
        &self.job
    }

    fn row_bytes(&self) -> usize {
        self.job.row_bytes::<P>()
    }

    fn shard(&self, rows: Range<usize>, out: &mut Vec<u8>) {
        let columns = self.job.columns;
        write::<P>(self.src, rows.start * columns..rows.end * columns, out);
    }

    fn accept(&mut self, shards: &[Vec<u8>]) -> Result<(), RuntimeError> {
        self.out.clear();
        let read = shards.iter().try_for_each(|shard| read::<P>(shard, self.out));
        let (expected, found) = (self.src.len(), self.out.len());
        let what = "elements of reordered rows";
        let whole = || match expected == found {
            true => Ok(()),
            false => Err(Error::Malformed { what, expected, found }.into()),
        };
        read.and_then(|()| whole()).map_err(|kind| self.error(kind))
    }

    fn compute(&mut self) -> Result<(), RuntimeError> {
        self.here().map_err(|kind| self.error(kind))
    }
}

impl JointWork {
    /// Does this node's part. Gives the proof that the results may leave, its rows of the new order, and how many bytes
    /// it has sent to the other workers.
    pub(crate) fn run<P: Protocol>(
        mut self,
        thread: &mut Thread<P>,
    ) -> Result<(Checked, Vec<u8>, u64), Kind> {
        let mut rows = P::Vector::default();
        read::<P>(&self.shard, &mut rows)?;
        self.shard = Vec::new();
        thread.net.show_place();
        self.comm.set_waiting(thread.net.waiting().clone());
        let mut shards = Shards::new(&mut self.comm, self.job.rows);
        let (expected, found) = (shards.mine().len() * self.job.columns, rows.len());
        if expected != found {
            let what = "elements of a worker's rows";
            return Err(Error::Malformed { what, expected, found }.into());
        }
        let (protocol, net) = (&mut thread.protocol, &mut thread.net);
        let mut out = P::Vector::default();
        if self.job.keys.is_empty() {
            protocol.shuffle_shards(net, &mut shards, &rows, &mut out)?;
        } else {
            out = sharded::sort(protocol, net, &mut shards, &self.job.keys, &rows)?;
        }
        thread.flush()?;
        let proof = thread.check()?;
        let mut results = Vec::with_capacity(out.len() * P::Vector::FULL_BYTES);
        write::<P>(&out, 0..out.len(), &mut results);
        self.comm.free().map_err(Error::from)?;
        Ok((proof, results, self.comm.stats().total().bytes_sent))
    }
}

/// Appends lanes component by component, as they lie.
fn write<P: Protocol>(vector: &P::Vector, lanes: Range<usize>, out: &mut Vec<u8>) {
    for component in 0..P::Vector::COMPONENTS {
        P::Ring::encode(&vector.component(component)[lanes.clone()], out);
    }
}

/// Appends the lanes that [`write()`] has made bytes of.
fn read<P: Protocol>(bytes: &[u8], out: &mut P::Vector) -> Result<(), Kind> {
    let added = bytes.len() / P::Vector::FULL_BYTES;
    let (expected, found) = (added * P::Vector::FULL_BYTES, bytes.len());
    if expected != found {
        let what = "bytes of rows";
        return Err(Error::Malformed { what, expected, found }.into());
    }
    if added == 0 {
        return Ok(());
    }
    let before = out.len();
    for (component, bytes) in bytes.chunks_exact(added * P::Ring::BYTES).enumerate() {
        let lanes = out.component_mut(component);
        or_out_of_memory(added, P::Ring::BYTES, |added| lanes.try_reserve(added).ok())?;
        lanes.resize(before + added, P::Ring::ZERO);
        P::Ring::decode(bytes, &mut lanes[before..]).map_err(Error::from)?;
    }
    Ok(())
}
