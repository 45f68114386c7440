//! Tests of emission: golden texts, and random programs whose bytecode must print what the regions
//! they come from print.

use caucus_bytecode::operand::{DstI, IntOp, Part, SrcI};
use caucus_bytecode::text::disassemble;
use proptest::prelude::*;

use super::*;
use crate::build::Builder;
use crate::ir::{Block, Class, LoopKind, Node};
use crate::verify::{Stage, verify};

/// The instructions of the main tape, with the registers that were virtual.
fn emitted(b: Builder) -> Vec<String> {
    let program = emit(b.finish()).unwrap();
    let text = disassemble(&program);
    let lines = text.lines().skip_while(|line| !line.starts_with("tape0")).skip(1);
    lines.map(|line| line.split("  ;").next().unwrap().trim_end().to_owned()).collect()
}

#[test]
fn registers_are_used_again_after_their_last_use() {
    let mut b = Builder::new();
    let array = b.array(Class::Secret, 8);
    let base = b.int(0);
    let mut value = b.load(array, base, 8);
    for _ in 0..4 {
        value = b.mul(value, value);
    }
    b.store(array, base, value);
    let wanted = [
        "  lanes s0:8 s1:8",
        "     0 ldi i0 0",
        "     1 lds s0 array0 i0 [8×1]",
        "     2 muls [(s1 s0 s0)]",
        "     3 muls [(s0 s1 s1)]",
        "     4 muls [(s1 s0 s0)]",
        "     5 muls [(s0 s1 s1)]",
        "     6 sts array0 i0 [8×1] s0",
    ];
    assert_eq!(emitted(b), wanted);
}

#[test]
fn a_loop_tests_before_the_first_and_after_each_iteration() {
    let mut b = Builder::new();
    let (start, stop) = (b.int(0), b.int(9));
    let index = b.fresh(Class::Int, 1);
    b.region_loop(index, start, stop, 2, LoopKind::Sequential);
    b.print_int(index);
    b.end();
    let wanted = [
        "     0 ldi i0 0",
        "     1 ldi i1 9",
        "     2 ldi i2 2",
        "     3 movi i3 i0",
        "     4 int lt i0 i3 i1",
        "     5 jz i0 @11",
        "     6 print - - [i3]",
        "     7 int add i0 i3 i2",
        "     8 movi i3 i0",
        "     9 int lt i0 i3 i1",
        "    10 jnz i0 @6",
    ];
    assert_eq!(emitted(b), wanted);
}

#[test]
fn threads_have_their_own_registers_and_arrays() {
    let mut b = Builder::new();
    let shared = b.array(Class::Secret, 4);
    let unused = b.array(Class::Int, 9);
    let args = vec![SrcI(b.int(2))];
    let _ = unused;
    b.op(Op::Threads { jobs: vec![(caucus_bytecode::operand::TapeRef(1), args)] });
    let params = b.tape(1);
    let own = b.array(Class::Secret, 7);
    let value = b.load(shared, params[0], 1);
    b.store(own, params[0], value);
    let program = emit(b.finish()).unwrap();
    assert_eq!((program.arrays.len(), program.arrays[0].len), (1, 4));
    let tape = &program.tapes[1];
    assert_eq!((tape.params.as_slice(), tape.arrays[0].len), (&[0][..], 7));
    assert_eq!(tape.ops[1].to_string(), "sts local0 i0 [] s0");
}

#[test]
fn equal_constants_become_one() {
    let mut module = Builder::new().finish();
    module.constants = vec![5.into(), 7.into(), 5.into()];
    for (dst, value) in [(0, 2), (1, 0)] {
        module.regs.fresh(Class::Public, 1);
        let (dst, value) =
            (caucus_bytecode::operand::DstC(dst), caucus_bytecode::operand::ConstRef(value));
        let node = Node::Op(Op::LoadPublic { dst, value });
        module.tapes[0].body.stmts.push(crate::ir::Stmt { position: Position::default(), node });
    }
    assert_eq!(emit(module).unwrap().constants, [5.into()]);
}

