//! Widening: the iterations of a parallel loop become lanes of vector instructions.
//!
//! A register of the body with m lanes becomes one with n·m lanes for n iterations, iteration by
//! iteration: lane k·m + j is lane j of iteration k. What is the same in all iterations stays as
//! it is, and integers that are linear in the number of the iteration are kept as [`Form`]s, so
//! that arrays are accessed in strided patterns. Loops within keep running one iteration after the
//! other, around wide instructions.
//!
//! All iterations then run in lockstep: instruction by instruction instead of iteration by
//! iteration. That gives the same result if no iteration sees what another one writes, and each
//! element of an array keeps the order of its accesses, which [`Footprint`]s show. Where this
//! cannot be shown, the loop is refused.

mod bits;
mod footprints;
mod form;
mod lanes;
mod memory;
mod reductions;
mod values;

use std::collections::HashSet;

use caucus_bytecode::Op;
use caucus_bytecode::op::Effect;

use self::footprints::Accesses;
pub(super) use self::form::{Footprint, Form, IndexRange};
use self::reductions::Reductions;
use self::values::{Cache, Value};
use super::scan::{self, Span, Spans};
use super::{fold, ops};
use crate::ir::{Block, Class, Loop, LoopKind, Module, Node, Position, Reg, Stmt};
use crate::map::Map;

/// Why a loop is not widened.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    /// The reason, as the end of "… because …".
    pub(super) reason: String,
    /// The line that it is about.
    pub(super) position: Position,
}

/// Why an attempt ended.
enum Stop {
    /// The loop cannot be widened.
    Refused(Refusal),
    /// A variable that was taken for the same in all iterations is not: try again.
    Again,
}

type Step<T = ()> = Result<T, Stop>;

/// What a loop is to the iterations outside of it.
pub(super) struct Iterations<'a> {
    /// One iteration, in which all parallel loops are gone.
    pub(super) body: &'a Block,
    /// The register of the index.
    pub(super) index: u32,
    /// The index as a function of the number of the iteration.
    pub(super) form: Form,
    /// Number of iterations, at least 1.
    pub(super) count: u64,
    /// Where the loop stands in the text.
    pub(super) span: Span,
    /// The line of the loop.
    pub(super) position: Position,
    /// The tape that the loop is in.
    pub(super) tape: usize,
}

/// The code that runs all iterations at once.
///
/// # Errors
/// The reason why it cannot be done; then the module has changed only in unused registers.
pub(super) fn widen(
    module: &mut Module,
    spans: &Spans,
    constants: &Map<u32, i64>,
    iterations: &Iterations<'_>,
) -> Result<Vec<Stmt>, Refusal> {
    let facts = Facts::of(spans, iterations)?;
    let mut wide_variables = HashSet::new();
    loop {
        let mut widener = Widener::new(module, constants, &facts, iterations, &mut wide_variables);
        match widener.run() {
            Ok(stmts) => return Ok(stmts),
            Err(Stop::Refused(refusal)) => return Err(refusal),
            // Each attempt adds a variable, so this ends.
            Err(Stop::Again) => {}
        }
    }
}

/// What is known about a body before anything is changed.
struct Facts {
    /// Places that write each register.
    writes: Map<Reg, u32>,
    /// Registers that occur only in the body.
    owned: HashSet<Reg>,
    /// Arrays that the body declares and nobody else uses.
    private: HashSet<u32>,
    /// Arrays that the body writes.
    written: HashSet<u32>,
    /// Number of instructions that access each array.
    accesses: Map<u32, u32>,
    /// Number of instructions that take private inputs.
    inputs: u32,
    reductions: Reductions,
}

