//! A link for those who move frames of their own over it, in a loop of their own.

use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::link::PIECE_BYTES;
use super::{Error, Link};

/// A link that nobody else pumps. Nothing here waits.
pub(crate) struct Pumped(Link);

impl Pumped {
    /// Bytes that are best moved at a time.
    pub(crate) const PIECE_BYTES: usize = PIECE_BYTES;

    pub(crate) fn new(link: Link) -> Self {
        Self(link)
    }

    /// Takes the beginning of `head` and `body`, in this order, as far as there is room; returns how many bytes of the
    /// two together.
    pub(crate) fn offer(&mut self, head: &[u8], body: &[u8]) -> Result<usize, Error> {
        self.0.offer(head, body)
    }

    /// Hands what was taken to the kernel, as far as that has room. Says whether nothing is left.
    pub(crate) fn pump(&mut self) -> Result<bool, Error> {
        self.0.pump()
    }

    /// Whether something was taken that the kernel has not.
    pub(crate) fn has_output(&self) -> bool {
        self.0.has_output()
    }

    /// Reads what is there: the number of bytes, 0 if there are none yet.
    pub(crate) fn take(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
        self.0.take(buf)
    }

    /// Says goodbye on the level of TLS, and ends this direction of the connection.
    pub(crate) fn close(&mut self) {
        self.0.close();
    }

    /// Ends the connection without a goodbye.
    pub(crate) fn cut(&mut self) {
        self.0.cut();
    }

    /// Another descriptor of the connection: for tests that end it from outside.
    #[cfg(test)]
    pub(crate) fn duplicate(&self) -> std::os::fd::OwnedFd {
        self.as_fd().try_clone_to_owned().expect("the system gives a descriptor")
    }

    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Sleeps until one of the links brings something or, where that is asked, takes something, but no longer than `nap`.
pub(crate) fn sleep<'a>(links: impl Iterator<Item = (&'a Pumped, bool)>, nap: Duration) {
    let flags = |wants_room| match wants_room {
        true => PollFlags::IN | PollFlags::OUT,
        false => PollFlags::IN,
    };
    let fds = links.map(|(link, wants)| PollFd::from_borrowed_fd(link.as_fd(), flags(wants)));
    let mut fds: Vec<_> = fds.collect();
    let nap = nap.min(Duration::from_secs(1));
    let nap = Timespec {
        tv_sec: nap.as_secs().try_into().unwrap_or(0),
        tv_nsec: nap.subsec_nanos().into(),
    };
    // An interrupted or failed poll is a short nap: reading and writing find out what is wrong.
    let _ = poll(&mut fds, Some(&nap));
}
