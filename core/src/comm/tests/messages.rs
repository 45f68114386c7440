//! Single messages.

use super::*;
use crate::algebra::{Ring, Z64, Z72};

const SHORT: Duration = Duration::from_millis(300);

/// C26, P34: matched by sender and tag, in the order of sending among those of one tag.
#[test]
fn c26_tags_may_be_received_in_another_order_than_sent() {
    for transport in TRANSPORTS {
        run(world(transport, 2), |comm| {
            let (first, second, long) = (Tag(1), Tag(u32::MAX), Tag(0));
            if comm.rank() == 0 {
                comm.send(1, first, &[1_u64]).unwrap();
                comm.send(1, second, &[2_u64]).unwrap();
                comm.send(1, first, &[3_u64]).unwrap();
                comm.send(1, long, &data(0, 1 << 20)).unwrap();
            } else {
                assert_eq!(comm.recv::<u64>(0, second, 1).unwrap(), [2]);
                assert!(comm.recv::<u64>(0, long, 1 << 20).unwrap() == data(0, 1 << 20));
                assert_eq!(comm.recv::<u64>(0, first, 1).unwrap(), [1]);
                assert_eq!(comm.recv::<u64>(0, first, 1).unwrap(), [3]);
            }
        });
    }
}

/// "Send-Receive", which is not checked elsewhere: all types, and nothing at all.
#[test]
fn c26_what_was_sent_is_received() {
    run(world(Transport::Tls, 2), |comm| {
        let tag = Tag(7);
        let shares: Vec<Z72> = (0..20_000).map(Z72::from_i64).collect();
        if comm.rank() == 0 {
            comm.send(1, tag, b"hello").unwrap();
            comm.send::<u8>(1, tag, &[]).unwrap();
            comm.send(1, tag, &shares).unwrap();
        } else {
            assert_eq!(comm.recv::<u8>(0, tag, 5).unwrap(), b"hello");
            assert_eq!(comm.recv::<u8>(0, tag, 0).unwrap(), b"");
            assert!(comm.recv::<Z72>(0, tag, 20_000).unwrap() == shares);
        }
    });
}

/// P34: the sender does something else meanwhile.
#[test]
fn p34_a_short_message_arrives_while_its_sender_is_busy() {
    run(world(Transport::Tls, 2), |comm| {
        let began = Instant::now();
        if comm.rank() == 0 {
            comm.send(1, Tag(0), b"hello").unwrap();
            thread::sleep(Duration::from_secs(1));
        } else {
            comm.recv::<u8>(0, Tag(0), 5).unwrap();
            assert!(began.elapsed() < Duration::from_millis(800));
        }
    });
}

#[test]
fn c26_a_message_to_oneself_is_received() {
    run(world(Transport::Local, 1), |comm| {
        comm.send(0, Tag(1), &data(0, 1 << 20)).unwrap();
        assert!(comm.recv::<u64>(0, Tag(1), 1 << 20).unwrap() == data(0, 1 << 20));
        let request = comm.irecv::<u64>(0, Tag(2), 3).unwrap();
        assert!(!request.is_completed());
        comm.isend(0, Tag(2), &[1_u64, 2, 3]).unwrap().wait().unwrap();
        assert!(request.is_completed());
        assert_eq!(request.wait().unwrap(), [1, 2, 3]);
        // Nobody else can send it any more.
        assert!(matches!(comm.recv::<u64>(0, Tag(2), 3), Err(Error::Argument { .. })));
    });
}

#[test]
fn two_nodes_that_both_send_first_do_not_block_each_other() {
    for transport in TRANSPORTS {
        run(world(transport, 2), |comm| {
            let (me, other, len) = (comm.rank(), 1 - comm.rank(), 3 << 20);
            comm.send(other, Tag(0), &data(me, len)).unwrap();
            comm.send(other, Tag(1), &data(me, len)).unwrap();
            assert!(comm.recv::<u64>(other, Tag(1), len).unwrap() == data(other, len));
            assert!(comm.recv::<u64>(other, Tag(0), len).unwrap() == data(other, len));
        });
    }
}

