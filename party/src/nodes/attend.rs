//! The thread of one worker at its main node: it passes orders on and results back.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use caucus_core::clock::{Comparison, Exchange};
use caucus_core::ids::NodeId;
use caucus_core::net::{AbortFlag, Error as NetError, Link, Waiting};
use caucus_core::trace::{Kind, Lane, figures};
use caucus_vm::ChunkName;

use super::coordinator::{Attempt, Event, Incarnation, Loss};
use super::manager::{Ending, LAST_WORDS, Order, Outcome, STEP, Shared, lock};
use super::message::{Figures, FromWorker, ToWorker, Welcome, follows, receive, send};

/// How long something may still come from a worker that is fenced.
const LATE: Duration = Duration::from_secs(60);
/// How often a worker is asked at first what its clock shows, and when it is asked again.
const FIRST_QUESTIONS: u32 = 8;
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// What a worker answers. Until then it says that it lives.
fn answer(link: &mut Link, timeout: Duration) -> Result<FromWorker, NetError> {
    loop {
        match receive(link, timeout)? {
            FromWorker::Alive => {}
            other => return Ok(other),
        }
    }
}

/// What follows if a worker answers something else than it must.
fn unexpected(answer: FromWorker) -> Loss {
    match answer {
        FromWorker::Failed { loss } => loss,
        FromWorker::Alive
        | FromWorker::Ready { .. }
        | FromWorker::Done { .. }
        | FromWorker::Pong { .. } => Loss::Gone("it answers out of turn".into()),
    }
}

/// Records a part of an attempt. Gives the time at which the next one begins.
pub(super) fn part(lane: Option<&Lane>, name: &'static str, begin: Instant, bytes: u64) -> Instant {
    let now = Instant::now();
    if let Some(lane) = lane {
        lane.between(Kind::Part, name, (begin, now), figures([("bytes", bytes.into())]));
    }
    now
}

/// What is known of a worker while there is a link with it.
struct Attended {
    number: u32,
    lane: Option<Lane>,
    /// How far its clock is ahead of this node's, if it wants to know.
    clock: Option<Comparison>,
    /// When it was asked last.
    asked: Instant,
}

impl Order {
    /// What it is in a trace, with its attempt if it has one.
    fn in_words(&self) -> (String, Option<Attempt>) {
        match self {
            Self::Form { epoch, .. } => (format!("connecting set {epoch}"), None),
            Self::Join(shard) => ("joint job".to_owned(), Some(shard.attempt)),
            Self::Assign { attempt, name, .. } => {
                (format!("chunk {}", name.number), Some(*attempt))
            }
        }
    }
}

/// How a loss is called in a trace: without what was lost.
fn class(loss: &Loss) -> &'static str {
    match loss {
        Loss::Gone(_) => "the worker is gone or given up",
        Loss::Cut(_) => "it has lost other workers",
        Loss::Program(_) => "the program failed",
        Loss::Security(_) => "a check failed",
        Loss::Input(_) => "inputs are wrong",
        Loss::Missing { .. } => "inputs are missing",
    }
}

