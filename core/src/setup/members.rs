//! Links among the nodes of one party: one for each pair.
//!
//! Each node connects to the first of the list of members, the root, and says what it was started for (the *token*) and
//! where it listens. When all are there and agree, the root tells them where the others listen; then each connects to
//! those before it. If one is missing or differs, all hear that from the root. Who a node is comes from its certificate;
//! nodes of other parties are refused during the handshake, before anything is said.

use std::collections::HashSet;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{sleep_until, timeout};
use tokio_rustls::TlsStream;

use super::Error;
use super::accept::{self, Guard, Notices, OnRefused};
use super::background::Background;
use super::corked::Corked;
use super::dial::{Dial, Means};
use super::join::{aborted, hand_over};
use super::message::{VERSION, plain, read_message, write_message};
use crate::config::HostPort;
use crate::identity::{ALPN_COMM, Expected, Identity, Subject, Trust};
use crate::ids::NodeId;
use crate::net::{AbortFlag, Link};

/// How long after its own deadline a node waits to hear from the root who is missing.
const GRACE: Duration = Duration::from_secs(2);
/// The longest token.
const MAX_TOKEN_BYTES: usize = 1 << 10;
/// How long a failure is told to those who wait.
const FAREWELL: Duration = Duration::from_secs(1);

/// Everything that a node must know to be linked with the others of its party.
pub(crate) struct NodesConfig {
    pub(crate) identity: Arc<Identity>,
    pub(crate) trust: Arc<Trust>,
    /// This node.
    pub(crate) me: NodeId,
    /// All nodes, this one included; the first is the root.
    pub(crate) members: Vec<NodeId>,
    /// What all must have in common.
    pub(crate) token: Vec<u8>,
    pub(crate) deadline: Duration,
    pub(crate) on_refused: OnRefused,
}

/// Where the others listen.
pub(crate) enum Addresses {
    /// All are known, in the order of members.
    All(Vec<HostPort>),
    /// Only that of the root is. The own one is told to the others: what is not said of it is what the listener and the
    /// root see.
    Root { root: HostPort, own: Option<HostPort> },
}

/// The first message of the connecting node.
#[derive(Serialize, Deserialize)]
pub(crate) struct Hello {
    version: u32,
    token: Vec<u8>,
    members: Vec<NodeId>,
    host: Option<String>,
    port: u16,
}

/// The answer of the listening node.
#[derive(Serialize, Deserialize)]
pub(crate) enum Answer {
    Welcome { version: u32 },
    Refused { reason: String },
}

/// What the root says to all when it has heard from all.
#[derive(Serialize, Deserialize)]
pub(crate) enum Table {
    Complete { addresses: Vec<HostPort> },
    Failed { reason: String },
}

/// A node that has connected to this one.
struct Arrived {
    peer: NodeId,
    stream: TlsStream<Corked>,
    hello: Hello,
    from: SocketAddr,
}

struct Work {
    config: NodesConfig,
    rank: usize,
    addresses: Addresses,
    listens: SocketAddr,
    guard: Guard,
    taken: Mutex<HashSet<NodeId>>,
    arrived: mpsc::UnboundedSender<Arrived>,
    abort: AbortFlag,
    deadline: Instant,
}

/// Links with all other members, in their order, with none in the place of this node.
///
/// Fails if a member does not come until the deadline or differs in its token or list of members, which all hear.
pub(crate) fn connect_nodes(
    config: NodesConfig,
    listener: TcpListener,
    addresses: Addresses,
    abort: AbortFlag,
) -> Result<Vec<Option<Link>>, Error> {
    let me = config.me;
    let Some(rank) = config.members.iter().position(|member| *member == me) else {
        let reason = format!("it is not among the members ({})", list(&config.members));
        return Err(Error::Nodes { me, reason });
    };
    if let Addresses::All(addresses) = &addresses
        && addresses.len() != config.members.len()
    {
        return Err(Error::Addresses { expected: config.members.len(), found: addresses.len() });
    }
    let guard = Guard {
        identity: Arc::clone(&config.identity),
        trust: Arc::clone(&config.trust),
        expected: Expected::Nodes { me },
        alpn: ALPN_COMM,
        notices: Notices::new(Arc::clone(&config.on_refused)),
    };
    accept::check_identity(&guard)?;
    let background = Background::start(&format!("nodes {me}"))?;
    let listens = listener.local_addr()?;
    let (arrived, arrivals) = mpsc::unbounded_channel();
    let deadline = Instant::now() + config.deadline;
    let taken = Mutex::default();
    let work = Work { config, rank, addresses, listens, guard, taken, arrived, abort, deadline };
    let work = Arc::new(work);
    {
        let _context = background.handle().enter();
        let listener = accept::adopt(listener)?;
        let work = Arc::clone(&work);
        background.handle().spawn(accept::serve(listener, move |stream, from| {
            Arc::clone(&work).receive(stream, from)
        }));
    }
    let links = background.wait(async move {
        let abort = work.abort.clone();
        tokio::select! {
            links = work.join(arrivals) => links,
            cause = aborted(&abort) => Err(Error::Aborted { cause }),
        }
    });
    links.unwrap_or_else(|| Err(std::io::Error::other("a connecting task failed").into()))
}

