//! Where a worker's machine gets its chunks from: the link with the main node.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use caucus_core::net::{Error as NetError, Link};
use caucus_core::trace::{Kind, Lane, figures};
use caucus_protocols::Checked;
use caucus_vm::{
    Assignment, ChunkFigures, ChunkName, ChunkSource, HostError, JointWork, Reordering, Work,
};

use super::attend::part;
use super::message::{Figures, FromWorker, ToWorker, follows, receive, send};
use super::partners::Partners;
use crate::host::Error as HostFailure;
use crate::trace::{MAIN_THREAD, Trace};

/// How long a worker waits to be given something to do.
pub(super) const IDLE_LIMIT: Duration = Duration::from_secs(30 * 24 * 3600);

/// The link with the main node, which a second thread watches while this one computes.
pub(super) type Main = Arc<Mutex<Link>>;

pub(super) fn lock(main: &Main) -> MutexGuard<'_, Link> {
    main.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Chunks from the main node.
pub(super) struct Source<'a> {
    pub(super) main: &'a Main,
    /// Whether the main node waits for this worker. Changed by whoever has locked the link, and only then.
    pub(super) busy: &'a AtomicBool,
    /// How many bytes of inputs the chunks of a tape have.
    pub(super) expected: &'a dyn Fn(u32) -> Option<usize>,
    /// Bytes of the rows of a joint job, if the program has it.
    pub(super) row_bytes: &'a dyn Fn(&Reordering) -> Option<usize>,
    /// The other workers of the party.
    pub(super) partners: &'a Partners<'a>,
    pub(super) io_timeout: Duration,
    /// What records the run, if anything does.
    pub(super) spans: Option<WorkerSpans<'a>>,
    /// Why the run has failed, if the main node has said so.
    pub(super) failed: Option<String>,
}

impl ChunkSource for Source<'_> {
    fn next(&mut self) -> Result<Option<Work>, HostError> {
        let mut link = lock(self.main);
        let begin = Instant::now();
        let message = loop {
            let message = receive::<ToWorker>(&mut link, IDLE_LIMIT).map_err(of_link)?;
            match (message, &self.spans) {
                (ToWorker::Ping, spans) => {
                    let now = || spans.as_ref().map_or(0, WorkerSpans::now);
                    let received = now();
                    let pong = FromWorker::Pong { received, replied: now() };
                    send(&mut link, &pong, &[], self.io_timeout).map_err(of_link)?;
                }
                (ToWorker::Clock(offset), spans) => {
                    if let Some(spans) = spans {
                        spans.trace.set_to_first(Some(offset));
                    }
                }
                (message, _) => break message,
            }
        };
        let begin = self.talk("waiting for work", begin, 0);
        let (tape, number, attempt, bytes) = match message {
            ToWorker::Assign { tape, number, attempt, bytes } => (tape, number, attempt, bytes),
            ToWorker::Together { task, bytes } => {
                let job = task.job();
                let rows = self.partners.rows(&task);
                let row = (self.row_bytes)(&job);
                let expected = rows.zip(row).and_then(|(rows, row)| rows.len().checked_mul(row));
                let Some(expected) = expected else {
                    let cause = "the main node asks for what the program does not have".to_owned();
                    return Err(HostFailure::Aborted { cause }.into());
                };
                let shard = follows(&mut link, bytes, expected, self.io_timeout);
                let shard = shard.map_err(of_link)?;
                self.talk("receiving", begin, bytes);
                self.busy.store(true, Ordering::Release);
                if let Some(spans) = &mut self.spans {
                    spans.begin("joint job".to_owned(), task.attempt);
                }
                // Whether the main node is there is watched meanwhile.
                drop(link);
                let comm = self.partners.meet(&task)?;
                return Ok(Some(Work::Joint(JointWork { job, comm, shard })));
            }
            ToWorker::Bye => return Ok(None),
            ToWorker::Abort { cause } => {
                self.failed = Some(cause);
                return Ok(None);
            }
            ToWorker::Welcome(_) | ToWorker::Ping | ToWorker::Clock(_) => {
                let cause = "the main node begins again in the middle of a run".to_owned();
                return Err(HostFailure::Aborted { cause }.into());
            }
        };
        // A chunk that the program does not have is refused by the machine.
        let expected = (self.expected)(tape).unwrap_or_default();
        let inputs = follows(&mut link, bytes, expected, self.io_timeout).map_err(of_link)?;
        self.talk("receiving", begin, bytes);
        self.busy.store(true, Ordering::Release);
        if let Some(spans) = &mut self.spans {
            spans.begin(format!("chunk {number}"), attempt);
        }
        Ok(Some(Work::Chunk(Assignment { name: ChunkName { tape, number }, inputs })))
    }

    fn done(
        &mut self,
        _proof: Checked,
        results: Vec<u8>,
        figures: ChunkFigures,
    ) -> Result<(), HostError> {
        if let Some(spans) = &mut self.spans {
            spans.end(&figures);
        }
        let begin = Instant::now();
        let figures = Figures {
            seconds: figures.elapsed.as_secs_f64(),
            waited: figures.waited.as_secs_f64(),
            bytes_sent: figures.bytes_sent,
            bytes_among_workers: figures.bytes_among_workers,
        };
        let done = FromWorker::Done { bytes: results.len() as u64, figures };
        let mut link = lock(self.main);
        self.busy.store(false, Ordering::Release);
        send(&mut link, &done, &results, self.io_timeout).map_err(of_link)?;
        self.talk("sending", begin, results.len() as u64);
        Ok(())
    }
}

