//! Secret bits.

use caucus_bytecode::Op;
use caucus_bytecode::operand::*;

use super::code::{Code, level};
use super::{fails, give, prints, prints_with, three};
use crate::testing::run;

/// Bits whose shares are random.
fn secret(code: &mut Code, bits: &[u8]) -> SrcB {
    let lanes = bits.len() as u64;
    let pack = |word: &[u8]| word.iter().rev().fold(0, |sum, bit| sum << 1 | i64::from(*bit));
    let [plain, random, sum, dst] = [0; 4].map(|_| code.b(lanes));
    code.op(Op::LoadBits { dst: DstB(plain), words: bits.chunks(64).map(pack).collect() });
    code.op(Op::RandomB { dst: DstB(random) });
    code.op(Op::XorB { dst: DstB(sum), a: SrcB(plain), b: SrcB(random) });
    code.op(Op::XorB { dst: DstB(dst), a: SrcB(sum), b: SrcB(random) });
    SrcB(dst)
}

#[test]
fn bits_are_added_and_multiplied() {
    prints("[0, 1, 1, 0]\n[0, 0, 0, 1]\n[1, 1, 0, 0]\n[0, 1, 0, 1]\n1\n", |code| {
        let (a, b) = (secret(code, &[0, 0, 1, 1]), secret(code, &[0, 1, 0, 1]));
        let one = secret(code, &[1]);
        let [sum, not] = [0; 2].map(|_| DstB(code.b(4)));
        let [product, same] = [0; 2].map(|_| DstB(code.b(4)));
        let single = DstB(code.b(1));
        code.op(Op::XorB { dst: sum, a, b });
        let products = vec![(product, a, b), (same, one, b), (single, one, one)];
        code.op(Op::AndB { products });
        code.op(Op::XorB { dst: not, a, b: one });
        [sum, product, not, same, single].into_iter().for_each(|dst| code.show_b(dst.0));
    });
}

#[test]
fn public_elements_act_by_their_lowest_bit() {
    prints("[1, 1, 0]\n[0, 1, 0]\n[1, 0, 0]\n[0, 0, 0]\n[1, 0, 0, 1]\n", |code| {
        let a = secret(code, &[0, 1, 0]);
        let (b, two) = (code.publics(&[5, -2, 2]), code.publics(&[2]));
        let dst = [0; 4].map(|_| DstB(code.b(3)));
        code.op(Op::XorBC { dst: dst[0], a, b });
        code.op(Op::XorBC { dst: dst[1], a, b: two });
        let all = secret(code, &[1, 1, 1]);
        code.op(Op::AndBC { dst: dst[2], a: all, b });
        code.op(Op::AndBC { dst: dst[3], a: all, b: two });
        dst.into_iter().for_each(|dst| code.show_b(dst.0));
        let (src, rows) = (code.publics(&[-3, 2]), DstB(code.b(4)));
        code.op(Op::BitsFromPublic { dst: rows, src, bits: 2 });
        code.show_b(rows.0);
    });
}

#[test]
fn lanes_of_bits_are_picked_joined_and_summed() {
    prints("[1, 0, 1]\n[1, 0, 0, 1, 1]\n[1, 1]\n[]\n", |code| {
        let a = secret(code, &[1, 0, 0, 1, 1]);
        let (back, joined, sums) = (code.b(3), code.b(5), code.b(2));
        let levels = vec![level(3, -2)];
        code.op(Op::PickB { dst: DstB(back), src: a, offset: 4, levels });
        let tail = code.b(2);
        code.op(Op::PickB { dst: DstB(tail), src: a, offset: 3, levels: vec![level(2, 1)] });
        let head = secret(code, &[1, 0, 0]);
        code.op(Op::ConcatB { dst: DstB(joined), parts: vec![head, SrcB(tail)] });
        let six = code.b(6);
        let one = secret(code, &[1]);
        code.op(Op::ConcatB { dst: DstB(six), parts: vec![SrcB(joined), one] });
        code.op(Op::SumB { dst: DstB(sums), src: SrcB(six) });
        let none = secret(code, &[]);
        [back, joined, sums, none.0].into_iter().for_each(|dst| code.show_b(dst));
    });
}

