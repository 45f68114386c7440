//! Parallel loops, from the inside out: widened if possible, else unrolled, else run one iteration
//! after the other.

use caucus_bytecode::op::Effect;
use caucus_bytecode::operand::IntOp;

use super::scan::{self, Copier, Span, Spans};
use super::unroll::{self, Unrolling};
use super::widen::{self, Form, Iterations};
use super::{LoopNote, PassOptions, fold, ops};
use crate::diagnostic::Diagnostic;
use crate::ir::{Block, Class, Loop, LoopKind, Module, Node, Position, Reg, Stmt};
use crate::map::Map;

/// Lanes of the widest value of a widened loop. A register of 2^20 secrets takes 16 MB with two
/// shares of 8 bytes: some dozens of them fit the memory of a small machine, while a round trip of
/// a millisecond is already short compared to the time that 2^20 lanes take.
const LANES: u64 = 1 << 20;

/// Instructions of the whole program beyond which unrolling is refused: compiling and starting
/// more of them takes longer than running loops instead could.
const MAX_SIZE: u64 = 20_000_000;

/// Handles all parallel loops of a module.
pub(super) fn widen_loops(
    module: &mut Module,
    options: &PassOptions,
    notes: &mut Vec<LoopNote>,
) -> Result<(), Box<Diagnostic>> {
    let spans = Spans::of(module);
    let constants = scan::constants(module);
    let mut pass = Pass { module, options, notes, spans, constants, next: 0, tape: 0, unrolled: 0 };
    for tape in 0..pass.module.tapes.len() {
        pass.tape = tape;
        let body = std::mem::take(&mut pass.module.tapes[tape].body);
        pass.module.tapes[tape].body = pass.block(body)?;
    }
    Ok(())
}

struct Pass<'a> {
    module: &'a mut Module,
    options: &'a PassOptions,
    notes: &'a mut Vec<LoopNote>,
    spans: Spans,
    constants: Map<u32, i64>,
    /// Number of the next loop, as [`Spans`] counts them.
    next: usize,
    tape: usize,
    /// Instructions that unrolling has made.
    unrolled: u64,
}

/// A loop on its way.
struct Candidate {
    body: Block,
    index: u32,
    start: u32,
    stop: u32,
    /// Value of `start`.
    first: i64,
    step: i64,
    count: u64,
    span: Span,
    position: Position,
    cap: Option<u64>,
}

