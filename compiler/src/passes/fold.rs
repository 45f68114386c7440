//! Constants of integer registers, branches whose condition is known, and code without effect.

use caucus_bytecode::Op;
use caucus_bytecode::op::Effect;
use caucus_bytecode::operand::IntOp;

use super::{ops, scan};
use crate::ir::{Block, Class, Module, Node, Reg};
use crate::map::Map;

/// Replaces integer operations on constants by their results, and removes branches and loops that
/// are known not to run.
pub(super) fn fold(module: &mut Module) {
    let writes = scan::count_writes(module);
    let mut folder = Folder { writes, values: Map::default() };
    for tape in &mut module.tapes {
        folder.block(&mut tape.body);
    }
}

struct Folder {
    writes: scan::Counts,
    /// Integer registers all of whose lanes are one constant.
    values: Map<u32, i64>,
}

impl Folder {
    fn block(&mut self, block: &mut Block) {
        let mut stmts = Vec::with_capacity(block.stmts.len());
        for mut stmt in std::mem::take(&mut block.stmts) {
            match &mut stmt.node {
                Node::Op(op) => self.op(op),
                Node::Loop(it) => {
                    let bounds = (self.values.get(&it.start), self.values.get(&it.stop));
                    match bounds {
                        (Some(start), Some(stop)) if trip_count(*start, *stop, it.step) == 0 => {
                            continue;
                        }
                        _ => {}
                    }
                    self.block(&mut it.body);
                }
                Node::If { condition, then, otherwise } => {
                    if let Some(value) = self.values.get(condition).copied() {
                        let mut taken = std::mem::take(if value != 0 { then } else { otherwise });
                        self.block(&mut taken);
                        stmts.append(&mut taken.stmts);
                        continue;
                    }
                    self.block(then);
                    self.block(otherwise);
                }
                Node::While { test, body, .. } => {
                    self.block(test);
                    self.block(body);
                }
                Node::Break | Node::Array(_) => {}
            }
            stmts.push(stmt);
        }
        block.stmts = stmts;
    }

    fn op(&mut self, op: &mut Op) {
        let (dst, value) = match op {
            Op::LoadInt { dst, value } => (*dst, Some(*value)),
            Op::MoveI { dst, src } => (*dst, self.values.get(&src.0).copied()),
            Op::IntBinary { op: kind, dst, a, b } => {
                let values = (self.values.get(&a.0), self.values.get(&b.0));
                let value = match values {
                    (Some(a), Some(b)) => evaluate(*kind, *a, *b),
                    _ => None,
                };
                (*dst, value)
            }
            _ => return,
        };
        if let (Some(value), 1) = (value, self.writes.get(dst.reg())) {
            self.values.insert(dst.0, value);
            *op = ops::constant(dst.0, value);
        }
    }
}

