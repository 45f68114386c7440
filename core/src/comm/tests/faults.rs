//! Mismatches, losses and revocations.

use super::super::port::Gone;
use super::*;
use crate::algebra::{Ring, Z64};

/// What a member does in a test of mismatches.
type Action = fn(&mut Comm) -> Result<(), Error>;

fn calls() -> Vec<(&'static str, Action)> {
    vec![
        ("barrier()", |comm| comm.barrier()),
        ("broadcast(root 0, 3 u64)", |comm| comm.broadcast(0, &mut [1_u64; 3])),
        ("broadcast(root 1, 3 u64)", |comm| comm.broadcast(1, &mut [1_u64; 3])),
        ("broadcast(root 0, 4 u64)", |comm| comm.broadcast(0, &mut [1_u64; 4])),
        ("broadcast(root 0, 3 Z64)", |comm| comm.broadcast(0, &mut [Z64::ONE; 3])),
        ("gather(root 0, 3 u64)", |comm| comm.gather(0, &[1_u64; 3]).map(drop)),
        ("gather(root 1, 3 u64)", |comm| comm.gather(1, &[1_u64; 3]).map(drop)),
        ("scatter(root 0, 1 u64)", |comm| {
            let data: Vec<_> = (0..comm.size() as u64).collect();
            comm.scatter(0, (comm.rank() == 0).then_some(&data[..]), 1).map(drop)
        }),
        ("scatterv(root 0, list", |comm| {
            let part: &[u64] = &[1];
            let parts = [part];
            comm.scatterv(0, &[1], (comm.rank() == 0).then_some(&parts[..]), 1).map(drop)
        }),
        ("gatherv(root 0, list", |comm| {
            comm.gatherv(0, &[1], &[1_u64], (comm.rank() == 0).then_some(&[1][..])).map(drop)
        }),
        ("all_gather(3 u64)", |comm| comm.all_gather(&[1_u64; 3]).map(drop)),
        ("all_to_all(", |comm| comm.all_to_all(&vec![1_u64; comm.size()]).map(drop)),
        ("all_to_allv(", |comm| {
            let (part, size): (&[u64], usize) = (&[], comm.size());
            comm.all_to_allv(&vec![part; size], &vec![0; size]).map(drop)
        }),
        ("reduce(root 0, sum, 3 u64)", |comm| comm.reduce(0, Op::Sum, &[1_u64; 3]).map(drop)),
        ("reduce(root 0, max, 3 u64)", |comm| comm.reduce(0, Op::Max, &[1_u64; 3]).map(drop)),
        ("reduce(root 0, a function, 3 u64)", |comm| {
            comm.reduce_with(0, u64::wrapping_add, &[1_u64; 3]).map(drop)
        }),
        ("reduce_ordered(root 0", |comm| {
            comm.reduce_ordered(0, u64::wrapping_sub, &[1_u64; 3]).map(drop)
        }),
        ("all_reduce(sum, 3 u64)", |comm| comm.all_reduce(Op::Sum, &[1_u64; 3]).map(drop)),
        ("scan(sum, 3 u64)", |comm| comm.scan(Op::Sum, &[1_u64; 3]).map(drop)),
        ("split()", |comm| comm.split(None, 0).map(drop)),
    ]
}

/// CX8: all pairs of different calls; nobody succeeds, all name both calls and the two nodes, and none waits.
#[test]
fn cx8_members_that_call_different_operations_all_hear_of_both() {
    let calls = calls();
    for (n_nodes, odd_one) in [(2, 1), (2, 0), (5, 3)] {
        for (idx, (first_name, first)) in calls.iter().enumerate() {
            // With five members only some of the pairs: there are many.
            let step = if n_nodes == 2 { 1 } else { 4 };
            for (second_name, second) in calls[idx + 1..].iter().step_by(step) {
                let began = Instant::now();
                let errors = run(world(Transport::Local, n_nodes), |comm| {
                    let call = if comm.rank() == odd_one { second } else { first };
                    let error = call(comm).unwrap_err();
                    // It stays so.
                    assert!(comm.barrier().is_err());
                    error
                });
                assert!(began.elapsed() < Duration::from_secs(10));
                for error in errors {
                    let text = error.to_string();
                    assert!(matches!(error, Error::Mismatch { .. }), "{text}");
                    assert!(text.contains(first_name) && text.contains(second_name), "{text}");
                    let name = members_of(P0, n_nodes - 1)[odd_one].to_string();
                    assert!(text.contains(&format!("{name} calls {second_name}")), "{text}");
                }
            }
        }
    }
}

