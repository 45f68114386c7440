//! Checkpoints in memory.

use std::sync::Mutex;

use caucus_protocols::Checked;

use super::lock;
use crate::{Beginning, Checkpoints, HostError};

/// Checkpoints of a run, all of which are kept.
#[derive(Default)]
pub struct MemoryCheckpoints {
    /// What the run goes on with, if it does not begin at the beginning.
    from: Option<Vec<u8>>,
    written: Mutex<Vec<MemoryCheckpoint>>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryCheckpoint {
    /// Where in the source.
    pub place: Option<String>,
    /// What the machine needs.
    pub snapshot: Vec<u8>,
    /// Whether all parties had it.
    pub committed: bool,
}

impl MemoryCheckpoints {
    /// Those of a run that goes on with this snapshot.
    pub fn from(snapshot: Vec<u8>) -> Self {
        Self { from: Some(snapshot), ..Self::default() }
    }

    /// All that were written.
    pub fn written(&self) -> Vec<MemoryCheckpoint> {
        lock(&self.written).clone()
    }
}

impl Checkpoints for MemoryCheckpoints {
    fn offer(&self) -> (Vec<u8>, Result<(), HostError>) {
        (vec![u8::from(self.from.is_some())], Ok(()))
    }

    fn settle(&self, offers: &[Vec<u8>]) -> Result<Beginning, HostError> {
        assert!(offers.windows(2).all(|pair| pair[0] == pair[1]), "equal checkpoints");
        Ok(self.from.clone().map_or(Beginning::Fresh, Beginning::From))
    }

    fn resume(&self) -> Result<(), HostError> {
        Ok(())
    }

    fn write(&self, _: Checked, place: Option<String>, snapshot: &[u8]) -> Result<(), HostError> {
        let snapshot = snapshot.to_vec();
        lock(&self.written).push(MemoryCheckpoint { place, snapshot, committed: false });
        Ok(())
    }

    fn commit(&self) -> Result<(), HostError> {
        let mut written = lock(&self.written);
        written.last_mut().expect("one was written before").committed = true;
        Ok(())
    }
}
