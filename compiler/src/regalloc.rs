//! Real registers for virtual ones: a linear scan over the instructions of a tape.
//!
//! Registers of the same class and number of lanes share; a register is free again after the last
//! instruction that needs its value. A value that is there before a loop and is used in it is
//! needed until the loop ends, because the next iteration needs it as well. A value that is made
//! inside a loop is made anew in each iteration before it is used (the IR's verifier sees to that).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use caucus_bytecode::operand::Access;

use crate::emit::Flat;
use crate::ir::{Class, Reg, Regs};

const NOWHERE: u32 = u32::MAX;
/// When parameters get their values: before the first instruction.
const ENTRY: u32 = 0;

/// The life of a virtual register in one tape.
#[derive(Clone, Copy, Debug)]
struct Life {
    /// First instruction that names it.
    first: u32,
    /// Last instruction that needs it.
    last: u32,
    /// The real register.
    number: u32,
}

const UNUSED: Life = Life { first: NOWHERE, last: 0, number: NOWHERE };

/// Allocates the registers of one tape after the other.
#[derive(Debug)]
pub(crate) struct Allocator<'a> {
    regs: &'a Regs,
    lives: [Vec<Life>; Class::COUNT],
}

/// Parameters and tables of lanes of a tape with real registers.
type Allocated = (Vec<u32>, [Vec<u64>; Class::COUNT]);

impl<'a> Allocator<'a> {
    pub(crate) fn new(regs: &'a Regs) -> Self {
        Self { regs, lives: Class::ALL.map(|class| vec![UNUSED; regs.count(class)]) }
    }

    /// Replaces the registers of a tape.
    pub(crate) fn allocate(&mut self, params: &[u32], flat: &mut Flat) -> Allocated {
        let touched = self.find_lives(params, flat);
        let mut pool = Pool::default();
        let mut life = |class: Class, index: u32, pool: &mut Pool| {
            let life = &mut self.lives[class.index()][index as usize];
            if life.number == NOWHERE {
                let lanes = self.regs.lanes(Reg { class, index });
                life.number = pool.take(class, lanes, life.last);
            }
            life.number
        };
        let params = params.iter().map(|it| life(Class::Int, *it, &mut pool)).collect();
        for (at, op) in flat.ops.iter_mut().enumerate() {
            pool.release_before(position(at));
            op.visit(&mut |access| {
                if let Access::Read(class, index) | Access::Write(class, index) = access {
                    *index = life(class, *index, &mut pool);
                }
            });
        }
        for reg in touched {
            self.lives[reg.class.index()][reg.index as usize] = UNUSED;
        }
        (params, pool.lanes)
    }

    /// Fills in first and last uses; gives the registers that the tape names.
    fn find_lives(&mut self, params: &[u32], flat: &mut Flat) -> Vec<Reg> {
        let mut touched = Vec::new();
        let mut open: Vec<(usize, usize)> = Vec::new();
        let mut loops = flat.loops.iter().copied().peekable();
        let mut touch = |class: Class, index: u32, at: u32, open: &[(usize, usize)]| {
            let life = &mut self.lives[class.index()][index as usize];
            if life.first == NOWHERE {
                life.first = at;
                touched.push(Reg { class, index });
            }
            // The outermost loop that began after the value was made.
            let from = open.partition_point(|(start, _)| position(*start) <= life.first);
            let needed = open.get(from).map_or(at, |(_, end)| position(*end));
            life.last = life.last.max(needed);
        };
        for param in params {
            touch(Class::Int, *param, ENTRY, &[]);
        }
        for (at, op) in flat.ops.iter_mut().enumerate() {
            while open.last().is_some_and(|(_, end)| *end < at) {
                open.pop();
            }
            while let Some(next) = loops.next_if(|(start, _)| *start == at) {
                open.push(next);
            }
            op.visit(&mut |access| {
                if let Access::Read(class, index) | Access::Write(class, index) = access {
                    touch(class, *index, position(at), &open);
                }
            });
        }
        touched
    }
}

/// An instruction on the line of time.
fn position(at: usize) -> u32 {
    u32::try_from(at + 1).expect("a tape has fewer than 2^32 - 1 instructions")
}

/// The real registers of a tape.
#[derive(Debug, Default)]
struct Pool {
    lanes: [Vec<u64>; Class::COUNT],
    /// Free registers by class and lanes. The one freed last is taken first: its memory is warm.
    free: BTreeMap<(Class, u64), Vec<u32>>,
    /// Registers in use, by the last instruction that needs them.
    used: BinaryHeap<Reverse<(u32, Class, u32)>>,
}

impl Pool {
    fn take(&mut self, class: Class, lanes: u64, last: u32) -> u32 {
        let free = self.free.get_mut(&(class, lanes)).and_then(Vec::pop);
        let number = free.unwrap_or_else(|| {
            let table = &mut self.lanes[class.index()];
            table.push(lanes);
            u32::try_from(table.len() - 1).expect("no more than virtual registers")
        });
        self.used.push(Reverse((last, class, number)));
        number
    }

    /// Registers whose last use is before `at` are free. Those used at `at` itself are not, so that
    /// a destination is never also a source.
    fn release_before(&mut self, at: u32) {
        while let Some(Reverse((last, class, number))) = self.used.peek().copied() {
            if last >= at {
                break;
            }
            self.used.pop();
            let lanes = self.lanes[class.index()][number as usize];
            self.free.entry((class, lanes)).or_default().push(number);
        }
    }
}
