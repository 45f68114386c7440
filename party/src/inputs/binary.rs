//! Private inputs in binary files: numbers of fixed width, one behind the other, read when the program takes them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use caucus_core::ids::PartyId;

use super::{InputError, Inputs};

/// The binary files that this process reads.
pub(crate) struct BinaryFiles {
    files: Inputs,
    open: Mutex<BTreeMap<(PartyId, usize), Open>>,
}

/// A file and how much of it is left.
struct Open {
    file: File,
    left: u64,
    used: u64,
}

impl BinaryFiles {
    pub(crate) fn new(files: Inputs) -> Self {
        Self { files, open: Mutex::default() }
    }

    fn path(&self, player: PartyId, thread: usize) -> PathBuf {
        let mut path = self.files.prefix.clone().into_os_string();
        path.push(format!("-Binary-{player}-{thread}"));
        path.into()
    }

    /// The next `count` numbers of `width` bytes of a player in a thread.
    pub(crate) fn take(
        &self,
        player: PartyId,
        thread: usize,
        count: usize,
        width: usize,
    ) -> Result<Vec<u8>, InputError> {
        let path = || self.path(player, thread);
        let unreadable = |source| InputError::Unreadable { path: path(), source };
        let too_few = |found| InputError::BinaryTooFew { path: path(), player, thread, found };
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = match open.entry((player, thread)) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => {
                let file = File::open(path()).map_err(|source| match source.kind() {
                    io::ErrorKind::NotFound => too_few(None),
                    _ => unreadable(source),
                })?;
                let left = file.metadata().map_err(unreadable)?.len();
                entry.insert(Open { file, left, used: 0 })
            }
        };
        let bytes = count.saturating_mul(width);
        // Before anything is allocated: the program may ask for more than there is.
        if bytes as u64 > entry.left {
            return Err(too_few(Some((entry.used, bytes as u64, entry.left))));
        }
        let mut buffer = vec![0; bytes];
        entry.file.read_exact(&mut buffer).map_err(unreadable)?;
        entry.left -= bytes as u64;
        entry.used += bytes as u64;
        Ok(buffer)
    }
}

impl BinaryFiles {
    /// How many bytes were taken, by party and thread.
    pub(crate) fn positions(&self) -> Vec<(u8, u32, u64)> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let position = |(&(player, thread), file): (&(PartyId, usize), &Open)| {
            (player.index() as u8, thread as u32, file.used)
        };
        open.iter().map(position).collect()
    }

    /// Goes on behind bytes that were taken before.
    pub(crate) fn set_positions(&self, positions: &[(u8, u32, u64)]) -> Result<(), InputError> {
        for (player, thread, used) in positions {
            let (player, thread) = (PartyId::new(*player), *thread as usize);
            // Opens the file.
            self.take(player, thread, 0, 1)?;
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(entry) = open.get_mut(&(player, thread)) else { continue };
            let sought = entry.file.seek(SeekFrom::Start(*used));
            sought.map_err(|source| InputError::Unreadable {
                path: self.path(player, thread),
                source,
            })?;
            entry.left = (entry.left + entry.used).saturating_sub(*used);
            entry.used = *used;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn bytes_come_in_order_until_there_are_too_few() {
        let dir = TempDir::new().unwrap();
        let (player, bytes) = (PartyId::new(2), [1, 2, 3, 4, 5, 6, 7]);
        std::fs::write(dir.path().join("Input-Binary-P2-1"), bytes).unwrap();
        let files = BinaryFiles::new(Inputs::in_directory(dir.path()));
        assert_eq!(files.take(player, 1, 2, 2).unwrap(), [1, 2, 3, 4]);
        let message = files.take(player, 1, 2, 2).unwrap_err().to_string();
        assert!(message.contains("after 4") && message.contains("are 3"), "{message}");
        assert_eq!(files.take(player, 1, 3, 1).unwrap(), [5, 6, 7]);
        let message = files.take(player, 0, 1, 8).unwrap_err().to_string();
        assert!(message.contains("does not exist"), "{message}");
    }
}
