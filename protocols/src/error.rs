//! What can go wrong in a protocol.

use caucus_core::algebra::NotCanonical;
use caucus_core::ids::PartyId;
use caucus_core::{comm, net};

/// A failure of a protocol or of what it was given.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The connection to a peer failed, or the run was ended.
    #[error(transparent)]
    Net(#[from] net::Error),
    /// The nodes of this party could not exchange what they have.
    #[error("the nodes of this party could not exchange rows: {0}")]
    Comm(#[source] Box<comm::Error>),
    /// A peer did not follow the protocol. Nothing is sent any more, and nothing is tried again.
    #[error("a party misbehaved: {check} failed")]
    Misbehaved {
        /// The check that found it.
        check: &'static str,
    },
    /// The protocol has no such operation.
    #[error("protocol `{protocol}` does not support {operation}")]
    Unsupported {
        /// The protocol's name.
        protocol: &'static str,
        /// What was asked of it.
        operation: &'static str,
    },
    /// The protocol is for another number of parties.
    #[error("protocol `{protocol}` is for {expected} parties, found {found}")]
    WrongParties {
        /// The protocol's name.
        protocol: &'static str,
        /// The number that it is for.
        expected: usize,
        /// The number that take part.
        found: usize,
    },
    /// The party whose input it is gave none.
    #[error("no private input of {owner} was given")]
    NoInput {
        /// The party whose input it is.
        owner: PartyId,
    },
    /// An index is not below the length.
    #[error("index {index} is out of range for a length of {len}")]
    OutOfRange {
        /// The first index that is out of range, or the most extreme one of a strided view.
        index: i64,
        /// The length that was accessed.
        len: usize,
    },
    /// Something has another size than it must have.
    #[error("malformed {what}: expected {expected}, found {found}")]
    Malformed {
        /// What it is, with the unit of its size.
        what: &'static str,
        /// The size that it must have.
        expected: usize,
        /// The size that it has.
        found: usize,
    },
    /// No permutation is kept under this number.
    #[error("there is no permutation with number {number}")]
    UnknownPermutation {
        /// The number.
        number: i64,
    },
    /// A permutation is applied to another number of items than it is for.
    #[error("a permutation of {expected} items is applied to {found}")]
    OtherPermutation {
        /// The items that it permutes.
        expected: usize,
        /// The items that it was applied to.
        found: usize,
    },
    /// Numbers that should be all of 0, 1, …, each once, are not.
    #[error("the numbers are no permutation of 0 to {}", len.saturating_sub(1))]
    NoPermutation {
        /// How many numbers there are.
        len: usize,
    },
    /// Bytes of shares do not encode elements.
    #[error("malformed shares")]
    NotCanonical(#[from] NotCanonical),
}

impl From<comm::Error> for Error {
    fn from(error: comm::Error) -> Self {
        Self::Comm(Box::new(error))
    }
}
