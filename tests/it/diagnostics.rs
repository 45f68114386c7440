//! What users are told about their mistakes: wrong programs with the exact messages, and the page
//! that explains every code with examples.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Head, Site, root, suite};

/// Codes that no program can cause, or none that a test should write. Which line of a loop without
/// end gets E0290 depends on time: the front end's tests are about it.
const WITHOUT_PROGRAM: [&str; 13] = [
    "E0104", "E0234", "E0250", "E0290", "E0303", "E0305", "E0307", "E0407", "E0408", "E0414",
    "E0417", "E0418", "E0900",
];

fn name_of(path: &Path) -> &str {
    path.file_stem().unwrap().to_str().unwrap()
}

/// Whether the mistake shows only while the program runs.
fn shows_in_the_run(name: &str) -> bool {
    name.starts_with("run_") || name.starts_with("inputs_")
}

/// What is written on stderr, the same for every order in which the parties end.
fn message(stderr: &str, protocol: &str) -> String {
    let lines = stderr.lines().filter(|line| !line.starts_with("  then P"));
    let text: String = lines.map(|line| format!("{}\n", line.trim_end())).collect();
    match text.strip_prefix("caucus: P") {
        Some(rest) if protocol == "ring" => match rest.split_once(": ") {
            Some((_, cause)) => format!("caucus: P0: {cause}"),
            None => text,
        },
        _ => text,
    }
}

/// Runs a wrong program as its head says.
fn told(path: &Path, protocol: &str) -> (i32, String) {
    let text = fs::read_to_string(path).unwrap();
    let head = Head::of(&text);
    let site = suite::site_of(path, &head, &text);
    let words = format!("-q {} {protocol} {} {}", head.flags, name_of(path), head.args);
    let finished = site.compile_run(&words).finish();
    (finished.code, message(&finished.stderr, protocol))
}

#[test]
fn every_wrong_program_gets_exactly_its_message() {
    let wanted = std::env::var("CAUCUS_ONLY").unwrap_or_default();
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut programs = suite::programs(&root().join("tests/diagnostics"));
    programs.retain(|path| name_of(path).contains(&wanted));
    suite::complaints(&programs, |path| {
        let (code, found) = told(path, "emulate");
        let golden = path.with_extension("stderr");
        if update {
            fs::write(&golden, &found).unwrap();
        }
        let expected = fs::read_to_string(&golden).unwrap_or_default();
        let mut wrong = Vec::new();
        if found != expected || ![1, 2, 9].contains(&code) {
            wrong.push(format!("{}: code {code}\n{found}", name_of(path)));
        }
        if !found.contains("= help: ") && !found.contains("[E0401]") && !found.contains("E0102") {
            wrong.push(format!("{} gives no remedy\n{found}", name_of(path)));
        }
        if shows_in_the_run(name_of(path)) {
            let (code, found) = told(path, "ring");
            if found != expected || ![1, 9].contains(&code) {
                wrong.push(format!("{} under ring: code {code}\n{found}", name_of(path)));
            }
        }
        wrong
    });
}

#[test]
fn wrong_programs_cover_all_codes() {
    let programs = suite::programs(&root().join("tests/diagnostics"));
    assert!(programs.len() >= 60, "only {} wrong programs", programs.len());
    let messages: String = programs
        .iter()
        .map(|path| fs::read_to_string(path.with_extension("stderr")).unwrap())
        .collect();
    let missing: Vec<_> = sections()
        .into_keys()
        .filter(|code| !messages.contains(&format!("[{code}]")))
        .filter(|code| !WITHOUT_PROGRAM.contains(&code.as_str()))
        .collect();
    assert!(missing.is_empty(), "no wrong program shows {missing:?}");
}

#[test]
fn a_traceback_is_shown_to_those_who_ask_for_it() {
    let site = Site::new();
    site.program("wrong", "x = sint(1)\ny = x + 0.5\n");
    let quiet = site.compile_run("emulate wrong").fail(2, &["wrong.mpc:2:5", "E0201"]);
    assert!(!quiet.stderr.contains("Traceback"), "{}", quiet.stderr);
    site.compile_run("--backtrace emulate wrong").fail(2, &["wrong.mpc:2:5", "Traceback"]);
}

