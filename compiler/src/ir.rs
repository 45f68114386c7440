//! The intermediate representation: structured regions over the instructions of the bytecode table
//! with virtual registers.
//!
//! A virtual register is assigned once, except *variables*: registers that the program updates, and
//! the indices of sequential loops. Arrays are objects with element type and length. Every statement
//! has a source position. Passes take a module and change it; each is a file of its own.

pub use caucus_bytecode::operand::{Class, Reg};
pub use caucus_bytecode::program::Position;

use caucus_bytecode::Op;
use num_bigint::BigInt;

/// A whole program.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// Name with arguments, joined by `-`.
    pub name: String,
    /// Bits of the ring.
    pub ring_bits: u32,
    /// The main tape is the first; the others run in threads.
    pub tapes: Vec<Tape>,
    /// All arrays, by the number that instructions use as [`ArrayRef::Global`] before emission.
    ///
    /// [`ArrayRef::Global`]: caucus_bytecode::ArrayRef::Global
    pub arrays: Vec<Array>,
    /// Texts for printing and host names.
    pub texts: Vec<String>,
    /// Big integers.
    pub constants: Vec<BigInt>,
    /// Source files.
    pub files: Vec<String>,
    /// All virtual registers.
    pub regs: Regs,
}

/// The virtual registers of a module: lanes by class.
#[derive(Clone, Debug, Default)]
pub struct Regs {
    lanes: [Vec<u64>; Class::COUNT],
}

impl Regs {
    /// A table with these lanes, by class.
    pub fn new(lanes: [Vec<u64>; Class::COUNT]) -> Self {
        Self { lanes }
    }

    /// A new register.
    pub fn fresh(&mut self, class: Class, lanes: u64) -> u32 {
        let table = &mut self.lanes[class.index()];
        table.push(lanes);
        u32::try_from(table.len() - 1).expect("the reader limits the number of registers")
    }

    /// Lanes of a register.
    pub fn lanes(&self, reg: Reg) -> u64 {
        self.lanes[reg.class.index()][reg.index as usize]
    }

    /// How many registers of a class there are.
    pub fn count(&self, class: Class) -> usize {
        self.lanes[class.index()].len()
    }
}

/// An array object.
#[derive(Clone, Debug)]
pub struct Array {
    /// Element type.
    pub class: Class,
    /// Number of elements.
    pub len: u64,
    /// The tape that declares it: arrays of the main tape are shared by all threads, those of
    /// another tape exist once for every thread that runs it.
    pub tape: usize,
}

/// A unit of code that a thread runs.
#[derive(Clone, Debug, Default)]
pub struct Tape {
    /// For messages.
    pub name: String,
    /// Integer registers (one lane) that receive the arguments.
    pub params: Vec<u32>,
    /// The code.
    pub body: Block,
}

/// A sequence of statements.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// In order of execution.
    pub stmts: Vec<Stmt>,
}

/// A statement with its source line.
#[derive(Clone, Debug)]
pub struct Stmt {
    /// Where it comes from.
    pub position: Position,
    /// What it is.
    pub node: Node,
}

/// The kinds of statements.
#[derive(Clone, Debug)]
pub enum Node {
    /// An instruction that is not control flow.
    Op(Op),
    /// A counted loop.
    Loop(Box<Loop>),
    /// `then` if the condition (integer register, one lane) is not 0, else `otherwise`.
    If {
        /// Integer register.
        condition: u32,
        /// If not 0.
        then: Block,
        /// If 0.
        otherwise: Block,
    },
    /// Repeats: run `test`; leave if `condition` is 0; run `body`.
    While {
        /// Computes the condition.
        test: Block,
        /// Integer register.
        condition: u32,
        /// The rest.
        body: Block,
    },
    /// Leaves the innermost loop.
    Break,
    /// An array begins to exist here: its scope is the enclosing region.
    Array(u32),
}

/// A counted loop: `index` runs from `start` to before `stop` by `step`, which is not 0.
#[derive(Clone, Debug)]
pub struct Loop {
    /// Integer register; a variable in a sequential loop (the body may change it).
    pub index: u32,
    /// Integer register.
    pub start: u32,
    /// Integer register.
    pub stop: u32,
    /// Distance of consecutive indices.
    pub step: i64,
    /// How iterations relate.
    pub kind: LoopKind,
    /// One iteration.
    pub body: Block,
}

/// What the program says about the iterations of a loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoopKind {
    /// One after the other.
    Sequential,
    /// May be merged: at most `unroll` bodies at a time if given (`@for_range_parallel`), else as
    /// the budget allows.
    Parallel {
        /// Bodies at a time.
        unroll: Option<u64>,
    },
    /// May be merged, and is split among this many threads first.
    Threads {
        /// Number of threads, at least 1.
        threads: u32,
        /// Bodies at a time.
        unroll: Option<u64>,
    },
}
