//! What wrong command lines and wrong programs get.

use std::process::Command;

use crate::support::{Site, root};

const HELLO: &str = "x = sint(5)\nprint_ln('%s', (x * x).reveal())\n";

#[test]
fn a_program_prints_at_party_0_only() {
    let site = Site::new();
    site.program("hello", HELLO);
    assert_eq!(site.compile_run("ring hello").succeed().stdout, "25\n");
    assert_eq!(site.compile_run("emulate hello").succeed().stdout, "25\n");
    assert_eq!(site.compile_run("-E ring hello").succeed().stdout, "25\n");
    assert_eq!(site.caucus("compile-run ring hello").succeed().stdout, "25\n");
}

#[test]
fn an_unknown_protocol_is_refused_with_the_known_ones() {
    let site = Site::new();
    site.program("hello", HELLO);
    site.compile_run("rign hello").fail(2, &["rign", "ring"]);
    site.compile_run("mascot hello").fail(2, &["mascot", "ring"]);
}

#[test]
fn an_unknown_program_is_refused_with_the_places_searched() {
    Site::new().compile_run("ring helo").fail(2, &["helo", "programs/helo.mpc"]);
}

#[test]
fn an_unknown_option_is_refused() {
    let site = Site::new();
    site.program("hello", HELLO);
    site.compile_run("--frobnicate ring hello").fail(2, &["--frobnicate"]);
    site.compile_run("-K ring hello").fail(2, &["no option -K"]);
    site.compile_run("-F 128 ring hello").fail(2, &["-F", "-R 64"]);
    site.compile_run("-B 64 ring hello").fail(2, &["-B"]);
    site.compile_run("-R 63 ring hello").fail(2, &["-R 63", "64"]);
    site.compile_run("ring hello -- -u").fail(2, &["-u", "encrypted"]);
    site.compile_run("ring hello -- -N 4").fail(2, &["-N", "3 parties"]);
}

#[test]
fn missing_words_are_asked_for() {
    let site = Site::new();
    site.compile_run("").fail(2, &["which protocol"]);
    site.compile_run("ring").fail(2, &["which program"]);
}

#[test]
fn a_missing_program_argument_names_the_line() {
    let site = Site::new();
    site.program("args", "a = int(program.args[1])\nb = int(program.args[2])\n");
    site.compile_run("ring args 5").fail(2, &["args.mpc", ":2", "program.args[2]"]);
    site.compile_run("ring multinode_example_main 4").fail(2, &["multinode_example_main.mpc"]);
}

#[test]
fn a_syntax_error_names_file_line_and_column() {
    let site = Site::new();
    site.program("syntax", "x = sint(1)\ny = (x +\n");
    site.compile_run("ring syntax").fail(2, &["syntax.mpc:2", "y = (x +", "^"]);
}

#[test]
fn an_exception_names_file_and_line_without_our_own_traceback() {
    let site = Site::new();
    site.program("raise", "x = sint(1)\ny = undefined_name + x\n");
    let finished = site.compile_run("ring raise").fail(2, &["raise.mpc:2", "undefined_name", "^"]);
    assert!(!finished.stderr.contains("Traceback"), "{}", finished.stderr);
    site.compile_run("--backtrace ring raise").fail(2, &["Traceback"]);
}

#[test]
fn a_missing_python_is_said_with_the_remedy() {
    let site = Site::new();
    site.program("hello", HELLO);
    let mut command = Command::new(env!("CARGO_BIN_EXE_compile-run"));
    command.args(["ring", "hello"]).env("PATH", "/nonexistent").env_remove("CAUCUS_PYTHON");
    site.start(&mut command).fail(3, &["Python", "3.9"]);
}

#[test]
fn a_program_that_fails_ends_with_1_and_its_message() {
    let site = Site::new();
    site.program(
        "fails",
        "print_ln('before')\nx = cint(7)\nruntime_error_if(x == 7, 'seven: %s', x)\n",
    );
    let finished = site.compile_run("ring fails").fail(1, &["fails.mpc:3"]);
    assert_eq!(finished.stdout, "before\nseven: 7\n");
}

#[test]
fn an_index_out_of_range_names_the_line() {
    let site = Site::new();
    site.program("index", "a = sint.Array(3)\n@for_range(5)\ndef _(i):\n    a[i] = 1\n");
    site.compile_run("ring index").fail(1, &["index.mpc:4", "3"]);
}

