//! TLS 1.3 records on a socket that never blocks, sealed from and opened into the buffers of the computation.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::fd::AsFd;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use rustix::event::{PollFd, PollFlags, poll};
use rustls::crypto::aws_lc_rs::cipher_suite::TLS13_AES_128_GCM_SHA256;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{
    ClientConfig, ClientConnection, ConnectionTrafficSecrets, ExtractedSecrets, RootCertStore,
    ServerConfig, ServerConnection,
};

const HEADER: usize = 5;
const TAG: usize = 16;
pub(crate) const RECORD: usize = 1 << 14;
const OUT: usize = 8 * (RECORD + HEADER + 1 + TAG);
const RAW: usize = OUT + (8 << 10);

struct Key {
    key: LessSafeKey,
    iv: [u8; NONCE_LEN],
    sequence: u64,
}

impl Key {
    fn new((sequence, secrets): (u64, ConnectionTrafficSecrets)) -> Self {
        let ConnectionTrafficSecrets::Aes128Gcm { key, iv } = secrets else { panic!("the suite") };
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, key.as_ref()).unwrap());
        Self { key, iv: iv.as_ref().try_into().unwrap(), sequence }
    }

    fn nonce(&mut self) -> Nonce {
        let mut nonce = self.iv;
        nonce[4..].iter_mut().zip(self.sequence.to_be_bytes()).for_each(|(a, b)| *a ^= b);
        self.sequence += 1;
        Nonce::assume_unique_for_key(nonce)
    }
}

pub(crate) struct Wire {
    stream: TcpStream,
    tx: Key,
    rx: Key,
    out: Box<[u8]>,
    out_start: usize,
    out_end: usize,
    raw: Box<[u8]>,
    start: usize,
    end: usize,
}

/// The certificate of a server on this machine: the test of the bound is not whom one talks to.
fn identity() -> (CertificateDer<'static>, PrivatePkcs8KeyDer<'static>) {
    let identity = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    (identity.cert.der().clone(), PrivatePkcs8KeyDer::from(identity.signing_key.serialize_der()))
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    let mut provider = rustls::crypto::aws_lc_rs::default_provider();
    provider.cipher_suites = vec![TLS13_AES_128_GCM_SHA256];
    Arc::new(provider)
}

