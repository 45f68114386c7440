//! Revoking, and going on with those who are left.

use super::super::port::Gone;
use super::*;

/// Ends all links of this node as the end of its process would.
fn die(comm: &mut Comm) {
    for port in comm.lock().ports.iter_mut().flatten() {
        port.link.cut();
        port.gone = Some(Gone::Lost("it is dead".to_owned()));
        port.is_ended = true;
    }
}

/// What a survivor is left with, after it has shown that it works: the old ranks of the members.
fn works(comm: &mut Comm, old_ranks: &[usize], old_rank: usize) -> Vec<usize> {
    assert_eq!(old_ranks[comm.rank()], old_rank);
    assert_eq!(old_ranks.len(), comm.size());
    let sum = comm.all_reduce(Op::Sum, &[1_u64 << old_rank]).unwrap();
    assert_eq!(sum[0], old_ranks.iter().map(|rank| 1_u64 << rank).sum::<u64>());
    let names: Vec<_> = comm.names().to_vec();
    let expected = members_of(P0, 31);
    assert!(names.iter().zip(old_ranks).all(|(name, rank)| *name == expected[*rank]));
    old_ranks.to_vec()
}

/// C33: the next operation of all members fails, and one that waits; within a bound.
#[test]
fn c33_after_revoke_only_shrink_remains() {
    for n_nodes in [2, 3, 10, 32] {
        let start = std::sync::Barrier::new(n_nodes);
        run(world(Transport::Local, n_nodes), |comm| {
            comm.set_deadline(LONG);
            start.wait();
            let began = Instant::now();
            let error = if comm.rank() == n_nodes - 1 {
                comm.revoke().unwrap();
                comm.revoke().unwrap();
                comm.barrier().unwrap_err()
            } else if comm.rank() % 2 == 0 {
                // Nobody sends this.
                comm.recv::<u8>(n_nodes - 1, Tag(0), 1).unwrap_err()
            } else {
                comm.barrier().unwrap_err()
            };
            assert!(began.elapsed() < Duration::from_secs(5));
            assert!(matches!(error, Error::Revoked { .. }), "{error}");
            assert!(error.to_string().contains("shrink it to go on"), "{error}");
            assert!(comm.is_revoked());
            for error in [
                comm.send(0, Tag(0), &[1_u8]).unwrap_err(),
                comm.isend(0, Tag(0), &[1_u8]).map(drop).unwrap_err(),
                comm.irecv::<u8>(0, Tag(0), 1).map(drop).unwrap_err(),
                comm.probe(None, Tag(0)).unwrap_err(),
                comm.all_gather(&[1_u8]).unwrap_err(),
                comm.split(Some(0), 0).map(drop).unwrap_err(),
            ] {
                assert!(matches!(error, Error::Revoked { .. }), "{error}");
            }
            let (mut rest, ranks) = comm.shrink().unwrap();
            assert!(!rest.is_revoked());
            let all: Vec<_> = (0..n_nodes).collect();
            assert_eq!(works(&mut rest, &ranks, comm.rank()), all);
        });
    }
}

/// A communicator that was revoked says nothing about its parent or its children.
#[test]
fn revoking_concerns_one_communicator() {
    run(world(Transport::Local, 3), |comm| {
        let mut child = comm.split(Some(0), 0).unwrap().unwrap();
        let mut other = comm.split(Some(0), 0).unwrap().unwrap();
        if comm.rank() == 1 {
            child.revoke().unwrap();
        }
        assert!(matches!(child.barrier(), Err(Error::Revoked { .. })));
        comm.barrier().unwrap();
        other.barrier().unwrap();
    });
}

/// C9 with all there, over TLS.
#[test]
fn c9_shrink_without_losses_keeps_all() {
    for n_nodes in [1, 2, 3, 10] {
        let transport = if n_nodes < 10 { Transport::Tls } else { Transport::Local };
        run(world(transport, n_nodes), |comm| {
            let (mut rest, ranks) = comm.shrink().unwrap();
            works(&mut rest, &ranks, comm.rank());
            // Also again, and a child of it.
            let (mut again, ranks) = comm.shrink().unwrap();
            works(&mut again, &ranks, comm.rank());
            assert!(rest.split(Some(0), 0).unwrap().is_some());
        });
    }
}

