//! The form of what a checkpoint keeps of the machine.
//!
//! Lengths are those that the program declares: nothing is allocated that is not there.

use crate::Kind;

/// What is left of a snapshot.
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next bytes; `what` they are says the error if there are fewer.
    pub(crate) fn take(&mut self, len: usize, what: &'static str) -> Result<&'a [u8], Kind> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or(Kind::Snapshot { what })?;
        self.0 = rest;
        Ok(taken)
    }

    /// The next bytes, so many.
    pub(crate) fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], Kind> {
        Ok(self.take(N, what)?.try_into().expect("as many as were asked for"))
    }

    /// A number of four bytes.
    pub(crate) fn number(&mut self, what: &'static str) -> Result<u32, Kind> {
        Ok(u32::from_le_bytes(self.array(what)?))
    }

    /// Fails if there is more.
    pub(crate) fn end(self) -> Result<(), Kind> {
        if self.0.is_empty() { Ok(()) } else { Err(Kind::Snapshot { what: "its length" }) }
    }
}

/// Bytes of so many flags.
pub(crate) fn flags(count: usize) -> usize {
    count.div_ceil(8)
}

/// Appends flags, eight in a byte.
pub(crate) fn pack_flags(flags: &[bool], out: &mut Vec<u8>) {
    let byte = |eight: &[bool]| {
        eight.iter().enumerate().fold(0, |byte, (at, flag)| byte | u8::from(*flag) << at)
    };
    out.extend(flags.chunks(8).map(byte));
}

/// The first `count` flags of packed ones.
pub(crate) fn unpack_flags(bytes: &[u8], count: usize) -> Vec<bool> {
    let flags = bytes.iter().flat_map(|byte| (0..8).map(move |at| byte >> at & 1 == 1));
    flags.take(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_unpacked_as_they_were() {
        for len in [0, 1, 7, 8, 9, 100] {
            let given: Vec<bool> = (0..len).map(|at| at * at % 3 == 1).collect();
            let mut bytes = Vec::new();
            pack_flags(&given, &mut bytes);
            assert_eq!(bytes.len(), flags(len));
            assert_eq!(unpack_flags(&bytes, len), given);
        }
    }
}
