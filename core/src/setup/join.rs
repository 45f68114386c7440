//! Joining a mesh: connecting to the parties before this one while those after it come in.

use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_rustls::TlsStream;

use super::corked::Corked;
use super::dial::{Dial, Means};
use super::message::{Answer, Hello, Purpose, VERSION};
use super::registry::Arrived;
use super::{Error, Progress, ThreadLinks, Work};
use crate::control::Control;
use crate::identity::{ALPN_PARTY, Expected};
use crate::ids::{NodeId, PartyId};
use crate::net::{AbortFlag, Link};

/// How long to hope that the link which a peer has already is that of a process about to end.
const TAKEN_PATIENCE: Duration = Duration::from_secs(3);

impl Work {
    /// The proposals of all parties, once the control links with all peers are there and watched.
    pub(super) async fn control_links(
        self: Arc<Self>,
        control: Control,
        events: Sender<Progress>,
    ) -> Result<Vec<Vec<u8>>, Error> {
        let me = self.config.me;
        let n_parties = self.config.addresses.len();
        let mut proposals = vec![Vec::new(); n_parties];
        if let Some(own) = proposals.get_mut(me.party.index()) {
            own.clone_from(&self.config.proposal);
        }
        let mut pending = JoinSet::new();
        for peer in self.peers() {
            let link = Arc::clone(&self).link(peer, Purpose::Control, events.clone());
            pending.spawn(async move { (peer, link.await) });
        }
        let mut n_connected = 0;
        while let Some((peer, link)) = self.next(&mut pending, &control).await? {
            let Arrived { stream, proposal } = link;
            control.add(peer, stream);
            proposals[peer.party.index()] = proposal;
            n_connected += 1;
            // Nobody may be left to show it to; then the result is not wanted either.
            let _ = events.send(Progress::Connected { peer, n_connected, n_peers: n_parties - 1 });
        }
        Ok(proposals)
    }

    /// A link with each peer for each thread.
    pub(super) async fn data_links(
        self: Arc<Self>,
        threads: Range<u32>,
        control: Control,
        events: Sender<Progress>,
    ) -> Result<ThreadLinks, Error> {
        let n_parties = self.config.addresses.len();
        let mut links: ThreadLinks =
            threads.clone().map(|_| (0..n_parties).map(|_| None).collect()).collect();
        let mut pending = JoinSet::new();
        for (idx, thread) in threads.enumerate() {
            for peer in self.peers() {
                let purpose = Purpose::Data { thread };
                let link = Arc::clone(&self).link(peer, purpose, events.clone());
                pending.spawn(async move { ((peer, idx), link.await) });
            }
        }
        while let Some(((peer, idx), link)) = self.next(&mut pending, &control).await? {
            links[idx][peer.party.index()] = Some(hand_over(link.stream, peer)?);
        }
        Ok(links)
    }

    fn peers(&self) -> impl Iterator<Item = NodeId> + use<> {
        let me = self.config.me;
        let n_parties = u8::try_from(self.config.addresses.len()).unwrap_or(u8::MAX);
        (0..n_parties)
            .map(move |party| NodeId { party: PartyId::new(party), role: me.role })
            .filter(move |peer| *peer != me)
    }

    /// The next link that is there; a failure is told to all peers before it is returned.
    async fn next<K: 'static>(
        &self,
        pending: &mut JoinSet<(K, Result<Arrived, Error>)>,
        control: &Control,
    ) -> Result<Option<(K, Arrived)>, Error> {
        let joined = tokio::select! {
            joined = pending.join_next() => joined,
            cause = aborted(&self.abort) => return Err(Error::Aborted { cause }),
        };
        let (key, link) = match joined {
            None => return Ok(None),
            Some(Ok(finished)) => finished,
            Some(Err(_)) => return Err(std::io::Error::other("a connecting task failed").into()),
        };
        match link {
            Ok(link) => Ok(Some((key, link))),
            Err(error) => {
                // The flag was not set before: what follows from this failure must not hide it.
                control.abort_within(error.to_string()).await;
                Err(error)
            }
        }
    }

    async fn link(
        self: Arc<Self>,
        peer: NodeId,
        purpose: Purpose,
        events: Sender<Progress>,
    ) -> Result<Arrived, Error> {
        let config = &self.config;
        let deadline = Instant::now() + config.deadline;
        if peer.party > config.me.party {
            return self.registry.take(peer, purpose, deadline).await;
        }
        let means = Means {
            identity: &config.identity,
            trust: &config.trust,
            alpn: ALPN_PARTY,
            accepted: Expected::Peers { me: peer }.describe(&config.trust),
            deadline,
            abort: self.abort.clone(),
            progress: events,
        };
        let dial = Dial::new(peer, config.addresses[peer.party.index()].clone(), means)?;
        let proposal = match purpose {
            Purpose::Control => config.proposal.clone(),
            Purpose::Data { .. } => Vec::new(),
        };
        let hello = Hello { version: VERSION, purpose, session: self.session, proposal };
        let patience = deadline.min(Instant::now() + TAKEN_PATIENCE);
        loop {
            let (stream, answer) = dial.open::<_, Answer>(&hello).await?;
            return match answer {
                Answer::Welcome { version: VERSION, proposal } => {
                    Ok(Arrived { stream: stream.into(), proposal })
                }
                Answer::Welcome { version, .. } => {
                    Err(dial.declined(&format!("it speaks version {version}, this node {VERSION}")))
                }
                Answer::Taken { .. } if Instant::now() < patience => {
                    sleep(Duration::from_millis(200)).await;
                    continue;
                }
                Answer::Taken { reason } | Answer::Refused { reason } => {
                    Err(dial.declined(&reason))
                }
            };
        }
    }
}

/// Takes a connection from the runtime and gives it to the thread that will own it.
pub(super) fn hand_over(stream: TlsStream<Corked>, peer: NodeId) -> Result<Link, Error> {
    let (stream, tls) = match stream {
        TlsStream::Client(stream) => {
            let (stream, tls) = stream.into_inner();
            (stream, rustls::Connection::Client(tls))
        }
        TlsStream::Server(stream) => {
            let (stream, tls) = stream.into_inner();
            (stream, rustls::Connection::Server(tls))
        }
    };
    let (stream, slot) = stream.into_parts();
    Ok(Link::from_tls(stream.into_std()?, tls, &slot, peer)?)
}

/// The cause, as soon as the flag is set.
pub(super) async fn aborted(abort: &AbortFlag) -> String {
    loop {
        if let Some(cause) = abort.cause() {
            return cause;
        }
        sleep(Duration::from_millis(50)).await;
    }
}
