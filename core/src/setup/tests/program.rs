//! The ports of programs: who is accepted, and what everybody else is told.

use std::io::{Read, Write};
use std::net::TcpStream;

use rustls::{ClientConnection, StreamOwned};
use time::OffsetDateTime;

use super::*;
use crate::identity::{ALPN_PARTY, Subject, client_config, server_name};

const SOON: Duration = Duration::from_secs(10);

fn spec() -> ProgramSpec {
    ProgramSpec { protocol: "ring".to_owned(), ring_bits: 64, n_parties: 2 }
}

/// A program of P0 that listens, and what it refuses.
struct Port {
    listener: ProgramListener,
    address: SocketAddr,
    notes: Notes,
    /// The number of a connection that the program has open.
    open: Arc<std::sync::atomic::AtomicI64>,
}

impl Port {
    fn open(certs: &Certs) -> Self {
        let (listener, address) = listen();
        Self::on(certs, listener, address)
    }

    fn on(certs: &Certs, listener: TcpListener, address: SocketAddr) -> Self {
        let notes = Notes::default();
        let (identity, trust) = (certs.identity(main_node(0)), certs.trust());
        let told = b"specification".to_vec();
        let receiver = notes.receiver();
        let open = Arc::new(std::sync::atomic::AtomicI64::new(-1));
        let number = Arc::clone(&open);
        let is_open: IsOpen =
            Arc::new(move |id| id == number.load(std::sync::atomic::Ordering::Relaxed));
        let listener =
            ProgramListener::start(listener, identity, trust, spec(), told, is_open, receiver)
                .unwrap();
        Self { listener, address, notes, open }
    }

    fn accept(&self) -> Result<(i64, Link), Error> {
        self.listener.accept(Instant::now() + SOON, &AbortFlag::new())
    }

    fn nobody_came(&self) -> bool {
        let accepted = self.listener.accept(Instant::now(), &AbortFlag::new());
        matches!(accepted, Err(Error::NobodyCame { .. }))
    }
}

fn dial(certs: &Certs, identity: Arc<Identity>, address: SocketAddr) -> Result<Link, Error> {
    dial_as(certs, identity, address, spec())
}

fn dial_as(
    certs: &Certs,
    identity: Arc<Identity>,
    address: SocketAddr,
    spec: ProgramSpec,
) -> Result<Link, Error> {
    let (trust, expected) = (certs.trust(), main_node(0));
    let address = host_port(address);
    let dial = WorkerDial { identity, trust, address, expected, spec, deadline: SOON };
    connect_worker(dial, &AbortFlag::new(), |_| {})
}

#[test]
fn workers_are_accepted_with_the_number_of_their_certificate() {
    let certs = Certs::make(2);
    let port = Port::open(&certs);
    for (identity, number) in [
        (certs.identity(worker_node(0, 1)), 1),
        (certs.identity(worker_node(0, 0)), 0),
        (certs.identity(worker_node(0, 0)), 0),
    ] {
        let mut theirs = dial(&certs, identity, port.address).unwrap();
        let (found, mut ours) = port.accept().unwrap();
        assert_eq!(found, number);
        ours.write_all(b"a chunk", SOON).unwrap();
        let mut chunk = [0; 7];
        theirs.read_exact(&mut chunk, SOON).unwrap();
        assert_eq!(&chunk, b"a chunk");
        theirs.write_all(b"result!", SOON).unwrap();
        ours.read_exact(&mut chunk, SOON).unwrap();
        assert_eq!(&chunk, b"result!");
    }
    assert!(port.nobody_came());
}

#[test]
fn a_worker_tries_until_the_program_listens() {
    let certs = Certs::make(2);
    let (listener, address) = listen();
    drop(listener);
    std::thread::scope(|scope| {
        let worker = certs.identity(worker_node(0, 0));
        let link = scope.spawn(|| dial(&certs, worker, address).map(|_| ()));
        std::thread::sleep(Duration::from_millis(300));
        let port = Port::on(&certs, TcpListener::bind(address).unwrap(), address);
        assert_eq!(port.accept().unwrap().0, 0);
        link.join().unwrap().unwrap();
    });
}

