//! Waiting for sockets: briefly awake, then asleep, always bounded.

use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::{AbortFlag, Error, Link, Step};
use crate::ids::NodeId;

/// The longest sleep: how late the abort flag may be noticed.
const NAP: Duration = Duration::from_millis(100);
/// How long to stay awake for an answer. A peer on the same machine answers within this; the thread yields between
/// attempts, so where cores are scarce the peer gets this one.
const SPIN: Duration = Duration::from_micros(30);
/// The slowest transfer that is not given up, in time per byte (100 kB/s): progress alone must not keep a wait alive
/// forever.
const TIME_PER_BYTE: Duration = Duration::from_micros(10);

/// How long one wait may last.
pub(super) struct Patience {
    timeout: Duration,
    started: Instant,
    progress: Instant,
    total: Duration,
}

impl Patience {
    /// `timeout` without progress, and in total what the slowest acceptable transfer of `bytes` adds to that.
    pub(super) fn new(timeout: Duration, bytes: usize) -> Self {
        let now = Instant::now();
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let total = timeout.saturating_add(TIME_PER_BYTE.saturating_mul(bytes));
        Self { timeout, started: now, progress: now, total }
    }

    /// Something came or went.
    pub(super) fn renew(&mut self) {
        self.progress = Instant::now();
    }

    /// Whether it is too early to sleep.
    pub(super) fn may_spin(&self) -> bool {
        self.may_spin_at(Instant::now())
    }

    /// The same at a time that is known. A wait that has lasted too long sleeps, so that it is checked.
    pub(super) fn may_spin_at(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.progress) < SPIN
            && now.saturating_duration_since(self.started) < self.total
    }

    /// When anything came or went last, or else the beginning.
    pub(super) fn since(&self) -> Instant {
        self.progress
    }

    /// Time since the last progress.
    pub(super) fn idle(&self) -> Duration {
        self.progress.elapsed()
    }

    /// Fails if the wait has lasted too long.
    pub(super) fn check(&self, peer: NodeId, step: Option<Step>) -> Result<(), Error> {
        if self.remaining() > Duration::ZERO {
            return Ok(());
        }
        Err(Error::Timeout { peer, after: self.started.elapsed(), step })
    }

    fn remaining(&self) -> Duration {
        let idle = self.timeout.saturating_sub(self.idle());
        idle.min(self.total.saturating_sub(self.started.elapsed()))
    }
}

/// Sleeps until one of the links is ready, the patience is over or a nap has passed. The caller finds out which by
/// trying again. Fails only if the flag is set.
pub(super) fn wait(
    links: &[(&Link, PollFlags)],
    patience: &Patience,
    abort: &AbortFlag,
) -> Result<(), Error> {
    check_abort(abort)?;
    let mut fds = Vec::with_capacity(links.len());
    fds.extend(links.iter().map(|(link, flags)| PollFd::from_borrowed_fd(link.as_fd(), *flags)));
    let nap = patience.remaining().min(NAP);
    let nap = Timespec { tv_sec: 0, tv_nsec: nap.subsec_nanos().into() };
    // An interrupted or failed poll is a short nap: reading and writing find out what is wrong.
    let _ = poll(&mut fds, Some(&nap));
    check_abort(abort)
}

/// Whether the peer has ended its side of the connection, in whatever way.
pub(super) fn has_hung_up(link: &Link) -> bool {
    let ends = PollFlags::RDHUP | PollFlags::HUP | PollFlags::ERR;
    let mut fds = [PollFd::from_borrowed_fd(link.as_fd(), ends)];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut fds, Some(&now)).is_ok_and(|ready| ready > 0)
}

/// Fails with the cause if the flag is set.
pub(super) fn check_abort(abort: &AbortFlag) -> Result<(), Error> {
    match abort.cause() {
        Some(cause) => Err(Error::Aborted { cause }),
        None => Ok(()),
    }
}
