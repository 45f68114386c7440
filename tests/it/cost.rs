//! `--cost`: what is told before a program runs is what the run then costs.
//!
//! Every other test that runs a program with a head compares the two as well.

use crate::support::costs::{Told, measured};
use crate::support::{Site, root, suite};

/// Programs whose costs are all known before they run.
const KNOWN: [&str; 6] = [
    "tests/language/bit_integers.mpc",
    "tests/language/fixed_division.mpc",
    "tests/language/integer_division.mpc",
    "tests/language/math_logs.mpc",
    "tests/language/random_bits.mpc",
    "tests/language/sort_secrets.mpc",
];

/// Everything whose number of passes only the run decides, with the passes that it has below.
const OPEN: &str = "\
a = sint.get_input_from(0, size=100)
@for_range(10)
def _(i):
    @for_range(i)
    def _(j):
        print_ln('%s', sum(a * j * a).reveal())
s = sint.Array(10)
s.assign_all(3)
@for_range_opt_multithread(3, 10)
def _(i):
    s[i] = s[i] * s[i]
@if_(s[0].reveal() == 9)
def _():
    print_ln('%s', s[1].reveal())
m = MemValue(sint(5))
@do_while
def _():
    m.write(m * m)
    return m.reveal() < 1000
m.write(0)
@while_do(lambda: m.reveal() < 5)
def _():
    m.write(m + 1)
    a.reveal()
print_ln('%s', m.reveal())
";
/// Of the loops and branches of `OPEN`, in their order.
const PASSES: [u64; 4] = [45, 1, 3, 5];

#[test]
fn costs_that_are_known_before_a_run_are_those_of_the_run() {
    let programs: Vec<_> = KNOWN.iter().map(|name| root().join(name)).collect();
    // Complaints are those of any run of a program with a head; here, nothing may be left open.
    suite::complaints(&programs, |path| {
        let told = suite::told_cost(path);
        let known = told.open.is_empty() && told.exact;
        if known { suite::run_program(path, "") } else { vec![format!("{path:?}: {told:?}")] }
    });
}

#[test]
fn what_only_the_run_decides_is_told_for_one_pass() {
    for ring in ["-R 64", "-R 72", "-R 128"] {
        let site = Site::new();
        site.program("open", OPEN);
        site.input(0, &vec!["1"; 100].join(" "));
        let finished = site.compile_run(&format!("--cost --stats s.json {ring} ring open"));
        let told = Told::of(&finished.succeed().stderr);
        assert!(told.exact && told.open.len() == PASSES.len(), "{told:?}");
        let passes = told.open.iter().zip(PASSES);
        let (rounds, bytes) = passes.fold(told.total, |sum, ((_, rounds, bytes), passes)| {
            (sum.0 + rounds * passes, sum.1 + bytes * passes)
        });
        assert_eq!((rounds, bytes), measured(&site.path("s.json")), "{ring}: {told:?}");
    }
}

#[test]
fn costs_are_told_for_each_line_without_a_run() {
    let site = Site::new();
    site.program("two", "a = sint(regint.inc(100))\nb = a * a\nprint_ln('%s', b.reveal())\n");
    let finished = site.caucus("compile -E ring --cost two").succeed();
    // Three parties, each with 100 elements of 8 bytes behind a header of 8.
    for line in [["two.mpc:2", "1", "1", "2424"], ["two.mpc:3", "1", "1", "2424"]] {
        let mut words = finished.stderr.lines().map(|it| it.split_whitespace().collect::<Vec<_>>());
        assert!(words.any(|found| found[..].ends_with(&line[1..]) && found[0].ends_with(line[0])));
    }
    assert_eq!(Told::of(&finished.stderr).total, (2, 2 * 2424 + 120));
}

#[test]
fn owners_that_the_run_chooses_give_a_bound() {
    let site = Site::new();
    site.program(
        "owners",
        "p = regint(0)\n@if_(regint(1) > 0)\ndef _():\n    p.update(1)\n\
         a = sint.get_input_from(0)\nb = sint.get_input_from(p)\nprint_ln('%s', (a + b).reveal())\n",
    );
    site.input(0, "1");
    site.input(1, "2");
    let finished = site.compile_run("--cost --stats s.json ring owners").succeed();
    assert!(finished.stderr.contains("<="), "{}", finished.stderr);
    assert_eq!(measured(&site.path("s.json")).0, 2);
}

#[test]
fn a_protocol_without_parties_has_no_costs() {
    let site = Site::new();
    site.program("one", "print_ln('%s', sint(1).reveal())\n");
    site.compile_run("--cost emulate one").fail(2, &["one process plays all parties", "-E ring"]);
    site.caucus("compile --cost one").fail(2, &["under which protocol?", "-E ring"]);
}
