//! The surroundings of a chunk at a worker: its part of the private inputs, and nothing else.

use std::time::Duration;

use caucus_core::ids::PartyId;
use caucus_protocols::Checked;
use caucus_vm::{
    Arrival, Audience, Host, HostError, InputPiece, Payload, Storage, Stored, Workers,
};

use crate::host::Error;
use crate::inputs::Parts;

/// The verifier lets no chunk ask for anything but inputs of its part, and the number of parties.
pub(super) struct WorkerHost {
    pub(super) me: PartyId,
    pub(super) n_parties: usize,
    /// Private inputs of this party.
    pub(super) parts: Parts,
}

fn nothing<T>() -> Result<T, HostError> {
    Err(Error::NotAtWorkers.into())
}

impl Host for WorkerHost {
    fn n_parties(&self) -> usize {
        self.n_parties
    }

    fn workers(&self) -> Option<&dyn Workers> {
        None
    }

    fn print(&self, _: Checked, _: Audience, _: &str) {}

    fn owns_input(&self, player: PartyId) -> bool {
        player == self.me
    }

    fn private_input(
        &self,
        _: PartyId,
        _: usize,
        _: usize,
        _: u32,
        _: &mut dyn FnMut(InputPiece<'_>),
    ) -> Result<(), HostError> {
        nothing()
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

    fn binary_input(&self, _: PartyId, _: usize, _: usize, _: usize) -> Result<Vec<u8>, HostError> {
        nothing()
    }

    fn public_input(&self, _: usize) -> Result<Vec<i64>, HostError> {
        nothing()
    }

    fn command_line_arg(&self, _: i64) -> Result<i64, HostError> {
        nothing()
    }

    fn threshold(&self) -> usize {
        0
    }

    fn binary_output(
        &self,
        _: Checked,
        _: Option<PartyId>,
        _: usize,
        _: &[u8],
    ) -> Result<(), HostError> {
        nothing()
    }

    fn storage(&self) -> &dyn Storage {
        self
    }

    fn listen(&self, _: i64) -> Result<(), HostError> {
        nothing()
    }

    fn arrivals(&self, _: i64, _: Duration) -> Result<Vec<Arrival>, HostError> {
        nothing()
    }

    fn accept(&self, _: i64, _: Arrival) -> Result<i64, HostError> {
        nothing()
    }

    fn is_client(&self, _: i64) -> Result<bool, HostError> {
        nothing()
    }

    fn connect(&self, _: &str, _: i64, _: i64, _: bool) -> Result<i64, HostError> {
        nothing()
    }

    fn close(&self, _: i64) -> Result<(), HostError> {
        nothing()
    }

    fn send(&self, _: Checked, _: i64, _: Payload, _: &[u8]) -> Result<(), HostError> {
        nothing()
    }

    fn receive(&self, _: i64, _: Payload, _: usize, _: usize) -> Result<Vec<u8>, HostError> {
        nothing()
    }
}

impl Storage for WorkerHost {
    fn offer(&self, _: usize) -> (Vec<u8>, Result<(), HostError>) {
        (Vec::new(), nothing())
    }

    fn settle(&self, _: &[Vec<u8>]) -> Result<bool, HostError> {
        nothing()
    }

    fn read(&self, _: i64, _: usize) -> Result<Option<Stored>, HostError> {
        nothing()
    }

    fn prepare(&self, _: Checked, _: i64, _: &[u8]) -> Result<(), HostError> {
        nothing()
    }

    fn commit(&self) -> Result<(), HostError> {
        nothing()
    }
}
