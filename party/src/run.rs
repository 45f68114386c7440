//! A run, from the program to the report.
//!
//! What needs nobody else comes first: verifying, reading inputs. Then all parties connect and compare what
//! they are about to do, and only then is the type of the protocol picked and the program run. A failure of one
//! party is told to all, with its root cause.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use caucus_bytecode::{Program, verify};
use caucus_core::clock::Offset;
use caucus_core::ids::{NodeId, PartyId};
use caucus_core::net::{AbortFlag, Net};
use caucus_core::random::Seed;
use caucus_core::setup::NodeListener;
use caucus_core::trace::Recorder;
use caucus_protocols::{Protocol, SessionId};
use caucus_vm::{Machine, Outcome, Places, ThreadSetup};

use crate::checkpoint::{CheckpointStore, Checkpointing, Task};
use crate::config::Config;
use crate::error::Error;
use crate::events::{Events, Phase, ToldFirst};
use crate::host::{Ports, PortsConfig, ProgramHost, Sockets};
use crate::inputs::{Asked, BinaryFiles, InputError, Parts, PublicInputs, Streams};
use crate::nodes::{Ending, ManagerConfig, Office, OfficeConfig, OfficeMeans};
use crate::outputs::BinaryOutputs;
use crate::peers::{Peers, connect};
use crate::periodic::Periodic;
use crate::pulse::Pulse;
use crate::registry::{self, WithProtocol};
use crate::report::{self, Report, ThreadReport, TimerReport, hex};
use crate::stalls::Stalls;
use crate::storage::{Place, ShareStore};
use crate::trace::{Trace, thread_lane};

/// How long a node whose connection broke waits to be told the cause.
const CAUSE_PATIENCE: Duration = Duration::from_secs(4);
/// How many parties one process plays at least: what most protocols take, so that programs run in both.
const SIMULATED_PARTIES: usize = 3;
/// How often flags are looked at.
const FLAG_STEP: Duration = Duration::from_millis(20);
/// How often the connections with workers and main nodes are looked at.
const WATCH_STEP: Duration = Duration::from_millis(500);

/// Runs a program with the other parties and gives its figures.
///
/// What the program prints goes to `events`. A failure is told to the other parties before this returns.
///
/// # Errors
/// Anything that keeps the program from a success at all parties; see [`Error::exit_code`].
pub fn run(mut config: Config, mut events: Arc<dyn Events>) -> Result<Report, Error> {
    let trace = config.trace.take().map(|pattern| Arc::new(Trace::new(config.me, pattern)));
    if let Some(trace) = &trace {
        events = trace.phases_of(events);
    }
    let (me, pulse) = (config.me, Pulse::default());
    let alone = config.protocol.is_simulated().then(Offset::default);
    let res = run_watched(config, trace.as_ref(), &pulse, &events);
    pulse.close(me);
    if let Some(trace) = trace {
        trace.set_to_first(alone.or_else(|| pulse.to_first(me, trace.recorder().zero())));
        trace.write(&*events);
    }
    res
}

