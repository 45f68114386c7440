//! Runs that go on from a checkpoint end as those do that were never interrupted.

use caucus_bytecode::operand::*;
use caucus_bytecode::{Op, Program, Tape, verify};
use caucus_core::algebra::{Exact, Z64};
use caucus_protocols::{Emulate, Protocol, Replicated};

use super::code::{Code, level};
use super::{all_succeed, alone, three};
use crate::testing::{MemoryCheckpoints, MemoryHost, run};
use crate::{Kind, RuntimeError};

/// Loops three times over everything that a checkpoint keeps: registers of all classes, arrays of all classes, and a
/// permutation; one checkpoint stands in the loop and one behind it.
fn program() -> Program {
    Code::program(|code| {
        let arrays = Class::ALL.map(|class| code.array(class, 3));
        let local = code.local(Class::Int, 2);
        let one = code.int(1);
        let (index, end, next, more) = (code.i(1), code.int(3), code.i(1), code.i(1));
        code.op(Op::LoadInt { dst: DstI(index), value: 0 });
        // Their shares are not random, so that nothing overflows in a checked run; those of products are.
        let (given, values) = (code.publics(&[2, 3, 4]), SrcS(code.s(3)));
        code.op(Op::SecretFromPublic { dst: DstS(values.0), src: given });
        let number = code.i(1);
        code.op(Op::NewPermutation { dst: DstI(number), rows: 3 });
        let permuted = code.s(3);
        let rows = 3;
        let (src, number) = (values, SrcI(number));
        code.op(Op::PermuteS { dst: DstS(permuted), number, src, rows, backward: false });
        let bits = code.b(3);
        code.op(Op::LoadBits { dst: DstB(bits), words: vec![0b101] });
        let public = code.publics(&[7, -8, 9]);

        let head = code.here();
        let product = code.s(3);
        code.op(Op::MulS { products: vec![(DstS(product), values, values)] });
        code.op(Op::MoveS { dst: DstS(values.0), src: SrcS(product) });
        let (base, levels) = (SrcI(index), vec![level(1, 1)]);
        let single = code.s(1);
        code.op(Op::SumS { dst: DstS(single), src: values });
        let [s, c, i, b] = arrays;
        code.op(Op::StoreS { array: ArrayOut(s), base, levels: levels.clone(), src: SrcS(single) });
        let (sum, count, bit) = (code.c(1), code.i(1), code.b(1));
        code.op(Op::SumC { dst: DstC(sum), src: public });
        code.op(Op::StoreC { array: ArrayOut(c), base, levels: levels.clone(), src: SrcC(sum) });
        code.op(Op::IntBinary { op: IntOp::Add, dst: DstI(count), a: SrcI(index), b: one });
        code.op(Op::StoreI { array: ArrayOut(i), base, levels: levels.clone(), src: SrcI(count) });
        code.op(Op::StoreI { array: ArrayOut(local), base: one, levels: levels.clone(), src: one });
        code.op(Op::SumB { dst: DstB(bit), src: SrcB(bits) });
        code.op(Op::StoreB { array: ArrayOut(b), base, levels: levels.clone(), src: SrcB(bit) });
        code.show_i(index);
        code.show_s(single);
        code.op(Op::Checkpoint {});
        code.op(Op::IntBinary { op: IntOp::Add, dst: DstI(next), a: SrcI(index), b: one });
        code.op(Op::MoveI { dst: DstI(index), src: SrcI(next) });
        code.op(Op::IntBinary { op: IntOp::Lt, dst: DstI(more), a: SrcI(index), b: end });
        code.op(Op::JumpIfNotZero { condition: SrcI(more), target: head });

        let back = code.s(3);
        let src = SrcS(permuted);
        code.op(Op::PermuteS { dst: DstS(back), number, src, rows, backward: true });
        code.show_s(back);
        code.op(Op::Checkpoint {});
        code.show_b(bits);
        let (zero, all) = (code.int(0), vec![level(3, 1)]);
        let (secrets, publics, ints) = (code.s(3), code.c(3), code.i(3));
        let [array, from] = [ArrayIn(s), ArrayIn(c)];
        code.op(Op::LoadS { dst: DstS(secrets), array, base: zero, levels: all.clone() });
        code.show_s(secrets);
        code.op(Op::LoadC { dst: DstC(publics), array: from, base: zero, levels: all.clone() });
        code.show_c(publics);
        code.op(Op::LoadI { dst: DstI(ints), array: ArrayIn(i), base: zero, levels: all.clone() });
        code.show_i(ints);
        let stored = code.b(3);
        code.op(Op::LoadB { dst: DstB(stored), array: ArrayIn(b), base: zero, levels: all });
        code.show_b(stored);
        let kept = code.i(1);
        code.op(Op::LoadI { dst: DstI(kept), array: ArrayIn(local), base: one, levels });
        code.show_i(kept);
    })
}

const OUTPUT: &str = "0\n29\n1\n353\n2\n72353\n[2, 3, 4]\n[1, 0, 1]\n[29, 353, 72353]\n[8, 8, 8]\n[1, 2, 3]\n\
                      [0, 0, 0]\n1\n";

