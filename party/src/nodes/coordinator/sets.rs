//! The workers of one number.

use std::time::Duration;

use caucus_core::config::HostPort;

use super::{Attempt, Incarnation};

/// What a set does.
pub(super) enum State {
    /// Some members are missing.
    Incomplete,
    /// Its members connect with each other.
    Forming { since: Duration },
    /// It waits for work.
    Idle,
    /// It computes.
    Busy {
        attempt: Attempt,
        chunk: usize,
        /// The loop that the chunk is of.
        number: u64,
        since: Duration,
        /// Which parties have the result.
        done: Vec<bool>,
    },
    /// It works at a joint job with other sets.
    Together { attempt: Attempt },
}

struct Member {
    incarnation: Incarnation,
    address: HostPort,
    is_ready: bool,
}

/// Members have lost each other. Which of them is gone, if one is, only its own main node knows.
pub(super) struct Broken {
    pub(super) since: Duration,
    /// What the first of them said.
    pub(super) why: String,
    /// Which of them have said so.
    parties: Vec<bool>,
}

/// The workers of one number, one of each party.
pub(super) struct Set {
    members: Vec<Option<Member>>,
    pub(super) state: State,
    /// Whether it is about to be dissolved.
    pub(super) broken: Option<Broken>,
    /// Who has come back meanwhile.
    pub(super) returning: Vec<(usize, Incarnation, HostPort)>,
    /// Whether it was ever ready to compute.
    pub(super) has_served: bool,
    /// Whether it was ever dissolved.
    pub(super) is_lost: bool,
}

impl Set {
    pub(super) fn new(n_parties: usize) -> Self {
        Self {
            members: (0..n_parties).map(|_| None).collect(),
            state: State::Incomplete,
            broken: None,
            returning: Vec::new(),
            has_served: false,
            is_lost: false,
        }
    }

    /// Whether the party's worker is there, in whatever incarnation.
    pub(super) fn has(&self, party: usize) -> bool {
        self.members[party].is_some()
    }

    pub(super) fn is_member(&self, party: usize, incarnation: Incarnation) -> bool {
        self.members[party].as_ref().is_some_and(|it| it.incarnation == incarnation)
    }

    pub(super) fn join(&mut self, party: usize, incarnation: Incarnation, address: HostPort) {
        self.members[party] = Some(Member { incarnation, address, is_ready: false });
    }

    /// Incarnations and addresses by party, if nobody is missing.
    pub(super) fn complete(&self) -> Option<(Vec<Incarnation>, Vec<HostPort>)> {
        let members: Option<Vec<&Member>> = self.members.iter().map(Option::as_ref).collect();
        Some(members?.into_iter().map(|it| (it.incarnation, it.address.clone())).unzip())
    }

    /// Notes that a member has connected; gives whether all have.
    pub(super) fn is_ready(&mut self, party: usize, incarnation: Incarnation) -> bool {
        match &mut self.members[party] {
            Some(member) if member.incarnation == incarnation => member.is_ready = true,
            _ => return false,
        }
        let ready = |member: &Option<Member>| member.as_ref().is_some_and(|it| it.is_ready);
        matches!(self.state, State::Forming { .. }) && self.members.iter().all(ready)
    }

    /// Notes that a member has lost others; gives whether all have, so that none of them is gone.
    pub(super) fn is_cut_off(&mut self, now: Duration, party: usize, why: String) -> bool {
        let n_parties = self.members.len();
        let broken = self.broken.get_or_insert_with(|| Broken {
            since: now,
            why,
            parties: vec![false; n_parties],
        });
        broken.parties[party] = true;
        broken.parties.iter().all(|it| *it)
    }

    /// Removes all members; gives who they were, by party.
    pub(super) fn dissolve(&mut self) -> Vec<Option<Incarnation>> {
        self.broken = None;
        let taken = self.members.iter_mut().map(Option::take);
        taken.map(|member| member.map(|it| it.incarnation)).collect()
    }

    pub(super) fn is_idle(&self) -> bool {
        matches!(self.state, State::Idle) && self.broken.is_none()
    }

    /// Whether it computes or could.
    pub(super) fn serves(&self) -> bool {
        matches!(self.state, State::Idle | State::Busy { .. } | State::Together { .. })
    }

    pub(super) fn attempt(&self) -> Option<Attempt> {
        match self.state {
            State::Busy { attempt, .. } => Some(attempt),
            _ => None,
        }
    }
}
