//! Fetching files.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustls::crypto::aws_lc_rs;
use sha2::{Digest, Sha256};
use ureq::Agent;
use ureq::http::{Response, header};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem};

use super::{Address, DownloadError, DownloadFault, Item, Policy};

/// How many redirects are followed.
const MAX_REDIRECTS: u32 = 3;
/// How long to wait before the first repetition; twice as long before each further one…
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// …up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// Bytes that are read at a time.
const PIECE: usize = 1 << 16;

/// Fetches files under one policy.
pub(crate) struct Client {
    agent: Agent,
    policy: Policy,
    is_stopped: AtomicBool,
}

impl Client {
    /// A client that has connected with nobody yet.
    ///
    /// # Errors
    /// The authorities cannot be read.
    pub(crate) fn new(policy: Policy) -> Result<Self, DownloadFault> {
        let fault =
            |what: String| DownloadFault::Authorities { path: policy.authorities.clone(), what };
        let pem = std::fs::read(&policy.authorities).map_err(|error| fault(error.to_string()))?;
        let mut roots: Vec<Certificate<'static>> = Vec::new();
        for item in parse_pem(&pem) {
            match item {
                Ok(PemItem::Certificate(certificate)) => roots.push(certificate),
                Ok(_) => {}
                Err(_) => return Err(fault("it is not in PEM form".into())),
            }
        }
        if roots.is_empty() {
            return Err(fault("there is no certificate in it".into()));
        }
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
            .root_certs(RootCerts::Specific(Arc::new(roots)))
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .https_only(true)
            // Redirects and statuses are judged here.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .proxy(None)
            .user_agent("caucus")
            .timeout_connect(Some(policy.connect_timeout))
            .build();
        Ok(Self { agent: config.new_agent(), policy, is_stopped: AtomicBool::new(false) })
    }

    /// Has what is being fetched end soon, without a file.
    pub(crate) fn stop(&self) {
        self.is_stopped.store(true, Ordering::Release);
    }

    fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Acquire)
    }

    /// Fetches a file. Nothing of it is given away before its length and digest are right.
    ///
    /// # Errors
    /// The file cannot be had, or is another one. What may pass is tried again before.
    pub(crate) fn fetch(&self, item: &Item) -> Result<Vec<u8>, DownloadError> {
        let end = Instant::now() + self.policy.timeout;
        let mut pause = FIRST_PAUSE;
        let mut left = self.policy.retries;
        loop {
            let error = match self.attempt(item, end) {
                Ok(bytes) => return Ok(bytes),
                Err(error) => error,
            };
            if left == 0
                || self.is_stopped()
                || !error.fault.may_pass()
                || Instant::now() + pause >= end
            {
                return Err(error);
            }
            left -= 1;
            std::thread::sleep(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    fn attempt(&self, item: &Item, end: Instant) -> Result<Vec<u8>, DownloadError> {
        let mut address = item.address.clone();
        for _ in 0..=MAX_REDIRECTS {
            let at = |fault| DownloadError { address: address.to_string(), fault };
            if !self.policy.hosts.iter().any(|host| host.has(&address)) {
                return Err(at(DownloadFault::Host));
            }
            let response = self.ask(&address, end).map_err(at)?;
            if !response.status().is_redirection() {
                return self.take(item, response).map_err(at);
            }
            let location = response.headers().get(header::LOCATION);
            let location = location.and_then(|it| it.to_str().ok()).unwrap_or_default();
            let next = address.redirected(location);
            address = next.map_err(|why| at(DownloadFault::Redirect { why: why.into() }))?;
        }
        let fault = DownloadFault::Redirects(MAX_REDIRECTS);
        Err(DownloadError { address: item.address.to_string(), fault })
    }

    fn ask(&self, address: &Address, end: Instant) -> Result<Response<ureq::Body>, DownloadFault> {
        let left = end.saturating_duration_since(Instant::now());
        let request = self.agent.get(address.text()).config().timeout_global(Some(left)).build();
        // The form in which it is stored has the length and digest.
        let request = request.header(header::ACCEPT_ENCODING, "identity");
        request.call().map_err(fault_of)
    }

    /// The file in a response, if it is the one that is meant.
    fn take(
        &self,
        item: &Item,
        mut response: Response<ureq::Body>,
    ) -> Result<Vec<u8>, DownloadFault> {
        let status = response.status().as_u16();
        if status != 200 {
            return Err(DownloadFault::Status(status));
        }
        let headers = response.headers();
        if headers.get(header::CONTENT_ENCODING).is_some_and(|it| it != "identity") {
            return Err(DownloadFault::Encoded);
        }
        let expected = item.bytes as u64;
        let announced =
            headers.get(header::CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse().ok());
        match announced {
            None => return Err(DownloadFault::NoLength(expected)),
            Some(found) if found != expected => {
                return Err(DownloadFault::Length { expected, found, is_announced: true });
            }
            Some(_) => {}
        }
        let mut bytes = Vec::new();
        if bytes.try_reserve_exact(item.bytes).is_err() {
            return Err(DownloadFault::Connection(format!(
                "there is no memory for {expected} bytes"
            )));
        }
        let mut hash = Sha256::new();
        let mut piece = vec![0; PIECE];
        let mut body = response.body_mut().with_config().limit(expected + 1).reader();
        loop {
            let read = body.read(&mut piece).map_err(|error| fault_of(ureq::Error::from(error)))?;
            if read == 0 {
                break;
            }
            if self.is_stopped() {
                return Err(DownloadFault::Stopped);
            }
            hash.update(&piece[..read]);
            bytes.extend_from_slice(&piece[..read]);
            if bytes.len() > item.bytes {
                break;
            }
        }
        if bytes.len() != item.bytes {
            let found = bytes.len() as u64;
            return Err(DownloadFault::Length { expected, found, is_announced: false });
        }
        let found: [u8; 32] = hash.finalize().into();
        if found == item.digest { Ok(bytes) } else { Err(DownloadFault::Digest) }
    }
}

fn fault_of(error: ureq::Error) -> DownloadFault {
    match error {
        ureq::Error::Timeout(what) => DownloadFault::Timeout(what.to_string()),
        ureq::Error::Rustls(error) => fault_of_tls(&error),
        ureq::Error::HostNotFound => DownloadFault::Connection("there is no such host".into()),
        ureq::Error::Io(error) => {
            let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
            tls.map_or_else(|| DownloadFault::Connection(error.to_string()), fault_of_tls)
        }
        // Texts of the library may have the address in them.
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => {
            DownloadFault::Connection("the address is not one that can be asked".into())
        }
        other => DownloadFault::Connection(other.to_string()),
    }
}

fn fault_of_tls(error: &rustls::Error) -> DownloadFault {
    match error {
        rustls::Error::InvalidCertificate(error) => DownloadFault::Certificate(error.to_string()),
        other => DownloadFault::Connection(other.to_string()),
    }
}
