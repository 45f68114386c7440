//! What depends on the bits of secrets.

use caucus_bytecode::Op;
use caucus_bytecode::operand::*;

use super::code::Code;
use super::prints;

/// Operands with four and two destinations for `a` and `b`; a single lane of `b` is repeated.
fn both(a: SrcS, b: SrcS, code: &mut Code, bits: [i64; 2]) -> ([u32; 2], Vec<(DstS, SrcS, Imm)>) {
    let dst = [code.s(4), code.s(2)];
    (dst, vec![(DstS(dst[0]), a, bits[0]), (DstS(dst[1]), b, bits[1])])
}

#[test]
fn the_sign_is_that_of_the_low_bits() {
    prints("[1, 0, 0, 1]\n[1, 1]\n[0, 0, 0, 1]\n[1, 1]\n", |code| {
        for bits in [[3, 3], [63, 3]] {
            let (a, b) = (code.secrets(&[4, 3, 0, -1]), code.secrets(&[-4]));
            let (dst, tests) = both(a, b, code, bits);
            code.op(Op::LessThanZeroS { tests });
            dst.into_iter().for_each(|dst| code.show_s(dst));
        }
    });
}

#[test]
fn zero_is_what_has_no_low_bits() {
    prints("[0, 1, 1, 0]\n[1, 1]\n[0, 1, 0, 0]\n[1, 1]\n", |code| {
        for bits in [[2, 2], [64, 2]] {
            let (a, b) = (code.secrets(&[1, 0, 4, -1]), code.secrets(&[8]));
            let (dst, tests) = both(a, b, code, bits);
            code.op(Op::EqualZeroS { tests });
            dst.into_iter().for_each(|dst| code.show_s(dst));
        }
    });
}

#[test]
fn bits_come_in_rows_the_least_significant_first() {
    prints("[1, 0, 0, 1, 1, 0]\n[1, 1, 1]\n[1, 1]\n[]\n", |code| {
        let (a, b) = (code.secrets(&[5, 2]), code.secrets(&[-1]));
        let none = code.secrets(&[]);
        let dst = [code.s(6), code.s(3), code.s(2), code.s(0)];
        let [x, y, z, w] = dst.map(DstS);
        code.op(Op::DecomposeS { parts: vec![(x, a, 3), (y, b, 3), (z, b, 2), (w, none, 3)] });
        dst.into_iter().for_each(|dst| code.show_s(dst));
    });
}

#[test]
fn quotients_are_rounded_as_the_instruction_says() {
    prints("[2, -3, 2, -2]\n[3, -2, 2, -2]\n[3, -2]\n", |code| {
        let src = code.secrets(&[5, -5, 4, -4]);
        let short = code.secrets(&[4, -4]);
        let dst = [code.s(4), code.s(4), code.s(2)];
        let [x, y, z] = dst.map(DstS);
        let exact = vec![(x, src, 1, 20, Rounding::Floor), (y, src, 1, 20, Rounding::Nearest)];
        code.op(Op::TruncateS { shifts: exact });
        let a = SrcS(dst[1]);
        let products = code.s(2);
        let levels = vec![Level { count: 2, stride: 1 }];
        code.op(Op::PickS { dst: DstS(products), src: a, offset: 0, levels });
        code.op(Op::MulS { products: vec![(DstS(products), SrcS(products), short)] });
        // A number without remainder is exact in any case: 12 / 4 and 8 / 4.
        code.op(Op::TruncateS {
            shifts: vec![(z, SrcS(products), 2, 20, Rounding::Probabilistic)],
        });
        dst.into_iter().take(2).for_each(|dst| code.show_s(dst));
        let signs = code.publics(&[1, -1]);
        code.op(Op::MulSC { dst: DstS(dst[2]), a: SrcS(dst[2]), b: signs });
        code.show_s(dst[2]);
    });
}

#[test]
fn one_operand_may_be_what_another_one_writes() {
    prints("1\n0\n", |code| {
        let (a, b) = (code.secrets(&[-1]), code.secrets(&[7]));
        let dst = code.s(1);
        code.op(Op::LessThanZeroS { tests: vec![(DstS(b.0), a, 8), (DstS(dst), b, 9)] });
        code.show_s(b.0);
        code.show_s(dst);
    });
}

#[test]
fn places_are_weighed_row_by_row() {
    prints("[2, 0, 2, 4, 7, 0, 7, 7]\n14\n[100, 0, 111, 1101]\n[]\n", |code| {
        let (a, b) = (code.secrets(&[4, 0, 7, -3]), code.secrets(&[-6]));
        let mut list = |values: &[i128]| values.iter().map(|it| code.constant(*it)).collect();
        let (leading, single) = (list(&[0, 1, 2, 3, 0, 0, 7, 7]), list(&[0, 0, 7, 7]));
        let (each, none) = (list(&[1, 10, 100, 1000]), vec![]);
        let dst = [code.s(8), code.s(1), code.s(4), code.s(0)];
        let [x, y, z, w] = dst.map(DstS);
        code.op(Op::WeighS {
            sums: vec![
                (x, a, 4, Places::Leading, leading),
                (y, b, 4, Places::Leading, single),
                (z, a, 4, Places::Each, each),
                (w, a, 4, Places::Each, none),
            ],
        });
        dst.into_iter().for_each(|dst| code.show_s(dst));
    });
}
