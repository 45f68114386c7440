//! Random programs: nested loops of all kinds over arrays, variables and vectors.

mod binary;
mod statements;

use caucus_bytecode::Op;
use caucus_bytecode::operand::*;

use crate::ir::{Array, Block, Loop, LoopKind, Module, Node, Position, Stmt, Tape};
use crate::passes::ops::{self, Address, MemoryOp};

/// Elements of the arrays of the main tape: two of each class.
const LEN: u64 = 400;
/// Number of the arrays of the main tape; the last two only collect sums.
pub(super) const ARRAYS: u32 = 10;

/// A generator of programs, which are a function of the seed.
pub(super) struct Generator {
    state: u64,
    module: Module,
    stmts: Vec<Stmt>,
    /// Registers that may be read here, by class.
    known: [Vec<u32>; Class::COUNT],
    /// Variables that may be written here.
    variables: Vec<Reg>,
    /// Indices of the loops around.
    indices: Vec<u32>,
    /// Variables among them that statements may change.
    counters: Vec<u32>,
    /// Addresses with the length of the arrays that they are for.
    addresses: Vec<(u32, u64)>,
    /// Arrays of blocks around: number and elements.
    arrays: Vec<(u32, u64)>,
    line: u32,
    /// Whether the place is within a loop that may be merged.
    merged: bool,
}

/// The program of a seed.
pub(super) fn program(seed: u64) -> Module {
    let mut module = Module { name: "random".into(), ring_bits: 64, ..Module::default() };
    module.files.push("random".into());
    let mut generator = Generator {
        state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5555_1234_9876_abcd,
        module,
        stmts: Vec::new(),
        known: Default::default(),
        variables: Vec::new(),
        indices: Vec::new(),
        counters: Vec::new(),
        addresses: Vec::new(),
        arrays: Vec::new(),
        line: 0,
        merged: false,
    };
    generator.main();
    generator.module
}

