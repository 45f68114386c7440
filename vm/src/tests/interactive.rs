//! What is computed together.

use caucus_bytecode::Op;
use caucus_bytecode::operand::*;
use caucus_core::algebra::Z64;
use caucus_core::ids::PartyId;
use caucus_protocols::Replicated;

use super::code::Code;
use super::{all_succeed, fails, prints, prints_with, three};
use crate::testing::run;
use crate::{Audience, Kind};

/// Rounds and bytes sent by P0 of what `write` gives.
fn cost(write: impl FnOnce(&mut Code)) -> (u64, u64) {
    let baseline = all_succeed(run::<Replicated<Z64>>(&Code::program(|_| ()), &three()));
    let outcomes = all_succeed(run::<Replicated<Z64>>(&Code::program(write), &three()));
    let bytes = |outcome: &crate::Outcome| outcome.statistics[0].bytes_sent();
    (outcomes[0].rounds, bytes(&outcomes[0]) - bytes(&baseline[0]))
}

#[test]
fn products_repeat_single_lanes() {
    prints("[5, 12, 21]\n[5, 10, 15]\n[10, 12, 14]\n[10, 10, 10]\n", |code| {
        let (a, b) = (code.secrets(&[5, 6, 7]), code.secrets(&[1, 2, 3]));
        let (five, two) = (code.secrets(&[5]), code.secrets(&[2]));
        for (a, b) in [(a, b), (five, b), (a, two), (five, two)] {
            let dst = code.s(3);
            code.op(Op::MulS { products: vec![(DstS(dst), a, b)] });
            code.show_s(dst);
        }
    });
}

#[test]
fn a_product_may_take_the_place_of_a_factor() {
    prints("[5, 12, 21]\n[25, 72, 147]\n[0, 0, 0]\n[625, 5184, 21609]\n", |code| {
        let (a, b) = (code.secrets(&[5, 6, 7]), code.secrets(&[1, 2, 3]));
        code.op(Op::MulS { products: vec![(DstS(b.0), a, b)] });
        code.show_s(b.0);
        code.op(Op::MulS { products: vec![(DstS(a.0), a, b)] });
        code.show_s(a.0);
        // A factor that was never written, and one that is both.
        let never = code.s(3);
        code.op(Op::MulS { products: vec![(DstS(never), a, SrcS(never))] });
        code.show_s(never);
        code.op(Op::MulS { products: vec![(DstS(a.0), a, a)] });
        code.show_s(a.0);
    });
}

#[test]
fn many_products_are_one_instruction() {
    prints("[5, 12, 21]\n25\n[]\n[10, 10, 10, 10]\n", |code| {
        let (a, b) = (code.secrets(&[5, 6, 7]), code.secrets(&[1, 2, 3]));
        let (five, two, none) = (code.secrets(&[5]), code.secrets(&[2]), code.secrets(&[]));
        let dst = [code.s(3), code.s(1), code.s(0), code.s(4)];
        let [x, y, z, w] = dst.map(DstS);
        let products = vec![(x, a, b), (y, five, five), (z, five, none), (w, five, two)];
        code.op(Op::MulS { products });
        dst.into_iter().for_each(|dst| code.show_s(dst));
    });
}

#[test]
fn three_products_of_one_instruction_take_one_round() {
    let found = cost(|code| {
        let (a, b) = (code.secrets(&[5, 6, 7]), code.secrets(&[2]));
        let products = [code.s(3), code.s(1), code.s(3)].map(DstS);
        let [x, y, z] = products;
        code.op(Op::MulS { products: vec![(x, a, a), (y, b, b), (z, a, b)] });
    });
    assert_eq!(found, (1, 8 + 7 * 8));
}

#[test]
fn the_product_of_two_single_lanes_is_computed_once() {
    let found = cost(|code| {
        let (a, dst) = (code.secrets(&[5]), code.s(1000));
        code.op(Op::MulS { products: vec![(DstS(dst), a, a)] });
    });
    assert_eq!(found, (1, 8 + 8));
}

#[test]
fn inner_products_of_different_lengths_are_right() {
    prints("32\n[5, 25]\n[0, 0]\n", |code| {
        let (a, b) = (code.secrets(&[1, 2, 3]), code.secrets(&[4, 5, 6]));
        let (c, none) = (code.secrets(&[1, 2, 3, 4]), code.secrets(&[]));
        let dst = [code.s(1), code.s(2), code.s(2)];
        code.op(Op::DotS { products: vec![(DstS(dst[0]), a, b)] });
        code.show_s(dst[0]);
        let products = vec![(DstS(dst[0]), a, b), (DstS(dst[1]), c, c), (DstS(dst[2]), none, none)];
        code.op(Op::DotS { products });
        code.show_s(dst[1]);
        code.show_s(dst[2]);
    });
}

#[test]
fn inner_products_share_a_round_unless_padding_costs_more() {
    let dots = |long: usize, short: usize| {
        cost(|code| {
            let (a, b) = (code.secrets(&vec![1; long]), code.secrets(&vec![1; short]));
            let (x, y) = (DstS(code.s(1)), DstS(code.s(short as u64)));
            code.op(Op::DotS { products: vec![(x, a, a), (y, b, b)] });
        })
    };
    assert_eq!(dots(100, 3), (1, 8 + 4 * 8));
    assert_eq!(dots(1000, 1000), (2, 2 * 8 + 1001 * 8));
}

