//! Loops among nodes: chunks are computed elsewhere, in another order, and give the same.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use caucus_bytecode::operand::*;
use caucus_bytecode::{Op, Program};
use caucus_core::algebra::Z64;
use caucus_core::ids::PartyId;
use caucus_protocols::{Checked, Emulate, Protocol, Replicated, SessionId};

use super::code::{Code, level};
use super::{all_succeed, prints, three};
use crate::testing::{MemoryHost, local_threads, run};
use crate::{
    Assignment, ChunkFigures, ChunkSource, Chunks, HostError, Joint, Machine, Undone, Work,
    Workers, chunk_bytes,
};

/// Ten elements in chunks of three and one of the rest: squares of secrets, plus a public array's element, times the
/// chunk's number; and the complements of bits.
fn program(code: &mut Code) {
    let [squares, bits] = [Class::Secret, Class::Bits].map(|class| code.array(class, 10));
    let (table, numbers) = (code.array(Class::Public, 1), code.array(Class::Int, 10));
    let chunk = |code: &mut Code, len: u64| {
        code.tape(1, |code| {
            let (three, base) = (code.int(3), code.i(1));
            code.op(Op::IntBinary { op: IntOp::Mul, dst: DstI(base), a: SrcI(0), b: three });
            let (base, zero, levels) = (SrcI(base), code.int(0), vec![level(len, 1)]);
            let [x, y, z] = [(); 3].map(|()| code.s(len));
            let array = ArrayIn(squares);
            code.op(Op::LoadS { dst: DstS(x), array, base, levels: levels.clone() });
            code.op(Op::MulS { products: vec![(DstS(y), SrcS(x), SrcS(x))] });
            let more = code.c(1);
            let index = zero;
            code.op(Op::GatherC { dst: DstC(more), array: ArrayIn(table), index });
            code.op(Op::AddSC { dst: DstS(z), a: SrcS(y), b: SrcC(more) });
            let array = ArrayOut(squares);
            code.op(Op::StoreS { array, base, levels: levels.clone(), src: SrcS(z) });
            let array = ArrayOut(numbers);
            code.op(Op::StoreI { array, base, levels: levels.clone(), src: SrcI(0) });
            let [b, not] = [(); 2].map(|()| code.b(len));
            code.op(Op::LoadB { dst: DstB(b), array: ArrayIn(bits), base, levels: levels.clone() });
            let one = code.publics(&[1]);
            code.op(Op::XorBC { dst: DstB(not), a: SrcB(b), b: one });
            code.op(Op::StoreB { array: ArrayOut(bits), base, levels, src: SrcB(not) });
        })
    };
    let (full, rest) = (chunk(code, 3), chunk(code, 1));
    let (zero, levels) = (code.int(0), vec![level(10, 1)]);
    let src = code.secrets(&(1..=10).collect::<Vec<_>>());
    code.op(Op::StoreS { array: ArrayOut(squares), base: zero, levels: levels.clone(), src });
    let src = code.publics(&[100]);
    code.op(Op::StoreC { array: ArrayOut(table), base: zero, levels: vec![], src });
    let word = code.b(10);
    code.op(Op::LoadBits { dst: DstB(word), words: vec![0b11_0101_0001] });
    let array = ArrayOut(bits);
    code.op(Op::StoreB { array, base: zero, levels: levels.clone(), src: SrcB(word) });
    let windows = |len| {
        let window = |array, usage, stride, len| Window { array, usage, offset: 0, stride, len };
        vec![
            window(squares, Use::Update, 3, len),
            window(table, Use::Read, 0, 1),
            window(numbers, Use::Write, 3, len),
            window(bits, Use::Update, 3, len),
        ]
    };
    code.op(Op::Nodes { jobs: vec![(full, 0, 3, windows(3)), (rest, 3, 1, windows(1))] });
    let (s, i, b) = (code.s(10), code.i(10), code.b(10));
    let (base, array) = (zero, ArrayIn(squares));
    code.op(Op::LoadS { dst: DstS(s), array, base, levels: levels.clone() });
    code.show_s(s);
    let array = ArrayIn(numbers);
    code.op(Op::LoadI { dst: DstI(i), array, base, levels: levels.clone() });
    code.show_i(i);
    code.op(Op::LoadB { dst: DstB(b), array: ArrayIn(bits), base, levels });
    code.show_b(b);
}

