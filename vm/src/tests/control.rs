//! Jumps and threads.

use caucus_bytecode::Op;
use caucus_bytecode::operand::*;
use caucus_core::algebra::Z64;
use caucus_protocols::{Emulate, Replicated};

use super::code::{Code, level};
use super::{all_succeed, alone, fails, prints, three};
use crate::testing::{local_threads, run};
use crate::{Kind, Machine};

#[test]
fn loops_count_and_conditions_branch() {
    prints("10\n3\n", |code| {
        let (counter, sum, step) = (code.i(1), code.i(1), code.int(-1));
        code.op(Op::LoadInt { dst: DstI(counter), value: 4 });
        let top = code.here();
        let (a, b) = (SrcI(sum), SrcI(counter));
        code.op(Op::IntBinary { op: IntOp::Add, dst: DstI(sum), a, b });
        let a = SrcI(counter);
        code.op(Op::IntBinary { op: IntOp::Add, dst: DstI(counter), a, b: step });
        code.op(Op::JumpIfNotZero { condition: SrcI(counter), target: top });
        code.show_i(sum);
        let jump = Op::JumpIfZero { condition: SrcI(counter), target: Label(0) };
        let to_else = code.op(jump);
        code.show_i(step.0);
        let to_end = code.op(Op::Jump { target: Label(0) });
        let target = code.here();
        code.replace(to_else, Op::JumpIfZero { condition: SrcI(counter), target });
        let three = code.int(3);
        code.show_i(three.0);
        let target = code.here();
        code.replace(to_end, Op::Jump { target });
    });
}

/// Threads that square two elements of an array each. The argument is the index of the first.
fn squares(code: &mut Code, n_threads: u64) -> ArrayRef {
    let array = code.array(Class::Secret, 2 * n_threads);
    let tape = code.tape(1, |code| {
        let (x, y) = (code.s(2), code.s(2));
        let levels = vec![level(2, 1)];
        let stored = levels.clone();
        let base = SrcI(0);
        code.op(Op::LoadS { dst: DstS(x), array: ArrayIn(array), base, levels });
        code.op(Op::MulS { products: vec![(DstS(y), SrcS(x), SrcS(x))] });
        code.op(Op::StoreS { array: ArrayOut(array), base, levels: stored, src: SrcS(y) });
    });
    let values: Vec<i64> = (1..=2 * n_threads as i64).collect();
    let (src, base) = (code.secrets(&values), code.int(0));
    let levels = vec![level(2 * n_threads, 1)];
    code.op(Op::StoreS { array: ArrayOut(array), base, levels, src });
    let jobs = (0..n_threads as i64).map(|idx| (tape, vec![code.int(2 * idx)])).collect();
    code.op(Op::Threads { jobs });
    array
}

#[test]
fn threads_share_arrays() {
    prints("[1, 4, 9, 16, 25, 36, 49, 64]\n", |code| {
        let array = squares(code, 4);
        let (dst, base) = (code.s(8), code.int(0));
        let levels = vec![level(8, 1)];
        code.op(Op::LoadS { dst: DstS(dst), array: ArrayIn(array), base, levels });
        code.show_s(dst);
    });
}

#[test]
fn rounds_of_threads_side_by_side_count_once() {
    let program = Code::program(|code| {
        squares(code, 3);
    });
    for outcome in all_succeed(run::<Replicated<Z64>>(&program, &three())) {
        assert_eq!(outcome.rounds, 1);
        let rounds: Vec<u64> = outcome.statistics.iter().map(|stats| stats.rounds).collect();
        assert_eq!(rounds[1..], [1, 1, 1]);
        assert_eq!(outcome.nets.len(), 4);
    }
}

#[test]
fn each_run_of_a_tape_has_its_own_arrays_and_fresh_randomness() {
    let program = Code::program(|code| {
        let tape = code.tape(0, |code| {
            let local = code.local(Class::Int, 1);
            let (zero, one, seen) = (code.int(0), code.int(1), code.i(1));
            let array = ArrayIn(local);
            code.op(Op::LoadI { dst: DstI(seen), array, base: zero, levels: vec![] });
            code.op(Op::StoreI { array: ArrayOut(local), base: zero, levels: vec![], src: one });
            let (random, opened) = (code.s(1), code.c(1));
            code.op(Op::RandomS { dst: DstS(random) });
            code.op(Op::OpenS { openings: vec![(DstC(opened), SrcS(random))] });
            let space = code.text(" ");
            code.print(vec![Part::Int(SrcI(seen)), Part::Text(space), Part::Public(SrcC(opened))]);
        });
        code.op(Op::Threads { jobs: vec![(tape, vec![])] });
        code.op(Op::Threads { jobs: vec![(tape, vec![]), (tape, vec![])] });
    });
    let hosts = three();
    all_succeed(run::<Replicated<Z64>>(&program, &hosts));
    let output = hosts[0].output();
    let mut lines: Vec<&str> = output.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines.iter().all(|line| line.starts_with("0 ")), "{output}");
    lines.sort_unstable();
    lines.dedup();
    assert_eq!(lines.len(), 3, "{output}");
}

