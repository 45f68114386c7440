//! `caucus run`: one party, by itself or as a child of `compile-run`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use caucus_bytecode::Program;
use caucus_compiler::Diagnostic;
use caucus_core::config::{HostPort, default_port, default_worker_port, read_hosts};
use caucus_core::ids::{NodeId, PartyId, Role, WorkerId};
use caucus_core::net::AbortFlag;
use caucus_party::registry::Row;
use caucus_party::{
    Audience, Checkpointing, Config, Events, Folders, Inputs, Phase, Report, WorkersConfig,
};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::compile::{self, How};
use super::{compile_run, file_error};
use crate::cli::{Common, Run, compat};
use crate::failure::{Code, Failure, exit_code, failure, failure_with, with_causes};
use crate::managed::{self, Message, Outcome, Output, Task};
use crate::memory;
use crate::progress::Progress;
use crate::report;

/// How long a peer may be silent while it computes; that it is alive is known from heartbeats.
pub(super) const IO_TIMEOUT: Duration = Duration::from_secs(3600);
/// How long an interrupted run has to tell the other parties before the process ends.
pub(super) const LAST_WORDS: Duration = Duration::from_secs(1);

/// Runs one party.
pub(super) fn run(args: Run, run_options: &[String]) -> Result<()> {
    allow_many_connections();
    match &args.managed {
        Some(file) => managed_run(file),
        None => {
            memory::restart_with_settings();
            deployed_run(&args, run_options)
        }
    }
}

/// Raises the number of open files to what the system allows: threads, workers and strangers that
/// connect all take one each. The usual limit still serves small runs, so that failing is no error.
pub(super) fn allow_many_connections() {
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}

/// Who sees what the program prints at this party, and what the run tells besides.
struct Console {
    party: PartyId,
    output: Output,
    file: Option<Mutex<BufWriter<File>>>,
    /// Whether output goes to stdout, too, if there is a file.
    also_stdout: bool,
    /// `None` in a process that `compile-run` has started: its parent shows everything.
    progress: Option<Progress>,
    /// Why some of the output is lost.
    lost: Mutex<Option<std::io::Error>>,
}

impl Console {
    /// A run that goes on from a checkpoint appends to a file what it prints.
    fn new(
        party: PartyId,
        output: Output,
        appends: bool,
        progress: Option<Progress>,
    ) -> Result<Self> {
        let file = match &output {
            Output::Files(prefix) => {
                let mut name = prefix.clone().into_os_string();
                name.push(format!("-{party}-0"));
                let path = std::path::PathBuf::from(name);
                let mut options = File::options();
                options.create(true).write(true).append(appends).truncate(!appends);
                let file = options.open(&path).map_err(|error| file_error(&path, &error))?;
                Some(Mutex::new(BufWriter::new(file)))
            }
            Output::FirstParty | Output::Everywhere => None,
        };
        // Whoever has started all parties sees what P0 prints in any case.
        let also_stdout = progress.is_none() && party.index() == 0;
        Ok(Self { party, output, file, also_stdout, progress, lost: Mutex::default() })
    }

    fn write(&self, text: &str) -> std::io::Result<()> {
        if let Some(file) = &self.file {
            let mut file = lock(file);
            file.write_all(text.as_bytes())?;
            file.flush()?;
            if !self.also_stdout {
                return Ok(());
            }
        }
        let mut stdout = std::io::stdout().lock();
        stdout.write_all(text.as_bytes())?;
        stdout.flush()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Events for Console {
    fn output(&self, audience: Audience, text: &str) {
        let first = self.party.index() == 0;
        let everywhere = self.output != Output::FirstParty;
        let shown = match audience {
            Audience::Everyone => first || everywhere,
            Audience::Player(player) => player == self.party,
        };
        if !shown {
            return;
        }
        // No reason to leave the other parties alone; but this one does not end as if all were well, unless it was
        // the reader who went away.
        match self.write(text) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                lock(&self.lost).get_or_insert(error);
            }
            _ => {}
        }
    }