/// C27: the data may be changed at once.
#[test]
fn c27_isend_copies_the_data() {
    run(world(Transport::Tls, 2), |comm| {
        let len = 1 << 20;
        if comm.rank() == 0 {
            let mut data = data(0, len);
            let request = comm.isend(1, Tag(0), &data).unwrap();
            data.fill(0);
            comm.send::<u8>(1, Tag(1), &[]).unwrap();
            request.wait().unwrap();
        } else {
            comm.recv::<u8>(0, Tag(1), 0).unwrap();
            assert!(comm.recv::<u64>(0, Tag(0), len).unwrap() == data(0, len));
        }
    });
}

/// C27, C28, and CX7: a message without content completes.
#[test]
fn c28_cx7_requests_cross_and_complete_also_without_content() {
    for transport in TRANSPORTS {
        run(world(transport, 2), |comm| {
            let other = 1 - comm.rank();
            for len in [0, 1, 200_000] {
                let first = comm.irecv::<u64>(other, Tag(0), len).unwrap();
                let second = comm.irecv::<u64>(other, Tag(0), 1).unwrap();
                let sent = comm.isend(other, Tag(0), &data(comm.rank(), len)).unwrap();
                let also = comm.isend(other, Tag(0), &[77_u64]).unwrap();
                let until = Instant::now() + LONG;
                while !first.is_completed() || !sent.is_completed() || !second.is_completed() {
                    assert!(Instant::now() < until);
                    thread::yield_now();
                }
                assert_eq!(second.wait().unwrap(), [77]);
                assert!(first.wait().unwrap() == data(other, len));
                sent.wait().unwrap();
                also.wait().unwrap();
                comm.barrier().unwrap();
            }
        });
    }
}

#[test]
fn a_request_that_is_dropped_takes_nothing_from_later_ones() {
    run(world(Transport::Local, 2), |comm| {
        if comm.rank() == 0 {
            drop(comm.irecv::<u64>(1, Tag(0), 9).unwrap());
            comm.barrier().unwrap();
            assert!(comm.recv::<u64>(1, Tag(0), 100_000).unwrap() == data(1, 100_000));
        } else {
            comm.barrier().unwrap();
            comm.send(0, Tag(0), &data(1, 100_000)).unwrap();
        }
    });
}

#[test]
fn another_type_or_length_is_refused_and_the_message_stays() {
    run(world(Transport::Local, 2), |comm| {
        if comm.rank() == 0 {
            comm.send(1, Tag(5), &[Z64::ONE; 3]).unwrap();
            comm.barrier().unwrap();
        } else {
            let error = comm.recv::<u64>(0, Tag(5), 3).unwrap_err().to_string();
            assert!(error.contains("recv with tag 5: expected 24 bytes of u64"), "{error}");
            assert!(error.contains("found 24 bytes of Z64 from P0"), "{error}");
            assert!(comm.recv::<Z64>(0, Tag(5), 4).is_err());
            let error = comm.irecv::<Z64>(0, Tag(5), 2).unwrap().wait().unwrap_err();
            assert!(matches!(error, Error::WrongMessage { .. }), "{error}");
            let envelope = comm.probe(Some(0), Tag(5)).unwrap();
            assert_eq!((envelope.len_of::<Z64>(), envelope.len_of::<u64>()), (Some(3), None));
            assert_eq!(comm.recv::<Z64>(0, Tag(5), 3).unwrap(), [Z64::ONE; 3]);
            comm.barrier().unwrap();
        }
    });
}

