//! The verifier of the IR. After it, passes may rely on: every number refers to something of the
//! right kind, lanes fit, a register has a value wherever it is read, arrays are used where they
//! exist, and threads share nothing but memory.
//!
//! Most faults can only come from the front end or from a pass (code `E0900`). Those that a program
//! can cause have codes and remedies of their own.

mod chunks;
mod scope;

use caucus_bytecode::program::ArrayDecl;
use caucus_bytecode::verify::{MAX_ARRAY, MAX_LANES};
use caucus_bytecode::{Op, Program, Tape};

use crate::diagnostic::Diagnostic;
use crate::ir::{Block, Class, Module, Node, Position, Reg};

/// The code of faults that are ours.
pub(crate) const OUR_FAULT: &str = "E0900";

/// Whether the module comes from the front end or from the passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// No register belongs to two tapes.
    Recorded,
    /// Tapes that were split off may be copies of each other and of the main tape's code.
    Optimized,
}

/// Checks the whole module.
///
/// # Errors
/// The first fault found.
pub(crate) fn verify(module: &Module, stage: Stage) -> Check {
    check_sizes(module)?;
    chunks::check(module)?;
    // Those that come out of the passes are checked once more as bytecode, when they have their final registers.
    if stage == Stage::Recorded {
        for index in 0..module.tapes.len() {
            check_ops(module, index)?;
        }
    }
    scope::check(module, stage)
}

fn ours(module: &Module, position: Position, what: &str) -> Box<Diagnostic> {
    Diagnostic::at(module, position, OUR_FAULT, format!("invalid intermediate code: {what}"))
}

/// Vectors and arrays are of a possible size.
fn check_sizes(module: &Module) -> Check {
    for tape in &module.tapes {
        each(&tape.body, &mut |position, node| match node {
            Node::Array(index) => {
                let Some(array) = module.arrays.get(*index as usize) else { return Ok(()) };
                if array.len <= MAX_ARRAY {
                    return Ok(());
                }
                let text = format!("an array of {} elements is too long", array.len);
                let help = format!("the longest array has {MAX_ARRAY} elements");
                Err(Diagnostic::at(module, position, "E0304", text).with_help(help))
            }
            Node::Op(op) => {
                let mut checked = Ok(());
                op.each_register(|reg, _| {
                    if checked.is_ok() {
                        checked = check_register(module, position, reg);
                    }
                });
                checked
            }
            Node::Loop(_) | Node::If { .. } | Node::While { .. } | Node::Break => Ok(()),
        })?;
    }
    Ok(())
}

fn check_register(module: &Module, position: Position, reg: Reg) -> Check {
    if reg.index as usize >= module.regs.count(reg.class) {
        return Err(ours(module, position, &format!("there is no {reg}")));
    }
    let lanes = module.regs.lanes(reg);
    if lanes > MAX_LANES {
        let text = format!("a vector of {lanes} values is too long");
        let help = format!("use an array in parts of at most {MAX_LANES}");
        return Err(Diagnostic::at(module, position, "E0305", text).with_help(help));
    }
    Ok(())
}

type Check = Result<(), Box<Diagnostic>>;

/// All statements, those of inner blocks too.
fn each(block: &Block, visitor: &mut dyn FnMut(Position, &Node) -> Check) -> Check {
    for stmt in &block.stmts {
        visitor(stmt.position, &stmt.node)?;
        match &stmt.node {
            Node::Loop(it) => each(&it.body, visitor)?,
            Node::If { then, otherwise, .. } => {
                each(then, visitor)?;
                each(otherwise, visitor)?;
            }
            Node::While { test, body, .. } => {
                each(test, visitor)?;
                each(body, visitor)?;
            }
            Node::Op(_) | Node::Break | Node::Array(_) => {}
        }
    }
    Ok(())
}

/// Each instruction by itself: the bytecode's verifier looks at those of a tape in a row, with
/// virtual registers for real ones.
fn check_ops(module: &Module, index: usize) -> Check {
    let (mut ops, mut positions) = (Vec::new(), Vec::new());
    each(&module.tapes[index].body, &mut |position, node| {
        if let Node::Op(op) = node {
            if matches!(op, Op::Jump { .. } | Op::JumpIfZero { .. } | Op::JumpIfNotZero { .. }) {
                return Err(ours(module, position, "a jump"));
            }
            ops.push(op.clone());
            positions.push(position);
        }
        Ok(())
    })?;
    let lanes = Class::ALL.map(|class| {
        let count = u32::try_from(module.regs.count(class)).unwrap_or(u32::MAX);
        // Oversized registers that nothing uses do no harm.
        let lanes = |index| module.regs.lanes(crate::ir::Reg { class, index }).min(MAX_LANES);
        (0..count).map(lanes).collect::<Vec<_>>()
    });
    // Of the other tapes only the number of parameters matters.
    let other = |params: usize| Tape {
        params: vec![0; params],
        lanes: [vec![], vec![], vec![1], vec![]],
        ..Tape::default()
    };
    let mut tapes: Vec<_> = module.tapes.iter().map(|tape| other(tape.params.len())).collect();
    // Whether a tape may start threads follows from what the main tape does.
    if index > 0 {
        each(&module.tapes[0].body, &mut |position, node| {
            if let Node::Op(op @ Op::Nodes { .. }) = node {
                tapes[0].ops.push(op.clone());
                tapes[0].positions.push(position);
            }
            Ok(())
        })?;
    }
    tapes[index] = Tape {
        params: module.tapes[index].params.clone(),
        lanes,
        ops,
        positions: positions.clone(),
        ..Tape::default()
    };
    let declare = |array: &crate::ir::Array| ArrayDecl {
        class: u32::try_from(array.class.index()).expect("there are few classes"),
        len: array.len.min(MAX_ARRAY),
    };
    let program = Program {
        ring_bits: module.ring_bits,
        tapes,
        arrays: module.arrays.iter().map(declare).collect(),
        texts: module.texts.clone(),
        constants: module.constants.clone(),
        ..Program::default()
    };
    caucus_bytecode::verify(&program).map_err(|error| {
        let position = error.at.and_then(|at| positions.get(at)).copied().unwrap_or_default();
        ours(module, position, &error.what)
    })
}

#[cfg(test)]
mod tests;
