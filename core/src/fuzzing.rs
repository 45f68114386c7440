//! What reads bytes from outside, as functions for `fuzz/`: none may panic or take much memory, whatever the bytes are.

use std::io::Write;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::algebra::{Ring, Z64, Z72};
use crate::comm::frame::{Frame, HEADER_BYTES, Key, Lane};
use crate::comm::{Collective, Element};
use crate::config::{HostPort, parse_hosts};
use crate::control;
use crate::identity::{self, CertInfo, Subject};
use crate::ids::{NodeId, PartyId, WorkerId};
use crate::net::{AbortFlag, Link, Net, Step, header};
use crate::setup::members;
use crate::setup::message::{
    Answer, Hello, ProgramSpec, Purpose, VERSION, WorkerAnswer, WorkerHello, read_message,
};
use crate::wire;

/// A name, what is done with bytes, and valid examples of them.
pub type Target = (&'static str, fn(&[u8]), fn() -> Vec<Vec<u8>>);

/// All of this crate.
pub const TARGETS: &[Target] = &[
    ("handshake", handshake, handshake_examples),
    ("certificate", certificate, certificate_examples),
    ("addresses", addresses, address_examples),
    ("frames", frames, frame_examples),
    ("messages", messages, message_examples),
];

/// A framed control message of the kind that the first byte chooses.
fn handshake(bytes: &[u8]) {
    const KINDS: [fn(&[u8]); 8] = [
        framed::<Hello>,
        framed::<Answer>,
        framed::<WorkerHello>,
        framed::<WorkerAnswer>,
        framed::<members::Hello>,
        framed::<members::Answer>,
        framed::<members::Table>,
        framed::<control::Message>,
    ];
    if let Some((kind, rest)) = bytes.split_first() {
        KINDS[usize::from(*kind) % KINDS.len()](rest);
    }
}

/// Reads a message from memory.
fn framed<T: Serialize + DeserializeOwned>(mut bytes: &[u8]) {
    let mut reading = pin!(read_message::<T>(&mut bytes));
    match reading.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Pending => panic!("memory is always ready"),
        Poll::Ready(Ok(message)) => assert_settled(&message),
        Poll::Ready(Err(_)) => {}
    }
}

/// The encoding of what was read must be read as the same: nobody may understand a message differently who passes it on.
pub fn assert_settled<T: Serialize + DeserializeOwned>(message: &T) {
    let bytes = wire::to_bytes(message);
    let again: T = wire::from_bytes(&bytes, bytes.len()).expect("an own encoding is read");
    assert_eq!(wire::to_bytes(&again), bytes, "the message changes");
}

fn handshake_examples() -> Vec<Vec<u8>> {
    let spec = ProgramSpec { protocol: "ring".into(), ring_bits: 64, n_parties: 3 };
    let hello = Hello {
        version: VERSION,
        purpose: Purpose::Data { thread: 2 },
        session: [7; 16],
        proposal: b"proposal".into(),
    };
    let announced = "caucus://example/party/1/worker/0".to_owned();
    vec![
        example(0, &hello),
        example(1, &Answer::Welcome { version: VERSION, proposal: vec![1, 2] }),
        example(1, &Answer::Refused { reason: "no".into() }),
        example(2, &WorkerHello { version: VERSION, announced, spec: spec.clone() }),
        example(3, &WorkerAnswer::Accepted { spec }),
        example(7, &control::Message::Echo { sent: 1, received: 1 << 40, replied: u64::MAX }),
        example(7, &control::Message::Abort { cause: "P1 was lost".into() }),
    ]
}

/// The number of a kind of messages, and one of them with its length before it.
pub fn example<T: Serialize>(kind: u8, message: &T) -> Vec<u8> {
    let body = wire::to_bytes(message);
    [&[kind][..], &(body.len() as u32).to_le_bytes(), &body].concat()
}

/// The certificate of a peer, in DER: who it says to be, and what messages tell about it.
fn certificate(der: &[u8]) {
    let _ = identity::subject_of(&CertificateDer::from(der));
    if let Some(info) = CertInfo::from_der(der) {
        let shown = [info.subject, info.issuer, info.deployment].concat();
        assert!(!shown.chars().any(char::is_control), "{shown:?} would reach a terminal");
    }
}

fn certificate_examples() -> Vec<Vec<u8>> {
    let name = "caucus://example/party/1/main";
    let made = rcgen::generate_simple_self_signed([name.to_owned(), "p1.example".to_owned()]);
    made.map(|it| vec![it.cert.der().to_vec()]).unwrap_or_default()
}

/// Texts that name addresses, nodes and subjects: what was understood must be the same when it is written and read again.
fn addresses(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(address) = HostPort::parse(&text, 7) {
        assert_eq!(HostPort::parse(&address.to_string(), 8), Ok(address));
    }
    for n_parties in [0, 3] {
        let _ = parse_hosts(Path::new("hosts"), &text, n_parties, 15000);
    }
    if let Ok(node) = text.parse::<NodeId>() {
        assert_eq!(node.to_string(), text);
    }
    if let Some((deployment, subject)) = Subject::from_uri(&text) {
        assert_eq!(subject.uri(deployment), text);
    }
}

