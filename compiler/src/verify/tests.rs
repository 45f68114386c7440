//! Tests of the verifier.

use caucus_bytecode::ArrayRef;
use caucus_bytecode::operand::{ArrayIn, DstI, IntOp, SrcI, TapeRef};

use super::*;
use crate::build::Builder;
use crate::ir::LoopKind;

#[track_caller]
fn accepted(b: Builder) {
    verify(&b.finish(), Stage::Recorded).unwrap();
}

#[track_caller]
fn refused(b: Builder, code: &str, line: u32) {
    let error = verify(&b.finish(), Stage::Recorded).unwrap_err();
    assert_eq!((error.code.as_str(), error.line), (code, line), "{error}");
}

/// A loop over 0..3 that is open, with its index.
fn looped(b: &mut Builder, kind: LoopKind) -> u32 {
    let (start, stop, index) = (b.int(0), b.int(3), b.fresh(Class::Int, 1));
    b.region_loop(index, start, stop, 1, kind);
    index
}

const THREADS: LoopKind = LoopKind::Threads { threads: 2, unroll: None };
const PARALLEL: LoopKind = LoopKind::Parallel { unroll: None };

#[test]
fn a_value_of_a_loop_is_not_used_behind_it() {
    let mut b = Builder::new();
    looped(&mut b, LoopKind::Sequential);
    let value = b.int(5);
    b.end();
    b.at(9);
    b.print_int(value);
    refused(b, "E0302", 9);
}

#[test]
fn a_variable_from_before_a_loop_is_used_behind_it() {
    let mut b = Builder::new();
    let value = b.int(5);
    let index = looped(&mut b, PARALLEL);
    b.copy_int(value, index);
    b.end();
    b.print_int(value);
    accepted(b);
}

#[test]
fn what_both_branches_set_is_set() {
    let mut b = Builder::new();
    let (condition, value) = (b.int(1), b.fresh(Class::Int, 1));
    b.region_if(condition);
    b.copy_int(value, condition);
    b.region_else();
    b.copy_int(value, condition);
    b.end();
    b.print_int(value);
    accepted(b);
}

#[test]
fn what_one_branch_sets_is_not_set() {
    let mut b = Builder::new();
    let (condition, value) = (b.int(1), b.fresh(Class::Int, 1));
    b.region_if(condition);
    b.copy_int(value, condition);
    b.end();
    b.at(4);
    b.print_int(value);
    refused(b, "E0302", 4);
}

#[test]
fn a_branch_that_leaves_the_loop_does_not_count() {
    let mut b = Builder::new();
    let value = b.fresh(Class::Int, 1);
    let index = looped(&mut b, LoopKind::Sequential);
    b.region_if(index);
    b.node(Node::Break);
    b.region_else();
    b.copy_int(value, index);
    b.end();
    b.print_int(value);
    b.end();
    accepted(b);
}

#[test]
fn a_test_sets_values_up_to_its_first_break() {
    for use_late in [false, true] {
        let mut b = Builder::new();
        let condition = b.int(1);
        b.region_while();
        let early = b.int(5);
        b.region_if(condition);
        b.int(6);
        b.node(Node::Break);
        b.end();
        let late = b.int(7);
        b.region_test(late);
        b.end();
        b.at(8);
        b.print_int(if use_late { late } else { early });
        if use_late {
            refused(b, "E0302", 8);
        } else {
            accepted(b);
        }
    }
}

#[test]
fn a_value_without_definition_is_our_fault() {
    let mut b = Builder::new();
    let value = b.fresh(Class::Int, 1);
    b.print_int(value);
    refused(b, OUR_FAULT, 1);
}

#[test]
fn thread_loops_use_no_register_from_outside() {
    let mut b = Builder::new();
    let outside = b.int(5);
    looped(&mut b, THREADS);
    b.at(3);
    b.print_int(outside);
    b.end();
    refused(b, "E0301", 3);
}

#[test]
fn thread_loops_change_no_register_from_outside() {
    let mut b = Builder::new();
    let outside = b.int(5);
    let index = looped(&mut b, THREADS);
    b.at(3);
    b.copy_int(outside, index);
    b.end();
    refused(b, "E0301", 3);
}

#[test]
fn thread_loops_share_arrays() {
    let mut b = Builder::new();
    let array = b.array(Class::Secret, 3);
    let index = looped(&mut b, THREADS);
    let value = b.load(array, index, 1);
    b.store(array, index, value);
    b.end();
    accepted(b);
}

#[test]
fn thread_loops_are_not_nested() {
    let mut b = Builder::new();
    looped(&mut b, THREADS);
    looped(&mut b, THREADS);
    b.end();
    b.end();
    refused(b, "E0306", 1);
}

#[test]
fn other_tapes_use_and_change_no_register_of_main() {
    for change in [false, true] {
        let mut b = Builder::new();
        let outside = b.int(5);
        b.op(Op::Threads { jobs: vec![(TapeRef(1), vec![SrcI(outside)])] });
        let params = b.tape(1);
        b.at(6);
        if change {
            b.copy_int(outside, params[0]);
        } else {
            b.print_int(outside);
        }
        refused(b, "E0301", 6);
    }
}

