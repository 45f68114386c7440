//! Loops that are distributed among nodes: the same result for every number of chunks.

use std::fs;

use crate::support::{Site, root, suite};

/// More and fewer than the iterations of some loops; no worker is in the other suites.
const WORKERS: [u32; 5] = [1, 2, 3, 4, 7];

#[test]
fn every_number_of_workers_gives_the_same() {
    let mut files = suite::programs(&root().join("tests/language"));
    files.extend(suite::programs(&root().join("programs")));
    let wanted = std::env::var("CAUCUS_ONLY").unwrap_or_default();
    files.retain(|path| {
        let text = fs::read_to_string(path).unwrap();
        text.contains("_multinode(") && path.to_str().unwrap().contains(&wanted)
    });
    let runs: Vec<_> =
        files.iter().flat_map(|path| WORKERS.map(|workers| (path, workers))).collect();
    assert!(runs.len() >= 5 * WORKERS.len() || !wanted.is_empty(), "only {files:?}");
    suite::complaints(&runs, |(path, workers)| {
        suite::run_program(path, &format!("--workers {workers}"))
    });
}

#[test]
fn programs_know_how_many_workers_there_are() {
    let site = Site::new();
    site.program("count", "print_ln('%s workers', program.n_workers)\n");
    assert_eq!(site.compile_run("emulate count").succeed().stdout, "0 workers\n");
    assert_eq!(site.compile_run("--workers 3 emulate count").succeed().stdout, "3 workers\n");
}

#[test]
fn a_loop_may_be_longer_than_the_memory_of_a_node() {
    let site = Site::new();
    site.program(
        "doubled",
        "n = int(program.args[1])\n\
         a, b = sint.Array(n), sint.Array(n)\n\
         @for_range_opt_multinode(n)\n\
         def _(i):\n\
         \x20   a[i] = i\n\
         @for_range_opt_multinode(n, n_threads=2)\n\
         def _(i):\n\
         \x20   b[n - 1 - i] = a[i] * 2\n\
         @map_sum_multinode(n, [sint])\n\
         def total(i):\n\
         \x20   return b[i]\n\
         print_ln('%s %s %s', total().reveal(), b[0].reveal(), b[n - 1].reveal())\n",
    );
    // A prime number of iterations, more than a chunk may have.
    let n: u64 = 1_100_009;
    let expected = format!("{} {} 0\n", n * (n - 1), 2 * (n - 1));
    for (workers, protocol) in [(0, "emulate"), (3, "emulate"), (0, "ring"), (2, "ring")] {
        let run = site.compile_run(&format!("--workers {workers} {protocol} doubled {n}"));
        assert_eq!(run.succeed().stdout, expected, "{protocol}, {workers} workers");
    }
}

#[test]
fn long_loops_get_more_chunks_than_workers_and_none_that_exceeds_the_memory() {
    let site = Site::new();
    site.program(
        "long",
        "n = int(program.args[1])\n\
         a = sint.Array(n)\n\
         @for_range_opt_multinode(n)\n\
         def _(i):\n\
         \x20   a[i] = i\n",
    );
    let told = |workers: u32, n: u32| {
        let words = format!("--explain --workers {workers} emulate long {n}");
        site.compile_run(&words).succeed().stderr
    };
    let alone = told(0, 3_000_000);
    assert!(alone.contains("long.mpc:3: 3000000 iterations in 3 chunks of 1000000\n"), "{alone}");
    let some = told(2, 3_000_000);
    assert!(some.contains("3000000 iterations in 8 chunks of 375000\n"), "{some}");
    let few = told(4, 10);
    assert!(few.contains("10 iterations in 3 chunks of 3 and one of 1\n"), "{few}");
    assert!(few.contains("a chunk returns 3 elements of the sint array of line 2"), "{few}");
}
