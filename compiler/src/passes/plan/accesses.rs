//! What a chunk's tape and the threads that it starts touch of the arrays that all nodes share.

use caucus_bytecode::operand::{IntOp, Level, SrcI, TapeRef};
use caucus_bytecode::{ArrayRef, Op};

use crate::ir::{Block, Class, Loop, Module, Node, Position, Reg};
use crate::map::Map;
use crate::passes::ops::{Address, MemoryOp};
use crate::passes::scan;
use crate::passes::widen::{Footprint, Form, IndexRange};
use crate::passes::{fold, ops};

/// One instruction that accesses a shared array.
#[derive(Clone, Debug)]
pub(super) struct Access {
    pub(super) array: u32,
    pub(super) write: bool,
    /// The elements as a function of the number of the chunk; `None` if they are data.
    pub(super) footprint: Option<Footprint>,
    /// Whether it takes place in every run of the chunk, with all its elements.
    pub(super) certain: bool,
    /// Which statement of the tape it belongs to: smaller ones are over before it begins.
    pub(super) time: usize,
    pub(super) position: Position,
}

/// All accesses of a chunk that runs this tape.
pub(super) fn of(module: &Module, tape: usize) -> Vec<Access> {
    let chunk = Form { coef: 1, ..Form::default() };
    let args = vec![Some(Integers { form: chunk, levels: Vec::new() })];
    let mut found = Vec::new();
    Walk::new(module, tape, args, Map::default(), &mut found).tape(tape);
    found
}

/// Integers that are linear in the number of the chunk and in the numbers of the passes of loops:
/// one for each element of the pattern. A loop's index register stands for the number of its pass.
#[derive(Clone, Debug)]
struct Integers {
    form: Form,
    levels: Vec<Level>,
}

impl Integers {
    fn plus(&self, other: &Self, factor: i64) -> Option<Self> {
        let scaled =
            |level: &Level, by: i64| Level { stride: level.stride.wrapping_mul(by), ..*level };
        let levels = match (self.levels.as_slice(), other.levels.as_slice()) {
            (mine, []) => mine.to_vec(),
            ([], theirs) => theirs.iter().map(|level| scaled(level, factor)).collect(),
            (mine, theirs) => {
                let same = mine.len() == theirs.len()
                    && mine.iter().zip(theirs).all(|(a, b)| a.count == b.count);
                if !same {
                    return None;
                }
                let sum = |(a, b): (&Level, &Level)| Level {
                    stride: a.stride.wrapping_add(b.stride.wrapping_mul(factor)),
                    ..*a
                };
                mine.iter().zip(theirs).map(sum).collect()
            }
        };
        Some(Self { form: self.form.plus(&other.form, factor), levels })
    }

    fn times(&self, factor: i64) -> Self {
        let zero = Self { form: Form::default(), levels: Vec::new() };
        zero.plus(self, factor).expect("a number has no pattern")
    }

    fn as_constant(&self) -> Option<i64> {
        if self.levels.is_empty() { self.form.as_constant() } else { None }
    }
}

struct Walk<'a> {
    module: &'a Module,
    /// Places of the tape that write each register.
    writes: Map<Reg, u32>,
    values: Map<u32, Integers>,
    /// How often the loops around run.
    passes: Map<u32, IndexRange>,
    found: &'a mut Vec<Access>,
    certain: bool,
    /// The statement of the chunk's tape, for code of its threads.
    of_thread: Option<usize>,
    time: usize,
    position: Position,
}

impl<'a> Walk<'a> {
    fn new(
        module: &'a Module,
        tape: usize,
        args: Vec<Option<Integers>>,
        passes: Map<u32, IndexRange>,
        found: &'a mut Vec<Access>,
    ) -> Self {
        let mut writes = Map::default();
        let tape = &module.tapes[tape];
        scan::block_writes(&tape.body, &mut writes);
        let int = |index: u32| Reg { class: Class::Int, index };
        let params = tape.params.iter().zip(args).filter_map(|(param, arg)| Some((*param, arg?)));
        let values = params.filter(|(param, _)| !writes.contains_key(&int(*param))).collect();
        Self {
            module,
            writes,
            values,
            passes,
            found,
            certain: true,
            of_thread: None,
            time: 0,
            position: Position::default(),
        }
    }

    fn tape(&mut self, tape: usize) {
        for (time, stmt) in self.module.tapes[tape].body.stmts.iter().enumerate() {
            self.time = self.of_thread.unwrap_or(time);
            self.position = stmt.position;
            self.node(&stmt.node);
        }
    }

    fn block(&mut self, block: &Block, certain: bool) {
        let outer = self.certain;
        self.certain &= certain;
        for stmt in &block.stmts {
            self.position = stmt.position;
            self.node(&stmt.node);
        }
        self.certain = outer;
    }

