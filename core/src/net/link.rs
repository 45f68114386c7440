//! One connection with one peer: a non-blocking socket, with TLS except within one process.
//!
//! Nothing here blocks but the stand-alone [`Link::write_all`], [`Link::read_exact`] and [`Link::flush`].
//! What the socket does not take waits in a queue of plaintext and is sealed in pieces as the socket drains.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, IoSlice, Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use rustix::event::PollFlags;

use super::wait::{self, Patience};
use super::{AbortFlag, Error};
use crate::ids::NodeId;

/// Bytes sealed and handed to the kernel at a time: large enough for cheap system calls, small enough for the cache.
pub(super) const PIECE_BYTES: usize = 256 << 10;
/// Bytes of ciphertext read from the socket at a time.
const RAW_BYTES: usize = 64 << 10;
/// Bytes read ahead in order to find out whether the peer has left.
const LOOK_BYTES: usize = 1 << 10;
/// Bytes kept for later while this end waits for the peer to take what it writes.
const STASH_BYTES: usize = 256 << 20;

/// One authenticated connection with one peer.
///
/// A [`super::Net`] pumps its links itself. A link that stands alone (with a worker, main node or client) offers
/// blocking reads and writes with time limits.
pub struct Link {
    peer: NodeId,
    socket: Socket,
    tls: Option<Box<Tls>>,
    /// Plaintext not yet sealed or written; the front vector is done up to `queue_start`.
    queue: VecDeque<Vec<u8>>,
    queue_start: usize,
    /// Plaintext read ahead of its use; done up to `stash_start`.
    stash: Vec<u8>,
    stash_start: usize,
    abort: AbortFlag,
    /// Whether this end said goodbye.
    closed: bool,
    /// Whether reading failed for good.
    ended: bool,
}

enum Socket {
    Tcp(TcpStream),
    Unix(UnixStream),
}

struct Tls {
    connection: rustls::Connection,
    /// Ciphertext between the socket and rustls, valid in `raw_start..raw_end`: rustls itself reads 4 KiB a call.
    raw: Box<[u8]>,
    raw_start: usize,
    raw_end: usize,
    /// Whether the peer has said goodbye.
    goodbye: bool,
}

impl Link {
    /// A link over a TLS connection whose handshake is complete. `peer` is who its certificate names.
    pub fn from_tls(
        stream: TcpStream,
        mut tls: rustls::Connection,
        peer: NodeId,
    ) -> Result<Self, Error> {
        stream
            .set_nonblocking(true)
            .and_then(|()| stream.set_nodelay(true))
            .map_err(|source| Error::from_io(peer, source))?;
        // What is given to rustls is bounded by `PIECE_BYTES` here.
        tls.set_buffer_limit(None);
        let raw = vec![0; RAW_BYTES].into_boxed_slice();
        let tls = Tls { connection: tls, raw, raw_start: 0, raw_end: 0, goodbye: false };
        Ok(Self::new(Socket::Tcp(stream), Some(Box::new(tls)), peer))
    }

    /// A link within this process or machine, not encrypted.
    pub fn from_unix(stream: UnixStream, peer: NodeId) -> Result<Self, Error> {
        stream.set_nonblocking(true).map_err(|source| Error::from_io(peer, source))?;
        Ok(Self::new(Socket::Unix(stream), None, peer))
    }

    fn new(socket: Socket, tls: Option<Box<Tls>>, peer: NodeId) -> Self {
        Self {
            peer,
            socket,
            tls,
            queue: VecDeque::new(),
            queue_start: 0,
            stash: Vec::new(),
            stash_start: 0,
            abort: AbortFlag::new(),
            closed: false,
            ended: false,
        }
    }

    /// Who is at the other end.
    pub fn peer(&self) -> NodeId {
        self.peer
    }

    /// Makes the blocking calls of this link end with [`Error::Aborted`] when the flag is set.
    pub fn set_abort(&mut self, abort: AbortFlag) {
        self.abort = abort;
    }

    /// Writes all bytes and waits until the kernel has them. `timeout` limits the time without any progress.
    ///
    /// What arrives meanwhile is kept for the next read, so two ends that both write first do not block each other.
    pub fn write_all(&mut self, bytes: &[u8], timeout: Duration) -> Result<(), Error> {
        let mut patience = Patience::new(timeout, bytes.len());
        let mut done = 0;
        loop {
            let taken = self.offer(&[], &bytes[done..])?;
            done += taken;
            if done == bytes.len() && !self.has_output() {
                return Ok(());
            }
            if taken > 0 {
                patience.renew();
                continue;
            }
            self.wait_for_output(&mut patience)?;
        }
    }