const EXPECTED: &str = "[101, 104, 109, 116, 125, 136, 149, 164, 181, 200]\n\
     [0, 0, 0, 1, 1, 1, 2, 2, 2, 3]\n\
     [0, 1, 1, 1, 0, 1, 0, 1, 0, 0]\n";

#[test]
fn without_workers_chunks_are_computed_where_they_are() {
    prints(EXPECTED, program);
}

type Results = (Vec<u8>, ChunkFigures);

/// A main node's end: it hands out the chunks from the last to the first.
struct Backward(Mutex<(Sender<Assignment>, Receiver<Results>)>);

impl Workers for Backward {
    fn distribute(&self, _proof: Checked, chunks: &mut dyn Chunks) -> Result<(), Undone> {
        let (to, from) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for index in (0..chunks.count()).rev() {
            let mut inputs = Vec::new();
            chunks.inputs(index, &mut inputs).map_err(Undone::Run)?;
            to.send(Assignment { name: chunks.name(index), inputs }).unwrap();
            let (results, figures) = from.recv().unwrap();
            assert_eq!(results.len(), chunks.result_bytes(index));
            assert!(figures.waited <= figures.elapsed && figures.bytes_sent > 0);
            assert!(chunks.accept(index, &results[1..]).is_err(), "a wrong length is refused");
            chunks.accept(index, &results).map_err(Undone::Run)?;
        }
        Ok(())
    }

    fn reorder(&self, _proof: Checked, _job: &mut dyn Joint) -> Result<(), Undone> {
        unreachable!("the program has no such job")
    }
}

/// Gives each party a worker that computes backward.
fn backward(hosts: &mut [MemoryHost]) -> Vec<Pipe> {
    let give = |host: &mut MemoryHost| {
        let ((to, assigned), (results, from)) = (channel(), channel());
        host.set_workers(Box::new(Backward(Mutex::new((to, from)))));
        Pipe(assigned, results)
    };
    hosts.iter_mut().map(give).collect()
}

/// The worker's end.
struct Pipe(Receiver<Assignment>, Sender<Results>);

impl ChunkSource for Pipe {
    fn next(&mut self) -> Result<Option<Work>, HostError> {
        Ok(self.0.recv().ok().map(Work::Chunk))
    }

    fn done(
        &mut self,
        _proof: Checked,
        results: Vec<u8>,
        figures: ChunkFigures,
    ) -> Result<(), HostError> {
        self.1.send((results, figures)).unwrap();
        Ok(())
    }
}

#[test]
fn workers_compute_chunks_in_any_order() {
    let program = &Code::program(program);
    let mut hosts = three();
    let pipes = backward(&mut hosts);
    at_workers(program, hosts, pipes, three(), EXPECTED);
}

/// Runs a program at three parties, each with a worker; these have surroundings of their own.
fn at_workers(
    program: &Program,
    hosts: Vec<MemoryHost>,
    pipes: Vec<Pipe>,
    theirs: Vec<MemoryHost>,
    expected: &str,
) {
    thread::scope(|scope| {
        let workers = local_threads(3, 1).into_iter().zip(pipes).zip(theirs);
        for (((mut threads, abort), mut pipe), host) in workers {
            scope.spawn(move || {
                let main = &mut threads[0].net;
                let protocol = Replicated::<Z64>::setup(main, &SessionId::new([8; 32])).unwrap();
                main.flush().unwrap();
                Machine::serve(program, threads, protocol, &host, abort, &mut pipe).unwrap();
            });
        }
        all_succeed(run::<Replicated<Z64>>(program, &hosts));
        assert_eq!(hosts[0].output(), expected);
        // The workers end when nobody can give them chunks any more.
        drop(hosts);
    });
}

