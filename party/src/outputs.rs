//! Binary outputs: files of numbers of 8 bytes, to which each run appends.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use caucus_bytecode::{Op, Program};
use caucus_core::ids::PartyId;

use crate::checkpoint::CheckpointError;
use crate::host;

/// A binary output file that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the binary output {}: {source}", path.display())]
pub struct OutputError {
    /// The file.
    path: PathBuf,
    /// What the system said.
    pub(crate) source: io::Error,
}

/// The binary output files of one node, beside its input files.
pub(crate) struct BinaryOutputs {
    folder: PathBuf,
    /// Whose files this process writes, and for how many threads, if the program writes any.
    files: Vec<(PartyId, usize)>,
    open: Mutex<BTreeMap<(PartyId, usize), File>>,
}

impl BinaryOutputs {
    /// Those of these parties, beside the input files with this prefix.
    pub(crate) fn beside(input_prefix: &Path, players: &[PartyId], program: &Program) -> Self {
        let folder = input_prefix.parent().unwrap_or(Path::new("")).to_owned();
        let writes =
            |op: &Op| matches!(op, Op::BinaryOutputI { .. } | Op::BinaryOutputFixed { .. });
        let n_threads = match program.tapes.iter().flat_map(|tape| &tape.ops).any(writes) {
            true => program.max_threads(),
            false => 0,
        };
        let of =
            |player: &PartyId| (0..n_threads).map(|thread| (*player, thread)).collect::<Vec<_>>();
        Self { folder, files: players.iter().flat_map(of).collect(), open: Mutex::default() }
    }

    fn path(&self, player: PartyId, thread: usize) -> PathBuf {
        self.folder.join(format!("Binary-Output-{player}-{thread}"))
    }

    fn length(path: &Path) -> Result<u64, OutputError> {
        match std::fs::metadata(path) {
            Ok(metadata) => Ok(metadata.len()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(source) => Err(OutputError { path: path.into(), source }),
        }
    }

    /// The lengths of all files, by party and thread, for a checkpoint.
    pub(crate) fn lengths(&self) -> Result<Vec<(u8, u32, u64)>, OutputError> {
        let length = |&(player, thread): &(PartyId, usize)| {
            let length = Self::length(&self.path(player, thread))?;
            Ok((player.index() as u8, thread as u32, length))
        };
        self.files.iter().map(length).collect()
    }

    /// Fails if a file is shorter than at a checkpoint.
    pub(crate) fn compare(&self, lengths: &[(u8, u32, u64)]) -> Result<(), host::Error> {
        for &(player, thread, expected) in lengths {
            let path = self.path(PartyId::new(player), thread as usize);
            let found = Self::length(&path)?;
            if found < expected {
                return Err(CheckpointError::Output { path, expected, found }.into());
            }
        }
        Ok(())
    }

    /// Removes what was written after a checkpoint.
    pub(crate) fn cut(&self, lengths: &[(u8, u32, u64)]) -> Result<(), OutputError> {
        for &(player, thread, expected) in lengths {
            let path = self.path(PartyId::new(player), thread as usize);
            if Self::length(&path)? > expected {
                let file = OpenOptions::new().write(true).open(&path);
                let cut = file.and_then(|file| file.set_len(expected));
                cut.map_err(|source| OutputError { path, source })?;
            }
        }
        Ok(())
    }

    /// Appends to the file of a player in a thread.
    pub(crate) fn append(
        &self,
        player: PartyId,
        thread: usize,
        bytes: &[u8],
    ) -> Result<(), OutputError> {
        let path = self.path(player, thread);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let file = match open.entry((player, thread)) {
            std::collections::btree_map::Entry::Occupied(entry) => Ok(entry.into_mut()),
            std::collections::btree_map::Entry::Vacant(entry) => {
                let file = OpenOptions::new().create(true).append(true).open(&path);
                file.map(|file| entry.insert(file))
            }
        };
        let written = file.and_then(|file| file.write_all(bytes));
        written.map_err(|source| OutputError { path, source })
    }
}
