//! The loop that an operation waits in, until everything that belongs to it has moved.

use std::time::{Duration, Instant};

use super::engine::{Cause, Engine, Failure};
use super::error::Error;
use super::port::{Gone, In, Out, Target, Wrong};
use crate::net::pumped;

/// How long to stay awake for an answer: a peer on the same machine answers within this, and one that shares the core
/// gets it meanwhile.
const SPIN: Duration = Duration::from_micros(30);
/// The longest sleep: how late the abort flag may be noticed.
const NAP: Duration = Duration::from_millis(100);
/// How long an operation waits before it takes in long messages that nobody has asked for: their senders may have to
/// get rid of them before they do what is waited for.
const GRACE: Duration = Duration::from_millis(2);
/// The slowest transfer that is not given up, in time per byte (100 kB/s).
const TIME_PER_BYTE: Duration = Duration::from_micros(10);

/// What an operation is, for errors, and what ends it.
pub(super) struct Watch<'a> {
    pub(super) context: u32,
    pub(super) name: &'a str,
    /// The members, as the engine numbers them.
    pub(super) members: &'a [usize],
    /// The number of the collective operation, which the failure of another member ends.
    pub(super) number: Option<u32>,
    /// Whether the loss of any member ends it.
    pub(super) needs_all: bool,
    /// Whether a revoked communicator ends it.
    pub(super) may_be_revoked: bool,
    pub(super) doing: &'a str,
    pub(super) limit: Duration,
}

impl<'a> Watch<'a> {
    /// That of an operation which is no collective one: messages between two members.
    pub(super) fn new(
        context: u32,
        name: &'a str,
        members: &'a [usize],
        doing: &'a str,
        limit: Duration,
    ) -> Self {
        let (number, needs_all, may_be_revoked) = (None, false, true);
        Self { context, name, members, number, needs_all, may_be_revoked, doing, limit }
    }

    pub(super) fn doing(&self) -> String {
        self.doing.to_owned()
    }
}

