//! What can go wrong between the program and its surroundings.

use std::io;
use std::time::Duration;

use caucus_core::net::Error as NetError;
use caucus_core::setup;

use crate::checkpoint::CheckpointError;
use crate::error::{exit, of_program_connection};
use crate::inputs::InputError;
use crate::nodes::WorkerFailure;
use crate::outputs::OutputError;
use crate::storage::StorageError;

/// Something that the program asked of its surroundings failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Private inputs.
    #[error(transparent)]
    Input(#[from] InputError),
    /// Shares that outlive the run.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Checkpoints.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Binary outputs.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// The command line has fewer numbers than the program asks for.
    #[error(
        "the program takes number {index} of the command line, counted from 0, but {given} were given; write them after \
         the options of the run: `compile-run PROTOCOL PROGRAM ARGS -- 17 4`"
    )]
    CommandLine {
        /// Which number.
        index: i64,
        /// How many there are.
        given: usize,
    },
    /// The program gave a number that is no port.
    #[error(
        "{port} is not a port for clients: with the number of the party it must be in 1..65535"
    )]
    Port {
        /// The number.
        port: i64,
    },
    /// A port cannot be listened on.
    #[error(
        "cannot listen for clients on port {port}: {source}{}",
        if source.kind() == io::ErrorKind::AddrInUse {
            "; end the program that uses it or choose another port in the program"
        } else {
            ""
        }
    )]
    Listen {
        /// The port.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
    /// The program waits for clients where it does not listen.
    #[error("the program waits for clients on port {port} without listening on it")]
    NotListening {
        /// The port.
        port: u16,
    },
    /// Nobody came.
    #[error(
        "no client or worker connected to port {port} within {:.0} s; connected are {}{}{}; start the missing ones or \
         look at their messages",
        waited.as_secs_f64(), list(connected), only_here(here), last_refusal(refused.as_deref())
    )]
    NobodyCame {
        /// The port.
        port: u16,
        /// How long this node waited.
        waited: Duration,
        /// Who is connected.
        connected: Vec<i64>,
        /// Who has connected to this party, but not to all.
        here: Vec<String>,
        /// The last connection that was refused, and why.
        refused: Option<String>,
    },
    /// Whoever was to be accepted is not there any more.
    #[error(
        "{who} does not wait at port {port} any more: it left, or another thread accepted it; accept connections in \
         one thread"
    )]
    Gone {
        /// Who waited.
        who: String,
        /// The port.
        port: u16,
    },
    /// The program named a client number that is none.
    #[error("{id} is not a number of a client: expected 0 to {}", u32::MAX)]
    ClientId {
        /// The number.
        id: i64,
    },
    /// The program named a host that is none.
    #[error(transparent)]
    Host(#[from] caucus_core::config::InvalidAddress),
    /// The own identity cannot be used.
    #[error(transparent)]
    Identity(#[from] caucus_core::identity::Error),
    /// A connection could not be made.
    #[error(transparent)]
    Connect(setup::Error),
    /// There is no such connection.
    #[error("there is no connection {socket}; open: {}", list(open))]
    UnknownSocket {
        /// The number.
        socket: i64,
        /// The numbers that there are.
        open: Vec<i64>,
    },
    /// A message is longer than the format allows.
    #[error(
        "a message of {bytes} bytes to connection {socket}: the limit is 4 GiB, send it in parts"
    )]
    MessageTooLong {
        /// The number of the connection.
        socket: i64,
        /// Its length.
        bytes: usize,
    },
    /// A message has another length than the program expects.
    #[error(
        "message of {peer} (connection {socket}): expected {} ({expected_bytes} bytes), the message has {}; both \
         programs must send and receive the same numbers of values, of the same types, in the same order",
        values(*expected_bytes, *per_value, true), values(*found_bytes, *per_value, false)
    )]
    MessageLength {
        /// Who sent it.
        peer: String,
        /// The number of the connection.
        socket: i64,
        /// The length that was expected.
        expected_bytes: usize,
        /// The length that was announced.
        found_bytes: usize,
        /// Bytes of one value.
        per_value: usize,
    },
    /// The program exchanges full shares with somebody who is no node of this party.
    #[error(
        "connection {socket} is with {peer}, which must not see this party's full shares, nor give it any: only its own \
         workers may; use `reveal_to_clients` or `write_shares_to_socket` for secrets that the client may learn, \
         `receive_from_client` for its inputs, and see to it that clients and workers have different numbers"
    )]
    SharesOfClient {
        /// Who is at the other end.
        peer: String,
        /// The number of the connection.
        socket: i64,
    },
    /// The other end left.
    #[error(
        "{peer} (connection {socket}) closed the connection after {}{}; look at its messages",
        count(*received), more(*expected)
    )]
    SocketClosed {
        /// Who was at the other end.
        peer: String,
        /// The number of the connection.
        socket: i64,
        /// How many values had been received.
        received: u64,
        /// How many values this node was waiting for; 0 while sending.
        expected: usize,
    },
    /// The connection failed.
    #[error("connection {socket} with {peer}: {source}")]
    SocketBroken {
        /// Who is at the other end.
        peer: String,
        /// The number of the connection.
        socket: i64,
        /// What happened.
        source: NetError,
    },
    /// A chunk asks for what only a main node has.
    #[error("a chunk that a worker computes asks for what only the main node has")]
    NotAtWorkers,
    /// Workers failed so that nothing else could be tried.
    #[error("{loss}")]
    Worker {
        /// What happened, and where.
        loss: WorkerFailure,
    },
    /// The run was ended by another node while the program waited.
    #[error("{cause}")]
    Aborted {
        /// The first cause.
        cause: String,
    },
}

