//! Each entry of the language has a program in `tests/language/` that shows what it does, and a row
//! in `compiler/compatibility.tsv`, from which `docs/compatibility.md` is made.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::support::{Head, root, suite};

/// A row of the table.
struct Entry<'a> {
    group: &'a str,
    name: &'a str,
    form: &'a str,
    status: &'a str,
    note: &'a str,
    test: &'a str,
}

fn entries(table: &str) -> Vec<Entry<'_>> {
    let rows = table.lines().filter(|line| !line.starts_with('#'));
    rows.map(|row| {
        let fields: Vec<_> = row.split('\t').collect();
        let [group, name, form, status, note, test] = fields[..] else {
            panic!("{row:?} has not six fields");
        };
        Entry { group, name, form, status, note, test }
    })
    .collect()
}

/// Whether a program is only a part of another test.
fn helps(path: &Path) -> bool {
    Head::of(&fs::read_to_string(path).unwrap()).helper
}

fn table() -> String {
    fs::read_to_string(root().join("compiler/compatibility.tsv")).unwrap()
}

#[test]
fn every_program_of_the_language_prints_what_it_states() {
    let programs = suite::programs(&root().join("tests/language"));
    let wanted = std::env::var("CAUCUS_ONLY").unwrap_or_default();
    let chosen: Vec<_> = programs
        .iter()
        .filter(|path| path.to_str().unwrap().contains(&wanted) && !helps(path))
        .collect();
    suite::complaints(&chosen, |path| {
        let is_refused = fs::read_to_string(path).unwrap().contains("\n# refuse: ");
        if is_refused { suite::refuse_program(path, "") } else { suite::run_program(path, "") }
    });
}

#[test]
fn every_entry_that_works_names_a_test_that_uses_it() {
    let table = table();
    let mut wrong = Vec::new();
    for entry in entries(&table) {
        let Entry { name, status, note, test, .. } = entry;
        match status {
            "works" => {
                let text = fs::read_to_string(root().join(test)).unwrap_or_default();
                let word = name.rsplit('.').next().unwrap();
                if test.is_empty() || !text.contains(word) {
                    wrong.push(format!("{name}: {test:?} is no test of it"));
                }
            }
            "refused" if note.is_empty() => wrong.push(format!("{name}: refused without a reason")),
            "refused" | "later" => {}
            _ => wrong.push(format!("{name}: {status:?} is no status")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_page_about_compatibility_is_made_from_the_table() {
    let path = root().join("docs/compatibility.md");
    let page = page(&entries(&table()));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == page, "docs/compatibility.md is old: run this test with UPDATE_GOLDEN=1");
}

fn page(entries: &[Entry<'_>]) -> String {
    let mut counts = BTreeMap::new();
    for entry in entries {
        *counts.entry(entry.status).or_insert(0) += 1;
    }
    let count = |status| counts.get(status).copied().unwrap_or(0);
    let mut page = format!(
        "# Names of the language, one by one\n\n\
         Made from `compiler/compatibility.tsv`; a test compares them.\n\n\
         Of {} names {} work, {} are refused for a reason, and {} come later; \
         using one of the latter is an error that says so (E0210).\n",
        entries.len(),
        count("works"),
        count("refused"),
        count("later")
    );
    let mut group = "";
    for entry in entries {
        if entry.group != group {
            group = entry.group;
            write!(
                page,
                "\n## {group}\n\n| name | form | | remark | test |\n|---|---|---|---|---|\n"
            )
            .unwrap();
        }
        let Entry { name, form, status, note, test, .. } = entry;
        let form =
            if form.is_empty() { String::new() } else { format!("`{}`", form.replace('|', "\\|")) };
        let test = test.rsplit('/').next().filter(|it| !it.is_empty());
        let test = test.map_or(String::new(), |file| format!("[{file}](../{})", entry.test));
        writeln!(page, "| `{name}` | {form} | {status} | {note} | {test} |").unwrap();
    }
    page
}