#[test]
fn an_update_in_place_keeps_destination_and_source_apart() {
    let mut b = Builder::new();
    let (x, one) = (b.int(5), b.int(1));
    b.op(Op::IntBinary { op: IntOp::Add, dst: DstI(x), a: SrcI(x), b: SrcI(one) });
    b.copy_int(x, x);
    b.print_int(x);
    let wanted = [
        "     0 ldi i0 5",
        "     1 ldi i1 1",
        "     2 int add i2 i0 i1",
        "     3 movi i0 i2",
        "     4 print - - [i0]",
    ];
    assert_eq!(emitted(b), wanted);
}

/// What one statement of a random program does. Numbers choose among what there is.
#[derive(Clone, Debug)]
enum Piece {
    Constant(i8),
    Binary(usize, usize),
    Update(usize, usize),
    Print(usize),
    Loop(usize, i8, Vec<Piece>),
    If(usize, Vec<Piece>, Vec<Piece>),
    While(Vec<Piece>, Vec<Piece>),
    BreakIf(usize),
}

fn piece() -> impl Strategy<Value = Piece> {
    let leaf = prop_oneof![
        any::<i8>().prop_map(Piece::Constant),
        any::<(usize, usize)>().prop_map(|(a, b)| Piece::Binary(a, b)),
        any::<(usize, usize)>().prop_map(|(a, b)| Piece::Update(a, b)),
        any::<usize>().prop_map(Piece::Print),
        any::<usize>().prop_map(Piece::BreakIf),
    ];
    leaf.prop_recursive(4, 60, 8, |inner| {
        let block = || prop::collection::vec(inner.clone(), 0..8);
        prop_oneof![
            (any::<usize>(), -3..6i8, block()).prop_map(|(a, n, body)| Piece::Loop(a, n, body)),
            (any::<usize>(), block(), block()).prop_map(|(a, t, e)| Piece::If(a, t, e)),
            (block(), block()).prop_map(|(test, body)| Piece::While(test, body)),
        ]
    })
}

/// Values known where the next statement is made.
struct Scope {
    known: Vec<u32>,
    loops: usize,
}

fn build(b: &mut Builder, scope: &mut Scope, pieces: &[Piece]) {
    for piece in pieces {
        let pick = |a: usize| scope.known[a % scope.known.len()];
        match piece {
            Piece::Constant(value) => {
                let reg = b.int(i64::from(*value));
                scope.known.push(reg);
            }
            Piece::Binary(x, y) => {
                let op = [IntOp::Add, IntOp::Sub, IntOp::Xor, IntOp::Lt][(x ^ y) % 4];
                let reg = b.binary(op, pick(*x), pick(*y));
                scope.known.push(reg);
            }
            Piece::Update(dst, src) => b.copy_int(pick(*dst), pick(*src)),
            Piece::Print(x) => b.print_int(pick(*x)),
            Piece::BreakIf(x) if scope.loops > 0 => {
                b.region_if(pick(*x));
                b.node(Node::Break);
                b.end();
            }
            Piece::BreakIf(_) => {}
            Piece::Loop(x, trips, body) => {
                let (start, stop) = (pick(*x), b.int(i64::from(*trips)));
                let index = b.fresh(Class::Int, 1);
                let step = if x % 2 == 0 { 1 } else { -2 };
                b.region_loop(index, start, stop, step, LoopKind::Sequential);
                inner(b, scope, 1, Some(index), body);
                b.end();
            }
            Piece::If(x, then, otherwise) => {
                b.region_if(pick(*x));
                inner(b, scope, 0, None, then);
                b.region_else();
                inner(b, scope, 0, None, otherwise);
                b.end();
            }
            Piece::While(test, body) => {
                let (count, one) = (b.int(4), b.int(1));
                b.region_while();
                let next = b.binary(IntOp::Sub, count, one);
                b.copy_int(count, next);
                let len = scope.known.len();
                scope.loops += 1;
                build(b, scope, test);
                b.region_test(count);
                build(b, scope, body);
                scope.loops -= 1;
                scope.known.truncate(len);
                b.end();
                // The test has set this whenever the loop has been left.
                scope.known.push(next);
            }
        }
    }
}

fn inner(b: &mut Builder, scope: &mut Scope, loops: usize, index: Option<u32>, body: &[Piece]) {
    let len = scope.known.len();
    scope.loops += loops;
    scope.known.extend(index);
    build(b, scope, body);
    scope.loops -= loops;
    scope.known.truncate(len);
}

