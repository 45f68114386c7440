//! A server of files over HTTPS, with an authority of its own, that answers as a test says.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What the server sends back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: String,
    pub(crate) body: Vec<u8>,
    /// How long it waits in the middle of the body.
    pub(crate) pause: Duration,
    /// Whether the connection ends there.
    pub(crate) breaks: bool,
}

impl Answer {
    /// A file, with its length.
    pub(crate) fn file(text: &str) -> Self {
        let headers = format!("Content-Length: {}\r\n", text.len());
        Self { status: 200, headers, body: text.into(), pause: Duration::ZERO, breaks: false }
    }

    /// No file.
    pub(crate) fn status(status: u16) -> Self {
        Self { status, ..Self::file("no file") }
    }

    /// The file is elsewhere.
    pub(crate) fn redirect(to: &str) -> Self {
        let headers = format!("Location: {to}\r\nContent-Length: 0\r\n");
        Self { headers, ..Self { status: 302, ..Self::file("") } }
    }
}

/// A running server.
pub(crate) struct WebServer {
    pub(crate) port: u16,
    /// Its authority, in PEM form.
    pub(crate) authority: String,
    asked: Arc<Mutex<Vec<String>>>,
    is_over: Arc<AtomicBool>,
}

impl WebServer {
    /// Starts a server on 127.0.0.1. `answer` gets the path that is asked for, and how often it was asked for before.
    pub(crate) fn start(answer: impl Fn(&str, usize) -> Answer + Send + Sync + 'static) -> Self {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["127.0.0.1".into()]).unwrap();
        let certificate = params.signed_by(&key, &issuer).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
            )
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            port: listener.local_addr().unwrap().port(),
            authority: issuer.pem(),
            asked: Arc::default(),
            is_over: Arc::default(),
        };
        let (config, answer) = (Arc::new(config), Arc::new(answer));
        let (asked, is_over) = (Arc::clone(&server.asked), Arc::clone(&server.is_over));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if is_over.load(Ordering::Acquire) {
                    return;
                }
                let tls = ServerConnection::new(Arc::clone(&config)).unwrap();
                let (answer, asked) = (Arc::clone(&answer), Arc::clone(&asked));
                // Clients that refuse the certificate, leave or are killed are what is tested.
                std::thread::spawn(move || serve(StreamOwned::new(tls, stream), &*answer, &asked));
            }
        });
        server
    }

    /// The address of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://127.0.0.1:{}{path}", self.port)
    }

    /// How often a path was asked for.
    pub(crate) fn asked(&self, path: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|it| *it == path).count()
    }
}

impl Drop for WebServer {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Release);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

type Stream = StreamOwned<ServerConnection, TcpStream>;

/// Serves one connection.
fn serve(
    mut stream: Stream,
    answer: &dyn Fn(&str, usize) -> Answer,
    asked: &Mutex<Vec<String>>,
) -> Option<()> {
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            if stream.read(&mut byte).ok()? == 0 {
                return None;
            }
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap();
        let path = head.split(' ').nth(1).unwrap().to_owned();
        let before = {
            let mut asked = asked.lock().unwrap();
            asked.push(path.clone());
            asked.iter().filter(|it| **it == path).count() - 1
        };
        let Answer { status, headers, body, pause, breaks } = answer(&path, before);
        let (first, rest) = body.split_at(body.len() / 2);
        write!(stream, "HTTP/1.1 {status} Status\r\n{headers}\r\n").ok()?;
        stream.write_all(first).ok()?;
        stream.flush().ok()?;
        std::thread::sleep(pause);
        if breaks {
            return None;
        }
        stream.write_all(rest).ok()?;
        stream.flush().ok()?;
    }
}
