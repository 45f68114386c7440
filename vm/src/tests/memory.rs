//! Arrays.

use caucus_bytecode::Op;
use caucus_bytecode::operand::*;

use super::code::level;
use super::{fails, prints};
use crate::Kind;

#[test]
fn arrays_of_secrets_are_read_and_written_in_patterns() {
    prints("[0, 1, 0, 2, 0, 3, 0]\n[3, 2]\n[9, 9]\n", |code| {
        let array = code.array(Class::Secret, 7);
        let (base, zero, src) = (code.int(1), code.int(0), code.secrets(&[1, 2, 3]));
        let levels = vec![level(3, 2)];
        code.op(Op::StoreS { array: ArrayOut(array), base, levels, src });
        let all = code.s(7);
        let levels = vec![level(7, 1)];
        code.op(Op::LoadS { dst: DstS(all), array: ArrayIn(array), base: zero, levels });
        code.show_s(all);
        let (index, two) = (code.ints(&[5, 3]), code.s(2));
        code.op(Op::GatherS { dst: DstS(two), array: ArrayIn(array), index });
        code.show_s(two);
        let nine = code.secrets(&[9]);
        code.op(Op::ScatterS { array: ArrayOut(array), index, src: nine });
        code.op(Op::GatherS { dst: DstS(two), array: ArrayIn(array), index });
        code.show_s(two);
    });
}

#[test]
fn arrays_of_public_elements_are_read_and_written_in_patterns() {
    prints("[4, 4, 0, 5, 6]\n[6, 5]\n", |code| {
        let array = code.local(Class::Public, 5);
        let (zero, four, pair) = (code.int(0), code.publics(&[4]), code.publics(&[5, 6]));
        let levels = vec![level(2, 1)];
        code.op(Op::StoreC { array: ArrayOut(array), base: zero, levels, src: four });
        let index = code.ints(&[3, 4]);
        code.op(Op::ScatterC { array: ArrayOut(array), index, src: pair });
        let (all, two) = (code.c(5), code.c(2));
        let levels = vec![level(5, 1)];
        code.op(Op::LoadC { dst: DstC(all), array: ArrayIn(array), base: zero, levels });
        code.show_c(all);
        let index = code.ints(&[4, 3]);
        code.op(Op::GatherC { dst: DstC(two), array: ArrayIn(array), index });
        code.show_c(two);
    });
}

#[test]
fn arrays_of_integers_are_read_and_written_in_patterns() {
    prints("[7, 0, 8]\n8\n[8, 7]\n", |code| {
        let array = code.array(Class::Int, 3);
        let (zero, seven, eight, two) = (code.int(0), code.int(7), code.int(8), code.int(2));
        code.op(Op::StoreI { array: ArrayOut(array), base: zero, levels: vec![], src: seven });
        code.op(Op::ScatterI { array: ArrayOut(array), index: two, src: eight });
        let (all, one, swapped) = (code.i(3), code.i(1), code.i(2));
        let levels = vec![level(3, 1)];
        code.op(Op::LoadI { dst: DstI(all), array: ArrayIn(array), base: zero, levels });
        code.show_i(all);
        code.op(Op::LoadI { dst: DstI(one), array: ArrayIn(array), base: two, levels: vec![] });
        code.show_i(one);
        let index = code.ints(&[2, 0]);
        code.op(Op::GatherI { dst: DstI(swapped), array: ArrayIn(array), index });
        code.show_i(swapped);
    });
}

/// The message of a load of two elements from an array of five.
fn load(class: Class, base: i64, stride: i64) -> String {
    let (error, _) = fails(|code| {
        let array = ArrayIn(code.array(class, 5));
        let base = code.int(base);
        let levels = vec![level(2, stride)];
        match class {
            Class::Secret => {
                let dst = DstS(code.s(2));
                code.op(Op::LoadS { dst, array, base, levels });
            }
            Class::Public => {
                let dst = DstC(code.c(2));
                code.op(Op::LoadC { dst, array, base, levels });
            }
            Class::Int => {
                let dst = DstI(code.i(2));
                code.op(Op::LoadI { dst, array, base, levels });
            }
            Class::Bits => {
                let dst = DstB(code.b(2));
                code.op(Op::LoadB { dst, array, base, levels });
            }
        }
    });
    error.to_string()
}

#[test]
fn an_index_out_of_range_is_named_with_length_and_line() {
    for class in Class::ALL {
        let expected = "test.mpc:2: index 5 is out of range for an array of length 5";
        assert_eq!(load(class, 4, 1), expected);
        let expected = "test.mpc:2: index -1 is out of range for an array of length 5";
        assert_eq!(load(class, 0, -1), expected);
        assert!(load(class, i64::MAX, i64::MAX).contains("out of range"));
        assert!(load(class, i64::MIN, 1).contains("out of range"));
    }
}

#[test]
fn writing_out_of_range_changes_nothing_and_names_the_line() {
    let (error, output) = fails(|code| {
        let array = code.array(Class::Int, 4);
        let (index, src) = (code.ints(&[0, 1, 4]), code.int(9));
        code.op(Op::ScatterI { array: ArrayOut(array), index, src });
    });
    assert!(matches!(error.kind, Kind::IndexOutOfRange { index: 4, len: 4 }));
    assert_eq!(error.position.as_deref(), Some("test.mpc:3"));
    assert_eq!(output, "");
    let (error, _) = fails(|code| {
        let array = code.array(Class::Secret, 4);
        let (base, src) = (code.int(3), code.secrets(&[1, 2]));
        let levels = vec![level(2, 1)];
        code.op(Op::StoreS { array: ArrayOut(array), base, levels, src });
    });
    assert!(matches!(error.kind, Kind::IndexOutOfRange { index: 4, len: 4 }));
}

#[test]
fn an_access_without_lanes_touches_nothing() {
    prints("[]\n", |code| {
        let array = code.array(Class::Int, 0);
        let (base, src, dst) = (code.int(99), code.int(1), code.i(0));
        let levels = vec![level(0, 1)];
        let stored = levels.clone();
        code.op(Op::StoreI { array: ArrayOut(array), base, levels: stored, src });
        code.op(Op::LoadI { dst: DstI(dst), array: ArrayIn(array), base, levels });
        code.show_i(dst);
    });
}

#[test]
fn an_array_that_no_memory_holds_is_an_error() {
    let (error, _) = fails(|code| {
        let array = code.array(Class::Int, 1 << 40);
        let (base, dst) = (code.int(0), code.i(1));
        code.op(Op::LoadI { dst: DstI(dst), array: ArrayIn(array), base, levels: vec![] });
    });
    assert!(matches!(error.kind, Kind::OutOfMemory { bytes } if bytes == 8 << 40), "{error}");
}
