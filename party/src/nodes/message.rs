//! What main nodes and workers, and main nodes among each other, say.
//!
//! A message is four bytes of length (little endian) and that much `postcard`; vectors follow it as they are, with a
//! length that the message names and the receiver compares with what it expects.

use std::time::Duration;

use caucus_core::clock::Offset;
use caucus_core::config::HostPort;
use caucus_core::net::{Error, Link};
use caucus_core::wire;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::coordinator::Loss;

/// The longest message, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// A main node to its worker.
#[derive(PartialEq, Debug, Serialize, Deserialize)]
pub(crate) enum ToWorker {
    /// Connect with the workers of the same number; a program of so many bytes follows.
    Welcome(Welcome),
    /// Compute a chunk, in an attempt of this number, from so many bytes of inputs that follow.
    Assign { tape: u32, number: i64, attempt: u64, bytes: u64 },
    /// Put rows into another order with the other workers of the party; a shard of so many bytes follows.
    Together { task: TogetherTask, bytes: u64 },
    /// Say what your clock shows.
    Ping,
    /// What is to be added to your clock, to get that of P0's main node.
    Clock(Offset),
    /// Nothing more is to be done in this run.
    Bye,
    /// The run has failed.
    Abort { cause: String },
}

/// What a worker must know for a run.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Welcome {
    /// Name of the protocol.
    pub(crate) protocol: String,
    /// Name of the run, the same at all parties.
    pub(crate) session: [u8; 32],
    /// Of all sets of all workers of this run, which one this is.
    pub(crate) epoch: u64,
    /// Where the workers of this number listen, by party.
    pub(crate) addresses: Vec<HostPort>,
    /// Bytes of the program.
    pub(crate) bytes: u64,
}

/// What workers of a party do together.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct TogetherTask {
    /// The attempt: no other one of the run has this number.
    pub(crate) attempt: u64,
    /// The numbers of the workers that take part, in the order of their shards, with where they wait for each other.
    pub(crate) members: Vec<(u32, HostPort)>,
    pub(crate) rows: u64,
    pub(crate) columns: u64,
    /// Columns and bits of keys.
    pub(crate) keys: Vec<(u64, u32)>,
}

/// A worker to its main node.
#[derive(PartialEq, Debug, Serialize, Deserialize)]
pub(crate) enum FromWorker {
    /// It has connected with its set, and waits for the workers of its party at this port; `traced` if it wants to know
    /// how far its clock is from others'.
    Ready { port: u16, traced: bool },
    /// What its clock showed when it was asked, and when it answered, in nanoseconds.
    Pong { received: u64, replied: u64 },
    /// A chunk is computed; so many bytes of results follow.
    Done { bytes: u64, figures: Figures },
    /// It cannot go on.
    Failed { loss: Loss },
    /// It is still at what it was told to do; said every second.
    Alive,
}

/// What a chunk cost.
#[derive(Clone, Copy, Default, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Figures {
    /// Seconds from inputs to results.
    pub(crate) seconds: f64,
    /// Of these, seconds of waiting for the other parties.
    pub(crate) waited: f64,
    /// Bytes sent to them.
    pub(crate) bytes_sent: u64,
    /// Bytes sent to the other workers of the party.
    pub(crate) bytes_among_workers: u64,
}

/// Sends a message and what follows it. `timeout` limits the time without progress.
pub(crate) fn send<T: Serialize>(
    link: &mut Link,
    message: &T,
    follows: &[u8],
    timeout: Duration,
) -> Result<(), Error> {
    let bytes = wire::to_bytes(message);
    let length = u32::try_from(bytes.len()).expect("messages are short");
    let frame = [&length.to_le_bytes()[..], &bytes].concat();
    link.write_all(&frame, timeout)?;
    if follows.is_empty() { Ok(()) } else { link.write_all(follows, timeout) }
}

/// Receives a message. `timeout` limits the time without progress.
pub(crate) fn receive<T: DeserializeOwned>(link: &mut Link, timeout: Duration) -> Result<T, Error> {
    let peer = link.peer();
    let malformed = |what: String| Error::Malformed { peer, what };
    let mut length = [0; 4];
    link.read_exact(&mut length, timeout)?;
    let length = u32::from_le_bytes(length) as usize;
    if length > MAX_BYTES {
        return Err(malformed(format!("a message of {length} bytes is announced")));
    }
    let mut bytes = vec![0; length];
    link.read_exact(&mut bytes, timeout)?;
    wire::from_bytes(&bytes, MAX_BYTES).map_err(|error| malformed(error.to_string()))
}

/// Receives what follows a message that announces `announced` bytes, which must be `expected`.
pub(crate) fn follows(
    link: &mut Link,
    announced: u64,
    expected: usize,
    timeout: Duration,
) -> Result<Vec<u8>, Error> {
    if announced != expected as u64 {
        let what = format!("{announced} bytes are announced where there must be {expected}");
        return Err(Error::Malformed { peer: link.peer(), what });
    }
    let mut bytes = vec![0; expected];
    link.read_exact(&mut bytes, timeout)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;

    use caucus_core::ids::{NodeId, PartyId};

    use super::*;

    const SOON: Duration = Duration::from_secs(5);

    fn pair() -> (Link, Link) {
        let (a, b) = UnixStream::pair().unwrap();
        let link = |stream| Link::from_unix(stream, NodeId::main(PartyId::new(0))).unwrap();
        (link(a), link(b))
    }

    #[test]
    fn messages_and_what_follows_them_arrive() {
        let (mut a, mut b) = pair();
        let message = ToWorker::Assign { tape: 3, number: 7, attempt: 9, bytes: 4 };
        send(&mut a, &message, &[1, 2, 3, 4], SOON).unwrap();
        send(&mut a, &ToWorker::Bye, &[], SOON).unwrap();
        assert_eq!(receive::<ToWorker>(&mut b, SOON).unwrap(), message);
        assert_eq!(follows(&mut b, 4, 4, SOON).unwrap(), [1, 2, 3, 4]);
        assert_eq!(receive::<ToWorker>(&mut b, SOON).unwrap(), ToWorker::Bye);
    }

    #[test]
    fn other_lengths_and_other_bytes_are_refused() {
        let (mut a, mut b) = pair();
        a.write_all(&u32::MAX.to_le_bytes(), SOON).unwrap();
        let error = receive::<ToWorker>(&mut b, SOON).unwrap_err().to_string();
        assert!(error.contains("4294967295 bytes"), "{error}");
        let (mut a, mut b) = pair();
        a.write_all(&[2, 0, 0, 0, 99, 99], SOON).unwrap();
        receive::<FromWorker>(&mut b, SOON).unwrap_err();
        let error = follows(&mut b, 1 << 60, 5, SOON).unwrap_err().to_string();
        assert!(error.contains("must be 5"), "{error}");
    }
}