impl Facts {
    fn of(spans: &Spans, iterations: &Iterations<'_>) -> Result<Self, Refusal> {
        let body = iterations.body;
        let refuse =
            |reason: &str| Err(Refusal { reason: reason.into(), position: iterations.position });
        let mut writes = Map::default();
        scan::block_writes(body, &mut writes);
        let owned: HashSet<Reg> =
            writes.keys().copied().filter(|reg| spans.owns(iterations.span, *reg)).collect();
        let index = Reg { class: Class::Int, index: iterations.index };
        if writes.contains_key(&index) {
            return refuse("the body changes the loop's index");
        }
        if !spans.owns(iterations.span, index) {
            return refuse("the loop's index is used outside of the loop");
        }
        let mut declared = HashSet::new();
        let mut written = HashSet::new();
        let mut accesses = Map::default();
        let mut inputs = 0;
        scan::visit(body, &mut |node| match node {
            Node::Array(array) => {
                declared.insert(*array);
            }
            Node::Op(op) => {
                if let Some((caucus_bytecode::ArrayRef::Global(array), write)) = op.array() {
                    *accesses.entry(array).or_default() += 1;
                    if write {
                        written.insert(array);
                    }
                }
                inputs += u32::from(matches!(op, Op::InputS { .. } | Op::InputB { .. }));
            }
            Node::Loop(_) | Node::If { .. } | Node::While { .. } | Node::Break => {}
        });
        let owns_array = |array| spans.owns_array(iterations.span, array);
        if declared.iter().any(|array| !owns_array(*array)) {
            return refuse("an array that the body declares is used outside of the loop");
        }
        let reductions =
            Reductions::of(body, |reg| owned.contains(&reg), |array| declared.contains(&array));
        Ok(Self { writes, owned, private: declared, written, accesses, inputs, reductions })
    }

    /// Whether a register of the body changes while one iteration runs.
    fn is_variable(&self, reg: Reg) -> bool {
        self.writes.get(&reg).is_some_and(|places| *places > 1)
    }
}

struct Widener<'a> {
    module: &'a mut Module,
    constants: &'a Map<u32, i64>,
    facts: &'a Facts,
    iterations: &'a Iterations<'a>,
    /// Number of iterations.
    n: u64,
    /// Variables of the body that differ between iterations.
    wide_variables: &'a mut HashSet<Reg>,
    /// Registers of the body that have been written.
    values: Map<Reg, Value>,
    /// Integers of one lane that are the same in all iterations, as far as they are linear.
    forms: Map<u32, Form>,
    /// Registers that hold the wide form of variables.
    variables: Map<Reg, u32>,
    /// The loops around the current statement, within the body.
    depth: u32,
    /// Integers of the body that get more than one value during an iteration, because a loop
    /// within the body makes them.
    repeated: HashSet<u32>,
    ranges: Map<u32, IndexRange>,
    /// Reductions on elements of arrays whose address was found to be shared.
    active: Map<usize, (Form, u32)>,
    accesses: Accesses,
    cache: Cache,
    out: Vec<Stmt>,
    position: Position,
}

impl<'a> Widener<'a> {
    fn new(
        module: &'a mut Module,
        constants: &'a Map<u32, i64>,
        facts: &'a Facts,
        iterations: &'a Iterations<'a>,
        wide_variables: &'a mut HashSet<Reg>,
    ) -> Self {
        let index = Reg { class: Class::Int, index: iterations.index };
        Self {
            module,
            constants,
            facts,
            iterations,
            n: iterations.count,
            wide_variables,
            values: [(index, Value::Affine(iterations.form.clone()))].into_iter().collect(),
            forms: Map::default(),
            variables: Map::default(),
            depth: 0,
            repeated: HashSet::new(),
            ranges: Map::default(),
            active: Map::default(),
            accesses: Accesses::default(),
            cache: Cache::default(),
            out: Vec::new(),
            position: iterations.position,
        }
    }

    fn run(&mut self) -> Step<Vec<Stmt>> {
        let body = self.iterations.body;
        self.stmts(body)?;
        self.check_accesses()?;
        for array in &self.facts.private {
            let object = &mut self.module.arrays[*array as usize];
            object.len = object.len.saturating_mul(self.n);
        }
        Ok(std::mem::take(&mut self.out))
    }

    fn refuse<T>(&self, reason: impl Into<String>) -> Step<T> {
        Err(Stop::Refused(Refusal { reason: reason.into(), position: self.position }))
    }

    fn push(&mut self, node: Node) {
        self.out.push(Stmt { position: self.position, node });
    }

    fn emit(&mut self, op: Op) {
        // What a loop within the body makes is not the same all the time.
        if self.depth > 0 {
            for reg in ops::writes(&op) {
                if reg.class == Class::Int {
                    self.repeated.insert(reg.index);
                }
            }
        }
        self.push(Node::Op(op));
    }

