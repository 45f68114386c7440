//! Printing, failing, timers.

use caucus_bytecode::Op;
use caucus_bytecode::operand::*;
use caucus_core::algebra::Z64;
use caucus_protocols::Replicated;

use super::code::Code;
use super::{all_succeed, fails, prints, three};
use crate::Kind;
use crate::testing::run;

#[test]
fn vectors_are_printed_in_brackets_and_texts_as_they_are() {
    prints("a% 5 [1, -2] b\n", |code| {
        let texts = ["a% ", " ", " b"].map(|text| Part::Text(code.text(text)));
        let (five, pair) = (code.int(5), code.publics(&[1, -2]));
        code.print(vec![texts[0], Part::Int(five), texts[1], Part::Public(pair), texts[2]]);
    });
}

#[test]
fn a_condition_decides_about_printing() {
    prints("yes", |code| {
        let (zero, two) = (code.int(0), code.int(2));
        let (yes, no) = (code.text("yes"), code.text("no"));
        for (condition, text) in [(zero, no), (two, yes)] {
            let (condition, parts) = (Some(condition), vec![Part::Text(text)]);
            code.op(Op::Print { condition, player: None, parts });
        }
    });
}

#[test]
fn a_failure_prints_its_message_and_names_the_line() {
    let (error, output) = fails(|code| {
        let (zero, one, text) = (code.int(0), code.int(1), code.text("connection problems"));
        let parts = vec![Part::Text(text)];
        code.op(Op::Fail { condition: zero, parts: parts.clone() });
        code.op(Op::Fail { condition: one, parts });
    });
    assert_eq!(error.to_string(), "test.mpc:4: connection problems");
    assert_eq!(output, "connection problems\n");
    assert!(matches!(error.kind, Kind::Program { .. }));
}

#[test]
fn a_failure_of_many_lanes_shows_the_first_failing_one() {
    let (error, output) = fails(|code| {
        let condition = code.ints(&[0, 0, 1, 1]);
        let index = code.ints(&[10, 11, 12, 13]);
        let value = code.publics(&[5, 6, -7, 8]);
        let (other, text) = (code.ints(&[1, 2]), code.text(": "));
        let colon = Part::Text(text);
        let parts = vec![Part::Int(index), colon, Part::Public(value), colon, Part::Int(other)];
        code.op(Op::Fail { condition, parts });
    });
    assert_eq!(output, "12: -7: [1, 2]\n");
    assert_eq!(error.to_string(), "test.mpc:6: 12: -7: [1, 2]");
}

#[test]
fn a_crash_prints_nothing() {
    let (error, output) = fails(|code| {
        let condition = code.int(1);
        code.op(Op::Fail { condition, parts: vec![] });
    });
    assert_eq!(output, "");
    assert_eq!(error.to_string(), "test.mpc:2: the program ended itself with a crash");
}

#[test]
fn timers_measure_time_and_traffic() {
    let program = Code::program(|code| {
        let a = code.secrets(&[1; 10]);
        let dst = DstS(code.s(10));
        for _ in 0..2 {
            code.op(Op::TimerStart { timer: 3 });
            code.op(Op::MulS { products: vec![(dst, a, a)] });
            code.op(Op::TimerStop { timer: 3 });
        }
        code.op(Op::Check {});
    });
    let hosts = three();
    let outcomes = all_succeed(run::<Replicated<Z64>>(&program, &hosts));
    let timing = outcomes[0].timers[0];
    assert_eq!((timing.thread, timing.timer, timing.rounds), (0, 3, 2));
    assert_eq!(timing.bytes_sent, 2 * (8 + 80));
    assert!(timing.elapsed <= outcomes[0].elapsed);
    let output = hosts[0].output();
    let starts = ["Starting timer 3 at 0.0", "Stopped timer 3 at ", "Starting timer 3 at ", "Sto"];
    assert_eq!(output.lines().count(), 4, "{output}");
    assert!(output.lines().zip(starts).all(|(line, start)| line.starts_with(start)), "{output}");
    assert!(output.contains("1 rounds)"), "{output}");
}

#[test]
fn timers_out_of_order_are_errors() {
    let (error, _) = fails(|code| {
        code.op(Op::TimerStop { timer: 1 });
    });
    assert_eq!(error.to_string(), "test.mpc:1: timer 1 is stopped, but was not started");
    let program = Code::program(|code| {
        code.op(Op::TimerStart { timer: 1 });
        code.op(Op::TimerStart { timer: 1 });
    });
    for result in run::<Replicated<Z64>>(&program, &three()) {
        assert!(matches!(result.unwrap_err().kind, Kind::TimerRuns { timer: 1 }));
    }
}

#[test]
fn parties_know_their_number_and_how_many_they_are() {
    let program = Code::program(|code| {
        let (count, number) = (code.i(1), code.i(1));
        code.op(Op::PartyCount { dst: DstI(count) });
        code.op(Op::PartyNumber { dst: DstI(number) });
        let slash = Part::Text(code.text("/"));
        code.print(vec![Part::Int(SrcI(number)), slash, Part::Int(SrcI(count))]);
    });
    let hosts = three();
    all_succeed(run::<Replicated<Z64>>(&program, &hosts));
    let outputs: Vec<String> = hosts.iter().map(|host| host.output()).collect();
    assert_eq!(outputs, ["0/3\n", "1/3\n", "2/3\n"]);
}

#[test]
fn threads_know_their_number() {
    let program = Code::program(|code| {
        let number = code.i(1);
        code.op(Op::ThreadNumber { dst: DstI(number) });
        code.print(vec![Part::Int(SrcI(number))]);
    });
    let hosts = three();
    all_succeed(run::<Replicated<Z64>>(&program, &hosts));
    assert_eq!(hosts[0].output(), "0\n");
}

#[test]
fn fixed_point_is_printed_as_a_fraction() {
    prints("-0.25 [1.5, 3, 1e+06]\n", |code| {
        let (single, list) =
            (code.publics(&[-16384]), code.publics(&[98304, 196_608, 65_536_000_000]));
        let space = Part::Text(code.text(" "));
        let fixed = |src| Part::Fixed { src, bits: 16, total: 64, digits: 6 };
        code.print(vec![fixed(single), space, fixed(list)]);
    });
}