/// "Failure Recovery": the survivors' communicator has exactly the rest, and works. Real processes do the same in
/// `processes`.
#[test]
fn c9_shrink_leaves_out_those_who_died_or_do_not_answer() {
    for (n_nodes, slacker, is_dead) in [
        (2, 0, true),
        (2, 1, true),
        (4, 0, true),
        (4, 2, true),
        (8, 6, true),
        (4, 1, false),
        (3, 0, false),
    ] {
        let start = std::sync::Barrier::new(n_nodes);
        let left = run(world(Transport::Local, n_nodes), |comm| {
            start.wait();
            if comm.rank() == slacker {
                if is_dead {
                    die(comm);
                } else {
                    thread::sleep(Duration::from_secs(2));
                    let error = comm.shrink().unwrap_err();
                    assert!(matches!(error, Error::Excluded { .. }), "{error}");
                }
                return None;
            }
            comm.set_deadline(Duration::from_millis(500));
            comm.all_reduce(Op::Sum, &[1_u64]).unwrap_err();
            comm.revoke().unwrap();
            let began = Instant::now();
            let (mut rest, ranks) = comm.shrink().unwrap();
            assert!(began.elapsed() < Duration::from_secs(2));
            rest.set_deadline(LONG);
            Some(works(&mut rest, &ranks, comm.rank()))
        });
        let expected: Vec<_> = (0..n_nodes).filter(|rank| *rank != slacker).collect();
        for ranks in left.into_iter().flatten() {
            assert_eq!(ranks, expected);
        }
    }
}

/// Partial groups: only some members call it, and the others are not among those who go on.
#[test]
fn c9_a_part_of_the_members_can_go_on() {
    for callers in [vec![0, 2], vec![1, 2, 4], vec![3]] {
        let left = run(world(Transport::Local, 5), |comm| {
            if !callers.contains(&comm.rank()) {
                thread::sleep(Duration::from_secs(2));
                return None;
            }
            comm.set_deadline(Duration::from_millis(400));
            let (mut rest, ranks) = comm.shrink().unwrap();
            rest.set_deadline(LONG);
            Some(works(&mut rest, &ranks, comm.rank()))
        });
        for ranks in left.into_iter().flatten() {
            assert_eq!(ranks, callers);
        }
    }
}

/// Members die at random times around shrinks that follow each other; whoever gets a communicator gets the same as all
/// others who do, and at the end all who live are in one that works.
#[test]
fn survivors_agree_also_if_members_die_while_they_shrink() {
    for seed in 0..16_u64 {
        let n_nodes = 5;
        // Two of five die, after some microseconds each.
        let random = |salt: u64| {
            let mixed =
                (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ salt.wrapping_mul(0xd6e8_feb8);
            mixed.wrapping_mul(0xff51_afd7_ed55_8ccd) >> 33
        };
        let deaths = [(random(1) % 5, random(2) % 800), (random(3) % 5, random(4) % 800)];
        let start = std::sync::Barrier::new(n_nodes);
        let results = run(world(Transport::Local, n_nodes), |comm| {
            start.wait();
            let rank = comm.rank() as u64;
            let death = deaths.iter().find(|(victim, _)| *victim == rank);
            let sockets: Vec<_> =
                comm.lock().ports.iter().flatten().map(|port| port.link.duplicate()).collect();
            let abort = comm.lock().abort.clone();
            let killer = death.map(|(_, after)| {
                let (after, abort) = (Duration::from_micros(*after), abort.clone());
                thread::spawn(move || {
                    thread::sleep(after);
                    // It stops where it is, and says nothing more; then its links end.
                    abort.set("it is dead");
                    thread::sleep(Duration::from_millis(120));
                    for socket in &sockets {
                        let _ = rustix::net::shutdown(socket, rustix::net::Shutdown::Both);
                    }
                })
            });
            comm.set_deadline(Duration::from_secs(20));
            comm.revoke().unwrap();
            let mut found = Vec::new();
            let mut members: Vec<_> = (0..n_nodes).collect();
            let mut current = comm.shrink().ok();
            for step in 0..4 {
                let Some((mut rest, ranks)) = current.take() else { break };
                members = ranks.iter().map(|rank| members[*rank]).collect();
                found.push(members.clone());
                // A member that died last may still be in it; one that has got through may be ahead of those who fail.
                let _ = rest.barrier();
                if step == 3 || abort.is_set() {
                    break;
                }
                if step == 2 {
                    thread::sleep(Duration::from_millis(200));
                }
                rest.revoke().unwrap();
                current = rest.shrink().ok();
                if let Some((rest, _)) = current.as_mut().filter(|_| step == 2 && death.is_none()) {
                    assert_eq!(rest.all_reduce(Op::Sum, &[1_u64]).unwrap()[0], rest.size() as u64);
                }
            }
            if let Some(killer) = killer {
                killer.join().unwrap();
                return None;
            }
            Some(found)
        });
        // All who live have seen the same, one after the other.
        let lives: Vec<_> = results.into_iter().flatten().collect();
        let alive = |rank: &usize| deaths.iter().all(|(victim, _)| *victim != *rank as u64);
        let alive: Vec<_> = (0..n_nodes).filter(alive).collect();
        for found in &lives {
            assert_eq!(*found, lives[0], "seed {seed}, deaths {deaths:?}");
            assert_eq!((found.len(), found.last()), (4, Some(&alive)), "seed {seed}");
        }
    }
}
