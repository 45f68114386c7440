//! Making and taking apart instructions that exist once for each class.

use caucus_bytecode::Op;
use caucus_bytecode::operand::{
    Access, ArrayIn, ArrayOut, ArrayRef, Class, DstB, DstC, DstI, DstS, IntOp, Level, Reg, SrcB,
    SrcC, SrcI, SrcS,
};

/// Copies; element-wise.
pub(super) fn mov(class: Class, dst: u32, src: u32) -> Op {
    match class {
        Class::Secret => Op::MoveS { dst: DstS(dst), src: SrcS(src) },
        Class::Public => Op::MoveC { dst: DstC(dst), src: SrcC(src) },
        Class::Int => Op::MoveI { dst: DstI(dst), src: SrcI(src) },
        Class::Bits => Op::MoveB { dst: DstB(dst), src: SrcB(src) },
    }
}

/// Takes lanes in a pattern.
pub(super) fn pick(class: Class, dst: u32, src: u32, offset: i64, levels: Vec<Level>) -> Op {
    match class {
        Class::Secret => Op::PickS { dst: DstS(dst), src: SrcS(src), offset, levels },
        Class::Public => Op::PickC { dst: DstC(dst), src: SrcC(src), offset, levels },
        Class::Int => Op::PickI { dst: DstI(dst), src: SrcI(src), offset, levels },
        Class::Bits => Op::PickB { dst: DstB(dst), src: SrcB(src), offset, levels },
    }
}

/// Joins registers end to end.
pub(super) fn concat(class: Class, dst: u32, parts: &[u32]) -> Op {
    let parts = parts.iter().copied();
    match class {
        Class::Secret => Op::ConcatS { dst: DstS(dst), parts: parts.map(SrcS).collect() },
        Class::Public => Op::ConcatC { dst: DstC(dst), parts: parts.map(SrcC).collect() },
        Class::Int => Op::ConcatI { dst: DstI(dst), parts: parts.map(SrcI).collect() },
        Class::Bits => Op::ConcatB { dst: DstB(dst), parts: parts.map(SrcB).collect() },
    }
}

/// Sums of consecutive blocks.
pub(super) fn sum(class: Class, dst: u32, src: u32) -> Op {
    match class {
        Class::Secret => Op::SumS { dst: DstS(dst), src: SrcS(src) },
        Class::Public => Op::SumC { dst: DstC(dst), src: SrcC(src) },
        Class::Int => Op::SumI { dst: DstI(dst), src: SrcI(src) },
        Class::Bits => Op::SumB { dst: DstB(dst), src: SrcB(src) },
    }
}

/// An integer operation.
pub(super) fn int(op: IntOp, dst: u32, a: u32, b: u32) -> Op {
    Op::IntBinary { op, dst: DstI(dst), a: SrcI(a), b: SrcI(b) }
}

/// An integer constant.
pub(super) fn constant(dst: u32, value: i64) -> Op {
    Op::LoadInt { dst: DstI(dst), value }
}

/// An access to an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MemoryOp {
    /// Element type.
    pub(super) class: Class,
    /// The array's number.
    pub(super) array: u32,
    /// Whether it writes.
    pub(super) write: bool,
    /// The register that is loaded or stored.
    pub(super) value: u32,
    /// Which elements.
    pub(super) address: Address,
}

/// The elements that an access touches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Address {
    /// A strided pattern that starts at the value of an integer register.
    Strided {
        /// One lane.
        base: u32,
        /// The pattern.
        levels: Vec<Level>,
    },
    /// One element for each lane of an integer register.
    Indexed {
        /// The indices.
        index: u32,
    },
}

impl MemoryOp {
    /// The register that is loaded or stored.
    pub(super) fn reg(&self) -> Reg {
        Reg { class: self.class, index: self.value }
    }

