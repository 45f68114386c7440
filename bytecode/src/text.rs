//! The text form of programs, for `caucus disassemble` and golden tests.

use std::fmt::Write;

use crate::operand::Class;
use crate::program::{ArrayDecl, Program, Tape};

/// The whole program as text: tables first, then the tapes with registers, instructions and the
/// source lines they come from.
pub fn disassemble(program: &Program) -> String {
    let mut out = String::new();
    let hash = program.hash();
    let short: String = hash[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    let _ = writeln!(out, "program {} ring {} hash {short}…", program.name, program.ring_bits);
    write_arrays(&mut out, "array", &program.arrays);
    for (index, text) in program.texts.iter().enumerate() {
        let _ = writeln!(out, "text{index} = {text:?}");
    }
    for (index, constant) in program.constants.iter().enumerate() {
        let _ = writeln!(out, "const{index} = {constant}");
    }
    for (index, tape) in program.tapes.iter().enumerate() {
        write_tape(&mut out, program, index, tape);
    }
    out
}

fn write_arrays(out: &mut String, name: &str, arrays: &[ArrayDecl]) {
    for (index, array) in arrays.iter().enumerate() {
        let letter = array.class().map_or('?', Class::letter);
        let _ = writeln!(out, "{name}{index}: {letter}[{}]", array.len);
    }
}

fn write_tape(out: &mut String, program: &Program, index: usize, tape: &Tape) {
    let params: Vec<_> = tape.params.iter().map(|param| format!("i{param}")).collect();
    let _ = writeln!(out, "\ntape{index} {} ({})", tape.name, params.join(", "));
    write_arrays(out, "local", &tape.arrays);
    for class in Class::ALL {
        let lanes = &tape.lanes[class.index()];
        let wide = lanes.iter().enumerate().filter(|(_, lanes)| **lanes != 1);
        let wide: Vec<_> =
            wide.map(|(reg, lanes)| format!("{}{reg}:{lanes}", class.letter())).collect();
        if !wide.is_empty() {
            let _ = writeln!(out, "  lanes {}", wide.join(" "));
        }
    }
    let mut shown = None;
    for (at, op) in tape.ops.iter().enumerate() {
        let position = tape.positions.get(at).copied().unwrap_or_default();
        let place = program.location(position).filter(|_| shown != Some(position));
        shown = Some(position);
        let note = place.map_or(String::new(), |place| format!("  ; {place}"));
        let _ = writeln!(out, "  {at:4} {op}{note}");
    }
}
