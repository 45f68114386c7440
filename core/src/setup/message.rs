//! The messages with which connections begin, and their frames: four bytes of length (little endian),
//! then one message.

use std::io;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::wire;

/// The version of everything that nodes say to each other.
pub(crate) const VERSION: u32 = 1;
/// The longest control message, in bytes.
const MAX_BYTES: usize = 64 << 10;

/// What a link of the mesh is for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub(crate) enum Purpose {
    /// Heartbeats, causes of failure and goodbyes.
    Control,
    /// The data of one thread.
    Data {
        /// Number of the thread.
        thread: u32,
    },
}

/// The first message of the connecting party.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Hello {
    pub(crate) version: u32,
    pub(crate) purpose: Purpose,
    /// Random, the same for all links of one process.
    pub(crate) session: [u8; 16],
    /// What the party crate wants to be compared; empty on data links.
    pub(crate) proposal: Vec<u8>,
}

/// The answer of the listening party.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Answer {
    Welcome {
        version: u32,
        proposal: Vec<u8>,
    },
    Refused {
        reason: String,
    },
    /// There is such a link already; it may be that of an earlier process that is just ending.
    Taken {
        reason: String,
    },
}

/// What a main program and its workers must have in common.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ProgramSpec {
    /// Name of the protocol, as users type it.
    pub protocol: String,
    /// Bits of the ring or field.
    pub ring_bits: u32,
    /// Number of parties.
    pub n_parties: u32,
}

impl std::fmt::Display for ProgramSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { protocol, ring_bits, n_parties } = self;
        let protocol = plain(protocol, 60);
        write!(f, "`{protocol}` with {ring_bits} bits and {n_parties} parties")
    }
}

/// The first message of a worker or client on the port of a program.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct WorkerHello {
    pub(crate) version: u32,
    /// Who the sender believes to be, as the URI of its certificate; must equal the certificate's.
    pub(crate) announced: String,
    pub(crate) spec: ProgramSpec,
}

/// The answer of a program's port.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum WorkerAnswer {
    Accepted { spec: ProgramSpec },
    Refused { reason: String },
}

/// Writes one message and hands it to the kernel.
pub(crate) async fn write_message<T: Serialize>(
    stream: &mut (impl AsyncWrite + Unpin),
    message: &T,
) -> io::Result<()> {
    let bytes = wire::to_bytes(message);
    let Some(length) = u32::try_from(bytes.len()).ok().filter(|_| bytes.len() <= MAX_BYTES) else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "control message is too long"));
    };
    let mut frame = length.to_le_bytes().to_vec();
    frame.extend(bytes);
    stream.write_all(&frame).await?;
    stream.flush().await
}

/// Reads one message. A wrong length or content is an error of the kind `InvalidData`.
pub(crate) async fn read_message<T: DeserializeOwned>(
    stream: &mut (impl AsyncRead + Unpin),
) -> io::Result<T> {
    let invalid = |what: String| io::Error::new(io::ErrorKind::InvalidData, what);
    let mut length = [0; 4];
    stream.read_exact(&mut length).await?;
    let length = u32::from_le_bytes(length) as usize;
    if length > MAX_BYTES {
        return Err(invalid(format!("a control message of {length} bytes is announced")));
    }
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).await?;
    wire::from_bytes(&bytes, MAX_BYTES).map_err(|error| invalid(error.to_string()))
}

/// Text that came from elsewhere, cut and without control characters, fit for a terminal.
pub(crate) fn plain(text: &str, max_chars: usize) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(max_chars).collect()
}
