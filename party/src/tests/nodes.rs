//! Main programs and their workers: two computations of three parties each, joined by the programs' connections.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use caucus_core::config::HostPort;
use caucus_core::identity::{
    Identity, IssueOptions, Trust, add_client, client_config, server_name,
};
use caucus_core::ids::{NodeId, PartyId, WorkerId};
use caucus_core::net::AbortFlag;
use caucus_core::setup::{ProgramSpec, WorkerDial, connect_worker};

use super::programs::*;
use super::world::{End, World, all, free_ports};

/// Runs a main computation and workers' computations at the same time.
fn together(
    world: &World,
    main: &caucus_bytecode::Program,
    workers: &[caucus_bytecode::Program],
) -> ([End; 3], Vec<[End; 3]>) {
    std::thread::scope(|scope| {
        let workers: Vec<_> =
            workers.iter().map(|worker| scope.spawn(|| world.run(all(worker)))).collect();
        let main = scope.spawn(|| {
            // Workers start first and retry.
            std::thread::sleep(Duration::from_millis(200));
            world.run(all(main))
        });
        let main = main.join().unwrap();
        (main, workers.into_iter().map(|worker| worker.join().unwrap()).collect())
    })
}

#[test]
fn shares_go_to_workers_and_come_back_squared() {
    let world = World::with_workers(2);
    let port = free_ports();
    let workers = [worker(port, 0, 3), worker(port, 1, 3)];
    let (main, workers) = together(&world, &main_of_workers(port, 2, 3), &workers);
    for end in &main {
        let report = end.report();
        assert_eq!(end.output, "[100, 100, 100]\n[121, 121, 121]\n");
        assert_eq!(report.sockets.len(), 2);
        // Two components of 8 bytes a value, and the length of the message.
        assert!(report.sockets.iter().all(|socket| socket.bytes_sent == 3 * 16 + 4));
    }
    for end in workers.iter().flatten() {
        let report = end.report();
        assert_eq!((report.sockets[0].socket, report.sockets[0].values_received), (-1, 3));
    }
    let peers: Vec<_> = main[1].report().sockets.iter().map(|it| it.peer.as_str()).collect();
    assert!(peers.contains(&"P1.W0") && peers.contains(&"P1.W1"), "{peers:?}");
}

#[test]
fn a_worker_for_another_ring_is_refused_with_both_values() {
    let world = World::with_workers(1);
    let port = free_ports();
    let mut other = worker(port, 0, 1);
    other.ring_bits = 72;
    let mut main = None;
    let (worker, ()) = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            world.run_with(all(&main_of_workers(port, 1, 1)), |_, config| {
                config.connect_timeout = Duration::from_secs(5);
            })
        });
        let worker = world.run(all(&other));
        main = Some(waiting.join().unwrap());
        (worker, ())
    });
    let codes = worker.each_ref().map(|end| end.error().exit_code());
    assert!(codes.contains(&8), "{codes:?}");
    let texts = worker.each_ref().map(|end| end.error().to_string());
    assert!(texts.iter().any(|text| text.contains("72 bits") && text.contains("64")), "{texts:?}");
    let main = main.unwrap();
    let texts = main.each_ref().map(|end| end.error().to_string());
    assert!(texts.iter().any(|text| text.contains("no client or worker connected")), "{texts:?}");
    assert!(texts.iter().any(|text| text.contains("72 bits")), "{texts:?}");
}

#[test]
fn a_worker_leaves_a_main_node_of_another_party() {
    let world = World::with_workers(1);
    let port = free_ports();
    // Without the offset of the party, all workers connect to the main node of P0.
    let mut stray = worker(port, 0, 1);
    for op in &mut stray.tapes[0].ops {
        if let caucus_bytecode::Op::Connect { relative, .. } = op {
            *relative = false;
        }
    }
    let (main, workers) = std::thread::scope(|scope| {
        let main = scope.spawn(|| {
            world.run_with(all(&main_of_workers(port, 1, 1)), |_, config| {
                config.connect_timeout = Duration::from_secs(5);
            })
        });
        let workers = world.run(all(&stray));
        (main.join().unwrap(), workers)
    });
    assert!(main.iter().all(|end| end.res.is_err()));
    assert!(main.iter().all(|end| end.output.is_empty()));
    let codes = workers.each_ref().map(|end| end.error().exit_code());
    assert!(codes[1] == 3 || codes[2] == 3, "{codes:?}");
    let texts = workers.each_ref().map(|end| end.error().to_string());
    // The worker does not even present itself to a node that is not its party's.
    assert!(texts.iter().any(|text| text.contains(".W0 does not believe")), "{texts:?}");
}

