//! Private inputs: text files of decimal numbers, one file per party and thread, read whole before anybody connects.
//!
//! Numbers of these files are secrets of this party, which no message shows: messages end up in logs.
//! [`InputError::for_peers`] is what the others may read.

mod ask;
mod binary;
pub(crate) mod column;
pub(crate) mod manifest;
mod number;
mod parts;
mod public;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use caucus_bytecode::{Op, Program};
use caucus_core::ids::PartyId;
use caucus_vm::InputPiece;

pub(crate) use self::ask::Asked;
pub(crate) use self::binary::BinaryFiles;
use self::column::{Column, Malformed};
pub use self::manifest::ManifestError;
use self::number::NOT_AN_INTEGER;
pub(crate) use self::parts::Parts;
pub use self::parts::{PART, PARTY, PartError, PartFault, PartSource};
pub use self::public::PublicInputError;
pub(crate) use self::public::PublicInputs;

/// Where private inputs lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inputs {
    /// Path that the names of all files start with.
    pub prefix: PathBuf,
    /// Whether more numbers than the program takes are no error.
    pub allow_extra: bool,
    /// Whether the numbers of the main thread are asked for instead, see [`Events::ask`](crate::Events::ask).
    pub interactive: bool,
    /// Where those are that are in parts.
    pub parts: PartSource,
}

impl Default for Inputs {
    fn default() -> Self {
        Self {
            prefix: PathBuf::from("Player-Data/Input"),
            allow_extra: false,
            interactive: false,
            parts: PartSource::default(),
        }
    }
}

impl Inputs {
    /// Files with the usual names in this directory: `<directory>/Input-P<player>-<thread>`.
    pub fn in_directory(directory: &Path) -> Self {
        Self { prefix: directory.join("Input"), ..Self::default() }
    }

    /// The file of one party and thread: `<prefix>-P<player>-<thread>`.
    pub fn path(&self, player: PartyId, thread: usize) -> PathBuf {
        let mut path = self.prefix.clone().into_os_string();
        path.push(format!("-{player}-{thread}"));
        path.into()
    }
}

/// Private inputs that cannot be used. Lines and columns count from 1, columns in characters.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// A file exists but cannot be read.
    #[error("cannot read the private inputs {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A token is no number.
    #[error("{}:{line}:{column}: the private input {what}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Which number of the file it would be, from 1. The place would tell others how long the numbers before are.
        number: usize,
        /// Line of the token.
        line: usize,
        /// Column of its first character.
        column: usize,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The program takes more numbers than there are.
    #[error(
        "{}: the program takes {}{} of {player} in thread {thread}, {}",
        path.display(), if *exact { "" } else { "at least " }, inputs(*expected), there_are(*found)
    )]
    TooFew {
        /// The file.
        path: PathBuf,
        /// The party whose inputs are meant.
        player: PartyId,
        /// The thread that takes them.
        thread: usize,
        /// How many the program takes, so far if it is not `exact`.
        expected: u64,
        /// Whether it takes exactly so many.
        exact: bool,
        /// How many there are; none if the file does not exist.
        found: Option<u64>,
    },
    /// The program takes more of a binary file than there is.
    #[error(
        "{}: the program takes more binary private inputs of {player} in thread {thread}: {}",
        path.display(), what_is_left(*found)
    )]
    BinaryTooFew {
        /// The file.
        path: PathBuf,
        /// The party whose inputs are meant.
        player: PartyId,
        /// The thread that takes them.
        thread: usize,
        /// Bytes that were taken before, those that the program takes now, and those that are left; none if the file
        /// does not exist.
        found: Option<(u64, u64, u64)>,
    },
    /// A part of the private inputs.
    #[error(transparent)]
    Part(#[from] Box<PartError>),
    /// The manifest of the parts.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// Public inputs.
    #[error(transparent)]
    Public(#[from] PublicInputError),
    /// There are more numbers than the program takes.
    #[error(
        "{}:{line}:{column}: the program takes {} of {player} in thread {thread}, {}; this is the first that it \
         would not use",
        path.display(), inputs(*expected), there_are(Some(*found))
    )]
    TooMany {
        /// The file.
        path: PathBuf,
        /// The party whose inputs are meant.
        player: PartyId,
        /// The thread that takes them.
        thread: usize,
        /// How many the program takes.
        expected: u64,
        /// How many there are.
        found: u64,
        /// Line of the first superfluous one.
        line: usize,
        /// Its column.
        column: usize,
    },
}

