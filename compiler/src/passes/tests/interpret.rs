//! A tiny machine for the intermediate representation: one party that sees everything.

mod bits;

use std::collections::HashMap;

use caucus_bytecode::op::Effect;
use caucus_bytecode::operand::{Comparison, ConstRef, Level, Part, Places, PublicOp, Window};
use caucus_bytecode::{ArrayRef, Op};

use crate::ir::{Block, Class, Module, Node, Reg};
use crate::passes::fold::evaluate;
use crate::passes::ops::{Address, MemoryOp};

/// What a program leaves behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) arrays: Vec<Vec<i64>>,
    pub(super) output: Vec<String>,
    /// How many instructions took a round.
    pub(super) rounds: u64,
}

/// What a chunk finds in elements that were not sent to it.
const POISON: i64 = 0x6a09_e667_f3bc_c908;

struct Machine<'a> {
    module: &'a Module,
    outcome: Outcome,
    inputs: HashMap<i64, i64>,
    steps: u64,
}

type Regs = HashMap<Reg, Vec<i64>>;

enum Flow {
    Next,
    Break,
}

/// Runs the main tape; an error is one that the program would see at run time.
pub(super) fn interpret(module: &Module) -> Result<Outcome, String> {
    let arrays = module.arrays.iter().map(|it| vec![0; it.len as usize]).collect();
    let outcome = Outcome { arrays, ..Outcome::default() };
    let mut machine = Machine { module, outcome, inputs: HashMap::new(), steps: 0 };
    machine.block(&module.tapes[0].body, &mut Regs::new())?;
    Ok(machine.outcome)
}

fn int(index: u32) -> Reg {
    Reg { class: Class::Int, index }
}

/// The values of a strided pattern.
fn pattern(base: i64, levels: &[Level]) -> Vec<i64> {
    let mut all = vec![base];
    for level in levels {
        all = all
            .into_iter()
            .flat_map(|at| {
                (0..level.count as i64).map(move |k| at.wrapping_add(k.wrapping_mul(level.stride)))
            })
            .collect();
    }
    all
}

fn public(op: PublicOp, a: i64, b: i64) -> Result<i64, String> {
    let (x, y) = (a as u64, b as u64);
    let shift = u32::try_from(y).ok().filter(|shift| *shift < 64);
    Ok(match op {
        PublicOp::Add => a.wrapping_add(b),
        PublicOp::Sub => a.wrapping_sub(b),
        PublicOp::Mul => a.wrapping_mul(b),
        PublicOp::Div if b != 0 => a.wrapping_div(b),
        PublicOp::Mod if b != 0 => (x % y) as i64,
        PublicOp::Div | PublicOp::Mod => return Err("division by zero".into()),
        PublicOp::Shl => shift.map_or(0, |by| (x << by) as i64),
        PublicOp::Shr => shift.map_or(0, |by| (x >> by) as i64),
        PublicOp::And => a & b,
        PublicOp::Or => a | b,
        PublicOp::Xor => a ^ b,
    })
}

fn compare(op: Comparison, a: i64, b: i64) -> i64 {
    i64::from(match op {
        Comparison::Lt => a < b,
        Comparison::Le => a <= b,
        Comparison::Eq => a == b,
        Comparison::Ne => a != b,
    })
}

