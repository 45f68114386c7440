//! Loops among threads become tapes of their own, which the main tape starts and waits for.
//!
//! Every thread runs a consecutive range of iterations: n / threads of them, and the last
//! n % threads threads one more. The range within a thread is a parallel loop, so threads come
//! before lanes in the order of the index space.

use std::collections::HashSet;

use caucus_bytecode::Op;
use caucus_bytecode::operand::{IntOp, SrcI, TapeRef};

use super::scan::{self, Copier, Spans};
use super::{LoopNote, fold, ops};
use crate::chunks::{chunk_tapes, given_to_threads};
use crate::diagnostic::Diagnostic;
use crate::ir::{Block, Class, Loop, LoopKind, Module, Node, Position, Reg, Stmt, Tape};
use crate::map::Map;

/// Splits the loops of the main tape and of chunks of distributed loops; those of other tapes run in
/// the thread that meets them.
pub(super) fn split_threads(
    module: &mut Module,
    notes: &mut Vec<LoopNote>,
) -> Result<(), Box<Diagnostic>> {
    let spans = Spans::of(module);
    let constants = scan::constants(module);
    let definitions = constant_definitions(module);
    let chunks = chunk_tapes(module);
    let given = HashSet::new();
    let mut pass =
        Splitter { module, notes, spans, constants, definitions, given, next: 0, main: true };
    for index in 0..pass.module.tapes.len() {
        let chunk = chunks.contains(&index);
        pass.main = index == 0 || chunk;
        pass.given = if chunk { given_to_threads(pass.module, index) } else { HashSet::new() };
        let body = std::mem::take(&mut pass.module.tapes[index].body);
        pass.module.tapes[index].body = pass.block(body)?;
    }
    Ok(())
}

/// The instructions that set registers to constants, where no other one writes them.
fn constant_definitions(module: &Module) -> Map<Reg, Op> {
    let writes = scan::count_writes(module);
    let mut found = Map::default();
    for tape in &module.tapes {
        scan::visit(&tape.body, &mut |node| {
            if let Node::Op(op) = node {
                let dst = match op {
                    Op::LoadInt { dst, .. } => dst.reg(),
                    Op::LoadInts { dst, .. } => dst.reg(),
                    Op::LoadPublic { dst, .. } => dst.reg(),
                    Op::LoadBits { dst, .. } => dst.reg(),
                    _ => return,
                };
                if writes.get(dst) == 1 {
                    found.insert(dst, op.clone());
                }
            }
        });
    }
    found
}

struct Splitter<'a> {
    module: &'a mut Module,
    notes: &'a mut Vec<LoopNote>,
    spans: Spans,
    constants: Map<u32, i64>,
    definitions: Map<Reg, Op>,
    /// Integers of the current tape that its threads get as arguments if they use them.
    given: HashSet<u32>,
    /// Number of the next loop, as [`Spans`] counts them.
    next: usize,
    /// Whether threads can be started here.
    main: bool,
}

