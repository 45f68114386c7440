//! The statements of random programs that are not control flow.

use caucus_bytecode::Op;
use caucus_bytecode::operand::*;

use super::Generator;
use crate::ir::{Array, Node};
use crate::passes::ops::{self, Address, MemoryOp};

impl Generator {
    pub(super) fn arithmetic(&mut self) {
        let class = self.class();
        let a = self.any(class);
        let lanes = self.lanes(class, a);
        let b = self.fitting(class, lanes);
        let dst = self.fresh(class, lanes);
        let op = match (class, self.below(6)) {
            (Class::Secret, 0..=2) => Op::AddS { dst: DstS(dst), a: SrcS(a), b: SrcS(b) },
            (Class::Secret, 3) => Op::SubS { dst: DstS(dst), a: SrcS(b), b: SrcS(a) },
            (Class::Secret, which) => {
                let b = SrcC(self.fitting(Class::Public, lanes));
                let (dst, a) = (DstS(dst), SrcS(a));
                match which {
                    4 => Op::MulSC { dst, a, b },
                    _ => Op::SubCS { dst, a: b, b: a },
                }
            }
            (Class::Public, which) => {
                let kinds = [
                    PublicOp::Add,
                    PublicOp::Sub,
                    PublicOp::Mul,
                    PublicOp::And,
                    PublicOp::Xor,
                    PublicOp::Or,
                ];
                Op::PublicBinary {
                    op: kinds[which as usize],
                    dst: DstC(dst),
                    a: SrcC(a),
                    b: SrcC(b),
                }
            }
            (Class::Bits, _) => Op::XorB { dst: DstB(dst), a: SrcB(a), b: SrcB(b) },
            (Class::Int, which) => {
                let kinds = [IntOp::Add, IntOp::Add, IntOp::Sub, IntOp::Mul, IntOp::Lt, IntOp::And];
                ops::int(kinds[which as usize], dst, a, b)
            }
        };
        self.op(op);
    }

    /// An address, sometimes one that was made before.
    fn address(&mut self, len: u64) -> u32 {
        let fitting = self.addresses.iter().filter(|it| it.1 == len).map(|it| it.0);
        let last = fitting.collect::<Vec<_>>();
        if !last.is_empty() && self.one_in(3) {
            let back = self.below(last.len() as u64).min(3);
            return last[last.len() - 1 - back as usize];
        }
        let address = self.new_address(len);
        self.addresses.push((address, len));
        address
    }

    /// An address that is often linear in the indices of the loops around.
    fn new_address(&mut self, len: u64) -> u32 {
        let small = if len < 100 { 4 } else { 24 };
        let offset = self.below(small) as i64;
        let mut sum = self.constant(offset);
        let indices = self.indices.clone();
        for index in indices.into_iter().rev() {
            if self.one_in(4) {
                continue;
            }
            let factors = if len < 100 { [1, 1, 0, 1, 2, 1] } else { [1, 1, 2, 3, 8, 24] };
            let factor = factors[self.below(6) as usize];
            let factor = self.constant(factor);
            let term = self.fresh(Class::Int, 1);
            self.op(ops::int(IntOp::Mul, term, index, factor));
            let next = self.fresh(Class::Int, 1);
            self.op(ops::int(IntOp::Add, next, sum, term));
            sum = next;
        }
        if self.one_in(6) {
            // Data, but in range.
            let mask = self.constant(15);
            let data = match self.indices.last().copied() {
                Some(index) if self.one_in(2) => index,
                _ => self.with_lanes(Class::Int, 1),
            };
            let masked = self.fresh(Class::Int, 1);
            self.op(ops::int(IntOp::And, masked, data, mask));
            if self.one_in(2) {
                return masked;
            }
            let next = self.fresh(Class::Int, 1);
            self.op(ops::int(IntOp::Add, next, sum, masked));
            sum = next;
        }
        sum
    }

    fn levels(&mut self) -> (Vec<Level>, u64) {
        let mut one = |strides: &[i64]| {
            let stride = strides[self.below(strides.len() as u64) as usize];
            Level { count: 1 + self.below(3), stride }
        };
        let levels = match one(&[0, 1, 2, 3]).stride {
            0 | 1 => Vec::new(),
            2 => vec![one(&[1, 1, 2, 0])],
            _ => vec![one(&[4, 8, 1]), one(&[1, 2])],
        };
        let lanes = levels.iter().map(|level| level.count).product();
        (levels, lanes)
    }

