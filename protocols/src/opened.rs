//! Opened values before and after they are known to be right.

use std::fmt;

use caucus_core::algebra::Ring;

/// Values that were opened but not checked yet: they may be wrong if a peer misbehaved.
///
/// They can be computed with, but must not leave the computation before [`Protocol::check`](crate::Protocol::check)
/// has passed.
#[derive(Clone, Default)]
pub struct Opened<R: Ring>(Vec<R>);

impl<R: Ring> Opened<R> {
    /// No values yet, and memory to put them in.
    pub fn with_buffer(mut buffer: Vec<R>) -> Self {
        buffer.clear();
        Self(buffer)
    }

    /// The number of values.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The values, to compute with: whoever takes them sees to it that nothing derived from them leaves before
    /// [`Protocol::check`](crate::Protocol::check) has passed.
    pub fn into_pending(self) -> Vec<R> {
        self.0
    }

    /// The place for values that are being opened.
    pub(crate) fn values_mut(&mut self) -> &mut Vec<R> {
        &mut self.0
    }
}

impl<R: Ring> fmt::Debug for Opened<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opened({} lanes)", self.0.len())
    }
}

/// Proof that everything opened before was right, as far as the protocol promises it.
#[must_use = "values may leave only because this exists"]
#[derive(Clone, Copy, Debug)]
pub struct Checked(());

impl Checked {
    /// For protocols whose check has passed.
    pub(crate) const fn passed() -> Self {
        Self(())
    }
}

#[cfg(test)]
mod tests {
    use caucus_core::algebra::Z64;

    use super::*;

    #[test]
    fn unchecked_values_show_nothing_of_themselves() {
        let mut opened = Opened::with_buffer(vec![Z64::ONE; 3]);
        assert!(opened.is_empty());
        opened.values_mut().push(Z64::from_i64(123_456));
        assert_eq!(format!("{opened:?}"), "Opened(1 lanes)");
        assert_eq!(opened.into_pending(), [Z64::from_i64(123_456)]);
    }
}
