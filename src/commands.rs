//! What each command does.

mod certs;
mod compile;
mod compile_run;
mod editor;
mod explain;
mod run;
mod worker;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory, FromArgMatches};

use crate::cli::{Check, Cli, Command, CompileRun};
use crate::failure::{Code, exit_code, failure};
use crate::trace;

/// Runs the command line and gives the exit code. The only end of both commands.
pub fn main(mut args: Vec<OsString>) -> ExitCode {
    let run_options = split_run_options(&mut args);
    let found = command(&args)
        .try_get_matches_from(&args)
        .and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match found {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() { Code::Usage as u8 } else { 0 };
            // Nothing is left to be done if the terminal is gone.
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    match dispatch(cli.command, run_options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let text = format!("{error:#}");
            if !text.is_empty() {
                // The exit code still tells if nobody reads this.
                let _ = writeln!(std::io::stderr(), "caucus: {text}");
            }
            ExitCode::from(u8::try_from(exit_code(&error)).unwrap_or(Code::Bug as u8))
        }
    }
}

/// The command line as whoever typed it sees it: `compile-run` is also a command of its own.
fn command(args: &[OsString]) -> clap::Command {
    let name = args.first().map(|name| std::path::Path::new(name).file_stem());
    if name.flatten().is_some_and(|name| name == "compile-run") {
        let usage = "compile-run [OPTIONS] [PROTOCOL PROGRAM ARGS]...";
        return Cli::command().mut_subcommand("compile-run", |it| it.override_usage(usage));
    }
    Cli::command()
}

/// Takes the words after `--` of the commands that run programs: options in the form that users of
/// MP-SPDZ know, such as `-pn 5000`, which is no form for other commands.
fn split_run_options(args: &mut Vec<OsString>) -> Vec<String> {
    let runs = ["compile-run", "check", "run"];
    let runs = args.get(1).is_some_and(|command| runs.iter().any(|known| command == known));
    match args.iter().position(|arg| arg == "--").filter(|_| runs) {
        None => Vec::new(),
        Some(at) => {
            let rest = args.split_off(at);
            rest[1..].iter().map(|word| word.to_string_lossy().into_owned()).collect()
        }
    }
}

fn dispatch(command: Command, run_options: Vec<String>) -> Result<()> {
    match command {
        Command::CompileRun(args) => compile_run::run(args, &run_options),
        Command::Check(Check { compilation, common, words }) => {
            let execute = Some("check".to_owned());
            let args = CompileRun { compilation, common, execute, check: true, words };
            compile_run::run(args, &run_options)
        }
        Command::Compile(args) => compile::run(&args),
        Command::Run(args) => run::run(args, &run_options),
        Command::Worker(args) => worker::run(&args),
        Command::Trace(args) => {
            let merged = trace::merge_files(&args.files)?;
            print(&[&serde_json::to_vec(&merged)?[..], b"\n"].concat())
        }
        Command::Explain(args) => explain::run(args.code.as_deref()),
        Command::Disassemble(args) => compile::disassemble(&args.file),
        Command::Certs(args) => certs::run(&args),
        Command::Editor(args) => editor::run(&args.folder),
        Command::Completions(args) => {
            let mut script = Vec::new();
            clap_complete::generate(args.shell, &mut Cli::command(), "caucus", &mut script);
            print(&script)
        }
    }
}

/// Writes to stdout what a command was asked for. A reader that has seen enough is no failure.
fn print(bytes: &[u8]) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(failure(Code::Resource, format!("cannot write to the standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// A file that cannot be read or written.
fn file_error(path: &std::path::Path, error: &std::io::Error) -> anyhow::Error {
    failure(Code::Configuration, format!("{}: {error}", path.display()))
}
