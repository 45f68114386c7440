//! What links and meshes promise, over socket pairs and over real TLS.

use std::io::{Read, Write};
use std::ops::Range;
use std::thread;
use std::time::{Duration, Instant};

use super::testing::{TRANSPORTS, Transport, into_link, link_pair, mesh, run, tls_pair};
use super::*;
use crate::algebra::{Ring, Z64, Z72, Z128};
use crate::random::Seed;

const P0: PartyId = PartyId::new(0);
const P1: PartyId = PartyId::new(1);
const SHORT: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(30);

/// Bytes that depend on who sends them.
fn data(party: usize, n_bytes: usize) -> Vec<u8> {
    let mut bytes = vec![0; n_bytes];
    Seed::from_bytes([party as u8; 32]).prg().fill(&mut bytes);
    bytes
}

fn two_nets(transport: Transport) -> (Net, Net) {
    let mut nets = mesh(transport, 2);
    let net1 = nets.pop().unwrap();
    (nets.pop().unwrap(), net1)
}

#[test]
fn meshes_and_links_can_move_to_other_threads() {
    fn check<T: Send>() {}
    check::<Net>();
    check::<Link>();
    check::<Error>();
}

#[test]
fn two_parties_that_both_send_64_mb_first_do_not_deadlock() {
    let n_bytes = 64 << 20;
    for transport in TRANSPORTS {
        run(mesh(transport, 2), |mut net| {
            let (me, peer) = (net.me().index(), net.neighbor(1));
            net.send(peer, Step::Mul, &data(me, n_bytes)).unwrap();
            let mut buf = vec![0; n_bytes];
            net.recv(peer, Step::Mul, &mut buf).unwrap();
            assert!(buf == data(1 - me, n_bytes), "{transport:?}");
            net.close().unwrap();
        });
    }
}

#[test]
fn two_parties_that_both_flush_first_do_not_deadlock() {
    let n_bytes = 16 << 20;
    for transport in TRANSPORTS {
        run(mesh(transport, 2), |mut net| {
            let (me, peer) = (net.me().index(), net.neighbor(1));
            net.send(peer, Step::Mul, &data(me, n_bytes)).unwrap();
            net.flush().unwrap();
            let mut buf = vec![0; n_bytes];
            net.recv(peer, Step::Mul, &mut buf).unwrap();
            assert!(buf == data(1 - me, n_bytes), "{transport:?}");
        });
    }
}

#[test]
fn a_ring_of_parties_exchanges_messages_of_any_size() {
    for transport in TRANSPORTS {
        run(mesh(transport, 3), |mut net| {
            let me = net.me().index();
            let (next, before) = (net.neighbor(1), net.neighbor(2));
            let sizes = [0, 1, 7, 16_383, 16_384, 16_385, 131_072, 131_073, 20_000_000, 3];
            for n_bytes in sizes {
                let mut buf = vec![0; n_bytes];
                net.exchange(next, before, Step::Mul, &data(me, n_bytes), &mut buf).unwrap();
                assert!(buf == data(before.index(), n_bytes), "{n_bytes} bytes, {transport:?}");
            }
            net.close().unwrap();
        });
    }
}

#[test]
fn messages_are_made_and_used_in_pieces() {
    let elements = |party: usize, n_elements: usize| -> Vec<Z64> {
        (0..n_elements as i64).map(|k| Z64::from_i64(k * 3 + party as i64)).collect()
    };
    for transport in TRANSPORTS {
        run(mesh(transport, 3), |mut net| {
            let me = net.me().index();
            let (next, before) = (net.neighbor(1), net.neighbor(2));
            for n_elements in [0, 1, 511, 512, 2046, 2047, 2048, 2049, 16_384, 1_300_001] {
                let expected = elements(before.index(), n_elements);
                let [mut data, mut buf] = [(); 2].map(|()| vec![Z64::ZERO; n_elements]);
                let mut made = 0;
                let mut make = |range: Range<usize>, piece: &mut [Z64]| {
                    assert_eq!((range.start, range.len()), (made, piece.len()));
                    made = range.end;
                    for (k, element) in range.zip(piece) {
                        *element = Z64::from_i64(k as i64 * 3 + me as i64);
                    }
                };
                net.exchange_ring_made(next, before, Step::Mul, &mut data, &mut make, &mut buf)
                    .unwrap();
                assert!(made == n_elements && buf == expected && data == elements(me, n_elements));

                let mut used = 0;
                let mut usage = |range: Range<usize>, piece: &mut [Z64]| {
                    assert!(*piece == expected[range.clone()]);
                    assert_eq!(range.start, used);
                    used = range.end;
                    piece.iter_mut().for_each(|element| *element += Z64::ONE);
                };
                net.exchange_ring_used(next, before, Step::Open, &data, &mut buf, &mut usage)
                    .unwrap();
                assert_eq!(used, n_elements);
                assert!(buf.iter().zip(&expected).all(|(found, sent)| *found == *sent + Z64::ONE));
            }
            assert_eq!(net.stats().rounds, 20);
            net.close().unwrap();
        });
    }
}

