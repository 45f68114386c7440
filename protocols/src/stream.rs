//! Streams of randomness for the threads of a protocol: none is handed out twice.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use caucus_core::random::{Label, Prg, Seed};

use crate::SessionId;

/// Numbers the states of each thread, shared by all states of a process.
///
/// A thread that is forked a second time must not get the streams of the first time. Its second state gets the next
/// number, which is part of the labels of its streams.
#[derive(Clone)]
pub(crate) struct Forks(Arc<Mutex<BTreeMap<u32, u32>>>);

/// Which state of which thread: where streams belong to.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    thread: u32,
    epoch: u32,
}

impl Forks {
    pub(crate) fn new() -> Self {
        Self(Arc::default())
    }

    /// The place of a new state of this thread.
    pub(crate) fn place(&self, thread: u32) -> Place {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(thread).or_default();
        let epoch = *count;
        *count = epoch.checked_add(1).expect("a thread is started fewer than 2^32 times");
        Place { thread, epoch }
    }
}

/// A seed for one session of one protocol, from which streams are derived.
#[derive(Clone)]
pub(crate) struct SessionSeed {
    protocol: &'static str,
    seed: Seed,
}

impl SessionSeed {
    pub(crate) fn new(protocol: &'static str, seed: &Seed, session: &SessionId) -> Self {
        let digits: String = session.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let purpose = format!("session {digits}");
        let label = Label { protocol, purpose: &purpose, thread: 0, node: 0, epoch: 0 };
        Self { protocol, seed: seed.derive(&label) }
    }

    /// The stream of one purpose of one state. Seeds are agreed by each node for itself, so labels need no node.
    pub(crate) fn stream(&self, purpose: &str, place: Place) -> Prg {
        let Place { thread, epoch } = place;
        let label = Label { protocol: self.protocol, purpose, thread, node: 0, epoch };
        self.seed.derive(&label).prg()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_stream_is_handed_out_twice() {
        let seed = Seed::from_bytes([1; 32]);
        let forks = Forks::new();
        let places = [forks.place(0), forks.place(0), forks.clone().place(0), forks.place(1)];
        let mut streams = Vec::new();
        for session in [[0; 32], [1; 32]] {
            let seed = SessionSeed::new("ring", &seed, &SessionId::new(session));
            for place in places {
                for purpose in ["zero", "random"] {
                    let mut bytes = [0; 16];
                    seed.stream(purpose, place).fill(&mut bytes);
                    streams.push(bytes);
                }
            }
        }
        let n_streams = streams.len();
        streams.sort_unstable();
        streams.dedup();
        assert_eq!(streams.len(), n_streams);
    }
}
