//! Random programs, against a second implementation of the language, and against one another: `tests/differential` makes
//! them.
//!
//! With `CAUCUS_NIGHTLY` in the environment there are ten times as many.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::support::{Head, Site, root, suite};

/// Files of ten programs each that the second implementation runs over plain integers, to know what they must print.
const FILES: usize = 15;
/// Of these run with three parties.
const WITH_PARTIES: usize = 1;
/// Files of programs that apply a function in several ways.
const OPERATION_FILES: usize = 10;
/// Programs in each of them.
const PROGRAMS: usize = 20;
/// What must change nothing.
const FLAGS: [&str; 5] = ["", "-b 1", "-b 100000", "-n", "-M"];

fn seed() -> String {
    std::env::var("CAUCUS_SEED").unwrap_or_else(|_| {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().to_string()
    })
}

/// How many files there are today.
fn files(usual: usize) -> usize {
    if std::env::var_os("CAUCUS_NIGHTLY").is_some() { 10 * usual } else { usual }
}

/// Makes so many files of programs, in the folder that is returned.
fn generated(site: &Site, generator: &str, seed: &str, files: usize, words: &[&str]) -> PathBuf {
    let folder = site.path("Programs/Source");
    let generator = root().join("tests/differential").join(generator);
    // Few at a time: it has to run each program of the model.
    suite::each(&(0..files).step_by(5).collect::<Vec<_>>(), |first| {
        let numbers = [*first, files.min(first + 5)].map(|number| number.to_string());
        let words =
            [seed].into_iter().chain(numbers.iter().map(String::as_str)).chain(words.to_vec());
        let words: Vec<_> = words.chain(folder.to_str()).collect();
        let site = Site::new();
        site.start(Command::new("python3").arg("-B").arg(&generator).args(words)).succeed();
    });
    folder
}

/// Whether quotients of fractions differ no more than two of them may: each by 2 units of 2^-16, and printed with six
/// digits.
fn are_near(values: &str, expected: &str) -> bool {
    let numbers = |text: &str| -> Vec<f64> {
        text.trim_matches(['[', ']']).split(", ").map(|it| it.parse().unwrap()).collect()
    };
    let (values, expected) = (numbers(values), numbers(expected));
    let near = |(a, b): (&f64, &f64)| (a - b).abs() <= 4.0 / 65536.0 + 1e-5 * a.abs();
    values.len() == expected.len() && values.iter().zip(&expected).all(near)
}

#[test]
fn functions_give_the_same_however_they_are_applied() {
    let (seed, files) = (seed(), files(OPERATION_FILES));
    println!("CAUCUS_SEED={seed}");
    let site = Site::new();
    let folder = generated(&site, "operations.py", &seed, files, &[&PROGRAMS.to_string()]);
    suite::complaints(&(0..files).collect::<Vec<_>>(), |number| {
        let site = Site::new();
        let name = format!("operations_{number}");
        let text = fs::read_to_string(folder.join(format!("{name}.mpc"))).unwrap();
        site.program(&name, &text);
        let mut wrong = Vec::new();
        // By program: what the first way gives, under any protocol and with any options.
        let mut known: BTreeMap<String, String> = BTreeMap::new();
        let mut lines = Vec::new();
        for (at, protocol) in ["check", "ring"].into_iter().enumerate() {
            let flags = FLAGS[(number + at * (1 + number / FLAGS.len())) % FLAGS.len()];
            let finished = site.compile_run(&format!("{flags} {protocol} {name}")).finish();
            if finished.code != 0 {
                wrong.push(format!("{name} {flags} {protocol}: {}", finished.stderr));
            }
            for line in finished.stdout.lines() {
                let (way, values) = line.split_once(": ").unwrap();
                let (program, _) = way.split_once(' ').unwrap();
                let expected = known.entry(program.to_owned()).or_insert_with(|| values.to_owned());
                let is_quotient = program.ends_with('~');
                if values != expected && !(is_quotient && are_near(values, expected)) {
                    let text = format!("{way}: {values}\n  instead of {expected}");
                    wrong.push(format!("{name} {flags} {protocol}: program {text}"));
                }
            }
            lines.push(finished.stdout.lines().count());
        }
        if known.len() != PROGRAMS || lines[0] != lines[1] || lines[0] < 3 * PROGRAMS {
            wrong.push(format!("{name}: {} programs, {lines:?} lines", known.len()));
        }
        wrong.iter_mut().for_each(|text| *text = format!("CAUCUS_SEED={seed}; {text}"));
        wrong
    });
}

#[test]
fn random_programs_print_what_the_model_prints() {
    let (seed, files) = (seed(), files(FILES));
    println!("CAUCUS_SEED={seed}");
    let site = Site::new();
    let folder = generated(&site, "generate.py", &seed, files, &[]);
    let mut wrong = Vec::new();
    for number in 0..files {
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
        "CAUCUS_SEED={seed}; `generate.py {seed} 0 {files} --try compile-run emulate` makes these \
         small\n{}",
        wrong.join("\n")
    );
}
