//! The command line: definitions only, and the translation of options that users of MP-SPDZ know.

pub(crate) mod compat;

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use caucus_party::Checkpointing;

use crate::progress::Form;

/// The most workers in one range: more is a mistyped number.
const MAX_AT_ONE_MACHINE: u32 = 256;

/// Secure multiparty computation whose parties may each be many machines.
#[derive(Debug, Parser)]
#[command(name = "caucus", version, help_expected = true, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Compile a program and run all its parties on this machine
    ///
    /// Options of the run itself follow after `--`.
    CompileRun(CompileRun),
    /// Run a program in the clear and stop at its first mistake with numbers
    ///
    /// Overflow, numbers longer than the program promises, comparisons of numbers that are too far
    /// apart, division by a secret 0, and elements of arrays that were never written.
    /// Options of the run itself follow after `--`.
    Check(Check),
    /// Compile a program to a bytecode file
    Compile(Compile),
    /// Run one party, for deployments where every party has its own machine
    ///
    /// Options of the run itself follow after `--`.
    Run(Run),
    /// Run a worker of a party: it gets chunks of distributed loops from its main node, run after run
    Worker(Worker),
    /// Merge what the nodes of a run have written with --trace into one file for a viewer of traces
    Trace(Trace),
    /// Explain the code of an error, with a wrong and a corrected example
    Explain(Explain),
    /// Show a bytecode file as text
    Disassemble(Disassemble),
    /// Make and show the identities of parties, workers and clients
    Certs(Certs),
    /// Make a folder ready for editing programs: files from which an editor knows the language
    Editor(Editor),
    /// Print a script that completes this command's options in a shell
    Completions(Completions),
}

/// What both ways of running share.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// Folder of the identities
    #[arg(long, value_name = "DIR", default_value = "certs", env = "CAUCUS_CERTS")]
    pub(crate) certs: PathBuf,
    #[command(flatten)]
    pub(crate) inputs: InputFiles,
    /// Write the statistics of the run to a JSON file
    #[arg(long, value_name = "FILE")]
    pub(crate) stats: Option<PathBuf>,
    /// Keep checkpoints where the program says checkpoint(), from which the run can go on if it is
    /// interrupted, in the folder Persistence
    #[arg(long)]
    pub(crate) checkpoint: bool,
    /// Go on from the last checkpoint that all parties have, and keep further ones
    #[arg(long)]
    pub(crate) resume: bool,
    /// Write what took how long to a JSON file: of all nodes where this command starts all, for a viewer
    /// of traces; else of this one, for `caucus trace`, with `{party}`, `{node}` and `{run}` in the
    /// name for number, node and run
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
    /// Seconds to wait for other parties and nodes to appear
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub(crate) connect_timeout: u64,
    /// INSECURE: draw all randomness from this number, so that runs repeat. Whoever knows it knows all
    /// secrets: for tests only, the same at all parties, and without workers
    #[arg(long, value_name = "SEED")]
    pub(crate) insecure_seed: Option<u64>,
    /// Show no progress and no statistics on stderr
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// How progress is shown on stderr
    #[arg(long, value_name = "FORM", default_value = "lines")]
    pub(crate) progress: Form,
}

impl Common {
    /// What the options for checkpoints say together.
    pub(crate) fn checkpoints(&self) -> Checkpointing {
        match (self.resume, self.checkpoint) {
            (true, _) => Checkpointing::Resume,
            (false, true) => Checkpointing::Keep,
            (false, false) => Checkpointing::Off,
        }
    }
}

/// Where private inputs are.
#[derive(Clone, Debug, Args)]
pub(crate) struct InputFiles {
    /// Folder of the private inputs `Input-P<party>-<thread>` and `Input-P<party>-W<part>`
    #[arg(long, value_name = "DIR")]
    pub(crate) input_dir: Option<PathBuf>,
    /// Files of the private inputs that workers read, with `{part}` for the number of the part and
    /// `{party}` for that of the party [default: Player-Data/Input-P{party}-W{part}]
    #[arg(long, value_name = "PATTERN", conflicts_with = "input_manifest")]
    pub(crate) input_parts: Option<String>,
    /// Manifest of the private inputs that workers fetch by HTTPS, a JSON file; `{party}` in its
    /// name stands for the number of the party
    #[arg(long, value_name = "FILE")]
    pub(crate) input_manifest: Option<String>,
    /// Accept input files with more values than the program takes
    #[arg(long)]
    pub(crate) allow_extra_inputs: bool,
}

