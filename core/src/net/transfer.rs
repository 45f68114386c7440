//! Single messages and the loop that moves several at once without deadlock.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::mem;
use std::ops::Range;
use std::time::{Duration, Instant};

use rustix::event::PollFlags;

use super::link::PIECE_BYTES;
use super::room::{Freed, Room};
use super::wait::{self, Patience};
use super::{Error, Link, Net, Step};
use crate::ids::PartyId;

/// Bytes in front of each message: its step and its length.
pub const HEADER_BYTES: usize = 8;
/// Pieces in which messages are used, but for their last one, are multiples of this: of elements of any ring.
const USE_BYTES: usize = 4096;
/// How long an exchange that has received everything goes on sending from the caller's buffer before it copies the
/// rest to the queue.
const GRACE: Duration = Duration::from_millis(2);

/// When a transfer is over.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    /// When everything is received; what is not sent by then is queued.
    Received,
    /// When the kernel has everything.
    Sent,
}

/// What a pass over all messages has moved.
struct Progress {
    sent: bool,
    received: bool,
}

/// A message on its way out.
pub(super) struct Outbound<'a> {
    to: usize,
    header: [u8; HEADER_BYTES],
    body: Body<'a>,
    /// Bytes of header and body already given to the link.
    done: usize,
}

/// Makes this part of a message, in the slice given.
pub type Make<'a> = &'a mut dyn FnMut(Range<usize>, &mut [u8]);
/// The same, given the part of another buffer at the same place, which is read and not needed any more.
pub type MakeInPlace<'a> = &'a mut dyn FnMut(Range<usize>, &mut [u8], &mut [u8]);
/// Uses this part of a message, which is complete up to its end.
pub type Use<'a> = &'a mut dyn FnMut(Range<usize>, &mut [u8]);

/// What a message consists of.
enum Body<'a> {
    Whole(Cow<'a, [u8]>),
    /// A message that is made in pieces, right before they are sent, while they are in the cache.
    InPieces {
        data: &'a mut [u8],
        made: usize,
        make: Make<'a>,
    },
}

impl Body<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Whole(bytes) => bytes.len(),
            Self::InPieces { data, .. } => data.len(),
        }
    }

    /// What is made.
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Whole(bytes) => bytes,
            Self::InPieces { data, made, .. } => &data[..*made],
        }
    }

    /// Makes the message up to `end` or, if it ends before, its end.
    fn make_until(&mut self, end: usize) {
        if let Self::InPieces { data, made, make } = self {
            let end = end.min(data.len());
            if *made < end {
                make(*made..end, &mut data[*made..end]);
                *made = end;
            }
        }
    }

    /// All bytes, to be changed.
    fn to_mut(&mut self) -> &mut Vec<u8> {
        self.make_until(usize::MAX);
        *self = Self::Whole(Cow::Owned(self.bytes().to_vec()));
        match self {
            Self::Whole(bytes) => bytes.to_mut(),
            Self::InPieces { .. } => unreachable!("it was made above"),
        }
    }
}

/// A message on its way in, and what it must be.
pub(super) struct Inbound<'a> {
    from: usize,
    header: [u8; HEADER_BYTES],
    room: Room<'a>,
    /// Bytes of header and body already read.
    done: usize,
    /// What uses the message piece by piece while it is in the cache, and how much of it is used.
    usage: Option<(Use<'a>, usize)>,
}

impl<'a> Outbound<'a> {
    pub(super) fn new(to: usize, body: &'a [u8]) -> Self {
        let body = Body::Whole(Cow::Borrowed(body));
        Self { to, header: [0; HEADER_BYTES], body, done: 0 }
    }

    /// A message that `make` writes to `data`, from its beginning to its end.
    pub(super) fn made(to: usize, data: &'a mut [u8], make: Make<'a>) -> Self {
        let body = Body::InPieces { data, made: 0, make };
        Self { to, header: [0; HEADER_BYTES], body, done: 0 }
    }

    fn is_done(&self) -> bool {
        self.done == HEADER_BYTES + self.body.len()
    }