    fn array(&mut self) -> (u32, u64, Class) {
        let count = self.arrays.len() as u64;
        let back = self.below(count).min(self.below(count));
        let (array, len) = self.arrays[(count - 1 - back) as usize];
        (array, len, self.module.arrays[array as usize].class)
    }

    pub(super) fn load(&mut self) {
        let (array, len, class) = self.array();
        let (levels, lanes) = self.levels();
        let base = self.address(len);
        let value = self.fresh(class, lanes);
        let address = Address::Strided { base, levels };
        self.op(MemoryOp { class, array, write: false, value, address }.into_op());
    }

    pub(super) fn store(&mut self) {
        let (array, len, class) = self.array();
        let (levels, lanes) = self.levels();
        let base = self.address(len);
        let value = self.fitting(class, lanes);
        let address = Address::Strided { base, levels };
        self.op(MemoryOp { class, array, write: true, value, address }.into_op());
    }

    /// The pattern of the main example: load, multiply, store at the same place.
    pub(super) fn square_element(&mut self) {
        let (array, len, class) = self.array();
        let base = self.address(len);
        let value = self.fresh(class, 1);
        let address = Address::Strided { base, levels: Vec::new() };
        let access = MemoryOp { class, array, write: false, value, address };
        self.op(access.clone().into_op());
        let other = self.with_lanes(class, 1);
        let res = self.fresh(class, 1);
        self.op(match class {
            Class::Secret => Op::MulS { products: vec![(DstS(res), SrcS(value), SrcS(other))] },
            Class::Public => Op::PublicBinary {
                op: PublicOp::Add,
                dst: DstC(res),
                a: SrcC(value),
                b: SrcC(other),
            },
            Class::Int => ops::int(IntOp::Xor, res, value, other),
            Class::Bits => Op::AndB { products: vec![(DstB(res), SrcB(value), SrcB(other))] },
        });
        self.op(MemoryOp { write: true, value: res, ..access }.into_op());
    }

    pub(super) fn product(&mut self) {
        let a = self.any(Class::Secret);
        let lanes = self.lanes(Class::Secret, a);
        match self.below(6) {
            4 => self.bits(a, lanes),
            0 => {
                let b = self.with_lanes(Class::Secret, lanes);
                let dst = self.fresh(Class::Secret, 1);
                self.op(Op::DotS { products: vec![(DstS(dst), SrcS(a), SrcS(b))] });
            }
            1 => {
                let (a, b) = (self.with_lanes(Class::Secret, 6), self.with_lanes(Class::Secret, 6));
                let dst = self.fresh(Class::Secret, 4);
                let (dst, a, b) = (DstS(dst), SrcS(a), SrcS(b));
                self.op(Op::MatMulS { dst, a, b, rows: 2, inner: 3, cols: 2 });
            }
            _ => {
                let b = self.fitting(Class::Secret, lanes);
                let dst = self.fresh(Class::Secret, lanes);
                self.op(Op::MulS { products: vec![(DstS(dst), SrcS(a), SrcS(b))] });
            }
        }
    }

    /// What depends on the bits of a secret, which may be repeated.
    fn bits(&mut self, src: u32, lanes: u64) {
        let bits = 1 + self.below(20) as i64;
        let wide = if lanes == 1 { 1 + self.below(3) } else { lanes };
        let src = SrcS(src);
        match self.below(5) {
            0 => {
                let dst = DstS(self.fresh(Class::Secret, wide));
                self.op(Op::LessThanZeroS { tests: vec![(dst, src, bits)] });
            }
            1 => {
                let dst = DstS(self.fresh(Class::Secret, wide));
                self.op(Op::EqualZeroS { tests: vec![(dst, src, bits)] });
            }
            2 => {
                let (bits, n_rows) = (1 + bits % 4, 1 + self.below(2));
                let dst = DstS(self.fresh(Class::Secret, lanes * n_rows));
                let first = self.module.constants.len() as u32;
                let n_weights = n_rows as u32 * bits as u32;
                self.module.constants.extend((0..n_weights).map(|it| (it * it).into()));
                let weights = (first..first + n_weights).map(ConstRef).collect();
                let places = if self.one_in(2) { Places::Each } else { Places::Leading };
                self.op(Op::WeighS { sums: vec![(dst, src, bits, places, weights)] });
            }
            3 => {
                let dst = DstS(self.fresh(Class::Secret, wide));
                let shift = bits / 2;
                self.op(Op::TruncateS { shifts: vec![(dst, src, shift, bits, Rounding::Floor)] });
            }
            _ => {
                let bits = 1 + bits % 3;
                let dst = DstS(self.fresh(Class::Secret, lanes * bits as u64));
                self.op(Op::DecomposeS { parts: vec![(dst, src, bits)] });
            }
        }
    }