impl Work {
    /// Answers a node that connects.
    async fn receive(self: Arc<Self>, stream: TcpStream, from: SocketAddr) {
        let Some((mut stream, subject)) = self.guard.secure(stream, from).await else {
            return;
        };
        let is_ours = stream.get_ref().1.alpn_protocol() == Some(ALPN_COMM);
        let (Subject::Node(peer), true) = (subject, is_ours) else {
            let why = format!("{subject} asks for another protocol than that of a party's nodes");
            return self.guard.notices.note(from, &why);
        };
        let hello: Hello = match read_message(&mut stream).await {
            Ok(hello) => hello,
            Err(error) => {
                tracing::debug!(%peer, %error, "no hello");
                return;
            }
        };
        if let Err(reason) = self.admit(peer, &hello) {
            self.guard.notices.note(from, &reason);
            // A peer that is gone needs no reason.
            let _ = write_message(&mut stream, &Answer::Refused { reason }).await;
            return accept::linger(stream.into_inner().0.into_parts().0).await;
        }
        if write_message(&mut stream, &Answer::Welcome { version: VERSION }).await.is_ok() {
            // Nobody waits for it any more if this node has failed.
            let _ = self.arrived.send(Arrived { peer, stream: stream.into(), hello, from });
        }
    }

    fn admit(&self, peer: NodeId, hello: &Hello) -> Result<(), String> {
        let me = self.config.me;
        if hello.version != VERSION {
            return Err(format!("{peer} speaks version {}, {me} version {VERSION}", hello.version));
        }
        let rank = self.config.members.iter().position(|member| *member == peer);
        match rank {
            None => return Err(format!("{peer} is not among the members that {me} knows")),
            Some(rank) if rank < self.rank => {
                return Err(format!("{peer} connects to {me}, which should connect to {peer}"));
            }
            Some(_) => {}
        }
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        match taken.insert(peer) {
            true => Ok(()),
            false => Err(format!("{peer} is connected to {me} already: was it started twice?")),
        }
    }

    async fn join(
        self: Arc<Self>,
        arrivals: mpsc::UnboundedReceiver<Arrived>,
    ) -> Result<Vec<Option<Link>>, Error> {
        if self.rank == 0 { self.be_root(arrivals).await } else { self.follow(arrivals).await }
    }