fn run_watched(
    mut config: Config,
    trace: Option<&Arc<Trace>>,
    pulse: &Pulse,
    events: &Arc<dyn Events>,
) -> Result<Report, Error> {
    let started = Instant::now();
    check(&config)?;
    let (me, row) = (config.me, config.protocol);
    let thread = |source| Error::Thread { me, source };
    let (data_abort, _relay) = relay(config.abort.clone()).map_err(thread)?;
    let inputs = match load(&config, &data_abort) {
        Ok(inputs) => inputs,
        Err(source) => return Err(tell(Error::Input { me, source }, config, &data_abort, events)),
    };
    let digest = inputs.1.digest();
    let connected = match row.is_simulated() {
        true => None,
        false => Some(connect(&mut config, digest, &data_abort, events)?),
    };
    let (peers, threads, office, session) = match connected {
        Some(it) => (Some(it.peers), it.threads, Some(it.office), it.session),
        None => {
            let alone = (0..config.program.max_threads()).map(|_| Net::alone()).collect();
            // What outlives the run must have a name that no other run gives it.
            let fresh = || SessionId::new(*Seed::generate().as_bytes());
            (None, alone, None, config.insecure_seed.map_or_else(fresh, SessionId::predictable))
        }
    };
    let places = Places::of(&config.program);
    let stalls = Arc::new(Stalls::new(me, places, pulse.clone(), Arc::clone(events)));
    stalls.watch_threads(threads.iter());
    if let Some(peers) = &peers {
        pulse.listen_to(peers.control());
        peers.watch(&stalls);
    }
    if let Some(trace) = trace {
        trace.set_run(session.as_bytes(), &config.program.name);
    }
    let recorder = trace.map(|trace| trace.recorder());
    let watching = Watching { stalls: &stalls, pulse, recorder };
    let opened = open_office(&mut config, office, &session, &watching, &data_abort, events);
    let office = match opened {
        Ok(office) => office,
        Err(error) => {
            return Err(match peers {
                Some(peers) => fail(error, peers, &config.abort),
                None => error,
            });
        }
    };
    let host = Arc::new(host(&config, inputs, office, &session, &data_abort, events));
    let watch = watch(&host, &stalls, &config.abort).map_err(thread)?;
    let setup_seconds = started.elapsed().as_secs_f64();
    events.progress(&Phase::Running);
    let execute = Execute {
        me,
        program: &config.program,
        threads,
        recorder,
        session,
        host: Arc::clone(&host),
        abort: data_abort.clone(),
    };
    let res = match registry::dispatch(row, config.program.ring_bits, execute) {
        Some(res) => res,
        None => Err(Error::ring(me, row, &config.program)),
    };
    let res = match res {
        Ok(outcome) => finish(&config, outcome, peers, &host, events, setup_seconds),
        Err(error) => Err(match peers {
            Some(peers) => fail(error, peers, &config.abort),
            None => error,
        }),
    };
    drop(watch);
    // What has been told of is over, also if that was a moment ago.
    stalls.look();
    // The control plane ends here, with its links.
    pulse.close(me);
    if let Some(office) = &host.office {
        office.close(match &res {
            Ok(_) => Ending::Well,
            Err(error) => Ending::Failed(error.for_peers()),
        });
    }
    // After the other parties have been told, so that a broken connection is nowhere taken for the cause.
    host.ports.close();
    match &res {
        Ok(_) => host.sockets.close_all(),
        Err(_) => host.sockets.cut_all(),
    }
    res
}

/// What looks at a run.
struct Watching<'a> {
    stalls: &'a Arc<Stalls>,
    pulse: &'a Pulse,
    recorder: Option<&'a Arc<Recorder>>,
}

/// Takes in workers, if there are to be any.
fn open_office(
    config: &mut Config,
    means: Option<OfficeMeans>,
    session: &SessionId,
    watching: &Watching<'_>,
    abort: &AbortFlag,
    events: &Arc<dyn Events>,
) -> Result<Option<Office>, Error> {
    let (Some(workers), Some(OfficeMeans { identity, trust, links })) =
        (config.workers.take(), means)
    else {
        return Ok(None);
    };
    let me = config.me;
    let refused = Arc::clone(events);
    let refused = Arc::new(move |text: String| refused.notice(&text));
    let listener = NodeListener::start(workers.listener, identity, trust, refused);
    let listener = listener.map_err(|source| Error::Setup { me, source: Box::new(source) })?;
    let manager = ManagerConfig {
        me: me.party,
        protocol: config.protocol.name,
        session: *session.as_bytes(),
        program: config.program.to_bytes(),
        io_timeout: config.io_timeout,
        abort: abort.clone(),
        events: Arc::clone(events),
        stalls: Arc::clone(watching.stalls),
        pulse: watching.pulse.clone(),
        recorder: watching.recorder.cloned(),
        report: Box::new(|_| {}),
    };
    let office = OfficeConfig {
        n_parties: config.n_parties,
        expected: workers.expected,
        patience: workers.patience,
        manager,
    };
    let opened = Office::open(office, listener, links);
    opened.map(Some).map_err(|source| Error::Thread { me, source })
}

/// Private inputs of text files, public inputs, and private inputs in parts.
type Loaded = (Streams, PublicInputs, Parts);

/// Reads the inputs that are read before anybody connects.
fn load(config: &Config, abort: &AbortFlag) -> Result<Loaded, InputError> {
    let program = &config.program;
    let players = input_players(config);
    let private = Streams::load(config.inputs.clone(), &players, program)?;
    let public = PublicInputs::load(&config.folders.public_inputs, program)?;
    Ok((private, public, Parts::open(&config.inputs, &players, program, abort.clone())?))
}

/// Connects only to tell the other parties why this one does not take part: else they would wait for it in vain.
fn tell(
    error: Error,
    mut config: Config,
    data_abort: &AbortFlag,
    events: &Arc<dyn Events>,
) -> Error {
    if config.protocol.is_simulated() {
        return error;
    }
    // Whoever reads this node's messages need not wait for the others.
    let events: Arc<dyn Events> = Arc::new(ToldFirst::new(error.to_string(), Arc::clone(events)));
    if let Ok(connected) = connect(&mut config, None, data_abort, &events) {
        connected.peers.control().abort(&error.for_peers());
    }
    error
}

