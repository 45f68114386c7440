//! The coordinator in a simulated world: workers come, die, stop, come back and are slow, messages take their time.
//! Everything follows from a seed, which a failure prints.

mod parts;
mod verdicts;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use super::*;

mod joint;

const PARTIES: usize = 3;

/// A generator of small numbers (xorshift64*).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % n
    }

    fn ms(&mut self, least: u64, most: u64) -> Duration {
        Duration::from_millis(least + self.below(most - least + 1))
    }
}

/// Something that happens at a time.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Thing {
    Tick,
    /// The next event of a party is with the coordinator.
    Heard(usize),
    /// The next command is with a party's main node.
    Told(usize),
    /// A worker process starts.
    Start(usize, u32),
    /// A worker process dies, and comes back so many milliseconds later.
    Kill(usize, u32, Option<u64>),
    /// A worker process stops: it does nothing any more and does not say so.
    Stop(usize, u32),
    /// A process of this incarnation has connected with its set.
    Connected(usize, u32, Incarnation),
    /// A process of this incarnation has computed this.
    Computed(usize, u32, Incarnation, Attempt),
    /// A process of this incarnation has its part of a joint job.
    Joined(usize, u32, Incarnation, Attempt),
    /// A main node or peer notices that a worker is gone.
    Noticed(usize, u32, Incarnation),
    /// A worker says why it cannot go on.
    Says(usize, u32, Incarnation, Loss),
}

#[derive(Clone, Default)]
struct Process {
    incarnation: Option<Incarnation>,
    is_stopped: bool,
    /// With whom it is in a set.
    epoch: Option<u64>,
}

/// What a main node has.
#[derive(Default)]
struct Main {
    /// Results by attempt, with the epoch in which they were computed.
    results: BTreeMap<Attempt, u64>,
    running: BTreeMap<Attempt, u32>,
    /// Joint attempts: which workers' parts are missing.
    together: BTreeMap<Attempt, BTreeSet<u32>>,
    committed: BTreeMap<usize, Option<Attempt>>,
    loops: u64,
    failed: Option<Loss>,
}

/// A party whose workers have parts of inputs, and which worker has that of a chunk.
#[derive(Clone, Copy)]
struct Owner {
    party: usize,
    has: fn(usize) -> u32,
}

struct World {
    dice: Dice,
    now: Duration,
    queue: BinaryHeap<Reverse<(Duration, u64, Thing)>>,
    order: u64,
    coordinator: Coordinator,
    workers: BTreeMap<(usize, u32), Process>,
    mains: Vec<Main>,
    /// Events and commands on their way, by party, each with the time of its arrival.
    events: Vec<VecDeque<(Duration, Event)>>,
    commands: Vec<VecDeque<(Duration, Command)>>,
    incarnations: u64,
    epochs: BTreeSet<u64>,
    attempts: BTreeMap<Attempt, (usize, u64)>,
    /// The last epoch of each set, and the epochs of the sets of joint attempts.
    formed: BTreeMap<u32, u64>,
    groups: BTreeMap<Attempt, BTreeMap<u32, u64>>,
    chunks: usize,
    /// Whether loops with odd numbers are joint jobs.
    joint: bool,
    loops: u64,
    /// The slowest computation, in milliseconds.
    slowest: u64,
    /// How many workers of each party take forty times as long.
    slow: u32,
    /// Whose inputs chunks take, if any.
    owner: Option<Owner>,
}

impl World {
    fn new(seed: u64, workers: u32, chunks: usize, loops: u64) -> Self {
        Self::with_inputs(seed, workers, chunks, loops, None)
    }