/// The same where only the lengths of parts differ, which no call names.
#[test]
fn parts_of_another_length_than_expected_are_an_error_at_both_ends() {
    let errors = run(world(Transport::Local, 3), |comm| {
        let part: &[u64] = &[1, 2, 3];
        let parts = [part];
        let len = if comm.rank() == 1 { 4 } else { 3 };
        comm.scatterv(0, &[1], (comm.rank() == 0).then_some(&parts[..]), len).unwrap_err()
    });
    for error in errors {
        let text = error.to_string();
        assert!(text.contains("expected 32 bytes of u64, found 24 bytes of u64 from P0"), "{text}");
    }
    let errors = run(world(Transport::Local, 2), |comm| {
        let mine = data(comm.rank(), 5);
        let lens: &[usize] = if comm.rank() == 0 { &[5, 6] } else { &[5, 5] };
        comm.all_to_allv(&[&mine, &mine], lens).unwrap_err().to_string()
    });
    assert!(errors.iter().all(|text| text.contains("expected 48 bytes")), "{errors:?}");
}

/// Ends all links of this node as the end of its process would.
fn die(comm: &mut Comm) {
    for port in comm.lock().ports.iter_mut().flatten() {
        port.link.cut();
        port.gone = Some(Gone::Lost("it is dead".to_owned()));
        port.is_ended = true;
    }
}

/// All collective operations, with vectors that need many segments.
fn long_calls() -> Vec<(&'static str, Action)> {
    const LEN: usize = 300_000;
    fn numbers(comm: &Comm) -> Vec<u64> {
        data(comm.rank(), LEN * comm.size())
    }
    vec![
        ("barrier", |comm| comm.barrier()),
        ("broadcast", |comm| comm.broadcast(0, &mut numbers(comm))),
        ("scatter", |comm| {
            let all = numbers(comm);
            comm.scatter(0, (comm.rank() == 0).then_some(&all[..]), LEN).map(drop)
        }),
        ("gather", |comm| comm.gather(1, &numbers(comm)).map(drop)),
        ("scatterv", |comm| {
            let all = numbers(comm);
            let to: Vec<_> = (0..comm.size()).collect();
            let parts: Vec<_> = all.chunks(LEN).collect();
            comm.scatterv(0, &to, (comm.rank() == 0).then_some(&parts[..]), LEN).map(drop)
        }),
        ("gatherv", |comm| {
            let from: Vec<_> = (0..comm.size()).collect();
            let lens = vec![LEN; comm.size()];
            let mine = data(comm.rank(), LEN);
            comm.gatherv(0, &from, &mine, (comm.rank() == 0).then_some(&lens[..])).map(drop)
        }),
        ("all_gather", |comm| comm.all_gather(&data(comm.rank(), LEN)).map(drop)),
        ("all_to_all", |comm| comm.all_to_all(&numbers(comm)).map(drop)),
        ("all_to_allv", |comm| {
            let all = numbers(comm);
            let parts: Vec<_> = all.chunks(LEN).collect();
            comm.all_to_allv(&parts, &vec![LEN; parts.len()]).map(drop)
        }),
        ("reduce", |comm| comm.reduce(0, Op::Sum, &numbers(comm)).map(drop)),
        ("reduce_ordered", |comm| {
            comm.reduce_ordered(0, u64::wrapping_sub, &numbers(comm)).map(drop)
        }),
        ("all_reduce", |comm| comm.all_reduce(Op::Sum, &numbers(comm)).map(drop)),
        ("scan", |comm| comm.scan(Op::Sum, &numbers(comm)).map(drop)),
        ("split", |comm| comm.split(Some(0), 0).map(drop)),
    ]
}

/// CX9: a member dies, at its entry or in the middle of what moves; all others hear who it was, at once.
#[test]
fn cx9_the_death_of_a_member_in_any_collective_is_named_by_all_others() {
    let n_nodes = 4;
    let victim = 2;
    let name = members_of(P0, n_nodes - 1)[victim].to_string();
    let certs = Certs::make(n_nodes);
    for (operation, call) in long_calls() {
        for in_the_middle in [false, true] {
            let comms = match in_the_middle {
                true => tls_world(&certs, n_nodes),
                false => world(Transport::Local, n_nodes),
            };
            let began = Instant::now();
            let errors = run(comms, |comm| {
                comm.set_deadline(Duration::from_secs(20));
                if comm.rank() == victim {
                    if in_the_middle {
                        die_during(comm, call);
                    } else {
                        die(comm);
                    }
                    return None;
                }
                match call(comm) {
                    Err(error) => Some(error),
                    // It needed nothing more of the victim; the next operation does.
                    Ok(()) if in_the_middle => Some(comm.barrier().unwrap_err()),
                    Ok(()) => panic!("{operation} succeeded without a member"),
                }
            });
            assert!(began.elapsed() < Duration::from_secs(10), "{operation}");
            for error in errors.into_iter().flatten() {
                let text = error.to_string();
                assert!(text.contains(&format!("{name} was lost")), "{operation}: {text}");
            }
        }
    }
}

