//! Nodes that stand still for a while: the others say for whom they wait, and where, and go on when they come back.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Fleet, Process, Site, children_of};

/// As many dependent products as the argument says, in the fifth line.
const PRODUCTS: &str = "print_ln('started')
x = sint(3)
@for_range(int(program.args[1]))
def _(i):
    x.update(x * x + 1)
print_ln('%s', x.reveal())
";

/// What becomes of a number that is squared and increased so many times, modulo 2^64.
fn squared(x: u64, times: u32) -> u64 {
    (0..times).fold(x, |x, _| x.wrapping_mul(x).wrapping_add(1))
}

fn signal(pid: Pid, signal: Signal) {
    kill_process(pid, signal).unwrap();
}

/// The process of a party among those that `compile-run` has started.
fn party(run: &Process, number: u8) -> Pid {
    let words = format!("--party\0{number}\0");
    let is_it = |pid: &Pid| {
        let line = std::fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero()));
        line.is_ok_and(|line| String::from_utf8_lossy(&line).contains(&words))
    };
    children_of(run.pid()).into_iter().find(is_it).expect("the party runs")
}

/// The notices of a node among events in JSON.
fn notices(events: &str, node: &str) -> Vec<String> {
    let events = events.lines().filter_map(|it| serde_json::from_str::<serde_json::Value>(it).ok());
    let of_node = events.filter(|it| it["event"] == "notice" && it["node"] == node);
    of_node.map(|it| it["text"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_party_that_stands_still_is_named_with_the_line() {
    let site = Site::new();
    site.program("products", PRODUCTS);
    let mut run = site.compile_run("--progress json ring products 100000");
    run.wait_until("started", |run| run.stdout().contains("started"));
    let stopped = party(&run, 1);
    std::thread::sleep(Duration::from_millis(100));
    signal(stopped, Signal::STOP);
    // It would count as lost after 10 s.
    run.wait_until("named the party that stands still", |run| {
        let said = run.stderr();
        ["P0", "P2"].into_iter().all(|node| {
            let mut all = notices(&said, node).into_iter();
            all.any(|it| it.contains("for P1 for 3 s") || it.contains("nothing from P1 for 3 s"))
        })
    });
    // Others have waited for longer than it has stood still, if the machine has no time.
    std::thread::sleep(Duration::from_secs(1));
    signal(stopped, Signal::CONT);
    let run = run.succeed();
    assert_eq!(run.stdout, format!("started\n{}\n", squared(3, 100_000).cast_signed()));
    let all = [0, 1, 2].map(|it| notices(&run.stderr, &format!("P{it}")));
    // Whoever has nothing to receive from P1 waits for the one who has.
    let waits = "has been waiting for P1 for 3 s, in the main thread at ";
    let waiting = all.iter().flatten().find(|it| it.contains(waits));
    let waiting = waiting.unwrap_or_else(|| panic!("nobody waits for P1: {all:#?}"));
    assert!(waiting.contains("products.mpc:5; nothing at all has come from P1 for "), "{waiting}");
    for (party, said) in all.iter().enumerate().filter(|(party, _)| *party != 1) {
        let over = [format!("P{party} goes on after "), format!("P{party} hears from P1 again")];
        assert!(said.iter().any(|it| over.iter().any(|over| it.starts_with(over))), "{said:#?}");
    }
    // It knows that the fault is its own.
    assert!(all[1].iter().any(|it| it.starts_with("P1 itself stood still for ")), "{:#?}", all[1]);
    assert!(!all[1].iter().any(|it| it.contains("has been waiting")), "{:#?}", all[1]);
}

/// One chunk with as many dependent products as the argument says; the loop is in line 3, the products in line 7.
const CHUNK: &str = "
a = Array.create_from(sint(regint.inc(4)))
@for_range_opt_multinode(4)
def _(i):
    @for_range(int(program.args[1]))
    def _(_):
        a[i] = a[i] * a[i] + 1
print_ln('%s', sum(a).reveal())
";

#[test]
fn a_worker_that_stands_still_is_named_by_its_main_node_and_by_its_peers() {
    let products = 80_000;
    let mut fleet = Fleet::new(1);
    fleet.site.program("chunk", CHUNK);
    (0..3).for_each(|party| fleet.start_worker(party, 0));
    fleet.start_mains(1, &format!("chunk {products}"));
    // Workers have met their peers.
    let pids = [0, 1, 2].map(|party| fleet.workers[&(party, 0)].pid().as_raw_nonzero().get());
    fleet.main(1).wait_until("distributed anything", |_| {
        pids.iter().all(|pid| crate::nodes::connections(*pid).len() > 4)
    });
    std::thread::sleep(Duration::from_millis(700));
    assert!(!fleet.is_over());
    fleet.signal(1, 0, Signal::STOP);
    let waits = "caucus: P1 has been waiting for P1.W0 for 3 s, for what it computes at ";
    fleet.main(1).wait_until("named the worker", |main| main.stderr().contains(waits));
    let named = |fleet: &Fleet| {
        let said = fleet.workers_said();
        let line =
            said.lines().find(|it| it.contains("has been waiting for P1.W0 for 3 s, in the "));
        line.map(str::to_owned)
    };
    let deadline = std::time::Instant::now() + Duration::from_secs(4);
    while named(&fleet).is_none() && std::time::Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(20));
    }
    fleet.signal(1, 0, Signal::CONT);
    let by_peer = named(&fleet).unwrap_or_else(|| panic!("{}", fleet.workers_said()));
    assert!(by_peer.contains("main thread at ") && by_peer.contains("chunk.mpc:7; "), "{by_peer}");
    let (printed, said) = fleet.succeed();
    let sum = (0..4).map(|x| squared(x, products)).fold(0, u64::wrapping_add);
    assert_eq!(printed, format!("{}\n", sum.cast_signed()));
    let line = said.lines().find(|it| it.contains(waits)).unwrap();
    assert!(line.ends_with("chunk.mpc:3"), "{line}");
    assert!(said.contains("P1 goes on after ") && !said.contains("was lost"), "{said}");
    // Main nodes whose workers live have nothing to tell of their own.
    assert!(!said.contains("P0 has been waiting for P0.W0"), "{said}");
}
