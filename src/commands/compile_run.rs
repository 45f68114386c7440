//! `compile-run`: compile, then run all parties on this machine.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use caucus_bytecode::Program;
use caucus_party::registry::{Parties, Row};
use caucus_party::{PART, PARTY, PartSource};

use super::compile::{self, How};
use super::file_error;
use crate::cli::compat::{self, RunOptions};
use crate::cli::{Common, CompileRun};
use crate::failure::{Code, failure, failure_with};
use crate::launch::{self, Ended, Party, Worker};
use crate::managed::{Output, Task};
use crate::progress::Progress;
use crate::{identities, report, trace};

/// How many parties one process plays if the user does not say: as many as `ring` has, so that
/// programs give the same.
const SIMULATED: usize = 3;

/// Names of the files in which nodes leave what took how long.
const NODE_TRACES: &str = "trace-{node}.json";

/// Compiles and runs.
pub(super) fn run(args: CompileRun, run_options: &[String]) -> Result<()> {
    let progress = Progress::new(args.common.progress, args.common.quiet);
    progress.end(run_all(args, run_options, &progress))
}

fn run_all(args: CompileRun, run_options: &[String], progress: &Progress) -> Result<()> {
    let options = compat::run_options(run_options)?;
    let (protocol, name, rest) =
        compat::protocol_and_program(args.execute.as_deref(), &args.words)?;
    let mut row = compile::protocol_row(&protocol)?;
    if args.check {
        row = compile::protocol_row("check")?;
    }
    let n_parties = n_parties(row, &options)?;
    compile::check_split(&args.compilation, row, n_parties)?;
    if options.hosts.is_some() {
        let text = "-ip is for parties on several machines: run `caucus run --party I --hosts FILE` \
                    on each of them";
        return Err(failure(Code::Usage, text));
    }
    if options.interactive {
        let text = "-I needs a terminal for each party: run `caucus run --party I --hosts FILE PROTOCOL \
                    PROGRAM -- -I` in each of them, or use `emulate`: `caucus run --party 0 emulate PROGRAM -- -I`";
        return Err(failure(Code::Usage, text));
    }
    let inputs = input_prefix(&options, &args.common);
    let program = {
        let how = How { protocol: Some(row), print_to_stderr: true };
        compile::compile(&name, &rest, &args.compilation, &inputs, how, progress)?
    };
    let parties = u8::try_from(row.processes()).expect("protocols have few parties");
    let workers = if row.is_simulated() { 0 } else { args.compilation.workers };
    identities::ensure(&args.common.certs, parties, &program, workers, progress)?;
    let ended = start(row, n_parties, &program, workers, &options, &args.common, progress)?;
    finish(&ended, row, &program, &args.common, progress)
}

fn start(
    row: &Row,
    n_parties: usize,
    program: &Program,
    workers: u32,
    options: &RunOptions,
    common: &Common,
    progress: &Progress,
) -> Result<Vec<Ended>> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let bytecode = folder.path().join("program.cbc");
    std::fs::write(&bytecode, program.to_bytes()).context("cannot write the bytecode")?;
    let parties = u8::try_from(row.processes()).expect("protocols have few parties");
    let listeners = (0..parties)
        .map(|party| launch::listen(party, options.port_base))
        .collect::<Result<Vec<_>>>()?;
    let peers = listeners
        .iter()
        .map(|listener| Ok(listener.local_addr()?.to_string()))
        .collect::<Result<Vec<_>>>()?;
    let doors = (0..parties)
        .map(|party| if workers > 0 { launch::listen(party, None).map(Some) } else { Ok(None) })
        .collect::<Result<Vec<_>>>()?;
    let inputs = inputs_of_worker(options, common)?;
    let trace = common.trace.as_ref().map(|_| folder.path().join(NODE_TRACES));
    let mut nodes = Vec::new();
    for (door, party) in doors.iter().zip(0..) {
        let Some(door) = door else { continue };
        let main = door.local_addr()?.to_string();
        nodes.extend((0..workers).map(|index| Worker {
            party,
            index,
            main: main.clone(),
            n_parties,
            certs: common.certs.clone(),
            inputs: inputs.clone(),
            trace: trace.clone(),
        }));
    }
    let parts = common.inputs.parts()?;
    let insecure_seed = super::run::insecure_seed(common, workers, progress)?;
    let sockets = listeners.into_iter().zip(doors);
    let all = sockets.zip(0u8..).map(|((listener, door), party)| Party {
        workers: door,
        task: Task {
            workers: (workers > 0).then_some(workers as usize),
            party,
            n_parties,
            bytecode: bytecode.clone(),
            protocol: row.name.to_owned(),
            peers: peers.clone(),
            certs: common.certs.clone(),
            input_prefix: input_prefix(options, common),
            input_parts: parts.clone(),
            allow_extra_inputs: common.inputs.allow_extra_inputs,
            args: options.args.clone(),
            output: output(options),
            insecure_seed,
            checkpoints: common.checkpoints(),
            trace: trace.clone(),
            connect_timeout: common.connect_timeout,
            outcome: folder.path().join(format!("outcome-{party}.json")),
        },
        listener,
    });
    let ended = launch::run(all.collect(), nodes, progress)?;
    if let Some(file) = &common.trace {
        let written = write_trace(folder.path(), file);
        // Why the run failed is worth more than why there is no trace of it.
        if launch::root_cause(&ended).is_none() {
            written?;
        }
    }
    Ok(ended)
}