    fn with_inputs(
        seed: u64,
        workers: u32,
        chunks: usize,
        loops: u64,
        owner: Option<Owner>,
    ) -> Self {
        let patience = Duration::from_secs(30);
        let mut world = Self {
            dice: Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1),
            now: Duration::ZERO,
            queue: BinaryHeap::new(),
            order: 0,
            coordinator: Coordinator::new(PARTIES, workers as usize, patience),
            workers: (0..PARTIES)
                .flat_map(|party| (0..8).map(move |worker| ((party, worker), Process::default())))
                .collect(),
            mains: (0..PARTIES).map(|_| Main::default()).collect(),
            events: vec![VecDeque::new(); PARTIES],
            commands: vec![VecDeque::new(); PARTIES],
            incarnations: 0,
            epochs: BTreeSet::new(),
            attempts: BTreeMap::new(),
            formed: BTreeMap::new(),
            groups: BTreeMap::new(),
            chunks,
            joint: false,
            loops,
            slowest: 300,
            slow: 0,
            owner,
        };
        for party in 0..PARTIES {
            for worker in 0..workers {
                let start = world.dice.ms(0, 500);
                world.at(start, Thing::Start(party, worker));
            }
            world.reach(party);
        }
        world.at(Duration::ZERO, Thing::Tick);
        world
    }

    fn at(&mut self, delay: Duration, thing: Thing) {
        self.order += 1;
        self.queue.push(Reverse((self.now + delay, self.order, thing)));
    }

    /// How many chunks a loop has, and whether it is a joint job.
    fn place(&self, number: u64) -> (usize, Kind) {
        match self.owner {
            _ if self.joint && number % 2 == 1 => (1, Kind::Joint),
            Some(_) => (self.chunks, Kind::Parts),
            None => (self.chunks, Kind::Chunks),
        }
    }

    /// A main node's program comes to its next loop.
    fn reach(&mut self, party: usize) {
        let number = self.mains[party].loops;
        if number < self.loops {
            let (chunks, kind) = self.place(number);
            self.tell(party, Event::Reached { number, chunks, kind });
        }
    }

    /// Sends an event to the coordinator; they arrive in order.
    fn tell(&mut self, party: usize, event: Event) {
        let delay = self.dice.ms(0, 40);
        let after = self.events[party].back().map_or(Duration::ZERO, |(at, _)| *at);
        let at = (self.now + delay).max(after);
        self.events[party].push_back((at, event));
        self.at(at - self.now, Thing::Heard(party));
    }

    fn command(&mut self, commands: Vec<Command>) {
        for command in commands {
            match &command {
                Command::Form { worker, epoch, .. } => {
                    assert!(self.epochs.insert(*epoch), "epoch {epoch} twice");
                    self.formed.insert(*worker, *epoch);
                }
                Command::Assign { attempt, chunk, .. } => {
                    let number = self.coordinator.current.as_ref().unwrap().number;
                    let twice = self.attempts.insert(*attempt, (*chunk, number));
                    assert_eq!(twice, None, "{attempt:?} twice");
                }
                Command::AssignAll { workers, attempt, .. } => {
                    let number = self.coordinator.current.as_ref().unwrap().number;
                    let twice = self.attempts.insert(*attempt, (0, number));
                    assert_eq!((twice, number % 2), (None, 1), "{attempt:?} twice");
                    let epochs = workers.iter().map(|it| (*it, self.formed[it])).collect();
                    self.groups.insert(*attempt, epochs);
                }
                _ => {}
            }
            for party in 0..PARTIES {
                let delay = self.dice.ms(0, 40);
                let after = self.commands[party].back().map_or(Duration::ZERO, |(at, _)| *at);
                let at = (self.now + delay).max(after);
                self.commands[party].push_back((at, command.clone()));
                self.at(at - self.now, Thing::Told(party));
            }
        }
    }

    /// Runs until all parties have done all loops or failed.
    fn run(&mut self) {
        while self.mains.iter().any(|main| main.loops < self.loops && main.failed.is_none()) {
            let Reverse((at, _, thing)) = self.queue.pop().expect("there is always a tick");
            self.now = at;
            assert!(
                self.now < Duration::from_secs(3600),
                "it hangs: {:?}",
                self.coordinator.standing()
            );
            self.happen(thing);
        }
        for party in 1..PARTIES {
            assert_eq!(self.mains[party].failed, self.mains[0].failed);
        }
    }

    fn happen(&mut self, thing: Thing) {
        match thing {
            Thing::Tick => {
                let commands = self.coordinator.tick(self.now);
                self.command(commands);
                self.at(Duration::from_millis(100), Thing::Tick);
            }
            Thing::Heard(party) => {
                let (_, event) = self.events[party].pop_front().unwrap();
                let commands = self.coordinator.event(self.now, party, event);
                self.command(commands);
            }
            Thing::Told(party) => {
                let (_, command) = self.commands[party].pop_front().unwrap();
                if self.mains[party].failed.is_none() {
                    self.obey(party, command);
                }
            }
            Thing::Start(party, worker) => {
                self.incarnations += 1;
                let incarnation = Incarnation(self.incarnations);
                let process = Process { incarnation: Some(incarnation), ..Process::default() };
                self.workers.insert((party, worker), process);
                let address = HostPort::new("worker", 1 + worker as u16);
                self.tell(party, Event::Arrived { worker, incarnation, address });
            }
            Thing::Kill(party, worker, back) => self.kill(party, worker, back),
            Thing::Stop(party, worker) => {
                let process = self.workers.entry((party, worker)).or_default();
                process.is_stopped = true;
                // Its peers notice that it is silent.
                let Some(incarnation) = process.incarnation else { return };
                let silence = self.dice.ms(3000, 6000);
                self.at(silence, Thing::Noticed(party, worker, incarnation));
            }
            Thing::Connected(party, worker, incarnation) => {
                if self.lives(party, worker, incarnation) {
                    self.tell(party, Event::Ready { worker, incarnation });
                }
            }
            Thing::Computed(party, worker, incarnation, attempt) => {
                // A worker that computes needs all of its set.
                let epoch = self.workers[&(party, worker)].epoch;
                let peers = (0..PARTIES).map(|peer| &self.workers[&(peer, worker)]);
                let is_there =
                    |it: &Process| it.epoch.is_some() && it.epoch == epoch && !it.is_stopped;
                let whole = peers.clone().all(is_there);
                let chunk = self.attempts[&attempt].0;
                if let Some(owner) = self.owner.filter(|owner| (owner.has)(chunk) != worker) {
                    if party == owner.party && self.lives(party, worker, incarnation) {
                        let loss = Loss::Missing { part: chunk as u64, why: "not here".into() };
                        self.leave(party, worker, incarnation, loss);
                    }
                } else if self.lives(party, worker, incarnation) && whole {
                    let main = &mut self.mains[party];
                    if main.running.remove(&attempt).is_some() {
                        main.results.insert(attempt, epoch.unwrap());
                        self.tell(party, Event::Done { attempt });
                    }
                }
            }
            Thing::Says(party, worker, incarnation, loss) => {
                if matches!(loss, Loss::Cut(_)) && self.lives(party, worker, incarnation) {
                    // It comes back without being told.
                    self.workers.insert((party, worker), Process::default());
                    let delay = self.dice.ms(5, 500);
                    self.at(delay, Thing::Start(party, worker));
                }
                self.tell(party, Event::Lost { worker, incarnation, loss });
            }
            Thing::Joined(party, worker, incarnation, attempt) => {
                // It needs all that take part, from the beginning to the end.
                let epochs = &self.groups[&attempt];
                let is_there = |(other, epoch): (&u32, &u64)| {
                    let peers = (0..PARTIES).map(|peer| &self.workers[&(peer, *other)]);
                    peers.clone().all(|it| it.epoch == Some(*epoch) && !it.is_stopped)
                };
                let whole = epochs.iter().all(is_there);
                if self.lives(party, worker, incarnation) && whole {
                    let main = &mut self.mains[party];
                    let Some(missing) = main.together.get_mut(&attempt) else { return };
                    missing.remove(&worker);
                    if missing.is_empty() {
                        main.results.insert(attempt, 0);
                        self.tell(party, Event::Done { attempt });
                    }
                }
            }
            Thing::Noticed(party, worker, incarnation) => {
                let loss = Loss::Gone("its connection broke".into());
                self.tell(party, Event::Lost { worker, incarnation, loss });
            }
        }
    }

    /// A worker notices that its connection with another one broke.
    fn lose_peer(&mut self, party: usize, worker: u32, incarnation: Incarnation, most: u64) {
        let soon = self.dice.ms(0, most);
        let loss = Loss::Cut("its connection broke".into());
        self.at(soon, Thing::Says(party, worker, incarnation, loss));
    }

    /// A worker says why it cannot go on; its peers notice, before or after its main node.
    fn leave(&mut self, party: usize, worker: u32, incarnation: Incarnation, loss: Loss) {
        let delay = self.dice.ms(0, 60);
        self.at(delay, Thing::Says(party, worker, incarnation, loss));
        for peer in (0..PARTIES).filter(|peer| *peer != party) {
            if let Some(incarnation) = self.workers[&(peer, worker)].incarnation {
                self.lose_peer(peer, worker, incarnation, 60);
            }
        }
    }

    fn lives(&self, party: usize, worker: u32, incarnation: Incarnation) -> bool {
        let process = &self.workers[&(party, worker)];
        process.incarnation == Some(incarnation) && !process.is_stopped
    }

    fn kill(&mut self, party: usize, worker: u32, back: Option<u64>) {
        let process = self.workers.entry((party, worker)).or_default();
        let (gone, epoch) = (process.incarnation.take(), process.epoch.take());
        process.is_stopped = false;
        if let Some(incarnation) = gone {
            let soon = self.dice.ms(0, 50);
            self.at(soon, Thing::Noticed(party, worker, incarnation));
        }
        for peer in 0..PARTIES {
            let other = &self.workers[&(peer, worker)];
            // Those that are connected with it notice, too, in any order.
            if let (true, Some(incarnation)) =
                (peer != party && epoch.is_some() && other.epoch == epoch, other.incarnation)
            {
                self.lose_peer(peer, worker, incarnation, 50);
            }
        }
        // So do those of its party that work with it.
        let groups = self.mains[party].together.keys().map(|attempt| &self.groups[attempt]);
        let partners: Vec<_> = groups
            .filter(|group| group.get(&worker).copied() == epoch)
            .flat_map(|group| group.iter().map(|(other, epoch)| (*other, *epoch)))
            .collect();
        for (other, epoch) in partners {
            let process = &self.workers[&(party, other)];
            if let (true, Some(incarnation)) = (process.epoch == Some(epoch), process.incarnation) {
                self.lose_peer(party, other, incarnation, 50);
            }
        }
        if let Some(back) = back {
            self.at(Duration::from_millis(back), Thing::Start(party, worker));
        }
    }

    fn obey(&mut self, party: usize, command: Command) {
        match command {
            Command::Form { worker, epoch, incarnations, .. } => {
                if self.lives(party, worker, incarnations[party]) {
                    self.workers.get_mut(&(party, worker)).unwrap().epoch = Some(epoch);
                    let delay = self.dice.ms(5, 300);
                    self.at(delay, Thing::Connected(party, worker, incarnations[party]));
                }
            }
            Command::Fence { worker, incarnations, .. } => {
                let main = &mut self.mains[party];
                main.running.retain(|_, other| *other != worker);
                let groups = &self.groups;
                main.together.retain(|attempt, _| {
                    let stays = !groups[attempt].contains_key(&worker);
                    if !stays {
                        main.results.remove(attempt);
                    }
                    stays
                });
                // A worker that is cut off comes back as a new one, if it can.
                if let Some(incarnation) = incarnations[party]
                    && self.lives(party, worker, incarnation)
                {
                    self.workers.insert((party, worker), Process::default());
                    let delay = self.dice.ms(20, 500);
                    self.at(delay, Thing::Start(party, worker));
                }
            }
            Command::Assign { worker, attempt, .. } => {
                self.mains[party].running.insert(attempt, worker);
                if let Some(incarnation) = self.workers[&(party, worker)].incarnation {
                    let slowest = self.slowest;
                    let factor = if worker < self.slow { 40 } else { 1 };
                    let delay = self.dice.ms(10, slowest) * factor;
                    self.at(delay, Thing::Computed(party, worker, incarnation, attempt));
                }
            }
            Command::AssignAll { workers, attempt, .. } => {
                let missing = workers.iter().copied().collect();
                self.mains[party].together.insert(attempt, missing);
                for worker in workers {
                    if let Some(incarnation) = self.workers[&(party, worker)].incarnation {
                        let slowest = self.slowest;
                        let delay = self.dice.ms(10, slowest);
                        self.at(delay, Thing::Joined(party, worker, incarnation, attempt));
                    }
                }
            }
            Command::Commit { attempt, chunk } => {
                let main = &mut self.mains[party];
                main.together.remove(&attempt);
                let epoch = main.results.remove(&attempt);
                assert!(epoch.is_some(), "P{party} has no result of {attempt:?}");
                let twice = main.committed.insert(chunk, Some(attempt));
                assert_eq!(twice, None, "chunk {chunk} twice");
                assert_eq!(
                    self.attempts[&attempt],
                    (chunk, main.loops),
                    "a result of another chunk"
                );
            }
            Command::Discard { attempt } => {
                assert!(self.mains[party].results.remove(&attempt).is_some());
            }
            Command::Compute { chunk, .. } => {
                let twice = self.mains[party].committed.insert(chunk, None);
                assert_eq!(twice, None, "chunk {chunk} twice");
                self.tell(party, Event::Computed { chunk });
            }
            Command::Finish { number } => {
                let (chunks, _) = self.place(number);
                let main = &mut self.mains[party];
                assert_eq!((main.loops, main.committed.len()), (number, chunks));
                main.committed.clear();
                main.loops += 1;
                self.reach(party);
            }
            Command::Fail { loss } => self.mains[party].failed = Some(loss),
            Command::Note { .. } => {}
        }
    }
}