#[test]
fn one_failing_thread_ends_the_others_and_is_the_one_reported() {
    let (error, output) = fails(|code| {
        let endless = code.tape(0, |code| {
            code.op(Op::Jump { target: Label(0) });
        });
        let failing = code.tape(1, |code| {
            let array = code.array(Class::Int, 3);
            let dst = DstI(code.i(1));
            code.op(Op::LoadI { dst, array: ArrayIn(array), base: SrcI(0), levels: vec![] });
        });
        let seventeen = code.int(17);
        let jobs = vec![(endless, vec![]), (failing, vec![seventeen]), (endless, vec![])];
        code.op(Op::Threads { jobs });
        code.show_i(seventeen.0);
    });
    let expected = "test.mpc:1: index 17 is out of range for an array of length 3 (in thread 2)";
    assert_eq!(error.to_string(), expected);
    assert_eq!(error.thread, 2);
    assert_eq!(output, "");
}

#[test]
fn an_abort_from_outside_ends_an_endless_loop() {
    let program = Code::program(|code| {
        code.op(Op::Jump { target: Label(0) });
    });
    let hosts = alone();
    let (mut threads, abort) = local_threads(1, 1).remove(0);
    let session = caucus_protocols::SessionId::new([0; 32]);
    let protocol: Emulate<Z64> =
        caucus_protocols::Protocol::setup(&mut threads[0].net, &session).unwrap();
    let error = std::thread::scope(|scope| {
        let flag = abort.clone();
        scope.spawn(move || {
            std::thread::sleep(std::time::Duration::from_millis(50));
            flag.set("P2 was lost");
        });
        Machine::run(&program, threads, protocol, &hosts[0], abort).unwrap_err()
    });
    assert_eq!(error.aborted(), Some("P2 was lost"));
}

#[test]
fn a_panic_in_a_thread_is_an_error() {
    /// Surroundings with a bug.
    struct Broken;
    impl crate::Host for Broken {
        fn n_parties(&self) -> usize {
            panic!("a bug of the host")
        }
        fn workers(&self) -> Option<&dyn crate::Workers> {
            None
        }
        fn print(&self, _: caucus_protocols::Checked, _: crate::Audience, _: &str) {}
        fn owns_input(&self, _: caucus_core::ids::PartyId) -> bool {
            true
        }
        fn private_input(
            &self,
            _: caucus_core::ids::PartyId,
            _: usize,
            _: usize,
            _: u32,
            _: &mut dyn FnMut(crate::InputPiece<'_>),
        ) -> Result<(), crate::HostError> {
            Ok(())
        }
        fn part_input(
            &self,
            _: caucus_core::ids::PartyId,
            _: u64,
            _: usize,
            _: usize,
            _: u32,
            _: &mut dyn FnMut(crate::InputPiece<'_>),
        ) -> Result<(), crate::HostError> {
            Ok(())
        }
        fn part_done(
            &self,
            _: caucus_core::ids::PartyId,
            _: u64,
            _: usize,
        ) -> Result<(), crate::HostError> {
            Ok(())
        }
        fn binary_input(
            &self,
            _: caucus_core::ids::PartyId,
            _: usize,
            _: usize,
            _: usize,
        ) -> Result<Vec<u8>, crate::HostError> {
            Ok(Vec::new())
        }
        fn public_input(&self, _: usize) -> Result<Vec<i64>, crate::HostError> {
            Ok(Vec::new())
        }
        fn command_line_arg(&self, _: i64) -> Result<i64, crate::HostError> {
            Ok(0)
        }
        fn threshold(&self) -> usize {
            1
        }
        fn binary_output(
            &self,
            _: caucus_protocols::Checked,
            _: Option<caucus_core::ids::PartyId>,
            _: usize,
            _: &[u8],
        ) -> Result<(), crate::HostError> {
            Ok(())
        }
        fn storage(&self) -> &dyn crate::Storage {
            unreachable!("the program stores nothing")
        }
        fn listen(&self, _: i64) -> Result<(), crate::HostError> {
            Ok(())
        }
        fn arrivals(
            &self,
            _: i64,
            _: std::time::Duration,
        ) -> Result<Vec<crate::Arrival>, crate::HostError> {
            Ok(Vec::new())
        }
        fn accept(&self, _: i64, _: crate::Arrival) -> Result<i64, crate::HostError> {
            Ok(0)
        }
        fn is_client(&self, _: i64) -> Result<bool, crate::HostError> {
            Ok(false)
        }
        fn connect(&self, _: &str, _: i64, _: i64, _: bool) -> Result<i64, crate::HostError> {
            Ok(-1)
        }
        fn close(&self, _: i64) -> Result<(), crate::HostError> {
            Ok(())
        }
        fn send(
            &self,
            _: caucus_protocols::Checked,
            _: i64,
            _: crate::Payload,
            _: &[u8],
        ) -> Result<(), crate::HostError> {
            Ok(())
        }
        fn receive(
            &self,
            _: i64,
            _: crate::Payload,
            _: usize,
            _: usize,
        ) -> Result<Vec<u8>, crate::HostError> {
            Ok(Vec::new())
        }
    }
    let program = Code::program(|code| {
        let tape = code.tape(0, |code| {
            let dst = DstI(code.i(1));
            code.op(Op::PartyCount { dst });
        });
        let endless = code.tape(0, |code| {
            code.op(Op::Jump { target: Label(0) });
        });
        code.op(Op::Threads { jobs: vec![(tape, vec![]), (endless, vec![])] });
    });
    let (mut threads, abort) = local_threads(1, 3).remove(0);
    let session = caucus_protocols::SessionId::new([0; 32]);
    let protocol: Emulate<Z64> =
        caucus_protocols::Protocol::setup(&mut threads[0].net, &session).unwrap();
    let error = Machine::run(&program, threads, protocol, &Broken, abort).unwrap_err();
    assert!(matches!(&error.kind, Kind::Panic { message } if message == "a bug of the host"));
}
