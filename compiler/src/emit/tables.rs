//! Arrays, texts and constants get new numbers in the order of their first use; what nothing uses
//! is left out, and equal texts and constants become one.

use std::collections::HashMap;
use std::hash::Hash;

use caucus_bytecode::operand::Access;
use caucus_bytecode::program::ArrayDecl;
use caucus_bytecode::{ArrayRef, Op};
use num_bigint::BigInt;

use crate::ir::{Array, Module};

/// A table that grows by what is used.
#[derive(Debug)]
pub(super) struct Table<T> {
    source: Vec<T>,
    numbers: HashMap<T, u32>,
    /// What has been used so far.
    pub(super) items: Vec<T>,
}

impl<T: Clone + Eq + Hash> Table<T> {
    fn new(source: &[T]) -> Self {
        Self { source: source.to_vec(), numbers: HashMap::new(), items: Vec::new() }
    }

    fn number(&mut self, index: u32) -> u32 {
        let item = &self.source[index as usize];
        if let Some(number) = self.numbers.get(item) {
            return *number;
        }
        let number = u32::try_from(self.items.len()).expect("no longer than the old table");
        self.numbers.insert(item.clone(), number);
        self.items.push(item.clone());
        number
    }
}

/// Declarations of arrays: of the program, or of one tape.
#[derive(Debug, Default)]
pub(super) struct Declared {
    numbers: HashMap<u32, u32>,
    /// What has been used so far.
    pub(super) declared: Vec<ArrayDecl>,
}

impl Declared {
    fn number(&mut self, index: u32, array: &Array) -> u32 {
        *self.numbers.entry(index).or_insert_with(|| {
            let class = u32::try_from(array.class.index()).expect("there are few classes");
            self.declared.push(ArrayDecl { class, len: array.len });
            u32::try_from(self.declared.len() - 1).expect("no longer than the old table")
        })
    }
}

/// The tables of the program.
#[derive(Debug)]
pub(super) struct Tables<'a> {
    source: &'a [Array],
    pub(super) arrays: Declared,
    pub(super) texts: Table<String>,
    pub(super) constants: Table<BigInt>,
}

impl<'a> Tables<'a> {
    pub(super) fn new(module: &'a Module) -> Self {
        Self {
            source: &module.arrays,
            arrays: Declared::default(),
            texts: Table::new(&module.texts),
            constants: Table::new(&module.constants),
        }
    }

    /// Renumbers what the instructions of a tape refer to; gives the tape's own arrays.
    pub(super) fn renumber(&mut self, tape: usize, ops: &mut [Op]) -> Vec<ArrayDecl> {
        let mut local = Declared::default();
        for op in ops {
            op.visit(&mut |access| match access {
                Access::ArrayRead(array) | Access::ArrayWrite(array) => {
                    *array = self.array(*array, tape, &mut local);
                }
                Access::Text(index) => *index = self.texts.number(*index),
                Access::Constant(index) => *index = self.constants.number(*index),
                Access::Read(..) | Access::Write(..) | Access::Label(_) | Access::Tape(_) => {}
            });
        }
        local.declared
    }

    /// Arrays of the main tape are shared; every thread has those of its tape for itself.
    fn array(&mut self, array: ArrayRef, tape: usize, local: &mut Declared) -> ArrayRef {
        let (ArrayRef::Global(index) | ArrayRef::Local(index)) = array;
        let declared = &self.source[index as usize];
        if tape != 0 && declared.tape == tape {
            ArrayRef::Local(local.number(index, declared))
        } else {
            ArrayRef::Global(self.arrays.number(index, declared))
        }
    }
}
