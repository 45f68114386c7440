//! What all workers of a party do together: rows sorted and shuffled by workers that exchange them, with real processes
//! and real TLS.

use std::io::Write;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::nodes::{allowed, connections, talking, timed};
use crate::support::Fleet;

/// Sorts rows of a key, of which many are equal, and a number, and prints what tells the order of the numbers; then
/// shuffles them, and prints what tells which numbers there are.
const PROGRAM: &str = "
n = int(program.args[1])
rows = sint.Matrix(n, 2)
@for_range_opt(n)
def _(i):
    rows[i][0] = i * 7919 % 211 - 100
    rows[i][1] = i
rows.sort_multinode(0, n_bits=16)
print_ln('%s', sum(rows.get_column(1) * regint.inc(n)).reveal())
rows.secure_shuffle_multinode()
print_ln('%s', sum(rows.get_column(1) * rows.get_column(1)).reveal())
";

fn expected(n: u64) -> String {
    let mut numbers: Vec<u64> = (0..n).collect();
    numbers.sort_by_key(|number| number * 7919 % 211);
    let order: u64 = (0..n).zip(&numbers).map(|(place, number)| place * number).sum();
    format!("{order}\n{}\n", numbers.iter().map(|number| number * number).sum::<u64>())
}

/// A fleet whose workers wait for a run of [`PROGRAM`].
fn fleet(workers: u32) -> Fleet {
    let mut fleet = Fleet::new(workers);
    fleet.site.program("ordered", PROGRAM);
    for party in 0..3 {
        (0..workers).for_each(|index| fleet.start_worker(party, index));
    }
    fleet
}

#[test]
fn rows_are_ordered_run_after_run_by_any_number_of_workers() {
    let mut fleet = fleet(4);
    for n in [0, 1, 3, 997, 5000] {
        fleet.start_mains(4, &format!("ordered {n}"));
        assert_eq!(fleet.succeed().0, expected(n), "{n} rows");
    }
    assert!(fleet.workers.values_mut().all(|it| it.is_running()));
}

#[test]
fn the_report_tells_what_workers_sent_each_other() {
    let mut fleet = fleet(2);
    fleet.start_mains(2, "ordered 1000");
    fleet.succeed();
    let stats = std::fs::read_to_string(fleet.site.path("stats-1.json")).unwrap();
    let stats: serde_json::Value = serde_json::from_str(&stats).unwrap();
    let workers = stats["parties"][0]["workers"].as_array().unwrap();
    let total = |field: &str| workers.iter().map(|it| it[field].as_u64().unwrap()).sum::<u64>();
    // Sorting, and shuffling: rows of two secrets each way.
    assert_eq!((total("chunks"), total("bytes_to_worker")), (4, 2 * 1000 * 32));
    assert_eq!(total("bytes_from_worker"), total("bytes_to_worker"));
    // P1 permutes one summand of all rows twice for each shuffle, the first time with a third column, and moves both to
    // buckets. Of each about half goes to the other worker: 24, 16 and 24 kB.
    let sent = total("bytes_among_workers");
    assert!((54_000..80_000).contains(&sent), "{sent}");
}

#[test]
fn what_cannot_be_stated_before_is_named() {
    let fleet = Fleet::new(0);
    fleet.site.program("ordered", PROGRAM);
    let run = fleet.site.compile_run("-q --cost --workers 2 ring ordered 10").succeed();
    for name in ["nodesorts", "nodeshuffles"] {
        let text = format!(
            "`{name}` is not counted: the number of workers that are there decides what it costs"
        );
        assert!(run.stderr.contains(&text), "{}", run.stderr);
    }
    let run = fleet.site.compile_run("-q --cost ring ordered 10").succeed();
    assert!(!run.stderr.contains("not counted"), "{}", run.stderr);
}

/// Workers of a party are linked with each other here, and that is all that is new: no node of one party is linked with
/// a node of another one of another number.
#[test]
fn workers_of_a_party_talk_with_each_other_and_with_nobody_else() {
    let mut fleet = fleet(3);
    fleet.start_mains(3, "ordered 60000");
    let (seen, nodes) = talking(&mut fleet);
    assert_eq!(fleet.succeed().0, expected(60_000));
    let expected = allowed(&nodes, true);
    assert_eq!(expected.len(), 3 + 3 * 3 + 3 * 3 + 3 * 3);
    assert_eq!(seen, expected);
}

/// Waits until these processes are linked.
fn wait_for_link(fleet: &mut Fleet, one: (u8, u32), other: (u8, u32)) {
    let pid = |node| fleet.workers[&node].pid().as_raw_nonzero().get();
    let pids = [pid(one), pid(other)];
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        let [ours, theirs] = pids.map(connections);
        if ours.iter().any(|(own, peer)| theirs.contains(&(*peer, *own))) {
            return;
        }
        assert!(!fleet.is_over() && Instant::now() < until, "{one:?} and {other:?} do not meet");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_worker_that_is_lost_while_all_exchange_rows_changes_nothing() {
    const ROWS: u64 = 40_000;
    let mut fleet = fleet(3);
    for (signal, delay, node) in [
        (Signal::KILL, 0, (1, 1)),
        (Signal::KILL, 150, (0, 0)),
        (Signal::KILL, 400, (2, 2)),
        (Signal::STOP, 50, (1, 0)),
    ] {
        let (party, index) = node;
        fleet.start_mains(3, &format!("ordered {ROWS}"));
        wait_for_link(&mut fleet, node, (party, (index + 1) % 3));
        std::thread::sleep(Duration::from_millis(delay));
        let was_over = fleet.is_over();
        fleet.signal(party, index, signal);
        let started = Instant::now();
        let (printed, said) = fleet.succeed();
        let case = format!("{signal:?} after {delay} ms at {node:?}");
        assert_eq!(printed, expected(ROWS), "{case}\n{said}");
        assert!(started.elapsed() < Duration::from_secs(60), "{case}\n{said}");
        // Later it may be lost between sorting and shuffling, when it does nothing, or behind both on a fast machine.
        let told = !was_over && said.contains("what all workers do together is done again");
        assert!(told || delay > 50, "{case}: nothing is said\n{said}{}", fleet.workers_said());
        fleet.start_worker(party, index);
    }
}

#[test]
fn if_all_workers_are_lost_the_main_nodes_do_it() {
    let mut fleet = fleet(2);
    fleet.start_mains(2, "ordered 20000");
    wait_for_link(&mut fleet, (0, 0), (0, 1));
    for party in 0..3 {
        (0..2).for_each(|index| fleet.signal(party, index, Signal::KILL));
    }
    let (printed, said) = fleet.succeed();
    assert_eq!(printed, expected(20_000), "{said}");
    assert!(said.contains("the main nodes reorder rows themselves"), "{said}");
}

/// Measures how sorting gets faster with workers where links between parties are slow; prints what docs/multinode.md
/// shows.
#[test]
#[ignore = "a measurement, for a machine that does nothing else"]
fn sorting_scales() {
    let program = "
n = int(program.args[1])
rows = sint.Array(n)
@for_range_opt(n)
def _(i):
    rows[i] = i * 7919 % 10007
start_timer(1)
rows.sort_multinode(n_bits=32)
stop_timer(1)
print_ln('%s', rows[0].reveal())
";
    for workers in [0, 1, 2, 4] {
        let seconds = timed(program, workers, 4e6, "100000");
        let row = format!("{workers} workers: {seconds:.2} s\n");
        std::io::stderr().write_all(row.as_bytes()).unwrap();
    }
}