/// How often a loop runs that nobody leaves.
pub(super) fn trip_count(start: i64, stop: i64, step: i64) -> u64 {
    let distance = i128::from(stop) - i128::from(start);
    let step = i128::from(step);
    if step == 0 || distance == 0 || (distance > 0) != (step > 0) {
        return 0;
    }
    let count = (distance.abs() + step.abs() - 1) / step.abs();
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// The result of an integer operation; `None` where the machine reports an error.
pub(super) fn evaluate(op: IntOp, a: i64, b: i64) -> Option<i64> {
    let shift = u32::try_from(b).ok().filter(|shift| *shift < 64);
    Some(match op {
        IntOp::Add => a.wrapping_add(b),
        IntOp::Sub => a.wrapping_sub(b),
        IntOp::Mul => a.wrapping_mul(b),
        IntOp::Div if b == 0 => return None,
        IntOp::Mod if b == 0 => return None,
        IntOp::Div => a.wrapping_div(b),
        IntOp::Mod => a.wrapping_rem(b),
        IntOp::Shl => a.wrapping_shl(shift?),
        IntOp::Shr => a.wrapping_shr(shift?),
        IntOp::And => a & b,
        IntOp::Or => a | b,
        IntOp::Xor => a ^ b,
        IntOp::Lt => i64::from(a < b),
        IntOp::Le => i64::from(a <= b),
        IntOp::Eq => i64::from(a == b),
        IntOp::Ne => i64::from(a != b),
    })
}

/// Removes instructions without effect whose results nobody reads, products among them. What is
/// opened, loaded or stored stays: others see it, or it may fail.
pub(super) fn remove_dead(module: &mut Module) {
    let mut uses = scan::Counts::new(&module.regs);
    for tape in &module.tapes {
        for param in &tape.params {
            *uses.at(Reg { class: Class::Int, index: *param }) += 1;
        }
        scan::visit(&tape.body, &mut |node| {
            let mut int = |index: u32| {
                *uses.at(Reg { class: Class::Int, index }) += 1;
            };
            match node {
                Node::Op(op) => op.each_register(|reg, written| {
                    if !written {
                        *uses.at(reg) += 1;
                    }
                }),
                Node::Loop(it) => {
                    int(it.start);
                    int(it.stop);
                    // The loop itself counts with its index.
                    int(it.index);
                }
                Node::If { condition, .. } | Node::While { condition, .. } => int(*condition),
                Node::Break | Node::Array(_) => {}
            }
        });
    }
    // Backwards, a chain of dead instructions goes in one sweep; only values that travel around
    // a loop take another one.
    loop {
        let mut removed = false;
        for tape in &mut module.tapes {
            sweep(&mut tape.body, &mut uses, &mut removed);
        }
        if !removed {
            break;
        }
    }
}

fn sweep(block: &mut Block, uses: &mut scan::Counts, removed: &mut bool) {
    let stmts = std::mem::take(&mut block.stmts);
    let mut kept = Vec::with_capacity(stmts.len());
    for mut stmt in stmts.into_iter().rev() {
        let keep = match &mut stmt.node {
            Node::Op(op) => sweep_op(op, uses, removed),
            Node::Loop(it) => {
                sweep(&mut it.body, uses, removed);
                true
            }
            Node::If { condition, then, otherwise } => {
                sweep(then, uses, removed);
                sweep(otherwise, uses, removed);
                let keep = !then.stmts.is_empty() || !otherwise.stmts.is_empty();
                if !keep {
                    unuse(uses, Reg { class: Class::Int, index: *condition });
                }
                keep
            }
            Node::While { test, body, .. } => {
                sweep(body, uses, removed);
                sweep(test, uses, removed);
                true
            }
            Node::Break | Node::Array(_) => true,
        };
        if keep {
            kept.push(stmt);
        } else {
            *removed = true;
        }
    }
    kept.reverse();
    block.stmts = kept;
}

fn unuse(uses: &mut scan::Counts, reg: Reg) {
    *uses.at(reg) -= 1;
}

/// Whether the instruction stays; operands of interactive ones that nobody needs leave it.
fn sweep_op(op: &mut Op, uses: &mut scan::Counts, removed: &mut bool) -> bool {
    let used = |uses: &scan::Counts, reg: Reg| uses.get(reg) > 0;
    let mut keep = |dst: Reg, sources: &[Reg]| {
        let keep = used(uses, dst);
        if !keep {
            sources.iter().for_each(|src| unuse(uses, *src));
            *removed = true;
        }
        keep
    };
    match op {
        Op::MulS { products } | Op::DotS { products } => {
            products.retain(|(dst, a, b)| keep(dst.reg(), &[a.reg(), b.reg()]));
            return !products.is_empty();
        }
        Op::LessThanZeroS { tests }
        | Op::EqualZeroS { tests }
        | Op::DecomposeS { parts: tests } => {
            tests.retain(|(dst, src, _)| keep(dst.reg(), &[src.reg()]));
            return !tests.is_empty();
        }
        Op::WeighS { sums } => {
            sums.retain(|(dst, src, ..)| keep(dst.reg(), &[src.reg()]));
            return !sums.is_empty();
        }
        Op::TruncateS { shifts } => {
            shifts.retain(|(dst, src, ..)| keep(dst.reg(), &[src.reg()]));
            return !shifts.is_empty();
        }
        Op::AndB { products } => {
            products.retain(|(dst, a, b)| keep(dst.reg(), &[a.reg(), b.reg()]));
            return !products.is_empty();
        }
        Op::BitsFromSecret { parts } => {
            parts.retain(|(dst, src, _)| keep(dst.reg(), &[src.reg()]));
            return !parts.is_empty();
        }
        Op::SecretFromBits { parts } => {
            parts.retain(|(dst, src)| keep(dst.reg(), &[src.reg()]));
            return !parts.is_empty();
        }
        _ => {}
    }
    let removable = op.effect() == Effect::Pure || matches!(op, Op::MatMulS { .. });
    let mut needed = !removable;
    op.each_register(|reg, written| needed |= written && used(uses, reg));
    if needed {
        return true;
    }
    op.each_register(|reg, written| {
        if !written {
            unuse(uses, reg);
        }
    });
    false
}

/// Number of iterations if both bounds are constants.
pub(super) fn static_count(
    constants: &Map<u32, i64>,
    start: u32,
    stop: u32,
    step: i64,
) -> Option<u64> {
    let (start, stop) = (constants.get(&start)?, constants.get(&stop)?);
    Some(trip_count(*start, *stop, step))
}
