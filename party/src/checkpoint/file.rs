//! The file of one checkpoint of one node.
//!
//! A mark, the length of the head, the head, the SHA-256 of all that and the snapshot, the snapshot. It has shares in it:
//! of no use without those of other parties, and readable by nobody else.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use caucus_core::wire;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{CheckpointError, Owner, Positions, Task};
use crate::mark::Mark;
use crate::storage::{create_private, sync_folder};

const MARK: &[u8; 8] = b"CAUCUSC1";
/// The longest head that is read.
const MAX_HEAD: usize = 1 << 20;
/// Bytes before the head.
const START: usize = MARK.len() + 4;
const DIGEST: usize = 32;

/// What a checkpoint is, and the state of the surroundings that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Head {
    /// Whose.
    pub(super) owner: Owner,
    /// Of which run.
    pub(super) task: Task,
    /// Which one of that run.
    pub(super) mark: Mark,
    /// Where in the source.
    pub(super) place: Option<String>,
    /// Where inputs and files stood.
    pub(super) positions: Positions,
    /// Bytes of the snapshot.
    len: u64,
}

impl Head {
    pub(super) fn new(
        owner: Owner,
        task: Task,
        mark: Mark,
        place: Option<String>,
        positions: Positions,
    ) -> Self {
        Self { owner, task, mark, place, positions, len: 0 }
    }
}

/// Writes a checkpoint under a temporary name and puts it in place, so that it survives whatever comes.
pub(super) fn write(path: &Path, head: Head, snapshot: &[u8]) -> io::Result<()> {
    let part = path.with_extension("part");
    let mut file = create_private(&part)?;
    let head = wire::to_bytes(&Head { len: snapshot.len() as u64, ..head });
    file.write_all(&sealed(&head, snapshot))?;
    file.write_all(snapshot)?;
    file.sync_all()?;
    fs::rename(&part, path)?;
    sync_folder(path)
}

/// What comes before the snapshot in the file of a checkpoint whose head has this encoding.
pub(crate) fn sealed(head: &[u8], snapshot: &[u8]) -> Vec<u8> {
    let mut start = MARK.to_vec();
    start.extend((head.len() as u32).to_le_bytes());
    start.extend(head);
    let digest = digest(&start, snapshot);
    start.extend(digest);
    start
}

/// Reads a checkpoint; none if there is no file.
pub(super) fn read(path: &Path) -> Result<Option<(Head, Vec<u8>)>, CheckpointError> {
    let system = |source| CheckpointError::System { what: "read", path: path.into(), source };
    let mut file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(system)?,
    };
    let found = file.metadata().map_err(system)?.len();
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(system)?;
    parse(&bytes).map(Some).map_err(|fault| match fault {
        Fault::Foreign => CheckpointError::Foreign { path: path.into() },
        Fault::Truncated { expected } => {
            CheckpointError::Truncated { path: path.into(), expected, found }
        }
        Fault::Damaged => CheckpointError::Damaged { path: path.into() },
    })
}

/// What is wrong with the bytes of a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Foreign,
    Truncated { expected: u64 },
    Damaged,
}

pub(crate) fn parse(bytes: &[u8]) -> Result<(Head, Vec<u8>), Fault> {
    if !bytes.starts_with(MARK) {
        return Err(Fault::Foreign);
    }
    let truncated = |expected: usize| Fault::Truncated { expected: expected as u64 };
    let len = bytes.get(MARK.len()..START).ok_or(truncated(START))?;
    let len = u32::from_le_bytes(len.try_into().expect("4 bytes")) as usize;
    if len > MAX_HEAD {
        return Err(Fault::Damaged);
    }
    let end = START + len;
    let head = bytes.get(START..end).ok_or(truncated(end + DIGEST))?;
    let head = wire::from_bytes::<Head>(head, MAX_HEAD).map_err(|_| Fault::Damaged)?;
    let expected = (end + DIGEST) as u64;
    let expected = expected.checked_add(head.len).ok_or(Fault::Damaged)?;
    if (bytes.len() as u64) < expected {
        return Err(Fault::Truncated { expected });
    }
    let snapshot = &bytes[end + DIGEST..];
    if snapshot.len() as u64 != head.len
        || digest(&bytes[..end], snapshot) != bytes[end..end + DIGEST]
    {
        return Err(Fault::Damaged);
    }
    Ok((head, snapshot.to_vec()))
}

fn digest(start: &[u8], snapshot: &[u8]) -> [u8; DIGEST] {
    let mut hash = Sha256::new();
    hash.update((start.len() as u64).to_le_bytes());
    hash.update(start);
    hash.update(snapshot);
    hash.finalize().into()
}
