//! What remains after a failure: telling all members that a communicator is of no use any more, and making a new one of
//! those who are left.
//!
//! G. Bosilca and others: User Level Failure Mitigation, MPI Forum; the names are from there.

use std::time::Instant;

use super::engine::Engine;
use super::error::Error;
use super::frame::Frame;
use super::{Comm, lock};
use crate::net::pumped;

/// Where a member stands while the members agree.
struct Agreement {
    at: (u32, u32),
    round: u32,
    /// Ranks that are gone, as far as this node knows.
    gone: Vec<bool>,
    next_context: u32,
}

impl Comm {
    /// Makes the next operation of every member fail with [`Error::Revoked`], and those that wait now; only
    /// [`shrink`](Self::shrink) remains. Sub-communicators are not revoked. A second call does nothing.
    pub fn revoke(&mut self) -> Result<(), Error> {
        self.check_running("revoke")?;
        let mut engine = lock(&self.shared);
        let me = engine.nodes[engine.me];
        engine.revoke(self.context, me);
        engine.spread_revoked();
        engine.progress(&mut [], &mut []);
        Ok(())
    }

    /// Makes a communicator of those who are left, in the old order, and gives their old ranks. All who are left must
    /// call it; who does not until the deadline of one that does is not among them, and gets [`Error::Excluded`] when it
    /// does later.
    ///
    /// All who get a communicator get the same members, also if members end meanwhile; one that ends last may still be
    /// among them, so that another operation fails and it can be shrunk again. Who is missed by one is missed by all: if
    /// the connection between two nodes breaks that both live, the others go on without both. Only if a member is
    /// silent for too long although it lives can it be left with a communicator that nobody else is in: its first
    /// operation fails.
    pub fn shrink(&mut self) -> Result<(Self, Vec<usize>), Error> {
        self.check_running("shrink")?;
        let number = self.n_shrinks;
        let (gone, context) = {
            let mut engine = lock(&self.shared);
            let agreement = Agreement {
                at: (self.context, number),
                round: 0,
                gone: vec![false; self.size()],
                next_context: engine.next_context,
            };
            self.agree_on_rest(&mut engine, agreement)?
        };
        self.n_shrinks += 1;
        let ranks: Vec<_> = (0..self.size()).filter(|rank| !gone.contains(rank)).collect();
        let members = ranks.iter().map(|rank| self.members[*rank]).collect();
        let name = format!("{}'", self.name);
        let comm = Self::new(self.shared.clone(), context, name, members, self.deadline);
        Ok((comm, ranks))
    }

    /// Ranks that are gone, and the number of the next communicator: the same at all who return.
    ///
    /// In each round all who are left tell each other whom they miss. Who hears from all of them in a round that they
    /// miss the same as itself, and misses nobody else at its end, decides that, and tells all before it returns. Who
    /// hears of a decision adopts it and passes it on. Of two that decide for themselves in the same round each has
    /// heard the other's view, so both are the same; who is in a later round waits for the one that has decided, and
    /// hears the decision or sees that it has died. Then it says so in the next round, and adopts from it no more; all
    /// without whom it cannot decide there have either said the same, or adopted the decision and pass it on.
    fn agree_on_rest(
        &self,
        engine: &mut Engine,
        mut agreement: Agreement,
    ) -> Result<(Vec<usize>, u32), Error> {
        loop {
            self.note_gone(engine, &mut agreement);
            let mine = agreement.list();
            self.tell_view(engine, &agreement, &mine, false);
            let heard = self.hear(engine, &mut agreement, &mine)?;
            let (gone, next_context) = match heard {
                Heard::Decision { gone, next_context } => (gone, next_context),
                Heard::Views { all_same, next_context } => {
                    if !all_same || agreement.list() != mine {
                        agreement.round += 1;
                        continue;
                    }
                    (mine, next_context)
                }
            };
            agreement.next_context = next_context;
            self.tell_view(engine, &agreement, &gone, true);
            engine.next_context = engine.next_context.max(next_context + 1);
            self.flush_to_rest(engine, &gone);
            return Ok((gone, next_context));
        }
    }

