//! Waits that last too long: who waits for whom, since when, in which thread and at which line of the program.
//!
//! Threads show what they wait for ([`Waiting`]); one thread that is there anyway looks at that a few times a second. A
//! stall is told after 3 s, and again after 10 s, 30 s, 100 s and so on, and once more when it is over. A peer for which no
//! thread waits, but from which no heartbeat has come for so long, is told likewise: while workers compute, main nodes need
//! each other only for the next chunk.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use caucus_core::ids::NodeId;
use caucus_core::net::{Net, Waiting};
use caucus_vm::Places;

use crate::events::Events;
use crate::pulse::Pulse;

/// The first and the second time at which a stall is told, in seconds; later ones are ten times as long.
const TIMES: [u64; 2] = [3, 10];
/// If this thread looks so much later than the last time, its whole process stood still, and the time does not count.
const GAP: Duration = Duration::from_secs(1);
/// How long a peer that lives is silent at most. Heartbeats come once a second.
const BREATH: Duration = Duration::from_millis(2500);
/// How many threads are named that wait for the same node.
const MAX_NAMED: usize = 4;

/// Watches the waits of a node.
pub(crate) struct Stalls {
    me: NodeId,
    places: Places,
    events: Arc<dyn Events>,
    /// Tells when peers were heard last.
    pulse: Pulse,
    state: Mutex<State>,
}

struct State {
    watched: Vec<Watched>,
    told: BTreeMap<NodeId, Told>,
    looked: Instant,
    /// Nothing that was before counts: this process stood still.
    floor: Instant,
}

/// One thread.
struct Watched {
    waiting: Waiting,
    what: What,
}

enum What {
    /// A thread of the program.
    Thread(usize),
    /// The thread that talks with a worker, while the program is in a distributed loop.
    Worker,
    /// The comparison of how all parties have ended.
    End,
}

/// A stall that people know of.
struct Told {
    /// When its first wait began, and its last one.
    first: Instant,
    last: Instant,
    /// Whether a thread waits, and it is not just silent.
    waits: bool,
    /// How often it was told.
    times: usize,
}

/// What is to be told about a node.
#[derive(Default)]
struct Stall {
    /// When the first of the waits for it began.
    first: Option<Instant>,
    /// When the last one began that lasts too long.
    last: Option<Instant>,
    /// When it was heard last, if that is too long ago.
    silent: Option<Instant>,
    /// Where threads wait, and too long.
    places: Vec<String>,
}

impl Stall {
    /// When it began.
    fn begin(&self) -> Option<Instant> {
        self.first.into_iter().chain(self.silent).min()
    }
}

/// After how long a stall that was told so often is told again.
fn next_time(times: usize) -> Duration {
    let tens = u32::try_from(times / TIMES.len()).unwrap_or(u32::MAX);
    let factor = 10u64.checked_pow(tens).unwrap_or(u64::MAX);
    Duration::from_secs(TIMES[times % TIMES.len()].saturating_mul(factor))
}

impl Stalls {
    /// Of this node, which runs the program with these places.
    pub(crate) fn new(me: NodeId, places: Places, pulse: Pulse, events: Arc<dyn Events>) -> Self {
        let now = Instant::now();
        let (watched, told) = (Vec::new(), BTreeMap::new());
        let state = Mutex::new(State { watched, told, looked: now, floor: now });
        Self { me, places, events, pulse, state }
    }

