//! What interactive operations cost, stated before anything runs.

use crate::Rounding;

/// An operation that may communicate, as far as its cost depends on it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Operation {
    /// Products, inner products or matrix products, by the lanes of the result.
    Multiply {
        /// Lanes of the result.
        lanes: u64,
    },
    /// Opening to all.
    Open {
        /// Lanes.
        lanes: u64,
    },
    /// Opening to one party.
    OpenTo {
        /// Lanes.
        lanes: u64,
    },
    /// Private inputs of one party.
    Input {
        /// Lanes.
        lanes: u64,
    },
    /// The sign.
    LessThanZero {
        /// Lanes.
        lanes: u64,
        /// Bits that are looked at.
        bits: u32,
    },
    /// Whether all bits are zero.
    EqualZero {
        /// Lanes.
        lanes: u64,
        /// Bits that are looked at.
        bits: u32,
    },
    /// The single bits.
    Decompose {
        /// Lanes.
        lanes: u64,
        /// Bits that are looked at.
        bits: u32,
    },
    /// Division by a power of two.
    Truncate {
        /// Lanes.
        lanes: u64,
        /// By how many bits.
        shift: u32,
        /// Bits of the numbers.
        bits: u32,
        /// To which neighbor.
        rounding: Rounding,
    },
}

impl Operation {
    /// How many lanes it works on.
    pub fn lanes(&self) -> u64 {
        match *self {
            Self::Multiply { lanes }
            | Self::Open { lanes }
            | Self::OpenTo { lanes }
            | Self::Input { lanes }
            | Self::LessThanZero { lanes, .. }
            | Self::EqualZero { lanes, .. }
            | Self::Decompose { lanes, .. }
            | Self::Truncate { lanes, .. } => lanes,
        }
    }
}

/// Rounds, and bytes that all parties together give to their links, headers of messages included.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Cost {
    /// Times that parties wait for each other.
    pub rounds: u64,
    /// Bytes of all parties.
    pub bytes: u64,
}

impl std::ops::AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        self.rounds = self.rounds.saturating_add(other.rounds);
        self.bytes = self.bytes.saturating_add(other.bytes);
    }
}
