//! The front end's Python package on disk, where Python can import it.
//!
//! It is embedded in the binary and written to the user's cache once for every version, in a
//! directory named by the hash of its contents. What is found there is compared with the embedded
//! files before it is used, so a damaged or foreign copy does no harm.
//!
//! Builds for development (with debug assertions) take the files from the folder that
//! `CAUCUS_FRONTEND` names, so that work on the package needs no build.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// Names, relative to the directory on Python's path, and contents.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/package.rs"));

/// The module of instruction numbers, generated from the instruction table.
const OPS: &str = "caucus/_ops.py";

/// Where the package is.
#[derive(Debug)]
pub(super) enum Package {
    /// In the cache.
    Cached(PathBuf),
    /// In a directory that ends with this value, because there is no usable cache.
    Temporary(TempDir),
}

impl Package {
    /// Finds the package in the cache below `root`, or puts it there.
    ///
    /// # Errors
    /// Neither the cache nor the temporary directory can be written to.
    pub(super) fn find(root: Option<&Path>) -> io::Result<Self> {
        let files = files();
        if let Some(dir) = root.and_then(|root| cached(root, &files)) {
            return Ok(Self::Cached(dir));
        }
        let dir = private_dir("caucus-", &std::env::temp_dir())?;
        write(dir.path(), &files)?;
        Ok(Self::Temporary(dir))
    }

    /// The directory for Python's path.
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Cached(path) => path,
            Self::Temporary(dir) => dir.path(),
        }
    }
}

/// The user's cache for Caucus, if the environment names one.
pub(super) fn cache_root() -> Option<PathBuf> {
    let absolute = |name: &str| {
        let path = PathBuf::from(std::env::var_os(name)?);
        path.is_absolute().then_some(path)
    };
    let base = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|it| it.join(".cache")));
    base.map(|it| it.join("caucus"))
}

/// All files: the embedded ones and the generated one.
fn files() -> Vec<(String, String)> {
    let embedded = || FILES.iter().map(|(name, text)| (String::from(*name), (*text).to_owned()));
    let mut files: Vec<_> = development_files().unwrap_or_else(|| embedded().collect());
    files.retain(|(name, _)| name != OPS);
    files.push((OPS.into(), caucus_bytecode::python_table()));
    files
}

/// The files of the folder that a developer works in.
fn development_files() -> Option<Vec<(String, String)>> {
    let root =
        PathBuf::from(std::env::var_os("CAUCUS_FRONTEND").filter(|_| cfg!(debug_assertions))?);
    let mut files = Vec::new();
    let mut folders = vec![root.join("caucus")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).ok()?.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "py") {
                let name = path.strip_prefix(&root).ok()?.to_str()?.to_owned();
                files.push((name, fs::read_to_string(&path).ok()?));
            }
        }
    }
    files.sort();
    Some(files)
}

fn cached(root: &Path, files: &[(String, String)]) -> Option<PathBuf> {
    let mut hash = Sha256::new();
    for (name, text) in files {
        // Lengths keep names and contents apart.
        hash.update((name.len() as u64).to_le_bytes());
        hash.update(name);
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    }
    let name: String = hash.finalize()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    let dir = root.join(format!("python-{name}"));
    if !is_intact(&dir, files) {
        // Any fault here only costs the cache. Of several processes that write at the same time, the
        // first to rename wins; all have the same contents.
        DirBuilder::new().recursive(true).mode(0o700).create(root).ok()?;
        let fresh = private_dir("python-new-", root).ok()?;
        write(fresh.path(), files).ok()?;
        // A damaged copy makes room, and goes when this directory does.
        let trash = private_dir("python-old-", root).ok()?;
        let _ = fs::rename(&dir, trash.path().join("package"));
        if fs::rename(fresh.path(), &dir).is_ok() {
            // It has moved: there is nothing left to be removed.
            let _ = fresh.keep();
        }
    }
    is_intact(&dir, files).then_some(dir)
}

/// A new directory that only this user can look into.
fn private_dir(prefix: &str, parent: &Path) -> io::Result<TempDir> {
    let mode = fs::Permissions::from_mode(0o700);
    tempfile::Builder::new().prefix(prefix).permissions(mode).tempdir_in(parent)
}

/// Whether the directory belongs to a user whose files we trust, nobody else can write to it, and
/// it holds exactly these files.
fn is_intact(dir: &Path, files: &[(String, String)]) -> bool {
    let (Ok(meta), Some(parent)) = (fs::symlink_metadata(dir), dir.parent()) else {
        return false;
    };
    let Ok(parent) = fs::metadata(parent) else { return false };
    meta.is_dir()
        && meta.uid() == parent.uid()
        && meta.permissions().mode() & 0o022 == 0
        && parent.permissions().mode() & 0o022 == 0
        && files.iter().all(|(name, text)| {
            fs::read(dir.join(name)).is_ok_and(|found| found == text.as_bytes())
        })
}

fn write(dir: &Path, files: &[(String, String)]) -> io::Result<()> {
    for (name, text) in files {
        let path = dir.join(name);
        let parent = path.parent().unwrap_or(dir);
        DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
        fs::write(path, text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_is_embedded_with_the_instruction_numbers() {
        let files = files();
        for wanted in ["caucus/__init__.py", "caucus/__main__.py", OPS] {
            assert!(files.iter().any(|(name, _)| name == wanted), "{wanted} is missing");
        }
    }

    #[test]
    fn the_package_is_written_once_and_repaired() {
        let root = tempfile::tempdir().unwrap();
        let cache = root.path().join("caucus");
        let first = Package::find(Some(&cache)).unwrap();
        assert!(matches!(first, Package::Cached(_)));
        let ops = first.path().join(OPS);
        let written = fs::metadata(&ops).unwrap().modified().unwrap();
        let second = Package::find(Some(&cache)).unwrap();
        assert_eq!(first.path(), second.path());
        assert_eq!(fs::metadata(&ops).unwrap().modified().unwrap(), written);
        assert_eq!(fs::metadata(first.path()).unwrap().permissions().mode() & 0o077, 0);
        // A changed copy is not run.
        fs::write(&ops, "import os").unwrap();
        let third = Package::find(Some(&cache)).unwrap();
        assert!(matches!(third, Package::Cached(_)));
        assert_eq!(fs::read(third.path().join(OPS)).unwrap(), files().pop().unwrap().1.as_bytes());
    }

    #[test]
    fn without_a_cache_the_package_is_temporary() {
        let package = Package::find(Some(Path::new("/proc/none"))).unwrap();
        let path = package.path().to_owned();
        assert!(matches!(package, Package::Temporary(_)) && path.join(OPS).exists());
        drop(package);
        assert!(!path.exists());
    }
}
