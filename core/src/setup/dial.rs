//! Connecting to a listener: retried while it may still be starting, given up at once when it is wrong.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use rustls::{AlertDescription, CertificateError, ClientConfig};
use serde::Serialize;
use serde::de::DeserializeOwned;
use time::OffsetDateTime;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::corked::Corked;
use super::message::{read_message, write_message};
use super::{Ends, Error, Progress, Stage};
use crate::config::HostPort;
use crate::identity::{self, AuthorityId, CertInfo, Identity, Subject, Trust};
use crate::ids::NodeId;
use crate::net::AbortFlag;

const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longer than a listener allows, so that its answer comes first.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(12);

/// Everything about one peer to connect to.
pub(super) struct Dial {
    peer: NodeId,
    address: HostPort,
    trust: Arc<Trust>,
    config: Arc<ClientConfig>,
    me: Subject,
    presented: CertInfo,
    /// What the listener accepts, for messages.
    accepted: String,
    pub(super) deadline: Instant,
    started: Instant,
    abort: AbortFlag,
    progress: Sender<Progress>,
}

/// Why an attempt failed, and whether another one makes sense.
enum Failure {
    Retry(Stage, io::Error),
    Final(Error),
}

/// What a dial needs besides who and where.
pub(super) struct Means<'a> {
    pub(super) identity: &'a Identity,
    pub(super) trust: &'a Arc<Trust>,
    pub(super) alpn: &'static [u8],
    pub(super) accepted: String,
    pub(super) deadline: Instant,
    pub(super) abort: AbortFlag,
    pub(super) progress: Sender<Progress>,
}

impl Dial {
    pub(super) fn new(
        peer: NodeId,
        address: HostPort,
        means: Means<'_>,
    ) -> Result<Self, identity::Error> {
        let Means { identity, trust, alpn, accepted, deadline, abort, progress } = means;
        Ok(Self {
            peer,
            address,
            trust: Arc::clone(trust),
            config: identity::client_config(identity, trust, peer.party, alpn)?,
            me: identity.subject(),
            presented: identity.info().clone(),
            accepted,
            deadline,
            started: Instant::now(),
            abort,
            progress,
        })
    }

