//! A proxy that does something when so many bytes have passed, and that can cut what passes through it.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// Which way bytes go: as seen by whoever connects.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Way {
    Out,
    Back,
}

type Action = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Shared {
    passed: [AtomicU64; 2],
    /// What to do when so many bytes have passed this way.
    alarm: Mutex<Option<(Way, u64, Action)>>,
    open: Mutex<Vec<TcpStream>>,
    /// Whether nothing passes for now.
    is_shut: AtomicBool,
}

/// Forwards connections to one address.
#[derive(Clone)]
pub(crate) struct Gate {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Gate {
    /// Listens on an address, where port 0 is any free one, and forwards to another.
    pub(crate) fn start(listen: SocketAddr, to: SocketAddr) -> Self {
        Self::limited(listen, to, None)
    }

    /// Likewise, with at most so many bytes per second each way on each connection.
    pub(crate) fn limited(listen: SocketAddr, to: SocketAddr, rate: Option<f64>) -> Self {
        let listener = TcpListener::bind(listen).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let gate = Self { address, shared: Arc::clone(&shared) };
        thread::spawn(move || {
            for inbound in listener.incoming().flatten() {
                let Ok(outbound) = TcpStream::connect(to) else { continue };
                let both = [inbound.try_clone().unwrap(), outbound.try_clone().unwrap()];
                shared.open.lock().unwrap().extend(both);
                let (a, b) = (inbound.try_clone().unwrap(), outbound.try_clone().unwrap());
                let (one, other) = (Arc::clone(&shared), Arc::clone(&shared));
                thread::spawn(move || pump(inbound, outbound, Way::Out, rate, &one));
                thread::spawn(move || pump(b, a, Way::Back, rate, &other));
            }
        });
        gate
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many bytes have passed this way.
    pub(crate) fn passed(&self, way: Way) -> u64 {
        self.shared.passed[way as usize].load(Ordering::SeqCst)
    }

    /// Does something once, before what comes after so many bytes goes on.
    pub(crate) fn after(&self, way: Way, bytes: u64, action: impl FnOnce() + Send + 'static) {
        *self.shared.alarm.lock().unwrap() = Some((way, bytes, Box::new(action)));
    }

    /// Holds everything back from now on.
    pub(crate) fn shut(&self) {
        self.shared.is_shut.store(true, Ordering::SeqCst);
    }

    /// Lets through what was held back, and everything from now on.
    pub(crate) fn open(&self) {
        self.shared.is_shut.store(false, Ordering::SeqCst);
    }

    /// Breaks all connections; new ones are let through.
    pub(crate) fn cut(&self) {
        for stream in self.shared.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        self.shared.is_shut.store(false, Ordering::SeqCst);
    }
}

fn pump(mut from: TcpStream, mut to: TcpStream, way: Way, rate: Option<f64>, shared: &Shared) {
    let (_, _) = (from.set_nodelay(true), to.set_nodelay(true));
    let mut buffer = vec![0; if rate.is_some() { 16 << 10 } else { 4096 }];
    let mut free = Instant::now();
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        let passed = &shared.passed[way as usize];
        let now = passed.fetch_add(read as u64, Ordering::SeqCst) + read as u64;
        let action = {
            let mut alarm = shared.alarm.lock().unwrap();
            match &*alarm {
                Some((at, bytes, _)) if *at == way && now >= *bytes => alarm.take(),
                _ => None,
            }
        };
        if let Some((.., action)) = action {
            action();
        }
        while shared.is_shut.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(5));
        }
        if let Some(rate) = rate {
            free = free.max(Instant::now()) + Duration::from_secs_f64(read as f64 / rate);
            thread::sleep(free.saturating_duration_since(Instant::now()));
        }
        if to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}
