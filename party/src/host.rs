//! The surroundings of a running program: printing, private inputs, and connections with clients and other nodes.

mod checkpoints;
mod error;
mod ports;
mod sockets;

use std::sync::Arc;
use std::time::Duration;

use caucus_core::ids::PartyId;
use caucus_core::net::Waiting;
use caucus_protocols::Checked;
use caucus_vm::{
    Arrival, Audience, Checkpoints, Host, HostError, InputPiece, Payload, Storage, Workers,
};

pub use error::Error;
pub(crate) use ports::{Ports, PortsConfig};
pub(crate) use sockets::Sockets;

use crate::checkpoint::CheckpointStore;
use crate::events::Events;
use crate::inputs::{Asked, BinaryFiles, Parts, PublicInputs, Streams};
use crate::nodes::Office;
use crate::outputs::BinaryOutputs;
use crate::storage::ShareStore;

/// What the program of one node sees of the world.
pub(crate) struct ProgramHost {
    /// This party; P0 where one process plays all.
    pub(crate) me: PartyId,
    /// Whether one process plays all parties.
    pub(crate) simulated: bool,
    /// How many parties there are.
    pub(crate) n_parties: usize,
    /// How many of them may work together.
    pub(crate) threshold: usize,
    /// Private inputs.
    pub(crate) inputs: Streams,
    /// Private inputs in parts, for chunks that this node computes itself.
    pub(crate) parts: Parts,
    /// Private inputs from a terminal, if the main thread takes them from there.
    pub(crate) asked: Option<Asked>,
    /// Private inputs in binary files.
    pub(crate) binary_inputs: BinaryFiles,
    /// Public inputs.
    pub(crate) public_inputs: PublicInputs,
    /// Binary outputs.
    pub(crate) binary_outputs: BinaryOutputs,
    /// Numbers of the command line.
    pub(crate) args: Vec<i64>,
    /// Shares that outlive the run.
    pub(crate) shares: ShareStore,
    /// Where checkpoints go, if any are kept.
    pub(crate) checkpoints: Option<CheckpointStore>,
    /// Connections.
    pub(crate) sockets: Arc<Sockets>,
    /// Ports, and connecting to others'.
    pub(crate) ports: Ports,
    /// The workers of this node, if it has any.
    pub(crate) office: Option<Office>,
    /// Who is told.
    pub(crate) events: Arc<dyn Events>,
}

impl Host for ProgramHost {
    fn n_parties(&self) -> usize {
        self.n_parties
    }

    fn workers(&self) -> Option<&dyn Workers> {
        self.office.as_ref().map(Office::workers)
    }

    fn print(&self, _: Checked, audience: Audience, text: &str) {
        let mine = match audience {
            Audience::Everyone => true,
            Audience::Player(player) => self.simulated || player == self.me,
        };
        if mine {
            self.events.output(audience, text);
        }
    }

    fn private_input(
        &self,
        player: PartyId,
        thread: usize,
        count: usize,
        bits: u32,
        take: &mut dyn FnMut(InputPiece<'_>),
    ) -> Result<(), HostError> {
        let taken = match &self.asked {
            Some(asked) if thread == 0 => {
                let numbers = asked.take(player, count, bits, |prompt| self.events.ask(prompt));
                numbers.map(|all| all.iter().for_each(|number| take(InputPiece::Large(number))))
            }
            _ => self.inputs.take(player, thread, count, bits, take),
        };
        Ok(taken.map_err(Error::from)?)
    }

    fn part_input(
        &self,
        player: PartyId,
        part: u64,
        from: usize,
        count: usize,
        bits: u32,
        take: &mut dyn FnMut(InputPiece<'_>),
    ) -> Result<(), HostError> {
        let taken = self.parts.take(player, part, from, count, bits, take);
        Ok(taken.map_err(Error::from)?)
    }

    fn part_done(&self, player: PartyId, part: u64, count: usize) -> Result<(), HostError> {
        Ok(self.parts.done(player, part, count).map_err(Error::from)?)
    }

    fn owns_input(&self, player: PartyId) -> bool {
        self.simulated || player == self.me
    }

    fn binary_input(
        &self,
        player: PartyId,
        thread: usize,
        count: usize,
        width: usize,
    ) -> Result<Vec<u8>, HostError> {
        let taken = self.binary_inputs.take(player, thread, count, width);
        Ok(taken.map_err(Error::from)?)
    }

    fn public_input(&self, count: usize) -> Result<Vec<i64>, HostError> {
        let taken = self.public_inputs.take(count);
        Ok(taken.map_err(|error| Error::Input(error.into()))?)
    }

    fn command_line_arg(&self, index: i64) -> Result<i64, HostError> {
        let found = usize::try_from(index).ok().and_then(|index| self.args.get(index));
        let given = self.args.len();
        Ok(found.copied().ok_or(Error::CommandLine { index, given })?)
    }

    fn threshold(&self) -> usize {
        self.threshold
    }

    fn binary_output(
        &self,
        _: Checked,
        player: Option<PartyId>,
        thread: usize,
        bytes: &[u8],
    ) -> Result<(), HostError> {
        // A process that plays all parties has what each of them may see, but one file where all have the same.
        let owner = player.unwrap_or(self.me);
        if !self.owns_input(owner) {
            return Ok(());
        }
        let written = self.binary_outputs.append(owner, thread, bytes);
        Ok(written.map_err(Error::from)?)
    }

    fn storage(&self) -> &dyn Storage {
        &self.shares
    }

    fn checkpoints(&self) -> Option<&dyn Checkpoints> {
        self.checkpoints.as_ref().map(|_| self as &dyn Checkpoints)
    }

    fn listen(&self, port: i64) -> Result<(), HostError> {
        Ok(self.ports.listen(port, &self.sockets)?)
    }

    fn arrivals(&self, port: i64, waited: Duration) -> Result<Vec<Arrival>, HostError> {
        Ok(self.ports.arrivals(port, waited, &self.sockets)?)
    }

    fn accept(&self, port: i64, who: Arrival) -> Result<i64, HostError> {
        Ok(self.ports.accept(port, who, &self.sockets)?)
    }

    fn is_client(&self, socket: i64) -> Result<bool, HostError> {
        Ok(self.sockets.is_client(socket)?)
    }

    fn connect(&self, host: &str, port: i64, id: i64, relative: bool) -> Result<i64, HostError> {
        Ok(self.ports.connect(host, port, id, relative, &self.sockets)?)
    }

    fn close(&self, socket: i64) -> Result<(), HostError> {
        Ok(self.sockets.close(socket)?)
    }

    fn show_waits(&self, socket: i64, waiting: &Waiting) {
        self.sockets.show_waits(socket, waiting);
    }

    fn send(&self, _: Checked, socket: i64, kind: Payload, bytes: &[u8]) -> Result<(), HostError> {
        Ok(self.sockets.send(socket, kind, bytes)?)
    }

    fn receive(
        &self,
        socket: i64,
        kind: Payload,
        bytes: usize,
        per_value: usize,
    ) -> Result<Vec<u8>, HostError> {
        Ok(self.sockets.receive(socket, kind, bytes, per_value)?)
    }
}

impl From<Error> for HostError {
    fn from(error: Error) -> Self {
        Self::new(error.exit_code(), error)
    }
}