impl Wire {
    pub(crate) fn server(mut stream: TcpStream) -> Self {
        let (cert, key) = identity();
        // The client believes what it is told here.
        stream.write_all(&(cert.len() as u32).to_le_bytes()).unwrap();
        stream.write_all(&cert).unwrap();
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert], key.into())
            .unwrap();
        config.send_tls13_tickets = 0;
        config.enable_secret_extraction = true;
        let mut tls = ServerConnection::new(Arc::new(config)).unwrap();
        while tls.is_handshaking() {
            tls.complete_io(&mut stream).unwrap();
        }
        Self::new(stream, tls.dangerous_extract_secrets().unwrap())
    }

    pub(crate) fn client(mut stream: TcpStream) -> Self {
        let mut length = [0; 4];
        stream.read_exact(&mut length).unwrap();
        let mut cert = vec![0; u32::from_le_bytes(length) as usize];
        stream.read_exact(&mut cert).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(cert.into()).unwrap();
        let mut config = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.enable_secret_extraction = true;
        let name = ServerName::try_from("localhost").unwrap();
        let mut tls = ClientConnection::new(Arc::new(config), name).unwrap();
        while tls.is_handshaking() {
            tls.complete_io(&mut stream).unwrap();
        }
        Self::new(stream, tls.dangerous_extract_secrets().unwrap())
    }

    fn new(stream: TcpStream, secrets: ExtractedSecrets) -> Self {
        stream.set_nodelay(true).unwrap();
        stream.set_nonblocking(true).unwrap();
        let [out, raw] = [OUT, RAW].map(|n_bytes| vec![0; n_bytes].into_boxed_slice());
        let (tx, rx) = (Key::new(secrets.tx), Key::new(secrets.rx));
        Self { stream, tx, rx, out, out_start: 0, out_end: 0, raw, start: 0, end: 0 }
    }

    pub(crate) fn has_room(&self) -> bool {
        self.out_end + RECORD + HEADER + 1 + TAG <= OUT
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.out_start == self.out_end
    }

    /// Seals at most one record.
    pub(crate) fn seal(&mut self, data: &[u8]) {
        let [high, low] = ((data.len() + 1 + TAG) as u16).to_be_bytes();
        let header = [23, 3, 3, high, low];
        let record = &mut self.out[self.out_end..][..HEADER + data.len() + 1 + TAG];
        self.out_end += record.len();
        record[..HEADER].copy_from_slice(&header);
        let (text, end) = record[HEADER..].split_at_mut(data.len());
        let nonce = self.tx.nonce();
        self.tx
            .key
            .seal_out_of_place_scatter(nonce, Aad::from(header), data, text, &[23], end)
            .unwrap();
    }

    /// Gives the kernel what it takes.
    pub(crate) fn write(&mut self) {
        while !self.is_empty() {
            match self.stream.write(&self.out[self.out_start..self.out_end]) {
                Ok(n_bytes) => self.out_start += n_bytes,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => panic!("{error}"),
            }
        }
        (self.out_start, self.out_end) = (0, 0);
    }

    /// Reads once and opens the records that are whole, which end where the message does; returns their content.
    pub(crate) fn read(&mut self, buf: &mut [u8]) -> usize {
        let mut done = self.open(buf);
        if done < buf.len() {
            self.raw.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            match self.stream.read(&mut self.raw[self.end..]) {
                Ok(0) => panic!("the other party has ended"),
                Ok(n_bytes) => self.end += n_bytes,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => panic!("{error}"),
            }
            done += self.open(&mut buf[done..]);
        }
        done
    }

    fn open(&mut self, buf: &mut [u8]) -> usize {
        let mut done = 0;
        while done < buf.len() && self.end - self.start >= HEADER {
            let raw = &mut self.raw[self.start..self.end];
            let length = usize::from(u16::from_be_bytes([raw[3], raw[4]]));
            if raw.len() < HEADER + length {
                break;
            }
            self.start += HEADER + length;
            let (header, rest) = raw.split_at_mut(HEADER);
            let (text, tag) = rest[..length].split_at_mut(length - TAG);
            let (nonce, aad) = (self.rx.nonce(), Aad::from(header));
            let content = text.len() - 1;
            if buf.len() - done > content {
                let out = &mut buf[done..][..content + 1];
                self.rx.key.open_separate_gather(nonce, aad, text, tag, out).unwrap();
            } else {
                self.rx.key.open_in_place_separate_tag(nonce, aad, tag, text).unwrap();
                buf[done..][..content].copy_from_slice(&text[..content]);
            }
            done += content;
        }
        done
    }
}

/// Sends `data`, which `make` writes piece by piece, and receives `buf` at the same time. One may be empty.
pub(crate) fn exchange(
    to: &mut Wire,
    from: &mut Wire,
    data: &mut [u8],
    mut make: impl FnMut(usize, &mut [u8]),
    buf: &mut [u8],
    mut usage: impl FnMut(usize, &mut [u8]),
) {
    let (mut sent, mut received, mut idle) = (0, 0, 0);
    loop {
        while sent < data.len() && to.has_room() {
            let piece = &mut data[sent..];
            let n_bytes = piece.len().min(RECORD);
            let piece = &mut piece[..n_bytes];
            make(sent, piece);
            to.seal(piece);
            sent += n_bytes;
        }
        let was_empty = to.is_empty();
        to.write();
        let n_bytes = if received < buf.len() { from.read(&mut buf[received..]) } else { 0 };
        if n_bytes > 0 {
            // Records are whole elements, because messages are.
            usage(received, &mut buf[received..received + n_bytes]);
        }
        received += n_bytes;
        if sent == data.len() && to.is_empty() && received == buf.len() {
            return;
        }
        if n_bytes > 0 || (!was_empty && to.is_empty()) {
            idle = 0;
        } else if idle < 30 {
            idle += 1;
            std::thread::yield_now();
        } else {
            let out = if to.is_empty() { PollFlags::empty() } else { PollFlags::OUT };
            let input = if received < buf.len() { PollFlags::IN } else { PollFlags::empty() };
            let mut fds = [
                PollFd::from_borrowed_fd(to.stream.as_fd(), out),
                PollFd::from_borrowed_fd(from.stream.as_fd(), input),
            ];
            poll(&mut fds, None).unwrap();
        }
    }
}