    /// The access that an instruction is, if it is one.
    pub(super) fn of(op: &Op) -> Option<Self> {
        let strided = |base: &SrcI, levels: &[Level]| Address::Strided {
            base: base.0,
            levels: levels.to_vec(),
        };
        let (value, write, array, address) = match op {
            Op::LoadS { dst, array, base, levels } => {
                (dst.reg(), false, array.0, strided(base, levels))
            }
            Op::LoadC { dst, array, base, levels } => {
                (dst.reg(), false, array.0, strided(base, levels))
            }
            Op::LoadI { dst, array, base, levels } => {
                (dst.reg(), false, array.0, strided(base, levels))
            }
            Op::LoadB { dst, array, base, levels } => {
                (dst.reg(), false, array.0, strided(base, levels))
            }
            Op::StoreS { array, base, levels, src } => {
                (src.reg(), true, array.0, strided(base, levels))
            }
            Op::StoreC { array, base, levels, src } => {
                (src.reg(), true, array.0, strided(base, levels))
            }
            Op::StoreI { array, base, levels, src } => {
                (src.reg(), true, array.0, strided(base, levels))
            }
            Op::StoreB { array, base, levels, src } => {
                (src.reg(), true, array.0, strided(base, levels))
            }
            Op::GatherS { dst, array, index } => {
                (dst.reg(), false, array.0, Address::Indexed { index: index.0 })
            }
            Op::GatherC { dst, array, index } => {
                (dst.reg(), false, array.0, Address::Indexed { index: index.0 })
            }
            Op::GatherI { dst, array, index } => {
                (dst.reg(), false, array.0, Address::Indexed { index: index.0 })
            }
            Op::GatherB { dst, array, index } => {
                (dst.reg(), false, array.0, Address::Indexed { index: index.0 })
            }
            Op::ScatterS { array, index, src } => {
                (src.reg(), true, array.0, Address::Indexed { index: index.0 })
            }
            Op::ScatterC { array, index, src } => {
                (src.reg(), true, array.0, Address::Indexed { index: index.0 })
            }
            Op::ScatterI { array, index, src } => {
                (src.reg(), true, array.0, Address::Indexed { index: index.0 })
            }
            Op::ScatterB { array, index, src } => {
                (src.reg(), true, array.0, Address::Indexed { index: index.0 })
            }
            _ => return None,
        };
        // Before emission all arrays have global numbers.
        let ArrayRef::Global(array) = array else { return None };
        Some(Self { class: value.class, array, write, value: value.index, address })
    }

    /// The instruction.
    pub(super) fn into_op(self) -> Op {
        let Self { class, array, write, value, address } = self;
        let array = ArrayRef::Global(array);
        match (write, address) {
            (false, Address::Strided { base, levels }) => {
                let (array, base) = (ArrayIn(array), SrcI(base));
                match class {
                    Class::Secret => Op::LoadS { dst: DstS(value), array, base, levels },
                    Class::Public => Op::LoadC { dst: DstC(value), array, base, levels },
                    Class::Int => Op::LoadI { dst: DstI(value), array, base, levels },
                    Class::Bits => Op::LoadB { dst: DstB(value), array, base, levels },
                }
            }
            (true, Address::Strided { base, levels }) => {
                let (array, base) = (ArrayOut(array), SrcI(base));
                match class {
                    Class::Secret => Op::StoreS { array, base, levels, src: SrcS(value) },
                    Class::Public => Op::StoreC { array, base, levels, src: SrcC(value) },
                    Class::Int => Op::StoreI { array, base, levels, src: SrcI(value) },
                    Class::Bits => Op::StoreB { array, base, levels, src: SrcB(value) },
                }
            }
            (false, Address::Indexed { index }) => {
                let (array, index) = (ArrayIn(array), SrcI(index));
                match class {
                    Class::Secret => Op::GatherS { dst: DstS(value), array, index },
                    Class::Public => Op::GatherC { dst: DstC(value), array, index },
                    Class::Int => Op::GatherI { dst: DstI(value), array, index },
                    Class::Bits => Op::GatherB { dst: DstB(value), array, index },
                }
            }
            (true, Address::Indexed { index }) => {
                let (array, index) = (ArrayOut(array), SrcI(index));
                match class {
                    Class::Secret => Op::ScatterS { array, index, src: SrcS(value) },
                    Class::Public => Op::ScatterC { array, index, src: SrcC(value) },
                    Class::Int => Op::ScatterI { array, index, src: SrcI(value) },
                    Class::Bits => Op::ScatterB { array, index, src: SrcB(value) },
                }
            }
        }
    }
}

