//! What is generated from the instruction table for people and for the front end.

use std::fmt::Write;

use crate::op::TABLE;
use crate::operand::{BinaryForm, Comparison, IntOp, Places, PublicOp, Requirement, Rounding};

/// The numbers of all instructions and choices as a Python module, which the front end imports.
pub fn python_table() -> String {
    let mut out =
        String::from("\"\"\"Instruction numbers, generated from the instruction table.\"\"\"\n");
    for info in TABLE {
        let _ = writeln!(out, "{} = {}", info.mnemonic.replace('.', "_").to_uppercase(), info.code);
    }
    let choices = [
        ("INT", IntOp::CHOICES),
        ("PUBL", PublicOp::CHOICES),
        ("CMPC", Comparison::CHOICES),
        ("TRUNCS", Rounding::CHOICES),
        ("REQUIRES", Requirement::CHOICES),
        ("INPUTF", BinaryForm::CHOICES),
        ("WEIGHS", Places::CHOICES),
    ];
    for (prefix, list) in choices {
        for (number, name) in list {
            let _ = writeln!(out, "{prefix}_{} = {number}", name.to_uppercase());
        }
    }
    out
}

/// The reference page of all instructions, in Markdown.
pub fn reference_page() -> String {
    let mut out = String::from(
        "# Instructions\n\nGenerated from the table in `bytecode/src/op.rs`; a test keeps it up to date.\n\n\
         | number | name | operands | effect | what it does |\n| --- | --- | --- | --- | --- |\n",
    );
    for info in TABLE {
        let operands: Vec<_> =
            info.operands.iter().map(|(name, kind)| format!("`{name}: {kind}`")).collect();
        let _ = writeln!(
            out,
            "| {} | `{}` | {} | {:?} | {} |",
            info.code,
            info.mnemonic,
            operands.join(" "),
            info.effect,
            info.doc.trim(),
        );
    }
    out
}
