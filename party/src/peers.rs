//! The other parties of a run: connecting, agreeing, and ending together.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use caucus_core::control::Control;
use caucus_core::identity::{Identity, Trust};
use caucus_core::ids::{NodeId, PartyId};
use caucus_core::net::{AbortFlag, Error as NetError, Link, Net, Step};
use caucus_core::setup::{self, Mesh, MeshConfig, Progress};
use caucus_protocols::SessionId;
use sha2::{Digest, Sha256};

use crate::agree::Proposal;
use crate::config::Config;
use crate::error::Error;
use crate::events::{Events, Phase};
use crate::nodes::{LINKS, OfficeMeans};
use crate::stalls::Stalls;

/// How long a party whose program failed waits for the others to say that theirs failed, too.
const TOGETHER_PATIENCE: Duration = Duration::from_millis(1500);

/// What a party says at its end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Status {
    Succeeded = 0,
    Failed = 1,
}

/// Bytes of a status and a number.
const STATUS_BYTES: usize = 9;

/// All links with the other parties.
pub(crate) struct Connected {
    /// What is needed until the end.
    pub(crate) peers: Peers,
    /// The links of each thread of the program.
    pub(crate) threads: Vec<Net>,
    /// What an office for workers is opened with.
    pub(crate) office: OfficeMeans,
    /// The name of this run, the same at all parties and never used before.
    pub(crate) session: SessionId,
}

/// The control links with the other parties, and links to end the run with.
pub(crate) struct Peers {
    mesh: Mesh,
    net: Net,
}

/// Connects with all other parties and compares what they are about to do. `data_abort` ends the waits of the
/// program's threads.
pub(crate) fn connect(
    config: &mut Config,
    public_inputs: Option<[u8; 32]>,
    data_abort: &AbortFlag,
    events: &Arc<dyn Events>,
) -> Result<Connected, Error> {
    let me = config.me;
    let identity = |source| Error::Identity { me, source: Box::new(source) };
    let own = Identity::load(&config.certs, me).map_err(identity)?;
    let trust = Trust::load(&config.certs, config.n_parties).map_err(identity)?;
    own.warnings().iter().chain(trust.warnings()).for_each(|warning| events.notice(warning));
    let (own, trust) = (Arc::new(own), Arc::new(trust));
    let listener = listener(config)?;
    let (protocol, program) = (config.protocol.name, &config.program);
    let workers = config.workers.as_ref().map(|workers| workers.expected);
    let (n_parties, checkpoints) = (config.n_parties, config.checkpoints);
    let mut proposal =
        Proposal::new(me, n_parties, protocol, program, workers, public_inputs, checkpoints);
    proposal.insecure_seed = config.insecure_seed;
    let refused = Arc::clone(events);
    let mesh_config = MeshConfig {
        identity: Arc::clone(&own),
        trust: Arc::clone(&trust),
        me,
        addresses: config.peers.clone(),
        proposal: proposal.to_bytes(),
        deadline: config.connect_timeout,
        on_refused: Arc::new(move |text: String| refused.notice(&text)),
    };
    let show = |progress: &Progress| {
        if let Some(phase) = phase(progress) {
            events.progress(&phase);
        }
    };
    let failed = |source| match source {
        setup::Error::Aborted { cause } => Error::Aborted { me, cause },
        source => Error::Setup { me, source: Box::new(source) },
    };
    let mesh = Mesh::connect(mesh_config, listener, config.abort.clone(), show).map_err(failed)?;
    events.progress(&Phase::Agreeing);
    let session = agree(me, &proposal, &mesh)?;
    let n_threads = u32::try_from(config.program.max_threads()).expect("threads are few");
    // One more than the program has, for the end of the run.
    let n_offices = if config.workers.is_some() { LINKS } else { 0 };
    let mut links = mesh.open_threads(0..n_threads + 1 + n_offices, show).map_err(failed)?;
    let offices = links.split_off(n_threads as usize + 1);
    let net = |links: Vec<Option<Link>>, abort: &AbortFlag| {
        let mut net = Net::new(me.party, links, abort.clone());
        net.set_timeout(config.io_timeout);
        net
    };
    let last = links.pop().expect("one more was asked for");
    let threads = links.into_iter().map(|links| net(links, data_abort)).collect();
    let net = net(last, &config.abort);
    let office = OfficeMeans { identity: own, trust, links: offices };
    Ok(Connected { peers: Peers { mesh, net }, threads, office, session })
}