impl From<setup::Error> for Error {
    fn from(error: setup::Error) -> Self {
        match error {
            setup::Error::Aborted { cause } => Self::Aborted { cause },
            other => Self::Connect(other),
        }
    }
}

impl Error {
    /// The exit code that belongs to the fault.
    pub fn exit_code(&self) -> i32 {
        match self {
            Self::Input(_) => exit::INPUT,
            Self::Storage(error) => error.exit_code(),
            Self::Checkpoint(error) => error.exit_code(),
            Self::Output(_) => exit::RESOURCE,
            Self::CommandLine { .. } => exit::USAGE,
            Self::Port { .. }
            | Self::NotListening { .. }
            | Self::Gone { .. }
            | Self::ClientId { .. }
            | Self::Host(_)
            | Self::UnknownSocket { .. }
            | Self::MessageTooLong { .. } => exit::PROGRAM,
            Self::MessageLength { .. } => exit::DISAGREE,
            Self::Identity(_) | Self::Listen { .. } | Self::SharesOfClient { .. } => {
                exit::CONFIGURATION
            }
            Self::Connect(error) => of_program_connection(error),
            Self::NobodyCame { .. } => exit::CONNECT,
            Self::NotAtWorkers => exit::BUG,
            Self::Worker { loss } => loss.exit_code(),
            Self::SocketClosed { .. } | Self::SocketBroken { .. } | Self::Aborted { .. } => {
                exit::PEER_LOST
            }
        }
    }

    /// What other parties may know, if it is less than the message.
    pub(crate) fn for_peers(&self) -> Option<String> {
        match self {
            Self::Input(error) => Some(error.for_peers()),
            Self::Storage(error) => Some(error.for_peers()),
            Self::Checkpoint(error) => Some(error.for_peers()),
            Self::Output(error) => {
                Some(format!("its binary output cannot be written: {}", error.source))
            }
            _ => None,
        }
    }

    /// The cause given by another node, if this failure only follows from it.
    pub(crate) fn aborted(&self) -> Option<&str> {
        match self {
            Self::Aborted { cause }
            | Self::SocketBroken { source: NetError::Aborted { cause }, .. } => Some(cause),
            Self::Input(InputError::Part(part)) => part.interrupted(),
            _ => None,
        }
    }
}

fn list(ids: &[i64]) -> String {
    if ids.is_empty() {
        return "none".to_owned();
    }
    ids.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}

fn only_here(here: &[String]) -> String {
    match here {
        [] => String::new(),
        here => format!("; {} connected to this party but not to all", here.join(", ")),
    }
}

fn last_refusal(refused: Option<&str>) -> String {
    refused.map(|it| format!("; the last one that was refused: {it}")).unwrap_or_default()
}

/// A length in values, or in bytes if it is not a whole number of them.
fn values(bytes: usize, per_value: usize, with_noun: bool) -> String {
    match (bytes.is_multiple_of(per_value), with_noun) {
        (true, true) => count((bytes / per_value) as u64),
        (true, false) => (bytes / per_value).to_string(),
        (false, _) => format!("{bytes} bytes, which is not a whole number of values"),
    }
}

fn count(values: u64) -> String {
    if values == 1 { "1 value".to_owned() } else { format!("{values} values") }
}

fn more(expected: usize) -> String {
    if expected == 0 { String::new() } else { format!(", while {expected} more were expected") }
}
