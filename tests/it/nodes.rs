//! Parties of many nodes: workers that come, go and fail, with real processes and real TLS.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::support::{Fleet, Gate, Process, Site, Way};

/// Squares of small numbers and three times large ones, in chunks of 1000: what P0 prints is [`expected`].
const PROGRAM: &str = "
n, chunk = int(program.args[1]), int(program.args[2])
a = Array.create_from(sint(regint.inc(n)))
b = sint.Array(n)
@for_range_opt_multinode(n, chunk=chunk)
def _(i):
    x = a[i]
    b[i] = (x < n // 2).if_else(x * x, x * 3)
print_ln('%s', sum(b).reveal())
";

fn expected(n: u64) -> String {
    let one = |x| if x < n / 2 { x * x } else { 3 * x };
    format!("{}\n", (0..n).map(one).sum::<u64>())
}

/// A fleet whose workers wait for a run of [`PROGRAM`].
fn fleet(workers: u32) -> Fleet {
    let mut fleet = Fleet::new(workers);
    fleet.site.program("halves", PROGRAM);
    for party in 0..3 {
        (0..workers).for_each(|index| fleet.start_worker(party, index));
    }
    fleet
}

/// MX6: one text for all numbers of workers, and sizes that are not divisible by them.
#[test]
fn three_parties_of_five_nodes_give_what_three_nodes_give() {
    let site = Site::new();
    for name in [
        "multinode_sizes",
        "multinode_access",
        "multinode_classes",
        "multinode_reductions",
        "multinode_order",
    ] {
        let path = crate::support::root().join(format!("tests/language/{name}.mpc"));
        let run = |workers| {
            let words = format!("-q --workers {workers} ring {}", path.display());
            site.compile_run(&words).succeed().stdout
        };
        let alone = run(0);
        assert!(!alone.is_empty());
        for workers in [1, 2, 4] {
            assert_eq!(run(workers), alone, "{name} with {workers} workers");
        }
    }
}

#[test]
fn workers_serve_run_after_run() {
    let mut fleet = fleet(2);
    for n in [3000, 1, 0, 5000] {
        fleet.start_mains(2, &format!("halves {n} 1000"));
        assert_eq!(fleet.succeed().0, expected(n));
    }
    assert!(fleet.workers.values_mut().all(|it| it.is_running()));
}

#[test]
fn progress_may_be_events_in_json() {
    let site = Site::new();
    site.program("halves", PROGRAM);
    let run = site.compile_run("--progress json --workers 2 ring halves 4000 1000").succeed();
    assert_eq!(run.stdout, expected(4000));
    let events: Vec<serde_json::Value> =
        run.stderr.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let last = events.last().unwrap();
    assert_eq!((&last["event"], &last["exit_code"]), (&"end".into(), &0.into()), "{last}");
    for node in ["P0", "P1", "P2"] {
        let of_node = |it: &&serde_json::Value| it["node"] == node && it["phase"] == "distributing";
        let chunks: Vec<_> = events.iter().filter(of_node).collect();
        let done = chunks.last().unwrap();
        // Shares of two elements for each number, each way.
        for (field, value) in [("done", 4), ("all", 4), ("workers", 2), ("bytes", 4000 * 32)] {
            assert_eq!(done[field], value, "{field} in {done}");
        }
        assert!(done["chunks_per_second"].as_f64().unwrap() > 0.0, "{done}");
        assert_eq!(done["left"], 0.0, "{done}");
    }
    let failed = site.compile_run("--progress json ring nowhere").finish();
    let end: serde_json::Value =
        serde_json::from_str(failed.stderr.lines().find(|it| it.contains("end")).unwrap()).unwrap();
    assert_eq!(end["exit_code"], failed.code, "{end}");
}

#[test]
fn the_report_tells_what_each_worker_did() {
    let mut fleet = fleet(2);
    fleet.start_mains(2, "halves 4000 1000");
    fleet.succeed();
    let stats = std::fs::read_to_string(fleet.site.path("stats-1.json")).unwrap();
    let stats: serde_json::Value = serde_json::from_str(&stats).unwrap();
    let workers = stats["parties"][0]["workers"].as_array().unwrap();
    assert_eq!(workers.len(), 2, "{stats:#}");
    let total = |field: &str| workers.iter().map(|it| it[field].as_f64().unwrap()).sum::<f64>();
    assert_eq!(total("chunks"), 4.0);
    // Shares of two elements for each number, each way.
    assert_eq!((total("bytes_to_worker"), total("bytes_from_worker")), (64000.0, 64000.0));
    assert!(total("bytes_between_parties") > 0.0 && total("compute_seconds") > 0.0);
}

/// What happens to a worker.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Killed,
    Stopped,
    CutOff,
}