    /// Waits for all others, compares what they say, and tells all where the others are.
    async fn be_root(
        self: Arc<Self>,
        mut arrivals: mpsc::UnboundedReceiver<Arrived>,
    ) -> Result<Vec<Option<Link>>, Error> {
        let n_members = self.config.members.len();
        let mut waiting: Vec<Option<Arrived>> = (0..n_members).map(|_| None).collect();
        let mut reason = None;
        while waiting.iter().flatten().count() < n_members - 1 {
            let Some(arrived) = self.next(&mut arrivals).await else {
                let is_missing =
                    |(rank, found): &(usize, &Option<Arrived>)| found.is_none() && *rank > 0;
                let missing = waiting.iter().enumerate().filter(is_missing);
                let missing: Vec<_> = missing.map(|(rank, _)| self.config.members[rank]).collect();
                let waited = self.config.deadline.as_secs_f64();
                let refused = self.guard.notices.last().pop();
                let refused = refused.map(|last| format!("; refused meanwhile: {last}"));
                reason = Some(format!(
                    "{} waited {waited:.1} s for {} to connect{}",
                    self.config.me,
                    list(&missing),
                    refused.unwrap_or_default()
                ));
                break;
            };
            if let Some(what) = self.difference(&arrived) {
                reason = reason.or(Some(what));
            }
            let rank = self.rank_of(arrived.peer);
            waiting[rank] = Some(arrived);
        }
        let table = match &reason {
            Some(reason) => Table::Failed { reason: reason.clone() },
            None => Table::Complete { addresses: self.table(&waiting) },
        };
        let mut links = Vec::with_capacity(n_members);
        for arrived in waiting {
            let Some(Arrived { peer, mut stream, .. }) = arrived else {
                links.push(None);
                continue;
            };
            let written = timeout(FAREWELL, write_message(&mut stream, &table)).await;
            if reason.is_some() {
                tokio::spawn(say_goodbye(stream));
                continue;
            }
            if !matches!(written, Ok(Ok(()))) {
                let reason = format!("{peer} was lost while the others came");
                return Err(Error::Nodes { me: self.config.me, reason });
            }
            links.push(Some(hand_over(stream, peer)?));
        }
        match reason {
            None => Ok(links),
            Some(reason) => {
                // The goodbyes go on meanwhile.
                tokio::time::sleep(Duration::from_millis(100)).await;
                Err(Error::Nodes { me: self.config.me, reason })
            }
        }
    }

    /// Where all listen, as far as the others must know.
    fn table(&self, waiting: &[Option<Arrived>]) -> Vec<HostPort> {
        let address = |(rank, arrived): (usize, &Option<Arrived>)| match (arrived, &self.addresses)
        {
            (_, Addresses::All(addresses)) => addresses[rank].clone(),
            (Some(Arrived { hello, from, .. }), _) => {
                let seen = || from.ip().to_canonical().to_string();
                HostPort::new(hello.host.clone().unwrap_or_else(seen), hello.port)
            }
            // Nobody connects to the root any more.
            (None, Addresses::Root { root, .. }) => root.clone(),
        };
        waiting.iter().enumerate().map(address).collect()
    }

    /// Connects to the root, then, once all are there, to the others before this node, while those after it come.
    async fn follow(
        self: Arc<Self>,
        mut arrivals: mpsc::UnboundedReceiver<Arrived>,
    ) -> Result<Vec<Option<Link>>, Error> {
        let members = &self.config.members;
        let root = match &self.addresses {
            Addresses::All(addresses) => addresses[0].clone(),
            Addresses::Root { root, .. } => root.clone(),
        };
        let mut to_root = self.dial(members[0], root).await?;
        let until = self.deadline + GRACE;
        let table = tokio::select! {
            table = read_message(&mut to_root) => table,
            () = sleep_until(until.into()) => {
                let reason = format!("{} did not say who is there", members[0]);
                return Err(self.failed(reason));
            }
        };
        let addresses = match (table, &self.addresses) {
            (Ok(Table::Failed { reason }), _) => {
                let reason = format!("{} (reported by {})", plain(&reason, 1000), members[0]);
                return Err(self.failed(reason));
            }
            (Ok(Table::Complete { .. }), Addresses::All(addresses)) => addresses.clone(),
            (Ok(Table::Complete { addresses }), _) if addresses.len() == members.len() => addresses,
            (Ok(Table::Complete { .. }), _) => {
                return Err(self.failed(format!("{} knows other members", members[0])));
            }
            (Err(error), _) => {
                return Err(self.failed(format!("{} was lost: {error}", members[0])));
            }
        };
        let mut streams: Vec<_> = members.iter().map(|_| None).collect();
        streams[0] = Some(to_root);
        let mut pending = JoinSet::new();
        for rank in 1..self.rank {
            let work = Arc::clone(&self);
            let (peer, address) = (members[rank], addresses[rank].clone());
            pending.spawn(async move { (rank, work.dial(peer, address).await) });
        }
        let mut n_missing = members.len() - 1 - self.rank;
        while n_missing > 0 || !pending.is_empty() {
            tokio::select! {
                Some(joined) = pending.join_next() => {
                    let (rank, stream) =
                        joined.map_err(|_| std::io::Error::other("a connecting task failed"))?;
                    streams[rank] = Some(stream?);
                }
                arrived = self.next(&mut arrivals), if n_missing > 0 => {
                    let Some(arrived) = arrived else {
                        let missing = streams.iter().zip(members).skip(self.rank + 1);
                        let missing: Vec<_> = missing
                            .filter(|(stream, _)| stream.is_none())
                            .map(|(_, node)| *node)
                            .collect();
                        return Err(self.failed(format!("{} did not connect", list(&missing))));
                    };
                    if let Some(what) = self.difference(&arrived) {
                        return Err(self.failed(what));
                    }
                    streams[self.rank_of(arrived.peer)] = Some(arrived.stream);
                    n_missing -= 1;
                }
            }
        }
        let links = streams.into_iter().zip(members);
        links
            .map(|(stream, peer)| stream.map(|stream| hand_over(stream, *peer)).transpose())
            .collect()
    }