/// The same instruction with other registers: `replace` gets each register, and whether it is
/// written, in the order of the operands.
pub(super) fn replace_registers(op: &Op, mut replace: impl FnMut(Reg, bool) -> u32) -> Op {
    let mut op = op.clone();
    op.visit(&mut |access| match access {
        Access::Read(class, index) => *index = replace(Reg { class, index: *index }, false),
        Access::Write(class, index) => *index = replace(Reg { class, index: *index }, true),
        Access::ArrayRead(_)
        | Access::ArrayWrite(_)
        | Access::Label(_)
        | Access::Tape(_)
        | Access::Text(_)
        | Access::Constant(_) => {}
    });
    op
}

/// The registers that an instruction reads.
pub(super) fn reads(op: &Op) -> Vec<Reg> {
    registers(op, false)
}

/// The registers that an instruction writes.
pub(super) fn writes(op: &Op) -> Vec<Reg> {
    registers(op, true)
}

fn registers(op: &Op, wanted: bool) -> Vec<Reg> {
    let mut found = Vec::new();
    op.each_register(|reg, written| {
        if written == wanted {
            found.push(reg);
        }
    });
    found
}

/// Whether each lane of the only destination depends on the same lane of each source, or on its
/// only lane.
pub(super) fn is_elementwise(op: &Op) -> bool {
    matches!(
        op,
        Op::MoveS { .. }
            | Op::MoveC { .. }
            | Op::MoveI { .. }
            | Op::PublicFromInt { .. }
            | Op::IntFromPublic { .. }
            | Op::SecretFromPublic { .. }
            | Op::AddS { .. }
            | Op::SubS { .. }
            | Op::AddSC { .. }
            | Op::SubSC { .. }
            | Op::SubCS { .. }
            | Op::MulSC { .. }
            | Op::RequireS { .. }
            | Op::RequireC { .. }
            | Op::PublicBinary { .. }
            | Op::ComparePublic { .. }
            | Op::IntBinary { .. }
            | Op::MoveB { .. }
            | Op::XorB { .. }
            | Op::XorBC { .. }
            | Op::AndBC { .. }
    )
}

/// The source register of a copy and its destination.
pub(super) fn as_move(op: &Op) -> Option<(Reg, Reg)> {
    match op {
        Op::MoveS { dst, src } => Some((dst.reg(), src.reg())),
        Op::MoveC { dst, src } => Some((dst.reg(), src.reg())),
        Op::MoveI { dst, src } => Some((dst.reg(), src.reg())),
        Op::MoveB { dst, src } => Some((dst.reg(), src.reg())),
        _ => None,
    }
}

/// The same pattern with fewer levels: levels of one step go, neighbors that continue each other
/// become one.
pub(super) fn tidy(levels: Vec<Level>) -> Vec<Level> {
    let mut res: Vec<Level> = Vec::with_capacity(levels.len());
    for level in levels.into_iter().filter(|level| level.count != 1) {
        if let Some(outer) = res.last_mut() {
            let span = i64::try_from(level.count).ok().and_then(|it| it.checked_mul(level.stride));
            let count = outer.count.checked_mul(level.count);
            if let (Some(count), true) = (count, span == Some(outer.stride) && level.count > 0) {
                *outer = Level { count, stride: level.stride };
                continue;
            }
        }
        res.push(level);
    }
    res
}

/// What programs call values of a class.
pub(super) fn type_name(class: Class) -> &'static str {
    match class {
        Class::Secret => "sint",
        Class::Public => "cint",
        Class::Int => "regint",
        Class::Bits => "sbit",
    }
}
