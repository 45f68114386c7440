//! The thread of one worker at its main node: it passes orders on and results back.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use caucus_core::net::{AbortFlag, Error as NetError, Link, Waiting};
use caucus_vm::ChunkName;

use super::coordinator::{Event, Incarnation, Loss};
use super::manager::{Ending, LAST_WORDS, Order, Outcome, STEP, Shared, lock};
use super::message::{FromWorker, ToWorker, Welcome, follows, receive, send};

/// How long something may still come from a worker that is fenced.
const LATE: Duration = Duration::from_secs(60);

/// What a worker answers. Until then it says that it lives.
pub(super) fn answer(link: &mut Link, timeout: Duration) -> Result<FromWorker, NetError> {
    loop {
        match receive(link, timeout)? {
            FromWorker::Alive => {}
            other => return Ok(other),
        }
    }
}

impl Shared {
    /// The thread of one worker.
    pub(super) fn attend(
        &self,
        mut link: Link,
        worker: u32,
        incarnation: Incarnation,
        inbox: &Receiver<Order>,
    ) {
        let loss = self.converse(&mut link, worker, incarnation, inbox);
        let was_known = lock(&self.workers).get(&incarnation).is_some();
        let ending = lock(&self.ending).clone();
        if let Some(ending) = ending {
            link.set_abort(AbortFlag::new());
            let last = match ending {
                Ending::Well => ToWorker::Bye,
                Ending::Failed(cause) => ToWorker::Abort { cause },
            };
            // One that is gone needs no goodbye.
            let _ = send(&mut link, &last, &[], LAST_WORDS);
            link.close();
        } else if was_known || loss.is_final() || matches!(loss, Loss::Missing { .. }) {
            link.cut();
            self.report(Event::Lost { worker, incarnation, loss });
        } else {
            self.drop_late(&mut link, worker);
        }
        lock(&self.workers).remove(&incarnation);
    }

    /// Ends the link with a worker that is fenced. What it still sends, because it was stopped or slow, counts for
    /// nothing; but whoever reads the log should know that it was there.
    fn drop_late(&self, link: &mut Link, worker: u32) {
        // The worker sees the goodbye and connects anew.
        link.set_abort(AbortFlag::new());
        // Nobody needs what it says.
        link.set_waiting(Waiting::new());
        link.close();
        let what = match answer(link, LATE) {
            Ok(FromWorker::Alive) => "that it lives",
            Ok(FromWorker::Ready { .. }) => "that it is ready",
            Ok(FromWorker::Done { .. }) => "the result of a chunk",
            Ok(FromWorker::Failed { .. }) => "that it has failed",
            // The rest of a message whose beginning was read before.
            Err(NetError::Malformed { .. }) => "a part of a message",
            // It has closed its side, too, or is silent.
            Err(_) => "",
        };
        link.cut();
        if !what.is_empty() {
            let me = self.config.me;
            self.config.events.notice(&format!(
                "{me}: {me}.W{worker}, which had been given up, still said {what}: dropped"
            ));
        }
    }

    /// Passes orders on and results back, until the worker is of no use any more.
    fn converse(
        &self,
        link: &mut Link,
        worker: u32,
        incarnation: Incarnation,
        inbox: &Receiver<Order>,
    ) -> Loss {
        loop {
            let order = match inbox.recv_timeout(STEP) {
                Ok(order) => order,
                Err(RecvTimeoutError::Timeout) => {
                    if link.has_left() {
                        return Loss::Gone("its process ended or the connection broke".into());
                    }
                    if lock(&self.ending).is_some() {
                        return Loss::Gone("the run is over".into());
                    }
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => return Loss::Gone("it was cut off".into()),
            };
            match self.carry_out(link, worker, order) {
                Ok(Outcome::Ready { port }) => {
                    if let Some(handle) = lock(&self.workers).get_mut(&incarnation) {
                        handle.port = Some(port);
                    }
                    self.report(Event::Ready { worker, incarnation });
                }
                Ok(Outcome::Done(attempt)) => self.report(Event::Done { attempt }),
                Ok(Outcome::Partly) => {}
                Err(loss) => return loss,
            }
        }
    }

    /// Has a worker do something and waits for the answer.
    fn carry_out(&self, link: &mut Link, worker: u32, order: Order) -> Result<Outcome, Loss> {
        let timeout = self.config.io_timeout;
        let gone = |error: NetError| Loss::Gone(error.to_string());
        match order {
            Order::Form { epoch, addresses } => {
                let config = &self.config;
                let (protocol, session) = (config.protocol.to_owned(), config.session);
                let bytes = config.program.len() as u64;
                let welcome = Welcome { protocol, session, epoch, addresses, bytes };
                send(link, &ToWorker::Welcome(welcome), &config.program, timeout).map_err(gone)?;
                match answer(link, timeout).map_err(gone)? {
                    FromWorker::Ready { port } => Ok(Outcome::Ready { port }),
                    FromWorker::Failed { loss } => Err(loss),
                    FromWorker::Done { .. } | FromWorker::Alive => {
                        Err(Loss::Gone("it answers out of turn".into()))
                    }
                }
            }
            Order::Join(shard) => self.carry_out_shard(link, worker, shard),
            Order::Assign { attempt, name, inputs, result_bytes } => {
                let ChunkName { tape, number } = name;
                let assign = ToWorker::Assign { tape, number, bytes: inputs.len() as u64 };
                send(link, &assign, &inputs, timeout).map_err(gone)?;
                let sent = inputs.len() as u64;
                drop(inputs);
                match answer(link, timeout).map_err(gone)? {
                    FromWorker::Done { bytes, figures } => {
                        let results = follows(link, bytes, result_bytes, timeout).map_err(gone)?;
                        self.count(worker, sent, bytes, figures);
                        lock(&self.results).insert(attempt, results);
                        Ok(Outcome::Done(attempt))
                    }
                    FromWorker::Failed { loss } => Err(loss),
                    FromWorker::Ready { .. } | FromWorker::Alive => {
                        Err(Loss::Gone("it answers out of turn".into()))
                    }
                }
            }
        }
    }
}
