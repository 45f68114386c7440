//! A proxy that counts what TLS carries through it.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// Bytes that each record of TLS 1.3 adds to its content: a header of 5, the type of the content,
/// and an authentication tag of 16.
const OVERHEAD: u64 = 1 + 16;
/// Type of the records that carry application data (and, encrypted, the end of a handshake).
const APPLICATION_DATA: u8 = 23;

/// Forwards connections to one address.
pub(crate) struct CountingProxy {
    port: u16,
    carried: Arc<AtomicU64>,
}

impl CountingProxy {
    /// Forwards connections to the port `to`.
    pub(crate) fn start(to: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let carried = Arc::new(AtomicU64::new(0));
        let counter = carried.clone();
        thread::spawn(move || {
            for inbound in listener.incoming().flatten() {
                let Ok(outbound) = TcpStream::connect(("127.0.0.1", to)) else { continue };
                let (a, b) = (inbound.try_clone().unwrap(), outbound.try_clone().unwrap());
                let (up, down) = (counter.clone(), counter.clone());
                thread::spawn(move || pump(inbound, outbound, &up));
                thread::spawn(move || pump(b, a, &down));
            }
        });
        Self { port, carried }
    }

    /// Where it listens.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Bytes inside records of application data so far, both directions together.
    pub(crate) fn carried(&self) -> u64 {
        self.carried.load(Ordering::SeqCst)
    }
}

fn pump(mut from: TcpStream, mut to: TcpStream, carried: &AtomicU64) {
    let mut header = [0; 5];
    while from.read_exact(&mut header).is_ok() {
        let len = u64::from(u16::from_be_bytes([header[3], header[4]]));
        let mut body = vec![0; len as usize];
        if from.read_exact(&mut body).is_err() {
            break;
        }
        if header[0] == APPLICATION_DATA {
            carried.fetch_add(len.saturating_sub(OVERHEAD), Ordering::SeqCst);
        }
        if to.write_all(&header).and_then(|()| to.write_all(&body)).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}
