//! Shares that a party keeps from run to run: one file for each node, in the folder `Persistence`.
//!
//! The files of all parties are of use only together. Every write gives them a new [`Version`], the same at all parties,
//! so that files of different runs are told apart before anything is computed with them. A write is first put into a
//! journal, at all parties; only then does the first one change its file. So whatever ends a party in between, all parties
//! have either the version before the write or the one after it in common, and the next run goes on with that.

mod error;
mod file;
mod journal;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use caucus_core::ids::{NodeId, PartyId, Role};
use caucus_protocols::Checked;
use caucus_vm::{HostError, Storage, Stored};
use sha2::{Digest, Sha256};

pub use error::StorageError;

use crate::host;
use file::{Form, SharesFile, kept_path, rewind};
pub(crate) use file::{create_private, remove, sync_folder};

/// The most shares that a file may have.
pub(crate) const MAX_SHARES: u64 = 1 << 32;

/// One state of the parties' files, which belong together if they have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Version {
    /// How many writes led to it; 0 if there is no file.
    number: u64,
    /// Which ones: no other run gives the same.
    id: [u8; 32],
}

impl Version {
    /// That of no file.
    const NONE: Self = Self { number: 0, id: [0; 32] };
    const BYTES: usize = 8 + 32;

    /// What the next write of a run leads to.
    fn next(&self, session: &[u8; 32]) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"caucus stored shares 1");
        hash.update(session);
        hash.update(self.id);
        hash.update(self.number.to_le_bytes());
        Self { number: self.number + 1, id: hash.finalize().into() }
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.number.to_le_bytes());
        out.extend(self.id);
    }

    fn read(bytes: &[u8]) -> Self {
        let (number, id) = bytes.split_at(8);
        let number = u64::from_le_bytes(number.try_into().expect("8 bytes"));
        Self { number, id: id.try_into().expect("32 bytes") }
    }
}

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
    pub(crate) fn version(&self) -> Option<Version> {
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
    pub(crate) fn rewind(&self, to: Version) -> Result<(), HostError> {
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
    fn common(&self, offers: &[Vec<u8>]) -> Result<Version, StorageError> {
        let all: Vec<Vec<Version>> = offers.iter().map(|offer| read_offer(offer)).collect();
        let ours = &all[if self.place.simulated { 0 } else { self.place.me.party.index() }];
        let latest = |versions: &[Version]| versions.iter().copied().max_by_key(|it| it.number);
        let common = ours.iter().filter(|it| all.iter().all(|theirs| theirs.contains(it)));
        let common: Vec<Version> = common.copied().collect();
        latest(&common).ok_or_else(|| {
            let differs = |theirs: &Vec<Version>| !theirs.iter().any(|it| ours.contains(it));
            // Where every other party has something in common with this one, but not the same, any of them will do.
            let other = all.iter().position(differs);
            let other = other.unwrap_or_else(|| usize::from(self.place.me.party.index() == 0));
            StorageError::Mixed {
                party: PartyId::new(other as u8),
                ours: describe(latest(ours)),
                theirs: describe(latest(&all[other])),
            }
        })
    }
}

fn read_offer(offer: &[u8]) -> Vec<Version> {
    let count = usize::from(offer[0]).min(SharesFile::MAX_VERSIONS);
    offer[1..].chunks_exact(Version::BYTES).take(count).map(Version::read).collect()
}

fn describe(version: Option<Version>) -> String {
    match version {
        None => "nothing usable".to_owned(),
        Some(Version::NONE) => "none".to_owned(),
        Some(Version { number, id }) => {
            format!("those of write no. {number} with the mark {}", crate::report::hex(&id[..4]))
        }
    }
}

impl Storage for ShareStore {
    fn offer(&self, bytes: usize) -> (Vec<u8>, Result<(), HostError>) {
        let file = SharesFile::open(&self.place.path(), self.place.form(bytes));
        let versions = file.as_ref().map(SharesFile::versions).unwrap_or_default();
        let mut offer = vec![versions.len() as u8];
        versions.iter().for_each(|version| version.write(&mut offer));
        offer.resize(1 + SharesFile::MAX_VERSIONS * Version::BYTES, 0);
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
            let next = file.version().next(&self.place.session);
            file.prepare(next, position, shares)
        })
    }

    fn commit(&self) -> Result<(), HostError> {
        self.with(SharesFile::commit)
    }
}

#[cfg(test)]
mod tests;
