//! Real registers for virtual ones: a linear scan over the instructions of a tape.
//!
//! Registers of the same class and number of lanes share; a register is free again after the last
//! instruction that needs its value. A value that is there before a loop and is used in it is
//! needed until the loop ends, because the next iteration needs it as well. A value that is made
//! inside a loop is made anew in each iteration before it is used (the IR's verifier sees to that).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use caucus_bytecode::Op;
use caucus_bytecode::operand::Access;

use crate::emit::Flat;
use crate::ir::{Class, Reg, Regs};

const NOWHERE: u32 = u32::MAX;
/// When parameters get their values: before the first instruction.
const ENTRY: u32 = 0;
/// Products of so many lanes take the register of a factor if they can. Shorter ones do not fill the memory.
const LONG: u64 = 1 << 16;

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
    lives: Lives,
}

/// The lives of all virtual registers, by class.
type Lives = [Vec<Life>; Class::COUNT];

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
        let regs = self.regs;
        let number = |lives: &mut Lives, class: Class, index: u32, pool: &mut Pool| {
            let life = &mut lives[class.index()][index as usize];
            if life.number == NOWHERE {
                let lanes = regs.lanes(Reg { class, index });
                life.number = pool.take(class, lanes, life.last);
            }
            life.number
        };
        let lives = &mut self.lives;
        let params = params.iter().map(|it| number(lives, Class::Int, *it, &mut pool)).collect();
        for (at, op) in flat.ops.iter_mut().enumerate() {
            pool.release_before(position(at));
            if let Op::MulS { products } = op
                && let [(dst, a, b)] = products[..]
            {
                place_product(lives, regs, at, dst.0, [a.0, b.0], &mut pool);
            }
            op.visit(&mut |access| {
                if let Access::Read(class, index) | Access::Write(class, index) = access {
                    *index = number(lives, class, *index, &mut pool);
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

/// Gives a long product the register of a factor that is needed for the last time, so that it needs no memory of its
/// own.
fn place_product(
    lives: &mut Lives,
    regs: &Regs,
    at: usize,
    dst: u32,
    factors: [u32; 2],
    pool: &mut Pool,
) {
    let class = Class::Secret;
    let lanes = |index| regs.lanes(Reg { class, index });
    let lives = &mut lives[class.index()];
    let product = lives[dst as usize];
    if lanes(dst) < LONG || product.number != NOWHERE || factors[0] == factors[1] {
        return;
    }
    let at = position(at);
    let ends = |index: &u32| {
        let life = lives[*index as usize];
        life.last == at && life.number != NOWHERE && lanes(*index) == lanes(dst)
    };
    if let Some(factor) = factors.into_iter().find(ends) {
        let number = lives[factor as usize].number;
        pool.hand_on((at, class, number), product.last);
        lives[dst as usize].number = number;
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
    /// Those among them that somebody else has from then on.
    handed_on: Vec<(u32, Class, u32)>,
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

    /// Notes that a register that is in use until then stays in use until `last`.
    fn hand_on(&mut self, used: (u32, Class, u32), last: u32) {
        let (_, class, number) = used;
        self.handed_on.push(used);
        self.used.push(Reverse((last, class, number)));
    }

    /// Registers whose last use is before `at` are free. Those used at `at` itself are not, so that
    /// a destination is also a source only where [`place_product`] wants it.
    fn release_before(&mut self, at: u32) {
        while let Some(Reverse((last, class, number))) = self.used.peek().copied() {
            if last >= at {
                break;
            }
            self.used.pop();
            if let Some(place) = self.handed_on.iter().position(|it| *it == (last, class, number)) {
                self.handed_on.swap_remove(place);
                continue;
            }
            let lanes = self.lanes[class.index()][number as usize];
            self.free.entry((class, lanes)).or_default().push(number);
        }
    }
}
