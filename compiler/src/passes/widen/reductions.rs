//! Sums into a variable or an element of an array that all iterations share.
//!
//! A chain begins by reading the target, adds or subtracts values, and ends by writing the target.
//! If every access to the target in the body is part of such a chain, and chains of one target do
//! not overlap, no iteration sees another's result: all iterations may add their sum at once.

use std::collections::HashSet;

use caucus_bytecode::operand::{IntOp, PublicOp, Reg};
use caucus_bytecode::{ArrayRef, Op};

use crate::ir::{Block, Class, Node};
use crate::map::Map;
use crate::passes::ops::{self, Address, MemoryOp};

/// The chains of a body.
#[derive(Debug, Default)]
pub(super) struct Reductions {
    /// Variables from outside that the body writes in chains only.
    pub(super) variables: HashSet<Reg>,
    /// Intermediate values of chains with the chain's number; the value that is read first for
    /// chains on variables is the variable itself.
    pub(super) values: Map<Reg, usize>,
    /// The array of each chain, if it is one on an element of an array.
    pub(super) arrays: Vec<Option<u32>>,
}

/// One access to a target.
#[derive(Clone, Copy)]
struct Event {
    /// Position in `Scan::ops`; `None` if it is not an instruction that accesses the target.
    at: Option<usize>,
    write: bool,
}

#[derive(Default)]
struct Scan<'a> {
    /// Every instruction with its block.
    ops: Vec<(usize, &'a Op)>,
    blocks: usize,
    registers: Map<Reg, Vec<Event>>,
    arrays: Map<u32, Vec<Event>>,
}

impl<'a> Scan<'a> {
    fn block(&mut self, block: &'a Block) {
        let number = self.blocks;
        self.blocks += 1;
        for stmt in &block.stmts {
            match &stmt.node {
                Node::Op(op) => {
                    let at = Some(self.ops.len());
                    self.ops.push((number, op));
                    for (reg, write) in op.registers() {
                        self.registers.entry(reg).or_default().push(Event { at, write });
                    }
                    if let Some((ArrayRef::Global(array), write)) = op.array() {
                        self.arrays.entry(array).or_default().push(Event { at, write });
                    }
                }
                Node::Loop(it) => {
                    self.other(it.start);
                    self.other(it.stop);
                    self.other(it.index);
                    self.block(&it.body);
                }
                Node::If { condition, then, otherwise } => {
                    self.other(*condition);
                    self.block(then);
                    self.block(otherwise);
                }
                Node::While { test, condition, body } => {
                    self.block(test);
                    self.other(*condition);
                    self.block(body);
                }
                Node::Break | Node::Array(_) => {}
            }
        }
    }

    fn other(&mut self, index: u32) {
        let reg = Reg { class: Class::Int, index };
        self.registers.entry(reg).or_default().push(Event { at: None, write: true });
    }

    /// The instruction that alone reads a register which one instruction alone writes.
    fn only_reader(&self, reg: Reg) -> Option<usize> {
        let events = self.registers.get(&reg)?;
        match events.as_slice() {
            [write, read] if write.write && !read.write => read.at,
            _ => None,
        }
    }

    /// Follows a chain from the value `reg`, read by instruction `at`, to `end`.
    fn chain(&self, mut reg: Reg, mut at: usize, end: usize) -> Option<Vec<Reg>> {
        let block = self.ops[end].0;
        let mut values = Vec::new();
        loop {
            if self.ops[at].0 != block {
                return None;
            }
            if at == end {
                return Some(values);
            }
            reg = adds(self.ops[at].1, reg)?;
            values.push(reg);
            at = self.only_reader(reg)?;
        }
    }
}

