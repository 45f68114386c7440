//! A worker: it comes without a program, is told what to compute, and serves run after run.

use std::net::TcpListener;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use caucus_bytecode::{Program, program, verify};
use caucus_core::config::HostPort;
use caucus_core::identity::{Identity, Trust};
use caucus_core::ids::{NodeId, Role};
use caucus_core::net::{AbortFlag, Error as NetError, Link, Net};
use caucus_core::setup::{self, Mesh, MeshConfig, NodeDial, Progress, connect_main};
use caucus_core::trace::{Kind as SpanKind, figures};
use caucus_protocols::{Protocol, SessionId};
use caucus_vm::{Kind, Machine, Places, RuntimeError, ThreadSetup, chunk_bytes};
use sha2::{Digest, Sha256};

use super::coordinator::Loss;
use super::host::WorkerHost;
use super::message::{FromWorker, ToWorker, Welcome, follows, receive, send};
use super::partners::Partners;
use super::source::{IDLE_LIMIT, Main, Source, WorkerSpans, lock, main_is_gone};
use crate::error::Error;
use crate::events::{Events, Phase};
use crate::host::Error as HostFailure;
use crate::inputs::{InputError, Inputs, Parts};
use crate::periodic::Periodic;
use crate::pulse::Pulse;
use crate::registry::{self, WithProtocol};
use crate::stalls::Stalls;
use crate::trace::{Trace, thread_lane};

/// How long the workers of one number may take to connect with each other.
const SET_LIMIT: Duration = Duration::from_secs(15);
/// How long a worker that serves one run tries to find its main node again.
const RETURN_LIMIT: Duration = Duration::from_millis(1000);
/// How often the link with the main node is looked at while something else is done.
const WATCH_STEP: Duration = Duration::from_millis(200);
/// How often the main node hears from a worker that it waits for, and how long it may take until the system has that.
const HEARTBEAT: Duration = Duration::from_secs(1);
const HEARTBEAT_LIMIT: Duration = Duration::from_secs(10);

/// What a worker must know.
pub struct WorkerConfig {
    /// This worker.
    pub me: NodeId,
    /// Where its main node takes in workers.
    pub main: HostPort,
    /// Where the workers of its number of the other parties connect to.
    pub listener: TcpListener,
    /// The host at which they find it; if none, the address from which it connects to its main node.
    pub host: Option<String>,
    /// How many parties there are.
    pub n_parties: usize,
    /// Directory of identities.
    pub certs: PathBuf,
    /// Where the parts of the party's private inputs are that this worker has.
    pub inputs: Inputs,
    /// Where to write what took how long in a run, if that is to be recorded; see [`crate::Config`]. Of several runs
    /// that it serves the last one stays, unless `{run}` is in the name.
    pub trace: Option<PathBuf>,
    /// Whether it ends with the first run that it has served.
    pub once: bool,
    /// How long to wait for the main node, if `once`; else it waits for ever.
    pub connect_timeout: Duration,
    /// How long a peer that is there may be silent.
    pub io_timeout: Duration,
    /// Ends the worker.
    pub abort: AbortFlag,
}

/// How serving a run ended.
enum Served {
    /// The main node needs nothing more.
    Well,
    /// Another node failed, and with it the run.
    Failed(String),
    /// This worker was cut off, or its set was: it connects anew.
    Dissolved(String),
    /// The main node left before it had anything to do.
    Idle(String),
}

