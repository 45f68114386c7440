//! Accepting connections in a world of scanners, health checks and half-open connections.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::corked::Corked;
use super::message::{VERSION, plain, read_message};
use crate::identity::{self, Expected, Identity, Subject, Trust, identify, server_config_for};
use crate::ids::NodeId;

/// How long a connection may take until it has said who it is and what it wants.
pub(super) const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// How many connections may be in that state; the oldest gives way to a further one. A process has at
/// least two listening ports and, most often, 1024 descriptors.
const MAX_HANDSHAKES: usize = 256;
/// How many refusals are kept for messages.
const MAX_KEPT: usize = 8;
/// How many refusals of strangers are passed on; further ones are only counted.
const MAX_STRANGERS: u32 = 20;

/// How many refusals of those who have an identity are passed on: anybody can make a certificate.
const MAX_SHOWN: u32 = 200;

/// Receives a line of text for each connection that was refused.
pub type OnRefused = Arc<dyn Fn(String) + Send + Sync>;

/// Accepts for ever; each connection is handled by a task of its own with a deadline.
pub(super) async fn serve<F, Fut>(listener: TcpListener, handle: F)
where
    F: Fn(TcpStream, SocketAddr) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let mut busy: VecDeque<tokio::task::AbortHandle> = VecDeque::new();
    loop {
        match listener.accept().await {
            Ok((stream, from)) => {
                if busy.len() >= MAX_HANDSHAKES {
                    busy.retain(|task| !task.is_finished());
                }
                if busy.len() >= MAX_HANDSHAKES {
                    busy.pop_front().inspect(tokio::task::AbortHandle::abort);
                }
                let task = tokio::spawn(timeout(HANDSHAKE_TIMEOUT, handle(stream, from)));
                busy.push_back(task.abort_handle());
            }
            // The connection is gone already, or descriptors are scarce: handshakes end soon.
            Err(error) => {
                tracing::debug!(%error, "accepting failed");
                sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

/// What a listener needs for handshakes.
#[derive(Clone)]
pub(super) struct Guard {
    pub(super) identity: Arc<Identity>,
    pub(super) trust: Arc<Trust>,
    pub(super) expected: Expected,
    pub(super) alpn: &'static [u8],
    pub(super) notices: Notices,
}

impl Guard {
    /// The TLS handshake of an incoming connection; `None` if it was refused, which is then noted.
    pub(super) async fn secure(
        &self,
        stream: TcpStream,
        from: SocketAddr,
    ) -> Option<(TlsStream<Corked>, Subject)> {
        let config = server_config_for(&self.identity, &self.trust, self.expected, self.alpn);
        let (config, slot) = match config {
            Ok(made) => made,
            Err(error) => {
                self.notices.note(from, &error.to_string());
                return None;
            }
        };
        // Without this small answers wait for acknowledgments; failing to set it is no failure.
        let _ = stream.set_nodelay(true);
        let stream = Corked::new(stream);
        let config = stream.server_config(config);
        match TlsAcceptor::from(config).accept(stream).into_fallible().await {
            Ok(tls) => {
                let chain: &[CertificateDer<'_>] =
                    tls.get_ref().1.peer_certificates().unwrap_or_default();
                match identify(chain, &self.trust) {
                    Ok(subject) => Some((tls, subject)),
                    Err(refusal) => {
                        self.notices.note(from, &refusal.to_string());
                        None
                    }
                }
            }
            Err((error, stream)) => {
                match slot.take() {
                    Some(refusal) => self.notices.note(from, &refusal.to_string()),
                    None => self.note_failure(from, &error),
                }
                linger(stream.into_parts().0).await;
                None
            }
        }
    }

    fn note_failure(&self, from: SocketAddr, error: &io::Error) {
        use rustls::Error as Tls;
        let found = match error.get_ref().and_then(|inner| inner.downcast_ref::<Tls>()) {
            Some(Tls::NoCertificatesPresented) => "no certificate".to_owned(),
            Some(Tls::PeerIncompatible(_)) => {
                "a version of TLS before 1.3 (or no common algorithm)".to_owned()
            }
            Some(Tls::InvalidMessage(_) | Tls::InappropriateMessage { .. }) => {
                "bytes that are not TLS".to_owned()
            }
            Some(Tls::NoApplicationProtocol) => "another application protocol".to_owned(),
            Some(Tls::AlertReceived(alert)) => {
                let ours = self.identity.info();
                format!("a peer that refuses the certificate of this node ({alert:?}): {ours}")
            }
            Some(other) => other.to_string(),
            None => {
                tracing::debug!(%from, %error, "handshake ended early");
                return;
            }
        };
        let expected = self.expected.describe(&self.trust);
        self.notices.stranger(from, &format!("expected TLS 1.3 with {expected}, found {found}"));
    }
}

/// Says that nothing more comes and waits a little for the other end to read why.
///
/// Closing a socket with unread input resets the connection, and the alert would be lost.
pub(super) async fn linger(mut stream: TcpStream) {
    let _ = stream.shutdown().await;
    let mut sink = [0; 1024];
    let drain = async { while matches!(stream.read(&mut sink).await, Ok(1..)) {} };
    let _ = timeout(Duration::from_secs(1), drain).await;
}

/// The refusals at one listener: passed on, and the last ones kept for a later error.
#[derive(Clone)]
pub(super) struct Notices {
    on_refused: OnRefused,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Default)]
struct Kept {
    last: VecDeque<String>,
    n_strangers: u32,
    n_known: u32,
}

impl Notices {
    pub(super) fn new(on_refused: OnRefused) -> Self {
        Self { on_refused, kept: Arc::default() }
    }

    /// Notes the refusal of somebody who has an identity.
    pub(super) fn note(&self, from: SocketAddr, why: &str) {
        let text = format!("connection from {from} refused: {why}");
        let n_known = self.keep(&text, MAX_KEPT);
        self.show(text, n_known, MAX_SHOWN);
    }

    /// Passes on what is worth knowing about somebody who has an identity.
    pub(super) fn remark(&self, text: String) {
        let n_known = self.keep(&text, MAX_KEPT);
        self.show(text, n_known, MAX_SHOWN);
    }

    /// Notes the refusal of something without an identity, which may come in thousands.
    pub(super) fn stranger(&self, from: SocketAddr, why: &str) {
        let text = format!("connection from {from} refused: {why}");
        // They must not displace the refusals of those who have one.
        let n_strangers = self.keep(&text, MAX_KEPT / 2);
        self.show(text, n_strangers, MAX_STRANGERS);
    }

    /// Passes on the `number`th text of its kind, if that is at most the `last` one.
    fn show(&self, mut text: String, number: u32, last: u32) {
        if number > last {
            tracing::debug!(text, "further connection refused");
            return;
        }
        if number == last {
            text += " (further ones of this kind are not shown)";
        }
        (self.on_refused)(text);
    }

    /// Keeps a text if fewer than `room` are kept, or all may be replaced; gives the number of texts of its kind.
    fn keep(&self, text: &str, room: usize) -> u32 {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.last.len() == MAX_KEPT && room == MAX_KEPT {
            kept.last.pop_front();
        }
        if kept.last.len() < room {
            kept.last.push_back(text.to_owned());
        }
        let Kept { n_strangers, n_known, .. } = &mut *kept;
        let number = if room < MAX_KEPT { n_strangers } else { n_known };
        *number = number.saturating_add(1);
        *number
    }

    pub(super) fn last(&self) -> Vec<String> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.last.iter().cloned().collect()
    }
}

/// The first message of somebody who wants to come in. The error is the reason of a refusal; none if the other end is
/// gone.
pub(super) async fn read_hello<T: DeserializeOwned>(
    stream: &mut TlsStream<Corked>,
    subject: Subject,
) -> Result<T, Option<String>> {
    read_message(stream).await.map_err(|error| {
        (error.kind() == io::ErrorKind::InvalidData)
            .then(|| format!("malformed message from {subject}: {error}"))
    })
}

/// Why a first message does not fit this version, or the certificate that came before it.
pub(super) fn unfit(
    version: u32,
    announced: &str,
    subject: Subject,
    uri: &str,
    me: NodeId,
) -> Option<String> {
    if version != VERSION {
        return Some(format!("{subject} speaks version {version}, {me} version {VERSION}"));
    }
    (announced != uri).then(|| {
        let announced = plain(announced, 120);
        format!("{announced} was announced but the certificate is that of {uri}")
    })
}

/// A listener of the standard library, made fit for the runtime in whose context this is called.
pub(super) fn adopt(listener: std::net::TcpListener) -> io::Result<TcpListener> {
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}

/// Makes sure that the identity can be used for listening, before anybody connects.
pub(super) fn check_identity(guard: &Guard) -> Result<(), identity::Error> {
    server_config_for(&guard.identity, &guard.trust, guard.expected, guard.alpn).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_shown_up_to_a_limit_and_the_last_ones_kept() {
        let shown = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&shown);
        let notices = Notices::new(Arc::new(move |text| sink.lock().unwrap().push(text)));
        let from = SocketAddr::from(([127, 0, 0, 1], 1));
        for number in 0..1000 {
            notices.note(from, &format!("self-made {number}"));
            notices.stranger(from, "junk");
        }
        let shown = shown.lock().unwrap();
        let count = |what: &str| shown.iter().filter(|text| text.contains(what)).count();
        assert_eq!((count("self-made"), count("junk")), (200, 20));
        assert_eq!(count("further ones of this kind are not shown"), 2);
        let kept = notices.last();
        assert!(kept.len() == MAX_KEPT && kept.last().unwrap().ends_with("self-made 999"));
    }
}
