//! The last accesses to registers in a straight stretch of code.
//!
//! A program has as many registers as instructions, most of them written once and read once: a table with an entry of
//! twelve bytes for each is much faster than one that hashes. It is kept from stretch to stretch, as there may be many
//! short ones; entries of earlier stretches count as empty.

use super::dependencies::Before;
use crate::ir::{Class, Reg};
use crate::map::Map;

/// Stands for no instruction.
const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    /// The stretch that it is of.
    stretch: u32,
    writer: u32,
    /// The first that reads what was written; more are among the others.
    reader: u32,
}

/// See above.
#[derive(Debug, Default)]
pub(super) struct Registers {
    stretch: u32,
    tables: [Vec<Entry>; Class::COUNT],
    others: Map<Reg, Vec<u32>>,
}

impl Registers {
    /// Begins with another stretch.
    pub(super) fn begin(&mut self) {
        self.stretch += 1;
        self.others = Map::default();
    }

    pub(super) fn read(&mut self, reg: Reg, at: usize, before: &mut Before) {
        let entry = self.entry(reg);
        before.strict.extend(instruction(entry.writer));
        let at = number(at);
        if entry.reader == NONE {
            entry.reader = at;
        } else {
            self.others.entry(reg).or_default().push(at);
        }
    }

    pub(super) fn write(&mut self, reg: Reg, at: usize, before: &mut Before) {
        let entry = self.entry(reg);
        let (writer, reader) = (entry.writer, entry.reader);
        (entry.writer, entry.reader) = (number(at), NONE);
        before.strict.extend(instruction(writer));
        before.strict.extend(instruction(reader));
        if reader != NONE && !self.others.is_empty() {
            let others = self.others.remove(&reg).unwrap_or_default();
            before.strict.extend(others.into_iter().filter_map(instruction));
        }
    }

    fn entry(&mut self, reg: Reg) -> &mut Entry {
        let (table, index) = (&mut self.tables[reg.class.index()], reg.index as usize);
        if table.len() <= index {
            table.resize(index + 1, Entry::default());
        }
        let entry = &mut table[index];
        if entry.stretch != self.stretch {
            *entry = Entry { stretch: self.stretch, writer: NONE, reader: NONE };
        }
        entry
    }
}

fn number(at: usize) -> u32 {
    u32::try_from(at).ok().filter(|at| *at != NONE).expect("a record has fewer instructions")
}

fn instruction(number: u32) -> Option<usize> {
    (number != NONE).then_some(number as usize)
}
