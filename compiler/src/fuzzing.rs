//! What reads the front end's answer, as a function for `fuzz/`: it may not panic, whatever the bytes are.
//!
//! A program runs in the front end's process, so it can make the answer whatever it likes.

use std::fs;

use crate::{Options, Source, emit, frontend, optimized_record};

/// A name, what is done with bytes, and valid examples of them.
pub type Target = (&'static str, fn(&[u8]), fn() -> Vec<Vec<u8>>);

/// All of this crate.
pub const TARGETS: &[Target] = &[("record", record, record_examples)];

/// A record is refused or compiled to a program that verifies.
fn record(bytes: &[u8]) {
    // A small budget, so that no input takes long.
    let options = Options { budget: 2000, ..Options::default() };
    if let Ok((module, ..)) = optimized_record(bytes.to_vec(), &options) {
        emit::emit(module).expect("what is verified can be emitted");
    }
}

/// Records of small programs. Needs Python, as the compiler does.
fn record_examples() -> Vec<Vec<u8>> {
    const PROGRAMS: [&str; 3] = [
        "a = sint.Array(8)\n@for_range(8)\ndef _(i):\n    a[i] = a[i] * i + 1\nprint_ln('%s', sum(a).reveal())\n",
        "x = sint.get_input_from(0)\n@if_((x < 3).reveal())\ndef _():\n    print_ln('small')\n",
        "@for_range_opt_multinode(6)\ndef _(i):\n    pass\nx = sbitint.get_type(8)(5)\nprint_ln('%s', (x * x).reveal())\n",
    ];
    let folder = tempfile::tempdir().expect("a folder can be made");
    let recorded = PROGRAMS.iter().enumerate().map(|(number, text)| {
        let path = folder.path().join(format!("example{number}.mpc"));
        fs::write(&path, text).expect("a file can be written");
        let display = "example.mpc".to_owned();
        let source = Source { path, display, args: Vec::new() };
        frontend::run(&source, &Options::default()).expect("the front end runs")
    });
    recorded.collect()
}
