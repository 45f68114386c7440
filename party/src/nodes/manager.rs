//! A main node and its workers: it does what the coordinator has decided.
//!
//! Each worker has a thread of its own here that owns the link with it. Commands arrive on one thread, in one order;
//! those that concern chunks go on to the thread of the program, which waits in [`Manager::distribute`] and alone can
//! read and write the program's arrays.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use caucus_core::config::HostPort;
use caucus_core::ids::PartyId;
use caucus_core::net::AbortFlag;
use caucus_core::setup::{NodeArrival, NodeListener};
use caucus_core::trace::{Kind as SpanKind, Recorder, figures};
use caucus_protocols::Checked;
use caucus_vm::{ChunkName, Chunks, HostError, Joint, Undone, Workers};

use super::coordinator::{Attempt, Command, Event, Incarnation, Kind, Loss};
use super::message::Figures;
use super::together::{Parts, Shard};
use crate::error::exit;
use crate::events::{Events, Phase};
use crate::host::Error;
use crate::pulse::Pulse;
use crate::report::WorkerReport;
use crate::stalls::Stalls;
use crate::trace::thread_lane;

/// How often a waiting thread looks around.
pub(super) const STEP: Duration = Duration::from_millis(20);
/// How long a worker may take to hear that the run is over.
pub(super) const LAST_WORDS: Duration = Duration::from_secs(1);

/// What a manager must know.
pub(crate) struct ManagerConfig {
    pub(crate) me: PartyId,
    pub(crate) protocol: &'static str,
    pub(crate) session: [u8; 32],
    /// The container of the program.
    pub(crate) program: Vec<u8>,
    /// How long a worker may be silent that computes.
    pub(crate) io_timeout: Duration,
    /// Ends the waits of the program.
    pub(crate) abort: AbortFlag,
    pub(crate) events: Arc<dyn Events>,
    /// Looks at how long workers are waited for.
    pub(crate) stalls: Arc<Stalls>,
    /// How far the clock of P0's main node is from this one's.
    pub(crate) pulse: Pulse,
    /// Records what takes how long, if anybody asks for it.
    pub(crate) recorder: Option<Arc<Recorder>>,
    /// Takes reports for the coordinator.
    pub(crate) report: Box<dyn Fn(Event) + Send + Sync>,
}

/// The workers of a main node.
pub(crate) struct Manager {
    pub(super) shared: Arc<Shared>,
    /// What concerns the program's thread.
    pub(super) commands: Mutex<Receiver<Command>>,
    /// How many distributed loops and joint jobs the program has come to.
    pub(super) loops: AtomicU64,
}

pub(super) struct Shared {
    pub(super) config: ManagerConfig,
    /// What its times are counted from that are compared with those of workers.
    pub(super) zero: Instant,
    pub(super) workers: Mutex<HashMap<Incarnation, Handle>>,
    incarnations: AtomicU64,
    to_program: Mutex<Sender<Command>>,
    pub(super) results: Mutex<HashMap<Attempt, Vec<u8>>>,
    /// What has come back of joint jobs.
    pub(super) parts: Mutex<HashMap<Attempt, Parts>>,
    pub(super) figures: Mutex<BTreeMap<u32, WorkerReport>>,
    /// What the workers are told at the end.
    pub(super) ending: Mutex<Option<Ending>>,
    is_closed: AtomicBool,
}

/// How a run ended.
#[derive(Clone)]
pub(crate) enum Ending {
    Well,
    Failed(String),
}

/// The way to the thread of a worker.
pub(super) struct Handle {
    worker: u32,
    /// Where other workers of the party find it, once it is ready.
    from: IpAddr,
    pub(super) port: Option<u16>,
    orders: Sender<Order>,
    /// Ends the waits of its link.
    cut: AbortFlag,
}

