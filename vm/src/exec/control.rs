//! Threads, and what a program can ask about its run.

use caucus_bytecode::operand::{DstI, SrcI, TapeRef, Window};
use caucus_core::ids::PartyId;
use caucus_protocols::Protocol;

use super::{Failure, Flow, Frame};
use crate::Kind;
use crate::threads::Job;

impl<P: Protocol> Frame<'_, P> {
    pub(super) fn run_threads(&mut self, jobs: &[(TapeRef, Vec<SrcI>)]) -> Result<Flow, Failure> {
        let job = |(tape, args): &(TapeRef, Vec<SrcI>)| Job {
            tape: &self.shared.program.tapes[tape.0 as usize],
            args: args.iter().map(|arg| self.ints.scalar(arg.0)).collect(),
        };
        let jobs = jobs.iter().map(job).collect();
        self.thread.flush()?;
        self.thread
            .run_jobs(self.shared, self.others, jobs)
            .map_err(|error| Failure::Elsewhere(Box::new(error)))?;
        Ok(Flow::Next)
    }

    /// Runs the chunks of a distributed loop in this node, one after the other.
    pub(super) fn run_chunks(
        &mut self,
        jobs: &[(TapeRef, i64, i64, Vec<Window>)],
    ) -> Result<Flow, Failure> {
        for (tape, first, count, _) in jobs {
            let tape = &self.shared.program.tapes[tape.0 as usize];
            for chunk in *first..*first + *count {
                Frame::run(self.shared, self.thread, self.others, tape, &[chunk])
                    .map_err(|error| Failure::Elsewhere(Box::new(error)))?;
            }
        }
        Ok(Flow::Next)
    }

    pub(super) fn party_count(&mut self, dst: DstI) -> Result<(), Kind> {
        self.ints.set_scalar(dst.0, self.shared.host.n_parties() as i64);
        Ok(())
    }

    pub(super) fn party_number(&mut self, dst: DstI) -> Result<(), Kind> {
        self.ints.set_scalar(dst.0, self.thread.net.me().index() as i64);
        Ok(())
    }

    pub(super) fn thread_number(&mut self, dst: DstI) -> Result<(), Kind> {
        self.ints.set_scalar(dst.0, self.thread.index as i64);
        Ok(())
    }

    /// The party with the number in a register.
    pub(super) fn party(&self, number: SrcI) -> Result<PartyId, Kind> {
        let number = self.ints.scalar(number.0);
        let n_parties = self.shared.host.n_parties();
        match u8::try_from(number) {
            Ok(party) if usize::from(party) < n_parties => Ok(PartyId::new(party)),
            _ => Err(Kind::NoSuchParty { number, n_parties }),
        }
    }
}