/// One row of the matrix: who knocks, what it is told, what the listener says.
fn refused(port: &Port, certs: &Certs, identity: Arc<Identity>, told: &str, noted: &str) {
    let started = Instant::now();
    let presented = identity.info().subject.clone();
    let error = dial(certs, identity, port.address).err().unwrap();
    assert!(matches!(error, Error::Refused { .. }), "{error}");
    let message = error.to_string();
    assert!(message.contains(told), "{message}");
    assert!(message.contains(&presented), "{message}");
    let expected = "expects a certificate of P0's authority for a worker of P0";
    assert!(message.contains(expected), "{message}");
    let note = port.notes.wait_for(noted);
    assert!(note.contains(&presented) && note.contains("valid "), "{note}");
    assert!(started.elapsed() < Duration::from_secs(5), "took {:?}", started.elapsed());
    assert!(port.nobody_came());
}

#[test]
fn wrong_certificates_are_refused_and_both_sides_say_what_came() {
    let certs = Certs::make(2);
    let port = Port::open(&certs);
    // Another party's worker.
    let other = certs.identity(worker_node(1, 0));
    refused(&port, &certs, other, "unknown authority", "issued by \"Caucus P1 authority\"");
    // The party's own main node.
    let main = certs.identity(main_node(0));
    refused(&port, &certs, main, "access denied", "the main node of P0 may not connect here");
    // A client where no clients are expected.
    let elsewhere = Certs::make(1);
    add_client(elsewhere.path(), 0, &IssueOptions::default()).unwrap();
    let client = Arc::new(Identity::load_client(elsewhere.path(), 0).unwrap());
    refused(&port, &certs, client, "unknown authority", "issued by \"Caucus client authority\"");
    // A stranger whose authority calls itself the same.
    let name = certs.trust().deployment().to_owned();
    let same_name = IssueOptions { deployment: Some(name), ..IssueOptions::default() };
    let strangers = Certs::with(2, &same_name);
    let stranger = strangers.identity(worker_node(0, 1));
    refused(&port, &certs, stranger, "unknown authority", "but not its signature");
    // Another deployment.
    let foreign = elsewhere.identity(worker_node(0, 0));
    let noted = format!("\"Caucus P0 authority\" of {}", elsewhere.trust().deployment());
    refused(&port, &certs, foreign, "unknown authority", &noted);
}

#[test]
fn certificates_outside_their_validity_are_refused_with_the_dates() {
    let certs = Certs::make(2);
    let port = Port::open(&certs);
    let now = OffsetDateTime::now_utc();
    let days = time::Duration::days;
    for (worker, validity, told, noted) in [
        (5, (now - days(9), now - days(2)), "certificate expired", "it has expired"),
        (6, (now + days(2), now + days(9)), "or not valid yet", "it is not valid yet"),
    ] {
        let options = IssueOptions { validity: Some(validity), ..IssueOptions::default() };
        add_worker(certs.path(), PartyId::new(0), WorkerId::new(worker), &options).unwrap();
        let subject = Subject::Node(worker_node(0, worker));
        let identity = Arc::new(Identity::unchecked(certs.path(), subject));
        assert!(identity.info().to_string().contains(&crate::identity::date(validity.1)));
        refused(&port, &certs, identity, told, noted);
    }
}

