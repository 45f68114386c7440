//! Meshes for tests: the same parties over socket pairs or over real TLS.

use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use rustls::crypto::aws_lc_rs::cipher_suite::TLS13_AES_128_GCM_SHA256;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection,
    SupportedCipherSuite,
};

use super::{Link, Net, SecretSlot};
use crate::ids::NodeId;

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

/// One end of a TLS connection, and its key log.
pub(super) type TlsEnd = (TcpStream, rustls::Connection, Arc<SecretSlot>);

/// Both ends of a TLS connection as they are before they become links: the server, then the client.
pub(super) fn tls_pair() -> [TlsEnd; 2] {
    tls_pair_with(TLS13_AES_128_GCM_SHA256)
}

/// Like [`tls_pair`], with this cipher suite.
pub(super) fn tls_pair_with(suite: SupportedCipherSuite) -> [TlsEnd; 2] {
    let certificate = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let chain = vec![CertificateDer::from(certificate.cert.der().to_vec())];
    let key = PrivatePkcs8KeyDer::from(certificate.signing_key.serialize_der());
    let mut provider = rustls::crypto::aws_lc_rs::default_provider();
    provider.cipher_suites = vec![suite];
    let provider = Arc::new(provider);
    let versions = [&rustls::version::TLS13];
    let mut roots = RootCertStore::empty();
    roots.add(chain[0].clone()).unwrap();
    let mut client = ClientConfig::builder_with_provider(provider.clone())
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
    let [server_slot, client_slot] = [(); 2].map(|()| Arc::new(SecretSlot::default()));
    server.key_log = Arc::<SecretSlot>::clone(&server_slot);
    server.enable_secret_extraction = true;
    client.key_log = Arc::<SecretSlot>::clone(&client_slot);
    client.enable_secret_extraction = true;
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
        (server_stream, server.into(), server_slot)
    });
    while client.is_handshaking() {
        client.complete_io(&mut client_stream).unwrap();
    }
    [server_end.join().unwrap(), (client_stream, client.into(), client_slot)]
}

/// The link of an end whose handshake is done.
pub(super) fn into_link((stream, tls, slot): TlsEnd, peer: NodeId) -> Link {
    Link::from_tls(stream, tls, &slot, peer).unwrap()
}

fn tls_mesh(n_parties: usize) -> Vec<Net> {
    Net::mesh_of(n_parties, |low, high| {
        let [at_low, at_high] = tls_pair();
        (into_link(at_low, high), into_link(at_high, low))
    })
}
