//! The accesses of a body to arrays that it writes, and which of them may meet.

use caucus_bytecode::operand::Level;

use super::Form;
use super::form::{Footprint, IndexRange};
use crate::ir::Position;
use crate::map::Map;

/// One instruction that accesses an array.
#[derive(Clone, Debug)]
pub(super) struct Access {
    pub(super) array: u32,
    pub(super) write: bool,
    /// The address of the first element; `None` if it is data.
    pub(super) form: Option<Form>,
    pub(super) levels: Vec<Level>,
    pub(super) position: Position,
}

/// All accesses that matter.
#[derive(Debug, Default)]
pub(super) struct Accesses {
    pub(super) list: Vec<Access>,
}

impl Accesses {
    /// Two accesses, one of them writing, by which different ones of `n` iterations may touch the
    /// same element.
    pub(super) fn conflict(
        &self,
        n: u64,
        ranges: &Map<u32, IndexRange>,
        fixed: impl Fn(u32) -> bool,
    ) -> Option<(Access, Access)> {
        let footprints: Vec<_> = self
            .list
            .iter()
            .map(|it| Footprint::of(it.form.as_ref()?, &it.levels, ranges, &fixed))
            .collect();
        for (at, one) in self.list.iter().enumerate() {
            for (other_at, other) in self.list.iter().enumerate() {
                let relevant = one.write && one.array == other.array;
                if !relevant || other.write && other_at < at {
                    continue;
                }
                let apart = match (&footprints[at], &footprints[other_at]) {
                    (Some(a), Some(b)) => a.apart(b, n),
                    _ => false,
                };
                if !apart {
                    return Some((one.clone(), other.clone()));
                }
            }
        }
        None
    }
}
