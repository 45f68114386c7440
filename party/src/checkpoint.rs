//! Checkpoints of a run: files from which all parties can go on after any of them was lost.
//!
//! A node has at most two: the last one that counts, and the next one, which counts as soon as all parties have written it.
//! Only then does a node give up the one before, so that all parties have one in common whatever ends a run. Each has a
//! [`Mark`], the same at all parties, that no other run gives: a run that goes on from one begins with all parties telling
//! each other their marks, and takes the newest that all have.

mod error;
pub(crate) mod file;

use std::fs::{self, File, TryLockError};
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use caucus_core::ids::PartyId;
use serde::{Deserialize, Serialize};

pub use error::CheckpointError;

use crate::mark::Mark;
use crate::storage::{Place, create_private, remove};
use file::Head;

/// Whether a run keeps checkpoints, and how it begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Checkpointing {
    /// It keeps none.
    #[default]
    Off,
    /// It keeps them, and begins at the beginning.
    Keep,
    /// It goes on from the newest one, and keeps them.
    Resume,
}

impl Checkpointing {
    /// The option that says so.
    pub(crate) fn option(self) -> &'static str {
        match self {
            Self::Off => "none",
            Self::Keep => "--checkpoint",
            Self::Resume => "--resume",
        }
    }
}

/// Names the marks of these files.
const KIND: &[u8] = b"caucus checkpoint 1";

/// Whose checkpoint it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Owner {
    node: String,
    n_parties: u32,
}

/// What a run does, as far as its result depends on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Task {
    protocol: String,
    ring_bits: u32,
    /// Name of the program with its arguments.
    program: String,
    /// SHA-256 of the program.
    hash: [u8; 32],
    /// Numbers of the command line.
    args: Vec<i64>,
    /// SHA-256 of the file of public inputs, if the program takes any.
    public_inputs: Option<[u8; 32]>,
}

impl Task {
    pub(crate) fn new(
        place: &Place,
        program: &caucus_bytecode::Program,
        args: Vec<i64>,
        public_inputs: Option<[u8; 32]>,
    ) -> Self {
        Self {
            protocol: place.protocol.to_owned(),
            ring_bits: place.ring_bits,
            program: program.name.clone(),
            hash: program.hash(),
            args,
            public_inputs,
        }
    }

    /// The first thing in which a checkpoint's run differs: what, there, here.
    fn difference(&self, found: &Self) -> Option<(&'static str, String, String)> {
        let numbers = |it: &Self| match it.args.as_slice() {
            [] => "none".to_owned(),
            args => args.iter().map(i64::to_string).collect::<Vec<_>>().join(" "),
        };
        let file = |it: &Self| it.public_inputs.map_or("none".to_owned(), |it| short(&it));
        let fields = [
            ("protocol", found.protocol.clone(), self.protocol.clone()),
            ("ring", format!("{} bits", found.ring_bits), format!("{} bits", self.ring_bits)),
            ("program with its arguments", found.program.clone(), self.program.clone()),
            ("compiled program (SHA-256)", short(&found.hash), short(&self.hash)),
            ("numbers of the command line", numbers(found), numbers(self)),
            ("file of public inputs (SHA-256)", file(found), file(self)),
        ];
        fields.into_iter().find(|(_, found, expected)| found != expected)
    }
}

fn short(hash: &[u8; 32]) -> String {
    crate::report::hex(&hash[..8])
}

/// Where inputs and files stood at a checkpoint: (party, thread, position).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Positions {
    /// Private inputs that were taken.
    pub(crate) inputs: Vec<(u8, u32, u64)>,
    /// Bytes of binary private inputs that were taken.
    pub(crate) binary_inputs: Vec<(u8, u32, u64)>,
    /// Bytes of binary outputs.
    pub(crate) binary_outputs: Vec<(u8, u32, u64)>,
    /// Public inputs that were taken.
    pub(crate) public_inputs: u64,
    /// The state of the stored shares, if the program uses them.
    pub(crate) stored: Option<Mark>,
    /// Ports that the program listens on, without the number of the party.
    pub(crate) ports: Vec<i64>,
}

