//! Programs as users write them, and what becomes of them.

use caucus_bytecode::operand::*;
use caucus_bytecode::{ArrayRef, Op};

use super::interpret::interpret;
use super::{check, instructions, text};
use crate::build::Builder;
use crate::ir::{LoopKind, Module, Node};
use crate::passes::{self, LoopNote, PassOptions, ops};

const PARALLEL: LoopKind = LoopKind::Parallel { unroll: None };

/// The module after all passes, which must compute the same, and the notes.
fn optimized(module: &Module) -> (Module, Vec<LoopNote>) {
    let mut res = module.clone();
    let notes = passes::run(&mut res, &PassOptions::default()).unwrap();
    check(&res);
    let (mut expected, mut found) = (interpret(module).unwrap(), interpret(&res).unwrap());
    (expected.rounds, found.rounds) = (0, 0);
    found.arrays.truncate(expected.arrays.len());
    let shared = |array: usize| {
        module.tapes[0]
            .body
            .stmts
            .iter()
            .any(|stmt| matches!(stmt.node, Node::Array(number) if number as usize == array))
    };
    for (number, array) in expected.arrays.iter().enumerate().filter(|(it, _)| shared(*it)) {
        assert_eq!(*array, found.arrays[number], "array{number}\n{}", text(&res));
    }
    assert_eq!(expected.output, found.output);
    (res, notes)
}

fn lines(module: &Module) -> Vec<String> {
    instructions(&module.tapes[0].body).iter().map(Op::to_string).collect()
}

/// Fills an array of secrets with different numbers.
fn fill(b: &mut Builder, array: u32, len: u64) {
    let zero = b.int(0);
    let (ints, public) = (b.fresh(Class::Int, len), b.fresh(Class::Public, len));
    let levels = vec![Level { count: len, stride: 3 }];
    b.op(Op::IotaI { dst: DstI(ints), base: SrcI(zero), levels });
    b.op(Op::PublicFromInt { dst: DstC(public), src: SrcI(ints) });
    let secret = b.fresh(Class::Secret, len);
    b.op(Op::SecretFromPublic { dst: DstS(secret), src: SrcC(public) });
    b.store(array, zero, secret);
}

/// A loop from 0 to `count`; gives the index.
fn begin(b: &mut Builder, count: i64, kind: LoopKind) -> u32 {
    let (start, stop) = (b.int(0), b.int(count));
    let index = b.fresh(Class::Int, 1);
    b.region_loop(index, start, stop, 1, kind);
    index
}

fn secret_move(b: &mut Builder, dst: u32, src: u32) {
    b.op(ops::mov(Class::Secret, dst, src));
}

fn add(b: &mut Builder, x: u32, y: u32) -> u32 {
    let dst = b.fresh(Class::Secret, 1);
    b.op(Op::AddS { dst: DstS(dst), a: SrcS(x), b: SrcS(y) });
    dst
}

fn squares(n: u64) -> Module {
    let mut b = Builder::new();
    let array = b.array(Class::Secret, n);
    fill(&mut b, array, n);
    let index = begin(&mut b, n as i64, PARALLEL);
    let value = b.load(array, index, 1);
    let square = b.mul(value, value);
    b.store(array, index, square);
    b.end();
    b.finish()
}

#[test]
fn squares_of_an_array_are_one_load_one_product_and_one_store() {
    let (module, notes) = optimized(&squares(1000));
    let found = lines(&module);
    let tail: Vec<_> =
        found[found.len() - 4..].iter().map(|it| it.split(' ').next().unwrap()).collect();
    assert_eq!(tail, ["ldi", "lds", "muls", "sts"], "{}", text(&module));
    assert!(found[found.len() - 3].ends_with("[1000×1]"), "{}", text(&module));
    assert_eq!(notes[0].text, "1000 iterations at once");
}

#[test]
fn a_loop_too_long_for_a_register_runs_in_equal_pieces() {
    let n = (1 << 20) + 3;
    let (module, notes) = optimized(&squares(n));
    assert_eq!(notes[0].text, "524290 iterations at once, in 1 pieces and one of 524289");
    assert_eq!(interpret(&module).unwrap().rounds, 2);
}

