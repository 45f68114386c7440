//! Where registers and arrays occur, and copies of code with registers of its own.

use std::collections::BTreeMap;

use caucus_bytecode::Op;
use caucus_bytecode::operand::{Access, ArrayRef};

use super::ops;
use crate::ir::{Block, Class, Loop, LoopKind, Module, Node, Reg, Regs, Stmt};
use crate::map::Map;

/// First and last place, in the order of the text.
pub(super) type Span = (u32, u32);

/// Where everything occurs in a module, so that a pass knows what belongs to a loop alone.
///
/// Registers and arrays that passes make later are not in the tables. They belong to the loop in
/// whose body they occur, because passes never use them beyond the code that they make.
#[derive(Debug, Default)]
pub(super) struct Spans {
    regs: Map<Reg, Span>,
    arrays: Map<u32, Span>,
    /// Of the bodies of loops, in the order in which the loops begin.
    loops: Vec<Span>,
}

impl Spans {
    /// Looks at a whole module.
    pub(super) fn of(module: &Module) -> Self {
        let mut spans = Self::default();
        let mut place = 0;
        for tape in &module.tapes {
            place += 1;
            for param in &tape.params {
                spans.reg(Reg { class: Class::Int, index: *param }, place);
            }
            spans.block(&tape.body, &mut place);
        }
        spans
    }

    fn reg(&mut self, reg: Reg, place: u32) {
        self.regs.entry(reg).or_insert((place, place)).1 = place;
    }

    fn int(&mut self, index: u32, place: u32) {
        self.reg(Reg { class: Class::Int, index }, place);
    }

    fn array(&mut self, array: u32, place: u32) {
        self.arrays.entry(array).or_insert((place, place)).1 = place;
    }

    fn block(&mut self, block: &Block, place: &mut u32) {
        for stmt in &block.stmts {
            *place += 1;
            match &stmt.node {
                Node::Op(op) => {
                    op.each_register(|reg, _| self.reg(reg, *place));
                    if let Some((ArrayRef::Global(array), _)) = op.array() {
                        self.array(array, *place);
                    }
                }
                Node::Loop(it) => {
                    self.int(it.start, *place);
                    self.int(it.stop, *place);
                    *place += 1;
                    let number = self.loops.len();
                    self.loops.push((*place, *place));
                    self.int(it.index, *place);
                    self.block(&it.body, place);
                    self.loops[number].1 = *place;
                }
                Node::If { condition, then, otherwise } => {
                    self.int(*condition, *place);
                    self.block(then, place);
                    self.block(otherwise, place);
                }
                Node::While { test, condition, body } => {
                    self.block(test, place);
                    self.int(*condition, *place);
                    self.block(body, place);
                }
                Node::Break => {}
                Node::Array(array) => self.array(*array, *place),
            }
        }
    }

    /// The body of the loop with this number, in the order of the text.
    pub(super) fn body(&self, number: usize) -> Span {
        self.loops[number]
    }

    /// Whether a register that occurs in a body occurs only there.
    pub(super) fn owns(&self, body: Span, reg: Reg) -> bool {
        self.regs.get(&reg).is_none_or(|span| body.0 <= span.0 && span.1 <= body.1)
    }

    /// Whether an array that occurs in a body occurs only there.
    pub(super) fn owns_array(&self, body: Span, array: u32) -> bool {
        self.arrays.get(&array).is_none_or(|span| body.0 <= span.0 && span.1 <= body.1)
    }
}

/// A number for each register of a module.
#[derive(Debug)]
pub(crate) struct Counts {
    counts: [Vec<u32>; Class::COUNT],
}

impl Counts {
    /// Zeros.
    pub(crate) fn new(regs: &Regs) -> Self {
        Self { counts: Class::ALL.map(|class| vec![0; regs.count(class)]) }
    }

    /// The number of a register; 0 of those that came later.
    pub(crate) fn get(&self, reg: Reg) -> u32 {
        self.counts[reg.class.index()].get(reg.index as usize).copied().unwrap_or(0)
    }

    /// The number of a register that was there at the beginning.
    pub(crate) fn at(&mut self, reg: Reg) -> &mut u32 {
        &mut self.counts[reg.class.index()][reg.index as usize]
    }
}

/// How many places write each register of a module. The index of a loop is written by it.
pub(super) fn count_writes(module: &Module) -> Counts {
    let mut counts = Counts::new(&module.regs);
    for tape in &module.tapes {
        for param in &tape.params {
            *counts.at(Reg { class: Class::Int, index: *param }) += 1;
        }
        each_write(&tape.body, |reg| *counts.at(reg) += 1);
    }
    counts
}

/// Adds the places of a block that write each register. The index of a loop is written by it.
pub(crate) fn block_writes(block: &Block, counts: &mut Map<Reg, u32>) {
    each_write(block, |reg| *counts.entry(reg).or_default() += 1);
}

fn each_write(block: &Block, mut note: impl FnMut(Reg)) {
    visit(block, &mut |node| match node {
        Node::Op(op) => op.each_register(|reg, written| {
            if written {
                note(reg);
            }
        }),
        Node::Loop(it) => note(Reg { class: Class::Int, index: it.index }),
        Node::If { .. } | Node::While { .. } | Node::Break | Node::Array(_) => {}
    });
}

/// Integer registers that one place alone writes, with a constant.
pub(crate) fn constants(module: &Module) -> Map<u32, i64> {
    let counts = count_writes(module);
    let mut found = Map::default();
    for tape in &module.tapes {
        visit(&tape.body, &mut |node| match node {
            Node::Op(Op::LoadInt { dst, value }) if counts.get(dst.reg()) == 1 => {
                found.insert(dst.0, *value);
            }
            _ => {}
        });
    }
    found
}

