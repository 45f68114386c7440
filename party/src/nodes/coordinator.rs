//! Who computes what: the decisions that all parties must take alike.
//!
//! One main node, P0's, decides for all; what it decides goes to every main node in one order, and each does it for
//! its own workers. This file has no clock, no links and no threads: it takes events and gives commands, so that tests
//! can put it through any order of failures.
//!
//! The workers of one number, one of each party, are a *set* and compute together. A chunk is *leased* to a set as an
//! *attempt*; it is done when every party has its part of the result of the same attempt, and only then is the result
//! used. If a worker is lost, the whole set is dissolved (*fenced*): its other members come back as new ones, with new
//! links and fresh randomness (a new *epoch*), and the chunk goes to another set. Nothing of an attempt that was given
//! up is used.
//!
//! What all workers of a party do together is leased to all sets at once, see [`joint`].

#[cfg(test)]
mod tests;

mod joint;
mod losses;
mod parts;
mod sets;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::time::Duration;

use caucus_core::config::HostPort;
use serde::{Deserialize, Serialize};

use joint::Together;
use sets::{Set, State};

/// Attempts of one chunk that may be lost before the run ends.
const MAX_LOST: u32 = 5;
/// How long a set may take to connect.
const FORM_LIMIT: Duration = Duration::from_secs(20);
/// A chunk is given to a second set if it takes so many times as long as chunks do in the middle…
const STRAGGLER_FACTOR: u32 = 4;
/// …and at least so long.
const STRAGGLER_LEAST: Duration = Duration::from_secs(2);
/// How long a set may go on with a chunk that another one has done.
const SUPERFLUOUS: Duration = Duration::from_secs(10);
/// How long a loop that has lost all workers waits for one to come back before the main nodes do its work.
const COMEBACK: Duration = Duration::from_secs(5);

/// One connection of one worker with its main node, numbered by the main node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub(crate) struct Incarnation(pub(crate) u64);

/// One try of one set to compute one chunk; no number is used twice in a run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub(crate) struct Attempt(pub(crate) u64);

/// Why a worker cannot go on.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub(crate) enum Loss {
    /// It is gone, or out of a resource: others can do its work.
    Gone(String),
    /// Its connection with another worker broke, which may be what is gone.
    Cut(String),
    /// The program failed there, as it would anywhere: the text says why.
    Program(String),
    /// Another party cheats, or seems to: nothing may be tried again.
    Security(String),
    /// Its part of the private inputs is wrong or cannot be had, wherever the chunk is computed: the text says why.
    Input(String),
    /// The part with this number of the private inputs is not there: others may have it.
    Missing {
        /// Number of the part, and of its chunk.
        part: u64,
        /// What is not there, for all parties to read.
        why: String,
    },
}

impl Loss {
    /// Whether nothing else can be tried. This holds even if the set has been dissolved since: its other members
    /// may have noticed the loss first.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self, Self::Program(_) | Self::Security(_) | Self::Input(_))
    }
}

/// What is distributed. Displays as what there are several of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Kind {
    /// The chunks of a loop: any set may compute any of them.
    Chunks,
    /// Chunks that take parts of private inputs, which are not everywhere.
    Parts,
    /// A joint job, which is all one chunk, of all sets together.
    Joint,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Chunks => "chunks",
            Self::Parts => "chunks of parts",
            Self::Joint => "joint jobs",
        })
    }
}

/// What a main node tells the coordinator. `party` is that of the main node.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) enum Event {
    /// A worker has come.
    Arrived { worker: u32, incarnation: Incarnation, address: HostPort },
    /// A worker has connected with its set.
    Ready { worker: u32, incarnation: Incarnation },
    /// A worker is of no use any more.
    Lost { worker: u32, incarnation: Incarnation, loss: Loss },
    /// The program is at its `number`th distributed loop or joint job.
    Reached { number: u64, chunks: usize, kind: Kind },
    /// The party has its part of the result of an attempt.
    Done { attempt: Attempt },
    /// The main node has computed the chunk that it was told to compute itself.
    Computed { chunk: usize },
}

/// What every main node does.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) enum Command {
    /// Has the workers of this number connect with each other: one incarnation and address for each party.
    Form { worker: u32, epoch: u64, incarnations: Vec<Incarnation>, addresses: Vec<HostPort> },
    /// Cuts the links with these incarnations of this worker. `why` is for people.
    Fence { worker: u32, incarnations: Vec<Option<Incarnation>>, why: String },
    /// Sends a worker the inputs of a chunk.
    Assign { worker: u32, attempt: Attempt, chunk: usize, again: Option<String> },
    /// Has these workers do the joint job together; each is sent its shard.
    AssignAll { workers: Vec<u32>, attempt: Attempt, again: Option<String> },
    /// Takes the result of an attempt as that of its chunk.
    Commit { attempt: Attempt, chunk: usize },
    /// Forgets the result of an attempt.
    Discard { attempt: Attempt },
    /// Computes a chunk at the main nodes.
    Compute { chunk: usize, why: String },
    /// The loop is done.
    Finish { number: u64 },
    /// Ends the run.
    Fail { loss: Loss },
    /// Tells people something.
    Note { text: String },
}