#[test]
fn a_sum_over_iterations_is_one_sum() {
    let mut b = Builder::new();
    let (array, result) = (b.array(Class::Secret, 50), b.array(Class::Secret, 1));
    fill(&mut b, array, 50);
    let zero = b.int(0);
    let start = b.load(array, zero, 1);
    let sum = b.fresh(Class::Secret, 1);
    secret_move(&mut b, sum, start);
    let index = begin(&mut b, 50, PARALLEL);
    let value = b.load(array, index, 1);
    let square = b.mul(value, value);
    let next = add(&mut b, sum, square);
    secret_move(&mut b, sum, next);
    b.end();
    b.store(result, zero, sum);
    let (module, notes) = optimized(&b.finish());
    assert_eq!(notes[0].text, "50 iterations at once");
    assert_eq!(lines(&module).iter().filter(|it| it.starts_with("sums")).count(), 1);
}

#[test]
fn tests_of_all_iterations_are_one_instruction() {
    let mut b = Builder::new();
    let (array, result) = (b.array(Class::Secret, 50), b.array(Class::Secret, 150));
    fill(&mut b, array, 50);
    let index = begin(&mut b, 50, PARALLEL);
    let value = b.load(array, index, 1);
    let [negative, bits, half] = [1, 3, 1].map(|lanes| DstS(b.fresh(Class::Secret, lanes)));
    let (unused, src) = (DstS(b.fresh(Class::Secret, 1)), SrcS(value));
    b.op(Op::LessThanZeroS { tests: vec![(negative, src, 20), (unused, src, 30)] });
    b.op(Op::DecomposeS { parts: vec![(bits, src, 3)] });
    b.op(Op::TruncateS { shifts: vec![(half, src, 1, 20, Rounding::Floor)] });
    let three = b.int(3);
    let place = b.binary(IntOp::Mul, index, three);
    b.store(result, place, bits.0);
    b.store(array, index, negative.0);
    b.store(result, place, half.0);
    b.end();
    let (module, notes) = optimized(&b.finish());
    assert_eq!(notes[0].text, "50 iterations at once");
    let of = |name| lines(&module).iter().filter(|it| it.starts_with(name)).count();
    assert_eq!([of("ltzs"), of("decs"), of("truncs")], [1, 1, 1]);
    let wide = |op: &Op| match op {
        Op::LessThanZeroS { tests } => tests.len() == 1,
        _ => false,
    };
    assert!(instructions(&module.tapes[0].body).iter().any(wide), "the unused test is left out");
}

#[test]
fn tests_of_different_lengths_become_one_instruction() {
    let mut b = Builder::new();
    let (array, result) = (b.array(Class::Secret, 2), b.array(Class::Secret, 2));
    fill(&mut b, array, 2);
    for (at, bits) in [(0, 8), (1, 16)] {
        let place = b.int(at);
        let value = b.load(array, place, 1);
        let zero = b.fresh(Class::Secret, 1);
        b.op(Op::EqualZeroS { tests: vec![(DstS(zero), SrcS(value), bits)] });
        b.store(result, place, zero);
    }
    let (module, _) = optimized(&b.finish());
    assert_eq!(interpret(&module).unwrap().rounds, 1);
}

#[test]
fn a_recurrence_is_not_widened_and_the_note_names_array_and_lines() {
    let mut b = Builder::new();
    let array = b.array(Class::Secret, 50);
    fill(&mut b, array, 50);
    b.at(7);
    let index = begin(&mut b, 49, PARALLEL);
    b.at(8);
    let value = b.load(array, index, 1);
    let one = b.int(1);
    let next = b.binary(IntOp::Add, index, one);
    let square = b.mul(value, value);
    b.at(9);
    b.store(array, next, square);
    b.end();
    let (_, notes) = optimized(&b.finish());
    assert_eq!(
        notes[0].text,
        "49 iterations unrolled at a time: iterations may depend on each other: array0 (sint, 50 \
         elements) is written in line 9 and read in line 8"
    );
}

#[test]
fn unrolled_iterations_share_rounds() {
    let mut b = Builder::new();
    let array = b.array(Class::Secret, 64);
    fill(&mut b, array, 64);
    let index = begin(&mut b, 10, PARALLEL);
    let value = b.load(array, index, 1);
    let square = b.mul(value, value);
    let text = Part::Int(SrcI(index));
    b.op(Op::Print { condition: None, player: None, parts: vec![text] });
    let offset = b.int(20);
    let place = b.binary(IntOp::Add, index, offset);
    b.store(array, place, square);
    b.end();
    let (module, notes) = optimized(&b.finish());
    assert!(notes[0].text.starts_with("10 iterations unrolled"), "{}", notes[0].text);
    assert_eq!(interpret(&module).unwrap().rounds, 1);
}