    fn stmts(&mut self, block: &Block) -> Step {
        for stmt in &block.stmts {
            self.position = stmt.position;
            self.stmt(&stmt.node)?;
        }
        Ok(())
    }

    /// A block within a statement, in a list of its own.
    fn nested(&mut self, block: &Block) -> Step<Block> {
        let position = self.position;
        let outer = std::mem::take(&mut self.out);
        let cache = self.cache.clone();
        let res = self.stmts(block);
        self.cache = cache;
        self.position = position;
        let stmts = std::mem::replace(&mut self.out, outer);
        res.map(|()| Block { stmts })
    }

    fn stmt(&mut self, node: &Node) -> Step {
        match node {
            Node::Op(op) => self.op(op),
            Node::Array(_) => {
                self.push(node.clone());
                Ok(())
            }
            Node::Break if self.depth == 0 => self.refuse("it can be left by a break"),
            Node::Break => {
                self.push(Node::Break);
                Ok(())
            }
            Node::If { condition, then, otherwise } => {
                let condition = self.condition(*condition)?;
                let then = self.nested(then)?;
                let otherwise = self.nested(otherwise)?;
                self.push(Node::If { condition, then, otherwise });
                Ok(())
            }
            Node::While { test, condition, body } => {
                self.depth += 1;
                let mut test = self.nested(test)?;
                // A condition that has to be computed is so at the end of the test.
                let outer = std::mem::replace(&mut self.out, std::mem::take(&mut test.stmts));
                let cache = self.cache.clone();
                let condition = self.condition(*condition);
                self.cache = cache;
                test.stmts = std::mem::replace(&mut self.out, outer);
                let condition = condition?;
                let body = self.nested(body)?;
                self.depth -= 1;
                self.push(Node::While { test, condition, body });
                Ok(())
            }
            Node::Loop(it) => self.inner_loop(it),
        }
    }

    fn condition(&mut self, condition: u32) -> Step<u32> {
        let reg = Reg { class: Class::Int, index: condition };
        self.known(reg)?;
        match self.uniform(reg) {
            Some(condition) => Ok(condition),
            None => self.refuse("a condition differs between iterations"),
        }
    }

    /// A loop within the body runs one iteration after the other.
    fn inner_loop(&mut self, it: &Loop) -> Step {
        let index = Reg { class: Class::Int, index: it.index };
        let mut bounds = [it.start, it.stop];
        for bound in &mut bounds {
            let reg = Reg { class: Class::Int, index: *bound };
            self.known(reg)?;
            match self.uniform(reg) {
                Some(uniform) => *bound = uniform,
                None => {
                    return self.refuse("the bounds of a loop within differ between iterations");
                }
            }
        }
        if !self.facts.owned.contains(&index) || self.wide_variables.contains(&index) {
            return self.refuse("the index of a loop within differs between iterations");
        }
        let [start, stop] = bounds;
        if self.facts.is_variable(index) {
            self.repeated.insert(it.index);
        } else if let (Some(first), Some(last)) = (self.constant(start), self.constant(stop)) {
            let count = fold::trip_count(first, last, it.step);
            self.ranges.insert(it.index, IndexRange { start: first, count, step: it.step });
        } else {
            self.repeated.insert(it.index);
        }
        self.values.insert(index, Value::Uniform);
        self.depth += 1;
        let body = self.nested(&it.body)?;
        self.depth -= 1;
        let kind = LoopKind::Sequential;
        let inner = Loop { index: it.index, start, stop, step: it.step, kind, body };
        self.push(Node::Loop(Box::new(inner)));
        Ok(())
    }