/// Serves until the worker is told to end.
///
/// # Errors
/// The identity cannot be used; and, if it serves one run: the main node cannot be found, or the run failed.
pub fn serve(config: WorkerConfig, events: Arc<dyn Events>) -> Result<(), Error> {
    let me = config.me;
    let identity = |source| Error::Identity { me, source: Box::new(source) };
    let own = Arc::new(Identity::load(&config.certs, me).map_err(identity)?);
    let trust = Arc::new(Trust::load(&config.certs, config.n_parties).map_err(identity)?);
    own.warnings().iter().chain(trust.warnings()).for_each(|warning| events.notice(warning));
    let trace = Mutex::default();
    let worker = Worker { config, identity: own, trust, events, trace };
    let mut patience = worker.config.connect_timeout;
    let mut was_cut = None;
    loop {
        let link = match worker.find_main(patience) {
            Ok(link) => link,
            Err(error) => match was_cut {
                // What follows from the loss of the main node must not hide it.
                Some(cause) => return Err(Error::Aborted { me, cause }),
                None => return Err(error),
            },
        };
        let once = worker.config.once;
        match worker.serve_run(link)? {
            Served::Well if once => return Ok(()),
            Served::Failed(cause) if once => return Err(Error::Aborted { me, cause }),
            Served::Well => worker.notice("has served a run"),
            Served::Failed(cause) => worker.notice(&format!("a run has failed: {cause}")),
            Served::Dissolved(why) => {
                worker.notice(&format!("connects anew: {why}"));
                was_cut = once.then_some(why);
            }
            Served::Idle(why) => was_cut = once.then_some(why),
        }
        if was_cut.is_some() {
            patience = RETURN_LIMIT;
        }
    }
}

pub(super) struct Worker {
    pub(super) config: WorkerConfig,
    pub(super) identity: Arc<Identity>,
    pub(super) trust: Arc<Trust>,
    pub(super) events: Arc<dyn Events>,
    /// That of the last run, which goes on if this worker comes back to it.
    pub(super) trace: Mutex<Option<Arc<Trace>>>,
}

impl Worker {
    fn notice(&self, text: &str) {
        self.events.notice(&format!("{} {text}", self.config.me));
    }

    fn find_main(&self, patience: Duration) -> Result<Link, Error> {
        let me = self.config.me;
        let port = self.config.listener.local_addr().map(|it| it.port());
        let port = port.map_err(|source| Error::Listen { me, port: 0, source })?;
        let show = |progress: &Progress| {
            if let Progress::Retrying { address, waited, last_error, .. } = progress {
                let (address, last_error) = (address.clone(), last_error.clone());
                self.events.progress(&Phase::ConnectingToMain {
                    address,
                    waited: *waited,
                    last_error,
                });
            }
        };
        let dial = NodeDial {
            identity: Arc::clone(&self.identity),
            trust: Arc::clone(&self.trust),
            address: self.config.main.clone(),
            host: self.config.host.clone(),
            port,
            deadline: if self.config.once { patience } else { IDLE_LIMIT },
        };
        connect_main(dial, &self.config.abort, show).map_err(|source| match source {
            setup::Error::Aborted { cause } => Error::Aborted { me, cause },
            source => Error::Setup { me, source: Box::new(source) },
        })
    }

    /// Serves over one link with the main node.
    fn serve_run(&self, mut link: Link) -> Result<Served, Error> {
        self.events.progress(&Phase::WaitingForWork);
        let first = receive::<ToWorker>(&mut link, IDLE_LIMIT);
        let welcome = match first {
            Ok(ToWorker::Welcome(welcome)) => welcome,
            Ok(ToWorker::Bye) => return Ok(Served::Well),
            Ok(ToWorker::Abort { cause }) => return Ok(Served::Failed(cause)),
            Ok(_) => {
                return Ok(Served::Dissolved("work came before a program".into()));
            }
            Err(error) => return self.lost(&error).map(|_| Served::Idle(main_is_gone(&error))),
        };
        let program = match self.take_program(&mut link, &welcome) {
            Ok(program) => program,
            Err(Refused::Link(error)) => return self.lost(&error),
            Err(Refused::Program(why)) => {
                let loss = Loss::Program(format!("{}: {why}", self.config.me));
                // If that cannot be said, the main node knows already that this end is lost.
                let _ = send(&mut link, &FromWorker::Failed { loss }, &[], SET_LIMIT);
                return Ok(Served::Failed(why));
            }
        };
        let trace = self.trace(&welcome, &program);
        let trace = trace.as_deref();
        let row = registry::lookup(&welcome.protocol).ok();
        let serving = Serving { worker: self, welcome: &welcome, program: &program, trace, link };
        let served = row.and_then(|row| registry::dispatch(row, program.ring_bits, serving));
        if let Some(trace) = trace {
            trace.write(&*self.events);
        }
        match served {
            Some(served) => Ok(served),
            None => Ok(Served::Failed(format!(
                "the main node uses the protocol `{}` with {} bits, which this version does not have",
                welcome.protocol, program.ring_bits
            ))),
        }
    }

