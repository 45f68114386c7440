//! The ports that programs open for their workers and clients, and connecting to them.
//!
//! Our own workers begin with TLS at once and say what they were compiled for. Others may announce
//! their number first, in plain (four bytes of length, little endian, then decimal digits), and are
//! told the specification of the program after the handshake. Either way the number that counts is
//! the one in the certificate. A client whose number is taken is told so in place of the specification.

use std::collections::VecDeque;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::accept::{self, Guard, Notices, OnRefused};
use super::background::Background;
use super::corked::Corked;
use super::dial::{Dial, Means, me_text};
use super::join::{aborted, hand_over};
use super::message::{ProgramSpec, VERSION, WorkerAnswer, WorkerHello, write_message};
use super::{Error, Progress, run};
use crate::config::HostPort;
use crate::identity::{ALPN_WORKER, Expected, Identity, Subject, Trust};
use crate::ids::{NodeId, Role, WorkerId};
use crate::net::{AbortFlag, Link};

/// The first byte of a TLS connection: a handshake record.
const TLS_HANDSHAKE: u8 = 0x16;
/// Digits of an announced number at most.
const MAX_DIGITS: usize = 10;
/// How many accepted connections wait for the program at most.
const MAX_WAITING: usize = 4096;
/// What a message to a client that is refused begins with, where the specification begins with its domain.
const REFUSAL: u32 = b'E' as u32;

/// Tells for a number whether the program has an open connection of that number.
pub type IsOpen = Arc<dyn Fn(i64) -> bool + Send + Sync>;

/// A port on which a program accepts its workers and clients. Dropping it closes the port.
pub struct ProgramListener {
    shared: Arc<Shared>,
    _background: Arc<Background>,
}

/// A connection that a program's port has accepted.
pub struct Accepted {
    /// The number in the certificate: of the worker, or of the client.
    pub number: i64,
    /// Whom the certificate names. A worker and a client may have the same number; only the worker is
    /// of this party and may be given what it holds of secrets.
    pub subject: Subject,
    /// The connection. Its peer is shown as the worker of that number even if it is a client.
    pub link: Link,
}

struct Shared {
    me: NodeId,
    guard: Guard,
    spec: ProgramSpec,
    /// What a client that does not speak our protocol is told about the program.
    specification: Vec<u8>,
    is_open: IsOpen,
    waiting: Mutex<VecDeque<Accepted>>,
    arrived: Condvar,
}

