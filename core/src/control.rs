//! The control plane of a mesh: heartbeats, the root cause of a failure told to all, and goodbyes.
//!
//! One task per peer on the background thread owns the control link with it. A peer that is silent for
//! too long, or whose link closes without a goodbye, is lost: the others are told first, then the
//! [`AbortFlag`] ends every wait of this node.
//!
//! Heartbeats are answered, and carry times: so each node knows how far the clocks of its peers are from its own, which
//! traces of a run need.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{interval, interval_at, timeout};

use crate::clock::{Comparison, Exchange, Offset};
use crate::ids::NodeId;
use crate::net::AbortFlag;
use crate::setup::background::Background;
use crate::setup::message::{plain, read_message, write_message};

/// How often a peer hears from this node.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// The first heartbeats come faster: a short run must compare clocks, too.
const FIRST_HEARTBEATS: u32 = 8;
const FIRST_STEP: Duration = Duration::from_millis(10);
/// A peer that is silent for this long is lost. Ten heartbeats: machines may be overloaded.
const SILENCE: Duration = Duration::from_secs(10);
/// How long this node waits for its peers to hear why it stops, or that it ends.
const FAREWELL: Duration = Duration::from_millis(500);
/// Messages waiting to be written to one peer.
const MAX_WAITING: usize = 32;
/// The longest cause that is told to peers, in characters.
const MAX_CAUSE_CHARS: usize = 4000;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Message {
    /// Sent at this time of the sender's clock.
    Heartbeat {
        sent: u64,
    },
    /// Answers a heartbeat, with the times of the sender of this.
    Echo {
        sent: u64,
        received: u64,
        replied: u64,
    },
    Abort {
        cause: String,
    },
    Bye,
}

/// The control links of a node. Clones share them.
#[derive(Clone)]
pub struct Control {
    background: Arc<Background>,
    inner: Arc<Inner>,
}

struct Inner {
    /// What times are counted from.
    zero: Instant,
    abort: AbortFlag,
    /// Set when this node has said goodbye: from then on nobody is lost.
    leaving: AtomicBool,
    peers: Mutex<Vec<Peer>>,
}

struct Peer {
    node: NodeId,
    outbox: mpsc::Sender<Outgoing>,
    ear: Arc<Ear>,
    /// Whether the peer has said goodbye or is gone.
    gone: watch::Receiver<bool>,
}

struct Outgoing {
    message: Message,
    /// Told when the kernel has it.
    written: Option<oneshot::Sender<()>>,
}

/// What is known from what a peer has said.
struct Ear {
    /// What times are counted from.
    zero: Instant,
    /// When anything came last.
    heard: AtomicU64,
    clocks: Mutex<Comparison>,
}

impl Ear {
    fn new(zero: Instant) -> Self {
        Self { zero, heard: AtomicU64::new(nanos(zero)), clocks: Mutex::default() }
    }

