//! Loops whose chunks take parts of private inputs, which lie at certain workers.
//!
//! With W workers of each party, part k is at home at worker k mod W. A set is asked for the parts at home with it, and
//! for others if their home is lost or does not have them.

use std::collections::BTreeSet;
use std::time::Duration;

use super::sets::State;
use super::{Coordinator, Loss};

impl Coordinator {
    /// Takes from those that wait the chunk that this idle set should compute.
    pub(super) fn part_for(&mut self, worker: u32) -> Option<usize> {
        let current = self.current.as_ref()?;
        let has = |chunk: &usize| !current.chunks[*chunk].lacking.contains(&worker);
        let own = |chunk: &usize| self.home(*chunk) == worker && has(chunk);
        let homeless = |chunk: &usize| self.is_homeless(*chunk) && has(chunk);
        let waiting = &current.waiting;
        let at = waiting.iter().position(own).or_else(|| waiting.iter().position(homeless))?;
        self.current.as_mut()?.waiting.remove(at)
    }

    /// Notes that a set does not have a part of the inputs. The attempt is not one that was lost.
    pub(super) fn lacks(&mut self, worker: u32, part: u64, why: String) {
        let chunk = usize::try_from(part).unwrap_or(usize::MAX);
        let Some(it) = self.current.as_mut().and_then(|it| it.chunks.get_mut(chunk)) else {
            return;
        };
        it.lost = it.lost.saturating_sub(1);
        it.lacking.insert(worker);
        it.last_loss = Some(why.clone());
        it.last_lack = Some(why);
    }

    /// The worker that should have the part of a chunk.
    fn home(&self, chunk: usize) -> u32 {
        let workers = u32::try_from(self.expected).unwrap_or(u32::MAX).max(1);
        u32::try_from(chunk % workers as usize).expect("less than the number of workers")
    }

    /// Whether another set should try a chunk than the one where its part is at home.
    fn is_homeless(&self, chunk: usize) -> bool {
        let home = self.home(chunk);
        let lacks =
            self.current.as_ref().is_some_and(|it| it.chunks[chunk].lacking.contains(&home));
        lacks || self.sets.get(&home).is_none_or(|set| matches!(set.state, State::Incomplete))
    }

    /// Ends the run if chunks wait for a part that nobody has: at once if all workers that are expected have said so,
    /// else after as long as workers are waited for.
    pub(super) fn give_up_parts(&mut self, now: Duration) {
        let patience = self.patience;
        let is_serving = self.sets.values().any(|set| set.serves());
        let workers: BTreeSet<u32> =
            self.sets.keys().copied().chain((0..).take(self.expected)).collect();
        let is_forming = self
            .sets
            .values()
            .any(|set| matches!(set.state, State::Forming { .. } | State::Busy { .. }));
        let Some(current) = self.current.as_mut().filter(|it| it.parts) else { return };
        let lacking = |chunk: &&usize| current.chunks[**chunk].last_lack.is_some();
        let Some(chunk) = current.waiting.iter().find(lacking).copied() else {
            current.stuck = None;
            return;
        };
        let it = &current.chunks[chunk];
        let nobody = workers.is_subset(&it.lacking);
        if !nobody && (is_forming || !is_serving) {
            // Somebody may have it, or it is the main nodes' turn.
            current.stuck = None;
            return;
        }
        let since = *current.stuck.get_or_insert(now);
        if nobody || now.saturating_sub(since) >= patience {
            let asked: Vec<String> = it.lacking.iter().map(u32::to_string).collect();
            let (plural, asked) = (if asked.len() == 1 { "" } else { "s" }, asked.join(", "));
            let why = it.last_lack.clone().unwrap_or_default();
            let text = format!(
                "no worker has part {chunk} of the private inputs: {why}; the worker{plural} {asked} of each party \
                 were asked"
            );
            self.fail(Loss::Input(text));
        }
    }
}
