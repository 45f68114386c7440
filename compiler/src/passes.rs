//! The passes: each takes a module and changes it.

use crate::diagnostic::Diagnostic;
use crate::ir::{Module, Position};

/// What the passes may do.
#[derive(Clone, Debug)]
pub struct PassOptions {
    /// Instructions up to which a loop that cannot be widened is unrolled.
    pub budget: u64,
    /// Keep the order of all memory accesses.
    pub preserve_order: bool,
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
/// A fault of the program that shows only here.
pub fn run(module: &mut Module, options: &PassOptions) -> Result<Vec<LoopNote>, Box<Diagnostic>> {
    let _ = (module, options);
    Ok(Vec::new())
}
