//! Communicators over socket pairs and over real TLS. Tests name the statements of the specification that they show:
//! C and CX those of Cicada, P those of MPI, MX those of multinode parties.

mod attacks;
mod collectives;
mod faults;
mod groups;
mod messages;
mod processes;
mod set_up;
mod shrinking;

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use tempfile::TempDir;

use super::*;
use crate::config::HostPort;
use crate::identity::{Identity, IssueOptions, Trust, add_worker, init_parties};

/// Longer than anything takes that goes well.
const LONG: Duration = Duration::from_secs(60);
const P0: PartyId = PartyId::new(0);

/// What links are made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Transport {
    Local,
    Tls,
}

const TRANSPORTS: [Transport; 2] = [Transport::Local, Transport::Tls];

/// A directory with the authorities of two parties and a number of nodes of each.
struct Certs(TempDir);

impl Certs {
    fn make(n_nodes: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let options = IssueOptions::default();
        for party in [0, 1].map(PartyId::new) {
            init_parties(dir.path(), [party], &options).unwrap();
            for worker in 1..n_nodes {
                add_worker(dir.path(), party, WorkerId::new(worker as u32 - 1), &options).unwrap();
            }
        }
        Self(dir)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn trust(&self) -> Arc<Trust> {
        Arc::new(Trust::load(self.path(), 2).unwrap())
    }

    fn config(&self, me: NodeId, n_nodes: usize) -> CommConfig {
        CommConfig {
            identity: Arc::new(Identity::load(self.path(), me).unwrap()),
            trust: self.trust(),
            members: members_of(me.party, n_nodes - 1),
            token: b"job 7".to_vec(),
            name: "world".to_owned(),
            startup_deadline: LONG,
            deadline: LONG,
            on_refused: Arc::new(|_| {}),
        }
    }
}

fn listen() -> (TcpListener, HostPort) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, HostPort::new("127.0.0.1", address.port()))
}

/// A communicator of P0, each member in this process.
fn world(transport: Transport, n_nodes: usize) -> Vec<Comm> {
    match transport {
        Transport::Local => Comm::local(n_nodes),
        Transport::Tls => tls_world(&Certs::make(n_nodes), n_nodes),
    }
}

fn tls_world(certs: &Certs, n_nodes: usize) -> Vec<Comm> {
    let (listener, root) = listen();
    let mut listeners = vec![listener];
    listeners.extend((1..n_nodes).map(|_| listen().0));
    let root = &root;
    thread::scope(|scope| {
        let members = members_of(P0, n_nodes - 1).into_iter().zip(listeners);
        let nodes: Vec<_> = members
            .map(|(me, listener)| {
                let config = certs.config(me, n_nodes);
                scope.spawn(move || rendezvous(config, listener, root, None, AbortFlag::new()))
            })
            .collect();
        nodes.into_iter().map(|node| node.join().unwrap().unwrap()).collect()
    })
}

/// Runs all members, each in a thread of its own; returns what they return.
fn run<T: Send>(comms: Vec<Comm>, body: impl Fn(&mut Comm) -> T + Sync) -> Vec<T> {
    thread::scope(|scope| {
        let body = &body;
        let threads: Vec<_> =
            comms.into_iter().map(|mut comm| scope.spawn(move || body(&mut comm))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// Numbers that are different for each member and place.
fn data(rank: usize, len: usize) -> Vec<u64> {
    let number = |idx: usize| (rank as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ idx as u64;
    (0..len).map(number).collect()
}