#[test]
fn an_address_keeps_the_value_that_its_variable_had() {
    let mut b = Builder::new();
    let (array, result) = (b.array(Class::Secret, 60), b.array(Class::Secret, 200));
    fill(&mut b, array, 60);
    let index = begin(&mut b, 10, PARALLEL);
    let offset = b.fresh(Class::Int, 1);
    let (zero, ten) = (b.int(0), b.int(10));
    b.copy_int(offset, zero);
    let _ = begin(&mut b, 3, LoopKind::Sequential);
    let place = b.binary(IntOp::Add, offset, index);
    let next = b.binary(IntOp::Add, offset, ten);
    b.copy_int(offset, next);
    let value = b.load(array, place, 1);
    let square = b.mul(value, value);
    b.store(result, index, square);
    b.end();
    b.end();
    let (_, notes) = optimized(&b.finish());
    assert_eq!(notes[0].text, "10 iterations at once");
}

#[test]
fn an_address_that_a_loop_within_computes_is_not_fixed() {
    let mut b = Builder::new();
    let array = b.array(Class::Int, 60);
    let index = begin(&mut b, 6, PARALLEL);
    let inner = begin(&mut b, 4, LoopKind::Sequential);
    let mask = b.int(7);
    let opaque = b.binary(IntOp::And, inner, mask);
    let place = b.binary(IntOp::Add, opaque, index);
    let ten = b.int(10);
    let tens = b.binary(IntOp::Mul, index, ten);
    let value = b.binary(IntOp::Add, tens, inner);
    let array = ArrayOut(ArrayRef::Global(array));
    b.op(Op::StoreI { array, base: SrcI(place), levels: vec![], src: SrcI(value) });
    b.end();
    b.end();
    let (_, notes) = optimized(&b.finish());
    assert!(notes[0].text.contains("may depend on each other"), "{}", notes[0].text);
}

#[test]
fn scattered_writes_of_a_loop_within_keep_their_order() {
    let mut b = Builder::new();
    let array = b.array(Class::Int, 60);
    let index = begin(&mut b, 6, PARALLEL);
    let inner = begin(&mut b, 6, LoopKind::Sequential);
    let sum = b.binary(IntOp::Add, inner, index);
    let mask = b.int(5);
    let place = b.binary(IntOp::And, sum, mask);
    let ten = b.int(10);
    let tens = b.binary(IntOp::Mul, index, ten);
    let value = b.binary(IntOp::Add, tens, inner);
    let array = ArrayOut(ArrayRef::Global(array));
    b.op(Op::StoreI { array, base: SrcI(place), levels: vec![], src: SrcI(value) });
    b.end();
    b.end();
    let (_, notes) = optimized(&b.finish());
    assert!(notes[0].text.contains("may depend on each other"), "{}", notes[0].text);
}

#[test]
fn an_index_outside_of_a_local_array_still_fails() {
    for count in [5, 6] {
        let mut b = Builder::new();
        let result = b.array(Class::Secret, 10);
        fill(&mut b, result, 10);
        let index = begin(&mut b, count, PARALLEL);
        let local = b.array(Class::Secret, 5);
        let value = b.load(result, index, 1);
        b.store(local, index, value);
        let copy = b.load(local, index, 1);
        let square = b.mul(copy, copy);
        b.store(result, index, square);
        b.end();
        let before = b.finish();
        let mut after = before.clone();
        let notes = passes::run(&mut after, &PassOptions::default()).unwrap();
        assert_eq!(interpret(&after).is_err(), count == 6);
        assert_eq!(notes[0].text.contains("at once"), count == 5, "{}", notes[0].text);
    }
}

#[test]
fn inputs_of_one_party_keep_their_order_across_rounds() {
    let mut b = Builder::new();
    let result = b.array(Class::Secret, 3);
    let zero = b.int(0);
    let input = |b: &mut Builder, player: u32| {
        let dst = b.fresh(Class::Secret, 1);
        b.op(Op::InputS { inputs: vec![(DstS(dst), SrcI(player), 0)] });
        dst
    };
    let first = input(&mut b, zero);
    let (open, bit) = (b.fresh(Class::Public, 1), b.fresh(Class::Int, 1));
    b.op(Op::OpenS { openings: vec![(DstC(open), SrcS(first))] });
    b.op(Op::IntFromPublic { dst: DstI(bit), src: SrcC(open) });
    let player = b.binary(IntOp::Sub, bit, bit);
    let second = input(&mut b, player);
    let third = input(&mut b, zero);
    for (place, value) in [first, second, third].into_iter().enumerate() {
        let place = b.int(place as i64);
        b.store(result, place, value);
    }
    optimized(&b.finish());
}