    fn rest(&self) -> (&[u8], &[u8]) {
        let in_header = self.done.min(HEADER_BYTES);
        (&self.header[in_header..], &self.body.bytes()[self.done - in_header..])
    }

    /// Gives the link what it takes now. Says whether it took anything.
    fn advance(&mut self, link: &mut Link) -> Result<bool, Error> {
        if self.is_done() {
            return Ok(false);
        }
        let before = self.done;
        let is_short = self.body.len() <= link.stage_bytes() - HEADER_BYTES;
        while !self.is_done() && self.done - before < PIECE_BYTES {
            // The header of a long message is sealed alone: it needs no piece yet.
            if is_short || self.done >= HEADER_BYTES {
                let sent = self.done.saturating_sub(HEADER_BYTES);
                let end = sent + link.stage_bytes();
                self.body.make_until(end.next_multiple_of(USE_BYTES));
            }
            let (header, body) = self.rest();
            let taken = link.stage(header, body)?;
            self.done += taken;
            if taken == 0 {
                break;
            }
        }
        link.pump()?;
        Ok(self.done > before)
    }
}

impl<'a> Inbound<'a> {
    pub(super) fn new(from: usize, buf: &'a mut [u8]) -> Self {
        Self::into_room(from, Room::Whole(buf))
    }

    fn into_room(from: usize, room: Room<'a>) -> Self {
        Self { from, header: [0; HEADER_BYTES], room, done: 0, usage: None }
    }

    /// A message that `usage` uses, from its beginning to its end.
    pub(super) fn used(from: usize, buf: &'a mut [u8], usage: Use<'a>) -> Self {
        Self { usage: Some((usage, 0)), ..Self::new(from, buf) }
    }

    fn is_done(&self) -> bool {
        self.done == HEADER_BYTES + self.room.len()
    }

    /// Reads what is there. Says whether there was anything.
    fn advance(&mut self, link: &mut Link, step: Step) -> Result<bool, Error> {
        let before = self.done;
        if self.done < HEADER_BYTES {
            self.done += link.take(&mut self.header[self.done..])?;
            if self.done < HEADER_BYTES {
                return Ok(self.done > before);
            }
            self.check_header(link, step)?;
        }
        // The link gives a piece at a time, so that sending goes on meanwhile.
        let space = self.room.space(self.done - HEADER_BYTES);
        let taken = if space.is_empty() { 0 } else { link.take(space)? };
        self.room.fill(taken);
        self.done += taken;
        if let (Some((usage, used)), Room::Whole(buf)) = (&mut self.usage, &mut self.room) {
            let read = self.done - HEADER_BYTES;
            let end = if read == buf.len() { read } else { read / USE_BYTES * USE_BYTES };
            if end > *used {
                usage(*used..end, &mut buf[*used..end]);
                *used = end;
            }
        }
        Ok(self.done > before)
    }

    fn check_header(&self, link: &Link, step: Step) -> Result<(), Error> {
        let expected = header(step, self.room.len());
        if self.header == expected {
            return Ok(());
        }
        let number = |header: [u8; HEADER_BYTES]| u64::from_le_bytes(header);
        Err(Error::Desync {
            peer: link.peer(),
            expected_step: step,
            found_step: Step::from_wire(number(self.header) as u16),
            expected_bytes: number(expected) >> 16,
            found_bytes: number(self.header) >> 16,
        })
    }
}

/// What comes before a message of so many bytes.
pub fn header(step: Step, n_bytes: usize) -> [u8; HEADER_BYTES] {
    let n_bytes = n_bytes as u64;
    assert!(n_bytes < 1 << 48, "a message has fewer than 2^48 bytes");
    (n_bytes << 16 | u64::from(step.to_wire())).to_le_bytes()
}

impl Net {
    /// Sends a message. Never blocks: what the socket does not take is queued and sent during later calls.
    pub fn send(&mut self, to: PartyId, step: Step, bytes: &[u8]) -> Result<(), Error> {
        self.transfer(step, &mut [Outbound::new(to.index(), bytes)], &mut [])
    }

