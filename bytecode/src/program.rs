//! A compiled program and its container.
//!
//! The container is a fixed mark, the format's version, and the program in `postcard`, a serde
//! format with a written specification. A program that has been read is decoded, but not yet
//! trusted: only what [`crate::verify()`] accepts may run.

use std::collections::BTreeSet;

use num_bigint::BigInt;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::op::{Effect, Op};
use crate::operand::{ArrayRef, Class};
use crate::words::{DecodeError, Words};

/// First bytes of a container.
const MARK: &[u8; 8] = b"CAUCUSBC";
/// Version of the format; any change of the table or of the container changes it.
pub const VERSION: u32 = 5;
/// The largest container that is read, in bytes.
pub const MAX_BYTES: usize = 1 << 30;

/// A compiled program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// Name with arguments, joined by `-`.
    pub name: String,
    /// Bits of the ring it was compiled for.
    pub ring_bits: u32,
    /// The main tape is the first.
    pub tapes: Vec<Tape>,
    /// Arrays that all threads share.
    pub arrays: Vec<ArrayDecl>,
    /// Texts for printing and host names.
    pub texts: Vec<String>,
    /// Big integers.
    pub constants: Vec<BigInt>,
    /// Source files that positions refer to.
    pub files: Vec<String>,
    /// What is known about the number of private inputs.
    pub inputs: Vec<InputCount>,
}

/// How many private inputs one party gives in one thread, as far as the compiler can tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputCount {
    /// The party.
    pub player: u32,
    /// The thread: 0 is the main thread.
    pub thread: u32,
    /// The program takes at least so many.
    pub at_least: u64,
    /// Whether it takes exactly so many.
    pub exact: bool,
}

/// A unit of code that one thread runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tape {
    /// For messages.
    pub name: String,
    /// Integer registers that receive the arguments.
    pub params: Vec<u32>,
    /// Lanes of each register, by class (see [`Class::index`]).
    pub lanes: [Vec<u64>; Class::COUNT],
    /// Arrays of its own.
    pub arrays: Vec<ArrayDecl>,
    /// The instructions.
    pub ops: Vec<Op>,
    /// Where each instruction comes from.
    pub positions: Vec<Position>,
}

/// Element type and length of an array.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArrayDecl {
    /// Element type, as [`Class::index`].
    pub class: u32,
    /// Number of elements.
    pub len: u64,
}

impl ArrayDecl {
    /// Element type; `None` if the number is not one.
    pub fn class(&self) -> Option<Class> {
        Class::from_index(self.class)
    }
}

/// A line of a source file. Line 0 means that there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Position {
    /// Index into the program's files.
    pub file: u32,
    /// Line, from 1.
    pub line: u32,
}

#[derive(Serialize, Deserialize)]
struct ProgramData {
    name: String,
    ring_bits: u32,
    tapes: Vec<TapeData>,
    arrays: Vec<ArrayDecl>,
    texts: Vec<String>,
    constants: Vec<Vec<u8>>,
    files: Vec<String>,
    inputs: Vec<InputCount>,
}

#[derive(Serialize, Deserialize)]
struct TapeData {
    name: String,
    params: Vec<u32>,
    lanes: [Vec<u64>; Class::COUNT],
    arrays: Vec<ArrayDecl>,
    ops: Vec<i64>,
    positions: Vec<Position>,
}

/// Why bytes are not a program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// Not a container at all.
    #[error("this is not Caucus bytecode")]
    NotBytecode,
    /// Another version of the format.
    #[error(
        "bytecode of format {found}, but this version of Caucus reads format {VERSION}: compile the program again"
    )]
    Version {
        /// The version in the file.
        found: u32,
    },
    /// Too large.
    #[error("bytecode of {bytes} bytes, more than the limit of {MAX_BYTES}")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// The container is damaged.
    #[error("damaged bytecode: {what}")]
    Damaged {
        /// What does not fit.
        what: String,
    },
    /// An instruction is damaged.
    #[error("damaged bytecode: tape {tape}: {source}")]
    Op {
        /// Index of the tape.
        tape: usize,
        /// What does not fit.
        source: DecodeError,
    },
}

impl Program {
    /// The tapes that compute chunks of distributed loops.
    pub fn chunk_tapes(&self) -> BTreeSet<u32> {
        let ops = self.tapes.iter().flat_map(|tape| &tape.ops);
        let jobs = ops.filter_map(|op| if let Op::Nodes { jobs } = op { Some(jobs) } else { None });
        jobs.flatten().map(|(tape, ..)| tape.0).collect()
    }