/// When it happens.
#[derive(Clone, Copy, Debug)]
enum Phase {
    SetUp,
    Receiving,
    FirstRound,
    MiddleRound,
    LastRound,
    Sending,
}

/// A fleet of two workers of each party where P1's worker 0 is behind gates: one on the way to its main node, one on
/// the way to it from P2's worker 0.
struct Gated {
    fleet: Fleet,
    to_main: Gate,
    to_worker: Gate,
}

impl Gated {
    fn start() -> Self {
        let mut fleet = Fleet::new(2);
        fleet.site.program("halves", PROGRAM);
        for party in 0..3 {
            for index in 0..2 {
                if (party, index) != (1, 0) {
                    fleet.start_worker(party, index);
                }
            }
        }
        let local = SocketAddr::from(([127, 0, 0, 1], 0));
        let to_main = Gate::start(local, fleet.door(1));
        let port = crate::support::free_ports(1);
        // Others find the worker at another address of this machine, where the gate is.
        let behind = SocketAddr::from(([127, 0, 0, 1], port));
        let to_worker = Gate::start(SocketAddr::from(([127, 0, 0, 2], port)), behind);
        let options = format!("--listen {behind} --host 127.0.0.2");
        fleet.start_worker_with(1, 0, to_main.address(), &options);
        Self { fleet, to_main, to_worker }
    }

    /// Bytes that pass in a run where nothing happens: to the main node, from there, and among workers.
    fn quiet(&mut self) -> [u64; 3] {
        let now = |this: &Self| {
            let (main, worker) = (&this.to_main, &this.to_worker);
            [main.passed(Way::Out), main.passed(Way::Back), worker.passed(Way::Out)]
        };
        let before = now(self);
        self.fleet.start_mains(2, RUN);
        assert_eq!(self.fleet.succeed().0, expected(8000));
        let after = now(self);
        [0, 1, 2].map(|at| after[at] - before[at])
    }
}

/// Each set gets one of two chunks.
const RUN: &str = "halves 8000 4000";