    /// Receives the next message of a peer, which must be of this step and exactly as long as `buf`.
    pub fn recv(&mut self, from: PartyId, step: Step, buf: &mut [u8]) -> Result<(), Error> {
        self.transfer(step, &mut [], &mut [Inbound::new(from.index(), buf)])
    }

    /// Sends to one peer while receiving from the same or another one: one round.
    pub fn exchange(
        &mut self,
        to: PartyId,
        from: PartyId,
        step: Step,
        data: &[u8],
        buf: &mut [u8],
    ) -> Result<(), Error> {
        self.rounds += 1;
        let (to, from) = (to.index(), from.index());
        self.transfer(step, &mut [Outbound::new(to, data)], &mut [Inbound::new(from, buf)])
    }

    /// Like [`exchange`](Self::exchange), but `make` writes the data piece by piece, from the beginning to the end, while
    /// earlier pieces are sent. Pieces begin at multiples of 4 KiB.
    pub fn exchange_made(
        &mut self,
        to: PartyId,
        from: PartyId,
        step: Step,
        data: &mut [u8],
        make: Make<'_>,
        buf: &mut [u8],
    ) -> Result<(), Error> {
        self.rounds += 1;
        let mut outbound = [Outbound::made(to.index(), data, make)];
        self.transfer(step, &mut outbound, &mut [Inbound::new(from.index(), buf)])
    }

    /// Like [`exchange_made`](Self::exchange_made), but what comes goes to where `make` has read: it is given each part of
    /// `other`, too, which is as long as `data` and has the message in the end. So no memory is needed for the message.
    ///
    /// Nobody waits for ever: who has no room for what comes has received all that he has made place for, and can always
    /// make more unless his own messages are not taken, so that the next party has made less than he has. That cannot
    /// be so all around.
    pub fn exchange_in_place(
        &mut self,
        to: PartyId,
        from: PartyId,
        step: Step,
        data: &mut [u8],
        other: &mut [u8],
        make: MakeInPlace<'_>,
    ) -> Result<(), Error> {
        assert_eq!(data.len(), other.len(), "what is sent is as long as what comes");
        self.rounds += 1;
        let len = other.len();
        let freed: Freed<'_> = RefCell::new(VecDeque::new());
        let mut rest = other;
        let mut make = |range: Range<usize>, piece: &mut [u8]| {
            let (part, after) = mem::take(&mut rest).split_at_mut(range.len());
            rest = after;
            make(range, piece, part);
            freed.borrow_mut().push_back(part);
        };
        let mut outbound = [Outbound::made(to.index(), data, &mut make)];
        let mut inbound = [Inbound::into_room(from.index(), Room::freed(len, &freed))];
        self.transfer(step, &mut outbound, &mut inbound)
    }

    /// Like [`exchange`](Self::exchange), but `usage` is called for each piece that has come, in order, while more
    /// comes. Pieces begin at multiples of 4 KiB.
    pub fn exchange_used(
        &mut self,
        to: PartyId,
        from: PartyId,
        step: Step,
        data: &[u8],
        buf: &mut [u8],
        usage: Use<'_>,
    ) -> Result<(), Error> {
        self.rounds += 1;
        let mut inbound = [Inbound::used(from.index(), buf, usage)];
        self.transfer(step, &mut [Outbound::new(to.index(), data)], &mut inbound)
    }

    /// Sends a message that `make` writes piece by piece, as in [`exchange_made`](Self::exchange_made), and waits until
    /// the kernel has it, so that it needs not be copied. What arrives meanwhile is kept for later calls.
    pub fn send_made(
        &mut self,
        to: PartyId,
        step: Step,
        data: &mut [u8],
        make: Make<'_>,
    ) -> Result<(), Error> {
        let mut outbound = [Outbound::made(to.index(), data, make)];
        self.transfer_until(step, &mut outbound, &mut [], Until::Sent)
    }