/// The checkpoints of one node.
pub(crate) struct CheckpointStore {
    place: Place,
    task: Task,
    resume: bool,
    state: Mutex<State>,
}

struct State {
    /// Keeps other runs away from the files.
    lock: Option<File>,
    /// What was found at the beginning, the newest first.
    found: Vec<Found>,
    /// Whether the run goes on from the one that counts only now.
    from_next: bool,
    /// The one that the run has begun with.
    begun: Option<Box<Head>>,
    /// The last one that was written, or that the run has begun with.
    last: Mark,
}

/// A checkpoint that can be used.
struct Found {
    /// Whether it is the one that may not count yet.
    is_next: bool,
    head: Head,
    snapshot: Vec<u8>,
}

/// How the parties begin.
pub(crate) enum Settled {
    /// At the beginning.
    Fresh,
    /// With this snapshot.
    From(Vec<u8>),
    /// A party has nothing that can be used.
    Unusable,
}

impl CheckpointStore {
    /// How many checkpoints a node has at most.
    const MAX: usize = 2;
    /// Bytes of an offer: whether this party can take part, how many there are, their marks.
    const OFFER: usize = 2 + Self::MAX * Mark::BYTES;

    pub(crate) fn new(place: Place, task: Task, resume: bool) -> Self {
        let state = State {
            lock: None,
            found: Vec::new(),
            from_next: false,
            begun: None,
            last: Mark::NONE,
        };
        Self { place, task, resume, state: Mutex::new(state) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn owner(&self) -> Owner {
        let n_parties = u32::try_from(self.place.n_parties).unwrap_or(u32::MAX);
        Owner { node: self.place.owner(), n_parties }
    }

    /// The last one that counts, or the next one.
    fn path(&self, ending: &str) -> PathBuf {
        self.place.folder.join(format!("Checkpoint-{}.{ending}", self.place.owner()))
    }

    fn system(&self, what: &'static str) -> impl Fn(std::io::Error) -> CheckpointError {
        let path = self.path("data");
        move |source| CheckpointError::System { what, path: path.clone(), source }
    }

    /// Opens the files, and gives what the other parties are told; whether there are files of another run that the
    /// first checkpoint will replace.
    pub(crate) fn offer(&self) -> (Vec<u8>, Result<bool, CheckpointError>) {
        let opened = self.open();
        let state = self.lock();
        let mut offer = vec![u8::from(opened.is_ok()), state.found.len() as u8];
        state.found.iter().for_each(|found| found.head.mark.write(&mut offer));
        offer.resize(Self::OFFER, 0);
        (offer, opened)
    }

    fn open(&self) -> Result<bool, CheckpointError> {
        let write = self.system("write");
        let mut folder = fs::DirBuilder::new();
        folder.recursive(true).mode(0o700).create(&self.place.folder).map_err(&write)?;
        let lock = create_private(&self.path("lock")).map_err(&write)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => CheckpointError::InUse { path: self.path("data") },
            TryLockError::Error(source) => write(source),
        })?;
        self.lock().lock = Some(lock);
        if !self.resume {
            return Ok(["data", "next"].iter().any(|ending| self.path(ending).exists()));
        }
        let mut fault = None;
        // The one that may not count is the newer one.
        for ending in ["next", "data"] {
            match self.read(ending) {
                Ok(None) => {}
                Ok(Some((head, snapshot))) => {
                    let is_next = ending == "next";
                    self.lock().found.push(Found { is_next, head, snapshot });
                }
                Err(error) => fault = Some(error),
            }
        }
        match (self.lock().found.is_empty(), fault) {
            (false, _) => Ok(false),
            (true, Some(fault)) => Err(fault),
            (true, None) => Err(CheckpointError::None { path: self.path("data") }),
        }
    }

