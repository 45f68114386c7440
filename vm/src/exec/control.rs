//! Threads, and what a program can ask about its run.

use caucus_bytecode::operand::{DstI, DstS, Imm, SrcI, SrcS, TapeRef, Window};
use caucus_core::ids::PartyId;
use caucus_protocols::{Protocol, ShareVector};

use super::{Failure, Flow, Frame};
use crate::Kind;
use crate::joint::{Reordering, Rows};
use crate::nodes::{Loop, Undone};
use crate::threads::Job;

fn at_nodes(end: Result<(), Undone>) -> Result<Flow, Failure> {
    match end {
        Ok(()) => Ok(Flow::Next),
        Err(Undone::Host(error)) => Err(Kind::Host(error).into()),
        Err(Undone::Run(error)) if error.position.is_none() => Err(error.kind.into()),
        Err(Undone::Run(error)) => Err(Failure::Elsewhere(Box::new(error))),
    }
}

impl<'a, P: Protocol> Frame<'a, P> {
    pub(super) fn run_threads(&mut self, jobs: &[(TapeRef, Vec<SrcI>)]) -> Result<Flow, Failure> {
        let job = |(tape, args): &(TapeRef, Vec<SrcI>)| Job {
            tape: tape.0 as usize,
            args: args.iter().map(|arg| self.ints.scalar(arg.0)).collect(),
        };
        let jobs = jobs.iter().map(job).collect();
        self.thread.flush()?;
        self.thread
            .run_jobs(self.shared, self.others, jobs)
            .map_err(|error| Failure::Elsewhere(Box::new(error)))?;
        Ok(Flow::Next)
    }

    /// Has the chunks of a distributed loop computed.
    pub(super) fn run_chunks(
        &mut self,
        jobs: &'a [(TapeRef, i64, i64, Vec<Window>)],
    ) -> Result<Flow, Failure> {
        at_nodes(Loop::new(self.shared, self.thread, self.others, jobs).run())
    }

    /// Has rows sorted by these columns, or shuffled if there are none, by all nodes of each party together.
    pub(super) fn reorder_at_nodes(
        &mut self,
        dst: DstS,
        src: SrcS,
        rows: Imm,
        keys: &[(Imm, Imm)],
    ) -> Result<Flow, Failure> {
        let mut out = self.secrets.out(dst.0, &[src.0])?;
        let src = self.secrets.get(src.0);
        let job = Reordering::new(src.len(), rows, keys);
        at_nodes(Rows::new(self.thread, job, src, &mut out).reorder(self.shared.host))?;
        self.secrets.set(dst.0, out);
        self.thread.flush()?;
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
