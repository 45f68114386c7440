//! Instructions as sequences of 64-bit words: what the front end records and the container stores.

/// A bounded reader over the words of a tape or of a record.
#[derive(Debug)]
pub struct Words<'a> {
    words: &'a [i64],
    position: usize,
}

impl<'a> Words<'a> {
    /// Reads from the start of `words`.
    pub fn new(words: &'a [i64]) -> Self {
        Self { words, position: 0 }
    }

    /// How many words have been read.
    pub fn position(&self) -> usize {
        self.position
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.position == self.words.len()
    }

    /// The next word.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] at the end.
    pub fn take(&mut self) -> Result<i64, DecodeError> {
        let word = *self.words.get(self.position).ok_or(DecodeError::Truncated)?;
        self.position += 1;
        Ok(word)
    }

    /// The next word as a non-negative number that fits 32 bits.
    ///
    /// # Errors
    /// [`DecodeError::OutOfRange`] for any other number.
    pub fn take_u32(&mut self) -> Result<u32, DecodeError> {
        let at = self.position;
        let word = self.take()?;
        u32::try_from(word).map_err(|_| DecodeError::OutOfRange { at, word })
    }

    /// The next word as the length of a list whose items take at least one word each, so that no
    /// allocation follows a length that the rest of the input cannot hold.
    ///
    /// # Errors
    /// [`DecodeError::OutOfRange`] if fewer words are left than the list has items.
    pub fn take_len(&mut self) -> Result<usize, DecodeError> {
        let at = self.position;
        let word = self.take()?;
        match usize::try_from(word) {
            Ok(len) if len <= self.words.len() - self.position => Ok(len),
            _ => Err(DecodeError::OutOfRange { at, word }),
        }
    }
}

/// Why words are not instructions.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The words end in the middle of an instruction.
    #[error("the instructions end in the middle of one")]
    Truncated,
    /// A word is not allowed where it stands.
    #[error("word {word} at {at} is out of range")]
    OutOfRange {
        /// Index of the word.
        at: usize,
        /// The word.
        word: i64,
    },
    /// No instruction has this number.
    #[error("no instruction has the number {code} (at word {at})")]
    UnknownOp {
        /// Index of the word.
        at: usize,
        /// The number.
        code: i64,
    },
}