/// A chunk of the loop that is being computed.
#[derive(Clone, Debug, Default)]
struct Chunk {
    is_done: bool,
    /// Attempts of it that are under way.
    running: usize,
    /// How many attempts of it were lost, and why the last one was.
    lost: u32,
    last_loss: Option<String>,
    /// Sets that do not have its part of the inputs.
    lacking: BTreeSet<u32>,
    /// What the last of these said.
    last_lack: Option<String>,
}

/// The loop that is being computed.
struct Loop {
    number: u64,
    chunks: Vec<Chunk>,
    waiting: VecDeque<usize>,
    n_done: usize,
    /// How long attempts took that were used, in order.
    durations: Vec<Duration>,
    /// Whether chunks take parts of private inputs, which not all sets have.
    parts: bool,
    /// Since when no set can go on with what is left.
    stuck: Option<Duration>,
    /// Since when there is no set that could compute.
    deserted: Option<Duration>,
    /// The chunk that the main nodes compute, and which of them have.
    computing: Option<(usize, Vec<bool>)>,
    /// If it is a joint job: how that stands.
    together: Option<Together>,
}

/// The coordinator. Times are since the start of the run.
pub(crate) struct Coordinator {
    n_parties: usize,
    /// How many workers of each party are expected, and how long the first loop waits for them.
    expected: usize,
    patience: Duration,
    sets: BTreeMap<u32, Set>,
    epochs: u64,
    attempts: u64,
    /// What parties have said about the loop they are at.
    reached: Vec<Option<(u64, usize, Kind)>>,
    current: Option<Loop>,
    /// Whether the first loop has stopped waiting for workers that have not come.
    settled: bool,
    failed: bool,
    out: Vec<Command>,
}

impl Coordinator {
    /// A coordinator of so many parties, each of which expects so many workers within `patience`.
    pub(crate) fn new(n_parties: usize, expected: usize, patience: Duration) -> Self {
        Self {
            n_parties,
            expected,
            patience,
            sets: BTreeMap::new(),
            epochs: 0,
            attempts: 0,
            reached: vec![None; n_parties],
            current: None,
            settled: false,
            failed: false,
            out: Vec::new(),
        }
    }

    /// What follows from an event at a main node.
    pub(crate) fn event(&mut self, now: Duration, party: usize, event: Event) -> Vec<Command> {
        if self.failed {
            return Vec::new();
        }
        match event {
            Event::Arrived { worker, incarnation, address } => {
                self.arrived(now, party, worker, incarnation, address);
            }
            Event::Ready { worker, incarnation } => {
                if let Some(set) = self.sets.get_mut(&worker)
                    && set.is_ready(party, incarnation)
                {
                    set.state = State::Idle;
                    set.has_served = true;
                }
            }
            Event::Lost { worker, incarnation, loss } => {
                self.lost(now, party, worker, incarnation, loss)
            }
            Event::Reached { number, chunks, kind } => {
                self.reached(now, party, (number, chunks, kind));
            }
            Event::Done { attempt } => self.done(now, party, attempt),
            Event::Computed { chunk } => self.computed(party, chunk),
        }
        self.readmit(now);
        self.schedule(now);
        std::mem::take(&mut self.out)
    }

    /// What follows from time passing; to be called a few times a second.
    pub(crate) fn tick(&mut self, now: Duration) -> Vec<Command> {
        if self.failed {
            return Vec::new();
        }
        let late = |set: &Set| matches!(set.state, State::Forming { since } if now.saturating_sub(since) > FORM_LIMIT);
        let late: Vec<u32> =
            self.sets.iter().filter(|(_, set)| late(set)).map(|(worker, _)| *worker).collect();
        for worker in late {
            let limit = FORM_LIMIT.as_secs();
            let why =
                format!("the workers {worker} did not connect with each other within {limit} s");
            self.fence(worker, why);
        }
        for worker in self.superfluous(now) {
            let why =
                format!("the workers {worker} are far too slow: others have done their chunk");
            self.fence(worker, why);
        }
        self.fence_without_cause(now);
        self.readmit(now);
        self.schedule(now);
        std::mem::take(&mut self.out)
    }

