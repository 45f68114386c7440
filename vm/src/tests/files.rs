//! Stored shares, public inputs, binary files, what one party has, the command line.

use caucus_bytecode::operand::*;
use caucus_bytecode::{Op, Program, Tape, verify};
use caucus_core::algebra::Z64;
use caucus_protocols::{Emulate, Replicated};

use super::code::Code;
use super::{all_succeed, alone, fails, prints, three};
use crate::Kind;
use crate::testing::{MemoryFiles, MemoryHost, run};

/// What P0 prints, in the clear and among three parties, whose files are prepared first.
#[track_caller]
fn prints_with_files(
    prepare: impl Fn(&mut MemoryFiles),
    expected: &str,
    write: impl FnOnce(&mut Code),
) -> [Vec<MemoryHost>; 2] {
    let program = Code::program(write);
    let (clear, shared) = (alone(), three());
    clear.iter().chain(&shared).for_each(|host| prepare(&mut host.files()));
    all_succeed(run::<Emulate<Z64>>(&program, &clear));
    assert_eq!(clear[0].output(), expected, "in the clear");
    all_succeed(run::<Replicated<Z64>>(&program, &shared));
    assert_eq!(shared[0].output(), expected, "among three parties");
    [clear, shared]
}

#[test]
fn stored_shares_are_read_again() {
    prints("[5, -6]\n-1\n[0, 5]\n2\n", |code| {
        let (values, end) = (code.secrets(&[5, -6]), code.int(-1));
        let (zero, one) = (code.int(0), code.int(1));
        code.op(Op::StoreShares { position: one, values: vec![values] });
        for (position, lanes) in [(one, [1, 1]), (zero, [0, 2])] {
            let parts = lanes.map(|lanes| code.s(lanes));
            let values = parts.map(DstS).to_vec();
            let op = Op::LoadShares { end: DstI(end.0), position, values, required: true };
            code.op(op);
            let joined = code.s(2);
            let parts = parts.map(SrcS).to_vec();
            code.op(Op::ConcatS { dst: DstS(joined), parts });
            code.show_s(joined);
            code.show_i(end.0);
        }
    });
}

#[test]
fn reading_where_nothing_is_stored_fails_or_says_so() {
    let load = |code: &mut Code, required| {
        let (zero, end, values) = (code.int(0), code.i(1), code.s(2));
        let op =
            Op::LoadShares { end: DstI(end), position: zero, values: vec![DstS(values)], required };
        code.op(op);
        code.show_i(end);
        code.show_s(values);
    };
    prints("-2\n[0, 0]\n", |code| load(code, false));
    let (error, output) = fails(|code| load(code, true));
    assert!(matches!(error.kind, Kind::NothingStored), "{error}");
    assert_eq!((error.position.as_deref(), output.as_str()), (Some("test.mpc:2"), ""));
}

#[test]
fn a_thread_must_not_store_shares() {
    let mut program = Code::program(|code| {
        code.tape(1, |_| ());
    });
    let values = vec![];
    for op in [
        Op::StoreShares { position: SrcI(0), values: vec![] },
        Op::LoadShares { end: DstI(0), position: SrcI(0), values, required: true },
        Op::PublicInput { dst: DstI(0) },
    ] {
        let tape = program.tapes[1].clone();
        program.tapes[1] = Tape { ops: vec![op], positions: vec![Default::default()], ..tape };
        let error = verify(&Program { ..program.clone() }).unwrap_err();
        assert!(error.what.contains("in a thread"), "{error}");
    }
}

#[test]
fn public_inputs_and_arguments_come_from_the_host() {
    let prepare = |files: &mut MemoryFiles| {
        files.public.extend([3, -4, 5]);
        files.args = vec![8, -9];
    };
    prints_with_files(prepare, "[3, -4]\n5\n-9\n1\n", |code| {
        let (pair, single, arg, one) = (code.i(2), code.i(1), code.i(1), code.int(1));
        code.op(Op::PublicInput { dst: DstI(pair) });
        code.op(Op::PublicInput { dst: DstI(single) });
        code.op(Op::CommandLineArg { dst: DstI(arg), index: one });
        [pair, single, arg].into_iter().for_each(|register| code.show_i(register));
        code.op(Op::Threshold { dst: DstI(arg) });
        code.show_i(arg);
    });
}