    /// Reads one and compares it with this run.
    fn read(&self, ending: &str) -> Result<Option<(Head, Vec<u8>)>, CheckpointError> {
        let path = self.path(ending);
        let Some((head, snapshot)) = file::read(&path)? else { return Ok(None) };
        let (found, expected) = (&head.owner, self.owner());
        if found.node != expected.node {
            let (found, expected) = (found.node.clone(), expected.node);
            return Err(CheckpointError::OfAnother { path, found, expected });
        }
        let parties = (found.n_parties != expected.n_parties).then(|| {
            let [found, expected] = [found.n_parties, expected.n_parties].map(|it| it.to_string());
            ("number of parties", found, expected)
        });
        match parties.or_else(|| self.task.difference(&head.task)) {
            None => Ok(Some((head, snapshot))),
            Some((what, found, expected)) => {
                Err(CheckpointError::OtherTask { path, what, found, expected })
            }
        }
    }

    /// Takes the newest checkpoint that all parties have.
    pub(crate) fn settle(&self, offers: &[Vec<u8>]) -> Result<Settled, CheckpointError> {
        if offers.iter().any(|offer| offer.first() != Some(&1)) {
            return Ok(Settled::Unusable);
        }
        if !self.resume {
            return Ok(Settled::Fresh);
        }
        let all: Vec<Vec<Mark>> = offers.iter().map(|offer| read_offer(offer)).collect();
        let me = self.place.me.party.index();
        let common = Mark::common(&all, me).map_err(|other| CheckpointError::Mixed {
            party: PartyId::new(other as u8),
            ours: describe(&all[me]),
            theirs: describe(&all[other]),
        })?;
        let mut state = self.lock();
        let found = std::mem::take(&mut state.found).into_iter();
        let mut found = found.filter(|it| it.head.mark == common);
        let Found { is_next, head, snapshot } = found.next().expect("this party has it, too");
        state.last = head.mark;
        state.from_next = is_next;
        state.begun = Some(Box::new(head));
        Ok(Settled::From(snapshot))
    }

    /// Where inputs and files stood at the checkpoint that the run has begun with.
    pub(crate) fn positions(&self) -> Positions {
        self.lock().begun.as_ref().map(|head| head.positions.clone()).unwrap_or_default()
    }

    /// The checkpoint that the run has begun with, for the user.
    pub(crate) fn describe(&self) -> String {
        let state = self.lock();
        let place = state.begun.as_ref().and_then(|head| head.place.as_deref());
        let place = place.map_or(String::new(), |place| format!(" ({place})"));
        format!("{}{place}", state.last.number)
    }

    /// Sees to it that the one that all parties go on from is the one that the next write keeps.
    pub(crate) fn adopt(&self) -> Result<(), CheckpointError> {
        if self.lock().from_next {
            return self.commit();
        }
        remove(&self.path("next")).map_err(self.system("write"))
    }

    /// Writes the next one beside the last one.
    pub(crate) fn write(
        &self,
        place: Option<String>,
        positions: Positions,
        snapshot: &[u8],
    ) -> Result<(), CheckpointError> {
        let mut state = self.lock();
        let mark = state.last.next(KIND, &self.place.session);
        let head = Head::new(self.owner(), self.task.clone(), mark, place, positions);
        file::write(&self.path("next"), head, snapshot).map_err(self.system("write"))?;
        state.last = mark;
        Ok(())
    }

    /// The next one is now the last one.
    pub(crate) fn commit(&self) -> Result<(), CheckpointError> {
        // Whether this survives does not matter: the next run finds it under either name.
        fs::rename(self.path("next"), self.path("data")).map_err(self.system("write"))
    }

    /// Removes all of them: the run has ended well.
    pub(crate) fn remove(&self) -> Result<(), CheckpointError> {
        for ending in ["next", "data", "part", "lock"] {
            remove(&self.path(ending)).map_err(self.system("remove"))?;
        }
        Ok(())
    }
}

fn read_offer(offer: &[u8]) -> Vec<Mark> {
    let count = offer.get(1).map_or(0, |count| usize::from(*count)).min(CheckpointStore::MAX);
    Mark::read_all(offer.get(2..).unwrap_or_default(), count)
}

fn describe(marks: &[Mark]) -> String {
    match marks {
        [] => "none".to_owned(),
        marks => marks.iter().map(Mark::to_string).collect::<Vec<_>>().join(" and "),
    }
}

#[cfg(test)]
mod tests;