    /// How many sets can compute, and how many chunks of the current loop are done, of how many.
    #[cfg(test)]
    pub(crate) fn standing(&self) -> (usize, usize, usize) {
        let serving = self.sets.values().filter(|set| set.serves()).count();
        let (done, all) = self.current.as_ref().map_or((0, 0), |it| (it.n_done, it.chunks.len()));
        (serving, done, all)
    }

    fn arrived(
        &mut self,
        now: Duration,
        party: usize,
        worker: u32,
        incarnation: Incarnation,
        address: HostPort,
    ) {
        let n_parties = self.n_parties;
        let set = self.sets.entry(worker).or_insert_with(|| Set::new(n_parties));
        if set.has(party) && set.broken.is_some() {
            return set.returning.push((party, incarnation, address));
        }
        if set.has(party) {
            // The main node has not noticed yet that the earlier connection is dead.
            let who = format!("P{party}.W{worker} has lost its connection and come back");
            self.fence(worker, who);
        }
        let set = self.sets.get_mut(&worker).expect("it was just there");
        set.join(party, incarnation, address);
        if let Some((incarnations, addresses)) = set.complete() {
            self.epochs += 1;
            set.state = State::Forming { since: now };
            let epoch = self.epochs;
            self.out.push(Command::Form { worker, epoch, incarnations, addresses });
        }
    }

    fn fail(&mut self, loss: Loss) {
        self.failed = true;
        self.out.push(Command::Fail { loss });
    }

    fn reached(&mut self, now: Duration, party: usize, place: (u64, usize, Kind)) {
        self.reached[party] = Some(place);
        let (number, chunks, kind) = place;
        let Some(all) = self.reached.iter().copied().collect::<Option<Vec<_>>>() else { return };
        if let Some(other) = all.iter().position(|it| it != &all[0]) {
            // The parties have compared their programs: this must not happen.
            let (mine, theirs) = (all[0], all[other]);
            let text = format!(
                "P0 is at distributed loop {} with {} {}, P{other} at {} with {} {}",
                mine.0, mine.1, mine.2, theirs.0, theirs.1, theirs.2
            );
            return self.fail(Loss::Security(text));
        }
        self.reached.fill(None);
        self.current = Some(Loop {
            number,
            chunks: vec![Chunk::default(); chunks],
            waiting: (0..chunks).collect(),
            n_done: 0,
            durations: Vec::new(),
            parts: kind == Kind::Parts,
            stuck: None,
            deserted: Some(now),
            computing: None,
            together: (kind == Kind::Joint).then(Together::default),
        });
    }

    fn done(&mut self, now: Duration, party: usize, attempt: Attempt) {
        if self.done_together(party, attempt) {
            return;
        }
        let found = self.sets.values_mut().find(|set| set.attempt() == Some(attempt));
        // Of a set that was fenced since: its result was dropped with it.
        let Some(set) = found else { return };
        let State::Busy { chunk, number, since, done, .. } = &mut set.state else { return };
        done[party] = true;
        if !done.iter().all(|done| *done) {
            return;
        }
        let (chunk, number, took) = (*chunk, *number, now.saturating_sub(*since));
        set.state = State::Idle;
        let Some(current) = self.current.as_mut().filter(|it| it.number == number) else {
            return self.out.push(Command::Discard { attempt });
        };
        let it = &mut current.chunks[chunk];
        it.running -= 1;
        if it.is_done {
            return self.out.push(Command::Discard { attempt });
        }
        self.out.push(Command::Commit { attempt, chunk });
        let place = current.durations.partition_point(|other| *other <= took);
        current.durations.insert(place, took);
        current.finish(chunk);
    }

    /// Gives work to whoever can take some.
    fn schedule(&mut self, now: Duration) {
        if self.failed || self.current.is_none() || !self.is_settled(now) {
            return;
        }
        let idle: Vec<u32> =
            self.sets.iter().filter(|(_, set)| set.is_idle()).map(|(worker, _)| *worker).collect();
        let leased_together = self.schedule_together(now, &idle);
        for worker in idle.into_iter().filter(|_| !leased_together) {
            let current = self.current.as_mut().expect("there is a loop");
            let chunk = match current.parts {
                true => match self.part_for(worker) {
                    Some(chunk) => chunk,
                    None => continue,
                },
                false => match current.waiting.pop_front() {
                    Some(chunk) => chunk,
                    None => match self.straggler(now) {
                        Some(chunk) => chunk,
                        None => break,
                    },
                },
            };
            self.lease(now, worker, chunk);
        }
        self.give_up_parts(now);
        if self.failed {
            return;
        }
        self.compute_here(now);
        let current = self.current.as_ref().expect("there is a loop");
        if current.n_done == current.chunks.len() {
            self.out.push(Command::Finish { number: current.number });
            self.current = None;
        }
    }

