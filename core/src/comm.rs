//! Communicators: the nodes of one party exchange messages, and do what MPI calls collective operations together.
//!
//! A [`Comm`] is a view of some nodes of a party, its main node and its workers, which are its members and have ranks
//! from 0. Between each two there is one TLS connection, over which all communicators of a process go: what
//! [`split`](Comm::split) and [`shrink`](Comm::shrink) make shares the links of its parent, and differs from it by a
//! number in each frame. Who a member is comes from its certificate, and its rank from the list of members that all
//! have in common; see [`connect()`] and [`rendezvous`].
//!
//! A communicator may carry what a party holds of secrets, because a party is one trust domain. There is nothing like it
//! among the nodes of different parties, where gathering shares would open them.
//!
//! Before a collective operation moves anything, its members compare which operation they call, in a number of steps
//! that is logarithmic in their number. So it completes at all or fails at all, with both calls named, and no member is
//! ahead of another by more than one operation. Members therefore enter collective operations together; who wants to run
//! ahead sends single messages.
//!
//! Operations move messages while they run; what was sent with [`isend`](Comm::isend), and the rest of long messages,
//! moves whenever its sender is in an operation of any communicator over the same links. All communicators over the same
//! links belong to one thread at a time: others that call one wait for it.

mod accept;
mod call;
mod collective;
mod connect;
mod drive;
mod element;
mod engine;
mod error;
pub(crate) mod frame;
mod group;
mod op;
mod output;
mod point_to_point;
mod port;
mod reduce;
mod round;
mod shrink;
mod stats;
mod tree;

#[cfg(test)]
mod tests;

/// Runs the example of the page.
#[cfg(doctest)]
#[doc = include_str!("../../docs/communicators.md")]
struct Page;

use std::fmt;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub use call::{Call, Collective};
pub use connect::{CommConfig, connect, rendezvous};
pub use element::{Element, ElementType, Located};
use engine::Engine;
pub use error::Error;
use frame::Frame;
pub use op::{Op, Reduce};
pub use point_to_point::{Envelope, RecvRequest, SendRequest, Tag};
use port::Gone;
pub use stats::{CommStats, Topic, TopicStats};

use crate::ids::{NodeId, PartyId, WorkerId};
use crate::net::{AbortFlag, Link, Sleeper, Waiting};

/// How long an operation may wait for a member unless [`Comm::set_deadline`] says otherwise.
pub const DEFAULT_DEADLINE: Duration = Duration::from_secs(60);
/// The most members, so that lists of them fit a frame.
const MAX_MEMBERS: usize = frame::MAX_NOTE_BYTES / 2;
/// How long a node that leaves waits for the others to read what it has said last.
const FAREWELL: Duration = Duration::from_millis(500);

/// Some nodes of a party that exchange messages. See the [module](self).
pub struct Comm {
    shared: Arc<Mutex<Engine>>,
    /// Its number, in which the frames of different communicators differ.
    context: u32,
    name: String,
    /// The members in the order of ranks, as the engine numbers them.
    members: Vec<usize>,
    nodes: Vec<NodeId>,
    rank: usize,
    deadline: Duration,
    /// How many collective operations were called.
    number: u32,
    /// How often it was shrunk.
    n_shrinks: u32,
    is_free: bool,
}

impl Comm {
    /// The communicator of these nodes of one party, in the order of ranks, of which this is `me`. The links are in the
    /// same order, with none in the place of `me`; who is at their other ends was checked when they were made. Setting
    /// `abort` ends every wait.
    ///
    /// # Panics
    /// If a link is missing, or is with another node than its place says, or the nodes are not all different, of one
    /// party, with `me` among them, or are more than 4096.
    pub fn from_links(
        name: &str,
        me: NodeId,
        nodes: Vec<NodeId>,
        links: Vec<Option<Link>>,
        abort: AbortFlag,
    ) -> Self {
        let rank = nodes.iter().position(|node| *node == me).expect("a node is one of the members");
        assert_eq!(links.len(), nodes.len(), "one link for each member");
        assert!(nodes.len() <= MAX_MEMBERS, "{} members", nodes.len());
        for (idx, (node, link)) in nodes.iter().zip(&links).enumerate() {
            assert_eq!(node.party, me.party, "{node} is of another party than {me}");
            assert!(!nodes[..idx].contains(node), "{node} stands twice among the members");
            match link {
                None => assert_eq!(idx, rank, "the link with {node} is missing"),
                Some(link) => assert_eq!(link.peer(), *node, "a link is in the wrong place"),
            }
        }
        let members = (0..nodes.len()).collect();
        let mut engine = Engine::new(rank, nodes, links, abort);
        let context = engine.next_context;
        engine.next_context += 1;
        Self::new(Arc::new(Mutex::new(engine)), context, name.to_owned(), members, DEFAULT_DEADLINE)
    }