    pub(super) fn rearrange(&mut self) {
        let class = self.class();
        let (a, b) = (self.any(class), self.any(class));
        let (la, lb) = (self.lanes(class, a), self.lanes(class, b));
        if la + lb <= 12 && self.one_in(2) {
            let dst = self.fresh(class, la + lb);
            self.op(ops::concat(class, dst, &[a, b]));
            return;
        }
        let count = 1 + self.below(la);
        let offset = self.below(la - count + 1) as i64;
        let repeat = 1 + self.below(2);
        let levels = vec![Level { count: repeat, stride: 0 }, Level { count, stride: 1 }];
        let dst = self.fresh(class, count * repeat);
        self.op(ops::pick(class, dst, a, offset, levels));
    }

    pub(super) fn update(&mut self) {
        let count = self.variables.len() as u64;
        if count == 0 || self.merged && !self.one_in(4) {
            return;
        }
        let which = self.below(count) as usize;
        let variable = self.variables[which];
        let lanes = self.module.regs.lanes(variable);
        let src = self.fitting(variable.class, lanes);
        self.op(ops::mov(variable.class, variable.index, src));
    }

    fn add(&mut self, class: Class, dst: u32, a: u32, b: u32) {
        let negative = self.one_in(3);
        let (s, t) = (SrcS(a), SrcS(b));
        self.op(match (class, negative) {
            (Class::Secret, false) => Op::AddS { dst: DstS(dst), a: t, b: s },
            (Class::Secret, true) => Op::SubS { dst: DstS(dst), a: s, b: t },
            (Class::Public, _) => {
                let op = if negative { PublicOp::Sub } else { PublicOp::Add };
                Op::PublicBinary { op, dst: DstC(dst), a: SrcC(a), b: SrcC(b) }
            }
            (Class::Bits, _) => Op::XorB { dst: DstB(dst), a: SrcB(a), b: SrcB(b) },
            (Class::Int, false) => ops::int(IntOp::Add, dst, a, b),
            (Class::Int, true) => ops::int(IntOp::Sub, dst, a, b),
        });
    }

    pub(super) fn add_to_variable(&mut self) {
        let count = self.variables.len() as u64;
        if count == 0 {
            return;
        }
        let which = self.below(count) as usize;
        let Reg { class, index } = self.variables[which];
        let lanes = self.lanes(class, index);
        let mut sum = index;
        for _ in 0..1 + self.below(2) {
            let value = self.fitting(class, lanes);
            let next = self.fresh(class, lanes);
            self.add(class, next, sum, value);
            // Nobody else may read it, if it is to be a reduction.
            let hide = !self.one_in(8);
            if hide {
                self.known[class.index()].retain(|it| *it != next);
            }
            sum = next;
        }
        self.op(ops::mov(class, index, sum));
        if self.merged && !self.one_in(6) {
            self.known[class.index()].retain(|it| *it != index);
        }
    }

    pub(super) fn add_to_element(&mut self) {
        let (array, len, class) = self.array();
        let outer = std::mem::take(&mut self.indices);
        if self.one_in(3) {
            self.indices.clone_from(&outer);
        }
        let base = self.address(len);
        self.indices = outer;
        let lanes = 1 + self.below(2);
        let levels = if lanes == 1 { Vec::new() } else { vec![Level { count: lanes, stride: 1 }] };
        let value = self.fitting(class, lanes);
        let old = self.fresh(class, lanes);
        let address = Address::Strided { base, levels };
        let access = MemoryOp { class, array, write: false, value: old, address };
        self.op(access.clone().into_op());
        let new = self.fresh(class, lanes);
        self.add(class, new, old, value);
        let mut access = access;
        if let (Address::Strided { base, .. }, true) = (&mut access.address, self.one_in(8)) {
            *base = self.new_address(len);
        }
        self.op(MemoryOp { write: true, value: new, ..access }.into_op());
        if !self.one_in(6) {
            self.known[class.index()].retain(|it| *it != old && *it != new);
        }
    }

    pub(super) fn indexed(&mut self) {
        let (array, len, class) = self.array();
        if len < 100 {
            return;
        }
        let index = self.any(Class::Int);
        let lanes = self.lanes(Class::Int, index);
        let mask = self.constant(31);
        let masked = self.fresh(Class::Int, lanes);
        self.op(ops::int(IntOp::And, masked, index, mask));
        let write = self.one_in(3);
        let value = if write { self.fitting(class, lanes) } else { self.fresh(class, lanes) };
        let address = Address::Indexed { index: masked };
        self.op(MemoryOp { class, array, write, value, address }.into_op());
    }

