//! `caucus worker`: a worker that is told by its main node what to compute.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
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
    let config = WorkerConfig {
        me: NodeId::worker(party, WorkerId::new(args.index)),
        main,
        listener: listener(args)?,
        host: args.host.clone(),
        n_parties: args.parties,
        certs: args.certs.clone(),
        inputs: args.inputs.all(args.inputs.prefix(None), false)?,
        trace: args.trace.clone(),
        once: args.once,
        connect_timeout: Duration::from_secs(args.connect_timeout),
        io_timeout: IO_TIMEOUT,
        abort,
    };
    let progress = (!args.managed).then(|| Progress::new(args.progress, args.quiet));
    let console = Arc::new(Console { me: config.me, progress });
    let res = serve(config, Arc::clone(&console) as Arc<dyn Events>);
    let res = res.map_err(|error| explained(&error, None));
    match &console.progress {
        Some(progress) => progress.end(res),
        None => res,
    }
}

fn listener(args: &Worker) -> Result<TcpListener> {
    let Some(text) = &args.listen else {
        return TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).context("the system gives no port");
    };
    // Port 0 lets the system choose one, which the main node is told.
    let bound = match text.strip_suffix(":0") {
        Some(host) => TcpListener::bind((host.trim_matches(['[', ']']), 0)),
        None => {
            let address = HostPort::parse(text, 0).map_err(|error| failure(Code::Usage, error))?;
            address.resolve().and_then(|all| TcpListener::bind(&all[..]))
        }
    };
    bound.map_err(|error| {
        let text = format!(
            "P{}.W{} cannot listen on {text}: {error}\nChoose another address with --listen.",
            args.party, args.index
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
