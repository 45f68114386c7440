//! Meshes for tests: the same parties over socket pairs or over real TLS.

use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection};

use super::{Link, Net};

/// What links are made of.
#[derive(Clone, Copy, Debug)]
pub(super) enum Transport {
    /// Socket pairs.
    Local,
    /// TLS over TCP on the loopback interface.
    Tls,
}

pub(super) const TRANSPORTS: [Transport; 2] = [Transport::Local, Transport::Tls];

/// The meshes of `n_parties` parties.
pub(super) fn mesh(transport: Transport, n_parties: usize) -> Vec<Net> {
    match transport {
        Transport::Local => Net::local_mesh(n_parties),
        Transport::Tls => tls_mesh(n_parties),
    }
}

/// Runs all parties, each in a thread of its own; returns what they return.
pub(super) fn run<T: Send>(nets: Vec<Net>, body: impl Fn(Net) -> T + Sync) -> Vec<T> {
    thread::scope(|scope| {
        let body = &body;
        let threads: Vec<_> = nets.into_iter().map(|net| scope.spawn(move || body(net))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// Both ends of one connection, between P0 and P1.
pub(super) fn link_pair(transport: Transport) -> (Link, Link) {
    let mut nets = mesh(transport, 2);
    let (mut net1, mut net0) = (nets.pop().unwrap(), nets.pop().unwrap());
    (net0.links[1].take().unwrap(), net1.links[0].take().unwrap())
}

/// Both ends of a TLS connection as they are before they become links: the server, then the client.
pub(super) fn tls_pair() -> [(TcpStream, rustls::Connection); 2] {
    let certificate = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let chain = vec![CertificateDer::from(certificate.cert.der().to_vec())];
    let key = PrivatePkcs8KeyDer::from(certificate.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let versions = [&rustls::version::TLS13];
    let mut roots = RootCertStore::empty();
    roots.add(chain[0].clone()).unwrap();
    let client = ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut server = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key.into())
        .unwrap();
    server.send_tls13_tickets = 0;
    let name = ServerName::try_from("localhost").unwrap();
    let mut client = ClientConnection::new(Arc::new(client), name).unwrap();
    let mut server = ServerConnection::new(Arc::new(server)).unwrap();

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client_stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (mut server_stream, _) = listener.accept().unwrap();
    let server_end = thread::spawn(move || {
        while server.is_handshaking() {
            server.complete_io(&mut server_stream).unwrap();
        }
        (server_stream, server.into())
    });
    while client.is_handshaking() {
        client.complete_io(&mut client_stream).unwrap();
    }
    [server_end.join().unwrap(), (client_stream, client.into())]
}

fn tls_mesh(n_parties: usize) -> Vec<Net> {
    Net::mesh_of(n_parties, |low, high| {
        let [(stream, tls), (client_stream, client_tls)] = tls_pair();
        let at_low = Link::from_tls(stream, tls, high).unwrap();
        (at_low, Link::from_tls(client_stream, client_tls, low).unwrap())
    })
}
