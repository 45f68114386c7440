//! Every program in `programs/` under every protocol that supports it, with the output that its
//! head states.
//!
//! A head is the block of `#` lines at the top: `# test:` one line, `# args:` program arguments,
//! `# input N:` tokens of party N, `# protocols:` names, `# expect:` followed by the lines of party
//! 0's output, each behind `#   `; `# refuse:` instead states an exit code.

use std::fs;

use crate::support::{Head, root, suite};

#[test]
fn every_program_gives_the_output_that_it_states() {
    let mut files = suite::programs(&root().join("programs"));
    files.retain(|path| !Head::of(&fs::read_to_string(path).unwrap()).helper);
    assert!(files.len() > 10, "only {files:?}");
    suite::complaints(&files, |path| suite::run_program(path, ""));
}