/// Shows every statement, outer ones first.
pub(crate) fn visit(block: &Block, visitor: &mut dyn FnMut(&Node)) {
    for stmt in &block.stmts {
        visitor(&stmt.node);
        match &stmt.node {
            Node::Loop(it) => visit(&it.body, visitor),
            Node::If { then, otherwise, .. } => {
                visit(then, visitor);
                visit(otherwise, visitor);
            }
            Node::While { test, body, .. } => {
                visit(test, visitor);
                visit(body, visitor);
            }
            Node::Op(_) | Node::Break | Node::Array(_) => {}
        }
    }
}

/// Whether some loop may be anything but sequential.
pub(super) fn has_parallel_loops(module: &Module) -> bool {
    let mut found = false;
    for tape in &module.tapes {
        visit(&tape.body, &mut |node| {
            found |= matches!(node, Node::Loop(it) if it.kind != LoopKind::Sequential);
        });
    }
    found
}

/// Number of statements, those in nested blocks included.
pub(super) fn size(block: &Block) -> u64 {
    let mut size = 0;
    visit(block, &mut |_| size += 1);
    size
}

/// Makes copies of code that has registers and arrays of its own.
pub(super) struct Copier<'a> {
    module: &'a mut Module,
    regs: Map<Reg, u32>,
    arrays: BTreeMap<u32, u32>,
    tape: Option<usize>,
}

impl<'a> Copier<'a> {
    /// A copier for which the registers that `owned` accepts get new numbers in the copy, and so
    /// do the arrays that the code declares. Arrays move to `tape` if it is given.
    pub(super) fn new(
        module: &'a mut Module,
        code: &Block,
        owned: impl Fn(Reg) -> bool,
        tape: Option<usize>,
    ) -> Self {
        let mut counts = Map::default();
        block_writes(code, &mut counts);
        let mut found: Vec<_> = counts.into_keys().filter(|reg| owned(*reg)).collect();
        // Numbers must not depend on the order of a hash table: compilation is deterministic.
        found.sort_unstable();
        let mut regs = Map::default();
        for reg in found {
            let lanes = module.regs.lanes(reg);
            regs.insert(reg, module.regs.fresh(reg.class, lanes));
        }
        Self { module, regs, arrays: BTreeMap::new(), tape }
    }

    /// Gives a register of the code another number in the copy.
    pub(super) fn rename(&mut self, reg: Reg, to: u32) {
        self.regs.insert(reg, to);
    }

    fn reg(&self, reg: Reg) -> u32 {
        self.regs.get(&reg).copied().unwrap_or(reg.index)
    }

    fn int(&self, index: u32) -> u32 {
        self.reg(Reg { class: Class::Int, index })
    }

    /// The copy.
    pub(super) fn block(&mut self, block: &Block) -> Block {
        Block { stmts: block.stmts.iter().map(|stmt| self.stmt(stmt)).collect() }
    }

    fn stmt(&mut self, stmt: &Stmt) -> Stmt {
        let node = match &stmt.node {
            Node::Op(op) => Node::Op(self.op(op)),
            Node::Loop(it) => Node::Loop(Box::new(Loop {
                index: self.int(it.index),
                start: self.int(it.start),
                stop: self.int(it.stop),
                step: it.step,
                kind: it.kind,
                body: self.block(&it.body),
            })),
            Node::If { condition, then, otherwise } => Node::If {
                condition: self.int(*condition),
                then: self.block(then),
                otherwise: self.block(otherwise),
            },
            Node::While { test, condition, body } => Node::While {
                test: self.block(test),
                condition: self.int(*condition),
                body: self.block(body),
            },
            Node::Break => Node::Break,
            Node::Array(array) => {
                let mut object = self.module.arrays[*array as usize].clone();
                object.tape = self.tape.unwrap_or(object.tape);
                self.module.arrays.push(object);
                let number = u32::try_from(self.module.arrays.len() - 1)
                    .expect("the limit on expansion keeps the number of arrays small");
                self.arrays.insert(*array, number);
                Node::Array(number)
            }
        };
        Stmt { position: stmt.position, node }
    }

    fn op(&self, op: &Op) -> Op {
        let mut op = ops::replace_registers(op, |reg, _| self.reg(reg));
        op.visit(&mut |access| match access {
            Access::ArrayRead(array) | Access::ArrayWrite(array) => {
                let copy = match array {
                    ArrayRef::Global(number) => self.arrays.get(number),
                    ArrayRef::Local(_) => None,
                };
                if let Some(copy) = copy {
                    *array = ArrayRef::Global(*copy);
                }
            }
            Access::Read(..)
            | Access::Write(..)
            | Access::Label(_)
            | Access::Tape(_)
            | Access::Text(_)
            | Access::Constant(_) => {}
        });
        op
    }
}

/// Lanes of the widest value that a block makes, matrix products with their intermediate values.
pub(super) fn widest(block: &Block, regs: &Regs) -> u64 {
    let mut widest = 1;
    visit(block, &mut |node| {
        let Node::Op(op) = node else { return };
        for reg in ops::writes(op) {
            widest = widest.max(regs.lanes(reg));
        }
        if let Op::MatMulS { rows, inner, cols, .. } = op {
            let lanes = rows.saturating_mul(*inner).saturating_mul(*cols);
            widest = widest.max(u64::try_from(lanes).unwrap_or(0));
        }
    });
    widest
}
