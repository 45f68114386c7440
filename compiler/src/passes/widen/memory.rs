//! Accesses to arrays from all iterations at once.

use caucus_bytecode::operand::{Level, lanes_of};

use super::footprints::Access;
use super::form::Footprint;
use super::{Form, Step, Widener};
use crate::ir::{Class, Reg};
use crate::passes::ops::{self, Address, MemoryOp, tidy};

impl Widener<'_> {
    /// A load, store, gather or scatter that is not the same in all iterations.
    pub(super) fn access(&mut self, access: MemoryOp) -> Step {
        let (mut base, mut levels) = match &access.address {
            Address::Strided { base, levels } => (*base, levels.clone()),
            Address::Indexed { index } => (*index, Vec::new()),
        };
        let index = Reg { class: Class::Int, index: base };
        let lanes = self.lanes(index);
        // An index of one lane is an address like any other.
        let single = lanes == 1;
        let indexed = matches!(access.address, Address::Indexed { .. }) && !single;
        let form = if indexed { None } else { self.form(base) };
        if self.facts.private.contains(&access.array) {
            return self.private(&access, form, levels);
        }
        let Some(form) = form else {
            return self.scattered(access, index, indexed, &levels);
        };
        if access.write && form.coef == 0 && self.sole_store(&access) {
            return self.last_store(access, &form, levels);
        }
        if self.facts.written.contains(&access.array) {
            self.note(&access, Some(form.clone()), levels.clone());
        }
        levels.insert(0, self.outer(form.coef));
        base = self.base(&form);
        self.strided(access, base, levels);
        Ok(())
    }

    /// Remembers an access for the dependence test.
    fn note(&mut self, access: &MemoryOp, form: Option<Form>, levels: Vec<Level>) {
        let position = self.position;
        let (array, write) = (access.array, access.write);
        self.accesses.list.push(Access { array, write, form, levels, position });
    }

    /// Whether nothing else in the body touches the array, and an iteration does it once at most.
    fn sole_store(&self, access: &MemoryOp) -> bool {
        access.write && self.depth == 0 && self.facts.accesses.get(&access.array) == Some(&1)
    }

    /// What all iterations write to the same elements is what the last one writes.
    fn last_store(&mut self, access: MemoryOp, form: &Form, levels: Vec<Level>) -> Step {
        let reg = access.reg();
        let base = self.base(form);
        let value = match self.uniform(reg) {
            Some(value) => value,
            None => {
                let lanes = self.lanes(reg);
                let wide = self.full(reg, lanes);
                let last = self.fresh(reg.class, lanes);
                let offset = ((self.n - 1) * lanes) as i64;
                let pattern = tidy(vec![Level { count: lanes, stride: 1 }]);
                self.emit(ops::pick(reg.class, last, wide, offset, pattern));
                last
            }
        };
        let address = Address::Strided { base, levels };
        self.emit(MemoryOp { value, address, ..access }.into_op());
        Ok(())
    }

    /// A strided pattern whose first level is that of the iterations.
    fn strided(&mut self, access: MemoryOp, base: u32, levels: Vec<Level>) {
        let reg = access.reg();
        let value = if access.write {
            let lanes = lanes_of(&levels[1..]).unwrap_or(0);
            self.operand(reg, lanes)
        } else {
            self.define(reg)
        };
        let address = Address::Strided { base, levels: tidy(levels) };
        self.emit(MemoryOp { value, address, ..access }.into_op());
    }

    /// An access whose addresses are data.
    fn scattered(&mut self, access: MemoryOp, index: Reg, indexed: bool, levels: &[Level]) -> Step {
        if self.facts.written.contains(&access.array) && !self.sole_store(&access) {
            self.note(&access, None, Vec::new());
        }
        let index =
            if indexed { self.full(index, self.lanes(index)) } else { self.indices(index, levels) };
        let reg = access.reg();
        let value = if access.write {
            let lanes = self.module.regs.lanes(Reg { class: Class::Int, index }) / self.n;
            self.operand(reg, lanes)
        } else {
            self.define(reg)
        };
        self.emit(MemoryOp { value, address: Address::Indexed { index }, ..access }.into_op());
        Ok(())
    }

    /// Every iteration has its own copy of an array that the body declares, one after the other.
    /// An index outside of its copy would go unnoticed, so that it must be known not to occur.
    fn private(&mut self, access: &MemoryOp, form: Option<Form>, levels: Vec<Level>) -> Step {
        let len = self.module.arrays[access.array as usize].len;
        let inside = form.as_ref().and_then(|form| {
            let footprint = Footprint::of(form, &levels, &self.ranges, |_| false)?;
            footprint.range(self.n)
        });
        let empty = lanes_of(&levels) == Some(0);
        let inside = inside.is_some_and(|(low, high)| low >= 0 && high < i128::from(len)) || empty;
        let (Some(mut form), true, Ok(distance)) = (form, inside, i64::try_from(len)) else {
            return self.refuse(
                "an index of an array that the body declares is not known at compile time",
            );
        };
        form.coef = form.coef.wrapping_add(distance);
        let mut all = levels;
        all.insert(0, self.outer(form.coef));
        let base = self.base(&form);
        self.strided(access.clone(), base, all);
        Ok(())
    }

    /// The dependence test: no iteration may touch what another one writes.
    pub(super) fn check_accesses(&mut self) -> Step {
        let accesses = std::mem::take(&mut self.accesses);
        for (_, array) in self.active.values() {
            if let Some(other) = accesses.list.iter().find(|it| it.array == *array) {
                self.position = other.position;
                let what = self.array_name(*array);
                return self.refuse(format!("{what} holds a sum and is used otherwise"));
            }
        }
        let fixed = |reg: u32| !self.repeated.contains(&reg);
        if let Some((one, other)) = accesses.conflict(self.n, &self.ranges, fixed) {
            self.position = other.position;
            let what = self.array_name(one.array);
            let (a, b) = (one.position.line, other.position.line);
            let verb = |access: &Access| if access.write { "written" } else { "read" };
            return self.refuse(format!(
                "iterations may depend on each other: {what} is {} in line {a} and {} in line {b}",
                verb(&one),
                verb(&other),
            ));
        }
        Ok(())
    }
}
