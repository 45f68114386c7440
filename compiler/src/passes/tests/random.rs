//! Random programs compute the same before and after all passes.

use super::generate::{ARRAYS, program};
use super::interpret::{Outcome, interpret};
use super::{check, text};
use crate::ir::Module;
use crate::passes::{self, PassOptions};
use crate::verify::Stage;

fn visible(outcome: Outcome) -> (Vec<Vec<i64>>, Vec<String>) {
    (outcome.arrays.into_iter().take(ARRAYS as usize).collect(), outcome.output)
}

/// How a run of one program went.
#[derive(Default)]
struct Tally {
    fine: u32,
    failing: u32,
    widened: usize,
    loops: usize,
}

fn compare(seed: u64, options: &PassOptions, tally: &mut Tally) {
    let before: Module = program(seed);
    check(&before);
    let mut after = before.clone();
    let notes = passes::run(&mut after, options).unwrap();
    check(&after);
    crate::verify::verify(&after, Stage::Optimized)
        .unwrap_or_else(|fault| panic!("seed {seed}: {fault:?}"));
    tally.loops += notes.len();
    tally.widened += notes.iter().filter(|note| note.text.contains("at once")).count();
    let (expected, found) = (interpret(&before), interpret(&after));
    let show = || {
        let notes: Vec<_> = notes.iter().map(|note| note.render(&[])).collect();
        format!("seed {seed}\n{}\n{}\n{}", text(&before), notes.join("\n"), text(&after))
    };
    match (expected, found) {
        (Ok(expected), Ok(found)) => {
            tally.fine += 1;
            assert!(visible(expected) == visible(found), "different results: {}", show());
        }
        (Err(_), Err(_)) => tally.failing += 1,
        (Ok(_), Err(error)) => panic!("fails with {error}: {}", show()),
        (Err(error), Ok(_)) => panic!("does not fail with {error} any more: {}", show()),
    }
}

#[test]
fn passes_do_not_change_results() {
    let count = std::env::var("CAUCUS_TEST_PROGRAMS").map_or(3000, |it| it.parse().unwrap());
    let first = std::env::var("CAUCUS_TEST_FIRST").map_or(0, |it| it.parse().unwrap());
    let mut tally = Tally::default();
    for seed in first..first + count {
        let options = PassOptions {
            budget: [1000, 20, 60][seed as usize % 3],
            preserve_order: seed % 7 == 0,
            merge: seed % 17 != 0,
            flow: seed % 5 == 0,
            keep_dead: seed % 11 == 0,
            widen: seed % 13 != 0,
        };
        compare(seed, &options, &mut tally);
    }
    println!(
        "{} programs run, {} fail; {} of {} loops became vector code",
        tally.fine, tally.failing, tally.widened, tally.loops
    );
    assert!(tally.fine > tally.failing && tally.widened * 4 > tally.loops);
}