impl InputError {
    /// The code by which the documentation explains it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooFew { .. } | Self::BinaryTooFew { .. } => "E0411",
            Self::Malformed { .. } => "E0412",
            Self::TooMany { .. } => "E0413",
            Self::Unreadable { .. } => "E0414",
            Self::Public(_) => "E0415",
            Self::Part(error) => error.code(),
            Self::Manifest(_) => "E0417",
        }
    }

    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::TooFew { .. } => {
                "write the missing numbers into this file, with blanks or line ends between them"
            }
            Self::Malformed { .. } => {
                "write a number there; sfix takes decimal fractions, sint integers only"
            }
            Self::TooMany { .. } => "remove what is not used, or run with --allow-extra-inputs",
            Self::BinaryTooFew { .. } => "the file needs as many numbers as the program takes",
            Self::Public(_) => {
                "every party needs a copy of this file, named after the program and its arguments, with integers \
                 separated by white space"
            }
            Self::Part(error) => error.remedy(),
            Self::Manifest(_) => "docs/multinode.md says what a manifest has in it",
            Self::Unreadable { .. } => "let the user who runs the party read it",
        }
    }

    /// What other parties may know: no file names, no numbers.
    pub fn for_peers(&self) -> String {
        match self {
            Self::Unreadable { .. } => "its private inputs cannot be read".to_owned(),
            Self::Malformed { path, number, what, .. } => {
                let name = path.file_name().unwrap_or_default().display();
                format!("no. {number} of its private inputs in {name} {what}")
            }
            Self::TooFew { player, thread, .. } | Self::BinaryTooFew { player, thread, .. } => {
                format!("there are too few private inputs of {player} in thread {thread}")
            }
            Self::Public(error) => error.for_peers(),
            Self::Part(error) => error.for_peers(),
            Self::Manifest(_) => "the manifest of its private inputs cannot be used".to_owned(),
            Self::TooMany { player, thread, .. } => {
                format!("there are too many private inputs of {player} in thread {thread}")
            }
        }
    }
}

fn inputs(count: u64) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} private input{plural}")
}

fn there_are(found: Option<u64>) -> String {
    match found {
        None => "the file does not exist".to_owned(),
        Some(1) => "there is 1".to_owned(),
        Some(found) => format!("there are {found}"),
    }
}

fn what_is_left(found: Option<(u64, u64, u64)>) -> String {
    found.map_or("the file does not exist".to_owned(), |(before, now, left)| {
        format!("after {before} bytes it takes {now}, there are {left}")
    })
}

/// The numbers of one file and how many of them are used up.
struct Stream {
    path: PathBuf,
    exists: bool,
    numbers: Column,
    used: usize,
}

/// The private inputs that this process gives.
pub(crate) struct Streams {
    files: Inputs,
    /// Whether the program takes fractions at all.
    fractions: bool,
    streams: Mutex<BTreeMap<(PartyId, usize), Stream>>,
}

