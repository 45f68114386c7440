//! Why a run ended early.

use std::fmt;
use std::io;

use caucus_core::algebra::Overflow;
use caucus_core::ids::PartyId;
use caucus_core::net;

use crate::HostError;

/// A failure of a run, with the place in the program where it happened.
#[derive(Debug)]
pub struct RuntimeError {
    /// The thread of the program; 0 is the main one.
    pub thread: usize,
    /// `file:line` of the source, where it is known.
    pub position: Option<String>,
    /// What happened.
    pub kind: Kind,
}

/// What ended a run.
#[derive(Debug, thiserror::Error)]
pub enum Kind {
    /// The program ended itself.
    #[error("{}", if message.is_empty() { "the program ended itself with a crash" } else { message })]
    Program {
        /// The program's message, without the end of the line. May be empty.
        message: String,
    },
    /// An access to an array outside of it.
    #[error("index {index} is out of range for an array of length {len}")]
    IndexOutOfRange {
        /// The first index that is out of range, or the most extreme one of a pattern.
        index: i64,
        /// The length of the array.
        len: usize,
    },
    /// A public division, or a remainder, by zero.
    #[error("division by zero")]
    DivisionByZero,
    /// A public shift by an impossible number of bits.
    #[error("shift by {amount} bits is out of range")]
    ShiftRange {
        /// The number of bits.
        amount: i128,
    },
    /// A party that does not take part.
    #[error("there is no party {number}: the program runs with {n_parties}")]
    NoSuchParty {
        /// The number that the program computed.
        number: i64,
        /// The number of parties.
        n_parties: usize,
    },
    /// In a checked run the program leaves what it promises.
    #[error(transparent)]
    Breach(#[from] Breach),
    /// A private input is too large for its type. The message does not show it.
    #[error("a private input of {player} does not fit the {bits} bits of its type")]
    InputRange {
        /// Whose input.
        player: PartyId,
        /// The bits of the type.
        bits: usize,
    },
    /// A timer was started twice.
    #[error("timer {timer} is started while it runs")]
    TimerRuns {
        /// Its number.
        timer: i64,
    },
    /// A timer was stopped that does not run.
    #[error("timer {timer} is stopped, but was not started")]
    TimerStands {
        /// Its number.
        timer: i64,
    },
    /// Shares are read where none have been stored.
    #[error(
        "no shares have been stored in the folder Persistence: run the program that stores them first, or read \
         with crash_if_missing=False, which gives -2"
    )]
    NothingStored,
    /// A binary file has something else than a number of the domain.
    #[error("the binary input no. {} of this call, of {player} in thread {thread}, is no number of the domain", index + 1)]
    NoNumber {
        /// Whose input.
        player: PartyId,
        /// The thread that takes it.
        thread: usize,
        /// Which number of the instruction, from 0.
        index: usize,
    },
    /// What a checkpoint has does not fit the program.
    #[error("the checkpoint does not fit the program: {what} is not what the program has there")]
    Snapshot {
        /// What does not fit.
        what: &'static str,
    },
    /// There is not enough memory.
    #[error("out of memory: cannot allocate {bytes} bytes for one vector or array")]
    OutOfMemory {
        /// The bytes asked for.
        bytes: u64,
    },
    /// The system refuses another thread.
    #[error("cannot start a thread: {source}")]
    Spawn {
        /// What the system said.
        source: io::Error,
    },
    /// A client plays the parties against each other.
    #[error(
        "external client {client} sent other values to {party} than to this party: a client must send the same to all \
         parties; nothing of it was used"
    )]
    ClientDiffers {
        /// The number of the client.
        client: i64,
        /// The party that received other values.
        party: PartyId,
    },
    /// The parties use different connections where they must use that of one client.
    #[error(
        "this party reads the masked input of client {mine}, {party} that of client {theirs}: private inputs need the \
         same client at all parties; let the number that a client sends decide which connection is used"
    )]
    OtherClient {
        /// The number of the connection here.
        mine: i64,
        /// The other party.
        party: PartyId,
        /// The number of the connection there.
        theirs: i64,
    },
    /// The surroundings failed: inputs, connections of the program.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The protocol failed: a peer was lost or misbehaved, or the run was ended by another node or thread.
    #[error(transparent)]
    Protocol(caucus_protocols::Error),
    /// A bug of the machine or of a protocol.
    #[error("internal failure: {message}")]
    Panic {
        /// The message of the panic.
        message: String,
    },
}