fn threads(count: i64, threads: u32) -> Module {
    let mut b = Builder::new();
    let array = b.array(Class::Secret, 20);
    fill(&mut b, array, 20);
    let index = begin(&mut b, count, LoopKind::Threads { threads, unroll: None });
    let value = b.load(array, index, 1);
    let square = b.mul(value, value);
    b.store(array, index, square);
    b.end();
    b.finish()
}

#[test]
fn threads_get_consecutive_ranges_and_the_last_ones_more() {
    let (module, _) = optimized(&threads(11, 3));
    // Ranges of 3, 4 and 4 iterations.
    assert_eq!(module.tapes.len(), 3);
    let jobs = instructions(&module.tapes[0].body).into_iter().find_map(|op| match op {
        Op::Threads { jobs } => Some(jobs),
        _ => None,
    });
    let tapes: Vec<_> = jobs.unwrap().iter().map(|(tape, _)| tape.0).collect();
    assert_eq!(tapes, [1, 2, 2]);
    assert!(text(&module).contains("[3×1]") && text(&module).contains("[4×1]"));
}

#[test]
fn fewer_iterations_than_threads_start_no_idle_threads() {
    let (module, _) = optimized(&threads(2, 5));
    assert_eq!(module.tapes.len(), 2);
    let (module, _) = optimized(&threads(1, 5));
    assert_eq!(module.tapes.len(), 1);
    let (module, _) = optimized(&threads(9, 1));
    assert_eq!(module.tapes.len(), 1);
}

#[test]
fn a_register_of_another_thread_is_refused_with_its_line() {
    let mut b = Builder::new();
    let array = b.array(Class::Secret, 20);
    let zero = b.int(0);
    let outer = b.load(array, zero, 1);
    b.at(4);
    let index = begin(&mut b, 20, LoopKind::Threads { threads: 2, unroll: None });
    b.at(5);
    let square = b.mul(outer, outer);
    b.store(array, index, square);
    b.end();
    let fault = passes::run(&mut b.finish(), &PassOptions::default()).unwrap_err();
    assert_eq!((fault.code.as_str(), fault.line), ("E0301", 5));
}

#[test]
fn a_program_that_unrolling_makes_too_large_is_refused() {
    let mut b = Builder::new();
    let array = b.array(Class::Secret, 20);
    b.at(4);
    let kind = LoopKind::Parallel { unroll: Some(1 << 40) };
    let _ = begin(&mut b, 1 << 40, kind);
    let zero = b.int(0);
    let value = b.load(array, zero, 1);
    let square = b.mul(value, value);
    b.store(array, zero, square);
    b.end();
    let fault = passes::run(&mut b.finish(), &PassOptions::default()).unwrap_err();
    assert_eq!((fault.code.as_str(), fault.line), ("E0308", 4));
    assert!(fault.message.contains("1099511627776 iterations"), "{}", fault.message);
}

#[test]
fn constants_are_folded_and_unused_code_goes() {
    let mut b = Builder::new();
    let (six, seven) = (b.int(6), b.int(7));
    let product = b.binary(IntOp::Mul, six, seven);
    let condition = b.binary(IntOp::Lt, six, seven);
    b.region_if(condition);
    b.print_int(product);
    b.region_else();
    b.print_int(six);
    b.end();
    let (module, _) = optimized(&b.finish());
    assert_eq!(lines(&module), [format!("ldi i{product} 42"), format!("print - - [i{product}]")]);
}

#[test]
fn independent_products_share_a_round_and_dependent_ones_do_not() {
    let mut b = Builder::new();
    let array = b.array(Class::Secret, 8);
    fill(&mut b, array, 8);
    for place in 0..4 {
        let at = b.int(place);
        let value = b.load(array, at, 1);
        let square = b.mul(value, value);
        let fourth = b.mul(square, square);
        b.store(array, at, fourth);
    }
    let module = b.finish();
    let (after, _) = optimized(&module);
    assert_eq!(interpret(&module).unwrap().rounds, 8);
    assert_eq!(interpret(&after).unwrap().rounds, 2);
}