/// Merges what all nodes have recorded; those that were killed have left nothing.
fn write_trace(folder: &Path, file: &Path) -> Result<()> {
    let found = std::fs::read_dir(folder).context("cannot read the temporary folder")?;
    let found = found.flatten().map(|entry| entry.path());
    let (begin, end) = NODE_TRACES.split_once("{node}").unwrap_or_default();
    let is_trace = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.starts_with(begin) && name.ends_with(end))
    };
    let files: Vec<_> = found.filter(is_trace).collect();
    let merged = serde_json::to_vec(&trace::merge_files(&files)?)?;
    std::fs::write(file, merged).map_err(|error| file_error(file, &error))
}

/// How many parties compute: what the protocol says, or as many as one process should play.
pub(super) fn n_parties(row: &Row, options: &RunOptions) -> Result<usize> {
    match (row.parties, options.parties) {
        (Parties::Exactly(n), Some(given)) if given != n => {
            let text = format!("{} runs among {n} parties, not -N {given}", row.name);
            Err(failure(Code::Usage, text))
        }
        (Parties::Exactly(n), _) => Ok(n),
        (Parties::Simulated | Parties::AtLeast(_), given) => Ok(given.unwrap_or(SIMULATED)),
    }
}

/// Where the input files are.
pub(super) fn input_prefix(options: &RunOptions, common: &Common) -> std::path::PathBuf {
    common.inputs.prefix(options.input_prefix.as_deref())
}

/// Options of a worker that finds inputs where this command does.
fn inputs_of_worker(options: &RunOptions, common: &Common) -> Result<Vec<OsString>> {
    let mut words: Vec<OsString> = match common.inputs.parts()? {
        PartSource::Manifest(file) => vec!["--input-manifest".into(), file.into()],
        PartSource::Files(pattern) => vec!["--input-parts".into(), pattern.into()],
        PartSource::Beside => {
            let mut pattern = input_prefix(options, common).into_os_string();
            pattern.push(format!("-P{PARTY}-W{PART}"));
            vec!["--input-parts".into(), pattern]
        }
    };
    if common.inputs.allow_extra_inputs {
        words.push("--allow-extra-inputs".into());
    }
    Ok(words)
}

/// Where output goes.
pub(super) fn output(options: &RunOptions) -> Output {
    match &options.output_prefix {
        None if options.interactive => Output::Everywhere,
        None => Output::FirstParty,
        Some(prefix) if prefix.as_os_str() == "." => Output::Everywhere,
        Some(prefix) => Output::Files(prefix.clone()),
    }
}

/// What a party says, without its own name.
fn nameless(end: &Ended) -> &str {
    let message = end.outcome.message.as_deref().unwrap_or("failed");
    message.strip_prefix(&format!("P{}: ", end.party)).unwrap_or(message)
}

/// The failures of a run: the first cause with its details, then what others say beyond it.
fn told(root: &Ended, ended: &[Ended]) -> String {
    let cause = nameless(root);
    let failed = ended.iter().filter(|end| end.outcome.exit_code != 0);
    let (same, others): (Vec<_>, Vec<_>) = failed.partition(|end| nameless(end) == cause);
    let mut parties: Vec<_> = same.iter().map(|end| end.party).collect();
    parties.sort_unstable();
    let mut text = if parties.len() == 1 && cause.starts_with(&format!("P{}", root.party)) {
        cause.to_owned()
    } else {
        format!("{}: {cause}", launch::names(&parties))
    };
    if !root.outcome.details.is_empty() {
        text += &format!("\n{}", root.outcome.details);
    }
    for other in others {
        // Most only repeat what ended them.
        if !nameless(other).contains(cause) && other.outcome.message.is_some() {
            text += &format!("\n  then P{}: {}", other.party, nameless(other));
        }
    }
    text
}

fn finish(
    ended: &[Ended],
    row: &Row,
    program: &Program,
    common: &Common,
    progress: &Progress,
) -> Result<()> {
    if let Some(root) = launch::root_cause(ended) {
        return Err(failure_with(root.outcome.exit_code, told(root, ended)));
    }
    let mut reports: Vec<_> =
        ended.iter().filter_map(|end| Some((end.party, end.outcome.report.clone()?))).collect();
    reports.sort_by_key(|(party, _)| *party);
    let reports: Vec<_> = reports.into_iter().map(|(_, report)| report).collect();
    if let Some(path) = &common.stats {
        report::write(path, &program.name, row.name, &reports)?;
    }
    match reports.first() {
        Some(first) if !common.quiet => report::summary(first, progress),
        _ => {}
    }
    Ok(())
}
