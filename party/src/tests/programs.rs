//! Programs by hand.

use caucus_bytecode::operand::{
    DstC, DstI, DstS, Part, PublicOp, SrcC, SrcI, SrcS, TapeRef, TextRef,
};
use caucus_bytecode::{Op, Position, Program, Tape};

/// A program of one tape. Registers have one lane but the first secret and public ones, which have `lanes`.
pub(super) fn program(name: &str, lanes: u64, texts: &[&str], ops: Vec<Op>) -> Program {
    let positions = (1..).map(|line| Position { file: 0, line }).take(ops.len()).collect();
    let tape = Tape {
        name: "main".into(),
        lanes: [vec![lanes; 4], vec![lanes; 2], vec![1; 8], vec![]],
        ops,
        positions,
        ..Tape::default()
    };
    Program {
        name: name.into(),
        ring_bits: 64,
        tapes: vec![tape],
        texts: texts.iter().map(|text| text.to_string()).collect(),
        files: vec![format!("{name}.mpc")],
        ..Program::default()
    }
}

pub(super) fn int(dst: u32, value: i64) -> Op {
    Op::LoadInt { dst: DstI(dst), value }
}

pub(super) fn print_public(src: u32) -> Op {
    let parts = vec![Part::Text(TextRef(0)), Part::Public(SrcC(src)), Part::Text(TextRef(1))];
    Op::Print { condition: None, player: None, parts }
}

pub(super) fn open(dst: u32, src: u32) -> Op {
    Op::OpenS { openings: vec![(DstC(dst), SrcS(src))] }
}

pub(super) fn mul(dst: u32, a: u32, b: u32) -> Op {
    Op::MulS { products: vec![(DstS(dst), SrcS(a), SrcS(b))] }
}

/// Multiplies inputs of P0 and P1 and prints the products.
pub(super) fn product(lanes: u64) -> Program {
    let inputs = vec![(DstS(0), SrcI(0), 0), (DstS(1), SrcI(1), 0)];
    let ops = vec![
        int(0, 0),
        int(1, 1),
        Op::InputS { inputs },
        mul(2, 0, 1),
        open(0, 2),
        print_public(0),
    ];
    program("product", lanes, &["product ", "\n"], ops)
}

/// As [`product`], in a ring of this length.
pub(super) fn product_in(ring_bits: u32) -> Program {
    Program { ring_bits, ..product(1) }
}

/// Multiplies in two threads, and does nothing with it.
pub(super) fn threads() -> Program {
    let mut program = program("threads", 8, &["done", "\n"], vec![]);
    let jobs = vec![(TapeRef(1), vec![]), (TapeRef(1), vec![])];
    let parts = vec![Part::Text(TextRef(0)), Part::Text(TextRef(1))];
    program.tapes[0].ops =
        vec![Op::Threads { jobs }, Op::Print { condition: None, player: None, parts }];
    program.tapes[0].positions = vec![Position::default(); 2];
    let job = vec![Op::RandomS { dst: DstS(0) }, mul(1, 0, 0), mul(2, 1, 1)];
    program.tapes.push(Tape { ops: job, ..program.tapes[0].clone() });
    program.tapes[1].positions = vec![Position::default(); 3];
    program
}

/// Fails at all parties.
pub(super) fn failing() -> Program {
    let parts = vec![Part::Text(TextRef(0))];
    program("failing", 1, &["no way"], vec![int(0, 1), Op::Fail { condition: SrcI(0), parts }])
}

/// Fails at P1 only, while the others wait for it.
pub(super) fn failing_at_one() -> Program {
    let is_one = Op::IntBinary {
        op: caucus_bytecode::operand::IntOp::Eq,
        dst: DstI(2),
        a: SrcI(0),
        b: SrcI(1),
    };
    let ops = vec![
        Op::PartyNumber { dst: DstI(0) },
        int(1, 1),
        is_one,
        Op::Fail { condition: SrcI(2), parts: vec![] },
        Op::RandomS { dst: DstS(0) },
        mul(1, 0, 0),
        open(0, 1),
    ];
    program("failing_at_one", 1, &[], ops)
}

/// As [`failing_at_one`], in a thread of its own.
pub(super) fn failing_in_a_thread() -> Program {
    let mut program = failing_at_one();
    let job = program.tapes[0].clone();
    program.tapes[0].ops = vec![Op::Threads { jobs: vec![(TapeRef(1), vec![])] }];
    program.tapes[0].positions = vec![Position::default()];
    program.tapes.push(job);
    program
}

/// Prints to P2 only.
pub(super) fn private_print() -> Program {
    let parts = vec![Part::Text(TextRef(0))];
    let ops = vec![int(0, 2), Op::Print { condition: None, player: Some(SrcI(0)), parts }];
    program("private_print", 1, &["for P2\n"], ops)
}

/// Accepts `n` workers, sends each `lanes` copies of its number plus ten, opens what comes back and prints it.
pub(super) fn main_of_workers(port: u16, n: u32, lanes: u64) -> Program {
    main_that_expects(port, n, lanes, false)
}

/// As [`main_of_workers`], but with one value more in the answer if `one_more`.
pub(super) fn main_that_expects(port: u16, n: u32, lanes: u64, one_more: bool) -> Program {
    let mut ops = vec![int(0, i64::from(port)), Op::Listen { port: SrcI(0) }];
    ops.extend((0..n).map(|_| Op::Accept { dst: DstI(1), port: SrcI(0) }));
    for worker in 0..n {
        ops.extend([
            int(2, i64::from(worker)),
            int(3, i64::from(worker) + 10),
            Op::PublicFromInt { dst: DstC(0), src: SrcI(3) },
            Op::SecretFromPublic { dst: DstS(0), src: SrcC(0) },
            Op::SendS { socket: SrcI(2), values: vec![SrcS(0)] },
        ]);
    }
    for worker in 0..n {
        let mut values = vec![DstS(1)];
        if one_more {
            values.push(DstS(2));
        }
        ops.extend([
            int(2, i64::from(worker)),
            Op::RecvS { socket: SrcI(2), values },
            open(1, 1),
            print_public(1),
            Op::Close { socket: SrcI(2) },
        ]);
    }
    program("main", lanes, &["", "\n"], ops)
}

/// Receives `lanes` secrets from the main node, squares them and sends them back.
pub(super) fn worker(port: u16, number: i64, lanes: u64) -> Program {
    let ops = vec![
        int(0, i64::from(port)),
        int(1, number),
        Op::Connect { dst: DstI(2), host: TextRef(0), port: SrcI(0), id: SrcI(1), relative: true },
        Op::RecvS { socket: SrcI(2), values: vec![DstS(0)] },
        mul(1, 0, 0),
        Op::SendS { socket: SrcI(2), values: vec![SrcS(1)] },
    ];
    program(&format!("worker-{number}"), lanes, &["localhost"], ops)
}

/// Divides a public number by zero.
pub(super) fn dividing_by_zero() -> Program {
    let divide = Op::PublicBinary { op: PublicOp::Div, dst: DstC(0), a: SrcC(1), b: SrcC(1) };
    program("dividing", 1, &[], vec![divide])
}
