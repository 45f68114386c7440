//! The port at which a main node takes its workers into service, and the workers' way there.
//!
//! A worker comes without a program. What it says is where the workers of its number of the other parties find it;
//! everything else it is told. Unlike at the ports of programs, nobody but workers of the own party is let in.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::accept::{self, Guard, Notices, OnRefused};
use super::background::Background;
use super::corked::Corked;
use super::dial::{Dial, Means, me_text};
use super::join::{aborted, hand_over};
use super::message::{VERSION, plain, write_message};
use super::{Error, Progress, run};
use crate::config::HostPort;
use crate::identity::{ALPN_NODE, Expected, Identity, Subject, Trust};
use crate::ids::{NodeId, Role, WorkerId};
use crate::net::{AbortFlag, Link};

/// How many workers wait to be taken in at most.
const MAX_WAITING: usize = 1024;

/// The first message of a worker.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Hello {
    version: u32,
    /// Who the sender believes to be, as the URI of its certificate; must equal the certificate's.
    announced: String,
    /// The host at which other parties' workers find it; if none, the address from which it connects.
    host: Option<String>,
    /// The port at which they find it.
    port: u16,
}

/// The answer of the main node.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
enum Answer {
    Accepted { version: u32 },
    Refused { reason: String },
}

/// A worker that has come to serve.
pub struct NodeArrival {
    /// Its number, as its certificate says.
    pub worker: WorkerId,
    /// Where the workers of the same number of the other parties find it.
    pub address: HostPort,
    /// The address from which it connects, at which the other workers of its party find it.
    pub from: IpAddr,
    /// The connection with it.
    pub link: Link,
}

/// The port at which a main node takes in its workers. Dropping it closes the port.
pub struct NodeListener {
    shared: Arc<Shared>,
    _background: Arc<Background>,
}

struct Shared {
    me: NodeId,
    guard: Guard,
    waiting: Mutex<VecDeque<NodeArrival>>,
    arrived: Condvar,
}

impl NodeListener {
    /// Accepts workers of the party of `identity` on this port, in the background. `on_refused` is called on a
    /// background thread.
    ///
    /// # Errors
    /// The identity is not a node's or cannot be used, or the system refuses a thread.
    pub fn start(
        listener: TcpListener,
        identity: Arc<Identity>,
        trust: Arc<Trust>,
        on_refused: OnRefused,
    ) -> Result<Self, Error> {
        let Some(me) = identity.node() else {
            return Err(io::Error::other("an external client has no workers").into());
        };
        let guard = Guard {
            identity,
            trust,
            expected: Expected::Workers { party: me.party },
            alpn: ALPN_NODE,
            notices: Notices::new(on_refused),
        };
        accept::check_identity(&guard)?;
        let (waiting, arrived) = (Mutex::default(), Condvar::new());
        let shared = Arc::new(Shared { me, guard, waiting, arrived });
        let background = Background::start(&format!("workers {me}"))?;
        {
            let _context = background.handle().enter();
            let listener = accept::adopt(listener)?;
            let shared = Arc::clone(&shared);
            background.handle().spawn(accept::serve(listener, move |stream, from| {
                Arc::clone(&shared).receive(stream, from)
            }));
        }
        Ok(Self { shared, _background: background })
    }

