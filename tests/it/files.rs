//! Files beside private inputs: stored shares, public inputs, binary inputs and outputs.

use std::fs;

use crate::support::Site;

const STORE: &str = "x = sint.Array(2)\nx.input_from(0)\nx.write_to_file()\nprint_ln('stored')\n";
const LOAD: &str = "print_ln('begin')\nx = sint.Array(2)\nend = x.read_from_file(0)\n\
                    print_ln('%s %s', x.reveal(), end)\n";

/// A place where `ring` has stored two secrets.
fn stored() -> Site {
    let site = Site::new();
    site.program("store", STORE);
    site.program("load", LOAD);
    site.input(0, "5 -6");
    site.compile_run("ring store").succeed();
    site
}

fn shares(party: usize) -> String {
    format!("Persistence/Transactions-P{party}.data")
}

#[test]
fn secrets_are_stored_for_another_run() {
    let site = stored();
    assert_eq!(site.compile_run("ring load").succeed().stdout, "begin\n[5, -6] -1\n");
    site.compile_run("ring store").succeed();
    assert_eq!(site.compile_run("ring load").succeed().stdout, "begin\n[5, -6] 2\n");
    for party in 0..3 {
        let bytes = fs::read(site.path(&shares(party))).unwrap();
        // 4 shares of 16 bytes behind the header; the secrets themselves are not among them.
        assert_eq!(bytes.len(), 512 + 4 * 16);
        let secret = 5u64.to_le_bytes();
        assert!(bytes[512..].chunks_exact(8).all(|word| word != secret), "P{party}");
    }
}

#[test]
fn what_one_process_stores_is_apart() {
    let site = stored();
    site.compile_run("emulate load").fail(1, &["no shares have been stored", "load.mpc:3"]);
    site.compile_run("emulate store").succeed();
    assert_eq!(site.compile_run("emulate load").succeed().stdout, "begin\n[5, -6] -1\n");
    assert_eq!(site.compile_run("ring load").succeed().stdout, "begin\n[5, -6] -1\n");
}

#[test]
fn stored_shares_that_cannot_be_used_are_refused_with_the_cause() {
    let site = stored();
    let refused = |code, parts: &[&str]| {
        let finished = site.compile_run("ring load").fail(code, parts);
        assert_eq!(finished.stdout, "begin\n");
    };
    let original: Vec<_> =
        (0..3).map(|party| fs::read(site.path(&shares(party))).unwrap()).collect();
    let write = |party: usize, bytes: &[u8]| fs::write(site.path(&shares(party)), bytes).unwrap();

    write(1, &original[1][..540]);
    refused(9, &["P1", "Transactions-P1.data is truncated"]);
    let mut changed = original[2].clone();
    changed[520] ^= 1;
    write(1, &original[1]);
    write(2, &changed);
    refused(9, &["P2", "Transactions-P2.data is damaged"]);
    write(2, &original[1]);
    refused(9, &["P2", "has the shares of P1, this is P2"]);
    write(2, b"anything else");
    refused(9, &["P2", "no file of stored shares"]);

    write(2, &original[2]);
    site.compile_run("ring store").succeed();
    write(2, &original[2]);
    refused(8, &["do not belong together"]);
    fs::remove_file(site.path(&shares(2))).unwrap();
    refused(8, &["do not belong together", "none"]);
}

#[test]
fn stored_shares_are_of_one_ring() {
    let site = stored();
    site.compile_run("-R 128 ring load").fail(9, &["integers modulo 2^64", "modulo 2^128"]);
}

#[test]
fn reading_beyond_the_end_is_an_error_at_all_parties() {
    let site = stored();
    site.program("far", "end, x = sint.read_from_file(1, 2)\nprint_ln('no')\n");
    let finished =
        site.compile_run("ring far").fail(1, &["far.mpc:1", "beyond the end: there are 2"]);
    assert_eq!(finished.stdout, "");
}

#[test]
fn public_inputs_are_missed_at_all_parties() {
    let site = Site::new();
    site.program("public", "print_ln('%s', public_input())\n");
    let path = "Programs/Public-Input/public-7";
    site.compile_run("ring public 7").fail(9, &["P0", path, "P1", "P2"]);
    fs::create_dir_all(site.path("Programs/Public-Input")).unwrap();
    fs::write(site.path(path), "4").unwrap();
    for protocol in ["ring", "emulate"] {
        assert_eq!(site.compile_run(&format!("{protocol} public 7")).succeed().stdout, "4\n");
    }
    fs::write(site.path(path), "3.5").unwrap();
    site.compile_run("ring public 7").fail(9, &["public-7:1:1", "3.5", "not an integer"]);
    fs::write(site.path(path), "").unwrap();
    site.compile_run("ring public 7").fail(9, &["at least 1", "there are 0", "public.mpc:1"]);
}

