//! Regions become jumps.

use std::collections::HashSet;

use caucus_bytecode::Op;
use caucus_bytecode::operand::{
    Access, DstB, DstC, DstI, DstS, IntOp, Label, SrcB, SrcC, SrcI, SrcS,
};

use super::Flat;
use crate::ir::{Block, Class, Loop, Node, Position, Reg, Regs, Stmt, Tape};

/// Which registers are written more than once. All others are constant where they can be read.
#[derive(Debug)]
pub(super) struct Variables {
    written: [Vec<Writes>; Class::COUNT],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Writes {
    Never,
    Once,
    Often,
}

impl Variables {
    pub(super) fn of(tapes: &[Tape], regs: &Regs) -> Self {
        let table = |class| vec![Writes::Never; regs.count(class)];
        let mut found = Self { written: Class::ALL.map(table) };
        for tape in tapes {
            found.block(&tape.body);
        }
        found
    }

    fn note(&mut self, reg: Reg) {
        let writes = &mut self.written[reg.class.index()][reg.index as usize];
        *writes = if *writes == Writes::Never { Writes::Once } else { Writes::Often };
    }

    fn block(&mut self, block: &Block) {
        for stmt in &block.stmts {
            match &stmt.node {
                Node::Op(op) => {
                    op.each_register(|reg, written| {
                        if written {
                            self.note(reg);
                        }
                    });
                }
                Node::Loop(it) => {
                    self.note(Reg { class: Class::Int, index: it.index });
                    self.block(&it.body);
                }
                Node::If { then, otherwise, .. } => {
                    self.block(then);
                    self.block(otherwise);
                }
                Node::While { test, body, .. } => {
                    self.block(test);
                    self.block(body);
                }
                Node::Break | Node::Array(_) => {}
            }
        }
    }

    fn contains(&self, class: Class, index: u32) -> bool {
        // Registers that flattening itself makes are never variables.
        self.written[class.index()].get(index as usize) == Some(&Writes::Often)
    }
}

/// Flattens the body of a tape.
pub(super) fn flatten(body: Block, variables: &Variables, regs: &mut Regs) -> Flat {
    let mut flattener = Flattener { variables, regs, flat: Flat::default(), breaks: Vec::new() };
    flattener.block(body);
    flattener.flat
}

struct Flattener<'a> {
    variables: &'a Variables,
    regs: &'a mut Regs,
    flat: Flat,
    /// For every open loop, the jumps that leave it.
    breaks: Vec<Vec<usize>>,
}

