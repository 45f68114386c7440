//! Why a run ended early.

use std::fmt;
use std::io;

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
        "no shares have been stored in the folder Persistence: run the program that stores them first, or read with \
         crash_if_missing=False, which gives -2"
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
