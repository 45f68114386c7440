//! One connection with one peer: a non-blocking socket, with TLS except within one process.
//!
//! Nothing here blocks but the stand-alone [`Link::write_all`], [`Link::read_exact`] and [`Link::flush`].
//! What the socket does not take waits in a queue of plaintext and is sealed in records as the socket drains.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, IoSlice, Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use rustix::event::PollFlags;

use super::tls::{Failure, MAX_CONTENT_BYTES, SecretSlot, Session, Taken};
use super::wait::{self, Patience};
use super::{AbortFlag, Error, Sleeper, Waiting};
use crate::ids::NodeId;

/// Bytes handed to the kernel at a time: large enough for cheap system calls, small enough for the cache.
pub(super) const PIECE_BYTES: usize = 128 << 10;
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
    tls: Option<Box<Session>>,
    /// Plaintext not yet sealed or written; the front vector is done up to `queue_start`.
    queue: VecDeque<Vec<u8>>,
    queue_start: usize,
    /// Plaintext read ahead of its use; done up to `stash_start`.
    stash: Vec<u8>,
    stash_start: usize,
    abort: AbortFlag,
    /// Where its waits are seen, if anywhere.
    sleeper: Option<Sleeper>,
    /// Whether this end said goodbye.
    closed: bool,
    /// Whether reading failed for good.
    ended: bool,
}

enum Socket {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Link {
    /// A link over a TLS connection whose handshake is complete. `slot` was its key log, and allows to take it over;
    /// `peer` is who its certificate names.
    ///
    /// rustls must not have read a part of a record. What it has opened is kept, what it wants to say is sent.
    pub fn from_tls(
        mut stream: TcpStream,
        mut tls: rustls::Connection,
        slot: &SecretSlot,
        peer: NodeId,
    ) -> Result<Self, Error> {
        let failed = |source| Error::from_io(peer, source);
        while tls.wants_write() {
            tls.write_tls(&mut stream).map_err(failed)?;
        }
        let mut opened = Vec::new();
        if let Err(source) = tls.reader().read_to_end(&mut opened)
            && source.kind() != io::ErrorKind::WouldBlock
        {
            return Err(failed(source));
        }
        stream.set_nonblocking(true).and_then(|()| stream.set_nodelay(true)).map_err(failed)?;
        let session = Session::new(tls, slot).map_err(|source| Error::Tls { peer, source })?;
        let mut link = Self::new(Socket::Tcp(stream), Some(Box::new(session)), peer);
        link.stash = opened;
        Ok(link)
    }

    /// A link within this process or machine, not encrypted.
    pub fn from_unix(stream: UnixStream, peer: NodeId) -> Result<Self, Error> {
        stream.set_nonblocking(true).map_err(|source| Error::from_io(peer, source))?;
        Ok(Self::new(Socket::Unix(stream), None, peer))
    }

    fn new(socket: Socket, tls: Option<Box<Session>>, peer: NodeId) -> Self {
        Self {
            peer,
            socket,
            tls,
            queue: VecDeque::new(),
            queue_start: 0,
            stash: Vec::new(),
            stash_start: 0,
            abort: AbortFlag::new(),
            sleeper: None,
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

    /// Shows the waits of the blocking calls of this link there.
    pub fn set_waiting(&mut self, waiting: Waiting) {
        self.sleeper = Some(Sleeper::new(waiting));
    }

    fn wake(&mut self) {
        if let Some(sleeper) = &mut self.sleeper {
            sleeper.wake();
        }
    }

    /// To be called before this end sleeps.
    fn fall_asleep(&mut self, patience: &Patience) {
        if let Some(sleeper) = &mut self.sleeper {
            sleeper.fall_asleep(self.peer, patience.since());
        }
    }

    /// Writes all bytes and waits until the kernel has them. `timeout` limits the time without any progress.
    ///
    /// What arrives meanwhile is kept for the next read, so two ends that both write first do not block each other.
    pub fn write_all(&mut self, bytes: &[u8], timeout: Duration) -> Result<(), Error> {
        let res = self.write_bytes(bytes, timeout);
        self.wake();
        res
    }

    fn write_bytes(&mut self, bytes: &[u8], timeout: Duration) -> Result<(), Error> {
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
        let res = self.read_bytes(buf, timeout);
        self.wake();
        res
    }

    fn read_bytes(&mut self, buf: &mut [u8], timeout: Duration) -> Result<(), Error> {
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
                self.fall_asleep(&patience);
                let flags = PollFlags::IN | self.output_flag();
                wait::wait(&[(&*self, flags)], &patience, &self.abort)?;
                patience.check(self.peer, None)?;
            }
        }
        Ok(())
    }