#[test]
fn a_message_comes_to_where_another_one_was_made_from() {
    for transport in TRANSPORTS {
        run(mesh(transport, 3), |mut net| {
            let me = net.me().index();
            let (next, before) = (net.neighbor(1), net.neighbor(2));
            for n_elements in [0, 1, 511, 512, 2047, 2048, 2049, 16_384, 1_300_001] {
                // The factors of each party's elements, of which each is needed once.
                let factors = |party: usize| (0..n_elements as i64).map(move |k| k + party as i64);
                let product = |it: i64| Z64::from_i64(it * (it + 7));
                let mut data: Vec<_> =
                    factors(me).map(|factor| Z64::from_i64(factor + 7)).collect();
                let mut other: Vec<_> = factors(me).map(Z64::from_i64).collect();
                let mut made = 0;
                let mut make = |range: Range<usize>, piece: &mut [Z64], part: &mut [Z64]| {
                    assert_eq!((range.start, range.len()), (made, piece.len()));
                    made = range.end;
                    // One party lags behind: the others must not overwrite what it has yet to read.
                    if me == 1 && range.start.is_multiple_of(5) && n_elements > 1000 {
                        std::thread::sleep(Duration::from_micros(500));
                    }
                    piece.iter_mut().zip(part).for_each(|(it, factor)| *it *= *factor);
                };
                net.exchange_ring_in_place(
                    next,
                    before,
                    Step::Mul,
                    &mut data,
                    &mut other,
                    &mut make,
                )
                .unwrap();
                assert_eq!(made, n_elements);
                assert!(data.iter().copied().eq(factors(me).map(product)));
                assert!(other.iter().copied().eq(factors(before.index()).map(product)));
            }
            assert_eq!(net.stats().rounds, 9);
            net.close().unwrap();
        });
    }
}

#[test]
fn messages_that_all_send_through_first_do_not_deadlock() {
    let n_bytes = 48 << 20;
    for transport in TRANSPORTS {
        run(mesh(transport, 2), |mut net| {
            let (me, peer) = (net.me().index(), net.neighbor(1));
            let whole = data(me, n_bytes);
            let mut sent = vec![0; n_bytes];
            let mut make =
                |range: Range<usize>, piece: &mut [u8]| piece.copy_from_slice(&whole[range]);
            net.send_made(peer, Step::Mul, &mut sent, &mut make).unwrap();
            let mut buf = vec![0; n_bytes];
            net.recv(peer, Step::Mul, &mut buf).unwrap();
            assert!(buf == data(1 - me, n_bytes), "{transport:?}");
            net.close().unwrap();
        });
    }
}

#[test]
fn sending_through_to_a_peer_that_takes_nothing_ends_with_the_timeout() {
    for transport in TRANSPORTS {
        let (_net0, mut net1) = two_nets(transport);
        net1.set_timeout(SHORT);
        let sent = net1.send_made(P0, Step::Mul, &mut vec![0; 32 << 20], &mut |_, _| {});
        assert!(matches!(sent, Err(Error::Timeout { .. })), "{sent:?}");
    }
}

#[test]
fn a_queued_message_leaves_while_another_peer_is_waited_for() {
    // P1 answers P2 only after it has the whole of what P0 has sent; P0 waits for P2.
    let n_bytes = 32 << 20;
    let p2 = PartyId::new(2);
    for transport in TRANSPORTS {
        run(mesh(transport, 3), |mut net| match net.me().index() {
            0 => {
                net.send(P1, Step::Mul, &data(0, n_bytes)).unwrap();
                net.recv(p2, Step::Open, &mut [0; 4]).unwrap();
            }
            1 => {
                net.recv(P0, Step::Mul, &mut vec![0; n_bytes]).unwrap();
                net.send(p2, Step::Open, &[1; 4]).unwrap();
                net.close().unwrap();
            }
            _ => {
                net.recv(P1, Step::Open, &mut [0; 4]).unwrap();
                net.send(P0, Step::Open, &[2; 4]).unwrap();
                net.close().unwrap();
            }
        });
    }
}