/// How many of 3000 runs fail in which workers die and stop at random.
fn random_deaths(joint: bool) -> u32 {
    let mut failed = 0;
    for seed in 0..3000 {
        let result = std::panic::catch_unwind(|| {
            let mut dice = Dice(seed * 2 + 1);
            let workers = 1 + dice.below(4) as u32;
            let (chunks, loops) = (dice.below(12) as usize, 1 + dice.below(3));
            let mut world = World::new(seed, workers, chunks, loops);
            world.joint = joint;
            for _ in 0..dice.below(12) {
                let (party, worker) = (dice.below(3) as usize, dice.below(workers.into()) as u32);
                let when = dice.ms(0, 4000);
                let thing = match dice.below(4) {
                    0 => Thing::Stop(party, worker),
                    1 => Thing::Kill(party, worker, None),
                    _ => Thing::Kill(party, worker, Some(dice.below(3000))),
                };
                world.at(when, thing);
            }
            match dice.below(4) {
                0 => world.slowest = 8000,
                1 => world.slow = 1 + dice.below(2) as u32,
                _ => {}
            }
            world.run();
            u32::from(world.mains[0].failed.is_some())
        });
        failed += result.unwrap_or_else(|_| panic!("seed {seed}"));
    }
    failed
}

#[test]
fn whatever_dies_or_stops_every_chunk_counts_once() {
    // A chunk may be lost too often; that is rare.
    let failed = random_deaths(false);
    assert!(failed < 60, "{failed} runs failed");
}

