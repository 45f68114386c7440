//! What follows from the loss of a worker.
//!
//! The first to notice are often its peers, whose connections break, before its own main node says that it is gone, and
//! why. So a set whose members lost each other waits for a moment for that word, and is dissolved without it if none
//! comes: its workers may all be well, and what broke be a connection between them.

use std::time::Duration;

use super::sets::{Set, State};
use super::{Command, Coordinator, Incarnation, Loss, MAX_LOST};

/// How long a set whose members lost each other waits for the main node that knows which of them is gone.
pub(super) const CAUSE: Duration = Duration::from_millis(300);

impl Coordinator {
    pub(super) fn lost(
        &mut self,
        now: Duration,
        party: usize,
        worker: u32,
        incarnation: Incarnation,
        loss: Loss,
    ) {
        if loss.is_final() {
            return self.fail(loss);
        }
        let Some(set) = self.sets.get_mut(&worker) else { return };
        set.returning.retain(|(_, returning, _)| *returning != incarnation);
        let is_member = set.is_member(party, incarnation);
        match loss {
            Loss::Missing { part, why } => {
                if is_member {
                    self.fence(worker, why.clone());
                }
                self.lacks(worker, part, why);
            }
            Loss::Gone(why) if is_member => {
                self.fence(worker, format!("P{party}.W{worker} was lost: {why}"));
            }
            Loss::Cut(why) if is_member => {
                let why = format!("P{party}.W{worker} has lost others: {why}");
                if set.is_cut_off(now, party, why) {
                    self.fence_broken(worker);
                }
            }
            _ => {}
        }
    }

    /// Dissolves a set whose members lost each other, without a better cause.
    fn fence_broken(&mut self, worker: u32) {
        let broken = self.sets.get(&worker).and_then(|set| set.broken.as_ref());
        let Some(why) = broken.map(|it| it.why.clone()) else { return };
        self.fence(worker, why);
    }

    /// Dissolves sets whose members lost each other, if nobody has said for a while that one of them is gone.
    pub(super) fn fence_without_cause(&mut self, now: Duration) {
        let no_cause =
            |set: &Set| set.broken.as_ref().is_some_and(|it| now.saturating_sub(it.since) > CAUSE);
        let broken: Vec<u32> =
            self.sets.iter().filter(|(_, set)| no_cause(set)).map(|(worker, _)| *worker).collect();
        broken.into_iter().for_each(|worker| self.fence_broken(worker));
    }

    /// Takes in workers that came back before their set was dissolved.
    pub(super) fn readmit(&mut self, now: Duration) {
        let dissolved = self.sets.iter_mut().filter(|(_, set)| set.broken.is_none());
        let returning: Vec<_> = dissolved
            .flat_map(|(worker, set)| set.returning.drain(..).map(|returning| (*worker, returning)))
            .collect();
        for (worker, (party, incarnation, address)) in returning {
            self.arrived(now, party, worker, incarnation, address);
        }
    }

    /// Dissolves a set; what it was computing goes to another one.
    pub(super) fn fence(&mut self, worker: u32, why: String) {
        let Some(set) = self.sets.get_mut(&worker) else { return };
        let incarnations = set.dissolve();
        if incarnations.iter().all(Option::is_none) {
            return;
        }
        set.is_lost = true;
        let state = std::mem::replace(&mut set.state, State::Incomplete);
        self.out.push(Command::Fence { worker, incarnations, why: why.clone() });
        if let State::Together { attempt } = state {
            return self.give_up_together(worker, attempt, why);
        }
        let State::Busy { chunk, number, .. } = state else { return };
        let Some(current) = self.current.as_mut().filter(|it| it.number == number) else { return };
        let it = &mut current.chunks[chunk];
        it.running -= 1;
        it.lost += 1;
        it.last_loss = Some(why.clone());
        if it.is_done || it.running > 0 {
            return;
        }
        if it.lost >= MAX_LOST {
            let text = format!("chunk {chunk} was lost {MAX_LOST} times; the last time {why}");
            return self.fail(Loss::Gone(text));
        }
        current.waiting.push_front(chunk);
    }
}
