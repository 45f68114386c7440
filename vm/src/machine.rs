//! A run of a program.

use std::fmt;
use std::marker::PhantomData;
use std::time::{Duration, Instant};

use caucus_bytecode::{Program, verify};
use caucus_core::algebra::Ring;
use caucus_core::net::{AbortFlag, Net};
use caucus_core::stats::NetStats;
use caucus_core::trace::Lane;
use caucus_protocols::Protocol;

use crate::exec::Frame;
use crate::memory::Memory;
use crate::threads::Thread;
use crate::timers::Timers;
use crate::{Host, RuntimeError, Timing};

/// Runs programs over a protocol.
pub struct Machine<P>(PhantomData<P>);

/// What a thread of the program needs of its own.
#[derive(Debug)]
pub struct ThreadSetup {
    /// Its links with the other parties. All threads' links know the same [`AbortFlag`].
    pub net: Net,
    /// Where what takes long is recorded, if anybody asks for it.
    pub lane: Option<Lane>,
}

/// What a run that went well leaves behind.
#[derive(Debug)]
pub struct Outcome {
    /// Traffic of each thread; index 0 is the main one. It includes what happened on the same links before the run.
    pub statistics: Vec<NetStats>,
    /// Rounds one after the other: those of the main thread, and of threads side by side those of the one with most.
    pub rounds: u64,
    /// What the program's timers measured, by thread and number.
    pub timers: Vec<Timing>,
    /// How long the run took.
    pub elapsed: Duration,
    /// The links of all threads, for what follows the run.
    pub nets: Vec<Net>,
}

/// What all threads of a run share.
pub(crate) struct Shared<'a, P: Protocol> {
    pub(crate) program: &'a Program,
    /// The program's constants in the ring.
    pub(crate) constants: Vec<P::Ring>,
    pub(crate) memory: Memory<P>,
    pub(crate) host: &'a dyn Host,
    pub(crate) abort: AbortFlag,
    pub(crate) timers: Timers,
}

impl<P: Protocol> Machine<P> {
    /// Runs a program to its end, with one [`ThreadSetup`] for each thread that it can have at the same time and the
    /// state of the protocol after setup. Afterwards nothing waits to be sent or checked.
    ///
    /// When one thread fails, `abort` is set so that the others end, and the first failure is returned. All parties
    /// run the same program with the same number of threads.
    ///
    /// # Errors
    /// Whatever ends the program early. The links must not be used any more then.
    ///
    /// # Panics
    /// If there are fewer threads than [`Program::max_threads`], or the program is not
    /// [verified](caucus_bytecode::verify()) or for another ring: both are checked by whoever loads it.
    pub fn run(
        program: &Program,
        threads: Vec<ThreadSetup>,
        protocol: P,
        host: &dyn Host,
        abort: AbortFlag,
    ) -> Result<Outcome, RuntimeError> {
        let start = Instant::now();
        let shared = Shared {
            program,
            constants: program.constants.iter().map(P::Ring::from_bigint).collect(),
            memory: Memory::new(&program.arrays),
            host,
            abort,
            timers: Timers::default(),
        };
        let mut threads = Self::threads(program, threads, protocol);
        let (main, others) = threads.split_first_mut().expect("a program has a main thread");
        let before = main.traffic();
        Frame::run_main(&shared, main, others)?;
        let rounds = main.traffic().rounds - before.rounds;
        let nets: Vec<Net> = threads.into_iter().map(|thread| thread.net).collect();
        Ok(Outcome {
            statistics: nets.iter().map(Net::stats).collect(),
            rounds,
            timers: shared.timers.timings(),
            elapsed: start.elapsed(),
            nets,
        })
    }

    /// The threads of a run or of a worker.
    pub(crate) fn threads(
        program: &Program,
        threads: Vec<ThreadSetup>,
        protocol: P,
    ) -> Vec<Thread<P>> {
        debug_assert_eq!(verify(program), Ok(()), "only verified programs run");
        assert_eq!(program.ring_bits, P::Ring::BITS, "the program is compiled for the ring");
        assert!(threads.len() >= program.max_threads(), "{} threads", threads.len());
        // Forks are made once, in order: each thread keeps its streams of randomness from tape to tape.
        let forks: Vec<P> = (1..threads.len()).map(|idx| protocol.fork(idx as u32)).collect();
        let protocols = std::iter::once(protocol).chain(forks);
        (threads.into_iter().zip(protocols).enumerate())
            .map(|(index, (setup, protocol))| Thread::new(index, setup, protocol))
            .collect()
    }
}

impl<P> fmt::Debug for Machine<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Machine")
    }
}