#[test]
fn without_failures_all_workers_take_part() {
    let mut world = World::new(5, 4, 40, 1);
    world.run();
    let sets: BTreeSet<_> = world.epochs.iter().collect();
    assert_eq!((sets.len(), world.attempts.len()), (4, 40));
}

#[test]
fn workers_that_come_during_a_run_take_part() {
    let mut world = World::new(6, 2, 60, 1);
    for party in 0..PARTIES {
        for worker in 2..4 {
            world.at(Duration::from_millis(1500), Thing::Start(party, worker));
        }
    }
    world.run();
    assert_eq!((world.epochs.len(), world.coordinator.standing().0), (4, 4));
    assert!(world.now < Duration::from_secs(12), "{:?}", world.now);
}

#[test]
fn a_set_that_takes_too_long_is_helped() {
    let mut world = World::new(7, 2, 6, 1);
    // One computes all the time and never ends; nobody can tell it from one that works.
    world.at(Duration::from_millis(900), Thing::Stop(0, 0));
    let noticed = |thing: &Thing| matches!(thing, Thing::Noticed(..));
    loop {
        let before = world.queue.len();
        let things: Vec<_> = std::mem::take(&mut world.queue).into_vec();
        world.queue.extend(things.into_iter().filter(|Reverse((.., thing))| !noticed(thing)));
        let Some(Reverse((at, _, thing))) = world.queue.pop() else { break };
        world.now = at;
        world.happen(thing);
        if world.mains.iter().all(|main| main.loops == 1) {
            break;
        }
        assert!(world.now < Duration::from_secs(60) && before > 0);
    }
    assert_eq!(world.attempts.len(), 7, "one chunk is given to a second set");
}

#[test]
fn without_workers_the_main_nodes_do_the_work() {
    let mut world = World::new(8, 0, 5, 2);
    world.run();
    assert_eq!(world.attempts.len(), 0);
    // Likewise if those that are expected never come, after a while.
    let mut world = World::new(9, 2, 5, 1);
    world.queue.retain(|Reverse((.., thing))| !matches!(thing, Thing::Start(..)));
    world.run();
    assert!(world.now > Duration::from_secs(30) && world.attempts.is_empty());
}
