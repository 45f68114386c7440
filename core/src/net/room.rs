//! Where a message goes that comes in: memory that is there, or that becomes free part by part.

use std::cell::RefCell;
use std::collections::VecDeque;

/// Parts of a buffer in their order, of which nobody needs the contents any more.
pub(super) type Freed<'a> = RefCell<VecDeque<&'a mut [u8]>>;

/// The memory of one message.
pub(super) enum Room<'a> {
    /// All of it.
    Whole(&'a mut [u8]),
    /// What is freed while the message comes in.
    Freed {
        len: usize,
        parts: &'a Freed<'a>,
        /// The part that is being filled, and how much of it is.
        current: (&'a mut [u8], usize),
    },
}

impl<'a> Room<'a> {
    /// A message of so many bytes, as many as the parts will have together.
    pub(super) fn freed(len: usize, parts: &'a Freed<'a>) -> Self {
        Self::Freed { len, parts, current: (&mut [], 0) }
    }

    /// Bytes of the whole message.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Whole(buf) => buf.len(),
            Self::Freed { len, .. } => *len,
        }
    }

    /// Room for what follows the first `done` bytes; none if none is free yet.
    pub(super) fn space(&mut self, done: usize) -> &mut [u8] {
        match self {
            Self::Whole(buf) => &mut buf[done..],
            Self::Freed { parts, current, .. } => {
                if current.0.len() == current.1
                    && let Some(part) = parts.borrow_mut().pop_front()
                {
                    *current = (part, 0);
                }
                &mut current.0[current.1..]
            }
        }
    }

    /// Notes that so many bytes of [`space`](Self::space) were written.
    pub(super) fn fill(&mut self, written: usize) {
        if let Self::Freed { current, .. } = self {
            current.1 += written;
        }
    }

    /// Whether there is room now.
    pub(super) fn has_space(&self) -> bool {
        match self {
            Self::Whole(_) => true,
            Self::Freed { parts, current, .. } => {
                current.0.len() > current.1 || !parts.borrow().is_empty()
            }
        }
    }
}