fn check(config: &Config) -> Result<(), Error> {
    let Config { me, n_parties, protocol: row, program, .. } = config;
    let (me, n_parties) = (*me, *n_parties);
    verify(program).map_err(|source| {
        let program = program.name.clone();
        Error::Program { me, program, source }
    })?;
    if !row.ring_bits().contains(&program.ring_bits) {
        return Err(Error::ring(me, row, program));
    }
    if !row.accepts_parties(n_parties) {
        let (protocol, expected) = (row.name, row.parties);
        return Err(Error::NumberOfParties { me, protocol, expected, found: n_parties });
    }
    if me.party.index() >= n_parties {
        return Err(Error::NoSuchParty { me, n_parties });
    }
    Ok(())
}

/// The parties whose private inputs this process gives.
fn input_players(config: &Config) -> Vec<PartyId> {
    if !config.protocol.is_simulated() {
        return vec![config.me.party];
    }
    (0..=u8::MAX).take(n_parties(config)).map(PartyId::new).collect()
}

/// How many parties the program sees.
fn n_parties(config: &Config) -> usize {
    if !config.protocol.is_simulated() {
        return config.n_parties;
    }
    let named = config.program.inputs.iter().map(|count| count.player as usize + 1);
    named.max().unwrap_or(0).max(config.n_parties).max(SIMULATED_PARTIES)
}

fn host(
    config: &Config,
    (inputs, public_inputs, parts): Loaded,
    office: Option<Office>,
    session: &SessionId,
    abort: &AbortFlag,
    events: &Arc<dyn Events>,
) -> ProgramHost {
    let simulated = config.protocol.is_simulated();
    let me = if simulated { NodeId::main(PartyId::new(0)) } else { config.me };
    let ports = Ports::new(PortsConfig {
        me,
        n_parties: if simulated { 1 } else { config.n_parties },
        protocol: config.protocol.name,
        ring_bits: config.program.ring_bits,
        certs: config.certs.clone(),
        bind: config.client_bind,
        main_host: config.main_host.clone(),
        timeout: config.connect_timeout,
        abort: abort.clone(),
        events: Arc::clone(events),
    });
    let n_parties = n_parties(config);
    let place = Place {
        folder: config.folders.persistence.clone(),
        me,
        simulated,
        n_parties: if simulated { 1 } else { n_parties },
        protocol: config.protocol.name,
        ring_bits: config.program.ring_bits,
        session: *session.as_bytes(),
    };
    let keeps = config.checkpoints != Checkpointing::Off;
    let checkpoints = keeps.then(|| {
        let (args, public_inputs) = (config.args.clone(), public_inputs.digest());
        let task = Task::new(&place, &config.program, args, public_inputs);
        CheckpointStore::new(place.clone(), task, config.checkpoints == Checkpointing::Resume)
    });
    let shares = ShareStore::new(place, keeps);
    ProgramHost {
        me: me.party,
        simulated,
        n_parties,
        threshold: config.protocol.threshold(n_parties),
        inputs,
        parts,
        asked: config.inputs.interactive.then(Asked::default),
        office,
        binary_inputs: BinaryFiles::new(config.inputs.clone()),
        public_inputs,
        binary_outputs: BinaryOutputs::beside(
            &config.inputs.prefix,
            &input_players(config),
            &config.program,
        ),
        args: config.args.clone(),
        shares,
        checkpoints,
        sockets: Arc::new(Sockets::new(config.io_timeout, abort.clone())),
        ports,
        events: Arc::clone(events),
    }
}

/// Everything that runs once the type of the protocol is known.
struct Execute<'a> {
    me: NodeId,
    program: &'a Program,
    threads: Vec<Net>,
    recorder: Option<&'a Arc<Recorder>>,
    session: SessionId,
    host: Arc<ProgramHost>,
    abort: AbortFlag,
}

impl WithProtocol for Execute<'_> {
    type Output = Result<Outcome, Error>;

    fn call<P: Protocol + 'static>(self) -> Result<Outcome, Error> {
        let Self { me, program, mut threads, recorder, session, host, abort } = self;
        let run = || {
            let main = threads.first_mut().expect("there is a main thread");
            let protocol =
                P::setup(main, &session).map_err(|source| Error::Protocol { me, source })?;
            let setup = |(thread, net)| ThreadSetup { net, lane: thread_lane(recorder, thread) };
            let threads = threads.into_iter().enumerate().map(setup).collect();
            Machine::<P>::run(program, threads, protocol, &*host, abort)
                .map_err(|source| Error::Runtime { me, source: Box::new(source) })
        };
        // Whatever a panic leaves half done is not used any more.
        catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            Err(Error::Bug { me, what: text.unwrap_or("panic").to_owned() })
        })
    }
}

