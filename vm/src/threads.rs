//! Threads of the program.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};
use std::thread;

use caucus_bytecode::Level as PatternLevel;
use caucus_core::net::Net;
use caucus_core::trace::Lane;
use caucus_protocols::{BitVector, Checked, Level, Protocol};

use crate::exec::Frame;
use crate::machine::Shared;
use crate::spans::Begin;
use crate::timers::Traffic;
use crate::{Kind, RuntimeError, ThreadSetup};

/// What belongs to one thread for the whole run, whichever tapes it runs.
pub(crate) struct Thread<P: Protocol> {
    /// 0 is the main thread.
    pub(crate) index: usize,
    pub(crate) net: Net,
    /// Where what takes long is recorded.
    pub(crate) lane: Option<Lane>,
    pub(crate) protocol: P,
    pub(crate) scratch: Scratch<P>,
    /// Whether all parties have compared the shares that they keep.
    pub(crate) storage_settled: bool,
    /// Traffic of threads that this one ran.
    joined: Traffic,
}

/// Buffers that instructions use and leave behind.
pub(crate) struct Scratch<P: Protocol> {
    pub(crate) a: P::Vector,
    pub(crate) b: P::Vector,
    pub(crate) out: P::Vector,
    pub(crate) single: P::Vector,
    pub(crate) public: Vec<P::Ring>,
    pub(crate) bits: BitScratch<P>,
    pub(crate) ints: Vec<i64>,
    pub(crate) bytes: Vec<u8>,
    levels: Vec<Level>,
}

/// Buffers of secret bits.
pub(crate) struct BitScratch<P: Protocol> {
    pub(crate) a: P::Bits,
    pub(crate) b: P::Bits,
    pub(crate) out: P::Bits,
    pub(crate) single: P::Bits,
}

impl<P: Protocol> BitScratch<P> {
    fn new() -> Self {
        let [a, b, out, single] = [(); 4].map(|()| P::Bits::default());
        Self { a, b, out, single }
    }

    /// Removes all lanes of the factors.
    pub(crate) fn clear(&mut self) {
        self.a.clear();
        self.b.clear();
    }
}

impl<P: Protocol> Scratch<P> {
    fn new() -> Self {
        Self {
            a: P::Vector::default(),
            b: P::Vector::default(),
            out: P::Vector::default(),
            single: P::Vector::default(),
            public: Vec::new(),
            bits: BitScratch::new(),
            ints: Vec::new(),
            bytes: Vec::new(),
            levels: Vec::new(),
        }
    }

    /// A pattern of the bytecode as shares take it.
    pub(crate) fn levels(&mut self, pattern: &[PatternLevel]) -> &[Level] {
        self.levels.clear();
        self.levels
            .extend(pattern.iter().map(|level| Level { count: level.count, stride: level.stride }));
        &self.levels
    }
}

/// One tape to run in a thread.
pub(crate) struct Job {
    /// Its number.
    pub(crate) tape: usize,
    pub(crate) args: Vec<i64>,
}

impl<P: Protocol> Thread<P> {
    /// A thread that has not run anything.
    pub(crate) fn new(index: usize, setup: ThreadSetup, protocol: P) -> Self {
        let ThreadSetup { net, lane } = setup;
        let (scratch, joined) = (Scratch::new(), Traffic::default());
        Self { index, net, lane, protocol, scratch, storage_settled: false, joined }
    }

    /// Traffic of this thread and of those it ran.
    pub(crate) fn traffic(&self) -> Traffic {
        let stats = self.net.stats();
        Traffic {
            bytes_sent: stats.bytes_sent() + self.joined.bytes_sent,
            rounds: stats.rounds + self.joined.rounds,
        }
    }

    /// The proof without which nothing leaves.
    pub(crate) fn check(&mut self) -> Result<Checked, Kind> {
        Ok(self.protocol.check(&mut self.net)?)
    }

    /// Hands over to the system what waits to be sent: before this thread waits for something else than its peers,
    /// who may need it.
    pub(crate) fn flush(&mut self) -> Result<(), Kind> {
        Ok(self.net.flush()?)
    }

    /// Runs one job in each of `others`, side by side, and waits for all. The first failure of any ends them all.
    pub(crate) fn run_jobs(
        &mut self,
        shared: &Shared<'_, P>,
        others: &mut [Self],
        jobs: Vec<Job>,
    ) -> Result<(), RuntimeError> {
        assert!(jobs.len() <= others.len(), "there is a thread for each job");
        let threads = &mut others[..jobs.len()];
        let before: Vec<Traffic> = threads.iter().map(Self::traffic).collect();
        let first = Mutex::new(None);
        let fail = |error: RuntimeError| {
            // The lock is held until the flag is set: failures that follow from it come second.
            let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
            if first.is_none() {
                shared.abort.set(error.to_string());
                *first = Some(error);
            }
        };
        thread::scope(|scope| {
            for (thread, job) in threads.iter_mut().zip(jobs) {
                let index = thread.index;
                let name = format!("thread {index}");
                let fail = &fail;
                let body = move || {
                    if let Err(error) = thread.run_job(shared, job) {
                        fail(error);
                    }
                };
                if let Err(source) = thread::Builder::new().name(name).spawn_scoped(scope, body) {
                    fail(RuntimeError {
                        thread: index,
                        position: None,
                        kind: Kind::Spawn { source },
                    });
                    break;
                }
            }
        });
        if let Some(error) = first.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(error);
        }
        let mut most_rounds = 0;
        for (thread, before) in threads.iter().zip(before) {
            let now = thread.traffic();
            self.joined.bytes_sent += now.bytes_sent - before.bytes_sent;
            most_rounds = most_rounds.max(now.rounds - before.rounds);
        }
        self.joined.rounds += most_rounds;
        Ok(())
    }

    /// Runs one job. A panic becomes an error, so that the other threads end, too.
    fn run_job(&mut self, shared: &Shared<'_, P>, job: Job) -> Result<(), RuntimeError> {
        let thread = self.index;
        let begin = Begin::of(self);
        let run = AssertUnwindSafe(|| {
            Frame::run(shared, self, &mut [], job.tape, &job.args)?;
            if let Some(begin) = begin {
                begin.end_tape(self, &shared.program.tapes[job.tape].name);
            }
            Ok(())
        });
        catch_unwind(run).unwrap_or_else(|panic| {
            let kind = Kind::Panic { message: panic_message(&*panic) };
            Err(RuntimeError { thread, position: None, kind })
        })
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a thread panicked".to_owned())
}
