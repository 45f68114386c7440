//! The ports that a program opens for clients and workers, and connecting to those of other programs.

use std::collections::BTreeMap;
use std::net::{IpAddr, TcpListener};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use caucus_core::config::HostPort;
use caucus_core::identity::{self, Identity, Subject, Trust};
use caucus_core::ids::{NodeId, PartyId, Role, WorkerId};
use caucus_core::net::AbortFlag;
use caucus_core::setup::{
    Accepted, ProgramListener, ProgramSpec, Progress, WorkerDial, connect_worker,
};
use caucus_vm::Arrival;

use super::{Error, Sockets};
use crate::events::{Events, Phase};

/// From when on the caller hears that a program waits.
const REMINDER: Duration = Duration::from_millis(500);
/// How long to wait for somebody before all parties look again who is there.
const MOMENT: Duration = Duration::from_millis(100);

/// What a program's ports depend on.
pub(crate) struct PortsConfig {
    /// This node; the main node of P0 where one process plays all.
    pub(crate) me: NodeId,
    /// How many parties have an authority.
    pub(crate) n_parties: usize,
    /// Name of the protocol.
    pub(crate) protocol: &'static str,
    /// Length of the ring.
    pub(crate) ring_bits: u32,
    /// Directory of identities.
    pub(crate) certs: PathBuf,
    /// Address to listen on.
    pub(crate) bind: IpAddr,
    /// Host to connect to instead of the one that the program names.
    pub(crate) main_host: Option<String>,
    /// How long to wait for others.
    pub(crate) timeout: Duration,
    /// Ends all waiting.
    pub(crate) abort: AbortFlag,
    /// Who is told.
    pub(crate) events: Arc<dyn Events>,
}

/// The ports of one run.
pub(crate) struct Ports {
    config: PortsConfig,
    trust: Mutex<Option<Arc<Trust>>>,
    listeners: Mutex<BTreeMap<u16, Arc<ProgramListener>>>,
}

impl Ports {
    /// No ports yet. Identities are read when the first one is needed.
    pub(crate) fn new(config: PortsConfig) -> Self {
        Self { config, trust: Mutex::default(), listeners: Mutex::default() }
    }

    fn party(&self) -> PartyId {
        self.config.me.party
    }

    /// The port of this party for a base that the program gives.
    fn port(&self, base: i64, relative: bool) -> Result<u16, Error> {
        let offset = if relative { self.party().index() as i64 } else { 0 };
        let port = base.checked_add(offset).and_then(|port| u16::try_from(port).ok());
        port.filter(|port| *port != 0).ok_or(Error::Port { port: base })
    }

    fn trust(&self) -> Result<Arc<Trust>, identity::Error> {
        let mut trust = self.trust.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(trust) = &*trust {
            return Ok(Arc::clone(trust));
        }
        let loaded = Arc::new(Trust::load(&self.config.certs, self.config.n_parties)?);
        *trust = Some(Arc::clone(&loaded));
        Ok(loaded)
    }

    fn spec(&self) -> ProgramSpec {
        ProgramSpec {
            protocol: self.config.protocol.to_owned(),
            ring_bits: self.config.ring_bits,
            n_parties: u32::try_from(self.config.n_parties).unwrap_or(u32::MAX),
        }
    }

    /// Listens on this base plus the number of the party; once is enough.
    pub(crate) fn listen(&self, base: i64, sockets: &Arc<Sockets>) -> Result<(), Error> {
        let port = self.port(base, true)?;
        let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        if listeners.contains_key(&port) {
            return Ok(());
        }
        let listener = TcpListener::bind((self.config.bind, port))
            .map_err(|source| Error::Listen { port, source })?;
        let identity = Identity::load(&self.config.certs, self.config.me)?;
        let events = Arc::clone(&self.config.events);
        let sockets = Arc::clone(sockets);
        let started = ProgramListener::start(
            listener,
            Arc::new(identity),
            self.trust()?,
            self.spec(),
            specification(self.config.ring_bits),
            Arc::new(move |number| sockets.is_open(number)),
            Arc::new(move |text: String| events.notice(&format!("port {port}: {text}"))),
        );
        listeners.insert(port, Arc::new(started.map_err(Error::Connect)?));
        Ok(())
    }

    /// The bases of all ports that are listened on.
    pub(crate) fn bases(&self) -> Vec<i64> {
        let listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        listeners.keys().map(|port| i64::from(*port) - self.party().index() as i64).collect()
    }