#[test]
fn numbers_become_bits_and_bits_numbers() {
    prints("[1, 0, 0, 1, 1, 0]\n[1, 1]\n[1, 0, 0, 1, 1, 0]\n[1, 1]\n", |code| {
        let (a, b) = (code.secrets(&[5, 2]), code.secrets(&[-1]));
        let (x, y) = (DstB(code.b(6)), DstB(code.b(2)));
        code.op(Op::BitsFromSecret { parts: vec![(x, a, 3), (y, b, 2)] });
        code.show_b(x.0);
        code.show_b(y.0);
        let (s, t) = (DstS(code.s(6)), DstS(code.s(2)));
        code.op(Op::SecretFromBits { parts: vec![(s, SrcB(x.0)), (t, SrcB(y.0))] });
        code.show_s(s.0);
        code.show_s(t.0);
    });
}

#[test]
fn bits_are_printed_as_one_number() {
    prints("0x2d\n0x0\n0x1\n", |code| {
        for bits in [&[1, 0, 1, 1, 0, 1, 2, 0][..], &[], &[-1]] {
            let src = code.publics(bits);
            code.print(vec![Part::Hex(src)]);
        }
    });
}

#[test]
fn arrays_hold_bits() {
    prints("[0, 1, 0, 1, 0]\n[1, 0, 1]\n[1, 1, 0]\n", |code| {
        let array = code.array(Class::Bits, 70);
        let (base, one) = (code.int(62), secret(code, &[1]));
        let ones = ArrayOut(array);
        code.op(Op::StoreB { array: ones, base, levels: vec![level(2, 2)], src: one });
        let (found, start) = (code.b(5), code.int(61));
        let (dst, levels) = (DstB(found), vec![level(5, 1)]);
        code.op(Op::LoadB { dst, array: ArrayIn(array), base: start, levels });
        code.show_b(found);
        let (index, gathered) = (code.ints(&[64, 0, 62]), code.b(3));
        code.op(Op::GatherB { dst: DstB(gathered), array: ArrayIn(array), index });
        code.show_b(gathered);
        let (index, src) = (code.ints(&[0, 1, 64]), secret(code, &[1, 1, 0]));
        code.op(Op::ScatterB { array: ones, index, src });
        code.op(Op::GatherB { dst: DstB(gathered), array: ArrayIn(array), index });
        code.show_b(gathered);
    });
}

#[test]
fn an_index_outside_of_an_array_of_bits_is_refused() {
    let (error, _) = fails(|code| {
        let array = code.array(Class::Bits, 3);
        let (index, dst) = (code.ints(&[3]), DstB(code.b(1)));
        code.op(Op::GatherB { dst, array: ArrayIn(array), index });
    });
    assert!(error.to_string().contains("index 3 is out of range"), "{error}");
}

#[test]
fn private_inputs_come_as_bits() {
    prints_with(&[&[5, -1], &[3, 3]], "[1, 1, 0, 1, 1, 1]\n[1, 1, 0]\n[0, 1, 1]\n", |code| {
        let (p0, p1) = (code.int(0), code.int(1));
        let [a, b, c] = [6, 3, 3].map(|lanes| DstB(code.b(lanes)));
        code.op(Op::InputB { inputs: vec![(a, p0, 3, 0), (b, p1, 3, 0)] });
        // Half units: 3 is 6 of them.
        code.op(Op::InputB { inputs: vec![(c, p1, 3, 1)] });
        code.show_b(a.0);
        code.show_b(b.0);
        code.show_b(c.0);
    });
}

#[test]
fn an_input_that_does_not_fit_is_an_error_that_does_not_show_it() {
    for value in [8, -5, 123_456] {
        let program = Code::program(|code| {
            let (player, dst) = (code.int(1), DstB(code.b(3)));
            code.op(Op::InputB { inputs: vec![(dst, player, 3, 0)] });
        });
        let hosts = three();
        give(&hosts, &[&[], &[value]]);
        let results =
            run::<caucus_protocols::Replicated<caucus_core::algebra::Z64>>(&program, &hosts);
        let error = results[1].as_ref().expect_err("it does not fit").to_string();
        assert_eq!(error, "test.mpc:2: a private input of P1 does not fit the 3 bits of its type");
    }
}