/// Takes part in an operation up to the agreement, and is dead a little later.
fn die_during(comm: &mut Comm, call: Action) {
    let sockets: Vec<_> =
        comm.lock().ports.iter().flatten().map(|port| port.link.duplicate()).collect();
    thread::scope(|scope| {
        scope.spawn(move || {
            thread::sleep(Duration::from_millis(3));
            // It can say nothing any more before it notices anything, as if its process had ended.
            for how in [rustix::net::Shutdown::Write, rustix::net::Shutdown::Both] {
                for socket in &sockets {
                    let _ = rustix::net::shutdown(socket, how);
                }
            }
        });
        // Whether it succeeds depends on how far it comes.
        let _ = call(comm);
    });
    die(comm);
}

/// A member that leaves in order is no loss to those that need nothing of it any more.
#[test]
fn a_member_that_leaves_after_its_last_operation_disturbs_nobody() {
    for _ in 0..20 {
        run(world(Transport::Local, 4), |comm| {
            comm.barrier().unwrap();
            comm.broadcast(0, &mut data(comm.rank(), 30_000)).unwrap();
            // Each leaves as soon as it is done.
        });
    }
    let errors = run(world(Transport::Local, 3), |comm| {
        comm.barrier().unwrap();
        if comm.rank() == 2 {
            comm.free().unwrap();
            return None;
        }
        Some([comm.recv::<u8>(2, Tag(0), 1).unwrap_err(), comm.barrier().unwrap_err()])
    });
    for [single, barrier] in errors.into_iter().flatten() {
        assert!(matches!(single, Error::Left { .. }), "{single}");
        assert!(barrier.to_string().contains("P0.W1 has left the communicator"), "{barrier}");
    }
}

/// A member that panics has not left in order.
#[test]
fn a_member_that_panics_is_lost() {
    let mut comms = world(Transport::Local, 2);
    let mut second = comms.pop().unwrap();
    let failed = thread::spawn(move || {
        let _comm = comms.pop();
        panic!("on purpose");
    });
    assert!(failed.join().is_err());
    let error = second.recv::<u8>(0, Tag(0), 1).unwrap_err();
    assert!(matches!(error, Error::Lost { .. }), "{error}");
    assert_eq!(second.lost(), [NodeId::main(P0)]);
}

/// P43, CX10: one that comes too late is named by all, and the wait is a wait.
#[test]
fn p43_cx10_a_member_that_does_not_come_is_named_by_all_at_once() {
    let limit = Duration::from_millis(500);
    let results = run(world(Transport::Tls, 4), |comm| {
        if comm.rank() == 3 {
            thread::sleep(Duration::from_secs(3));
            return None;
        }
        // Only one of them is impatient: the others hear of it.
        comm.set_deadline(if comm.rank() == 0 { limit } else { LONG });
        let began = Instant::now();
        let error = comm.all_reduce(Op::Sum, &[1_u64]).unwrap_err().to_string();
        Some((began.elapsed(), error))
    });
    for (elapsed, error) in results.into_iter().flatten() {
        assert!(elapsed >= limit / 2 && elapsed < Duration::from_secs(2), "{elapsed:?}: {error}");
        assert!(error.contains("all_reduce, collective operation") && error.contains("P0.W"));
        assert!(error.contains("waited 0.5 s"), "{error}");
    }
}

/// A run that is over ends every wait.
#[test]
fn setting_the_abort_flag_ends_a_wait() {
    let mut comms = world(Transport::Local, 2);
    let comm = &mut comms[0];
    let abort = comm.lock().abort.clone();
    thread::spawn(move || {
        thread::sleep(Duration::from_millis(100));
        abort.set("x.py:7: division by zero");
    });
    let began = Instant::now();
    let error = comm.barrier().unwrap_err();
    assert!(began.elapsed() < Duration::from_secs(2));
    assert!(error.to_string().contains("x.py:7: division by zero"), "{error}");
}