    /// Waits until the kernel has everything that was queued. `timeout` limits the time without any progress.
    pub fn flush(&mut self, timeout: Duration) -> Result<(), Error> {
        let res = self.flush_queue(timeout);
        self.wake();
        res
    }

    fn flush_queue(&mut self, timeout: Duration) -> Result<(), Error> {
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
            tls.close();
            let _ = tls.write(|records| (&self.socket).write(records));
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
                Err(_) => return !self.tls.as_ref().is_some_and(|tls| tls.has_goodbye()),
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
        self.fall_asleep(patience);
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
        let mut done = 0;
        loop {
            let in_head = done.min(head.len());
            let taken = self.stage(&head[in_head..], &body[done - in_head..])?;
            done += taken;
            if taken == 0 || done >= PIECE_BYTES {
                break;
            }
        }
        self.pump()?;
        Ok(done)
    }

    /// Takes the beginning of `head` and `body`, in this order, if nothing is queued and there is room: seals it in one
    /// record, which [`pump`](Self::pump) then gives to the socket, or writes it where there is no encryption. Returns
    /// how many bytes of the two together.
    pub(super) fn stage(&mut self, head: &[u8], body: &[u8]) -> Result<usize, Error> {
        if !self.queue.is_empty() && !self.pump()? {
            return Ok(0);
        }
        match &mut self.tls {
            Some(tls) => Ok(tls.seal(head, body)),
            None if head.len() + body.len() == 0 => Ok(0),
            None => {
                let body = &body[..body.len().min(PIECE_BYTES)];
                self.write_plain(&[IoSlice::new(head), IoSlice::new(body)])
            }
        }
    }

    /// Bytes that [`stage`](Self::stage) takes at a time.
    pub(super) fn stage_bytes(&self) -> usize {
        if self.tls.is_some() { MAX_CONTENT_BYTES } else { PIECE_BYTES }
    }

    /// Puts the bytes behind everything else that has to be sent.
    pub(super) fn enqueue(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.queue.push_back(bytes.to_vec());
        }
    }

    /// Hands sealed and queued bytes to the kernel while it takes them. Says whether nothing is left.
    pub(super) fn pump(&mut self) -> Result<bool, Error> {
        loop {
            if let Some(tls) = &mut self.tls {
                match tls.write(|records| (&self.socket).write(records)) {
                    Ok(true) => {}
                    Ok(false) => return Ok(false),
                    Err(source) => return Err(self.write_failed(source)),
                }
            }
            if self.queue.is_empty() {
                return Ok(true);
            }
            if !self.stage_queued()? {
                return Ok(false);
            }
        }
    }

    /// Seals or writes what is queued, as far as there is room. Says whether it was anything.
    fn stage_queued(&mut self) -> Result<bool, Error> {
        let mut any = false;
        while let Some(front) = self.queue.pop_front() {
            let rest = &front[self.queue_start..];
            let taken = match &mut self.tls {
                Some(tls) => tls.seal(&[], rest),
                None => self.write_plain(&[IoSlice::new(&rest[..rest.len().min(PIECE_BYTES)])])?,
            };
            self.queue_start += taken;
            any |= taken > 0;
            if self.queue_start < front.len() {
                self.queue.push_front(front);
                if taken == 0 {
                    break;
                }
            } else {
                self.queue_start = 0;
            }
        }
        Ok(any)
    }

    /// Whether bytes wait for the socket to take them.
    pub(super) fn has_output(&self) -> bool {
        let sealed = self.tls.as_ref().is_some_and(|tls| tls.wants_write());
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
        match tls.take(buf, |raw| retry_read(&self.socket, raw)) {
            Ok(Taken::Bytes(taken)) => Ok(taken),
            Ok(Taken::Goodbye | Taken::Eof) => Err(Error::Closed { peer }),
            Err(Failure::Io(source)) => Err(Error::from_io(peer, source)),
            Err(Failure::Tls(source)) => {
                // The alert that says why is sent as far as possible.
                let _ = tls.write(|records| (&self.socket).write(records));
                Err(Error::Tls { peer, source })
            }
        }
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
        match self {
            Socket::Tcp(stream) => (&mut &*stream).write(buf),
            Socket::Unix(stream) => (&mut &*stream).write(buf),
        }
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
