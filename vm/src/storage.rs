//! Shares that outlive a run.

use caucus_protocols::Checked;

use crate::HostError;

/// Where this party keeps shares from run to run, one behind the other.
///
/// The parties' stores are of use only together: each has the shares of the same secrets. So the machine has all parties
/// compare what they have before it reads or writes for the first time, and every write has two steps: all prepare it
/// before the first one commits it. Whatever happens between the steps, the next run finds out what all of them have.
pub trait Storage: Send + Sync {
    /// What this party has, for the other parties to compare: at each party the same number of bytes, also if what is
    /// stored cannot be used. `bytes` is the length of one share.
    fn offer(&self, bytes: usize) -> (Vec<u8>, Result<(), HostError>);

    /// Takes what all parties have, this one included, in their order, and settles on what to go on with. False if a
    /// party has nothing that can be used: it will say why.
    ///
    /// # Errors
    /// They do not belong together.
    fn settle(&self, offers: &[Vec<u8>]) -> Result<bool, HostError>;

    /// Reads so many shares from `position` on; none if nothing has been stored yet.
    ///
    /// # Errors
    /// There are fewer, or they cannot be read.
    fn read(&self, position: i64, count: usize) -> Result<Option<Stored>, HostError>;

    /// Makes everything ready to store shares from `position` on, or behind the last one if it is -1.
    ///
    /// # Errors
    /// They cannot be stored.
    fn prepare(&self, proof: Checked, position: i64, shares: &[u8]) -> Result<(), HostError>;

    /// Does what is prepared, now that all parties are ready.
    ///
    /// # Errors
    /// It failed; it is done in the next run if possible.
    fn commit(&self) -> Result<(), HostError>;
}

/// Shares that were stored.
pub struct Stored {
    /// Their bytes.
    pub shares: Vec<u8>,
    /// Whether there are no more behind them.
    pub is_end: bool,
}
