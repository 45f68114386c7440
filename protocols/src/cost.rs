//! What interactive operations cost, stated before anything runs.

use crate::{Places, Rounding};

/// A call of an operation of [`Protocol`](crate::Protocol), as far as its cost depends on it. Lanes are those of the
/// argument where nothing else is said.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Operation {
    /// `input`, or `input_each`.
    Input {
        /// How many owners give at least one value.
        owners: u64,
        /// Lanes of all together.
        lanes: u64,
    },
    /// `mul`.
    Mul {
        /// Lanes.
        lanes: u64,
    },
    /// `dot`.
    Dot {
        /// Lanes of the result.
        results: u64,
    },
    /// `matmul`.
    MatMul {
        /// Lanes of the result.
        results: u64,
    },
    /// `open`.
    Open {
        /// Lanes.
        lanes: u64,
    },
    /// `open_to`.
    OpenTo {
        /// Lanes.
        lanes: u64,
    },
    /// `less_than_zero`.
    LessThanZero {
        /// Lanes.
        lanes: u64,
        /// Bits that are looked at.
        bits: u32,
    },
    /// `equal_zero`.
    EqualZero {
        /// Lanes.
        lanes: u64,
        /// Bits that are looked at.
        bits: u32,
    },
    /// `decompose`.
    Decompose {
        /// Lanes.
        lanes: u64,
        /// Bits that are looked at.
        bits: u32,
    },
    /// `truncate`.
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
    /// `weigh`.
    Weigh {
        /// Lanes.
        lanes: u64,
        /// Bits of the numbers.
        bits: u32,
        /// Which places are weighed.
        places: Places,
        /// Places that have a weight other than 0 in some row.
        used: u64,
        /// Rows of weights.
        rows: u64,
    },
    /// `shuffle` or `permute`.
    Permute {
        /// Lanes of all rows together.
        lanes: u64,
    },
    /// `new_permutation`.
    NewPermutation,
    /// `rearrange`.
    Rearrange {
        /// Rows.
        rows: u64,
        /// Lanes of all rows together.
        lanes: u64,
        /// Whether rows are taken, instead of moved.
        backward: bool,
    },
    /// `sort`.
    Sort {
        /// Rows.
        rows: u64,
        /// Lanes of all rows together.
        lanes: u64,
        /// Bits of each key.
        keys: Vec<u32>,
    },
    /// `input_bits`.
    InputBits {
        /// Lanes.
        lanes: u64,
    },
    /// `and_bits`.
    AndBits {
        /// Lanes.
        lanes: u64,
    },
    /// `open_bits`.
    OpenBits {
        /// Lanes.
        lanes: u64,
    },
    /// `to_bits`.
    ToBits {
        /// Lanes.
        lanes: u64,
        /// Bits of each.
        bits: u32,
    },
    /// `lift_bits`.
    LiftBits {
        /// Lanes.
        lanes: u64,
    },
}

/// Rounds, and bytes that all parties together give to their links, headers of messages included, TLS aside.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Cost {
    /// Times that parties wait for each other.
    pub rounds: u64,
    /// Bytes of all parties.
    pub bytes: u64,
}

impl Cost {
    /// The cost of doing it so many times, one after the other.
    #[must_use]
    pub fn times(self, times: u64) -> Self {
        Self { rounds: self.rounds.saturating_mul(times), bytes: self.bytes.saturating_mul(times) }
    }

    /// The cost of doing both at the same time.
    #[must_use]
    pub fn beside(self, other: Self) -> Self {
        Self {
            rounds: self.rounds.max(other.rounds),
            bytes: self.bytes.saturating_add(other.bytes),
        }
    }
}

impl std::ops::AddAssign for Cost {
    /// One after the other.
    fn add_assign(&mut self, other: Self) {
        self.rounds = self.rounds.saturating_add(other.rounds);
        self.bytes = self.bytes.saturating_add(other.bytes);
    }
}
