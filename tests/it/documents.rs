//! Documents whose blocks are run: what `docs/tutorial.md` and `docs/multinode.md` show is what
//! happens.
//!
//! A block ` ```python NAME ` is written to the file NAME, a block ` ```sh ` is run by a shell in
//! the same folder, and a block ` ```text ` is what the commands before it print on stdout; a line
//! `…` in it stands for any number of lines, and `…` in a line for any text. A block ` ```picture ` or
//! ` ```console ` is for readers only.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{Finished, Site, root};

/// A block between fences: the words behind the first fence, its text, and its line.
struct Block {
    info: String,
    text: String,
    line: usize,
}

fn blocks(document: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    for (line, text) in document.lines().enumerate() {
        match (&mut open, text.strip_prefix("```")) {
            (None, Some(info)) => {
                open = Some(Block { info: info.to_owned(), text: String::new(), line: line + 1 });
            }
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some(block), None) => {
                block.text.push_str(text);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    found
}

/// Whether a line is as the pattern says.
fn line_fits(line: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('…');
    let Some(mut rest) = line.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    false
}

/// Whether the lines are as the pattern says.
fn fits(lines: &[&str], pattern: &[&str]) -> bool {
    match (pattern, lines) {
        ([], rest) => rest.is_empty(),
        (["…", rest @ ..], _) => (0..=lines.len()).any(|skipped| fits(&lines[skipped..], rest)),
        ([first, rest @ ..], [line, others @ ..]) => line_fits(line, first) && fits(others, rest),
        ([_, ..], []) => false,
    }
}

fn run_document(name: &str) -> usize {
    let document = fs::read_to_string(root().join(name)).unwrap();
    let site = Site::new();
    let commands = Path::new(env!("CARGO_BIN_EXE_caucus")).parent().unwrap();
    let path = format!("{}:{}", commands.display(), env::var("PATH").unwrap_or_default());
    let mut last: Option<Finished> = None;
    let mut n_runs = 0;
    for Block { info, text, line } in blocks(&document) {
        match info.split_whitespace().collect::<Vec<_>>()[..] {
            ["python", file] => fs::write(site.path(file), text).unwrap(),
            ["sh"] => {
                let mut shell = Command::new("bash");
                let finished = site.start(shell.args(["-ec", &text]).env("PATH", &path)).finish();
                assert_eq!(finished.code, 0, "{name}:{line}\n{text}{}", finished.stderr);
                last = Some(finished);
                n_runs += 1;
            }
            ["text"] => {
                let shown = &last.as_ref().expect("a command comes first").stdout;
                let lines: Vec<_> = shown.lines().map(str::trim_end).collect();
                let pattern: Vec<_> = text.lines().collect();
                assert!(fits(&lines, &pattern), "{name}:{line}\n{text}instead of\n{shown}");
            }
            // Pictures, and what takes several machines.
            ["picture" | "console"] => {}
            _ => panic!("{name}:{line}: there are no blocks of the kind {info:?}"),
        }
    }
    n_runs
}

#[test]
fn everything_in_the_tutorial_happens() {
    assert!(run_document("docs/tutorial.md") > 5);
}

#[test]
fn everything_about_distributed_loops_happens() {
    assert!(run_document("docs/multinode.md") > 2);
}
