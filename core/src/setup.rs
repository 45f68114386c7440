//! Making the links of a node: the mesh of one computation, and the links of workers and clients with
//! the ports of programs.
//!
//! In the mesh each party connects to those with lower numbers. All its links come in at one port: a
//! control link per pair of parties first, on which each tells the other what it wants to be compared
//! (the *proposal*), then a link per thread. Who the peer is comes from its certificate. Main nodes mesh
//! with main nodes, workers `k` with workers `k`.

mod accept;
pub(crate) mod background;
mod corked;
mod dial;
mod error;
mod join;
pub(crate) mod members;
pub(crate) mod message;
mod nodes;
mod program;
mod registry;

#[cfg(test)]
mod tests;

use std::fmt;
use std::net::TcpListener;
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel, sync_channel};
use std::time::Duration;

use crate::config::HostPort;
use crate::control::Control;
use crate::identity::{ALPN_PARTY, Expected, Identity, Trust};
use crate::ids::NodeId;
use crate::net::{AbortFlag, Link};

pub use accept::OnRefused;
use accept::{Guard, Notices};
use background::Background;
pub use error::{Ends, Error, Stage};
pub use message::ProgramSpec;
pub use nodes::{NodeArrival, NodeDial, NodeListener, connect_main};
pub use program::{Accepted, IsOpen, ProgramListener, WorkerDial, connect_worker};
use registry::Registry;

/// How long a node waits for its peers where nothing else is said.
pub const DEFAULT_DEADLINE: Duration = Duration::from_secs(60);

/// Everything that a node must know to join a mesh.
pub struct MeshConfig {
    /// Who this node is.
    pub identity: Arc<Identity>,
    /// Whom it believes.
    pub trust: Arc<Trust>,
    /// Its name: the role is also that of its peers.
    pub me: NodeId,
    /// Where the parties listen, P0 first; as many as there are parties. The own entry is not used.
    pub addresses: Vec<HostPort>,
    /// What the parties compare before they begin, at most 48 KiB; see [`Mesh::proposals`].
    pub proposal: Vec<u8>,
    /// How long to wait for all peers, for control links and again for the links of threads.
    pub deadline: Duration,
    /// Receives a line for each connection that was refused; called on a background thread.
    pub on_refused: OnRefused,
}

/// What happens while links are made, for the user to see.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Progress {
    /// A peer does not listen yet; another attempt follows.
    Retrying {
        /// Who does not listen.
        peer: NodeId,
        /// Where it should.
        address: HostPort,
        /// How long this node has tried.
        waited: Duration,
        /// Why the last attempt failed.
        last_error: String,
    },
    /// The control link with a peer is there.
    Connected {
        /// The peer.
        peer: NodeId,
        /// How many peers are connected.
        n_connected: usize,
        /// How many peers there are.
        n_peers: usize,
    },
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Retrying { peer, address, waited, last_error } => write!(
                f,
                "waiting for {peer} at {address} ({:.1} s): {last_error}",
                waited.as_secs_f64()
            ),
            Self::Connected { peer, n_connected, n_peers } => {
                write!(f, "connected with {peer} ({n_connected} of {n_peers})")
            }
        }
    }
}

/// Links with all parties for each of some threads: in the order of threads, then of parties, with `None`
/// in the place of this node.
pub type ThreadLinks = Vec<Vec<Option<Link>>>;

/// The peers of a node, connected and watched. Its port is served until this is dropped.
pub struct Mesh {
    control: Control,
    proposals: Vec<Vec<u8>>,
    work: Arc<Work>,
    background: Arc<Background>,
}

/// What the tasks of a mesh share.
struct Work {
    config: MeshConfig,
    registry: Arc<Registry>,
    /// Random, the same for all links of this process.
    session: [u8; 16],
    abort: AbortFlag,
}