#[test]
fn collectives_give_each_party_its_part() {
    for transport in TRANSPORTS {
        for n_parties in 1..=4 {
            let root = PartyId::new(n_parties as u8 - 1);
            run(mesh(transport, n_parties), |mut net| {
                let me = net.me().index();
                let all: Vec<_> = (0..n_parties).map(|party| data(party, 100)).collect();

                let mut buf = data(me, 100);
                net.broadcast(root, Step::Open, &mut buf).unwrap();
                assert_eq!(buf, all[root.index()]);
                assert_eq!(net.all_gather(Step::Agree, &all[me]).unwrap(), all);
                let gathered = net.gather(root, Step::OpenTo, &all[me]).unwrap();
                assert_eq!(gathered.as_ref(), (net.me() == root).then_some(&all));
                let parts = (net.me() == root).then_some(&all[..]);
                net.scatter(root, Step::Input, parts, &mut buf).unwrap();
                assert_eq!(buf, all[me]);
                net.barrier().unwrap();
                assert_eq!(net.stats().rounds, if n_parties == 1 { 0 } else { 5 });
            });
        }
    }
}

#[test]
fn ring_elements_arrive_as_they_were_sent() {
    fn check<R: Ring>(transport: Transport) {
        run(mesh(transport, 3), |mut net| {
            let elements = |party: usize, n_elements: usize| {
                let mut elements = vec![R::ZERO; n_elements];
                R::fill_random(&mut Seed::from_bytes([party as u8; 32]).prg(), &mut elements);
                elements
            };
            let (me, next, before) = (net.me().index(), net.neighbor(1), net.neighbor(2));
            let mut buf = vec![R::ZERO; 1000];
            net.exchange_ring(next, before, Step::Mul, &elements(me, 1000), &mut buf).unwrap();
            assert_eq!(buf, elements(before.index(), 1000));
            net.send_ring(before, Step::Dot, &elements(me, 10)).unwrap();
            net.recv_ring(next, Step::Dot, &mut buf[..10]).unwrap();
            assert_eq!(buf[..10], elements(next.index(), 10));
            let parts = net.all_gather_ring(Step::Open, &elements(me, 5)).unwrap();
            assert_eq!(parts, [0, 1, 2].map(|party| elements(party, 5)));
            let mut shared = elements(me, 33);
            net.broadcast_ring(P1, Step::Open, &mut shared).unwrap();
            assert_eq!(shared, elements(1, 33));
        });
    }
    for transport in TRANSPORTS {
        check::<Z64>(transport);
        check::<Z72>(transport);
        check::<Z128>(transport);
    }
}

#[test]
fn a_wrong_length_or_step_is_refused() {
    for transport in TRANSPORTS {
        for (step, n_bytes) in [(Step::Mul, 7), (Step::Mul, 9), (Step::Open, 8), (Step::Mul, 0)] {
            let (mut net0, mut net1) = two_nets(transport);
            net0.send(P1, step, &data(0, n_bytes)).unwrap();
            let error = net1.recv(P0, Step::Mul, &mut [0; 8]).unwrap_err();
            let Error::Desync { expected_step, found_step, expected_bytes, found_bytes, .. } =
                error
            else {
                panic!("{error}")
            };
            assert_eq!((expected_step, expected_bytes), (Step::Mul, 8));
            assert_eq!((found_step, found_bytes), (step, n_bytes as u64));
        }
    }
}

#[test]
fn a_closed_peer_is_noticed_at_once() {
    for transport in TRANSPORTS {
        let (net0, mut net1) = two_nets(transport);
        drop(net0);
        let error = net1.recv(P0, Step::Mul, &mut [0; 8]).unwrap_err();
        assert!(matches!(error, Error::Closed { peer } if peer == NodeId::main(P0)), "{error:?}");
        assert_eq!(error.to_string(), "P0 closed the connection");

        let (net0, mut net1) = two_nets(transport);
        drop(net0);
        net1.set_timeout(LONG);
        let sent = net1.send(P0, Step::Mul, &data(1, 32 << 20)).and_then(|()| net1.flush());
        assert!(matches!(sent, Err(Error::Closed { .. })), "{sent:?}");
    }
}

#[test]
fn a_message_sent_before_closing_is_received() {
    for transport in TRANSPORTS {
        let (mut net0, mut net1) = two_nets(transport);
        net0.send(P1, Step::Mul, &data(0, 30_000)).unwrap();
        net0.close().unwrap();
        let mut buf = vec![0; 30_000];
        net1.recv(P0, Step::Mul, &mut buf).unwrap();
        assert!(buf == data(0, 30_000));
        assert!(matches!(net1.recv(P0, Step::Mul, &mut buf), Err(Error::Closed { .. })));
    }
}