    fn tell_view(
        &self,
        engine: &mut Engine,
        agreement: &Agreement,
        gone: &[usize],
        is_final: bool,
    ) {
        let (context, number) = agreement.at;
        let (round, next_context) = (agreement.round, agreement.next_context);
        let note: Vec<u8> = gone.iter().flat_map(|rank| (*rank as u16).to_le_bytes()).collect();
        let n_bytes = note.len() as u32;
        let frame = Frame::View { context, number, round, next_context, is_final, n_bytes };
        // Those who are thought to be gone hear it too, if they are not: they stop waiting then.
        for member in &self.members {
            engine.tell(*member, frame, &note);
        }
        engine.progress(&mut [], &mut []);
    }

    /// Waits until those who are left can hear what was decided, even if this node ends now.
    fn flush_to_rest(&self, engine: &mut Engine, gone: &[usize]) {
        let rest = (0..self.size()).filter(|rank| !gone.contains(rank));
        let members: Vec<_> = rest.map(|rank| self.members[rank]).collect();
        let mut watch = self.watch("shrink", &members);
        watch.may_be_revoked = false;
        // Who takes nothing any more will be missed next time.
        let _ = engine.wait_for(&watch, |engine| {
            let has_output =
                |node: &&usize| engine.ports[**node].as_ref().is_some_and(|port| port.has_output());
            members.iter().find(has_output).copied()
        });
    }

    /// Waits until all who are left have said in this round whom they miss, or one has heard a decision.
    /// `told` are those whom this node has said to miss: what they have decided before does not count any more, because
    /// the others may have gone on without them, as this node has said it would.
    fn hear(
        &self,
        engine: &mut Engine,
        agreement: &mut Agreement,
        told: &[usize],
    ) -> Result<Heard, Error> {
        let began = Instant::now();
        loop {
            engine.progress(&mut [], &mut []);
            if let Some(cause) = engine.abort.cause() {
                return Err(Error::Aborted { cause });
            }
            self.note_gone(engine, agreement);
            let mine = agreement.list();
            let mut missing = None;
            let mut all_same = true;
            let mut next_context = agreement.next_context;
            for rank in (0..self.size()).filter(|rank| *rank != self.rank) {
                let view = engine.port(self.members[rank]).views.get(&agreement.at).cloned();
                let Some(view) = view else {
                    if !agreement.gone[rank] {
                        missing = missing.or(Some(rank));
                    }
                    continue;
                };
                if told.contains(&rank) {
                    continue;
                }
                if view.gone.contains(&self.rank) {
                    let (me, by, name) = (self.me(), self.nodes[rank], self.name.clone());
                    return Err(Error::Excluded { me, by, name });
                }
                if view.is_final {
                    return Ok(Heard::Decision {
                        gone: view.gone,
                        next_context: view.next_context,
                    });
                }
                if agreement.gone[rank] {
                    continue;
                }
                // Whoever one misses, all miss: so nobody waits for the same one twice.
                for gone in view.gone.iter().filter(|gone| **gone < self.size()) {
                    agreement.gone[*gone] = true;
                }
                if view.round < agreement.round {
                    missing = missing.or(Some(rank));
                }
                all_same &= view.gone == mine && view.round == agreement.round;
                next_context = next_context.max(view.next_context);
            }
            if agreement.list() != mine {
                // What was heard changes whom to wait for.
                continue;
            }
            let Some(missing) = missing else {
                return Ok(Heard::Views { all_same, next_context });
            };
            let left = self.deadline.saturating_sub(began.elapsed());
            if left.is_zero() {
                // It does not answer: the others go on without it.
                agreement.gone[missing] = true;
                continue;
            }
            let ports = engine.ports.iter().flatten().filter(|port| port.gone.is_none());
            let links = ports.map(|port| (&port.link, port.has_output()));
            pumped::sleep(links, left.min(std::time::Duration::from_millis(50)));
        }
    }

    fn note_gone(&self, engine: &Engine, agreement: &mut Agreement) {
        for (rank, member) in self.members.iter().enumerate() {
            if engine.ports[*member].as_ref().is_some_and(|port| port.gone.is_some()) {
                agreement.gone[rank] = true;
            }
        }
    }
}

/// What a round has brought.
enum Heard {
    Decision { gone: Vec<usize>, next_context: u32 },
    Views { all_same: bool, next_context: u32 },
}

impl Agreement {
    fn list(&self) -> Vec<usize> {
        (0..self.gone.len()).filter(|rank| self.gone[*rank]).collect()
    }
}
