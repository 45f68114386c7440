//! What can be wrong with checkpoints.

use std::io;
use std::path::PathBuf;

use caucus_core::ids::PartyId;

use crate::error::exit;

/// Checkpoints that cannot be used, or cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The system refuses something.
    #[error("cannot {what} the checkpoint {}: {source}", path.display())]
    System {
        /// What this node tried.
        what: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another run uses the files.
    #[error(
        "the checkpoints {} are in use by another run in this folder: wait for its end, or run in another folder",
        path.display()
    )]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// There is none.
    #[error(
        "there is no checkpoint {}: begin without --resume, in the folder in which the run is to keep them, with \
         --checkpoint",
        path.display()
    )]
    None {
        /// The file.
        path: PathBuf,
    },
    /// The file is none of ours.
    #[error(
        "{} is no checkpoint of this version of Caucus: move it away, and begin without --resume",
        path.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file belongs to somebody else.
    #[error(
        "{} is the checkpoint of {found}, this is {expected}: put each party's file back to where it was written",
        path.display()
    )]
    OfAnother {
        /// The file.
        path: PathBuf,
        /// Whose it is.
        found: String,
        /// Who this is.
        expected: String,
    },
    /// The checkpoint is of another run.
    #[error(
        "{} is a checkpoint of another run: its {what} is {found}, that of this one {expected}; resume with what the \
         run was begun with, or begin without --resume",
        path.display()
    )]
    OtherTask {
        /// The file.
        path: PathBuf,
        /// What differs.
        what: &'static str,
        /// How it is in the checkpoint.
        found: String,
        /// How it is here.
        expected: String,
    },
    /// The file ends too early.
    #[error(
        "the checkpoint {} is truncated: it should have {expected} bytes and has {found}; restore it from a copy, or \
         begin without --resume",
        path.display()
    )]
    Truncated {
        /// The file.
        path: PathBuf,
        /// The length that it should have.
        expected: u64,
        /// The length that it has.
        found: u64,
    },
    /// The content has changed.
    #[error(
        "the checkpoint {} is damaged: its content does not fit its checksum; restore it from a copy, or begin without \
         --resume",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// The parties have none in common.
    #[error(
        "the parties have no checkpoint in common: here is {ours}, at {party} {theirs}; restore the files of one run \
         at all parties, or begin without --resume"
    )]
    Mixed {
        /// A party that differs.
        party: PartyId,
        /// What is here.
        ours: String,
        /// What is there.
        theirs: String,
    },
    /// There are connections that a later run would not have.
    #[error(
        "a checkpoint cannot keep connections, and {} {} open: close what the program has connected or accepted before \
         the checkpoint, or run without --checkpoint",
        list(open), if open.len() == 1 { "is" } else { "are" }
    )]
    Connections {
        /// Their numbers.
        open: Vec<i64>,
    },
    /// A binary output has less than it had.
    #[error(
        "the binary output {} had {expected} bytes at the checkpoint and has {found}: restore it, or begin without \
         --resume",
        path.display()
    )]
    Output {
        /// The file.
        path: PathBuf,
        /// Its length at the checkpoint.
        expected: u64,
        /// Its length now.
        found: u64,
    },
}

impl CheckpointError {
    /// The exit code that belongs to the fault.
    pub(crate) fn exit_code(&self) -> i32 {
        match self {
            Self::System { .. } => exit::RESOURCE,
            Self::InUse { .. } => exit::CONFIGURATION,
            Self::None { .. }
            | Self::Foreign { .. }
            | Self::OfAnother { .. }
            | Self::OtherTask { .. }
            | Self::Truncated { .. }
            | Self::Damaged { .. }
            | Self::Output { .. } => exit::INPUT,
            Self::Mixed { .. } => exit::DISAGREE,
            Self::Connections { .. } => exit::PROGRAM,
        }
    }

    /// What other parties may know: no names of files.
    pub(crate) fn for_peers(&self) -> String {
        match self {
            Self::System { what, source, .. } => {
                format!("it cannot {what} its checkpoint: {source}")
            }
            Self::InUse { .. } => "its checkpoints are in use by another run".to_owned(),
            Self::None { .. } => "it has no checkpoint".to_owned(),
            Self::Foreign { .. } => "its checkpoint is none of this version of Caucus".to_owned(),
            Self::OfAnother { found, .. } => format!("its checkpoint is that of {found}"),
            Self::OtherTask { what, .. } => {
                format!("its checkpoint is of another run, with another {what}")
            }
            Self::Truncated { .. } => "its checkpoint is truncated".to_owned(),
            Self::Damaged { .. } => "its checkpoint is damaged".to_owned(),
            Self::Output { .. } => {
                "a binary output of it is shorter than at the checkpoint".to_owned()
            }
            Self::Mixed { .. } | Self::Connections { .. } => self.to_string(),
        }
    }
}

fn list(ids: &[i64]) -> String {
    ids.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}
