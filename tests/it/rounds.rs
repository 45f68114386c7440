//! Rounds of programs: exactly as many as the golden file says, and at most as many as MP-SPDZ needs.

use std::fmt::Write;
use std::fs;

use crate::support::costs::measured;
use crate::support::{Head, root, suite};

/// Rounds of one program.
struct Row {
    name: String,
    ours: u64,
    /// Those that MP-SPDZ reports for a program of this description.
    reference: u64,
}

#[test]
fn programs_need_at_most_the_rounds_of_the_reference() {
    let programs = suite::programs(&root().join("tests/rounds"));
    assert!(programs.len() >= 20, "{programs:?}");
    let rows = suite::each(&programs, |path| {
        let text = fs::read_to_string(path).unwrap();
        let head = Head::of(&text);
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key));
        let site = suite::site_of(path, &head, &text);
        let Head { flags, args, .. } = &head;
        let words = format!("--stats s.json {flags} ring Programs/Source/{name}.mpc {args}");
        let finished = site.compile_run(&words).succeed();
        assert_eq!(Some(head.shown(&finished.stdout)), head.expect, "{name}");
        let reference = value("# reference: ").unwrap().parse().unwrap();
        Row { name, ours: measured(&site.path("s.json")).0, reference }
    });
    let mut table = String::from("program\trounds\treference\n");
    let mut wrong = Vec::new();
    for Row { name, ours, reference } in rows {
        writeln!(table, "{name}\t{ours}\t{reference}").unwrap();
        if ours > reference {
            wrong.push(format!("{name}: {ours} rounds, {reference} in the reference"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let path = root().join("tests/rounds/rounds.tsv");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &table).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(table, golden, "UPDATE_GOLDEN=1 writes rounds anew");
}
