//! How often loops run, as far as that is known before a program runs.

use crate::ir::{Block, Class, Loop, Module, Node, Reg};
use crate::map::Map;
use crate::passes::scan;

/// The integers of a module that are constant.
#[derive(Clone, Debug)]
pub(crate) struct Constants {
    values: Map<u32, i64>,
}

impl Constants {
    /// Looks at a whole module.
    pub(crate) fn of(module: &Module) -> Self {
        Self { values: scan::constants(module) }
    }

    /// The value of an integer register that never changes.
    pub(crate) fn get(&self, reg: u32) -> Option<i64> {
        self.values.get(&reg).copied()
    }

    /// All of them, by register.
    pub(crate) fn into_values(self) -> Map<u32, i64> {
        self.values
    }

    /// How often a loop's body runs, if nothing but its bounds decides that and they are constant.
    pub(crate) fn trips(&self, inner: &Loop) -> Option<u64> {
        let (start, stop) = (self.get(inner.start)?, self.get(inner.stop)?);
        let index = Reg { class: Class::Int, index: inner.index };
        let mut steady = !breaks(&inner.body);
        scan::visit(&inner.body, &mut |node| {
            if let Node::Op(op) = node {
                steady &= !op.registers().contains(&(index, true));
            }
        });
        if !steady {
            return None;
        }
        let (distance, step) = match inner.step {
            step if step > 0 => (i128::from(stop) - i128::from(start), i128::from(step)),
            step => (i128::from(start) - i128::from(stop), -i128::from(step)),
        };
        let trips = if step == 0 { return None } else { (distance + step - 1) / step };
        u64::try_from(trips.max(0)).ok()
    }
}

/// Whether a block leaves the loop around it early.
pub(crate) fn breaks(block: &Block) -> bool {
    block.stmts.iter().any(|stmt| match &stmt.node {
        Node::Break => true,
        Node::If { then, otherwise, .. } => breaks(then) || breaks(otherwise),
        Node::Op(_) | Node::Array(_) | Node::Loop(_) | Node::While { .. } => false,
    })
}
