//! Tests of the encoding, the container, the verifier and the text form.

use num_bigint::BigInt;
use proptest::prelude::*;

use crate::op::TABLE;
use crate::operand::*;
use crate::program::{ArrayDecl, InputCount, LoadError, Position, Program, Tape};
use crate::words::Words;
use crate::{Op, text, verify};

/// A program of one tape that squares eight elements of an array.
fn squares() -> Program {
    let levels = vec![Level { count: 8, stride: 1 }];
    let (array, base) = (ArrayRef::Global(0), SrcI(0));
    let ops = vec![
        Op::LoadInt { dst: DstI(0), value: 0 },
        Op::LoadS { dst: DstS(0), array: ArrayIn(array), base, levels: levels.clone() },
        Op::MulS { products: vec![(DstS(1), SrcS(0), SrcS(0))] },
        Op::StoreS { array: ArrayOut(array), base, levels, src: SrcS(1) },
        Op::OpenS { openings: vec![(DstC(0), SrcS(1))] },
        Op::Print {
            condition: None,
            player: None,
            parts: vec![Part::Public(SrcC(0)), Part::Text(TextRef(0))],
        },
    ];
    let positions = vec![Position { file: 0, line: 3 }; ops.len()];
    let lanes = [vec![8, 8], vec![8], vec![1], vec![]];
    Program {
        name: "squares-8".into(),
        ring_bits: 64,
        tapes: vec![Tape { name: "main".into(), lanes, ops, positions, ..Tape::default() }],
        arrays: vec![ArrayDecl { class: 0, len: 8 }],
        texts: vec!["\n".into()],
        constants: vec![BigInt::from(-5)],
        files: vec!["squares.mpc".into()],
        inputs: vec![InputCount { player: 0, thread: 0, at_least: 2, exact: true }],
    }
}

#[test]
fn a_program_survives_its_container() {
    let program = squares();
    let bytes = program.to_bytes();
    assert_eq!(Program::from_bytes(&bytes), Ok(program));
}

#[test]
fn every_truncation_and_trailing_byte_is_refused() {
    let mut bytes = squares().to_bytes();
    for len in 0..bytes.len() {
        assert!(Program::from_bytes(&bytes[..len]).is_err(), "{len} bytes were accepted");
    }
    bytes.push(0);
    assert!(matches!(Program::from_bytes(&bytes), Err(LoadError::Damaged { .. })));
}

#[test]
fn a_flipped_byte_is_refused_or_changes_the_hash() {
    let program = squares();
    let bytes = program.to_bytes();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x15;
        if let Ok(other) = Program::from_bytes(&changed)
            && verify(&other).is_ok()
        {
            assert!(other == program || other.hash() != program.hash());
        }
    }
}

#[test]
fn a_valid_program_is_verified() {
    assert_eq!(verify(&squares()), Ok(()));
}

/// The message with which a changed program is refused.
#[track_caller]
fn refused(change: impl FnOnce(&mut Program)) -> String {
    let mut program = squares();
    change(&mut program);
    verify(&program).expect_err("the change should be refused").to_string()
}

#[test]
fn a_register_that_does_not_exist_is_refused() {
    let message = refused(|program| program.tapes[0].lanes[0].truncate(1));
    assert!(message.contains("instruction 2"), "{message}");
    assert!(message.contains("no register 1"), "{message}");
}

#[test]
fn lanes_that_do_not_fit_are_refused() {
    let message = refused(|program| program.tapes[0].lanes[0][0] = 7);
    assert!(message.contains("7 lanes"), "{message}");
}

#[test]
fn dimensions_without_lanes_are_bounded_too() {
    let message = refused(|program| {
        let tape = &mut program.tapes[0];
        tape.lanes[Class::Int.index()].push(0);
        let count = 1 << 62;
        let levels = vec![Level { count, stride: 1 }, Level { count: 0, stride: 1 }];
        tape.ops[0] = Op::IotaI { dst: DstI(1), base: SrcI(0), levels };
    });
    assert!(message.contains("counts to 4611686018427387904"), "{message}");
    let message = refused(|program| {
        let tape = &mut program.tapes[0];
        tape.lanes[Class::Secret.index()].push(0);
        let (dst, a, b) = (DstS(2), SrcS(2), SrcS(2));
        tape.ops[0] = Op::MatMulS { dst, a, b, rows: 0, inner: 0, cols: 1 << 62 };
    });
    assert!(message.contains("0 × 0 × 4611686018427387904"), "{message}");
}

