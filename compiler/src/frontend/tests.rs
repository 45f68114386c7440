//! Tests of starting Python, with the real one and with programs that stand for broken ones.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use tempfile::TempDir;

use super::*;
use crate::compile;

/// A program in a directory of its own.
fn program(text: &str) -> (TempDir, Source) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("demo.mpc");
    fs::write(&path, text).unwrap();
    (dir, Source { path, display: "demo.mpc".into(), args: Vec::new() })
}

/// Compiles with a shell script in place of Python.
fn with_interpreter(script: &str) -> CompileError {
    let (dir, source) = program("print_ln('1')\n");
    let python = dir.path().join("python");
    fs::write(&python, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&python, fs::Permissions::from_mode(0o755)).unwrap();
    compile(&source, &Options { python: Some(python), ..Options::default() }).unwrap_err()
}

#[test]
fn a_straight_program_is_compiled() {
    let (_dir, source) = program("a = sint(3)\nprint_ln('%s', (a * a).reveal())\n");
    let compiled = compile(&source, &Options::default()).unwrap();
    assert_eq!(compiled.program.name, "demo");
    assert_eq!(compiled.program.files, ["demo.mpc"]);
    assert!(compiled.recorded > 0 && compiled.seconds > 0.0);
}

#[test]
fn compiling_twice_gives_the_same_bytes() {
    let text = "import random\nx = {str(random.random()), 'b', 'c', 'd'}\n\
                for word in x:\n    print_ln(word)\n";
    let (_dir, source) = program(text);
    let bytes = || compile(&source, &Options::default()).unwrap().program.to_bytes();
    assert_eq!(bytes(), bytes());
}

#[test]
fn a_missing_interpreter_is_named_with_the_remedy() {
    let (_dir, source) = program("");
    let python = Some(PathBuf::from("/nowhere/python3"));
    let error = compile(&source, &Options { python, ..Options::default() }).unwrap_err();
    assert!(matches!(error, CompileError::NoPython { .. }));
    let text = error.render(false);
    assert!(text.contains("/nowhere/python3") && text.contains("CAUCUS_PYTHON"), "{text}");
}

#[test]
fn an_old_interpreter_is_refused_with_its_version() {
    let error = with_interpreter(r#"printf CAUCUSPY3.6.9 >&$CAUCUS_RECORD_FD"#);
    assert!(matches!(error, CompileError::NoPython { .. }));
    assert!(error.render(false).starts_with("Python 3.6.9 is too old"));
}

#[test]
fn an_interpreter_that_dies_is_reported() {
    let error = with_interpreter("kill -9 $$");
    assert!(error.to_string().contains("signal: 9"), "{error}");
}

#[test]
fn an_answer_that_is_no_record_is_reported() {
    let error = with_interpreter("cat >/dev/null; echo hello >&$CAUCUS_RECORD_FD");
    assert!(error.to_string().contains("no record (6 bytes)"), "{error}");
}

#[test]
fn a_program_that_ends_the_process_is_reported() {
    let (_dir, source) = program("import os\nos._exit(0)\n");
    let error = compile(&source, &Options::default()).unwrap_err();
    assert!(error.to_string().contains("did the program end the process?"), "{error}");
}

#[test]
fn an_exception_shows_the_line_of_the_program() {
    let (_dir, source) = program("a = 1\nb = a + unknown\n");
    let error = compile(&source, &Options::default()).unwrap_err();
    let CompileError::Diagnostic(diagnostic) = &error else { panic!("{error}") };
    assert_eq!((diagnostic.file.as_str(), diagnostic.line), ("demo.mpc", 2));
    assert_eq!(diagnostic.text.as_deref(), Some("b = a + unknown"));
    assert_eq!(diagnostic.traceback, None);
    let text = error.render(false);
    assert!(text.contains("unknown") && text.contains('^'), "{text}");
}

#[test]
fn pythons_own_report_is_there_on_demand() {
    let (_dir, source) = program("a = unknown\n");
    let error = compile(&source, &Options { backtrace: true, ..Options::default() }).unwrap_err();
    assert!(error.render(false).contains("Traceback"), "{error}");
}

#[test]
fn the_current_directory_is_not_on_pythons_path() {
    let (_dir, source) = program("import sys\nassert '' not in sys.path\n");
    compile(&source, &Options::default()).unwrap();
}