/// MX7, F1.
#[test]
fn a_worker_may_be_lost_at_any_time() {
    let mut gated = Gated::start();
    let [out, back, among] = gated.quiet();
    for fate in [Fate::Killed, Fate::CutOff, Fate::Stopped] {
        for phase in [
            Phase::SetUp,
            Phase::Receiving,
            Phase::FirstRound,
            Phase::MiddleRound,
            Phase::LastRound,
            Phase::Sending,
        ] {
            let (gate, way, at) = match phase {
                Phase::SetUp => (&gated.to_worker, Way::Out, 1),
                Phase::Receiving => (&gated.to_main, Way::Back, back / 2),
                Phase::FirstRound => (&gated.to_worker, Way::Out, among / 5),
                Phase::MiddleRound => (&gated.to_worker, Way::Out, among / 2),
                Phase::LastRound => (&gated.to_worker, Way::Out, among * 98 / 100),
                Phase::Sending => (&gated.to_main, Way::Out, out * 2 / 3),
            };
            let pid = gated.fleet.workers[&(1, 0)].pid();
            let gates = [gated.to_main.clone(), gated.to_worker.clone()];
            gate.after(way, gate.passed(way) + at, move || match fate {
                // Like a machine that dies, with what it has not sent yet.
                Fate::Killed => {
                    let _ = rustix::process::kill_process(pid, Signal::KILL);
                    gates.iter().for_each(Gate::cut);
                }
                Fate::Stopped => {
                    let _ = rustix::process::kill_process(pid, Signal::STOP);
                    gates.iter().for_each(Gate::shut);
                }
                Fate::CutOff => gates.iter().for_each(Gate::cut),
            });
            gated.fleet.start_mains(2, RUN);
            let started = Instant::now();
            let (printed, said) = gated.fleet.succeed();
            let took = started.elapsed();
            assert_eq!(printed, expected(8000), "{fate:?} {phase:?}\n{said}");
            assert!(took < Duration::from_secs(40), "{fate:?} {phase:?} took {took:?}\n{said}");
            let told = ["was lost", "lost its connection", "computed again", "without the others"];
            assert!(
                told.iter().any(|it| said.contains(it)),
                "{fate:?} {phase:?}: nothing is said\n{said}{}",
                gated.fleet.workers_said()
            );
            // A new process in place of one that is gone or stopped.
            if !matches!(fate, Fate::CutOff) {
                [&gated.to_main, &gated.to_worker].into_iter().for_each(Gate::cut);
                let options = format!(
                    "--listen 127.0.0.1:{} --host 127.0.0.2",
                    gated.to_worker.address().port()
                );
                let main = gated.to_main.address();
                gated.fleet.start_worker_with(1, 0, main, &options);
            }
        }
    }
}

/// P2's worker dies while the result of P1's is on its way, so that both are given up; then the result comes.
#[test]
fn a_late_message_is_dropped_and_told() {
    let mut gated = Gated::start();
    let before = gated.to_main.passed(Way::Out);
    gated.fleet.start_mains(2, "halves 80000 40000");
    assert_eq!(gated.fleet.succeed().0, expected(80_000));
    let out = gated.to_main.passed(Way::Out) - before;
    // The results of a chunk are shares of 40000 numbers; little else passes.
    let within_results = gated.to_main.passed(Way::Out) + out - 40_000 * 16 / 2;
    let (gate, pid) = (gated.to_main.clone(), gated.fleet.workers[&(2, 0)].pid());
    gated.to_main.after(Way::Out, within_results, move || {
        gate.shut();
        let _ = rustix::process::kill_process(pid, Signal::KILL);
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(200));
            gate.open();
        });
    });
    gated.fleet.start_mains(2, "halves 1200000 40000");
    let (printed, said) = gated.fleet.succeed();
    assert_eq!(printed, expected(1_200_000), "{said}");
    assert!(said.contains("P1.W0, which had been given up, still said"), "{said}");
}

/// Small numbers that follow from a seed (xorshift64*).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % n
    }
}

/// Whether a main node with `--progress json` has said that a chunk is done.
fn distributes(main: &Process) -> bool {
    main.stderr().lines().any(|it| it.contains("distributing") && !it.contains("\"done\":0"))
}