#[test]
fn bytecode_can_be_kept_shown_and_damaged() {
    let site = Site::new();
    site.program("hello", HELLO);
    site.caucus("compile -o hello.cbc hello").succeed();
    let text = site.caucus("disassemble hello.cbc").succeed().stdout;
    assert!(text.contains("muls") && text.contains("hello.mpc:2"), "{text}");
    assert_eq!(site.caucus("run -p 0 emulate hello.cbc").succeed().stdout, "25\n");
    let path = site.path("hello.cbc");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.pop();
    std::fs::write(&path, bytes).unwrap();
    site.caucus("disassemble hello.cbc").fail(2, &["hello.cbc", "damaged"]);
}

#[test]
fn compiling_twice_gives_the_same_bytes() {
    let site = Site::new();
    site.program(
        "same",
        "import random\nx = sint(random.randrange(10 ** 9))\nprint_ln('%s', x.reveal())\n",
    );
    site.caucus("compile -o a.cbc same").succeed();
    site.caucus("compile -o b.cbc same").succeed();
    let bytes = |name| std::fs::read(site.path(name)).unwrap();
    assert_eq!(bytes("a.cbc"), bytes("b.cbc"));
}

#[test]
fn version_help_and_completions_work() {
    let site = Site::new();
    let version = site.caucus("--version").succeed().stdout;
    assert_eq!(version, format!("caucus {}\n", env!("CARGO_PKG_VERSION")));
    assert!(site.caucus("--help").succeed().stdout.contains("compile-run"));
    let own = site.compile_run("--help").succeed().stdout;
    assert!(own.contains("Usage: compile-run [OPTIONS]"), "{own}");
    assert!(site.caucus("completions bash").succeed().stdout.contains("compile-run"));
}

#[test]
fn scripts_can_be_run_from_any_folder() {
    for script in ["check", "test", "demo", "compile-run", "setup-ssl", "setup-clients"] {
        let path = root().join("scripts").join(script);
        let checked = Command::new("bash").arg("-n").arg(&path).status().unwrap();
        assert!(checked.success(), "{script}");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains("set -euo pipefail"), "{script} goes on after an error");
        assert!(text.contains("dirname \"$0\""), "{script} depends on the current folder");
    }
}

#[test]
fn output_that_cannot_be_written_is_no_success() {
    let site = Site::new();
    site.program("hello", HELLO);
    std::os::unix::fs::symlink("/dev/full", site.path("out-P0-0")).unwrap();
    let finished =
        site.compile_run("ring hello -- -OF out").fail(7, &["P0", "could not be written"]);
    assert!(finished.stderr.contains("No space left"), "{}", finished.stderr);
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_the_reason() {
    let site = Site::new();
    site.program("hello", HELLO);
    site.caucus("run --party 0 --hosts nowhere ring hello").fail(3, &["nowhere", "No such file"]);
}

#[test]
fn commands_whose_output_is_lost_say_so() {
    let site = Site::new();
    site.program("hello", HELLO);
    site.caucus("certs init").succeed();
    let full = |words: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_caucus"));
        command.args(words.split_whitespace()).current_dir(site.path(""));
        command.stdout(std::fs::File::options().write(true).open("/dev/full").unwrap());
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(7), "{words}: {output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("No space left"), "{output:?}");
    };
    full("certs show");
    full("completions bash");
    // Without a place for messages, exit codes tell.
    let mut command = Command::new(env!("CARGO_BIN_EXE_compile-run"));
    command.args(["rign", "hello"]).current_dir(site.path(""));
    command.stderr(std::fs::File::options().write(true).open("/dev/full").unwrap());
    assert_eq!(command.status().unwrap().code(), Some(2));
}

/// F9: runs of the same seed are the same, threads and all, and are called insecure.
#[test]
fn an_insecure_seed_makes_runs_repeat() {
    let site = Site::new();
    let program = "
rows = sint.Array(20)
rows.assign_vector(sint(regint.inc(20)))
rows.secure_shuffle()
print_ln('%s', rows.reveal())
drawn = cint.Array(4)

@for_range_multithread(2, 2, 4)
def _(i):
    drawn[i] = sint.get_random().reveal()

print_ln('%s %s', drawn[:], sint.get_random_int(16).reveal())
";
    site.program("draw", program);
    for protocol in ["ring", "emulate"] {
        let run = |options: &str| site.compile_run(&format!("{options} {protocol} draw")).succeed();
        let (first, again) = (run("--insecure-seed 7 --quiet"), run("--insecure-seed 7"));
        assert_eq!(first.stdout, again.stdout, "{protocol}");
        assert!(first.stderr.contains("INSECURE"), "{}", first.stderr);
        for other in ["--insecure-seed 8", ""] {
            let other = run(other);
            assert_ne!(first.stdout, other.stdout, "{protocol}");
        }
        assert!(!run("").stderr.contains("INSECURE"));
    }
    site.compile_run("--insecure-seed 7 --workers 1 ring draw").fail(2, &["without workers"]);
}
