//! `--cost`: rounds and bytes of each line, before anything runs.

use std::collections::BTreeMap;

use caucus_compiler::interaction::{Interaction, Step};
use caucus_compiler::ir::Position;
use caucus_party::cost::{Cost, Facts, Price, Prices};
use caucus_party::registry::Row;

/// A line of the source: file and line.
type Place = (u32, u32);

/// What one line does.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Line {
    passes: u64,
    cost: Cost,
    /// It may be less.
    at_most: bool,
}

/// What is done so often as only the run decides; at first the program itself, which is done once.
#[derive(Clone, Default, PartialEq, Eq)]
struct Section {
    /// What to say of it.
    title: String,
    lines: BTreeMap<Place, Line>,
    cost: Cost,
}

/// The bill of a program.
struct Bill<'a> {
    prices: Prices,
    interaction: &'a Interaction,
    files: &'a [String],
    /// Sections whose number of passes is not known.
    open: Vec<Section>,
    /// Lines with instructions whose cost nobody can state.
    unknown: BTreeMap<Place, &'static str>,
}

/// The table for people, one line each; `None` if the protocol states no costs.
pub(crate) fn table(
    interaction: &Interaction,
    files: &[String],
    ring_bits: u32,
    row: &Row,
) -> Option<Vec<String>> {
    let prices = Prices::of(row, ring_bits)?;
    let (open, unknown) = (Vec::new(), BTreeMap::new());
    let mut bill = Bill { prices, interaction, files, open, unknown };
    let mut program = Section::default();
    bill.steps(&interaction.steps, 1, &mut program);
    Some(bill.told(&program, row.name))
}

impl Section {
    fn add(&mut self, place: Place, times: u64, cost: Cost, at_most: bool) {
        let line = self.lines.entry(place).or_default();
        line.passes = line.passes.saturating_add(times);
        line.cost += cost.times(times);
        line.at_most |= at_most;
        self.cost += cost.times(times);
    }

    /// What threads do at the same time: rounds are those of the one with most.
    fn add_parallel(&mut self, threads: &[Self]) {
        let beside = |a: Line, b: &Line| Line {
            passes: a.passes.saturating_add(b.passes),
            cost: a.cost.beside(b.cost),
            at_most: a.at_most || b.at_most,
        };
        let mut lines: BTreeMap<Place, Line> = BTreeMap::new();
        for (place, line) in threads.iter().flat_map(|thread| &thread.lines) {
            let joint = lines.entry(*place).or_default();
            *joint = beside(*joint, line);
        }
        for (place, line) in lines {
            let sum = self.lines.entry(place).or_default();
            sum.passes = sum.passes.saturating_add(line.passes);
            sum.cost += line.cost;
            sum.at_most |= line.at_most;
        }
        self.cost += threads.iter().fold(Cost::default(), |sum, thread| sum.beside(thread.cost));
    }
}