/// Runs one instruction that is not control flow, and collects what is printed.
fn step(op: &Op, regs: &mut [i64], printed: &mut Vec<i64>) {
    match op {
        Op::LoadInt { dst, value } => regs[dst.0 as usize] = *value,
        Op::MoveI { dst, src } => regs[dst.0 as usize] = regs[src.0 as usize],
        Op::IntBinary { op, dst, a, b } => {
            let (a, b) = (regs[a.0 as usize], regs[b.0 as usize]);
            regs[dst.0 as usize] = match op {
                IntOp::Add => a.wrapping_add(b),
                IntOp::Sub => a.wrapping_sub(b),
                IntOp::Xor => a ^ b,
                IntOp::Lt => i64::from(a < b),
                other => panic!("{other:?} is not used here"),
            };
        }
        Op::Print { parts, .. } => {
            for part in parts {
                if let Part::Int(src) = part {
                    printed.push(regs[src.0 as usize]);
                }
            }
        }
        other => panic!("{other} is not used here"),
    }
}

/// Limits on what random programs may do; longer runs are not compared further.
const MAX_STEPS: usize = 20_000;
const MAX_PRINTED: usize = 500;

/// Runs the regions; `true` means that a break is under way.
fn interpret(block: &Block, regs: &mut [i64], printed: &mut Vec<i64>, steps: &mut usize) -> bool {
    for stmt in &block.stmts {
        *steps += 1;
        if *steps > MAX_STEPS {
            return true;
        }
        match &stmt.node {
            Node::Op(op) => step(op, regs, printed),
            Node::Break => return true,
            Node::Array(_) => {}
            Node::If { condition, then, otherwise } => {
                let taken = if regs[*condition as usize] != 0 { then } else { otherwise };
                if interpret(taken, regs, printed, steps) {
                    return true;
                }
            }
            Node::While { test, condition, body } => {
                while !interpret(test, regs, printed, steps)
                    && regs[*condition as usize] != 0
                    && !interpret(body, regs, printed, steps)
                {}
            }
            Node::Loop(it) => {
                let (index, stop) = (it.index as usize, regs[it.stop as usize]);
                regs[index] = regs[it.start as usize];
                let inside = |at: i64| if it.step > 0 { at < stop } else { at > stop };
                while inside(regs[index]) && !interpret(&it.body, regs, printed, steps) {
                    regs[index] = regs[index].wrapping_add(it.step);
                    // A body may be empty, and the index far away.
                    *steps += 1;
                    if *steps > MAX_STEPS {
                        return true;
                    }
                }
            }
        }
    }
    false
}

fn run(program: &Program) -> Vec<i64> {
    let tape = &program.tapes[0];
    let mut regs = vec![0; tape.lanes[2].len()];
    let (mut at, mut printed) = (0, Vec::new());
    while at < tape.ops.len() && printed.len() <= MAX_PRINTED {
        at = match &tape.ops[at] {
            Op::Jump { target } => target.0 as usize,
            Op::JumpIfZero { condition, target } if regs[condition.0 as usize] == 0 => {
                target.0 as usize
            }
            Op::JumpIfNotZero { condition, target } if regs[condition.0 as usize] != 0 => {
                target.0 as usize
            }
            Op::JumpIfZero { .. } | Op::JumpIfNotZero { .. } => at + 1,
            op => {
                step(op, &mut regs, &mut printed);
                at + 1
            }
        };
    }
    printed
}

/// Whether the regions end within the limits: indices that are updated can make them endless.
fn expected(module: &Module) -> Option<Vec<i64>> {
    let mut regs = vec![0; module.regs.count(Class::Int)];
    let (mut printed, mut steps) = (Vec::new(), 0);
    interpret(&module.tapes[0].body, &mut regs, &mut printed, &mut steps);
    (steps <= MAX_STEPS && printed.len() <= MAX_PRINTED).then_some(printed)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]
    #[test]
    fn bytecode_prints_what_its_regions_print(pieces in prop::collection::vec(piece(), 1..12)) {
        let mut b = Builder::new();
        let first = b.int(3);
        let mut scope = Scope { known: vec![first], loops: 0 };
        build(&mut b, &mut scope, &pieces);
        for reg in scope.known {
            b.print_int(reg);
        }
        let module = b.finish();
        verify(&module, Stage::Recorded).unwrap();
        if let Some(wanted) = expected(&module) {
            prop_assert_eq!(run(&emit(module).unwrap()), wanted);
        }
    }
}
