//! What must stay before what in a straight stretch of code.

use caucus_bytecode::op::Effect;
use caucus_bytecode::operand::{IntOp, Level};
use caucus_bytecode::{ArrayRef, Op};

use super::registers::Registers;
use crate::ir::{Class, Reg, Regs};
use crate::map::Map;
use crate::passes::ops::{Address, MemoryOp};
use crate::passes::widen::Form;

/// The earlier instructions that one depends on.
#[derive(Debug, Default)]
pub(super) struct Before {
    /// They must be finished.
    pub(super) strict: Vec<usize>,
    /// They must not come later; the same instruction is fine.
    pub(super) loose: Vec<usize>,
}

/// Elements that an access touches at most to be looked at one by one. Larger ones count as
/// accesses to the whole array.
const ELEMENTS: u64 = 64;

/// The last accesses to an element.
#[derive(Clone, Debug, Default)]
struct Accesses {
    writer: Option<usize>,
    readers: Readers,
}

/// Instructions that read something: mostly there is one.
#[derive(Clone, Debug, Default)]
struct Readers {
    first: Option<usize>,
    others: Vec<usize>,
}

impl Readers {
    fn push(&mut self, at: usize) {
        match self.first {
            None => self.first = Some(at),
            Some(_) => self.others.push(at),
        }
    }

    fn iter(&self) -> impl Iterator<Item = usize> {
        self.first.into_iter().chain(self.others.iter().copied())
    }

    fn clear(&mut self) {
        self.first = None;
        self.others.clear();
    }
}

impl Accesses {
    fn read(&mut self, at: usize, before: &mut Before) {
        before.strict.extend(self.writer);
        self.readers.push(at);
    }

    fn write(&mut self, at: usize, before: &mut Before) {
        before.strict.extend(self.writer);
        before.strict.extend(self.readers.iter());
        self.readers.clear();
        self.writer = Some(at);
    }
}

/// The last accesses to an array. Elements have entries of their own as long as all addresses
/// differ by constants from one another.
#[derive(Debug, Default)]
struct ArrayAccesses {
    whole: Accesses,
    terms: Vec<(Version, i64)>,
    elements: Map<i64, Accesses>,
}

/// A register with the number of its value, as it may be written again.
type Version = (u32, usize);

/// Terms of an address, and the elements relative to their value.
type Elements = (Vec<(Version, i64)>, Vec<i64>);

/// An instruction that takes private inputs.
#[derive(Clone, Copy, Debug)]
struct Input {
    at: usize,
    kind: std::mem::Discriminant<Op>,
    /// The last one before it of another kind.
    other: Option<usize>,
}

/// What the instructions so far have accessed.
#[derive(Debug)]
pub(super) struct Dependencies<'a> {
    table: &'a Regs,
    preserve_order: bool,
    regs: &'a mut Registers,
    arrays: Map<u32, ArrayAccesses>,
    /// The last instruction that the outside sees, and the last that takes inputs.
    outside: Option<usize>,
    input: Option<Input>,
    /// Integers of one lane that are linear in other registers. Registers stand for the value
    /// that they had when the form was made, with a number of its own.
    forms: Map<u32, Form>,
    values: Vec<Version>,
    versions: Map<u32, usize>,
}

impl<'a> Dependencies<'a> {
    /// For a stretch of instructions.
    pub(super) fn new(table: &'a Regs, preserve_order: bool, regs: &'a mut Registers) -> Self {
        regs.begin();
        Self {
            table,
            preserve_order,
            regs,
            arrays: Map::default(),
            outside: None,
            input: None,
            forms: Map::default(),
            values: Vec::new(),
            versions: Map::default(),
        }
    }

    /// Takes the next instruction and tells what must come before it.
    pub(super) fn add(&mut self, at: usize, op: &Op, before: &mut Before) {
        before.strict.clear();
        before.loose.clear();
        // An instruction reads before it writes.
        op.each_register(|reg, written| {
            if !written {
                self.regs.read(reg, at, before);
            }
        });
        self.memory(at, op, before);
        let form = self.linear(op);
        op.each_register(|reg, written| {
            if !written {
                return;
            }
            self.regs.write(reg, at, before);
            if reg.class == Class::Int {
                self.forms.remove(&reg.index);
                *self.versions.entry(reg.index).or_default() += 1;
                if let Some(form) = &form {
                    self.forms.insert(reg.index, form.clone());
                }
            }
        });
        match op.effect() {
            Effect::Output | Effect::Socket => {
                before.strict.extend(self.outside);
                self.outside = Some(at);
            }
            Effect::Input => {
                // Inputs of one kind may share an instruction; those of another come after it.
                let kind = std::mem::discriminant(op);
                let mut this = Input { at, kind, other: None };
                if let Some(last) = self.input {
                    before.loose.push(last.at);
                    this.other = if last.kind == kind { last.other } else { Some(last.at) };
                    before.strict.extend(this.other);
                }
                self.input = Some(this);
            }
            Effect::Pure | Effect::Memory | Effect::Round | Effect::Control => {}
        }
        // An instruction that reads and writes one register does not wait for itself.
        before.strict.retain(|other| *other != at);
    }