impl Streams {
    /// Reads the files of `players` for all threads of the program, if it takes private inputs at all, and compares
    /// their lengths with what is known of the program. A missing file is empty.
    pub(crate) fn load(
        files: Inputs,
        players: &[PartyId],
        program: &Program,
    ) -> Result<Self, InputError> {
        let mut streams = BTreeMap::new();
        // Chunks of distributed loops take parts.
        let chunks = program.chunk_tapes();
        let tapes = || (0..).zip(&program.tapes).filter(|(number, _)| !chunks.contains(number));
        let ops = || tapes().flat_map(|(_, tape)| &tape.ops);
        let fractions = ops().any(|op| match op {
            Op::InputS { inputs } => inputs.iter().any(|(_, _, bits)| *bits != 0),
            Op::InputB { inputs } => inputs.iter().any(|(_, _, _, fraction)| *fraction != 0),
            _ => false,
        });
        if tapes().any(|(_, tape)| tape.takes_inputs()) {
            for &player in players {
                for thread in usize::from(files.interactive)..program.max_threads() {
                    let limit = exact_count(program, player, thread).filter(|_| !files.allow_extra);
                    let path = files.path(player, thread);
                    let stream = Stream::read(path, player, thread, limit, fractions)?;
                    streams.insert((player, thread), stream);
                }
            }
        }
        for count in &program.inputs {
            let mine = players.iter().find(|player| player.index() == count.player as usize);
            let Some(&player) = mine else { continue };
            let thread = count.thread as usize;
            if files.interactive && thread == 0 {
                continue;
            }
            let stream = streams.get(&(player, thread));
            let found = stream.map_or(0, |stream| stream.numbers.len() as u64);
            if found < count.at_least {
                return Err(InputError::TooFew {
                    path: files.path(player, thread),
                    player,
                    thread,
                    expected: count.at_least,
                    exact: count.exact,
                    found: stream.filter(|stream| stream.exists).map(|_| found),
                });
            }
        }
        Ok(Self { files, fractions, streams: Mutex::new(streams) })
    }

    /// Hands over the next `count` numbers of a player in a thread, times 2^`bits` and rounded; 0 bits take integers
    /// only.
    pub(crate) fn take(
        &self,
        player: PartyId,
        thread: usize,
        count: usize,
        bits: u32,
        take: &mut dyn FnMut(InputPiece<'_>),
    ) -> Result<(), InputError> {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        let stream = match streams.entry((player, thread)) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            // Players that only the running program knows, where one process plays all.
            std::collections::btree_map::Entry::Vacant(entry) => {
                let path = self.files.path(player, thread);
                entry.insert(Stream::read(path, player, thread, None, self.fractions)?)
            }
        };
        let end = stream.used.checked_add(count).filter(|end| *end <= stream.numbers.len());
        let Some(end) = end else {
            return Err(InputError::TooFew {
                path: stream.path.clone(),
                player,
                thread,
                expected: stream.used as u64 + count as u64,
                exact: false,
                found: stream.exists.then_some(stream.numbers.len() as u64),
            });
        };
        let range = stream.used..end;
        let fraction = stream.numbers.first_fraction(range.clone()).filter(|_| bits == 0);
        if let Some((index, line, column)) = fraction {
            return Err(InputError::Malformed {
                path: stream.path.clone(),
                number: index + 1,
                line,
                column,
                what: NOT_AN_INTEGER,
            });
        }
        stream.numbers.hand_over(range, bits, take);
        stream.used = end;
        Ok(())
    }
}

impl Streams {
    /// How many numbers were taken, by party and thread.
    pub(crate) fn positions(&self) -> Vec<(u8, u32, u64)> {
        let streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        let position = |(&(player, thread), stream): (&(PartyId, usize), &Stream)| {
            (player.index() as u8, thread as u32, stream.used as u64)
        };
        streams.iter().map(position).collect()
    }

    /// Goes on behind numbers that were taken before.
    pub(crate) fn set_positions(&self, positions: &[(u8, u32, u64)]) -> Result<(), InputError> {
        for (player, thread, used) in positions {
            let (player, thread) = (PartyId::new(*player), *thread as usize);
            // Reads the file if that has not been done.
            self.take(player, thread, 0, 1, &mut |_| ())?;
            let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(stream) = streams.get_mut(&(player, thread)) {
                stream.used = usize::try_from(*used).unwrap_or(usize::MAX);
            }
        }
        Ok(())
    }
}

