//! What can go wrong with a download.

use std::path::PathBuf;

/// A file that could not be had.
#[derive(Debug, thiserror::Error)]
#[error("{address}: {fault}")]
pub(crate) struct DownloadError {
    /// Its address, without what may be secret.
    pub(crate) address: String,
    /// What happened.
    pub(crate) fault: DownloadFault,
}

/// What happened.
#[derive(Debug, thiserror::Error)]
pub enum DownloadFault {
    /// The file of authorities cannot be used.
    #[error("the authorities in {} cannot be used: {what}", path.display())]
    Authorities {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The host may not be asked.
    #[error("this host is not among `hosts` of the manifest")]
    Host,
    /// The server sends this client elsewhere, where it does not go.
    #[error("the server redirects to an address that {why}")]
    Redirect {
        /// What is wrong with it.
        why: String,
    },
    /// Redirects do not end.
    #[error("there are more than {0} redirects")]
    Redirects(u32),
    /// Another answer than the file.
    #[error("the server answers with status {0} instead of 200")]
    Status(u16),
    /// The length is not that of the manifest.
    #[error("{found} bytes {}, the manifest says {expected}", if *is_announced { "are announced" } else { "came" })]
    Length {
        /// That of the manifest.
        expected: u64,
        /// The other one.
        found: u64,
        /// Whether the server only said so.
        is_announced: bool,
    },
    /// The server does not say how long the file is.
    #[error(
        "the server does not say how long the file is (no Content-Length), which must be {0} bytes"
    )]
    NoLength(u64),
    /// The file is in another form than it is stored.
    #[error("the server compresses the file although it was not asked to")]
    Encoded,
    /// Other contents. The digest of what came is not shown: few numbers can be found again from it.
    #[error("the SHA-256 of what came is not that of the manifest")]
    Digest,
    /// The server's certificate is not believed.
    #[error("the server's certificate is refused: {0}")]
    Certificate(String),
    /// The connection could not be made, or broke.
    #[error("{0}")]
    Connection(String),
    /// Nobody needs the file any more.
    #[error("it was stopped")]
    Stopped,
    /// It took too long.
    #[error("it took too long: {0}")]
    Timeout(String),
}

impl DownloadFault {
    /// What other parties may know: neither lengths, which tell something of the numbers, nor addresses.
    pub(crate) fn for_peers(&self) -> String {
        match self {
            Self::Authorities { .. } => "its authorities cannot be used".into(),
            Self::Host => "a host is asked that is not allowed".into(),
            Self::Length { .. } => "its length is not that of the manifest".into(),
            Self::NoLength(_) => "the server does not say how long it is".into(),
            Self::Certificate(_) => "the server's certificate is refused".into(),
            Self::Connection(_) => "the connection could not be made or broke".into(),
            Self::Timeout(_) => "it took too long".into(),
            Self::Redirect { .. }
            | Self::Redirects(_)
            | Self::Status(_)
            | Self::Encoded
            | Self::Digest
            | Self::Stopped => self.to_string(),
        }
    }

    /// Whether it may be another time.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Connection(_) | Self::Timeout(_) => true,
            Self::Status(status) => *status == 429 || *status >= 500,
            Self::Authorities { .. }
            | Self::Host
            | Self::Redirect { .. }
            | Self::Redirects(_)
            | Self::Length { .. }
            | Self::NoLength(_)
            | Self::Encoded
            | Self::Digest
            | Self::Certificate(_)
            | Self::Stopped => false,
        }
    }
}