/// Where a checked run ends a program that would go on, with a wrong result, among several parties.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Breach {
    /// A result is no number of the ring.
    #[error(
        "overflow: {} {} {} does not fit the ring's {} bits; use a larger ring (-R)",
        .0.operands[0], .0.sign, .0.operands[1], .0.bits
    )]
    Overflow(Overflow),
    /// A result is longer than the program says that its numbers are.
    #[error("overflow: {number} does not fit {}", number.length(*bits))]
    Length {
        /// The number.
        number: Number,
        /// The bits it should have.
        bits: u32,
    },
    /// A comparison of numbers that are too far apart.
    #[error(
        "a comparison of {bits} bits is asked about {value}, which has more: its result is wrong"
    )]
    Comparison {
        /// The difference.
        value: i128,
        /// The bits compared.
        bits: u32,
    },
    /// A shift, a rounded product or a quotient of a number that is too long.
    #[error(
        "overflow: {value} is to be divided by a power of 2 as a number of {bits} bits, which it exceeds: a product \
         of fixed-point numbers is out of range, or a number is longer than promised"
    )]
    Truncation {
        /// The number.
        value: i128,
        /// The bits it should have.
        bits: u32,
    },
    /// An element of an array that nothing has written.
    #[error("element {index} of an array is read but was never written; assign to it first")]
    Uninitialised {
        /// Its index.
        index: i64,
    },
    /// A secret divisor is 0.
    #[error("division by a secret that is 0")]
    SecretDivisor,
    /// The argument must not be negative.
    #[error("the argument is {number}, but must not be negative")]
    Negative {
        /// The argument.
        number: Number,
    },
    /// The argument must be greater than 0.
    #[error("the argument is {number}, but must be greater than 0")]
    NotPositive {
        /// The argument.
        number: Number,
    },
}

/// A number as programs see it: an integer, or one in units of 2^-`point`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Number {
    /// The integer.
    pub value: i128,
    /// Bits behind the point.
    pub point: u32,
}

impl Number {
    /// What numbers of so many bits are called.
    fn length(self, bits: u32) -> String {
        if self.point == 0 {
            return format!("{bits} bits, as the program has set for its numbers");
        }
        let greatest = 2_f64.powi((bits - 1 - self.point) as i32);
        format!(
            "fixed-point numbers of {bits} bits with {} behind the point, from -{greatest} to \
             {greatest}; see sfix.set_precision",
            self.point
        )
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.point {
            0 => self.value.fmt(f),
            point => (self.value as f64 / 2_f64.powi(point as i32)).fmt(f),
        }
    }
}

impl Kind {
    /// The code by which the documentation explains it; none for what is no fault of the program.
    pub fn code(&self) -> Option<&'static str> {
        Some(match self {
            Self::Program { .. } => "E0401",
            Self::IndexOutOfRange { .. } => "E0402",
            Self::DivisionByZero => "E0403",
            Self::ShiftRange { .. } => "E0404",
            Self::NoSuchParty { .. } => "E0405",
            Self::TimerRuns { .. } | Self::TimerStands { .. } => "E0406",
            Self::OutOfMemory { .. } => "E0407",
            Self::Breach(_) => "E0408",
            _ => return None,
        })
    }

    /// What to do about it.
    pub fn remedy(&self) -> Option<&'static str> {
        Some(match self {
            Self::IndexOutOfRange { .. } => {
                "a run-time index goes from 0 to the length - 1: check it, or make the array longer"
            }
            Self::DivisionByZero => "check the divisor before, with @if_ or if_else",
            Self::ShiftRange { .. } => "shift by at least 0 and less than the bits of the number",
            Self::NoSuchParty { .. } => "parties are numbered from 0: see get_number_of_players()",
            Self::TimerRuns { .. } => "stop it first, or use another number",
            Self::TimerStands { .. } => "start it first, with the same number",
            Self::Breach(_) => "among several parties the run would go on with a wrong number",
            Self::OutOfMemory { .. } => "work on smaller vectors one after the other",
            _ => return None,
        })
    }
}

impl RuntimeError {
    /// The cause given by whoever ended the run, if this failure only follows from it.
    pub fn aborted(&self) -> Option<&str> {
        match &self.kind {
            Kind::Protocol(caucus_protocols::Error::Net(net::Error::Aborted { cause })) => {
                Some(cause)
            }
            _ => None,
        }
    }
}

impl fmt::Display for RuntimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(position) = &self.position {
            write!(f, "{position}: ")?;
        }
        self.kind.fmt(f)?;
        if self.thread > 0 {
            write!(f, " (in thread {})", self.thread)?;
        }
        Ok(())
    }
}

impl std::error::Error for RuntimeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.kind)
    }
}

impl From<caucus_protocols::Error> for Kind {
    fn from(error: caucus_protocols::Error) -> Self {
        match error {
            caucus_protocols::Error::OutOfRange { index, len } => {
                Self::IndexOutOfRange { index, len }
            }
            other => Self::Protocol(other),
        }
    }
}

impl From<net::Error> for Kind {
    fn from(error: net::Error) -> Self {
        Self::Protocol(error.into())
    }
}
