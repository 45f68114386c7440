//! Public inputs: a text file of integers, the same at all parties, `Programs/Public-Input/<program>`.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use caucus_bytecode::{Op, Program};
use sha2::{Digest, Sha256};

/// Public inputs that cannot be used. Lines and columns count from 1, columns in characters.
#[derive(Debug, thiserror::Error)]
pub enum PublicInputError {
    /// There is no such file, or it cannot be read.
    #[error("cannot read the public inputs {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A token is no integer of 64 bits.
    #[error("{}:{line}:{column}: the public input `{token}` is not an integer of 64 bits", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Line of the token.
        line: usize,
        /// Column of its first character.
        column: usize,
        /// The token, or its beginning.
        token: String,
    },
    /// The program takes more numbers than there are.
    #[error("{}: the program takes at least {expected} public inputs, there are {found}", path.display())]
    TooFew {
        /// The file.
        path: PathBuf,
        /// How many the program has taken, with those it asks for now.
        expected: usize,
        /// How many there are.
        found: usize,
    },
}

impl PublicInputError {
    /// What the other parties need to know; their files have the same name.
    pub(crate) fn for_peers(&self) -> String {
        match self {
            Self::Unreadable { source, .. } => {
                format!("its file of public inputs cannot be read: {source}")
            }
            Self::Malformed { line, column, .. } => format!(
                "its file of public inputs has something else than an integer in line {line}, column {column}"
            ),
            Self::TooFew { expected, found, .. } => {
                format!("the program takes at least {expected} public inputs, there are {found}")
            }
        }
    }
}

/// The longest token that messages show.
const SHOWN: usize = 40;

/// The public inputs of a program.
#[derive(Default)]
pub(crate) struct PublicInputs {
    path: PathBuf,
    numbers: Vec<i64>,
    used: Mutex<usize>,
    digest: Option<[u8; 32]>,
}

impl PublicInputs {
    /// Reads the file of a program in a folder, if the program takes public inputs at all.
    pub(crate) fn load(folder: &Path, program: &Program) -> Result<Self, PublicInputError> {
        let mut ops = program.tapes.iter().flat_map(|tape| &tape.ops);
        if !ops.any(|op| matches!(op, Op::PublicInput { .. })) {
            return Ok(Self::default());
        }
        let path = folder.join(&program.name);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(source) => return Err(PublicInputError::Unreadable { path, source }),
        };
        let mut numbers = Vec::new();
        for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            let line = String::from_utf8_lossy(line);
            for token in line.split_whitespace() {
                let number = token.parse().map_err(|_| PublicInputError::Malformed {
                    path: path.clone(),
                    line: index + 1,
                    column: column(&line, token),
                    token: token.chars().take(SHOWN).collect(),
                })?;
                numbers.push(number);
            }
        }
        let digest = Some(Sha256::digest(&bytes).into());
        Ok(Self { path, numbers, used: Mutex::default(), digest })
    }

    /// The digest of the file, for comparison with the other parties; none if the program needs none.
    pub(crate) fn digest(&self) -> Option<[u8; 32]> {
        self.digest
    }

    /// How many numbers were taken.
    pub(crate) fn position(&self) -> usize {
        *self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Goes on behind so many numbers.
    pub(crate) fn set_position(&self, position: u64) {
        let position = usize::try_from(position).unwrap_or(usize::MAX);
        *self.used.lock().unwrap_or_else(PoisonError::into_inner) = position;
    }

    /// The next numbers.
    pub(crate) fn take(&self, count: usize) -> Result<Vec<i64>, PublicInputError> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let (start, expected) = (*used, used.saturating_add(count));
        let found = self.numbers.len();
        let Some(numbers) = self.numbers.get(start..expected) else {
            return Err(PublicInputError::TooFew { path: self.path.clone(), expected, found });
        };
        *used = expected;
        Ok(numbers.to_vec())
    }
}

/// The column of a token in the line that it is a part of.
fn column(line: &str, token: &str) -> usize {
    let start = token.as_ptr() as usize - line.as_ptr() as usize;
    line[..start].chars().count() + 1
}

#[cfg(test)]
mod tests {
    use caucus_bytecode::Tape;
    use caucus_bytecode::operand::DstI;
    use tempfile::TempDir;

    use super::*;

    fn load(text: &str) -> Result<PublicInputs, PublicInputError> {
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("prog-1"), text).unwrap();
        PublicInputs::load(folder.path(), &program())
    }

    fn program() -> Program {
        let tape = Tape { ops: vec![Op::PublicInput { dst: DstI(0) }], ..Tape::default() };
        Program { name: "prog-1".into(), tapes: vec![tape], ..Program::default() }
    }

    #[test]
    fn numbers_come_in_order_until_there_are_no_more() {
        let inputs = load("1 -2\n\n 9223372036854775807\t+4").unwrap();
        assert_eq!(inputs.take(3).unwrap(), [1, -2, i64::MAX]);
        assert_eq!(inputs.take(1).unwrap(), [4]);
        let message = inputs.take(1).unwrap_err().to_string();
        assert!(message.contains("at least 5") && message.contains("are 4"), "{message}");
        assert!(inputs.take(0).unwrap().is_empty());
    }

    #[test]
    fn what_is_no_integer_is_found_with_its_place() {
        for (text, place) in
            [("1 x", ":1:3:"), ("1\n 2.5", ":2:2:"), ("9223372036854775808", ":1:1:")]
        {
            let message = load(text).err().unwrap().to_string();
            assert!(message.contains(place), "{message}");
        }
    }

    #[test]
    fn a_missing_file_is_an_error_only_if_the_program_takes_public_inputs() {
        let folder = TempDir::new().unwrap();
        let error = PublicInputs::load(folder.path(), &program()).err().unwrap();
        assert!(error.to_string().contains("prog-1"), "{error}");
        assert!(PublicInputs::load(folder.path(), &Program::default()).is_ok());
    }

    #[test]
    fn files_that_differ_have_different_digests() {
        assert_ne!(load("1").unwrap().digest(), load("1 ").unwrap().digest());
    }
}
