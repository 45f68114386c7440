//! Plans of distributed loops that parties must agree on, and workers that are too small for their chunks.

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
