//! What can go wrong on a link.

use std::io;
use std::time::Duration;

use super::Step;
use crate::ids::NodeId;

/// A failure of communication. After one, the `Net` or `Link` that returned it must not be used any more.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The peer closed the connection, or its process ended.
    #[error("{peer} closed the connection")]
    Closed {
        /// The other end.
        peer: NodeId,
    },
    /// Nothing came from the peer, or it took nothing, for too long.
    #[error("waited {:.1} s for {peer}{}", .after.as_secs_f64(), in_step(*.step))]
    Timeout {
        /// The other end.
        peer: NodeId,
        /// How long this end waited.
        after: Duration,
        /// What this end was doing, where messages have steps.
        step: Option<Step>,
    },
    /// The peer sent another message than the program calls for here.
    #[error(
        "expected {expected_bytes} bytes of {expected_step} from {peer}, found {found_bytes} bytes of {found_step}"
    )]
    Desync {
        /// The other end.
        peer: NodeId,
        /// What this end waits for.
        expected_step: Step,
        /// What the header announces.
        found_step: Step,
        /// The length this end waits for.
        expected_bytes: u64,
        /// The length that the header announces.
        found_bytes: u64,
    },
    /// The peer's bytes have the right length but are not what they must be.
    #[error("malformed message from {peer}: {what}")]
    Malformed {
        /// The other end.
        peer: NodeId,
        /// What is wrong with it.
        what: String,
    },
    /// The control plane ended the run.
    #[error("{cause}")]
    Aborted {
        /// The first cause that was given.
        cause: String,
    },
    /// The operating system refused.
    #[error("connection to {peer} failed")]
    Io {
        /// The other end.
        peer: NodeId,
        /// What the system said.
        source: io::Error,
    },
    /// The encrypted connection broke, by tampering or by an alert of the peer.
    #[error("TLS connection to {peer} failed")]
    Tls {
        /// The other end.
        peer: NodeId,
        /// What TLS objects to.
        source: rustls::Error,
    },
}

impl Error {
    /// The peer at fault or concerned; none if the run was aborted.
    pub fn peer(&self) -> Option<NodeId> {
        match self {
            Self::Closed { peer }
            | Self::Timeout { peer, .. }
            | Self::Desync { peer, .. }
            | Self::Malformed { peer, .. }
            | Self::Io { peer, .. }
            | Self::Tls { peer, .. } => Some(*peer),
            Self::Aborted { .. } => None,
        }
    }

    /// Tells a connection that ended from one that failed.
    pub(super) fn from_io(peer: NodeId, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::NotConnected => Self::Closed { peer },
            _ => Self::Io { peer, source },
        }
    }
}

fn in_step(step: Option<Step>) -> String {
    step.map(|step| format!(" in {step}")).unwrap_or_default()
}
