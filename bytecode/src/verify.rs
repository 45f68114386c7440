//! The verifier: after it, register numbers, lanes, types, tables and jump targets are right by
//! construction. What remains for run time are array bounds that depend on run-time values.

use crate::op::Op;
use crate::operand::*;
use crate::program::{Program, Tape};

mod bits;
mod nodes;

/// Largest number of lanes of a register.
pub const MAX_LANES: u64 = 1 << 31;
/// Largest number of elements of an array.
pub const MAX_ARRAY: u64 = 1 << 40;
/// Largest number of registers of a class in a tape.
pub const MAX_REGISTERS: usize = 1 << 24;
/// Largest number of significant digits of a printed number.
pub const MAX_DIGITS: u32 = 1000;

/// Most bits that fixed-point numbers say they have; how many there are is up to the ring.
const MAX_TOTAL: i64 = 1 << 16;

/// Why a program must not run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid bytecode in tape {tape}{}: {what}", at.map_or(String::new(), |at| format!(", instruction {at}")))]
pub struct VerifyError {
    /// Index of the tape.
    pub tape: usize,
    /// Index of the instruction, if it is about one.
    pub at: Option<usize>,
    /// What is wrong.
    pub what: String,
}

/// Checks the whole program.
///
/// # Errors
/// The first fault found.
pub fn verify(program: &Program) -> Result<(), VerifyError> {
    if program.tapes.is_empty() {
        return Err(VerifyError { tape: 0, at: None, what: "there is no main tape".into() });
    }
    let chunks = nodes::chunk_tapes(program);
    for (index, tape) in program.tapes.iter().enumerate() {
        let fail = |at, what| VerifyError { tape: index, at, what };
        check_tape(program, tape, index).map_err(|what| fail(None, what))?;
        for (at, op) in tape.ops.iter().enumerate() {
            Checker { program, tape, main: index == 0, role: chunks.role(index) }
                .check(op)
                .map_err(|what| fail(Some(at), what))?;
        }
    }
    Ok(())
}

fn check_tape(program: &Program, tape: &Tape, index: usize) -> Result<(), String> {
    if tape.positions.len() != tape.ops.len() {
        return Err("the source map has another length than the instructions".into());
    }
    for lanes in &tape.lanes {
        if lanes.len() > MAX_REGISTERS || lanes.iter().any(|lanes| *lanes > MAX_LANES) {
            return Err("too many registers or lanes".into());
        }
    }
    for array in program.arrays.iter().chain(&tape.arrays) {
        if array.class().is_none() || array.len > MAX_ARRAY {
            return Err("an array has no valid type or length".into());
        }
    }
    for param in &tape.params {
        if tape.lanes[Class::Int.index()].get(*param as usize) != Some(&1) {
            return Err(format!("parameter i{param} is not an integer register of one lane"));
        }
    }
    if index == 0 && !tape.params.is_empty() {
        return Err("the main tape has parameters".into());
    }
    Ok(())
}

struct Checker<'a> {
    program: &'a Program,
    tape: &'a Tape,
    main: bool,
    role: nodes::Role,
}

type Check = Result<(), String>;

