//! Programs that end themselves: what is printed before, the message, the line, the exit code.

use crate::support::Site;

/// Runs a program under each protocol; it must fail in `line`, print `expected` and say `message`.
fn fails(program: &str, expected: &str, line: usize, message: &str) {
    let site = Site::new();
    site.program("ends", program);
    for protocol in ["ring", "emulate"] {
        let place = format!("ends.mpc:{line}");
        let finished = site.compile_run(&format!("{protocol} ends")).fail(1, &[&place, message]);
        assert_eq!(finished.stdout, expected, "{protocol}");
    }
}

#[test]
fn runtime_error_prints_its_message_as_an_exception() {
    let program = "print_ln('before')\nruntime_error('bad %s', cint(3))\nprint_ln('behind')\n";
    fails(program, "before\nUser exception: bad 3\n", 2, "bad 3");
}

#[test]
fn runtime_error_if_prints_its_message_alone_and_only_if_it_holds() {
    let program = "x = (sint(7) > 5).reveal()\nruntime_error_if(x == 0, 'no')\n\
                   runtime_error_if(x, 'x is %s and %s', x, [cfix(1.5)])\n";
    fails(program, "x is 1 and [1.5]\n", 3, "x is 1 and [1.5]");
}

#[test]
fn crash_prints_nothing() {
    fails("print_ln('before')\ncrash(regint(0))\ncrash()\n", "before\n", 3, "crash");
    fails(
        "@for_range(3)\ndef _(i):\n    print_ln('%s', i)\n    crash(i == 1)\n",
        "0\n1\n",
        4,
        "crash",
    );
}

#[test]
fn a_party_that_fails_alone_is_named() {
    let site = Site::new();
    site.program(
        "alone",
        "print_ln('before')\ncrash(get_player_id() == 2)\nx = sint(1) * sint(2)\n\
                           print_ln('%s', x.reveal())\n",
    );
    let finished = site.compile_run("ring alone").fail(1, &["P2", "alone.mpc:2"]);
    assert_eq!(finished.stdout, "before\n");
}
