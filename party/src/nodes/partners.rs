//! The other workers of a worker's party, with which it exchanges rows.
//!
//! They meet for one joint job at a time, at ports that the system has chosen and that they have told their main node.
//! Who comes must have a certificate of the party's own authority for a number that takes part, and must mean the same
//! attempt of the same run: see [`comm::connect`].

use std::net::TcpListener;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use caucus_core::comm::{self, Comm, CommConfig};
use caucus_core::ids::{NodeId, Role, WorkerId};
use caucus_core::net::AbortFlag;
use caucus_protocols::sharded::Shards;
use caucus_vm::{HostError, Reordering};
use sha2::{Digest, Sha256};

use super::message::{TogetherTask, Welcome};
use super::worker::Worker;
use crate::host::Error as HostFailure;

/// How long workers of a party wait for each other.
const MEET_LIMIT: Duration = Duration::from_secs(60);

/// The way to the other workers of the party.
pub(super) struct Partners<'w> {
    worker: &'w Worker,
    session: [u8; 32],
    listener: TcpListener,
    port: u16,
    abort: AbortFlag,
}

impl<'w> Partners<'w> {
    /// Takes a port for them, as long as the set lasts. Setting `abort` ends all waits.
    pub(super) fn wait(
        worker: &'w Worker,
        welcome: &Welcome,
        abort: &AbortFlag,
    ) -> Result<Self, String> {
        let bind = || {
            let host = worker.config.listener.local_addr()?.ip();
            let listener = TcpListener::bind((host, 0))?;
            let port = listener.local_addr()?.port();
            Ok((listener, port))
        };
        let (listener, port) = bind().map_err(|error: std::io::Error| {
            format!("{} has no port for the workers of its party: {error}", worker.config.me)
        })?;
        let (session, abort) = (welcome.session, abort.clone());
        Ok(Self { worker, session, listener, port, abort })
    }

    /// The port at which they find this worker.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Which rows of a task are this worker's; none if it has no part in it.
    pub(super) fn rows(&self, task: &TogetherTask) -> Option<Range<usize>> {
        let Role::Worker(me) = self.worker.config.me.role else { return None };
        let rank = task.members.iter().position(|(number, _)| *number as usize == me.index())?;
        Some(Shards::part(usize::try_from(task.rows).ok()?, task.members.len(), rank))
    }

    /// Connects with all that take part in a task.
    pub(super) fn meet(&self, task: &TogetherTask) -> Result<Comm, HostError> {
        let Worker { config, identity, trust, events, .. } = self.worker;
        let member =
            |(number, _): &(u32, _)| NodeId::worker(config.me.party, WorkerId::new(*number));
        let refused = Arc::clone(events);
        let meeting = CommConfig {
            identity: Arc::clone(identity),
            trust: Arc::clone(trust),
            members: task.members.iter().map(member).collect(),
            token: self.token(task),
            name: "workers".into(),
            startup_deadline: MEET_LIMIT,
            deadline: config.io_timeout,
            on_refused: Arc::new(move |text: String| refused.notice(&text)),
        };
        let addresses: Vec<_> = task.members.iter().map(|(_, at)| at.clone()).collect();
        let listener = self.listener.try_clone().map_err(|error| self.failed(&error))?;
        let comm = comm::connect(meeting, listener, &addresses, self.abort.clone());
        comm.map_err(|error| self.failed(&error))
    }

    /// What all that take part have in common: the attempt of a job of a run.
    fn token(&self, task: &TogetherTask) -> Vec<u8> {
        let mut hash = Sha256::new();
        hash.update(b"caucus joint job 1");
        hash.update(self.session);
        hash.update(task.attempt.to_le_bytes());
        hash.finalize().to_vec()
    }

    fn failed(&self, error: &dyn std::fmt::Display) -> HostError {
        let cause = self.abort.cause().unwrap_or_else(|| {
            format!(
                "{} and the other workers of its party do not meet: {error}",
                self.worker.config.me
            )
        });
        HostFailure::Aborted { cause }.into()
    }
}

