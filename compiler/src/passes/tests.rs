//! Passes must not change what a program computes, and must make of it what they are for.

mod examples;
mod generate;
mod interpret;
mod plan;
mod random;

use caucus_bytecode::operand::Class;
use caucus_bytecode::{ArrayDecl, Op, Program};

use crate::ir::{Block, Module, Node};

/// The text of the code, for tests that compare it; arrays and loops as pseudo-code.
fn text(module: &Module) -> String {
    let mut out = String::new();
    for (number, tape) in module.tapes.iter().enumerate() {
        let params: Vec<_> = tape.params.iter().map(|param| format!("i{param}")).collect();
        out += &format!("tape{number}({})\n", params.join(", "));
        block_text(&tape.body, 1, &mut out);
    }
    out
}

fn block_text(block: &Block, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    for stmt in &block.stmts {
        *out += &indent;
        match &stmt.node {
            Node::Op(op) => *out += &format!("{op}\n"),
            Node::Loop(it) => {
                let (index, start, stop, step) = (it.index, it.start, it.stop, it.step);
                *out +=
                    &format!("loop i{index} from i{start} to i{stop} by {step} {:?}\n", it.kind);
                block_text(&it.body, depth + 1, out);
            }
            Node::If { condition, then, otherwise } => {
                *out += &format!("if i{condition}\n");
                block_text(then, depth + 1, out);
                *out += &format!("{indent}else\n");
                block_text(otherwise, depth + 1, out);
            }
            Node::While { test, condition, body } => {
                *out += "while\n";
                block_text(test, depth + 1, out);
                *out += &format!("{indent}test i{condition}\n");
                block_text(body, depth + 1, out);
            }
            Node::Break => *out += "break\n",
            Node::Array(array) => *out += &format!("array{array}\n"),
        }
    }
}

/// All instructions of a block, loops and branches taken apart.
fn instructions(block: &Block) -> Vec<Op> {
    let mut ops = Vec::new();
    super::scan::visit(block, &mut |node| {
        if let Node::Op(op) = node {
            ops.push(op.clone());
        }
    });
    ops
}

/// Lanes and types fit: what the verifier of the bytecode says about the instructions alone.
fn check(module: &Module) {
    let lanes = Class::ALL.map(|class| {
        (0..module.regs.count(class) as u32)
            .map(|index| module.regs.lanes(caucus_bytecode::Reg { class, index }))
            .collect::<Vec<_>>()
    });
    let tapes = module.tapes.iter().map(|tape| {
        let ops = instructions(&tape.body);
        caucus_bytecode::Tape {
            name: tape.name.clone(),
            params: tape.params.clone(),
            lanes: lanes.clone(),
            arrays: Vec::new(),
            positions: vec![Default::default(); ops.len()],
            ops,
        }
    });
    let array = |it: &crate::ir::Array| ArrayDecl { class: it.class.index() as u32, len: it.len };
    let program = Program {
        tapes: tapes.collect(),
        arrays: module.arrays.iter().map(array).collect(),
        texts: module.texts.clone(),
        constants: module.constants.clone(),
        ring_bits: 64,
        ..Program::default()
    };
    if let Err(error) = caucus_bytecode::verify(&program) {
        let op = error.at.map(|at| program.tapes[error.tape].ops[at].to_string());
        panic!("{error}: {op:?}\n{}", text(module));
    }
}
