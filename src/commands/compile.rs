//! `caucus compile` and `caucus disassemble`, and the compilation that other commands share.

use std::path::Path;

use anyhow::Result;
use caucus_bytecode::{Program, text, verify};
use caucus_compiler::{CompileError, Options, Source};
use caucus_party::registry;

use super::file_error;
use crate::cli::{Compilation, Compile};
use crate::cost;
use crate::failure::{Code, failure};
use crate::progress::{Form, Progress};
use crate::source;

/// Bits of the ring if neither the command line nor the protocol says otherwise.
const DEFAULT_RING: u32 = 64;

/// Compiles to a file.
pub(super) fn run(args: &Compile) -> Result<()> {
    let row = args.execute.as_deref().map(protocol_row).transpose()?;
    let progress = Progress::new(Form::Lines, false);
    let (name, rest) = args.words.split_first().expect("clap requires a program");
    let inputs = Options::default().input_prefix;
    let how = How { protocol: row, print_to_stderr: false };
    let program = compile(name, rest, &args.compilation, &inputs, how, &progress)?;
    progress.clear();
    let default = format!("{}.cbc", program.name.replace('/', "_"));
    let path = args.output.clone().unwrap_or_else(|| default.into());
    std::fs::write(&path, program.to_bytes()).map_err(|error| file_error(&path, &error))?;
    progress.line(&format!("caucus: wrote {}", path.display()));
    Ok(())
}

/// The row of a protocol that works.
pub(super) fn protocol_row(name: &str) -> Result<&'static registry::Row> {
    registry::lookup(name).map_err(|error| failure(Code::Usage, error))
}

/// Refuses the option `-Z` for another number of parties than the protocol has. Protocols choose
/// their conversions themselves, so that there is nothing else to it.
pub(super) fn check_split(options: &Compilation, row: &registry::Row, n: usize) -> Result<()> {
    match options.split {
        Some(split) if split != n => Err(failure(
            Code::Usage,
            format!(
                "-Z {split} splits secrets among {split} parties, but `{}` has {n}: leave it out, the \
                 protocol chooses its own conversions",
                row.name
            ),
        )),
        _ => Ok(()),
    }
}

/// What a compilation is for.
#[derive(Clone, Copy, Debug)]
pub(super) struct How {
    /// The protocol under which it will run, if that is known.
    pub(super) protocol: Option<&'static registry::Row>,
    /// What the program prints at compile time goes to stderr, because stdout belongs to the run.
    pub(super) print_to_stderr: bool,
}

/// Finds and compiles a program. Data of the program that becomes a party's input goes to files with
/// the prefix `inputs`.
pub(super) fn compile(
    name: &str,
    args: &[String],
    options: &Compilation,
    inputs: &Path,
    how: How,
    progress: &Progress,
) -> Result<Program> {
    options.refused.check()?;
    let priced = options.cost.then(|| priced(how.protocol)).transpose()?;
    let ring_bits = options.ring.unwrap_or(DEFAULT_RING);
    if ![64, 72, 128].contains(&ring_bits) {
        let text = format!("rings of 64, 72 and 128 bits are supported, not -R {ring_bits}");
        return Err(failure(Code::Usage, text));
    }
    let path = source::find(name)?;
    progress.set(format!("compiling {}", path.display()));
    let source = Source { display: path.display().to_string(), path, args: args.to_vec() };
    let settings = Options {
        ring_bits,
        budget: options.budget,
        workers: options.workers,
        preserve_order: options.preserve_mem_order,
        merge: !options.nomerge,
        dead_code: options.dead_code_elimination,
        flow: options.flow_optimization,
        verbose: options.verbose,
        backtrace: options.backtrace,
        checked: how.protocol.is_some_and(registry::Row::is_checked),
        interaction: options.cost,
        print_to_stderr: how.print_to_stderr,
        input_prefix: inputs.to_owned(),
        ..Options::default()
    };
    let compiled = caucus_compiler::compile(&source, &settings).map_err(compile_failure)?;
    if options.explain || options.verbose {
        for note in &compiled.notes {
            progress.line(&note.render(&compiled.program.files));
        }
    }
    if let (Some(row), Some(interaction)) = (priced, &compiled.interaction) {
        let told = cost::table(interaction, &compiled.program.files, ring_bits, row)
            .ok_or_else(|| failure(Code::Usage, without_costs(row)))?;
        told.iter().for_each(|line| progress.line(line));
    }
    if options.verbose {
        progress.line(&format!(
            "caucus: {} instructions recorded in {:.3} s of processor time, compiled in {:.3} s",
            compiled.recorded, compiled.record_seconds, compiled.seconds
        ));
    }
    Ok(compiled.program)
}

/// The protocol whose costs are to be told, before anything is compiled in vain.
fn priced(protocol: Option<&'static registry::Row>) -> Result<&'static registry::Row> {
    let Some(row) = protocol else {
        let text =
            "--cost: under which protocol? For example: caucus compile -E ring --cost PROGRAM";
        return Err(failure(Code::Usage, text));
    };
    if row.is_simulated() {
        return Err(failure(Code::Usage, without_costs(row)));
    }
    Ok(row)
}

fn without_costs(row: &registry::Row) -> String {
    let name = row.name;
    format!(
        "--cost: `{name}` has no rounds and bytes to tell, as one process plays all parties; `caucus compile -E ring \
         --cost PROGRAM` tells those under `ring`"
    )
}

fn compile_failure(error: CompileError) -> anyhow::Error {
    let code = match &error {
        CompileError::Diagnostic(_) => Code::Usage,
        CompileError::NoPython { .. } => Code::Configuration,
        CompileError::Frontend { .. } => Code::Bug,
    };
    failure(code, error.render(std::io::IsTerminal::is_terminal(&std::io::stderr())))
}

/// Reads and verifies a bytecode file.
pub(super) fn load(path: &Path) -> Result<Program> {
    let bytes = std::fs::read(path).map_err(|error| file_error(path, &error))?;
    let refused = |error: &dyn std::fmt::Display| {
        failure(Code::Usage, format!("{}: {error}", path.display()))
    };
    let program = Program::from_bytes(&bytes).map_err(|error| refused(&error))?;
    verify(&program).map_err(|error| refused(&error))?;
    Ok(program)
}

/// Prints a bytecode file as text.
pub(super) fn disassemble(path: &Path) -> Result<()> {
    super::print(text::disassemble(&load(path)?).to_string().as_bytes())
}
