//! Loops that are distributed among the nodes of a party.
//!
//! A main node shows the chunks of a loop to its host as [`Chunks`]; a worker takes [`Assignment`]s from a
//! [`ChunkSource`]. What lies between them, transport and recovery, is not the machine's business. Only nodes of one
//! party see these bytes: they are what that party holds of secrets.

use std::time::{Duration, Instant};

use caucus_bytecode::operand::{TapeRef, Window};
use caucus_bytecode::{ArrayRef, Op, Program, Tape};
use caucus_core::algebra::Ring;
use caucus_core::net::{AbortFlag, Net, Waiting};
use caucus_core::stats::NetStats;
use caucus_protocols::{Checked, Protocol};

use crate::exec::Frame;
use crate::joint::{Joint, JointWork};
use crate::machine::Shared;
use crate::memory::{Memory, part_bytes};
use crate::threads::Thread;
use crate::timers::Timers;
use crate::{Host, HostError, Kind, Machine, RuntimeError, ThreadSetup};

/// The chunks of one loop at a main node, numbered from 0. All parties have the same.
pub trait Chunks {
    /// How many there are.
    fn count(&self) -> usize;

    /// Whether chunks take parts of private inputs: then the nodes matter that compute them.
    fn take_parts(&self) -> bool;

    /// What a worker must be told about a chunk besides its inputs.
    fn name(&self, index: usize) -> ChunkName;

    /// Appends what a worker needs of this party's arrays for a chunk.
    ///
    /// # Errors
    /// Memory does not suffice.
    fn inputs(&mut self, index: usize, out: &mut Vec<u8>) -> Result<(), RuntimeError>;

    /// How many bytes come back for a chunk.
    fn result_bytes(&self, index: usize) -> usize;

    /// Takes what a worker has computed for a chunk.
    ///
    /// # Errors
    /// These are not the bytes of a result.
    fn accept(&mut self, index: usize, bytes: &[u8]) -> Result<(), RuntimeError>;

    /// Computes a chunk at this node. All main nodes must do this at the same time.
    ///
    /// # Errors
    /// As a run.
    fn compute(&mut self, index: usize) -> Result<(), RuntimeError>;
}

/// What a chunk is called: the tape that computes it, and the number that the tape gets.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ChunkName {
    /// Index of the tape.
    pub tape: u32,
    /// Number of the chunk within its loop.
    pub number: i64,
}

/// Has chunks computed by workers.
pub trait Workers: Send + Sync {
    /// Has all chunks of a loop computed, each exactly once as far as its result counts, and waits for them. All main
    /// nodes call this for the same loops in the same order.
    ///
    /// # Errors
    /// What ended the run.
    fn distribute(&self, proof: Checked, chunks: &mut dyn Chunks) -> Result<(), Undone>;

    /// Has rows put into another order by all workers together, and waits for that. All main nodes call this for the
    /// same jobs, in one order with [`Workers::distribute`].
    ///
    /// # Errors
    /// What ended the run.
    fn reorder(&self, proof: Checked, job: &mut dyn Joint) -> Result<(), Undone>;
}

/// Why a distributed loop was not finished.
#[derive(Debug)]
pub enum Undone {
    /// A failure of the surroundings: workers, links, other nodes.
    Host(HostError),
    /// A failure of the machine at this node.
    Run(RuntimeError),
}

/// A chunk to compute at a worker.
pub struct Assignment {
    /// Which one.
    pub name: ChunkName,
    /// What [`Chunks::inputs`] has made of it.
    pub inputs: Vec<u8>,
}

/// What a chunk cost a worker.
#[derive(Clone, Copy, Default, Debug)]
pub struct ChunkFigures {
    /// Time from the inputs to the results.
    pub elapsed: Duration,
    /// Of this, time spent waiting for the other parties, in the thread that waited most.
    pub waited: Duration,
    /// Bytes sent to the other parties.
    pub bytes_sent: u64,
    /// Bytes sent to the other workers of this party.
    pub bytes_among_workers: u64,
}

