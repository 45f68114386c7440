//! Spans of what takes time at a node, for a trace of the run.
//!
//! Nothing is recorded unless somebody asks for it, and never more than fits a fixed amount of memory. A span has a name,
//! times and figures: names of instructions, lines of the source, numbers of chunks, sizes. No value of the program is in
//! it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::clock::Offset;

/// The version of [`NodeTrace`] as it is written.
pub const FORMAT: u32 = 1;
/// The most spans of each [`Kind`]. A span takes about 150 bytes.
const MAX_SPANS: usize = 100_000;

/// How spans share the memory that there is for them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// What the run consists of: phases, loops, chunks.
    Part,
    /// Instructions and tapes, of which there may be very many.
    Detail,
}

/// A figure of a span.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Figure {
    /// A number.
    Number(u64),
    /// A text, such as a line of the source.
    Text(Cow<'static, str>),
}

impl From<u64> for Figure {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<&'static str> for Figure {
    fn from(text: &'static str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Figure {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

/// Figures by their names.
pub type Figures = BTreeMap<Cow<'static, str>, Figure>;

/// Figures of these names.
pub fn figures<const N: usize>(all: [(&'static str, Figure); N]) -> Figures {
    all.into_iter().map(|(name, figure)| (name.into(), figure)).collect()
}

/// Something that took time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Span {
    /// The index of the lane in which it happened.
    pub lane: u32,
    /// What it was.
    pub name: Cow<'static, str>,
    /// When it began, in nanoseconds of the node's clock.
    pub begin: u64,
    /// How long it took, in nanoseconds; 0 for what only happened.
    pub nanos: u64,
    /// What else is known about it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub figures: Figures,
}

/// What a node has recorded of a run, as it is written to a file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NodeTrace {
    /// [`FORMAT`].
    pub caucus_trace: u32,
    /// The node, such as `P0.W1`.
    pub node: String,
    /// Of the run: a hash of its name, the same at all nodes.
    pub run: String,
    /// Name of the program.
    pub program: String,
    /// When the node's clock began, in nanoseconds since 1970 by the machine's clock.
    pub unix_nanos: u64,
    /// What is to be added to get times of the clock of P0's main node; none if that is not known.
    pub to_first: Option<Offset>,
    /// Names of the lanes: threads, and what else goes on at the same time.
    pub lanes: Vec<String>,
    /// What took time.
    pub spans: Vec<Span>,
    /// How many more spans there were.
    pub dropped: u64,
}

/// Takes the spans of a node.
#[derive(Debug)]
pub struct Recorder {
    zero: Instant,
    state: Mutex<State>,
}

#[derive(Default, Debug)]
struct State {
    lanes: Vec<String>,
    spans: Vec<Span>,
    n_details: usize,
    dropped: u64,
}

/// What goes on one after the other, such as a thread. Spans of a lane lie apart or within each other.
#[derive(Clone, Debug)]
pub struct Lane {
    recorder: Arc<Recorder>,
    number: u32,
}

impl Recorder {
    /// One without spans, whose clock begins now.
    pub fn new() -> Arc<Self> {
        Arc::new(Self { zero: Instant::now(), state: Mutex::default() })
    }

    /// When its clock began.
    pub fn zero(&self) -> Instant {
        self.zero
    }

    /// A time by its clock, in nanoseconds.
    pub fn nanos(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.zero).as_nanos()).unwrap_or(u64::MAX)
    }

    /// The lane of this name.
    pub fn lane(self: &Arc<Self>, name: &str) -> Lane {
        let mut state = self.lock();
        let found = state.lanes.iter().position(|lane| lane == name);
        let number = found.unwrap_or_else(|| {
            state.lanes.push(name.to_owned());
            state.lanes.len() - 1
        });
        Lane { recorder: Arc::clone(self), number: u32::try_from(number).expect("lanes are few") }
    }

    /// Names of the lanes, spans in the order of their ends, and how many more there were.
    pub fn contents(&self) -> (Vec<String>, Vec<Span>, u64) {
        let state = self.lock();
        (state.lanes.clone(), state.spans.clone(), state.dropped)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lane {
    /// The recorder that it belongs to.
    pub fn recorder(&self) -> &Arc<Recorder> {
        &self.recorder
    }

    /// Records what has gone on from `begin` until now.
    pub fn span(
        &self,
        kind: Kind,
        name: impl Into<Cow<'static, str>>,
        begin: Instant,
        figures: Figures,
    ) {
        self.between(kind, name, (begin, Instant::now()), figures);
    }

    /// Records what has gone on between two times.
    pub fn between(
        &self,
        kind: Kind,
        name: impl Into<Cow<'static, str>>,
        (begin, end): (Instant, Instant),
        figures: Figures,
    ) {
        let begin = self.recorder.nanos(begin);
        let nanos = self.recorder.nanos(end).saturating_sub(begin);
        self.add(kind, Span { lane: self.number, name: name.into(), begin, nanos, figures });
    }

    /// Records what happens now.
    pub fn mark(&self, name: impl Into<Cow<'static, str>>, figures: Figures) {
        let begin = self.recorder.nanos(Instant::now());
        let name = name.into();
        self.add(Kind::Part, Span { lane: self.number, name, begin, nanos: 0, figures });
    }

    fn add(&self, kind: Kind, span: Span) {
        let mut state = self.recorder.lock();
        let n_parts = state.spans.len() - state.n_details;
        let is_full = match kind {
            Kind::Part => n_parts >= MAX_SPANS,
            Kind::Detail => state.n_details >= MAX_SPANS,
        };
        if is_full {
            state.dropped += 1;
            return;
        }
        state.n_details += usize::from(kind == Kind::Detail);
        state.spans.push(span);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn spans_have_times_of_the_clock_and_lanes_by_name() {
        let recorder = Recorder::new();
        let lanes = ["main thread", "thread 1", "main thread"].map(|name| recorder.lane(name));
        let at = |millis| recorder.zero() + Duration::from_millis(millis);
        let bytes = figures([("bytes", 7u64.into()), ("line", "a.mpc:3".into())]);
        lanes[1].between(Kind::Detail, "mul", (at(2), at(5)), bytes.clone());
        lanes[2].mark("taken", Figures::new());
        let (names, spans, dropped) = recorder.contents();
        assert_eq!((names, dropped), (vec!["main thread".to_owned(), "thread 1".into()], 0));
        let begin = 2_000_000;
        let expected =
            Span { lane: 1, name: "mul".into(), begin, nanos: 3_000_000, figures: bytes };
        assert_eq!(spans[0], expected);
        assert_eq!((spans[1].lane, spans[1].nanos), (0, 0));
    }

    #[test]
    fn memory_is_bounded_and_details_leave_room_for_parts() {
        let recorder = Recorder::new();
        let lane = recorder.lane("main thread");
        let now = Instant::now();
        for _ in 0..MAX_SPANS + 5 {
            lane.between(Kind::Detail, "mul", (now, now), Figures::new());
        }
        lane.between(Kind::Part, "loop", (now, now), Figures::new());
        let (_, spans, dropped) = recorder.contents();
        assert_eq!((spans.len(), dropped), (MAX_SPANS + 1, 5));
        assert_eq!(spans.last().unwrap().name, "loop");
    }
}
