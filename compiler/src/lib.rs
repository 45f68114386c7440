//! The compiler of Caucus: front end, passes, emission.
//!
//! [`compile`] runs the front end, a Python process that records the program's operations, decodes
//! and verifies the record ([`ir`]), runs the passes ([`passes`]) and emits a verified
//! [`Program`]. Compilation is a pure function of source, arguments and options.

pub mod diagnostic;
mod emit;
mod frontend;
#[doc(hidden)]
pub mod fuzzing;
mod input_count;
pub mod interaction;
pub mod ir;
mod map;
pub mod passes;
pub mod print;
mod record;
mod regalloc;
mod trips;
mod verify;

#[cfg(test)]
mod build;
mod chunks;

use std::path::PathBuf;
use std::time::Instant;

use caucus_bytecode::Program;

use interaction::Interaction;
use record::Answer;
use verify::Stage;

pub use diagnostic::Diagnostic;
pub use passes::{LoopNote, PassOptions};

/// What is compiled.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// The file.
    pub path: PathBuf,
    /// The file as messages and the source map show it.
    pub display: String,
    /// The arguments of the program.
    pub args: Vec<String>,
}

/// How it is compiled.
#[derive(Clone, Debug)]
pub struct Options {
    /// Bits of the ring.
    pub ring_bits: u32,
    /// Instructions up to which a loop that cannot be widened is unrolled.
    pub budget: u64,
    /// Workers of each party, among which loops are distributed. Programs for any number compute
    /// the same.
    pub workers: u32,
    /// Optimize control flow.
    pub flow: bool,
    /// Keep the order of all memory accesses.
    pub preserve_order: bool,
    /// Let independent instructions share rounds.
    pub merge: bool,
    /// Remove what nothing uses (always done; for programs that ask).
    pub dead_code: bool,
    /// Tell the program to print more.
    pub verbose: bool,
    /// Add Python's own report to messages.
    pub backtrace: bool,
    /// Record what the program promises of its numbers, for a checked run.
    pub checked: bool,
    /// What the program prints while it is compiled goes to stderr.
    pub print_to_stderr: bool,
    /// Path that the names of all private input files start with: data of the program that becomes a party's input is
    /// written there.
    pub input_prefix: PathBuf,
    /// Tell what the program does together with other parties, for [`Compiled::interaction`].
    pub interaction: bool,
    /// Run the passes; without them the program is emitted as it was recorded.
    pub optimize: bool,
    /// The Python interpreter, instead of `CAUCUS_PYTHON` or the first found.
    pub python: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            ring_bits: 64,
            budget: 1000,
            workers: 0,
            flow: false,
            preserve_order: false,
            merge: true,
            dead_code: false,
            verbose: false,
            backtrace: false,
            checked: false,
            print_to_stderr: false,
            input_prefix: "Player-Data/Input".into(),
            interaction: false,
            optimize: true,
            python: None,
        }
    }
}

/// A compiled program, and what is known about its compilation.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The program, verified.
    pub program: Program,
    /// How each loop was compiled, and why.
    pub notes: Vec<LoopNote>,
    /// What it does together with other parties, if that was asked for.
    pub interaction: Option<Interaction>,
    /// Number of operations that the front end recorded.
    pub recorded: u64,
    /// Seconds of processor time that the recording took.
    pub record_seconds: f64,
    /// Seconds that everything took.
    pub seconds: f64,
}

/// Why a program was not compiled.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// The program is faulty.
    #[error("{0}")]
    Diagnostic(Box<Diagnostic>),
    /// There is no Python interpreter that can run the front end.
    #[error("{what}")]
    NoPython {
        /// What was tried.
        what: String,
    },
    /// The front end failed: a fault of Caucus or of the system.
    #[error("the front end failed: {what}")]
    Frontend {
        /// What happened.
        what: String,
    },
}

impl CompileError {
    /// The message for the user, with the remedy, without a newline at the end.
    pub fn render(&self, color: bool) -> String {
        match self {
            Self::Diagnostic(diagnostic) => diagnostic.render(color),
            Self::NoPython { what } => format!(
                "{what}: compiling needs Python 3.9 or later; install it, or name the interpreter \
                 by the environment variable CAUCUS_PYTHON"
            ),
            Self::Frontend { .. } => self.to_string(),
        }
    }
}

impl From<Box<Diagnostic>> for CompileError {
    fn from(diagnostic: Box<Diagnostic>) -> Self {
        if diagnostic.code == verify::OUR_FAULT {
            return Self::Frontend { what: diagnostic.to_string() };
        }
        Self::Diagnostic(diagnostic)
    }
}

/// Compiles a program.
///
/// # Errors
/// A fault of the program, or the front end cannot run.
pub fn compile(source: &Source, options: &Options) -> Result<Compiled, CompileError> {
    let start = Instant::now();
    let (module, notes, recorded, record_seconds) = optimized(source, options)?;
    let interaction = options.interaction.then(|| Interaction::of(&module));
    let program =
        emit::emit(module).map_err(|error| CompileError::Frontend { what: error.to_string() })?;
    let seconds = start.elapsed().as_secs_f64();
    Ok(Compiled { program, notes, interaction, recorded, record_seconds, seconds })
}

/// The text of the intermediate code of a program, after the passes if they are to run.
///
/// # Errors
/// Those of [`compile`].
pub fn ir_text(source: &Source, options: &Options) -> Result<String, CompileError> {
    optimized(source, options).map(|(module, ..)| print::print(&module))
}

/// Module, notes, operations and seconds of the recording.
type Optimized = (ir::Module, Vec<LoopNote>, u64, f64);

fn optimized(source: &Source, options: &Options) -> Result<Optimized, CompileError> {
    let bytes = frontend::run(source, options)?;
    optimized_record(bytes, options).map_err(|mut error| {
        if let CompileError::Diagnostic(diagnostic) = &mut error {
            diagnostic.read_source(&source.display, &source.path);
            if !options.backtrace {
                diagnostic.traceback = None;
            }
        }
        error
    })
}

/// The same for what the front end has answered.
fn optimized_record(bytes: Vec<u8>, options: &Options) -> Result<Optimized, CompileError> {
    let answer = record::decode(&bytes, options.ring_bits)
        .map_err(|error| CompileError::Frontend { what: error.to_string() })?;
    drop(bytes);
    let record::Recording { mut module, recorded, seconds, notes } = match answer {
        Answer::Recorded(recording) => *recording,
        Answer::Faulty(diagnostic) => return Err(diagnostic.into()),
    };
    verify::verify(&module, Stage::Recorded)?;
    let note = |(position, text)| LoopNote { position, text };
    let mut notes: Vec<_> = notes.into_iter().map(note).collect();
    if options.optimize {
        let passes = PassOptions {
            budget: options.budget,
            preserve_order: options.preserve_order,
            merge: options.merge,
            flow: options.flow,
            ..PassOptions::default()
        };
        notes.extend(passes::run(&mut module, &passes)?);
    }
    notes.extend(passes::plan(&mut module)?);
    if options.optimize {
        verify::verify(&module, Stage::Optimized)?;
    }
    Ok((module, notes, recorded, seconds))
}