    /// Waits until the kernel has everything that was sent. What arrives meanwhile is kept for later calls.
    pub fn flush(&mut self) -> Result<(), Error> {
        let res = self.flush_all();
        self.sleeper.wake();
        res
    }

    fn flush_all(&mut self) -> Result<(), Error> {
        let Some(_) = self.pump()? else { return Ok(()) };
        let mut patience = Patience::new(self.timeout, self.queued_bytes());
        while let Some(peer) = self.pump()? {
            self.fall_asleep(peer, patience.since());
            let links: Vec<_> = self.links.iter().flatten().collect();
            let flags = |link: &Link| link.stash_flag() | link.output_flag();
            let polled: Vec<_> = links.iter().map(|link| (*link, flags(link))).collect();
            wait::wait(&polled, &patience, &self.abort)?;
            let before = self.queued_bytes();
            for link in self.links.iter_mut().flatten() {
                // A peer that is gone matters only if something is left for it: then writing fails too.
                if link.read_ahead().unwrap_or(false) {
                    patience.renew();
                }
            }
            self.pump()?;
            if self.queued_bytes() < before {
                patience.renew();
            }
            let peer = self.link(peer).peer();
            patience.check(peer, None)?;
        }
        Ok(())
    }

    /// Moves all these messages: sends and receives in turn, as each link is ready. Returns when everything is
    /// received; what is not sent by then is queued.
    pub(super) fn transfer(
        &mut self,
        step: Step,
        outbound: &mut [Outbound<'_>],
        inbound: &mut [Inbound<'_>],
    ) -> Result<(), Error> {
        self.transfer_until(step, outbound, inbound, Until::Received)
    }

    fn transfer_until(
        &mut self,
        step: Step,
        outbound: &mut [Outbound<'_>],
        inbound: &mut [Inbound<'_>],
        until: Until,
    ) -> Result<(), Error> {
        let res = self.transfer_all(step, outbound, inbound, until);
        self.sleeper.wake();
        res
    }

    fn transfer_all(
        &mut self,
        step: Step,
        outbound: &mut [Outbound<'_>],
        inbound: &mut [Inbound<'_>],
        until: Until,
    ) -> Result<(), Error> {
        wait::check_abort(&self.abort)?;
        self.prepare(step, outbound);
        let mut patience: Option<Patience> = None;
        loop {
            let Progress { sent, received } = self.advance(step, outbound, inbound)?;
            let progress = sent || received;
            let missing =
                inbound.iter().find(|message| !message.is_done()).map(|message| message.from);
            let all_sent = outbound.iter().all(Outbound::is_done);
            if missing.is_none()
                && (all_sent || (inbound.is_empty() && !progress && until == Until::Received))
            {
                break;
            }
            if progress && let Some(patience) = &mut patience {
                patience.renew();
                self.sleeper.wake();
            }
            // What was sent last brings no answer at once.
            if received || (sent && !all_sent) {
                continue;
            }
            let bytes = || {
                let received: usize = inbound.iter().map(|message| message.room.len()).sum();
                received + outbound.iter().map(|message| message.body.len()).sum::<usize>()
            };
            let patience = patience.get_or_insert_with(|| Patience::new(self.timeout, bytes()));
            let Some(missing) = missing else {
                if until == Until::Sent && !patience.may_spin() {
                    self.wait_sent(outbound, patience)?;
                    continue;
                }
                if until == Until::Received && patience.idle() >= GRACE {
                    break;
                }
                std::thread::yield_now();
                continue;
            };
            // While it spins, the time is asked for as seldom as possible: that takes a good part of a short wait.
            let began = Instant::now();
            if patience.may_spin_at(began) {
                std::thread::yield_now();
                self.stats[missing].wait += began.elapsed();
                continue;
            }
            self.fall_asleep(missing, patience.since());
            self.sleep(outbound, inbound, patience)?;
            self.stats[missing].wait += began.elapsed();
            patience.check(self.link(missing).peer(), Some(step))?;
        }
        for message in outbound {
            message.body.make_until(usize::MAX);
            let (header, body) = message.rest();
            let link = self.links[message.to].as_mut().expect("it was sent to above");
            link.enqueue(header);
            link.enqueue(body);
        }
        for message in inbound {
            let stats = &mut self.stats[message.from];
            stats.messages_received += 1;
            stats.bytes_received += message.done as u64;
        }
        Ok(())
    }

    /// Sleeps until a link takes more of these messages, or brings something, which is kept.
    fn wait_sent(
        &mut self,
        outbound: &[Outbound<'_>],
        patience: &mut Patience,
    ) -> Result<(), Error> {
        let unsent = |idx| outbound.iter().any(|message| message.to == idx && !message.is_done());
        if let Some(message) = outbound.iter().find(|message| !message.is_done()) {
            self.fall_asleep(message.to, patience.since());
        }
        let mut polled = Vec::with_capacity(self.links.len());
        let mut waited_for = None;
        for (idx, link) in self.links.iter().enumerate() {
            let Some(link) = link else { continue };
            let mut flags = link.stash_flag() | link.output_flag();
            if unsent(idx) {
                flags |= PollFlags::OUT;
                waited_for = Some(link.peer());
            }
            polled.push((link, flags));
        }
        wait::wait(&polled, patience, &self.abort)?;
        for link in self.links.iter_mut().flatten() {
            // A peer that is gone matters only if something is left for it: then writing fails too.
            if link.read_ahead().unwrap_or(false) {
                patience.renew();
            }
        }
        waited_for.map_or(Ok(()), |peer| patience.check(peer, None))
    }

    /// Completes and counts what is about to be sent.
    fn prepare(&mut self, step: Step, outbound: &mut [Outbound<'_>]) {
        for message in outbound {
            if let Some(tamper) = &mut self.tamper {
                tamper(PartyId::new(message.to as u8), step, message.body.to_mut());
            }
            message.header = header(step, message.body.len());
            let stats = &mut self.stats[message.to];
            stats.messages_sent += 1;
            stats.bytes_sent += (HEADER_BYTES + message.body.len()) as u64;
        }
    }

    /// Does once everything that can be done without waiting. Says what it was for these messages.
    fn advance(
        &mut self,
        step: Step,
        outbound: &mut [Outbound<'_>],
        inbound: &mut [Inbound<'_>],
    ) -> Result<Progress, Error> {
        self.pump()?;
        let mut progress = Progress { sent: false, received: false };
        for message in outbound {
            progress.sent |= message.advance(self.link(message.to))?;
        }
        for message in inbound.iter_mut().filter(|message| !message.is_done()) {
            progress.received |= message.advance(self.link(message.from), step)?;
        }
        Ok(progress)
    }

    fn sleep(
        &self,
        outbound: &[Outbound<'_>],
        inbound: &[Inbound<'_>],
        patience: &Patience,
    ) -> Result<(), Error> {
        let mut polled = Vec::with_capacity(self.links.len());
        for (idx, link) in self.links.iter().enumerate() {
            let Some(link) = link else { continue };
            let mut flags = link.output_flag();
            if outbound.iter().any(|message| message.to == idx && !message.is_done()) {
                flags |= PollFlags::OUT;
            }
            let takes = |message: &Inbound<'_>| {
                let in_header = message.done < HEADER_BYTES;
                !message.is_done() && (in_header || message.room.has_space())
            };
            if inbound.iter().any(|message| message.from == idx && takes(message)) {
                flags |= PollFlags::IN;
            }
            if !flags.is_empty() {
                polled.push((link, flags));
            }
        }
        wait::wait(&polled, patience, &self.abort)
    }

    /// Hands queued bytes to the kernel while it takes them. Returns a party for which some are left.
    fn pump(&mut self) -> Result<Option<usize>, Error> {
        let mut left = None;
        for (idx, link) in self.links.iter_mut().enumerate() {
            let Some(link) = link else { continue };
            if link.has_output() && !link.pump()? {
                left = Some(idx);
            }
        }
        Ok(left)
    }

    fn queued_bytes(&self) -> usize {
        self.links.iter().flatten().map(Link::queued_bytes).sum()
    }
}
