//! Three parties, or one process that plays all.

use std::time::{Duration, Instant};

use caucus_bytecode::InputCount;
use caucus_core::config::HostPort;
use caucus_core::ids::{NodeId, PartyId, WorkerId};

use super::programs::*;
use super::world::{World, all};
use crate::Error;

#[test]
fn three_parties_multiply_and_the_first_is_told() {
    let world = World::new();
    world.input(0, "6 -7");
    world.input(1, "7\n8\n");
    let ends = world.run(all(&product(2)));
    for end in &ends {
        assert_eq!(end.output, "product [42, -56]\n");
    }
    let reports: Vec<_> = ends.iter().map(|end| end.report()).collect();
    let total: u64 = reports.iter().map(|report| report.bytes_sent).sum();
    for (party, report) in reports.iter().enumerate() {
        assert_eq!(report.party.index(), party);
        assert_eq!(report.bytes_global, total);
        assert_eq!(report.rounds, reports[0].rounds);
        assert_eq!(report.threads.len(), 1);
        let json = serde_json::to_value(report).unwrap();
        assert_eq!(json["party"], party);
        assert_eq!(json["hash"].as_str().unwrap().len(), 64);
    }
}

#[test]
fn every_available_ring_works() {
    let world = World::new();
    world.input(0, "6");
    world.input(1, "-7");
    for bits in [72, 128] {
        let ends = world.run(all(&product_in(bits)));
        assert_eq!(ends.each_ref().map(|end| end.output.as_str()), ["product -42\n"; 3]);
        assert_eq!(ends[0].report().ring_bits, bits);
    }
}

#[test]
fn one_process_plays_all_parties() {
    let world = World::new();
    world.input(0, "6");
    world.input(1, "7");
    let end = world.emulate(product(1));
    end.report();
    assert_eq!(end.output, "product 42\n");
    assert_eq!((end.report().bytes_sent, end.report().bytes_global), (0, 0));
}

#[test]
fn threads_have_links_of_their_own() {
    let ends = World::new().run(all(&threads()));
    let report = ends[1].report();
    assert_eq!(report.threads.len(), 3);
    assert!(report.threads[1].links.iter().any(|link| link.bytes_sent > 0));
    assert_eq!(report.threads[1].rounds, 2);
    // Of threads side by side the one with most rounds counts, and the setup of the protocol does not.
    assert_eq!(report.rounds, 2);
}

#[test]
fn what_is_for_one_player_is_given_there_only() {
    let ends = World::new().run(all(&private_print()));
    assert_eq!(ends.map(|end| end.output), ["", "", "for P2\n"]);
}