impl Checker<'_> {
    /// References are in range, and lanes and types fit.
    fn check(&self, op: &Op) -> Check {
        let mut res = Ok(());
        op.clone().visit(&mut |access| {
            if res.is_ok() {
                res = self.reference(&access);
            }
        });
        res?;
        self.in_chunk(op)?;
        self.shapes(op)
    }

    fn reference(&self, access: &Access<'_>) -> Check {
        let (index, len, what) = match access {
            Access::Read(class, index) | Access::Write(class, index) => {
                (**index, self.tape.lanes[class.index()].len(), "register")
            }
            Access::ArrayRead(array) | Access::ArrayWrite(array) => match **array {
                ArrayRef::Global(index) => (index, self.program.arrays.len(), "array"),
                ArrayRef::Local(index) => (index, self.tape.arrays.len(), "local array"),
            },
            // A jump behind the last instruction ends the tape.
            Access::Label(index) => (**index, self.tape.ops.len() + 1, "jump target"),
            Access::Tape(index) => (**index, self.program.tapes.len(), "tape"),
            Access::Text(index) => (**index, self.program.texts.len(), "text"),
            Access::Constant(index) => (**index, self.program.constants.len(), "constant"),
        };
        if (index as usize) < len { Ok(()) } else { Err(format!("there is no {what} {index}")) }
    }

    fn lanes(&self, reg: Reg) -> u64 {
        self.tape.lanes[reg.class.index()][reg.index as usize]
    }

    fn elementwise(&self, dst: Reg, sources: &[Reg]) -> Check {
        let lanes = self.lanes(dst);
        match sources.iter().find(|src| ![1, lanes].contains(&self.lanes(**src))) {
            None => Ok(()),
            Some(src) => Err(self.mismatch(dst, *src)),
        }
    }

    fn mismatch(&self, dst: Reg, src: Reg) -> String {
        format!(
            "{src} has {} lanes, which do not fit the {} of {dst}",
            self.lanes(src),
            self.lanes(dst)
        )
    }

    fn scalar(&self, regs: &[Reg]) -> Check {
        match regs.iter().find(|reg| self.lanes(**reg) != 1) {
            None => Ok(()),
            Some(reg) => Err(format!("{reg} must have one lane, not {}", self.lanes(*reg))),
        }
    }

    /// `dst` has the lanes of the pattern.
    fn pattern(&self, dst: Reg, levels: &[Level]) -> Check {
        self.counts(levels)?;
        match lanes_of(levels) {
            Some(lanes) if lanes == self.lanes(dst) => Ok(()),
            lanes => Err(format!("{dst} has {} lanes, its pattern {lanes:?}", self.lanes(dst))),
        }
    }

    /// No level is longer than a register can be: beside a level without lanes, nothing else would tell.
    fn counts(&self, levels: &[Level]) -> Check {
        match levels.iter().find(|level| level.count > MAX_LANES) {
            None => Ok(()),
            Some(level) => Err(format!("a pattern counts to {}", level.count)),
        }
    }

    /// A pattern over a register touches its lanes only.
    fn pick(&self, dst: Reg, src: Reg, offset: i64, levels: &[Level]) -> Check {
        self.pattern(dst, levels)?;
        match extent(offset, levels) {
            None => Ok(()),
            Some((low, high)) if low >= 0 && high < i128::from(self.lanes(src)) => Ok(()),
            Some((low, high)) => {
                Err(format!("lanes {low} to {high} of {src}, which has {}", self.lanes(src)))
            }
        }
    }

    fn concat(&self, dst: Reg, parts: impl Iterator<Item = Reg>) -> Check {
        let total: u64 = parts.map(|part| self.lanes(part)).sum();
        let lanes = self.lanes(dst);
        if total == lanes { Ok(()) } else { Err(format!("{total} lanes joined into {lanes}")) }
    }

    fn blocks(&self, dst: Reg, src: Reg) -> Check {
        let (to, from) = (self.lanes(dst), self.lanes(src));
        let fits = if to == 0 { from == 0 } else { from % to == 0 };
        if fits { Ok(()) } else { Err(self.mismatch(dst, src)) }
    }

    fn array(&self, array: ArrayRef, class: Class) -> Check {
        match self.program.array(self.tape, array).and_then(|decl| decl.class()) {
            Some(found) if found == class => Ok(()),
            _ => Err(format!("{array} does not hold elements of class {}", class.letter())),
        }
    }

    fn load(&self, dst: Reg, array: ArrayIn, base: SrcI, levels: &[Level]) -> Check {
        self.array(array.0, dst.class)?;
        self.scalar(&[base.reg()])?;
        self.pattern(dst, levels)
    }

    fn store(&self, array: ArrayOut, base: SrcI, levels: &[Level], src: Reg) -> Check {
        self.array(array.0, src.class)?;
        self.scalar(&[base.reg()])?;
        if self.lanes(src) == 1 && lanes_of(levels).is_some() {
            return self.counts(levels);
        }
        self.pattern(src, levels)
    }

    fn gather(&self, dst: Reg, array: ArrayIn, index: SrcI) -> Check {
        self.array(array.0, dst.class)?;
        self.concat(dst, [index.reg()].into_iter())
    }

    fn scatter(&self, array: ArrayOut, index: SrcI, src: Reg) -> Check {
        self.array(array.0, src.class)?;
        self.elementwise(index.reg(), &[src])
    }

    /// A length that elements of the ring have.
    fn bits(&self, bits: i64) -> Check {
        let most = i64::from(self.program.ring_bits);
        if (1..=most).contains(&bits) { Ok(()) } else { Err(format!("{bits} bits of {most}")) }
    }

    /// `dst` has so many lanes for each of `src`.
    fn decomposition(&self, dst: Reg, src: Reg, bits: i64) -> Check {
        let expected = i128::from(self.lanes(src)) * i128::from(bits);
        let fits = expected == i128::from(self.lanes(dst));
        if fits { Ok(()) } else { Err(self.mismatch(dst, src)) }
    }

    /// Both registers have so many equal rows.
    fn rows(&self, dst: Reg, src: Reg, rows: i64) -> Check {
        self.concat(dst, [src].into_iter())?;
        let lanes = self.lanes(src);
        let fits = match u64::try_from(rows) {
            Ok(rows) => lanes.is_multiple_of(rows),
            Err(_) => false,
        };
        if fits { Ok(()) } else { Err(format!("{lanes} lanes of {src} in {rows} rows")) }
    }

    fn parts(&self, parts: &[Part]) -> Check {
        parts.iter().try_for_each(|part| match part {
            Part::Fixed { bits, total, digits, .. } => {
                self.fixed(i64::from(*bits), i64::from(*total))?;
                let fits = (1..=MAX_DIGITS).contains(digits);
                if fits { Ok(()) } else { Err(format!("{digits} digits of a number")) }
            }
            Part::Text(_) | Part::Int(_) | Part::Public(_) | Part::Share(_) | Part::Hex(_) => {
                Ok(())
            }
        })
    }

    fn shapes(&self, op: &Op) -> Check {
        match op {
            Op::LoadInt { .. } | Op::LoadPublic { .. } | Op::RandomS { .. } => Ok(()),
            Op::RandomB { .. } => Ok(()),
            Op::LoadInts { dst, values } => {
                let lanes = self.lanes(dst.reg());
                let fits = lanes == values.len() as u64;
                if fits {
                    Ok(())
                } else {
                    Err(format!("{} values for {lanes} lanes", values.len()))
                }
            }
            Op::MoveS { dst, src } => self.elementwise(dst.reg(), &[src.reg()]),
            Op::MoveC { dst, src } => self.elementwise(dst.reg(), &[src.reg()]),
            Op::MoveI { dst, src } => self.elementwise(dst.reg(), &[src.reg()]),
            Op::PickS { dst, src, offset, levels } => {
                self.pick(dst.reg(), src.reg(), *offset, levels)
            }
            Op::PickC { dst, src, offset, levels } => {
                self.pick(dst.reg(), src.reg(), *offset, levels)
            }
            Op::PickI { dst, src, offset, levels } => {
                self.pick(dst.reg(), src.reg(), *offset, levels)
            }
            Op::ConcatS { dst, parts } => self.concat(dst.reg(), parts.iter().map(|it| it.reg())),
            Op::ConcatC { dst, parts } => self.concat(dst.reg(), parts.iter().map(|it| it.reg())),
            Op::ConcatI { dst, parts } => self.concat(dst.reg(), parts.iter().map(|it| it.reg())),
            Op::IotaI { dst, base, levels } => {
                self.scalar(&[base.reg()])?;
                self.pattern(dst.reg(), levels)
            }
            Op::PublicFromInt { dst, src } => self.elementwise(dst.reg(), &[src.reg()]),
            Op::IntFromPublic { dst, src } => self.elementwise(dst.reg(), &[src.reg()]),
            Op::SecretFromPublic { dst, src } => self.elementwise(dst.reg(), &[src.reg()]),
            Op::AddS { dst, a, b } | Op::SubS { dst, a, b } => {
                self.elementwise(dst.reg(), &[a.reg(), b.reg()])
            }
            Op::AddSC { dst, a, b } | Op::SubSC { dst, a, b } | Op::MulSC { dst, a, b } => {
                self.elementwise(dst.reg(), &[a.reg(), b.reg()])
            }
            Op::SubCS { dst, a, b } => self.elementwise(dst.reg(), &[a.reg(), b.reg()]),
            Op::SumS { dst, src } => self.blocks(dst.reg(), src.reg()),
            Op::SumC { dst, src } => self.blocks(dst.reg(), src.reg()),
            Op::SumI { dst, src } => self.blocks(dst.reg(), src.reg()),
            Op::MulS { products } => products
                .iter()
                .try_for_each(|(dst, a, b)| self.elementwise(dst.reg(), &[a.reg(), b.reg()])),
            Op::DotS { products } => products.iter().try_for_each(|(dst, a, b)| {
                self.blocks(dst.reg(), a.reg())?;
                self.concat(a.reg(), [b.reg()].into_iter())
            }),
            Op::MatMulS { dst, a, b, rows, inner, cols } => {
                // Where one dimension is 0, the number of lanes says nothing about the others.
                if [rows, inner, cols].into_iter().any(|it| *it > MAX_LANES as i64) {
                    return Err(format!("a product of {rows} × {inner} × {cols}"));
                }
                self.product_of(dst.reg(), *rows, *cols)?;
                self.product_of(a.reg(), *rows, *inner)?;
                self.product_of(b.reg(), *inner, *cols)
            }
            Op::OpenS { openings } => openings
                .iter()
                .try_for_each(|(dst, src)| self.concat(dst.reg(), [src.reg()].into_iter())),
            Op::OpenToS { player, dst, src } => {
                self.scalar(&[player.reg()])?;
                self.concat(dst.reg(), [src.reg()].into_iter())
            }
            Op::InputS { inputs } => inputs.iter().try_for_each(|(_, player, bits)| {
                if *bits != 0 {
                    self.bits(*bits)?;
                }
                self.scalar(&[player.reg()])
            }),
            Op::LessThanZeroS { tests } | Op::EqualZeroS { tests } => {
                tests.iter().try_for_each(|(dst, src, bits)| {
                    self.bits(*bits)?;
                    self.elementwise(dst.reg(), &[src.reg()])
                })
            }
            Op::DecomposeS { parts } => parts.iter().try_for_each(|(dst, src, bits)| {
                self.bits(*bits)?;
                self.decomposition(dst.reg(), src.reg(), *bits)
            }),
            Op::WeighS { sums } => sums.iter().try_for_each(|(dst, src, bits, _, weights)| {
                self.bits(*bits)?;
                let (rows, rest) = (weights.len() / *bits as usize, weights.len() % *bits as usize);
                if rest != 0 {
                    return Err(format!("{} weights of numbers of {bits} bits", weights.len()));
                }
                self.decomposition(dst.reg(), src.reg(), rows as i64)
            }),
            Op::TruncateS { shifts } => shifts.iter().try_for_each(|(dst, src, shift, bits, _)| {
                self.bits(*bits)?;
                if !(0..*bits).contains(shift) {
                    return Err(format!("a number of {bits} bits is shifted by {shift}"));
                }
                self.elementwise(dst.reg(), &[src.reg()])
            }),
            Op::ShuffleS { dst, src, rows } => self.rows(dst.reg(), src.reg(), *rows),
            Op::NewPermutation { dst, rows } => {
                self.scalar(&[dst.reg()])?;
                let fits = (0..=MAX_LANES as i64).contains(rows);
                if fits { Ok(()) } else { Err(format!("a permutation of {rows} rows")) }
            }
            Op::PermuteS { dst, number, src, rows, .. } => {
                self.scalar(&[number.reg()])?;
                self.rows(dst.reg(), src.reg(), *rows)
            }
            Op::RearrangeS { dst, numbers, src, .. } => {
                self.rows(dst.reg(), src.reg(), self.lanes(numbers.reg()) as i64)
            }
            Op::SortS { dst, src, keys } => {
                let Some((first, _)) = keys.first() else { return Err("there are no keys".into()) };
                self.rows(dst.reg(), src.reg(), self.lanes(first.reg()) as i64)?;
                keys.iter().try_for_each(|(key, bits)| {
                    self.bits(*bits)?;
                    self.concat(first.reg(), [key.reg()].into_iter())
                })
            }
            Op::ShuffleAtNodes { dst, src, rows } => {
                self.at_nodes(op)?;
                self.rows(dst.reg(), src.reg(), *rows)
            }
            Op::SortAtNodes { dst, src, rows, keys } => {
                self.at_nodes(op)?;
                self.rows(dst.reg(), src.reg(), *rows)?;
                self.key_columns(src.reg(), *rows, keys)
            }
            Op::RequireS { dst, src, bits, point, .. } => {
                self.required(dst.reg(), src.reg(), *bits, *point)
            }
            Op::RequireC { dst, src, bits, point, .. } => {
                self.required(dst.reg(), src.reg(), *bits, *point)
            }
            Op::PublicBinary { dst, a, b, .. } => self.elementwise(dst.reg(), &[a.reg(), b.reg()]),
            Op::ComparePublic { dst, a, b, .. } => self.elementwise(dst.reg(), &[a.reg(), b.reg()]),
            Op::IntBinary { dst, a, b, .. } => self.elementwise(dst.reg(), &[a.reg(), b.reg()]),
            Op::LoadS { dst, array, base, levels } => self.load(dst.reg(), *array, *base, levels),
            Op::LoadC { dst, array, base, levels } => self.load(dst.reg(), *array, *base, levels),
            Op::LoadI { dst, array, base, levels } => self.load(dst.reg(), *array, *base, levels),
            Op::StoreS { array, base, levels, src } => self.store(*array, *base, levels, src.reg()),
            Op::StoreC { array, base, levels, src } => self.store(*array, *base, levels, src.reg()),
            Op::StoreI { array, base, levels, src } => self.store(*array, *base, levels, src.reg()),
            Op::GatherS { dst, array, index } => self.gather(dst.reg(), *array, *index),
            Op::GatherC { dst, array, index } => self.gather(dst.reg(), *array, *index),
            Op::GatherI { dst, array, index } => self.gather(dst.reg(), *array, *index),
            Op::ScatterS { array, index, src } => self.scatter(*array, *index, src.reg()),
            Op::ScatterC { array, index, src } => self.scatter(*array, *index, src.reg()),
            Op::ScatterI { array, index, src } => self.scatter(*array, *index, src.reg()),
            Op::LoadBits { .. }
            | Op::MoveB { .. }
            | Op::PickB { .. }
            | Op::ConcatB { .. }
            | Op::XorB { .. }
            | Op::XorBC { .. }
            | Op::AndBC { .. }
            | Op::SumB { .. }
            | Op::BitsFromPublic { .. }
            | Op::AndB { .. }
            | Op::OpenB { .. }
            | Op::BitsFromSecret { .. }
            | Op::SecretFromBits { .. }
            | Op::InputB { .. }
            | Op::LoadB { .. }
            | Op::StoreB { .. }
            | Op::GatherB { .. }
            | Op::ScatterB { .. } => self.bit_shapes(op),
            Op::Jump { .. } => Ok(()),
            Op::JumpIfZero { condition, .. } | Op::JumpIfNotZero { condition, .. } => {
                self.scalar(&[condition.reg()])
            }
            Op::Threads { jobs } => self.threads(jobs),
            Op::Nodes { jobs } => self.nodes(jobs),
            Op::Print { condition, player, parts } => {
                self.parts(parts)?;
                let regs: Vec<_> = condition.iter().chain(player).map(|it| it.reg()).collect();
                self.scalar(&regs)
            }
            Op::Fail { parts, .. } => self.parts(parts),
            Op::TimerStart { .. } | Op::TimerStop { .. } | Op::Check {} => Ok(()),
            Op::PartyCount { dst } | Op::PartyNumber { dst } | Op::ThreadNumber { dst } => {
                self.scalar(&[dst.reg()])
            }
            Op::Listen { port } => self.scalar(&[port.reg()]),
            Op::Accept { dst, port } => self.scalar(&[dst.reg(), port.reg()]),
            Op::Connect { dst, port, id, .. } => self.scalar(&[dst.reg(), port.reg(), id.reg()]),
            Op::Close { socket }
            | Op::SendS { socket, .. }
            | Op::SendSummands { socket, .. }
            | Op::SendC { socket, .. }
            | Op::SendI { socket, .. }
            | Op::RecvS { socket, .. }
            | Op::RecvC { socket, .. }
            | Op::RecvI { socket, .. }
            | Op::RecvMasked { socket, .. } => self.scalar(&[socket.reg()]),
            Op::RecvOwn { player, socket, .. } => self.scalar(&[player.reg(), socket.reg()]),
            Op::StoreShares { position, .. } => {
                self.only_main(op)?;
                self.scalar(&[position.reg()])
            }
            Op::LoadShares { end, position, .. } => {
                self.only_main(op)?;
                self.scalar(&[end.reg(), position.reg()])
            }
            Op::PublicInput { .. } | Op::Checkpoint {} => self.only_main(op),
            Op::BinaryInputS { player, form, bits, .. } => {
                let fraction = matches!(form, BinaryForm::Double | BinaryForm::Float);
                if !fraction && *bits != 0 {
                    return Err(format!("integers of a file in units of 2^-{bits}"));
                }
                if *bits != 0 {
                    self.bits(*bits)?;
                }
                self.scalar(&[player.reg()])
            }
            Op::InputOwnS { inputs } => inputs.iter().try_for_each(|(dst, player, src)| {
                self.scalar(&[player.reg()])?;
                self.concat(dst.reg(), [src.reg()].into_iter())
            }),
            Op::Threshold { dst } => self.scalar(&[dst.reg()]),
            Op::CommandLineArg { dst, index } => self.scalar(&[dst.reg(), index.reg()]),
            Op::BinaryOutputI { player, .. } => self.scalars(player),
            Op::BinaryOutputFixed { player, bits, total, .. } => {
                self.fixed(*bits, *total)?;
                self.scalars(player)
            }
        }
    }

    fn scalars(&self, regs: &Option<SrcI>) -> Check {
        regs.iter().try_for_each(|reg| self.scalar(&[reg.reg()]))
    }

    /// Threads would do these in another order at each party.
    fn only_main(&self, op: &Op) -> Check {
        if self.main { Ok(()) } else { Err(format!("{} in a thread", op.mnemonic())) }
    }

    /// Numbers of `total` bits in units of 2^-`bits`.
    fn required(&self, dst: Reg, src: Reg, bits: i64, point: i64) -> Check {
        self.bits(bits)?;
        if !(0..bits).contains(&point) {
            return Err(format!("{point} of {bits} bits lie behind the point"));
        }
        self.elementwise(dst, &[src])
    }

    fn fixed(&self, bits: i64, total: i64) -> Check {
        let fits = (0..=i64::from(self.program.ring_bits)).contains(&bits)
            && (1..=MAX_TOTAL).contains(&total);
        if fits { Ok(()) } else { Err(format!("numbers of {total} bits / 2^{bits}")) }
    }

    fn product_of(&self, reg: Reg, rows: i64, cols: i64) -> Check {
        let lanes = i128::from(rows) * i128::from(cols);
        let fits = rows >= 0 && cols >= 0 && lanes == i128::from(self.lanes(reg));
        if fits { Ok(()) } else { Err(format!("{reg} is no {rows} × {cols} matrix")) }
    }

    fn threads(&self, jobs: &[(TapeRef, Vec<SrcI>)]) -> Check {
        if !self.main && self.role != nodes::Role::Chunk {
            return Err("a thread starts threads".into());
        }
        for (tape, args) in jobs {
            let params = self.program.tapes[tape.0 as usize].params.len();
            if tape.0 == 0 || params != args.len() {
                return Err(format!("{} arguments for tape{} with {params}", args.len(), tape.0));
            }
            self.scalar(&args.iter().map(|arg| arg.reg()).collect::<Vec<_>>())?;
        }
        Ok(())
    }
}

/// Lowest and highest element of a pattern; `None` if it has no lanes.
pub fn extent(base: i64, levels: &[Level]) -> Option<(i128, i128)> {
    let (mut low, mut high) = (i128::from(base), i128::from(base));
    for level in levels {
        let span = (i128::from(level.count) - 1) * i128::from(level.stride);
        if level.count == 0 {
            return None;
        }
        low += span.min(0);
        high += span.max(0);
    }
    Some((low, high))
}
