//! When the memory of large registers can be given back.
//!
//! The compiler uses registers again, but only for vectors of the same length; and what a program needs most memory for
//! are often a few vectors that it reads once.

use caucus_bytecode::operand::{Access, Class, Reg};
use caucus_bytecode::{Op, Tape};

/// Registers of fewer lanes are kept: looking for their last use would cost more than it saves.
const LARGE_LANES: u64 = 1 << 16;

/// Large registers and the last instructions that use them, in the order of the tape.
pub(crate) struct Releases {
    points: Vec<(usize, Reg)>,
    /// How many are released.
    done: usize,
}

impl Releases {
    /// Those of a tape. Loops are left before what they use is released.
    pub(crate) fn of(tape: &Tape) -> Self {
        let is_large = |class: Class, index: u32| {
            tape.lanes[class.index()].get(index as usize).is_some_and(|it| *it >= LARGE_LANES)
        };
        let mut points = Vec::new();
        if tape.lanes.iter().flatten().any(|lanes| *lanes >= LARGE_LANES) {
            let mut last = std::collections::BTreeMap::new();
            let mut loops = Vec::new();
            for (at, op) in tape.ops.iter().enumerate() {
                let large = op.registers().into_iter().map(|(reg, _)| reg);
                let large = large.filter(|reg| is_large(reg.class, reg.index));
                last.extend(large.map(|reg| (reg, at)));
                loops.extend(targets(op).filter(|to| *to <= at).map(|to| (to, at)));
            }
            // By their ends: a loop around another one comes behind it.
            loops.sort_unstable_by_key(|(_, end)| *end);
            let leave = |at: usize| {
                let behind = loops.iter();
                behind.fold(
                    at,
                    |at, (start, end)| if (*start..*end).contains(&at) { *end } else { at },
                )
            };
            points = last.into_iter().map(|(reg, at)| (leave(at), reg)).collect();
            points.sort_unstable();
        }
        Self { points, done: 0 }
    }

    /// The next register that is used no more when instruction `next` is to run, if there is one.
    pub(crate) fn before(&mut self, next: usize) -> Option<Reg> {
        let (_, reg) = self.points.get(self.done).filter(|(last, _)| *last < next)?;
        self.done += 1;
        Some(*reg)
    }
}

/// The instructions that this one may jump to.
pub(crate) fn targets(op: &Op) -> impl Iterator<Item = usize> {
    let mut found = Vec::new();
    op.clone().visit(&mut |access| {
        if let Access::Label(to) = access {
            found.push(*to as usize);
        }
    });
    found.into_iter()
}

#[cfg(test)]
mod tests {
    use caucus_bytecode::operand::{DstS, Label, SrcI, SrcS};

    use super::*;

    /// Secret registers 0 to 3 are large, 4 is not.
    fn tape(ops: Vec<Op>) -> Tape {
        let large = vec![LARGE_LANES; 4];
        let lanes = [[large, vec![1]].concat(), vec![], vec![1], vec![]];
        Tape { ops, lanes, ..Tape::default() }
    }

    fn add(dst: u32, a: u32, b: u32) -> Op {
        Op::AddS { dst: DstS(dst), a: SrcS(a), b: SrcS(b) }
    }

    fn jump(target: u32) -> Op {
        Op::JumpIfNotZero { condition: SrcI(0), target: Label(target) }
    }

    /// The registers that are released before each instruction if all run in turn.
    fn released(ops: Vec<Op>) -> Vec<Vec<u32>> {
        let n_ops = ops.len();
        let mut releases = Releases::of(&tape(ops));
        (0..=n_ops)
            .map(|next| std::iter::from_fn(|| releases.before(next)).map(|reg| reg.index).collect())
            .collect()
    }

    #[test]
    fn registers_are_released_after_their_last_use() {
        let found = released(vec![add(1, 0, 0), add(2, 1, 4), add(3, 2, 2)]);
        assert_eq!(found, [vec![], vec![0], vec![1], vec![2, 3]]);
    }

    #[test]
    fn what_a_loop_uses_is_kept_until_its_end() {
        // The loops are 1 to 3 and 0 to 4.
        let ops = || vec![add(0, 4, 4), add(1, 0, 4), add(2, 4, 4), jump(1), add(3, 4, 4)];
        let found = released(ops());
        assert_eq!(found, [vec![], vec![], vec![], vec![], vec![0, 1, 2], vec![3]]);
        let found = released([ops(), vec![jump(0)]].concat());
        assert_eq!(found[..6], [const { Vec::new() }; 6]);
        assert_eq!(found[6], [0, 1, 2, 3]);
    }

    #[test]
    fn what_is_jumped_over_is_released_later() {
        let mut releases =
            Releases::of(&tape(vec![add(1, 0, 0), jump(3), add(2, 1, 1), add(3, 3, 3)]));
        assert_eq!(releases.before(1).map(|reg| reg.index), Some(0));
        assert_eq!(releases.before(1), None);
        let late: Vec<_> = std::iter::from_fn(|| releases.before(3)).map(|reg| reg.index).collect();
        assert_eq!(late, [1, 2]);
    }
}
