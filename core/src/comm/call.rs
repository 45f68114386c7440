//! What the members of a communicator do together, and the comparison whether all do the same.

use std::fmt;

use super::{ElementType, Op};

/// A collective operation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Collective {
    /// Waiting for all.
    Barrier = 1,
    /// One vector to all.
    Broadcast,
    /// Equal parts of one vector, one to each.
    Scatter,
    /// Parts of any length to some.
    Scatterv,
    /// Equal parts to one.
    Gather,
    /// Parts of any length from some.
    Gatherv,
    /// Equal parts to all.
    AllGather,
    /// A part from each to each.
    AllToAll,
    /// Parts of any length from each to each.
    AllToAllv,
    /// A reduction to one.
    Reduce,
    /// A fold in the order of ranks.
    ReduceOrdered,
    /// A reduction to all.
    AllReduce,
    /// Reductions of the ranks up to each.
    Scan,
    /// Making sub-communicators.
    Split,
}

impl Collective {
    const ALL: [Self; 14] = [
        Self::Barrier,
        Self::Broadcast,
        Self::Scatter,
        Self::Scatterv,
        Self::Gather,
        Self::Gatherv,
        Self::AllGather,
        Self::AllToAll,
        Self::AllToAllv,
        Self::Reduce,
        Self::ReduceOrdered,
        Self::AllReduce,
        Self::Scan,
        Self::Split,
    ];

    pub(super) fn from_wire(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|collective| *collective as u8 == number)
    }
}

impl fmt::Display for Collective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Barrier => "barrier",
            Self::Broadcast => "broadcast",
            Self::Scatter => "scatter",
            Self::Scatterv => "scatterv",
            Self::Gather => "gather",
            Self::Gatherv => "gatherv",
            Self::AllGather => "all_gather",
            Self::AllToAll => "all_to_all",
            Self::AllToAllv => "all_to_allv",
            Self::Reduce => "reduce",
            Self::ReduceOrdered => "reduce_ordered",
            Self::AllReduce => "all_reduce",
            Self::Scan => "scan",
            Self::Split => "split",
        })
    }
}

/// A collective operation with all that its members must have in common.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Call {
    /// Which operation.
    pub collective: Collective,
    /// What the vectors consist of.
    pub element: ElementType,
    /// The root, where there is one.
    pub root: Option<u16>,
    /// Elements in the vector of each member; none where lengths may differ.
    pub len: Option<u64>,
    /// What else must agree: the operator of a reduction, or a digest of the list of members that take part.
    pub detail: u32,
}

impl Call {
    /// The detail of a reduction with a function of the caller, which cannot be compared.
    pub(super) const FUNCTION: u32 = u32::MAX;
    /// Digests of lists have this bit, to be told from operators.
    const LIST: u32 = 1 << 31;

    pub(super) fn op(op: Op) -> u32 {
        op as u32 + 1
    }

    /// A digest of a list of ranks: enough to notice mistakes.
    pub(super) fn list(ranks: &[usize]) -> u32 {
        // FNV-1a (Fowler, Noll, Vo), which needs no library.
        let digest = ranks.iter().fold(0x811c_9dc5_u32, |digest, rank| {
            (digest ^ *rank as u32).wrapping_mul(0x0100_0193)
        });
        (digest | Self::LIST) & !1
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { collective, element, root, len, detail } = *self;
        write!(f, "{collective}(")?;
        let mut parts = Vec::new();
        if let Some(root) = root {
            parts.push(format!("root {root}"));
        }
        match detail {
            0 => {}
            Self::FUNCTION => parts.push("a function".to_owned()),
            list if list & Self::LIST != 0 => parts.push(format!("list {list:08x}")),
            op => match Op::ALL.get(op as usize - 1) {
                Some(op) => parts.push(op.to_string()),
                None => parts.push(format!("operator {op}")),
            },
        }
        match len {
            Some(len) => parts.push(format!("{len} {element}")),
            None if element == ElementType(0) => {}
            None => parts.push(format!("{element} of any length")),
        }
        write!(f, "{})", parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comm::Element;

    #[test]
    fn a_call_reads_as_it_was_written() {
        let call = Call {
            collective: Collective::Reduce,
            element: u64::TYPE,
            root: Some(2),
            len: Some(10),
            detail: Call::op(Op::Max),
        };
        assert_eq!(call.to_string(), "reduce(root 2, max, 10 u64)");
        let barrier = Call {
            collective: Collective::Barrier,
            element: ElementType(0),
            root: None,
            len: None,
            detail: 0,
        };
        assert_eq!(barrier.to_string(), "barrier()");
    }

    #[test]
    fn lists_in_another_order_differ() {
        assert_ne!(Call::list(&[2, 0, 3]), Call::list(&[0, 2, 3]));
        assert_ne!(Call::list(&[]), Call::list(&[0]));
        assert_ne!(Call::list(&[1]), Call::FUNCTION);
    }

    #[test]
    fn numbers_stand_for_collectives() {
        for collective in Collective::ALL {
            assert_eq!(Collective::from_wire(collective as u8), Some(collective));
        }
        assert_eq!(Collective::from_wire(0), None);
    }
}
