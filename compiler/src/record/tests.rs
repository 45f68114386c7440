//! Tests of the record, written by hand.

use caucus_bytecode::Op;

use super::*;
use crate::ir::{LoopKind, Node, Position};

/// A record with one secret register of 4 lanes and two integers, and these words.
fn record(words: &[i64]) -> Vec<u8> {
    let head = format!(
        r#"{{"ok":true,"name":"demo","files":["demo.mpc"],"texts":["\n"],"constants":["-5"],
        "sizes":{{"s":1,"c":0,"i":2}},"recorded":3,"seconds":0.5,"notes":[],
        "tapes":[{{"name":"main","params":[],"words":{}}}]}}"#,
        words.len()
    );
    assemble(&head, &[4, 1, 1], words)
}

fn assemble(head: &str, lanes: &[u32], words: &[i64]) -> Vec<u8> {
    let mut bytes = MARK.to_vec();
    bytes.extend(u32::try_from(head.len()).unwrap().to_le_bytes());
    bytes.extend(head.as_bytes());
    lanes.iter().for_each(|it| bytes.extend(it.to_le_bytes()));
    words.iter().for_each(|it| bytes.extend(it.to_le_bytes()));
    bytes
}

fn recording(words: &[i64]) -> Recording {
    match decode(&record(words), 64).unwrap() {
        Answer::Recorded(recording) => *recording,
        Answer::Faulty(diagnostic) => panic!("{diagnostic}"),
    }
}

#[track_caller]
fn refused(words: &[i64], wanted: &str) {
    let error = decode(&record(words), 64).unwrap_err().to_string();
    assert!(error.contains(wanted), "{error}");
}

const LOOP: [i64; 16] = [
    1, 7, 0, 5, // ldi i0 5
    1001, 8, 1, 0, 0, 1, 1, 0, 0, // loop i1 from i0 to i0 by 1, parallel
    1006, 9, // break
    1099,
];

#[test]
fn a_loop_is_decoded_with_its_lines() {
    let words = [&LOOP[..], &[10]].concat();
    let recording = recording(&words);
    assert_eq!((recording.recorded, recording.seconds), (3, 0.5));
    let module = recording.module;
    assert_eq!(module.constants, [BigInt::from(-5)]);
    let stmts = &module.tapes[0].body.stmts;
    assert!(matches!(stmts[0].node, Node::Op(Op::LoadInt { value: 5, .. })));
    assert_eq!(stmts[1].position, Position { file: 0, line: 8 });
    let Node::Loop(it) = &stmts[1].node else { panic!("{:?}", stmts[1]) };
    assert_eq!((it.index, it.start, it.stop, it.step), (1, 0, 0, 1));
    assert_eq!(it.kind, LoopKind::Parallel { unroll: None });
    assert!(matches!(it.body.stmts[0].node, Node::Break));
}

#[test]
fn branches_and_whiles_have_two_parts() {
    let stmts = recording(&[1002, 1, 0, 1003, 2, 1006, 3, 1099, 4, 1004, 5, 1005, 6, 1, 1099, 7]);
    let stmts = &stmts.module.tapes[0].body.stmts;
    let Node::If { condition: 0, then, otherwise } = &stmts[0].node else { panic!() };
    assert_eq!((then.stmts.len(), otherwise.stmts.len()), (0, 1));
    assert!(matches!(&stmts[1].node, Node::While { condition: 1, .. }));
}

#[test]
fn arrays_are_numbered_in_their_order() {
    let module = recording(&[1000, 1, 0, 10, 1000, 1, 2, 7]).module;
    assert_eq!((module.arrays[1].class, module.arrays[1].len), (Class::Int, 7));
    assert!(matches!(module.tapes[0].body.stmts[1].node, Node::Array(1)));
}

#[test]
fn every_truncation_and_trailing_byte_is_refused() {
    let words = [&LOOP[..], &[10]].concat();
    let mut bytes = record(&words);
    for len in 0..bytes.len() {
        assert!(decode(&bytes[..len], 64).is_err(), "{len} bytes were accepted");
    }
    bytes.push(0);
    assert!(matches!(decode(&bytes, 64), Err(RecordError::Trailing { bytes: 1 })));
}

#[test]
fn misplaced_markers_are_refused() {
    refused(&[1099, 0], "no region is open");
    refused(&[1003, 0], "a second part without a first");
    refused(&[1005, 0, 0], "a second part without a first");
    refused(&[1002, 0, 0, 1003, 0, 1003, 0], "a second part without a first");
    refused(&[1002, 0, 0], "not closed");
    refused(&[1004, 0, 1099, 0], "without its test");
    refused(&[1050, 0], "no such marker");
    refused(&[1000, 0, 4, 5], "no such element type");
    refused(&[1000, 0, 0, -5], "a negative length");
    refused(&[1001, 0, 0, 0, 0, 0, 0, 0, 0, 1099, 0], "step 0");
    refused(&[1001, 0, 0, 0, 0, 1, 2, 0, 0, 1099, 0], "no such kind of loop");
    refused(&[1002, 0, 0].repeat(400), "nested too deep");
}