impl Bill<'_> {
    /// Adds steps that are done so many times in a section.
    fn steps(&mut self, steps: &[Step], times: u64, section: &mut Section) {
        for step in steps {
            match step {
                Step::Op(at, op) => {
                    let (lanes, number) =
                        (|reg| self.interaction.lanes(reg), |reg| self.interaction.number(reg));
                    let constants = &self.interaction.constants;
                    let facts = Facts { lanes: &lanes, number: &number, constants };
                    let place = (at.file, at.line);
                    match self.prices.price(op, &facts) {
                        // Local, such as drawing a permutation.
                        Price::Exactly(cost) if cost == Cost::default() => {}
                        Price::Exactly(cost) => section.add(place, times, cost, false),
                        Price::AtMost(cost) => section.add(place, times, cost, true),
                        Price::Unknown => drop(self.unknown.insert(place, op.mnemonic())),
                    }
                }
                Step::Repeat { passes: Some(passes), test, body, .. } => {
                    let bodies = times.saturating_mul(*passes);
                    self.steps(test, bodies.saturating_add(times), section);
                    self.steps(body, bodies, section);
                }
                Step::Repeat { position, passes: None, test, body, breaks } => {
                    self.steps(test, times, section);
                    let whole = if *breaks { "whole " } else { "" };
                    let further = if test.is_empty() { "" } else { " beyond the first test" };
                    let place = self.place((position.file, position.line));
                    let title = format!("for each {whole}pass of the loop at {place}{further}:");
                    self.open_section(title, &[test, body]);
                }
                Step::Either(position, [then, otherwise]) => {
                    self.branch(*position, [then, otherwise], times, section);
                }
                Step::Parallel(threads) => {
                    let mut all = Vec::new();
                    for steps in threads {
                        let mut thread = Section::default();
                        self.steps(steps, times, &mut thread);
                        all.push(thread);
                    }
                    section.add_parallel(&all);
                }
            }
        }
    }

    /// A section of its own. Threads and copies that do the same need not say so twice.
    fn open_section(&mut self, title: String, parts: &[&Vec<Step>]) {
        let mut inner = Section { title, ..Section::default() };
        let at = self.open.len();
        parts.iter().for_each(|steps| self.steps(steps, 1, &mut inner));
        if !inner.lines.is_empty() && !self.open.contains(&inner) {
            self.open.insert(at.min(self.open.len()), inner);
        }
    }

    fn branch(
        &mut self,
        position: Position,
        [then, otherwise]: [&Vec<Step>; 2],
        times: u64,
        section: &mut Section,
    ) {
        if then == otherwise {
            return self.steps(then, times, section);
        }
        let place = self.place((position.file, position.line));
        self.open_section(format!("if the condition at {place} is true, each time:"), &[then]);
        let title = format!("if the condition at {place} is false, each time:");
        self.open_section(title, &[otherwise]);
    }

    fn place(&self, (file, line): Place) -> String {
        match self.files.get(file as usize) {
            Some(file) if line > 0 => format!("{file}:{line}"),
            _ => "elsewhere".to_owned(),
        }
    }

    fn told(&self, program: &Section, protocol: &str) -> Vec<String> {
        let sections = || std::iter::once(program).chain(&self.open);
        let places = sections().flat_map(|section| section.lines.keys());
        let width = places.map(|place| self.place(*place).len()).max().unwrap_or(0).max(8);
        let row = |place: &str, passes: &str, rounds: &str, bytes: &str| {
            format!("{place:<width$} {passes:>12} {rounds:>12} {bytes:>16}")
        };
        let number = |value: u64, at_most: bool| match at_most {
            true => format!("<={value}"),
            false => value.to_string(),
        };
        let mut told = vec![
            format!("cost under `{protocol}`, with the bytes that all parties send:"),
            row("line", "passes", "rounds", "bytes"),
        ];
        for (idx, section) in sections().enumerate() {
            if idx > 0 {
                told.push(section.title.clone());
            }
            for (place, line) in &section.lines {
                let passes = if idx > 0 { "per pass" } else { &line.passes.to_string() };
                let rounds = number(line.cost.rounds, line.at_most);
                let bytes = number(line.cost.bytes, line.at_most);
                told.push(row(&self.place(*place), passes, &rounds, &bytes));
            }
            let at_most = section.lines.values().any(|line| line.at_most);
            let rounds = number(section.cost.rounds, at_most);
            if idx == 0 {
                let setup = self.prices.setup.bytes;
                told.push(row("set-up", "", "-", &setup.to_string()));
                let bytes = section.cost.bytes.saturating_add(setup);
                told.push(row("total", "", &rounds, &number(bytes, at_most)));
            } else if section.lines.len() > 1 {
                told.push(row(
                    "together",
                    "per pass",
                    &rounds,
                    &number(section.cost.bytes, at_most),
                ));
            }
        }
        for (place, name) in &self.unknown {
            let place = self.place(*place);
            let decides = match *name {
                "nodesorts" | "nodeshuffles" => "the number of workers that are there decides",
                _ => "clients or files decide",
            };
            told.push(format!("{place}: `{name}` is not counted: {decides} what it costs"));
        }
        told
    }
}