#[test]
fn an_array_of_another_type_is_refused() {
    let message = refused(|program| program.arrays[0].class = 1);
    assert!(message.contains("class s"), "{message}");
}

#[test]
fn a_jump_out_of_the_tape_is_refused() {
    let message = refused(|program| program.tapes[0].ops[0] = Op::Jump { target: Label(u32::MAX) });
    assert!(message.contains("jump target"), "{message}");
}

#[test]
fn lanes_outside_a_register_are_refused() {
    for (offset, stride) in [(1, 1), (-1, 1), (0, -1), (0, 2), (i64::MAX, i64::MAX)] {
        let levels = vec![Level { count: 8, stride }];
        let op = Op::PickS { dst: DstS(1), src: SrcS(0), offset, levels };
        refused(|program| program.tapes[0].ops[2] = op);
    }
}

#[test]
fn lengths_that_no_ring_element_has_are_refused() {
    for bits in [i64::MIN, -1, 0, 65, i64::MAX] {
        let one = vec![(DstS(1), SrcS(0), bits)];
        let ops = [
            Op::LessThanZeroS { tests: one.clone() },
            Op::EqualZeroS { tests: one.clone() },
            Op::DecomposeS { parts: one },
            Op::TruncateS { shifts: vec![(DstS(1), SrcS(0), 0, bits, Rounding::Floor)] },
        ];
        for op in ops {
            let message = refused(|program| program.tapes[0].ops[2] = op);
            assert!(message.contains(&format!("{bits} bits")), "{message}");
        }
    }
}

#[test]
fn a_shift_by_all_bits_is_refused() {
    for shift in [-1, 8, i64::MAX] {
        let shifts = vec![(DstS(1), SrcS(0), shift, 8, Rounding::Nearest)];
        let message = refused(|program| program.tapes[0].ops[2] = Op::TruncateS { shifts });
        assert!(message.contains(&format!("by {shift}")), "{message}");
    }
}

#[test]
fn a_decomposition_has_a_lane_for_each_bit() {
    let decompose = |bits| Op::DecomposeS { parts: vec![(DstS(1), SrcS(0), bits)] };
    let message = refused(|program| program.tapes[0].ops[2] = decompose(2));
    assert!(message.contains("8 lanes"), "{message}");
    let mut program = squares();
    program.tapes[0].ops[2] = decompose(1);
    assert_eq!(verify(&program), Ok(()));
}

#[test]
fn a_printed_number_without_digits_is_refused() {
    for (bits, digits) in [(0, 0), (65, 6), (16, 1001)] {
        let part = Part::Fixed { src: SrcC(0), bits, total: 31, digits };
        refused(|program| {
            program.tapes[0].ops[5] =
                Op::Print { condition: None, player: None, parts: vec![part] };
        });
    }
}

#[test]
fn a_pattern_whose_size_overflows_is_refused() {
    let levels = vec![Level { count: u64::MAX >> 1, stride: 0 }; 3];
    refused(|program| {
        program.tapes[0].ops[1] =
            Op::LoadS { dst: DstS(0), array: ArrayIn(ArrayRef::Global(0)), base: SrcI(0), levels };
    });
}

#[test]
fn a_thread_cannot_start_threads() {
    let jobs = vec![(TapeRef(1), vec![])];
    refused(|program| {
        let mut tape = program.tapes[0].clone();
        tape.ops = vec![Op::Threads { jobs }];
        tape.positions.truncate(1);
        program.tapes.push(tape);
    });
}

