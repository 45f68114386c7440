//! Checkpoints of the surroundings: what the program has taken and written, and the ports that it listens on.

use caucus_protocols::Checked;
use caucus_vm::{Beginning, Checkpoints, HostError};

use super::{Error, ProgramHost};
use crate::checkpoint::{CheckpointError, CheckpointStore, Positions, Settled};

impl ProgramHost {
    fn store(&self) -> &CheckpointStore {
        self.checkpoints.as_ref().expect("the machine asks only if checkpoints are kept")
    }

    fn positions(&self) -> Result<Positions, Error> {
        Ok(Positions {
            inputs: self.inputs.positions(),
            binary_inputs: self.binary_inputs.positions(),
            binary_outputs: self.binary_outputs.lengths()?,
            public_inputs: self.public_inputs.position() as u64,
            stored: self.shares.version(),
            ports: self.ports.bases(),
        })
    }

    /// Removes the checkpoints: all parties have come to the end.
    pub(crate) fn end_checkpoints(&self) {
        let Some(store) = &self.checkpoints else { return };
        let removed = store.remove().map_err(Error::from).map_err(HostError::from);
        if let Err(error) = removed.and_then(|()| self.shares.forget_copy()) {
            self.events.notice(&format!("{error}; remove it: the run has ended well"));
        }
    }
}

impl Checkpoints for ProgramHost {
    fn offer(&self) -> (Vec<u8>, Result<(), HostError>) {
        let (offer, opened) = self.store().offer();
        if let Ok(true) = opened {
            self.events.notice(
                "there is a checkpoint of a run that has not ended, which the first one of this run will replace; to \
                 go on from it, end this run and use --resume",
            );
        }
        (offer, opened.map(drop).map_err(|error| Error::from(error).into()))
    }

    fn settle(&self, offers: &[Vec<u8>]) -> Result<Beginning, HostError> {
        let settled = self.store().settle(offers).map_err(Error::from)?;
        Ok(match settled {
            Settled::Fresh => Beginning::Fresh,
            Settled::Unusable => Beginning::Unusable,
            Settled::From(snapshot) => {
                let positions = self.store().positions();
                self.binary_outputs.compare(&positions.binary_outputs)?;
                self.inputs.set_positions(&positions.inputs).map_err(Error::from)?;
                self.binary_inputs.set_positions(&positions.binary_inputs).map_err(Error::from)?;
                self.public_inputs.set_position(positions.public_inputs);
                Beginning::From(snapshot)
            }
        })
    }

    fn resume(&self) -> Result<(), HostError> {
        let positions = self.store().positions();
        if let Some(version) = positions.stored {
            self.shares.rewind(version)?;
        }
        self.binary_outputs.cut(&positions.binary_outputs).map_err(Error::from)?;
        for port in &positions.ports {
            self.ports.listen(*port, &self.sockets)?;
        }
        self.store().adopt().map_err(Error::from)?;
        let from = self.store().describe();
        self.events.notice(&format!(
            "goes on from checkpoint {from}; what the program printed before it is not printed again"
        ));
        Ok(())
    }

    fn write(&self, _: Checked, place: Option<String>, snapshot: &[u8]) -> Result<(), HostError> {
        let open = self.sockets.open();
        if !open.is_empty() {
            return Err(Error::from(CheckpointError::Connections { open }).into());
        }
        let positions = self.positions()?;
        let written = self.store().write(place, positions, snapshot);
        Ok(written.map_err(Error::from)?)
    }

    fn commit(&self) -> Result<(), HostError> {
        self.store().commit().map_err(Error::from)?;
        self.shares.forget_copy()
    }
}
