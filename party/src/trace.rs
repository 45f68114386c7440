//! The trace of a run at one node: what is recorded, and the file that it goes to.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime};

use caucus_core::clock::Offset;
use caucus_core::ids::NodeId;
use caucus_core::trace::{FORMAT, Figures, Kind, Lane, NodeTrace, Recorder};
use sha2::{Digest, Sha256};

use crate::events::{Audience, Events, Phase};
use crate::report::hex;

/// Stands for the number of the party in the name of a file, such as `1`.
const PARTY: &str = "{party}";
/// Stands for the node in the name of a file, such as `P1.W0`.
const NODE: &str = "{node}";
/// Stands for the run in the name of a file: eight digits, the same at all nodes.
const RUN: &str = "{run}";
/// The lane of the program's main thread.
pub(crate) const MAIN_THREAD: &str = "main thread";
/// How many bytes of a hash name a run.
const RUN_BYTES: usize = 8;

/// Records a run at this node.
pub(crate) struct Trace {
    me: NodeId,
    /// Name of the file, in which [`PARTY`], [`NODE`] and [`RUN`] stand for what they say.
    pattern: PathBuf,
    unix_nanos: u64,
    recorder: Arc<Recorder>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    run: Option<Run>,
    to_first: Option<Offset>,
    /// The phase in which the node is, and since when.
    phase: Option<(&'static str, Instant)>,
}

#[derive(Clone)]
struct Run {
    name: String,
    program: String,
}

/// The name of the lane of a thread of the program.
fn thread_name(thread: usize) -> String {
    if thread == 0 { MAIN_THREAD.to_owned() } else { format!("thread {thread}") }
}

/// The lane of a thread of the program, if there is a recorder.
pub(crate) fn thread_lane(recorder: Option<&Arc<Recorder>>, thread: usize) -> Option<Lane> {
    Some(recorder?.lane(&thread_name(thread)))
}

/// The name of a run for everybody: a hash of the one that its randomness is derived from.
fn run_name(session: &[u8; 32]) -> String {
    let mut hash = Sha256::new();
    hash.update(b"caucus trace 1");
    hash.update(session);
    hex(&hash.finalize()[..RUN_BYTES])
}

impl Trace {
    /// One that goes to this file when it is [written](Self::write).
    pub(crate) fn new(me: NodeId, pattern: PathBuf) -> Self {
        let unix = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self {
            me,
            pattern,
            unix_nanos: u64::try_from(unix.as_nanos()).unwrap_or(u64::MAX),
            recorder: Recorder::new(),
            known: Mutex::default(),
        }
    }

    pub(crate) fn recorder(&self) -> &Arc<Recorder> {
        &self.recorder
    }

    /// Says which run it is.
    pub(crate) fn set_run(&self, session: &[u8; 32], program: &str) {
        let run = Run { name: run_name(session), program: program.to_owned() };
        self.lock().run = Some(run);
    }

    /// Whether it is that of this run.
    pub(crate) fn is_of(&self, session: &[u8; 32]) -> bool {
        self.lock().run.as_ref().is_some_and(|run| run.name == run_name(session))
    }

    /// Says what is to be added to this node's times for those of P0's main node; what was known before stays if nothing
    /// is known now.
    pub(crate) fn set_to_first(&self, offset: Option<Offset>) {
        let mut known = self.lock();
        known.to_first = offset.or(known.to_first);
    }

    /// Says what the node does from now on.
    pub(crate) fn set_phase(&self, name: Option<&'static str>) {
        let now = Instant::now();
        let next = name.map(|name| (name, now));
        let mut known = self.lock();
        if matches!((known.phase, name), (Some((old, _)), Some(new)) if old == new) {
            return;
        }
        if let Some((old, begin)) = std::mem::replace(&mut known.phase, next) {
            let lane = self.recorder.lane("phases");
            lane.between(Kind::Part, old, (begin, now), Figures::new());
        }
    }

    /// Records the phases that are told there, too.
    pub(crate) fn phases_of(self: &Arc<Self>, events: Arc<dyn Events>) -> Arc<dyn Events> {
        self.set_phase(Some("set-up"));
        Arc::new(Traced { trace: Arc::clone(self), events })
    }

    /// Writes what there is, if the run has begun. Says where that fails.
    pub(crate) fn write(&self, events: &dyn Events) {
        self.set_phase(None);
        let known = self.lock();
        let Some(Run { name, program }) = known.run.clone() else { return };
        let (lanes, spans, dropped) = self.recorder.contents();
        let path = self.path(&name);
        let trace = NodeTrace {
            caucus_trace: FORMAT,
            node: self.me.to_string(),
            run: name,
            program,
            unix_nanos: self.unix_nanos,
            to_first: known.to_first,
            lanes,
            spans,
            dropped,
        };
        if let Err(error) = write_whole(&path, &trace) {
            let (me, path) = (self.me, path.display());
            events.notice(&format!("{me}: the trace could not be written to {path}: {error}"));
        }
    }

