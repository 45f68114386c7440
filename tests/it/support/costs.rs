//! What `--cost` says, and what the run then has cost.

use std::fs;
use std::path::Path;

use serde_json::Value;

/// A table of costs.
#[derive(Debug)]
pub(crate) struct Told {
    /// Rounds and bytes of the program, the set-up's bytes included, as far as they are known before it runs.
    pub(crate) total: (u64, u64),
    /// Title, rounds and bytes of each part whose number of passes only the run decides.
    pub(crate) open: Vec<(String, u64, u64)>,
    /// Whether everything else is counted exactly.
    pub(crate) exact: bool,
}

impl Told {
    /// Reads the table from what a command wrote to stderr.
    pub(crate) fn of(stderr: &str) -> Self {
        let mut told = Self { total: (0, 0), open: Vec::new(), exact: true };
        let table = stderr.lines().skip_while(|line| !line.starts_with("cost under `"));
        for line in table {
            told.exact &= !line.contains("<=") && !line.contains("is not counted");
            let words: Vec<_> = line.split_whitespace().collect();
            let number = |word: &str| word.trim_start_matches("<=").parse().unwrap_or(0);
            match words[..] {
                ["total", rounds, bytes] => told.total = (number(rounds), number(bytes)),
                ["together", .., rounds, bytes] => {
                    let last = told.open.last_mut().unwrap();
                    (last.1, last.2) = (number(rounds), number(bytes));
                }
                [_, "per", "pass", rounds, bytes] => {
                    let last = told.open.last_mut().unwrap();
                    (last.1, last.2) = (number(rounds), number(bytes));
                }
                ["for" | "if", ..] => told.open.push((line.to_owned(), 0, 0)),
                _ => {}
            }
        }
        assert_ne!(told.total, (0, 0), "no table in\n{stderr}");
        told
    }
}

/// Rounds of each party, which are the same, and bytes of all together, from a file of statistics.
pub(crate) fn measured(path: &Path) -> (u64, u64) {
    let stats: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let parties = stats["parties"].as_array().unwrap();
    let figure = |party: &Value, name: &str| party[name].as_u64().unwrap();
    let rounds = figure(&parties[0], "rounds");
    assert!(parties.iter().all(|party| figure(party, "rounds") == rounds), "{stats}");
    (rounds, figure(&parties[0], "bytes_global"))
}

/// What is wrong with the table of a program that has been run; nothing if only the run could tell.
pub(crate) fn complaint(stderr: &str, stats: &Path) -> Option<String> {
    let told = Told::of(stderr);
    let found = measured(stats);
    let (rounds, bytes) = told.total;
    let fits = match told.open.is_empty() && told.exact {
        true => found == told.total,
        // What is counted before the run is done in any case, unless it may be less.
        false => !told.exact || (rounds <= found.0 && bytes <= found.1),
    };
    (!fits).then(|| format!("told {:?}, found {found:?}:\n{stderr}", told.total))
}
