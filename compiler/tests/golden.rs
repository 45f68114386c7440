//! Golden tests: each `golden/NAME.mpc` is compiled; the intermediate code as recorded
//! (`NAME.record`) and after the passes (`NAME.ir`), the bytecode (`NAME.bc`) and the notes on loops
//! (`NAME.notes`) must be those in the files. A program that is faulty has `NAME.error` instead: the
//! message as the user sees it.
//!
//! `UPDATE_GOLDEN=1` writes the files anew; look at the difference before you commit it. A first
//! line `# args: 4 5` gives arguments, and one behind it `# workers: 3` workers.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::path::{Path, PathBuf};

use caucus_bytecode::text::disassemble;
use caucus_compiler::{Options, Source, compile, ir_text};

#[test]
fn programs_compile_to_their_golden_texts() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut programs: Vec<_> = std::fs::read_dir(&dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "mpc"))
        .collect();
    programs.sort();
    assert!(!programs.is_empty());
    let wrong: Vec<_> = programs.iter().flat_map(|path| check(path)).collect();
    assert!(wrong.is_empty(), "{}\nUPDATE_GOLDEN=1 accepts the new texts", wrong.join("\n"));
}

/// What differs from the files beside a program.
fn check(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let args = lines.next().and_then(|line| line.strip_prefix("# args: "));
    let workers = lines.next().and_then(|line| line.strip_prefix("# workers: "));
    let workers = workers.map_or(0, |number| number.parse().unwrap());
    let source = Source {
        path: path.to_owned(),
        display: path.file_name().unwrap().to_str().unwrap().to_owned(),
        args: args.unwrap_or("").split_whitespace().map(str::to_owned).collect(),
    };
    let options = Options { workers, ..Options::default() };
    let plain = Options { optimize: false, ..options.clone() };
    let texts = match compile(&source, &options) {
        Ok(compiled) => {
            let notes = compiled.notes.iter();
            let notes: Vec<_> =
                notes.map(|note| note.render(&compiled.program.files) + "\n").collect();
            vec![
                ("record", ir_text(&source, &plain).unwrap()),
                ("ir", ir_text(&source, &options).unwrap()),
                ("bc", without_hash(&disassemble(&compiled.program))),
                ("notes", notes.concat()),
            ]
        }
        Err(error) => vec![("error", error.render(false) + "\n")],
    };
    let mut wrong = Vec::new();
    for ending in ["record", "ir", "bc", "notes", "error"] {
        let text = texts.iter().find(|(it, _)| *it == ending).map_or("", |(_, text)| text);
        wrong.extend(compare(&path.with_extension(ending), text));
    }
    wrong
}

/// The hash changes with every change of the container's format and says nothing here.
fn without_hash(text: &str) -> String {
    let (head, rest) = text.split_once('\n').unwrap();
    format!("{}\n{rest}", head.split(" hash ").next().unwrap())
}

/// Compares a text with a file; no text and no file are the same.
fn compare(path: &PathBuf, found: &str) -> Option<String> {
    let wanted = std::fs::read_to_string(path).unwrap_or_default();
    if wanted == found {
        return None;
    }
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        if found.is_empty() {
            std::fs::remove_file(path).unwrap();
        } else {
            std::fs::write(path, found).unwrap();
        }
        return None;
    }
    let lines = wanted.lines().zip(found.lines());
    let same = lines.take_while(|(wanted, found)| wanted == found).count();
    let line = |text: &str| text.lines().nth(same).unwrap_or("<end>").to_owned();
    Some(format!(
        "{}:{}:\n  wanted {}\n  found  {}",
        path.display(),
        same + 1,
        line(&wanted),
        line(found)
    ))
}