impl ProgramListener {
    /// Accepts on this port, in the background, workers of the party of `identity` and external clients.
    ///
    /// `spec` is compared with what workers were compiled for; `specification` is what other clients
    /// are sent after the handshake, as it is. A client is refused while a connection of its number waits or, as
    /// `is_open` says, is open. `is_open` and `on_refused` are called on a background thread.
    /// Fails if the identity is a client's or cannot be used.
    pub fn start(
        listener: TcpListener,
        identity: Arc<Identity>,
        trust: Arc<Trust>,
        spec: ProgramSpec,
        specification: Vec<u8>,
        is_open: IsOpen,
        on_refused: OnRefused,
    ) -> Result<Self, Error> {
        let Some(me) = identity.node() else {
            return Err(io::Error::other("an external client cannot listen for workers").into());
        };
        let guard = Guard {
            identity,
            trust,
            expected: Expected::Program { party: me.party },
            alpn: ALPN_WORKER,
            notices: Notices::new(on_refused),
        };
        accept::check_identity(&guard)?;
        let (waiting, arrived) = (Mutex::default(), Condvar::new());
        let shared = Arc::new(Shared { me, guard, spec, specification, is_open, waiting, arrived });
        let background = Background::start(&format!("clients {me}"))?;
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

    /// Number and link of the next connection; see [`ProgramListener::accept_peer`].
    pub fn accept(&self, deadline: Instant, abort: &AbortFlag) -> Result<(i64, Link), Error> {
        self.accept_peer(deadline, abort).map(|accepted| (accepted.number, accepted.link))
    }

    /// Whose connections wait for the program, oldest first. Waits for the first one until the deadline or until the
    /// flag is set; gives none if the deadline passes.
    ///
    /// Clients that have left and sent nothing are passed over and forgotten.
    pub fn waiting(&self, deadline: Instant, abort: &AbortFlag) -> Result<Vec<Subject>, Error> {
        let mut waiting = self.shared.lock();
        loop {
            if let Some(cause) = abort.cause() {
                return Err(Error::Aborted { cause });
            }
            waiting.retain_mut(|accepted| !self.shared.has_left(accepted));
            let left = deadline.saturating_duration_since(Instant::now());
            if !waiting.is_empty() || left.is_zero() {
                return Ok(waiting.iter().map(|accepted| accepted.subject).collect());
            }
            let nap = left.min(Duration::from_millis(100));
            let arrived = self.shared.arrived.wait_timeout(waiting, nap);
            waiting = arrived.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// The connection that this subject has waiting, which waits no longer.
    pub fn take(&self, subject: Subject, abort: &AbortFlag) -> Option<Accepted> {
        let mut waiting = self.shared.lock();
        let at = waiting.iter().position(|accepted| accepted.subject == subject)?;
        let mut accepted = waiting.remove(at)?;
        accepted.link.set_abort(abort.clone());
        Some(accepted)
    }

    /// What was refused last, and why.
    pub fn refused(&self) -> Option<String> {
        self.shared.guard.notices.last().pop()
    }

    /// The next connection, in the order in which they were accepted.
    ///
    /// Waits until the deadline or until the flag is set.
    pub fn accept_peer(&self, deadline: Instant, abort: &AbortFlag) -> Result<Accepted, Error> {
        let started = Instant::now();
        let mut waiting = self.shared.lock();
        loop {
            if let Some(cause) = abort.cause() {
                return Err(Error::Aborted { cause });
            }
            if let Some(mut accepted) = waiting.pop_front() {
                accepted.link.set_abort(abort.clone());
                return Ok(accepted);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Error::NobodyCame {
                    me: self.shared.me,
                    waited: started.elapsed(),
                    refused: self.shared.guard.notices.last(),
                });
            }
            let nap = left.min(Duration::from_millis(100));
            waiting = self
                .shared
                .arrived
                .wait_timeout(waiting, nap)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, VecDeque<Accepted>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this is a client that is gone and left nothing to read.
    fn has_left(&self, accepted: &mut Accepted) -> bool {
        let left = matches!(accepted.subject, Subject::Client(_)) && accepted.link.has_left();
        if left {
            let text = format!("{} left before the program accepted it", accepted.subject);
            self.guard.notices.remark(text);
        }
        left
    }

    /// Why a client cannot be taken now, if so.
    fn is_taken(&self, subject: Subject, number: WorkerId) -> Option<String> {
        let number = i64::try_from(number.index()).expect("numbers have 32 bits");
        let mut waiting = self.lock();
        waiting.retain_mut(|accepted| !self.has_left(accepted));
        let waits = waiting.iter().any(|accepted| accepted.subject == subject);
        drop(waiting);
        (waits || (self.is_open)(number)).then(|| {
            format!(
                "{subject} is refused: there is a connection of number {number} already; end the other one, or take \
                 another number"
            )
        })
    }

    async fn receive(self: Arc<Self>, mut stream: TcpStream, from: SocketAddr) {
        let announced = match announced_number(&mut stream).await {
            Ok(announced) => announced,
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                let expected = self.guard.expected.describe(&self.guard.trust);
                let why = format!("expected TLS 1.3 with {expected}, found {error}");
                return self.guard.notices.stranger(from, &why);
            }
            // Whoever closed the connection wanted nothing.
            Err(_) => return,
        };
        let Some((mut stream, subject)) = self.guard.secure(stream, from).await else {
            return;
        };
        let number = match subject {
            Subject::Node(NodeId { role: Role::Worker(worker), .. }) => worker,
            Subject::Client(number) => WorkerId::new(number),
            Subject::Node(NodeId { role: Role::Main, .. }) => return,
        };
        match self.negotiate(&mut stream, subject, number, announced).await {
            Ok(()) => self.enqueue(stream, subject, number, from),
            Err(Some(why)) => {
                self.guard.notices.note(from, &why);
                accept::linger(stream.into_inner().0.into_parts().0).await;
            }
            Err(None) => {}
        }
    }

    /// What is said before the program gets the connection. The error is the reason of a refusal; none
    /// if the other end is gone.
    async fn negotiate(
        &self,
        stream: &mut TlsStream<Corked>,
        subject: Subject,
        number: WorkerId,
        announced: Option<WorkerId>,
    ) -> Result<(), Option<String>> {
        let is_foreign = stream.get_ref().1.alpn_protocol() != Some(ALPN_WORKER);
        if let Some(announced) = announced.filter(|announced| *announced != number) {
            let reason = format!(
                "number {announced} was announced but the certificate is that of {subject}"
            );
            return Err(Some(if is_foreign { turn_away(stream, reason).await } else { reason }));
        }
        if is_foreign {
            if let Subject::Node(_) = subject {
                // Otherwise nobody would compare what both were compiled for before shares are sent.
                let reason = format!("{subject} does not speak the protocol of workers");
                return Err(Some(turn_away(stream, reason).await));
            }
            if let Some(reason) = self.is_taken(subject, number) {
                return Err(Some(turn_away(stream, reason).await));
            }
            stream.write_all(&self.specification).await.map_err(|_| None)?;
            return stream.flush().await.map_err(|_| None);
        }
        let uri = subject.uri(self.guard.trust.deployment());
        let me = self.me;
        if let Subject::Client(_) = subject {
            let reason = format!(
                "expected a certificate for a worker of {}, found that of {subject} ({uri}), which may \
                 connect as a client but not as a worker",
                me.party
            );
            return Err(Some(refuse(stream, reason).await));
        }
        let hello: WorkerHello = accept::read_hello(stream, subject).await?;
        let unfit = accept::unfit(hello.version, &hello.announced, subject, &uri, me);
        let reason = if let Some(reason) = unfit {
            reason
        } else if hello.spec != self.spec {
            format!(
                "{subject} was compiled for {}, the program of {me} for {}: compile both alike",
                hello.spec, self.spec
            )
        } else {
            let answer = WorkerAnswer::Accepted { spec: self.spec.clone() };
            return write_message(stream, &answer).await.map_err(|_| None);
        };
        Err(Some(refuse(stream, reason).await))
    }

    fn enqueue(
        &self,
        stream: TlsStream<Corked>,
        subject: Subject,
        number: WorkerId,
        from: SocketAddr,
    ) {
        let link = match hand_over(stream.into(), NodeId::worker(self.me.party, number)) {
            Ok(link) => link,
            Err(error) => return self.guard.notices.note(from, &error.to_string()),
        };
        let mut waiting = self.lock();
        if waiting.len() >= MAX_WAITING {
            drop(waiting);
            return self.guard.notices.note(from, "too many connections wait for the program");
        }
        let number = i64::try_from(number.index()).expect("worker numbers have 32 bits");
        waiting.push_back(Accepted { number, subject, link });
        drop(waiting);
        self.arrived.notify_one();
    }
}

/// Tells a client why it is refused, in a frame that begins with the word `E`, and gives the reason back. One that is
/// gone needs none.
async fn turn_away(stream: &mut TlsStream<Corked>, reason: String) -> String {
    let length = u32::try_from(4 + reason.len()).expect("reasons are short");
    let frame = [&length.to_le_bytes(), &REFUSAL.to_le_bytes(), reason.as_bytes()].concat();
    let _ = stream.write_all(&frame).await;
    let _ = stream.shutdown().await;
    reason
}

/// Tells a worker why it is refused, and gives the reason back. A peer that is gone needs none.
async fn refuse(stream: &mut TlsStream<Corked>, reason: String) -> String {
    let _ = write_message(stream, &WorkerAnswer::Refused { reason: reason.clone() }).await;
    reason
}

/// The number that was announced in plain; `None` if TLS begins at once.
async fn announced_number(stream: &mut TcpStream) -> io::Result<Option<WorkerId>> {
    let invalid = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let mut first = [0];
    if stream.peek(&mut first).await? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    if first[0] == TLS_HANDSHAKE {
        return Ok(None);
    }
    let mut length = [0; 4];
    stream.read_exact(&mut length).await?;
    let length = u32::from_le_bytes(length) as usize;
    if !(1..=MAX_DIGITS).contains(&length) {
        return Err(invalid("bytes that are neither TLS nor the number of a client"));
    }
    let mut digits = [0; MAX_DIGITS];
    let digits = &mut digits[..length];
    stream.read_exact(digits).await?;
    let text = std::str::from_utf8(digits).ok().filter(|t| t.bytes().all(|b| b.is_ascii_digit()));
    match text.and_then(|text| text.parse().ok()) {
        Some(number) => Ok(Some(WorkerId::new(number))),
        None => Err(invalid("the number of a client that is not decimal")),
    }
}

/// A connection from a worker to the port of a program.
pub struct WorkerDial {
    /// Who connects: a worker of the party that listens.
    pub identity: Arc<Identity>,
    /// Whom it believes.
    pub trust: Arc<Trust>,
    /// Where the program listens.
    pub address: HostPort,
    /// The node that listens there, usually the main node of the own party.
    pub expected: NodeId,
    /// What this program was compiled for.
    pub spec: ProgramSpec,
    /// How long to try.
    pub deadline: Duration,
}

/// Connects to the port of a program, which may not be open yet.
///
/// `progress` is called on the calling thread. Fails when the program did not listen until the deadline
/// and when the flag is set; at once when another node listens there, when this end is refused, and when
/// the program was compiled for something else.
pub fn connect_worker(
    dial: WorkerDial,
    abort: &AbortFlag,
    mut progress: impl FnMut(&Progress),
) -> Result<Link, Error> {
    let WorkerDial { identity, trust, address, expected, spec, deadline } = dial;
    let me = identity.subject();
    let background = Background::start(&format!("connect {}", me_text(&me)))?;
    let announced = me.uri(trust.deployment());
    let start = |events| {
        let means = Means {
            identity: &identity,
            trust: &trust,
            alpn: ALPN_WORKER,
            accepted: Expected::Program { party: expected.party }.describe(&trust),
            deadline: Instant::now() + deadline,
            abort: abort.clone(),
            progress: events,
        };
        let dial = Dial::new(expected, address, means);
        let (flag, hello) = (abort.clone(), WorkerHello { version: VERSION, announced, spec });
        async move {
            let dial = dial?;
            let opened = tokio::select! {
                opened = dial.open::<_, WorkerAnswer>(&hello) => opened,
                cause = aborted(&flag) => Err(Error::Aborted { cause }),
            };
            let (stream, answer) = opened?;
            match answer {
                WorkerAnswer::Accepted { spec } if spec == hello.spec => {
                    hand_over(stream.into(), expected)
                }
                WorkerAnswer::Accepted { spec } => Err(dial.declined(&format!(
                    "its program was compiled for {spec}, this one for {}",
                    hello.spec
                ))),
                WorkerAnswer::Refused { reason } => Err(dial.declined(&reason)),
            }
        }
    };
    let mut link = run(&background, start, &mut progress)?;
    link.set_abort(abort.clone());
    Ok(link)
}