pub(super) enum Order {
    Form { epoch: u64, addresses: Vec<HostPort> },
    Join(Shard),
    Assign { attempt: Attempt, name: ChunkName, inputs: Vec<u8>, result_bytes: usize },
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a worker has answered.
pub(super) enum Outcome {
    /// It is connected with its set; whether it records what takes how long.
    Ready { port: u16, traced: bool },
    /// The result of an attempt is there.
    Done(Attempt),
    /// Its part of the result of a joint attempt is there; others are missing.
    Partly,
}

/// The worker of this number. After a fence there may be two for a moment; the newer one is meant.
fn newest(workers: &HashMap<Incarnation, Handle>, worker: u32) -> Option<&Handle> {
    let found = workers.iter().filter(|(_, it)| it.worker == worker);
    found.max_by_key(|(it, _)| **it).map(|(_, handle)| handle)
}

impl Manager {
    /// Takes in workers from now on.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub(crate) fn start(config: ManagerConfig, listener: NodeListener) -> std::io::Result<Self> {
        let (to_program, commands) = channel();
        let shared = Arc::new(Shared {
            config,
            zero: Instant::now(),
            workers: Mutex::default(),
            incarnations: AtomicU64::new(0),
            to_program: Mutex::new(to_program),
            results: Mutex::default(),
            parts: Mutex::default(),
            figures: Mutex::default(),
            ending: Mutex::default(),
            is_closed: AtomicBool::new(false),
        });
        let door = Arc::clone(&shared);
        std::thread::Builder::new().name("workers".into()).spawn(move || {
            while !door.is_closed.load(Ordering::Acquire) {
                if let Some(arrival) = listener.next(STEP) {
                    Shared::take_in(&door, arrival);
                }
            }
        })?;
        Ok(Self { shared, commands: Mutex::new(commands), loops: AtomicU64::new(0) })
    }

    /// Does, or has the program's thread do, what the coordinator has decided.
    pub(crate) fn execute(&self, command: Command) {
        let shared = &self.shared;
        match command {
            Command::Form { epoch, incarnations, addresses, .. } => {
                let mine = incarnations.get(shared.config.me.index());
                if let Some(handle) =
                    mine.and_then(|it| lock(&shared.workers).get(it).map(Handle::orders))
                {
                    // A worker that is gone has been reported.
                    let _ = handle.send(Order::Form { epoch, addresses });
                }
            }
            Command::Fence { ref incarnations, ref why, worker } => {
                let mine = incarnations.get(shared.config.me.index()).copied().flatten();
                if let Some(handle) = mine.and_then(|it| lock(&shared.workers).remove(&it)) {
                    handle.cut.set(why.clone());
                }
                shared.config.events.notice(&format!(
                    "{}: {why}; the workers {worker} connect anew",
                    shared.config.me
                ));
                self.to_program(command);
            }
            Command::Note { text } => {
                shared.config.events.notice(&format!("{}: {text}", shared.config.me));
            }
            Command::Assign { .. }
            | Command::AssignAll { .. }
            | Command::Commit { .. }
            | Command::Discard { .. }
            | Command::Compute { .. }
            | Command::Finish { .. }
            | Command::Fail { .. } => self.to_program(command),
        }
    }

    fn to_program(&self, command: Command) {
        // The receiver lives as long as this does.
        let _ = lock(&self.shared.to_program).send(command);
    }