    /// Looks at the threads of the program, which are in their order, from now on.
    pub(crate) fn watch_threads<'n>(&self, nets: impl Iterator<Item = &'n Net>) {
        for (thread, net) in nets.enumerate() {
            self.watch(net.waiting().clone(), What::Thread(thread));
        }
    }

    /// Looks at the end of the run.
    pub(crate) fn watch_end(&self, net: &Net) {
        self.watch(net.waiting().clone(), What::End);
    }

    /// Where a thread that talks with a worker of this node is to show its waits.
    pub(crate) fn watch_worker(&self) -> Waiting {
        let waiting = Waiting::new();
        self.watch(waiting.clone(), What::Worker);
        waiting
    }

    fn watch(&self, waiting: Waiting, what: What) {
        self.lock().watched.push(Watched { waiting, what });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells what is to be told; to be called a few times a second.
    pub(crate) fn look(&self) {
        for text in self.look_at(Instant::now(), &self.pulse.heard()) {
            self.events.notice(&text);
        }
    }

    /// What is to be told at this time, if these peers were heard last at these times.
    fn look_at(&self, now: Instant, heard: &[(NodeId, Instant)]) -> Vec<String> {
        let mut state = self.lock();
        let mut texts = Vec::new();
        let gap = now.saturating_duration_since(state.looked);
        state.looked = now;
        if gap > GAP {
            state.floor = now;
            if gap >= next_time(0) {
                let (me, seconds) = (self.me, gap.as_secs_f64());
                texts.push(format!(
                    "{me} itself stood still for {seconds:.1} s: it was stopped, or the machine had no time for it"
                ));
            }
        }
        let stalls = self.stalls(&mut state, now, heard);
        let floor = state.floor;
        state.told.retain(|peer, told| {
            let goes_on = stalls.get(peer).and_then(Stall::begin).is_none_or(|at| at > told.last);
            if goes_on {
                let seconds = now.saturating_duration_since(told.first).as_secs_f64();
                texts.push(match told.waits {
                    true => format!(
                        "{} goes on after {seconds:.1} s: it waits no more for {peer}",
                        self.me
                    ),
                    false => format!("{} hears from {peer} again, after {seconds:.1} s", self.me),
                });
            }
            !goes_on
        });
        for (peer, stall) in stalls {
            let Some(first) = stall.begin() else { continue };
            // A thread that waits says where, so that it is told when it has waited for long enough.
            let begin = stall.first.unwrap_or(first);
            let lasts = now.saturating_duration_since(begin.max(floor));
            let times = state.told.get(&peer).map_or(0, |told| told.times);
            if lasts < next_time(times) {
                continue;
            }
            let times = (times..).find(|times| lasts < next_time(*times)).unwrap_or(usize::MAX);
            let heard = heard.iter().find(|(node, _)| *node == peer).map(|(_, at)| *at);
            let silence = heard.map(|at| now.saturating_duration_since(at));
            texts.push(self.text(peer, &stall, lasts, silence, &state));
            let (last, waits) = (stall.last.unwrap_or(first), !stall.places.is_empty());
            let told = state.told.entry(peer).or_insert(Told { first, last, waits, times });
            *told = Told { last, waits, times, ..*told };
        }
        texts
    }

    /// For whom something waits, or who is silent.
    fn stalls(
        &self,
        state: &mut State,
        now: Instant,
        heard: &[(NodeId, Instant)],
    ) -> BTreeMap<NodeId, Stall> {
        // What has ended waits no more.
        state.watched.retain(|it| it.waiting.is_shared());
        let mut stalls: BTreeMap<NodeId, Stall> = BTreeMap::new();
        for it in &state.watched {
            let Some(wait) = it.waiting.now() else { continue };
            let (since, stall) = (wait.since, stalls.entry(wait.peer).or_default());
            stall.first = Some(stall.first.map_or(since, |first| first.min(since)));
            // Of those that wait for a shorter time, a later look tells.
            if now.saturating_duration_since(since.max(state.floor)) >= next_time(0) {
                stall.last = stall.last.max(Some(since));
                stall.places.push(self.place(it, state));
            }
        }
        for (peer, at) in heard {
            if now.saturating_duration_since(*at) >= BREATH {
                stalls.entry(*peer).or_default().silent = Some(*at);
            }
        }
        stalls
    }

    /// Where a thread waits, in words.
    fn place(&self, it: &Watched, state: &State) -> String {
        let (what, line) = match it.what {
            What::Thread(0) => ("in the main thread".to_owned(), self.line(&it.waiting)),
            What::Thread(thread) => (format!("in thread {thread}"), self.line(&it.waiting)),
            What::Worker => ("for what it computes".to_owned(), self.main_line(state)),
            What::End => return "at the end of the run".to_owned(),
        };
        match line {
            Some(line) => format!("{what} at {line}"),
            None => format!("{what} before the program begins"),
        }
    }

    fn line(&self, waiting: &Waiting) -> Option<String> {
        self.places.line(waiting.place()?)
    }

    /// Where the main thread waits or has waited last.
    fn main_line(&self, state: &State) -> Option<String> {
        let main = state.watched.iter().find(|it| matches!(it.what, What::Thread(0)))?;
        self.line(&main.waiting)
    }

    fn text(
        &self,
        peer: NodeId,
        stall: &Stall,
        lasts: Duration,
        silence: Option<Duration>,
        state: &State,
    ) -> String {
        let (me, seconds) = (self.me, lasts.as_secs());
        if stall.places.is_empty() {
            let line = self.main_line(state);
            let line =
                line.map_or(String::new(), |it| format!("; the program has waited last at {it}"));
            return format!("{me} has heard nothing from {peer} for {seconds} s{line}");
        }
        let mut places = stall.places[..stall.places.len().min(MAX_NAMED)].join(", ");
        if stall.places.len() > MAX_NAMED {
            places += &format!(" and in {} more", stall.places.len() - MAX_NAMED);
        }
        let state = match silence {
            None => String::new(),
            Some(silence) if silence < BREATH => {
                format!("; {peer} lives, and computes or waits for others itself")
            }
            Some(silence) => format!(
                "; nothing at all has come from {peer} for {} s: it is stopped, overloaded or cut off",
                silence.as_secs()
            ),
        };
        format!("{me} has been waiting for {peer} for {seconds} s, {places}{state}")
    }
}

