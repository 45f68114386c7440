//! What tells states of the parties' files apart: those that belong together have the same mark.
//!
//! Each party tells the others the marks of the states that it has or can go back to, and all go on with the newest one
//! that all have.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::report::hex;

/// One state of files of all parties.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mark {
    /// How many writes led to it; 0 if there is no file.
    pub(crate) number: u64,
    /// Which ones, and by which runs: no other run gives the same.
    id: [u8; 32],
}

/// For people.
impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no. {} with the mark {}", self.number, hex(&self.id[..4]))
    }
}

impl Mark {
    /// That of no file.
    pub(crate) const NONE: Self = Self { number: 0, id: [0; 32] };
    pub(crate) const BYTES: usize = 8 + 32;

    /// What the next write of a run leads to, in files of this kind.
    pub(crate) fn next(&self, kind: &[u8], session: &[u8; 32]) -> Self {
        let mut hash = Sha256::new();
        hash.update(kind);
        hash.update(session);
        hash.update(self.id);
        hash.update(self.number.to_le_bytes());
        Self { number: self.number + 1, id: hash.finalize().into() }
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.number.to_le_bytes());
        out.extend(self.id);
    }

    /// So many of those that stand there one after the other, or as many as there are.
    pub(crate) fn read_all(bytes: &[u8], count: usize) -> Vec<Self> {
        let read = |bytes: &[u8]| {
            let (number, id) = bytes.split_at(8);
            let number = u64::from_le_bytes(number.try_into().expect("8 bytes"));
            Self { number, id: id.try_into().expect("32 bytes") }
        };
        bytes.chunks_exact(Self::BYTES).take(count).map(read).collect()
    }

    /// The newest of these.
    pub(crate) fn newest(marks: &[Self]) -> Option<Self> {
        marks.iter().copied().max_by_key(|it| it.number)
    }

    /// The newest one that all parties have; `Err` with a party to name if there is none. `me` is the index of this one.
    pub(crate) fn common(all: &[Vec<Self>], me: usize) -> Result<Self, usize> {
        let ours = &all[me];
        let common: Vec<Self> = ours
            .iter()
            .filter(|it| all.iter().all(|theirs| theirs.contains(it)))
            .copied()
            .collect();
        Self::newest(&common).ok_or_else(|| {
            let differs = |theirs: &Vec<Self>| !theirs.iter().any(|it| ours.contains(it));
            // Where every other party has one in common with this one, but not the same, any of them will do.
            all.iter().position(differs).unwrap_or_else(|| usize::from(me == 0))
        })
    }
}
