//! The listening side of a mesh: links that have come in wait here until this node asks for them.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::time::sleep_until;
use tokio_rustls::TlsStream;

use super::Error;
use super::accept::{self, Guard};
use super::corked::Corked;
use super::join::aborted;
use super::message::{Answer, Hello, Purpose, VERSION, read_message, write_message};
use crate::identity::{ALPN_PARTY, Subject};
use crate::ids::NodeId;
use crate::net::AbortFlag;

/// How many threads a peer may have: bounds what it can leave waiting here.
const MAX_THREADS: u32 = 1024;

/// A link after the first messages, whichever side connected.
pub(super) struct Arrived {
    pub(super) stream: TlsStream<Corked>,
    /// What the peer wants to be compared.
    pub(super) proposal: Vec<u8>,
}

pub(super) struct Registry {
    guard: Guard,
    me: NodeId,
    session: [u8; 16],
    proposal: Vec<u8>,
    abort: AbortFlag,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    waiting: HashMap<(NodeId, Purpose), Arrived>,
    taken: HashSet<(NodeId, Purpose)>,
    /// The process that each peer's control link comes from.
    sessions: HashMap<NodeId, [u8; 16]>,
}

impl Registry {
    pub(super) fn new(
        guard: Guard,
        me: NodeId,
        session: [u8; 16],
        proposal: Vec<u8>,
        abort: AbortFlag,
    ) -> Arc<Self> {
        let (state, changed) = (Mutex::default(), Notify::new());
        Arc::new(Self { guard, me, session, proposal, abort, state, changed })
    }

    pub(super) async fn serve(self: Arc<Self>, listener: TcpListener) {
        accept::serve(listener, move |stream, from| Arc::clone(&self).receive(stream, from)).await;
    }

    async fn receive(self: Arc<Self>, stream: TcpStream, from: SocketAddr) {
        let Some((mut stream, subject)) = self.guard.secure(stream, from).await else {
            return;
        };
        let found = stream.get_ref().1.alpn_protocol().map(String::from_utf8_lossy);
        if found.as_deref().map(str::as_bytes) != Some(ALPN_PARTY) {
            let found = found.as_deref().unwrap_or("none").to_owned();
            let why = format!("{subject} asks for the protocol {found} on a port for parties");
            return self.guard.notices.note(from, &why);
        }
        let Subject::Node(peer) = subject else {
            return;
        };
        let Hello { version, purpose, session, proposal } = match read_message(&mut stream).await {
            Ok(hello) => hello,
            Err(error) => {
                tracing::debug!(%peer, %error, "no hello");
                return;
            }
        };
        let admitted = if version == VERSION {
            self.admit(peer, purpose, session)
        } else {
            let reason = format!("{peer} speaks version {version}, {} version {VERSION}", self.me);
            Err(Answer::Refused { reason })
        };
        if let Err(refused) = admitted {
            if let Answer::Refused { reason } = &refused {
                self.guard.notices.note(from, reason);
            }
            // A peer that is gone needs no reason.
            let _ = write_message(&mut stream, &refused).await;
            return accept::linger(stream.into_inner().0.into_parts().0).await;
        }
        let answer = Answer::Welcome { version: VERSION, proposal: self.proposal.clone() };
        if write_message(&mut stream, &answer).await.is_ok() {
            let link = Arrived { stream: stream.into(), proposal };
            self.lock().waiting.insert((peer, purpose), link);
            self.changed.notify_waiters();
        }
    }

    /// Whether a link of this purpose and process may come now; if not, what to answer.
    fn admit(&self, peer: NodeId, purpose: Purpose, session: [u8; 16]) -> Result<(), Answer> {
        let refuse = |reason| Err(Answer::Refused { reason });
        let me = self.me;
        if session == self.session {
            return refuse(format!("{peer} claims to be the process of {me} itself"));
        }
        let mut state = self.lock();
        if state.taken.contains(&(peer, purpose)) {
            let reason = format!(
                "{peer} is connected to {me} already: was it started twice, or is an earlier run \
                 still going on?"
            );
            return Err(Answer::Taken { reason });
        }
        match purpose {
            Purpose::Control => {
                state.sessions.insert(peer, session);
                Ok(())
            }
            Purpose::Data { thread: MAX_THREADS.. } => {
                refuse(format!("{peer} asks for a link of a thread beyond the {MAX_THREADS}th"))
            }
            Purpose::Data { .. } if state.sessions.get(&peer) == Some(&session) => Ok(()),
            Purpose::Data { .. } => refuse(format!(
                "a link of another process than the one {me} knows as {peer}: was it started twice?"
            )),
        }
    }

    /// The link, as soon as it is there.
    pub(super) async fn take(
        &self,
        peer: NodeId,
        purpose: Purpose,
        deadline: Instant,
    ) -> Result<Arrived, Error> {
        let started = Instant::now();
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // From here on no change is missed.
            changed.as_mut().enable();
            {
                let mut state = self.lock();
                if let Some(link) = state.waiting.remove(&(peer, purpose)) {
                    state.taken.insert((peer, purpose));
                    return Ok(link);
                }
            }
            tokio::select! {
                () = changed => {}
                cause = aborted(&self.abort) => return Err(Error::Aborted { cause }),
                () = sleep_until(deadline.into()) => {
                    return Err(self.never_came(peer, purpose, started.elapsed()));
                }
            }
        }
    }

    fn never_came(&self, peer: NodeId, purpose: Purpose, waited: Duration) -> Error {
        let link = match purpose {
            Purpose::Control => "control link".to_owned(),
            Purpose::Data { thread } => format!("link of thread {thread}"),
        };
        Error::NeverCame { me: self.me, peer, link, waited, refused: self.guard.notices.last() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
