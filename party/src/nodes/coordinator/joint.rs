//! Joint jobs: what the workers of a party do together, with links among each other.
//!
//! Such a job is one chunk, leased to all sets that are there as one attempt. If one of them is lost, the others are in
//! the middle of something that cannot go on: all are dissolved, and connect anew with fresh randomness. The attempt that
//! follows is leased to those that are back, so that a worker that stays away costs its share of the speed only.

use std::time::Duration;

use super::sets::State;
use super::{Attempt, Command, Coordinator, Loss, MAX_LOST};

/// How long the next attempt waits for the sets of the last one to be back.
const REGROUP: Duration = Duration::from_secs(3);

/// How a joint job stands.
#[derive(Default)]
pub(super) struct Together {
    running: Option<Running>,
    /// The sets of the attempt that was lost, and since when they are waited for.
    regrouping: Vec<u32>,
    since: Option<Duration>,
}

/// An attempt that is under way.
struct Running {
    attempt: Attempt,
    workers: Vec<u32>,
    /// Which parties have the result.
    done: Vec<bool>,
}

impl Coordinator {
    /// Leases the current job to all idle sets if it is a joint one that waits. Gives whether it is a joint one.
    pub(super) fn schedule_together(&mut self, now: Duration, idle: &[u32]) -> bool {
        let Some(current) = &mut self.current else { return false };
        let Some(together) = &mut current.together else { return false };
        if current.waiting.is_empty() || idle.is_empty() {
            return true;
        }
        let since = *together.since.get_or_insert(now);
        let are_back = together.regrouping.iter().all(|worker| idle.contains(worker));
        if !are_back && now.saturating_sub(since) < REGROUP {
            return true;
        }
        current.waiting.clear();
        self.attempts += 1;
        let attempt = Attempt(self.attempts);
        let (workers, done) = (idle.to_vec(), vec![false; self.n_parties]);
        together.running = Some(Running { attempt, workers, done });
        for worker in idle {
            let set = self.sets.get_mut(worker).expect("the set is idle");
            set.state = State::Together { attempt };
        }
        current.chunks[0].running += 1;
        let again = current.chunks[0].last_loss.clone();
        self.out.push(Command::AssignAll { workers: idle.to_vec(), attempt, again });
        true
    }

    /// Takes note that a party has its part of the result of a joint attempt. Gives whether it is such an attempt, and
    /// under way.
    pub(super) fn done_together(&mut self, party: usize, attempt: Attempt) -> bool {
        let Some(current) = &mut self.current else { return false };
        let running = current.together.as_mut().map(|together| &mut together.running);
        let Some(slot) = running else { return false };
        let Some(running) = slot.as_mut().filter(|it| it.attempt == attempt) else { return false };
        running.done[party] = true;
        if !running.done.iter().all(|done| *done) {
            return true;
        }
        for worker in slot.take().into_iter().flat_map(|it| it.workers) {
            self.sets.get_mut(&worker).expect("the set has worked").state = State::Idle;
        }
        current.chunks[0].running -= 1;
        self.out.push(Command::Commit { attempt, chunk: 0 });
        current.finish(0);
        true
    }

    /// Gives up a joint attempt because these workers were lost: the others' sets are dissolved, too.
    pub(super) fn give_up_together(&mut self, lost: u32, attempt: Attempt, why: String) {
        let Some(current) = &mut self.current else { return };
        let Some(together) = &mut current.together else { return };
        let Some(running) = together.running.take_if(|it| it.attempt == attempt) else { return };
        together.regrouping.clone_from(&running.workers);
        together.since = None;
        let it = &mut current.chunks[0];
        it.running -= 1;
        it.lost += 1;
        it.last_loss = Some(why.clone());
        let is_last = it.lost >= MAX_LOST;
        current.waiting.push_front(0);
        for worker in running.workers.into_iter().filter(|it| *it != lost) {
            self.fence(worker, format!("the workers {lost} were lost, who worked with them"));
        }
        if is_last {
            let text = format!(
                "what all workers do together was lost {MAX_LOST} times; the last time {why}"
            );
            self.fail(Loss::Gone(text));
        }
    }
}