#[test]
fn binary_inputs_have_four_forms() {
    let prepare = |files: &mut MemoryFiles| {
        let mut bytes = (-7i64).to_le_bytes().to_vec();
        bytes.extend([1.5f64, -0.75].map(f64::to_le_bytes).concat());
        bytes.extend(2.5f32.to_le_bytes());
        bytes.extend(u64::MAX.to_le_bytes());
        files.binary_input = bytes;
    };
    // In halves: 3, -1.5 (away from zero: -2), 5.
    prints_with_files(prepare, "-7\n[3, -2]\n5\n-1\n", |code| {
        let forms =
            [(BinaryForm::Int64, 1, 0), (BinaryForm::Double, 2, 1), (BinaryForm::Float, 1, 1)];
        let player = code.int(1);
        for (form, lanes, bits) in [&forms[..], &[(BinaryForm::Raw, 1, 0)]].concat() {
            let dst = code.s(lanes);
            code.op(Op::BinaryInputS { dst: DstS(dst), player, form, bits });
            code.show_s(dst);
        }
    });
}

#[test]
fn what_is_no_number_in_a_binary_file_is_refused() {
    let program = Code::program(|code| {
        let (player, dst) = (code.int(0), code.s(2));
        let form = BinaryForm::Double;
        code.op(Op::BinaryInputS { dst: DstS(dst), player, form, bits: 16 });
    });
    for wrong in [f64::NAN, f64::INFINITY, 1e40] {
        let hosts = alone();
        hosts[0].files().binary_input = [1.0, wrong].map(f64::to_le_bytes).concat();
        let error = run::<Emulate<Z64>>(&program, &hosts).remove(0).unwrap_err();
        assert!(error.to_string().contains("no. 2 of this call, of P0"), "{error}");
    }
}

#[test]
fn what_a_party_has_is_shared_by_it() {
    let program = Code::program(|code| {
        let (number, player) = (code.i(1), code.int(1));
        code.op(Op::PartyNumber { dst: DstI(number) });
        let own = code.c(1);
        code.op(Op::PublicFromInt { dst: DstC(own), src: SrcI(number) });
        let other = code.publics(&[7, 8]);
        let (a, b, zero) = (code.s(1), code.s(2), code.int(0));
        let inputs = vec![
            (DstS(a), player, SrcC(own)),
            (DstS(b), zero, other),
            (DstS(a), player, SrcC(own)),
        ];
        code.op(Op::InputOwnS { inputs });
        code.show_s(a);
        code.show_s(b);
    });
    let hosts = three();
    all_succeed(run::<Replicated<Z64>>(&program, &hosts));
    assert_eq!(hosts[0].output(), "1\n[7, 8]\n");
}

#[test]
fn binary_outputs_have_eight_bytes_and_an_owner() {
    let [clear, shared] = prints_with_files(
        |_| (),
        "",
        |code| {
            let (ints, one) = (code.ints(&[1, -2]), code.int(1));
            let fixed = code.publics(&[3, -1 << 30, 1 << 30]);
            code.op(Op::BinaryOutputI { player: None, src: ints });
            code.op(Op::BinaryOutputFixed { player: Some(one), src: fixed, bits: 1, total: 31 });
        },
    );
    let ints = [1i64, -2].map(i64::to_le_bytes).concat();
    let fixed = [1.5, -(2f64.powi(29)), f64::NAN].map(f64::to_le_bytes).concat();
    assert_eq!(shared[0].files().binary_output, ints);
    assert_eq!(shared[1].files().binary_output, [ints.clone(), fixed.clone()].concat());
    assert_eq!(shared[2].files().binary_output, ints);
    assert_eq!(clear[0].files().binary_output, [ints, fixed].concat());
}

#[test]
fn shares_and_numbers_out_of_range_are_printed_as_such() {
    let write = |code: &mut Code| {
        let secret = code.publics(&[9, -9]);
        let (shares, text) = (code.s(2), code.text(" "));
        code.op(Op::SecretFromPublic { dst: DstS(shares), src: secret });
        let fixed = code.publics(&[3, 8, -8, -9]);
        let fixed = Part::Fixed { src: fixed, bits: 1, total: 4, digits: 6 };
        code.print(vec![Part::Share(SrcS(shares)), Part::Text(text), fixed]);
    };
    let program = Code::program(write);
    let hosts = alone();
    all_succeed(run::<Emulate<Z64>>(&program, &hosts));
    assert_eq!(hosts[0].output(), "[9, -9] [1.5, NaN, -4, NaN]\n");
    let hosts = three();
    all_succeed(run::<Replicated<Z64>>(&program, &hosts));
    let shown = hosts[0].output();
    assert!(shown.starts_with("[(") && shown.contains("), ("), "{shown}");
}