#[test]
fn a_silent_peer_is_not_waited_for_longer_than_the_timeout() {
    for transport in TRANSPORTS {
        let (_net0, mut net1) = two_nets(transport);
        net1.set_timeout(SHORT);
        let began = Instant::now();
        let error = net1.recv(P0, Step::Mul, &mut [0; 8]).unwrap_err();
        let Error::Timeout { peer, after, step } = error else { panic!("{error}") };
        assert_eq!((peer, step), (NodeId::main(P0), Some(Step::Mul)));
        assert!(after >= SHORT && began.elapsed() < LONG, "{after:?}");
    }
}

#[test]
fn a_peer_that_takes_nothing_is_not_waited_for_longer_than_the_timeout() {
    for transport in TRANSPORTS {
        let (_net0, mut net1) = two_nets(transport);
        net1.set_timeout(SHORT);
        net1.send(P0, Step::Mul, &data(1, 32 << 20)).unwrap();
        assert!(matches!(net1.flush(), Err(Error::Timeout { .. })));
    }
}

#[test]
fn a_peer_that_drips_bytes_is_given_up() {
    let (mut server, mut client) = link_pair(Transport::Tls);
    let dripping = thread::spawn(move || {
        let mut sent = 0;
        while client.write_all(&[0], LONG).is_ok() {
            sent += 1;
            thread::sleep(Duration::from_millis(20));
        }
        sent
    });
    let error = server.read_exact(&mut [0; 1000], SHORT).unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error}");
    drop(server);
    assert!(dripping.join().unwrap() > 3);
}

#[test]
fn the_abort_flag_ends_every_wait() {
    for transport in TRANSPORTS {
        let (_net0, mut net1) = two_nets(transport);
        let abort = net1.abort_flag().clone();
        let setter = thread::spawn(move || {
            thread::sleep(Duration::from_millis(50));
            abort.set("P2 was lost");
        });
        let began = Instant::now();
        let error = net1.recv(P0, Step::Mul, &mut [0; 8]).unwrap_err();
        assert!(began.elapsed() < Duration::from_secs(5));
        assert_eq!(error.to_string(), "P2 was lost");
        assert!(error.peer().is_none());
        setter.join().unwrap();
        assert!(matches!(net1.send(P0, Step::Mul, &[0]), Err(Error::Aborted { .. })));

        let (mut link, _other) = link_pair(transport);
        let abort = AbortFlag::new();
        abort.set("Ctrl-C");
        link.set_abort(abort);
        assert!(matches!(link.read_exact(&mut [0], LONG), Err(Error::Aborted { .. })));
        let written = link.write_all(&data(0, 32 << 20), LONG);
        assert!(matches!(written, Err(Error::Aborted { .. })), "{written:?}");
    }
}

#[test]
fn what_was_sent_is_counted_with_headers() {
    for transport in TRANSPORTS {
        let stats = run(mesh(transport, 3), |mut net| {
            let (next, before) = (net.neighbor(1), net.neighbor(2));
            net.exchange(next, before, Step::Mul, &[0; 100], &mut [0; 100]).unwrap();
            net.send(next, Step::Open, &[0; 50]).unwrap();
            net.recv(before, Step::Open, &mut [0; 50]).unwrap();
            net.count_round();
            net.flush().unwrap();
            net.stats()
        });
        for stats in stats {
            assert_eq!((stats.rounds, stats.links.len()), (2, 2));
            assert_eq!((stats.bytes_sent(), stats.bytes_received()), (166, 166));
            let messages: u64 = stats.links.iter().map(|(_, link)| link.messages_received).sum();
            assert_eq!(messages, 2);
        }
    }
}

#[test]
fn the_tamper_hook_changes_what_is_sent() {
    for transport in TRANSPORTS {
        let (mut net0, mut net1) = two_nets(transport);
        net0.set_tamper(Box::new(|to, step, bytes| {
            assert_eq!(to, P1);
            if step == Step::Open {
                bytes[0] ^= 1;
            }
        }));
        let mut buf = [0; 2];
        net0.send(P1, Step::Mul, &[6, 7]).unwrap();
        net0.send(P1, Step::Open, &[6, 7]).unwrap();
        net1.recv(P0, Step::Mul, &mut buf).unwrap();
        assert_eq!(buf, [6, 7]);
        net1.recv(P0, Step::Open, &mut buf).unwrap();
        assert_eq!(buf, [7, 7]);
    }
}

