//! The file of one node: a header of fixed length, then one share after another.
//!
//! The header has the digest of all shares, made of the digests of blocks, so that a write costs what it changes. The file
//! of a party is of no use to others, and readable by nobody else.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use caucus_core::wire;
use caucus_vm::Stored;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::journal::Journal;
use super::{MAX_SHARES, StorageError};
use crate::mark::Mark;

const MARK: &[u8; 8] = b"CAUCUSP1";
/// Bytes of the header.
pub(crate) const HEADER: u64 = 512;
/// Bytes of shares that have a digest of their own.
const BLOCK: u64 = 1 << 16;

/// What a file has shares of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Form {
    pub(super) protocol: String,
    pub(super) ring_bits: u32,
    pub(super) n_parties: u32,
    /// Whose shares.
    pub(super) owner: String,
    /// Bytes of one share.
    pub(super) share_bytes: u32,
}

impl Form {
    /// Whether only the owners may differ.
    fn is_kind_of(&self, other: &Self) -> bool {
        let kind = |it: &Self| (it.ring_bits, it.n_parties, it.share_bytes);
        kind(self) == kind(other) && self.protocol == other.protocol
    }

    fn describe(&self) -> String {
        format!(
            "integers modulo 2^{} under {} among {} parties",
            self.ring_bits, self.protocol, self.n_parties
        )
    }
}

/// The header of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Header {
    form: Form,
    version: Mark,
    /// How many shares there are.
    shares: u64,
    /// Of all shares.
    digest: [u8; 32],
}

impl Header {
    fn bytes(&self) -> u64 {
        self.shares * u64::from(self.form.share_bytes)
    }

    fn write(&self, file: &File) -> io::Result<()> {
        file.write_all_at(&Self::sealed(&wire::to_bytes(self)), 0)
    }

    /// The bytes of a header with this encoding.
    ///
    /// # Panics
    /// If the encoding does not fit in.
    pub(crate) fn sealed(body: &[u8]) -> Vec<u8> {
        let mut bytes = MARK.to_vec();
        bytes.extend((body.len() as u32).to_le_bytes());
        bytes.extend(body);
        let digest = Sha256::digest(&bytes);
        bytes.extend(digest);
        assert!(bytes.len() as u64 <= HEADER, "names of protocols and nodes are short");
        bytes.resize(HEADER as usize, 0);
        bytes
    }

    /// The header; none if the file begins with something else.
    fn read(file: &File) -> io::Result<Option<Self>> {
        let mut bytes = vec![0; HEADER as usize];
        match file.read_exact_at(&mut bytes, 0) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            other => other?,
        }
        Ok(Self::parse(&bytes))
    }

    /// The header in the first [`HEADER`] bytes of a file.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let start = MARK.len() + 4;
        let len = u32::from_le_bytes(bytes[MARK.len()..start].try_into().expect("4 bytes"));
        let end = start + len as usize;
        if !bytes.starts_with(MARK) || end + 32 > bytes.len() {
            return None;
        }
        let is_zero = |rest: &[u8]| rest.iter().all(|byte| *byte == 0);
        if *Sha256::digest(&bytes[..end]) != bytes[end..end + 32] || !is_zero(&bytes[end + 32..]) {
            return None;
        }
        wire::from_bytes(&bytes[start..end], HEADER as usize).ok()
    }
}

/// The file of one node, locked against other runs.
pub(super) struct SharesFile {
    path: PathBuf,
    form: Form,
    /// None if there is none yet.
    file: Option<File>,
    header: Header,
    /// Digests of the blocks of shares.
    blocks: Vec<[u8; 32]>,
    /// Whether the content is that of the header.
    clean: bool,
    /// A write that may be done.
    journal: Option<Journal>,
}

impl SharesFile {
    /// How many versions a file can offer at most: its own, and that after the write in the journal.
    pub(super) const MAX_VERSIONS: usize = 2;

