//! Constants, lanes, conversions and local arithmetic on secrets.

use caucus_bytecode::Op;
use caucus_bytecode::operand::*;

use super::code::level;
use super::prints;

#[test]
fn constants_fill_their_lanes() {
    prints("[-7, -7, -7]\n[1, -2]\n[-5, -5]\n[]\n", |code| {
        let [a, b, d] = [code.i(3), code.i(2), code.i(0)];
        code.op(Op::LoadInt { dst: DstI(a), value: -7 });
        code.op(Op::LoadInts { dst: DstI(b), values: vec![1, -2] });
        let value = code.constant(-5);
        let c = code.c(2);
        code.op(Op::LoadPublic { dst: DstC(c), value });
        code.op(Op::LoadInt { dst: DstI(d), value: 3 });
        code.show_i(a);
        code.show_i(b);
        code.show_c(c);
        code.show_i(d);
    });
}

#[test]
fn moves_repeat_a_single_lane() {
    prints("[4, 4]\n[5, 5]\n[6, 6]\n[1, 2]\n", |code| {
        let (s, c, i) = (code.secrets(&[4]), code.publics(&[5]), code.int(6));
        let both = code.ints(&[1, 2]);
        let (ds, dc, di, same) = (code.s(2), code.c(2), code.i(2), code.i(2));
        code.op(Op::MoveS { dst: DstS(ds), src: s });
        code.op(Op::MoveC { dst: DstC(dc), src: c });
        code.op(Op::MoveI { dst: DstI(di), src: i });
        code.op(Op::MoveI { dst: DstI(same), src: both });
        code.show_s(ds);
        code.show_c(dc);
        code.show_i(di);
        code.show_i(same);
    });
}

#[test]
fn a_register_may_be_its_own_source() {
    prints("[6, 8]\n[2, 4]\n[9, 16]\n[4, 3]\n[9, 9]\n", |code| {
        let (s, c, i) = (code.secrets(&[3, 4]), code.publics(&[1, 2]), code.ints(&[3, 4]));
        code.op(Op::AddS { dst: DstS(s.0), a: s, b: s });
        code.op(Op::PublicBinary { op: PublicOp::Add, dst: DstC(c.0), a: c, b: c });
        let square = code.i(2);
        code.op(Op::IntBinary { op: IntOp::Mul, dst: DstI(square), a: i, b: i });
        let levels = vec![level(2, -1)];
        code.op(Op::PickI { dst: DstI(i.0), src: i, offset: 1, levels });
        let nine = code.ints(&[9]);
        let nines = code.i(2);
        code.op(Op::MoveI { dst: DstI(nines), src: nine });
        code.op(Op::MoveI { dst: DstI(nines), src: SrcI(nines) });
        code.show_s(s.0);
        code.show_c(c.0);
        code.show_i(square);
        code.show_i(i.0);
        code.show_i(nines);
    });
}

#[test]
fn a_register_that_was_not_written_is_zero() {
    prints("[0, 0, 0]\n[0, 0]\n0\n[7, 7, 7]\n", |code| {
        let (s, c, i, sum) = (code.s(3), code.c(2), code.i(1), code.s(3));
        code.show_s(s);
        code.show_c(c);
        code.show_i(i);
        let a = code.secrets(&[7]);
        let unwritten = code.s(3);
        code.op(Op::AddS { dst: DstS(sum), a, b: SrcS(unwritten) });
        code.show_s(sum);
    });
}

#[test]
fn lanes_are_picked_and_joined() {
    prints("[6, 4, 2]\n[1, 1, 3, 3]\n[2, 2]\n[1, 2, 3, 1, 2, 3]\n[8, 9]\n[5, 6, 7]\n", |code| {
        let s = code.secrets(&[1, 2, 3, 4, 5, 6]);
        let picked = code.s(3);
        code.op(Op::PickS { dst: DstS(picked), src: s, offset: 5, levels: vec![level(3, -2)] });
        let c = code.publics(&[1, 2, 3]);
        let rows = code.c(4);
        let levels = vec![level(2, 2), level(2, 0)];
        code.op(Op::PickC { dst: DstC(rows), src: c, offset: 0, levels });
        let i = code.ints(&[1, 2]);
        let repeated = code.i(2);
        code.op(Op::PickI { dst: DstI(repeated), src: i, offset: 1, levels: vec![level(2, 0)] });
        let (joined, pair, triple) = (code.s(6), code.c(2), code.i(3));
        let first = code.secrets(&[1, 2, 3]);
        code.op(Op::ConcatS { dst: DstS(joined), parts: vec![first, first] });
        let (eight, nine) = (code.publics(&[8]), code.publics(&[9]));
        code.op(Op::ConcatC { dst: DstC(pair), parts: vec![eight, nine] });
        let (five, rest) = (code.int(5), code.ints(&[6, 7]));
        code.op(Op::ConcatI { dst: DstI(triple), parts: vec![five, rest] });
        code.show_s(picked);
        code.show_c(rows);
        code.show_i(repeated);
        code.show_s(joined);
        code.show_c(pair);
        code.show_i(triple);
    });
}