    /// Tells all workers that the run is over, and waits for a moment until they have heard it.
    pub(crate) fn close(&self, end: Ending) {
        *lock(&self.shared.ending) = Some(end);
        self.shared.is_closed.store(true, Ordering::Release);
        lock(&self.shared.workers).values().for_each(|handle| handle.cut.set("the run is over"));
        let until = Instant::now() + LAST_WORDS;
        while !lock(&self.shared.workers).is_empty() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// What each worker has done so far.
    pub(crate) fn reports(&self) -> Vec<WorkerReport> {
        lock(&self.shared.figures).values().cloned().collect()
    }
}

impl Handle {
    fn orders(&self) -> Sender<Order> {
        self.orders.clone()
    }
}

impl Workers for Manager {
    fn distribute(&self, _proof: Checked, chunks: &mut dyn Chunks) -> Result<(), Undone> {
        let config = &self.shared.config;
        let number = self.loops.fetch_add(1, Ordering::Relaxed);
        let count = chunks.count();
        let kind = if chunks.take_parts() { Kind::Parts } else { Kind::Chunks };
        self.shared.report(Event::Reached { number, chunks: count, kind });
        let commands = lock(&self.commands);
        // Which worker computes an attempt.
        let mut attempts: HashMap<Attempt, u32> = HashMap::new();
        let mut done = 0;
        let mut told = false;
        let begin = Instant::now();
        // The program's thread calls this.
        let lane = thread_lane(config.recorder.as_ref(), 0);
        let span = |what: &str, chunk: usize, begin: Instant| {
            if let Some(lane) = &lane {
                let figures = figures([("chunk", (chunk as u64).into())]);
                lane.span(SpanKind::Part, what.to_owned(), begin, figures);
            }
        };
        let mark = |what: &'static str, attempt: Attempt| {
            if let Some(lane) = &lane {
                lane.mark(what, figures([("attempt", attempt.0.into())]));
            }
        };
        loop {
            match self.next_command(&commands)? {
                Command::Assign { worker, attempt, chunk, again } => {
                    if let Some(why) = again {
                        let text = format!(
                            "{}: chunk {chunk} is computed again, by the workers {worker}: {why}",
                            config.me
                        );
                        config.events.notice(&text);
                    }
                    attempts.insert(attempt, worker);
                    let mut inputs = Vec::new();
                    let begin = Instant::now();
                    chunks.inputs(chunk, &mut inputs).map_err(Undone::Run)?;
                    span("taking inputs", chunk, begin);
                    let result_bytes = chunks.result_bytes(chunk);
                    let order =
                        Order::Assign { attempt, name: chunks.name(chunk), inputs, result_bytes };
                    self.shared.order(worker, order);
                }
                Command::Commit { attempt, chunk } => {
                    attempts.remove(&attempt);
                    let bytes = lock(&self.shared.results).remove(&attempt);
                    // The coordinator has heard from this node that it is there.
                    let bytes = bytes.unwrap_or_default();
                    let begin = Instant::now();
                    chunks.accept(chunk, &bytes).map_err(Undone::Run)?;
                    span("keeping the result", chunk, begin);
                    done += 1;
                }
                Command::Discard { attempt } => {
                    attempts.remove(&attempt);
                    mark("a result is not needed", attempt);
                    lock(&self.shared.results).remove(&attempt);
                }
                Command::Fence { worker, .. } => {
                    attempts.retain(|attempt, other| {
                        let stays = *other != worker;
                        if !stays {
                            mark("an attempt is given up", *attempt);
                            lock(&self.shared.results).remove(attempt);
                        }
                        stays
                    });
                }
                Command::Compute { chunk, why } => {
                    if !told {
                        let text = format!(
                            "{}: the main nodes compute chunks themselves: {why}",
                            config.me
                        );
                        config.events.notice(&text);
                        told = true;
                    }
                    let begin = Instant::now();
                    chunks.compute(chunk).map_err(Undone::Run)?;
                    span("computing here", chunk, begin);
                    self.shared.report(Event::Computed { chunk });
                    done += 1;
                }
                Command::Finish { number: finished } => {
                    debug_assert_eq!(finished, number, "loops end in their order");
                    return Ok(());
                }
                Command::Fail { loss } => return Err(undone(Error::Worker { loss: loss.into() })),
                Command::Form { .. } | Command::Note { .. } | Command::AssignAll { .. } => {}
            }
            let workers = lock(&self.shared.workers).len();
            let bytes = self.shared.bytes_moved();
            let phase = Phase::distributing(done, count, workers, bytes, begin.elapsed());
            config.events.progress(&phase);
        }
    }

    fn reorder(&self, _proof: Checked, job: &mut dyn Joint) -> Result<(), Undone> {
        self.reorder_rows(job)
    }
}

impl Manager {
    /// The next command for the program's thread.
    pub(super) fn next_command(&self, commands: &Receiver<Command>) -> Result<Command, Undone> {
        loop {
            match commands.recv_timeout(STEP) {
                Ok(command) => return Ok(command),
                Err(RecvTimeoutError::Timeout) => match self.shared.config.abort.cause() {
                    None => {}
                    Some(cause) => return Err(undone(Error::Aborted { cause })),
                },
                Err(RecvTimeoutError::Disconnected) => {
                    let cause = "the workers' manager has ended".to_owned();
                    return Err(undone(Error::Aborted { cause }));
                }
            }
        }
    }
}