/// Runs so many schedules in which workers of two sets are killed, stopped and started again at random times.
fn random_schedules(half: u64) {
    let nightly = std::env::var_os("CAUCUS_NIGHTLY").is_some();
    let schedules = if nightly { 500 } else { 25 };
    let first = std::env::var("CAUCUS_SEED").ok().and_then(|seed| seed.parse().ok());
    let first: u64 = first.unwrap_or_else(|| (u64::from(std::process::id()) << 20) + (half << 10));
    let seeds = format!("seeds from {first} on: set CAUCUS_SEED to repeat them\n");
    std::io::stderr().write_all(seeds.as_bytes()).unwrap();
    let mut fleet = fleet(2);
    fleet.main_options = "--progress json".into();
    for seed in first..first + schedules {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        // All are there at the beginning, from the schedule before or anew.
        for party in 0..3 {
            for index in 0..2 {
                if !fleet.workers.get_mut(&(party, index)).is_some_and(|it| it.is_running()) {
                    fleet.start_worker(party, index);
                }
            }
        }
        let mut events: Vec<_> = (0..1 + dice.below(4))
            .map(|_| (dice.below(250), dice.below(3) as u8, dice.below(2) as u32, dice.below(4)))
            .collect();
        events.sort_unstable();
        fleet.start_mains(2, "halves 240000 2000");
        // Most schedules begin with the first chunk, the others while all nodes find each other.
        if dice.below(4) > 0 {
            fleet.main(0).wait_until("distributed anything", distributes);
        }
        let started = Instant::now();
        let mut stopped = Vec::new();
        let mut again = Vec::new();
        while !fleet.is_over() {
            let now = started.elapsed().as_millis() as u64;
            assert!(now < 60_000, "seed {seed} hangs\n{}", fleet.workers_said());
            while let Some((at, party, index, kind)) = events.first().copied() {
                if at > now {
                    break;
                }
                events.remove(0);
                match kind {
                    // What has stopped is noticed after some seconds only.
                    0 if dice.below(3) == 0 => {
                        fleet.signal(party, index, Signal::STOP);
                        stopped.push((party, index));
                    }
                    0 | 1 => fleet.signal(party, index, Signal::KILL),
                    _ => {
                        fleet.signal(party, index, Signal::KILL);
                        again.push((now + dice.below(400), party, index));
                    }
                }
            }
            for (_, party, index) in again.extract_if(.., |it| it.0 <= now) {
                fleet.start_worker(party, index);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let (printed, said) = fleet.succeed();
        assert_eq!(printed, expected(240_000), "seed {seed}\n{said}");
        // Those that were stopped are of no use any more.
        for worker in stopped {
            fleet.workers.remove(&worker);
        }
    }
}

// Two tests, so that they run side by side.
#[test]
fn random_losses_change_nothing() {
    random_schedules(0);
}

#[test]
fn random_losses_change_nothing_either() {
    random_schedules(1);
}

/// A run that lasts far longer than any node needs to start, on a busy machine, too: 500 chunks of so many comparisons.
const LONG: &str = "halves 2000000 4000";

#[test]
fn workers_that_come_during_a_run_take_part() {
    let mut fleet = Fleet::new(4);
    fleet.site.program("halves", PROGRAM);
    for party in 0..3 {
        (0..2).for_each(|index| fleet.start_worker(party, index));
    }
    fleet.main_options = "--progress json".into();
    fleet.start_mains(2, LONG);
    fleet.main(1).wait_until("had a chunk done", distributes);
    for party in 0..3 {
        (2..4).for_each(|index| fleet.start_worker(party, index));
    }
    assert_eq!(fleet.succeed().0, expected(2_000_000));
    let stats = std::fs::read_to_string(fleet.site.path("stats-0.json")).unwrap();
    let stats: serde_json::Value = serde_json::from_str(&stats).unwrap();
    let workers = stats["parties"][0]["workers"].as_array().unwrap();
    let chunks: Vec<_> = workers.iter().map(|it| it["chunks"].as_u64().unwrap()).collect();
    assert!(chunks.len() == 4 && chunks.iter().all(|it| *it > 0), "{chunks:?}");
    assert_eq!(chunks.iter().sum::<u64>(), 500);
}

#[test]
fn when_a_main_node_dies_all_nodes_of_all_parties_stop() {
    let mut fleet = Fleet::new(2);
    fleet.site.program("halves", PROGRAM);
    for party in 0..3 {
        for index in 0..2 {
            let main = fleet.door(party);
            fleet.start_worker_with(party, index, main, "--once");
        }
    }
    fleet.start_mains(2, LONG);
    // All workers have met their peers and compute.
    let pids = [0, 1, 2].map(|party| fleet.workers[&(party, 0)].pid().as_raw_nonzero().get());
    fleet
        .main(1)
        .wait_until("distributed anything", |_| pids.iter().all(|pid| connections(*pid).len() > 4));
    std::thread::sleep(Duration::from_millis(300));
    assert!(!fleet.is_over());
    crate::support::kill(fleet.main(1).pid());
    let killed = Instant::now();
    let mains = fleet.finish();
    for (party, main) in mains.iter().enumerate().filter(|(party, _)| *party != 1) {
        assert_eq!(main.code, 5, "P{party}: {}", main.stderr);
        assert!(main.stderr.contains("P1 was lost"), "P{party}: {}", main.stderr);
    }
    for ((party, index), worker) in std::mem::take(&mut fleet.workers) {
        let ended = worker.finish();
        assert_eq!(ended.code, 5, "P{party}.W{index}: {}", ended.stderr);
        let causes = ["the main node is gone: P1", "P1 was lost"];
        let told = causes.iter().any(|cause| ended.stderr.contains(cause));
        assert!(told, "P{party}.W{index}: {}", ended.stderr);
    }
    // 2 s on a machine that does nothing else.
    assert!(killed.elapsed() < Duration::from_secs(5), "{:?}", killed.elapsed());
}

/// The connections of a process: own and other port.
pub(crate) fn connections(pid: i32) -> Vec<(u16, u16)> {
    let table = std::fs::read_to_string(format!("/proc/{pid}/net/tcp")).unwrap_or_default();
    let fds = std::fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    let sockets: Vec<String> = fds
        .filter_map(|fd| Some(std::fs::read_link(fd.path()).ok()?.to_str()?.to_owned()))
        .collect();
    let port = |address: &str| u16::from_str_radix(address.rsplit(':').next()?, 16).ok();
    let lines = table.lines().skip(1).filter_map(|line| {
        let words: Vec<_> = line.split_whitespace().collect();
        let established = words.get(3) == Some(&"01");
        let mine = sockets.contains(&format!("socket:[{}]", words.get(9)?));
        (established && mine).then_some(())?;
        Some((port(words[1])?, port(words[2])?))
    });
    lines.collect()
}

/// A node: its party, and its number if it is a worker.
type Name = (u8, Option<u32>);

/// Who talks with whom while the main nodes run, and who there is.
pub(crate) fn talking(fleet: &mut Fleet) -> (BTreeSet<(Name, Name)>, Vec<Name>) {
    let mut names = BTreeMap::new();
    for party in 0..3 {
        names.insert(fleet.main(party).pid().as_raw_nonzero().get(), (party, None));
    }
    for ((party, index), worker) in &fleet.workers {
        names.insert(worker.pid().as_raw_nonzero().get(), (*party, Some(*index)));
    }
    let mut seen = BTreeSet::new();
    while !fleet.is_over() {
        let mut ends = BTreeMap::new();
        for (pid, name) in &names {
            for ports in connections(*pid) {
                ends.insert(ports, *name);
            }
        }
        for ((own, other), name) in &ends {
            if let Some(peer) = ends.get(&(*other, *own)) {
                seen.insert((*name.min(peer), *name.max(peer)));
            }
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    (seen, names.into_values().collect())
}

/// All pairs of nodes that may talk with each other; `joint` says whether workers of a party exchange rows.
pub(crate) fn allowed(nodes: &[Name], joint: bool) -> BTreeSet<(Name, Name)> {
    let mut allowed = BTreeSet::new();
    for one in nodes {
        for other in nodes {
            let parties_differ = one.0 != other.0 && one.1 == other.1;
            let main_and_worker = one.0 == other.0 && one.1.is_none() != other.1.is_none();
            let workers = one.0 == other.0 && one.1.is_some() && other.1.is_some();
            if parties_differ || main_and_worker || joint && workers && one != other {
                allowed.insert((*one.min(other), *one.max(other)));
            }
        }
    }
    allowed
}

/// No share passes to a node of another party but by the protocol: nobody talks with anybody else than main nodes
/// with each other, a main node with its workers, and workers of one number with each other.
#[test]
fn nodes_talk_with_those_they_must_and_with_nobody_else() {
    let mut fleet = fleet(3);
    // Long enough for many looks at all nodes, also on a busy machine.
    fleet.start_mains(3, "halves 1000000 4000");
    let (seen, nodes) = talking(&mut fleet);
    fleet.succeed();
    let expected = allowed(&nodes, false);
    assert_eq!(expected.len(), 3 + 3 * 3 + 3 * 3);
    assert_eq!(seen, expected);
}

/// Much traffic and little to compute: so many products for each number.
const CHAIN: &str = "
n, products = int(program.args[1]), int(program.args[2])
a = Array.create_from(sint(regint.inc(n)) % 2 + 1)
b = sint.Array(n)
start_timer(1)
@for_range_opt_multinode(n)
def _(i):
    x = a[i]
    for _ in range(products):
        x = x * a[i]
    b[i] = x
stop_timer(1)
print_ln('%s', sum(b).reveal())
";

/// Seconds that the first timer of a program measures where every connection carries so many bytes per second, but those
/// between workers of a party, which are near each other.
pub(crate) fn timed(source: &str, workers: u32, rate: f64, words: &str) -> f64 {
    let local = |port| SocketAddr::from(([127, 0, 0, 1], port));
    let gate = |to: SocketAddr| {
        let listen = SocketAddr::from(([127, 0, 0, 2], to.port()));
        Gate::limited(listen, to, Some(rate))
    };
    let mut fleet = Fleet::new(workers);
    fleet.site.program("timed", source);
    let mut gates = fleet.mains_behind(&gate);
    let doors = [0, 1, 2].map(|party| gate(fleet.door(party)));
    for (party, index) in (0..3).flat_map(|party| (0..workers).map(move |it| (party, it))) {
        let main = &doors[usize::from(party)];
        let mine = local(crate::support::free_ports(1));
        gates.push(gate(mine));
        let options = format!("--listen {mine} --host 127.0.0.2");
        fleet.start_worker_with(party, index, main.address(), &options);
    }
    fleet.start_mains(workers, &format!("timed {words}"));
    fleet.succeed();
    let stats = std::fs::read_to_string(fleet.site.path("stats-0.json")).unwrap();
    let stats: serde_json::Value = serde_json::from_str(&stats).unwrap();
    stats["parties"][0]["timers"][0]["seconds"].as_f64().unwrap()
}

/// Measures how a loop gets faster with workers whose links are slow; prints what docs/multinode.md shows.
#[test]
#[ignore = "a measurement, for a machine that does nothing else"]
fn scaling() {
    let rate = 4e6;
    let words = "40000 100";
    let mut rows = Vec::new();
    for workers in [0, 1, 2, 4] {
        let mut seconds: Vec<f64> = (0..3).map(|_| timed(CHAIN, workers, rate, words)).collect();
        seconds.sort_by(f64::total_cmp);
        rows.push((workers, seconds[1]));
    }
    for (workers, seconds) in &rows {
        let times = rows[0].1 / seconds;
        let row = format!("{workers} workers: {seconds:.2} s, {times:.2} times as fast as none\n");
        std::io::stderr().write_all(row.as_bytes()).unwrap();
    }
    for (workers, seconds) in &rows[1..] {
        assert!(rows[0].1 / seconds >= 0.8 * f64::from(*workers), "{rows:?}");
    }
    assert!(rows[1].1 < 1.1 * rows[0].1, "{rows:?}");
}