    /// A connection on which the first message was sent and answered.
    pub(super) async fn open<T: Serialize, A: DeserializeOwned>(
        &self,
        hello: &T,
    ) -> Result<(TlsStream<Corked>, A), Error> {
        let mut pause = FIRST_PAUSE;
        let mut resolved = "not resolved".to_owned();
        loop {
            let (stage, error) = match self.attempt(hello, &mut resolved).await {
                Ok(opened) => return Ok(opened),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Retry(stage, error)) => (stage, error),
            };
            let now = Instant::now();
            if now >= self.deadline {
                return Err(self.cannot_connect(stage, &resolved, &error, cause(stage, &error)));
            }
            // The run may be over on the side that shows progress; then the abort flag ends this.
            let _ = self.progress.send(Progress::Retrying {
                peer: self.peer,
                address: self.address.clone(),
                waited: self.started.elapsed(),
                last_error: error.to_string(),
            });
            let until = now + pause.min(self.deadline - now);
            while Instant::now() < until {
                if let Some(cause) = self.abort.cause() {
                    return Err(Error::Aborted { cause });
                }
                sleep((until - Instant::now()).min(Duration::from_millis(100))).await;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn attempt<T: Serialize, A: DeserializeOwned>(
        &self,
        hello: &T,
        resolved: &mut String,
    ) -> Result<(TlsStream<Corked>, A), Failure> {
        let target = (self.address.host(), self.address.port());
        let addresses: Vec<SocketAddr> =
            match limit(self.left(CONNECT_TIMEOUT), tokio::net::lookup_host(target)).await {
                Ok(found) => found.collect(),
                Err(error) => return Err(Failure::Retry(Stage::Resolve, error)),
            };
        *resolved = addresses.iter().map(SocketAddr::to_string).collect::<Vec<_>>().join(", ");
        let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
        let mut stream = None;
        for address in addresses {
            match limit(self.left(CONNECT_TIMEOUT), TcpStream::connect(address)).await {
                Ok(connected) => {
                    stream = Some(connected);
                    break;
                }
                Err(error) => last = error,
            }
        }
        let Some(stream) = stream else {
            return Err(Failure::Retry(Stage::Connect, last));
        };
        // Without this small messages wait for acknowledgments; failing to set it is no failure.
        let _ = stream.set_nodelay(true);
        let stream = Corked::new(stream);
        let name = identity::server_name(self.peer, &self.trust);
        let handshake =
            TlsConnector::from(stream.client_config(&self.config)).connect(name, stream);
        let mut tls = limit(self.left(ANSWER_TIMEOUT), handshake)
            .await
            .map_err(|error| self.judge(Stage::Tls, error, resolved))?;
        // The listener judges our certificate after our side of the handshake is done, so a failure to
        // write may mean that an alert waits to be read.
        let written = limit(self.left(ANSWER_TIMEOUT), write_message(&mut tls, hello)).await;
        match limit(self.left(ANSWER_TIMEOUT), read_message(&mut tls)).await {
            Ok(answer) => match written {
                Ok(()) => Ok((tls, answer)),
                Err(error) => Err(self.judge(Stage::Hello, error, resolved)),
            },
            Err(error) => Err(self.judge(Stage::Hello, error, resolved)),
        }
    }

    /// The time for one step: what is left until the deadline, but at least long enough to be fair.
    fn left(&self, most: Duration) -> Duration {
        let left = self.deadline.saturating_duration_since(Instant::now());
        left.clamp(Duration::from_millis(200), most)
    }

    fn judge(&self, stage: Stage, error: io::Error, resolved: &str) -> Failure {
        use rustls::Error as Tls;
        if error.kind() == io::ErrorKind::InvalidData
            && error.get_ref().is_some_and(|e| !e.is::<Tls>())
        {
            return Failure::Final(Error::Malformed { peer: self.peer, what: error.to_string() });
        }
        let inner = match error.get_ref().and_then(|inner| inner.downcast_ref::<Tls>()) {
            Some(inner) => inner,
            None => return Failure::Retry(stage, error),
        };
        Failure::Final(match inner {
            // Not a judgment on this end: its machine may be short of something.
            Tls::AlertReceived(AlertDescription::InternalError) => {
                return Failure::Retry(stage, error);
            }
            Tls::AlertReceived(alert) => self.refused(*alert),
            Tls::InvalidCertificate(why) => self.untrusted(why),
            Tls::PeerIncompatible(_) => {
                let cause = "the listener does not speak TLS 1.3: it is not Caucus";
                self.cannot_connect(stage, resolved, &error, cause)
            }
            _ => {
                let cause = "something other than Caucus listens there (no TLS)";
                self.cannot_connect(stage, resolved, &error, cause)
            }
        })
    }

    fn refused(&self, alert: AlertDescription) -> Error {
        let mine = self.me.authority();
        let (meaning, remedy) = match alert {
            // Sent for both ends of the validity.
            AlertDescription::CertificateExpired => {
                let now = OffsetDateTime::now_utc();
                let is_valid =
                    (self.presented.not_before..=self.presented.not_after).contains(&now);
                let remedy = if is_valid {
                    let now = identity::date(now);
                    format!("it is {now} on this machine: compare the clocks of both")
                } else {
                    format!("renew it with `{}`", self.me.remedy())
                };
                ("certificate expired or not valid yet", remedy)
            }
            AlertDescription::UnknownCA | AlertDescription::DecryptError => (
                "unknown authority",
                format!(
                    "if this is the right listener, give it the current authority.pem of {mine}, \
                     or make new certificates with `{}`",
                    self.me.remedy()
                ),
            ),
            AlertDescription::AccessDenied => (
                "access denied: the authority is known but may not vouch for this role here",
                "check address and port, and the identity with which this end was started".into(),
            ),
            AlertDescription::CertificateRequired => {
                ("no certificate", format!("make one with `{}`", self.me.remedy()))
            }
            AlertDescription::ProtocolVersion => {
                ("other TLS version", "use the same version of Caucus on both sides".into())
            }
            AlertDescription::NoApplicationProtocol => (
                "other application protocol",
                "check the port: parties, workers and clients use different ones".into(),
            ),
            AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateUnknown => {
                ("bad certificate", format!("make a new one with `{}`", self.me.remedy()))
            }
            other => {
                return self.refused_for(&format!("{other:?}"), "see what the listener says");
            }
        };
        self.refused_for(meaning, &remedy)
    }

    fn refused_for(&self, alert: &str, remedy: &str) -> Error {
        Error::Refused {
            ends: self.ends(),
            alert: alert.to_owned(),
            expected: self.accepted.clone(),
            presented: self.presented.to_string(),
            remedy: remedy.to_owned(),
        }
    }

    fn untrusted(&self, why: &CertificateError) -> Error {
        let subject = Subject::Node(self.peer);
        let uri = subject.uri(self.trust.deployment());
        let authority = AuthorityId::Party(self.peer.party);
        let known = self.trust.authority(authority).map(|known| known.info().to_string());
        let expected = format!("{uri} from {}", known.unwrap_or_else(|| authority.to_string()));
        let (found, remedy) = match why {
            CertificateError::NotValidForNameContext { presented, .. } => (
                format!("a certificate for {}", presented.join(", ")),
                "check the address: another node listens there".to_owned(),
            ),
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => (
                format!("a certificate that has expired ({why})"),
                format!("renew it there with `{}`", subject.remedy()),
            ),
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => (
                format!("a certificate that is not valid yet ({why})"),
                "compare the clocks of both machines".to_owned(),
            ),
            CertificateError::UnknownIssuer | CertificateError::BadSignature => (
                "a certificate that this authority did not issue".to_owned(),
                format!(
                    "check the address, and get the current party-{}/authority.pem from {}",
                    self.peer.party.index(),
                    self.peer.party
                ),
            ),
            other => (
                format!("a certificate that is not acceptable ({other})"),
                format!("make a new one there with `{}`", subject.remedy()),
            ),
        };
        Error::Untrusted { ends: self.ends(), expected, found, remedy }
    }

    fn cannot_connect(
        &self,
        stage: Stage,
        resolved: &str,
        error: &io::Error,
        likely_cause: &'static str,
    ) -> Error {
        Error::CannotConnect {
            ends: self.ends(),
            resolved: resolved.to_owned(),
            stage,
            waited: self.started.elapsed(),
            last_error: error.to_string(),
            likely_cause,
        }
    }

    pub(super) fn declined(&self, reason: &str) -> Error {
        Error::Declined { ends: self.ends(), reason: super::message::plain(reason, 1000) }
    }

    fn ends(&self) -> Box<Ends> {
        let (me, peer, address) = (me_text(&self.me), self.peer, self.address.clone());
        Box::new(Ends { me, peer, address })
    }
}

/// How this end calls itself in messages: `P1.W3`, or a client's full name.
pub(super) fn me_text(me: &Subject) -> String {
    match me {
        Subject::Node(node) => node.to_string(),
        Subject::Client(_) => me.to_string(),
    }
}

fn cause(stage: Stage, error: &io::Error) -> &'static str {
    use io::ErrorKind as Kind;
    match (stage, error.kind()) {
        (Stage::Resolve, _) => "the name is not known here; write the IP address",
        (_, Kind::ConnectionRefused) => {
            "nothing listens there: it has not been started, has ended, or listens on another port"
        }
        (Stage::Connect, Kind::TimedOut) => {
            "the machine is down, or a firewall drops the connection"
        }
        (_, Kind::HostUnreachable | Kind::NetworkUnreachable) => {
            "there is no route to that machine"
        }
        (Stage::Tls | Stage::Hello, Kind::TimedOut) => {
            "the listener is stopped or overloaded, or is not Caucus"
        }
        (Stage::Tls | Stage::Hello, _) => "its process ended meanwhile, or it is not Caucus",
        (Stage::Connect, _) => "the network refuses; see the last error",
    }
}

async fn limit<T>(time: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(time, work).await.unwrap_or_else(|_| {
        Err(io::Error::new(
            io::ErrorKind::TimedOut,
            format!("no answer in {:.1} s", time.as_secs_f64()),
        ))
    })
}