impl Flattener<'_> {
    fn push(&mut self, position: Position, op: Op) -> usize {
        self.flat.ops.push(op);
        self.flat.positions.push(position);
        self.flat.ops.len() - 1
    }

    fn here(&self) -> u32 {
        u32::try_from(self.flat.ops.len()).expect("a tape has fewer than 2^32 instructions")
    }

    /// Points the jump at `at` to the next instruction.
    fn land(&mut self, at: usize) {
        let here = self.here();
        self.flat.ops[at].visit(&mut |access| {
            if let Access::Label(label) = access {
                *label = here;
            }
        });
    }

    fn block(&mut self, block: Block) {
        for Stmt { position, node } in block.stmts {
            match node {
                Node::Op(op) => self.op(position, op),
                Node::Loop(it) => self.counted_loop(position, *it),
                Node::If { condition, then, otherwise } => {
                    self.branch(position, condition, then, otherwise);
                }
                Node::While { test, condition, body } => {
                    self.while_loop(position, test, condition, body);
                }
                Node::Break => {
                    let jump = self.push(position, Op::Jump { target: Label(0) });
                    let innermost = self.breaks.last_mut();
                    innermost.expect("verified: a break is in a loop").push(jump);
                }
                Node::Array(_) => {}
            }
        }
    }

    /// An instruction. The machine wants destinations that are not sources of the same instruction;
    /// an update in place goes through a register of its own.
    fn op(&mut self, position: Position, mut op: Op) {
        match &op {
            Op::MoveS { dst, src } if dst.0 == src.0 => return,
            Op::MoveC { dst, src } if dst.0 == src.0 => return,
            Op::MoveI { dst, src } if dst.0 == src.0 => return,
            Op::MoveB { dst, src } if dst.0 == src.0 => return,
            _ => {}
        }
        let mut variable = false;
        op.visit(&mut |access| {
            if let Access::Write(class, index) = access {
                variable |= self.variables.contains(class, *index);
            }
        });
        let mut moves = Vec::new();
        if variable {
            let registers = op.registers();
            let read: HashSet<_> =
                registers.iter().filter(|(_, written)| !written).map(|(reg, _)| *reg).collect();
            op.visit(&mut |access| {
                if let Access::Write(class, index) = access {
                    let dst = Reg { class, index: *index };
                    if read.contains(&dst) {
                        *index = self.regs.fresh(class, self.regs.lanes(dst));
                        moves.push(copy(dst, *index));
                    }
                }
            });
        }
        self.push(position, op);
        for op in moves {
            self.push(position, op);
        }
    }

    fn branch(&mut self, position: Position, condition: u32, then: Block, otherwise: Block) {
        let condition = SrcI(condition);
        if then.stmts.is_empty() {
            if !otherwise.stmts.is_empty() {
                let skip = self.push(position, Op::JumpIfNotZero { condition, target: Label(0) });
                self.block(otherwise);
                self.land(skip);
            }
            return;
        }
        let skip = self.push(position, Op::JumpIfZero { condition, target: Label(0) });
        self.block(then);
        if otherwise.stmts.is_empty() {
            self.land(skip);
            return;
        }
        let end = self.push(position, Op::Jump { target: Label(0) });
        self.land(skip);
        self.block(otherwise);
        self.land(end);
    }

    fn while_loop(&mut self, position: Position, test: Block, condition: u32, body: Block) {
        let number = self.open_loop();
        let head = self.here();
        self.block(test);
        if body.stmts.is_empty() {
            let target = Label(head);
            self.push(position, Op::JumpIfNotZero { condition: SrcI(condition), target });
            self.close_loop(number);
            return;
        }
        let target = Label(0);
        let leave = self.push(position, Op::JumpIfZero { condition: SrcI(condition), target });
        self.block(body);
        self.push(position, Op::Jump { target: Label(head) });
        self.close_loop(number);
        self.land(leave);
    }

    /// A loop that is still here runs its iterations one after the other, whatever its kind.
    fn counted_loop(&mut self, position: Position, it: Loop) {
        let Loop { index, start, mut stop, step, kind: _, body } = it;
        if self.variables.contains(Class::Int, stop) {
            // The bound is the value at the start, even if the body changes the variable.
            let bound = self.regs.fresh(Class::Int, 1);
            self.push(position, Op::MoveI { dst: DstI(bound), src: SrcI(stop) });
            stop = bound;
        }
        let distance = self.regs.fresh(Class::Int, 1);
        self.push(position, Op::LoadInt { dst: DstI(distance), value: step });
        if index != start {
            self.push(position, Op::MoveI { dst: DstI(index), src: SrcI(start) });
        }
        let condition = self.inside(position, index, stop, step);
        let skip = self.push(position, Op::JumpIfZero { condition, target: Label(0) });
        let number = self.open_loop();
        let target = Label(self.here());
        self.block(body);
        let next = self.regs.fresh(Class::Int, 1);
        let (a, b) = (SrcI(index), SrcI(distance));
        self.push(position, Op::IntBinary { op: IntOp::Add, dst: DstI(next), a, b });
        self.push(position, Op::MoveI { dst: DstI(index), src: SrcI(next) });
        let condition = self.inside(position, index, stop, step);
        self.push(position, Op::JumpIfNotZero { condition, target });
        self.close_loop(number);
        self.land(skip);
    }

    /// Whether the index has not reached its end.
    fn inside(&mut self, position: Position, index: u32, stop: u32, step: i64) -> SrcI {
        let condition = self.regs.fresh(Class::Int, 1);
        let (a, b) = if step > 0 { (index, stop) } else { (stop, index) };
        let (dst, a, b) = (DstI(condition), SrcI(a), SrcI(b));
        self.push(position, Op::IntBinary { op: IntOp::Lt, dst, a, b });
        SrcI(condition)
    }

    fn open_loop(&mut self) -> usize {
        self.breaks.push(Vec::new());
        let start = self.flat.ops.len();
        self.flat.loops.push((start, start));
        self.flat.loops.len() - 1
    }

    /// The loop ends with the instruction before this point.
    fn close_loop(&mut self, number: usize) {
        self.flat.loops[number].1 = self.flat.ops.len() - 1;
        for jump in self.breaks.pop().expect("opened before") {
            self.land(jump);
        }
    }
}

/// Copies a register of the same class and lanes.
fn copy(dst: Reg, src: u32) -> Op {
    match dst.class {
        Class::Secret => Op::MoveS { dst: DstS(dst.index), src: SrcS(src) },
        Class::Public => Op::MoveC { dst: DstC(dst.index), src: SrcC(src) },
        Class::Int => Op::MoveI { dst: DstI(dst.index), src: SrcI(src) },
        Class::Bits => Op::MoveB { dst: DstB(dst.index), src: SrcB(src) },
    }
}
