//! The main node's side of joint jobs: shards go to all workers, and come back in another order.

use std::sync::atomic::Ordering;
use std::time::Instant;

use caucus_core::net::Link;
use caucus_core::trace::Lane;
use caucus_protocols::sharded::Shards;
use caucus_vm::{Joint, Undone};

use super::attend::part;
use super::coordinator::{Attempt, Command, Event, Kind, Loss};
use super::manager::{Manager, Order, Outcome, Shared, lock, undone};
use super::message::{ToWorker, TogetherTask, follows};
use crate::events::Phase;
use crate::host::Error;

/// What a worker gets of a joint job.
pub(super) struct Shard {
    pub(super) attempt: Attempt,
    rank: usize,
    task: TogetherTask,
    bytes: Vec<u8>,
    row_bytes: usize,
}

/// What workers have returned, in the order of their shards.
pub(super) struct Parts(Vec<Option<Vec<u8>>>);

impl Manager {
    /// Has a joint job done, and waits for it.
    pub(super) fn reorder_rows(&self, job: &mut dyn Joint) -> Result<(), Undone> {
        let (shared, config) = (&self.shared, &self.shared.config);
        let number = self.loops.fetch_add(1, Ordering::Relaxed);
        shared.report(Event::Reached { number, chunks: 1, kind: Kind::Joint });
        let commands = lock(&self.commands);
        let (mut done, begin) = (0, Instant::now());
        let mut running: Option<(Attempt, Vec<u32>)> = None;
        loop {
            match self.next_command(&commands)? {
                Command::AssignAll { workers, attempt, again } => {
                    if let Some(why) = again {
                        let text = format!(
                            "{}: what all workers do together is done again, by {} of each party: {why}",
                            config.me,
                            workers.len()
                        );
                        config.events.notice(&text);
                    }
                    shared.assign_shards(job, &workers, attempt);
                    running = Some((attempt, workers));
                }
                Command::Commit { attempt, .. } => {
                    // The coordinator has heard from this node that all are there.
                    let parts = lock(&shared.parts).remove(&attempt);
                    let parts = parts.into_iter().flat_map(|it| it.0).flatten();
                    job.accept(&parts.collect::<Vec<_>>()).map_err(Undone::Run)?;
                    done += 1;
                }
                // What has come back of an attempt that is given up.
                Command::Fence { worker, .. } => {
                    if let Some((attempt, _)) = running.take_if(|it| it.1.contains(&worker)) {
                        lock(&shared.parts).remove(&attempt);
                    }
                }
                Command::Compute { chunk, why } => {
                    let text =
                        format!("{}: the main nodes reorder rows themselves: {why}", config.me);
                    config.events.notice(&text);
                    job.compute().map_err(Undone::Run)?;
                    shared.report(Event::Computed { chunk });
                    done += 1;
                }
                Command::Finish { number: finished } => {
                    debug_assert_eq!(finished, number, "jobs end in their order");
                    return Ok(());
                }
                Command::Fail { loss } => return Err(undone(Error::Worker { loss: loss.into() })),
                // Of a loop before.
                Command::Discard { attempt } => {
                    lock(&shared.results).remove(&attempt);
                }
                Command::Assign { .. } | Command::Form { .. } | Command::Note { .. } => {}
            }
            let workers = lock(&shared.workers).len();
            let phase =
                Phase::distributing(done, 1, workers, shared.bytes_moved(), begin.elapsed());
            config.events.progress(&phase);
        }
    }
}

impl Shared {
    /// Sends each worker its shard. If one of them is gone, which has been reported, nobody gets any.
    fn assign_shards(&self, job: &dyn Joint, workers: &[u32], attempt: Attempt) {
        let places = workers.iter().map(|it| Some((*it, self.meeting_place(*it)?)));
        let Some(members) = places.collect::<Option<Vec<_>>>() else { return };
        let (what, row_bytes) = (job.job(), job.row_bytes());
        let keys = what.keys.iter().map(|(column, bits)| (*column as u64, *bits)).collect();
        let (rows, columns) = (what.rows as u64, what.columns as u64);
        let task = TogetherTask { attempt: attempt.0, members, rows, columns, keys };
        lock(&self.parts).insert(attempt, Parts(vec![None; workers.len()]));
        for (rank, worker) in workers.iter().enumerate() {
            let part = Shards::part(what.rows, workers.len(), rank);
            let mut bytes = Vec::with_capacity(part.len() * row_bytes);
            job.shard(part, &mut bytes);
            let shard = Shard { attempt, rank, task: task.clone(), bytes, row_bytes };
            self.order(*worker, Order::Join(shard));
        }
    }

    /// Has a worker work at its shard, and waits for what it returns: any number of the rows.
    pub(super) fn carry_out_shard(
        &self,
        link: &mut Link,
        lane: Option<&Lane>,
        worker: u32,
        shard: Shard,
    ) -> Result<Outcome, Loss> {
        let Shard { attempt, rank, task, bytes, row_bytes } = shard;
        let most = task.rows.saturating_mul(row_bytes as u64);
        let sent = bytes.len() as u64;
        let task = ToWorker::Together { task, bytes: sent };
        let (bytes, figures, begin) = self.have_done(link, lane, &task, bytes)?;
        if bytes > most || bytes > 0 && bytes % row_bytes as u64 != 0 {
            return Err(Loss::Gone(format!("it returns {bytes} bytes of at most {most}")));
        }
        let length = usize::try_from(bytes).expect("all rows are in memory");
        let rows = follows(link, bytes, length, self.config.io_timeout)
            .map_err(|error| Loss::Gone(error.to_string()))?;
        part(lane, "receiving", begin, bytes);
        self.count(worker, sent, bytes, figures);
        // Nobody waits for what is left of an attempt that was given up.
        let mut parts = lock(&self.parts);
        let Some(Parts(parts)) = parts.get_mut(&attempt) else {
            return Ok(Outcome::Partly);
        };
        parts[rank] = Some(rows);
        let is_whole = parts.iter().all(Option::is_some);
        Ok(if is_whole { Outcome::Done(attempt) } else { Outcome::Partly })
    }
}
