//! What can be wrong with identities: files of our own, and certificates that others present.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// An identity, or the trust in others' identities, that cannot be made or used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file of an identity does not exist.
    #[error("{what} is missing: expected {}; make it with `{remedy}`", path.display())]
    MissingFile {
        /// What the file would hold.
        what: String,
        /// Where it is expected.
        path: PathBuf,
        /// The command that makes it.
        remedy: String,
    },
    /// The certificate of an authority, perhaps of another party, is not here.
    #[error(
        "the certificate of {authority} is missing: expected {}; copy it from the machine where \
         `{remedy}` made it, or run `scripts/setup-ssl {n_parties}` if all parties are on this one",
        path.display()
    )]
    MissingAuthority {
        /// Whose certificate is missing.
        authority: String,
        /// Where it is expected.
        path: PathBuf,
        /// The command that makes it on its own machine.
        remedy: String,
        /// How many parties there are.
        n_parties: usize,
    },
    /// A file exists but cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why it cannot be read.
        source: io::Error,
    },
    /// A file or directory cannot be made.
    #[error("cannot write {}", path.display())]
    Unwritable {
        /// The file or directory.
        path: PathBuf,
        /// Why it cannot be written.
        source: io::Error,
    },
    /// Others than the owner may read a private key.
    #[error(
        "the private key {} has mode {mode:04o}: others than its owner can use it; \
         run `chmod 600 {}`, and make a new one if others have had access",
        path.display(), path.display()
    )]
    KeyPermissions {
        /// The key file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A file does not hold what it should.
    #[error("{} is not usable: {what}; delete it and run `{remedy}`", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
        /// The command that makes a new one.
        remedy: String,
    },
    /// A certificate is no longer valid.
    #[error(
        "the certificate {} of {subject} expired on {not_after} (it is now {now}); \
         renew it with `{remedy}`",
        path.display()
    )]
    Expired {
        /// The certificate.
        path: PathBuf,
        /// Whom it names.
        subject: String,
        /// The last moment of its validity.
        not_after: String,
        /// The time of this machine.
        now: String,
        /// The command that makes a new one.
        remedy: String,
    },
    /// A certificate is not valid yet, most often because a clock is wrong.
    #[error(
        "the certificate {} of {subject} is valid from {not_before} but it is now {now}: \
         compare the clocks of the machine that made it and of this one",
        path.display()
    )]
    NotYetValid {
        /// The certificate.
        path: PathBuf,
        /// Whom it names.
        subject: String,
        /// The first moment of its validity.
        not_before: String,
        /// The time of this machine.
        now: String,
    },
    /// A certificate and the key beside it do not belong together.
    #[error(
        "the key {} does not belong to the certificate {}; delete both and run `{remedy}`",
        key.display(), certificate.display()
    )]
    KeyMismatch {
        /// The certificate.
        certificate: PathBuf,
        /// The key.
        key: PathBuf,
        /// The command that makes a new pair.
        remedy: String,
    },
    /// A certificate names somebody else than its place in the directory says.
    #[error(
        "the certificate {} names {found} where {expected} is expected; \
         delete it and run `{remedy}`",
        path.display()
    )]
    WrongSubject {
        /// The certificate.
        path: PathBuf,
        /// The URI that it should carry.
        expected: String,
        /// What it carries.
        found: String,
        /// The command that makes a new one.
        remedy: String,
    },
    /// A certificate was not signed by the authority beside it.
    #[error(
        "the certificate {} was issued by {found}, expected {expected}; \
         delete it and run `{remedy}`",
        path.display()
    )]
    WrongIssuer {
        /// The certificate.
        path: PathBuf,
        /// The authority that should have signed it.
        expected: String,
        /// What stands in it as the issuer.
        found: String,
        /// The command that makes a new one.
        remedy: String,
    },
    /// An authority belongs to another deployment.
    #[error(
        "{} belongs to the deployment `{found}` but {} says `{expected}`: all parties must use \
         one deployment name; get the right file from its owner, or run \
         `caucus certs init --deployment {expected}` there",
        path.display(), config.display()
    )]
    OtherDeployment {
        /// The certificate of the authority.
        path: PathBuf,
        /// The file that names the deployment.
        config: PathBuf,
        /// The deployment of this directory.
        expected: String,
        /// The deployment of the authority.
        found: String,
    },
    /// A certificate is to be made but the key of its authority is not on this machine.
    #[error(
        "cannot sign for {authority}: its key {} is not here; run this command on the machine \
         that has it, and copy the new certificate and key",
        path.display()
    )]
    NoAuthorityKey {
        /// Whose key is missing.
        authority: String,
        /// Where it is expected.
        path: PathBuf,
    },
    /// A deployment cannot have this name.
    #[error(
        "`{name}` cannot name a deployment: use 1 to 40 lower-case letters, digits and `-`, \
         with no `-` at the ends"
    )]
    InvalidDeployment {
        /// What was given.
        name: String,
    },
    /// No certificate can be made, for example because the system has no randomness.
    #[error("cannot make a certificate: {reason}")]
    Generate {
        /// What the library says.
        reason: String,
    },
    /// The TLS library does not take an identity.
    #[error("cannot set up TLS")]
    Tls {
        /// What the library says.
        #[from]
        source: rustls::Error,
    },
    /// A peer presented a certificate that is not acceptable.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// Why what somebody presented was refused: what was expected and what came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// What would have been accepted.
    pub expected: String,
    /// What was presented.
    pub found: String,
    /// What is wrong with it, where that is not obvious from the two.
    pub reason: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}, found {}", self.expected, self.found)?;
        if !self.reason.is_empty() {
            write!(f, ": {}", self.reason)?;
        }
        Ok(())
    }
}

impl std::error::Error for Refusal {}