    fn memory(&mut self, at: usize, op: &Op, before: &mut Before) {
        let Some((array, write)) = op.array() else { return };
        let ArrayRef::Global(array) = array else { return };
        let elements = if self.preserve_order { None } else { self.elements(op) };
        let state = self.arrays.entry(array).or_default();
        let usable = state.elements.is_empty()
            || elements.as_ref().is_some_and(|(terms, _)| *terms == state.terms);
        match elements {
            Some((terms, elements)) if usable => {
                state.terms = terms;
                before.strict.extend(state.whole.writer);
                if write {
                    before.strict.extend(state.whole.readers.iter());
                }
                for element in elements {
                    let entry = state.elements.entry(element).or_default();
                    if write { entry.write(at, before) } else { entry.read(at, before) }
                }
            }
            _ if write => {
                for entry in state.elements.values() {
                    before.strict.extend(entry.writer);
                    before.strict.extend(entry.readers.iter());
                }
                state.elements.clear();
                state.whole.write(at, before);
            }
            _ => {
                before.strict.extend(state.elements.values().filter_map(|entry| entry.writer));
                state.whole.read(at, before);
            }
        }
        // With the order of accesses kept, reads also wait for reads.
        if self.preserve_order {
            state.whole.write(at, before);
        }
    }

    /// The elements that an access touches, relative to the value of its terms, if they are few.
    fn elements(&mut self, op: &Op) -> Option<Elements> {
        let access = MemoryOp::of(op)?;
        let (base, levels) = match &access.address {
            Address::Strided { base, levels } => (*base, levels.as_slice()),
            Address::Indexed { index } => (*index, &[] as &[Level]),
        };
        if self.table.lanes(Reg { class: Class::Int, index: base }) != 1 {
            return None;
        }
        let form = self.form(base);
        let mut elements = vec![form.constant];
        for level in levels {
            if level.count.saturating_mul(elements.len() as u64) > ELEMENTS {
                return None;
            }
            let steps = 0..level.count as i64;
            elements = steps
                .flat_map(|k| {
                    elements.iter().map(move |it| it.wrapping_add(k.wrapping_mul(level.stride)))
                })
                .collect();
        }
        elements.sort_unstable();
        elements.dedup();
        let terms = form.terms.iter().map(|(value, by)| (self.values[*value as usize], *by));
        Some((terms.collect(), elements))
    }

    /// The current value of an integer register. The terms of the form are indices into `values`.
    fn form(&mut self, reg: u32) -> Form {
        if let Some(form) = self.forms.get(&reg) {
            return form.clone();
        }
        let version = (reg, self.versions.get(&reg).copied().unwrap_or(0));
        let value = self.values.len() as u32;
        self.values.push(version);
        let form = Form::register(value);
        self.forms.insert(reg, form.clone());
        form
    }

    fn linear(&mut self, op: &Op) -> Option<Form> {
        let one = |table: &Regs, reg: Reg| table.lanes(reg) == 1;
        match op {
            Op::LoadInt { value, .. } => Some(Form::constant(*value)),
            Op::MoveI { dst, src } if one(self.table, dst.reg()) => Some(self.form(src.0)),
            Op::IntBinary { op, dst, a, b } if one(self.table, dst.reg()) => {
                if !matches!(op, IntOp::Add | IntOp::Sub | IntOp::Mul) {
                    return None;
                }
                let (a, b) = (self.form(a.0), self.form(b.0));
                match (op, a.as_constant(), b.as_constant()) {
                    (IntOp::Add, _, _) => Some(a.plus(&b, 1)),
                    (IntOp::Sub, _, _) => Some(a.plus(&b, -1)),
                    (IntOp::Mul, Some(factor), _) => Some(b.times(factor)),
                    (IntOp::Mul, _, Some(factor)) => Some(a.times(factor)),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}
