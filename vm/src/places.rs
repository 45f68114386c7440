//! Where a thread is in its program: as a number while it runs, as a line of the source for people.

use caucus_bytecode::{Position, Program};

/// The number of an instruction, which threads give to [`Net::set_place`](caucus_core::net::Net::set_place).
pub(crate) fn place(tape: usize, at: usize) -> u64 {
    first(tape) + at as u64
}

/// The number of the first instruction of a tape; the others follow it.
pub(crate) fn first(tape: usize) -> u64 {
    (tape as u64) << 32
}

/// What numbers of instructions mean: the program's source map, apart from the program.
#[derive(Clone, Debug)]
pub struct Places {
    files: Vec<String>,
    /// By tape and instruction.
    positions: Vec<Vec<Position>>,
}

impl Places {
    /// Those of a program.
    pub fn of(program: &Program) -> Self {
        let positions = program.tapes.iter().map(|tape| tape.positions.clone()).collect();
        Self { files: program.files.clone(), positions }
    }

    /// `file:line` of an instruction, where that is known.
    pub fn line(&self, place: u64) -> Option<String> {
        let [tape, at] = [place >> 32, place & u64::from(u32::MAX)];
        let tape = self.positions.get(usize::try_from(tape).ok()?)?;
        let position = tape.get(usize::try_from(at).ok()?)?;
        let file = self.files.get(position.file as usize)?;
        (position.line > 0).then(|| format!("{file}:{}", position.line))
    }
}

#[cfg(test)]
mod tests {
    use caucus_bytecode::Tape;

    use super::*;

    #[test]
    fn a_place_stands_for_a_line() {
        let positions = |lines: &[u32]| {
            lines.iter().map(|line| Position { file: 1, line: *line }).collect::<Vec<_>>()
        };
        let tape = |lines: &[u32]| Tape { positions: positions(lines), ..Tape::default() };
        let program = Program {
            files: vec!["a.mpc".into(), "b.mpc".into()],
            tapes: vec![tape(&[3]), tape(&[7, 0])],
            ..Program::default()
        };
        let places = Places::of(&program);
        assert_eq!(places.line(place(0, 0)).as_deref(), Some("b.mpc:3"));
        assert_eq!(places.line(place(1, 0)).as_deref(), Some("b.mpc:7"));
        // No line, no instruction, no tape, nowhere.
        for nothing in [place(1, 1), place(1, 2), place(2, 0), u64::MAX] {
            assert_eq!(places.line(nothing), None);
        }
    }
}
