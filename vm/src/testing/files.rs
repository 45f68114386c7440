//! What a host in memory has instead of files.

use std::collections::VecDeque;
use std::sync::Mutex;

use caucus_protocols::Checked;

use super::{MemoryError, lock};
use crate::{HostError, Storage, Stored};

/// What a host in memory has instead of files.
#[derive(Default)]
pub struct MemoryFiles {
    /// Public inputs that are left.
    pub public: VecDeque<i64>,
    /// Numbers of the command line.
    pub args: Vec<i64>,
    /// What is left of the binary input, whoever's and in whichever thread.
    pub binary_input: Vec<u8>,
    /// Everything that was written to binary files.
    pub binary_output: Vec<u8>,
}

impl MemoryFiles {
    pub(super) fn take_binary(&mut self, bytes: usize) -> Result<Vec<u8>, HostError> {
        if self.binary_input.len() < bytes {
            return Err(MemoryError::Timeout { what: "binary input" }.into());
        }
        Ok(self.binary_input.drain(..bytes).collect())
    }

    pub(super) fn take_public(&mut self, count: usize) -> Result<Vec<i64>, HostError> {
        if self.public.len() < count {
            return Err(MemoryError::Timeout { what: "public input" }.into());
        }
        Ok(self.public.drain(..count).collect())
    }
}

/// Shares in memory, which other runs of the same host find again.
#[derive(Default)]
pub struct MemoryStorage(Mutex<Contents>);

#[derive(Default)]
struct Contents {
    share_bytes: usize,
    /// None before the first write.
    bytes: Option<Vec<u8>>,
    prepared: Option<Vec<u8>>,
}

impl Storage for MemoryStorage {
    fn offer(&self, bytes: usize) -> (Vec<u8>, Result<(), HostError>) {
        let mut contents = lock(&self.0);
        contents.share_bytes = bytes;
        let len = contents.bytes.as_ref().map_or(u64::MAX, |bytes| bytes.len() as u64);
        (len.to_le_bytes().to_vec(), Ok(()))
    }

    fn settle(&self, offers: &[Vec<u8>]) -> Result<bool, HostError> {
        assert!(offers.windows(2).all(|pair| pair[0] == pair[1]), "equal stores");
        Ok(true)
    }

    fn read(&self, position: i64, count: usize) -> Result<Option<Stored>, HostError> {
        let contents = lock(&self.0);
        let Some(bytes) = &contents.bytes else { return Ok(None) };
        let (start, len) = (position as usize * contents.share_bytes, count * contents.share_bytes);
        match bytes.get(start..start + len) {
            None => Err(MemoryError::Timeout { what: "shares" }.into()),
            Some(shares) => {
                Ok(Some(Stored { shares: shares.to_vec(), is_end: start + len == bytes.len() }))
            }
        }
    }

    fn prepare(&self, _: Checked, position: i64, shares: &[u8]) -> Result<(), HostError> {
        let mut contents = lock(&self.0);
        let mut bytes = contents.bytes.clone().unwrap_or_default();
        let start =
            if position < 0 { bytes.len() } else { position as usize * contents.share_bytes };
        bytes.resize(bytes.len().max(start + shares.len()), 0);
        bytes[start..start + shares.len()].copy_from_slice(shares);
        contents.prepared = Some(bytes);
        Ok(())
    }

    fn commit(&self) -> Result<(), HostError> {
        let mut contents = lock(&self.0);
        contents.bytes = contents.prepared.take();
        Ok(())
    }
}
