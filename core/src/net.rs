//! A thread's view of its peers: sending that never blocks, receiving with known lengths and time limits.
//!
//! A message is a header of 8 bytes (16 bits of [`Step`], 48 bits of length, little endian) and its bytes. The
//! receiver knows both and compares them before it reads anything else.
//! All links are pumped by the thread that owns the [`Net`]: there is no queue and no task between a protocol and its
//! sockets. While one call waits for one peer it also sends what is queued for the others, so parties that all send
//! first do not block each other, whatever the size.

mod abort;
mod collective;
mod error;
mod link;
pub(crate) mod pumped;
mod room;
mod step;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod tls;
mod transfer;
mod typed;
mod wait;
mod waiting;

use std::fmt;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

pub use abort::AbortFlag;
pub use error::Error;
pub use link::Link;
pub use step::Step;
pub use tls::SecretSlot;
#[doc(hidden)]
pub use transfer::header;
pub use transfer::{HEADER_BYTES, Make, MakeInPlace, Use};
pub use typed::MakeElementsInPlace;
pub(crate) use waiting::Sleeper;
pub use waiting::{Wait, Waiting};

use crate::ids::{NodeId, PartyId};
use crate::stats::{LinkStats, NetStats};

/// The longest wait for a peer unless [`Net::set_timeout`] says otherwise.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// A hook of tests: may change the bytes of each message before it is sent.
pub type Tamper = Box<dyn FnMut(PartyId, Step, &mut Vec<u8>) + Send>;

/// The links of one thread with all other parties.
///
/// After an error it must not be used any more: a message may have been cut in the middle.
pub struct Net {
    me: PartyId,
    /// By party; none at `me`.
    links: Vec<Option<Link>>,
    stats: Vec<LinkStats>,
    rounds: u64,
    timeout: Duration,
    abort: AbortFlag,
    tamper: Option<Tamper>,
    sleeper: Sleeper,
    /// Where the program is that this thread runs.
    place: u64,
    /// Encodings of typed messages, kept to save allocations.
    scratch: Vec<u8>,
}

impl Net {
    /// The mesh of party `me` over these links, indexed by party, none at `me`. Setting `abort` ends every wait.
    ///
    /// # Panics
    /// If a link is missing, or there is one with oneself.
    pub fn new(me: PartyId, links: Vec<Option<Link>>, abort: AbortFlag) -> Self {
        for (idx, link) in links.iter().enumerate() {
            assert_eq!(
                link.is_none(),
                idx == me.index(),
                "party {idx} needs a link unless it is {me}"
            );
        }
        assert!(me.index() < links.len(), "{me} is not among {} parties", links.len());
        Self {
            me,
            stats: vec![LinkStats::default(); links.len()],
            links,
            rounds: 0,
            timeout: DEFAULT_TIMEOUT,
            abort,
            tamper: None,
            sleeper: Sleeper::default(),
            place: Waiting::NOWHERE,
            scratch: Vec::new(),
        }
    }

    /// The mesh of a single party: every collective is immediate.
    pub fn alone() -> Self {
        Self::new(PartyId::new(0), vec![None], AbortFlag::new())
    }

    /// The meshes of `n_parties` parties that are threads of this process, sharing one abort flag. Not encrypted.
    ///
    /// # Panics
    /// If there are no or more than 256 parties, or the system refuses the sockets.
    pub fn local_mesh(n_parties: usize) -> Vec<Self> {
        assert!((1..=256).contains(&n_parties), "{n_parties} parties");
        Self::mesh_of(n_parties, |low, high| {
            let (at_low, at_high) = UnixStream::pair().expect("the system gives a pair of sockets");
            let link = |socket, peer| {
                Link::from_unix(socket, peer).expect("a fresh socket can be made non-blocking")
            };
            (link(at_low, high), link(at_high, low))
        })
    }

