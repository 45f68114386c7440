//! Who is who: parties, their workers, and nodes (one process of a party).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One of the mutually distrusting participants, counted from 0. Displays as `P1`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PartyId(u8);

impl PartyId {
    /// The party with this number.
    pub const fn new(number: u8) -> Self {
        Self(number)
    }

    /// The number, for indexing per-party tables.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for PartyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "P{}", self.0)
    }
}

/// One worker among the workers of its party, counted from 0. Displays as the plain number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WorkerId(u32);

impl WorkerId {
    /// The worker with this number.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The number, for indexing per-worker tables.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for WorkerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// What a node is within its party.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Role {
    /// The node that runs the main program and commands the workers.
    Main,
    /// The worker with this number.
    Worker(WorkerId),
}

/// One process of a party. Displays as `P1` for the main node and `P1.W3` for a worker.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct NodeId {
    /// The party that the node belongs to.
    pub party: PartyId,
    /// What the node is within that party.
    pub role: Role,
}

impl NodeId {
    /// The main node of a party.
    pub const fn main(party: PartyId) -> Self {
        Self { party, role: Role::Main }
    }

    /// A worker of a party.
    pub const fn worker(party: PartyId, worker: WorkerId) -> Self {
        Self { party, role: Role::Worker(worker) }
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.role {
            Role::Main => write!(f, "{}", self.party),
            Role::Worker(worker) => write!(f, "{}.W{worker}", self.party),
        }
    }
}

/// The text is neither `P<party>` nor `P<party>.W<worker>`.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{text}` is not a node: expected `P<party>` or `P<party>.W<worker>`")]
pub struct InvalidNodeId {
    /// What was given.
    pub text: String,
}

impl FromStr for NodeId {
    type Err = InvalidNodeId;

    fn from_str(text: &str) -> Result<Self, InvalidNodeId> {
        parse_node(text).ok_or_else(|| InvalidNodeId { text: text.to_owned() })
    }
}

fn parse_node(text: &str) -> Option<NodeId> {
    let (party, worker) = match text.split_once('.') {
        Some((party, worker)) => (party, Some(worker)),
        None => (text, None),
    };
    let party = PartyId(parse_number(party.strip_prefix('P')?)?);
    let Some(worker) = worker else {
        return Some(NodeId::main(party));
    };
    Some(NodeId::worker(party, WorkerId(parse_number(worker.strip_prefix('W')?)?)))
}

/// Decimal digits only: unlike `FromStr` of the integers this takes no sign and no leading zero.
fn parse_number<T: FromStr>(digits: &str) -> Option<T> {
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = digits == "0" || !digits.starts_with('0');
    if plain && canonical { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_node_is_read_back() {
        for node in [
            NodeId::main(PartyId::new(0)),
            NodeId::main(PartyId::new(255)),
            NodeId::worker(PartyId::new(1), WorkerId::new(3)),
            NodeId::worker(PartyId::new(2), WorkerId::new(u32::MAX)),
        ] {
            assert_eq!(node.to_string().parse(), Ok(node));
        }
        assert_eq!(NodeId::worker(PartyId::new(1), WorkerId::new(3)).to_string(), "P1.W3");
    }

    #[test]
    fn text_that_is_no_node_is_refused() {
        for text in ["", "P", "1", "P256", "P+1", "P01", "P1.", "P1.3", "P1.W", "P1.W-3", "P1.W3 "]
        {
            assert!(text.parse::<NodeId>().is_err(), "{text:?} was taken");
        }
    }
}
