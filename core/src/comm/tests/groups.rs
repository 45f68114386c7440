//! Sub-communicators.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Mutex as StdMutex;

use super::*;

/// C8, P40: groups by color, ranks by key and then by old rank; none for who has no color; groups of one.
#[test]
fn c8_p40_split_makes_groups_by_color_in_the_order_of_keys() {
    for transport in TRANSPORTS {
        run(world(transport, 5), |comm| {
            let rank = comm.rank();
            // Even ranks backwards, odd ones as they are.
            let key = if rank % 2 == 0 { 10 - rank as u64 } else { 0 };
            let mut half = comm.split(Some(rank as u32 % 2), key).unwrap().unwrap();
            let expected: &[usize] = if rank % 2 == 0 { &[4, 2, 0] } else { &[1, 3] };
            let names: Vec<_> = expected.iter().map(|rank| comm.names()[*rank]).collect();
            assert_eq!(half.names(), names);
            assert_eq!(half.me(), comm.me());
            let ranks = half.all_gather(&[rank as u64]).unwrap();
            assert!(ranks.iter().map(|rank| *rank as usize).eq(expected.iter().copied()));
            // Groups of one, and who is in none.
            let alone = comm.split((rank > 0).then_some(rank as u32), 0).unwrap();
            assert_eq!(alone.is_none(), rank == 0);
            if let Some(mut alone) = alone {
                assert_eq!((alone.size(), alone.rank()), (1, 0));
                assert_eq!(alone.all_reduce(Op::Sum, &[7_u64]).unwrap(), [7]);
            }
            // The parent goes on, and the child of a child.
            let mut whole = comm.split(Some(0), 0).unwrap().unwrap();
            let mut again = whole.split(Some(1), 9 - rank as u64).unwrap().unwrap();
            assert_eq!(again.rank(), 4 - rank);
            assert_eq!(again.name(), "world/0/1");
            assert_eq!(again.all_reduce(Op::Sum, &[1_u64]).unwrap(), [5]);
            assert_eq!(half.all_reduce(Op::Sum, &[1_u64]).unwrap(), [half.size() as u64]);
            comm.barrier().unwrap();
        });
    }
}

/// P31: what is sent in one is not received in another.
#[test]
fn p31_messages_of_different_communicators_never_meet() {
    run(world(Transport::Local, 2), |comm| {
        let mut child = comm.split(Some(0), 0).unwrap().unwrap();
        if comm.rank() == 0 {
            comm.send(1, Tag(1), b"parent").unwrap();
            child.send(1, Tag(1), b"child!").unwrap();
        } else {
            assert_eq!(child.recv::<u8>(0, Tag(1), 6).unwrap(), b"child!");
            assert_eq!(comm.recv::<u8>(0, Tag(1), 6).unwrap(), b"parent");
        }
        // A deadline of one is not that of another.
        child.set_deadline(Duration::from_secs(1));
        assert_eq!(comm.deadline(), DEFAULT_DEADLINE.max(comm.deadline()));
        // Freeing one leaves the other.
        child.free().unwrap();
        comm.barrier().unwrap();
    });
}

/// A relay that keeps what goes through it.
fn relay(to: HostPort, seen: Arc<StdMutex<Vec<u8>>>) -> HostPort {
    let (listener, address) = listen();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(inward) = stream else { break };
            let outward = TcpStream::connect((to.host(), to.port())).unwrap();
            for (mut from, mut to) in
                [(inward.try_clone().unwrap(), outward.try_clone().unwrap()), (outward, inward)]
            {
                let seen = Arc::clone(&seen);
                thread::spawn(move || {
                    let mut buf = vec![0; 1 << 16];
                    while let Ok(n_bytes @ 1..) = from.read(&mut buf) {
                        seen.lock().unwrap().extend_from_slice(&buf[..n_bytes]);
                        if to.write_all(&buf[..n_bytes]).is_err() {
                            break;
                        }
                    }
                    let _ = to.shutdown(Shutdown::Write);
                });
            }
        }
    });
    address
}

/// CX1: what goes over the wire on behalf of a child of `split` or `shrink` is no more readable than its parent's, and
/// goes over the same connections.
#[test]
fn cx1_tls_stays_on_in_sub_communicators() {
    let certs = Certs::make(2);
    let seen = Arc::new(StdMutex::new(Vec::new()));
    let (first, address) = listen();
    let (second, _) = listen();
    let root = relay(address, Arc::clone(&seen));
    let comms = thread::scope(|scope| {
        let members = members_of(P0, 1).into_iter().zip([first, second]);
        let nodes: Vec<_> = members
            .map(|(me, listener)| {
                let (config, root) = (certs.config(me, 2), &root);
                scope.spawn(move || rendezvous(config, listener, root, None, AbortFlag::new()))
            })
            .collect();
        nodes.into_iter().map(|node| node.join().unwrap().unwrap()).collect()
    });
    let secret = b"the share that nobody else may see";
    let n_before = seen.lock().unwrap().len();
    run(comms, |comm| {
        let mut child = comm.split(Some(0), 0).unwrap().unwrap();
        let (mut shrunk, _) = child.shrink().unwrap();
        for comm in [comm, &mut child, &mut shrunk] {
            let mut value = *secret;
            comm.broadcast(0, &mut value).unwrap();
            let other = 1 - comm.rank();
            comm.isend(other, Tag(1), secret).unwrap().wait().unwrap();
            assert_eq!(comm.recv::<u8>(other, Tag(1), secret.len()).unwrap(), secret);
        }
    });
    let seen = seen.lock().unwrap();
    assert!(seen.len() > n_before + 6 * secret.len(), "the relay must have seen it all");
    assert!(!seen.windows(secret.len()).any(|window| window == secret));
    assert!(!seen.windows(10).any(|window| window == &secret[..10]));
    // Records of TLS, one after the other, in what was seen since.
    assert_eq!(&seen[n_before..][..3], &[0x17, 3, 3]);
}

/// C10, C12: what does not change, and that the main node is rank 0.
#[test]
fn c12_p32_members_know_their_ranks_and_names() {
    let names = run(world(Transport::Tls, 3), |comm| {
        let names: Vec<_> = comm.names().iter().map(ToString::to_string).collect();
        assert_eq!(names[comm.rank()], comm.me().to_string());
        (comm.rank(), comm.size(), comm.name().to_owned(), names)
    });
    let expected: Vec<_> = ["P0", "P0.W0", "P0.W1"].map(str::to_owned).into();
    for (rank, found) in names.into_iter().enumerate() {
        assert_eq!(found, (rank, 3, "world".to_owned(), expected.clone()));
    }
}