    fn op(&mut self, op: &Op) -> Step {
        for reg in ops::reads(op) {
            self.known(reg)?;
        }
        match op.effect() {
            Effect::Control if matches!(op, Op::Nodes { .. }) => {
                return self.refuse("the body distributes a loop among nodes");
            }
            Effect::Control => return self.refuse("the body starts threads"),
            Effect::Socket => return self.refuse("the body communicates with clients or nodes"),
            Effect::Output if !matches!(op, Op::Fail { .. } | Op::Check {}) => {
                return self.refuse(format!("the order of {} must be kept", op.mnemonic()));
            }
            Effect::Pure | Effect::Memory | Effect::Round | Effect::Input | Effect::Output => {}
        }
        if self.reduction(op)? {
            return Ok(());
        }
        let written = ops::writes(op);
        if let Some(reg) = written.iter().find(|reg| !self.facts.owned.contains(reg)) {
            return self.refuse(format!(
                "{reg}, a variable from outside of the loop, is changed in a way that is not a sum"
            ));
        }
        if self.stays_uniform(op) {
            return self.emit_uniform(op);
        }
        let variable = |reg: &Reg| self.facts.is_variable(*reg);
        if let Some(reg) =
            written.iter().copied().find(|reg| variable(reg) && !self.wide_variables.contains(reg))
        {
            self.wide_variables.insert(reg);
            return Err(Stop::Again);
        }
        if written.iter().any(variable) {
            return self.assign(op);
        }
        self.widen_op(op)
    }

    /// An instruction that writes variables: the values are made as those of other registers are,
    /// and copied.
    fn assign(&mut self, op: &Op) -> Step {
        let mut copies = Vec::new();
        let value = match ops::as_move(op) {
            Some(copy) => {
                copies.push(copy);
                None
            }
            None => Some(ops::replace_registers(op, |reg, write| {
                if write && self.wide_variables.contains(&reg) {
                    let value = self.module.regs.fresh(reg.class, self.module.regs.lanes(reg));
                    copies.push((reg, Reg { class: reg.class, index: value }));
                    value
                } else {
                    reg.index
                }
            })),
        };
        if let Some(value) = value {
            if self.stays_uniform(&value) {
                self.emit_uniform(&value)?;
            } else {
                self.widen_op(&value)?;
            }
        }
        for (variable, value) in copies {
            let lanes = self.module.regs.lanes(variable);
            let src = self.operand(value, lanes);
            let dst = self.variable(variable);
            self.emit(ops::mov(variable.class, dst, src));
        }
        Ok(())
    }

    /// The wide form of a variable.
    fn variable(&mut self, reg: Reg) -> u32 {
        if let Some(wide) = self.variables.get(&reg) {
            return *wide;
        }
        let wide = self.wide(reg);
        self.variables.insert(reg, wide);
        self.values.insert(reg, Value::Wide(wide));
        wide
    }

    /// Whether an instruction does the same in all iterations, so that doing it once is enough.
    fn stays_uniform(&self, op: &Op) -> bool {
        let stays = match op.effect() {
            // Each iteration draws its own numbers.
            Effect::Pure => !matches!(op, Op::RandomS { .. } | Op::RandomB { .. }),
            Effect::Round => !matches!(op, Op::ShuffleS { .. } | Op::NewPermutation { .. }),
            Effect::Memory => op.array().is_some_and(|(array, write)| {
                let caucus_bytecode::ArrayRef::Global(array) = array else { return false };
                !write
                    && !self.facts.written.contains(&array)
                    && !self.facts.private.contains(&array)
            }),
            Effect::Output => matches!(op, Op::Fail { .. } | Op::Check {}),
            Effect::Input | Effect::Socket | Effect::Control => false,
        };
        stays
            && ops::reads(op).into_iter().all(|reg| self.is_uniform(reg))
            && !ops::writes(op).iter().any(|reg| self.wide_variables.contains(reg))
    }

    fn emit_uniform(&mut self, op: &Op) -> Step {
        let form = self.linear(op);
        let op = ops::replace_registers(op, |reg, write| {
            if write {
                return reg.index;
            }
            self.uniform(reg).unwrap_or(reg.index)
        });
        for reg in ops::writes(&op) {
            self.values.insert(reg, Value::Uniform);
            if let (Some(form), false) = (&form, self.facts.is_variable(reg)) {
                self.forms.insert(reg.index, form.clone());
            }
        }
        self.emit(op);
        Ok(())
    }

    /// A register of the body must have been written before it is read.
    fn known(&self, reg: Reg) -> Step {
        let ours = self.facts.owned.contains(&reg) && !self.values.contains_key(&reg);
        if ours { self.refuse(format!("{reg} may be used before it has a value")) } else { Ok(()) }
    }
}