pub(super) fn undone(error: Error) -> Undone {
    Undone::Host(HostError::from(error))
}

impl Shared {
    pub(super) fn report(&self, event: Event) {
        (self.config.report)(event);
    }

    /// Gives an order to the worker of this number; one that is gone has been reported.
    pub(super) fn order(&self, worker: u32, order: Order) {
        if let Some(handle) = newest(&lock(&self.workers), worker) {
            let _ = handle.orders.send(order);
        }
    }

    /// Where this worker waits for others of the party; none if it is gone, which has been reported.
    pub(super) fn meeting_place(&self, worker: u32) -> Option<HostPort> {
        let workers = lock(&self.workers);
        let handle = newest(&workers, worker)?;
        Some(HostPort::new(handle.from.to_string(), handle.port?))
    }

    fn take_in(this: &Arc<Self>, arrival: NodeArrival) {
        let NodeArrival { worker, address, from, mut link } = arrival;
        let incarnation = Incarnation(this.incarnations.fetch_add(1, Ordering::Relaxed));
        let worker = u32::try_from(worker.index()).expect("numbers of workers have 32 bits");
        let (orders, inbox) = channel();
        let cut = AbortFlag::new();
        link.set_abort(cut.clone());
        link.set_waiting(this.config.stalls.watch_worker());
        let handle = Handle { worker, from, port: None, orders, cut };
        lock(&this.workers).insert(incarnation, handle);
        let connection = {
            let mut figures = lock(&this.figures);
            let new = || WorkerReport::new(this.config.me, worker);
            let report = figures.entry(worker).or_insert_with(new);
            report.connections += 1;
            report.connections
        };
        let shared = Arc::clone(this);
        let thread = std::thread::Builder::new().name(format!("worker {worker}"));
        let attend = move || shared.attend(link, worker, connection, incarnation, &inbox);
        let spawned = thread.spawn(attend);
        match spawned {
            Ok(_) => this.report(Event::Arrived { worker, incarnation, address }),
            Err(error) => {
                lock(&this.workers).remove(&incarnation);
                this.config.events.notice(&format!(
                    "{}: a worker is turned away, because the system refuses a thread: {error}",
                    this.config.me
                ));
            }
        }
    }

    /// Bytes between this node and its workers, so far.
    pub(super) fn bytes_moved(&self) -> u64 {
        let figures = lock(&self.figures);
        figures.values().map(|it| it.bytes_to_worker + it.bytes_from_worker).sum()
    }

    pub(super) fn count(&self, worker: u32, sent: u64, received: u64, figures: Figures) {
        if let Some(report) = lock(&self.figures).get_mut(&worker) {
            report.chunks += 1;
            report.compute_seconds += (figures.seconds - figures.waited).max(0.0);
            report.wait_seconds += figures.waited;
            report.bytes_between_parties += figures.bytes_sent;
            report.bytes_among_workers += figures.bytes_among_workers;
            report.bytes_to_worker += sent;
            report.bytes_from_worker += received;
        }
    }
}

/// A fault of a worker that ended the run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WorkerFailure {
    text: String,
    class: i32,
}

impl WorkerFailure {
    /// The exit code that belongs to it.
    pub(crate) fn exit_code(&self) -> i32 {
        self.class
    }
}

impl std::fmt::Display for WorkerFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<Loss> for WorkerFailure {
    fn from(loss: Loss) -> Self {
        match loss {
            Loss::Gone(text) | Loss::Cut(text) => Self { text, class: exit::PEER_LOST },
            Loss::Program(text) => Self { text, class: exit::PROGRAM },
            Loss::Security(text) => Self { text, class: exit::SECURITY },
            Loss::Input(text) | Loss::Missing { why: text, .. } => {
                Self { text, class: exit::INPUT }
            }
        }
    }
}