    async fn next(&self, arrivals: &mut mpsc::UnboundedReceiver<Arrived>) -> Option<Arrived> {
        tokio::select! {
            arrived = arrivals.recv() => arrived,
            () = sleep_until(self.deadline.into()) => None,
        }
    }

    /// What a node was started for that this one was not.
    fn difference(&self, arrived: &Arrived) -> Option<String> {
        let Arrived { peer, hello, .. } = arrived;
        let me = self.config.me;
        if hello.members != self.config.members {
            let (theirs, ours) = (list(&hello.members), list(&self.config.members));
            return Some(format!("{peer} knows the members {theirs}, {me} knows {ours}"));
        }
        (hello.token != self.config.token).then(|| {
            let [theirs, ours] = [&hello.token, &self.config.token].map(|token| show(token));
            format!("{peer} was started for {theirs}, {me} for {ours}: start both for the same")
        })
    }

    async fn dial(&self, peer: NodeId, address: HostPort) -> Result<TlsStream<Corked>, Error> {
        let config = &self.config;
        let (progress, _) = std::sync::mpsc::channel();
        let means = Means {
            identity: &config.identity,
            trust: &config.trust,
            alpn: ALPN_COMM,
            accepted: Expected::Nodes { me: peer }.describe(&config.trust),
            deadline: self.deadline,
            abort: self.abort.clone(),
            progress,
        };
        let dial = Dial::new(peer, address, means)?;
        let own = match &self.addresses {
            Addresses::Root { own, .. } => own.as_ref(),
            Addresses::All(_) => None,
        };
        let ip = Some(self.listens.ip()).filter(|ip| !ip.is_unspecified());
        let hello = Hello {
            version: VERSION,
            token: config.token.clone(),
            members: config.members.clone(),
            host: own.map(|own| own.host().to_owned()).or(ip.map(|ip| ip.to_string())),
            port: own.map_or(self.listens.port(), HostPort::port),
        };
        let (stream, answer) = dial.open::<_, Answer>(&hello).await?;
        match answer {
            Answer::Welcome { version: VERSION } => Ok(stream.into()),
            Answer::Welcome { version } => {
                Err(dial.declined(&format!("it speaks version {version}, this node {VERSION}")))
            }
            Answer::Refused { reason } => Err(dial.declined(&reason)),
        }
    }

    fn rank_of(&self, peer: NodeId) -> usize {
        let rank = self.config.members.iter().position(|member| *member == peer);
        rank.expect("only members are admitted")
    }

    fn failed(&self, reason: String) -> Error {
        Error::Nodes { me: self.config.me, reason }
    }
}

/// Whether all nodes can say this at once.
pub(crate) fn check_token(me: NodeId, token: &[u8]) -> Result<(), Error> {
    if token.len() <= MAX_TOKEN_BYTES {
        return Ok(());
    }
    let reason = format!("a token of {} bytes, of {MAX_TOKEN_BYTES} at most", token.len());
    Err(Error::Nodes { me, reason })
}

async fn say_goodbye(stream: TlsStream<Corked>) {
    let (stream, _) = match stream {
        TlsStream::Client(stream) => stream.into_inner().0.into_parts(),
        TlsStream::Server(stream) => stream.into_inner().0.into_parts(),
    };
    accept::linger(stream).await;
}

fn list(nodes: &[NodeId]) -> String {
    nodes.iter().map(NodeId::to_string).collect::<Vec<_>>().join(", ")
}

/// A token as text where it is one, else its first bytes.
fn show(token: &[u8]) -> String {
    match std::str::from_utf8(token) {
        Ok(text) => format!("`{}`", plain(text, 200)),
        Err(_) => token.iter().take(16).map(|byte| format!("{byte:02x}")).collect(),
    }
}
