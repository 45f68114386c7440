//! How fast the machine is: a loop of public instructions, dependent products and wide products.
//!
//! `cargo run --release -p caucus-vm --example speed`

use std::time::Duration;

use caucus_bytecode::operand::*;
use caucus_bytecode::{Op, Position, Program, Tape};
use caucus_core::algebra::Z64;
use caucus_protocols::{Emulate, Protocol, Replicated};
use caucus_vm::testing::{MemoryHost, Switchboard, run};

const COUNT: i64 = 1_000_000;
const LANES: u64 = 1_000_000;

fn program(lanes: u64, rounds: i64, ops: Vec<Op>) -> Program {
    let start = [(0, rounds), (1, -1)].map(|(dst, value)| Op::LoadInt { dst: DstI(dst), value });
    let [counter, step] = [SrcI(0), SrcI(1)];
    let end = [
        Op::IntBinary { op: IntOp::Add, dst: DstI(0), a: counter, b: step },
        Op::JumpIfNotZero { condition: counter, target: Label(2) },
    ];
    let ops: Vec<Op> = [start.to_vec(), ops, end.to_vec()].concat();
    let positions = vec![Position::default(); ops.len()];
    let tape = Tape {
        lanes: [vec![lanes; 2], vec![], vec![1; 3], vec![]],
        ops,
        positions,
        ..Tape::default()
    };
    Program { ring_bits: 64, tapes: vec![tape], ..Program::default() }
}

fn time<P: Protocol>(program: &Program, hosts: &[MemoryHost]) -> Duration {
    let outcome = run::<P>(program, hosts).remove(0);
    outcome.expect("these programs do not fail").elapsed
}

#[expect(clippy::print_stdout, reason = "this program shows its measurements")]
fn main() {
    let alone = [MemoryHost::new(None, 3, Switchboard::default())];
    let three = MemoryHost::for_parties(3, &Switchboard::default());
    let add = Op::IntBinary { op: IntOp::Add, dst: DstI(2), a: SrcI(2), b: SrcI(0) };
    let elapsed = time::<Emulate<Z64>>(&program(1, COUNT, vec![add]), &alone);
    println!("public instruction: {:.1} ns", elapsed.as_secs_f64() / (3 * COUNT) as f64 * 1e9);
    let mul = |from, to| Op::MulS { products: vec![(DstS(to), SrcS(from), SrcS(from))] };
    let elapsed = time::<Replicated<Z64>>(&program(1, 5000, vec![mul(0, 1), mul(1, 0)]), &three);
    println!("dependent product of three parties: {:.1} µs", elapsed.as_secs_f64() / 1e4 * 1e6);
    let elapsed = time::<Replicated<Z64>>(&program(LANES, 5, vec![mul(0, 1), mul(1, 0)]), &three);
    let rate = (10 * LANES) as f64 / elapsed.as_secs_f64() / 1e6;
    println!("products of three parties, {LANES} in a vector: {rate:.0} million per second");
}
