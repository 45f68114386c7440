//! The passes: each takes a module and changes it.
//!
//! In their order: constants (`fold`), loops among threads become tapes (`split_threads`),
//! parallel loops become vector code (`loops`, `widen`) or are unrolled (`unroll`),
//! independent rounds are merged (`merge_rounds`), and what nobody needs goes. After all of them,
//! `plan` finds out what chunks of distributed loops share.

mod fold;
mod loops;
mod merge_rounds;
mod ops;
mod plan;
pub(crate) mod scan;
mod split_threads;
mod unroll;
mod widen;

#[cfg(test)]
mod tests;

use caucus_bytecode::Op;

use crate::diagnostic::Diagnostic;
use crate::ir::{Module, Node, Position};

pub(crate) use self::plan::plan;

/// What the passes may do.
#[derive(Clone, Debug)]
pub struct PassOptions {
    /// Instructions up to which a loop that cannot be widened is unrolled.
    pub budget: u64,
    /// Keep the order of all memory accesses.
    pub preserve_order: bool,
    /// Let independent instructions share rounds.
    pub merge: bool,
    /// Treat sequential loops like parallel ones: the iterations that depend on each other keep
    /// their order anyway.
    pub flow: bool,
    /// Keep instructions whose results nobody uses.
    pub keep_dead: bool,
    /// Make vector code of parallel loops.
    pub widen: bool,
}

impl Default for PassOptions {
    fn default() -> Self {
        Self {
            budget: 1000,
            preserve_order: false,
            merge: true,
            flow: false,
            keep_dead: false,
            widen: true,
        }
    }
}

/// How a loop was compiled, and why, for `--explain`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoopNote {
    /// The loop.
    pub position: Position,
    /// What was done.
    pub text: String,
}

impl LoopNote {
    /// `file:line: text`.
    pub fn render(&self, files: &[String]) -> String {
        match files.get(self.position.file as usize) {
            Some(file) => format!("{file}:{}: {}", self.position.line, self.text),
            None => self.text.clone(),
        }
    }
}

/// Runs all passes in their order.
///
/// # Errors
/// A fault of the program that shows only here: a register of another thread (E0301), or a loop
/// that would make the program too large (E0308).
pub fn run(module: &mut Module, options: &PassOptions) -> Result<Vec<LoopNote>, Box<Diagnostic>> {
    let mut notes = Vec::new();
    fold::fold(module);
    if options.flow || scan::has_parallel_loops(module) {
        split_threads::split_threads(module, &mut notes)?;
        loops::widen_loops(module, options, &mut notes)?;
        fold::fold(module);
    }
    // Before merging, because dead products would be merged too.
    if !options.keep_dead {
        fold::remove_dead(module);
    }
    if options.merge {
        merge_rounds::merge_rounds(module, options.preserve_order);
    }
    clear_unused_tapes(module);
    drop_unused_arrays(module);
    Ok(notes)
}

/// A tape that no code starts any more has none: the arrays that it uses may be gone with the
/// code that started it.
fn clear_unused_tapes(module: &mut Module) {
    let mut started = vec![false; module.tapes.len()];
    let mut waiting = vec![0];
    while let Some(tape) = waiting.pop() {
        if std::mem::replace(&mut started[tape], true) {
            continue;
        }
        scan::visit(&module.tapes[tape].body, &mut |node| match node {
            Node::Op(Op::Threads { jobs }) => {
                waiting.extend(jobs.iter().map(|(tape, _)| tape.0 as usize));
            }
            Node::Op(Op::Nodes { jobs }) => {
                waiting.extend(jobs.iter().map(|(tape, ..)| tape.0 as usize));
            }
            _ => {}
        });
    }
    for (tape, started) in module.tapes.iter_mut().zip(started) {
        if !started {
            tape.body.stmts.clear();
        }
    }
}

/// Arrays that no code mentions any more take no memory.
fn drop_unused_arrays(module: &mut Module) {
    let mut used = vec![false; module.arrays.len()];
    for tape in &module.tapes {
        scan::visit(&tape.body, &mut |node| match node {
            Node::Array(array) => used[*array as usize] = true,
            Node::Op(op) => {
                if let Some((caucus_bytecode::ArrayRef::Global(array), _)) = op.array() {
                    used[array as usize] = true;
                }
            }
            Node::Loop(_) | Node::If { .. } | Node::While { .. } | Node::Break => {}
        });
    }
    for (array, used) in module.arrays.iter_mut().zip(used) {
        if !used {
            array.len = 0;
        }
    }
}
