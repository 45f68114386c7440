//! What `compile-run` and the party processes that it starts tell each other.
//!
//! Down: a file with the party's task, its listening socket, and a lifeline: the child's standard
//! input, which ends when the parent does. Up: lines on the child's stderr that begin with a mark,
//! and a file with the outcome.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use caucus_party::{Checkpointing, PartSource};
use serde::{Deserialize, Serialize};

/// Begins the lines of stderr that are messages to the parent. Anything else is shown as it is.
const MARK: char = '\u{1e}';

/// The task of one party.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Task {
    /// Number of the party.
    pub(crate) party: u8,
    /// The bytecode.
    pub(crate) bytecode: PathBuf,
    /// The protocol's name.
    pub(crate) protocol: String,
    /// How many parties compute.
    pub(crate) n_parties: usize,
    /// Addresses of all parties.
    pub(crate) peers: Vec<String>,
    /// Folder of the identities.
    pub(crate) certs: PathBuf,
    /// Prefix of the input files.
    pub(crate) input_prefix: PathBuf,
    /// Where the parts of inputs are.
    pub(crate) input_parts: PartSource,
    /// Whether input files may have more values than needed.
    pub(crate) allow_extra_inputs: bool,
    /// Numbers that the program can ask the command line for.
    pub(crate) args: Vec<i64>,
    /// Where the program's output goes.
    pub(crate) output: Output,
    /// Whether checkpoints are kept, and how the run begins.
    pub(crate) checkpoints: Checkpointing,
    /// How many workers come in at the second socket that is handed over; none without one.
    pub(crate) workers: Option<usize>,
    /// What all randomness is drawn from, in tests.
    pub(crate) insecure_seed: Option<u64>,
    /// Where to write what took how long, as [`caucus_party::Config`] has it.
    pub(crate) trace: Option<PathBuf>,
    /// Seconds to wait for others to appear.
    pub(crate) connect_timeout: u64,
    /// Where the outcome goes.
    pub(crate) outcome: PathBuf,
}

/// Where a party's output goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Output {
    /// Party 0 prints what everybody may see, the others nothing.
    FirstParty,
    /// Every party prints what everybody may see, and what only it may.
    Everywhere,
    /// Every party writes to a file of its own with this prefix.
    Files(PathBuf),
}

/// How a party ended.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// 0 for success.
    pub(crate) exit_code: i32,
    /// What went wrong, if anything.
    pub(crate) message: Option<String>,
    /// What stands below the message: an excerpt of the program, a remedy.
    pub(crate) details: String,
    /// The statistics, after success.
    pub(crate) report: Option<serde_json::Value>,
}

/// A message from a party process to its parent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Message {
    /// What the party is doing; replaces the previous one.
    Progress {
        /// In words.
        text: String,
        /// In the fields of [`caucus_party::Phase`].
        fields: serde_json::Value,
    },
    /// Something the user should know.
    Notice(String),
}

impl Message {
    /// What a node does now.
    pub(crate) fn progress(phase: &caucus_party::Phase) -> Self {
        Self::Progress { text: phase.to_string(), fields: fields(phase) }
    }
}

/// A phase as fields of an event.
pub(crate) fn fields(phase: &caucus_party::Phase) -> serde_json::Value {
    serde_json::to_value(phase).unwrap_or_default()
}

/// Writes a message for the parent to stderr.
pub(crate) fn tell(message: &Message) {
    let text = serde_json::to_string(message).unwrap_or_default();
    // The parent may be gone already; the lifeline ends this process then.
    let _ = writeln!(std::io::stderr(), "{MARK}{text}");
}

/// The message in a line of a party's stderr; `Err` with the line if it is none.
pub(crate) fn parse(line: &str) -> Result<Message, &str> {
    let text = line.strip_prefix(MARK).ok_or(line)?;
    serde_json::from_str(text).map_err(|_| line)
}

/// Writes a task or an outcome so that a reader never sees half of it.
pub(crate) fn write<T: Serialize>(path: &Path, value: &T) -> Result<()> {
    let part = path.with_extension("part");
    let context = || format!("cannot write {}", path.display());
    std::fs::write(&part, serde_json::to_vec(value)?).with_context(context)?;
    std::fs::rename(&part, path).with_context(context)
}

/// Reads a task or an outcome.
pub(crate) fn read<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<T> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&bytes).with_context(|| format!("{} is damaged", path.display()))
}

/// Calls `on_end` when the parent process has ended, in a thread of its own.
pub(crate) fn watch_parent(on_end: impl FnOnce() + Send + 'static) {
    std::thread::spawn(move || {
        // Nothing is ever written to the lifeline: the read returns at its end.
        let _ = std::io::stdin().read(&mut [0]);
        on_end();
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_lines_on_stderr_are_no_messages() {
        assert_eq!(parse("thread panicked"), Err("thread panicked"));
        assert_eq!(parse("\u{1e}{broken"), Err("\u{1e}{broken"));
    }

    #[test]
    fn a_message_survives_its_line() {
        let message = Message::Notice("two\nlines".into());
        let line = format!("{MARK}{}", serde_json::to_string(&message).unwrap());
        assert!(!line.contains('\n'));
        assert_eq!(parse(&line), Ok(message));
    }
}
