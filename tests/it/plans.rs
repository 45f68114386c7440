//! Plans of distributed loops that parties must agree on, machines that are few or many, and workers that are too small
//! for their chunks.

use rustix::process::Signal;

use crate::nodes::connections;
use crate::support::Fleet;

/// Numbers that are not negative, in chunks of a given length.
const COUNT: &str = "
n, chunk = int(program.args[1]), int(program.args[2])
a = Array.create_from(sint(regint.inc(n)))
@for_range_opt_multinode(n, chunk=chunk)
def _(i):
    a[i] = (a[i] >= 0) * a[i]
print_ln('%s', sum(a).reveal())
";

/// MX8: one party has compiled for other chunks. All stop before anything runs, and say that programs differ.
#[test]
fn mx8_parties_with_different_plans_do_not_begin() {
    let mut fleet = Fleet::new(1);
    fleet.site.program("count", COUNT);
    fleet.start_mains_with(1, |party| format!("count 1000 {}", if party == 2 { 250 } else { 500 }));
    for main in fleet.finish() {
        assert_eq!(main.code, 8, "{main:#?}");
        assert!(
            main.stdout.is_empty() && main.stderr.contains("disagree on the program"),
            "{main:#?}"
        );
    }
}

/// F1: the memory of a worker is too small for a chunk, at whatever it does with it; another set computes it.
#[test]
fn a_worker_out_of_memory_costs_its_chunk_and_no_more() {
    let mut fleet = Fleet::new(2);
    fleet.site.program("count", COUNT);
    for (party, index) in (0..3).flat_map(|party| (0..2).map(move |index| (party, index))) {
        match (party, index) {
            // Enough to come in, and for the inputs; too little for comparisons of a million numbers.
            (1, 0) => fleet.start_worker_within(party, index, 200 << 10),
            _ => fleet.start_worker(party, index),
        }
    }
    let n: u64 = 3 << 20;
    fleet.start_mains(2, &format!("count {n} {}", 1 << 20));
    let (printed, said) = fleet.succeed();
    assert_eq!(printed, format!("{}\n", n * (n - 1) / 2), "{said}");
    assert!(said.contains("P1.W0 was lost"), "{said}{}", fleet.workers_said());
}

/// A3: P0 has four machines, P1 two and P2 one, which serve as four workers of each party all the same. The loss of a
/// machine is the loss of all its workers.
#[test]
fn parties_may_have_different_numbers_of_machines() {
    let mut fleet = Fleet::new(4);
    fleet.site.program("count", COUNT);
    ["0", "1", "2", "3"].into_iter().for_each(|indices| fleet.start_machine(0, indices));
    ["0,2", "1,3"].into_iter().for_each(|indices| fleet.start_machine(1, indices));
    fleet.start_machine(2, "0-3");
    let n: u64 = 40_000;
    let run = format!("count {n} 1000");
    fleet.start_mains(4, &run);
    let (printed, said) = fleet.succeed();
    assert_eq!(printed, format!("{}\n", n * (n - 1) / 2), "{said}");
    for party in 0..3 {
        let stats = fleet.site.path(&format!("stats-{party}.json"));
        let stats = std::fs::read_to_string(stats).unwrap();
        let stats: serde_json::Value = serde_json::from_str(&stats).unwrap();
        let workers = stats["parties"][0]["workers"].as_array().unwrap();
        let chunks: Vec<_> = workers.iter().map(|it| it["chunks"].as_u64().unwrap()).collect();
        assert!(chunks.len() == 4 && chunks.iter().all(|it| *it > 0), "{chunks:?}");
        assert_eq!(chunks.iter().sum::<u64>(), 40);
    }
    // One of P1's machines is lost: two sets are left.
    let n: u64 = 800_000;
    fleet.start_mains(4, &format!("count {n} 2000"));
    // Both of its workers have met their peers.
    let pid = fleet.workers[&(1, 1)].pid().as_raw_nonzero().get();
    fleet.main(1).wait_until("made a set of both", |_| connections(pid).len() > 8);
    fleet.signal(1, 1, Signal::KILL);
    let (printed, said) = fleet.succeed();
    assert_eq!(printed, format!("{}\n", n * (n - 1) / 2), "{said}");
    let told = said.contains("P1.W1 was lost") && said.contains("P1.W3 was lost");
    assert!(told, "{said}{}", fleet.workers_said());
}