/// A chunk's tape; gives its parameter, an integer that follows from it, and one that does not.
fn chunk(b: &mut Builder) -> (u32, u32, u32) {
    let array = b.array(Class::Int, 9);
    b.op(Op::Nodes { jobs: vec![(TapeRef(1), 0, 2, vec![])] });
    let number = b.tape(1)[0];
    let length = b.int(4);
    let start = b.binary(IntOp::Mul, number, length);
    let loaded = b.fresh(Class::Int, 1);
    let array = ArrayIn(ArrayRef::Global(array));
    b.op(Op::LoadI { dst: DstI(loaded), array, base: SrcI(start), levels: vec![] });
    (number, start, loaded)
}

#[test]
fn threads_of_a_chunk_use_its_number_and_start_and_no_other_register() {
    let mut b = Builder::new();
    let (number, start, loaded) = chunk(&mut b);
    let index = looped(&mut b, THREADS);
    let sum = b.binary(IntOp::Add, start, index);
    b.binary(IntOp::Add, number, sum);
    b.end();
    accepted(b);
    let mut b = Builder::new();
    chunk(&mut b);
    let index = looped(&mut b, THREADS);
    b.at(5);
    b.binary(IntOp::Add, loaded, index);
    b.end();
    refused(b, "E0301", 5);
}

#[test]
fn threads_of_a_chunk_do_not_use_its_arrays() {
    let mut b = Builder::new();
    b.op(Op::Nodes { jobs: vec![(TapeRef(1), 0, 2, vec![])] });
    let number = b.tape(1)[0];
    let array = b.array(Class::Secret, 3);
    b.op(Op::Threads { jobs: vec![(TapeRef(2), vec![SrcI(number)])] });
    let at = b.tape(1)[0];
    b.at(8);
    b.load(array, at, 1);
    refused(b, "E0301", 8);
}

#[test]
fn chunks_and_their_threads_do_only_what_workers_can() {
    for in_thread in [false, true] {
        let mut b = Builder::new();
        b.op(Op::Nodes { jobs: vec![(TapeRef(1), 0, 2, vec![])] });
        let number = b.tape(1)[0];
        if in_thread {
            b.op(Op::Threads { jobs: vec![(TapeRef(2), vec![SrcI(number)])] });
            b.tape(1);
        }
        let one = b.int(1);
        b.at(6);
        b.print_int(one);
        refused(b, "E0309", 6);
    }
}

#[test]
fn arrays_of_a_thread_are_its_own() {
    let mut b = Builder::new();
    let zero = b.int(0);
    b.op(Op::Threads { jobs: vec![(TapeRef(1), vec![]), (TapeRef(2), vec![])] });
    let _ = zero;
    b.tape(0);
    let array = b.array(Class::Secret, 3);
    b.tape(0);
    let zero = b.int(0);
    b.at(7);
    b.load(array, zero, 1);
    refused(b, "E0301", 7);
}

#[test]
fn an_array_of_a_loop_is_not_used_behind_it() {
    let mut b = Builder::new();
    let zero = b.int(0);
    looped(&mut b, PARALLEL);
    let array = b.array(Class::Secret, 3);
    b.end();
    b.at(5);
    b.load(array, zero, 1);
    refused(b, "E0303", 5);
}

#[test]
fn parallel_loops_are_not_left_early() {
    let mut b = Builder::new();
    looped(&mut b, PARALLEL);
    b.node(Node::Break);
    b.end();
    refused(b, "E0307", 1);
}

#[test]
fn a_break_outside_of_loops_is_our_fault() {
    let mut b = Builder::new();
    b.node(Node::Break);
    refused(b, OUR_FAULT, 1);
}

#[test]
fn lanes_that_do_not_fit_are_our_fault() {
    let mut b = Builder::new();
    let (dst, a, c) = (b.fresh(Class::Int, 3), b.fresh(Class::Int, 2), b.int(1));
    b.op(Op::LoadInt { dst: DstI(a), value: 1 });
    b.at(2);
    b.op(Op::IntBinary { op: IntOp::Add, dst: DstI(dst), a: SrcI(a), b: SrcI(c) });
    refused(b, OUR_FAULT, 2);
}

#[test]
fn one_destination_is_not_written_twice() {
    let mut b = Builder::new();
    let dst = b.fresh(Class::Secret, 1);
    let zero = b.int(0);
    let dst = caucus_bytecode::operand::DstS(dst);
    b.op(Op::InputS { inputs: vec![(dst, SrcI(zero), 0), (dst, SrcI(zero), 0)] });
    refused(b, OUR_FAULT, 1);
}

#[test]
fn impossible_sizes_are_refused_with_the_line() {
    let mut b = Builder::new();
    b.at(3);
    b.array(Class::Secret, MAX_ARRAY + 1);
    refused(b, "E0304", 3);
    let mut b = Builder::new();
    let (zero, array) = (b.int(0), b.array(Class::Secret, 3));
    b.at(4);
    b.load(array, zero, MAX_LANES + 1);
    refused(b, "E0305", 4);
}