#[test]
fn two_links_that_both_write_first_do_not_deadlock() {
    let n_bytes = 64 << 20;
    for transport in TRANSPORTS {
        let (link0, link1) = link_pair(transport);
        thread::scope(|scope| {
            for (me, mut link) in [link0, link1].into_iter().enumerate() {
                scope.spawn(move || {
                    link.write_all(&data(me, n_bytes), LONG).unwrap();
                    let mut buf = vec![0; n_bytes];
                    link.read_exact(&mut buf[..5], LONG).unwrap();
                    link.read_exact(&mut buf[5..], LONG).unwrap();
                    assert!(buf == data(1 - me, n_bytes));
                });
            }
        });
    }
}

#[test]
fn a_link_reads_what_was_decrypted_before_it_was_made() {
    let [(mut server_stream, mut server, slot), client] = tls_pair();
    let mut client = into_link(client, NodeId::main(P0));
    client.write_all(b"hello, and the first message", LONG).unwrap();
    let mut hello = [0; 7];
    loop {
        server.read_tls(&mut server_stream).unwrap();
        server.process_new_packets().unwrap();
        if server.reader().read_exact(&mut hello).is_ok() {
            break;
        }
    }
    let mut server = into_link((server_stream, server, slot), NodeId::main(P1));
    let mut rest = [0; 21];
    server.read_exact(&mut rest, LONG).unwrap();
    assert_eq!(&rest, b"and the first message");
}

#[test]
fn bytes_that_are_no_tls_records_are_refused() {
    let [(mut server_stream, ..), client] = tls_pair();
    let mut client = into_link(client, NodeId::main(P0));
    server_stream.write_all(&[0x17, 3, 3, 0, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]).unwrap();
    server_stream.write_all(&[0; 8]).unwrap();
    let error = client.read_exact(&mut [0; 4], LONG).unwrap_err();
    assert!(matches!(error, Error::Tls { .. }), "{error:?}");
    // The alert that says so reaches the other end.
    let mut answer = Vec::new();
    drop(client);
    server_stream.read_to_end(&mut answer).unwrap();
    assert!(!answer.is_empty());
}

#[test]
#[ignore = "a measurement: run it alone in release mode"]
fn throughput_and_latency() {
    let mut bytes = vec![0; 1 << 16];
    let mut prg = Seed::from_bytes([0; 32]).prg();
    let began = Instant::now();
    for _ in 0..1 << 15 {
        prg.fill(std::hint::black_box(&mut bytes));
    }
    let seconds = began.elapsed().as_secs_f64();
    println!("prg: {:.2} GB/s", (1_u64 << 31) as f64 / seconds / 1e9);
    for transport in TRANSPORTS {
        for (n_bytes, n_rounds) in
            [(8, 20_000), (8 << 10, 10_000), (8_000_000, 30), (80_000_000, 3)]
        {
            let began = Instant::now();
            run(mesh(transport, 3), |mut net| {
                let (next, before) = (net.neighbor(1), net.neighbor(2));
                let data = data(net.me().index(), n_bytes);
                let mut buf = vec![0; n_bytes];
                for _ in 0..n_rounds {
                    net.exchange(next, before, Step::Mul, &data, &mut buf).unwrap();
                }
                net.close().unwrap();
            });
            let round = began.elapsed().as_secs_f64() / f64::from(n_rounds);
            let per_byte = round * 1e9 / (3 * n_bytes) as f64;
            println!(
                "{transport:?}, 3 parties, {n_bytes} B: {:.1} µs a round, {per_byte:.2} ns/B",
                round * 1e6
            );
        }
    }
}

#[test]
fn a_connection_that_breaks_is_told_from_a_goodbye() {
    let (mut a, mut b) = link_pair(Transport::Tls);
    assert!(!a.is_cut());
    b.write_all(b"before the end", LONG).unwrap();
    assert!(!a.is_cut());
    b.cut();
    let deadline = Instant::now() + LONG;
    while !a.is_cut() {
        assert!(Instant::now() < deadline, "the cut was never noticed");
    }
    let mut kept = [0; 14];
    a.read_exact(&mut kept, LONG).unwrap();
    assert_eq!(&kept, b"before the end");

    let (mut a, mut b) = link_pair(Transport::Tls);
    b.write_all(b"before the end", LONG).unwrap();
    b.close();
    std::thread::sleep(Duration::from_millis(50));
    assert!(!a.is_cut());
    a.read_exact(&mut kept, LONG).unwrap();
    assert!(matches!(a.read_exact(&mut kept, LONG), Err(Error::Closed { .. })));
    assert!(!a.is_cut());
}
