//! The conformance suite: programs of the language with their inputs and expected outputs, and
//! wrong programs with the lines and causes that the messages must give. All of them are run; the
//! list `tests/conformance/NOT-PASSING` says which do not pass yet, and why.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::client::{self, Library};
use crate::support::{Head, root, suite};

/// Some programs leave inputs unread on purpose.
const EXTRA: &str = "--allow-extra-inputs";

fn folder() -> PathBuf {
    root().join("tests/conformance")
}

/// `lang/vec_ops`.
fn name_of(path: &Path) -> String {
    let relative = path.strip_prefix(folder()).unwrap().with_extension("");
    relative.to_str().unwrap().to_owned()
}

/// The programs below these folders that are tests of their own. `CAUCUS_ONLY` chooses some.
fn programs(folders: &[&str]) -> Vec<PathBuf> {
    let wanted = std::env::var("CAUCUS_ONLY").unwrap_or_default();
    let all = folders.iter().flat_map(|name| suite::programs(&folder().join(name)));
    all.filter(|path| name_of(path).contains(&wanted))
        .filter(|path| !Head::of(&fs::read_to_string(path).unwrap()).helper)
        .collect()
}

/// What the list of programs that do not pass says, by name.
fn excuses() -> BTreeMap<String, String> {
    let text = fs::read_to_string(folder().join("NOT-PASSING")).unwrap();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, reason) = line.split_once(": ").expect("NOT-PASSING: name: reason");
            let known = folder().join(format!("{name}.mpc")).exists();
            assert!(known, "NOT-PASSING: there is no {name}");
            assert!(reason.split(' ').count() > 2, "NOT-PASSING: {name} has no reason");
            (name.to_owned(), reason.to_owned())
        })
        .collect()
}

/// Programs of domains that this version does not have: they must be refused with a clear error.
fn of_another_domain(path: &Path, head: &Head) -> bool {
    let name = path.file_stem().unwrap().to_str().unwrap();
    let areas = ["ml_", "tree_", "gf2n_", "flt_", "field_"];
    let lesson = path.parent().unwrap().ends_with("lang");
    let domains = ["-B", "-F", "-P"];
    (lesson && areas.iter().any(|area| name.starts_with(area)))
        || head.flags.split_whitespace().any(|flag| domains.contains(&flag))
}

/// Runs all programs of some folders, writes a report, and complains about each whose result is
/// not the one that the list says.
fn check(folders: &[&str], report: &str, run: impl Fn(&Path, &Head) -> Vec<String> + Sync) {
    let paths = programs(folders);
    let excuses = excuses();
    let results = suite::each(&paths, |path| {
        let head = Head::of(&fs::read_to_string(path).unwrap());
        let complaints = run(path, &head);
        (name_of(path), complaints)
    });
    let mut lines = Vec::new();
    let mut wrong = Vec::new();
    for (name, complaints) in &results {
        match (complaints.is_empty(), excuses.get(name)) {
            (true, None) => {}
            (true, Some(_)) => wrong.push(format!("{name} passes: take it off NOT-PASSING")),
            (false, Some(reason)) => lines.push(format!("{name}: {reason}")),
            (false, None) => wrong.extend(complaints.iter().map(|it| format!("{name}: {it}"))),
        }
    }
    let passed = results.iter().filter(|(_, complaints)| complaints.is_empty()).count();
    let summary = format!("{passed} of {} programs pass", results.len());
    let text = format!("{summary}\n{}\n", lines.join("\n"));
    fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join(report), &text).unwrap();
    assert!(wrong.is_empty(), "{summary}\n{}", wrong.join("\n"));
}

#[test]
fn every_program_prints_what_it_states() {
    check(&["lang", "apps"], "conformance.txt", |path, head| {
        if of_another_domain(path, head) {
            suite::refuse_domain(path)
        } else if client::has_others(&fs::read_to_string(path).unwrap()) {
            client::run_program(path, Library::Rust, "ring")
        } else {
            suite::run_program(path, EXTRA)
        }
    });
}

#[test]
fn every_wrong_program_is_refused_with_line_and_cause() {
    check(&["wrong"], "conformance-wrong.txt", |path, head| {
        if of_another_domain(path, head) {
            suite::refuse_domain(path)
        } else {
            suite::refuse_program(path, EXTRA)
        }
    });
}
