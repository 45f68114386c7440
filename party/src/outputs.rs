//! Binary outputs: files of numbers of 8 bytes, to which each run appends.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use caucus_core::ids::PartyId;

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
    open: Mutex<BTreeMap<(PartyId, usize), File>>,
}

impl BinaryOutputs {
    /// Those beside the input files with this prefix.
    pub(crate) fn beside(input_prefix: &Path) -> Self {
        let folder = input_prefix.parent().unwrap_or(Path::new("")).to_owned();
        Self { folder, open: Mutex::default() }
    }

    /// Appends to the file of a player in a thread.
    pub(crate) fn append(
        &self,
        player: PartyId,
        thread: usize,
        bytes: &[u8],
    ) -> Result<(), OutputError> {
        let path = self.folder.join(format!("Binary-Output-{player}-{thread}"));
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