/// How a program is compiled.
#[derive(Debug, Args)]
pub(crate) struct Compilation {
    /// Compute with integers modulo 2^BITS (64, 72 or 128)
    #[arg(short = 'R', long, value_name = "BITS")]
    pub(crate) ring: Option<u32>,
    /// Instructions up to which a loop that cannot be widened is unrolled
    #[arg(short, long, value_name = "N", default_value_t = 1000)]
    pub(crate) budget: u64,
    /// Workers of each party, among which the program's distributed loops are split
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) workers: u32,
    /// Keep the order of all memory accesses
    #[arg(short = 'M', long)]
    pub(crate) preserve_mem_order: bool,
    /// Let every instruction have its own rounds
    #[arg(short = 'n', long)]
    pub(crate) nomerge: bool,
    /// Remove what nothing uses (always on; accepted for compatibility)
    #[arg(short = 'D', long)]
    pub(crate) dead_code_elimination: bool,
    /// Optimize as much as possible (always on; accepted for compatibility)
    #[arg(short = 'O', long)]
    pub(crate) optimize_hard: bool,
    /// Compile Python's loops over range() as run-time loops where their bodies allow it
    #[arg(short = 'l', long)]
    pub(crate) flow_optimization: bool,
    /// Tell how each loop was compiled, and why
    #[arg(long)]
    pub(crate) explain: bool,
    /// Tell rounds and bytes of each line under the protocol, before anything runs
    #[arg(long)]
    pub(crate) cost: bool,
    /// Print more about the compilation
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// Show Python's own traceback when a program fails to compile
    #[arg(long)]
    pub(crate) backtrace: bool,
    /// Convert secrets by splitting them among N parties (accepted for compatibility; N must be the
    /// number of parties)
    #[arg(short = 'Z', long, value_name = "N")]
    pub(crate) split: Option<usize>,
    #[command(flatten)]
    pub(crate) refused: Refused,
}

/// Options of MP-SPDZ's compiler that do not exist here: parsed only to say what to use instead.
#[derive(Debug, Args)]
pub(crate) struct Refused {
    #[arg(short = 'F', long = "field", hide = true, value_name = "BITS", help = "refused")]
    pub(crate) field: Option<String>,
    #[arg(short = 'P', long = "prime", hide = true, value_name = "PRIME", help = "refused")]
    pub(crate) prime: Option<String>,
    #[arg(short = 'B', long = "binary", hide = true, value_name = "BITS", help = "refused")]
    pub(crate) binary: Option<String>,
    #[arg(short = 'G', long = "garbled-circuit", hide = true, help = "refused")]
    pub(crate) garbled: bool,
    #[arg(short = 'X', long = "mixed", hide = true, help = "refused")]
    pub(crate) mixed: bool,
    #[arg(short = 'Y', long = "edabit", hide = true, help = "refused")]
    pub(crate) edabit: bool,
    #[arg(short = 'd', long = "debug", hide = true, help = "refused")]
    pub(crate) debug: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CompileRun {
    #[command(flatten)]
    pub(crate) compilation: Compilation,
    #[command(flatten)]
    pub(crate) common: Common,
    /// Protocol, as an option instead of the first argument
    #[arg(short = 'E', long, value_name = "PROTOCOL")]
    pub(crate) execute: Option<String>,
    /// Do not run the protocol: check the program in the clear, as `caucus check` does
    #[arg(long)]
    pub(crate) check: bool,
    /// PROTOCOL PROGRAM [ARGS…] [-- RUN-OPTIONS]; without PROTOCOL if -E names it
    #[arg(
        value_name = "PROTOCOL PROGRAM ARGS",
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    pub(crate) words: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) compilation: Compilation,
    #[command(flatten)]
    pub(crate) common: Common,
    /// PROGRAM [ARGS…] [-- RUN-OPTIONS]
    #[arg(
        value_name = "PROGRAM ARGS",
        trailing_var_arg = true,
        allow_hyphen_values = true,
        required = true
    )]
    pub(crate) words: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Compile {
    #[command(flatten)]
    pub(crate) compilation: Compilation,
    /// Bytecode file to write [default: <program and arguments joined by ->.cbc]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Compile for this protocol
    #[arg(short = 'E', long, value_name = "PROTOCOL")]
    pub(crate) execute: Option<String>,
    /// PROGRAM [ARGS…]
    #[arg(
        value_name = "PROGRAM ARGS",
        trailing_var_arg = true,
        allow_hyphen_values = true,
        required = true
    )]
    pub(crate) words: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Number of this party
    #[arg(short = 'p', long, value_name = "I")]
    pub(crate) party: u8,
    /// This is worker K of the party: runs a worker program with the worker's identity
    #[arg(long, value_name = "K")]
    pub(crate) worker: Option<u32>,
    /// Host of this party's main node, for a worker program: instead of the one it names
    #[arg(long, value_name = "HOST")]
    pub(crate) main: Option<String>,
    /// Addresses of all parties, a line `host[:port]` each
    #[arg(long, value_name = "FILE")]
    pub(crate) hosts: Option<PathBuf>,
    /// Address to listen on for the other parties [default: all addresses, the port of the hosts file]
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) listen: Option<String>,
    /// Where this party's workers come in, with --workers [default: all addresses, port 6000 + I]
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) listen_workers: Option<String>,
    #[command(flatten)]
    pub(crate) compilation: Compilation,
    #[command(flatten)]
    pub(crate) common: Common,
    /// Run by `compile-run`: its private file for this party's instructions
    #[arg(long, hide = true, value_name = "FILE")]
    pub(crate) managed: Option<PathBuf>,
    /// PROTOCOL PROGRAM [ARGS…], where PROGRAM may be a bytecode file
    #[arg(
        value_name = "PROTOCOL PROGRAM ARGS",
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    pub(crate) words: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Worker {
    /// Number of the party
    #[arg(short = 'p', long, value_name = "I")]
    pub(crate) party: u8,
    /// Number of this worker within the party, from 0; or several, such as `0,2` or `4-7`, that one
    /// machine serves
    #[arg(short, long, value_name = "K", value_parser = parse_indices)]
    pub(crate) index: Indices,
    /// Where the party's main node takes in workers [port: 6000 + I]
    #[arg(long, value_name = "HOST[:PORT]")]
    pub(crate) main: String,
    /// Address to listen on for the workers of number K of the other parties; further workers of this
    /// machine listen on the ports that follow [default: all addresses and free ports]
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) listen: Option<String>,
    /// Host at which they find this worker [default: the address from which it connects to its main
    /// node]
    #[arg(long, value_name = "HOST")]
    pub(crate) host: Option<String>,
    /// Number of parties
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub(crate) parties: usize,
    /// End after one run
    #[arg(long)]
    pub(crate) once: bool,
    /// Folder of the identities
    #[arg(long, value_name = "DIR", default_value = "certs", env = "CAUCUS_CERTS")]
    pub(crate) certs: PathBuf,
    #[command(flatten)]
    pub(crate) inputs: InputFiles,
    /// Write what took how long in a run to a JSON file, for `caucus trace`; `{party}`, `{node}` and
    /// `{run}` in the name stand for number, node and run
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
    /// Seconds to wait for the main node, with --once; else the worker waits for ever
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub(crate) connect_timeout: u64,
    /// Show nothing but errors
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// How progress is shown on stderr
    #[arg(long, value_name = "FORM", default_value = "lines")]
    pub(crate) progress: Form,
    /// Run by `compile-run`
    #[arg(long, hide = true)]
    pub(crate) managed: bool,
}

