//! What a thread waits for, where other threads can see it.
//!
//! A thread that waits for a peer stays awake for a moment, and then sleeps. Only before it sleeps it says for whom and
//! since when: three stores to memory that nobody else writes, beside a system call. Whoever reports waits that last too
//! long reads that from time to time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering, fence};
use std::time::{Duration, Instant};

use crate::ids::{NodeId, PartyId, Role, WorkerId};

/// The wait of one thread, if it waits. Clones share it; at any time only one thread waits on all of them.
#[derive(Clone, Debug)]
pub struct Waiting(Arc<Slot>);

#[derive(Debug)]
struct Slot {
    /// What times are counted from.
    zero: Instant,
    /// Nanoseconds from `zero` to the beginning of the wait, plus one; 0 while the thread does not wait.
    since: AtomicU64,
    /// The other node, as [`pack`] makes a number of it.
    peer: AtomicU64,
    /// Where the thread is, or [`Waiting::NOWHERE`].
    place: AtomicU64,
}

/// What a thread waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wait {
    /// The node from which something is to come, or which is to take something.
    pub peer: NodeId,
    /// When anything came or went last, or else when the wait began.
    pub since: Instant,
}

impl Waiting {
    /// The place of a thread that is not in a program.
    pub const NOWHERE: u64 = u64::MAX;

    /// That of a thread which does not wait.
    pub fn new() -> Self {
        Self(Arc::new(Slot {
            zero: Instant::now(),
            since: AtomicU64::new(0),
            peer: AtomicU64::new(0),
            place: AtomicU64::new(Self::NOWHERE),
        }))
    }

    /// What the thread waits for at this moment.
    pub fn now(&self) -> Option<Wait> {
        let slot = &*self.0;
        let since = slot.since.load(Ordering::Acquire);
        let peer = slot.peer.load(Ordering::Relaxed);
        // What was read belongs together if nothing was written in between: a sequence lock.
        fence(Ordering::Acquire);
        if since == 0 || slot.since.load(Ordering::Relaxed) != since {
            return None;
        }
        Some(Wait { peer: unpack(peer), since: slot.zero + Duration::from_nanos(since - 1) })
    }

    /// Where in its program the thread waits or has waited last: a number that whoever has [shown](Self::show_place) it
    /// understands.
    pub fn place(&self) -> Option<u64> {
        let place = self.0.place.load(Ordering::Relaxed);
        (place != Self::NOWHERE).then_some(place)
    }

    /// Says where the thread is that is about to wait.
    pub fn show_place(&self, place: u64) {
        self.0.place.store(place, Ordering::Relaxed);
    }

    /// Whether it has other holders: whatever waits, or may wait.
    pub fn is_shared(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }

    /// Says that the thread waits for this node; `since` is when anything came or went last. Nothing is done if that was
    /// said before.
    pub fn begin(&self, peer: NodeId, since: Instant) {
        let slot = &*self.0;
        let since = since.saturating_duration_since(slot.zero).as_nanos();
        let since = u64::try_from(since).unwrap_or(u64::MAX - 1) + 1;
        let peer = pack(peer);
        // One wait is many short sleeps.
        if slot.since.load(Ordering::Relaxed) == since && slot.peer.load(Ordering::Relaxed) == peer
        {
            return;
        }
        slot.since.store(0, Ordering::Relaxed);
        fence(Ordering::Release);
        slot.peer.store(peer, Ordering::Relaxed);
        slot.since.store(since, Ordering::Release);
    }

    /// Says that the thread does not wait any more.
    pub fn end(&self) {
        self.0.since.store(0, Ordering::Release);
    }
}

impl Default for Waiting {
    fn default() -> Self {
        Self::new()
    }
}

/// The end of a [`Waiting`] that belongs to what waits.
#[derive(Debug, Default)]
pub(crate) struct Sleeper {
    waiting: Waiting,
    /// Whether a wait is shown.
    asleep: bool,
}

impl Sleeper {
    pub(crate) fn new(waiting: Waiting) -> Self {
        Self { waiting, asleep: false }
    }

    pub(crate) fn waiting(&self) -> &Waiting {
        &self.waiting
    }

    /// To be called before each sleep. `since` is when anything came or went last.
    pub(crate) fn fall_asleep(&mut self, peer: NodeId, since: Instant) {
        self.asleep = true;
        self.waiting.begin(peer, since);
    }

    /// To be called when it goes on, whether it has slept or not.
    #[inline]
    pub(crate) fn wake(&mut self) {
        if self.asleep {
            self.asleep = false;
            self.waiting.end();
        }
    }
}

/// A node as a number: the party in the highest byte, the worker's number plus one below it, 0 for the main node.
fn pack(node: NodeId) -> u64 {
    let role = match node.role {
        Role::Main => 0,
        Role::Worker(worker) => worker.index() as u64 + 1,
    };
    (node.party.index() as u64) << 56 | role
}

fn unpack(number: u64) -> NodeId {
    let party = PartyId::new((number >> 56) as u8);
    match number & ((1 << 56) - 1) {
        0 => NodeId::main(party),
        worker => NodeId::worker(party, WorkerId::new((worker - 1) as u32)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(party: u8, worker: Option<u32>) -> NodeId {
        let party = PartyId::new(party);
        worker.map_or(NodeId::main(party), |worker| NodeId::worker(party, WorkerId::new(worker)))
    }

    #[test]
    fn nodes_survive_packing() {
        for party in [0, 1, 255] {
            for worker in [None, Some(0), Some(7), Some(u32::MAX)] {
                let node = node(party, worker);
                assert_eq!(unpack(pack(node)), node);
            }
        }
    }

    #[test]
    fn a_wait_is_seen_until_it_ends() {
        let waiting = Waiting::new();
        let mut sleeper = Sleeper::new(waiting.clone());
        sleeper.wake();
        assert_eq!((waiting.now(), waiting.place()), (None, None));
        waiting.show_place(7);
        let since = Instant::now();
        let peer = node(1, Some(3));
        sleeper.fall_asleep(peer, since);
        sleeper.fall_asleep(peer, since);
        assert_eq!(waiting.now(), Some(Wait { peer, since }));
        assert_eq!(waiting.place(), Some(7));
        // Something came, and more is missing, from somebody else.
        let later = since + Duration::from_millis(5);
        sleeper.fall_asleep(node(2, None), later);
        assert_eq!(waiting.now(), Some(Wait { peer: node(2, None), since: later }));
        sleeper.wake();
        assert_eq!(waiting.now(), None);
    }

    /// Two waits whose parts would show if they were mixed: the peer's number is the milliseconds of its beginning.
    #[test]
    fn no_wait_is_seen_that_there_was_not() {
        let waiting = Waiting::new();
        let mut sleeper = Sleeper::new(waiting.clone());
        let zero = Instant::now();
        let writer = std::thread::spawn(move || {
            for round in 0..200_000 {
                let number = round % 50 + 1;
                let since = zero + Duration::from_millis(number.into());
                sleeper.fall_asleep(node(1, Some(number)), since);
            }
        });
        let mut seen = 0;
        while !writer.is_finished() {
            let Some(Wait { peer, since }) = waiting.now() else { continue };
            let number = (since - zero).as_millis() as u32;
            assert_eq!(peer, node(1, Some(number)));
            seen += 1;
        }
        writer.join().unwrap();
        assert!(seen > 0, "nothing was seen");
    }
}