    /// The container.
    pub fn to_bytes(&self) -> Vec<u8> {
        let data = ProgramData {
            name: self.name.clone(),
            ring_bits: self.ring_bits,
            tapes: self.tapes.iter().map(Tape::to_data).collect(),
            arrays: self.arrays.clone(),
            texts: self.texts.clone(),
            constants: self.constants.iter().map(BigInt::to_signed_bytes_le).collect(),
            files: self.files.clone(),
            inputs: self.inputs.clone(),
        };
        let mut bytes = MARK.to_vec();
        bytes.extend(VERSION.to_le_bytes());
        postcard::to_extend(&data, bytes).expect("writing to memory does not fail")
    }

    /// Reads a container. The result is not verified yet.
    ///
    /// # Errors
    /// Anything but a whole container of this version without trailing bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LoadError> {
        if bytes.len() > MAX_BYTES {
            return Err(LoadError::TooLarge { bytes: bytes.len() });
        }
        let rest = bytes.strip_prefix(MARK).ok_or(LoadError::NotBytecode)?;
        let (version, rest) = rest.split_first_chunk::<4>().ok_or(LoadError::NotBytecode)?;
        let found = u32::from_le_bytes(*version);
        if found != VERSION {
            return Err(LoadError::Version { found });
        }
        let damaged = |what: String| LoadError::Damaged { what };
        let (data, rest) = postcard::take_from_bytes::<ProgramData>(rest)
            .map_err(|error| damaged(error.to_string()))?;
        if !rest.is_empty() {
            return Err(damaged(format!("{} bytes after its end", rest.len())));
        }
        let tapes = data.tapes.into_iter().enumerate();
        Ok(Self {
            name: data.name,
            ring_bits: data.ring_bits,
            tapes: tapes
                .map(|(index, tape)| {
                    tape.into_tape().map_err(|source| LoadError::Op { tape: index, source })
                })
                .collect::<Result<_, _>>()?,
            arrays: data.arrays,
            texts: data.texts,
            constants: data.constants.iter().map(|it| BigInt::from_signed_bytes_le(it)).collect(),
            files: data.files,
            inputs: data.inputs,
        })
    }

    /// SHA-256 of the container: what parties compare before they run a program.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.to_bytes()).into()
    }

    /// The declaration of an array that `tape` refers to.
    pub fn array(&self, tape: &Tape, array: ArrayRef) -> Option<ArrayDecl> {
        match array {
            ArrayRef::Global(index) => self.arrays.get(index as usize).cloned(),
            ArrayRef::Local(index) => tape.arrays.get(index as usize).cloned(),
        }
    }

    /// The largest number of threads that run at the same time, the main thread included.
    pub fn max_threads(&self) -> usize {
        let ops = self.tapes.iter().flat_map(|tape| &tape.ops);
        let jobs = ops.map(|op| if let Op::Threads { jobs } = op { jobs.len() } else { 0 });
        1 + jobs.max().unwrap_or(0)
    }

    /// Whether nodes of each party work for it: at chunks of a loop, or at rows together.
    pub fn uses_nodes(&self) -> bool {
        let at_nodes = |op: &Op| {
            matches!(op, Op::Nodes { .. } | Op::ShuffleAtNodes { .. } | Op::SortAtNodes { .. })
        };
        self.tapes.iter().flat_map(|tape| &tape.ops).any(at_nodes)
    }

    /// `file:line` of a position, if it has one.
    pub fn location(&self, position: Position) -> Option<String> {
        let file = self.files.get(position.file as usize)?;
        (position.line > 0).then(|| format!("{file}:{}", position.line))
    }
}

impl Tape {
    /// Whether an instruction takes private inputs.
    pub fn takes_inputs(&self) -> bool {
        self.ops.iter().any(|op| op.effect() == Effect::Input)
    }

    fn to_data(&self) -> TapeData {
        let mut ops = Vec::new();
        self.ops.iter().for_each(|op| op.encode(&mut ops));
        TapeData {
            name: self.name.clone(),
            params: self.params.clone(),
            lanes: self.lanes.clone(),
            arrays: self.arrays.clone(),
            ops,
            positions: self.positions.clone(),
        }
    }
}

impl TapeData {
    fn into_tape(self) -> Result<Tape, DecodeError> {
        let mut words = Words::new(&self.ops);
        let mut ops = Vec::new();
        while !words.is_empty() {
            ops.push(Op::decode(&mut words)?);
        }
        Ok(Tape {
            name: self.name,
            params: self.params,
            lanes: self.lanes,
            arrays: self.arrays,
            ops,
            positions: self.positions,
        })
    }
}