    /// Fills `buf`. `timeout` limits the time without any progress.
    pub fn read_exact(&mut self, buf: &mut [u8], timeout: Duration) -> Result<(), Error> {
        let mut patience = Patience::new(timeout, buf.len());
        let mut done = 0;
        while done < buf.len() {
            self.pump()?;
            let taken = self.take(&mut buf[done..])?;
            done += taken;
            if taken > 0 {
                patience.renew();
            } else if patience.may_spin() {
                std::thread::yield_now();
            } else {
                let flags = PollFlags::IN | self.output_flag();
                wait::wait(&[(&*self, flags)], &patience, &self.abort)?;
                patience.check(self.peer, None)?;
            }
        }
        Ok(())
    }

    /// Waits until the kernel has everything that was queued. `timeout` limits the time without any progress.
    pub fn flush(&mut self, timeout: Duration) -> Result<(), Error> {
        let mut patience = Patience::new(timeout, self.queued_bytes());
        while !self.pump()? {
            self.wait_for_output(&mut patience)?;
        }
        Ok(())
    }

    /// Says goodbye, as far as that is possible without waiting. Also done when the link is dropped.
    pub fn close(&mut self) {
        if self.closed {
            return;
        }
        self.closed = true;
        // A failure only means that the peer is gone already.
        let _ = self.pump();
        if let Some(tls) = &mut self.tls {
            tls.connection.send_close_notify();
            let _ = tls.write(&self.socket);
        }
        let _ = match &self.socket {
            Socket::Tcp(stream) => stream.shutdown(std::net::Shutdown::Write),
            Socket::Unix(stream) => stream.shutdown(std::net::Shutdown::Write),
        };
    }

    /// Ends the connection without a goodbye, so that the peer learns at once that this end has failed.
    pub fn cut(&mut self) {
        self.closed = true;
        let _ = match &self.socket {
            Socket::Tcp(stream) => stream.shutdown(std::net::Shutdown::Both),
            Socket::Unix(stream) => stream.shutdown(std::net::Shutdown::Both),
        };
    }

    /// Whether the peer is gone without a goodbye: it has died or failed, or the connection broke. What arrived before
    /// is kept; nothing is read ahead as long as the peer has not ended its side.
    pub fn is_cut(&mut self) -> bool {
        if self.closed || !wait::has_hung_up(self) {
            return false;
        }
        loop {
            match self.read_ahead() {
                Ok(true) => {}
                Ok(false) => return false,
                Err(_) => return !self.tls.as_ref().is_some_and(|tls| tls.goodbye),
            }
        }
    }

    /// Whether the peer is gone, with or without a goodbye, and left nothing to read.
    pub fn has_left(&mut self) -> bool {
        if self.closed {
            return true;
        }
        // A goodbye alone does not hang up: it is noticed by reading ahead a little.
        if self.stash.len() == self.stash_start && !self.ended {
            let _ = self.fill_stash(LOOK_BYTES);
        }
        self.ended && self.stash.len() == self.stash_start
    }

    /// Waits until the socket takes or brings bytes; what it brings is stashed.
    fn wait_for_output(&mut self, patience: &mut Patience) -> Result<(), Error> {
        wait::wait(&[(&*self, self.stash_flag() | PollFlags::OUT)], patience, &self.abort)?;
        let before = self.queued_bytes();
        self.pump()?;
        if self.read_ahead()? || self.queued_bytes() < before {
            patience.renew();
        }
        patience.check(self.peer, None)
    }

    /// Stashes a piece of what has arrived, if there is room. Says whether it was anything.
    pub(super) fn read_ahead(&mut self) -> Result<bool, Error> {
        match self.stash_room() {
            0 => Ok(false),
            room => self.fill_stash(room.min(PIECE_BYTES)),
        }
    }

    /// What to poll for in order to read ahead.
    pub(super) fn stash_flag(&self) -> PollFlags {
        if self.stash_room() > 0 { PollFlags::IN } else { PollFlags::empty() }
    }