    /// Whether the run has waited long enough for the workers that it expects.
    fn is_settled(&mut self, now: Duration) -> bool {
        // Those that have been lost since are not waited for again.
        let serving = self.sets.values().filter(|set| set.has_served || set.is_lost).count();
        if self.settled || serving >= self.expected {
            self.settled = true;
        } else if now >= self.patience {
            self.settled = true;
            let text = format!(
                "{serving} of {} workers of each party have come within {:.0} s: the run goes on without the others",
                self.expected,
                self.patience.as_secs_f64()
            );
            self.out.push(Command::Note { text });
        }
        self.settled
    }

    fn lease(&mut self, now: Duration, worker: u32, chunk: usize) {
        self.attempts += 1;
        let attempt = Attempt(self.attempts);
        let current = self.current.as_mut().expect("there is a loop");
        let it = &mut current.chunks[chunk];
        let again = match &it.last_loss {
            _ if it.running > 0 => Some("another set takes very long".to_owned()),
            why => why.clone(),
        };
        it.running += 1;
        let set = self.sets.get_mut(&worker).expect("the set is idle");
        let done = vec![false; self.n_parties];
        set.state = State::Busy { attempt, chunk, number: current.number, since: now, done };
        self.out.push(Command::Assign { worker, attempt, chunk, again });
    }

    /// A chunk that takes so long that a second set should try.
    fn straggler(&self, now: Duration) -> Option<usize> {
        let current = self.current.as_ref()?;
        let middle = current.durations.get(current.durations.len() / 2)?;
        let limit = (*middle * STRAGGLER_FACTOR).max(STRAGGLER_LEAST);
        let running = self.sets.values().filter_map(|set| match &set.state {
            State::Busy { chunk, number, since, .. } if *number == current.number => {
                Some((*chunk, now.saturating_sub(*since)))
            }
            _ => None,
        });
        let late = running.filter(|(chunk, took)| {
            let it = &current.chunks[*chunk];
            *took > limit && it.running == 1 && !it.is_done
        });
        late.max_by_key(|(_, took)| *took).map(|(chunk, _)| chunk)
    }

    /// Sets that still compute, for very long, what others have done: they may have stopped for good.
    fn superfluous(&self, now: Duration) -> Vec<u32> {
        let is_done = |number: u64, chunk: usize| match &self.current {
            Some(current) if current.number == number => current.chunks[chunk].is_done,
            _ => true,
        };
        let superfluous = self.sets.iter().filter(|(_, set)| match set.state {
            State::Busy { chunk, number, since, .. } => {
                now.saturating_sub(since) > SUPERFLUOUS && is_done(number, chunk)
            }
            _ => false,
        });
        superfluous.map(|(worker, _)| *worker).collect()
    }

    /// If there is nobody to work and nobody comes, the main nodes do it: one chunk at a time, so that whoever comes
    /// meanwhile takes the next.
    fn compute_here(&mut self, now: Duration) {
        let deserted = self.sets.values().all(|set| !set.serves());
        let expected = self.expected;
        let current = self.current.as_mut().expect("there is a loop");
        if !deserted {
            current.deserted = None;
            return;
        }
        let since = *current.deserted.get_or_insert(now);
        let comeback = match (expected, current.parts) {
            (0, _) => Duration::ZERO,
            // The main nodes may not have what the workers have.
            (_, true) => self.patience.max(COMEBACK),
            (_, false) => COMEBACK,
        };
        if now.saturating_sub(since) < comeback {
            return;
        }
        if current.computing.is_some() {
            return;
        }
        let Some(chunk) = current.waiting.pop_front() else { return };
        let why = current.chunks[chunk].last_loss.clone();
        let why = why.unwrap_or_else(|| "there are no workers".to_owned());
        current.computing = Some((chunk, vec![false; self.n_parties]));
        self.out.push(Command::Compute { chunk, why });
    }

    fn computed(&mut self, party: usize, chunk: usize) {
        let Some(current) = &mut self.current else { return };
        let Some((computing, done)) = &mut current.computing else { return };
        done[party] |= *computing == chunk;
        if done.iter().all(|done| *done) {
            current.computing = None;
            current.finish(chunk);
        }
    }
}

impl Loop {
    fn finish(&mut self, chunk: usize) {
        self.chunks[chunk].is_done = true;
        self.n_done += 1;
        self.waiting.retain(|other| *other != chunk);
    }
}
