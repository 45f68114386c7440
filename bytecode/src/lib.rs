//! The bytecode of Caucus: the instruction table, the program container, the verifier and the text
//! form.
//!
//! Everything that is known about an instruction stands once, in the table in [`op`]: its number,
//! its operands, what they read and write, its effect and its documentation. The compiler's front
//! end records these instructions with virtual registers, its passes transform them, and the
//! machine runs them after [`verify()`].

mod choice;
mod describe;
pub mod op;
pub mod operand;
pub mod program;
pub mod text;
pub mod verify;
mod window;
pub mod words;

#[cfg(test)]
mod tests;

pub use describe::{python_table, reference_page};
pub use op::{Effect, Op, OpInfo};
pub use operand::{ArrayRef, Class, Level, Reg};
pub use program::{ArrayDecl, InputCount, LoadError, Position, Program, Tape};
pub use verify::{VerifyError, verify};