    fn stash_room(&self) -> usize {
        if self.ended {
            return 0;
        }
        STASH_BYTES.saturating_sub(self.stash.len() - self.stash_start)
    }

    /// Reads ahead at most `room` bytes. Says whether there were any.
    fn fill_stash(&mut self, room: usize) -> Result<bool, Error> {
        if self.stash_start > self.stash.len() / 2 {
            self.stash.drain(..self.stash_start);
            self.stash_start = 0;
        }
        let end = self.stash.len();
        self.stash.resize(end + room, 0);
        let mut stash = std::mem::take(&mut self.stash);
        let taken = self.take_fresh(&mut stash[end..]);
        stash.truncate(end + *taken.as_ref().unwrap_or(&0));
        self.stash = stash;
        self.ended |= taken.is_err();
        Ok(taken? > 0)
    }

    /// Sends as much of `head` and then `body` as the socket takes now, at most about one piece; returns how many
    /// bytes of the two together. Never queues, never copies.
    pub(super) fn offer(&mut self, head: &[u8], body: &[u8]) -> Result<usize, Error> {
        if !self.pump()? || head.len() + body.len() == 0 {
            return Ok(0);
        }
        let body = &body[..body.len().min(PIECE_BYTES)];
        let parts = [IoSlice::new(head), IoSlice::new(body)];
        match &mut self.tls {
            Some(tls) => {
                let sealed = tls.connection.writer().write_vectored(&parts);
                let sealed = sealed.map_err(|source| Error::from_io(self.peer, source))?;
                self.pump()?;
                Ok(sealed)
            }
            None => self.write_plain(&parts),
        }
    }

    /// Puts the bytes behind everything else that has to be sent.
    pub(super) fn enqueue(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.queue.push_back(bytes.to_vec());
        }
    }

    /// Hands queued bytes to the kernel while it takes them. Says whether nothing is left.
    pub(super) fn pump(&mut self) -> Result<bool, Error> {
        loop {
            if let Some(tls) = &mut self.tls {
                match tls.write(&self.socket) {
                    Ok(true) => {}
                    Ok(false) => return Ok(false),
                    Err(source) => return Err(self.write_failed(source)),
                }
            }
            let Some(front) = self.queue.pop_front() else {
                return Ok(true);
            };
            let rest = &front[self.queue_start..];
            let piece = &rest[..rest.len().min(PIECE_BYTES)];
            let taken = match &mut self.tls {
                Some(tls) => {
                    let sealed = tls.connection.writer().write(piece);
                    sealed.map_err(|source| Error::from_io(self.peer, source))?
                }
                None => self.write_plain(&[IoSlice::new(piece)])?,
            };
            self.queue_start += taken;
            if self.queue_start == front.len() {
                self.queue_start = 0;
            } else {
                self.queue.push_front(front);
                if taken == 0 {
                    return Ok(false);
                }
            }
        }
    }

    /// Whether bytes wait for the socket to take them.
    pub(super) fn has_output(&self) -> bool {
        let sealed = self.tls.as_ref().is_some_and(|tls| tls.connection.wants_write());
        sealed || !self.queue.is_empty()
    }

    /// Bytes of plaintext that wait to be sealed or written.
    pub(super) fn queued_bytes(&self) -> usize {
        self.queue.iter().map(Vec::len).sum::<usize>() - self.queue_start
    }

    /// What to poll for on behalf of queued output.
    pub(super) fn output_flag(&self) -> PollFlags {
        if self.has_output() { PollFlags::OUT } else { PollFlags::empty() }
    }

    /// Reads what is there without waiting: the number of bytes, 0 if there are none yet.
    pub(super) fn take(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
        let stashed = &self.stash[self.stash_start..];
        if stashed.is_empty() {
            return self.take_fresh(buf);
        }
        let taken = stashed.len().min(buf.len());
        buf[..taken].copy_from_slice(&stashed[..taken]);
        self.stash_start += taken;
        if self.stash_start == self.stash.len() {
            (self.stash, self.stash_start) = (Vec::new(), 0);
        }
        Ok(taken)
    }

    fn take_fresh(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
        if buf.is_empty() {
            return Ok(0);
        }
        let peer = self.peer;
        let Some(tls) = &mut self.tls else {
            return match retry_read(&self.socket, buf) {
                Ok(0) => Err(Error::Closed { peer }),
                Ok(taken) => Ok(taken),
                Err(source) if source.kind() == io::ErrorKind::WouldBlock => Ok(0),
                Err(source) => Err(Error::from_io(peer, source)),
            };
        };
        tls.take(&self.socket, buf, peer)
    }

    fn write_plain(&self, parts: &[IoSlice<'_>]) -> Result<usize, Error> {
        loop {
            match (&self.socket).write_vectored(parts) {
                Ok(taken) => return Ok(taken),
                Err(source) if source.kind() == io::ErrorKind::Interrupted => {}
                Err(source) if source.kind() == io::ErrorKind::WouldBlock => return Ok(0),
                Err(source) => return Err(Error::from_io(self.peer, source)),
            }
        }
    }

    /// The reason why the peer takes nothing any more: it may have said so before it closed.
    fn write_failed(&mut self, source: io::Error) -> Error {
        let peer = self.peer;
        loop {
            match self.fill_stash(PIECE_BYTES) {
                Ok(true) if self.stash.len() < STASH_BYTES => {}
                Ok(_) => return Error::from_io(peer, source),
                Err(error @ Error::Tls { .. }) => return error,
                Err(_) => return Error::from_io(peer, source),
            }
        }
    }
}