/// Adds up the figures of all parties and says goodbye.
fn finish(
    config: &Config,
    outcome: Outcome,
    peers: Option<Peers>,
    host: &ProgramHost,
    events: &Arc<dyn Events>,
    setup_seconds: f64,
) -> Result<Report, Error> {
    events.progress(&Phase::Finishing);
    let me = config.me;
    let bytes_sent = outcome.statistics.iter().map(|thread| thread.bytes_sent()).sum();
    let bytes_global = match peers {
        None => bytes_sent,
        Some(mut peers) => match peers.succeed(bytes_sent) {
            Ok(Some(total)) => {
                peers.control().bye();
                total
            }
            // Somebody else failed and will tell why.
            Ok(None) => {
                let cause = wait_for_cause(&config.abort);
                let cause = cause.unwrap_or_else(|| "another party failed".to_owned());
                return Err(fail(Error::Aborted { me, cause }, peers, &config.abort));
            }
            Err(source) => return Err(fail(Error::Finish { me, source }, peers, &config.abort)),
        },
    };
    host.end_checkpoints();
    let threads = outcome.statistics.iter().enumerate();
    Ok(Report {
        party: me.party,
        node: me,
        parties: n_parties(config),
        protocol: config.protocol.name,
        ring_bits: config.program.ring_bits,
        program: config.program.name.clone(),
        hash: hex(&config.program.hash()),
        seconds: outcome.elapsed.as_secs_f64(),
        setup_seconds,
        rounds: outcome.rounds,
        bytes_sent,
        bytes_global,
        peak_memory_bytes: report::peak_memory_bytes(),
        threads: threads.map(|(thread, stats)| ThreadReport::new(thread, stats)).collect(),
        sockets: host.sockets.reports(),
        workers: host.office.as_ref().map(Office::reports).unwrap_or_default(),
        timers: outcome.timers.iter().map(TimerReport::new).collect(),
    })
}

/// Tells the other parties, and finds out whether the cause lies elsewhere.
fn fail(error: Error, mut peers: Peers, abort: &AbortFlag) -> Error {
    let me = error.me();
    if error.is_consequence() {
        if let Some(cause) = wait_for_cause(abort) {
            peers.control().abort(&cause);
            return Error::Aborted { me, cause };
        }
    } else if error.is_of_program() && !abort.is_set() && peers.fail_together() {
        // All parties have seen it themselves.
        peers.control().bye();
        return error;
    }
    peers.control().abort(&error.for_peers());
    error
}

/// The cause of a broken connection, which may arrive after the connection broke.
fn wait_for_cause(abort: &AbortFlag) -> Option<String> {
    let deadline = Instant::now() + CAUSE_PATIENCE;
    while !abort.is_set() && Instant::now() < deadline {
        std::thread::sleep(FLAG_STEP);
    }
    abort.cause()
}

/// Passes the flag of the control plane on to the data plane, and gives the latter.
///
/// They are two because the machine sets that of the data plane, too, when one of its threads fails: what the other
/// parties are told is decided here and not there.
fn relay(control: AbortFlag) -> std::io::Result<(AbortFlag, Periodic)> {
    let data = AbortFlag::new();
    let flag = data.clone();
    let pass_on = move || match control.cause() {
        Some(cause) => {
            flag.set(cause);
            ControlFlow::Break(())
        }
        None => ControlFlow::Continue(()),
    };
    Ok((data, Periodic::start("abort", FLAG_STEP, pass_on)?))
}

/// Ends the run when a worker or main node that the program is connected with dies, even if the program does not need
/// it for a long time. Tells of waits that last too long.
fn watch(
    host: &Arc<ProgramHost>,
    stalls: &Arc<Stalls>,
    abort: &AbortFlag,
) -> std::io::Result<Periodic> {
    let (host, stalls, abort) = (Arc::clone(host), Arc::clone(stalls), abort.clone());
    let look = move || {
        stalls.look();
        match host.sockets.cut() {
            Some(peer) => {
                abort.set(format!("{peer} was lost: its process ended or the connection broke"));
                ControlFlow::Break(())
            }
            None => ControlFlow::Continue(()),
        }
    };
    Periodic::start("watch", WATCH_STEP, look)
}
