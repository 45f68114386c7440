//! Making communicators: who may take part, and what is said when somebody cannot.

use super::*;
use crate::identity::Subject;
use crate::setup::{self, OnRefused};

type Joined = Result<Comm, setup::Error>;

/// Connects members that are each given by what they do with their configuration; all know where the first listens.
fn join(
    certs: &Certs,
    nodes: Vec<NodeId>,
    change: impl Fn(usize, &mut CommConfig) + Sync,
) -> Vec<Joined> {
    let n_nodes = nodes.len();
    let (listener, root) = listen();
    let mut listeners = vec![listener];
    listeners.extend((1..n_nodes).map(|_| listen().0));
    let (root, change) = (&root, &change);
    thread::scope(|scope| {
        let nodes = nodes.into_iter().zip(listeners).enumerate();
        let threads: Vec<_> = nodes
            .map(|(idx, (node, listener))| {
                let mut config = certs.config(node, n_nodes);
                config.members = members_of(P0, n_nodes - 1);
                change(idx, &mut config);
                scope.spawn(move || rendezvous(config, listener, root, None, AbortFlag::new()))
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// C6, C43, C44: both ways to connect, over TCP; sizes and identities are reported.
#[test]
fn c43_c44_members_connect_with_all_addresses_or_only_that_of_the_main_node() {
    for n_nodes in [1, 2, 3, 10] {
        let certs = Certs::make(n_nodes);
        let comms = tls_world(&certs, n_nodes);
        let check = |comm: &mut Comm| {
            assert_eq!(comm.size(), n_nodes);
            assert_eq!(comm.names(), members_of(P0, n_nodes - 1));
            assert_eq!(comm.me(), comm.names()[comm.rank()]);
            let sum = comm.all_reduce(Op::Sum, &[comm.rank() as u64]).unwrap();
            assert_eq!(sum, [(0..n_nodes as u64).sum()]);
        };
        run(comms, check);
        let (listeners, addresses): (Vec<_>, Vec<_>) = (0..n_nodes).map(|_| listen()).unzip();
        let addresses = &addresses;
        let comms = thread::scope(|scope| {
            let members = members_of(P0, n_nodes - 1).into_iter().zip(listeners);
            let nodes: Vec<_> = members
                .map(|(me, listener)| {
                    let config = certs.config(me, n_nodes);
                    scope.spawn(move || connect(config, listener, addresses, AbortFlag::new()))
                })
                .collect();
            nodes.into_iter().map(|node| node.join().unwrap().unwrap()).collect()
        });
        run(comms, check);
    }
}

/// C7, MX3: one process may have several communicators of its own.
#[test]
fn c7_mx3_a_node_keeps_several_communicators() {
    let certs = Certs::make(2);
    let mut first = tls_world(&certs, 2);
    let second = tls_world(&certs, 2);
    let pairs: Vec<_> = first.drain(..).zip(second).collect();
    thread::scope(|scope| {
        for (mut first, mut second) in pairs {
            scope.spawn(move || {
                let sum = first.all_reduce(Op::Sum, &[1_u64]).unwrap();
                assert_eq!(second.all_reduce(Op::Sum, &sum).unwrap(), [4]);
                first.free().unwrap();
                second.barrier().unwrap();
            });
        }
    });
}

/// C46: all who are there hear who is missing.
#[test]
fn c46_a_member_that_does_not_come_is_named_by_all() {
    let certs = Certs::make(4);
    let (listener, root) = listen();
    let root = &root;
    let errors: Vec<_> = thread::scope(|scope| {
        let members = members_of(P0, 3);
        let mut listener = Some(listener);
        let nodes: Vec<_> = [0, 1, 3]
            .map(|rank| {
                let mut config = certs.config(members[rank], 4);
                config.startup_deadline = Duration::from_millis(900);
                let listener = listener.take().unwrap_or_else(|| listen().0);
                scope.spawn(move || rendezvous(config, listener, root, None, AbortFlag::new()))
            })
            .into();
        nodes.into_iter().map(|node| node.join().unwrap().unwrap_err()).collect()
    });
    for error in errors {
        let text = error.to_string();
        assert!(text.contains("P0 waited 0.9 s for P0.W1 to connect"), "{text}");
    }
}

/// C45: one that was started for something else; all hear what.
#[test]
fn c45_another_token_is_refused_at_every_member() {
    for odd_one in [0, 1, 2] {
        let certs = Certs::make(3);
        let joined = join(&certs, members_of(P0, 2), |rank, config| {
            if rank == odd_one {
                config.token = b"job 8".to_vec();
            }
        });
        for error in joined.into_iter().map(Result::unwrap_err) {
            let text = error.to_string();
            assert!(text.contains("`job 7`") && text.contains("`job 8`"), "{text}");
            assert!(text.contains("start both for the same"), "{text}");
        }
    }
    let certs = Certs::make(3);
    let joined = join(&certs, members_of(P0, 2), |rank, config| {
        if rank == 2 {
            config.members.swap(1, 2);
        }
    });
    for error in joined.into_iter().map(Result::unwrap_err) {
        let text = error.to_string();
        assert!(text.contains("P0.W1 knows the members P0, P0.W1, P0.W0"), "{text}");
    }
}

/// CX2: ranks come from certificates. Two nodes that were started with each other's certificates have each other's ranks;
/// and nobody can announce a rank.
#[test]
fn cx2_a_rank_is_that_of_the_certificate() {
    let certs = Certs::make(3);
    let [first, second, third] = members_of(P0, 2).try_into().unwrap();
    let joined = join(&certs, vec![first, third, second], |_, _| {});
    let comms: Vec<_> = joined.into_iter().map(Result::unwrap).collect();
    assert_eq!(comms.iter().map(Comm::rank).collect::<Vec<_>>(), [0, 2, 1]);
    run(comms, |comm| {
        let ranks = comm.all_gather(&[comm.rank() as u64]).unwrap();
        assert_eq!(ranks, [0, 1, 2]);
        for rank in (0..3).filter(|rank| *rank != comm.rank()) {
            let engine = lock(&comm.shared);
            assert_eq!(engine.ports[rank].as_ref().unwrap().peer, comm.names()[rank]);
        }
    });
}

/// CX3: of two processes with one identity the second is refused, and says so; nobody else is disturbed.
#[test]
fn cx3_two_processes_of_one_node_are_told_apart() {
    let certs = Certs::make(3);
    let (listener, root) = listen();
    let members = members_of(P0, 2);
    let root = &root;
    thread::scope(|scope| {
        let start = |rank: usize, listener: TcpListener| {
            let config = certs.config(members[rank], 3);
            scope.spawn(move || rendezvous(config, listener, root, None, AbortFlag::new()))
        };
        let main = start(0, listener);
        let first = start(1, listen().0);
        let again = start(1, listen().0);
        // One of the two is refused before the last member comes.
        let until = Instant::now() + LONG;
        while !first.is_finished() && !again.is_finished() {
            assert!(Instant::now() < until);
            thread::sleep(Duration::from_millis(10));
        }
        let last = start(2, listen().0);
        let results = [first, again].map(|node| node.join().unwrap());
        let errors: Vec<_> = results.iter().filter_map(|result| result.as_ref().err()).collect();
        assert_eq!(errors.len(), 1);
        let text = errors[0].to_string();
        assert!(text.contains("P0.W0 is connected to P0 already: was it started twice?"), "{text}");
        let mut comms: Vec<_> = results.into_iter().flatten().collect();
        comms.push(main.join().unwrap().unwrap());
        comms.push(last.join().unwrap().unwrap());
        run(comms, |comm| comm.barrier().unwrap());
    });
}

/// Notes of what listeners refuse.
fn notes() -> (OnRefused, Arc<Mutex<Vec<String>>>) {
    let notes = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&notes);
    (Arc::new(move |text| sink.lock().unwrap().push(text)), notes)
}

/// MX1, "Trust": a worker of another party, with a valid certificate of its own, is refused during the handshake; a node
/// of one's own party that is not a member, after it.
#[test]
fn mx1_nodes_of_other_parties_are_refused_before_anything_is_sent() {
    let certs = Certs::make(3);
    let (listener, root) = listen();
    let root = &root;
    let (on_refused, notes) = notes();
    thread::scope(|scope| {
        let mut config = certs.config(NodeId::main(P0), 2);
        config.on_refused = on_refused;
        config.startup_deadline = Duration::from_secs(3);
        let main = scope.spawn(move || rendezvous(config, listener, root, None, AbortFlag::new()));
        // It believes P0, and means P0's main node; its identity is that of P1's worker.
        let mut config = certs.config(NodeId::worker(P0, WorkerId::new(0)), 2);
        let stranger = NodeId::worker(PartyId::new(1), WorkerId::new(0));
        config.identity = Arc::new(Identity::load(certs.path(), stranger).unwrap());
        let other = config.identity.clone();
        // As the members are checked at once, its list must have it in the place of the worker.
        config.members = vec![NodeId::main(P0), stranger];
        let error = rendezvous(config, listen().0, root, None, AbortFlag::new()).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("its nodes never are in one communicator"), "{text}");
        // What it cannot say by mistake it can try on purpose: the handshake is refused.
        let trust = certs.trust();
        let alpn = crate::identity::ALPN_COMM;
        let tls = crate::identity::client_config(&other, &trust, P0, alpn).unwrap();
        let name = crate::identity::server_name(NodeId::main(P0), &trust);
        let mut stream = std::net::TcpStream::connect((root.host(), root.port())).unwrap();
        let mut tls = rustls::ClientConnection::new(tls, name).unwrap();
        let mut received = Vec::new();
        let refused = loop {
            // Its own side of the handshake may be over before the refusal comes.
            if let Err(error) = tls.complete_io(&mut stream) {
                break error;
            }
            std::io::Read::read_to_end(&mut tls.reader(), &mut received).ok();
        };
        assert!(refused.to_string().contains("UnknownCA") || refused.to_string().contains("alert"));
        assert!(received.is_empty(), "nothing was said to a stranger");
        // A worker of the same party that is no member.
        let mut config = certs.config(NodeId::worker(P0, WorkerId::new(1)), 3);
        config.startup_deadline = Duration::from_secs(3);
        let error = rendezvous(config, listen().0, root, None, AbortFlag::new()).unwrap_err();
        assert!(
            error.to_string().contains("P0.W1 is not among the members that P0 knows"),
            "{error}"
        );
        let error = main.join().unwrap().unwrap_err().to_string();
        assert!(
            error.contains("P0 waited 3.0 s for P0.W0 to connect; refused meanwhile:"),
            "{error}"
        );
    });
    let notes = notes.lock().unwrap();
    assert!(
        notes.iter().any(|note| note.contains("a certificate of P0's authority for a node of P0"))
    );
}

/// "Trust", the other direction: who listens at the address of the main node must be it.
#[test]
fn who_connects_does_not_speak_to_another_node() {
    let certs = Certs::make(3);
    let (listener, root) = listen();
    let root = &root;
    thread::scope(|scope| {
        // Another worker listens where the main node should; it would be root if its list were right.
        let mut config = certs.config(NodeId::worker(P0, WorkerId::new(0)), 3);
        config.members = vec![config.members[1], config.members[2]];
        config.startup_deadline = Duration::from_secs(2);
        let wrong = scope.spawn(move || rendezvous(config, listener, root, None, AbortFlag::new()));
        let config = certs.config(NodeId::worker(P0, WorkerId::new(1)), 3);
        let error = rendezvous(config, listen().0, root, None, AbortFlag::new()).unwrap_err();
        assert!(matches!(error, setup::Error::Untrusted { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains("does not believe that") && text.contains("another node listens"));
        assert!(wrong.join().unwrap().is_err());
    });
}

/// CX11: an expired certificate is refused where it is loaded and where it is presented, with what to do.
#[test]
fn cx11_expired_certificates_are_refused_with_a_remedy() {
    let certs = Certs::make(2);
    let worker = NodeId::worker(P0, WorkerId::new(0));
    let expired = IssueOptions { days: 0, ..IssueOptions::default() };
    let pair = certs.path().join("party-0");
    for file in ["worker-0.pem", "worker-0.key"] {
        std::fs::remove_file(pair.join(file)).unwrap();
    }
    add_worker(certs.path(), P0, WorkerId::new(0), &expired).unwrap();
    thread::sleep(Duration::from_millis(1100));
    let error = Identity::load(certs.path(), worker).unwrap_err().to_string();
    assert!(error.contains("expired"), "{error}");
    let (listener, root) = listen();
    let root = &root;
    thread::scope(|scope| {
        let mut config = certs.config(NodeId::main(P0), 2);
        config.startup_deadline = Duration::from_secs(2);
        let main = scope.spawn(move || rendezvous(config, listener, root, None, AbortFlag::new()));
        let mut config = certs.config(NodeId::main(P0), 2);
        config.identity = Arc::new(Identity::unchecked(certs.path(), Subject::Node(worker)));
        let error = rendezvous(config, listen().0, root, None, AbortFlag::new()).unwrap_err();
        assert!(error.to_string().contains("certificate expired"), "{error}");
        let error = main.join().unwrap().unwrap_err().to_string();
        assert!(error.contains("it has expired"), "{error}");
    });
}

/// "Startup Reliability": many times, and nothing is left over.
#[test]
fn communicators_are_made_and_freed_again_and_again() {
    let open = || std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
    let certs = Certs::make(4);
    // Other tests run meanwhile in this process: what leaks would be more than they can have.
    let before = open();
    for n_nodes in [2, 3, 4] {
        for _ in 0..20 {
            run(tls_world(&certs, n_nodes), |comm| {
                comm.barrier().unwrap();
                comm.free().unwrap();
            });
        }
    }
    // Sixty communicators had some 20 descriptors each.
    let until = Instant::now() + LONG;
    while open() > before + 300 {
        assert!(Instant::now() < until, "{before} descriptors before, {} now", open());
        thread::sleep(Duration::from_millis(50));
    }
}
