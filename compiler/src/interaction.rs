//! What a compiled program does together with other parties, in the order in which it does so: for stating costs before
//! anything runs.
//!
//! The instructions themselves are shown, with how often they run; what one of them costs is known to the machine and
//! the protocol.

use caucus_bytecode::operand::Reg;
use caucus_bytecode::{Effect, Op};
use num_bigint::BigInt;

use crate::ir::{Block, Module, Node, Position, Regs};
use crate::map::Map;
use crate::trips::{Constants, breaks};

/// The interactive instructions of a program, and what must be known to judge them.
#[derive(Clone, Debug, Default)]
pub struct Interaction {
    /// The main tape, from beginning to end.
    pub steps: Vec<Step>,
    /// Big integers that instructions refer to.
    pub constants: Vec<BigInt>,
    regs: Regs,
    numbers: Map<u32, i64>,
}

/// A part of a program. Parts without interactive instructions are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// An instruction, with its place in the source.
    Op(Position, Op),
    /// A loop: `test` and then `body`, so many times, then `test` once more.
    Repeat {
        /// Place of the loop in the source.
        position: Position,
        /// `None` if only the run decides.
        passes: Option<u64>,
        /// What decides; nothing if the loop counts.
        test: Vec<Step>,
        /// One pass.
        body: Vec<Step>,
        /// Whether the last pass may end in the middle.
        breaks: bool,
    },
    /// One of two parts, which the run decides.
    Either(Position, [Vec<Step>; 2]),
    /// What threads do at the same time.
    Parallel(Vec<Vec<Step>>),
}

impl Interaction {
    /// Looks at a module after the passes.
    pub(crate) fn of(module: &Module) -> Self {
        let walk = Walk { module, constants: Constants::of(module) };
        let steps = module.tapes.first().map(|main| walk.block(&main.body));
        let mut found = Self {
            steps: steps.unwrap_or_default(),
            constants: module.constants.clone(),
            regs: module.regs.clone(),
            numbers: Map::default(),
        };
        found.numbers = walk.constants.into_values();
        found
    }

    /// Lanes of a register of the instructions.
    pub fn lanes(&self, reg: Reg) -> u64 {
        self.regs.lanes(reg)
    }

    /// The value of an integer register that never changes.
    pub fn number(&self, reg: u32) -> Option<i64> {
        self.numbers.get(&reg).copied()
    }
}

struct Walk<'a> {
    module: &'a Module,
    constants: Constants,
}

impl Walk<'_> {
    fn block(&self, block: &Block) -> Vec<Step> {
        let mut steps = Vec::new();
        for stmt in &block.stmts {
            let position = stmt.position;
            match &stmt.node {
                Node::Op(Op::Threads { jobs }) => {
                    let tape = |tape: u32| self.module.tapes.get(tape as usize);
                    let threads = jobs.iter().filter_map(|(it, _)| tape(it.0));
                    let threads: Vec<_> = threads.map(|tape| self.block(&tape.body)).collect();
                    if threads.iter().any(|steps| !steps.is_empty()) {
                        steps.push(Step::Parallel(threads));
                    }
                }
                // What workers do together counts like what the main nodes would do in their place.
                Node::Op(Op::Nodes { jobs }) => {
                    for (tape, _, count, _) in jobs {
                        let tape = self.module.tapes.get(tape.0 as usize);
                        let body = tape.map(|tape| self.block(&tape.body)).unwrap_or_default();
                        if !body.is_empty() {
                            let (passes, test) = (u64::try_from(*count).ok(), Vec::new());
                            steps.push(Step::Repeat {
                                position,
                                passes,
                                test,
                                body,
                                breaks: false,
                            });
                        }
                    }
                }
                Node::Op(op) if interacts(op) => steps.push(Step::Op(position, op.clone())),
                Node::Op(_) | Node::Array(_) | Node::Break => {}
                Node::Loop(it) => {
                    let body = self.block(&it.body);
                    if !body.is_empty() {
                        let passes = self.constants.trips(it);
                        let breaks = breaks(&it.body);
                        let test = Vec::new();
                        steps.push(Step::Repeat { position, passes, test, body, breaks });
                    }
                }
                Node::While { test, body, .. } => {
                    let breaks = breaks(test) || breaks(body);
                    let [test, body] = [test, body].map(|block| self.block(block));
                    if !test.is_empty() || !body.is_empty() {
                        steps.push(Step::Repeat { position, passes: None, test, body, breaks });
                    }
                }
                Node::If { then, otherwise, .. } => {
                    let parts = [then, otherwise].map(|block| self.block(block));
                    if parts.iter().any(|steps| !steps.is_empty()) {
                        steps.push(Step::Either(position, parts));
                    }
                }
            }
        }
        steps
    }
}

/// Whether an instruction may talk to other parties.
fn interacts(op: &Op) -> bool {
    match op.effect() {
        Effect::Round | Effect::Input | Effect::Socket => true,
        // All parties agree on what is stored.
        Effect::Output => matches!(op, Op::StoreShares { .. } | Op::LoadShares { .. }),
        Effect::Pure | Effect::Memory | Effect::Control => false,
    }
}