    fn path(&self, run: &str) -> PathBuf {
        // A name that is no text has no placeholders.
        let Some(text) = self.pattern.to_str() else { return self.pattern.clone() };
        let party = self.me.party.index().to_string();
        let text = text.replace(PARTY, &party).replace(NODE, &self.me.to_string());
        PathBuf::from(text.replace(RUN, run.get(..8).unwrap_or(run)))
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes so that a reader never sees half of it.
fn write_whole(path: &Path, trace: &NodeTrace) -> io::Result<()> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    std::fs::write(&part, serde_json::to_vec(trace)?)?;
    std::fs::rename(&part, path)
}

/// Events that are recorded and passed on.
struct Traced {
    trace: Arc<Trace>,
    events: Arc<dyn Events>,
}

/// What a phase is in a trace; none if it is only news of the one before.
fn name_of(phase: &Phase) -> Option<&'static str> {
    match phase {
        Phase::Connecting { .. } | Phase::Connected { .. } => Some("connecting"),
        Phase::Agreeing => Some("agreeing"),
        Phase::Running => Some("running"),
        Phase::Finishing => Some("finishing"),
        Phase::WaitingForWorker { .. }
        | Phase::ConnectingToMain { .. }
        | Phase::Distributing { .. }
        | Phase::WaitingForWork => None,
    }
}

impl Events for Traced {
    fn output(&self, audience: Audience, text: &str) {
        self.events.output(audience, text);
    }

    fn progress(&self, phase: &Phase) {
        if let Some(name) = name_of(phase) {
            self.trace.set_phase(Some(name));
        }
        self.events.progress(phase);
    }

    fn notice(&self, text: &str) {
        self.events.notice(text);
    }

    fn ask(&self, prompt: &str) -> io::Result<Option<String>> {
        self.events.ask(prompt)
    }
}

#[cfg(test)]
mod tests {
    use caucus_core::ids::{PartyId, WorkerId};

    use super::*;
    use crate::events::testing::Notices;

    #[test]
    fn a_trace_has_phases_and_the_name_of_its_run() {
        let folder = tempfile::tempdir().unwrap();
        let me = NodeId::worker(PartyId::new(1), WorkerId::new(2));
        let trace = Arc::new(Trace::new(me, folder.path().join("t-{party}-{node}-{run}.json")));
        let notices = Arc::<Notices>::default();
        let events = trace.phases_of(notices.clone());
        for phase in [Phase::Agreeing, Phase::Running, Phase::Running, Phase::Finishing] {
            events.progress(&phase);
        }
        // Nothing is written of a run that has not begun.
        trace.write(&*events);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        trace.set_run(&[7; 32], "sum-3");
        assert!(trace.is_of(&[7; 32]) && !trace.is_of(&[8; 32]));
        let offset = Offset { nanos: -5, error_nanos: 3 };
        trace.set_to_first(Some(offset));
        trace.set_to_first(None);
        trace.write(&*events);
        let run = run_name(&[7; 32]);
        let path = folder.path().join(format!("t-1-P1.W2-{}.json", &run[..8]));
        let text = std::fs::read_to_string(path).unwrap();
        let read: NodeTrace = serde_json::from_str(&text).unwrap();
        assert_eq!((read.node.as_str(), read.program.as_str()), ("P1.W2", "sum-3"));
        assert_eq!((read.run, read.to_first), (run, Some(offset)));
        let names: Vec<_> = read.spans.iter().map(|it| &*it.name).collect();
        assert_eq!(names, ["set-up", "agreeing", "running", "finishing"]);
        let ends = read.spans.iter().map(|it| it.begin + it.nanos);
        assert!(ends.zip(&read.spans[1..]).all(|(end, next)| end == next.begin), "{text}");
        assert_eq!(*notices.0.lock().unwrap(), [] as [String; 0]);
    }

    #[test]
    fn a_file_that_cannot_be_written_is_told() {
        let trace = Trace::new(NodeId::main(PartyId::new(0)), "/nowhere/at/all.json".into());
        trace.set_run(&[7; 32], "sum");
        let notices = Notices::default();
        trace.write(&notices);
        let told = notices.0.lock().unwrap().concat();
        assert!(told.starts_with("P0: the trace could not be written to /nowhere/at/all.json: "));
    }
}