/// What a worker is to do.
pub enum Work {
    /// A chunk of a loop.
    Chunk(Assignment),
    /// Its part of what all workers of a party do together.
    Joint(JointWork),
}

/// Where a worker gets its work from.
pub trait ChunkSource {
    /// The next work; none if the main node needs no more.
    ///
    /// # Errors
    /// The main node is lost, or the other workers of the party are.
    fn next(&mut self) -> Result<Option<Work>, HostError>;

    /// Gives back what was computed for the last one.
    ///
    /// # Errors
    /// The main node is lost.
    fn done(
        &mut self,
        proof: Checked,
        results: Vec<u8>,
        figures: ChunkFigures,
    ) -> Result<(), HostError>;
}

/// The parts of arrays that go with the chunks of a tape; `None` if no loop runs the tape.
fn windows_of(program: &Program, tape: u32) -> Option<&[Window]> {
    let mains = program.tapes.iter().take(1).flat_map(|main| &main.ops);
    let jobs = mains.filter_map(|op| if let Op::Nodes { jobs } = op { Some(jobs) } else { None });
    let job = jobs.flatten().find(|(found, ..)| found.0 == tape);
    job.map(|(.., windows)| windows.as_slice())
}

/// How many bytes these parts take.
fn bytes_of<'w, P: Protocol>(
    program: &Program,
    windows: impl Iterator<Item = &'w Window>,
) -> usize {
    let bytes = windows.map(|window| part_bytes::<P>(&program.arrays[index(window)], len(window)));
    bytes.fold(0, usize::saturating_add)
}

/// How many bytes a worker gets for a chunk of this tape, and how many come back; `None` if no loop runs the tape.
pub fn chunk_bytes<P: Protocol>(program: &Program, tape: u32) -> Option<(usize, usize)> {
    let windows = windows_of(program, tape)?;
    let sent = windows.iter().filter(|window| window.is_sent());
    let written = windows.iter().filter(|window| window.is_written());
    Some((bytes_of::<P>(program, sent), bytes_of::<P>(program, written)))
}

fn index(window: &Window) -> usize {
    match window.array {
        ArrayRef::Global(array) | ArrayRef::Local(array) => array as usize,
    }
}

fn len(window: &Window) -> usize {
    usize::try_from(window.len).unwrap_or(usize::MAX)
}

/// The verifier has looked at the first and the last chunk.
const INSIDE: &str = "verified windows lie in their arrays";

fn export<'w, P: Protocol>(
    memory: &Memory<P>,
    mut windows: impl Iterator<Item = &'w Window>,
    chunk: i64,
    out: &mut Vec<u8>,
) -> Result<(), Kind> {
    windows.try_for_each(|window| {
        let start = window.start(chunk).expect(INSIDE);
        memory.export(index(window) as u32, start, len(window), out)
    })
}

/// The bytes have the right length.
fn import<'w, P: Protocol>(
    program: &Program,
    memory: &Memory<P>,
    windows: impl Iterator<Item = &'w Window>,
    chunk: i64,
    mut bytes: &[u8],
) -> Result<(), Kind> {
    for window in windows {
        let part = part_bytes::<P>(&program.arrays[index(window)], len(window));
        let (mine, rest) = bytes.split_at(part);
        let start = window.start(chunk).expect(INSIDE);
        memory.import(index(window) as u32, start, len(window), mine)?;
        bytes = rest;
    }
    Ok(())
}

/// The chunks of the loop at which the main tape is.
pub(crate) struct Loop<'r, 'a, P: Protocol> {
    shared: &'a Shared<'a, P>,
    thread: &'r mut Thread<P>,
    others: &'r mut [Thread<P>],
    jobs: &'a [(TapeRef, i64, i64, Vec<Window>)],
}

impl<'r, 'a, P: Protocol> Loop<'r, 'a, P> {
    pub(crate) fn new(
        shared: &'a Shared<'a, P>,
        thread: &'r mut Thread<P>,
        others: &'r mut [Thread<P>],
        jobs: &'a [(TapeRef, i64, i64, Vec<Window>)],
    ) -> Self {
        Self { shared, thread, others, jobs }
    }

