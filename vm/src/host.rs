//! What the machine needs of its surroundings.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use caucus_core::ids::PartyId;
use caucus_core::net::Waiting;
use caucus_protocols::Checked;
use num_bigint::BigInt;

use crate::{Checkpoints, Storage, Workers};

/// For whom something is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// For whoever watches the program: which party shows it is the host's business.
    Everyone,
    /// For one party only. The other parties call the host too, with a text that means nothing.
    Player(PartyId),
}

/// What a message of the program consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Payload {
    /// This party's full shares, in the form of
    /// [`ShareVector::write_full`](caucus_protocols::ShareVector::write_full).
    Shares,
    /// This party's summands: ring elements whose sum over all parties is the value.
    Summands,
    /// Public ring elements.
    Public,
    /// Integers of 8 bytes, little endian.
    Int,
}

/// Somebody who has connected and waits to be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Arrival {
    /// The number in the certificate.
    pub number: u32,
    /// Whether it is an external client, and no worker of this party.
    pub is_client: bool,
}

/// Some of the private inputs that a host hands over.
pub enum InputPiece<'a> {
    /// Numbers that fit into words, in order.
    Small(&'a [i64]),
    /// One number of any size.
    Large(&'a BigInt),
}

/// The surroundings of a running program. All threads of the machine share one.
///
/// All methods may block; the host sees to it that nothing blocks for ever, and that waits end when the run does.
pub trait Host: Send + Sync {
    /// The number of computing parties that the program sees.
    fn n_parties(&self) -> usize;

    /// Who computes chunks of distributed loops; nobody if this node does it itself.
    fn workers(&self) -> Option<&dyn Workers>;

    /// Prints a text as it is: lines end where it says so.
    fn print(&self, proof: Checked, audience: Audience, text: &str);

    /// Whether this process gives the private inputs of `player`.
    fn owns_input(&self, player: PartyId) -> bool;

    /// Hands over the next `count` private inputs of `player` in this thread, where 0 is the main thread, times
    /// 2^`bits`, rounded: in their order, in pieces of any length. Where `bits` is 0, fractions are an error. Called only
    /// where [`owns_input`](Self::owns_input) holds; hands over exactly `count` numbers, if it does not fail.
    fn private_input(
        &self,
        player: PartyId,
        thread: usize,
        count: usize,
        bits: u32,
        take: &mut dyn FnMut(InputPiece<'_>),
    ) -> Result<(), HostError>;

    /// Hands over `count` private inputs of a part of `player`'s data, from number `from` of it on, counted from 0; else
    /// as [`private_input`](Self::private_input). A chunk of a distributed loop takes the part with its number.
    fn part_input(
        &self,
        player: PartyId,
        part: u64,
        from: usize,
        count: usize,
        bits: u32,
        take: &mut dyn FnMut(InputPiece<'_>),
    ) -> Result<(), HostError>;

    /// Says that a chunk has taken `count` private inputs of a part, and takes no more.
    fn part_done(&self, player: PartyId, part: u64, count: usize) -> Result<(), HostError>;

    /// Takes the next `count` numbers of `player`'s binary file of this thread, of `width` bytes each. Called only
    /// where [`owns_input`](Self::owns_input) holds.
    fn binary_input(
        &self,
        player: PartyId,
        thread: usize,
        count: usize,
        width: usize,
    ) -> Result<Vec<u8>, HostError>;

    /// Takes the next `count` public inputs, which are the same at all parties. For the main thread only.
    fn public_input(&self, count: usize) -> Result<Vec<i64>, HostError>;

    /// The number at this place of this party's command line.
    fn command_line_arg(&self, index: i64) -> Result<i64, HostError>;

    /// How many parties may work together without learning secrets.
    fn threshold(&self) -> usize;

    /// Appends to the binary output file of this thread at each party, or at `player` only. All parties call it, with
    /// bytes that mean nothing if they are not `player`.
    fn binary_output(
        &self,
        proof: Checked,
        player: Option<PartyId>,
        thread: usize,
        bytes: &[u8],
    ) -> Result<(), HostError>;

    /// The shares that outlive the run. For the main thread only.
    fn storage(&self) -> &dyn Storage;

    /// Where checkpoints of the run are kept, if they are. For the main thread only.
    fn checkpoints(&self) -> Option<&dyn Checkpoints> {
        None
    }

    /// Listens for clients on `port` plus the number of this party.
    fn listen(&self, port: i64) -> Result<(), HostError>;

    /// Who waits to be accepted on a port that was given to [`listen`](Self::listen), oldest first. Waits a moment for
    /// somebody, and gives none if nobody comes. Fails if the program has waited for too long: `waited` so far.
    fn arrivals(&self, port: i64, waited: Duration) -> Result<Vec<Arrival>, HostError>;

    /// Accepts one of those who wait, and gives its number.
    fn accept(&self, port: i64, who: Arrival) -> Result<i64, HostError>;

    /// Whether an external client is at the other end of a connection, rather than a node of this party.
    fn is_client(&self, socket: i64) -> Result<bool, HostError>;

    /// Connects as client `id` to a program that listens on `port`, plus the number of this party if `relative`.
    /// Gives a negative number that no other connection of this program has.
    fn connect(&self, host: &str, port: i64, id: i64, relative: bool) -> Result<i64, HostError>;

    /// Closes a connection.
    fn close(&self, socket: i64) -> Result<(), HostError>;

    /// Shows waits of the next message on a connection there, if the other end is a node.
    fn show_waits(&self, _socket: i64, _waiting: &Waiting) {}

    /// Sends one message.
    fn send(
        &self,
        proof: Checked,
        socket: i64,
        kind: Payload,
        bytes: &[u8],
    ) -> Result<(), HostError>;

    /// Receives one message of exactly `bytes` bytes, which are values of `per_value` bytes each. Fails on any other
    /// length, naming the numbers of values expected and found.
    fn receive(
        &self,
        socket: i64,
        kind: Payload,
        bytes: usize,
        per_value: usize,
    ) -> Result<Vec<u8>, HostError>;
}

/// Why the host could not do what the program asked for.
///
/// Displays as the error that it wraps.
#[derive(Debug)]
pub struct HostError {
    class: i32,
    error: Box<dyn Error + Send + Sync>,
}

impl HostError {
    /// Wraps an error of the host. The machine does not look at `class`: it is the kind of exit code for whoever runs
    /// the machine.
    pub fn new(class: i32, error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { class, error: error.into() }
    }

    /// The class that the host gave.
    pub fn class(&self) -> i32 {
        self.class
    }

    /// The error of the host, for looking at its type.
    pub fn get_ref(&self) -> &(dyn Error + Send + Sync + 'static) {
        &*self.error
    }

    /// The error of the host.
    pub fn into_inner(self) -> Box<dyn Error + Send + Sync> {
        self.error
    }
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl Error for HostError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}
