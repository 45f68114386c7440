//! Gives each target its examples and many changes of them: no substitute for a fuzzer, but in every run of the tests.
//!
//! The seed is printed; `CAUCUS_SEED` repeats a run, and `CAUCUS_NIGHTLY` makes a hundred times as many changes.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use caucus_fuzz::TARGETS;

/// Changes of each target's examples.
const CHANGES: u64 = 3000;
/// What one input may take, on a machine that is busy.
const LONG: Duration = Duration::from_secs(10);

/// Small numbers that follow from a seed (xorshift64*).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        ((self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % n as u64) as usize
    }
}

/// Numbers that programs get wrong.
const NUMBERS: [u64; 10] =
    [0, 1, 127, 128, 0xffff, 1 << 31, u32::MAX as u64, 1 << 47, i64::MAX as u64, u64::MAX];

/// One small change; what is put in comes from `other`, too.
fn change(bytes: &mut Vec<u8>, other: &[u8], dice: &mut Dice) {
    let at = dice.below(bytes.len() + 1);
    let end = at + dice.below((bytes.len() - at).min(40) + 1);
    match dice.below(7) {
        0 if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
        1 if at < bytes.len() => bytes[at] = dice.below(256) as u8,
        2 => drop(bytes.drain(at..end)),
        3 => bytes.truncate(at),
        4 => {
            let number = NUMBERS[dice.below(NUMBERS.len())].to_le_bytes();
            let n_bytes = [1, 2, 4, 8][dice.below(4)].min(bytes.len() - at);
            bytes[at..at + n_bytes].copy_from_slice(&number[..n_bytes]);
        }
        5 => {
            let from = dice.below(other.len() + 1);
            let piece = &other[from..(from + dice.below(40)).min(other.len())];
            bytes.splice(at..end, piece.iter().copied());
        }
        _ => {
            let again = bytes[at..end].to_vec();
            bytes.splice(at..at, again);
        }
    }
}

#[test]
fn no_target_is_broken_by_its_examples_or_by_changes_of_them() {
    let given = std::env::var("CAUCUS_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed: u64 = given.unwrap_or_else(|| u64::from(std::process::id()) << 20 | 1);
    let note = format!("seed {seed}: set CAUCUS_SEED to repeat\n");
    std::io::stderr().write_all(note.as_bytes()).unwrap();
    let nightly = std::env::var_os("CAUCUS_NIGHTLY").is_some();
    let changes = if nightly { 100 * CHANGES } else { CHANGES };
    for (name, run, examples) in TARGETS.iter() {
        let examples = examples();
        assert!(!examples.is_empty(), "{name} has no examples");
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let check = |input: &[u8]| {
            let started = Instant::now();
            let done = catch_unwind(AssertUnwindSafe(|| run(input)));
            let took = started.elapsed();
            assert!(done.is_ok(), "seed {seed}: {name} is broken by {}", input.escape_ascii());
            assert!(took < LONG, "seed {seed}: {name} takes {took:?} for {}", input.escape_ascii());
        };
        check(&[]);
        examples.iter().for_each(|example| check(example));
        for _ in 0..changes {
            let mut input = examples[dice.below(examples.len())].clone();
            for _ in 0..1 + dice.below(4) {
                let other = &examples[dice.below(examples.len())];
                change(&mut input, other, &mut dice);
            }
            check(&input);
        }
    }
}

#[test]
fn names_of_targets_are_unique() {
    for (name, ..) in TARGETS.iter() {
        let same = TARGETS.iter().filter(|target| target.0 == *name).count();
        assert_eq!(same, 1, "{name}");
        assert_eq!(caucus_fuzz::find(name).map(|target| target.0), Some(*name));
    }
}