fn listener(config: &mut Config) -> Result<TcpListener, Error> {
    if let Some(listener) = config.listener.take() {
        return Ok(listener);
    }
    let me = config.me;
    let address = config.peers.get(me.party.index());
    let port = address.map_or(caucus_core::config::default_port(me.party), |it| it.port());
    TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).map_err(|source| Error::Listen {
        me,
        port,
        source,
    })
}

/// Compares the proposals and derives the name of the run from what all parties have added to it.
fn agree(me: NodeId, ours: &Proposal, mesh: &Mesh) -> Result<SessionId, Error> {
    let parties = (0..=u8::MAX).map(PartyId::new).zip(mesh.proposals());
    let others: Vec<_> = parties.filter(|(party, _)| *party != me.party).collect();
    if let Err((party, difference)) = ours.compare(&others) {
        // Not an abort: every party has all proposals, or is about to, and finds out by itself.
        mesh.control().bye();
        return Err(Error::disagree(me, party, difference));
    }
    if let Some(seed) = ours.insecure_seed {
        return Ok(SessionId::predictable(seed));
    }
    let mut hash = Sha256::new();
    hash.update(b"caucus session 1");
    for proposal in mesh.proposals() {
        hash.update((proposal.len() as u64).to_le_bytes());
        hash.update(proposal);
    }
    Ok(SessionId::new(hash.finalize().into()))
}

fn phase(progress: &Progress) -> Option<Phase> {
    match progress {
        Progress::Retrying { peer, address, waited, last_error } => Some(Phase::Connecting {
            peer: *peer,
            address: address.clone(),
            waited: *waited,
            last_error: last_error.clone(),
        }),
        Progress::Connected { n_connected, n_peers, .. } => {
            Some(Phase::Connected { n_connected: *n_connected, n_peers: *n_peers })
        }
    }
}

impl Peers {
    /// The control links.
    pub(crate) fn control(&self) -> &Control {
        self.mesh.control()
    }

    /// Has waits at the end of the run looked at.
    pub(crate) fn watch(&self, stalls: &Stalls) {
        stalls.watch_end(&self.net);
    }

    /// Waits until all parties have ended. Gives the sum of `number` over all, or none if a program failed.
    pub(crate) fn succeed(&mut self, number: u64) -> Result<Option<u64>, NetError> {
        let all = self.exchange(Status::Succeeded, number)?;
        if all.iter().any(|(status, _)| *status != Status::Succeeded as u8) {
            return Ok(None);
        }
        Ok(Some(all.iter().map(|(_, number)| *number).fold(0, u64::saturating_add)))
    }

    /// Whether the programs of all other parties have failed, too, or do so in a moment.
    pub(crate) fn fail_together(&mut self) -> bool {
        self.net.set_timeout(TOGETHER_PATIENCE);
        let all = self.exchange(Status::Failed, 0);
        all.is_ok_and(|all| all.iter().all(|(status, _)| *status == Status::Failed as u8))
    }

    fn exchange(&mut self, status: Status, number: u64) -> Result<Vec<(u8, u64)>, NetError> {
        let mut mine = [status as u8; STATUS_BYTES];
        mine[1..].copy_from_slice(&number.to_le_bytes());
        let all = self.net.all_gather(Step::Agree, &mine)?;
        let read = |bytes: &Vec<u8>| {
            let mut number = [0; STATUS_BYTES - 1];
            number.copy_from_slice(&bytes[1..]);
            (bytes[0], u64::from_le_bytes(number))
        };
        Ok(all.iter().map(read).collect())
    }
}
