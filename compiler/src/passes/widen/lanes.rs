//! Each instruction on the lanes of all iterations.

use caucus_bytecode::Op;
use caucus_bytecode::operand::{
    ArrayRef, ConstRef, DstI, DstS, Imm, Level, Part, Places, SrcC, SrcI, SrcS, lanes_of,
};

use super::{Step, Widener};
use crate::ir::{Array, Class, Node, Reg};
use crate::passes::ops::{self, Address, MemoryOp, tidy};

impl Widener<'_> {
    /// An instruction that differs between iterations, and writes no variable.
    pub(super) fn widen_op(&mut self, op: &Op) -> Step {
        if self.keep_affine(op)? {
            return Ok(());
        }
        if ops::is_elementwise(op) {
            let lanes = ops::writes(op).first().map_or(1, |dst| self.lanes(*dst));
            let op = ops::replace_registers(op, |reg, write| {
                if write { self.define(reg) } else { self.operand(reg, lanes) }
            });
            self.emit(op);
            return Ok(());
        }
        if let Some(access) = MemoryOp::of(op) {
            return self.access(access);
        }
        match op {
            Op::PickS { dst, src, offset, levels } => {
                self.pick(dst.reg(), src.reg(), *offset, levels);
            }
            Op::PickC { dst, src, offset, levels } => {
                self.pick(dst.reg(), src.reg(), *offset, levels);
            }
            Op::PickI { dst, src, offset, levels } => {
                self.pick(dst.reg(), src.reg(), *offset, levels);
            }
            Op::ConcatS { dst, parts } => {
                self.concat(dst.reg(), parts.iter().map(|it| it.reg()).collect());
            }
            Op::ConcatC { dst, parts } => {
                self.concat(dst.reg(), parts.iter().map(|it| it.reg()).collect());
            }
            Op::ConcatI { dst, parts } => {
                self.concat(dst.reg(), parts.iter().map(|it| it.reg()).collect());
            }
            Op::IotaI { dst, base, levels } => self.iota(dst.reg(), base.reg(), levels),
            // Blocks stay consecutive, and iterations have whole blocks.
            Op::SumS { .. } | Op::SumC { .. } | Op::SumI { .. } => self.whole(op),
            Op::DotS { .. } | Op::OpenS { .. } => self.whole(op),
            Op::MulS { products } => {
                let mut wide = Vec::with_capacity(products.len());
                for (dst, a, b) in products {
                    let lanes = self.lanes(dst.reg());
                    let (a, b) = (self.operand(a.reg(), lanes), self.operand(b.reg(), lanes));
                    wide.push((dst.reg(), SrcS(a), SrcS(b)));
                }
                let products =
                    wide.into_iter().map(|(dst, a, b)| (DstS(self.define(dst)), a, b)).collect();
                self.emit(Op::MulS { products });
            }
            Op::LessThanZeroS { .. } | Op::EqualZeroS { .. } | Op::TruncateS { .. } => {
                let mut lanes = 1;
                let op = ops::replace_registers(op, |reg, write| {
                    if write {
                        lanes = self.lanes(reg);
                        return self.define(reg);
                    }
                    self.operand(reg, lanes)
                });
                self.emit(op);
            }
            Op::DecomposeS { parts } => self.decompose(parts),
            Op::WeighS { sums } => self.weigh(sums),
            Op::MatMulS { dst, a, b, rows, inner, cols } => {
                self.matmul(dst.reg(), a.reg(), b.reg(), [*rows, *inner, *cols]);
            }
            Op::OpenToS { player, dst, src } => {
                let Some(player) = self.uniform(player.reg()) else {
                    return self.refuse("the party that a secret is opened to differs");
                };
                let src = SrcS(self.full(src.reg(), self.lanes(src.reg())));
                let dst = caucus_bytecode::operand::DstC(self.define(dst.reg()));
                self.emit(Op::OpenToS { player: SrcI(player), dst, src });
            }
            Op::InputS { inputs } => return self.input(inputs),
            Op::RandomS { dst } => {
                let dst = DstS(self.define(dst.reg()));
                self.emit(Op::RandomS { dst });
            }
            Op::Fail { condition, parts } => return self.fail(condition.reg(), parts),
            other => return self.widen_bits(other),
        }
        Ok(())
    }

    /// Rows of bits of all iterations are taken apart into those of each.
    fn decompose(&mut self, parts: &[(DstS, SrcS, Imm)]) {
        let mut wide = Vec::with_capacity(parts.len());
        for (dst, src, bits) in parts {
            let src = self.full(src.reg(), self.lanes(src.reg()));
            let rows = self.fresh(Class::Secret, self.n * self.lanes(dst.reg()));
            wide.push((DstS(rows), SrcS(src), *bits));
        }
        self.emit(Op::DecomposeS { parts: wide.clone() });
        for ((dst, _, bits), (rows, _, _)) in parts.iter().zip(wide) {
            self.take_rows(dst.reg(), rows.0, *bits);
        }
    }

    /// As for bits: rows of sums of all iterations.
    fn weigh(&mut self, sums: &[(DstS, SrcS, Imm, Places, Vec<ConstRef>)]) {
        let mut wide = Vec::with_capacity(sums.len());
        for (dst, src, bits, places, weights) in sums {
            let src = self.full(src.reg(), self.lanes(src.reg()));
            let rows = self.fresh(Class::Secret, self.n * self.lanes(dst.reg()));
            wide.push((DstS(rows), SrcS(src), *bits, *places, weights.clone()));
        }
        self.emit(Op::WeighS { sums: wide.clone() });
        for ((dst, _, bits, _, weights), (rows, ..)) in sums.iter().zip(wide) {
            self.take_rows(dst.reg(), rows.0, weights.len() as Imm / *bits);
        }
    }

    /// Of rows with lanes of all iterations each, those of each iteration one after the other.
    pub(super) fn take_rows(&mut self, dst: Reg, rows: u32, n_rows: Imm) {
        let n_rows = n_rows.unsigned_abs();
        let lanes = self.lanes(dst) / n_rows.max(1);
        let levels = vec![
            self.outer(lanes as i64),
            Level { count: n_rows, stride: (self.n * lanes) as i64 },
            Level { count: lanes, stride: 1 },
        ];
        let wide = self.define(dst);
        self.emit(ops::pick(dst.class, wide, rows, 0, tidy(levels)));
    }

    /// An instruction whose sources become those of all iterations one after the other.
    pub(super) fn whole(&mut self, op: &Op) {
        let op = ops::replace_registers(op, |reg, write| {
            if write { self.define(reg) } else { self.full(reg, self.lanes(reg)) }
        });
        self.emit(op);
    }

    pub(super) fn pick(&mut self, dst: Reg, src: Reg, offset: i64, levels: &[Level]) {
        let lanes = self.lanes(src);
        let wide = self.full(src, lanes);
        let mut all = vec![self.outer(lanes as i64)];
        all.extend_from_slice(levels);
        let dst = self.define(dst);
        self.emit(ops::pick(src.class, dst, wide, offset, tidy(all)));
    }

    pub(super) fn concat(&mut self, dst: Reg, parts: Vec<Reg>) {
        let total = self.lanes(dst);
        let wide: Vec<u32> = parts.iter().map(|part| self.full(*part, self.lanes(*part))).collect();
        let lanes = parts.first().map_or(0, |part| self.lanes(*part));
        if parts.iter().all(|part| self.lanes(*part) == lanes) {
            // Part by part, then lanes are put in the order of iterations.
            let joined = self.fresh(dst.class, self.n * total);
            self.emit(ops::concat(dst.class, joined, &wide));
            let levels = vec![
                self.outer(lanes as i64),
                Level { count: parts.len() as u64, stride: (self.n * lanes) as i64 },
                Level { count: lanes, stride: 1 },
            ];
            let dst_wide = self.define(dst);
            self.emit(ops::pick(dst.class, dst_wide, joined, 0, tidy(levels)));
            return;
        }
        // Parts of different lengths are not in one pattern; an array puts them together.
        self.module.arrays.push(Array {
            class: dst.class,
            len: self.n * total,
            tape: self.iterations.tape,
        });
        let array = u32::try_from(self.module.arrays.len() - 1)
            .expect("the limit on expansion keeps the number of arrays small");
        self.push(Node::Array(array));
        let mut at = 0;
        for (part, wide) in parts.iter().zip(wide) {
            let lanes = self.lanes(*part);
            let base = self.base(&super::Form::constant(at as i64));
            let levels = vec![self.outer(total as i64), Level { count: lanes, stride: 1 }];
            let address = Address::Strided { base, levels: tidy(levels) };
            self.emit(
                MemoryOp { class: dst.class, array, write: true, value: wide, address }.into_op(),
            );
            at += lanes;
        }
        let base = self.base(&super::Form::constant(0));
        let levels = tidy(vec![Level { count: self.n * total, stride: 1 }]);
        let value = self.define(dst);
        let address = Address::Strided { base, levels };
        self.emit(MemoryOp { class: dst.class, array, write: false, value, address }.into_op());
    }

    fn iota(&mut self, dst: Reg, base: Reg, levels: &[Level]) {
        if let Some(form) = self.form(base.index) {
            let base = SrcI(self.base(&form));
            let mut all = vec![self.outer(form.coef)];
            all.extend_from_slice(levels);
            let dst = DstI(self.define(dst));
            self.emit(Op::IotaI { dst, base, levels: tidy(all) });
            return;
        }
        let sum = self.indices(base, levels);
        self.values.insert(dst, super::Value::Wide(sum));
    }

    /// Wide indices that begin at a wide base.
    pub(super) fn indices(&mut self, base: Reg, levels: &[Level]) -> u32 {
        let lanes = lanes_of(levels).unwrap_or(0);
        let base = self.full(base, lanes);
        if levels.is_empty() {
            return base;
        }
        let zero = SrcI(self.base(&super::Form::constant(0)));
        let mut all = vec![self.outer(0)];
        all.extend_from_slice(levels);
        let steps = self.fresh(Class::Int, self.n * lanes);
        self.emit(Op::IotaI { dst: DstI(steps), base: zero, levels: tidy(all) });
        let sum = self.fresh(Class::Int, self.n * lanes);
        self.emit(ops::int(caucus_bytecode::operand::IntOp::Add, sum, base, steps));
        sum
    }

    /// One matrix product for each iteration.
    fn matmul(&mut self, dst: Reg, a: Reg, b: Reg, [rows, inner, cols]: [i64; 3]) {
        let n = self.n as i64;
        let level = |count: i64, stride: i64| Level { count: count as u64, stride };
        if self.is_uniform(b) {
            // The left factors are one above the other.
            let a = SrcS(self.full(a, self.lanes(a)));
            let b = SrcS(self.uniform(b).unwrap_or(b.index));
            let dst = DstS(self.define(dst));
            self.emit(Op::MatMulS { dst, a, b, rows: n * rows, inner, cols });
            return;
        }
        if self.is_uniform(a) {
            // The right factors are side by side: columns of all iterations in one matrix.
            let wide = self.full(b, self.lanes(b));
            let side = self.fresh(Class::Secret, (n * inner * cols) as u64);
            let levels = vec![level(inner, cols), level(n, inner * cols), level(cols, 1)];
            self.emit(ops::pick(Class::Secret, side, wide, 0, tidy(levels)));
            let product = self.fresh(Class::Secret, (n * rows * cols) as u64);
            let a = SrcS(self.uniform(a).unwrap_or(a.index));
            self.emit(Op::MatMulS {
                dst: DstS(product),
                a,
                b: SrcS(side),
                rows,
                inner,
                cols: n * cols,
            });
            let levels = vec![level(n, cols), level(rows, n * cols), level(cols, 1)];
            let dst = self.define(dst);
            self.emit(ops::pick(Class::Secret, dst, product, 0, tidy(levels)));
            return;
        }
        // Rows of the left factors with columns of the right ones.
        let (wide_a, wide_b) = (self.full(a, self.lanes(a)), self.full(b, self.lanes(b)));
        let lanes = (n * rows * cols * inner) as u64;
        let (left, right) = (self.fresh(Class::Secret, lanes), self.fresh(Class::Secret, lanes));
        let levels = vec![level(n * rows, inner), level(cols, 0), level(inner, 1)];
        self.emit(ops::pick(Class::Secret, left, wide_a, 0, tidy(levels)));
        let levels =
            vec![level(n, inner * cols), level(rows, 0), level(cols, 1), level(inner, cols)];
        self.emit(ops::pick(Class::Secret, right, wide_b, 0, tidy(levels)));
        let dst = DstS(self.define(dst));
        self.emit(Op::DotS { products: vec![(dst, SrcS(left), SrcS(right))] });
    }

    /// The parties of an input. The lanes of a wide input are taken in the order of iterations,
    /// which is the order of the program only if an iteration takes nothing else of the same party.
    pub(super) fn players(&mut self, players: impl Iterator<Item = SrcI>) -> Step<Vec<u32>> {
        let mut uniform = Vec::new();
        for player in players {
            let Some(reg) = self.uniform(player.reg()) else {
                return self.refuse("the party that gives an input differs between iterations");
            };
            uniform.push(reg);
        }
        let mut known: Vec<_> = uniform.iter().map(|reg| self.constant(*reg)).collect();
        known.sort_unstable();
        let distinct = !known.contains(&None) && known.windows(2).all(|it| it[0] != it[1]);
        if self.facts.inputs != 1 || self.depth > 0 || uniform.len() != 1 && !distinct {
            return self.refuse("the order of the inputs would change");
        }
        Ok(uniform)
    }

    fn input(&mut self, inputs: &[(DstS, SrcI, Imm)]) -> Step {
        let players = self.players(inputs.iter().map(|(_, player, _)| *player))?;
        let inputs = inputs
            .iter()
            .zip(players)
            .map(|((dst, _, bits), player)| (DstS(self.define(dst.reg())), SrcI(player), *bits))
            .collect();
        self.emit(Op::InputS { inputs });
        Ok(())
    }

    /// The first lane that fails is that of the first iteration that does.
    fn fail(&mut self, condition: Reg, parts: &[Part]) -> Step {
        let lanes = self.lanes(condition);
        let mut wide = Vec::with_capacity(parts.len());
        for part in parts {
            let reg = match part {
                Part::Text(_) => {
                    wide.push(*part);
                    continue;
                }
                Part::Int(src) => src.reg(),
                Part::Public(src) | Part::Fixed { src, .. } => src.reg(),
                Part::Share(src) => src.reg(),
                Part::Hex(_) => return self.refuse("a message shows bits"),
            };
            let own = self.lanes(reg);
            let index = match self.uniform(reg) {
                // A list that is the same for all iterations, unless its length is that of the
                // condition by accident.
                Some(uniform) if own != lanes && own != self.n * lanes || own == 1 => uniform,
                _ if own == lanes || own == 1 => self.full(reg, lanes),
                _ => return self.refuse("a message shows lists that differ between iterations"),
            };
            wide.push(match part {
                Part::Public(_) => Part::Public(SrcC(index)),
                Part::Fixed { bits, total, digits, .. } => {
                    Part::Fixed { src: SrcC(index), bits: *bits, total: *total, digits: *digits }
                }
                Part::Share(_) => Part::Share(SrcS(index)),
                Part::Int(_) | Part::Text(_) | Part::Hex(_) => Part::Int(SrcI(index)),
            });
        }
        let condition = SrcI(self.full(condition, lanes));
        self.emit(Op::Fail { condition, parts: wide });
        Ok(())
    }

    /// An instruction of a sum that all iterations share: they add the sum of their values.
    pub(super) fn reduction(&mut self, op: &Op) -> Step<bool> {
        let target = ops::writes(op).first().copied();
        if target.is_some_and(|dst| self.facts.reductions.variables.contains(&dst)) {
            self.emit(op.clone());
            return Ok(true);
        }
        if let Some(access) = MemoryOp::of(op) {
            return self.element(access);
        }
        let Some(dst) = target else { return Ok(false) };
        let Some(chain) = self.facts.reductions.values.get(&dst).copied() else {
            return Ok(false);
        };
        let array = self.facts.reductions.arrays[chain];
        if array.is_some() && !self.active.contains_key(&chain) {
            return Ok(false);
        }
        let op = ops::replace_registers(op, |reg, write| {
            let sums = &self.facts.reductions;
            if write || sums.variables.contains(&reg) || sums.values.get(&reg) == Some(&chain) {
                return reg.index;
            }
            self.sum(reg)
        });
        self.values.insert(dst, super::Value::Uniform);
        self.emit(op);
        Ok(true)
    }

    /// The sum of a register over all iterations.
    fn sum(&mut self, reg: Reg) -> u32 {
        let lanes = self.lanes(reg);
        let mut wide = self.full(reg, lanes);
        if lanes > 1 {
            let turned = self.fresh(reg.class, self.n * lanes);
            let levels = vec![Level { count: lanes, stride: 1 }, self.outer(lanes as i64)];
            self.emit(ops::pick(reg.class, turned, wide, 0, tidy(levels)));
            wide = turned;
        }
        let sum = self.fresh(reg.class, lanes);
        self.emit(ops::sum(reg.class, sum, wide));
        sum
    }

    /// Loads and stores of elements that all iterations add to.
    fn element(&mut self, access: MemoryOp) -> Step<bool> {
        let Some(chain) = self.facts.reductions.values.get(&access.reg()).copied() else {
            return Ok(false);
        };
        if self.facts.reductions.arrays[chain] != Some(access.array) {
            return Ok(false);
        }
        let Address::Strided { base, levels } = &access.address else { return Ok(false) };
        let form = self.form(*base).filter(|form| form.coef == 0);
        if !access.write {
            // An address that differs between iterations is a matter of the dependence test.
            let Some(form) = form else { return Ok(false) };
            let base = self.base(&form);
            self.active.insert(chain, (form, access.array));
            self.values.insert(access.reg(), super::Value::Uniform);
            let address = Address::Strided { base, levels: levels.clone() };
            self.emit(MemoryOp { address, ..access }.into_op());
            return Ok(true);
        }
        let Some((loaded, _)) = self.active.get(&chain).cloned() else { return Ok(false) };
        if form.as_ref() != Some(&loaded) {
            let what = self.array_name(access.array);
            return self.refuse(format!("{what} is read and written at different elements"));
        }
        let address = Address::Strided { base: self.base(&loaded), levels: levels.clone() };
        self.emit(MemoryOp { address, ..access }.into_op());
        Ok(true)
    }

    /// An array as messages call it.
    pub(super) fn array_name(&self, array: u32) -> String {
        let object = &self.module.arrays[array as usize];
        let kind = ops::type_name(object.class);
        format!("{} ({kind}, {} elements)", ArrayRef::Global(array), object.len)
    }
}
