//! The tapes of chunks of distributed loops.

use std::collections::{BTreeSet, HashSet};

use caucus_bytecode::Op;

use crate::ir::{Class, Module, Node, Reg};
use crate::map::Map;
use crate::passes::scan;

/// The tapes that compute chunks.
pub(crate) fn chunk_tapes(module: &Module) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let Some(main) = module.tapes.first() else { return found };
    scan::visit(&main.body, &mut |node| {
        if let Node::Op(Op::Nodes { jobs }) = node {
            found.extend(jobs.iter().map(|(tape, ..)| tape.0 as usize));
        }
    });
    found
}

/// The integers of a chunk's tape that its threads may use although they are registers: the number of
/// the chunk, and what is computed from it and constants before anything else can happen.
pub(crate) fn given_to_threads(module: &Module, tape: usize) -> HashSet<u32> {
    let tape = &module.tapes[tape];
    let int = |index: u32| Reg { class: Class::Int, index };
    let mut writes = Map::default();
    scan::block_writes(&tape.body, &mut writes);
    let single = |index: u32| writes.get(&int(index)) == Some(&1);
    let changed = |index: &u32| writes.contains_key(&int(*index));
    let mut given: HashSet<u32> =
        tape.params.iter().copied().filter(|param| !changed(param)).collect();
    let mut constants = HashSet::new();
    for stmt in &tape.body.stmts {
        match &stmt.node {
            Node::Op(Op::LoadInt { dst, .. }) if single(dst.0) => {
                constants.insert(dst.0);
            }
            Node::Op(Op::IntBinary { dst, a, b, .. }) if single(dst.0) => {
                let known = |index: u32| given.contains(&index) || constants.contains(&index);
                if known(a.0) && known(b.0) && module.regs.lanes(dst.reg()) == 1 {
                    given.insert(dst.0);
                }
            }
            _ => {}
        }
    }
    given
}