    pub(super) fn misc(&mut self) {
        match self.below(6) {
            0 => {
                let base = self.with_lanes(Class::Int, 1);
                let (levels, lanes) = self.levels();
                let dst = self.fresh(Class::Int, lanes);
                self.op(Op::IotaI { dst: DstI(dst), base: SrcI(base), levels });
            }
            1 => {
                let int = self.any(Class::Int);
                let lanes = self.lanes(Class::Int, int);
                let class = self.class();
                self.convert(int, class, lanes);
            }
            2 => {
                let public = self.any(Class::Public);
                let lanes = self.lanes(Class::Public, public);
                let dst = self.fresh(Class::Int, lanes);
                self.op(Op::IntFromPublic { dst: DstI(dst), src: SrcC(public) });
            }
            3 => {
                let a = self.any(Class::Public);
                let lanes = self.lanes(Class::Public, a);
                let b = self.fitting(Class::Public, lanes);
                let dst = self.fresh(Class::Int, lanes);
                self.op(Op::ComparePublic {
                    op: Comparison::Lt,
                    dst: DstI(dst),
                    a: SrcC(a),
                    b: SrcC(b),
                });
            }
            4 => {
                let a = self.any(Class::Int);
                let lanes = self.lanes(Class::Int, a);
                let rare = self.constant(997);
                let condition = self.fresh(Class::Int, lanes);
                self.op(ops::int(IntOp::Eq, condition, a, rare));
                let shown = self.fitting(Class::Int, lanes);
                let parts = vec![Part::Int(SrcI(shown))];
                self.op(Op::Fail { condition: SrcI(condition), parts });
            }
            5 if !self.merged || self.one_in(6) => {
                let class = self.class();
                let value = self.any(class);
                self.show(class, value);
            }
            _ => self.seeds(),
        }
    }

    pub(super) fn input(&mut self) {
        let count = 1 + self.below(2);
        let mut inputs = Vec::new();
        for _ in 0..count {
            let player = self.below(2) as i64;
            let mut player = self.constant(player);
            if self.one_in(4) {
                let data = self.with_lanes(Class::Int, 1);
                let bit = self.fresh(Class::Int, 1);
                let one = self.constant(1);
                self.op(ops::int(IntOp::And, bit, data, one));
                player = bit;
            }
            let lanes = 1 + self.below(2);
            let bits = 3 * self.below(2) as i64;
            inputs.push((DstS(self.fresh(Class::Secret, lanes)), SrcI(player), bits));
        }
        self.op(Op::InputS { inputs });
    }

    /// A variable that is part of addresses, or one more step of it.
    pub(super) fn counter(&mut self) {
        let counters: Vec<u32> = self.counters.clone();
        let step = self.constant(1);
        if counters.is_empty() || self.one_in(4) {
            let counter = self.fresh(Class::Int, 1);
            for _ in 0..2 {
                self.op(ops::mov(Class::Int, counter, step));
            }
            self.counters.push(counter);
            self.indices.push(counter);
            return;
        }
        let counter = counters[self.below(counters.len() as u64) as usize];
        let step = if self.one_in(6) { self.with_lanes(Class::Int, 1) } else { step };
        let mask = self.constant(15);
        let (masked, next) = (self.fresh(Class::Int, 1), self.fresh(Class::Int, 1));
        self.op(ops::int(IntOp::And, masked, step, mask));
        self.op(ops::int(IntOp::Add, next, counter, masked));
        self.op(ops::mov(Class::Int, counter, next));
    }

    pub(super) fn sum_or_open(&mut self) {
        if self.one_in(2) {
            let src = self.any(Class::Secret);
            let lanes = self.lanes(Class::Secret, src);
            let dst = self.fresh(Class::Public, lanes);
            self.op(Op::OpenS { openings: vec![(DstC(dst), SrcS(src))] });
            return;
        }
        let class = self.class();
        let src = self.any(class);
        let dst = self.fresh(class, 1);
        self.op(ops::sum(class, dst, src));
    }

    pub(super) fn local_array(&mut self) {
        let class = self.class();
        let number = self.module.arrays.len() as u32;
        let len = if self.one_in(3) { 8 } else { 60 };
        self.module.arrays.push(Array { class, len, tape: 0 });
        self.push(Node::Array(number));
        self.arrays.push((number, len));
    }
}