#[test]
fn very_different_inner_products_are_right() {
    prints("1000\n1000\n", |code| {
        let ones = code.secrets(&[1; 1000]);
        let (dot, single, sum) = (code.s(1), code.s(1000), code.s(1));
        code.op(Op::DotS { products: vec![(DstS(dot), ones, ones), (DstS(single), ones, ones)] });
        code.show_s(dot);
        code.op(Op::SumS { dst: DstS(sum), src: SrcS(single) });
        code.show_s(sum);
    });
}

#[test]
fn matrices_are_multiplied_row_by_row() {
    prints("[22, 28, 49, 64]\n", |code| {
        let a = code.secrets(&[1, 2, 3, 4, 5, 6]);
        let dst = DstS(code.s(4));
        code.op(Op::MatMulS { dst, a, b: a, rows: 2, inner: 3, cols: 2 });
        code.show_s(dst.0);
    });
}

#[test]
fn openings_share_a_round() {
    prints("[1, 2, 3]\n4\n", |code| {
        let (a, b) = (code.secrets(&[1, 2, 3]), code.secrets(&[4]));
        let (x, y) = (code.c(3), code.c(1));
        code.op(Op::OpenS { openings: vec![(DstC(x), a), (DstC(y), b)] });
        code.show_c(x);
        code.show_c(y);
    });
    let found = cost(|code| {
        let (a, b) = (code.secrets(&[1, 2, 3]), code.secrets(&[4]));
        let (x, y) = (code.c(3), code.c(1));
        code.op(Op::OpenS { openings: vec![(DstC(x), a), (DstC(y), b)] });
    });
    assert_eq!(found, (1, 8 + 4 * 8));
}

#[test]
fn a_value_opened_to_one_party_is_zero_at_the_others() {
    let program = Code::program(|code| {
        let (player, src, dst) = (code.int(1), code.secrets(&[8, 9]), code.c(2));
        code.op(Op::OpenToS { player, dst: DstC(dst), src });
        let parts = vec![Part::Public(SrcC(dst))];
        code.op(Op::Print { condition: None, player: Some(player), parts });
    });
    let hosts = three();
    all_succeed(run::<Replicated<Z64>>(&program, &hosts));
    let audience = Audience::Player(PartyId::new(1));
    let outputs: Vec<String> = hosts.iter().map(|host| host.output_for(audience)).collect();
    assert_eq!(outputs, ["[0, 0]", "[8, 9]", "[0, 0]"]);
    assert!(hosts.iter().all(|host| host.output().is_empty()));
}

#[test]
fn inputs_are_taken_in_the_order_of_the_program() {
    prints_with(&[&[1, 2, 3, 4], &[10, 20], &[]], "[1, 2]\n10\n[3, 4]\n20\n", |code| {
        let (p0, p1) = (code.int(0), code.int(1));
        let dst = [code.s(2), code.s(1), code.s(2), code.s(1)];
        let [a, b, c, d] = dst.map(DstS);
        code.op(Op::InputS { inputs: vec![(a, p0, 0), (b, p1, 0), (c, p0, 0)] });
        code.op(Op::InputS { inputs: vec![(d, p1, 0)] });
        dst.into_iter().for_each(|dst| code.show_s(dst));
    });
}

#[test]
fn fixed_point_inputs_are_multiples() {
    prints_with(&[&[1, -2, 3], &[], &[]], "[4, -8]\n3\n", |code| {
        let (player, fixed, whole) = (code.int(0), code.s(2), code.s(1));
        code.op(Op::InputS { inputs: vec![(DstS(fixed), player, 2), (DstS(whole), player, 0)] });
        code.show_s(fixed);
        code.show_s(whole);
    });
}

#[test]
fn missing_inputs_are_reported_by_their_owner() {
    let program = Code::program(|code| {
        let (player, dst) = (code.int(1), DstS(code.s(3)));
        code.op(Op::InputS { inputs: vec![(dst, player, 0)] });
    });
    let hosts = three();
    hosts[1].add_inputs(PartyId::new(1), 0, &[7]);
    let errors = run::<Replicated<Z64>>(&program, &hosts);
    let error = errors[1].as_ref().unwrap_err();
    assert!(matches!(&error.kind, Kind::Host(error) if error.class() == 9));
    let expected = "test.mpc:2: P1 gives 1 private inputs in thread 0, the program takes 3 more";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_party_that_does_not_exist_is_an_error() {
    for number in [-1, 3, 256] {
        let (error, _) = fails(|code| {
            let (player, dst) = (code.int(number), DstS(code.s(1)));
            code.op(Op::InputS { inputs: vec![(dst, player, 0)] });
        });
        let expected = format!("test.mpc:2: there is no party {number}: the program runs with 3");
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn random_secrets_differ() {
    prints("0\n", |code| {
        let [a, b, difference] = [0; 3].map(|_| code.s(1));
        code.op(Op::RandomS { dst: DstS(a) });
        code.op(Op::RandomS { dst: DstS(b) });
        code.op(Op::SubS { dst: DstS(difference), a: SrcS(a), b: SrcS(b) });
        let (opened, zero, equal) = (code.c(1), code.publics(&[0]), code.i(1));
        code.op(Op::OpenS { openings: vec![(DstC(opened), SrcS(difference))] });
        let (op, dst) = (Comparison::Eq, DstI(equal));
        code.op(Op::ComparePublic { op, dst, a: SrcC(opened), b: zero });
        code.show_i(equal);
    });
}