    fn node(&mut self, node: &Node) {
        match node {
            Node::Op(Op::Threads { jobs }) => self.threads(jobs),
            Node::Op(op) => self.op(op),
            Node::Loop(it) => self.counted_loop(it),
            Node::If { then, otherwise, .. } => {
                self.block(then, false);
                self.block(otherwise, false);
            }
            Node::While { test, body, .. } => {
                self.block(test, false);
                self.block(body, false);
            }
            Node::Break | Node::Array(_) => {}
        }
    }

    fn is_single(&self, reg: u32) -> bool {
        self.writes.get(&Reg { class: Class::Int, index: reg }) == Some(&1)
    }

    fn counted_loop(&mut self, it: &Loop) {
        let bounds = (self.values.get(&it.start), self.values.get(&it.stop));
        let count = match bounds {
            (Some(start), Some(stop)) => {
                let distance = stop.plus(start, -1).and_then(|it| it.as_constant());
                distance.map(|distance| fold::trip_count(0, distance, it.step))
            }
            _ => None,
        };
        if count == Some(0) {
            return;
        }
        let start = bounds.0.cloned();
        let known = match (count, start) {
            (Some(count), Some(start)) if self.is_single(it.index) => {
                let pass = Integers { form: Form::register(it.index), levels: Vec::new() };
                self.passes.insert(it.index, IndexRange { start: 0, count, step: 1 });
                let index = start.plus(&pass, it.step);
                index.map(|index| self.values.insert(it.index, index)).is_some()
            }
            _ => false,
        };
        self.block(&it.body, known && !leaves(&it.body));
    }

    fn threads(&mut self, jobs: &[(TapeRef, Vec<SrcI>)]) {
        for (tape, args) in jobs {
            let tape = tape.0 as usize;
            let args = args.iter().map(|arg| self.values.get(&arg.0).cloned()).collect();
            let passes = self.passes.clone();
            let mut walk = Walk::new(self.module, tape, args, passes, self.found);
            walk.certain = self.certain;
            walk.of_thread = Some(self.time);
            walk.tape(tape);
        }
    }

    fn op(&mut self, op: &Op) {
        if let Some((array, write)) = op.array() {
            self.access(op, array, write);
        }
        let value = match op {
            Op::LoadInt { value, .. } => {
                Some(Integers { form: Form::constant(*value), levels: Vec::new() })
            }
            Op::MoveI { src, .. } => self.values.get(&src.0).cloned(),
            Op::IotaI { base, levels, .. } => self
                .values
                .get(&base.0)
                .filter(|base| base.levels.is_empty())
                .map(|base| Integers { levels: levels.clone(), ..base.clone() }),
            Op::IntBinary { op, a, b, .. } => {
                match (self.values.get(&a.0), self.values.get(&b.0)) {
                    (Some(a), Some(b)) => binary(*op, a, b),
                    _ => None,
                }
            }
            _ => None,
        };
        let [dst] = ops::writes(op)[..] else { return };
        if let Some(value) = value.filter(|_| self.is_single(dst.index)) {
            self.values.insert(dst.index, value);
        }
    }

    fn access(&mut self, op: &Op, array: ArrayRef, write: bool) {
        // What a tape of a chunk declares exists once for each chunk, or for each of its threads.
        let ArrayRef::Global(array) = array else { return };
        if self.module.arrays[array as usize].tape != 0 {
            return;
        }
        let footprint = MemoryOp::of(op).and_then(|access| self.footprint(&access));
        if footprint.as_ref().is_some_and(Footprint::is_empty) {
            return;
        }
        let Self { certain, time, position, .. } = *self;
        self.found.push(Access { array, write, footprint, certain, time, position });
    }

    fn footprint(&self, access: &MemoryOp) -> Option<Footprint> {
        let (base, levels) = match &access.address {
            Address::Strided { base, levels } => (self.values.get(base)?, levels),
            Address::Indexed { index } => {
                let index = self.values.get(index)?;
                (index, &index.levels)
            }
        };
        Footprint::of(&base.form, levels, &self.passes, |_| false)
    }
}

fn binary(op: IntOp, a: &Integers, b: &Integers) -> Option<Integers> {
    match (op, a.as_constant(), b.as_constant()) {
        (IntOp::Add, ..) => a.plus(b, 1),
        (IntOp::Sub, ..) => a.plus(b, -1),
        (IntOp::Mul, Some(factor), _) => Some(b.times(factor)),
        (IntOp::Mul, _, Some(factor)) => Some(a.times(factor)),
        (op, Some(a), Some(b)) => fold::evaluate(op, a, b)
            .map(|value| Integers { form: Form::constant(value), levels: Vec::new() }),
        _ => None,
    }
}

/// Whether a block leaves the loop around it early.
fn leaves(block: &Block) -> bool {
    block.stmts.iter().any(|stmt| match &stmt.node {
        Node::Break => true,
        Node::If { then, otherwise, .. } => leaves(then) || leaves(otherwise),
        Node::Op(_) | Node::Array(_) | Node::Loop(_) | Node::While { .. } => false,
    })
}