#[test]
fn a_foreign_worker_is_refused_before_any_share_is_sent() {
    let world = World::with_workers(1);
    let port = free_ports();
    let main = main_of_workers(port, 1, 1);
    let (main, refused) = std::thread::scope(|scope| {
        let main = scope.spawn(|| {
            world.run_with(all(&main), |_, config| config.connect_timeout = Duration::from_secs(3))
        });
        let foreign = NodeId::worker(PartyId::new(1), WorkerId::new(0));
        let dial = WorkerDial {
            identity: Arc::new(Identity::load(&world.certs(), foreign).unwrap()),
            trust: Arc::new(Trust::load(&world.certs(), 3).unwrap()),
            address: HostPort::new("127.0.0.1", port),
            expected: NodeId::main(PartyId::new(0)),
            spec: ProgramSpec { protocol: "ring".into(), ring_bits: 64, n_parties: 3 },
            deadline: Duration::from_secs(10),
        };
        let refused = connect_worker(dial, &AbortFlag::new(), |_| {}).err().unwrap().to_string();
        (main.join().unwrap(), refused)
    });
    assert!(refused.contains("P0") && refused.contains("P1.W0"), "{refused}");
    assert!(main.iter().all(|end| end.res.is_err() && end.output.is_empty()));
    let notice = main[0].notices.iter().find(|notice| notice.contains("refused"));
    let notice = notice.unwrap_or_else(|| panic!("{:?}", main[0].notices));
    assert!(notice.contains("party/1/worker/0"), "{notice}");
}

#[test]
fn an_unexpected_number_of_values_is_refused() {
    let world = World::with_workers(1);
    let port = free_ports();
    let main = main_that_expects(port, 1, 5, true);
    let (main, _) = together(&world, &main, &[worker(port, 0, 5)]);
    let codes = main.each_ref().map(|end| end.error().exit_code());
    assert!(codes.contains(&8), "{codes:?}");
    let texts = main.each_ref().map(|end| end.error().to_string());
    let expected = "expected 10 values (160 bytes), the message has 5";
    assert!(texts.iter().any(|text| text.contains(expected)), "{texts:?}");
}

#[test]
fn the_same_worker_twice_is_reported_twice() {
    let world = World::with_workers(1);
    let port = free_ports();
    let mut main = main_of_workers(port, 2, 1);
    // Prints the number of the second accepted connection and ends.
    let print = caucus_bytecode::Op::Print {
        condition: None,
        player: None,
        parts: vec![caucus_bytecode::operand::Part::Int(caucus_bytecode::operand::SrcI(1))],
    };
    main.tapes[0].ops.truncate(4);
    main.tapes[0].ops.push(print);
    main.tapes[0].positions.truncate(5);
    let (main, workers) = together(&world, &main, &[worker(port, 0, 1), worker(port, 0, 1)]);
    assert!(main.iter().all(|end| end.output == "0"), "{:?}", main[0].res);
    assert!(workers.iter().flatten().all(|end| end.error().exit_code() == 5));
}

#[test]
fn a_worker_without_an_identity_names_the_command_that_makes_it() {
    let world = World::new();
    let ends = world.run(all(&worker(free_ports(), 7, 1)));
    let texts = ends.each_ref().map(|end| end.error().to_string());
    assert!(texts.iter().any(|text| text.contains("caucus certs worker")), "{texts:?}");
}

#[test]
fn workers_under_emulation_need_one_deployment_only() {
    let world = World::with_workers(1);
    let port = free_ports();
    std::thread::scope(|scope| {
        let worker = scope.spawn(|| world.emulate(worker(port, 0, 2)));
        let main = world.emulate(main_of_workers(port, 1, 2));
        assert_eq!(main.output, "[100, 100]\n", "{:?}", main.res);
        worker.join().unwrap().report();
    });
}

/// Connects to P0's program as an external client that announces its number in plain, and gives everything that it is
/// sent until the connection ends.
fn received_by_client(world: &World, number: u32, port: u16) -> Vec<u8> {
    let trust = Trust::load(&world.certs(), 3).unwrap();
    let identity = Identity::load_client(&world.certs(), number).unwrap();
    let p0 = PartyId::new(0);
    let mut config = (*client_config(&identity, &trust, p0, b"none").unwrap()).clone();
    config.alpn_protocols.clear();
    let name = server_name(NodeId::main(p0), &trust);
    let mut stream = loop {
        match TcpStream::connect(("127.0.0.1", port)) {
            Ok(stream) => break stream,
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    };
    let digits = number.to_string();
    stream.write_all(&u32::try_from(digits.len()).unwrap().to_le_bytes()).unwrap();
    stream.write_all(digits.as_bytes()).unwrap();
    let mut tls = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
    let mut received = Vec::new();
    // The other end need not say goodbye.
    let _ = rustls::Stream::new(&mut tls, &mut stream).read_to_end(&mut received);
    received
}

#[test]
fn a_client_with_the_number_of_a_worker_gets_no_full_shares() {
    let world = World::with_workers(1);
    add_client(&world.certs(), 0, &IssueOptions::default()).unwrap();
    let port = free_ports();
    let (main, received) = std::thread::scope(|scope| {
        let main = scope.spawn(|| {
            world.run_with(all(&main_of_workers(port, 1, 3)), |_, config| {
                config.connect_timeout = Duration::from_secs(10);
            })
        });
        let received = received_by_client(&world, 0, port);
        (main.join().unwrap(), received)
    });
    // The specification of the program is all that it is told.
    assert_eq!(received, [12, 0, 0, 0, 82, 0, 0, 0, 64, 0, 0, 0, 64, 0, 0, 0]);
    // It is at one party only: the program goes on waiting for a worker.
    let error = main[0].error();
    assert_eq!(error.exit_code(), 4, "{error}");
    assert!(error.to_string().contains("external client 0"), "{error}");
    assert!(main.iter().all(|end| end.res.is_err() && end.output.is_empty()));
}
