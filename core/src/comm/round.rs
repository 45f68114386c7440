//! What all collective operations have in common: all members call the same, and hear of it if one cannot go on.

use std::borrow::Cow;
use std::sync::MutexGuard;
use std::time::Duration;

use super::accept::in_order;
use super::call::Call;
use super::drive::Watch;
use super::engine::{Cause, Engine, Failure};
use super::error::Error;
use super::frame::{Frame, Key, Lane};
use super::port::{In, Out};
use super::{Collective, Comm, Element, ElementType, lock};
use crate::algebra::NotCanonical;

/// The step of the comparison with which operations end whose parts have different lengths; the first ones have numbers
/// from 0.
const LAST_STEPS: u8 = 128;

/// The longest reason that is told to the others: of four bytes each, it fits a frame.
const MAX_CAUSE_CHARS: usize = 2000;

/// A collective operation that this node is in.
pub(super) struct Round<'a> {
    engine: MutexGuard<'a, Engine>,
    context: u32,
    name: &'a str,
    members: &'a [usize],
    pub(super) rank: usize,
    number: u32,
    call: Call,
    doing: String,
    limit: Duration,
}

impl Comm {
    /// Calls `body` once all members call the same operation. `valid` is what is wrong with this node's arguments, which
    /// the others are told.
    pub(super) fn collective<T>(
        &mut self,
        call: Call,
        valid: Result<(), String>,
        body: impl FnOnce(&mut Round<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let number = self.number;
        let doing =
            format!("{}, collective operation {number} of `{}`", call.collective, self.name);
        self.check_running(&doing)?;
        self.number = self.number.wrapping_add(1);
        let mut round = Round {
            engine: lock(&self.shared),
            context: self.context,
            name: &self.name,
            members: &self.members,
            rank: self.rank,
            number,
            call,
            doing,
            limit: self.deadline,
        };
        let res = round.begin(valid).and_then(|()| body(&mut round));
        if let Err(error) = &res {
            round.report(error);
        }
        res
    }
}

impl<'a> Round<'a> {
    pub(super) fn size(&self) -> usize {
        self.members.len()
    }

    fn begin(&mut self, valid: Result<(), String>) -> Result<(), Error> {
        // What came before is seen first: it may be that a member was lost or has revoked the communicator.
        self.engine.progress(&mut [], &mut []);
        self.with_watch(|engine, watch| {
            engine.check(watch)?;
            watch.members.iter().try_for_each(|node| engine.check_gone(watch, *node))
        })?;
        valid.map_err(|what| Error::Argument { doing: self.doing.clone(), what })?;
        self.agree(0)
    }

