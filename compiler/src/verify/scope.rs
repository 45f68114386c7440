//! What is there where: registers have a value before they are read on every way through the
//! regions, arrays are declared around their uses, and threads use nothing of each other.

use std::collections::{BTreeSet, HashSet};

use caucus_bytecode::{ArrayRef, Op};

use super::{Check, Stage, ours};
use crate::chunks::{chunk_tapes, given_to_threads};
use crate::diagnostic::Diagnostic;
use crate::ir::{Block, Class, Loop, LoopKind, Module, Node, Position, Reg, Tape};

pub(super) fn check(module: &Module, stage: Stage) -> Check {
    let table = |class| vec![Known::default(); module.regs.count(class)];
    let mut checker = Checker {
        module,
        stage,
        tape: 0,
        known: Class::ALL.map(table),
        log: Vec::new(),
        arrays: vec![false; module.arrays.len()],
        declared: vec![false; module.arrays.len()],
        barrier: 0,
        in_thread: false,
        chunks: chunk_tapes(module),
        given: HashSet::new(),
        first_break: Vec::new(),
        destinations: Vec::new(),
    };
    for (index, tape) in module.tapes.iter().enumerate() {
        checker.tape(index, tape)?;
    }
    Ok(())
}

/// What is known about a register.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    /// 0 if it has no value here, else 1 + its place in the log.
    defined: usize,
    /// 0 if no tape has written it so far, else 1 + the first that did.
    home: usize,
}

enum Entry {
    Reg(Reg),
    Array(u32),
}

struct Checker<'a> {
    module: &'a Module,
    stage: Stage,
    tape: usize,
    known: [Vec<Known>; Class::COUNT],
    /// What has become known in the regions that are open, in this order.
    log: Vec<Entry>,
    /// Which arrays exist here.
    arrays: Vec<bool>,
    /// Which arrays have been declared anywhere so far.
    declared: Vec<bool>,
    /// What became known before this belongs to another thread.
    barrier: usize,
    /// Whether the code is in a loop among threads.
    in_thread: bool,
    /// The tapes of chunks of distributed loops.
    chunks: BTreeSet<usize>,
    /// Integers of such a tape that its threads get.
    given: HashSet<u32>,
    /// For every open loop, the length of the log at the first break out of it.
    first_break: Vec<Option<usize>>,
    /// Memory for what an instruction writes.
    destinations: Vec<Reg>,
}