    /// Opens a file, if there is one, and looks at all of it.
    pub(super) fn open(path: &Path, form: Form) -> Result<Self, StorageError> {
        let system = |source| StorageError::System { what: "read", path: path.into(), source };
        let none =
            Header { form: form.clone(), version: Mark::NONE, shares: 0, digest: digest_of(&[]) };
        let mut found = Self {
            path: path.into(),
            form,
            file: None,
            header: none,
            blocks: Vec::new(),
            clean: true,
            journal: None,
        };
        let file = match OpenOptions::new().read(true).write(true).open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
            other => other.map_err(system)?,
        };
        found.lock(&file)?;
        found.journal = Journal::read(&found.journal_path()).map_err(system)?;
        let header = Header::read(&file).map_err(system)?;
        let form = header.as_ref().map(|header| &header.form);
        let form = form.or(found.journal.as_ref().map(|journal| &journal.head.header.form));
        match form {
            None => return Err(StorageError::Foreign { path: path.into() }),
            Some(form) => found.check_form(form)?,
        }
        found.file = Some(file);
        found.clean = false;
        if let Some(header) = header {
            found.header = header;
            match found.read_blocks() {
                Ok(()) => found.clean = true,
                // A write that was not finished may explain it.
                Err(_) if found.journal.is_some() => {}
                Err(error) => return Err(error),
            }
        }
        // What has been done already, or belongs to another time.
        let clean = found.clean.then_some(found.header.version);
        found.journal.take_if(|journal| {
            let after = journal.head.header.version;
            clean.is_some_and(|before| after.number != before.number + 1)
        });
        Ok(found)
    }

    fn lock(&self, file: &File) -> Result<(), StorageError> {
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => StorageError::InUse { path: self.path.clone() },
            TryLockError::Error(source) => self.system("lock", source),
        })
    }

    fn check_form(&self, found: &Form) -> Result<(), StorageError> {
        let (path, expected) = (self.path.clone(), &self.form);
        if !found.is_kind_of(expected) {
            let (found, expected) = (found.describe(), expected.describe());
            return Err(StorageError::OtherKind { path, found, expected });
        }
        if found.owner != expected.owner {
            let (found, expected) = (found.owner.clone(), expected.owner.clone());
            return Err(StorageError::OfAnother { path, found, expected });
        }
        Ok(())
    }

    /// Reads all shares and compares them with the header.
    fn read_blocks(&mut self) -> Result<(), StorageError> {
        let file = self.file.as_ref().expect("there is a file");
        let bytes = self.header.bytes();
        let metadata = file.metadata().map_err(|source| self.system("read", source))?;
        let (expected, found) = (HEADER + bytes, metadata.len());
        if found < expected {
            let path = self.path.clone();
            return Err(StorageError::Truncated { path, expected, found });
        }
        let mut blocks = Vec::new();
        let mut buffer = vec![0; BLOCK as usize];
        for start in (0..bytes).step_by(BLOCK as usize) {
            let part = &mut buffer[..(bytes - start).min(BLOCK) as usize];
            let read = file.read_exact_at(part, HEADER + start);
            read.map_err(|source| self.system("read", source))?;
            blocks.push(Sha256::digest(&part).into());
        }
        if digest_of(&blocks) != self.header.digest {
            return Err(StorageError::Damaged { path: self.path.clone() });
        }
        self.blocks = blocks;
        Ok(())
    }

    /// The versions that this file has or can have.
    pub(super) fn versions(&self) -> Vec<Mark> {
        let own = self.clean.then_some(self.header.version);
        let journal = self.journal.as_ref().map(|journal| journal.head.header.version);
        own.into_iter().chain(journal).collect()
    }

    /// The version that this file has.
    pub(super) fn version(&self) -> Mark {
        self.header.version
    }

    /// Goes on with one of the versions.
    pub(super) fn settle(&mut self, version: Mark) -> Result<(), StorageError> {
        if self.clean && version == self.header.version {
            // Not all parties have prepared the write, so none has done it.
            return if self.journal.is_some() { self.finish_journal() } else { Ok(()) };
        }
        self.apply()?;
        self.read_blocks()?;
        self.clean = true;
        self.finish_journal()
    }

    /// Reads shares; none if there is no file.
    pub(super) fn read(
        &mut self,
        position: i64,
        count: usize,
    ) -> Result<Option<Stored>, StorageError> {
        let stored = self.header.shares;
        let Ok(start) = u64::try_from(position) else {
            return Err(StorageError::Position { position, writing: false });
        };
        if self.version() == Mark::NONE {
            return Ok(None);
        }
        let end = start.checked_add(count as u64).filter(|end| *end <= stored);
        let Some(end) = end else {
            return Err(StorageError::BeyondEnd { position, count, stored });
        };
        let share_bytes = u64::from(self.form.share_bytes);
        let mut shares = vec![0; ((end - start) * share_bytes) as usize];
        let file = self.file.as_ref().expect("there is a file");
        let read = file.read_exact_at(&mut shares, HEADER + start * share_bytes);
        read.map_err(|source| self.system("read", source))?;
        Ok(Some(Stored { shares, is_end: end == stored }))
    }

    /// Puts a write into the journal.
    pub(super) fn prepare(
        &mut self,
        version: Mark,
        position: i64,
        shares: &[u8],
    ) -> Result<(), StorageError> {
        let share_bytes = u64::from(self.form.share_bytes);
        let stored = self.header.shares;
        let start = if position == -1 { stored as i64 } else { position };
        let start = u64::try_from(start).ok();
        let count = shares.len() as u64 / share_bytes;
        let end = start.and_then(|start| start.checked_add(count)).filter(|end| *end <= MAX_SHARES);
        let (Some(start), Some(end)) = (start, end) else {
            return Err(StorageError::Position { position, writing: true });
        };
        self.create().map_err(|source| self.system("write", source))?;
        let (offset, gap) = (start * share_bytes, stored.min(start) * share_bytes);
        let changed = self.changed_blocks(gap, offset, shares);
        let (first, changed) = changed.map_err(|source| self.system("read", source))?;
        let mut blocks = self.blocks.clone();
        blocks.splice(first..blocks.len().min(first + changed.len()), changed);
        let header = Header {
            form: self.form.clone(),
            version,
            shares: stored.max(end),
            digest: digest_of(&blocks),
        };
        let journal = Journal::new(header, gap, offset, shares);
        journal.write(&self.journal_path()).map_err(|source| self.system("write", source))?;
        self.sync_folder().map_err(|source| self.system("write", source))?;
        self.journal = Some(journal);
        self.blocks = blocks;
        Ok(())
    }

    /// Does what is in the journal.
    pub(super) fn commit(&mut self) -> Result<(), StorageError> {
        self.apply()?;
        self.finish_journal()
    }

    /// The digests of the blocks that a write changes, from the first on: zeros from `gap` to `offset`, then shares.
    fn changed_blocks(
        &self,
        gap: u64,
        offset: u64,
        shares: &[u8],
    ) -> io::Result<(usize, Vec<[u8; 32]>)> {
        let file = self.file.as_ref().expect("there is a file");
        let (old, end) = (self.header.bytes(), offset + shares.len() as u64);
        let (first, after) = (gap / BLOCK, end.max(gap).div_ceil(BLOCK));
        let zeros: [u8; 32] = Sha256::digest(vec![0; BLOCK as usize]).into();
        let mut digests = Vec::new();
        for start in (first..after).map(|block| block * BLOCK) {
            if start >= old && start + BLOCK <= offset {
                digests.push(zeros);
                continue;
            }
            let len = (old.max(end) - start).min(BLOCK);
            let mut block = vec![0; len as usize];
            let kept = old.saturating_sub(start).min(len) as usize;
            file.read_exact_at(&mut block[..kept], HEADER + start)?;
            let (from, to) = (offset.max(start), end.min(start + len));
            if from < to {
                let part = &shares[(from - offset) as usize..(to - offset) as usize];
                block[(from - start) as usize..(to - start) as usize].copy_from_slice(part);
            }
            digests.push(Sha256::digest(&block).into());
        }
        Ok((first as usize, digests))
    }

    /// Writes data and header of the journal to the file.
    fn apply(&mut self) -> Result<(), StorageError> {
        let journal = self.journal.as_ref().expect("there is something to do");
        let file = self.file.as_ref().expect("there is a file");
        let head = &journal.head;
        let write = || {
            let end = head.offset + journal.data.len() as u64;
            // Behind the shares may be the rest of a write that came to nothing.
            if head.gap < head.offset {
                file.set_len(HEADER + head.gap)?;
            }
            file.set_len(file.metadata()?.len().max(HEADER + end))?;
            file.write_all_at(&journal.data, HEADER + head.offset)?;
            head.header.write(file)?;
            file.sync_data()
        };
        write().map_err(|source| self.system("write", source))?;
        self.header = head.header.clone();
        Ok(())
    }

    fn finish_journal(&mut self) -> Result<(), StorageError> {
        self.journal = None;
        fs::remove_file(self.journal_path()).map_err(|source| self.system("write", source))
    }

    /// Copies the file, before the first write after a checkpoint, so that a run that goes on from that finds what was
    /// there. The copy of no file is empty.
    pub(super) fn keep_copy(&self) -> Result<(), StorageError> {
        let copy = || {
            let (kept, part) = (kept_path(&self.path), self.path.with_extension("kept-part"));
            if let Some(folder) = self.path.parent() {
                fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
            }
            let mut to = create_private(&part)?;
            if self.file.is_some() {
                io::copy(&mut File::open(&self.path)?, &mut to)?;
            }
            to.sync_all()?;
            fs::rename(&part, kept)?;
            self.sync_folder()
        };
        copy().map_err(|source| self.system("copy", source))
    }

    /// Makes the file, if there is none.
    fn create(&mut self) -> io::Result<()> {
        if self.file.is_some() {
            return Ok(());
        }
        if let Some(folder) = self.path.parent() {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let part = self.path.with_extension("part");
        let file = create_private(&part)?;
        self.header.write(&file)?;
        file.sync_all()?;
        file.lock()?;
        fs::rename(&part, &self.path)?;
        self.file = Some(file);
        self.sync_folder()
    }

    fn sync_folder(&self) -> io::Result<()> {
        sync_folder(&self.path)
    }

    fn journal_path(&self) -> PathBuf {
        journal_path(&self.path)
    }

    fn system(&self, what: &'static str, source: io::Error) -> StorageError {
        StorageError::System { what, path: self.path.clone(), source }
    }
}