    /// What records this run, if anything does: it goes on where it was when this worker was cut off.
    fn trace(&self, welcome: &Welcome, program: &Program) -> Option<Arc<Trace>> {
        let pattern = self.config.trace.as_ref()?;
        let mut kept = self.trace.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(trace) = kept.as_ref().filter(|trace| trace.is_of(&welcome.session)) {
            return Some(Arc::clone(trace));
        }
        let trace = Arc::new(Trace::new(self.config.me, pattern.clone()));
        trace.set_run(&welcome.session, &program.name);
        *kept = Some(Arc::clone(&trace));
        Some(trace)
    }

    /// The main node, or the connection with it, is gone.
    fn lost(&self, error: &NetError) -> Result<Served, Error> {
        match self.config.abort.cause() {
            Some(cause) => Err(Error::Aborted { me: self.config.me, cause }),
            None => Ok(Served::Dissolved(main_is_gone(error))),
        }
    }

    fn take_program(&self, link: &mut Link, welcome: &Welcome) -> Result<Program, Refused> {
        let refused = |why: String| Refused::Program(format!("the program cannot run here: {why}"));
        let length = usize::try_from(welcome.bytes).ok().filter(|it| *it <= program::MAX_BYTES);
        let Some(length) = length else {
            return Err(refused(format!("it has {} bytes", welcome.bytes)));
        };
        let bytes = follows(link, welcome.bytes, length, self.config.io_timeout);
        let program = Program::from_bytes(&bytes.map_err(Refused::Link)?);
        let program = program.map_err(|error| refused(error.to_string()))?;
        verify(&program).map_err(|error| refused(error.to_string()))?;
        Ok(program)
    }
}

enum Refused {
    Link(NetError),
    Program(String),
}

/// Everything that runs once the type of the protocol is known.
struct Serving<'a> {
    worker: &'a Worker,
    welcome: &'a Welcome,
    program: &'a Program,
    trace: Option<&'a Trace>,
    link: Link,
}