#[test]
fn patterns_count_with_the_last_level_fastest() {
    prints("[10, 9, 110, 109, 210, 209]\n10\n[]\n", |code| {
        let base = code.int(10);
        let (dst, single, none) = (code.i(6), code.i(1), code.i(0));
        let levels = vec![level(3, 100), level(2, -1)];
        code.op(Op::IotaI { dst: DstI(dst), base, levels });
        code.op(Op::IotaI { dst: DstI(single), base, levels: vec![] });
        code.op(Op::IotaI { dst: DstI(none), base, levels: vec![level(0, 1), level(3, 1)] });
        code.show_i(dst);
        code.show_i(single);
        code.show_i(none);
    });
}

#[test]
fn conversions_keep_the_value_and_repeat_a_single_lane() {
    prints("[-1, -1]\n[-3, 9]\n[4, 4]\n", |code| {
        let (minus, both, four) = (code.int(-1), code.publics(&[-3, 9]), code.publics(&[4]));
        let (c, i, s) = (code.c(2), code.i(2), code.s(2));
        code.op(Op::PublicFromInt { dst: DstC(c), src: minus });
        code.op(Op::IntFromPublic { dst: DstI(i), src: both });
        code.op(Op::SecretFromPublic { dst: DstS(s), src: four });
        code.show_c(c);
        code.show_i(i);
        code.show_s(s);
    });
}

/// All combinations of one and of three lanes.
const LANES: [(&[i64], &[i64]); 4] =
    [(&[5, 6, 7], &[1, 2, 3]), (&[5], &[1, 2, 3]), (&[5, 6, 7], &[2]), (&[5], &[2])];

fn expected(op: fn(i64, i64) -> i64) -> String {
    let line = |(a, b): (&[i64], &[i64])| {
        let lane = |idx: usize| op(a[idx.min(a.len() - 1)], b[idx.min(b.len() - 1)]);
        format!("{:?}\n", [lane(0), lane(1), lane(2)])
    };
    LANES.map(line).concat()
}

#[track_caller]
fn secrets(op: fn(DstS, SrcS, SrcS) -> Op, model: fn(i64, i64) -> i64) {
    prints(&expected(model), |code| {
        for (a, b) in LANES {
            let (a, b, dst) = (code.secrets(a), code.secrets(b), code.s(3));
            code.op(op(DstS(dst), a, b));
            code.show_s(dst);
        }
    });
}

#[track_caller]
fn mixed(op: fn(DstS, SrcS, SrcC) -> Op, model: fn(i64, i64) -> i64) {
    prints(&expected(model), |code| {
        for (a, b) in LANES {
            let (a, b, dst) = (code.secrets(a), code.publics(b), code.s(3));
            code.op(op(DstS(dst), a, b));
            code.show_s(dst);
        }
    });
}

#[test]
fn sums_and_differences_of_secrets_repeat_single_lanes() {
    secrets(|dst, a, b| Op::AddS { dst, a, b }, |a, b| a + b);
    secrets(|dst, a, b| Op::SubS { dst, a, b }, |a, b| a - b);
}

#[test]
fn secrets_and_public_values_repeat_single_lanes() {
    mixed(|dst, a, b| Op::AddSC { dst, a, b }, |a, b| a + b);
    mixed(|dst, a, b| Op::SubSC { dst, a, b }, |a, b| a - b);
    mixed(|dst, a, b| Op::SubCS { dst, a: b, b: a }, |a, b| b - a);
    mixed(|dst, a, b| Op::MulSC { dst, a, b }, |a, b| a * b);
}

#[test]
fn blocks_of_all_classes_are_summed() {
    prints("[3, 7]\n10\n[3, 7]\n10\n[3, 7]\n[0, 0]\n", |code| {
        let s = code.secrets(&[1, 2, 3, 4]);
        let c = code.publics(&[1, 2, 3, 4]);
        let i = code.ints(&[1, 2, 3, 4]);
        let none = code.ints(&[]);
        let (s2, s1, c2, i1, i2, zeros) =
            (code.s(2), code.s(1), code.c(2), code.i(1), code.i(2), code.i(2));
        code.op(Op::SumS { dst: DstS(s2), src: s });
        code.op(Op::SumS { dst: DstS(s1), src: s });
        code.op(Op::SumC { dst: DstC(c2), src: c });
        code.op(Op::SumI { dst: DstI(i1), src: i });
        code.op(Op::SumI { dst: DstI(i2), src: i });
        code.op(Op::SumI { dst: DstI(zeros), src: none });
        code.show_s(s2);
        code.show_s(s1);
        code.show_c(c2);
        code.show_i(i1);
        code.show_i(i2);
        code.show_i(zeros);
    });
}