    /// The meshes of parties in this process. `connect` makes both ends of the link of two parties, given the lower
    /// and the higher one: first the end that the lower one holds.
    fn mesh_of(
        n_parties: usize,
        mut connect: impl FnMut(NodeId, NodeId) -> (Link, Link),
    ) -> Vec<Self> {
        let mut links: Vec<Vec<Option<Link>>> =
            (0..n_parties).map(|_| (0..n_parties).map(|_| None).collect()).collect();
        let party = |idx: usize| PartyId::new(idx as u8);
        for (high, low) in (0..n_parties).flat_map(|high| (0..high).map(move |low| (high, low))) {
            let (at_low, at_high) = connect(NodeId::main(party(low)), NodeId::main(party(high)));
            links[low][high] = Some(at_low);
            links[high][low] = Some(at_high);
        }
        let abort = AbortFlag::new();
        let nets = links.into_iter().enumerate();
        nets.map(|(idx, links)| Self::new(party(idx), links, abort.clone())).collect()
    }

    /// The party that this node belongs to.
    pub fn me(&self) -> PartyId {
        self.me
    }

    /// The number of parties, this one included.
    pub fn n_parties(&self) -> usize {
        self.links.len()
    }

    /// The party `offset` places after this one in the ring of parties; `n_parties - 1` gives the one before.
    pub fn neighbor(&self, offset: usize) -> PartyId {
        PartyId::new(((self.me.index() + offset) % self.n_parties()) as u8)
    }

    /// Traffic so far.
    pub fn stats(&self) -> NetStats {
        let links = self.stats.iter().enumerate().filter(|(idx, _)| *idx != self.me.index());
        let links = links.map(|(idx, link)| (PartyId::new(idx as u8), *link));
        NetStats { rounds: self.rounds, links: links.collect() }
    }

    /// Bytes sent so far, and rounds: of [`stats`](Self::stats), without making room for them.
    pub fn totals(&self) -> (u64, u64) {
        (self.stats.iter().map(|link| link.bytes_sent).sum(), self.rounds)
    }

    /// Counts a round made of single sends and receives. Collectives count theirs themselves.
    pub fn count_round(&mut self) {
        self.rounds += 1;
    }

    /// Changes how long a wait may last without progress: 60 s if this was never called.
    pub fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = timeout;
    }

    /// The flag that ends every wait.
    pub fn abort_flag(&self) -> &AbortFlag {
        &self.abort
    }

    /// Where it is seen that this thread waits for a peer, and for which.
    pub fn waiting(&self) -> &Waiting {
        self.sleeper.waiting()
    }

    /// Says where the program is, for whoever sees a [wait](Self::waiting); [`Waiting::NOWHERE`] before and after it.
    /// Costs nothing as long as this thread need not sleep.
    #[inline]
    pub fn set_place(&mut self, place: u64) {
        self.place = place;
    }

    /// Shows where the program is, before this thread waits for something else than these links.
    pub fn show_place(&self) {
        self.waiting().show_place(self.place);
    }

    /// Where the program is.
    pub fn place(&self) -> u64 {
        self.place
    }

    /// Changes what is sent from now on: for tests of what honest parties do then.
    pub fn set_tamper(&mut self, tamper: Tamper) {
        self.tamper = Some(tamper);
    }

    /// Flushes, then says goodbye to all peers.
    pub fn close(mut self) -> Result<(), Error> {
        self.flush()
    }

    /// Shows that this thread is about to sleep, because this party has to do something.
    fn fall_asleep(&mut self, party: usize, since: Instant) {
        let peer = self.link(party).peer();
        self.sleeper.waiting().show_place(self.place);
        self.sleeper.fall_asleep(peer, since);
    }

    fn link(&mut self, party: usize) -> &mut Link {
        self.links[party].as_mut().expect("a party exchanges messages only with others")
    }
}

impl fmt::Debug for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Net({} of {})", self.me, self.n_parties())
    }
}
