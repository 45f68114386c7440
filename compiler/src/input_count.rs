//! How many private inputs a program takes, as far as that can be known before it runs: so that a
//! file with too few or too many values is refused before parties connect.

use std::collections::BTreeMap;

use caucus_bytecode::Op;
use caucus_bytecode::program::InputCount;

use crate::ir::{Block, Class, Loop, Module, Node, Reg};

/// Counts the inputs of each party in each thread. Parties that give none have no entry.
pub(crate) fn count(module: &Module) -> Vec<InputCount> {
    let mut counter = Counter {
        module,
        constants: constants(module),
        counts: BTreeMap::new(),
        any_player: false,
    };
    if let Some(main) = module.tapes.first() {
        counter.block(&main.body, 1, true, 0);
    }
    let any_player = counter.any_player;
    let counts = counter.counts.into_iter();
    let all = counts.map(|((player, thread), (at_least, exact))| InputCount {
        player,
        thread,
        at_least,
        exact: exact && !any_player,
    });
    all.collect()
}

/// Integer registers that are written once, with a constant.
fn constants(module: &Module) -> BTreeMap<u32, i64> {
    let mut values = BTreeMap::new();
    let mut writes = BTreeMap::<u32, usize>::new();
    let mut note = |op: &Op| {
        for (reg, written) in op.registers() {
            if written && reg.class == Class::Int {
                *writes.entry(reg.index).or_default() += 1;
            }
        }
        if let Op::LoadInt { dst, value } = op {
            values.insert(dst.0, *value);
        }
    };
    for tape in &module.tapes {
        visit(&tape.body, &mut note);
    }
    values.retain(|reg, _| writes.get(reg) == Some(&1));
    values
}

fn visit(block: &Block, note: &mut impl FnMut(&Op)) {
    for stmt in &block.stmts {
        match &stmt.node {
            Node::Op(op) => note(op),
            Node::Loop(inner) => visit(&inner.body, note),
            Node::If { then, otherwise, .. } => {
                visit(then, note);
                visit(otherwise, note);
            }
            Node::While { test, body, .. } => {
                visit(test, note);
                visit(body, note);
            }
            Node::Break | Node::Array(_) => {}
        }
    }
}

struct Counter<'a> {
    module: &'a Module,
    constants: BTreeMap<u32, i64>,
    /// By player and thread: at least so many, and whether exactly so many.
    counts: BTreeMap<(u32, u32), (u64, bool)>,
    /// Whether some input is by a party that is chosen at run time.
    any_player: bool,
}

impl Counter<'_> {
    /// A block that runs at least `times` times; exactly so often if `exact`.
    fn block(&mut self, block: &Block, times: u64, exact: bool, thread: u32) {
        for stmt in &block.stmts {
            match &stmt.node {
                Node::Op(Op::InputS { inputs }) => {
                    for (dst, player, _) in inputs {
                        let numbers = self.module.regs.lanes(dst.reg());
                        self.input(numbers, player.0, times, exact, thread);
                    }
                }
                Node::Op(Op::InputB { inputs }) => {
                    for (dst, player, bits, _) in inputs {
                        let numbers =
                            self.module.regs.lanes(dst.reg()) / bits.unsigned_abs().max(1);
                        self.input(numbers, player.0, times, exact, thread);
                    }
                }
                Node::Op(Op::Threads { jobs }) => {
                    for ((tape, _), job) in jobs.iter().zip(1..) {
                        let tape = self.module.tapes.get(tape.0 as usize);
                        tape.iter().for_each(|tape| self.block(&tape.body, times, exact, job));
                    }
                }
                Node::Op(_) | Node::Break | Node::Array(_) => {}
                Node::Loop(inner) => match self.trips(inner) {
                    Some(trips) => {
                        self.block(&inner.body, times.saturating_mul(trips), exact, thread);
                    }
                    None => self.block(&inner.body, 0, false, thread),
                },
                Node::If { then, otherwise, .. } => {
                    self.block(then, 0, false, thread);
                    self.block(otherwise, 0, false, thread);
                }
                Node::While { test, body, .. } => {
                    self.block(test, times, false, thread);
                    self.block(body, 0, false, thread);
                }
            }
        }
    }

    fn input(&mut self, numbers: u64, player: u32, times: u64, exact: bool, thread: u32) {
        let player = self.constants.get(&player).and_then(|player| u32::try_from(*player).ok());
        let Some(player) = player else {
            self.any_player = true;
            return;
        };
        let count = self.counts.entry((player, thread)).or_insert((0, true));
        count.0 = count.0.saturating_add(times.saturating_mul(numbers));
        count.1 &= exact;
    }

    /// How often a loop's body runs, if nothing but its bounds decides that and they are constant.
    fn trips(&self, inner: &Loop) -> Option<u64> {
        let mut steady = true;
        visit(&inner.body, &mut |op| {
            let index = Reg { class: Class::Int, index: inner.index };
            steady &= !op.registers().contains(&(index, true));
        });
        let (start, stop) = (self.constants.get(&inner.start)?, self.constants.get(&inner.stop)?);
        if !steady || breaks(&inner.body) {
            return None;
        }
        let (distance, step) = match inner.step {
            step if step > 0 => (i128::from(*stop) - i128::from(*start), i128::from(step)),
            step => (i128::from(*start) - i128::from(*stop), -i128::from(step)),
        };
        let trips = if step == 0 { return None } else { (distance + step - 1) / step };
        u64::try_from(trips.max(0)).ok()
    }
}