/// The page's sections about codes.
fn sections() -> BTreeMap<String, String> {
    let page = fs::read_to_string(root().join("docs/errors.md")).unwrap();
    let parts = page.split("\n### ").skip(1);
    parts.map(|part| (part[..5].to_owned(), part.to_owned())).collect()
}

/// The blocks of code of a section whose fence says this.
fn blocks(section: &str, kind: &str) -> Vec<String> {
    let fence = format!("```{kind}\n");
    let parts = section.split(fence.as_str()).skip(1);
    parts.map(|part| part.split("```").next().unwrap().to_owned()).collect()
}

/// All files with this ending below a folder that are no tests.
fn sources(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && name != "tests" {
            found.extend(sources(&path, ending));
        } else if path.extension().is_some_and(|it| it == ending) && name != "tests.rs" {
            found.push(path);
        }
    }
    found
}

#[test]
fn every_code_is_explained() {
    let mut used = BTreeSet::new();
    let folders = ["compiler/src", "vm/src", "party/src", "src"].map(|it| (it, "rs"));
    for (folder, ending) in folders.into_iter().chain([("compiler/python/caucus", "py")]) {
        for path in sources(&root().join(folder), ending) {
            let text = fs::read_to_string(path).unwrap();
            let code = text.split("\n#[cfg(test)]").next().unwrap();
            let quoted = code.split("\"E0").skip(1).filter_map(|rest| rest.get(..3));
            let digits = quoted.filter(|it| it.bytes().all(|byte| byte.is_ascii_digit()));
            used.extend(digits.map(|digits| format!("E0{digits}")));
        }
    }
    assert!(used.len() > 35, "only {used:?}");
    let explained = sections();
    let missing: Vec<_> = used.iter().filter(|code| !explained.contains_key(*code)).collect();
    assert!(missing.is_empty(), "docs/errors.md does not explain {missing:?}");
    let unused: Vec<_> = explained.keys().filter(|code| !used.contains(*code)).collect();
    assert!(unused.is_empty(), "docs/errors.md explains {unused:?}, which nothing uses");
}

#[test]
fn the_examples_of_every_code_do_what_the_page_says() {
    let sections: Vec<_> = sections().into_iter().collect();
    suite::complaints(&sections, |(code, section)| {
        let run = |text: &str| {
            let site = Site::new();
            site.program("example", text);
            site.compile_run("-q emulate example").finish()
        };
        let (bad, good) = (blocks(section, "python wrong"), blocks(section, "python corrected"));
        let advice = blocks(section, "console");
        let mut wrong = Vec::new();
        if (bad.is_empty() || good.is_empty()) && advice.is_empty() && code != "E0307" {
            wrong.push(format!("{code} has no example"));
        }
        for text in bad {
            let finished = run(&text);
            if finished.code == 0 || !finished.stderr.contains(code) {
                wrong.push(format!("{code}: the wrong example gives\n{}", finished.stderr));
            }
        }
        for text in good {
            let finished = run(&text);
            if finished.code != 0 {
                wrong.push(format!("{code}: the corrected example gives\n{}", finished.stderr));
            }
        }
        wrong
    });
}

#[test]
fn codes_are_explained_on_the_command_line() {
    let site = Site::new();
    let shown = site.caucus("explain E0202").succeed().stdout;
    assert!(shown.starts_with("E0202: "), "{shown}");
    assert!(shown.contains("Corrected:\n\n    x, y = sint(3), sint(9)\n"), "{shown}");
    assert_eq!(site.caucus("explain 202").succeed().stdout, shown);
    assert!(site.caucus("explain").succeed().stdout.lines().count() > 40);
    site.caucus("explain E9999").fail(2, &["E9999", "caucus explain"]);
}