    /// Has all chunks computed: by workers if there are any, else here in their order.
    pub(crate) fn run(mut self) -> Result<(), Undone> {
        if let Some(workers) = self.shared.host.workers() {
            let proof = self.thread.check().and_then(|proof| {
                self.thread.flush()?;
                Ok(proof)
            });
            let proof = proof.map_err(|kind| Undone::Run(self.error(kind)))?;
            // Whoever waits for nodes of this party or of others meanwhile waits here.
            self.thread.net.show_place();
            return workers.distribute(proof, &mut self);
        }
        (0..self.count()).try_for_each(|index| self.compute(index)).map_err(Undone::Run)
    }

    fn error(&self, kind: Kind) -> RuntimeError {
        RuntimeError { thread: self.thread.index, position: None, kind }
    }

    /// The job of a chunk, and its number.
    fn job(&self, index: usize) -> (TapeRef, i64, &'a [Window]) {
        let mut left = index as i64;
        for (tape, first, count, windows) in self.jobs {
            if left < *count {
                return (*tape, first + left, windows);
            }
            left -= count;
        }
        panic!("there is no chunk {index}")
    }

    fn tape(&self, tape: TapeRef) -> &'a Tape {
        &self.shared.program.tapes[tape.0 as usize]
    }
}

impl<P: Protocol> Chunks for Loop<'_, '_, P> {
    fn count(&self) -> usize {
        self.jobs.iter().map(|(_, _, count, _)| *count as usize).sum()
    }

    fn take_parts(&self) -> bool {
        self.jobs.iter().any(|(tape, ..)| self.tape(*tape).takes_inputs())
    }

    fn name(&self, index: usize) -> ChunkName {
        let (tape, number, _) = self.job(index);
        ChunkName { tape: tape.0, number }
    }

    fn inputs(&mut self, index: usize, out: &mut Vec<u8>) -> Result<(), RuntimeError> {
        let (_, number, windows) = self.job(index);
        let sent = windows.iter().filter(|window| window.is_sent());
        out.reserve(bytes_of::<P>(self.shared.program, sent.clone()));
        export(&self.shared.memory, sent, number, out).map_err(|kind| self.error(kind))
    }

    fn result_bytes(&self, index: usize) -> usize {
        let (.., windows) = self.job(index);
        let written = windows.iter().filter(|window| window.is_written());
        bytes_of::<P>(self.shared.program, written)
    }

    fn accept(&mut self, index: usize, bytes: &[u8]) -> Result<(), RuntimeError> {
        let (expected, found) = (self.result_bytes(index), bytes.len());
        if expected != found {
            let what = "bytes of a worker's result";
            let error = caucus_protocols::Error::Malformed { what, expected, found };
            return Err(self.error(error.into()));
        }
        let (_, number, windows) = self.job(index);
        let written = windows.iter().filter(|window| window.is_written());
        import(self.shared.program, &self.shared.memory, written, number, bytes)
            .map_err(|kind| self.error(kind))
    }

    fn compute(&mut self, index: usize) -> Result<(), RuntimeError> {
        let (tape, number, _) = self.job(index);
        Frame::run_chunk(self.shared, self.thread, self.others, tape.0 as usize, number)
    }
}

