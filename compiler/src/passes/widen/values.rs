//! The values of the registers of a body, and registers that hold them as instructions need them.

use caucus_bytecode::Op;
use caucus_bytecode::operand::{DstI, IntOp, Level, SrcI};

use super::{Form, Step, Widener};
use crate::ir::{Class, Reg};
use crate::map::Map;
use crate::passes::ops::{self, tidy};

/// What has become of a register of the body.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// The same in all iterations: the register itself.
    Uniform,
    /// An integer of one lane that is linear in the number of the iteration. No register holds
    /// it until an instruction needs it as data.
    Affine(Form),
    /// A register with the lanes of all iterations.
    Wide(u32),
}

/// Registers that hold values in another layout, so that none is made twice. It belongs to a
/// block: what a block has made is not there for the code behind it.
#[derive(Clone, Debug, Default)]
pub(super) struct Cache {
    /// The values of forms, whose registers keep their values where the cache is used.
    forms: Map<Form, u32>,
    /// Affine values as wide registers, with each lane repeated.
    affine: Map<(Form, u64), u32>,
    /// Copies of a register's lanes: for each iteration, or each lane repeated so often.
    expanded: Map<(Reg, u64), u32>,
}

impl Widener<'_> {
    /// A new register with the lanes of `reg` for every iteration.
    pub(super) fn wide(&mut self, reg: Reg) -> u32 {
        let lanes = self.lanes(reg);
        self.fresh(reg.class, self.n * lanes)
    }

    /// The wide register that takes the place of `reg`.
    pub(super) fn define(&mut self, reg: Reg) -> u32 {
        let wide = self.wide(reg);
        self.values.insert(reg, Value::Wide(wide));
        wide
    }

    pub(super) fn fresh(&mut self, class: Class, lanes: u64) -> u32 {
        self.module.regs.fresh(class, lanes)
    }

    pub(super) fn lanes(&self, reg: Reg) -> u64 {
        self.module.regs.lanes(reg)
    }

    /// Level of the iterations.
    pub(super) fn outer(&self, stride: i64) -> Level {
        Level { count: self.n, stride }
    }

    pub(super) fn is_uniform(&self, reg: Reg) -> bool {
        match self.values.get(&reg) {
            None | Some(Value::Uniform) => true,
            Some(Value::Affine(form)) => form.coef == 0,
            Some(Value::Wide(_)) => false,
        }
    }

    /// A register with the value, if it is the same in all iterations.
    pub(super) fn uniform(&mut self, reg: Reg) -> Option<u32> {
        match self.values.get(&reg) {
            None | Some(Value::Uniform) => Some(reg.index),
            Some(Value::Affine(form)) if form.coef == 0 => {
                let form = form.clone();
                Some(self.base(&form))
            }
            Some(Value::Affine(_) | Value::Wide(_)) => None,
        }
    }

    pub(super) fn constant(&self, index: u32) -> Option<i64> {
        let form = self.forms.get(&index).and_then(Form::as_constant);
        form.or_else(|| self.constants.get(&index).copied())
    }

    /// An integer of one lane as a form, if it is linear.
    pub(super) fn form(&mut self, index: u32) -> Option<Form> {
        let reg = Reg { class: Class::Int, index };
        match self.values.get(&reg) {
            Some(Value::Affine(form)) => return Some(form.clone()),
            Some(Value::Wide(_)) => return None,
            None | Some(Value::Uniform) => {}
        }
        if let Some(value) = self.constant(index) {
            return Some(Form::constant(value));
        }
        if let Some(form) = self.forms.get(&index) {
            return Some(form.clone());
        }
        // A variable may change before the form is used: take its value now.
        if self.facts.is_variable(reg) {
            let copy = self.fresh(Class::Int, 1);
            self.emit(ops::mov(Class::Int, copy, index));
            return Some(Form::register(copy));
        }
        Some(Form::register(index))
    }

    /// The result of an integer instruction as a form, if it is linear.
    pub(super) fn linear(&mut self, op: &Op) -> Option<Form> {
        let form = match op {
            Op::LoadInt { dst, value } if self.lanes(dst.reg()) == 1 => Form::constant(*value),
            Op::MoveI { dst, src } if self.lanes(dst.reg()) == 1 => self.form(src.0)?,
            Op::IntBinary { op, dst, a, b } if self.lanes(dst.reg()) == 1 => {
                if !matches!(op, IntOp::Add | IntOp::Sub | IntOp::Mul | IntOp::Shl) {
                    return None;
                }
                let (a, b) = (self.form(a.0)?, self.form(b.0)?);
                match (op, a.as_constant(), b.as_constant()) {
                    (IntOp::Add, _, _) => a.plus(&b, 1),
                    (IntOp::Sub, _, _) => a.plus(&b, -1),
                    (IntOp::Mul, Some(factor), _) => b.times(factor),
                    (IntOp::Mul, _, Some(factor)) => a.times(factor),
                    (IntOp::Shl, _, Some(by @ 0..=62)) => a.times(1 << by),
                    _ => return None,
                }
            }
            _ => return None,
        };
        // A stride that large would leave 64 bits, where patterns do not wrap.
        let span = i128::from(form.coef).abs() * i128::from(self.n);
        (span < 1 << 61).then_some(form)
    }

    /// A register with the value of a form in iteration 0.
    pub(super) fn base(&mut self, form: &Form) -> u32 {
        let form = form.uniform_part();
        if let ([(reg, 1)], 0) = (form.terms.as_slice(), form.constant) {
            return *reg;
        }
        if let Some(reg) = self.cache.forms.get(&form) {
            return *reg;
        }
        let mut sum = None;
        for (reg, factor) in &form.terms {
            let term = match *factor {
                1 => *reg,
                factor => {
                    let factor = self.base(&Form::constant(factor));
                    self.int_op(IntOp::Mul, *reg, factor)
                }
            };
            sum = Some(match sum {
                None => term,
                Some(sum) => self.int_op(IntOp::Add, sum, term),
            });
        }
        let res = match sum {
            None => {
                let res = self.fresh(Class::Int, 1);
                self.emit(ops::constant(res, form.constant));
                res
            }
            Some(sum) if form.constant == 0 => sum,
            Some(sum) => {
                let constant = self.base(&Form::constant(form.constant));
                self.int_op(IntOp::Add, sum, constant)
            }
        };
        self.cache.forms.insert(form, res);
        res
    }

    fn int_op(&mut self, op: IntOp, a: u32, b: u32) -> u32 {
        let res = self.fresh(Class::Int, 1);
        self.emit(ops::int(op, res, a, b));
        res
    }

    /// An affine value with `lanes` equal lanes for every iteration.
    fn spread(&mut self, form: &Form, lanes: u64) -> u32 {
        let key = (form.clone(), lanes);
        if let Some(reg) = self.cache.affine.get(&key) {
            return *reg;
        }
        let base = self.base(form);
        let dst = self.fresh(Class::Int, self.n * lanes);
        let levels = tidy(vec![self.outer(form.coef), Level { count: lanes, stride: 0 }]);
        self.emit(Op::IotaI { dst: DstI(dst), base: SrcI(base), levels });
        self.cache.affine.insert(key, dst);
        dst
    }

    /// A register in a pattern, made only once as long as the source cannot change.
    fn expand(&mut self, src: Reg, lanes: u64, levels: Vec<Level>, total: u64) -> u32 {
        let stable =
            !self.variables.values().any(|wide| *wide == src.index) && !self.facts.is_variable(src);
        let key = (src, lanes);
        if let (true, Some(reg)) = (stable, self.cache.expanded.get(&key)) {
            return *reg;
        }
        let dst = self.fresh(src.class, total);
        self.emit(ops::pick(src.class, dst, src.index, 0, tidy(levels)));
        if stable {
            self.cache.expanded.insert(key, dst);
        }
        dst
    }

    /// A source for an element-wise instruction whose destination has `lanes` lanes in the body:
    /// one lane, or `lanes` for every iteration.
    pub(super) fn operand(&mut self, reg: Reg, lanes: u64) -> u32 {
        match self.values.get(&reg).cloned() {
            None | Some(Value::Uniform) if self.lanes(reg) == 1 => reg.index,
            Some(Value::Affine(form)) if form.coef == 0 => self.base(&form),
            _ => self.full(reg, lanes),
        }
    }

    /// A register with exactly `lanes` lanes for every iteration; `reg` has as many, or one that
    /// is repeated.
    pub(super) fn full(&mut self, reg: Reg, lanes: u64) -> u32 {
        let own = self.lanes(reg);
        let stride = i64::from(own == lanes && own != 1);
        let inner = Level { count: lanes, stride };
        match self.values.get(&reg).cloned() {
            None | Some(Value::Uniform) => {
                self.expand(reg, lanes, vec![self.outer(0), inner], self.n * lanes)
            }
            Some(Value::Affine(form)) => self.spread(&form, lanes),
            Some(Value::Wide(wide)) if own == lanes => wide,
            Some(Value::Wide(wide)) => {
                let src = Reg { class: reg.class, index: wide };
                self.expand(src, lanes, vec![self.outer(1), inner], self.n * lanes)
            }
        }
    }

    /// An instruction with a linear integer result keeps it as a form.
    pub(super) fn keep_affine(&mut self, op: &Op) -> Step<bool> {
        let dst = match op {
            Op::IntBinary { dst, .. } | Op::MoveI { dst, .. } => dst.reg(),
            _ => return Ok(false),
        };
        let Some(form) = self.linear(op) else { return Ok(false) };
        self.values.insert(dst, Value::Affine(form));
        Ok(true)
    }
}
