//! The flag by which the control plane ends every wait of the data plane.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Tells all threads of a node that the run is over, and why. Clones share the flag.
#[derive(Clone, Default, Debug)]
pub struct AbortFlag(Arc<Inner>);

#[derive(Default, Debug)]
struct Inner {
    /// Set after `cause`, so that the common question needs no lock.
    is_set: AtomicBool,
    cause: Mutex<Option<String>>,
}

impl AbortFlag {
    /// A flag that is not set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends every wait that knows this flag. The first cause given is kept: it is the root of later ones.
    pub fn set(&self, cause: impl Into<String>) {
        let mut kept = self.0.cause.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get_or_insert_with(|| cause.into());
        self.0.is_set.store(true, Ordering::Release);
    }

    /// Whether the flag was set.
    pub fn is_set(&self) -> bool {
        self.0.is_set.load(Ordering::Acquire)
    }

    /// The first cause, if the flag was set.
    pub fn cause(&self) -> Option<String> {
        if !self.is_set() {
            return None;
        }
        self.0.cause.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_cause_is_kept() {
        let flag = AbortFlag::new();
        let clone = flag.clone();
        assert_eq!(flag.cause(), None);
        clone.set("P2 was lost");
        flag.set("P1 was lost");
        assert_eq!(flag.cause().as_deref(), Some("P2 was lost"));
    }
}
