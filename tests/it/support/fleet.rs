//! Three parties with a main node and some workers each, every one a process of its own.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::process::Command;

use caucus_core::identity::{self, IssueOptions};
use caucus_core::ids::{PartyId, WorkerId};
use rustix::process::Signal;

use super::{Finished, Gate, Process, Site, free_ports};

/// All nodes of three parties.
pub(crate) struct Fleet {
    pub(crate) site: Site,
    /// P0's port; the others' follow.
    port: u16,
    /// P0's port for workers; the others' follow.
    door: u16,
    mains: Vec<Process>,
    /// Further options of all main nodes.
    pub(crate) main_options: String,
    pub(crate) workers: BTreeMap<(u8, u32), Process>,
}

impl Fleet {
    /// Identities for so many workers of each party, and addresses; nothing runs yet.
    pub(crate) fn new(workers: u32) -> Self {
        let site = Site::new();
        let (certs, options) = (site.path("certs"), IssueOptions::default());
        identity::init_parties(&certs, (0..3).map(PartyId::new), &options).unwrap();
        for (party, worker) in (0..3).flat_map(|party| (0..workers).map(move |it| (party, it))) {
            let (party, worker) = (PartyId::new(party), WorkerId::new(worker));
            identity::add_worker(&certs, party, worker, &options).unwrap();
        }
        let ports = free_ports(6);
        let hosts: String = (0..3).map(|i| format!("127.0.0.1:{}\n", ports + i)).collect();
        fs::write(site.path("hosts"), hosts).unwrap();
        Self {
            site,
            port: ports,
            door: ports + 3,
            mains: Vec::new(),
            main_options: String::new(),
            workers: BTreeMap::new(),
        }
    }

    /// Has the main nodes find each other through gates, which listen at another address of this machine.
    pub(crate) fn mains_behind(&mut self, gate: &dyn Fn(SocketAddr) -> Gate) -> Vec<Gate> {
        let address = |party| SocketAddr::from(([127, 0, 0, 1], self.port + party));
        let gates: Vec<_> = (0..3).map(|party| gate(address(party))).collect();
        let hosts: String = gates.iter().map(|it| format!("{}\n", it.address())).collect();
        fs::write(self.site.path("hosts"), hosts).unwrap();
        gates
    }

    /// Where the main node of a party takes in workers.
    pub(crate) fn door(&self, party: u8) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.door + u16::from(party)))
    }

    /// Starts the main nodes, which expect so many workers.
    pub(crate) fn start_mains(&mut self, workers: u32, words: &str) {
        self.start_mains_with(workers, |_| words.to_owned());
    }

    /// Likewise, each with a program and arguments of its own.
    pub(crate) fn start_mains_with(&mut self, workers: u32, words: impl Fn(u8) -> String) {
        self.mains = (0..3)
            .map(|party: u8| {
                let words = words(party);
                let (site, door, options) = (&self.site, self.door(party), &self.main_options);
                let port = self.port + u16::from(party);
                site.caucus(&format!(
                    "run --party {party} --hosts hosts --listen 127.0.0.1:{port} --workers {workers} --listen-workers {door} --connect-timeout 8 \
                     --stats stats-{party}.json {options} ring {words}"
                ))
            })
            .collect();
    }

    /// Starts a worker, or starts it again.
    pub(crate) fn start_worker(&mut self, party: u8, index: u32) {
        let main = self.door(party);
        self.start_worker_with(party, index, main, "");
    }

    /// Likewise, with so many KiB of address space.
    pub(crate) fn start_worker_within(&mut self, party: u8, index: u32, kib: u64) {
        let (main, caucus) = (self.door(party), env!("CARGO_BIN_EXE_caucus"));
        let line = format!(
            "ulimit -v {kib}; exec {caucus} worker --party {party} --index {index} --main {main} --listen 127.0.0.1:0"
        );
        let worker = self.site.start(Command::new("sh").args(["-c", &line]));
        self.workers.insert((party, index), worker);
    }

    /// Likewise, with further options; `main` is where it finds its main node.
    pub(crate) fn start_worker_with(
        &mut self,
        party: u8,
        index: u32,
        main: SocketAddr,
        options: &str,
    ) {
        self.workers.remove(&(party, index));
        let listen = if options.contains("--listen") { "" } else { "--listen 127.0.0.1:0" };
        let words =
            format!("worker --party {party} --index {index} --main {main} {listen} {options}");
        self.workers.insert((party, index), self.site.caucus(&words));
    }

    /// Starts a machine that serves as all of these workers; it is known by the first of them.
    pub(crate) fn start_machine(&mut self, party: u8, indices: &str) {
        let first = indices.split([',', '-']).next().expect("there is a first one");
        let main = self.door(party);
        let words = format!("worker --party {party} --index {indices} --main {main}");
        let worker = self.site.caucus(&words);
        self.workers.insert((party, first.parse().unwrap()), worker);
    }

    pub(crate) fn main(&mut self, party: u8) -> &mut Process {
        &mut self.mains[usize::from(party)]
    }

    /// Whether all main nodes have ended.
    pub(crate) fn is_over(&mut self) -> bool {
        self.mains.iter_mut().all(|main| !main.is_running())
    }

    /// Sends a signal to a worker, if there is one.
    pub(crate) fn signal(&self, party: u8, index: u32, signal: Signal) {
        if let Some(worker) = self.workers.get(&(party, index)) {
            let _ = rustix::process::kill_process(worker.pid(), signal);
        }
    }

    /// Waits for the main nodes.
    #[track_caller]
    pub(crate) fn finish(&mut self) -> Vec<Finished> {
        self.mains.drain(..).map(Process::finish).collect()
    }

    /// Waits for the main nodes, which must succeed, and gives what P0 printed and all have said on stderr.
    #[track_caller]
    pub(crate) fn succeed(&mut self) -> (String, String) {
        let ended = self.finish();
        let said: String = ended.iter().map(|it| it.stderr.as_str()).collect();
        assert!(ended.iter().all(|it| it.code == 0), "{ended:#?}\n{}", self.workers_said());
        (ended[0].stdout.clone(), said)
    }

    /// What the workers have said.
    pub(crate) fn workers_said(&self) -> String {
        let said = self.workers.iter();
        said.map(|((party, index), it)| format!("P{party}.W{index}: {}\n", it.stderr())).collect()
    }
}
