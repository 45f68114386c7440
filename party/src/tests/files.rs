//! Inputs that are wrong at one party, and files in which parties differ: all parties are told.

use caucus_bytecode::operand::{DstI, DstS, Part, SrcI, SrcS};
use caucus_bytecode::{InputCount, Op, Program};

use super::programs::{int, open, print_public, product, program};
use super::world::{World, all};

/// Prints a public input.
fn public() -> Program {
    let ops = vec![
        Op::PublicInput { dst: DstI(0) },
        Op::Print { condition: None, player: None, parts: vec![Part::Int(SrcI(0))] },
    ];
    program("public", 1, &[], ops)
}

/// Stores a secret input of P0, or prints what is stored.
fn stored(load: bool) -> Program {
    let access = match load {
        true => {
            let values = vec![DstS(0)];
            vec![Op::LoadShares { end: DstI(1), position: SrcI(0), values, required: true }]
        }
        false => {
            let input = Op::InputS { inputs: vec![(DstS(0), SrcI(0), 0)] };
            vec![input, Op::StoreShares { position: SrcI(0), values: vec![SrcS(0)] }]
        }
    };
    let ops = [vec![int(0, 0)], access, vec![open(0, 0), print_public(0)]].concat();
    program("stored", 1, &["", "\n"], ops)
}

#[test]
fn wrong_inputs_of_one_party_are_told_to_all_at_once() {
    let world = World::new();
    let mut counted = product(1);
    counted.inputs = vec![InputCount { player: 1, thread: 0, at_least: 1, exact: true }];
    world.input(0, "6");
    for (text, told) in [
        ("12 twelve", "no. 2 of its private inputs in Input-P1-0 is not an integer"),
        ("", "too few private inputs of P1"),
        ("1 2", "too many private inputs of P1"),
    ] {
        world.input(1, text);
        let started = std::time::Instant::now();
        let ends = world.run(all(&counted));
        assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
        assert_eq!(ends[1].error().exit_code(), 9, "{}", ends[1].error());
        for other in [0, 2] {
            let text = ends[other].error().to_string();
            assert!(text.starts_with("P1 ended: ") && text.contains(told), "{text}");
            assert!(!text.contains("twelve"), "{text}");
        }
    }
}

#[test]
fn parties_with_other_public_inputs_disagree() {
    let world = World::new();
    for (folder, text) in [("a", "5"), ("b", "6")] {
        std::fs::create_dir(world.path().join(folder)).unwrap();
        std::fs::write(world.path().join(folder).join("public"), text).unwrap();
    }
    let folders = |names: [&'static str; 3]| {
        world.run_with(all(&public()), |party, config| {
            config.folders.public_inputs = world.path().join(names[party]);
        })
    };
    for end in folders(["a", "a", "a"]) {
        assert!(end.res.is_ok());
        assert_eq!(end.output, "5");
    }
    for end in folders(["a", "a", "b"]) {
        let text = end.error().to_string();
        assert!(text.contains("disagree on the public inputs") && text.contains("P2"), "{text}");
        assert_eq!(end.error().exit_code(), 8);
    }
    let ends = folders(["a", "none", "a"]);
    assert_eq!(ends[1].error().exit_code(), 9, "{}", ends[1].error());
    for other in [0, 2] {
        let text = ends[other].error().to_string();
        assert!(text.contains("P1"), "{text}");
        assert!(
            text.contains("has none") || text.contains("public inputs cannot be read"),
            "{text}"
        );
    }
}

#[test]
fn stored_shares_of_another_run_are_refused_at_all_parties() {
    let world = World::new();
    world.input(0, "77");
    let run = |load, name: &str| {
        let folder = world.path().join(name);
        world.run_with(all(&stored(load)), |_, config| {
            config.folders.persistence = folder.clone();
        })
    };
    for name in ["first", "second"] {
        run(false, name).iter().for_each(|end| assert_eq!(end.output, "77\n"));
        run(true, name).iter().for_each(|end| assert_eq!(end.output, "77\n"));
    }
    let file = |folder: &str| world.path().join(folder).join("Transactions-P2.data");
    std::fs::copy(file("first"), file("second")).unwrap();
    for end in run(true, "second") {
        assert_eq!(end.error().exit_code(), 8, "{}", end.error());
        assert_eq!(end.output, "");
    }
    std::fs::write(file("second"), "junk").unwrap();
    let ends = run(true, "second");
    assert_eq!(ends[2].error().exit_code(), 9, "{}", ends[2].error());
    for other in [0, 1] {
        let text = ends[other].error().to_string();
        assert!(text.contains("P2 ended: its file of stored shares is none of Caucus"), "{text}");
    }
}