#[test]
fn binary_outputs_are_appended_at_the_parties_they_are_for() {
    let site = Site::new();
    site.program(
        "binary",
        "regint([1, -2]).binary_output()\n\
         cfix([0.5, -3]).binary_output(1)\n\
         a = sint.Array(2)\na.assign([7, 8])\na.reveal_to_binary_output()\n\
         sfix(1.25).reveal_to_binary_output(2)\n\
         a.reveal_to(1).binary_output()\n",
    );
    let read =
        |party| fs::read(site.path(&format!("Player-Data/Binary-Output-P{party}-0"))).unwrap();
    let ints = |values: &[i64]| values.iter().flat_map(|it| it.to_le_bytes()).collect::<Vec<_>>();
    let floats = |values: &[f64]| values.iter().flat_map(|it| it.to_le_bytes()).collect::<Vec<_>>();
    site.compile_run("ring binary").succeed();
    let all = [ints(&[1, -2]), ints(&[7, 8])].concat();
    assert_eq!(read(0), all);
    let second = [ints(&[1, -2]), floats(&[0.5, -3.0]), ints(&[7, 8]), ints(&[7, 8])].concat();
    assert_eq!(read(1), second);
    assert_eq!(read(2), [all.clone(), floats(&[1.25])].concat());
    site.compile_run("ring binary").succeed();
    assert_eq!(read(0), [all.clone(), all].concat());
}

#[test]
fn threads_have_input_files_of_their_own() {
    let site = Site::new();
    site.program(
        "threaded",
        "a = sint.Array(4)\n\
         @for_range_multithread(2, 1, 4)\n\
         def _(i):\n    a[i] = sint.get_input_from(1)\n\
         print_ln('%s %s', a.reveal(), sint.get_input_from(1).reveal())\n",
    );
    for (thread, text) in [(0, "9"), (1, "1 2"), (2, "3 4")] {
        fs::write(site.path(&format!("Player-Data/Input-P1-{thread}")), text).unwrap();
    }
    for protocol in ["ring", "emulate"] {
        let finished = site.compile_run(&format!("{protocol} threaded")).succeed();
        assert_eq!(finished.stdout, "[1, 2, 3, 4] 9\n");
    }
    fs::write(site.path("Player-Data/Input-P1-2"), "3").unwrap();
    site.compile_run("ring threaded").fail(9, &["Input-P1-2", "in thread 2"]);
}

#[test]
fn data_of_the_program_does_not_replace_a_party_s_inputs() {
    let site = Site::new();
    site.program(
        "given",
        "x = sint.input_tensor_via(1, [int(program.args[1]), 2], binary=False)\n\
                           print_ln('%s', x.reveal())\n",
    );
    site.compile_run("ring given 5").succeed();
    // What was given is replaced, and nothing else.
    assert_eq!(site.compile_run("ring given 6").succeed().stdout, "[6, 2]\n");
    site.input(1, "1 2");
    site.compile_run("ring given 5").fail(2, &["E0250", "Input-P1-0", "other data"]);
    let path = site.path("Player-Data/Input-P1-0");
    assert_eq!(fs::read_to_string(path).unwrap(), "1 2");
    let finished = site.compile_run("--input-dir other ring given 7").succeed();
    assert_eq!(finished.stdout, "[7, 2]\n");
}

#[test]
fn too_short_binary_inputs_are_refused_with_the_line() {
    let site = Site::new();
    site.program(
        "binary",
        "x = sint.get_input_from(1, size=2, binary=True)\nprint_ln('%s', x.reveal())\n",
    );
    site.compile_run("ring binary").fail(9, &["P1", "Input-Binary-P1-0", "binary.mpc:1"]);
    fs::write(site.path("Player-Data/Input-Binary-P1-0"), [0; 15]).unwrap();
    let finished = site.compile_run("ring binary").fail(9, &["takes 16", "there are 15"]);
    assert!(finished.stderr.contains("P0"), "{}", finished.stderr);
}

#[test]
fn secrets_print_as_shares_where_the_program_insists() {
    let site = Site::new();
    site.program(
        "shares",
        "x = sint([5, -6])\ny = x * x\nprint_ln('%s', y, print_secrets=True)\n\
                            y.output()\nprint_ln('')\nprint_reg(regint(3), 'three')\n",
    );
    let finished = site.compile_run("emulate shares").succeed();
    let lines: Vec<_> = finished.stdout.lines().collect();
    assert_eq!(lines[..2], ["[25, 36]", "[25, 36]"]);
    assert!(lines[2].starts_with("Reg[") && lines[2].ends_with("] = 3 # three"), "{lines:?}");
    let shared = site.compile_run("ring shares").succeed().stdout;
    // Single digits of a share may be those of a value.
    assert!(!shared.contains("[25, 36]"), "{shared}");
    assert!(shared.starts_with("[(") && shared.contains("), ("), "{shared}");
}

#[test]
fn every_party_writes_its_output_to_a_file_and_the_first_one_shows_it_as_well() {
    let site = Site::new();
    site.program("out", "print_ln('all')\nprint_ln_to(2, 'two')\nprint_str_to(0, 'zero')\n");
    let finished = site.compile_run("ring out -- -OF parties").succeed();
    let read = |party| fs::read_to_string(site.path(&format!("parties-P{party}-0"))).unwrap();
    assert_eq!(finished.stdout, "all\nzero");
    assert_eq!([read(0), read(1), read(2)], ["all\nzero", "all\n", "all\ntwo\n"]);
}

#[test]
fn numbers_of_the_command_line_are_asked_for_by_position() {
    let site = Site::new();
    site.program("args", "print_ln_if(get_cmdline_arg(1) == -4, 'yes')\n");
    assert_eq!(site.compile_run("ring args -- 17 -4").succeed().stdout, "yes\n");
    site.compile_run("ring args -- 17").fail(2, &["number 1 of the command line", "1 were given"]);
}