/// If the instruction adds something to `reg` or subtracts something from it: the result.
fn adds(op: &Op, reg: Reg) -> Option<Reg> {
    let (dst, a, b, commutes) = match op {
        Op::AddS { dst, a, b } => (dst.reg(), a.reg(), b.reg(), true),
        Op::SubS { dst, a, b } => (dst.reg(), a.reg(), b.reg(), false),
        Op::AddSC { dst, a, b } | Op::SubSC { dst, a, b } => (dst.reg(), a.reg(), b.reg(), false),
        Op::PublicBinary { op: PublicOp::Add, dst, a, b } => (dst.reg(), a.reg(), b.reg(), true),
        Op::PublicBinary { op: PublicOp::Sub, dst, a, b } => (dst.reg(), a.reg(), b.reg(), false),
        Op::IntBinary { op: IntOp::Add, dst, a, b } => (dst.reg(), a.reg(), b.reg(), true),
        Op::IntBinary { op: IntOp::Sub, dst, a, b } => (dst.reg(), a.reg(), b.reg(), false),
        _ => return None,
    };
    let fits = a != b && (a == reg || commutes && b == reg);
    fits.then_some(dst)
}

impl Reductions {
    /// Finds the chains. `owns` and `owns_array` say what occurs only in the body.
    pub(super) fn of(
        body: &Block,
        owns: impl Fn(Reg) -> bool,
        owns_array: impl Fn(u32) -> bool,
    ) -> Self {
        let mut scan = Scan::default();
        scan.block(body);
        let mut res = Self::default();
        for (reg, events) in &scan.registers {
            if owns(*reg) || !events.iter().any(|it| it.write) {
                continue;
            }
            let chains = pairs(events).and_then(|pairs| {
                let chain = |(read, write): (usize, usize)| {
                    let (dst, src) = ops::as_move(scan.ops[write].1)?;
                    let values = scan.chain(*reg, read, write)?;
                    (dst == *reg && values.last() == Some(&src)).then_some(values)
                };
                pairs.into_iter().map(chain).collect::<Option<Vec<_>>>()
            });
            if let Some(chains) = chains {
                res.variables.insert(*reg);
                chains.into_iter().for_each(|values| res.add(values, None));
            }
        }
        for (array, events) in &scan.arrays {
            if owns_array(*array) || !events.iter().any(|it| it.write) {
                continue;
            }
            let chains = pairs(events).and_then(|pairs| {
                pairs.into_iter().map(|it| element_chain(&scan, it)).collect::<Option<Vec<_>>>()
            });
            for values in chains.into_iter().flatten() {
                res.add(values, Some(*array));
            }
        }
        res.values.retain(|reg, _| owns(*reg));
        res
    }

    fn add(&mut self, values: Vec<Reg>, array: Option<u32>) {
        let number = self.arrays.len();
        self.arrays.push(array);
        self.values.extend(values.into_iter().map(|value| (value, number)));
    }
}

/// Reads and writes in turn, as pairs of instructions.
fn pairs(events: &[Event]) -> Option<Vec<(usize, usize)>> {
    let pairs = events.chunks(2).map(|pair| match pair {
        [read, write] if !read.write && write.write => Some((read.at?, write.at?)),
        _ => None,
    });
    pairs.collect()
}

/// The values of a chain from a load to a store, the loaded one first.
fn element_chain(scan: &Scan<'_>, (read, write): (usize, usize)) -> Option<Vec<Reg>> {
    let (load, store) = (MemoryOp::of(scan.ops[read].1)?, MemoryOp::of(scan.ops[write].1)?);
    let (Address::Strided { levels, .. }, Address::Strided { levels: stored, .. }) =
        (&load.address, &store.address)
    else {
        return None;
    };
    // A repeated element would be loaded twice and stored once.
    let distinct = levels.len() <= 1 && levels.iter().all(|level| level.stride != 0);
    if levels != stored || !distinct || scan.ops[read].0 != scan.ops[write].0 {
        return None;
    }
    let first = scan.only_reader(load.reg())?;
    let mut values = vec![load.reg()];
    values.extend(scan.chain(load.reg(), first, write)?);
    (values.len() > 1 && values.last() == Some(&store.reg())).then_some(values)
}