#[test]
fn damaged_instructions_are_refused() {
    refused(&[1, 0, 0], "end in the middle");
    refused(&[1, -1, 0, 5], "a position is negative");
    refused(&[999, 0], "no instruction has the number 999 (at word 0)");
    refused(&[12, 0, 0, 1 << 40], "word 1099511627776 at 3 is out of range");
}

#[test]
fn a_faulty_program_becomes_a_diagnostic() {
    let head = r#"{"ok":false,"error":{"code":"E0201","message":"no truth value","file":"a.mpc",
        "line":7,"column":4,"end_column":null,"help":null,"kind":"language","traceback":"T"}}"#;
    let Ok(Answer::Faulty(diagnostic)) = decode(&assemble(head, &[], &[]), 64) else { panic!() };
    assert_eq!(diagnostic.to_string(), "a.mpc:7: no truth value [E0201]");
    assert_eq!(diagnostic.columns, Some((4, 5)));
}

#[test]
fn impossible_heads_are_refused() {
    for (head, wanted) in [
        ("{}", "missing field `ok`"),
        (r#"{"ok":false}"#, "no error"),
        (r#"{"ok":true}"#, "no main tape"),
        (r#"{"ok":true,"tapes":[{"name":"","params":[],"words":2305843009213693952}]}"#, "words"),
        (r#"{"ok":true,"tapes":[{"name":"","params":[],"words":99}]}"#, "its instructions"),
        (
            r#"{"ok":true,"sizes":{"s":4000000000,"c":0,"i":0},"tapes":[{"name":"","params":[],"words":0}]}"#,
            "registers, more than",
        ),
        (
            r#"{"ok":true,"constants":["1x"],"tapes":[{"name":"","params":[],"words":0}]}"#,
            "no integer",
        ),
    ] {
        let error = decode(&assemble(head, &[], &[]), 64).unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}");
    }
}

/// A record of two tapes with all kinds of regions; words of both tapes in a row.
fn rich_words() -> [Vec<i64>; 2] {
    let main = [
        &[1000, 1, 0, 16][..],                                         // array0: s[16]
        &[1, 2, 0, 0, 1, 2, 1, 4],                                     // ldi i0 0; ldi i1 4
        &[1001, 3, 2, 0, 1, 1, 1, 0, 0],                               // for i2 = i0..i1, parallel
        &[70, 3, 0, 0, 2, 1, 1, 1],                                    // lds s0 array0 i2 [1×1]
        &[40, 4, 1, 1, 0, 0],                                          // muls [(s1 s0 s0)]
        &[73, 5, 0, 2, 0, 1, 1099, 5],                                 // sts array0 i2 [] s1
        &[1004, 6, 60, 6, 10, 3, 0, 1, 1005, 6, 3], // while { int lt i3 i0 i1 } i3 {
        &[1002, 7, 3, 1006, 7, 1003, 7, 6, 8, 0, 1, 1099, 8, 1099, 8], // if, break, else, movi
        &[93, 9, 1, 1, 1, 1],                       // threads [(tape1 [i1])]
        &[100, 9, 0, 0, 2, 0, 0, 1, 1],             // print "\n" i1
    ];
    let thread = [
        &[1000, 10, 0, 8][..], // array1: s[8]
        &[70, 10, 2, 0, 4, 0], // lds s2 array0 i4 []
        &[73, 10, 1, 4, 0, 2], // sts array1 i4 [] s2
        &[45, 11, 1, 2, 4, 0], // inputs [(s2 i4 0)]
    ];
    [main.concat(), thread.concat()]
}

fn rich(words: &[Vec<i64>; 2]) -> Vec<u8> {
    let head = format!(
        r#"{{"ok":true,"name":"rich","files":["rich.mpc"],"texts":["\n"],
        "sizes":{{"s":3,"c":0,"i":5}},"tapes":[{{"name":"main","params":[],"words":{}}},
        {{"name":"thread","params":[4],"words":{}}}]}}"#,
        words[0].len(),
        words[1].len()
    );
    assemble(&head, &[1; 8], &words.concat())
}

/// Decodes, verifies and emits; `None` if the record is refused.
fn compiled(bytes: &[u8]) -> Option<caucus_bytecode::Program> {
    let Answer::Recorded(recording) = decode(bytes, 64).ok()? else { return None };
    crate::verify::verify(&recording.module, crate::verify::Stage::Recorded).ok()?;
    Some(crate::emit::emit(recording.module).expect("what is verified can be emitted"))
}

#[test]
fn all_kinds_of_regions_are_compiled() {
    let program = compiled(&rich(&rich_words())).unwrap();
    assert_eq!((program.tapes.len(), program.tapes[1].arrays.len()), (2, 1));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(4000))]
    #[test]
    fn a_changed_record_is_refused_or_compiled(
        changes in proptest::collection::vec((0..200usize, -2..1110i64), 1..4),
    ) {
        let mut words = rich_words();
        let split = words[0].len();
        let total = split + words[1].len();
        for (at, value) in changes {
            let at = at % total;
            let tape = usize::from(at >= split);
            words[tape][at - tape * split] = value;
        }
        // It must not panic; that what is verified can be emitted is checked inside.
        let _ = compiled(&rich(&words));
    }
}
