//! Where the files of identities lie, and reading and writing them with the right permissions.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde::Deserialize;

use super::Error;
use super::describe::CertInfo;
use super::subject::{AuthorityId, Subject, is_deployment_name};
use crate::ids::{NodeId, Role};

/// Name of the file that names the deployment.
const DEPLOYMENT_FILE: &str = "deployment.toml";

/// The two files of an authority, a node or a client.
pub(super) struct Pair {
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
}

impl Pair {
    fn new(dir: &Path, stem: &str) -> Self {
        let file = |extension| dir.join(format!("{stem}.{extension}"));
        Self { certificate: file("pem"), key: file("key") }
    }

    pub(super) fn authority(dir: &Path, authority: AuthorityId) -> Self {
        Self::new(&authority_dir(dir, authority), "authority")
    }

    pub(super) fn subject(dir: &Path, subject: &Subject) -> Self {
        let stem = match subject {
            Subject::Node(NodeId { role: Role::Main, .. }) => "main".to_owned(),
            Subject::Node(NodeId { role: Role::Worker(worker), .. }) => format!("worker-{worker}"),
            Subject::Client(number) => format!("C{number}"),
        };
        Self::new(&authority_dir(dir, subject.authority()), &stem)
    }
}

fn authority_dir(dir: &Path, authority: AuthorityId) -> PathBuf {
    match authority {
        AuthorityId::Party(party) => dir.join(format!("party-{}", party.index())),
        AuthorityId::Clients => dir.join("clients"),
    }
}

/// Where the clients' identities are.
pub(super) fn clients_dir(dir: &Path) -> PathBuf {
    authority_dir(dir, AuthorityId::Clients)
}

pub(super) fn deployment_file(dir: &Path) -> PathBuf {
    dir.join(DEPLOYMENT_FILE)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Deployment {
    name: String,
}

/// The name of the deployment that the directory belongs to.
pub(super) fn read_deployment(dir: &Path) -> Result<String, Error> {
    let remedy = "caucus certs init".to_owned();
    let path = deployment_file(dir);
    let text = read(&path, "the name of the deployment", &remedy)?;
    let malformed = |what| Error::Malformed { path: path.clone(), what, remedy: remedy.clone() };
    let text = String::from_utf8(text).map_err(|_| malformed("it is not text".to_owned()))?;
    let parsed: Deployment =
        toml::from_str(&text).map_err(|error| malformed(error.message().to_owned()))?;
    if !is_deployment_name(&parsed.name) {
        return Err(malformed(format!("`{}` cannot name a deployment", parsed.name)));
    }
    Ok(parsed.name)
}

pub(super) fn read_certificate(
    path: &Path,
    what: &str,
    remedy: &str,
) -> Result<CertificateDer<'static>, Error> {
    let text = read(path, what, remedy)?;
    let malformed = |what: &str| Error::Malformed {
        path: path.to_owned(),
        what: what.to_owned(),
        remedy: remedy.to_owned(),
    };
    let cert = CertificateDer::from_pem_slice(&text)
        .map_err(|_| malformed("it holds no certificate in PEM form"))?;
    match CertInfo::from_der(&cert) {
        Some(_) => Ok(cert),
        None => Err(malformed("what it holds is not an X.509 certificate")),
    }
}

/// The text of a private key file, which nobody but its owner may be able to read.
pub(super) fn read_key_text(
    path: &Path,
    what: &str,
    remedy: &str,
) -> Result<zeroize::Zeroizing<Vec<u8>>, Error> {
    let text = zeroize::Zeroizing::new(read(path, what, remedy)?);
    let unreadable = |source| Error::Unreadable { path: path.to_owned(), source };
    let mode = fs::metadata(path).map_err(unreadable)?.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(Error::KeyPermissions { path: path.to_owned(), mode });
    }
    Ok(text)
}

pub(super) fn read_key(
    path: &Path,
    what: &str,
    remedy: &str,
) -> Result<PrivateKeyDer<'static>, Error> {
    PrivateKeyDer::from_pem_slice(&read_key_text(path, what, remedy)?).map_err(|_| {
        Error::Malformed {
            path: path.to_owned(),
            what: "it holds no private key in PEM form".to_owned(),
            remedy: remedy.to_owned(),
        }
    })
}

pub(super) fn read(path: &Path, what: &str, remedy: &str) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => Error::MissingFile {
            what: what.to_owned(),
            path: path.to_owned(),
            remedy: remedy.to_owned(),
        },
        _ => Error::Unreadable { path: path.to_owned(), source },
    })
}

/// Makes the directory and those above it; `private` ones can be entered by their owner alone.
pub(super) fn make_dir(path: &Path, private: bool) -> Result<(), Error> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    if private {
        builder.mode(0o700);
    }
    builder.create(path).map_err(|source| Error::Unwritable { path: path.to_owned(), source })
}

/// Writes a file so that it is there with all its content and final permissions, or not at all.
pub(super) fn write(path: &Path, content: &[u8], secret: bool) -> Result<(), Error> {
    let unwritable = |source| Error::Unwritable { path: path.to_owned(), source };
    let extension = format!("new-{}", std::process::id());
    let temporary = path.with_extension(extension);
    let mode = if secret { 0o600 } else { 0o644 };
    let written = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(&temporary)
        .and_then(|mut file| {
            // A left-over of an earlier attempt keeps its permissions when it is opened again.
            file.set_permissions(fs::Permissions::from_mode(mode))?;
            file.write_all(content)?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // The error of writing is the one to report.
        let _ = fs::remove_file(&temporary);
    }
    written.map_err(unwritable)
}

/// Held while files are made, so that processes started together do not make them twice.
pub(super) struct Lock(#[expect(dead_code, reason = "closing the file ends the lock")] File);

/// Waits until no other process makes files in this directory.
pub(super) fn lock(dir: &Path) -> Result<Lock, Error> {
    make_dir(dir, false)?;
    let path = dir.join(".lock");
    let unwritable = |source| Error::Unwritable { path: path.clone(), source };
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(unwritable)?;
    rustix::fs::flock(&file, rustix::fs::FlockOperation::LockExclusive)
        .map_err(|error| unwritable(error.into()))?;
    Ok(Lock(file))
}