impl Checker<'_> {
    fn tape(&mut self, index: usize, tape: &Tape) -> Check {
        self.tape = index;
        let chunk = self.chunks.contains(&index);
        self.given = if chunk { given_to_threads(self.module, index) } else { HashSet::new() };
        for param in &tape.params {
            self.define(Reg { class: Class::Int, index: *param }, Position::default())?;
        }
        self.block(&tape.body)?;
        self.forget(0);
        Ok(())
    }

    /// Goes back to what was known when the log had this length.
    fn forget(&mut self, len: usize) {
        for entry in self.log.drain(len..) {
            match entry {
                Entry::Reg(reg) => {
                    self.known[reg.class.index()][reg.index as usize].defined = 0;
                }
                Entry::Array(index) => self.arrays[index as usize] = false,
            }
        }
    }

    fn define(&mut self, reg: Reg, position: Position) -> Check {
        let next = self.log.len() + 1;
        let home = self.tape + 1;
        let strict = self.stage == Stage::Recorded;
        let known = self.known[reg.class.index()].get_mut(reg.index as usize);
        let known = known.ok_or_else(|| ours(self.module, position, &format!("no {reg}")))?;
        let foreign = strict && known.home != 0 && known.home != home;
        if foreign || (known.defined != 0 && known.defined <= self.barrier) {
            return Err(self.capture(position));
        }
        known.home = home;
        if known.defined == 0 {
            known.defined = next;
            self.log.push(Entry::Reg(reg));
        }
        Ok(())
    }

    fn read(&self, reg: Reg, position: Position) -> Check {
        let known = self.known[reg.class.index()].get(reg.index as usize);
        let known = known.ok_or_else(|| ours(self.module, position, &format!("no {reg}")))?;
        if known.defined > self.barrier {
            return Ok(());
        }
        if known.defined != 0 && reg.class == Class::Int && self.given.contains(&reg.index) {
            return Ok(());
        }
        if known.defined != 0 || (known.home != 0 && known.home != self.tape + 1) {
            return Err(self.capture(position));
        }
        if self.stage == Stage::Optimized || known.home == 0 {
            return Err(ours(self.module, position, &format!("{reg} is used before it is set")));
        }
        let text = "this uses a value that is only assigned in a loop or branch, which may not run";
        Err(Diagnostic::at(self.module, position, "E0302", text).with_help(
            "assign it before the loop or branch and change it there with .update(), \
             or put it into a MemValue or an Array",
        ))
    }

    fn capture(&self, position: Position) -> Box<Diagnostic> {
        let text = "this register of another thread cannot be used here";
        Diagnostic::at(self.module, position, "E0301", text).with_help(
            "threads share only memory: put the value into a MemValue or an Array before the loop",
        )
    }

    fn of_chunk(&self, position: Position) -> Box<Diagnostic> {
        let text = "an array that a distributed loop declares is used in threads of it";
        Diagnostic::at(self.module, position, "E0301", text).with_help(
            "declare it in the threads, or before the loop with a part for each iteration",
        )
    }

    /// An integer register of one lane that is read by a region.
    fn control(&self, index: u32, position: Position) -> Check {
        self.scalar(index, position)?;
        self.read(Reg { class: Class::Int, index }, position)
    }

    fn scalar(&self, index: u32, position: Position) -> Check {
        let reg = Reg { class: Class::Int, index };
        let exists = (index as usize) < self.module.regs.count(Class::Int);
        if exists && self.module.regs.lanes(reg) == 1 {
            return Ok(());
        }
        Err(ours(self.module, position, &format!("{reg} does not have one lane")))
    }

    /// Whether the end of the block is never reached.
    fn block(&mut self, block: &Block) -> Result<bool, Box<Diagnostic>> {
        let mut left = false;
        for stmt in &block.stmts {
            let position = stmt.position;
            match &stmt.node {
                Node::Op(op) => self.op(op, position)?,
                Node::Array(index) => self.declare(*index, position)?,
                Node::Loop(it) => self.counted_loop(it, position)?,
                Node::If { condition, then, otherwise } => {
                    self.control(*condition, position)?;
                    left |= self.branch(then, otherwise)?;
                }
                Node::While { test, condition, body } => {
                    self.while_loop(test, *condition, body, position)?;
                }
                Node::Break => {
                    let len = self.log.len();
                    let Some(first) = self.first_break.last_mut() else {
                        return Err(ours(self.module, position, "a break outside of a loop"));
                    };
                    first.get_or_insert(len);
                    left = true;
                }
            }
        }
        Ok(left)
    }

    fn op(&mut self, op: &Op, position: Position) -> Check {
        let mut read = Ok(());
        let mut destinations = std::mem::take(&mut self.destinations);
        destinations.clear();
        op.each_register(|reg, written| {
            if written {
                destinations.push(reg);
            } else if read.is_ok() {
                read = self.read(reg, position);
            }
        });
        read?;
        for reg in &destinations {
            self.define(*reg, position)?;
        }
        destinations.sort_unstable();
        let twice = destinations.windows(2).any(|pair| pair[0] == pair[1]);
        self.destinations = destinations;
        if twice {
            return Err(ours(self.module, position, "one destination twice"));
        }
        match op.array() {
            Some((array, _)) => self.access(array, position),
            None => Ok(()),
        }
    }

    fn access(&self, array: ArrayRef, position: Position) -> Check {
        let ArrayRef::Global(index) = array else {
            return Err(ours(self.module, position, "a local array before emission"));
        };
        let declared = &self.module.arrays[index as usize];
        if self.arrays[index as usize] {
            return Ok(());
        }
        if declared.tape != self.tape {
            // Arrays of the main tape are shared: they exist as long as it does.
            let shared = declared.tape == 0 && self.declared[index as usize];
            return match shared {
                true => Ok(()),
                false if self.chunks.contains(&declared.tape) => Err(self.of_chunk(position)),
                false => Err(self.capture(position)),
            };
        }
        let text = "this array is declared inside a loop or branch and used outside of it";
        Err(Diagnostic::at(self.module, position, "E0303", text)
            .with_help("declare the array before the loop or branch"))
    }

    fn declare(&mut self, index: u32, position: Position) -> Check {
        let array = self.module.arrays.get(index as usize);
        if array.is_none_or(|array| array.tape != self.tape) || self.declared[index as usize] {
            return Err(ours(self.module, position, &format!("declaration of array{index}")));
        }
        self.declared[index as usize] = true;
        self.arrays[index as usize] = true;
        self.log.push(Entry::Array(index));
        Ok(())
    }

    fn counted_loop(&mut self, it: &Loop, position: Position) -> Check {
        self.control(it.start, position)?;
        self.control(it.stop, position)?;
        self.scalar(it.index, position)?;
        if it.step == 0 {
            return Err(ours(self.module, position, "a loop with step 0"));
        }
        let (before, barrier, outer) = (self.log.len(), self.barrier, self.in_thread);
        if let LoopKind::Threads { threads, .. } = it.kind {
            let can_start = self.tape == 0 || self.chunks.contains(&self.tape);
            if threads == 0 || !can_start || self.in_thread {
                let text = "a thread cannot start threads";
                return Err(Diagnostic::at(self.module, position, "E0306", text)
                    .with_help("use threads in the outer loop only"));
            }
            self.barrier = before;
            self.in_thread = true;
        }
        self.define(Reg { class: Class::Int, index: it.index }, position)?;
        self.first_break.push(None);
        self.block(&it.body)?;
        let breaks = self.first_break.pop().flatten().is_some();
        if breaks && it.kind != LoopKind::Sequential {
            let text = "a parallel loop cannot be left early";
            return Err(Diagnostic::at(self.module, position, "E0307", text)
                .with_help("use @for_range, or @while_do"));
        }
        self.barrier = barrier;
        self.in_thread = outer;
        self.forget(before);
        Ok(())
    }

    /// What both branches define is defined behind them; a branch that leaves the loop does not
    /// count.
    fn branch(&mut self, then: &Block, otherwise: &Block) -> Result<bool, Box<Diagnostic>> {
        let before = self.log.len();
        let then_leaves = self.block(then)?;
        let then_regs = self.new_registers(before);
        self.forget(before);
        let otherwise_leaves = self.block(otherwise)?;
        let otherwise_regs = self.new_registers(before);
        self.forget(before);
        if let Some(Some(first)) = self.first_break.last_mut() {
            // What a branch knows at its break is not known behind the branch.
            *first = (*first).min(before);
        }
        let both = match (then_leaves, otherwise_leaves) {
            (true, _) => otherwise_regs,
            (false, true) => then_regs,
            (false, false) => then_regs
                .into_iter()
                .filter(|reg| otherwise_regs.binary_search(reg).is_ok())
                .collect(),
        };
        for reg in both {
            self.define(reg, Position::default())?;
        }
        Ok(then_leaves && otherwise_leaves)
    }

    /// Registers that became known since the log had this length, sorted.
    fn new_registers(&self, len: usize) -> Vec<Reg> {
        let mut regs: Vec<_> = self.log[len..]
            .iter()
            .filter_map(|entry| match entry {
                Entry::Reg(reg) => Some(*reg),
                Entry::Array(_) => None,
            })
            .collect();
        regs.sort_unstable();
        regs
    }

    /// The test runs at least once, up to its first break.
    fn while_loop(
        &mut self,
        test: &Block,
        condition: u32,
        body: &Block,
        position: Position,
    ) -> Check {
        self.first_break.push(None);
        self.block(test)?;
        let first_break = self.first_break.last().copied().flatten();
        self.control(condition, position)?;
        let tested = self.log.len();
        self.block(body)?;
        self.first_break.pop();
        self.forget(tested);
        self.forget(first_break.unwrap_or(tested));
        Ok(())
    }
}
