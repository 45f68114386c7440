//! What can go wrong in a communicator.

use std::time::Duration;

use super::Call;
use crate::ids::NodeId;

/// A failure of communication among the nodes of a party.
///
/// After a failed collective operation the communicator takes no further ones: its members are out of step. What
/// remains are single messages, and [`shrink`](super::Comm::shrink), which makes a new one of those who are left.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// A node ended or its connection broke, without taking leave.
    #[error("{doing}: {peer} was lost: {why}")]
    Lost {
        /// What this node was doing.
        doing: String,
        /// Who is gone.
        peer: NodeId,
        /// What was noticed.
        why: String,
    },
    /// A node has left in order, and this operation needs it.
    #[error("{doing}: {peer} has left the communicator")]
    Left {
        /// What this node was doing.
        doing: String,
        /// Who is gone.
        peer: NodeId,
    },
    /// Nothing came from a node, or it took nothing, for too long.
    #[error(
        "{doing}: waited {:.1} s for {peer} (the limit is {:.1} s)",
        .after.as_secs_f64(), .limit.as_secs_f64()
    )]
    Timeout {
        /// What this node was doing: the operation, and the tag or the number of the collective operation.
        doing: String,
        /// Whom it waited for.
        peer: NodeId,
        /// How long it waited.
        after: Duration,
        /// The deadline of operations at that time.
        limit: Duration,
    },
    /// Two members call different collective operations, or the same with something different.
    #[error(
        "collective operation {number} of `{name}` differs: {first} calls {first_call}, {second} calls {second_call}; \
         all members must call the same operations in the same order"
    )]
    Mismatch {
        /// Name of the communicator.
        name: String,
        /// Which of its collective operations, counted from 0.
        number: u32,
        /// The one of the two with the lower rank.
        first: NodeId,
        /// What it calls.
        first_call: Box<Call>,
        /// The other one.
        second: NodeId,
        /// What that one calls.
        second_call: Box<Call>,
    },
    /// A message is not what this node asked for. It stays where it is.
    #[error("{doing}: expected {expected}, found {found} from {peer}")]
    WrongMessage {
        /// What this node was doing.
        doing: String,
        /// Who sent it.
        peer: NodeId,
        /// Number and type of elements that were asked for.
        expected: String,
        /// Number and type of elements that came.
        found: String,
    },
    /// Another member could not complete a collective operation.
    #[error("{doing}: {cause} (reported by {by})")]
    Failed {
        /// What this node was doing.
        doing: String,
        /// Who says so.
        by: NodeId,
        /// Its reason.
        cause: String,
    },
    /// A collective operation has failed before: the members are out of step.
    #[error("{doing}: `{name}` has failed before ({cause}); shrink it to go on")]
    Broken {
        /// What this node was asked to do.
        doing: String,
        /// Name of the communicator.
        name: String,
        /// The first failure.
        cause: String,
    },
    /// A member has revoked the communicator.
    #[error("{doing}: `{name}` was revoked by {by}; shrink it to go on")]
    Revoked {
        /// What this node was doing.
        doing: String,
        /// Name of the communicator.
        name: String,
        /// Who revoked it first, as far as this node knows.
        by: NodeId,
    },
    /// The others have gone on without this node: it did not answer in time.
    #[error("{by} and others have gone on with `{name}` without {me}")]
    Excluded {
        /// This node.
        me: NodeId,
        /// Who says so.
        by: NodeId,
        /// Name of the communicator.
        name: String,
    },
    /// The communicator was freed.
    #[error("{doing}: the communicator is not running any more")]
    NotRunning {
        /// What this node was asked to do.
        doing: String,
    },
    /// The caller asks for something that does not exist.
    #[error("{doing}: {what}")]
    Argument {
        /// What this node was asked to do.
        doing: String,
        /// What is wrong with that.
        what: String,
    },
    /// A node's bytes mean nothing: it has another version, or the connection was tampered with.
    #[error("{doing}: malformed message from {peer}: {what}")]
    Malformed {
        /// What this node was doing.
        doing: String,
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
}

impl Error {
    /// The node at fault or concerned, where it is one.
    pub fn peer(&self) -> Option<NodeId> {
        match self {
            Self::Lost { peer, .. }
            | Self::Left { peer, .. }
            | Self::Timeout { peer, .. }
            | Self::WrongMessage { peer, .. }
            | Self::Malformed { peer, .. } => Some(*peer),
            Self::Failed { by, .. } | Self::Revoked { by, .. } | Self::Excluded { by, .. } => {
                Some(*by)
            }
            Self::Mismatch { .. }
            | Self::Broken { .. }
            | Self::NotRunning { .. }
            | Self::Argument { .. }
            | Self::Aborted { .. } => None,
        }
    }
}