fn journal_path(path: &Path) -> PathBuf {
    path.with_extension("journal")
}

/// Where the copy of a file is.
pub(super) fn kept_path(path: &Path) -> PathBuf {
    path.with_extension("kept")
}

/// Brings a file back to a version that it had, from the copy that was made before the first write after that.
///
/// Whatever ends this in between, it can be done again.
pub(super) fn rewind(path: &Path, to: Mark) -> Result<(), StorageError> {
    let system = |source| StorageError::System { what: "restore", path: path.into(), source };
    let kept = kept_path(path);
    let is_restored = match version_at(&kept).map_err(system)? {
        Some(version) if version == to && to == Mark::NONE => {
            remove(path).map_err(system)?;
            true
        }
        Some(version) if version == to => {
            fs::rename(&kept, path).map_err(system)?;
            true
        }
        _ => false,
    };
    let found = version_at(path).map_err(system)?;
    if !is_restored && found.unwrap_or(Mark::NONE) != to {
        return Err(StorageError::Changed { path: path.into() });
    }
    // A write that was prepared after the checkpoint is not to be completed.
    remove(&journal_path(path)).map_err(system)?;
    sync_folder(path).map_err(system)?;
    remove(&kept).map_err(system)
}

/// The version of a file; none if there is none, or it cannot be told.
fn version_at(path: &Path) -> io::Result<Option<Mark>> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    if file.metadata()?.len() == 0 {
        return Ok(Some(Mark::NONE));
    }
    Ok(Header::read(&file)?.map(|header| header.version))
}

/// What was created or renamed beside a file stays.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => File::open(folder)?.sync_all(),
        None => File::open(".")?.sync_all(),
    }
}

/// Removes a file, if there is one.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// An empty file that only this user can read.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(true).mode(0o600).open(path)
}

/// The digest of shares, of those of their blocks.
fn digest_of(blocks: &[[u8; 32]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update((blocks.len() as u64).to_le_bytes());
    blocks.iter().for_each(|block| hash.update(block));
    hash.finalize().into()
}
