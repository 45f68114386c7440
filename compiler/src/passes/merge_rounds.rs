//! Independent interactive instructions of a straight stretch of code become one instruction with
//! many operands, which takes one round.
//!
//! Each instruction has a depth: the number of rounds that its operands need. Interactive
//! instructions of one kind and depth are merged; everything else comes between, as early as its
//! operands allow, in the order of the program.

mod dependencies;
mod registers;

use caucus_bytecode::Op;
use caucus_bytecode::op::Effect;

use self::dependencies::{Before, Dependencies};
use self::registers::Registers;
use crate::ir::{Block, Module, Node, Position, Stmt};

/// Merges rounds in all blocks. `preserve_order` keeps the order of all accesses to an array.
pub(super) fn merge_rounds(module: &mut Module, preserve_order: bool) {
    let Module { tapes, regs, .. } = module;
    let mut merger = Merger { regs, preserve_order, accesses: Registers::default() };
    for tape in tapes {
        merge_block(&mut tape.body, &mut merger);
    }
}

struct Merger<'a> {
    regs: &'a crate::ir::Regs,
    preserve_order: bool,
    accesses: Registers,
}

type Line = (Position, Op);

fn merge_block(block: &mut Block, merger: &mut Merger<'_>) {
    let mut res = Vec::with_capacity(block.stmts.len());
    let mut stretch: Vec<Line> = Vec::new();
    for mut stmt in std::mem::take(&mut block.stmts) {
        match &mut stmt.node {
            Node::Op(op) if !ends_stretch(op) => {
                let Node::Op(op) = stmt.node else { continue };
                stretch.push((stmt.position, op));
                continue;
            }
            // Where an array begins does not matter as long as it is before its accesses.
            Node::Array(_) => {
                res.push(stmt);
                continue;
            }
            Node::Op(_) | Node::Break => {}
            Node::Loop(it) => merge_block(&mut it.body, merger),
            Node::If { then, otherwise, .. } => {
                merge_block(then, merger);
                merge_block(otherwise, merger);
            }
            Node::While { test, body, .. } => {
                merge_block(test, merger);
                merge_block(body, merger);
            }
        }
        flush(&mut stretch, merger, &mut res);
        res.push(stmt);
    }
    flush(&mut stretch, merger, &mut res);
    block.stmts = res;
}

/// Whether nothing moves across an instruction: control flow, timers, which measure what stands
/// between them, and checkpoints, which keep what is done before them and nothing else.
fn ends_stretch(op: &Op) -> bool {
    op.effect() == Effect::Control
        || matches!(
            op,
            Op::TimerStart { .. } | Op::TimerStop { .. } | Op::Check {} | Op::Checkpoint {}
        )
}

fn flush(stretch: &mut Vec<Line>, merger: &mut Merger<'_>, out: &mut Vec<Stmt>) {
    let lines = std::mem::take(stretch);
    let lines = if can_gain(&lines) { schedule(lines, merger) } else { lines };
    out.extend(lines.into_iter().map(|(position, op)| Stmt { position, node: Node::Op(op) }));
}

/// The kinds of instructions that take many operands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Input,
    InputOwn,
    Mul,
    Dot,
    LessThanZero,
    EqualZero,
    Decompose,
    Truncate,
    Weigh,
    Open,
    And,
    OpenBits,
    BitsFromSecret,
    SecretFromBits,
    InputBits,
}

fn kind(op: &Op) -> Option<Kind> {
    match op {
        Op::InputS { .. } => Some(Kind::Input),
        Op::InputOwnS { .. } => Some(Kind::InputOwn),
        Op::MulS { .. } => Some(Kind::Mul),
        Op::DotS { .. } => Some(Kind::Dot),
        Op::LessThanZeroS { .. } => Some(Kind::LessThanZero),
        Op::EqualZeroS { .. } => Some(Kind::EqualZero),
        Op::DecomposeS { .. } => Some(Kind::Decompose),
        Op::TruncateS { .. } => Some(Kind::Truncate),
        Op::WeighS { .. } => Some(Kind::Weigh),
        Op::OpenS { .. } => Some(Kind::Open),
        Op::AndB { .. } => Some(Kind::And),
        Op::OpenB { .. } => Some(Kind::OpenBits),
        Op::BitsFromSecret { .. } => Some(Kind::BitsFromSecret),
        Op::SecretFromBits { .. } => Some(Kind::SecretFromBits),
        Op::InputB { .. } => Some(Kind::InputBits),
        _ => None,
    }
}