impl Generator {
    fn below(&mut self, bound: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 11) % bound
    }

    fn one_in(&mut self, bound: u64) -> bool {
        self.below(bound) == 0
    }

    fn push(&mut self, node: Node) {
        self.line += 1;
        self.stmts.push(Stmt { position: Position { file: 0, line: self.line }, node });
    }

    fn op(&mut self, op: Op) {
        let written = ops::writes(&op);
        self.push(Node::Op(op));
        for reg in written {
            let known = &mut self.known[reg.class.index()];
            if !known.contains(&reg.index) {
                known.push(reg.index);
            }
        }
    }

    fn fresh(&mut self, class: Class, lanes: u64) -> u32 {
        self.module.regs.fresh(class, lanes)
    }

    fn lanes(&self, class: Class, index: u32) -> u64 {
        self.module.regs.lanes(Reg { class, index })
    }

    fn constant(&mut self, value: i64) -> u32 {
        let reg = self.fresh(Class::Int, 1);
        self.op(ops::constant(reg, value));
        reg
    }

    fn class(&mut self) -> Class {
        Class::ALL[self.below(Class::COUNT as u64) as usize]
    }

    /// A register of a class, preferably a recent one.
    fn any(&mut self, class: Class) -> u32 {
        let count = self.known[class.index()].len() as u64;
        let back = self.below(count).min(self.below(count));
        self.known[class.index()][(count - 1 - back) as usize]
    }

    /// A register with this number of lanes; makes one if there is none.
    fn with_lanes(&mut self, class: Class, lanes: u64) -> u32 {
        let fitting: Vec<u32> = self.known[class.index()]
            .iter()
            .copied()
            .filter(|reg| self.lanes(class, *reg) == lanes)
            .collect();
        if fitting.is_empty() {
            let src = self.with_lanes(class, 1);
            let dst = self.fresh(class, lanes);
            self.op(ops::mov(class, dst, src));
            return dst;
        }
        let back = self.below(fitting.len() as u64).min(self.below(fitting.len() as u64));
        fitting[fitting.len() - 1 - back as usize]
    }

    /// One lane, or as many as given.
    fn fitting(&mut self, class: Class, lanes: u64) -> u32 {
        let lanes = if self.one_in(3) { 1 } else { lanes };
        self.with_lanes(class, lanes)
    }

    fn main(&mut self) {
        for class in Class::ALL.into_iter().chain(Class::ALL) {
            let number = self.module.arrays.len() as u32;
            self.module.arrays.push(Array { class, len: LEN, tape: 0 });
            self.push(Node::Array(number));
            let zero = self.constant(0);
            let value = self.fresh(Class::Int, LEN);
            let levels = vec![Level { count: LEN, stride: 7 + i64::from(number) }];
            self.op(Op::IotaI { dst: DstI(value), base: SrcI(zero), levels });
            let value = self.convert(value, class, LEN);
            let address =
                Address::Strided { base: zero, levels: vec![Level { count: LEN, stride: 1 }] };
            self.op(MemoryOp { class, array: number, write: true, value, address }.into_op());
            self.known = Default::default();
            self.arrays.push((number, LEN));
        }
        for class in [Class::Secret, Class::Int] {
            let number = self.module.arrays.len() as u32;
            self.module.arrays.push(Array { class, len: 1, tape: 0 });
            self.push(Node::Array(number));
        }
        self.seeds();
        for _ in 0..3 {
            self.variable();
        }
        self.block(0, 6);
        for class in Class::ALL {
            for _ in 0..3 {
                let value = self.any(class);
                self.show(class, value);
            }
        }
        for variable in std::mem::take(&mut self.variables) {
            self.show(variable.class, variable.index);
        }
        let body = Block { stmts: std::mem::take(&mut self.stmts) };
        self.module.tapes.push(Tape { name: "main".into(), params: Vec::new(), body });
    }

    /// A register of each class.
    fn seeds(&mut self) {
        let value = self.below(9) as i64;
        let int = self.constant(value);
        self.convert(int, Class::Secret, 1);
        self.convert(int, Class::Bits, 1);
    }

    fn convert(&mut self, int: u32, class: Class, lanes: u64) -> u32 {
        if class == Class::Int {
            return int;
        }
        let public = self.fresh(Class::Public, lanes);
        self.op(Op::PublicFromInt { dst: DstC(public), src: SrcI(int) });
        if class == Class::Public {
            return public;
        }
        if class == Class::Bits {
            let bits = self.fresh(Class::Bits, lanes);
            self.op(Op::BitsFromPublic { dst: DstB(bits), src: SrcC(public), bits: 1 });
            return bits;
        }
        let secret = self.fresh(Class::Secret, lanes);
        self.op(Op::SecretFromPublic { dst: DstS(secret), src: SrcC(public) });
        secret
    }

    fn show(&mut self, class: Class, value: u32) {
        let part = match class {
            Class::Int => Part::Int(SrcI(value)),
            Class::Public => Part::Public(SrcC(value)),
            Class::Secret => {
                let lanes = self.lanes(class, value);
                let opened = self.fresh(Class::Public, lanes);
                self.op(Op::OpenS { openings: vec![(DstC(opened), SrcS(value))] });
                Part::Public(SrcC(opened))
            }
            Class::Bits => {
                let lanes = self.lanes(class, value);
                let opened = self.fresh(Class::Public, lanes);
                self.op(Op::OpenB { openings: vec![(DstC(opened), SrcB(value))] });
                Part::Public(SrcC(opened))
            }
        };
        self.op(Op::Print { condition: None, player: None, parts: vec![part] });
    }

    fn variable(&mut self) {
        let class = self.class();
        let lanes = [1, 1, 3][self.below(3) as usize];
        let src = self.fitting(class, lanes);
        let index = self.fresh(class, lanes);
        self.op(ops::mov(class, index, src));
        // A second place that writes it makes it a variable.
        let src = self.fitting(class, lanes);
        self.op(ops::mov(class, index, src));
        self.variables.push(Reg { class, index });
    }

    fn block(&mut self, depth: u32, size: u64) {
        for _ in 0..2 + self.below(size) {
            self.statement(depth);
        }
    }

    /// A block of its own: what it makes is not known outside.
    fn nested(&mut self, fill: impl FnOnce(&mut Self)) -> Block {
        let outer = std::mem::take(&mut self.stmts);
        let (known, variables, arrays) =
            (self.known.clone(), self.variables.clone(), self.arrays.clone());
        let (indices, counters) = (self.indices.clone(), self.counters.clone());
        let addresses = self.addresses.clone();
        fill(self);
        self.addresses = addresses;
        (self.known, self.variables, self.arrays) = (known, variables, arrays);
        (self.indices, self.counters) = (indices, counters);
        Block { stmts: std::mem::replace(&mut self.stmts, outer) }
    }

    fn statement(&mut self, depth: u32) {
        match self.below(if depth < 3 { 29 } else { 22 }) {
            0..=2 => self.arithmetic(),
            3..=5 => self.load(),
            6..=7 => self.store(),
            8 => self.product(),
            9 => self.rearrange(),
            10 => self.update(),
            11 => self.add_to_variable(),
            12 => self.add_to_element(),
            13 => self.square_element(),
            14 => self.indexed(),
            15 => self.misc(),
            16 => self.arithmetic(),
            17 => self.local_array(),
            18 if self.one_in(3) => self.variable(),
            18 => self.counter(),
            19 => self.sum_or_open(),
            20..=21 => self.binary(),
            22 => self.input(),
            23..=27 => self.counted(depth),
            _ => self.branch(depth),
        }
    }

    fn counted(&mut self, depth: u32) {
        let count = [1, 2, 2, 3, 4, 5, 7][self.below(7) as usize];
        let step = [1, 1, 1, 1, 2, -1][self.below(6) as usize];
        let first = if step < 0 { count } else { self.below(3) as i64 };
        let (start, stop) = (self.constant(first), self.constant(first + count * step));
        let unroll = if self.one_in(4) { Some(1 + self.below(4)) } else { None };
        let kind = match self.below(8) {
            0..=1 => LoopKind::Sequential,
            2 if depth == 0 => LoopKind::Threads { threads: 1 + self.below(4) as u32, unroll },
            _ => LoopKind::Parallel { unroll },
        };
        let threads = matches!(kind, LoopKind::Threads { .. });
        let index = self.fresh(Class::Int, 1);
        let merged = self.merged;
        self.merged |= kind != LoopKind::Sequential;
        let body = self.nested(|it| {
            if threads {
                it.known = Default::default();
                it.variables.clear();
                it.counters.clear();
                it.indices.clear();
                it.addresses.clear();
            }
            it.known[Class::Int.index()].push(index);
            it.indices.push(index);
            if threads {
                it.seeds();
            }
            let size = [2, 4, 9][it.below(3) as usize];
            it.block(depth + 1, size);
            it.observe(index);
        });
        self.merged = merged;
        self.push(Node::Loop(Box::new(Loop { index, start, stop, step, kind, body })));
    }

    /// Adds recent values to sums that become visible, weighted by the iteration.
    fn observe(&mut self, index: u32) {
        let [factor, offset, zero] = [7, 3, 0].map(|value| self.constant(value));
        let (scaled, weight) = (self.fresh(Class::Int, 1), self.fresh(Class::Int, 1));
        self.op(ops::int(IntOp::Mul, scaled, index, factor));
        self.op(ops::int(IntOp::Add, weight, scaled, offset));
        let public = self.convert(weight, Class::Public, 1);
        for (class, array) in [(Class::Secret, ARRAYS - 2), (Class::Int, ARRAYS - 1)] {
            let seen: Vec<u32> =
                self.known[class.index()].iter().rev().skip(2).take(6).copied().collect();
            for value in seen {
                let (sum, old) = (self.fresh(class, 1), self.fresh(class, 1));
                let (weighted, new) = (self.fresh(class, 1), self.fresh(class, 1));
                self.push(Node::Op(ops::sum(class, sum, value)));
                let product = match class {
                    Class::Secret => {
                        Op::MulSC { dst: DstS(weighted), a: SrcS(sum), b: SrcC(public) }
                    }
                    _ => ops::int(IntOp::Mul, weighted, sum, weight),
                };
                self.push(Node::Op(product));
                let address = Address::Strided { base: zero, levels: Vec::new() };
                let access = MemoryOp { class, array, write: false, value: old, address };
                self.push(Node::Op(access.clone().into_op()));
                let add = match class {
                    Class::Secret => Op::AddS { dst: DstS(new), a: SrcS(old), b: SrcS(weighted) },
                    _ => ops::int(IntOp::Add, new, old, weighted),
                };
                self.push(Node::Op(add));
                self.push(Node::Op(MemoryOp { write: true, value: new, ..access }.into_op()));
            }
        }
    }

    fn branch(&mut self, depth: u32) {
        if self.one_in(3) {
            return self.repeat(depth);
        }
        let condition = self.with_lanes(Class::Int, 1);
        let then = self.nested(|it| it.block(depth + 1, 3));
        let otherwise = self.nested(|it| {
            if it.one_in(2) {
                it.block(depth + 1, 3);
            }
        });
        self.push(Node::If { condition, then, otherwise });
    }

    /// A loop that counts a variable of its own down.
    fn repeat(&mut self, depth: u32) {
        let rounds = 1 + self.below(3) as i64;
        let (left, one, zero) = (self.constant(rounds), self.constant(1), self.constant(0));
        let condition = self.fresh(Class::Int, 1);
        let test = self.nested(|it| it.op(ops::int(IntOp::Lt, condition, zero, left)));
        let body = self.nested(|it| {
            it.block(depth + 1, 4);
            let next = it.fresh(Class::Int, 1);
            it.op(ops::int(IntOp::Sub, next, left, one));
            it.op(ops::mov(Class::Int, left, next));
            if it.one_in(5) {
                let condition = it.with_lanes(Class::Int, 1);
                let then = it.nested(|it| it.push(Node::Break));
                it.push(Node::If { condition, then, otherwise: Block::default() });
            }
        });
        self.push(Node::While { test, condition, body });
    }
}