/// How many numbers the program takes, if that is known for sure.
fn exact_count(program: &Program, player: PartyId, thread: usize) -> Option<u64> {
    let of_stream = |count: &&caucus_bytecode::InputCount| {
        count.player as usize == player.index() && count.thread as usize == thread
    };
    let count = program.inputs.iter().find(of_stream)?;
    count.exact.then_some(count.at_least)
}

impl Stream {
    fn read(
        path: PathBuf,
        player: PartyId,
        thread: usize,
        limit: Option<u64>,
        with_fractions: bool,
    ) -> Result<Self, InputError> {
        let (bytes, exists) = match std::fs::read(&path) {
            Ok(bytes) => (bytes, true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => (Vec::new(), false),
            Err(source) => return Err(InputError::Unreadable { path, source }),
        };
        let (numbers, first_extra) = match Column::read(&bytes, with_fractions, limit) {
            Ok(read) => read,
            Err(Malformed { number, line, column, what }) => {
                return Err(InputError::Malformed { path, number, line, column, what });
            }
        };
        if let (Some((line, column)), Some(expected)) = (first_extra, limit) {
            let found = numbers.len() as u64;
            return Err(InputError::TooMany {
                path,
                player,
                thread,
                expected,
                found,
                line,
                column,
            });
        }
        Ok(Self { path, exists, numbers, used: 0 })
    }
}

#[cfg(test)]
mod tests {
    use caucus_bytecode::operand::{DstS, SrcI};
    use caucus_bytecode::{InputCount, Tape};
    use num_bigint::BigInt;
    use tempfile::TempDir;

    use super::*;

    fn program(inputs: Vec<InputCount>) -> Program {
        let op = Op::InputS { inputs: vec![(DstS(0), SrcI(0), 0)] };
        Program {
            tapes: vec![Tape { ops: vec![op], ..Tape::default() }],
            inputs,
            ..Program::default()
        }
    }

    fn count(at_least: u64, exact: bool) -> Vec<InputCount> {
        vec![InputCount { player: 1, thread: 0, at_least, exact }]
    }

    const P1: PartyId = PartyId::new(1);

    fn load(text: &str, program: &Program, allow_extra: bool) -> Result<Streams, InputError> {
        let dir = TempDir::new().unwrap();
        let files = Inputs { allow_extra, ..Inputs::in_directory(dir.path()) };
        std::fs::write(files.path(P1, 0), text).unwrap();
        Streams::load(files, &[P1], program)
    }

    fn take(inputs: &Streams, count: usize, bits: u32) -> Result<Vec<BigInt>, InputError> {
        let mut numbers = Vec::new();
        inputs.take(P1, 0, count, bits, &mut |piece| match piece {
            InputPiece::Small(small) => numbers.extend(small.iter().map(|it| BigInt::from(*it))),
            InputPiece::Large(large) => numbers.push(large.clone()),
        })?;
        Ok(numbers)
    }

    /// The message without the directory.
    fn text(res: Result<Streams, InputError>) -> String {
        let text = res.err().unwrap().to_string();
        text.rsplit('/').next().unwrap().to_owned()
    }

    #[test]
    fn files_are_named_as_users_know_them() {
        let path = Inputs::default().path(P1, 3);
        assert_eq!(path, PathBuf::from("Player-Data/Input-P1-3"));
    }

    #[test]
    fn integers_of_any_size_are_taken_in_order() {
        let inputs =
            load("1 -2\t+3\r\n\n 123456789012345678901234567890\n", &program(vec![]), false);
        let inputs = inputs.unwrap();
        let first: Vec<_> = take(&inputs, 3, 0).unwrap();
        assert_eq!(first, [1, -2, 3].map(BigInt::from));
        let big = take(&inputs, 1, 0).unwrap();
        assert_eq!(big[0].to_string(), "123456789012345678901234567890");
        assert!(take(&inputs, 0, 0).unwrap().is_empty());
    }

