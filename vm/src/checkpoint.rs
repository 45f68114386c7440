//! Places from which a run can be continued.

use caucus_protocols::Checked;

use crate::HostError;

/// Where this party keeps checkpoints of a run.
///
/// The parties' checkpoints are of use only together. So a checkpoint counts only when all parties have written it; until
/// then each keeps the one before. A run that goes on from one begins with all parties telling each other what they have.
pub trait Checkpoints: Send + Sync {
    /// What this party has, for the other parties to compare: at each party the same number of bytes, also if it has
    /// nothing that can be used. Called once, at the beginning of the run, whether it goes on from a checkpoint or not.
    fn offer(&self) -> (Vec<u8>, Result<(), HostError>);

    /// Takes what all parties have, this one included, in their order, and settles on how to begin.
    ///
    /// # Errors
    /// They have no checkpoint in common.
    fn settle(&self, offers: &[Vec<u8>]) -> Result<Beginning, HostError>;

    /// Does what is left to do before the program goes on, now that all parties can.
    ///
    /// # Errors
    /// The surroundings are not what they were, and cannot be made so.
    fn resume(&self) -> Result<(), HostError>;

    /// Writes a checkpoint so that it survives whatever comes, and keeps the one before. `place` is that in the source,
    /// `snapshot` is what the machine needs to go on: it has shares in it.
    ///
    /// # Errors
    /// It cannot be written, or the run cannot be continued from here.
    fn write(
        &self,
        proof: Checked,
        place: Option<String>,
        snapshot: &[u8],
    ) -> Result<(), HostError>;

    /// All parties have written the checkpoint: this one counts from now on.
    ///
    /// # Errors
    /// The system refuses; the next run may find this checkpoint or the one before.
    fn commit(&self) -> Result<(), HostError>;
}

/// How a run begins.
pub enum Beginning {
    /// At the program's beginning.
    Fresh,
    /// With what was given to [`Checkpoints::write`].
    From(Vec<u8>),
    /// Not at all: another party has nothing that can be used, and will say why.
    Unusable,
}
