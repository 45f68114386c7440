//! What can be wrong with stored shares.

use std::io;
use std::path::PathBuf;

use caucus_core::ids::PartyId;

use crate::error::exit;

/// Stored shares that cannot be used, or shares that cannot be stored.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The system refuses something.
    #[error("cannot {what} the stored shares {}: {source}", path.display())]
    System {
        /// What this node tried.
        what: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another run uses the file.
    #[error("the stored shares {} are in use by another run: wait for its end", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The file is none of ours.
    #[error(
        "{} is no file of stored shares of Caucus: move it away, at all parties, and run the program that stores them",
        path.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file belongs to somebody else.
    #[error(
        "{} has the shares of {found}, this is {expected}: put each party's file back to where it was written",
        path.display()
    )]
    OfAnother {
        /// The file.
        path: PathBuf,
        /// Whose shares it has.
        found: String,
        /// Who this is.
        expected: String,
    },
    /// The shares are of another kind.
    #[error(
        "{} has shares of {found}, but this program computes with {expected}: store them again with that, or run this \
         program with what they were stored with",
        path.display()
    )]
    OtherKind {
        /// The file.
        path: PathBuf,
        /// What it has shares of.
        found: String,
        /// What is needed.
        expected: String,
    },
    /// The file ends too early.
    #[error(
        "{} is truncated: it should have {expected} bytes and has {found}; restore it from a copy, at all parties",
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
        "{} is damaged: its content does not fit its checksum; restore it from a copy, at all parties",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// The parties' files do not belong together.
    #[error(
        "the parties' stored shares do not belong together: here are {ours}, at {party} {theirs}; restore the files of \
         one run at all parties, or move them all away"
    )]
    Mixed {
        /// A party that differs.
        party: PartyId,
        /// What is here.
        ours: String,
        /// What is there.
        theirs: String,
    },
    /// The file is not what it was at a checkpoint.
    #[error(
        "{} has changed since the checkpoint, by another run: restore the file of that time, at all parties, or begin \
         without --resume",
        path.display()
    )]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A position that is none.
    #[error(
        "{position} is no position of stored shares: expected one of {}0 to {}",
        if *writing { "-1 (the end) and " } else { "" }, super::MAX_SHARES
    )]
    Position {
        /// The number.
        position: i64,
        /// Whether it is for writing.
        writing: bool,
    },
    /// The program reads more than there is.
    #[error(
        "the program reads {count} stored shares from position {position} on, which is beyond the end: there are {stored}"
    )]
    BeyondEnd {
        /// The position.
        position: i64,
        /// How many it reads.
        count: usize,
        /// How many there are.
        stored: u64,
    },
}

impl StorageError {
    /// The exit code that belongs to the fault.
    pub(crate) fn exit_code(&self) -> i32 {
        match self {
            Self::System { .. } => exit::RESOURCE,
            Self::InUse { .. } => exit::CONFIGURATION,
            Self::Foreign { .. }
            | Self::OfAnother { .. }
            | Self::OtherKind { .. }
            | Self::Truncated { .. }
            | Self::Damaged { .. }
            | Self::Changed { .. } => exit::INPUT,
            Self::Mixed { .. } => exit::DISAGREE,
            Self::Position { .. } | Self::BeyondEnd { .. } => exit::PROGRAM,
        }
    }

    /// What other parties may know: no names of files.
    pub(crate) fn for_peers(&self) -> String {
        match self {
            Self::System { what, source, .. } => {
                format!("it cannot {what} its stored shares: {source}")
            }
            Self::InUse { .. } => "its stored shares are in use by another run".to_owned(),
            Self::Foreign { .. } => "its file of stored shares is none of Caucus".to_owned(),
            Self::OfAnother { found, .. } => {
                format!("its file of stored shares is that of {found}")
            }
            Self::OtherKind { found, .. } => format!("its stored shares are of {found}"),
            Self::Truncated { .. } => "its file of stored shares is truncated".to_owned(),
            Self::Damaged { .. } => "its file of stored shares is damaged".to_owned(),
            Self::Changed { .. } => {
                "its stored shares have changed since the checkpoint".to_owned()
            }
            Self::Mixed { .. } | Self::Position { .. } | Self::BeyondEnd { .. } => self.to_string(),
        }
    }
}
