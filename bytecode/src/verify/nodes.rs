//! Loops that are distributed among nodes: chunks must be independent of each other, and may only do
//! what a worker can do.

use super::{Check, Checker};
use crate::op::{Effect, Op};
use crate::operand::{ArrayRef, Reg, TapeRef, Window};
use crate::program::Program;

/// What a tape is part of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The run of the main node.
    Main,
    /// It computes a chunk.
    Chunk,
    /// A thread of a chunk runs it.
    ThreadOfChunk,
}

/// The roles of all tapes.
pub(super) struct ChunkTapes(Vec<Role>);

/// Finds out which tapes compute chunks, and which ones their threads run.
pub(super) fn chunk_tapes(program: &Program) -> ChunkTapes {
    let mut roles = vec![Role::Main; program.tapes.len()];
    for op in program.tapes.iter().flat_map(|tape| &tape.ops) {
        let Op::Nodes { jobs } = op else { continue };
        for (tape, ..) in jobs {
            if let Some(role) = roles.get_mut(tape.0 as usize) {
                *role = Role::Chunk;
            }
        }
    }
    for index in 0..roles.len() {
        if roles[index] != Role::Chunk {
            continue;
        }
        for op in &program.tapes[index].ops {
            let Op::Threads { jobs } = op else { continue };
            for (tape, _) in jobs {
                match roles.get_mut(tape.0 as usize) {
                    Some(role) if *role == Role::Main => *role = Role::ThreadOfChunk,
                    Some(_) | None => {}
                }
            }
        }
    }
    ChunkTapes(roles)
}

impl ChunkTapes {
    pub(super) fn role(&self, tape: usize) -> Role {
        self.0[tape]
    }
}

/// What chunks of one job touch of an array.
struct Extent {
    array: u32,
    written: bool,
    /// First and last chunk.
    chunks: (i64, i64),
    window: Window,
}

impl Extent {
    /// First and last element that any chunk touches; `None` if they touch none.
    fn range(&self) -> Option<(i128, i128)> {
        let at = |chunk: i64| {
            i128::from(chunk) * i128::from(self.window.stride) + i128::from(self.window.offset)
        };
        let (one, other) = (at(self.chunks.0), at(self.chunks.1));
        let len = i128::from(self.window.len);
        (len > 0 && self.chunks.0 <= self.chunks.1)
            .then(|| (one.min(other), one.max(other) + len - 1))
    }
}

impl Checker<'_> {
    /// What a chunk does must not depend on where and when it is computed, and must be possible at a
    /// worker.
    pub(super) fn in_chunk(&self, op: &Op) -> Check {
        if self.role == Role::Main {
            return Ok(());
        }
        let possible = match op.effect() {
            Effect::Pure | Effect::Memory | Effect::Round => true,
            Effect::Control => !matches!(op, Op::Nodes { .. }),
            Effect::Output => matches!(op, Op::Fail { .. } | Op::Check {}),
            // Each chunk has a part of the inputs; threads would take from it in any order.
            Effect::Input => self.role == Role::Chunk && matches!(op, Op::InputS { .. }),
            Effect::Socket => false,
        };
        if possible { Ok(()) } else { Err(format!("{} in a chunk of a loop", op.mnemonic())) }
    }

    pub(super) fn nodes(&self, jobs: &[(TapeRef, i64, i64, Vec<Window>)]) -> Check {
        if !self.main {
            return Err("a loop among nodes outside of the main tape".into());
        }
        let mut extents: Vec<Extent> = Vec::new();
        let mut all: Vec<(i64, i64)> = Vec::new();
        for (tape, first, count, windows) in jobs {
            if tape.0 == 0 || self.program.tapes[tape.0 as usize].params.len() != 1 {
                return Err(format!("tape{} does not take the number of a chunk", tape.0));
            }
            let last = first.checked_add(*count);
            let (Some(last), true) = (last, *first >= 0 && *count >= 0) else {
                return Err(format!("{count} chunks from number {first} on"));
            };
            let chunks = (*first, last - 1);
            if *count > 0 {
                if all.iter().any(|(low, high)| *low <= chunks.1 && chunks.0 <= *high) {
                    return Err(format!("chunk {first} twice"));
                }
                all.push(chunks);
            }
            for (at, window) in windows.iter().enumerate() {
                if windows[..at].iter().any(|it| it.array == window.array) {
                    return Err(format!("two parts of {} go with a chunk", window.array));
                }
                extents.push(self.window(*window, chunks)?);
            }
        }
        self.independent(&extents)
    }

    /// What all nodes of a party do together.
    pub(super) fn at_nodes(&self, op: &Op) -> Check {
        if self.main { Ok(()) } else { Err(format!("{} outside of the main tape", op.mnemonic())) }
    }

    /// Columns of the rows of a register, with how many of their bits count.
    pub(super) fn key_columns(&self, rows: Reg, n_rows: i64, keys: &[(i64, i64)]) -> Check {
        if keys.is_empty() {
            return Err("there are no keys".into());
        }
        let lanes = self.lanes(rows);
        let columns = u64::try_from(n_rows).ok().and_then(|n_rows| lanes.checked_div(n_rows));
        keys.iter().try_for_each(|(column, bits)| {
            self.bits(*bits)?;
            let found = u64::try_from(*column).ok().zip(columns);
            // Without rows there are no columns to compare with.
            let fits = n_rows == 0 || found.is_some_and(|(column, columns)| column < columns);
            if fits {
                Ok(())
            } else {
                Err(format!("column {column} of {lanes} lanes in {n_rows} rows"))
            }
        })
    }

    fn window(&self, window: Window, chunks: (i64, i64)) -> Result<Extent, String> {
        let ArrayRef::Global(array) = window.array else {
            return Err(format!("a chunk gets a part of {}", window.array));
        };
        let extent = Extent { array, written: window.is_written(), chunks, window };
        let len = i128::from(self.program.arrays[array as usize].len);
        match extent.range() {
            Some((low, high)) if low < 0 || high >= len => {
                Err(format!("elements {low} to {high} of {}, which has {len}", window.array))
            }
            Some(_) | None => Ok(extent),
        }
    }

    /// No chunk touches what another one writes.
    fn independent(&self, extents: &[Extent]) -> Check {
        for one in extents.iter().filter(|it| it.written) {
            let Some(mine) = one.range() else { continue };
            let spread = one.window.stride.unsigned_abs() >= one.window.len;
            if one.chunks.0 < one.chunks.1 && !spread {
                return Err(format!("several chunks write the same of array{}", one.array));
            }
            for other in extents.iter().filter(|it| it.array == one.array) {
                if std::ptr::eq(one, other) {
                    continue;
                }
                let apart = other.range().is_none_or(|it| it.1 < mine.0 || mine.1 < it.0);
                if !apart {
                    return Err(format!("chunks touch what others write of array{}", one.array));
                }
            }
        }
        Ok(())
    }
}