impl TogetherTask {
    /// What is to be done.
    pub(super) fn job(&self) -> Reordering {
        // Numbers that this machine cannot count to are those of no job that the program has.
        let number = |it: u64| usize::try_from(it).unwrap_or(usize::MAX);
        let keys = self.keys.iter().map(|(column, bits)| (number(*column), *bits)).collect();
        Reordering { rows: number(self.rows), columns: number(self.columns), keys }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::thread;

    use caucus_core::config::HostPort;
    use caucus_core::identity::{Identity, IssueOptions, Trust, add_worker, init_parties};
    use caucus_core::ids::PartyId;

    use super::*;
    use crate::events::testing::Notices;
    use crate::nodes::WorkerConfig;

    struct World(tempfile::TempDir);

    impl World {
        fn new() -> Self {
            let dir = tempfile::TempDir::new().unwrap();
            let options = IssueOptions::default();
            init_parties(dir.path(), (0..2).map(PartyId::new), &options).unwrap();
            for (party, worker) in [(0, 0), (0, 1), (0, 2), (1, 1)] {
                let (party, worker) = (PartyId::new(party), WorkerId::new(worker));
                add_worker(dir.path(), party, worker, &options).unwrap();
            }
            Self(dir)
        }

        /// A worker with the identity of `is`, which believes that it is `believes`.
        fn worker(&self, is: (u8, u32), believes: (u8, u32)) -> (Worker, Arc<Notices>) {
            let node = |(party, worker)| NodeId::worker(PartyId::new(party), WorkerId::new(worker));
            let certs = self.0.path().to_owned();
            let events = Arc::<Notices>::default();
            let worker = Worker {
                identity: Arc::new(Identity::load(&certs, node(is)).unwrap()),
                trust: Arc::new(Trust::load(&certs, 2).unwrap()),
                config: WorkerConfig {
                    me: node(believes),
                    main: HostPort::new("127.0.0.1", 1),
                    listener: TcpListener::bind("127.0.0.1:0").unwrap(),
                    host: None,
                    n_parties: 2,
                    certs,
                    inputs: crate::inputs::Inputs::default(),
                    trace: None,
                    once: true,
                    connect_timeout: Duration::from_secs(5),
                    io_timeout: Duration::from_secs(5),
                    abort: AbortFlag::new(),
                },
                events: events.clone(),
                trace: Mutex::default(),
            };
            (worker, events)
        }
    }

    fn welcome(session: u8) -> Welcome {
        let protocol = "ring".to_owned();
        Welcome { protocol, session: [session; 32], epoch: 1, addresses: Vec::new(), bytes: 0 }
    }

    fn task(attempt: u64, members: Vec<(u32, HostPort)>) -> TogetherTask {
        TogetherTask { attempt, members, rows: 5, columns: 1, keys: Vec::new() }
    }

    fn at(partners: &Partners<'_>) -> HostPort {
        HostPort::new("127.0.0.1", partners.port())
    }

    /// Two workers of P0 meet while a stranger knocks at the first one, who must not get in. Gives what the first one
    /// noticed, and what the stranger heard.
    fn knock(is: (u8, u32), believes: (u8, u32)) -> (Vec<String>, String) {
        let world = World::new();
        let (first, notices) = world.worker((0, 0), (0, 0));
        let (second, _) = world.worker((0, 1), (0, 1));
        let (stranger, _) = world.worker(is, believes);
        let abort = AbortFlag::new();
        let open = |worker| Partners::wait(worker, &welcome(7), &abort).unwrap();
        let [first, second] = [&first, &second].map(open);
        let leave = AbortFlag::new();
        let stranger = Partners::wait(&stranger, &welcome(7), &leave).unwrap();
        let heard = thread::scope(|scope| {
            let members = vec![(0, at(&first)), (1, at(&second))];
            let theirs = vec![(0, at(&first)), (believes.1, at(&stranger))];
            let one = {
                let (first, members) = (&first, members.clone());
                scope.spawn(move || first.meet(&task(1, members)))
            };
            let knocking = scope.spawn(|| stranger.meet(&task(1, theirs)));
            // It has its time, and is still outside when the second one comes.
            thread::sleep(Duration::from_millis(500));
            leave.set("it is enough");
            let heard = knocking.join().unwrap().map(|_| ()).unwrap_err().to_string();
            let two = second.meet(&task(1, members)).unwrap();
            let one = one.join().unwrap().unwrap();
            let names = [NodeId::worker(PartyId::new(0), WorkerId::new(0)), two.me()];
            assert_eq!((one.names(), two.names()), (&names[..], &names[..]));
            // Both leave at once.
            let mut comms = [one, two];
            thread::scope(|scope| {
                comms.iter_mut().for_each(|comm| drop(scope.spawn(|| comm.free().unwrap())));
            });
            heard
        });
        (std::mem::take(&mut *notices.0.lock().unwrap()), heard)
    }

    #[test]
    fn a_worker_with_a_wrong_number_does_not_get_in() {
        let (noticed, heard) = knock((0, 2), (0, 2));
        let reason = "P0.W2 is not among the members that P0.W0 knows";
        assert!(noticed.iter().any(|it| it.contains(reason)), "{noticed:?}");
        assert!(heard.contains(reason), "{heard}");
    }

    #[test]
    fn a_worker_of_another_party_does_not_get_in() {
        // Its own party's group, at the address of a worker of P0.
        let (noticed, heard) = knock((1, 1), (1, 1));
        assert!(!noticed.is_empty(), "the attempt is noticed");
        assert!(heard.contains("P1.W1"), "{heard}");
        // It says that it is P0's worker 1.
        let (_, heard) = knock((1, 1), (0, 1));
        assert!(heard.contains("P1"), "{heard}");
    }

    #[test]
    fn workers_of_different_attempts_or_runs_do_not_meet() {
        for (attempt, session) in [(2, 7), (1, 8)] {
            let world = World::new();
            let [(first, _), (second, _)] =
                [(0, 0), (0, 1)].map(|worker| world.worker(worker, worker));
            let abort = AbortFlag::new();
            let first = Partners::wait(&first, &welcome(7), &abort).unwrap();
            let second = Partners::wait(&second, &welcome(session), &abort).unwrap();
            let members = vec![(0, at(&first)), (1, at(&second))];
            let (one, others) = (task(1, members.clone()), task(attempt, members));
            let errors = thread::scope(|scope| {
                let one = scope.spawn(|| first.meet(&one).map(|_| ()));
                let two = second.meet(&others).map(|_| ()).unwrap_err();
                [one.join().unwrap().unwrap_err(), two].map(|error| error.to_string())
            });
            assert!(errors.iter().all(|it| it.contains("do not meet")), "{errors:?}");
        }
    }

    #[test]
    fn only_those_who_take_part_have_rows() {
        let world = World::new();
        let (worker, _) = world.worker((0, 2), (0, 2));
        let partners = Partners::wait(&worker, &welcome(7), &AbortFlag::new()).unwrap();
        let place = || HostPort::new("127.0.0.1", 1);
        assert_eq!(partners.rows(&task(1, vec![(0, place()), (2, place())])), Some(3..5));
        assert_eq!(partners.rows(&task(1, vec![(0, place()), (1, place())])), None);
    }
}
