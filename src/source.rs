//! Finding the program that the user names.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::failure::{Code, failure};

/// Folders that are searched after the name itself as a path.
const FOLDERS: [&str; 2] = ["programs", "Programs/Source"];
/// Endings that may be left out.
const ENDINGS: [&str; 2] = ["mpc", "py"];

/// The file of a program: a path, or a name in one of the folders, with or without its ending.
pub(crate) fn find(name: &str) -> Result<PathBuf> {
    let mut tried = Vec::new();
    for folder in [""].iter().chain(&FOLDERS) {
        let base = Path::new(folder).join(name);
        let with_endings = ENDINGS.iter().map(|ending| {
            let mut path = base.clone().into_os_string();
            path.push(".");
            path.push(ending);
            PathBuf::from(path)
        });
        for path in std::iter::once(base.clone()).chain(with_endings) {
            if path.is_file() {
                return Ok(path);
            }
            tried.push(path);
        }
    }
    let tried: Vec<_> = tried.iter().map(|path| format!("  {}", path.display())).collect();
    let close = suggestion(name).map_or(String::new(), |it| format!("\nDid you mean `{it}`?"));
    Err(failure(
        Code::Usage,
        format!("there is no program `{name}`; looked for\n{}{close}", tried.join("\n")),
    ))
}

/// A program in the folders whose name is nearly the same.
fn suggestion(name: &str) -> Option<String> {
    let files = FOLDERS.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten();
    let names = files.filter_map(|entry| {
        let path = entry.ok()?.path();
        let known = ENDINGS.iter().any(|ending| path.extension().is_some_and(|it| it == *ending));
        known.then(|| path.file_stem().map(|it| it.to_string_lossy().into_owned())).flatten()
    });
    names.map(|it| (distance(name, &it), it)).filter(|(d, _)| *d <= 3).min().map(|(_, it)| it)
}

/// Edit distance.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edit_distance_counts_changes() {
        for (a, b, expected) in
            [("", "", 0), ("ring", "ring", 0), ("rign", "ring", 2), ("", "ab", 2)]
        {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
    }

    #[test]
    fn a_missing_program_says_where_it_was_looked_for() {
        let error = find("no/such").unwrap_err().to_string();
        assert!(error.contains("programs/no/such.mpc"), "{error}");
        assert!(error.contains("Programs/Source/no/such.py"), "{error}");
    }
}