#[cfg(test)]
mod tests {
    use caucus_bytecode::{Position, Program, Tape};
    use caucus_core::ids::{PartyId, WorkerId};

    use super::*;
    use crate::events::testing::Notices;

    fn main(party: u8) -> NodeId {
        NodeId::main(PartyId::new(party))
    }

    /// The waits of P0's two threads, and a clock that is looked at four times a second.
    struct World {
        stalls: Stalls,
        threads: [Waiting; 2],
        zero: Instant,
        now: Duration,
    }

    impl World {
        fn new() -> Self {
            let positions = [7, 9].map(|line| Position { file: 0, line }).to_vec();
            let tapes = vec![Tape { positions, ..Tape::default() }];
            let program = Program { files: vec!["a.mpc".into()], tapes, ..Program::default() };
            let stalls = Stalls::new(
                main(0),
                Places::of(&program),
                Pulse::default(),
                Arc::<Notices>::default(),
            );
            let threads = [(); 2].map(|()| Waiting::new());
            for (thread, waiting) in threads.iter().enumerate() {
                waiting.show_place(thread as u64);
                stalls.watch(waiting.clone(), What::Thread(thread));
            }
            let zero = Instant::now();
            Self { stalls, threads, zero, now: Duration::ZERO }
        }

        fn begin(&self, thread: usize, party: u8) {
            self.threads[thread].begin(main(party), self.zero + self.now);
        }

        /// What is told in so many seconds, with when; P1 is heard every second unless it is silent.
        fn pass(&mut self, seconds: u64, silent: bool) -> Vec<(f64, String)> {
            let mut told = Vec::new();
            let begin = self.now;
            while self.now < begin + Duration::from_secs(seconds) {
                self.now += Duration::from_millis(250);
                let heard = if silent { begin } else { self.now };
                let texts =
                    self.stalls.look_at(self.zero + self.now, &[(main(1), self.zero + heard)]);
                told.extend(texts.into_iter().map(|text| (self.now.as_secs_f64(), text)));
            }
            told
        }
    }

    fn at(seconds: f64, text: &str) -> (f64, String) {
        (seconds, text.to_owned())
    }