impl Shared {
    /// The thread of one worker, whose number so many have had up to this one.
    pub(super) fn attend(
        &self,
        mut link: Link,
        worker: u32,
        connection: u64,
        incarnation: Incarnation,
        inbox: &Receiver<Order>,
    ) {
        // The thread of the one before may not have ended yet.
        let name = match connection {
            1 => format!("worker {worker}"),
            later => format!("worker {worker}, connection {later}"),
        };
        let lane = self.config.recorder.as_ref().map(|recorder| recorder.lane(&name));
        let mut attended = Attended { number: worker, lane, clock: None, asked: Instant::now() };
        let loss = self.converse(&mut link, &mut attended, incarnation, inbox);
        let was_known = lock(&self.workers).get(&incarnation).is_some();
        let ending = lock(&self.ending).clone();
        if let Some(ending) = ending {
            link.set_abort(AbortFlag::new());
            let last = match ending {
                Ending::Well => ToWorker::Bye,
                Ending::Failed(cause) => ToWorker::Abort { cause },
            };
            // One that is gone needs no goodbye.
            let _ = self.tell_offset(&mut link, &attended, LAST_WORDS);
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
            Ok(FromWorker::Alive | FromWorker::Pong { .. }) => "that it lives",
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
        attended: &mut Attended,
        incarnation: Incarnation,
        inbox: &Receiver<Order>,
    ) -> Loss {
        let worker = attended.number;
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
            match self.record(link, attended, order) {
                Ok(Outcome::Ready { port, traced }) => {
                    if traced {
                        attended.clock = Some(Comparison::default());
                        if let Err(loss) = self.compare_clocks(link, attended, FIRST_QUESTIONS) {
                            return loss;
                        }
                    }
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

    /// Asks a worker what its clock shows, so many times, and tells it how far that is from P0's.
    fn compare_clocks(
        &self,
        link: &mut Link,
        attended: &mut Attended,
        times: u32,
    ) -> Result<(), Loss> {
        let timeout = self.config.io_timeout;
        let gone = |error: NetError| Loss::Gone(error.to_string());
        let Some(comparison) = &mut attended.clock else { return Ok(()) };
        for _ in 0..times {
            let sent = self.nanos();
            send(link, &ToWorker::Ping, &[], timeout).map_err(gone)?;
            let (received, replied) = match answer(link, timeout).map_err(gone)? {
                FromWorker::Pong { received, replied } => (received, replied),
                other => return Err(unexpected(other)),
            };
            comparison.add(Exchange { sent, received, replied, returned: self.nanos() });
        }
        attended.asked = Instant::now();
        self.tell_offset(link, attended, timeout).map_err(gone)
    }

    /// Tells a worker how far its clock is from that of P0's main node, as far as this is known.
    fn tell_offset(
        &self,
        link: &mut Link,
        attended: &Attended,
        timeout: Duration,
    ) -> Result<(), NetError> {
        let Some(theirs) = attended.clock.and_then(|it| it.offset(self.nanos())) else {
            return Ok(());
        };
        let me = NodeId::main(self.config.me);
        let Some(mine) = self.config.pulse.to_first(me, self.zero) else { return Ok(()) };
        send(link, &ToWorker::Clock(theirs.back().then(mine)), &[], timeout)
    }

    fn nanos(&self) -> u64 {
        u64::try_from(self.zero.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// Has a worker do something, and records it, also if the worker is lost before it begins.
    fn record(
        &self,
        link: &mut Link,
        attended: &mut Attended,
        order: Order,
    ) -> Result<Outcome, Loss> {
        let (begin, (name, attempt)) = (Instant::now(), order.in_words());
        let is_due = attended.clock.is_some() && attended.asked.elapsed() >= ASK_AGAIN;
        let compared = if is_due { self.compare_clocks(link, attended, 1) } else { Ok(()) };
        let lane = attended.lane.as_ref();
        let res = compared.and_then(|()| self.carry_out(link, lane, attended.number, order));
        if let Some(lane) = lane {
            let mut known = figures([("set", u64::from(attended.number).into())]);
            known.extend(attempt.map(|attempt| ("attempt".into(), attempt.0.into())));
            known.extend(res.as_ref().err().map(|loss| ("lost".into(), class(loss).into())));
            lane.span(Kind::Part, name, begin, known);
        }
        res
    }

    /// Has a worker do a task with this data, and waits until it has. Gives the bytes of the result, which follow, the
    /// figures, and when it answered.
    pub(super) fn have_done(
        &self,
        link: &mut Link,
        lane: Option<&Lane>,
        task: &ToWorker,
        data: Vec<u8>,
    ) -> Result<(u64, Figures, Instant), Loss> {
        let (begin, timeout) = (Instant::now(), self.config.io_timeout);
        let gone = |error: NetError| Loss::Gone(error.to_string());
        send(link, task, &data, timeout).map_err(gone)?;
        let begin = part(lane, "sending", begin, data.len() as u64);
        drop(data);
        let answer = answer(link, timeout).map_err(gone)?;
        let begin = part(lane, "waiting", begin, 0);
        match answer {
            FromWorker::Done { bytes, figures } => Ok((bytes, figures, begin)),
            other => Err(unexpected(other)),
        }
    }

    /// Has a worker do something and waits for the answer.
    fn carry_out(
        &self,
        link: &mut Link,
        lane: Option<&Lane>,
        worker: u32,
        order: Order,
    ) -> Result<Outcome, Loss> {
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
                    FromWorker::Ready { port, traced } => Ok(Outcome::Ready { port, traced }),
                    other => Err(unexpected(other)),
                }
            }
            Order::Join(shard) => self.carry_out_shard(link, lane, worker, shard),
            Order::Assign { attempt, name, inputs, result_bytes } => {
                let ChunkName { tape, number } = name;
                let sent = inputs.len() as u64;
                let assign = ToWorker::Assign { tape, number, attempt: attempt.0, bytes: sent };
                let (bytes, figures, begin) = self.have_done(link, lane, &assign, inputs)?;
                let results = follows(link, bytes, result_bytes, timeout).map_err(gone)?;
                part(lane, "receiving", begin, bytes);
                self.count(worker, sent, bytes, figures);
                lock(&self.results).insert(attempt, results);
                Ok(Outcome::Done(attempt))
            }
        }
    }
}