/// Numbers of workers, in order and each once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Indices(pub(crate) Vec<u32>);

/// Reads numbers and ranges of them, parted by commas.
fn parse_indices(text: &str) -> Result<Indices, String> {
    let number = |text: &str| {
        let wrong = |_| format!("{text:?} is no number of a worker: write 3, or 0,2, or 4-7");
        text.trim().parse::<u32>().map_err(wrong)
    };
    let mut all = BTreeSet::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (number(first)?, number(last)?);
        if first > last || last - first >= MAX_AT_ONE_MACHINE {
            return Err(format!("{part:?} is not a range of up to {MAX_AT_ONE_MACHINE} workers"));
        }
        if let Some(twice) = (first..=last).find(|it| !all.insert(*it)) {
            return Err(format!("worker {twice} is named twice"));
        }
    }
    Ok(Indices(all.into_iter().collect()))
}

#[derive(Debug, Args)]
pub(crate) struct Trace {
    /// Files of the nodes of one run
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// Code of the error, such as E0202; without it, all codes are listed
    pub(crate) code: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Disassemble {
    /// Bytecode file
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Certs {
    /// Folder of the identities
    #[arg(long, value_name = "DIR", default_value = "certs", env = "CAUCUS_CERTS", global = true)]
    pub(crate) certs: PathBuf,
    #[command(subcommand)]
    pub(crate) action: CertsAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CertsAction {
    /// Make the authority and the main node's identity of parties; keeps what is there
    Init {
        /// Parties 0 to N - 1
        #[arg(long, value_name = "N", default_value_t = 3, conflicts_with = "party")]
        parties: u8,
        /// Only this party, on its own machine
        #[arg(long, value_name = "I", requires = "deployment")]
        party: Option<u8>,
        /// Name of the deployment that the parties have agreed on
        #[arg(long, value_name = "NAME")]
        deployment: Option<String>,
        /// Days that certificates are valid
        #[arg(long, value_name = "DAYS", default_value_t = 730)]
        days: u32,
    },
    /// Make the identity of a worker node
    Worker {
        /// Number of the party
        #[arg(long, value_name = "I")]
        party: u8,
        /// Number of the worker within the party
        #[arg(long, value_name = "K")]
        index: u32,
        /// Days that the certificate is valid
        #[arg(long, value_name = "DAYS", default_value_t = 730)]
        days: u32,
    },
    /// Make the identity of an external client
    Client {
        /// Number of the client
        #[arg(long, value_name = "J")]
        index: u32,
        /// Copy what the client needs to this folder, to be taken to its machine: `C<J>.pem`, `C<J>.key`, `P<i>.pem`
        #[arg(long, value_name = "DIR")]
        export: Option<PathBuf>,
        /// Days that the certificate is valid
        #[arg(long, value_name = "DAYS", default_value_t = 730)]
        days: u32,
    },
    /// Show all identities: whose, by which authority, valid until when
    Show,
}

#[derive(Debug, Args)]
pub(crate) struct Editor {
    /// Folder with the programs
    #[arg(value_name = "DIR", default_value = ".")]
    pub(crate) folder: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// Shell
    pub(crate) shell: clap_complete::Shell,
}
