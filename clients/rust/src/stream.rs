//! The connection with one party: TLS 1.3 after the number of the client, then messages with their lengths.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::{Config, Error};

/// How long to wait before another attempt to connect.
const PAUSE: Duration = Duration::from_millis(100);

/// The connection with one party.
#[derive(Debug)]
pub(crate) struct Stream {
    party: usize,
    address: String,
    timeout: Duration,
    tls: StreamOwned<ClientConnection, TcpStream>,
}

impl Stream {
    pub(crate) fn connect(
        config: &Config,
        party: usize,
        host: &str,
        port: u16,
    ) -> Result<Self, Error> {
        let tls = tls_config(config, party)?;
        let address = format!("{host}:{port}");
        let unreachable = |source| Error::Unreachable { party, address: address.clone(), source };
        let mut socket = dial(host, port, config.timeout).map_err(unreachable)?;
        let prepare = |socket: &mut TcpStream| {
            socket.set_nodelay(true)?;
            socket.set_read_timeout(Some(config.timeout))?;
            socket.set_write_timeout(Some(config.timeout))?;
            let digits = config.id.to_string();
            let length = u32::try_from(digits.len()).expect("numbers are short");
            socket.write_all(&length.to_le_bytes())?;
            socket.write_all(digits.as_bytes())
        };
        prepare(&mut socket).map_err(unreachable)?;
        let name = ServerName::try_from(format!("P{party}")).expect("this is a name of DNS");
        let refused = |what: String| Error::Refused { party, address: address.clone(), what };
        let mut connection = ClientConnection::new(Arc::new(tls), name)
            .map_err(|error| refused(error.to_string()))?;
        while connection.is_handshaking() {
            if let Err(error) = connection.complete_io(&mut socket) {
                let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
                return Err(match inner {
                    Some(rustls::Error::InvalidCertificate(why)) => {
                        Error::NotTheParty { party, address, what: format!("{why:?}") }
                    }
                    _ => refused(error.to_string()),
                });
            }
        }
        let tls = StreamOwned::new(connection, socket);
        Ok(Self { party, address, timeout: config.timeout, tls })
    }

    pub(crate) fn party(&self) -> usize {
        self.party
    }

    /// Sends one message.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let length =
            u32::try_from(bytes.len()).map_err(|_| Error::TooLong { bytes: bytes.len() })?;
        let message = [&length.to_le_bytes(), bytes].concat();
        let sent = self.tls.write_all(&message).and_then(|()| self.tls.flush());
        sent.map_err(|error| self.lost(&error))
    }

    /// Receives one message of one of these lengths.
    pub(crate) fn receive(&mut self, expected: &[usize]) -> Result<Vec<u8>, Error> {
        self.receive_if(|found| expected.contains(&found), expected)
    }

    /// Receives the first message, of at most so many bytes. A party that refuses the client ends the connection.
    pub(crate) fn receive_first(&mut self, most: usize) -> Result<Vec<u8>, Error> {
        let received = self.receive_if(|found| found <= most, &[most]);
        received.map_err(|error| match error {
            Error::Lost { party, what } => {
                Error::Refused { party, address: self.address.clone(), what }
            }
            other => other,
        })
    }

    fn receive_if(
        &mut self,
        is_right: impl Fn(usize) -> bool,
        expected: &[usize],
    ) -> Result<Vec<u8>, Error> {
        let mut length = [0; 4];
        self.fill(&mut length)?;
        let found = u32::from_le_bytes(length) as usize;
        if !is_right(found) {
            let expected = expected.to_vec();
            return Err(Error::Length { party: self.party, expected, found });
        }
        let mut message = vec![0; found];
        self.fill(&mut message)?;
        Ok(message)
    }

    fn fill(&mut self, buf: &mut [u8]) -> Result<(), Error> {
        self.tls.read_exact(buf).map_err(|error| self.lost(&error))
    }

    fn lost(&self, error: &io::Error) -> Error {
        let party = self.party;
        match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
                Error::Silent { party, waited: self.timeout }
            }
            io::ErrorKind::UnexpectedEof => {
                Error::Lost { party, what: "it closed the connection".to_owned() }
            }
            _ => Error::Lost { party, what: error.to_string() },
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.tls.conn.send_close_notify();
        // The party may be gone.
        let _ = self.tls.flush();
    }
}

/// Connects to a party, which may not listen yet.
fn dial(host: &str, port: u16, timeout: Duration) -> io::Result<TcpStream> {
    let deadline = Instant::now() + timeout;
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    loop {
        for address in (host, port).to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, timeout.max(Duration::from_millis(1))) {
                Ok(socket) => return Ok(socket),
                Err(error) => last = error,
            }
        }
        if last.kind() != io::ErrorKind::ConnectionRefused || Instant::now() >= deadline {
            return Err(last);
        }
        std::thread::sleep(PAUSE);
    }
}

/// TLS 1.3 with the client's certificate; only the one party's authority is believed.
fn tls_config(config: &Config, party: usize) -> Result<ClientConfig, Error> {
    let id = config.id;
    let path = |name: String| config.certs.join(name);
    let faulty = |path: PathBuf, what: String| Error::Certificate { path, id, what };
    let certificate = |path: PathBuf| {
        CertificateDer::from_pem_file(&path).map_err(|error| faulty(path, error.to_string()))
    };
    let authority_path = path(format!("P{party}.pem"));
    let mut roots = RootCertStore::empty();
    roots
        .add(certificate(authority_path.clone())?)
        .map_err(|error| faulty(authority_path, error.to_string()))?;
    let own = certificate(path(format!("C{id}.pem")))?;
    let key_path = path(format!("C{id}.key"));
    let key = PrivateKeyDer::from_pem_file(&key_path)
        .map_err(|error| faulty(key_path.clone(), error.to_string()))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("the provider has algorithms of TLS 1.3")
        .with_root_certificates(roots)
        .with_client_auth_cert(vec![own], key)
        .map_err(|error| faulty(key_path, error.to_string()))
}