impl Pass<'_> {
    fn block(&mut self, block: Block) -> Result<Block, Box<Diagnostic>> {
        let mut res = Block::default();
        for Stmt { position, node } in block.stmts {
            let node = match node {
                Node::Loop(it) => {
                    self.lower(*it, position, &mut res)?;
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

    fn lower(
        &mut self,
        mut it: Loop,
        position: Position,
        out: &mut Block,
    ) -> Result<(), Box<Diagnostic>> {
        let span = self.spans.body(self.next);
        self.next += 1;
        it.body = self.block(it.body)?;
        let cap = match it.kind {
            LoopKind::Sequential if !self.options.flow => {
                out.stmts.push(Stmt { position, node: Node::Loop(Box::new(it)) });
                return Ok(());
            }
            LoopKind::Sequential => None,
            LoopKind::Parallel { unroll } | LoopKind::Threads { unroll, .. } => {
                unroll.filter(|bodies| *bodies > 0)
            }
        };
        it.kind = LoopKind::Sequential;
        let count = fold::static_count(&self.constants, it.start, it.stop, it.step);
        let (Some(count), Some(first)) = (count, self.constants.get(&it.start).copied()) else {
            self.note(
                position,
                "runs one iteration after the other: the number of iterations is not known at compile time",
            );
            out.stmts.push(Stmt { position, node: Node::Loop(Box::new(it)) });
            return Ok(());
        };
        if count == 0 {
            return Ok(());
        }
        let loop_ = Candidate {
            body: it.body,
            index: it.index,
            start: it.start,
            stop: it.stop,
            first,
            step: it.step,
            count,
            span,
            position,
            cap,
        };
        match self.widened(&loop_) {
            Ok((mut stmts, text)) => {
                self.note(position, text);
                out.stmts.append(&mut stmts);
                Ok(())
            }
            Err(reason) => self.unrolled(loop_, &reason, out),
        }
    }

    fn note(&mut self, position: Position, text: impl Into<String>) {
        self.notes.push(LoopNote { position, text: text.into() });
    }

    fn int(&mut self, value: Option<i64>) -> u32 {
        let reg = self.module.regs.fresh(Class::Int, 1);
        if let Some(value) = value {
            self.constants.insert(reg, value);
        }
        reg
    }

    /// The loop as vector code, and what was done; or why not.
    fn widened(&mut self, it: &Candidate) -> Result<(Vec<Stmt>, String), String> {
        if !self.options.widen {
            return Err("widening is switched off".into());
        }
        let widest = scan::widest(&it.body, &self.module.regs);
        let limit = (LANES / widest).max(1).min(it.cap.unwrap_or(u64::MAX));
        if limit == 1 && it.count > 1 {
            return Err(if it.cap == Some(1) {
                "the program asks for one at a time".into()
            } else {
                format!("one iteration makes a value of {widest} lanes")
            });
        }
        // Pieces of equal length rather than full ones and a short last one.
        let pieces = it.count.div_ceil(limit);
        let piece = it.count.div_ceil(pieces);
        let (full, rest) = (it.count / piece, it.count % piece);
        let first = Form { constant: it.first, coef: it.step, ..Form::default() };
        if full == 1 && rest == 0 {
            let stmts = self.piece(it, &it.body, it.index, first, piece)?;
            return Ok((stmts, format!("{piece} iterations at once")));
        }
        let mut stmts = Vec::new();
        let remainder = if rest > 0 {
            let (body, index) = self.copy(it);
            let done = (full * piece) as i64;
            let form = first.plus(&Form::constant(done.wrapping_mul(it.step)), 1);
            self.piece(it, &body, index, form, rest)?
        } else {
            Vec::new()
        };
        let distance = (piece as i64).wrapping_mul(it.step);
        let end = (full as i64).wrapping_mul(distance).wrapping_add(it.first);
        let (start, stop) = (self.int(Some(it.first)), self.int(Some(end)));
        let index = self.int(None);
        let form = Form { coef: it.step, ..Form::register(index) };
        let body = Block { stmts: self.piece(it, &it.body, it.index, form, piece)? };
        let position = it.position;
        let mut push = |node| stmts.push(Stmt { position, node });
        push(Node::Op(ops::constant(start, it.first)));
        push(Node::Op(ops::constant(stop, end)));
        let kind = LoopKind::Sequential;
        push(Node::Loop(Box::new(Loop { index, start, stop, step: distance, kind, body })));
        stmts.extend(remainder);
        let text = match rest {
            0 => format!("{piece} iterations at once, in {full} pieces"),
            rest => format!("{piece} iterations at once, in {full} pieces and one of {rest}"),
        };
        Ok((stmts, text))
    }

    fn piece(
        &mut self,
        it: &Candidate,
        body: &Block,
        index: u32,
        form: Form,
        count: u64,
    ) -> Result<Vec<Stmt>, String> {
        let (span, position, tape) = (it.span, it.position, self.tape);
        let iterations = Iterations { body, index, form, count, span, position, tape };
        widen::widen(self.module, &self.spans, &self.constants, &iterations).map_err(|refusal| {
            let line = refusal.position.line;
            if line == 0 || line == position.line || refusal.reason.contains(" in line ") {
                refusal.reason
            } else {
                format!("{} (line {line})", refusal.reason)
            }
        })
    }

    /// A copy of a body with its own registers, and the register of its index.
    fn copy(&mut self, it: &Candidate) -> (Block, u32) {
        let index = self.int(None);
        let (spans, span) = (&self.spans, it.span);
        let mut copier = Copier::new(self.module, &it.body, |reg| spans.owns(span, reg), None);
        copier.rename(Reg { class: Class::Int, index: it.index }, index);
        (copier.block(&it.body), index)
    }

    /// The loop unrolled as far as the budget goes, or as it is.
    fn unrolled(
        &mut self,
        it: Candidate,
        reason: &str,
        out: &mut Block,
    ) -> Result<(), Box<Diagnostic>> {
        let position = it.position;
        let size = scan::size(&it.body).max(1);
        let bodies = it.cap.unwrap_or(self.options.budget / size).clamp(1, it.count);
        let straight = unroll::is_straight(&it.body);
        let index = Reg { class: Class::Int, index: it.index };
        let mut writes = Map::default();
        scan::block_writes(&it.body, &mut writes);
        let free = !writes.contains_key(&index) && self.spans.owns(it.span, index);
        // Copies are of use only if they share rounds.
        if bodies < 2 || !straight || !free || !communicates(&it.body) {
            let why = if straight {
                ""
            } else {
                "; its body has control flow, so that it is not unrolled"
            };
            self.note(position, format!("runs one iteration after the other: {reason}{why}"));
            let Candidate { body, index, start, stop, step, .. } = it;
            let kind = LoopKind::Sequential;
            let node = Node::Loop(Box::new(Loop { index, start, stop, step, kind, body }));
            out.stmts.push(Stmt { position, node });
            return Ok(());
        }
        let rest = it.count % bodies;
        self.unrolled = self.unrolled.saturating_add(size.saturating_mul(bodies + rest));
        if self.unrolled > MAX_SIZE {
            let total = self.unrolled;
            return Err(Diagnostic::at(
                self.module,
                position,
                "E0308",
                format!("unrolling {bodies} iterations of this loop makes the program grow to {total} instructions"),
            )
            .with_help(format!(
                "the loop was not made vector code because {reason}; change that, or unroll less \
                 with a smaller budget (-b) or a smaller number of parallel iterations"
            )));
        }
        self.note(position, format!("{bodies} iterations unrolled at a time: {reason}"));
        let Unrolling { main, rest } = Unrolling::of(it.count, bodies);
        let mut done = 0i64;
        if main > 1 {
            let distance = (bodies as i64).wrapping_mul(it.step);
            let end = it.first.wrapping_add((main as i64).wrapping_mul(distance));
            let (start, stop) = (self.int(Some(it.first)), self.int(Some(end)));
            let counter = self.int(None);
            let mut body = Block::default();
            for number in 0..bodies {
                self.body_at(&it, Some(counter), (number as i64).wrapping_mul(it.step), &mut body);
            }
            let mut push = |node| out.stmts.push(Stmt { position, node });
            push(Node::Op(ops::constant(start, it.first)));
            push(Node::Op(ops::constant(stop, end)));
            let kind = LoopKind::Sequential;
            let index = counter;
            push(Node::Loop(Box::new(Loop { index, start, stop, step: distance, kind, body })));
            done = (main * bodies) as i64;
        }
        let straight = if main > 1 { rest } else { it.count };
        for number in 0..straight as i64 {
            let value = it.first.wrapping_add((done + number).wrapping_mul(it.step));
            self.body_at(&it, None, value, out);
        }
        Ok(())
    }

    /// A copy of the body with index `base` + `offset`.
    fn body_at(&mut self, it: &Candidate, base: Option<u32>, offset: i64, out: &mut Block) {
        let (mut body, index) = self.copy(it);
        let position = it.position;
        let constant = if base.is_some() { self.int(Some(offset)) } else { index };
        out.stmts.push(Stmt { position, node: Node::Op(ops::constant(constant, offset)) });
        if let Some(base) = base {
            let sum = ops::int(IntOp::Add, index, base, constant);
            out.stmts.push(Stmt { position, node: Node::Op(sum) });
        } else {
            self.constants.insert(index, offset);
        }
        out.stmts.append(&mut body.stmts);
    }
}

/// Whether a block has instructions that several iterations could share.
fn communicates(block: &Block) -> bool {
    let mut found = false;
    scan::visit(block, &mut |node| {
        if let Node::Op(op) = node {
            found |= matches!(op.effect(), Effect::Round | Effect::Input);
        }
    });
    found
}
