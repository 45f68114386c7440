//! What a message is for. Both ends name it, so that parties out of step are told apart from slow ones.

use std::fmt;

/// The purpose of a message, carried in its header.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Step {
    /// Agreement on seeds and keys before anything is computed.
    Setup,
    /// Secret-sharing of private inputs.
    Input,
    /// Products of vectors.
    Mul,
    /// Inner products.
    Dot,
    /// Matrix products.
    MatMul,
    /// Opening to all parties.
    Open,
    /// Opening to one party.
    OpenTo,
    /// Checks of a malicious protocol.
    Check,
    /// Comparison of what all parties must agree on.
    Agree,
    /// Waiting for each other.
    Barrier,
    /// A step that a protocol numbers itself, below 2^15.
    User(u16),
    /// A number that means nothing to this version: found in errors only.
    Unknown(u16),
}

impl Step {
    const USER: u16 = 1 << 15;

    /// The number in the header.
    pub(super) fn to_wire(self) -> u16 {
        match self {
            Self::Setup => 1,
            Self::Input => 2,
            Self::Mul => 3,
            Self::Dot => 4,
            Self::MatMul => 5,
            Self::Open => 6,
            Self::OpenTo => 7,
            Self::Check => 8,
            Self::Agree => 9,
            Self::Barrier => 10,
            Self::User(number) => {
                debug_assert!(number < Self::USER, "user steps are numbered below 2^15");
                Self::USER | number
            }
            Self::Unknown(number) => number,
        }
    }

    /// The step that a number from a header stands for.
    pub(super) fn from_wire(number: u16) -> Self {
        match number {
            1 => Self::Setup,
            2 => Self::Input,
            3 => Self::Mul,
            4 => Self::Dot,
            5 => Self::MatMul,
            6 => Self::Open,
            7 => Self::OpenTo,
            8 => Self::Check,
            9 => Self::Agree,
            10 => Self::Barrier,
            number if number & Self::USER != 0 => Self::User(number & !Self::USER),
            number => Self::Unknown(number),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Setup => "setup",
            Self::Input => "input",
            Self::Mul => "mul",
            Self::Dot => "dot",
            Self::MatMul => "matmul",
            Self::Open => "open",
            Self::OpenTo => "open_to",
            Self::Check => "check",
            Self::Agree => "agree",
            Self::Barrier => "barrier",
            Self::User(number) => return write!(f, "step {number}"),
            Self::Unknown(number) => return write!(f, "unknown step {number:#06x}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_stands_for_one_step() {
        for number in 0..=u16::MAX {
            assert_eq!(Step::from_wire(number).to_wire(), number);
        }
        assert_eq!(Step::from_wire(Step::User(7).to_wire()), Step::User(7));
        assert_eq!(Step::from_wire(0), Step::Unknown(0));
    }
}
