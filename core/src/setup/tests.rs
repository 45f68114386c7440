//! Meshes and program ports over real sockets.

mod mesh;
mod nodes;
mod program;

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::*;
use crate::identity::{IssueOptions, add_client, add_worker, init_parties};
use crate::ids::{PartyId, WorkerId};

fn main_node(party: u8) -> NodeId {
    NodeId::main(PartyId::new(party))
}

fn worker_node(party: u8, worker: u32) -> NodeId {
    NodeId::worker(PartyId::new(party), WorkerId::new(worker))
}

/// A directory with the authorities and main nodes of some parties, and workers 0 and 1 of each.
struct Certs {
    dir: TempDir,
    n_parties: u8,
}

impl Certs {
    fn make(n_parties: u8) -> Self {
        Self::with(n_parties, &IssueOptions::default())
    }

    fn with(n_parties: u8, options: &IssueOptions) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for party in (0..n_parties).map(PartyId::new) {
            init_parties(dir.path(), [party], options).unwrap();
            for worker in 0..2 {
                add_worker(dir.path(), party, WorkerId::new(worker), options).unwrap();
            }
        }
        Self { dir, n_parties }
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn trust(&self) -> Arc<Trust> {
        Arc::new(Trust::load(self.path(), self.n_parties.into()).unwrap())
    }

    fn identity(&self, node: NodeId) -> Arc<Identity> {
        Arc::new(Identity::load(self.path(), node).unwrap())
    }

    fn config(&self, me: NodeId, addresses: &[HostPort], deadline: Duration) -> MeshConfig {
        MeshConfig {
            identity: self.identity(me),
            trust: self.trust(),
            me,
            addresses: addresses.to_vec(),
            proposal: format!("proposal of {me}").into_bytes(),
            deadline,
            on_refused: Arc::new(|_| {}),
        }
    }
}

fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

fn host_port(address: SocketAddr) -> HostPort {
    HostPort::new(address.ip().to_string(), address.port())
}

fn listen_all(n_parties: u8) -> (Vec<TcpListener>, Vec<HostPort>) {
    (0..n_parties).map(|_| listen()).map(|(listener, at)| (listener, host_port(at))).unzip()
}

/// Collects what a listener refuses.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    fn receiver(&self) -> OnRefused {
        let notes = self.clone();
        Arc::new(move |text| notes.0.lock().unwrap().push(text))
    }

    /// The first note with this text, which may still be on its way.
    fn wait_for(&self, text: &str) -> String {
        self.wait_for_while(text, || {})
    }

    /// The same for a note that doing something brings about.
    fn wait_for_while(&self, text: &str, mut action: impl FnMut()) -> String {
        let until = Instant::now() + Duration::from_secs(10);
        loop {
            action();
            let notes = self.0.lock().unwrap().clone();
            if let Some(found) = notes.iter().find(|note| note.contains(text)) {
                return found.clone();
            }
            assert!(Instant::now() < until, "no note with {text:?} among {notes:#?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Waits for a flag that must be set soon, and returns the cause.
fn cause_of(abort: &AbortFlag) -> String {
    let until = Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(cause) = abort.cause() {
            return cause;
        }
        assert!(Instant::now() < until, "the flag was not set");
        std::thread::sleep(Duration::from_millis(10));
    }
}
