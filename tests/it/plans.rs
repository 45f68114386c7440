//! Plans of distributed loops that parties must agree on, and workers that are too small for their chunks.

use crate::support::Fleet;

/// Squares of numbers, in chunks of a given length.
const SQUARES: &str = "
n, chunk = int(program.args[1]), int(program.args[2])
a = Array.create_from(sint(regint.inc(n)))
@for_range_opt_multinode(n, chunk=chunk)
def _(i):
    a[i] = (a[i] >= 0) * a[i] * a[i]
print_ln('%s', sum(a).reveal())
";

fn sum_of_squares(n: u64) -> String {
    format!("{}\n", (0..n).map(|x| x * x).sum::<u64>())
}

/// MX8: one party has compiled for other chunks. All stop before anything runs, and say that programs differ.
#[test]
fn mx8_parties_with_different_plans_do_not_begin() {
    let mut fleet = Fleet::new(1);
    fleet.site.program("squares", SQUARES);
    fleet.start_mains_with(1, |party| {
        format!("squares 1000 {}", if party == 2 { 250 } else { 500 })
    });
    for main in fleet.finish() {
        assert_eq!(main.code, 4, "{main:#?}");
        assert!(main.stdout.is_empty() && main.stderr.contains("program"), "{main:#?}");
    }
}

/// F1: the memory of a worker is too small for a chunk, at whatever it does with it; another set computes it.
#[test]
fn a_worker_out_of_memory_costs_its_chunk_and_no_more() {
    let mut fleet = Fleet::new(2);
    fleet.site.program("squares", SQUARES);
    for (party, index) in (0..3).flat_map(|party| (0..2).map(move |index| (party, index))) {
        match (party, index) {
            // Enough to come in, and for the inputs; too little for comparisons of 300,000 numbers.
            (1, 0) => fleet.start_worker_within(party, index, 200 << 10),
            _ => fleet.start_worker(party, index),
        }
    }
    fleet.start_mains(2, "squares 1200000 300000");
    let (printed, said) = fleet.succeed();
    assert_eq!(printed, sum_of_squares(1_200_000), "{said}");
    assert!(said.contains("P1.W0 was lost"), "{said}{}", fleet.workers_said());
}