    fn progress(&self, phase: &Phase) {
        match &self.progress {
            Some(progress) => {
                progress.phase(
                    &self.party.to_string(),
                    &phase.to_string(),
                    &managed::fields(phase),
                );
            }
            None => managed::tell(&Message::progress(phase)),
        }
    }

    fn ask(&self, prompt: &str) -> std::io::Result<Option<String>> {
        if let Some(progress) = &self.progress {
            progress.clear();
        }
        let mut stderr = std::io::stderr().lock();
        stderr.write_all(prompt.as_bytes())?;
        stderr.flush()?;
        let mut line = String::new();
        let read = std::io::stdin().read_line(&mut line)?;
        Ok((read > 0).then_some(line))
    }

    fn notice(&self, text: &str) {
        match &self.progress {
            Some(progress) => progress.notice(&self.party.to_string(), text),
            None => managed::tell(&Message::Notice(text.to_owned())),
        }
    }
}

fn managed_run(file: &Path) -> Result<()> {
    let task: Task = managed::read(file)?;
    let abort = AbortFlag::new();
    let lost = abort.clone();
    managed::watch_parent(move || {
        lost.set("the command that started this party has ended");
        std::thread::sleep(LAST_WORDS);
        std::process::exit(Code::PeerLost as i32);
    });
    let result = managed_party(&task, abort);
    let outcome = match &result {
        Ok(report) => Outcome { report: Some(report.clone()), ..Outcome::default() },
        Err(error) => {
            let (message, details) = match error.downcast_ref::<Failure>() {
                Some(failure) => (failure.message.clone(), failure.details.clone()),
                None => (format!("{error:#}"), String::new()),
            };
            let exit_code = exit_code(error);
            Outcome { exit_code, message: Some(message), details, report: None }
        }
    };
    managed::write(&task.outcome, &outcome)?;
    // The parent shows the message.
    result.map(drop).map_err(|error| failure_with(exit_code(&error), ""))
}

fn managed_party(task: &Task, abort: AbortFlag) -> Result<serde_json::Value> {
    let mut sockets = listenfd::ListenFd::from_env();
    let mut socket = |index| {
        let taken = sockets.take_tcp_listener(index).context("the listening socket is not one")?;
        taken.context("no listening socket was handed over")
    };
    let listener = socket(0)?;
    let connect_timeout = Duration::from_secs(task.connect_timeout);
    let workers = match task.workers {
        None => None,
        Some(expected) => {
            Some(WorkersConfig { expected, listener: socket(1)?, patience: connect_timeout })
        }
    };
    let row = compile::protocol_row(&task.protocol)?;
    let peers = task.peers.iter().map(|peer| HostPort::parse(peer, 0));
    let me = NodeId::main(PartyId::new(task.party));
    let config = Config {
        me,
        n_parties: task.n_parties,
        protocol: row,
        program: compile::load(&task.bytecode)?,
        certs: task.certs.clone(),
        listener: Some(listener),
        peers: peers.collect::<Result<_, _>>().map_err(|error| failure(Code::Bug, error))?,
        client_bind: std::net::Ipv4Addr::UNSPECIFIED.into(),
        main_host: None,
        inputs: Inputs {
            prefix: task.input_prefix.clone(),
            allow_extra: task.allow_extra_inputs,
            interactive: false,
            parts: task.input_parts.clone(),
        },
        folders: Folders::default(),
        args: task.args.clone(),
        insecure_seed: task.insecure_seed,
        checkpoints: task.checkpoints,
        workers,
        trace: task.trace.clone(),
        connect_timeout,
        io_timeout: IO_TIMEOUT,
        abort,
    };
    let main = config.program.files.first().cloned();
    let appends = config.checkpoints == Checkpointing::Resume;
    let console = Console::new(me.party, task.output.clone(), appends, None)?;
    let report = execute(config, console, main)?;
    Ok(serde_json::to_value(&report)?)
}

