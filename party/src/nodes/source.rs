//! Where a worker's machine gets its chunks from: the link with the main node.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use caucus_core::net::{Error as NetError, Link};
use caucus_protocols::Checked;
use caucus_vm::{
    Assignment, ChunkFigures, ChunkName, ChunkSource, HostError, JointWork, Reordering, Work,
};

use super::message::{Figures, FromWorker, ToWorker, follows, receive, send};
use super::partners::Partners;
use crate::host::Error as HostFailure;

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
    /// Why the run has failed, if the main node has said so.
    pub(super) failed: Option<String>,
}

impl ChunkSource for Source<'_> {
    fn next(&mut self) -> Result<Option<Work>, HostError> {
        let mut link = lock(self.main);
        let message = receive::<ToWorker>(&mut link, IDLE_LIMIT).map_err(of_link)?;
        let (tape, number, bytes) = match message {
            ToWorker::Assign { tape, number, bytes } => (tape, number, bytes),
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
                self.busy.store(true, Ordering::Release);
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
            ToWorker::Welcome(_) => {
                let cause = "the main node begins again in the middle of a run".to_owned();
                return Err(HostFailure::Aborted { cause }.into());
            }
        };
        // A chunk that the program does not have is refused by the machine.
        let expected = (self.expected)(tape).unwrap_or_default();
        let inputs = follows(&mut link, bytes, expected, self.io_timeout).map_err(of_link)?;
        self.busy.store(true, Ordering::Release);
        Ok(Some(Work::Chunk(Assignment { name: ChunkName { tape, number }, inputs })))
    }

    fn done(
        &mut self,
        _proof: Checked,
        results: Vec<u8>,
        figures: ChunkFigures,
    ) -> Result<(), HostError> {
        let figures = Figures {
            seconds: figures.elapsed.as_secs_f64(),
            waited: figures.waited.as_secs_f64(),
            bytes_sent: figures.bytes_sent,
            bytes_among_workers: figures.bytes_among_workers,
        };
        let done = FromWorker::Done { bytes: results.len() as u64, figures };
        let mut link = lock(self.main);
        self.busy.store(false, Ordering::Release);
        send(&mut link, &done, &results, self.io_timeout).map_err(of_link)
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