    /// The communicators of a main node and `n_nodes - 1` workers of P0 that are threads of this process. Not encrypted.
    ///
    /// # Panics
    /// If there are no nodes, or the system refuses the sockets.
    pub fn local(n_nodes: usize) -> Vec<Self> {
        let nodes = members_of(PartyId::new(0), n_nodes - 1);
        let mut links: Vec<Vec<Option<Link>>> =
            nodes.iter().map(|_| nodes.iter().map(|_| None).collect()).collect();
        for (high, low) in (0..n_nodes).flat_map(|high| (0..high).map(move |low| (high, low))) {
            let (first, second) = UnixStream::pair().expect("the system gives a pair of sockets");
            let link = |socket, peer| {
                Some(
                    Link::from_unix(socket, peer).expect("a fresh socket can be made non-blocking"),
                )
            };
            links[low][high] = link(first, nodes[high]);
            links[high][low] = link(second, nodes[low]);
        }
        let ends = nodes.clone().into_iter().zip(links);
        ends.map(|(me, links)| {
            Self::from_links("world", me, nodes.clone(), links, AbortFlag::new())
        })
        .collect()
    }

    fn new(
        shared: Arc<Mutex<Engine>>,
        context: u32,
        name: String,
        members: Vec<usize>,
        deadline: Duration,
    ) -> Self {
        let (rank, nodes) = {
            let mut engine = lock(&shared);
            engine.context(context).members.clone_from(&members);
            let rank = members.iter().position(|member| *member == engine.me);
            let nodes = members.iter().map(|member| engine.nodes[*member]).collect();
            // It may have been revoked before this node knew of it.
            if let Some(by) = engine.context(context).revoked_by.take() {
                engine.revoke(context, by);
                engine.spread_revoked();
            }
            (rank.expect("a node makes communicators that it belongs to"), nodes)
        };
        let (number, n_shrinks, is_free) = (0, 0, false);
        Self { shared, context, name, members, nodes, rank, deadline, number, n_shrinks, is_free }
    }

    /// The rank of this node.
    pub fn rank(&self) -> usize {
        self.rank
    }

    /// How many members there are. It never changes.
    pub fn size(&self) -> usize {
        self.members.len()
    }

    /// The members, in the order of ranks.
    pub fn names(&self) -> &[NodeId] {
        &self.nodes
    }

    /// This node.
    pub fn me(&self) -> NodeId {
        self.nodes[self.rank]
    }

    /// The name of the communicator, for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How long an operation may wait without any progress.
    pub fn deadline(&self) -> Duration {
        self.deadline
    }

    /// Changes how long an operation may wait without any progress. What moves slower than 100 kB/s is given up too.
    pub fn set_deadline(&mut self, deadline: Duration) {
        self.deadline = deadline;
    }

    /// Shows the waits of this communicator, and of all others over the same links, there.
    pub fn set_waiting(&mut self, waiting: Waiting) {
        self.lock().sleeper = Sleeper::new(waiting);
    }

