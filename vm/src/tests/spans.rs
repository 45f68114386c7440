//! What is recorded of a run.

use caucus_bytecode::Op;
use caucus_bytecode::operand::*;
use caucus_core::algebra::Z64;
use caucus_core::trace::{Figure, Recorder};
use caucus_protocols::{Emulate, Protocol, SessionId};

use super::alone;
use super::code::Code;
use crate::Machine;
use crate::testing::local_threads;

#[test]
fn tapes_of_threads_and_long_instructions_are_recorded() {
    let program = Code::program(|code| {
        let short = code.tape(0, |code| {
            code.int(3);
        });
        let long = code.tape(0, |code| {
            code.int(4);
            // Takes milliseconds on any machine.
            let random = code.s(1 << 22);
            code.op(Op::RandomS { dst: DstS(random) });
        });
        code.op(Op::Threads { jobs: vec![(short, vec![]), (long, vec![])] });
    });
    let recorder = Recorder::new();
    let (mut threads, abort) = local_threads(1, 3).remove(0);
    for (number, thread) in threads.iter_mut().enumerate() {
        thread.lane = Some(recorder.lane(&format!("thread {number}")));
    }
    let session = SessionId::new([7; 32]);
    let protocol = Emulate::<Z64>::setup(&mut threads[0].net, &session).unwrap();
    Machine::run(&program, threads, protocol, &alone()[0], abort).unwrap();
    let (lanes, spans, dropped) = recorder.contents();
    let found: Vec<_> = spans.iter().map(|it| (&*lanes[it.lane as usize], &*it.name)).collect();
    let expected = [
        ("thread 1", "tape other"),
        ("thread 2", Op::RandomS { dst: DstS(0) }.mnemonic()),
        ("thread 2", "tape other"),
        ("thread 0", Op::Threads { jobs: vec![] }.mnemonic()),
    ];
    let mut sorted = found.clone();
    sorted.sort_by_key(|it| expected.iter().position(|other| other == it));
    assert_eq!((sorted, dropped), (expected.to_vec(), 0), "{found:?}");
    let random = spans.iter().find(|it| it.name == expected[1].1).unwrap();
    assert_eq!(random.figures["line"], Figure::from("test.mpc:2"));
    assert_eq!(random.figures["rounds"], Figure::from(0u64));
    assert!(random.nanos >= 1_000_000, "{random:?}");
}