impl Tls {
    /// Writes sealed records while the socket takes them. Says whether none are left.
    fn write(&mut self, socket: &Socket) -> io::Result<bool> {
        let mut socket = socket;
        while self.connection.wants_write() {
            match self.connection.write_tls(&mut socket) {
                Ok(_) => {}
                Err(source) if source.kind() == io::ErrorKind::Interrupted => {}
                Err(source) if source.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(source) => return Err(source),
            }
        }
        Ok(true)
    }

    /// Decrypts until `buf` has something, or the socket has no more: then 0.
    fn take(&mut self, socket: &Socket, buf: &mut [u8], peer: NodeId) -> Result<usize, Error> {
        let mut taken = 0;
        while taken < buf.len() {
            match self.connection.reader().read(&mut buf[taken..]) {
                Ok(0) if taken == 0 => return Err(Error::Closed { peer }),
                Ok(0) => break,
                Ok(read) => {
                    taken += read;
                    continue;
                }
                Err(source) if source.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) if taken > 0 => break,
                Err(source) => return Err(Error::from_io(peer, source)),
            }
            if self.raw_start == self.raw_end {
                // Decrypted bytes are handed over before more is asked from the kernel.
                if taken >= RAW_BYTES {
                    break;
                }
                match retry_read(socket, &mut self.raw) {
                    Ok(read) => (self.raw_start, self.raw_end) = (0, read),
                    Err(source) if source.kind() == io::ErrorKind::WouldBlock => break,
                    Err(_) if taken > 0 => break,
                    Err(source) => return Err(Error::from_io(peer, source)),
                }
            }
            let mut raw = &self.raw[self.raw_start..self.raw_end];
            let before = raw.len();
            let fed = self.connection.read_tls(&mut raw);
            fed.map_err(|source| Error::from_io(peer, source))?;
            self.raw_start += before - raw.len();
            match self.connection.process_new_packets() {
                Ok(state) => self.goodbye |= state.peer_has_closed(),
                Err(source) => {
                    // The alert that says why is sent as far as possible.
                    let _ = self.write(socket);
                    return Err(Error::Tls { peer, source });
                }
            }
        }
        Ok(taken)
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Link({})", self.peer)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.close();
    }
}

impl AsFd for Link {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match &self.socket {
            Socket::Tcp(stream) => stream.as_fd(),
            Socket::Unix(stream) => stream.as_fd(),
        }
    }
}

/// Reads once, again if a signal came in between.
fn retry_read(mut socket: &Socket, buf: &mut [u8]) -> io::Result<usize> {
    loop {
        match socket.read(buf) {
            Err(source) if source.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

impl Read for &Socket {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Socket::Tcp(stream) => (&mut &*stream).read(buf),
            Socket::Unix(stream) => (&mut &*stream).read(buf),
        }
    }
}

impl Write for &Socket {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(buf)])
    }

    fn write_vectored(&mut self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        match self {
            Socket::Tcp(stream) => (&mut &*stream).write_vectored(parts),
            Socket::Unix(stream) => (&mut &*stream).write_vectored(parts),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
