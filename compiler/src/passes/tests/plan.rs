//! The plan of distributed loops: chunks that have nothing but their windows compute the same.

use caucus_bytecode::operand::*;
use caucus_bytecode::{ArrayRef, Op};

use super::interpret::interpret;
use super::{check, instructions, text};
use crate::build::Builder;
use crate::ir::{LoopKind, Module};
use crate::passes::ops::{Address, MemoryOp};
use crate::passes::{self, PassOptions};
use crate::verify::Stage;

const LEN: u64 = 60;

/// An access of a chunk to one of three arrays.
#[derive(Clone, Copy, Debug)]
struct Item {
    write: bool,
    array: u32,
    /// Distance between consecutive iterations.
    scale: i64,
    offset: i64,
    form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    /// One access for all iterations.
    Vector,
    /// The same with indices instead of a pattern.
    Indexed,
    /// Once for each iteration.
    Loop(LoopKind),
    /// Under a condition.
    Branch,
    /// At a place that a number in memory tells.
    Data,
}

const PARALLEL: LoopKind = LoopKind::Parallel { unroll: None };
const THREADS: LoopKind = LoopKind::Threads { threads: 2, unroll: None };

/// A loop over `count` chunks of `length` iterations and one of `rest`.
struct Shape {
    length: i64,
    count: i64,
    rest: i64,
}

fn program(shape: &Shape, items: &[Item]) -> Module {
    let mut b = Builder::new();
    let arrays: Vec<_> = (0..3).map(|_| b.array(Class::Secret, LEN)).collect();
    let numbers = b.array(Class::Int, LEN);
    let zero = b.int(0);
    for array in &arrays {
        let (ints, public) = (b.fresh(Class::Int, LEN), b.fresh(Class::Public, LEN));
        let secret = b.fresh(Class::Secret, LEN);
        let levels = vec![Level { count: LEN, stride: 7 + i64::from(*array) }];
        b.op(Op::IotaI { dst: DstI(ints), base: SrcI(zero), levels });
        b.op(Op::PublicFromInt { dst: DstC(public), src: SrcI(ints) });
        b.op(Op::SecretFromPublic { dst: DstS(secret), src: SrcC(public) });
        b.store(*array, zero, secret);
    }
    let mut jobs = vec![(TapeRef(1), 0, shape.count, vec![])];
    if shape.rest > 0 {
        jobs.push((TapeRef(2), shape.count, 1, vec![]));
    }
    let tapes = jobs.len();
    b.at(100);
    b.op(Op::Nodes { jobs });
    for tape in 0..tapes {
        let chunk = b.tape(1)[0];
        let length = b.int(shape.length);
        let start = b.binary(IntOp::Mul, chunk, length);
        let size = if tape == 0 { shape.length } else { shape.rest };
        for (number, item) in items.iter().enumerate() {
            b.at(number as u32 + 1);
            access(&mut b, *item, start, size, numbers);
        }
    }
    b.finish()
}

fn access(b: &mut Builder, item: Item, start: u32, size: i64, numbers: u32) {
    let (scale, offset) = (b.int(item.scale), b.int(item.offset));
    let line = |b: &mut Builder, at: u32| {
        let scaled = b.binary(IntOp::Mul, at, scale);
        b.binary(IntOp::Add, scaled, offset)
    };
    let count = size as u64;
    let levels = vec![Level { count, stride: item.scale }];
    match item.form {
        Form::Vector => {
            let base = line(b, start);
            load_or_store(b, item, count, Address::Strided { base, levels });
        }
        Form::Indexed => {
            let (base, index) = (line(b, start), b.fresh(Class::Int, count));
            b.op(Op::IotaI { dst: DstI(index), base: SrcI(base), levels });
            load_or_store(b, item, count, Address::Indexed { index });
        }
        Form::Loop(kind) => {
            let (first, last) = (b.int(0), b.int(size));
            let index = b.fresh(Class::Int, 1);
            b.region_loop(index, first, last, 1, kind);
            let at = b.binary(IntOp::Add, start, index);
            // Registers of another thread cannot be used.
            let (scale, offset) = (b.int(item.scale), b.int(item.offset));
            let scaled = b.binary(IntOp::Mul, scale, at);
            let base = b.binary(IntOp::Add, scaled, offset);
            load_or_store(b, item, 1, Address::Strided { base, levels: vec![] });
            b.end();
        }
        Form::Branch => {
            let (base, two) = (line(b, start), b.int(2));
            let condition = b.binary(IntOp::Lt, start, two);
            b.region_if(condition);
            load_or_store(b, item, 1, Address::Strided { base, levels: vec![] });
            b.end();
        }
        Form::Data => {
            let base = b.fresh(Class::Int, 1);
            let array = ArrayIn(ArrayRef::Global(numbers));
            b.op(Op::LoadI { dst: DstI(base), array, base: SrcI(start), levels: vec![] });
            load_or_store(b, item, 1, Address::Strided { base, levels: vec![] });
        }
    }
}

