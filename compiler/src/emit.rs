//! Emission: from a module to a program that the machine can run.
//!
//! Regions become jumps ([`flatten`]), virtual registers become few real ones
//! ([`crate::regalloc`]), and arrays, texts and constants are numbered anew so that only what is
//! used remains.

mod flatten;
mod tables;

use caucus_bytecode::{Op, Program, Tape, VerifyError};

use crate::input_count;
use crate::ir::{Module, Position};
use crate::regalloc::Allocator;
use tables::Tables;

/// A tape without regions, still with virtual registers.
#[derive(Debug, Default)]
pub(crate) struct Flat {
    /// Instructions; labels are indices into them.
    pub(crate) ops: Vec<Op>,
    /// The source of each.
    pub(crate) positions: Vec<Position>,
    /// First and last instruction of each loop, outer ones before those inside them.
    pub(crate) loops: Vec<(usize, usize)>,
}

/// Emits a verified program.
///
/// # Errors
/// The bytecode's verifier refuses the result: a fault of a pass.
pub(crate) fn emit(mut module: Module) -> Result<Program, VerifyError> {
    let inputs = input_count::count(&module);
    let mut tapes = std::mem::take(&mut module.tapes);
    let mut flats = Vec::new();
    let variables = flatten::Variables::of(&tapes, &module.regs);
    for tape in &mut tapes {
        flats.push(flatten::flatten(std::mem::take(&mut tape.body), &variables, &mut module.regs));
    }
    let mut tables = Tables::new(&module);
    let mut allocator = Allocator::new(&module.regs);
    let mut emitted = Vec::new();
    for (index, (tape, mut flat)) in tapes.into_iter().zip(flats).enumerate() {
        let arrays = tables.renumber(index, &mut flat.ops);
        let (params, lanes) = allocator.allocate(&tape.params, &mut flat);
        let Flat { ops, positions, .. } = flat;
        emitted.push(Tape { name: tape.name, params, lanes, arrays, ops, positions });
    }
    let Tables { arrays, texts, constants, .. } = tables;
    let program = Program {
        name: module.name,
        ring_bits: module.ring_bits,
        tapes: emitted,
        arrays: arrays.declared,
        texts: texts.items,
        constants: constants.items,
        files: module.files,
        inputs,
    };
    caucus_bytecode::verify(&program)?;
    Ok(program)
}

#[cfg(test)]
mod tests;
