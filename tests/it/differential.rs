//! Random programs against a second implementation of the language: `tests/differential` makes
//! them, and runs the same text over plain integers to know what they must print.

use std::fs;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::support::{Head, Site, root};

/// Files of ten programs each.
const FILES: usize = 15;
/// Of these run with three parties.
const WITH_PARTIES: usize = 1;

#[test]
fn random_programs_print_what_the_model_prints() {
    let seed = std::env::var("CAUCUS_SEED").unwrap_or_else(|_| {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().to_string()
    });
    println!("CAUCUS_SEED={seed}");
    let site = Site::new();
    let folder = site.path("Programs/Source");
    let words = [seed.as_str(), &FILES.to_string(), folder.to_str().unwrap()];
    let generate = root().join("tests/differential/generate.py");
    site.start(Command::new("python3").arg("-B").arg(generate).args(words)).succeed();
    let mut wrong = Vec::new();
    for number in 0..FILES {
        let name = format!("random_{number}");
        let head = Head::of(&fs::read_to_string(folder.join(format!("{name}.mpc"))).unwrap());
        for party in 0..2 {
            let mut inputs = head.inputs.iter();
            let tokens = inputs.find(|(other, _)| *other == party).map(|(_, tokens)| tokens);
            site.input(party, tokens.map_or("", String::as_str));
        }
        for protocol in ["emulate", "ring"].iter().take(1 + usize::from(number < WITH_PARTIES)) {
            let finished = site.compile_run(&format!("{} {protocol} {name}", head.flags)).finish();
            let expected = head.expect.as_deref().unwrap();
            let ended = (finished.code != 0) == head.fails && !finished.stderr.contains("panicked");
            if ended && finished.stdout == expected {
                continue;
            }
            let pairs = finished.stdout.lines().zip(expected.lines());
            let difference = pairs.into_iter().find(|(shown, expected)| shown != expected);
            wrong.push(format!(
                "{name} {} {protocol}: code {}, first difference {difference:?}\n{}",
                head.flags, finished.code, finished.stderr
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "CAUCUS_SEED={seed}; `generate.py {seed} {FILES} --try compile-run emulate` makes these \
         small\n{}",
        wrong.join("\n")
    );
}