/// Runs a node. `main` is the main program's file, if its text is certain to be what was compiled.
fn execute(config: Config, console: Console, main: Option<String>) -> Result<Report> {
    let me = config.me;
    let console = Arc::new(console);
    let report = caucus_party::run(config, Arc::clone(&console) as Arc<dyn Events>)
        .map_err(|error| explained(&error, main.as_deref()))?;
    match &*lock(&console.lost) {
        None => Ok(report),
        Some(error) => {
            let text = format!(
                "{me}: the program has ended well but its output could not be written: {error}; make room or choose \
                 another place for it, and run again"
            );
            Err(failure(Code::Resource, text))
        }
    }
}

/// The failure of a node as users see it.
pub(super) fn explained(error: &caucus_party::Error, main: Option<&str>) -> anyhow::Error {
    let code = error.code().map_or(String::new(), |code| format!(" [{code}]"));
    let place = error.place().filter(|_| main.is_some());
    let details = Diagnostic::details(place, main.unwrap_or_default(), error.remedy());
    let message = with_causes(error) + &code;
    Failure { code: error.exit_code(), message, details }.into()
}

fn deployed_run(args: &Run, run_options: &[String]) -> Result<()> {
    let progress = Progress::new(args.common.progress, args.common.quiet);
    progress.end(run_party(args, run_options, &progress))
}

fn run_party(args: &Run, run_options: &[String], progress: &Progress) -> Result<()> {
    let options = compat::run_options(run_options)?;
    let (protocol, name, rest) = compat::protocol_and_program(None, &args.words)?;
    let row = compile::protocol_row(&protocol)?;
    let inputs = compile_run::input_prefix(&options, &args.common);
    let how = How { protocol: Some(row), print_to_stderr: true };
    let (program, numbers) = program(&name, &rest, args, &inputs, how, progress)?;
    let party = PartyId::new(args.party);
    if party.index() >= row.processes() {
        let text =
            format!("there is no P{} in {}, which has {}", args.party, row.name, row.processes());
        return Err(failure(Code::Usage, text));
    }
    let me = match args.worker {
        None => NodeId::main(party),
        Some(worker) => NodeId::worker(party, WorkerId::new(worker)),
    };
    let hosts = args.hosts.as_ref().or(options.hosts.as_ref());
    let base = options.port_base.unwrap_or_else(|| default_port(PartyId::new(0)));
    let peers = match hosts {
        Some(path) => read_hosts(path, row.processes(), base)
            .map_err(|error| failure(Code::Configuration, with_causes(&error)))?,
        None if row.processes() == 1 => Vec::new(),
        None => {
            let text = "where are the other parties? List all of them, one `host[:port]` a line, in a \
                        file: --hosts FILE";
            return Err(failure(Code::Usage, text));
        }
    };
    let abort = AbortFlag::new();
    interrupt_sets(abort.clone())?;
    let config = Config {
        me,
        n_parties: compile_run::n_parties(row, &options)?,
        protocol: row,
        listener: listener(args, &peers, party)?,
        program: program.clone(),
        certs: args.common.certs.clone(),
        peers,
        client_bind: std::net::Ipv4Addr::UNSPECIFIED.into(),
        main_host: args.main.clone(),
        inputs: args.common.inputs.all(inputs, options.interactive)?,
        folders: Folders::default(),
        args: [numbers, options.args.clone()].concat(),
        insecure_seed: insecure_seed(&args.common, args.compilation.workers, progress)?,
        checkpoints: args.common.checkpoints(),
        workers: workers(args, row, me)?,
        trace: args.common.trace.clone(),
        connect_timeout: Duration::from_secs(args.common.connect_timeout),
        io_timeout: IO_TIMEOUT,
        abort,
    };
    // Bytecode may have been compiled from another text than the one that lies there now.
    let main = program.files.first().filter(|_| !name.ends_with(".cbc")).cloned();
    let (output, appends) = (compile_run::output(&options), args.common.resume);
    let console = Console::new(party, output, appends, Some(progress.clone()))?;
    finish(&execute(config, console, main)?, row, &program, args, progress)
}