impl<P: Protocol> Machine<P> {
    /// Computes the chunks of `source` until there are no more; for workers. Gives the traffic of each thread.
    ///
    /// All workers of the same number, one of each party, must be given the same chunks in the same order. The
    /// arguments are those of [`Machine::run`].
    ///
    /// # Errors
    /// Whatever ends a chunk early, or the source gives chunks that the program does not have. The links must not be
    /// used any more then.
    ///
    /// # Panics
    /// As [`Machine::run`].
    pub fn serve(
        program: &Program,
        threads: Vec<ThreadSetup>,
        protocol: P,
        host: &dyn Host,
        abort: AbortFlag,
        source: &mut dyn ChunkSource,
    ) -> Result<Vec<NetStats>, RuntimeError> {
        let mut threads = Self::threads(program, threads, protocol);
        let constants: Vec<P::Ring> = program.constants.iter().map(P::Ring::from_bigint).collect();
        let alone = |kind| RuntimeError { thread: 0, position: None, kind };
        while let Some(work) = source.next().map_err(|error| alone(error.into()))? {
            let start = Instant::now();
            let before = totals(&threads);
            let figures = |threads: &[Thread<P>], bytes_among_workers| {
                let after = totals(threads);
                let waits = after.iter().zip(&before).map(|(now, then)| now.0 - then.0);
                ChunkFigures {
                    elapsed: start.elapsed(),
                    waited: waits.max().unwrap_or_default(),
                    bytes_sent: after.iter().zip(&before).map(|(now, then)| now.1 - then.1).sum(),
                    bytes_among_workers,
                }
            };
            let assignment = match work {
                Work::Chunk(assignment) => assignment,
                Work::Joint(work) => {
                    let place = work.job.place(program).unwrap_or(Waiting::NOWHERE);
                    threads[0].net.set_place(place);
                    let (proof, results, bytes) = work.run(&mut threads[0]).map_err(alone)?;
                    threads[0].net.set_place(Waiting::NOWHERE);
                    let figures = figures(&threads, bytes);
                    source.done(proof, results, figures).map_err(|error| alone(error.into()))?;
                    continue;
                }
            };
            let ChunkName { tape, number } = assignment.name;
            let (windows, memory) = prepare(program, &assignment)
                .map_err(|kind| alone(kind.unwrap_or_else(unknown)))?;
            let shared = Shared {
                program,
                constants: constants.clone(),
                memory,
                host,
                abort: abort.clone(),
                timers: Timers::default(),
            };
            drop(assignment);
            let (main, others) = threads.split_first_mut().expect("a program has a main thread");
            Frame::run_chunk(&shared, main, others, tape as usize, number)?;
            let written = windows.iter().filter(|window| window.is_written());
            let mut results = Vec::with_capacity(bytes_of::<P>(program, written.clone()));
            export(&shared.memory, written, number, &mut results).map_err(alone)?;
            let proof = main.check().map_err(alone)?;
            let figures = figures(&threads, 0);
            source.done(proof, results, figures).map_err(|error| alone(error.into()))?;
        }
        Ok(threads.iter().map(|thread| thread.net.stats()).collect())
    }
}

fn unknown() -> Kind {
    Kind::Panic { message: "a chunk that the program does not have".into() }
}

/// Memory with the inputs of a chunk. The error is none if the program has no such chunk.
fn prepare<'p, P: Protocol>(
    program: &'p Program,
    assignment: &Assignment,
) -> Result<(&'p [Window], Memory<P>), Option<Kind>> {
    let ChunkName { tape, number } = assignment.name;
    let windows = windows_of(program, tape).ok_or(None)?;
    let mut parts = vec![(0, 0); program.arrays.len()];
    for window in windows {
        let start = window.start(number).filter(|start| *start >= 0).ok_or(None)?;
        parts[index(window)] = (start, window.len);
    }
    let memory = Memory::of_parts(&program.arrays, &parts);
    let sent = windows.iter().filter(|window| window.is_sent());
    if bytes_of::<P>(program, sent.clone()) != assignment.inputs.len() {
        return Err(None);
    }
    import(program, &memory, sent, number, &assignment.inputs).map_err(Some)?;
    Ok((windows, memory))
}

/// Time waited and bytes sent, by thread.
fn totals<P: Protocol>(threads: &[Thread<P>]) -> Vec<(Duration, u64)> {
    let of = |net: &Net| {
        let stats = net.stats();
        (stats.links.iter().map(|(_, link)| link.wait).sum(), stats.bytes_sent())
    };
    threads.iter().map(|thread| of(&thread.net)).collect()
}
