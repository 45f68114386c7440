//! The main nodes among each other: where the coordinator's clock and links are.
//!
//! P0's main node has the coordinator. The others send it reports on one link, and get commands on another one, so
//! that each link has one thread that owns it.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use caucus_core::identity::{Identity, Trust};
use caucus_core::net::{AbortFlag, Link};
use caucus_core::setup::NodeListener;
use caucus_vm::Workers;

use super::coordinator::{Command, Coordinator, Event};
use super::manager::{Ending, Manager, ManagerConfig};
use super::message::{receive, send};
use crate::report::WorkerReport;

/// How often the coordinator looks at the clock.
const TICK: Duration = Duration::from_millis(100);

/// How many links with each other main node this needs.
pub(crate) const LINKS: u32 = 2;

/// The workers of this main node, and its part in deciding what they do.
pub(crate) struct Office {
    manager: Arc<Manager>,
    stop: AbortFlag,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// What the set-up of a run leaves for an office.
pub(crate) struct OfficeMeans {
    /// Who this node is.
    pub(crate) identity: Arc<Identity>,
    /// Whom it believes.
    pub(crate) trust: Arc<Trust>,
    /// [`LINKS`] times a link with each other main node; none if there are to be no workers.
    pub(crate) links: Vec<Vec<Option<Link>>>,
}

/// What an office is opened with.
pub(crate) struct OfficeConfig {
    pub(crate) n_parties: usize,
    /// How many workers each party expects.
    pub(crate) expected: usize,
    /// How long the first loop waits for them.
    pub(crate) patience: Duration,
    /// `report` is set here.
    pub(crate) manager: ManagerConfig,
}

impl Office {
    /// Takes in workers, and works with the other main nodes over these links: [`LINKS`] times one for each party,
    /// none for this one.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub(crate) fn open(
        config: OfficeConfig,
        listener: NodeListener,
        links: Vec<Vec<Option<Link>>>,
    ) -> io::Result<Self> {
        let stop = AbortFlag::new();
        let [mut reports, mut commands]: [Vec<Option<Link>>; 2] =
            links.try_into().map_err(|_| io::Error::other("links for reports and for commands"))?;
        for link in reports.iter_mut().chain(&mut commands).flatten() {
            link.set_abort(stop.clone());
        }
        let OfficeConfig { n_parties, expected, patience, manager: mut managing } = config;
        let timeout = managing.io_timeout;
        let mut threads = Vec::new();
        if managing.me.index() == 0 {
            let (tell, heard) = channel::<(usize, Event)>();
            for (party, link) in reports.into_iter().enumerate() {
                let Some(mut link) = link else { continue };
                let tell = tell.clone();
                threads.push(Builder::new().name(format!("reports of P{party}")).spawn(
                    move || {
                        // It ends with the run, or with the other main node, which is noticed elsewhere.
                        while let Ok(event) = receive(&mut link, timeout) {
                            if tell.send((party, event)).is_err() {
                                return;
                            }
                        }
                    },
                )?);
            }
            managing.report = Box::new(move |event| {
                // Without a coordinator the run is over.
                let _ = tell.send((0, event));
            });
            let manager = Arc::new(Manager::start(managing, listener)?);
            let coordinator = Coordinator::new(n_parties, expected, patience);
            let (own, flag) = (Arc::clone(&manager), stop.clone());
            let others = commands.into_iter().flatten().collect();
            threads.push(Builder::new().name("coordinator".into()).spawn(move || {
                coordinate(coordinator, &heard, &own, others, timeout, &flag);
            })?);
            return Ok(Self { manager, stop, threads: Mutex::new(threads) });
        }
        let first = |links: Vec<Option<Link>>| links.into_iter().flatten().next();
        let (Some(mut up), Some(mut down)) = (first(reports), first(commands)) else {
            return Err(io::Error::other("there are no links with P0"));
        };
        let (tell, outbox) = channel::<Event>();
        managing.report = Box::new(move |event| {
            let _ = tell.send(event);
        });
        let manager = Arc::new(Manager::start(managing, listener)?);
        let flag = stop.clone();
        threads.push(Builder::new().name("reports".into()).spawn(move || {
            while !flag.is_set() {
                match outbox.recv_timeout(TICK) {
                    Ok(event) if send(&mut up, &event, &[], timeout).is_err() => return,
                    Ok(_) | Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
        })?);
        let own = Arc::clone(&manager);
        threads.push(Builder::new().name("commands".into()).spawn(move || {
            while let Ok(command) = receive::<Command>(&mut down, timeout) {
                own.execute(command);
            }
        })?);
        Ok(Self { manager, stop, threads: Mutex::new(threads) })
    }

    /// Who computes chunks.
    pub(crate) fn workers(&self) -> &dyn Workers {
        &*self.manager
    }

    /// What each worker has done.
    pub(crate) fn reports(&self) -> Vec<WorkerReport> {
        self.manager.reports()
    }

    /// Tells the workers how the run has ended, and ends all threads.
    pub(crate) fn close(&self, ending: Ending) {
        self.manager.close(ending);
        self.stop.set("the run is over");
        let threads =
            std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            // A panic of the thread is shown by its own message.
            let _ = thread.join();
        }
    }
}

/// The thread of the coordinator.
fn coordinate(
    mut coordinator: Coordinator,
    heard: &Receiver<(usize, Event)>,
    own: &Manager,
    mut others: Vec<Link>,
    timeout: Duration,
    stop: &AbortFlag,
) {
    let start = Instant::now();
    let mut ticked = Instant::now();
    while !stop.is_set() {
        let mut commands = match heard.recv_timeout(TICK) {
            Ok((party, event)) => coordinator.event(start.elapsed(), party, event),
            Err(RecvTimeoutError::Timeout) => Vec::new(),
            Err(RecvTimeoutError::Disconnected) => return,
        };
        if ticked.elapsed() >= TICK {
            ticked = Instant::now();
            commands.extend(coordinator.tick(start.elapsed()));
        }
        for command in commands {
            for link in &mut others {
                // A main node that is lost ends the run, which is noticed elsewhere.
                if send(link, &command, &[], timeout).is_err() {
                    return;
                }
            }
            own.execute(command);
        }
    }
}