impl WithProtocol for Serving<'_> {
    type Output = Served;

    fn call<P: Protocol + 'static>(self) -> Served {
        let Self { worker, welcome, program, trace, mut link } = self;
        let io_timeout = worker.config.io_timeout;
        // It ends all waits of this set, and no others.
        let abort = AbortFlag::new();
        link.set_abort(abort.clone());
        let main = Arc::new(Mutex::new(link));
        let busy = Arc::new(AtomicBool::new(true));
        let (me, events) = (worker.config.me, Arc::clone(&worker.events));
        let pulse = Pulse::default();
        let stalls = Arc::new(Stalls::new(me, Places::of(program), pulse.clone(), events));
        let begin = Instant::now();
        let watch = worker.watch(&main, &busy, &stalls, &abort);
        let set = worker.connect_set(welcome, program, &abort).and_then(|(mesh, threads)| {
            Ok((mesh, threads, Partners::wait(worker, welcome, &abort)?))
        });
        let (mesh, mut threads, partners) = match set {
            Ok(set) => set,
            Err(why) => {
                drop(watch);
                let loss = Loss::Cut(why.clone());
                let mut link = lock(&main);
                link.set_abort(AbortFlag::new());
                let _ = send(&mut link, &FromWorker::Failed { loss }, &[], SET_LIMIT);
                link.close();
                return Served::Dissolved(why);
            }
        };
        stalls.watch_threads(threads.iter().map(|thread| &thread.net));
        pulse.listen_to(mesh.control());
        let recorder = trace.map(Trace::recorder);
        for (number, thread) in threads.iter_mut().enumerate() {
            thread.lane = thread_lane(recorder, number);
        }
        if let Some(recorder) = recorder {
            let figures = figures([("epoch", welcome.epoch.into())]);
            recorder.lane("main node").span(SpanKind::Part, "connecting the set", begin, figures);
        }
        let session = session_of(welcome, worker.config.me);
        let end = (|| {
            let net = &mut threads.first_mut().expect("there is a main thread").net;
            let alone = |kind| RuntimeError { thread: 0, position: None, kind };
            let (party, n_parties) = (worker.config.me.party, worker.config.n_parties);
            let parts = Parts::open(&worker.config.inputs, &[party], program, abort.clone())
                .map_err(|error| alone(Kind::Host(HostFailure::from(error).into())))?;
            let host = WorkerHost { me: party, n_parties, parts };
            let protocol = P::setup(net, &session).and_then(|protocol| {
                net.flush()?;
                Ok(protocol)
            });
            let protocol = protocol.map_err(|error| alone(error.into()))?;
            let mut source = Source {
                main: &main,
                busy: &busy,
                expected: &|tape| chunk_bytes::<P>(program, tape).map(|(inputs, _)| inputs),
                row_bytes: &|job| job.is_in(program).then(|| job.row_bytes::<P>()),
                partners: &partners,
                io_timeout,
                spans: trace.map(|trace| WorkerSpans::new(trace, number_of(me), welcome.epoch)),
                failed: None,
            };
            let ready = FromWorker::Ready { port: partners.port(), traced: trace.is_some() };
            {
                let mut link = lock(&main);
                busy.store(false, Ordering::Release);
                send(&mut link, &ready, &[], io_timeout)
                    .map_err(|error| alone(Kind::from(error)))?;
            }
            worker.events.progress(&Phase::Running);
            let served =
                Machine::<P>::serve(program, threads, protocol, &host, abort.clone(), &mut source);
            Ok((served?, source.failed.take()))
        })();
        drop(watch);
        let mut link = lock(&main);
        link.set_abort(AbortFlag::new());
        match end {
            Ok((_, failed)) => {
                mesh.control().bye();
                link.close();
                failed.map_or(Served::Well, Served::Failed)
            }
            Err(error) => {
                let loss = loss_of(&error, worker.config.me);
                let why = match &loss {
                    // Only this party may read more.
                    Loss::Input(told) | Loss::Missing { why: told, .. } => {
                        worker.notice(&explained(&error));
                        told.clone()
                    }
                    Loss::Gone(why) | Loss::Cut(why) => why.clone(),
                    Loss::Program(_) | Loss::Security(_) => error.to_string(),
                };
                let _ = send(&mut link, &FromWorker::Failed { loss: loss.clone() }, &[], SET_LIMIT);
                link.close();
                mesh.control().abort(&format!("{} ended: {why}", worker.config.me));
                match loss {
                    Loss::Gone(_) | Loss::Cut(_) | Loss::Missing { .. } => Served::Dissolved(why),
                    Loss::Program(why) | Loss::Security(why) | Loss::Input(why) => {
                        Served::Failed(why)
                    }
                }
            }
        }
    }
}

impl Worker {
    /// Connects with the workers of the same number.
    fn connect_set(
        &self,
        welcome: &Welcome,
        program: &Program,
        abort: &AbortFlag,
    ) -> Result<(Mesh, Vec<ThreadSetup>), String> {
        let me = self.config.me;
        let proposal = session_of(welcome, me).as_bytes().to_vec();
        let refused = Arc::clone(&self.events);
        let config = MeshConfig {
            identity: Arc::clone(&self.identity),
            trust: Arc::clone(&self.trust),
            me,
            addresses: welcome.addresses.clone(),
            proposal: proposal.clone(),
            deadline: SET_LIMIT,
            on_refused: Arc::new(move |text: String| refused.notice(&text)),
        };
        let listener = self.config.listener.try_clone().map_err(|error| error.to_string())?;
        let failed = |error: setup::Error| error.to_string();
        let mesh = Mesh::connect(config, listener, abort.clone(), |_| {}).map_err(failed)?;
        if mesh.proposals().iter().any(|theirs| *theirs != proposal) {
            return Err(format!("{me} met workers of another set of its number"));
        }
        let n_threads = u32::try_from(program.max_threads()).expect("threads are few");
        let links = mesh.open_threads(0..n_threads, |_| {}).map_err(failed)?;
        let threads = links.into_iter().map(|links| {
            let mut net = Net::new(me.party, links, abort.clone());
            net.set_timeout(self.config.io_timeout);
            ThreadSetup { net, lane: None }
        });
        Ok((mesh, threads.collect()))
    }

