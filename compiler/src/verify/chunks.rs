//! What a chunk of a distributed loop may do: it can be computed at any node, and again if that node
//! is lost.

use std::collections::BTreeSet;

use caucus_bytecode::Op;
use caucus_bytecode::op::Effect;

use super::{Check, each};
use crate::chunks::chunk_tapes;
use crate::diagnostic::Diagnostic;
use crate::ir::{Module, Node};

/// Refuses what only the main node can do in the tapes of chunks and of their threads.
pub(super) fn check(module: &Module) -> Check {
    let tapes = chunk_tapes(module);
    let mut threads = BTreeSet::new();
    for tape in &tapes {
        let Some(tape) = module.tapes.get(*tape) else { continue };
        each(&tape.body, &mut |_, node| {
            if let Node::Op(Op::Threads { jobs }) = node {
                threads.extend(jobs.iter().map(|(tape, _)| tape.0 as usize));
            }
            Ok(())
        })?;
    }
    for number in tapes.union(&threads) {
        let Some(tape) = module.tapes.get(*number) else { continue };
        each(&tape.body, &mut |position, node| {
            let Node::Op(op) = node else { return Ok(()) };
            if matches!(op, Op::InputS { .. }) && !threads.contains(number) {
                // From the part of the chunk.
                return Ok(());
            }
            let Some((what, help)) = forbidden(op) else { return Ok(()) };
            let text = format!("a distributed loop cannot {what}: other nodes compute it");
            Err(Diagnostic::at(module, position, "E0309", text).with_help(help))
        })?;
    }
    Ok(())
}

/// What is not possible about an instruction, and what to do instead.
fn forbidden(op: &Op) -> Option<(&'static str, &'static str)> {
    if matches!(op, Op::NewPermutation { .. } | Op::PermuteS { .. }) {
        // The permutation itself stays at the nodes that drew it.
        return Some((
            "use permutations that are kept",
            "shuffle with secure_shuffle(), or permute before or after the loop",
        ));
    }
    match op.effect() {
        Effect::Pure | Effect::Memory | Effect::Round | Effect::Control => return None,
        Effect::Output | Effect::Input | Effect::Socket => {}
    }
    Some(match op {
        Op::Fail { .. } | Op::Check {} => return None,
        Op::Print { .. } => {
            ("print", "put the values into an Array and print its elements after the loop")
        }
        Op::InputS { .. } | Op::InputB { .. } | Op::BinaryInputS { .. } => {
            ("take private inputs", "read them into an Array before the loop")
        }
        Op::PublicInput { .. } => {
            ("take public inputs", "read them into an Array of regint before the loop")
        }
        Op::TimerStart { .. } | Op::TimerStop { .. } => {
            ("start or stop timers", "start the timer before the loop and stop it after it")
        }
        Op::StoreShares { .. } | Op::LoadShares { .. } => {
            ("use files of shares", "read into an Array before the loop, or write after it")
        }
        Op::Checkpoint {} => ("have a checkpoint", "put it before or behind the loop"),
        Op::BinaryOutputI { .. } | Op::BinaryOutputFixed { .. } => {
            ("write binary outputs", "put the values into an Array and write them after the loop")
        }
        Op::CommandLineArg { .. } => {
            ("look at the command line", "read the argument before the loop into a MemValue")
        }
        _ if op.effect() == Effect::Socket => (
            "communicate with clients or other nodes",
            "receive into an Array before the loop, and send from one after it",
        ),
        _ => ("do this", "do it before or after the loop, with an Array for the values"),
    })
}