    #[test]
    fn a_stall_is_told_at_growing_distances_and_when_it_is_over() {
        let mut world = World::new();
        world.begin(0, 1);
        let waits = |seconds| {
            format!(
                "P0 has been waiting for P1 for {seconds} s, in the main thread at a.mpc:7; P1 lives, and computes or \
                 waits for others itself"
            )
        };
        let expected: Vec<_> = [3, 10, 30, 100, 300].map(|it| (f64::from(it), waits(it))).to_vec();
        assert_eq!(world.pass(320, false), expected);
        world.threads[0].end();
        assert_eq!(
            world.pass(5, false),
            [at(320.25, "P0 goes on after 320.2 s: it waits no more for P1")]
        );
    }

    #[test]
    fn short_waits_are_not_told() {
        let mut world = World::new();
        for _ in 0..10 {
            world.begin(0, 1);
            assert_eq!(world.pass(2, false), []);
        }
        // One that has ended is not told, however long ago.
        world.threads[0].end();
        assert_eq!(world.pass(20, false), []);
    }

    #[test]
    fn threads_that_wait_for_the_same_node_are_told_together() {
        let mut world = World::new();
        world.begin(0, 1);
        world.begin(1, 1);
        let told = world.pass(4, false);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(
            told[0].1.contains("in the main thread at a.mpc:7, in thread 1 at a.mpc:9"),
            "{told:?}"
        );
        // It lasts as long as one of them waits, and another node is another stall.
        world.threads[0].end();
        world.begin(0, 2);
        let told = world.pass(4, false);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].1.contains("waiting for P2 for 3 s"), "{told:?}");
        world.threads[1].end();
        let told = world.pass(1, false);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].1.contains("waits no more for P1"), "{told:?}");
    }

    #[test]
    fn a_silent_node_is_told_even_if_nobody_waits_for_it() {
        let mut world = World::new();
        let told = world.pass(4, true);
        let text = "P0 has heard nothing from P1 for 3 s; the program has waited last at a.mpc:7";
        assert_eq!(told, [at(3.0, text)]);
        // A thread that begins to wait for it is the same stall.
        world.begin(0, 1);
        let told = world.stalls.look_at(world.zero + world.now, &[(main(1), world.zero)]);
        assert_eq!(told, [] as [String; 0]);
        world.threads[0].end();
        assert_eq!(world.pass(1, false), [at(4.25, "P0 hears from P1 again, after 4.2 s")]);
        // One that waits for a silent node says so, and nothing else is said, although heartbeats are missed before.
        let heard = [(main(1), world.zero + world.now)];
        world.now += Duration::from_millis(250);
        assert_eq!(world.stalls.look_at(world.zero + world.now, &heard), [] as [String; 0]);
        world.begin(0, 1);
        let told = world.pass(3, true);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].1.ends_with("for 3 s: it is stopped, overloaded or cut off"), "{told:?}");
    }

    #[test]
    fn a_node_that_stood_still_blames_nobody_else() {
        let mut world = World::new();
        world.begin(0, 1);
        assert_eq!(world.pass(1, false), []);
        world.now += Duration::from_secs(5);
        let told = world.stalls.look_at(world.zero + world.now, &[(main(1), world.zero)]);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with("P0 itself stood still for 5.0 s"), "{told:?}");
        assert_eq!(world.pass(2, false), []);
        let told = world.pass(2, false);
        assert!(told.len() == 1 && told[0].1.contains("for P1 for 3 s"), "{told:?}");
    }

    #[test]
    fn threads_that_are_gone_are_forgotten() {
        let mut world = World::new();
        let worker = world.stalls.watch_worker();
        worker.begin(NodeId::worker(PartyId::new(0), WorkerId::new(2)), world.zero);
        let told = world.pass(4, false);
        let text = "P0 has been waiting for P0.W2 for 3 s, for what it computes at a.mpc:7";
        assert!(told.len() == 1 && told[0].1 == text, "{told:?}");
        drop(worker);
        let told = world.pass(1, false);
        assert!(told.len() == 1 && told[0].1.contains("goes on"), "{told:?}");
        assert_eq!(world.stalls.lock().watched.len(), 2);
    }
}