/// Three chunks, each of which takes two numbers of P1's and then one more, and squares them.
fn with_parts(code: &mut Code) {
    let results = code.array(Class::Secret, 9);
    let chunk = code.tape(1, |code| {
        let (three, base, one) = (code.int(3), code.i(1), code.int(1));
        code.op(Op::IntBinary { op: IntOp::Mul, dst: DstI(base), a: SrcI(0), b: three });
        let (pair, single, all, squares) = (code.s(2), code.s(1), code.s(3), code.s(3));
        code.op(Op::InputS { inputs: vec![(DstS(pair), one, 0)] });
        code.op(Op::InputS { inputs: vec![(DstS(single), one, 0)] });
        code.op(Op::ConcatS { dst: DstS(all), parts: vec![SrcS(pair), SrcS(single)] });
        code.op(Op::MulS { products: vec![(DstS(squares), SrcS(all), SrcS(all))] });
        let (array, levels) = (ArrayOut(results), vec![level(3, 1)]);
        code.op(Op::StoreS { array, base: SrcI(base), levels, src: SrcS(squares) });
    });
    let (usage, array) = (Use::Write, results);
    let windows = vec![Window { array, usage, offset: 0, stride: 3, len: 3 }];
    code.op(Op::Nodes { jobs: vec![(chunk, 0, 3, windows)] });
    let (all, base) = (code.s(9), code.int(0));
    let levels = vec![level(9, 1)];
    code.op(Op::LoadS { dst: DstS(all), array: ArrayIn(results), base, levels });
    code.show_s(all);
}

#[test]
fn a_chunk_takes_the_part_with_its_number_wherever_it_is_computed() {
    let program = &Code::program(with_parts);
    let expected = "[0, 1, 4, 100, 121, 144, 400, 441, 484]\n";
    let give = |hosts: &[MemoryHost]| {
        for (host, part) in hosts.iter().flat_map(|host| [0, 1, 2].map(|part| (host, part))) {
            let ten = 10 * part as i64;
            host.add_part(PartyId::new(1), part, &[ten, ten + 1, ten + 2]);
        }
    };
    let (clear, shared) = (super::alone(), three());
    give(&clear);
    give(&shared);
    all_succeed(run::<Emulate<Z64>>(program, &clear));
    all_succeed(run::<Replicated<Z64>>(program, &shared));
    assert_eq!((clear[0].output(), shared[0].output()), (expected.into(), expected.into()));
    let (mut hosts, theirs) = (three(), three());
    // P1's worker has the parts, and nobody else.
    give(&theirs[1..2]);
    let pipes = backward(&mut hosts);
    at_workers(program, hosts, pipes, theirs, expected);
}

#[test]
fn a_chunk_that_the_program_does_not_have_is_refused() {
    let program = &Code::program(program);
    let (sent, back) = chunk_bytes::<Replicated<Z64>>(program, 1).unwrap();
    assert_eq!((sent, back), (3 * 16 + 8 + 16, 3 * 16 + 3 * 8 + 16));
    assert_eq!(chunk_bytes::<Replicated<Z64>>(program, 0), None);
    for (tape, number, len) in [(0, 0, sent), (7, 0, sent), (1, 0, sent - 1), (1, -1, sent)] {
        let (to, assigned) = channel();
        let (results, _from) = channel();
        let name = crate::ChunkName { tape, number };
        to.send(Assignment { name, inputs: vec![0; len] }).unwrap();
        let mut pipe = Pipe(assigned, results);
        let (mut threads, abort) = local_threads(1, 1).remove(0);
        let net = &mut threads[0].net;
        let protocol = caucus_protocols::Emulate::<Z64>::setup(net, &SessionId::new([8; 32]));
        let host = &three()[0];
        Machine::serve(program, threads, protocol.unwrap(), host, abort, &mut pipe).unwrap_err();
    }
}
