//! Rules of the project that a program can check.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::root;

/// The most lines that a source file may have, and those that a table may have.
const MOST_LINES: usize = 600;

fn tracked() -> Vec<PathBuf> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(listed.status.success());
    let text = String::from_utf8(listed.stdout).unwrap();
    let all = text.lines().map(|line| root().join(line));
    all.filter(|path| path.is_file()).collect()
}

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    path.extension().is_some_and(|found| endings.iter().any(|ending| found == *ending))
}

#[test]
fn source_files_are_short_and_say_what_they_are() {
    let mut wrong = Vec::new();
    for path in tracked().iter().filter(|path| has_ending(path, &["rs", "py"])) {
        let text = fs::read_to_string(path).unwrap();
        let lines = text.lines().count();
        if lines > MOST_LINES {
            wrong.push(format!("{}: {lines} lines", path.display()));
        }
        let head = if has_ending(path, &["rs"]) { "//!" } else { "\"\"\"" };
        if !text.trim_start_matches("#!/usr/bin/env python3\n").starts_with(head) {
            wrong.push(format!("{}: does not start with {head}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_is_left_open() {
    let words = ["TO".to_owned() + "DO", "FIX".to_owned() + "ME", "XX".to_owned() + "X"];
    for path in tracked().iter().filter(|path| has_ending(path, &["rs", "py", "mpc", "sh"])) {
        let text = fs::read_to_string(path).unwrap();
        for word in &words {
            assert!(!text.contains(word), "{}: {word}", path.display());
        }
    }
}

#[test]
fn no_key_is_committed() {
    for path in tracked() {
        assert!(!has_ending(&path, &["key", "pem"]), "{}", path.display());
    }
}

#[test]
fn crates_depend_only_on_what_they_may_know() {
    let allowed: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("caucus-core", &[][..]),
        ("caucus-bytecode", &[]),
        ("caucus-compiler", &["caucus-bytecode"]),
        ("caucus-protocols", &["caucus-core"]),
        ("caucus-vm", &["caucus-bytecode", "caucus-core", "caucus-protocols"]),
        ("caucus-party", &["caucus-bytecode", "caucus-core", "caucus-protocols", "caucus-vm"]),
        ("caucus-client", &[]),
        (
            "caucus-fuzz",
            &[
                "caucus-bytecode",
                "caucus-client",
                "caucus-compiler",
                "caucus-core",
                "caucus-party",
                "caucus-protocols",
            ],
        ),
        // The client is for tests.
        (
            "caucus",
            &["caucus-bytecode", "caucus-client", "caucus-compiler", "caucus-core", "caucus-party"],
        ),
    ]);
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert_eq!(packages.len(), allowed.len());
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let known: BTreeSet<_> = allowed[name].iter().copied().collect();
        for dependency in package["dependencies"].as_array().unwrap() {
            let used = dependency["name"].as_str().unwrap();
            let ours = used.starts_with("caucus");
            assert!(!ours || known.contains(used), "{name} must not know {used}");
        }
    }
}

/// Paths that may not be named in the sources of a crate.
#[test]
fn sources_name_only_what_they_may_know() {
    let forbidden: &[(&str, &[&str])] = &[
        ("vm/src", &["Replicated", "Emulate", "std::net", "TcpStream", "tokio"]),
        ("protocols/src", &["std::fs", "std::net", "TcpStream", "tokio", "caucus_bytecode"]),
        ("bytecode/src", &["caucus_core", "std::net"]),
        ("compiler/src", &["caucus_core", "caucus_protocols", "std::net"]),
        ("party/src/download", &["caucus_", "crate::inputs", "crate::nodes", "PartyId"]),
        ("party/src", &["println!", "eprintln!", "stdout()", "caucus_compiler"]),
        ("src", &["caucus_protocols", "caucus_vm"]),
    ];
    for path in tracked().iter().filter(|path| has_ending(path, &["rs"])) {
        let name = path.strip_prefix(root()).unwrap().to_str().unwrap();
        // Tests and what only tests use may know more.
        if name.contains("test") {
            continue;
        }
        let text = fs::read_to_string(path).unwrap();
        let code: Vec<_> =
            text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        for (folder, words) in forbidden.iter().filter(|(folder, _)| name.starts_with(folder)) {
            for word in *words {
                let found = code.iter().find(|line| line.contains(word));
                assert!(found.is_none(), "{name}: {folder} must not know {word}: {found:?}");
            }
        }
    }
}

#[test]
fn every_test_that_the_documentation_lists_exists() {
    let text = fs::read_to_string(root().join("docs/testing.md")).unwrap();
    let sources: String = tracked()
        .iter()
        .filter(|path| has_ending(path, &["rs"]))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let names = text.split('`').skip(1).step_by(2).filter_map(|name| name.rsplit("::").next());
    let mut listed = 0;
    for name in names.filter(|name| name.contains('_') && !name.contains(['/', '.', ' ', '='])) {
        assert!(sources.contains(&format!("fn {name}")), "docs/testing.md: there is no {name}");
        listed += 1;
    }
    assert!(listed > 30, "docs/testing.md lists only {listed} tests");
}