    /// Ends the waits of the set when the main node is gone while this node computes, or the worker is to end. Tells the
    /// main node that this node lives while it is `busy`, and whoever reads the log of waits that last too long.
    fn watch(
        &self,
        main: &Main,
        busy: &Arc<AtomicBool>,
        stalls: &Arc<Stalls>,
        abort: &AbortFlag,
    ) -> Option<Periodic> {
        let (main, set, all) = (Arc::clone(main), abort.clone(), self.config.abort.clone());
        let (busy, stalls) = (Arc::clone(busy), Arc::clone(stalls));
        let mut said = Instant::now();
        let look = move || {
            stalls.look();
            let gone = match main.try_lock() {
                Ok(mut link) => {
                    let mut gone = is_over(&mut link);
                    if !gone && busy.load(Ordering::Acquire) && said.elapsed() >= HEARTBEAT {
                        said = Instant::now();
                        gone = send(&mut link, &FromWorker::Alive, &[], HEARTBEAT_LIMIT).is_err();
                    }
                    gone
                }
                Err(TryLockError::Poisoned(link)) => is_over(&mut link.into_inner()),
                // Somebody waits for it and will notice.
                Err(TryLockError::WouldBlock) => false,
            };
            if gone {
                set.set("the main node is gone or has given up this set of workers");
            }
            if let Some(cause) = all.cause() {
                set.set(cause);
            }
            if set.is_set() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        // Without the thread a lost main node is noticed when the chunk is done.
        Periodic::start("watch", WATCH_STEP, look).ok()
    }
}

/// Whether the main node is gone, or has said goodbye because it has given up this set.
fn is_over(link: &mut Link) -> bool {
    link.is_cut() || link.has_left()
}

/// The number of a worker.
fn number_of(me: NodeId) -> u64 {
    match me.role {
        Role::Main => u64::MAX,
        Role::Worker(worker) => worker.index() as u64,
    }
}

/// The name of what this set computes, which no other set and no other run has.
fn session_of(welcome: &Welcome, me: NodeId) -> SessionId {
    let number = number_of(me);
    let mut hash = Sha256::new();
    hash.update(b"caucus set of workers 1");
    hash.update(welcome.session);
    hash.update(number.to_le_bytes());
    hash.update(welcome.epoch.to_le_bytes());
    SessionId::new(hash.finalize().into())
}

/// Who is to blame for a failure, which decides whether somebody else may try.
fn loss_of(error: &RuntimeError, me: NodeId) -> Loss {
    use caucus_protocols::Error as Fault;
    let text = format!("{error} (at {me})");
    match &error.kind {
        Kind::Protocol(
            Fault::Misbehaved { .. } | Fault::Malformed { .. } | Fault::NotCanonical(_),
        )
        | Kind::Protocol(Fault::Net(NetError::Desync { .. } | NetError::Malformed { .. })) => {
            Loss::Security(text)
        }
        Kind::Host(failure) => match failure.get_ref().downcast_ref() {
            Some(HostFailure::Input(input)) => {
                let why = format!("{me}: {}", input.for_peers());
                match input {
                    InputError::Part(it) if it.interrupted().is_some() => Loss::Gone(why),
                    InputError::Part(it) if it.is_missing() => Loss::Missing { part: it.part, why },
                    _ => Loss::Input(why),
                }
            }
            Some(HostFailure::Aborted { .. }) => Loss::Cut(error.to_string()),
            _ => Loss::Gone(error.to_string()),
        },
        Kind::Protocol(Fault::Net(_)) => Loss::Cut(error.to_string()),
        Kind::Protocol(_) | Kind::OutOfMemory { .. } | Kind::Spawn { .. } | Kind::Panic { .. } => {
            Loss::Gone(error.to_string())
        }
        // Whatever else there is or comes to be lies in the program, and happens anywhere.
        _ => Loss::Program(text),
    }
}

/// What a failure to read inputs is to this party's own people.
fn explained(error: &RuntimeError) -> String {
    let found = match &error.kind {
        Kind::Host(failure) => failure.get_ref().downcast_ref(),
        _ => None,
    };
    match found {
        Some(HostFailure::Input(input)) => {
            format!("cannot go on: {error} [{}]; {}", input.code(), input.remedy())
        }
        _ => format!("cannot go on: {error}"),
    }
}
