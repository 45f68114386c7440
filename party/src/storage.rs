//! Shares that a party keeps from run to run: one file for each node, in the folder `Persistence`.
//!
//! The files of all parties are of use only together. Every write gives them a new [`Mark`], the same at all parties,
//! so that files of different runs are told apart before anything is computed with them. A write is first put into a
//! journal, at all parties; only then does the first one change its file. So whatever ends a party in between, all parties
//! have either the version before the write or the one after it in common, and the next run goes on with that.

mod error;
pub(crate) mod file;
pub(crate) mod journal;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use caucus_core::ids::{NodeId, PartyId, Role};
use caucus_protocols::Checked;
use caucus_vm::{HostError, Storage, Stored};

pub use error::StorageError;

use crate::host;
use crate::mark::Mark;
use file::{Form, SharesFile, kept_path, rewind};
pub(crate) use file::{create_private, remove, sync_folder};

/// The most shares that a file may have.
pub(crate) const MAX_SHARES: u64 = 1 << 32;

/// Names the marks of these files.
const KIND: &[u8] = b"caucus stored shares 1";

/// Where a node keeps its shares, and what they are shares of.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The folder.
    pub(crate) folder: PathBuf,
    /// The node.
    pub(crate) me: NodeId,
    /// Whether it plays all parties.
    pub(crate) simulated: bool,
    /// How many parties compute.
    pub(crate) n_parties: usize,
    /// The protocol's name.
    pub(crate) protocol: &'static str,
    /// Length of the ring.
    pub(crate) ring_bits: u32,
    /// Agreed by all parties of this run, and by no others.
    pub(crate) session: [u8; 32],
}

impl Place {
    /// The node in names of files and in headers.
    pub(crate) fn owner(&self) -> String {
        match self.me.role {
            _ if self.simulated => self.protocol.to_owned(),
            Role::Main => self.me.party.to_string(),
            Role::Worker(_) => self.me.to_string().replace('.', "-"),
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.join(format!("Transactions-{}.data", self.owner()))
    }

    fn form(&self, share_bytes: usize) -> Form {
        Form {
            protocol: self.protocol.to_owned(),
            ring_bits: self.ring_bits,
            n_parties: u32::try_from(self.n_parties).unwrap_or(u32::MAX),
            owner: self.owner(),
            share_bytes: u32::try_from(share_bytes).unwrap_or(u32::MAX),
        }
    }
}

/// The shares that this node keeps.
pub(crate) struct ShareStore {
    place: Place,
    /// Whether the run keeps checkpoints, which bring back what was stored when they were written.
    checkpoints: bool,
    /// Whether there is a copy of what was stored at the last checkpoint.
    is_kept: AtomicBool,
    state: Mutex<Option<SharesFile>>,
}

impl ShareStore {
    pub(crate) fn new(place: Place, checkpoints: bool) -> Self {
        Self { place, checkpoints, is_kept: AtomicBool::new(false), state: Mutex::default() }
    }

    /// What is stored now, if the run has looked.
    pub(crate) fn version(&self) -> Option<Mark> {
        self.lock().as_ref().map(SharesFile::version)
    }

    /// A checkpoint counts: what was stored before it is needed no more.
    pub(crate) fn forget_copy(&self) -> Result<(), HostError> {
        if !self.is_kept.swap(false, Ordering::Relaxed) {
            return Ok(());
        }
        self.remove_copy()
    }

    fn remove_copy(&self) -> Result<(), HostError> {
        let path = self.place.path();
        let removed = remove(&kept_path(&path));
        let error = |source| StorageError::System { what: "write", path, source };
        Ok(removed.map_err(error).map_err(host::Error::from)?)
    }

    /// Brings back what was stored at a checkpoint.
    pub(crate) fn rewind(&self, to: Mark) -> Result<(), HostError> {
        Ok(rewind(&self.place.path(), to).map_err(host::Error::from)?)
    }

    /// Before a write: keeps what was stored at the last checkpoint. Where there are none, a copy that another run has
    /// left is of no use any more.
    fn before_write(&self) -> Result<(), HostError> {
        if self.is_kept.swap(self.checkpoints, Ordering::Relaxed) {
            return Ok(());
        }
        match self.checkpoints {
            true => self.with(|file| file.keep_copy()),
            false => self.remove_copy(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<SharesFile>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with the file, which `offer` has opened.
    fn with<T>(
        &self,
        act: impl FnOnce(&mut SharesFile) -> Result<T, StorageError>,
    ) -> Result<T, HostError> {
        let mut state = self.lock();
        let file = state.as_mut().expect("shares are offered before they are used");
        Ok(act(file).map_err(host::Error::from)?)
    }

    /// The version to go on with: the latest that all parties have.
    fn common(&self, offers: &[Vec<u8>]) -> Result<Mark, StorageError> {
        let all: Vec<Vec<Mark>> = offers.iter().map(|offer| read_offer(offer)).collect();
        let me = if self.place.simulated { 0 } else { self.place.me.party.index() };
        Mark::common(&all, me).map_err(|other| StorageError::Mixed {
            party: PartyId::new(other as u8),
            ours: describe(Mark::newest(&all[me])),
            theirs: describe(Mark::newest(&all[other])),
        })
    }
}

fn read_offer(offer: &[u8]) -> Vec<Mark> {
    Mark::read_all(&offer[1..], usize::from(offer[0]).min(SharesFile::MAX_VERSIONS))
}

fn describe(version: Option<Mark>) -> String {
    match version {
        None => "nothing usable".to_owned(),
        Some(Mark::NONE) => "none".to_owned(),
        Some(mark) => format!("those of write {mark}"),
    }
}

impl Storage for ShareStore {
    fn offer(&self, bytes: usize) -> (Vec<u8>, Result<(), HostError>) {
        let file = SharesFile::open(&self.place.path(), self.place.form(bytes));
        let versions = file.as_ref().map(SharesFile::versions).unwrap_or_default();
        let mut offer = vec![versions.len() as u8];
        versions.iter().for_each(|version| version.write(&mut offer));
        offer.resize(1 + SharesFile::MAX_VERSIONS * Mark::BYTES, 0);
        let opened = file.map(|file| *self.lock() = Some(file));
        (offer, opened.map_err(|error| host::Error::from(error).into()))
    }

    fn settle(&self, offers: &[Vec<u8>]) -> Result<bool, HostError> {
        if offers.iter().any(|offer| read_offer(offer).is_empty()) {
            return Ok(false);
        }
        let version = self.common(offers).map_err(host::Error::from)?;
        self.with(|file| file.settle(version))?;
        Ok(true)
    }

    fn read(&self, position: i64, count: usize) -> Result<Option<Stored>, HostError> {
        self.with(|file| file.read(position, count))
    }

    fn prepare(&self, _: Checked, position: i64, shares: &[u8]) -> Result<(), HostError> {
        self.before_write()?;
        self.with(|file| {
            let next = file.version().next(KIND, &self.place.session);
            file.prepare(next, position, shares)
        })
    }

    fn commit(&self) -> Result<(), HostError> {
        self.with(SharesFile::commit)
    }
}

#[cfg(test)]
mod tests;
