//! What goes with the chunks of a distributed loop.

use std::fmt;

use crate::operand::{Access, ArrayRef, Mention, Operand, Use};
use crate::words::{DecodeError, Words};

/// The part of an array that goes with a chunk of a distributed loop: of chunk c the `len` elements
/// from `offset` + c·`stride` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// An array of the program.
    pub array: ArrayRef,
    /// What happens to the part.
    pub usage: Use,
    /// First element that chunk 0 touches.
    pub offset: i64,
    /// Distance of the parts of consecutive chunks; 0 if all get the same.
    pub stride: i64,
    /// Number of elements.
    pub len: u64,
}

impl Window {
    /// Whether the elements come back from whoever computes the chunk.
    pub fn is_written(&self) -> bool {
        self.usage != Use::Read
    }

    /// Whether the elements go to whoever computes the chunk.
    pub fn is_sent(&self) -> bool {
        self.usage != Use::Write
    }

    /// The first element of this chunk's part; `None` if it does not fit.
    pub fn start(&self, chunk: i64) -> Option<i64> {
        chunk.checked_mul(self.stride)?.checked_add(self.offset)
    }
}

impl Operand for Window {
    const KIND: &'static str = "Window";
    fn encode(&self, out: &mut Vec<i64>) {
        out.push(self.array.word());
        self.usage.encode(out);
        let len = i64::try_from(self.len).expect("arrays have at most 2^40 elements");
        out.extend([self.offset, self.stride, len]);
    }
    fn decode(words: &mut Words<'_>) -> Result<Self, DecodeError> {
        let at = words.position();
        let array = ArrayRef::from_word(at, words.take()?)?;
        let usage = Use::decode(words)?;
        let [offset, stride] = [words.take()?, words.take()?];
        let at = words.position();
        let word = words.take()?;
        let len = u64::try_from(word).map_err(|_| DecodeError::OutOfRange { at, word })?;
        Ok(Self { array, usage, offset, stride, len })
    }
    fn visit(&mut self, visitor: &mut dyn FnMut(Access<'_>)) {
        visitor(match self.usage {
            Use::Read => Access::ArrayRead(&mut self.array),
            Use::Write | Use::Update => Access::ArrayWrite(&mut self.array),
        });
    }
    fn look(&self, visitor: &mut impl FnMut(Mention)) {
        visitor(match self.usage {
            Use::Read => Mention::ArrayRead(self.array),
            Use::Write | Use::Update => Mention::ArrayWrite(self.array),
        });
    }
    fn text(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.usage.text(f)?;
        write!(f, " {}[{}+{}c..+{}]", self.array, self.offset, self.stride, self.len)
    }
}