impl Engine {
    /// Moves these messages, and returns when all are done and the kernel has what was sent.
    pub(super) fn transfer(
        &mut self,
        watch: &Watch<'_>,
        outs: &mut [Out<'_>],
        ins: &mut [In<'_>],
    ) -> Result<(), Error> {
        self.wait(watch, outs, ins, |_| None)
    }

    /// Waits until `pending` names no node any more that has to do something.
    pub(super) fn wait_for(
        &mut self,
        watch: &Watch<'_>,
        pending: impl FnMut(&mut Self) -> Option<usize>,
    ) -> Result<(), Error> {
        self.wait(watch, &mut [], &mut [], pending)
    }

    fn wait(
        &mut self,
        watch: &Watch<'_>,
        outs: &mut [Out<'_>],
        ins: &mut [In<'_>],
        pending: impl FnMut(&mut Self) -> Option<usize>,
    ) -> Result<(), Error> {
        let res = self.drive(watch, outs, ins, pending);
        self.sleeper.wake();
        if res.is_err() {
            self.abandon(outs, ins);
        }
        res
    }

    fn drive(
        &mut self,
        watch: &Watch<'_>,
        outs: &mut [Out<'_>],
        ins: &mut [In<'_>],
        mut pending: impl FnMut(&mut Self) -> Option<usize>,
    ) -> Result<(), Error> {
        let n_bytes = outs.iter().map(|out| out.body.len()).sum::<usize>()
            + ins.iter().map(|wanted| wanted.buf.len()).sum::<usize>();
        let slowest = TIME_PER_BYTE.saturating_mul(u32::try_from(n_bytes).unwrap_or(u32::MAX));
        let total = watch.limit.saturating_add(slowest);
        let began = Instant::now();
        let (mut moved, mut last_move) = (0, began);
        loop {
            for (idx, wanted) in ins.iter_mut().enumerate() {
                self.ask(Target::Slot(idx), wanted);
            }
            let any = self.progress(outs, ins);
            self.check(watch)?;
            self.check_problems(watch, ins)?;
            let Some(node) = pending(self).or_else(|| self.first_pending(watch, outs, ins)) else {
                return Ok(());
            };
            self.check_gone(watch, node)?;
            let now_moved = outs.iter().map(|out| out.sent).sum::<usize>()
                + ins.iter().map(|wanted| wanted.done).sum::<usize>();
            let now = Instant::now();
            if now_moved != moved {
                (moved, last_move) = (now_moved, now);
                self.sleeper.wake();
            }
            let idle = now - last_move;
            let left = watch.limit.saturating_sub(idle).min(total.saturating_sub(now - began));
            if left.is_zero() {
                let (peer, after) = (self.nodes[node], now - began);
                let (doing, limit) = (watch.doing(), watch.limit);
                return Err(Error::Timeout { doing, peer, after, limit });
            }
            if any {
                continue;
            }
            if idle >= GRACE {
                self.accept_spare();
            }
            if idle < SPIN {
                std::thread::yield_now();
            } else {
                self.sleeper.fall_asleep(self.nodes[node], last_move);
                self.sleep(outs, left.min(NAP));
            }
            self.port(node).stats.wait += now.elapsed();
        }
    }

    fn sleep(&self, outs: &[Out<'_>], nap: Duration) {
        let ports = self.ports.iter().enumerate();
        let open = ports.filter_map(|(node, port)| {
            let port = port.as_ref().filter(|port| port.gone.is_none())?;
            let is_begun = |out: &Out<'_>| out.is_granted && !out.is_done();
            let begun = outs.iter().any(|out| out.to == node && is_begun(out))
                || port.kept.iter().any(is_begun);
            Some((&port.link, port.has_output() || (begun && port.is_open())))
        });
        pumped::sleep(open, nap);
    }

    /// The first node that something of these messages waits for.
    fn first_pending(&self, watch: &Watch<'_>, outs: &[Out<'_>], ins: &[In<'_>]) -> Option<usize> {
        let wanted = ins.iter().find(|wanted| !wanted.is_done()).map(|wanted| wanted.from);
        let unsent = || outs.iter().find(|out| !out.is_done()).map(|out| out.to);
        let unflushed = || {
            let node = |node: &usize| {
                self.ports[*node].as_ref().is_some_and(|port| {
                    port.has_output()
                        && (watch.number.is_some() || outs.iter().any(|o| o.to == *node))
                })
            };
            watch.members.iter().copied().find(node)
        };
        wanted.or_else(unsent).or_else(unflushed)
    }

    /// Fails if something has happened that ends the operation, whatever it waits for.
    pub(super) fn check(&mut self, watch: &Watch<'_>) -> Result<(), Error> {
        if let Some(cause) = self.abort.cause() {
            return Err(Error::Aborted { cause });
        }
        let doing = || watch.doing();
        let known = self.context(watch.context);
        if watch.may_be_revoked
            && let Some(by) = known.revoked_by
        {
            return Err(Error::Revoked { doing: doing(), name: watch.name.to_owned(), by });
        }
        if let (Some(failure), Some(number)) = (&known.failure, watch.number)
            && failure.number <= number
        {
            let failure = failure.clone();
            return Err(self.failed(watch, failure));
        }
        for node in watch.members.iter().filter(|_| watch.needs_all) {
            let Some(port) = &self.ports[*node] else { continue };
            if let Some(Gone::Lost(why)) = &port.gone {
                let (peer, why) = (port.peer, why.clone());
                return Err(Error::Lost { doing: doing(), peer, why });
            }
        }
        Ok(())
    }

    fn failed(&self, watch: &Watch<'_>, failure: Failure) -> Error {
        let name = watch.name.to_owned();
        let node = |rank: u16| {
            let member = watch.members.get(usize::from(rank)).unwrap_or(&self.me);
            self.nodes[*member]
        };
        let number = failure.number;
        match failure.cause {
            Cause::Reported { by, cause } => Error::Failed { doing: watch.doing(), by, cause },
            Cause::Own { cause } => Error::Broken { doing: watch.doing(), name, cause },
            Cause::Mismatch { first, second } => Error::Mismatch {
                name,
                number,
                first: node(first.0),
                first_call: Box::new(first.1),
                second: node(second.0),
                second_call: Box::new(second.1),
            },
        }
    }

    fn check_problems(&self, watch: &Watch<'_>, ins: &[In<'_>]) -> Result<(), Error> {
        let wrong = ins.iter().find_map(|wanted| Some((wanted, wanted.problem?)));
        match wrong {
            Some((wanted, wrong)) => Err(self.wrong_message(watch.doing(), wanted, wrong)),
            None => Ok(()),
        }
    }

    /// The error for a message that cannot be received as it was asked for.
    pub(super) fn wrong_message(&self, doing: String, wanted: &In<'_>, found: Wrong) -> Error {
        Error::WrongMessage {
            doing,
            peer: self.nodes[wanted.from],
            expected: format!("{} bytes of {}", wanted.buf.len(), wanted.element),
            found: format!("{} bytes of {}", found.bytes, found.element),
        }
    }

    /// Fails if the node is gone, so that what it was to do will not happen.
    pub(super) fn check_gone(&self, watch: &Watch<'_>, node: usize) -> Result<(), Error> {
        let Some(port) = &self.ports[node] else { return Ok(()) };
        let (doing, peer) = (watch.doing(), port.peer);
        match &port.gone {
            None => Ok(()),
            Some(Gone::Left) => Err(Error::Left { doing, peer }),
            Some(Gone::Lost(why)) => Err(Error::Lost { doing, peer, why: why.clone() }),
        }
    }
}