/// A load whose value goes to the place of the last array that belongs to the chunk, or a store of
/// numbers that depend on the place.
fn load_or_store(b: &mut Builder, item: Item, lanes: u64, address: Address) {
    let number = match &address {
        Address::Strided { base, .. } => *base,
        Address::Indexed { index } => *index,
    };
    let value = b.fresh(Class::Secret, lanes);
    let access = |write, value| MemoryOp {
        class: Class::Secret,
        array: item.array,
        write,
        value,
        address: address.clone(),
    };
    if item.write {
        let public = b.fresh(Class::Public, lanes);
        let secret = b.fresh(Class::Secret, lanes);
        b.op(Op::PublicFromInt { dst: DstC(public), src: SrcI(number) });
        b.op(Op::SecretFromPublic { dst: DstS(secret), src: SrcC(public) });
        let product = b.mul(secret, secret);
        b.op(access(true, product).into_op());
        return;
    }
    b.op(access(false, value).into_op());
    if item.scale == 0 || item.form == Form::Data {
        return;
    }
    // What is read matters: it goes to the same places of the third array.
    let square = b.mul(value, value);
    let mut store = access(true, square);
    store.array = 2;
    b.op(store.into_op());
}

struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % n
    }

    fn item(&mut self) -> Item {
        let forms = [
            Form::Vector,
            Form::Vector,
            Form::Indexed,
            Form::Loop(PARALLEL),
            Form::Loop(LoopKind::Sequential),
            Form::Loop(THREADS),
            Form::Branch,
            Form::Data,
        ];
        Item {
            write: self.below(3) == 0,
            array: self.below(3) as u32,
            scale: [1, 1, 1, 2, 3, 0, -1][self.below(7) as usize],
            offset: [0, 0, 0, 1, 2, 30][self.below(6) as usize],
            form: forms[self.below(8) as usize],
        }
    }
}

#[test]
fn chunks_that_have_only_their_windows_compute_the_same() {
    let (mut planned, mut refused, mut failing, mut written) = (0, 0, 0, 0);
    for seed in 0..6000u64 {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let shape = Shape {
            length: 1 + random.below(4) as i64,
            count: 1 + random.below(4) as i64,
            rest: random.below(3) as i64,
        };
        let shape = Shape { rest: shape.rest.min(shape.length - 1), ..shape };
        let items: Vec<_> = (0..1 + random.below(3)).map(|_| random.item()).collect();
        let before = program(&shape, &items);
        let mut after = before.clone();
        if random.below(4) > 0 {
            passes::run(&mut after, &PassOptions::default()).unwrap();
        }
        if passes::plan(&mut after).is_err() {
            refused += 1;
            continue;
        }
        check(&after);
        crate::verify::verify(&after, Stage::Optimized).unwrap();
        // In place of the plan, all chunks have all arrays.
        let Ok(expected) = interpret(&before) else {
            failing += 1;
            continue;
        };
        let found = interpret(&after)
            .unwrap_or_else(|error| panic!("seed {seed} {error}\n{items:?}\n{}", text(&after)));
        assert_eq!(expected.arrays[..4], found.arrays[..4], "seed {seed}\n{}", text(&after));
        planned += 1;
        written += instructions(&after.tapes[0].body)
            .iter()
            .filter(|op| op.to_string().contains("write array"))
            .count();
    }
    println!("{planned} planned, {refused} refused, {failing} fail; {written} are only written");
    assert!(planned > 1500 && written > 500, "{planned} {written}");
}

fn windows(shape: &Shape, items: &[Item]) -> Result<Vec<Vec<String>>, String> {
    let mut module = program(shape, items);
    passes::run(&mut module, &PassOptions::default()).unwrap();
    passes::plan(&mut module)
        .map_err(|fault| format!("{} {}: {}", fault.code, fault.line, fault.message))?;
    let shown = |window: &Window| {
        let (usage, offset) = (window.usage, window.offset);
        format!("{usage:?} {} {offset}+{}c {}", window.array, window.stride, window.len)
    };
    let ops = instructions(&module.tapes[0].body);
    let jobs = ops.into_iter().find_map(|op| match op {
        Op::Nodes { jobs } => Some(jobs),
        _ => None,
    });
    let jobs = jobs.unwrap();
    Ok(jobs.iter().map(|(.., windows)| windows.iter().map(shown).collect()).collect())
}