#[test]
fn a_message_of_any_member_is_found() {
    run(world(Transport::Local, 4), |comm| {
        if comm.rank() == 0 {
            let mut seen = Vec::new();
            for _ in 0..3 {
                let envelope = comm.probe(None, Tag(3)).unwrap();
                let len = envelope.len_of::<u64>().unwrap();
                let found = comm.recv::<u64>(envelope.from, Tag(3), len).unwrap();
                assert_eq!(found, data(envelope.from, envelope.from));
                seen.push(envelope.from);
            }
            seen.sort_unstable();
            assert_eq!(seen, [1, 2, 3]);
        } else {
            comm.send(0, Tag(3), &data(comm.rank(), comm.rank())).unwrap();
        }
    });
}

/// C31, P42.
#[test]
fn c31_ranks_that_do_not_exist_are_refused_and_the_others_hear_of_it() {
    run(world(Transport::Local, 2), |comm| {
        let error = comm.send(2, Tag(0), &[1_u8]).unwrap_err().to_string();
        assert!(error.contains("there is no rank 2 among 2 members"), "{error}");
        assert!(comm.recv::<u8>(5, Tag(0), 1).is_err());
        comm.barrier().unwrap();
        let mut child = comm.split(Some(0), 0).unwrap().unwrap();
        let error = child.broadcast(2, &mut [0_u8]).unwrap_err().to_string();
        assert!(error.contains("there is no root 2 among 2 members"), "{error}");
        // P43: only one of them is wrong, and both know at once.
        let began = Instant::now();
        let list: &[usize] = if comm.rank() == 0 { &[0, 1] } else { &[1, 1] };
        let lens = [1, 1];
        let lens = (comm.rank() == 0).then_some(&lens[..]);
        let error = comm.gatherv(0, list, &[1_u8], lens).unwrap_err().to_string();
        assert!(error.contains("rank 1 stands twice in the list"), "{error}");
        assert!(began.elapsed() < Duration::from_secs(5));
    });
}

/// C34: what, with which tag, from whom, for how long.
#[test]
fn c34_a_timeout_names_operation_tag_peer_and_seconds() {
    let away = std::sync::Barrier::new(2);
    run(world(Transport::Tls, 2), |comm| {
        if comm.rank() == 0 {
            comm.set_deadline(SHORT);
            let began = Instant::now();
            let error = comm.recv::<u64>(1, Tag(42), 1).unwrap_err();
            assert!(began.elapsed() >= SHORT && began.elapsed() < 10 * SHORT);
            assert_eq!(error.peer(), Some(comm.names()[1]));
            let text = error.to_string();
            assert!(text.contains("recv with tag 42: waited 0.3 s for P0.W0"), "{text}");
            assert!(text.contains("the limit is 0.3 s"), "{text}");
            // The receiver does something else: it keeps the beginning only.
            let error = comm.send(1, Tag(9), &data(0, 1 << 20)).unwrap_err().to_string();
            assert!(error.contains("send with tag 9: waited 0.3 s for P0.W0"), "{error}");
            away.wait();
            comm.set_deadline(LONG);
            // What was given up does not come between.
            assert!(comm.recv::<u64>(1, Tag(42), 1).unwrap() == [5]);
            comm.send(1, Tag(9), &data(7, 1 << 20)).unwrap();
        } else {
            away.wait();
            comm.send(0, Tag(42), &[5_u64]).unwrap();
            assert!(comm.recv::<u64>(0, Tag(9), 1 << 20).unwrap() == data(7, 1 << 20));
        }
        comm.barrier().unwrap();
    });
}

/// C13: the former deadline is back, also after an error or a panic.
#[test]
fn c13_another_deadline_holds_for_a_while_only() {
    let mut comm = world(Transport::Local, 2).remove(0);
    comm.set_deadline(LONG);
    let res = comm.with_deadline(SHORT, |comm| {
        assert_eq!(comm.deadline(), SHORT);
        comm.recv::<u8>(0, Tag(0), 1).map(drop)?;
        Ok::<_, Error>(())
    });
    assert!(res.is_err());
    assert_eq!(comm.deadline(), LONG);
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        comm.with_deadline(SHORT, |_| panic!("on purpose"));
    }));
    assert!(panicked.is_err());
    assert_eq!(comm.deadline(), LONG);
}

