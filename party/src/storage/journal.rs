//! A write that all parties prepare before any of them does it.
//!
//! A mark, the length of the head, the head, the SHA-256 of all that and the data, the data. A journal that is not whole
//! was never prepared to its end, and counts as none.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use caucus_core::wire;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::file::{Header, create_private};

const MARK: &[u8; 8] = b"CAUCUSJ1";
/// The longest head that is read.
const MAX_HEAD: usize = 4096;

/// One write.
#[derive(Debug)]
pub(crate) struct Journal {
    pub(crate) head: Head,
    /// What is written.
    pub(crate) data: Vec<u8>,
}

/// Where it goes, and what the file's header becomes.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Head {
    /// The header after the write.
    pub(super) header: Header,
    /// Zeros come from here, in bytes of the shares, …
    pub(super) gap: u64,
    /// …to here, where the data begins.
    pub(super) offset: u64,
    /// Bytes of data.
    len: u64,
}

impl Journal {
    pub(super) fn new(header: Header, gap: u64, offset: u64, data: &[u8]) -> Self {
        let head = Head { header, gap, offset, len: data.len() as u64 };
        Self { head, data: data.to_vec() }
    }

    /// Writes it so that it survives whatever comes.
    pub(super) fn write(&self, path: &Path) -> io::Result<()> {
        let head = wire::to_bytes(&self.head);
        let mut file = create_private(path)?;
        file.write_all(&Self::sealed(&head, &self.data))?;
        file.write_all(&self.data)?;
        file.sync_all()
    }

    /// What comes before the data in a journal whose head has this encoding.
    pub(crate) fn sealed(head: &[u8], data: &[u8]) -> Vec<u8> {
        let len = (head.len() as u32).to_le_bytes();
        [&MARK[..], &len, head, &digest(head, data)].concat()
    }

    /// The journal of a file; none if there is none, or one that was not finished.
    pub(super) fn read(path: &Path) -> io::Result<Option<Self>> {
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        match Self::parse(&mut file) {
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => Err(error),
            Err(_) => Ok(None),
            Ok(journal) => Ok(journal),
        }
    }

    pub(crate) fn parse(file: &mut impl Read) -> io::Result<Option<Self>> {
        let (mut mark, mut len) = ([0; MARK.len()], [0; 4]);
        file.read_exact(&mut mark)?;
        file.read_exact(&mut len)?;
        let len = u32::from_le_bytes(len) as usize;
        if mark != *MARK || len > MAX_HEAD {
            return Ok(None);
        }
        let (mut head, mut expected) = (vec![0; len], [0; 32]);
        file.read_exact(&mut head)?;
        file.read_exact(&mut expected)?;
        let mut data = Vec::new();
        file.read_to_end(&mut data)?;
        let Ok(parsed) = wire::from_bytes::<Head>(&head, MAX_HEAD) else { return Ok(None) };
        let whole = parsed.len == data.len() as u64 && digest(&head, &data) == expected;
        Ok(whole.then_some(Self { head: parsed, data }))
    }
}

fn digest(head: &[u8], data: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update((head.len() as u64).to_le_bytes());
    hash.update(head);
    hash.update(data);
    hash.finalize().into()
}
