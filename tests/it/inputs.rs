//! Private inputs: good ones, and what wrong ones get.

use std::process::Command;

use crate::support::Site;

const SUM: &str = "a = sint.get_input_from(0)\nb = sint.get_input_from(1, size=2)\n\
                   print_ln('%s', (a * b).reveal())\n";

fn site() -> Site {
    let site = Site::new();
    site.program("scaled", SUM);
    site
}

#[test]
fn private_inputs_are_read_from_files() {
    let site = site();
    site.input(0, "-3\n");
    site.input(1, " 4\t50 ");
    for protocol in ["ring", "emulate"] {
        let finished = site.compile_run(&format!("{protocol} scaled")).succeed();
        assert_eq!(finished.stdout, "[-12, -150]\n");
    }
}

#[test]
fn the_input_folder_can_be_chosen() {
    let site = site();
    std::fs::create_dir(site.path("mine")).unwrap();
    std::fs::write(site.path("mine/Input-P0-0"), "2").unwrap();
    std::fs::write(site.path("mine/Input-P1-0"), "3 4").unwrap();
    let finished = site.compile_run("--input-dir mine ring scaled").succeed();
    assert_eq!(finished.stdout, "[6, 8]\n");
    let finished = site.compile_run("ring scaled -- -IF mine/Input").succeed();
    assert_eq!(finished.stdout, "[6, 8]\n");
}

#[test]
fn too_few_inputs_are_refused_before_connecting() {
    let site = site();
    site.input(0, "1");
    site.input(1, "2");
    for protocol in ["ring", "emulate"] {
        let run = site.compile_run(&format!("{protocol} scaled"));
        run.fail(9, &["P1", "Input-P1-0", "1", "2"]);
    }
}

#[test]
fn a_missing_input_file_is_named() {
    let site = site();
    site.input(0, "1");
    site.compile_run("ring scaled").fail(9, &["P1", "Input-P1-0"]);
}

#[test]
fn too_many_inputs_are_refused_unless_allowed() {
    let site = site();
    site.input(0, "1 2");
    site.input(1, "2 3");
    site.compile_run("ring scaled").fail(9, &["P0", "Input-P0-0", "--allow-extra-inputs"]);
    let finished = site.compile_run("--allow-extra-inputs ring scaled").succeed();
    assert_eq!(finished.stdout, "[2, 3]\n");
}

#[test]
fn malformed_inputs_name_file_line_and_column() {
    let wrong = ["x", "1,5", "0x1F", "1_000", "1e3", "NaN", "--5", "1.5", "\u{0}"];
    let site = site();
    site.input(0, "1");
    for token in wrong {
        site.input(1, &format!("2\n  {token}\n"));
        site.compile_run("ring scaled").fail(9, &["P1", "Input-P1-0:2:3"]);
    }
}

#[test]
fn inputs_may_be_larger_than_the_ring_and_have_signs() {
    let site = site();
    site.input(0, "1");
    site.input(1, "18446744073709551617 +5");
    let finished = site.compile_run("ring scaled").succeed();
    assert_eq!(finished.stdout, "[1, 5]\n");
}

#[test]
fn order_of_inputs_is_program_order() {
    let site = Site::new();
    site.program(
        "order",
        "first = [sint.get_input_from(0), sint.get_input_from(1), sint.get_input_from(0)]\n\
         print_ln('%s', [x.reveal() for x in first])\n\
         @for_range(2)\n\
         def _(i):\n    print_ln('%s', (sint.get_input_from(0) * sint.get_input_from(1)).reveal())\n\
         a = sint.Array(3)\na.input_from(1)\nprint_ln('%s', a.reveal())\n",
    );
    site.input(0, "1 2 3 4");
    site.input(1, "10 20 30 7 8 9");
    for protocol in ["ring", "emulate"] {
        let finished = site.compile_run(&format!("{protocol} order")).succeed();
        assert_eq!(finished.stdout, "[1, 10, 2]\n60\n120\n[7, 8, 9]\n");
    }
}

#[test]
fn outputs_can_go_to_one_party() {
    let site = Site::new();
    site.program(
        "private",
        "x = sint(6) * 7\nprint_ln_to(1, 'yours: %s', x.reveal_to(1))\nprint_ln('all')\n",
    );
    assert_eq!(site.compile_run("ring private").succeed().stdout, "all\n");
    site.compile_run("ring private -- -OF out").succeed();
    let read = |party| std::fs::read_to_string(site.path(&format!("out-P{party}-0"))).unwrap();
    assert_eq!(read(1), "yours: 42\nall\n");
    assert_eq!(read(2), "all\n");
}

#[test]
fn inputs_can_be_typed_while_the_program_runs() {
    let site = site();
    site.compile_run("ring scaled -- -I").fail(2, &["-I", "caucus run --party"]);
    let caucus = env!("CARGO_BIN_EXE_caucus");
    let line = format!("printf '3\\n4 x\\n5\\n' | {caucus} run -q --party 0 emulate scaled -- -I");
    let finished = site.start(Command::new("sh").args(["-c", &line])).succeed();
    assert_eq!(finished.stdout, "[12, 15]\n");
    for text in ["P0: 1 private input: ", "P1: 2 private inputs: ", "`x` is not an integer"] {
        assert!(finished.stderr.contains(text), "{}", finished.stderr);
    }
}