/// The program to run, a bytecode file or a source that is compiled first, and the numbers that it can ask the command
/// line for: they follow a bytecode file, whose other arguments are part of it.
fn program(
    name: &str,
    rest: &[String],
    args: &Run,
    inputs: &Path,
    how: How,
    progress: &Progress,
) -> Result<(Program, Vec<i64>)> {
    let path = Path::new(name);
    if path.extension().is_none_or(|ending| ending != "cbc") {
        let program = compile::compile(name, rest, &args.compilation, inputs, how, progress)?;
        return Ok((program, Vec::new()));
    }
    let number = |word: &String| {
        word.parse().map_err(|_| {
            let text = format!(
                "{name} is compiled already: it takes no arguments any more, only numbers that it asks for while \
                 it runs, and `{word}` is none"
            );
            failure(Code::Usage, text)
        })
    };
    let numbers = rest.iter().map(number).collect::<Result<_>>()?;
    Ok((compile::load(path)?, numbers))
}

/// Where workers come in, if there are to be any.
fn workers(args: &Run, row: &Row, me: NodeId) -> Result<Option<WorkersConfig>> {
    let expected = args.compilation.workers as usize;
    if expected == 0 || row.is_simulated() || me.role != Role::Main {
        return Ok(None);
    }
    let port = default_worker_port(me.party);
    let address = match &args.listen_workers {
        Some(text) => HostPort::parse(text, port).map_err(|error| failure(Code::Usage, error))?,
        None => HostPort::new("0.0.0.0", port),
    };
    let bound = address.resolve().and_then(|all| TcpListener::bind(&all[..]));
    let listener = bound.map_err(|error| {
        let text = format!(
            "{me} cannot listen for its workers on {address}: {error}\n\
             Another program may use this port: choose another one with --listen-workers."
        );
        failure(Code::Configuration, text)
    })?;
    let patience = Duration::from_secs(args.common.connect_timeout);
    Ok(Some(WorkersConfig { expected, listener, patience }))
}

/// The seed of a run that can be repeated, which stderr warns of even if the user asked for silence.
pub(super) fn insecure_seed(
    common: &Common,
    workers: u32,
    progress: &Progress,
) -> Result<Option<u64>> {
    let Some(seed) = common.insecure_seed else { return Ok(None) };
    if workers > 0 {
        let text = "--insecure-seed is for runs without workers: which of them computes a chunk, and with it the \
                    chunk's randomness, differs from run to run";
        return Err(failure(Code::Usage, text));
    }
    progress.line(&format!(
        "caucus: INSECURE: all randomness is drawn from the seed {seed}; whoever knows it knows all secrets"
    ));
    Ok(Some(seed))
}

fn listener(args: &Run, peers: &[HostPort], party: PartyId) -> Result<Option<TcpListener>> {
    let address = match (&args.listen, peers.get(party.index())) {
        (Some(text), own) => {
            let port = own.map_or_else(|| default_port(party), HostPort::port);
            HostPort::parse(text, port).map_err(|error| failure(Code::Usage, error))?
        }
        (None, Some(own)) => HostPort::new("0.0.0.0", own.port()),
        (None, None) => return Ok(None),
    };
    let bound = address.resolve().and_then(|all| TcpListener::bind(&all[..]));
    bound.map(Some).map_err(|error| {
        let text = format!(
            "{party} cannot listen on {address}: {error}\n\
             Another program may use this port: give this party another one in the hosts file."
        );
        failure(Code::Configuration, text)
    })
}

/// Ends the run in an orderly way on Ctrl-C: the other parties learn why.
pub(super) fn interrupt_sets(abort: AbortFlag) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::spawn(move || {
        runtime.block_on(async {
            // Without the handler, the signal ends the process at once, which is a fallback.
            if tokio::signal::ctrl_c().await.is_ok() {
                abort.set("interrupted by the user");
                tokio::time::sleep(LAST_WORDS * 3).await;
                std::process::exit(130);
            }
        });
    });
    Ok(())
}

fn finish(
    found: &Report,
    row: &Row,
    program: &Program,
    args: &Run,
    progress: &Progress,
) -> Result<()> {
    let value = serde_json::to_value(found)?;
    if let Some(path) = &args.common.stats {
        report::write(path, &program.name, row.name, std::slice::from_ref(&value))?;
    }
    if !args.common.quiet {
        report::summary(&value, progress);
    }
    Ok(())
}