const SHAPE: Shape = Shape { length: 4, count: 3, rest: 2 };

fn item(write: bool, array: u32, scale: i64, offset: i64, form: Form) -> Item {
    Item { write, array, scale, offset, form }
}

#[test]
fn windows_move_with_the_chunks() {
    let squares = item(false, 0, 1, 0, Form::Loop(PARALLEL));
    assert_eq!(
        windows(&SHAPE, &[squares]).unwrap(),
        [
            ["Read array0 0+4c 4", "Write array2 0+4c 4"],
            ["Read array0 0+4c 2", "Write array2 0+4c 2"]
        ]
    );
    let threads = item(false, 0, 1, 5, Form::Loop(THREADS));
    assert_eq!(
        windows(&SHAPE, &[threads]).unwrap()[0],
        ["Read array0 5+4c 4", "Write array2 5+4c 4"]
    );
    let backwards = item(true, 1, -1, 30, Form::Vector);
    assert_eq!(windows(&SHAPE, &[backwards]).unwrap()[0], ["Write array1 27+-4c 4"]);
    // The elements between those that are written must not be lost.
    let gaps = item(true, 1, 2, 0, Form::Indexed);
    assert_eq!(windows(&SHAPE, &[gaps]).unwrap()[0], ["Update array1 0+8c 7"]);
    let maybe = item(true, 1, 1, 0, Form::Branch);
    assert_eq!(windows(&SHAPE, &[maybe]).unwrap()[0], ["Update array1 0+4c 1"]);
}

#[test]
fn what_is_read_before_it_is_written_goes_to_the_chunk() {
    let read = item(false, 2, 1, 0, Form::Vector);
    assert_eq!(windows(&SHAPE, &[read]).unwrap()[0], ["Update array2 0+4c 4"]);
    let write = item(true, 2, 1, 0, Form::Vector);
    assert_eq!(windows(&SHAPE, &[write, read]).unwrap()[0], ["Write array2 0+4c 4"]);
}

#[test]
fn reads_without_a_pattern_get_the_whole_array() {
    let data = item(false, 0, 1, 0, Form::Data);
    assert_eq!(windows(&SHAPE, &[data]).unwrap()[0], ["Read array0 0+0c 60", "Read array3 0+4c 1"]);
    let (one, other) = (item(false, 0, 0, 5, Form::Vector), item(false, 0, 0, 7, Form::Vector));
    assert_eq!(windows(&SHAPE, &[one, other]).unwrap()[0], ["Read array0 5+0c 3"]);
}

#[test]
fn chunks_that_depend_on_each_other_are_refused() {
    let sum = item(true, 0, 0, 5, Form::Vector);
    let next = item(true, 0, 1, 1, Form::Vector);
    let here = item(false, 0, 1, 0, Form::Vector);
    let whole = item(false, 0, 1, 0, Form::Data);
    let scatter = item(true, 0, 1, 0, Form::Data);
    let far = item(true, 0, 1, 50, Form::Vector);
    for (items, expected) in [
        (
            &[sum][..],
            "E0310 1: chunks of a distributed loop depend on each other: the sint array of line 1 (60 elements) is written in line 1 by several",
        ),
        (
            &[here, next],
            "E0310 2: chunks of a distributed loop depend on each other: the sint array of line 1 (60 elements) is written in line 2 and read in line 1",
        ),
        (
            &[whole, next],
            "E0310 2: chunks of a distributed loop depend on each other: the sint array of line 1 (60 elements) is written in line 2 and read in line 1",
        ),
        (
            &[scatter],
            "E0310 1: which elements of the sint array of line 1 (60 elements) a chunk writes is only known at run time",
        ),
        (
            &[far],
            "E0310 1: chunks write elements 50 to 61 of the sint array of line 1 (60 elements)",
        ),
    ] {
        assert_eq!(windows(&SHAPE, items).unwrap_err(), expected, "{items:?}");
    }
    // Also if there is one chunk only: a program is right or wrong for every number of workers.
    let single = Shape { length: 4, count: 1, rest: 0 };
    assert!(windows(&single, &[sum]).unwrap_err().contains("by several"));
}