    #[test]
    fn fractions_are_taken_where_the_program_takes_them() {
        let mut program = program(vec![]);
        program.tapes[0].ops.push(Op::InputS { inputs: vec![(DstS(0), SrcI(0), 16)] });
        let inputs = load("1 2.5\n-0.25 7 8.5", &program, false).unwrap();
        assert_eq!(take(&inputs, 1, 0).unwrap(), [BigInt::from(1)]);
        let fixed = take(&inputs, 3, 16).unwrap();
        assert_eq!(fixed, [5 << 15, -(1 << 14), 7 << 16].map(BigInt::from));
        let message = take(&inputs, 1, 0).unwrap_err().to_string();
        assert!(
            message.contains("Input-P1-0:2:9: the private input is not an integer"),
            "{message}"
        );
    }

    #[test]
    fn a_malformed_token_is_found_with_its_place() {
        for (line, place) in [("ä x", "1"), ("3 4\n5 6O", "2:3"), ("1 2.5", "1:3"), ("-", "1:1")] {
            let message = text(load(line, &program(vec![]), false));
            assert!(message.starts_with(&format!("Input-P1-0:{place}")), "{message}");
            assert!(message.contains("is not an integer"), "{message}");
        }
        let column = text(load("1 2 ää", &program(vec![]), false));
        assert!(column.starts_with("Input-P1-0:1:5: the private input"), "{column}");
    }

    #[test]
    fn bytes_that_are_no_text_are_malformed() {
        let dir = TempDir::new().unwrap();
        let files = Inputs::in_directory(dir.path());
        std::fs::write(files.path(P1, 0), b"1 \xff\xfe").unwrap();
        let error = Streams::load(files, &[P1], &program(vec![])).err().unwrap();
        assert!(matches!(error, InputError::Malformed { line: 1, column: 3, .. }), "{error}");
    }

    #[test]
    fn a_missing_file_counts_as_empty() {
        let dir = TempDir::new().unwrap();
        let files = Inputs::in_directory(dir.path());
        let inputs = Streams::load(files.clone(), &[P1], &program(vec![])).unwrap();
        let error = take(&inputs, 1, 0).unwrap_err();
        assert!(error.to_string().ends_with("the file does not exist"), "{error}");
        let error = Streams::load(files, &[P1], &program(count(1, true))).err().unwrap();
        assert!(matches!(error, InputError::TooFew { expected: 1, found: None, .. }), "{error}");
    }

    #[test]
    fn too_few_and_too_many_are_told_before_the_run() {
        assert_eq!(
            text(load("1 2", &program(count(3, true)), false)),
            "Input-P1-0: the program takes 3 private inputs of P1 in thread 0, there are 2"
        );
        let message = text(load("1 2\n3 4", &program(count(2, true)), false));
        assert!(message.starts_with("Input-P1-0:2:1: the program takes 2"), "{message}");
        assert!(load("1 2\n3 4", &program(count(2, true)), true).is_ok());
        assert!(load("1 2\n3 4", &program(count(2, false)), false).is_ok());
        assert!(load("1", &program(count(2, false)), true).is_err());
    }

    #[test]
    fn running_out_says_how_many_there_are() {
        let inputs = load("1 2 3", &program(vec![]), false).unwrap();
        take(&inputs, 2, 0).unwrap();
        let error = take(&inputs, 2, 0).unwrap_err();
        assert!(matches!(
            error,
            InputError::TooFew { expected: 4, found: Some(3), exact: false, .. }
        ));
        assert_eq!(error.for_peers(), "there are too few private inputs of P1 in thread 0");
    }

    #[test]
    fn a_program_without_inputs_reads_no_files() {
        let mut silent = program(vec![]);
        silent.tapes[0].ops.clear();
        assert!(load("junk", &silent, false).is_ok());
    }

    #[test]
    fn messages_show_no_private_input_and_peers_no_path() {
        let error = load("4711 47.11", &program(vec![]), false).err().unwrap();
        // Messages end up in logs, and what is malformed is most often nearly the secret.
        assert!(!format!("{error} {error:?}").contains("47"), "{error:?}");
        let told = error.for_peers();
        assert!(told.starts_with("no. 2 of its private inputs") && !told.contains("47"), "{told}");
    }
}