/// B14: a sender that is not listened to waits, and the receiver keeps little.
#[test]
fn messages_that_nobody_receives_take_bounded_memory() {
    run(world(Transport::Local, 2), |comm| {
        let n_messages = 40_000_u64;
        if comm.rank() == 0 {
            // More than may be on the way unasked: sending must wait for the receiver to use some.
            comm.set_deadline(SHORT);
            let mut sent = 0;
            while comm.send(1, Tag(0), &[sent]).is_ok() {
                sent += 1;
                assert!(sent < n_messages, "nothing holds the sender back");
            }
            assert_eq!(sent, 1 << 14);
            comm.set_deadline(LONG);
            comm.barrier().unwrap();
            comm.send(1, Tag(0), &[sent]).unwrap();
        } else {
            comm.barrier().unwrap();
            let held: usize = lock(&comm.shared).port(0).arrivals.values().map(|q| q.len()).sum();
            assert_eq!(held, 1 << 14);
            for idx in 0..=1 << 14 {
                assert_eq!(comm.recv::<u64>(0, Tag(0), 1).unwrap(), [idx]);
            }
        }
        comm.barrier().unwrap();
    });
}

/// Content is bounded too, apart from the number of messages: what does not fit the window waits at the sender.
#[test]
fn content_that_nobody_receives_waits_at_its_sender() {
    run(world(Transport::Local, 2), |comm| {
        let (n_messages, len) = (200, 5000);
        if comm.rank() == 0 {
            let requests: Vec<_> = (0..n_messages)
                .map(|idx| comm.isend(1, Tag(idx), &data(idx as usize, len)).unwrap())
                .collect();
            comm.barrier().unwrap();
            requests.into_iter().for_each(|request| request.wait().unwrap());
        } else {
            comm.barrier().unwrap();
            assert!(lock(&comm.shared).port(0).held_bytes <= super::super::port::WINDOW_BYTES);
            for idx in (0..n_messages).rev() {
                assert!(comm.recv::<u64>(0, Tag(idx), len).unwrap() == data(idx as usize, len));
            }
        }
        comm.barrier().unwrap();
    });
}

/// MX4, in the direction of the main job: chunks of any length to a worker and back.
#[test]
fn mx4_chunks_of_any_length_go_to_a_worker_and_back() {
    run(world(Transport::Tls, 2), |comm| {
        for len in [1, 999_999, 1_000_000, 1_000_001, 10_000_000] {
            if comm.rank() == 0 {
                let chunk: Vec<Z64> = (0..len).map(Z64::from_i64).collect();
                comm.send(1, Tag(0), &chunk).unwrap();
                let back = comm.recv::<Z64>(1, Tag(0), chunk.len()).unwrap();
                assert!(back == chunk);
            } else {
                let chunk = comm.recv::<Z64>(0, Tag(0), len as usize).unwrap();
                comm.send(0, Tag(0), &chunk).unwrap();
            }
        }
    });
}

/// C11: what is freed does nothing any more, and freeing twice is nothing.
#[test]
fn c11_a_freed_communicator_is_not_running() {
    run(world(Transport::Tls, 2), |comm| {
        comm.barrier().unwrap();
        comm.free().unwrap();
        comm.free().unwrap();
        assert!(matches!(comm.barrier(), Err(Error::NotRunning { .. })));
        assert!(matches!(comm.send(1, Tag(0), &[0_u8]), Err(Error::NotRunning { .. })));
        assert!(matches!(comm.shrink(), Err(Error::NotRunning { .. })));
        assert!(matches!(comm.revoke(), Err(Error::NotRunning { .. })));
    });
}
