//! How many private inputs a program takes, as far as that can be known before it runs: so that a
//! file with too few or too many values is refused before parties connect.

use std::collections::BTreeMap;

use caucus_bytecode::Op;
use caucus_bytecode::program::InputCount;

use crate::ir::{Block, Module, Node};
use crate::trips::Constants;

/// Counts the inputs of each party in each thread. Parties that give none have no entry.
pub(crate) fn count(module: &Module) -> Vec<InputCount> {
    let mut counter = Counter {
        module,
        constants: Constants::of(module),
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

struct Counter<'a> {
    module: &'a Module,
    constants: Constants,
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
                Node::Loop(inner) => match self.constants.trips(inner) {
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
        let player = self.constants.get(player).and_then(|player| u32::try_from(player).ok());
        let Some(player) = player else {
            self.any_player = true;
            return;
        };
        let count = self.counts.entry((player, thread)).or_insert((0, true));
        count.0 = count.0.saturating_add(times.saturating_mul(numbers));
        count.1 &= exact;
    }
}

#[cfg(test)]
mod tests {
    use caucus_bytecode::operand::{DstI, DstS, SrcI};

    use super::*;
    use crate::ir::{Loop, LoopKind, Position, Regs, Stmt, Tape};

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