impl Splitter<'_> {
    fn block(&mut self, block: Block) -> Result<Block, Box<Diagnostic>> {
        let mut res = Block::default();
        for Stmt { position, node } in block.stmts {
            let node = match node {
                Node::Loop(it) => {
                    let number = self.next;
                    self.next += 1;
                    self.split(*it, number, position, &mut res)?;
                    continue;
                }
                Node::If { condition, then, otherwise } => Node::If {
                    condition,
                    then: self.block(then)?,
                    otherwise: self.block(otherwise)?,
                },
                Node::While { test, condition, body } => {
                    Node::While { test: self.block(test)?, condition, body: self.block(body)? }
                }
                Node::Op(_) | Node::Break | Node::Array(_) => node,
            };
            res.stmts.push(Stmt { position, node });
        }
        Ok(res)
    }

    fn split(
        &mut self,
        mut it: Loop,
        number: usize,
        position: Position,
        out: &mut Block,
    ) -> Result<(), Box<Diagnostic>> {
        let main = self.main;
        let LoopKind::Threads { threads, unroll } = it.kind else {
            it.body = self.block(it.body)?;
            out.stmts.push(Stmt { position, node: Node::Loop(Box::new(it)) });
            return Ok(());
        };
        // Loops within run in the thread of this one.
        self.main = false;
        it.body = self.block(it.body)?;
        self.main = main;
        let outside = self.outside(&it, number, position)?;
        it.kind = LoopKind::Parallel { unroll };
        let count = fold::static_count(&self.constants, it.start, it.stop, it.step);
        let count = match count {
            Some(count) if main && threads > 1 && count > 1 => count,
            count => {
                if main && count.is_none() {
                    self.note(
                        position,
                        "runs in one thread: the number of iterations is not known at compile time"
                            .into(),
                    );
                }
                out.stmts.push(Stmt { position, node: Node::Loop(Box::new(it)) });
                return Ok(());
            }
        };
        self.outline(it, count, u64::from(threads), unroll, &outside, position, out);
        Ok(())
    }

    /// The constants and arguments that the loop takes from outside; anything else is a fault of the
    /// program.
    fn outside(
        &self,
        it: &Loop,
        number: usize,
        position: Position,
    ) -> Result<Vec<Reg>, Box<Diagnostic>> {
        let body = self.spans.body(number);
        let mut outside = Vec::new();
        let fault = |reg: Reg, position: Position| {
            let what = if reg.class == Class::Secret { "secret" } else { "public" };
            Diagnostic::at(
                self.module,
                position,
                "E0301",
                format!("a {what} register of another thread is used in this thread"),
            )
            .with_help(
                "threads share memory, not registers: keep the value in a MemValue or an Array, \
                 or make it inside the loop",
            )
        };
        let mut written = Map::default();
        scan::block_writes(&it.body, &mut written);
        each_register(&it.body, position, &mut |reg, position| {
            if self.spans.owns(body, reg) || reg.index == it.index && reg.class == Class::Int {
                return Ok(());
            }
            let given = reg.class == Class::Int && self.given.contains(&reg.index);
            if !(given || self.definitions.contains_key(&reg)) || written.contains_key(&reg) {
                return Err(fault(reg, position));
            }
            if !outside.contains(&reg) {
                outside.push(reg);
            }
            Ok(())
        })?;
        Ok(outside)
    }

    #[expect(clippy::too_many_arguments, reason = "what a loop consists of, used once")]
    fn outline(
        &mut self,
        it: Loop,
        count: u64,
        threads: u64,
        unroll: Option<u64>,
        outside: &[Reg],
        position: Position,
        out: &mut Block,
    ) {
        let (short, longer) = (count / threads, count % threads);
        let start = self.constants[&it.start];
        let mut tapes: Map<u64, u32> = Map::default();
        let mut jobs = Vec::new();
        let mut first = 0u64;
        for thread in 0..threads {
            let len = short + u64::from(thread >= threads - longer);
            if len == 0 {
                continue;
            }
            let tape = match tapes.get(&len) {
                Some(tape) => *tape,
                None => {
                    let tape = self.tape(&it, len, unroll, outside, position);
                    tapes.insert(len, tape);
                    tape
                }
            };
            let first_index = start.wrapping_add((first as i64).wrapping_mul(it.step));
            let base = self.int();
            out.stmts.push(Stmt { position, node: Node::Op(ops::constant(base, first_index)) });
            self.constants.insert(base, first_index);
            let given = self.arguments(outside).map(|reg| SrcI(reg.index));
            jobs.push((TapeRef(tape), [SrcI(base)].into_iter().chain(given).collect()));
            first += len;
        }
        self.note(position, format!("{count} iterations in {} threads", jobs.len()));
        out.stmts.push(Stmt { position, node: Node::Op(Op::Threads { jobs }) });
    }

    /// The registers from outside that a thread gets as arguments.
    fn arguments<'a>(&'a self, outside: &'a [Reg]) -> impl Iterator<Item = &'a Reg> {
        outside.iter().filter(|reg| !self.definitions.contains_key(reg))
    }

    /// A tape that runs `len` iterations from the index that it gets as its argument.
    fn tape(
        &mut self,
        it: &Loop,
        len: u64,
        unroll: Option<u64>,
        outside: &[Reg],
        position: Position,
    ) -> u32 {
        let number = self.module.tapes.len();
        let [base, start, stop, counter] = [(); 4].map(|()| self.int());
        let index = self.int();
        let mut renamed = Vec::new();
        for reg in outside {
            let lanes = self.module.regs.lanes(*reg);
            renamed.push((*reg, self.module.regs.fresh(reg.class, lanes)));
        }
        let mut copier = Copier::new(self.module, &it.body, |_| true, Some(number));
        copier.rename(Reg { class: Class::Int, index: it.index }, index);
        for (reg, copy) in &renamed {
            copier.rename(*reg, *copy);
        }
        let mut body = copier.block(&it.body);
        let (offset, step) = match it.step {
            1 => (counter, None),
            _ => (self.int(), Some(self.int())),
        };
        let scaled = step.map(|step| ops::int(IntOp::Mul, offset, counter, step));
        let prefix = scaled.into_iter().chain([ops::int(IntOp::Add, index, base, offset)]);
        body.stmts.splice(0..0, prefix.map(|op| Stmt { position, node: Node::Op(op) }));
        let len = i64::try_from(len).expect("a static trip count is limited by its bounds");
        let mut code = Block::default();
        let mut push = |op| code.stmts.push(Stmt { position, node: Node::Op(op) });
        push(ops::constant(start, 0));
        push(ops::constant(stop, len));
        if let Some(step) = step {
            push(ops::constant(step, it.step));
        }
        let mut params = vec![base];
        for (reg, copy) in renamed {
            match self.definitions.get(&reg) {
                Some(definition) => push(ops::replace_registers(definition, |_, _| copy)),
                None => params.push(copy),
            }
        }
        let kind = LoopKind::Parallel { unroll };
        let inner = Loop { index: counter, start, stop, step: 1, kind, body };
        code.stmts.push(Stmt { position, node: Node::Loop(Box::new(inner)) });
        let name = format!("{}-loop{number}", self.module.tapes[0].name);
        self.module.tapes.push(Tape { name, params, body: code });
        u32::try_from(number).expect("there are at most two tapes for a loop")
    }

    fn int(&mut self) -> u32 {
        self.module.regs.fresh(Class::Int, 1)
    }

    fn note(&mut self, position: Position, text: String) {
        self.notes.push(LoopNote { position, text });
    }
}

type Visit<'a> = &'a mut dyn FnMut(Reg, Position) -> Result<(), Box<Diagnostic>>;

/// Shows every register of a block with the line that uses it.
fn each_register(
    block: &Block,
    position: Position,
    visit: Visit<'_>,
) -> Result<(), Box<Diagnostic>> {
    for stmt in &block.stmts {
        let position = if stmt.position.line == 0 { position } else { stmt.position };
        let int = |index: u32| Reg { class: Class::Int, index };
        match &stmt.node {
            Node::Op(op) => {
                for (reg, _) in op.registers() {
                    visit(reg, position)?;
                }
            }
            Node::Loop(it) => {
                for index in [it.start, it.stop, it.index] {
                    visit(int(index), position)?;
                }
                each_register(&it.body, position, visit)?;
            }
            Node::If { condition, then, otherwise } => {
                visit(int(*condition), position)?;
                each_register(then, position, visit)?;
                each_register(otherwise, position, visit)?;
            }
            Node::While { test, condition, body } => {
                each_register(test, position, visit)?;
                visit(int(*condition), position)?;
                each_register(body, position, visit)?;
            }
            Node::Break | Node::Array(_) => {}
        }
    }
    Ok(())
}