#[test]
fn no_certificate_plain_bytes_and_old_tls_are_refused() {
    let certs = Certs::make(2);
    let port = Port::open(&certs);
    let trust = certs.trust();
    let name = server_name(main_node(0), &trust);
    let mut roots = rustls::RootCertStore::empty();
    let authority = std::fs::read(certs.path().join("party-0/authority.pem")).unwrap();
    use rustls::pki_types::pem::PemObject;
    roots.add(rustls::pki_types::CertificateDer::from_pem_slice(&authority).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let nobody = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let tls = ClientConnection::new(Arc::new(nobody), name).unwrap();
    let mut stream = StreamOwned::new(tls, TcpStream::connect(port.address).unwrap());
    let _ = stream.write_all(b"x");
    let error = stream.read_to_end(&mut Vec::new()).unwrap_err();
    assert!(error.to_string().contains("CertificateRequired"), "{error}");
    let note = port.notes.wait_for("found no certificate");
    assert!(note.contains("expected TLS 1.3 with a certificate of P0's authority"), "{note}");

    // A first message of TLS 1.2: no extension offers a later version.
    let mut hello = vec![3, 3];
    hello.extend([7; 32]);
    hello.extend([0, 0, 2, 0xc0, 0x2b, 1, 0]);
    let extensions: &[u8] = &[0, 13, 0, 4, 0, 2, 4, 3, 0, 10, 0, 4, 0, 2, 0, 23];
    hello.extend([0, extensions.len() as u8]);
    hello.extend(extensions);
    let mut record = vec![0x16, 3, 1, 0, hello.len() as u8 + 4, 1, 0, 0, hello.len() as u8];
    record.extend(hello);
    let mut stream = TcpStream::connect(port.address).unwrap();
    stream.write_all(&record).unwrap();
    let mut alert = Vec::new();
    stream.read_to_end(&mut alert).unwrap();
    assert_eq!(alert, [0x15, 3, 3, 0, 2, 2, 70], "`protocol_version` was expected");
    port.notes.wait_for("found a version of TLS before 1.3");

    let mut stream = TcpStream::connect(port.address).unwrap();
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    let _ = stream.read_to_end(&mut Vec::new());
    port.notes.wait_for("neither TLS nor the number of a client");
    assert!(port.nobody_came());
}

#[test]
fn a_worker_compiled_for_something_else_is_told_both_values() {
    let certs = Certs::make(2);
    let port = Port::open(&certs);
    for (spec, value) in [
        (ProgramSpec { protocol: "shamir".to_owned(), ..spec() }, "`shamir` with 64 bits"),
        (ProgramSpec { ring_bits: 72, ..spec() }, "`ring` with 72 bits"),
        (ProgramSpec { n_parties: 3, ..spec() }, "64 bits and 3 parties"),
    ] {
        let worker = certs.identity(worker_node(0, 0));
        let error = dial_as(&certs, worker, port.address, spec).err().unwrap();
        assert!(matches!(error, Error::Declined { .. }), "{error}");
        let message = error.to_string();
        assert!(message.contains(value), "{message}");
        assert!(message.contains("`ring` with 64 bits and 2 parties"), "{message}");
        port.notes.wait_for(value);
    }
    assert!(port.nobody_came());
}

#[test]
fn a_client_does_not_pass_as_a_worker() {
    let certs = Certs::make(2);
    add_client(certs.path(), 0, &IssueOptions::default()).unwrap();
    let port = Port::open(&certs);
    let client = Arc::new(Identity::load_client(certs.path(), 0).unwrap());
    let message = dial(&certs, client, port.address).err().unwrap().to_string();
    let reason = "expected a certificate for a worker of P0, found that of external client 0";
    assert!(message.contains(reason), "{message}");
    port.notes.wait_for(reason);
    assert!(port.nobody_came());
}

/// A client of another kind: announces its number in plain, offers no application protocol.
fn foreign(certs: &Certs, identity: &Identity, port: &Port, number: &str) -> Vec<u8> {
    let mut told = vec![0; b"specification".len()];
    match knock(certs, identity, port, number).read_exact(&mut told) {
        Ok(()) => told,
        Err(_) => Vec::new(),
    }
}

fn knock(
    certs: &Certs,
    identity: &Identity,
    port: &Port,
    number: &str,
) -> StreamOwned<ClientConnection, TcpStream> {
    let trust = certs.trust();
    let config = client_config(identity, &trust, PartyId::new(0), b"").unwrap();
    let mut config = Arc::unwrap_or_clone(config);
    config.alpn_protocols.clear();
    let tls = ClientConnection::new(Arc::new(config), server_name(main_node(0), &trust)).unwrap();
    let mut stream = TcpStream::connect(port.address).unwrap();
    stream.write_all(&(number.len() as u32).to_le_bytes()).unwrap();
    stream.write_all(number.as_bytes()).unwrap();
    StreamOwned::new(tls, stream)
}

/// The reason that a client is given instead of the specification.
fn reason(stream: &mut StreamOwned<ClientConnection, TcpStream>) -> String {
    let mut told = Vec::new();
    stream.read_to_end(&mut told).unwrap();
    assert_eq!(told[..8], [(told.len() - 4) as u8, 0, 0, 0, b'E', 0, 0, 0]);
    String::from_utf8(told.split_off(8)).unwrap()
}

#[test]
fn a_number_that_is_taken_is_refused_with_the_reason() {
    let certs = Certs::make(2);
    for client in [3, 4] {
        add_client(certs.path(), client, &IssueOptions::default()).unwrap();
    }
    let port = Port::open(&certs);
    let client = |number| Identity::load_client(certs.path(), number).unwrap();
    let none = AbortFlag::new();
    let mut told = vec![0; b"specification".len()];
    let mut first = knock(&certs, &client(3), &port, "3");
    first.read_exact(&mut told).unwrap();
    let waiting = port.listener.waiting(Instant::now() + SOON, &none).unwrap();
    assert_eq!(waiting, [Subject::Client(3)]);
    // One waits.
    let text = reason(&mut knock(&certs, &client(3), &port, "3"));
    assert!(text.contains("external client 3 is refused: there is a connection"), "{text}");
    port.notes.wait_for("connection of number 3 already");
    // The program has it.
    port.open.store(3, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(port.listener.take(Subject::Client(3), &none).unwrap().number, 3);
    assert!(port.listener.take(Subject::Client(3), &none).is_none());
    assert!(reason(&mut knock(&certs, &client(3), &port, "3")).contains("take another number"));
    // Others are served, and so is the same again once the program has closed the connection.
    assert_eq!(foreign(&certs, &client(4), &port, "4"), b"specification");
    port.open.store(-1, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(foreign(&certs, &client(3), &port, "3"), b"specification");
}

#[test]
fn a_client_that_left_is_forgotten_but_not_what_it_sent() {
    let certs = Certs::make(2);
    for client in [5, 6] {
        add_client(certs.path(), client, &IssueOptions::default()).unwrap();
    }
    let port = Port::open(&certs);
    let mut told = vec![0; b"specification".len()];
    for (number, message) in [(5, &b""[..]), (6, b"last words")] {
        let client = Identity::load_client(certs.path(), number).unwrap();
        let mut stream = knock(&certs, &client, &port, &number.to_string());
        stream.read_exact(&mut told).unwrap();
        stream.write_all(message).unwrap();
    }
    let none = AbortFlag::new();
    port.notes.wait_for_while("external client 5 left", || {
        port.listener.waiting(Instant::now(), &none).unwrap();
    });
    let waiting = port.listener.waiting(Instant::now() + SOON, &none).unwrap();
    assert_eq!(waiting, [Subject::Client(6)]);
    let mut accepted = port.listener.take(Subject::Client(6), &none).unwrap();
    let mut words = [0; 10];
    accepted.link.read_exact(&mut words, SOON).unwrap();
    assert_eq!(&words, b"last words");
}

#[test]
fn a_client_of_the_compatible_form_is_told_the_specification() {
    let certs = Certs::make(2);
    add_client(certs.path(), 12, &IssueOptions::default()).unwrap();
    let port = Port::open(&certs);
    let client = Identity::load_client(certs.path(), 12).unwrap();
    assert_eq!(foreign(&certs, &client, &port, "12"), b"specification");
    let accepted = port.listener.accept_peer(Instant::now() + SOON, &AbortFlag::new()).unwrap();
    assert_eq!((accepted.number, accepted.subject), (12, Subject::Client(12)));
    let text = reason(&mut knock(&certs, &client, &port, "3"));
    assert!(text.starts_with("number 3 was announced but the certificate is that of "), "{text}");
    port.notes.wait_for("number 3 was announced but the certificate is that of external client 12");
    assert_eq!(foreign(&certs, &client, &port, "1x"), b"");
    port.notes.wait_for("not decimal");
    assert!(port.nobody_came());
}

#[test]
fn a_worker_cannot_pass_by_the_comparison_of_programs() {
    let certs = Certs::make(2);
    let port = Port::open(&certs);
    let worker = certs.identity(worker_node(0, 0));
    let text = reason(&mut knock(&certs, &worker, &port, "0"));
    assert!(text.contains("does not speak the protocol of workers"), "{text}");
    port.notes.wait_for("worker 0 of P0 does not speak the protocol of workers");
    assert!(port.nobody_came());
}

#[test]
fn a_wrong_listener_is_not_believed() {
    let certs = Certs::make(2);
    let port = Port::open(&certs);
    let worker = || certs.identity(worker_node(0, 0));
    let reach = |expected: NodeId, address: SocketAddr| {
        let (address, trust) = (host_port(address), certs.trust());
        let deadline = SOON;
        let dial =
            WorkerDial { identity: worker(), trust, address, expected, spec: spec(), deadline };
        connect_worker(dial, &AbortFlag::new(), |_| {}).err().unwrap()
    };
    let error = reach(main_node(1), port.address);
    assert!(matches!(error, Error::Untrusted { .. }), "{error}");
    assert!(error.to_string().contains("is P1: expected caucus://"), "{error}");
    let error = reach(worker_node(0, 1), port.address);
    assert!(error.to_string().contains("another node listens there"), "{error}");

    // Something that is not Caucus.
    let (listener, address) = listen();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(b"220 mail.example.org ESMTP\r\n").unwrap();
        let _ = stream.read(&mut [0; 1000]);
    });
    let error = reach(main_node(0), address);
    assert!(error.to_string().contains("something other than Caucus listens there"), "{error}");
    server.join().unwrap();
}

#[test]
fn a_party_connection_on_a_program_port_is_refused() {
    let certs = Certs::make(2);
    let port = Port::open(&certs);
    let trust = certs.trust();
    let worker = certs.identity(worker_node(0, 0));
    let config = client_config(&worker, &trust, PartyId::new(0), ALPN_PARTY).unwrap();
    let tls = ClientConnection::new(config, server_name(main_node(0), &trust)).unwrap();
    let mut stream = StreamOwned::new(tls, TcpStream::connect(port.address).unwrap());
    let error = stream.read(&mut [0]).unwrap_err();
    assert!(error.to_string().contains("NoApplicationProtocol"), "{error}");
    port.notes.wait_for("another application protocol");
}

#[test]
fn junk_does_not_keep_a_worker_out() {
    let certs = Certs::make(2);
    let port = Port::open(&certs);
    let mut open = Vec::new();
    for idx in 0..700 {
        let mut stream = TcpStream::connect(port.address).unwrap();
        if idx % 3 == 0 {
            let _ = stream.write_all(&[2, 0, 0]);
        }
        // Few enough descriptors for a process with the usual limit of 1024.
        if idx % 2 == 0 {
            open.push(stream);
        }
    }
    let link = dial(&certs, certs.identity(worker_node(0, 1)), port.address).unwrap();
    assert_eq!(port.accept().unwrap().0, 1);
    drop((link, open));
}

#[test]
fn waiting_for_workers_ends_at_the_deadline_and_says_who_was_refused() {
    let certs = Certs::make(2);
    let port = Port::open(&certs);
    let _ = dial(&certs, certs.identity(worker_node(1, 0)), port.address);
    port.notes.wait_for("refused");
    let deadline = Instant::now() + Duration::from_millis(200);
    let error = port.listener.accept(deadline, &AbortFlag::new()).err().unwrap();
    let message = error.to_string();
    assert!(message.contains("no worker or client connected to P0"), "{message}");
    assert!(message.contains("/party/1/worker/0"), "{message}");
    let abort = AbortFlag::new();
    abort.set("P2 was lost");
    let error = port.listener.accept(Instant::now() + SOON, &abort).err().unwrap();
    assert_eq!(error.to_string(), "P2 was lost");
}
