//! What can go wrong before all links are there.

use std::fmt;
use std::io;
use std::time::Duration;

use crate::config::HostPort;
use crate::identity;
use crate::ids::NodeId;

/// A mesh, or a link with a program's port, that could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Our own identity or our trust cannot be used.
    #[error(transparent)]
    Identity(#[from] identity::Error),
    /// The operating system gives no thread, socket or randomness.
    #[error("cannot prepare connections")]
    System {
        /// What the system said.
        #[from]
        source: io::Error,
    },
    /// The number of addresses is not that of the parties.
    #[error("{found} addresses were given for {expected} parties")]
    Addresses {
        /// How many parties there are.
        expected: usize,
        /// How many addresses there are.
        found: usize,
    },
    /// The peer could not be reached until the deadline, or something else listens at its address.
    #[error(
        "{} cannot connect to {} at {} ({resolved}) in {:.1} s: {stage}: {last_error}; \
         likely cause: {likely_cause}",
        .ends.me, .ends.peer, .ends.address, .waited.as_secs_f64()
    )]
    CannotConnect {
        /// Who connected, to whom and where.
        ends: Box<Ends>,
        /// What the address was resolved to.
        resolved: String,
        /// How far the last attempt came.
        stage: Stage,
        /// How long this end has tried.
        waited: Duration,
        /// Why the last attempt failed.
        last_error: String,
        /// What most often is the cause of that.
        likely_cause: &'static str,
    },
    /// The listener refused our certificate.
    #[error(
        "{} at {} refused {} ({alert}): it expects {expected}; {} presented {presented}; {remedy}",
        .ends.peer, .ends.address, .ends.me, .ends.me
    )]
    Refused {
        /// Who connected, to whom and where.
        ends: Box<Ends>,
        /// What the TLS alert means.
        alert: String,
        /// What the listener accepts.
        expected: String,
        /// What this end presented.
        presented: String,
        /// What to do.
        remedy: String,
    },
    /// What listens there has no certificate of the expected node.
    #[error(
        "{} does not believe that {} is {}: expected {expected}, found {found}; {remedy}",
        .ends.me, .ends.address, .ends.peer
    )]
    Untrusted {
        /// Who connected, to whom and where.
        ends: Box<Ends>,
        /// What must be presented there.
        expected: String,
        /// What was presented, as far as the TLS library tells.
        found: String,
        /// What to do.
        remedy: String,
    },
    /// The peer is who it should be but does not want this connection.
    #[error("{} at {} refused {}: {reason}", .ends.peer, .ends.address, .ends.me)]
    Declined {
        /// Who connected, to whom and where.
        ends: Box<Ends>,
        /// Its reason.
        reason: String,
    },
    /// The peer is who it should be but does not speak our language.
    #[error("malformed message from {peer} while connecting: {what}")]
    Malformed {
        /// The other end.
        peer: NodeId,
        /// What is wrong with it.
        what: String,
    },
    /// The peer did not connect to this node until the deadline.
    #[error(
        "{me} waited {:.1} s for {peer} to connect ({link}){}",
        .waited.as_secs_f64(), after(.refused)
    )]
    NeverCame {
        /// The listening node.
        me: NodeId,
        /// Who did not come.
        peer: NodeId,
        /// Which of its links is missing.
        link: String,
        /// How long this node waited.
        waited: Duration,
        /// The connections that were refused meanwhile, the last ones.
        refused: Vec<String>,
    },
    /// No worker or client connected to a program's port until the deadline.
    #[error(
        "no worker or client connected to {me} in {:.1} s{}",
        .waited.as_secs_f64(), after(.refused)
    )]
    NobodyCame {
        /// The listening node.
        me: NodeId,
        /// How long it waited.
        waited: Duration,
        /// The connections that were refused meanwhile, the last ones.
        refused: Vec<String>,
    },
    /// The nodes of a party do not fit together, or one of them did not come.
    #[error("{me} cannot make a communicator: {reason}")]
    Nodes {
        /// This node.
        me: NodeId,
        /// What is wrong, and with whom.
        reason: String,
    },
    /// A link that was just made cannot be used.
    #[error(transparent)]
    Link(#[from] crate::net::Error),
    /// The control plane ended the run.
    #[error("{cause}")]
    Aborted {
        /// The first cause that was given.
        cause: String,
    },
}

fn after(refused: &[String]) -> String {
    match refused.last() {
        Some(last) => format!("; refused meanwhile: {last}"),
        None => "; it has not been started, or has another address for this node".to_owned(),
    }
}

/// The two ends of a connection that this end wants.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ends {
    /// This end, as in messages: a node, or an external client.
    pub me: String,
    /// Who should listen at the address.
    pub peer: NodeId,
    /// The address that was given for the peer.
    pub address: HostPort,
}

/// How far an attempt to connect came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// Looking up the name.
    Resolve,
    /// Opening the TCP connection.
    Connect,
    /// The TLS handshake.
    Tls,
    /// The first messages inside TLS.
    Hello,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resolve => "looking up the name",
            Self::Connect => "opening the connection",
            Self::Tls => "TLS handshake",
            Self::Hello => "waiting for an answer",
        })
    }
}