    fn with_watch<T>(&mut self, body: impl FnOnce(&mut Engine, &Watch<'_>) -> T) -> T {
        let Self { engine, context, name, members, number, doing, limit, .. } = self;
        let watch = Watch {
            context: *context,
            name,
            members,
            number: Some(*number),
            needs_all: true,
            may_be_revoked: true,
            doing,
            limit: *limit,
        };
        body(engine, &watch)
    }

    /// Returns when all members have called this with the same call. In step k each tells the member 2^k ranks after it
    /// what it calls, and hears it from the one 2^k ranks before: so what each knows at the end follows from what all
    /// have said (D. Hensgen, R. Finkel, U. Manber: Two algorithms for barrier synchronization, 1988).
    fn agree(&mut self, first_step: u8) -> Result<(), Error> {
        let (context, number, call) = (self.context, self.number, self.call);
        let size = self.size();
        let steps = (0_u8..).take_while(|step| 1 << step < size);
        for step in steps {
            let round = first_step + step;
            let to = self.members[(self.rank + (1 << step)) % size];
            let from_rank = (self.rank + size - (1 << step)) % size;
            let from = self.members[from_rank];
            self.engine.tell(to, Frame::Agree { context, number, round, call }, &[]);
            let at = (context, number, round);
            self.with_watch(|engine, watch| {
                engine.wait_for(watch, |engine| {
                    (!engine.port(from).agreements.contains_key(&at)).then_some(from)
                })
            })?;
            let Some(theirs) = self.engine.port(from).agreements.remove(&at) else { continue };
            if theirs != call {
                let [first, second] =
                    in_order((self.rank as u16, call), (from_rank as u16, theirs));
                return Err(self.differs(first, second));
            }
        }
        Ok(())
    }

    /// Waits until all members have come to the end of an operation in which something may still be found wrong.
    pub(super) fn complete(&mut self) -> Result<(), Error> {
        self.agree(LAST_STEPS)
    }

    fn differs(&self, first: (u16, Call), second: (u16, Call)) -> Error {
        let node = |rank: u16| self.engine.nodes[self.members[usize::from(rank)]];
        Error::Mismatch {
            name: self.name.to_owned(),
            number: self.number,
            first: node(first.0),
            first_call: Box::new(first.1),
            second: node(second.0),
            second_call: Box::new(second.1),
        }
    }

    /// Takes note that the operation has failed and tells the others. What another member has told is passed on too, so
    /// that it comes before the goodbye of whoever leaves because of it.
    fn report(&mut self, error: &Error) {
        let (context, own) = (self.context, self.number);
        let known = self.engine.context(context);
        // Who revokes a communicator tells all.
        if known.revoked_by.is_some() || known.failure.as_ref().is_some_and(|it| it.is_told) {
            return;
        }
        let failure = known.failure.take().filter(|failure| failure.number <= own);
        let mut failure = failure.unwrap_or_else(|| {
            let cause = match error {
                Error::Mismatch { first, first_call, second, second_call, .. } => Cause::Mismatch {
                    first: (self.rank_of(*first), **first_call),
                    second: (self.rank_of(*second), **second_call),
                },
                other => {
                    Cause::Own { cause: other.to_string().chars().take(MAX_CAUSE_CHARS).collect() }
                }
            };
            Failure { number: own, cause, is_told: true }
        });
        failure.is_told = true;
        let number = failure.number;
        let fail = |cause: &str| {
            vec![(Frame::Fail { context, number, n_bytes: cause.len() as u32 }, cause.to_owned())]
        };
        let frames = match &failure.cause {
            Cause::Mismatch { first, second } => [first, second]
                .map(|(rank, call)| Frame::Mismatch { context, number, rank: *rank, call: *call })
                .map(|frame| (frame, String::new()))
                .into(),
            Cause::Own { cause } | Cause::Reported { cause, .. } => fail(cause),
        };
        self.engine.context(context).failure = Some(failure);
        for member in self.members {
            for (frame, note) in &frames {
                self.engine.tell(*member, *frame, note.as_bytes());
            }
        }
        self.engine.progress(&mut [], &mut []);
    }

    fn rank_of(&self, node: crate::ids::NodeId) -> u16 {
        let mut members = self.members.iter();
        members.position(|member| self.engine.nodes[*member] == node).unwrap_or(0) as u16
    }

    /// A message to the member of this rank.
    pub(super) fn to<'b>(
        &self,
        rank: usize,
        element: ElementType,
        body: impl Into<Cow<'b, [u8]>>,
    ) -> Out<'b> {
        Out::new(self.members[rank], self.key(), element, body.into())
    }

    /// A message from the member of this rank.
    pub(super) fn from<'b>(&self, rank: usize, element: ElementType, buf: &'b mut [u8]) -> In<'b> {
        In::new(self.members[rank], self.key(), element, buf)
    }

    fn key(&self) -> Key {
        Key { context: self.context, lane: Lane::Of(self.number, self.collective()) }
    }

    fn collective(&self) -> Collective {
        self.call.collective
    }

    /// Moves these messages.
    pub(super) fn transfer(
        &mut self,
        outs: &mut [Out<'_>],
        ins: &mut [In<'_>],
    ) -> Result<(), Error> {
        self.with_watch(|engine, watch| engine.transfer(watch, outs, ins))
    }

    /// Elements whose encodings `body` writes. `sender` says from which rank the element at a place has come.
    pub(super) fn receive<T: Element>(
        &mut self,
        len: usize,
        sender: impl Fn(usize) -> usize,
        body: impl FnOnce(&mut Self, &mut [u8]) -> Result<(), Error>,
    ) -> Result<Vec<T>, Error> {
        let mut values = T::zeroed(len);
        self.receive_into(&mut values, sender, body)?;
        Ok(values)
    }

    /// Like [`receive`](Self::receive), into memory that is there, whose encoding `body` finds.
    pub(super) fn receive_into<T: Element>(
        &mut self,
        values: &mut [T],
        sender: impl Fn(usize) -> usize,
        body: impl FnOnce(&mut Self, &mut [u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if let Some(memory) = T::memory(values) {
            return body(self, memory);
        }
        let mut bytes = T::encoded(values).into_owned();
        body(self, &mut bytes)?;
        T::decoded(&bytes, values).map_err(|error| self.malformed(error, sender(error.index)))
    }

    pub(super) fn malformed(&self, error: NotCanonical, rank: usize) -> Error {
        let peer = self.engine.nodes[self.members[rank]];
        Error::Malformed { doing: self.doing.clone(), peer, what: error.to_string() }
    }

    pub(super) fn argument(&self, what: String) -> Error {
        Error::Argument { doing: self.doing.clone(), what }
    }
}