    /// The next worker, in the order in which they came; none if none comes within `patience`.
    pub fn next(&self, patience: Duration) -> Option<NodeArrival> {
        let until = Instant::now() + patience;
        let mut waiting = self.shared.lock();
        loop {
            if let Some(arrival) = waiting.pop_front() {
                return Some(arrival);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            let arrived = self.shared.arrived.wait_timeout(waiting, left);
            waiting = arrived.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// What was refused last, and why.
    pub fn refused(&self) -> Option<String> {
        self.shared.guard.notices.last().pop()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, VecDeque<NodeArrival>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn receive(self: Arc<Self>, stream: TcpStream, from: SocketAddr) {
        let Some((mut stream, subject)) = self.guard.secure(stream, from).await else { return };
        let Subject::Node(NodeId { role: Role::Worker(worker), .. }) = subject else { return };
        match self.negotiate(&mut stream, subject, from).await {
            Ok(address) => self.enqueue(stream, worker, address, from),
            Err(Some(why)) => {
                self.guard.notices.note(from, &why);
                accept::linger(stream.into_inner().0.into_parts().0).await;
            }
            Err(None) => {}
        }
    }

    /// Where other parties' workers find this one. The error is the reason of a refusal; none if the other end is
    /// gone.
    async fn negotiate(
        &self,
        stream: &mut TlsStream<Corked>,
        subject: Subject,
        from: SocketAddr,
    ) -> Result<HostPort, Option<String>> {
        let hello: Hello = accept::read_hello(stream, subject).await?;
        let uri = subject.uri(self.guard.trust.deployment());
        let host = hello.host.clone().unwrap_or_else(|| from.ip().to_string());
        let port = hello.port;
        let address = HostPort::parse(&HostPort::new(host, port).to_string(), port);
        let unfit = accept::unfit(hello.version, &hello.announced, subject, &uri, self.me);
        let reason = match (unfit, address) {
            (Some(reason), _) => reason,
            (None, Err(error)) => format!("{subject} cannot be found by others: {error}"),
            (None, Ok(address)) => {
                let answer = Answer::Accepted { version: VERSION };
                return write_message(stream, &answer).await.map(|()| address).map_err(|_| None);
            }
        };
        let answer = Answer::Refused { reason: plain(&reason, 1000) };
        // A peer that is gone needs no reason.
        let _ = write_message(stream, &answer).await;
        Err(Some(reason))
    }

    fn enqueue(
        &self,
        stream: TlsStream<Corked>,
        worker: WorkerId,
        address: HostPort,
        from: SocketAddr,
    ) {
        let link = match hand_over(stream.into(), NodeId::worker(self.me.party, worker)) {
            Ok(link) => link,
            Err(error) => return self.guard.notices.note(from, &error.to_string()),
        };
        let mut waiting = self.lock();
        if waiting.len() >= MAX_WAITING {
            drop(waiting);
            return self.guard.notices.note(from, "too many workers wait to be taken in");
        }
        let from = from.ip().to_canonical();
        waiting.push_back(NodeArrival { worker, address, from, link });
        drop(waiting);
        self.arrived.notify_one();
    }
}

/// A worker's way to its main node.
pub struct NodeDial {
    /// Who connects: a worker of the party of the main node.
    pub identity: Arc<Identity>,
    /// Whom it believes.
    pub trust: Arc<Trust>,
    /// Where the main node takes in workers.
    pub address: HostPort,
    /// The host at which the workers of the other parties find this one; if none, the address from which it connects
    /// to the main node.
    pub host: Option<String>,
    /// The port at which they find it.
    pub port: u16,
    /// How long to try.
    pub deadline: Duration,
}

/// Connects a worker with the main node of its party, which may not listen yet.
///
/// `progress` is called on the calling thread.
///
/// # Errors
/// Nobody listened until the deadline, or the flag was set; at once if another node listens there, or refuses.
pub fn connect_main(
    dial: NodeDial,
    abort: &AbortFlag,
    mut progress: impl FnMut(&Progress),
) -> Result<Link, Error> {
    let NodeDial { identity, trust, address, host, port, deadline } = dial;
    let Some(me) = identity.node() else {
        return Err(io::Error::other("an external client serves no party").into());
    };
    let main = NodeId::main(me.party);
    let background = Background::start(&format!("connect {}", me_text(&identity.subject())))?;
    let announced = identity.subject().uri(trust.deployment());
    let start = |events| {
        let means = Means {
            identity: &identity,
            trust: &trust,
            alpn: ALPN_NODE,
            accepted: Expected::Workers { party: me.party }.describe(&trust),
            deadline: Instant::now() + deadline,
            abort: abort.clone(),
            progress: events,
        };
        let dial = Dial::new(main, address, means);
        let (flag, hello) = (abort.clone(), Hello { version: VERSION, announced, host, port });
        async move {
            let dial = dial?;
            let opened = tokio::select! {
                opened = dial.open::<_, Answer>(&hello) => opened,
                cause = aborted(&flag) => Err(Error::Aborted { cause }),
            };
            let (stream, answer) = opened?;
            match answer {
                Answer::Accepted { version: VERSION } => hand_over(stream.into(), main),
                Answer::Accepted { version } => {
                    Err(dial.declined(&format!("it speaks version {version}, this node {VERSION}")))
                }
                Answer::Refused { reason } => Err(dial.declined(&reason)),
            }
        }
    };
    let mut link = run(&background, start, &mut progress)?;
    link.set_abort(abort.clone());
    Ok(link)
}
