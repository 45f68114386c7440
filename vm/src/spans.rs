//! Spans of a trace: tapes and instructions that take long.

use std::time::{Duration, Instant};

use caucus_bytecode::Op;
use caucus_core::trace::{Kind, figures};
use caucus_protocols::Protocol;

use crate::threads::Thread;

/// Shorter instructions are not recorded.
const LONG: Duration = Duration::from_millis(1);

/// How a thread stood when something began.
pub(crate) struct Begin {
    at: Instant,
    bytes_sent: u64,
    rounds: u64,
}

impl Begin {
    /// Of a thread whose spans are recorded; else none.
    #[inline]
    pub(crate) fn of<P: Protocol>(thread: &Thread<P>) -> Option<Self> {
        thread.lane.as_ref()?;
        let (bytes_sent, rounds) = thread.net.totals();
        Some(Self { at: Instant::now(), bytes_sent, rounds })
    }

    /// Records an instruction, if it took long or is the work of several nodes. `line` tells where it stands in the source.
    pub(crate) fn end_op<P: Protocol>(
        self,
        thread: &Thread<P>,
        op: &Op,
        line: impl FnOnce() -> Option<String>,
    ) {
        let (name, kind) = match op {
            Op::Nodes { .. } => ("distributed loop", Kind::Part),
            Op::ShuffleAtNodes { .. } => ("shuffle by all nodes", Kind::Part),
            Op::SortAtNodes { .. } => ("sort by all nodes", Kind::Part),
            _ if self.at.elapsed() < LONG => return,
            op => (op.mnemonic(), Kind::Detail),
        };
        let line = line().map(|line| ("line", line.into()));
        self.end(thread, kind, name.into(), line);
    }

    /// Records the run of a tape.
    pub(crate) fn end_tape<P: Protocol>(self, thread: &Thread<P>, name: &str) {
        self.end(thread, Kind::Detail, format!("tape {name}").into(), None);
    }

    fn end<P: Protocol>(
        self,
        thread: &Thread<P>,
        kind: Kind,
        name: std::borrow::Cow<'static, str>,
        line: Option<(&'static str, caucus_core::trace::Figure)>,
    ) {
        let Some(lane) = &thread.lane else { return };
        let (bytes_sent, rounds) = thread.net.totals();
        let traffic = [
            ("bytes_sent", (bytes_sent - self.bytes_sent).into()),
            ("rounds", (rounds - self.rounds).into()),
        ];
        let mut all = figures(traffic);
        all.extend(line.map(|(name, line)| (name.into(), line)));
        lane.span(kind, name, self.at, all);
    }
}
