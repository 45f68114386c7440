//! What the heartbeats of the other parties tell about a run.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use caucus_core::clock::Offset;
use caucus_core::control::Control;
use caucus_core::ids::{NodeId, PartyId};

/// The control plane of a run, for those who may outlive it. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Pulse(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    control: Option<Control>,
    clock: Option<Clock>,
}

/// The clock of the control plane at its end.
#[derive(Clone, Copy)]
struct Clock {
    zero: Instant,
    /// To the clock of P0's node of the same role.
    to_first: Option<Offset>,
}

impl Clock {
    fn of(control: &Control, me: NodeId) -> Self {
        let first = NodeId { party: PartyId::new(0), ..me };
        let to_first = if me == first { Some(Offset::default()) } else { control.offset(first) };
        Self { zero: control.zero(), to_first }
    }
}

impl Pulse {
    /// Listens there from now on.
    pub(crate) fn listen_to(&self, control: &Control) {
        self.lock().control = Some(control.clone());
    }

    /// Lets go of the control plane, whose links end with the last reference to it. How clocks differ is kept.
    pub(crate) fn close(&self, me: NodeId) {
        let mut state = self.lock();
        if let Some(control) = state.control.take() {
            state.clock = Some(Clock::of(&control, me));
        }
    }

    /// When each peer was heard last.
    pub(crate) fn heard(&self) -> Vec<(NodeId, Instant)> {
        self.lock().control.as_ref().map(Control::heard).unwrap_or_default()
    }

    /// What is to be added to a time of this node, in nanoseconds since `zero`, for that of the clock of P0's node of the
    /// same role. None as long as that is not known.
    pub(crate) fn to_first(&self, me: NodeId, zero: Instant) -> Option<Offset> {
        let state = self.lock();
        let clock = state.control.as_ref().map(|control| Clock::of(control, me));
        let Clock { zero: theirs, to_first } = clock.or(state.clock)?;
        let nanos = match theirs.checked_duration_since(zero) {
            Some(later) => -i128::try_from(later.as_nanos()).ok()?,
            None => i128::try_from((zero - theirs).as_nanos()).ok()?,
        };
        let here = Offset { nanos: i64::try_from(nanos).ok()?, error_nanos: 0 };
        Some(here.then(to_first?))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
