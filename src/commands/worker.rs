//! `caucus worker`: a worker that is told by its main node what to compute, or several of them in one process, so that
//! parties may have different numbers of machines.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use caucus_core::config::{HostPort, default_worker_port};
use caucus_core::ids::{NodeId, PartyId, WorkerId};
use caucus_core::net::AbortFlag;
use caucus_party::{Audience, Events, Phase, WorkerConfig, serve};

use super::run::{IO_TIMEOUT, LAST_WORDS, allow_many_connections, explained, interrupt_sets};
use crate::cli::Worker;
use crate::failure::{Code, failure};
use crate::managed::{self, Message};
use crate::progress::Progress;

/// Serves runs.
pub(super) fn run(args: &Worker) -> Result<()> {
    allow_many_connections();
    let party = PartyId::new(args.party);
    if party.index() >= args.parties {
        let text = format!(
            "there is no {party} among {} parties; say how many there are with --parties",
            args.parties
        );
        return Err(failure(Code::Usage, text));
    }
    let main = HostPort::parse(&args.main, default_worker_port(party))
        .map_err(|error| failure(Code::Usage, error))?;
    let abort = AbortFlag::new();
    if args.managed {
        let lost = abort.clone();
        managed::watch_parent(move || {
            lost.set("the command that started this worker has ended");
            std::thread::sleep(LAST_WORDS);
            std::process::exit(Code::PeerLost as i32);
        });
    } else {
        interrupt_sets(abort.clone())?;
    }
    let mut configs = Vec::new();
    for (index, place) in args.index.0.iter().zip(0..) {
        configs.push(WorkerConfig {
            me: NodeId::worker(party, WorkerId::new(*index)),
            main: main.clone(),
            listener: listener(args, *index, place)?,
            host: args.host.clone(),
            n_parties: args.parties,
            certs: args.certs.clone(),
            inputs: args.inputs.all(args.inputs.prefix(None), false)?,
            trace: args.trace.clone(),
            once: args.once,
            connect_timeout: Duration::from_secs(args.connect_timeout),
            io_timeout: IO_TIMEOUT,
            abort: abort.clone(),
        });
    }
    let progress = (!args.managed).then(|| Progress::new(args.progress, args.quiet));
    let res = serve_all(configs, progress.as_ref(), &abort);
    match &progress {
        Some(progress) => progress.end(res),
        None => res,
    }
}

/// Has each of these workers serve, until all have ended. The first one that fails ends the others, too: the machine is
/// not what it was started as.
fn serve_all(
    configs: Vec<WorkerConfig>,
    progress: Option<&Progress>,
    abort: &AbortFlag,
) -> Result<()> {
    let one = |config: WorkerConfig| -> Result<()> {
        let me = config.me;
        let console = Console { me, progress: progress.cloned() };
        serve(config, Arc::new(console)).map_err(|error| {
            abort.set(format!("{me}, which this process serves as well, has failed"));
            explained(&error, None)
        })
    };
    let failed = Mutex::new(None);
    std::thread::scope(|scope| {
        let (one, failed) = (&one, &failed);
        let mut configs = configs.into_iter();
        let first = configs.next();
        for config in configs {
            let name = config.me.to_string();
            let work = move || keep_first(failed, one(config));
            std::thread::Builder::new()
                .name(name)
                .spawn_scoped(scope, work)
                .inspect_err(|_| abort.set("the system refuses a thread"))
                .context("the system refuses a thread for a worker")?;
        }
        first.into_iter().for_each(|config| keep_first(failed, one(config)));
        Ok(())
    })
    .and_then(|()| match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None => Ok(()),
    })
}

/// Keeps the error that came first, of which later ones are consequences.
fn keep_first(failed: &Mutex<Option<anyhow::Error>>, res: Result<()>) {
    if let Err(error) = res {
        failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }
}

/// The listener of the worker at this place among those of this machine.
fn listener(args: &Worker, index: u32, place: u16) -> Result<TcpListener> {
    let Some(text) = &args.listen else {
        return TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).context("the system gives no port");
    };
    // Port 0 lets the system choose one, which the main node is told.
    let bound = match text.strip_suffix(":0") {
        Some(host) => TcpListener::bind((host.trim_matches(['[', ']']), 0)),
        None => {
            let address = HostPort::parse(text, 0).map_err(|error| failure(Code::Usage, error))?;
            let port = match address.port() {
                0 => Some(0),
                port => port.checked_add(place),
            };
            let Some(port) = port else {
                let text =
                    format!("{text} leaves too few ports for {} workers", args.index.0.len());
                return Err(failure(Code::Usage, text));
            };
            let address = HostPort::new(address.host(), port);
            address.resolve().and_then(|all| TcpListener::bind(&all[..]))
        }
    };
    bound.map_err(|error| {
        let text = format!(
            "P{}.W{} cannot listen on {text}: {error}\nChoose another address with --listen.",
            args.party, index
        );
        failure(Code::Configuration, text)
    })
}

/// What a worker shows: it prints nothing of a program.
struct Console {
    /// `None` in a process that `compile-run` has started.
    progress: Option<Progress>,
    me: NodeId,
}

impl Events for Console {
    fn output(&self, _: Audience, _: &str) {}

    fn progress(&self, phase: &Phase) {
        if let Some(progress) = &self.progress {
            progress.phase(&self.me.to_string(), &phase.to_string(), &managed::fields(phase));
        }
    }

    fn notice(&self, text: &str) {
        match &self.progress {
            None => managed::tell(&Message::Notice(text.to_owned())),
            Some(progress) if progress.is_quiet() => {}
            Some(progress) => progress.notice(&self.me.to_string(), text),
        }
    }
}
