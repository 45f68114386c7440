//! Runs programs that say in their heads what they need and what they must print, several at a
//! time.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Head, Site};

/// The protocols of this version. Heads may name others.
pub(crate) const PROTOCOLS: [&str; 2] = ["ring", "emulate"];

/// All programs below a folder, sorted.
pub(crate) fn programs(folder: &Path) -> Vec<PathBuf> {
    files(folder, "mpc")
}

/// All files with an ending below a folder, sorted.
pub(crate) fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Does something with each item on as many threads as there are processors; what it gives back are
/// complaints.
pub(crate) fn complaints<T: Sync>(items: &[T], check: impl Fn(&T) -> Vec<String> + Sync) {
    let next = AtomicUsize::new(0);
    let n_threads = std::thread::available_parallelism().map_or(2, |it| it.get());
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let work = || {
            let mut wrong = Vec::new();
            while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                wrong.extend(check(item));
            }
            wrong
        };
        let workers: Vec<_> = (0..n_threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A folder with a program and everything that its head asks for.
pub(crate) fn site_of(path: &Path, head: &Head, text: &str) -> Site {
    let name = path.file_stem().unwrap().to_str().unwrap();
    let site = Site::new();
    site.program(name, text);
    for (party, tokens) in head.input_files() {
        site.input(party, &tokens);
    }
    if let Some(tokens) = &head.public_input {
        let words: Vec<_> = std::iter::once(name).chain(head.args.split_whitespace()).collect();
        let folder = site.path("Programs/Public-Input");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(words.join("-")), tokens).unwrap();
    }
    site
}

/// Runs a program under each of its protocols, and complains if it prints anything else than its
/// head says. With `extra` options of the run.
pub(crate) fn run_program(path: &Path, extra: &str) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let head = Head::of(&text);
    let name = path.file_stem().unwrap().to_str().unwrap();
    let mut wrong = Vec::new();
    let protocols = if head.protocols.is_empty() {
        PROTOCOLS.to_vec()
    } else {
        let known = PROTOCOLS.into_iter();
        known.filter(|it| head.protocols.iter().any(|listed| listed == it)).collect()
    };
    if protocols.is_empty() {
        wrong.push(format!("{name}: none of its protocols is available"));
    }
    let Some(expected) = &head.expect else {
        return vec![format!("{name} states no expected output")];
    };
    for protocol in protocols {
        let site = site_of(path, &head, &text);
        let words = format!("{extra} {} {protocol} {name} {}", head.flags, head.args);
        let finished = site.compile_run(&words).finish();
        let shown = head.shown(&finished.stdout);
        if finished.code != 0 || shown != *expected {
            wrong.push(format!(
                "{protocol} {name}: code {}\n{shown}instead of\n{expected}{}",
                finished.code, finished.stderr
            ));
        }
    }
    wrong
}