    /// Calls `body` with another deadline. The former one is back in force afterwards, also if it fails or panics.
    pub fn with_deadline<T>(&mut self, deadline: Duration, body: impl FnOnce(&mut Self) -> T) -> T {
        struct Restore<'a>(&'a mut Comm, Duration);
        impl Drop for Restore<'_> {
            fn drop(&mut self) {
                self.0.deadline = self.1;
            }
        }
        let before = std::mem::replace(&mut self.deadline, deadline);
        let restore = Restore(self, before);
        body(restore.0)
    }

    /// The traffic of this process over the links that this communicator uses.
    pub fn stats(&self) -> CommStats {
        self.lock().stats()
    }

    /// Whether a member has revoked the communicator, as far as this node knows.
    pub fn is_revoked(&self) -> bool {
        let mut engine = self.lock();
        engine.progress(&mut [], &mut []);
        engine.context(self.context).revoked_by.is_some()
    }

    /// The members that are known to be lost: gone without taking leave.
    pub fn lost(&self) -> Vec<NodeId> {
        let mut engine = self.lock();
        engine.progress(&mut [], &mut []);
        let is_lost = |node: &usize| {
            let port = engine.ports[*node].as_ref();
            port.is_some_and(|port| matches!(port.gone, Some(Gone::Lost(_))))
        };
        let lost = self.members.iter().filter(|node| is_lost(node));
        lost.map(|node| engine.nodes[*node]).collect()
    }

    /// Leaves the communicator in order. Afterwards it can do nothing any more; a second call does nothing.
    ///
    /// When the last communicator over the same links is freed, what is still to be sent is sent until the deadline,
    /// the others are told, and the links are closed. Dropping it does the same, but tells nobody of a failure.
    pub fn free(&mut self) -> Result<(), Error> {
        if std::mem::replace(&mut self.is_free, true) {
            return Ok(());
        }
        let mut engine = lock(&self.shared);
        engine.closed.insert(self.context);
        engine.contexts.remove(&self.context);
        for node in 0..engine.ports.len() {
            if engine.ports[node].is_some() {
                for arrival in engine.port(node).forget(self.context) {
                    engine.drop_spare(&arrival);
                }
            }
        }
        engine.local.retain(|key, _| key.context != self.context);
        if !engine.contexts.values().all(|context| context.members.is_empty()) {
            return Ok(());
        }
        let res = self.flush_all(&mut engine);
        for port in engine.ports.iter_mut().flatten() {
            port.tell(Frame::Bye, &[]);
        }
        let res = res.and(self.flush_all(&mut engine));
        engine.leave();
        res
    }

    /// Waits until everything that is on its way to those who are there has gone.
    fn flush_all(&self, engine: &mut Engine) -> Result<(), Error> {
        let members: Vec<_> = (0..engine.nodes.len()).collect();
        let mut watch = self.watch("free", &members);
        watch.may_be_revoked = false;
        engine.wait_for(&watch, |engine| {
            let mut ports = engine.ports.iter().enumerate();
            ports.find_map(|(node, port)| {
                let port = port.as_ref().filter(|port| port.is_open())?;
                (port.has_output() || !port.kept.is_empty()).then_some(node)
            })
        })
    }

    fn lock(&self) -> MutexGuard<'_, Engine> {
        lock(&self.shared)
    }

    fn watch<'a>(&'a self, doing: &'a str, members: &'a [usize]) -> drive::Watch<'a> {
        drive::Watch::new(self.context, &self.name, members, doing, self.deadline)
    }

    /// What every operation asks first.
    fn check_running(&self, doing: &str) -> Result<(), Error> {
        if self.is_free {
            return Err(Error::NotRunning { doing: doing.to_owned() });
        }
        Ok(())
    }
}

impl Engine {
    /// Closes the links once the others have read the goodbye or the time for that is over.
    fn leave(&mut self) {
        for port in self.ports.iter_mut().flatten() {
            port.link.close();
        }
        // A socket that is closed while something comes takes with it what the other end has not read.
        let until = Instant::now() + FAREWELL;
        loop {
            self.progress(&mut [], &mut []);
            let ports = self.ports.iter().flatten();
            let open = ports.filter(|port| port.gone.is_none()).map(|port| (&port.link, false));
            let left = until.saturating_duration_since(Instant::now());
            if open.clone().next().is_none() || left.is_zero() || self.abort.is_set() {
                break;
            }
            crate::net::pumped::sleep(open, left.min(Duration::from_millis(50)));
        }
        for port in self.ports.iter_mut().flatten() {
            port.gone.get_or_insert(Gone::Left);
        }
    }
}

impl Drop for Comm {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // This node has failed: the others must not believe that it has left in order.
            for port in self.lock().ports.iter_mut().flatten() {
                port.link.cut();
            }
            return;
        }
        // Nobody is left to tell.
        let _ = self.free();
    }
}

impl fmt::Debug for Comm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Comm({}, {} of {})", self.name, self.me(), self.size())
    }
}

/// The main node and the workers of a party, in the order of ranks: the main node first.
pub fn members_of(party: PartyId, n_workers: usize) -> Vec<NodeId> {
    let workers = (0..n_workers).map(|idx| NodeId::worker(party, WorkerId::new(idx as u32)));
    std::iter::once(NodeId::main(party)).chain(workers).collect()
}

fn lock(shared: &Mutex<Engine>) -> MutexGuard<'_, Engine> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