/// [`squares`] with a tape that chunks run, and a loop over `jobs`.
fn distributed(jobs: Vec<(TapeRef, i64, i64, Vec<Window>)>, ops: Vec<Op>) -> Program {
    let mut program = squares();
    let mut tape = program.tapes[0].clone();
    tape.lanes[Class::Int.index()].push(1);
    tape.params = vec![tape.lanes[Class::Int.index()].len() as u32 - 1];
    tape.positions = vec![Position::default(); ops.len()];
    tape.ops = ops;
    program.tapes.push(tape);
    program.tapes[0].ops.push(Op::Nodes { jobs });
    program.tapes[0].positions.push(Position::default());
    program
}

fn window(usage: Use, offset: i64, stride: i64, len: u64) -> Window {
    Window { array: ArrayRef::Global(0), usage, offset, stride, len }
}

#[test]
fn chunks_must_be_independent() {
    let verified = |windows: &[&[Window]], counts: &[i64]| {
        let mut first = 0;
        let jobs = windows.iter().zip(counts).map(|(windows, count)| {
            first += count;
            (TapeRef(1), first - count, *count, windows.to_vec())
        });
        verify(&distributed(jobs.collect(), vec![])).map_err(|error| error.to_string())
    };
    // The array has eight elements.
    assert_eq!(verified(&[&[window(Use::Update, 0, 4, 4)]], &[2]), Ok(()));
    assert_eq!(verified(&[&[window(Use::Read, 0, 0, 8)]], &[100]), Ok(()));
    let tail = [window(Use::Write, 0, 3, 2)];
    assert_eq!(verified(&[&[window(Use::Write, 0, 3, 3)], &tail], &[2, 1]), Ok(()));
    for (windows, counts, text) in [
        (&[&[window(Use::Write, 0, 3, 4)][..]][..], &[2][..], "several chunks write"),
        (&[&[window(Use::Update, 0, 0, 1)]], &[2], "several chunks write"),
        (&[&[window(Use::Read, 0, 4, 5)]], &[2], "elements 0 to 8"),
        (&[&[window(Use::Read, -1, 0, 2)]], &[1], "elements -1 to 0"),
        (&[&[window(Use::Read, 0, 0, 8); 2]], &[1], "two parts"),
        (&[&[window(Use::Write, 0, 2, 2)], &[window(Use::Read, 0, 0, 8)]], &[2, 1], "touch what"),
        (&[&[window(Use::Read, 0, i64::MAX, 1)]], &[3], "elements 0 to"),
    ] {
        let message = verified(windows, counts).unwrap_err();
        assert!(message.contains(text), "{message}");
    }
}

#[test]
fn a_chunk_does_what_a_worker_can_do() {
    let job = (TapeRef(1), 0, 2, vec![]);
    let print = Op::Print { condition: None, player: None, parts: vec![] };
    for (op, text) in [
        (print, "print in a chunk"),
        (Op::Listen { port: SrcI(0) }, "listen in a chunk"),
        (Op::Nodes { jobs: vec![] }, "nodes in a chunk"),
        (Op::InputB { inputs: vec![] }, "inputb in a chunk"),
    ] {
        let error = verify(&distributed(vec![job.clone()], vec![op.clone()])).unwrap_err();
        assert!(error.to_string().contains(text), "{error}");
        // Nor in a thread of a chunk.
        let threads = Op::Threads { jobs: vec![(TapeRef(2), vec![SrcI(0)])] };
        let mut program = distributed(vec![job.clone()], vec![threads]);
        let mut tape = program.tapes[1].clone();
        tape.ops = vec![op];
        program.tapes.push(tape);
        let error = verify(&program).unwrap_err().to_string();
        assert!(error.contains(text), "{error}");
    }
    let missing = vec![(TapeRef(0), 0, 2, vec![])];
    assert!(verify(&distributed(missing, vec![])).is_err());
}

