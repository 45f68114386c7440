//! The conformance suite: programs of the language with their inputs and expected outputs. Those
//! that `tests/conformance/PASSING` lists must pass.

use std::fs;

use crate::support::{root, suite};

#[test]
fn programs_that_passed_still_pass() {
    let folder = root().join("tests/conformance");
    let listed = fs::read_to_string(folder.join("PASSING")).unwrap();
    let entries: Vec<_> =
        listed.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert!(entries.len() > 20, "only {entries:?}");
    // Some programs leave inputs unread on purpose.
    suite::complaints(&entries, |entry| {
        suite::run_program(&folder.join(format!("{entry}.mpc")), "--allow-extra-inputs")
    });
}
