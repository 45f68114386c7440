//! Every program in `programs/` under every protocol that supports it, with the output that its
//! head states.
//!
//! A head is the block of `#` lines at the top: `# test:` one line, `# args:` program arguments,
//! `# input N:` tokens of party N, `# protocols:` names, `# expect:` followed by the lines of party
//! 0's output, each behind `#   `; `# refuse:` instead states an exit code.

use std::fs;

use crate::support::{Head, Site, root};

#[test]
fn every_program_gives_the_output_that_it_states() {
    let mut files: Vec<_> = fs::read_dir(root().join("programs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "mpc"))
        .collect();
    files.sort();
    assert!(files.len() > 10, "only {files:?}");
    let mut wrong = Vec::new();
    let mut runs = 0;
    for path in files {
        let head = Head::of(&fs::read_to_string(&path).unwrap());
        let name = path.file_stem().unwrap().to_str().unwrap();
        if head.helper {
            continue;
        }
        let Some(expected) = &head.expect else {
            wrong.push(format!("{name} states no expected output"));
            continue;
        };
        let site = Site::new();
        for (party, tokens) in &head.inputs {
            site.input(*party, tokens);
        }
        for protocol in
            head.protocols.iter().filter(|it| ["ring", "emulate"].contains(&it.as_str()))
        {
            let finished = site.compile_run(&format!("{protocol} {name} {}", head.args)).finish();
            let shown = head.shown(&finished.stdout);
            runs += 1;
            if finished.code != 0 || shown != *expected {
                wrong.push(format!(
                    "{protocol} {name}: code {}\n{shown}instead of\n{expected}{}",
                    finished.code, finished.stderr
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(runs > 10, "only {runs} runs");
}