    fn listener(&self, base: i64) -> Result<(u16, Arc<ProgramListener>), Error> {
        let port = self.port(base, true)?;
        let listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        let listener = listeners.get(&port).cloned().ok_or(Error::NotListening { port })?;
        Ok((port, listener))
    }

    /// Who waits to be accepted; waits a moment for somebody. An error once the program has waited for too long.
    pub(crate) fn arrivals(
        &self,
        base: i64,
        waited: Duration,
        sockets: &Sockets,
    ) -> Result<Vec<Arrival>, Error> {
        let (port, listener) = self.listener(base)?;
        let here = listener.waiting(Instant::now() + MOMENT, &self.config.abort)?;
        if waited >= self.config.timeout {
            return Err(Error::NobodyCame {
                port,
                waited,
                connected: sockets.accepted(),
                here: here.iter().map(Subject::to_string).collect(),
                refused: listener.refused(),
            });
        }
        // Not at once: mostly somebody comes soon.
        if waited >= REMINDER {
            let connected = sockets.accepted().len();
            self.config.events.progress(&Phase::WaitingForWorker { port, waited, connected });
        }
        Ok(here.iter().filter_map(arrival).collect())
    }

    /// Accepts one of those who wait and gives its number, which is that of its connection unless that one is open
    /// already.
    pub(crate) fn accept(&self, base: i64, who: Arrival, sockets: &Sockets) -> Result<i64, Error> {
        let (port, listener) = self.listener(base)?;
        let subject = match who {
            Arrival { number, is_client: true } => Subject::Client(number),
            Arrival { number, is_client: false } => {
                Subject::Node(NodeId::worker(self.party(), WorkerId::new(number)))
            }
        };
        let accepted = listener.take(subject, &self.config.abort);
        let Accepted { number, subject, link } =
            accepted.ok_or_else(|| Error::Gone { who: subject.to_string(), port })?;
        sockets.insert_accepted(number, subject, link);
        self.config.events.progress(&Phase::Running);
        Ok(number)
    }

    /// Connects as worker `id` of this party to the same party's node that listens there; gives the new connection's
    /// number. `relative` adds the number of the party to the port.
    pub(crate) fn connect(
        &self,
        host: &str,
        base: i64,
        id: i64,
        relative: bool,
        sockets: &Sockets,
    ) -> Result<i64, Error> {
        let port = self.port(base, relative)?;
        let host = self.config.main_host.as_deref().unwrap_or(host);
        let address = HostPort::parse(host, port)?;
        let worker = u32::try_from(id).map_err(|_| Error::ClientId { id })?;
        let me = NodeId::worker(self.party(), WorkerId::new(worker));
        let expected = NodeId::main(self.party());
        let dial = WorkerDial {
            identity: Arc::new(Identity::load(&self.config.certs, me)?),
            trust: self.trust()?,
            address,
            expected,
            spec: self.spec(),
            deadline: self.config.timeout,
        };
        let link = connect_worker(dial, &self.config.abort, |progress| {
            if let Progress::Retrying { address, waited, last_error, .. } = progress {
                self.config.events.progress(&Phase::ConnectingToMain {
                    address: address.clone(),
                    waited: *waited,
                    last_error: last_error.clone(),
                });
            }
        })?;
        self.config.events.progress(&Phase::Running);
        Ok(sockets.insert_outgoing(format!("{expected} (main node)"), link))
    }

    /// Stops listening.
    pub(crate) fn close(&self) {
        let listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner).split_off(&0);
        drop(listeners);
    }
}

/// Whoever may wait at a program's port: workers and clients.
fn arrival(subject: &Subject) -> Option<Arrival> {
    let (number, is_client) = match subject {
        Subject::Client(number) => (*number, true),
        Subject::Node(NodeId { role: Role::Worker(worker), .. }) => {
            (u32::try_from(worker.index()).ok()?, false)
        }
        Subject::Node(NodeId { role: Role::Main, .. }) => return None,
    };
    Some(Arrival { number, is_client })
}

/// What clients of other makes are told: a frame of three words, for a ring the letter `R`, its length, and the
/// length of public values.
fn specification(ring_bits: u32) -> Vec<u8> {
    let words = [12, u32::from(b'R'), ring_bits, ring_bits];
    words.into_iter().flat_map(u32::to_le_bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specification_is_a_frame_of_three_words() {
        assert_eq!(specification(64), [12, 0, 0, 0, 82, 0, 0, 0, 64, 0, 0, 0, 64, 0, 0, 0]);
    }
}
