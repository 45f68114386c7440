//! What changes the order of secrets.

use caucus_bytecode::Op;
use caucus_bytecode::operand::*;

use super::code::Code;
use super::{fails, prints};

/// A new permutation.
fn permutation(code: &mut Code, rows: i64) -> SrcI {
    let number = code.i(1);
    code.op(Op::NewPermutation { dst: DstI(number), rows });
    SrcI(number)
}

#[test]
fn rows_are_sorted_by_several_keys() {
    prints("[0, 3, 2, 1, 1, 2, 3, 0]\n[0, 1, 3, 2]\n[2, 3, 0, 1]\n[0, 1, 2, 3]\n", |code| {
        let rows = code.secrets(&[0, 3, 1, 2, 2, 1, 3, 0]);
        let (first, second) = (code.secrets(&[0, 2, 1, 3]), code.secrets(&[9, 1, -1, 4]));
        let numbers = code.secrets(&[0, 1, 2, 3]);
        let dst = [code.s(8), code.s(4)];
        code.op(Op::SortS { dst: DstS(dst[0]), src: rows, keys: vec![(first, 8)] });
        // Of the first key only the lowest bit counts: 0, 0, 1, 1; of the second three: 1, 1, 7, 4.
        let keys = vec![(first, 1), (second, 3)];
        code.op(Op::SortS { dst: DstS(dst[1]), src: numbers, keys });
        dst.into_iter().for_each(|dst| code.show_s(dst));
        let none = code.s(4);
        code.op(Op::SortS { dst: DstS(none), src: numbers, keys: vec![(second, 3)] });
        code.op(Op::SortS { dst: DstS(none), src: SrcS(none), keys: vec![(SrcS(none), 5)] });
        let moved = code.s(4);
        let places = code.secrets(&[2, 3, 0, 1]);
        let src = numbers;
        code.op(Op::RearrangeS { dst: DstS(moved), numbers: places, src, backward: true });
        code.show_s(moved);
        code.show_s(none);
    });
}

#[test]
fn a_sorted_register_may_be_its_own_key() {
    prints("[1, 2, 3]\n[]\n", |code| {
        let values = code.secrets(&[3, 1, 2]);
        code.op(Op::SortS { dst: DstS(values.0), src: values, keys: vec![(values, 2)] });
        code.show_s(values.0);
        let none = code.secrets(&[]);
        code.op(Op::SortS { dst: DstS(none.0), src: none, keys: vec![(none, 2)] });
        code.show_s(none.0);
    });
}

#[test]
fn rows_move_to_their_places_and_back() {
    prints("[20, 21, 30, 31, 10, 11]\n[10, 11, 20, 21, 30, 31]\n", |code| {
        let numbers = code.secrets(&[2, 0, 1]);
        let rows = code.secrets(&[10, 11, 20, 21, 30, 31]);
        let dst = [code.s(6), code.s(6)];
        let [moved, back] = dst.map(DstS);
        code.op(Op::RearrangeS { dst: moved, numbers, src: rows, backward: false });
        code.op(Op::RearrangeS { dst: back, numbers, src: SrcS(dst[0]), backward: true });
        dst.into_iter().for_each(|dst| code.show_s(dst));
    });
}

#[test]
fn shuffles_and_permutations_keep_rows_and_are_undone() {
    prints("10\n[1, 2, 3, 4]\n[1, 2, 3, 4]\n", |code| {
        let values = code.secrets(&[1, 2, 3, 4]);
        let (shuffled, sum, sorted) = (code.s(4), code.s(1), code.s(4));
        code.op(Op::ShuffleS { dst: DstS(shuffled), src: values, rows: 4 });
        code.op(Op::SumS { dst: DstS(sum), src: SrcS(shuffled) });
        code.show_s(sum);
        let keys = vec![(SrcS(shuffled), 3)];
        code.op(Op::SortS { dst: DstS(sorted), src: SrcS(shuffled), keys });
        code.show_s(sorted);
        let number = permutation(code, 2);
        let src = SrcS(shuffled);
        let dst = DstS(shuffled);
        let permute = |src, backward| Op::PermuteS { dst, number, src, rows: 2, backward };
        code.op(permute(values, false));
        code.op(permute(src, true));
        code.show_s(shuffled);
    });
}

#[test]
fn a_permutation_of_one_thread_is_used_by_another() {
    prints("[1, 2, 3, 4, 5]\n", |code| {
        let cell = code.array(Class::Int, 1);
        let values = code.secrets(&[1, 2, 3, 4, 5]);
        let array = code.array(Class::Secret, 5);
        let levels = vec![Level { count: 5, stride: 1 }];
        let zero = code.int(0);
        let number = permutation(code, 5);
        code.op(Op::StoreI { array: ArrayOut(cell), base: zero, levels: vec![], src: number });
        let (permuted, dst) = (code.s(5), code.s(5));
        let rows = 5;
        code.op(Op::PermuteS { dst: DstS(permuted), number, src: values, rows, backward: false });
        let src = SrcS(permuted);
        let store = Op::StoreS { array: ArrayOut(array), base: zero, levels: levels.clone(), src };
        code.op(store);
        let back = levels.clone();
        let tape = code.tape(0, move |code| {
            let zero = code.int(0);
            let (number, s) = (code.i(1), code.s(5));
            let load = DstI(number);
            code.op(Op::LoadI { dst: load, array: ArrayIn(cell), base: zero, levels: vec![] });
            code.op(Op::LoadS {
                dst: DstS(s),
                array: ArrayIn(array),
                base: zero,
                levels: back.clone(),
            });
            let (dst, src, number) = (DstS(s), SrcS(s), SrcI(number));
            code.op(Op::PermuteS { dst, number, src, rows, backward: true });
            let array = ArrayOut(array);
            code.op(Op::StoreS { array, base: zero, levels: back, src });
        });
        code.op(Op::Threads { jobs: vec![(tape, vec![])] });
        code.op(Op::LoadS { dst: DstS(dst), array: ArrayIn(array), base: zero, levels });
        code.show_s(dst);
    });
}

#[test]
fn wrong_numbers_are_errors_of_the_program() {
    let (error, _) = fails(|code| {
        let (values, dst) = (code.secrets(&[1, 2, 3]), code.s(3));
        let number = permutation(code, 2);
        let dst = DstS(dst);
        code.op(Op::PermuteS { dst, number, src: values, rows: 3, backward: false });
    });
    assert_eq!(error.kind.to_string(), "a permutation of 2 items is applied to 3");
    let (error, _) = fails(|code| {
        let (numbers, dst) = (code.secrets(&[1, 2, 3]), code.s(3));
        let dst = DstS(dst);
        code.op(Op::RearrangeS { dst, numbers, src: numbers, backward: false });
    });
    assert_eq!(error.kind.to_string(), "the numbers are no permutation of 0 to 2");
}