/// Goes on from each checkpoint of a run, and compares what is printed. Gives the number of checkpoints.
#[track_caller]
fn continued<P: Protocol>(hosts: fn() -> Vec<MemoryHost>) -> usize {
    let program = program();
    let mut first = hosts();
    first.iter_mut().for_each(|host| host.set_checkpoints(MemoryCheckpoints::default()));
    all_succeed(run::<P>(&program, &first));
    assert_eq!(first[0].output(), OUTPUT);
    let n_checkpoints = first[0].kept_checkpoints().len();
    for number in 0..n_checkpoints {
        let mut again = hosts();
        for (host, before) in again.iter_mut().zip(&first) {
            let checkpoint = before.kept_checkpoints().swap_remove(number);
            assert!(checkpoint.committed);
            host.set_checkpoints(MemoryCheckpoints::from(checkpoint.snapshot));
        }
        all_succeed(run::<P>(&program, &again));
        // Each pass prints two lines, and one is printed between the loop and the last checkpoint.
        let printed = if number < 3 { 2 * (number + 1) } else { 7 };
        let rest: Vec<&str> = OUTPUT.split_inclusive('\n').skip(printed).collect();
        assert_eq!(again[0].output(), rest.concat(), "from checkpoint {number}");
        assert_eq!(again[0].kept_checkpoints().len(), n_checkpoints - 1 - number);
    }
    n_checkpoints
}

#[test]
fn runs_go_on_from_each_checkpoint() {
    assert_eq!(continued::<Emulate<Z64>>(alone), 4);
    assert_eq!(continued::<Emulate<Exact<Z64>>>(alone), 4);
    assert_eq!(continued::<Replicated<Z64>>(three), 4);
}

#[test]
fn a_checkpoint_knows_its_place_and_costs_nothing_where_none_are_kept() {
    let hosts = alone();
    all_succeed(run::<Emulate<Z64>>(&program(), &hosts));
    assert_eq!(hosts[0].output(), OUTPUT);
    assert!(hosts[0].kept_checkpoints().is_empty());
    let (kept, tape) = (snapshots(&program()), program().tapes.remove(0));
    let lines = tape.ops.iter().zip(1..).filter(|(op, _)| matches!(op, Op::Checkpoint {}));
    let lines: Vec<i32> = lines.map(|(_, line)| line).collect();
    for (number, line) in [(0, lines[0]), (3, lines[1])] {
        assert_eq!(kept[number].0, Some(format!("test.mpc:{line}")));
    }
}

/// Places and snapshots of a run in the clear.
fn snapshots(program: &Program) -> Vec<(Option<String>, Vec<u8>)> {
    let mut hosts = alone();
    hosts[0].set_checkpoints(MemoryCheckpoints::default());
    all_succeed(run::<Emulate<Z64>>(program, &hosts));
    hosts[0].kept_checkpoints().into_iter().map(|it| (it.place, it.snapshot)).collect()
}

/// What becomes of a run in the clear that begins with this snapshot.
fn resumed(program: &Program, snapshot: &[u8]) -> Result<(), RuntimeError> {
    let mut hosts = alone();
    hosts[0].set_checkpoints(MemoryCheckpoints::from(snapshot.to_vec()));
    run::<Emulate<Z64>>(program, &hosts).remove(0).map(drop)
}

#[test]
fn a_snapshot_that_is_cut_or_too_long_is_refused() {
    let program = program();
    for (_, snapshot) in snapshots(&program) {
        for len in 0..snapshot.len() {
            let error = resumed(&program, &snapshot[..len]).unwrap_err();
            assert!(matches!(error.kind, Kind::Snapshot { .. }), "{len}: {error}");
        }
        let error = resumed(&program, &[&snapshot[..], &[0]].concat()).unwrap_err();
        assert!(error.to_string().contains("its length"), "{error}");
    }
}

#[test]
fn a_changed_byte_never_makes_the_machine_panic() {
    let program = program();
    // The last one: behind it there is no loop that a changed counter would prolong.
    let (_, snapshot) = snapshots(&program).pop().unwrap();
    let mut refused = 0;
    for at in 0..snapshot.len() {
        let mut changed = snapshot.clone();
        changed[at] ^= 0x80;
        match resumed(&program, &changed) {
            Ok(()) => {}
            Err(error) => {
                assert!(!matches!(error.kind, Kind::Panic { .. }), "{at}: {error}");
                refused += 1;
            }
        }
    }
    assert!(refused > 0);
}

#[test]
fn a_snapshot_of_another_program_is_refused() {
    let (_, snapshot) = snapshots(&program()).remove(0);
    let other = Code::program(|code| {
        code.op(Op::Checkpoint {});
    });
    let error = resumed(&other, &snapshot).unwrap_err();
    assert!(matches!(error.kind, Kind::Snapshot { what: "its place" }), "{error}");
}

#[test]
fn a_thread_must_not_have_a_checkpoint() {
    let mut program = Code::program(|code| {
        code.tape(1, |_| ());
    });
    let tape = program.tapes[1].clone();
    let ops = vec![Op::Checkpoint {}];
    program.tapes[1] = Tape { ops, positions: vec![Default::default()], ..tape };
    let error = verify(&program).unwrap_err();
    assert!(error.what.contains("in a thread"), "{error}");
}

#[test]
fn timers_go_on_and_dead_registers_are_not_kept() {
    let program = Code::program(|code| {
        code.op(Op::TimerStart { timer: 1 });
        let values = code.secrets(&[5; 1000]);
        let sum = code.s(1);
        code.op(Op::SumS { dst: DstS(sum), src: values });
        code.op(Op::Checkpoint {});
        code.op(Op::TimerStop { timer: 1 });
        code.show_s(sum);
    });
    let (_, snapshot) = snapshots(&program).remove(0);
    assert!(snapshot.len() < 200, "{} bytes", snapshot.len());
    resumed(&program, &snapshot).unwrap();
}