#[test]
fn a_chunk_has_inputs_but_not_its_threads() {
    let job = (TapeRef(1), 0, 2, vec![]);
    let op = Op::InputS { inputs: vec![] };
    let program = distributed(vec![job.clone()], vec![op.clone()]);
    assert_eq!(verify(&program), Ok(()));
    assert_eq!(program.chunk_tapes().into_iter().collect::<Vec<_>>(), [1]);
    let threads = Op::Threads { jobs: vec![(TapeRef(2), vec![SrcI(0)])] };
    let mut program = distributed(vec![job], vec![threads]);
    let mut tape = program.tapes[1].clone();
    tape.ops = vec![op];
    program.tapes.push(tape);
    let error = verify(&program).unwrap_err().to_string();
    assert!(error.contains("inputs in a chunk"), "{error}");
}

#[test]
fn rows_are_sorted_by_nodes_in_the_main_tape_and_by_columns_that_exist() {
    let sort = |rows, keys| Op::SortAtNodes { dst: DstS(0), src: SrcS(0), rows, keys };
    let with = |op: Op| {
        let mut program = squares();
        program.tapes[0].ops[0] = op;
        program
    };
    // The register has eight lanes.
    for (rows, keys) in [(8, vec![(0, 64)]), (4, vec![(1, 3), (0, 1)]), (1, vec![(7, 8)])] {
        assert_eq!(verify(&with(sort(rows, keys))), Ok(()));
    }
    for (rows, keys, text) in [
        (4, vec![(2, 3)], "column 2 of 8 lanes in 4 rows"),
        (4, vec![(-1, 3)], "column -1"),
        (4, vec![(0, 65)], "65 bits"),
        (4, vec![(0, 0)], "0 bits"),
        (4, vec![], "no keys"),
        (3, vec![(0, 3)], "in 3 rows"),
        (-1, vec![(0, 3)], "in -1 rows"),
    ] {
        let error = verify(&with(sort(rows, keys))).unwrap_err().to_string();
        assert!(error.contains(text), "{error}");
    }
    let shuffle = Op::ShuffleAtNodes { dst: DstS(0), src: SrcS(0), rows: 8 };
    assert!(with(shuffle.clone()).uses_nodes() && !squares().uses_nodes());
    let job = (TapeRef(1), 0, 2, vec![]);
    let error = verify(&distributed(vec![job], vec![shuffle])).unwrap_err().to_string();
    assert!(error.contains("nodeshuffles in a chunk"), "{error}");
}

#[test]
fn numbers_and_mnemonics_are_unique() {
    for (index, info) in TABLE.iter().enumerate() {
        for other in &TABLE[index + 1..] {
            assert_ne!(info.code, other.code);
            assert_ne!(info.mnemonic, other.mnemonic);
        }
        assert!(!info.doc.trim().is_empty(), "{} has no text", info.mnemonic);
    }
}

#[test]
fn the_text_form_shows_registers_arrays_and_lines() {
    let text = text::disassemble(&squares());
    for part in ["array0: s[8]", "muls [(s1 s0 s0)]", "; squares.mpc:3", "lanes s0:8 s1:8"] {
        assert!(text.contains(part), "{part:?} is missing in\n{text}");
    }
}

#[test]
fn the_reference_page_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/instructions.md");
    let page = crate::reference_page();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        found == page,
        "docs/instructions.md is not what the table gives: run the tests with UPDATE_GOLDEN=1"
    );
}

proptest! {
    #[test]
    fn any_words_are_refused_or_encode_back_to_themselves(words in words()) {
        let mut reader = Words::new(&words);
        if let Ok(op) = Op::decode(&mut reader) {
            let mut again = Vec::new();
            op.encode(&mut again);
            prop_assert_eq!(&again[..], &words[..reader.position()]);
        }
    }
}

/// Words that are often valid instructions: a number of the table and small operands.
fn words() -> impl Strategy<Value = Vec<i64>> {
    let code = (0..TABLE.len()).prop_map(|index| TABLE[index].code);
    let operands = prop::collection::vec(prop_oneof![0..4i64, -3..20i64, any::<i64>()], 0..12);
    (code, operands).prop_map(|(code, mut operands)| {
        operands.insert(0, code);
        operands
    })
}
