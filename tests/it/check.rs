//! Checked runs: each kind of mistake with numbers stops the run at its line, with the values. That
//! right programs give the same as among parties is tested where those are run.

use crate::support::{Site, suite};

/// A wrong program, the line that stops it, and parts of the message.
const WRONG: &[(&str, u32, &[&str])] = &[
    (
        "a = sint(2**40)\nb = a * a\nprint_ln('%s', b.reveal())\n",
        2,
        &["overflow", "1099511627776 * 1099511627776", "64 bits", "-R"],
    ),
    ("a = cint(2**62)\nprint_ln('%s', a + a)\n", 2, &["overflow", "4611686018427387904 + "]),
    (
        "a = sint.Array(3)\na.assign([2**62, 2**62, 5])\nprint_ln('%s', sum(a).reveal())\n",
        3,
        &["overflow"],
    ),
    (
        "x = sfix(16000)\ny = x + x\nprint_ln('%s', (y > 5).reveal())\n",
        2,
        &["overflow", "32000", "31 bits", "from -16384 to 16384", "set_precision"],
    ),
    (
        "x = sfix(200)\nprint_ln('%s', (x * x).reveal())\n",
        2,
        &["overflow", "171798691840000", "fixed-point"],
    ),
    ("x = cfix(16000)\nprint_ln('%s', x - -x)\n", 2, &["overflow", "32000"]),
    (
        "program.set_bit_length(16)\n@for_range_opt(10)\ndef _(i):\n    x = sint(i) * 10000\n    \
         print_ln('%s', (x < 5).reveal())\n",
        4,
        &["overflow", "70000", "17 bits"],
    ),
    (
        "program.set_bit_length(16)\nx = sint(1)\n@for_range(20)\ndef _(i):\n    x.iadd(x)\n\
         print_ln('%s', x.reveal())\n",
        5,
        &["overflow", "65536"],
    ),
    ("print_ln('%s', (sint(5).less_than(100, 4)).reveal())\n", 1, &["comparison", "-95"]),
    ("print_ln('%s', (sint(70).equal(6, 5)).reveal())\n", 1, &["comparison", "64"]),
    ("print_ln('%s', (sint(2**50).right_shift(3, 20)).reveal())\n", 1, &["20 bits"]),
    ("x = sfix(3) / sfix(0)\nprint_ln('%s', x.reveal())\n", 1, &["division", "is 0"]),
    ("x = sint(3).int_div(sint(0), 20)\nprint_ln('%s', x.reveal())\n", 1, &["division", "is 0"]),
    (
        "a = sint.Array(5)\na[1] = 3\nprint_ln('%s', (a[1] + a[4]).reveal())\n",
        3,
        &["element 4", "never written"],
    ),
    (
        "a = regint.Array(5)\n@for_range(4)\ndef _(i):\n    a[i] = i\n@for_range(5)\ndef _(i):\n    \
         print_ln('%s', a[i])\n",
        7,
        &["element 4", "never written"],
    ),
    (
        "a = sint.Array(5)\na.assign_all(1)\ni = regint(7)\nprint_ln('%s', a[i].reveal())\n",
        4,
        &["index 7 is out of range"],
    ),
];

#[test]
fn each_mistake_with_numbers_stops_at_its_line() {
    let cases: Vec<_> = WRONG.iter().enumerate().collect();
    suite::complaints(&cases, |(number, (text, line, parts))| {
        let site = Site::new();
        let name = format!("wrong_{number}");
        site.program(&name, text);
        let finished = site.caucus(&format!("check -q {name}")).finish();
        let mut wrong = Vec::new();
        let place = format!("{name}.mpc:{line}");
        for part in parts.iter().chain([&place.as_str()]) {
            if !finished.stderr.contains(part) {
                wrong.push(format!("{text}{part:?} is missing in\n{}", finished.stderr));
            }
        }
        if finished.code != 1 {
            wrong.push(format!("{text}ended with {}", finished.code));
        }
        wrong
    });
}

#[test]
fn the_same_programs_go_on_without_the_check() {
    let site = Site::new();
    site.program("wraps", WRONG[0].0);
    assert_eq!(site.compile_run("-q emulate wraps").succeed().stdout, "0\n");
    site.compile_run("-q --check ring wraps").fail(1, &["wraps.mpc:2", "overflow"]);
    site.compile_run("-q check wraps").fail(1, &["wraps.mpc:2", "overflow"]);
}
