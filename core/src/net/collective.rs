//! What all parties do together, named as in MPI. Each collective is called by all parties, and is one round.

use super::transfer::{Inbound, Outbound};
use super::{Error, Net, Step};
use crate::ids::PartyId;

impl Net {
    /// Gives all parties what `root` has in `buf`. Equal lengths at all parties.
    pub fn broadcast(&mut self, root: PartyId, step: Step, buf: &mut [u8]) -> Result<(), Error> {
        self.begin_round();
        if root != self.me {
            return self.recv(root, step, buf);
        }
        let mut outbound: Vec<_> = self.others().map(|party| Outbound::new(party, buf)).collect();
        self.transfer(step, &mut outbound, &mut [])
    }

    /// Gives all parties what each has in `mine`, in the order of parties. Equal lengths at all parties.
    pub fn all_gather(&mut self, step: Step, mine: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
        self.begin_round();
        let mut outbound: Vec<_> = self.others().map(|party| Outbound::new(party, mine)).collect();
        let mut parts = self.receive_from_others(step, &mut outbound, mine.len())?;
        parts[self.me.index()].copy_from_slice(mine);
        Ok(parts)
    }

    /// Gives `root` what each party has in `mine`, in the order of parties; nothing to the others. Equal lengths.
    pub fn gather(
        &mut self,
        root: PartyId,
        step: Step,
        mine: &[u8],
    ) -> Result<Option<Vec<Vec<u8>>>, Error> {
        self.begin_round();
        if root != self.me {
            self.send(root, step, mine)?;
            return Ok(None);
        }
        let mut parts = self.receive_from_others(step, &mut [], mine.len())?;
        parts[self.me.index()].copy_from_slice(mine);
        Ok(Some(parts))
    }

    /// Gives each party its part of what `root` has, in the order of parties. Each party's `buf` has the length of
    /// its part.
    ///
    /// # Panics
    /// If `parts` are given elsewhere than at the root, are not one for each party, or the root's own part does not
    /// fit `buf`.
    pub fn scatter(
        &mut self,
        root: PartyId,
        step: Step,
        parts: Option<&[Vec<u8>]>,
        buf: &mut [u8],
    ) -> Result<(), Error> {
        assert_eq!(parts.is_some(), root == self.me, "the root, and only it, has parts to scatter");
        self.begin_round();
        let Some(parts) = parts else {
            return self.recv(root, step, buf);
        };
        assert_eq!(parts.len(), self.n_parties(), "one part for each party");
        buf.copy_from_slice(&parts[self.me.index()]);
        let mut outbound: Vec<_> =
            self.others().map(|party| Outbound::new(party, &parts[party])).collect();
        self.transfer(step, &mut outbound, &mut [])
    }

    /// Returns when all parties have called it.
    pub fn barrier(&mut self) -> Result<(), Error> {
        self.all_gather(Step::Barrier, &[]).map(|_| ())
    }

    /// Receives equally long messages from all others; leaves room for one's own.
    fn receive_from_others(
        &mut self,
        step: Step,
        outbound: &mut [Outbound<'_>],
        n_bytes: usize,
    ) -> Result<Vec<Vec<u8>>, Error> {
        let mut parts = vec![vec![0; n_bytes]; self.n_parties()];
        let me = self.me.index();
        let others = parts.iter_mut().enumerate().filter(|(party, _)| *party != me);
        let mut inbound: Vec<_> = others.map(|(party, buf)| Inbound::new(party, buf)).collect();
        self.transfer(step, outbound, &mut inbound)?;
        Ok(parts)
    }

    fn others(&self) -> impl Iterator<Item = usize> + use<> {
        let me = self.me.index();
        (0..self.n_parties()).filter(move |party| *party != me)
    }

    /// A party alone has nobody to wait for.
    fn begin_round(&mut self) {
        self.rounds += u64::from(self.n_parties() > 1);
    }
}