    fn clocks(&self) -> std::sync::MutexGuard<'_, Comparison> {
        self.clocks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Nanoseconds since then.
fn nanos(zero: Instant) -> u64 {
    u64::try_from(zero.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// How a control link ended.
#[derive(PartialEq, Eq, Debug)]
enum End {
    Bye,
    Aborted(String),
    Lost(String),
}

impl Control {
    pub(crate) fn new(background: Arc<Background>, abort: AbortFlag) -> Self {
        let (leaving, peers) = (AtomicBool::new(false), Mutex::default());
        let zero = Instant::now();
        Self { background, inner: Arc::new(Inner { zero, abort, leaving, peers }) }
    }

    /// Watches one more link from now on.
    pub(crate) fn add<S>(&self, node: NodeId, stream: S)
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        let (outbox, waiting) = mpsc::channel(MAX_WAITING);
        let (set_gone, gone) = watch::channel(false);
        let ear = Arc::new(Ear::new(self.inner.zero));
        let replies = outbox.clone();
        self.inner.lock().push(Peer { node, outbox, ear: Arc::clone(&ear), gone });
        let inner = Arc::clone(&self.inner);
        self.background.handle().spawn(async move {
            match converse(stream, waiting, replies, &set_gone, &ear).await {
                End::Bye => {}
                End::Aborted(cause) => inner.abort.set(format!("{cause} (reported by {node})")),
                End::Lost(_) if inner.leaving.load(Ordering::Acquire) => {}
                End::Lost(why) => {
                    let cause = format!("{node} was lost: {why}");
                    inner.tell_all(&Message::Abort { cause: cause.clone() }).await;
                    inner.abort.set(cause);
                }
            }
            // The receivers are gone with the last reference to the mesh.
            let _ = set_gone.send(true);
        });
    }

    /// The flag that ends every wait of this node.
    pub fn abort_flag(&self) -> &AbortFlag {
        &self.inner.abort
    }

    /// When anything came last from each peer that has not said goodbye and is not lost. Each sends a heartbeat every
    /// second.
    pub fn heard(&self) -> Vec<(NodeId, Instant)> {
        let peers = self.inner.lock();
        let there = peers.iter().filter(|peer| !*peer.gone.borrow());
        let heard = |peer: &Peer| Duration::from_nanos(peer.ear.heard.load(Ordering::Relaxed));
        there.map(|peer| (peer.node, self.inner.zero + heard(peer))).collect()
    }

    /// When this node's clock of the control plane began, from which heartbeats count times.
    pub fn zero(&self) -> Instant {
        self.inner.zero
    }

    /// How far the peer's clock of the control plane is ahead of this node's. None if no heartbeat was answered yet.
    pub fn offset(&self, node: NodeId) -> Option<Offset> {
        let peers = self.inner.lock();
        let ear = &peers.iter().find(|peer| peer.node == node)?.ear;
        ear.clocks().offset(nanos(self.inner.zero))
    }

    /// Tells all peers that this node cannot go on, and why; then ends every wait of this node.
    ///
    /// Returns when the peers have heard it, but after a second at the latest. If the run was aborted
    /// before, the peers are told the first cause.
    pub fn abort(&self, cause: &str) {
        let inner = Arc::clone(&self.inner);
        let cause = cause.to_owned();
        self.background.wait(async move { inner.abort_all(cause).await });
    }

    pub(crate) async fn abort_within(&self, cause: String) {
        self.inner.abort_all(cause).await;
    }

    /// Announces the orderly end of this node, so that the end of its links is no loss to anybody.
    ///
    /// Waits for the goodbyes of the others, but not longer than half a second.
    pub fn bye(&self) {
        let inner = Arc::clone(&self.inner);
        self.background.wait(async move {
            inner.leaving.store(true, Ordering::Release);
            inner.tell_all(&Message::Bye).await;
            inner.wait_until_gone().await;
        });
    }
}

impl Inner {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Peer>> {
        self.peers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn abort_all(&self, cause: String) {
        let cause = self.abort.cause().unwrap_or(cause);
        self.tell_all(&Message::Abort { cause: cause.clone() }).await;
        self.abort.set(cause);
        // A socket that is closed too early takes unread messages with it.
        self.wait_until_gone().await;
    }

    /// Hands a message to all peers that are still there; returns when the kernel has it.
    async fn tell_all(&self, message: &Message) {
        let mut pending = Vec::new();
        for peer in self.lock().iter().filter(|peer| !*peer.gone.borrow()) {
            let (written, on_written) = oneshot::channel();
            let outgoing = Outgoing { message: message.clone(), written: Some(written) };
            // A full outbox belongs to a peer that reads nothing: it will be lost soon.
            if peer.outbox.try_send(outgoing).is_ok() {
                pending.push(on_written);
            } else {
                tracing::debug!(peer = %peer.node, "control message not sent");
            }
        }
        let all = async {
            for on_written in pending {
                let _ = on_written.await;
            }
        };
        let _ = timeout(FAREWELL, all).await;
    }

    async fn wait_until_gone(&self) {
        let all: Vec<_> = self.lock().iter().map(|peer| peer.gone.clone()).collect();
        let wait = async {
            for mut gone in all {
                let _ = gone.wait_for(|gone| *gone).await;
            }
        };
        let _ = timeout(FAREWELL, wait).await;
    }
}

async fn converse<S: AsyncRead + AsyncWrite>(
    stream: S,
    waiting: mpsc::Receiver<Outgoing>,
    replies: mpsc::Sender<Outgoing>,
    gone: &watch::Sender<bool>,
    ear: &Ear,
) -> End {
    let (mut input, mut output) = tokio::io::split(stream);
    tokio::select! {
        end = listen(&mut input, gone, SILENCE, &replies, ear) => end,
        () = speak(&mut output, waiting, gone.subscribe(), ear.zero) => End::Bye,
    }
}

async fn listen(
    input: &mut (impl AsyncRead + Unpin),
    gone: &watch::Sender<bool>,
    silence: Duration,
    replies: &mpsc::Sender<Outgoing>,
    ear: &Ear,
) -> End {
    let mut said_bye = false;
    loop {
        let message = timeout(silence, read_message(input)).await;
        let now = nanos(ear.zero);
        ear.heard.store(now, Ordering::Relaxed);
        let why = match message {
            Ok(Ok(Message::Heartbeat { sent })) => {
                let message = Message::Echo { sent, received: now, replied: now };
                // A full outbox belongs to a peer that reads nothing.
                let _ = replies.try_send(Outgoing { message, written: None });
                continue;
            }
            Ok(Ok(Message::Echo { sent, received, replied })) => {
                ear.clocks().add(Exchange { sent, received, replied, returned: now });
                continue;
            }
            Ok(Ok(Message::Bye)) => {
                said_bye = true;
                let _ = gone.send(true);
                continue;
            }
            Ok(Ok(Message::Abort { cause })) => {
                return End::Aborted(plain(&cause, MAX_CAUSE_CHARS));
            }
            _ if said_bye => return End::Bye,
            Err(_) => format!("nothing was heard from it for {} s", silence.as_secs_f64()),
            Ok(Err(error)) => match error.kind() {
                io::ErrorKind::InvalidData => format!("its control link failed: {error}"),
                _ => "its process ended or the connection broke".to_owned(),
            },
        };
        return End::Lost(why);
    }
}

/// Writes for as long as the link lives; what the peer does is seen by the one who listens.
async fn speak(
    output: &mut (impl AsyncWrite + Unpin),
    mut waiting: mpsc::Receiver<Outgoing>,
    gone: watch::Receiver<bool>,
    zero: Instant,
) {
    let mut ticks = interval(FIRST_STEP);
    let mut n_first = 0;
    loop {
        let Outgoing { message, written } = tokio::select! {
            Some(outgoing) = waiting.recv() => outgoing,
            _ = ticks.tick() => {
                n_first += 1;
                if n_first == FIRST_HEARTBEATS {
                    ticks = interval_at(tokio::time::Instant::now() + HEARTBEAT, HEARTBEAT);
                }
                // A peer that has said goodbye reads no more.
                if *gone.borrow() {
                    continue;
                }
                Outgoing { message: Message::Heartbeat { sent: 0 }, written: None }
            }
        };
        let message = match message {
            Message::Heartbeat { .. } => Message::Heartbeat { sent: nanos(zero) },
            Message::Echo { sent, received, .. } => {
                Message::Echo { sent, received, replied: nanos(zero) }
            }
            Message::Abort { cause } => {
                Message::Abort { cause: cause.chars().take(MAX_CAUSE_CHARS).collect() }
            }
            Message::Bye => Message::Bye,
        };
        if write_message(output, &message).await.is_err() {
            return std::future::pending().await;
        }
        if let Some(written) = written {
            // Whoever waited has given up.
            let _ = written.send(());
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncWriteExt, duplex};

    use super::*;

    /// How a link ends on which these bytes come, and after them nothing or the end.
    fn end_after(bytes: &[u8], is_closed: bool) -> End {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let (mut theirs, mut ours) = duplex(1 << 16);
            theirs.write_all(bytes).await.unwrap();
            let kept = if is_closed { None } else { Some(theirs) };
            let silence = Duration::from_millis(50);
            let (replies, _inbox) = mpsc::channel(1);
            let ear = Ear::new(Instant::now());
            let gone = watch::channel(false).0;
            let end = listen(&mut ours, &gone, silence, &replies, &ear).await;
            drop(kept);
            end
        })
    }

    fn frame(message: &Message) -> Vec<u8> {
        let bytes = crate::wire::to_bytes(message);
        [&u32::try_from(bytes.len()).unwrap().to_le_bytes()[..], &bytes].concat()
    }

    const HEARTBEAT_NOW: Message = Message::Heartbeat { sent: 7 };

    #[test]
    fn heartbeats_compare_clocks() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        // The other clock began before.
        let ahead = Duration::from_secs(60);
        let zero = Instant::now();
        let ears = [Ear::new(zero), Ear::new(zero - ahead)];
        runtime.block_on(async {
            let (one, other) = duplex(1 << 16);
            let talk = async |stream, ear| {
                let (replies, waiting) = mpsc::channel(MAX_WAITING);
                converse(stream, waiting, replies, &watch::channel(false).0, ear).await
            };
            let both = async { tokio::join!(talk(one, &ears[0]), talk(other, &ears[1])) };
            assert!(timeout(FIRST_STEP * 2 * FIRST_HEARTBEATS, both).await.is_err());
        });
        for (ear, sign) in ears.iter().zip([1, -1]) {
            let Offset { nanos: offset, error_nanos } =
                ear.clocks().offset(nanos(ear.zero)).unwrap();
            let wrong = (i128::from(offset) - sign * ahead.as_nanos().cast_signed()).unsigned_abs();
            assert!(wrong <= error_nanos.into(), "{wrong} ns wrong, at most {error_nanos}");
            assert!(error_nanos < 100_000_000, "{error_nanos}");
        }
    }

    #[test]
    fn a_silent_peer_is_lost() {
        let heartbeats = frame(&HEARTBEAT_NOW).repeat(3);
        let why = "nothing was heard from it for 0.05 s".to_owned();
        assert_eq!(end_after(&heartbeats, false), End::Lost(why));
    }

    #[test]
    fn a_peer_that_ends_without_a_goodbye_is_lost() {
        assert!(matches!(end_after(&frame(&HEARTBEAT_NOW), true), End::Lost(_)));
        assert_eq!(end_after(&frame(&Message::Bye), true), End::Bye);
        assert_eq!(end_after(&frame(&Message::Bye), false), End::Bye);
    }

    #[test]
    fn malformed_control_messages_end_the_link() {
        for bytes in [&[0xff; 4][..], &[1, 0, 0, 0, 77], &[3, 0, 0, 0, 0, 7, 0]] {
            let End::Lost(why) = end_after(bytes, false) else { panic!("{bytes:?} was taken") };
            assert!(why.contains("control link failed"), "{why}");
        }
        let cause = "x.py:7: division by zero".to_owned();
        let abort = Message::Abort { cause: cause.clone() };
        assert_eq!(end_after(&frame(&abort), false), End::Aborted(cause));
    }
}
