//! Making what is missing under the folder of identities, for runs on one machine.

use std::path::Path;

use anyhow::Result;
use caucus_bytecode::{Class, Op, Program, Reg};
use caucus_core::identity::{self, IssueOptions};
use caucus_core::ids::{PartyId, WorkerId};

use crate::failure::{Code, failure, with_causes};
use crate::progress::Progress;

/// Makes the identities of `parties` parties, of the workers as which the program connects, and of the
/// first `n_workers` workers, as far as they are missing, and tells on stderr what was made. For one machine only: on a real
/// deployment nothing is ever made silently.
pub(crate) fn ensure(
    dir: &Path,
    parties: u8,
    program: &Program,
    n_workers: u32,
    progress: &Progress,
) -> Result<()> {
    let options = IssueOptions::default();
    let all = || (0..parties).map(PartyId::new);
    let mut created = identity::init_parties(dir, all(), &options).map_err(configuration)?.created;
    let mut needed = workers(program);
    needed.extend(0..n_workers);
    for worker in needed {
        for party in all() {
            let report = identity::add_worker(dir, party, WorkerId::new(worker), &options);
            created.extend(report.map_err(configuration)?.created);
        }
    }
    if !created.is_empty() && !progress.is_quiet() {
        progress.line(&format!(
            "caucus: made {} missing files of identities for this machine under {}",
            created.len(),
            dir.display()
        ));
    }
    Ok(())
}

/// An error of the identities, with its exit code.
pub(crate) fn configuration(error: impl std::error::Error) -> anyhow::Error {
    failure(Code::Configuration, with_causes(&error))
}

/// The numbers of workers as which the program connects, where they are constants.
fn workers(program: &Program) -> Vec<u32> {
    let mut found = Vec::new();
    for tape in &program.tapes {
        for (at, op) in tape.ops.iter().enumerate() {
            let Op::Connect { id, .. } = op else { continue };
            let value = constant(&tape.ops[..at], id.0);
            found.extend(value.and_then(|value| u32::try_from(value).ok()));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// The value of an integer register after these instructions, if a constant was written last.
fn constant(ops: &[Op], register: u32) -> Option<i64> {
    let register = Reg { class: Class::Int, index: register };
    let last = ops.iter().rev().find(|op| op.registers().contains(&(register, true)))?;
    match last {
        Op::LoadInt { value, .. } => Some(*value),
        _ => None,
    }
}
