//! `--cost`: rounds and bytes of each line, before anything runs.

use std::collections::BTreeMap;

use caucus_compiler::interaction::{Step, Work};
use caucus_party::cost::{Cost, Operation, Rounding, of, setup};
use caucus_party::registry::Row;

/// What a line costs in all its passes.
#[derive(Clone, Copy, Default)]
struct Line {
    times: u64,
    cost: Cost,
}

/// The bill of a program.
struct Bill<'a> {
    row: &'static Row,
    ring_bits: u32,
    files: &'a [String],
    lines: BTreeMap<(u32, u32), Line>,
    /// Places whose passes are known at run time only, and why.
    open: BTreeMap<(u32, u32), &'static str>,
    /// Instructions whose cost nobody states, with their places.
    unknown: BTreeMap<(u32, u32), &'static str>,
}

/// The table for people, one line each; `None` if the protocol states no costs.
pub(crate) fn table(
    course: &[Step],
    files: &[String],
    ring_bits: u32,
    row: &'static Row,
) -> Option<Vec<String>> {
    let setup = setup(row, ring_bits)?;
    let mut bill = Bill {
        row,
        ring_bits,
        files,
        lines: BTreeMap::new(),
        open: BTreeMap::new(),
        unknown: BTreeMap::new(),
    };
    let total = bill.steps(course, 1);
    Some(bill.told(total, setup))
}

impl Bill<'_> {
    /// Adds steps that run so often; gives what one pass costs.
    fn steps(&mut self, steps: &[Step], times: u64) -> Cost {
        let mut sum = Cost::default();
        for step in steps {
            match step {
                Step::Work(at, work) => {
                    let at = (at.file, at.line);
                    let Some(cost) = self.cost(at, work) else { continue };
                    let line = self.lines.entry(at).or_default();
                    line.times = line.times.saturating_add(times);
                    line.cost += scaled(cost, times);
                    sum += cost;
                }
                Step::Repeat(at, passes, body) => {
                    let passes = passes.unwrap_or_else(|| {
                        self.open.insert((at.file, at.line), "one pass of this loop");
                        1
                    });
                    let body = self.steps(body, times.saturating_mul(passes));
                    sum += scaled(body, passes);
                }
                Step::Either(at, then, otherwise) => {
                    self.open.insert((at.file, at.line), "both parts of this branch");
                    let both = [then, otherwise].map(|part| self.steps(part, times));
                    both.into_iter().for_each(|part| sum += part);
                }
                Step::Parallel(threads) => {
                    let threads: Vec<_> =
                        threads.iter().map(|steps| self.steps(steps, times)).collect();
                    sum += Cost {
                        rounds: threads.iter().map(|cost| cost.rounds).max().unwrap_or(0),
                        bytes: threads.iter().map(|cost| cost.bytes).sum(),
                    };
                }
            }
        }
        sum
    }

    fn cost(&mut self, at: (u32, u32), work: &Work) -> Option<Cost> {
        let operation = match *work {
            Work::Multiply(lanes) => Operation::Multiply { lanes },
            Work::Open(lanes) => Operation::Open { lanes },
            Work::OpenTo(lanes) => Operation::OpenTo { lanes },
            Work::Input(lanes) => Operation::Input { lanes },
            Work::LessThanZero(lanes, bits) => Operation::LessThanZero { lanes, bits },
            Work::EqualZero(lanes, bits) => Operation::EqualZero { lanes, bits },
            Work::Decompose(lanes, bits) => Operation::Decompose { lanes, bits },
            Work::Truncate(lanes, shift, bits, rounding) => {
                let rounding = match rounding {
                    caucus_bytecode::operand::Rounding::Floor => Rounding::Floor,
                    caucus_bytecode::operand::Rounding::Nearest => Rounding::Nearest,
                    caucus_bytecode::operand::Rounding::Probabilistic => Rounding::Probabilistic,
                };
                Operation::Truncate { lanes, shift, bits, rounding }
            }
            Work::Other(name) => {
                self.unknown.insert(at, name);
                return None;
            }
        };
        of(self.row, self.ring_bits, &operation)
    }

    fn place(&self, (file, line): (u32, u32)) -> String {
        match self.files.get(file as usize) {
            Some(file) if line > 0 => format!("{file}:{line}"),
            _ => "elsewhere".to_owned(),
        }
    }

    fn told(&self, total: Cost, setup: Cost) -> Vec<String> {
        let places: Vec<_> = self.lines.keys().map(|at| self.place(*at)).collect();
        let width = places.iter().map(String::len).max().unwrap_or(0).max(8);
        let row = |place: &str, times: &str, rounds: &str, bytes: &str| {
            format!("{place:<width$} {times:>12} {rounds:>12} {bytes:>16}")
        };
        let mut told = vec![
            format!("cost under `{}`, bytes of all parties together, before anything runs:", self.row.name),
            row("line", "times", "rounds", "bytes"),
        ];
        for (place, line) in places.iter().zip(self.lines.values()) {
            let Line { times, cost } = line;
            told.push(row(
                place,
                &times.to_string(),
                &cost.rounds.to_string(),
                &cost.bytes.to_string(),
            ));
        }
        told.push(row("set-up", "1", &setup.rounds.to_string(), &setup.bytes.to_string()));
        let bytes = total.bytes.saturating_add(setup.bytes);
        told.push(row("total", "", &total.rounds.to_string(), &bytes.to_string()));
        for (at, what) in &self.open {
            told.push(format!("{}: {what} counted, × n at run time", self.place(*at)));
        }
        for (at, name) in &self.unknown {
            told.push(format!("{}: no cost is stated for `{name}`: not counted", self.place(*at)));
        }
        told
    }
}

fn scaled(cost: Cost, times: u64) -> Cost {
    Cost { rounds: cost.rounds.saturating_mul(times), bytes: cost.bytes.saturating_mul(times) }
}