/// Whether a block leaves the loop around it early.
fn breaks(block: &Block) -> bool {
    block.stmts.iter().any(|stmt| match &stmt.node {
        Node::Break => true,
        Node::If { then, otherwise, .. } => breaks(then) || breaks(otherwise),
        Node::Op(_) | Node::Array(_) | Node::Loop(_) | Node::While { .. } => false,
    })
}

#[cfg(test)]
mod tests {
    use caucus_bytecode::operand::{DstI, DstS, SrcI};

    use super::*;
    use crate::ir::{LoopKind, Position, Regs, Stmt, Tape};

    fn stmt(node: Node) -> Stmt {
        Stmt { position: Position::default(), node }
    }

    /// Registers: s0 of 3 lanes; i0 = 1 (a player), i1 = 0, i2 = 5, i3 an index, i4 unknown.
    fn module(stmts: Vec<Node>) -> Module {
        let load = |reg, value| stmt(Node::Op(Op::LoadInt { dst: DstI(reg), value }));
        let mut all = vec![load(0, 1), load(1, 0), load(2, 5)];
        all.extend(stmts.into_iter().map(stmt));
        let main = Tape { body: Block { stmts: all }, ..Tape::default() };
        let regs = Regs::new([vec![3], vec![], vec![1; 5], vec![]]);
        Module { tapes: vec![main], regs, ..Module::default() }
    }

    fn input(player: u32) -> Node {
        Node::Op(Op::InputS { inputs: vec![(DstS(0), SrcI(player), 0)] })
    }

    fn looped(stop: u32, body: Vec<Node>) -> Node {
        let body = Block { stmts: body.into_iter().map(stmt).collect() };
        let kind = LoopKind::Sequential;
        Node::Loop(Box::new(Loop { index: 3, start: 1, stop, step: 2, kind, body }))
    }

    fn found(stmts: Vec<Node>) -> Vec<(u32, u64, bool)> {
        let counts = count(&module(stmts));
        counts.iter().map(|it| (it.player, it.at_least, it.exact)).collect()
    }

    #[test]
    fn lanes_and_constant_loops_are_multiplied() {
        assert_eq!(found(vec![input(0), looped(2, vec![input(0)])]), [(1, 3 + 3 * 3, true)]);
    }

    #[test]
    fn loops_that_may_stop_early_count_nothing_for_sure() {
        assert_eq!(found(vec![input(0), looped(4, vec![input(0)])]), [(1, 3, false)]);
        assert_eq!(found(vec![looped(2, vec![input(0), Node::Break])]), [(1, 0, false)]);
    }

    #[test]
    fn branches_count_nothing_for_sure() {
        let then = Block { stmts: vec![stmt(input(0))] };
        let node = Node::If { condition: 4, then, otherwise: Block::default() };
        assert_eq!(found(vec![node, input(0)]), [(1, 3, false)]);
    }

    #[test]
    fn a_party_chosen_at_run_time_makes_all_counts_inexact() {
        assert_eq!(found(vec![input(0), input(4)]), [(1, 3, false)]);
    }

    #[test]
    fn without_inputs_there_is_nothing_to_check() {
        assert_eq!(found(vec![]), []);
    }
}