impl Machine<'_> {
    fn block(&mut self, block: &Block, regs: &mut Regs) -> Result<Flow, String> {
        for stmt in &block.stmts {
            if let Flow::Break = self.node(&stmt.node, regs)? {
                return Ok(Flow::Break);
            }
        }
        Ok(Flow::Next)
    }

    fn node(&mut self, node: &Node, regs: &mut Regs) -> Result<Flow, String> {
        match node {
            Node::Op(op) => self.op(op, regs)?,
            Node::Array(array) => self.outcome.arrays[*array as usize].fill(0),
            Node::Break => return Ok(Flow::Break),
            Node::If { condition, then, otherwise } => {
                let taken = if regs[&int(*condition)][0] != 0 { then } else { otherwise };
                return self.block(taken, regs);
            }
            Node::While { test, condition, body } => loop {
                self.block(test, regs)?;
                if regs[&int(*condition)][0] == 0 {
                    break;
                }
                if let Flow::Break = self.block(body, regs)? {
                    break;
                }
            },
            Node::Loop(it) => {
                let stop = regs[&int(it.stop)][0];
                let mut at = regs[&int(it.start)][0];
                while if it.step > 0 { at < stop } else { at > stop } {
                    regs.insert(int(it.index), vec![at]);
                    if let Flow::Break = self.block(&it.body, regs)? {
                        break;
                    }
                    at = regs[&int(it.index)][0] + it.step;
                }
            }
        }
        Ok(Flow::Next)
    }

    fn op(&mut self, op: &Op, regs: &mut Regs) -> Result<(), String> {
        self.steps += 1;
        assert!(self.steps < 10_000_000, "runs for too long");
        let module = self.module;
        let lanes = |reg: Reg| module.regs.lanes(reg) as usize;
        let get = |regs: &Regs, reg: Reg| -> Vec<i64> {
            let value = regs.get(&reg).cloned();
            value.unwrap_or_else(|| panic!("{reg} is read before it is written, by {op}"))
        };
        let wide = |regs: &Regs, reg: Reg, lanes: usize| -> Vec<i64> {
            let value = get(regs, reg);
            if value.len() == 1 { vec![value[0]; lanes] } else { value }
        };
        let zip = |regs: &Regs, dst: Reg, a: Reg, b: Reg, f: &dyn Fn(i64, i64) -> i64| {
            let (a, b) = (wide(regs, a, lanes(dst)), wide(regs, b, lanes(dst)));
            assert_eq!(a.len(), lanes(dst));
            a.iter().zip(&b).map(|(a, b)| f(*a, *b)).collect::<Vec<i64>>()
        };
        if let Some(access) = MemoryOp::of(op) {
            return self.memory(&access, regs);
        }
        let blocks = |values: &[i64], count: usize| -> Vec<i64> {
            if count == 0 {
                return Vec::new();
            }
            let size = values.len() / count;
            let sum = |block: &[i64]| block.iter().fold(0i64, |sum, it| sum.wrapping_add(*it));
            (0..count).map(|k| sum(&values[k * size..][..size])).collect()
        };
        let mut results: Vec<(Reg, Vec<i64>)> = Vec::new();
        match op {
            Op::LoadInt { dst, value } => {
                results.push((dst.reg(), vec![*value; lanes(dst.reg())]));
            }
            Op::LoadInts { dst, values } => results.push((dst.reg(), values.clone())),
            Op::LoadPublic { dst, value } => {
                results.push((dst.reg(), vec![constant(module, *value); lanes(dst.reg())]));
            }
            Op::MoveS { .. }
            | Op::MoveC { .. }
            | Op::MoveI { .. }
            | Op::PublicFromInt { .. }
            | Op::IntFromPublic { .. }
            | Op::SecretFromPublic { .. } => {
                let registers = op.registers();
                let (dst, src) = (registers[0].0, registers[1].0);
                results.push((dst, wide(regs, src, lanes(dst))));
            }
            Op::PickS { offset, levels, .. }
            | Op::PickC { offset, levels, .. }
            | Op::PickI { offset, levels, .. } => {
                let registers = op.registers();
                let src = get(regs, registers[1].0);
                let picked = pattern(*offset, levels).into_iter().map(|at| src[at as usize]);
                results.push((registers[0].0, picked.collect()));
            }
            Op::ConcatS { .. } | Op::ConcatC { .. } | Op::ConcatI { .. } => {
                let registers = op.registers();
                let joined = registers[1..].iter().flat_map(|(reg, _)| get(regs, *reg));
                results.push((registers[0].0, joined.collect()));
            }
            Op::IotaI { dst, base, levels } => {
                results.push((dst.reg(), pattern(get(regs, base.reg())[0], levels)));
            }
            Op::AddS { .. } | Op::AddSC { .. } => {
                let it = op.registers();
                results.push((it[0].0, zip(regs, it[0].0, it[1].0, it[2].0, &i64::wrapping_add)));
            }
            Op::SubS { .. } | Op::SubSC { .. } | Op::SubCS { .. } => {
                let it = op.registers();
                results.push((it[0].0, zip(regs, it[0].0, it[1].0, it[2].0, &i64::wrapping_sub)));
            }
            Op::MulSC { dst, a, b } => {
                let product = zip(regs, dst.reg(), a.reg(), b.reg(), &i64::wrapping_mul);
                results.push((dst.reg(), product));
            }
            Op::SumS { .. } | Op::SumC { .. } | Op::SumI { .. } => {
                let it = op.registers();
                results.push((it[0].0, blocks(&get(regs, it[1].0), lanes(it[0].0))));
            }
            Op::MulS { products } => {
                self.outcome.rounds += 1;
                for (dst, a, b) in products {
                    let product = zip(regs, dst.reg(), a.reg(), b.reg(), &i64::wrapping_mul);
                    results.push((dst.reg(), product));
                }
            }
            Op::DotS { products } => {
                self.outcome.rounds += 1;
                for (dst, a, b) in products {
                    let (a, b) = (get(regs, a.reg()), get(regs, b.reg()));
                    let all: Vec<_> = a.iter().zip(&b).map(|(a, b)| a.wrapping_mul(*b)).collect();
                    results.push((dst.reg(), blocks(&all, lanes(dst.reg()))));
                }
            }
            Op::MatMulS { dst, a, b, rows, inner, cols } => {
                self.outcome.rounds += 1;
                let (a, b) = (get(regs, a.reg()), get(regs, b.reg()));
                let mut product = Vec::new();
                for row in 0..*rows {
                    for col in 0..*cols {
                        product.push((0..*inner).fold(0i64, |sum, k| {
                            let (x, y) =
                                (a[(row * inner + k) as usize], b[(k * cols + col) as usize]);
                            sum.wrapping_add(x.wrapping_mul(y))
                        }));
                    }
                }
                results.push((dst.reg(), product));
            }
            Op::LessThanZeroS { tests } | Op::EqualZeroS { tests } => {
                self.outcome.rounds += 1;
                let sign = matches!(op, Op::LessThanZeroS { .. });
                for (dst, src, bits) in tests {
                    let test = |value: i64, _| {
                        let low = value << (64 - bits);
                        i64::from(if sign { low < 0 } else { low == 0 })
                    };
                    results.push((dst.reg(), zip(regs, dst.reg(), src.reg(), src.reg(), &test)));
                }
            }
            Op::DecomposeS { parts } => {
                self.outcome.rounds += 1;
                for (dst, src, bits) in parts {
                    let src = get(regs, src.reg());
                    let rows = (0..*bits).flat_map(|bit| src.iter().map(move |it| it >> bit & 1));
                    results.push((dst.reg(), rows.collect()));
                }
            }
            Op::WeighS { sums } => {
                self.outcome.rounds += 1;
                for (dst, src, bits, places, weights) in sums {
                    let src = get(regs, src.reg());
                    let mut rows = Vec::new();
                    for weights in weights.chunks_exact(*bits as usize) {
                        rows.extend(src.iter().map(|value| {
                            let set = places_of(*value, *bits, *places);
                            let weight = |place: usize| constant(module, weights[place]);
                            set.into_iter().map(weight).fold(0, i64::wrapping_add)
                        }));
                    }
                    results.push((dst.reg(), rows));
                }
            }
            Op::TruncateS { shifts } => {
                self.outcome.rounds += 1;
                for (dst, src, shift, bits, _) in shifts {
                    let quotient = |value: i64, _| value << (64 - bits) >> (64 - bits + shift);
                    let res = zip(regs, dst.reg(), src.reg(), src.reg(), &quotient);
                    results.push((dst.reg(), res));
                }
            }
            Op::OpenS { openings } => {
                self.outcome.rounds += 1;
                for (dst, src) in openings {
                    results.push((dst.reg(), get(regs, src.reg())));
                }
            }
            Op::OpenToS { dst, src, .. } => results.push((dst.reg(), get(regs, src.reg()))),
            Op::InputS { inputs } => {
                self.outcome.rounds += 1;
                for (dst, player, bits) in inputs {
                    let player = get(regs, player.reg())[0];
                    let next = self.inputs.entry(player).or_insert(player * 1000);
                    let mut values = Vec::new();
                    for _ in 0..lanes(dst.reg()) {
                        *next += 1;
                        values.push(*next << bits);
                    }
                    results.push((dst.reg(), values));
                }
            }
            Op::PublicBinary { op, dst, a, b } => {
                let (a, b) =
                    (wide(regs, a.reg(), lanes(dst.reg())), wide(regs, b.reg(), lanes(dst.reg())));
                let all = a.iter().zip(&b).map(|(a, b)| public(*op, *a, *b));
                results.push((dst.reg(), all.collect::<Result<_, _>>()?));
            }
            Op::ComparePublic { op, dst, a, b } => {
                let f = |a, b| compare(*op, a, b);
                results.push((dst.reg(), zip(regs, dst.reg(), a.reg(), b.reg(), &f)));
            }
            Op::IntBinary { op, dst, a, b } => {
                let (a, b) =
                    (wide(regs, a.reg(), lanes(dst.reg())), wide(regs, b.reg(), lanes(dst.reg())));
                let all = a.iter().zip(&b).map(|(a, b)| evaluate(*op, *a, *b));
                results.push((dst.reg(), all.collect::<Option<_>>().ok_or("arithmetic")?));
            }
            Op::Threads { jobs } => {
                for (tape, args) in jobs {
                    let tape = &module.tapes[tape.0 as usize];
                    let values = args.iter().map(|arg| get(regs, arg.reg()));
                    let mut own: Regs =
                        tape.params.iter().map(|param| int(*param)).zip(values).collect();
                    self.block(&tape.body, &mut own)?;
                }
            }
            Op::Nodes { jobs } => {
                let planned = jobs.iter().any(|(_, _, _, windows)| !windows.is_empty());
                for (tape, first, count, windows) in jobs {
                    let tape = &module.tapes[tape.0 as usize];
                    // In the order that the program must not depend on.
                    for chunk in (*first..first + count).rev() {
                        let mut own = Regs::from([(int(tape.params[0]), vec![chunk])]);
                        let away = planned.then(|| self.send(windows, chunk));
                        self.block(&tape.body, &mut own)?;
                        if let Some(main) = away {
                            self.fetch(windows, chunk, main);
                        }
                    }
                }
            }
            Op::Print { condition, parts, .. } => {
                if condition.is_none_or(|it| get(regs, it.reg())[0] != 0) {
                    let shown = parts.iter().map(|part| match part {
                        Part::Text(text) => module.texts[text.0 as usize].clone(),
                        Part::Int(reg) => format!("{:?}", get(regs, reg.reg())),
                        Part::Public(reg) | Part::Fixed { src: reg, .. } | Part::Hex(reg) => {
                            format!("{:?}", get(regs, reg.reg()))
                        }
                        Part::Share(reg) => format!("{:?}", get(regs, reg.reg())),
                    });
                    self.outcome.output.push(shown.collect());
                }
            }
            Op::Fail { condition, .. } => {
                if get(regs, condition.reg()).iter().any(|it| *it != 0) {
                    return Err("the program fails".into());
                }
            }
            Op::InputB { inputs } => {
                self.outcome.rounds += 1;
                for (dst, player, bits, _) in inputs {
                    let player = get(regs, player.reg())[0];
                    let next = self.inputs.entry(player).or_insert(player * 1000);
                    let numbers = lanes(dst.reg()) as i64 / bits;
                    let values: Vec<i64> = (1..=numbers).map(|k| *next + k).collect();
                    *next += numbers;
                    results.push((dst.reg(), bits::rows(&values, *bits)));
                }
            }
            other => {
                self.outcome.rounds += u64::from(other.effect() == Effect::Round);
                results = bits::results(other, &|reg| get(regs, reg), &lanes);
            }
        }
        for (reg, value) in results {
            assert_eq!(value.len(), lanes(reg), "{op}");
            regs.insert(reg, value);
        }
        Ok(())
    }

    /// Lets a chunk see only the elements that its windows send; gives what the main node has.
    fn send(&mut self, windows: &[Window], chunk: i64) -> Vec<Vec<i64>> {
        let main = self.outcome.arrays.clone();
        for (number, array) in self.outcome.arrays.iter_mut().enumerate() {
            if self.module.arrays[number].tape == 0 {
                array.fill(POISON);
            }
        }
        for window in windows.iter().filter(|it| it.is_sent()) {
            let (number, places) = places(window, chunk);
            self.outcome.arrays[number][places.clone()].copy_from_slice(&main[number][places]);
        }
        main
    }

    /// What the windows bring back goes to the main node's arrays.
    fn fetch(&mut self, windows: &[Window], chunk: i64, main: Vec<Vec<i64>>) {
        let chunks = std::mem::replace(&mut self.outcome.arrays, main);
        for window in windows.iter().filter(|it| it.is_written()) {
            let (number, places) = places(window, chunk);
            self.outcome.arrays[number][places.clone()].copy_from_slice(&chunks[number][places]);
        }
    }

    fn memory(&mut self, access: &MemoryOp, regs: &mut Regs) -> Result<(), String> {
        let places = match &access.address {
            Address::Strided { base, levels } => pattern(regs[&int(*base)][0], levels),
            Address::Indexed { index } => regs[&int(*index)].clone(),
        };
        let array = &mut self.outcome.arrays[access.array as usize];
        let inside = |at: &i64| usize::try_from(*at).ok().filter(|at| *at < array.len());
        let places: Option<Vec<usize>> = places.iter().map(inside).collect();
        let places = places.ok_or("an index is out of range")?;
        if access.write {
            let values = &regs[&access.reg()];
            for (lane, at) in places.into_iter().enumerate() {
                array[at] = if values.len() == 1 { values[0] } else { values[lane] };
            }
        } else {
            regs.insert(access.reg(), places.into_iter().map(|at| array[at]).collect());
        }
        Ok(())
    }
}

/// The number of a window's array, and its elements.
fn places(window: &Window, chunk: i64) -> (usize, std::ops::Range<usize>) {
    let ArrayRef::Global(number) = window.array else { panic!("a window of a local array") };
    let start = usize::try_from(window.start(chunk).unwrap()).unwrap();
    (number as usize, start..start + window.len as usize)
}

fn constant(module: &Module, value: ConstRef) -> i64 {
    module.constants[value.0 as usize].to_string().parse().unwrap()
}

/// Which of the weights count.
fn places_of(value: i64, bits: i64, places: Places) -> Vec<usize> {
    let value = value << (64 - bits) >> (64 - bits);
    let is_set = |place: &usize| match places {
        Places::Each => value >> place & 1 == 1,
        Places::Leading if *place + 1 == bits as usize => value < 0,
        Places::Leading if value < 0 => (!value | 1) >> place == 1,
        Places::Leading => value >> place == 1,
    };
    (0..bits as usize).filter(is_set).collect()
}