impl Mesh {
    /// Connects the control links with all peers, and watches them from then on.
    ///
    /// `progress` is called on the calling thread. Returns when all peers are there; fails when one did
    /// not come until the deadline, at once when one cannot be the right one, and when `abort` is set.
    /// After a failure the peers that were connected have been told.
    pub fn connect(
        config: MeshConfig,
        listener: TcpListener,
        abort: AbortFlag,
        mut progress: impl FnMut(&Progress),
    ) -> Result<Self, Error> {
        let n_parties = config.trust.n_parties();
        if config.addresses.len() != n_parties {
            let found = config.addresses.len();
            return Err(Error::Addresses { expected: n_parties, found });
        }
        let mut session = [0; 16];
        getrandom::fill(&mut session).map_err(std::io::Error::other)?;
        let guard = Guard {
            identity: Arc::clone(&config.identity),
            trust: Arc::clone(&config.trust),
            expected: Expected::Peers { me: config.me },
            alpn: ALPN_PARTY,
            notices: Notices::new(Arc::clone(&config.on_refused)),
        };
        accept::check_identity(&guard)?;
        let background = Background::start(&format!("control {}", config.me))?;
        let proposal = config.proposal.clone();
        let registry = Registry::new(guard, config.me, session, proposal, abort.clone());
        {
            let _context = background.handle().enter();
            let listener = accept::adopt(listener)?;
            background.handle().spawn(Arc::clone(&registry).serve(listener));
        }
        let control = Control::new(Arc::clone(&background), abort.clone());
        let work = Arc::new(Work { config, registry, session, abort });
        let proposals = {
            let (work, control) = (Arc::clone(&work), control.clone());
            run(&background, |events| work.control_links(control, events), &mut progress)?
        };
        Ok(Self { control, proposals, work, background })
    }

    /// The control plane.
    pub fn control(&self) -> &Control {
        &self.control
    }

    /// What each party wants to be compared, in the order of parties, the own one included.
    pub fn proposals(&self) -> &[Vec<u8>] {
        &self.proposals
    }

    /// Links with all peers for each of these threads.
    ///
    /// All parties must call this with the same threads. Fails as [`Mesh::connect`] does.
    pub fn open_threads(
        &self,
        threads: Range<u32>,
        mut progress: impl FnMut(&Progress),
    ) -> Result<ThreadLinks, Error> {
        let (work, control) = (Arc::clone(&self.work), self.control.clone());
        let connect = |events| work.data_links(threads, control, events);
        let mut links = run(&self.background, connect, &mut progress)?;
        for link in links.iter_mut().flatten().flatten() {
            link.set_abort(self.work.abort.clone());
        }
        Ok(links)
    }
}

/// Connects control links and the links of `n_threads` threads; see [`Mesh`] for doing it in two steps.
pub fn connect_mesh(
    config: MeshConfig,
    listener: TcpListener,
    n_threads: u32,
    abort: AbortFlag,
    mut progress: impl FnMut(&Progress),
) -> Result<(Mesh, ThreadLinks), Error> {
    let mesh = Mesh::connect(config, listener, abort, &mut progress)?;
    let links = mesh.open_threads(0..n_threads, &mut progress)?;
    Ok((mesh, links))
}

/// Runs the work on the background thread and shows its progress on this one.
fn run<T, F>(
    background: &Background,
    start: impl FnOnce(Sender<Progress>) -> F,
    progress: &mut impl FnMut(&Progress),
) -> Result<T, Error>
where
    T: Send + 'static,
    F: Future<Output = Result<T, Error>> + Send + 'static,
{
    let (events, happened) = channel();
    let (result, finished) = sync_channel(1);
    let work = start(events);
    background.handle().spawn(async move {
        // Nobody but the caller, who waits, could have dropped the receiver.
        let _ = result.send(work.await);
    });
    for event in happened {
        progress(&event);
    }
    finished.recv().unwrap_or_else(|_| Err(std::io::Error::other("a task failed").into()))
}
