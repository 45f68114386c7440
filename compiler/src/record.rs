//! Reading a record: what the front end writes after it has run a program (`docs/record.md`).
//!
//! The front end runs code of the user, so nothing is believed: lengths are compared with what is
//! there before anything is allocated, and what is decoded is then verified ([`crate::verify`]).

mod words;

use num_bigint::BigInt;
use serde::Deserialize;

use caucus_bytecode::words::DecodeError;

use crate::diagnostic::Diagnostic;
use crate::ir::{Class, Module, Position, Regs, Tape};

/// First bytes of a record.
pub(crate) const MARK: &[u8; 8] = b"CAUCUSR1";
/// Largest number of registers of a class. The lanes of so many take 1 GB.
const MAX_REGISTERS: u64 = 1 << 27;

/// What the front end answers.
#[derive(Debug)]
pub(crate) enum Answer {
    /// The program was recorded.
    Recorded(Box<Recording>),
    /// The program is faulty.
    Faulty(Box<Diagnostic>),
}

/// A recorded program.
#[derive(Debug)]
pub(crate) struct Recording {
    /// The program, not verified yet.
    pub(crate) module: Module,
    /// Number of recorded operations.
    pub(crate) recorded: u64,
    /// Seconds of processor time that the recording took.
    pub(crate) seconds: f64,
    /// What the front end tells about loops, with their places.
    pub(crate) notes: Vec<(Position, String)>,
}

/// Why bytes are not a record. Always a fault of the front end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecordError {
    /// It does not start as a record does.
    #[error("no record ({bytes} bytes)")]
    NotARecord {
        /// Length of what came.
        bytes: usize,
    },
    /// It ends too early.
    #[error("the record ends in its {part}")]
    Truncated {
        /// Which part is not whole.
        part: &'static str,
    },
    /// Something follows its end.
    #[error("{bytes} bytes after the end of the record")]
    Trailing {
        /// How much.
        bytes: usize,
    },
    /// The JSON part is not as described.
    #[error("the head of the record: {0}")]
    Head(#[from] serde_json::Error),
    /// A number in the JSON part is not possible.
    #[error("the head of the record: {what}")]
    Number {
        /// Which.
        what: String,
    },
    /// An instruction is damaged.
    #[error("tape {tape} of the record: {source}")]
    Op {
        /// Index of the tape.
        tape: usize,
        /// What does not fit.
        source: DecodeError,
    },
    /// A marker is not allowed where it stands.
    #[error("tape {tape} of the record, word {at}: {what}")]
    Marker {
        /// Index of the tape.
        tape: usize,
        /// Index of the word.
        at: usize,
        /// What is wrong with it.
        what: &'static str,
    },
}

#[derive(Deserialize)]
struct Head {
    ok: bool,
    #[serde(default)]
    name: String,
    #[serde(default)]
    files: Vec<String>,
    #[serde(default)]
    texts: Vec<String>,
    #[serde(default)]
    constants: Vec<String>,
    #[serde(default)]
    sizes: Sizes,
    #[serde(default)]
    tapes: Vec<TapeHead>,
    #[serde(default)]
    recorded: u64,
    #[serde(default)]
    seconds: f64,
    #[serde(default)]
    notes: Vec<(u64, String)>,
    error: Option<Fault>,
}

#[derive(Default, Deserialize)]
struct Sizes {
    s: u64,
    c: u64,
    i: u64,
    #[serde(default)]
    b: u64,
}

#[derive(Deserialize)]
struct TapeHead {
    name: String,
    params: Vec<u32>,
    words: u64,
}

#[derive(Deserialize)]
struct Fault {
    code: String,
    message: String,
    file: Option<String>,
    line: Option<u32>,
    column: Option<u32>,
    end_column: Option<u32>,
    #[serde(default)]
    calls: Vec<String>,
    help: Option<String>,
    traceback: Option<String>,
}

/// Takes parts from the front of a slice.
struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, bytes: u64, part: &'static str) -> Result<&'a [u8], RecordError> {
        let len = usize::try_from(bytes).unwrap_or(usize::MAX);
        let (taken, rest) =
            self.rest.split_at_checked(len).ok_or(RecordError::Truncated { part })?;
        self.rest = rest;
        Ok(taken)
    }
}