/// Whether it takes a round, so that its results have a greater depth.
fn is_round(op: &Op) -> bool {
    matches!(op.effect(), Effect::Round | Effect::Input)
}

fn can_gain(lines: &[Line]) -> bool {
    let mut seen = Vec::new();
    lines.iter().filter_map(|(_, op)| kind(op)).any(|kind| {
        let again = seen.contains(&kind);
        seen.push(kind);
        again
    })
}

fn schedule(lines: Vec<Line>, merger: &mut Merger<'_>) -> Vec<Line> {
    let mut dependencies =
        Dependencies::new(merger.regs, merger.preserve_order, &mut merger.accesses);
    let mut depths: Vec<usize> = Vec::with_capacity(lines.len());
    let mut before = Before::default();
    for (at, (_, op)) in lines.iter().enumerate() {
        dependencies.add(at, op, &mut before);
        let strict =
            before.strict.iter().map(|at| depths[*at] + usize::from(is_round(&lines[*at].1)));
        let loose = before.loose.iter().map(|at| depths[*at]);
        depths.push(strict.chain(loose).max().unwrap_or(0));
    }
    // Of each depth what is local comes first, then its rounds; else the order stays.
    let place = |at: usize| 2 * depths[at] + usize::from(is_round(&lines[at].1));
    let places: Vec<usize> = (0..lines.len()).map(place).collect();
    let order = in_order(&places);
    let mut lines: Vec<Option<Line>> = lines.into_iter().map(Some).collect();
    let mut merged: Vec<Line> = Vec::with_capacity(lines.len());
    let (mut last, mut first_round) = (0, 0);
    for at in order {
        let place = places[at];
        let (position, op) = lines[at].take().expect("each line has one place");
        if place != last {
            (last, first_round) = (place, merged.len());
        }
        let kind_of_round = if place % 2 == 1 { kind(&op) } else { None };
        let same = kind_of_round.and_then(|wanted| {
            merged[first_round..].iter_mut().find(|(_, other)| kind(other) == Some(wanted))
        });
        match same {
            Some((_, other)) => join(other, op),
            None => merged.push((position, op)),
        }
    }
    merged
}

/// The instructions by their places, those of one place as they came.
fn in_order(places: &[usize]) -> Vec<usize> {
    // Places are below twice the number of rounds: what comes before each can be counted.
    let mut starts = vec![0; places.iter().max().map_or(0, |last| last + 2)];
    for place in places {
        starts[place + 1] += 1;
    }
    for place in 1..starts.len() {
        starts[place] += starts[place - 1];
    }
    let mut order = vec![0; places.len()];
    for (at, place) in places.iter().enumerate() {
        order[starts[*place]] = at;
        starts[*place] += 1;
    }
    order
}

/// Adds the operands of an instruction to another one of the same kind.
fn join(merged: &mut Op, op: Op) {
    match (merged, op) {
        (Op::MulS { products }, Op::MulS { products: more })
        | (Op::DotS { products }, Op::DotS { products: more }) => products.extend(more),
        (Op::LessThanZeroS { tests }, Op::LessThanZeroS { tests: more })
        | (Op::EqualZeroS { tests }, Op::EqualZeroS { tests: more })
        | (Op::DecomposeS { parts: tests }, Op::DecomposeS { parts: more }) => tests.extend(more),
        (Op::TruncateS { shifts }, Op::TruncateS { shifts: more }) => shifts.extend(more),
        (Op::WeighS { sums }, Op::WeighS { sums: more }) => sums.extend(more),
        (Op::OpenS { openings }, Op::OpenS { openings: more }) => openings.extend(more),
        (Op::InputS { inputs }, Op::InputS { inputs: more }) => inputs.extend(more),
        (Op::InputOwnS { inputs }, Op::InputOwnS { inputs: more }) => inputs.extend(more),
        (Op::AndB { products }, Op::AndB { products: more }) => products.extend(more),
        (Op::OpenB { openings }, Op::OpenB { openings: more }) => openings.extend(more),
        (Op::BitsFromSecret { parts }, Op::BitsFromSecret { parts: more }) => parts.extend(more),
        (Op::SecretFromBits { parts }, Op::SecretFromBits { parts: more }) => parts.extend(more),
        (Op::InputB { inputs }, Op::InputB { inputs: more }) => inputs.extend(more),
        (_, op) => unreachable!("{op} has another kind"),
    }
}