#[test]
fn different_programs_are_refused_everywhere_with_both_values() {
    let started = Instant::now();
    let mut other = product(1);
    other.name = "product-2".into();
    let ends = World::new().run([product(1), product(1), other]);
    for end in &ends {
        assert_eq!(end.error().exit_code(), 8, "{}", end.error());
        let text = end.error().to_string();
        assert!(text.contains("has product,") || text.contains("has product;"), "{text}");
        assert!(text.contains("product-2"), "{text}");
    }
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn programs_that_differ_inside_are_refused() {
    // More threads at one party must not leave the others waiting for its links.
    let mut other = threads();
    other.name = "product".into();
    let ends = World::new().run([product(8), other, product(8)]);
    for end in &ends {
        assert!(matches!(end.error(), Error::Disagree { .. }), "{}", end.error());
        assert!(end.error().to_string().contains("SHA-256"), "{}", end.error());
    }
}

#[test]
fn different_rings_are_refused() {
    let world = World::new();
    world.input(0, "1");
    world.input(1, "1");
    let ends = world.run([product_in(64), product_in(128), product_in(64)]);
    for end in &ends {
        assert_eq!(end.error().exit_code(), 8);
        assert!(end.error().to_string().contains("length of the ring"), "{}", end.error());
    }
}

#[test]
fn a_program_that_fails_everywhere_ends_with_its_own_failure_everywhere() {
    let started = Instant::now();
    let ends = World::new().run(all(&failing()));
    for end in &ends {
        assert_eq!(end.error().exit_code(), 1, "{}", end.error());
        assert!(end.error().to_string().contains("failing.mpc:2: no way"), "{}", end.error());
        assert_eq!(end.output, "no way\n");
    }
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_failure_at_one_party_is_the_root_cause_at_all() {
    let started = Instant::now();
    let ends = World::new().run(all(&failing_at_one()));
    assert_eq!(ends[1].error().exit_code(), 1, "{}", ends[1].error());
    for other in [0, 2] {
        let error = ends[other].error();
        assert_eq!(error.exit_code(), 5, "{error}");
        assert!(error.to_string().starts_with("P1 ended: failing_at_one.mpc:4"), "{error}");
    }
    assert!(started.elapsed() < Duration::from_secs(15));
}

#[test]
fn a_failure_in_a_thread_is_told_with_its_party() {
    let ends = World::new().run(all(&failing_in_a_thread()));
    assert_eq!(ends[1].error().exit_code(), 1, "{}", ends[1].error());
    for other in [0, 2] {
        let text = ends[other].error().to_string();
        assert!(text.starts_with("P1 ended: failing_at_one.mpc:4"), "{text}");
    }
}

#[test]
fn a_division_by_zero_names_its_line() {
    let end = World::new().emulate(dividing_by_zero());
    assert_eq!(end.error().exit_code(), 1);
    assert_eq!(end.error().to_string(), "P0: dividing.mpc:1: division by zero");
}

#[test]
fn running_out_of_inputs_is_told_to_all_without_details() {
    let world = World::new();
    world.input(0, "6");
    let ends = world.run(all(&product(1)));
    let own = ends[1].error();
    assert_eq!(own.exit_code(), 9, "{own}");
    assert!(own.to_string().contains("Input-P1-0"), "{own}");
    for other in [0, 2] {
        let text = ends[other].error().to_string();
        assert!(text.starts_with("P1 ended: there are too few private inputs"), "{text}");
        assert!(!text.contains("Input-P1-0"), "{text}");
    }
}

#[test]
fn wrong_inputs_are_found_before_connecting() {
    let world = World::new();
    let mut counted = product(1);
    counted.inputs = vec![InputCount { player: 0, thread: 0, at_least: 1, exact: true }];
    for (text, place) in [("", "Input-P0-0"), ("1 2", "Input-P0-0:1:3"), ("x", "Input-P0-0:1:1")] {
        world.input(0, text);
        let end = world.emulate(counted.clone());
        assert_eq!(end.error().exit_code(), 9);
        assert!(end.error().to_string().contains(place), "{}", end.error());
    }
}

#[test]
fn a_configuration_that_cannot_work_is_refused_before_connecting() {
    let world = World::new();
    let ends = world.run_with(all(&product(1)), |_, config| config.n_parties = 2);
    assert!(matches!(ends[0].error(), Error::NumberOfParties { found: 2, .. }));
    let ends = world.run_with(all(&product_in(63)), |_, _| {});
    assert!(ends[0].error().to_string().contains("64, 72, 128"), "{}", ends[0].error());
    let ends =
        world.run_with(all(&product(1)), |_, config| config.program.tapes[0].lanes[0].clear());
    assert!(matches!(ends[0].error(), Error::Program { .. }));
    assert!(ends.iter().all(|end| end.error().exit_code() == 3));
}

#[test]
fn a_missing_identity_names_the_command_that_makes_it() {
    let world = World::new();
    std::fs::remove_file(world.certs().join("party-0/main.pem")).unwrap();
    let ends = world.run_with(all(&product(1)), |_, config| {
        config.connect_timeout = Duration::from_secs(1);
    });
    let error = ends[0].error();
    assert_eq!(error.exit_code(), 3, "{error}");
    assert!(error.to_string().contains("caucus certs"), "{error}");
    assert!(ends[1..].iter().all(|end| end.error().exit_code() == 4), "{}", ends[1].error());
}

#[test]
fn a_party_that_is_not_there_is_named() {
    let world = World::new();
    let ends = world.run_with(all(&product(1)), |party, config| {
        config.connect_timeout = Duration::from_secs(1);
        if party == 2 {
            // It looks for the others where nobody is.
            config.peers = vec![HostPort::new("127.0.0.1", 1); 3];
        }
    });
    world.path();
    let text = ends[0].error().to_string();
    assert!(text.contains("P2"), "{text}");
    assert_eq!(ends.map(|end| end.error().exit_code()), [4, 4, 4]);
}

#[test]
fn workers_mesh_with_workers_of_their_number() {
    let world = World::with_workers(1);
    world.input(0, "2");
    world.input(1, "3");
    let ends = world.run_with(all(&product(1)), |_, config| {
        config.me = NodeId::worker(config.me.party, WorkerId::new(0));
    });
    assert_eq!(ends[2].output, "product 6\n");
    assert_eq!(ends[2].report().node, NodeId::worker(PartyId::new(2), WorkerId::new(0)));
}

#[test]
fn an_abort_from_outside_ends_all() {
    let world = World::new();
    let port = super::world::free_ports();
    // Waits for a worker that nobody starts.
    let ends = world.run_with(all(&main_of_workers(port, 1, 1)), |party, config| {
        if party == 0 {
            let abort = config.abort.clone();
            std::thread::spawn(move || {
                std::thread::sleep(Duration::from_secs(2));
                abort.set("interrupted by the user");
            });
        }
    });
    for end in &ends {
        assert_eq!(end.error().exit_code(), 5);
        assert!(end.error().to_string().starts_with("interrupted by the user"), "{}", end.error());
    }
}