/// Decodes a record. `ring_bits` is what the front end was told.
///
/// # Errors
/// Anything but a whole record without trailing bytes.
pub(crate) fn decode(bytes: &[u8], ring_bits: u32) -> Result<Answer, RecordError> {
    let rest = bytes.strip_prefix(MARK).ok_or(RecordError::NotARecord { bytes: bytes.len() })?;
    let mut reader = Reader { rest };
    let len = reader.take(4, "head")?;
    let len = u32::from_le_bytes(len.try_into().expect("four bytes were taken"));
    let head: Head = serde_json::from_slice(reader.take(u64::from(len), "head")?)?;
    let answer = match (head.ok, head.error) {
        (false, Some(fault)) => Answer::Faulty(fault.into_diagnostic()),
        (false, None) => return Err(number("no error although not ok")),
        (true, _) => Answer::Recorded(Box::new(decode_program(
            Head { error: None, ..head },
            ring_bits,
            &mut reader,
        )?)),
    };
    match reader.rest.len() {
        0 => Ok(answer),
        bytes => Err(RecordError::Trailing { bytes }),
    }
}

fn number(what: impl Into<String>) -> RecordError {
    RecordError::Number { what: what.into() }
}

fn decode_program(
    head: Head,
    ring_bits: u32,
    reader: &mut Reader<'_>,
) -> Result<Recording, RecordError> {
    if head.tapes.is_empty() {
        return Err(number("there is no main tape"));
    }
    let mut lanes: [Vec<u64>; Class::COUNT] = Default::default();
    let Sizes { s, c, i, b } = head.sizes;
    for (class, count) in Class::ALL.into_iter().zip([s, c, i, b]) {
        if count > MAX_REGISTERS {
            return Err(number(format!("{count} registers, more than {MAX_REGISTERS}")));
        }
        let bytes = reader.take(count * 4, "table of registers")?;
        lanes[class.index()] = bytes
            .chunks_exact(4)
            .map(|it| u64::from(u32::from_le_bytes(it.try_into().expect("chunks of four"))))
            .collect();
    }
    let place = |word: u64| Position {
        file: u32::try_from(word >> 32).expect("32 bits are left"),
        line: u32::try_from(word & u64::from(u32::MAX)).expect("32 bits are left"),
    };
    let notes = head.notes.into_iter().map(|(word, text)| (place(word), text)).collect();
    let mut module = Module {
        name: head.name,
        ring_bits,
        texts: head.texts,
        constants: head.constants.iter().map(|it| constant(it)).collect::<Result<_, _>>()?,
        files: head.files,
        regs: Regs::new(lanes),
        ..Module::default()
    };
    for (index, tape) in head.tapes.into_iter().enumerate() {
        let bytes = tape.words.checked_mul(8).ok_or_else(|| number("too many words"))?;
        let words: Vec<_> = reader
            .take(bytes, "instructions")?
            .chunks_exact(8)
            .map(|it| i64::from_le_bytes(it.try_into().expect("chunks of eight")))
            .collect();
        let body = words::decode(words, index, &mut module.arrays)?;
        module.tapes.push(Tape { name: tape.name, params: tape.params, body });
    }
    Ok(Recording { module, recorded: head.recorded, seconds: head.seconds, notes })
}

/// A decimal integer; Python limits the digits it prints, this limits what is parsed.
fn constant(text: &str) -> Result<BigInt, RecordError> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let fits = digits.len() <= 10_000 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let value = if fits { text.parse().ok() } else { None };
    value.ok_or_else(|| number(format!("a constant of {} characters is no integer", text.len())))
}

impl Fault {
    fn into_diagnostic(self) -> Box<Diagnostic> {
        let column = self.column;
        let behind = |first: u32| self.end_column.unwrap_or(first.saturating_add(1));
        Box::new(Diagnostic {
            code: self.code,
            message: self.message,
            line: if self.file.is_some() { self.line.unwrap_or(0) } else { 0 },
            file: self.file.unwrap_or_default(),
            columns: column.map(|first| (first, behind(first))),
            calls: self.calls,
            help: self.help,
            text: None,
            traceback: self.traceback,
        })
    }
}

#[cfg(test)]
mod tests;