fn address_examples() -> Vec<Vec<u8>> {
    let node = Subject::Node(NodeId::worker(PartyId::new(2), WorkerId::new(10)));
    let texts = [
        "example.org:15000",
        "[fe80::1%eth0]:65535",
        "P1.W3",
        "a\n# b\nb:7\n[::1]\n",
        &Subject::Client(3).uri("example"),
        &node.uri("example"),
    ];
    texts.map(|text| text.as_bytes().to_vec()).into()
}

/// Headers of the frames of communicators.
fn frames(bytes: &[u8]) {
    for header in bytes.as_chunks::<HEADER_BYTES>().0 {
        if let Some(frame) = Frame::from_bytes(header) {
            assert_eq!(Frame::from_bytes(&frame.to_bytes()), Some(frame));
        }
    }
}

fn frame_examples() -> Vec<Vec<u8>> {
    let key = Key { context: 1, lane: Lane::Of(2, Collective::Scatter) };
    let view = Frame::View {
        context: 1,
        number: 2,
        round: 3,
        next_context: 4,
        is_final: true,
        n_bytes: 5,
    };
    let element = u64::TYPE;
    let frames = [
        Frame::Message { key, element, id: 3, bytes: 4096, prefix: 96 },
        Frame::More { id: 3, n_bytes: 4000 },
        Frame::Credit { messages: 1, bytes: 80 },
        Frame::Fail { context: 0, number: 1, n_bytes: 9 },
        view,
    ];
    frames.iter().map(|frame| frame.to_bytes().to_vec()).collect()
}

/// A link on which a peer has sent these bytes and nothing more. The socket is the peer's.
///
/// # Panics
/// If the system gives no sockets.
pub fn link_from(peer: NodeId, bytes: &[u8]) -> (Link, UnixStream) {
    let (ours, mut theirs) = UnixStream::pair().expect("the system gives a pair of sockets");
    theirs.set_nonblocking(true).expect("a fresh socket can be made non-blocking");
    // Nothing is said about what does not fit into a socket.
    let _ = theirs.write(bytes);
    let _ = theirs.shutdown(Shutdown::Write);
    (Link::from_unix(ours, peer).expect("a fresh socket is taken"), theirs)
}

/// P0's end of a mesh of three parties whose others have sent these bytes and nothing more. The sockets are theirs.
///
/// # Panics
/// If the system gives no sockets.
pub fn facing(peers: [&[u8]; 2]) -> (Net, [UnixStream; 2]) {
    let mut links = vec![None];
    let sockets = [(1, peers[0]), (2, peers[1])].map(|(number, bytes)| {
        let (link, theirs) = link_from(NodeId::main(PartyId::new(number)), bytes);
        links.push(Some(link));
        theirs
    });
    let mut net = Net::new(PartyId::new(0), links, AbortFlag::new());
    net.set_timeout(Duration::from_secs(5));
    (net, sockets)
}

/// The bytes of the first peer and those of the second one: the first byte tells how many the former are.
pub fn of_two_peers(bytes: &[u8]) -> [&[u8]; 2] {
    let (cut, rest) = bytes.split_first().map_or((0, bytes), |(cut, rest)| (*cut, rest));
    rest.split_at(usize::from(cut).min(rest.len())).into()
}

/// What two peers say: what is received is as long as expected and in the ring, or refused.
fn messages(bytes: &[u8]) {
    let (mut net, _sockets) = facing(of_two_peers(bytes));
    let [one, two] = [1, 2].map(PartyId::new);
    let (mut even, mut odd) = ([Z64::default(); 3], [Z72::default(); 2]);
    let _ = net.recv_ring(one, Step::Open, &mut even);
    let _ = net.exchange_ring(one, two, Step::Mul, &[Z64::default(); 3], &mut even);
    let _ = net.recv_ring(two, Step::Input, &mut odd);
    let mut encoded = Vec::new();
    Z72::encode(&odd, &mut encoded);
    assert_eq!(Z72::decode(&encoded, &mut odd.clone()), Ok(()), "a value is not in the ring");
    if let Ok(parts) = net.all_gather(Step::Barrier, b"five!") {
        assert!(parts.iter().all(|part| part.len() == 5), "a part has another length");
    }
    let _ = net.broadcast(one, Step::Agree, &mut [0; 7]);
}

fn message_examples() -> Vec<Vec<u8>> {
    let message = |step: Step, body: &[u8]| [&header(step, body.len())[..], body].concat();
    let (one, two) = (message(Step::Open, &[1; 24]), message(Step::Mul, &[2; 24]));
    let (odd, last) = (message(Step::Input, &[3; 18]), message(Step::Barrier, b"four!"));
    let agreed = message(Step::Agree, b"7 bytes");
    let first = [one, last.clone(), agreed].concat();
    vec![[&[first.len() as u8][..], &first, &two, &odd, &last].concat()]
}