impl Source<'_> {
    /// Records what was said to or heard from the main node. Gives the time at which the next thing begins.
    fn talk(&self, name: &'static str, begin: Instant, bytes: u64) -> Instant {
        part(self.spans.as_ref().map(|spans| &spans.talk), name, begin, bytes)
    }
}

/// What a worker records of its chunks.
pub(super) struct WorkerSpans<'a> {
    trace: &'a Trace,
    /// The thread that computes, and the conversation with the main node.
    compute: Lane,
    talk: Lane,
    /// Number of the worker and of this set of workers.
    set: u64,
    epoch: u64,
    /// What it is at: name, attempt, and since when.
    current: Option<(String, u64, Instant)>,
}

impl<'a> WorkerSpans<'a> {
    /// Of the worker with this number, in a set of this epoch.
    pub(super) fn new(trace: &'a Trace, set: u64, epoch: u64) -> Self {
        let recorder = trace.recorder();
        let compute = recorder.lane(MAIN_THREAD);
        let talk = recorder.lane("main node");
        Self { trace, compute, talk, set, epoch, current: None }
    }

    /// The time, in nanoseconds of the trace's clock.
    fn now(&self) -> u64 {
        self.trace.recorder().nanos(Instant::now())
    }

    fn begin(&mut self, name: String, attempt: u64) {
        self.current = Some((name, attempt, Instant::now()));
    }

    fn end(&mut self, cost: &ChunkFigures) {
        let Some((name, attempt, begin)) = self.current.take() else { return };
        let waited = u64::try_from(cost.waited.as_micros()).unwrap_or(u64::MAX);
        let mut known = self.known(attempt);
        known.extend(figures([
            ("bytes_sent", cost.bytes_sent.into()),
            ("bytes_among_workers", cost.bytes_among_workers.into()),
            ("waited_us", waited.into()),
        ]));
        self.compute.span(Kind::Part, name, begin, known);
    }

    fn known(&self, attempt: u64) -> caucus_core::trace::Figures {
        let numbers = [("attempt", attempt), ("set", self.set), ("epoch", self.epoch)];
        figures(numbers.map(|(name, number)| (name, number.into())))
    }
}

/// What was not finished is lost.
impl Drop for WorkerSpans<'_> {
    fn drop(&mut self) {
        if let Some((name, attempt, begin)) = self.current.take() {
            let mut known = self.known(attempt);
            known.insert("lost".into(), "not finished".into());
            self.compute.span(Kind::Part, name, begin, known);
        }
    }
}

/// What it means for this worker that the link with its main node failed.
pub(super) fn main_is_gone(error: &NetError) -> String {
    match error {
        // Something else ended the wait.
        NetError::Aborted { cause } => cause.clone(),
        other => format!("the main node is gone: {other}"),
    }
}

fn of_link(error: NetError) -> HostError {
    HostFailure::Aborted { cause: main_is_gone(&error) }.into()
}
