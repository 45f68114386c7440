//! The conformance suite: programs of the language with their inputs and expected outputs. Those
//! that `tests/conformance/PASSING` lists must pass.

use std::fs;

use crate::support::{Head, Site, root};

#[test]
fn programs_that_passed_still_pass() {
    let suite = root().join("tests/conformance");
    let listed = fs::read_to_string(suite.join("PASSING")).unwrap();
    let mut wrong = Vec::new();
    let mut runs = 0;
    for entry in listed.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let text = fs::read_to_string(suite.join(format!("{entry}.mpc"))).unwrap();
        let head = Head::of(&text);
        let name = entry.rsplit('/').next().unwrap();
        let site = Site::new();
        site.program(name, &text);
        for (party, tokens) in head.input_files() {
            site.input(party, &tokens);
        }
        if let Some(tokens) = &head.public_input {
            let words: Vec<_> = std::iter::once(name).chain(head.args.split(' ')).collect();
            let folder = site.path("Programs/Public-Input");
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(words.join("-").trim_end_matches('-')), tokens).unwrap();
        }
        let (flags, args) = (&head.flags, &head.args);
        let available = ["ring", "emulate"];
        for protocol in head.protocols.iter().filter(|it| available.contains(&it.as_str())) {
            // Some programs leave inputs unread on purpose.
            let words = format!("--allow-extra-inputs {flags} {protocol} {name} {args}");
            let finished = site.compile_run(&words).finish();
            let (shown, expected) = (head.shown(&finished.stdout), head.expect.as_deref());
            runs += 1;
            if finished.code != 0 || Some(shown.as_str()) != expected {
                wrong.push(format!(
                    "{protocol} {entry}: code {}\n{shown}instead of\n{}{}",
                    finished.code,
                    expected.unwrap_or_default(),
                    finished.stderr
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(runs > 20, "only {runs} runs");
}
