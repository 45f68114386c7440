//! What a client can meet.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why a client cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No parties were named.
    #[error("a client needs the addresses of the parties")]
    NoParties,
    /// A certificate or key is missing or malformed.
    #[error(
        "{}: {what}; make it with `caucus certs client --index {id} --export {}` where the certificates of the parties \
         are", path.display(), path.parent().unwrap_or(path).display()
    )]
    Certificate {
        /// The file.
        path: PathBuf,
        /// The number of the client.
        id: u32,
        /// What is wrong.
        what: String,
    },
    /// A party does not listen.
    #[error(
        "P{party} cannot be reached at {address}: {source}; is its program running, and is that its port?"
    )]
    Unreachable {
        /// Its number.
        party: usize,
        /// Where it should listen.
        address: String,
        /// What the system said.
        source: io::Error,
    },
    /// Whoever listens is not the party.
    #[error(
        "whoever listens at {address} is not P{party}: {what}; compare P{party}.pem with the certificate of its \
         authority"
    )]
    NotTheParty {
        /// Its number.
        party: usize,
        /// Where it listens.
        address: String,
        /// What is wrong with the certificate.
        what: String,
    },
    /// The party ended the connection while it was made.
    #[error(
        "P{party} at {address} refused the connection: {what}; its messages say why, mostly it does not know the \
         certificate"
    )]
    Refused {
        /// Its number.
        party: usize,
        /// Where it listens.
        address: String,
        /// What happened.
        what: String,
    },
    /// The party says why it does not take this client.
    #[error("P{party}: {reason}")]
    Declined {
        /// Its number.
        party: usize,
        /// In its words.
        reason: String,
    },
    /// The program computes in something else than a ring.
    #[error("P{party} computes in a domain that this client does not know")]
    Domain {
        /// Its number.
        party: usize,
    },
    /// The parties compute in different rings.
    #[error("P{party} computes with {found} bits, the parties before it with {first}")]
    Bits {
        /// The number of the party.
        party: usize,
        /// Its bits.
        found: u32,
        /// Those of the others.
        first: u32,
    },
    /// A party sent another number of values than it should.
    #[error(
        "P{party} sent {found} bytes where {} were expected: client and program must send and receive the same numbers \
         of values in the same order",
        expected.iter().map(usize::to_string).collect::<Vec<_>>().join(" or ")
    )]
    Length {
        /// Its number.
        party: usize,
        /// The bytes expected.
        expected: Vec<usize>,
        /// The bytes announced.
        found: usize,
    },
    /// What is sent is longer than the format allows.
    #[error("a message of {bytes} bytes: the limit is 4 GiB, send it in parts")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// A party is silent.
    #[error("P{party} sent nothing for {:.0} s", waited.as_secs_f64())]
    Silent {
        /// Its number.
        party: usize,
        /// How long the client waited.
        waited: Duration,
    },
    /// A party is gone.
    #[error("P{party} was lost: {what}")]
    Lost {
        /// Its number.
        party: usize,
        /// What happened.
        what: String,
    },
    /// Parties send different public values.
    #[error("P{party} sent other public values than the parties before it: one of them is wrong")]
    PartiesDiffer {
        /// Its number.
        party: usize,
    },
    /// The random products do not fit.
    #[error(
        "the parties sent {what} that do not fit together: one of them is wrong; nothing of it was used"
    )]
    WrongSum {
        /// What was sent.
        what: &'static str,
    },
}
