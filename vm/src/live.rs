//! Which registers the rest of a tape reads before it writes them.

use std::collections::BTreeSet;

use caucus_bytecode::operand::Reg;
use caucus_bytecode::{Op, Tape};

use crate::release::targets;

/// A stretch of instructions that run one after the other.
struct Stretch {
    start: usize,
    /// Where it may go on.
    next: Vec<usize>,
    /// What it reads before it writes it.
    reads: BTreeSet<Reg>,
    writes: BTreeSet<Reg>,
    /// What must have a value at its beginning.
    live: BTreeSet<Reg>,
}

/// The registers whose values matter before the instruction `at` of a tape.
///
/// A. Aho, M. Lam, R. Sethi, J. Ullman: Compilers, 2nd edition, 2006, section 9.2.5.
pub(crate) fn live_at(tape: &Tape, at: usize) -> BTreeSet<Reg> {
    let mut stretches = stretches(&tape.ops, at);
    let starts: Vec<usize> = stretches.iter().map(|it| it.start).collect();
    let mut changed = true;
    while changed {
        changed = false;
        for index in (0..stretches.len()).rev() {
            let stretch = &stretches[index];
            let mut live = stretch.reads.clone();
            for next in &stretch.next {
                // The end of the tape is the start of nothing.
                let Ok(next) = starts.binary_search(next) else { continue };
                live.extend(stretches[next].live.difference(&stretch.writes));
            }
            if live.len() != stretch.live.len() {
                stretches[index].live = live;
                changed = true;
            }
        }
    }
    let first = starts.binary_search(&at).ok().and_then(|index| stretches.into_iter().nth(index));
    first.map(|stretch| stretch.live).unwrap_or_default()
}

fn stretches(ops: &[Op], at: usize) -> Vec<Stretch> {
    let mut starts = BTreeSet::from([0, at]);
    for (index, op) in ops.iter().enumerate() {
        let mut jumps = false;
        for target in targets(op) {
            starts.insert(target);
            jumps = true;
        }
        if jumps {
            starts.insert(index + 1);
        }
    }
    starts.retain(|start| *start < ops.len());
    let ends = starts.iter().skip(1).copied().chain([ops.len()]);
    let ranges: Vec<_> = starts.iter().copied().zip(ends).collect();
    let stretch = |(start, end): (usize, usize)| {
        let (mut reads, mut writes) = (BTreeSet::new(), BTreeSet::new());
        for op in &ops[start..end] {
            // An instruction reads before it writes.
            op.each_register(|reg, written| {
                if !written && !writes.contains(&reg) {
                    reads.insert(reg);
                }
            });
            op.each_register(|reg, written| {
                if written {
                    writes.insert(reg);
                }
            });
        }
        let last = &ops[end - 1];
        let mut next: Vec<usize> = targets(last).collect();
        if !matches!(last, Op::Jump { .. }) {
            next.push(end);
        }
        Stretch { start, next, reads, writes, live: BTreeSet::new() }
    };
    ranges.into_iter().map(stretch).collect()
}

#[cfg(test)]
mod tests {
    use caucus_bytecode::operand::{DstS, Label, SrcI, SrcS};

    use super::*;

    fn add(dst: u32, a: u32, b: u32) -> Op {
        Op::AddS { dst: DstS(dst), a: SrcS(a), b: SrcS(b) }
    }

    fn jump_if(target: u32) -> Op {
        Op::JumpIfNotZero { condition: SrcI(9), target: Label(target) }
    }

    /// `s0 i1` and so on.
    fn live(ops: Vec<Op>, at: usize) -> String {
        let found = live_at(&Tape { ops, ..Tape::default() }, at);
        found.iter().map(|reg| reg.to_string()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_is_written_before_it_is_read_is_not_live() {
        let ops = || vec![add(1, 0, 0), add(2, 1, 3), add(1, 2, 2)];
        assert_eq!(live(ops(), 0), "s0 s3");
        assert_eq!(live(ops(), 1), "s1 s3");
        assert_eq!(live(ops(), 2), "s2");
        assert_eq!(live(ops(), 3), "");
        assert_eq!(live(vec![add(1, 1, 1)], 0), "s1");
    }

    #[test]
    fn a_loop_needs_what_its_next_pass_reads() {
        // Behind instruction 2 the loop reads s1 again, and what is before the loop does not matter.
        let ops = || vec![add(0, 5, 5), add(2, 1, 1), add(3, 4, 4), jump_if(1), add(7, 3, 2)];
        assert_eq!(live(ops(), 3), "s1 s2 s3 s4 i9");
        assert_eq!(live(ops(), 4), "s2 s3");
        assert_eq!(live(ops(), 0), "s1 s4 s5 i9");
    }

    #[test]
    fn what_is_written_on_one_way_only_is_live() {
        let ops = || vec![jump_if(2), add(1, 0, 0), add(2, 1, 1)];
        assert_eq!(live(ops(), 0), "s0 s1 i9");
        let both = vec![
            jump_if(3),
            add(1, 0, 0),
            Op::Jump { target: Label(4) },
            add(1, 3, 3),
            add(2, 1, 1),
        ];
        assert_eq!(live(both, 0), "s0 s3 i9");
    }
}
