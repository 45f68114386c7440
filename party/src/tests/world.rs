//! Deployments and computations within this process.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use caucus_bytecode::Program;
use caucus_core::config::HostPort;
use caucus_core::identity::{IssueOptions, add_worker, init_parties};
use caucus_core::ids::{NodeId, PartyId, WorkerId};
use caucus_core::net::AbortFlag;
use tempfile::TempDir;

use crate::{
    Audience, Checkpointing, Config, Error, Events, Folders, Inputs, Phase, Report, registry, run,
};

/// Identities and private inputs of three parties, removed at the end.
pub(super) struct World {
    dir: TempDir,
}

/// What one party ended with, and what was printed there.
pub(super) struct End {
    pub(super) res: Result<Report, Error>,
    pub(super) output: String,
    pub(super) notices: Vec<String>,
}

impl End {
    pub(super) fn report(&self) -> &Report {
        match &self.res {
            Ok(report) => report,
            Err(error) => panic!("{error} ({error:?}); notices: {:?}", self.notices),
        }
    }

    pub(super) fn error(&self) -> &Error {
        self.res.as_ref().expect_err("the run should fail")
    }
}

#[derive(Default)]
struct Recorder {
    output: Mutex<String>,
    notices: Mutex<Vec<String>>,
}

impl Events for Recorder {
    fn output(&self, _: Audience, text: &str) {
        self.output.lock().unwrap().push_str(text);
    }
    fn progress(&self, phase: &Phase) {
        assert!(!phase.to_string().is_empty());
    }
    fn notice(&self, text: &str) {
        self.notices.lock().unwrap().push(text.to_owned());
    }
}

impl World {
    pub(super) fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let world = Self { dir };
        let parties = (0..3).map(PartyId::new);
        init_parties(&world.certs(), parties, &IssueOptions::default()).unwrap();
        world
    }

    /// A world whose parties have workers with these numbers.
    pub(super) fn with_workers(n: u32) -> Self {
        let world = Self::new();
        for party in (0..3).map(PartyId::new) {
            for worker in (0..n).map(WorkerId::new) {
                add_worker(&world.certs(), party, worker, &IssueOptions::default()).unwrap();
            }
        }
        world
    }

    pub(super) fn certs(&self) -> std::path::PathBuf {
        self.dir.path().join("certs")
    }

    pub(super) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(super) fn input(&self, party: u8, text: &str) {
        let inputs = Inputs::in_directory(self.path());
        std::fs::write(inputs.path(PartyId::new(party), 0), text).unwrap();
    }

    fn config(&self, party: u8, protocol: &str, program: Program) -> Config {
        let protocol = registry::lookup(protocol).unwrap();
        Config {
            me: NodeId::main(PartyId::new(party)),
            n_parties: protocol.processes(),
            protocol,
            program,
            certs: self.certs(),
            listener: None,
            peers: Vec::new(),
            client_bind: Ipv4Addr::LOCALHOST.into(),
            main_host: None,
            inputs: Inputs::in_directory(self.path()),
            folders: Folders {
                persistence: self.path().join("Persistence"),
                public_inputs: self.path().join("Public-Input"),
            },
            args: Vec::new(),
            insecure_seed: None,
            connect_timeout: Duration::from_secs(20),
            io_timeout: Duration::from_secs(30),
            checkpoints: Checkpointing::Off,
            trace: None,
            workers: None,
            abort: AbortFlag::new(),
        }
    }

    /// Runs one computation under `ring`, with a program for each party.
    pub(super) fn run(&self, programs: [Program; 3]) -> [End; 3] {
        self.run_with(programs, |_, _| {})
    }

    /// As [`World::run`], after a change of each party's configuration.
    pub(super) fn run_with(
        &self,
        programs: [Program; 3],
        change: impl Fn(usize, &mut Config),
    ) -> [End; 3] {
        let listeners = [(); 3].map(|()| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
        let port = |listener: &TcpListener| listener.local_addr().unwrap().port();
        let peers: Vec<_> =
            listeners.iter().map(|listener| HostPort::new("127.0.0.1", port(listener))).collect();
        let mut configs = Vec::new();
        for (party, (program, listener)) in programs.into_iter().zip(listeners).enumerate() {
            let mut config = self.config(u8::try_from(party).unwrap(), "ring", program);
            config.listener = Some(listener);
            config.peers = peers.clone();
            change(party, &mut config);
            configs.push(config);
        }
        let ends = std::thread::scope(|scope| {
            let threads: Vec<_> =
                configs.into_iter().map(|config| scope.spawn(|| one(config))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        ends.try_into().ok().unwrap()
    }

    /// Runs under `emulate`.
    pub(super) fn emulate(&self, program: Program) -> End {
        one(self.config(0, "emulate", program))
    }
}

fn one(config: Config) -> End {
    let recorder = Arc::new(Recorder::default());
    let res = run(config, Arc::clone(&recorder) as Arc<dyn Events>);
    let output = recorder.output.lock().unwrap().clone();
    let notices = recorder.notices.lock().unwrap().clone();
    End { res, output, notices }
}

/// The same program for all parties.
pub(super) fn all(program: &Program) -> [Program; 3] {
    [(); 3].map(|()| program.clone())
}

/// A base such that this and the next two ports are free now.
pub(super) fn free_ports() -> u16 {
    static NEXT: std::sync::atomic::AtomicU16 = std::sync::atomic::AtomicU16::new(0);
    loop {
        let step = NEXT.fetch_add(3, std::sync::atomic::Ordering::Relaxed);
        // Different processes of the same test start at different places, below the ports of outgoing connections.
        let start = u16::try_from(std::process::id() % 5000).unwrap();
        let base = 20_000 + (start + step) % 10_000;
        let free = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
        if (base..base + 3).all(free) {
            return base;
        }
    }
}
