//! Taking workers into service: who is let in, and what everybody else is told.

use super::*;

const SOON: Duration = Duration::from_secs(10);

fn open(certs: &Certs, party: u8) -> (NodeListener, SocketAddr, Notes) {
    let (listener, address) = listen();
    let notes = Notes::default();
    let identity = certs.identity(main_node(party));
    let listener =
        NodeListener::start(listener, identity, certs.trust(), notes.receiver()).unwrap();
    (listener, address, notes)
}

fn dial(certs: &Certs, me: NodeId, address: SocketAddr) -> NodeDial {
    NodeDial {
        identity: certs.identity(me),
        trust: certs.trust(),
        address: host_port(address),
        host: None,
        port: 4711,
        deadline: SOON,
    }
}

#[test]
fn a_worker_is_taken_in_and_says_where_others_find_it() {
    let certs = Certs::make(2);
    let (listener, address, _) = open(&certs, 0);
    for host in [None, Some("w1.example".to_owned()), Some("::1".to_owned())] {
        let expected = HostPort::new(host.clone().unwrap_or("127.0.0.1".into()), 4711);
        let worker = NodeDial { host, ..dial(&certs, worker_node(0, 1), address) };
        let mut theirs = connect_main(worker, &AbortFlag::new(), |_| {}).unwrap();
        let mut arrival = listener.next(SOON).unwrap();
        assert_eq!((arrival.worker, arrival.address), (WorkerId::new(1), expected));
        assert_eq!(theirs.peer(), main_node(0));
        arrival.link.write_all(b"hello", SOON).unwrap();
        let mut bytes = [0; 5];
        theirs.read_exact(&mut bytes, SOON).unwrap();
        assert_eq!(&bytes, b"hello");
    }
    assert!(listener.next(Duration::from_millis(10)).is_none());
}

#[test]
fn nobody_but_workers_of_the_own_party_is_taken_in() {
    let certs = Certs::make(2);
    add_client(certs.path(), 0, &IssueOptions::default()).unwrap();
    let (listener, address, notes) = open(&certs, 0);
    // MX1: a valid certificate of another party's worker of the same number.
    let stranger = dial(&certs, worker_node(1, 0), address);
    let error = connect_main(stranger, &AbortFlag::new(), |_| {}).err().unwrap().to_string();
    assert!(error.contains("P1"), "{error}");
    for identity in
        [certs.identity(main_node(1)), Arc::new(Identity::load_client(certs.path(), 0).unwrap())]
    {
        // As a worker of a program would.
        let spec = ProgramSpec { protocol: "ring".into(), ring_bits: 64, n_parties: 2 };
        let (trust, expected) = (certs.trust(), main_node(0));
        let address = host_port(address);
        let worker = WorkerDial { identity, trust, address, expected, spec, deadline: SOON };
        assert!(connect_worker(worker, &AbortFlag::new(), |_| {}).is_err());
    }
    // A worker that wants to run a program of its own is at the wrong port.
    let spec = ProgramSpec { protocol: "ring".into(), ring_bits: 64, n_parties: 2 };
    let (identity, trust) = (certs.identity(worker_node(0, 0)), certs.trust());
    let (address, expected) = (host_port(address), main_node(0));
    let worker = WorkerDial { identity, trust, address, expected, spec, deadline: SOON };
    assert!(connect_worker(worker, &AbortFlag::new(), |_| {}).is_err());
    notes.wait_for("another application protocol");
    assert!(listener.next(Duration::ZERO).is_none());
}

#[test]
fn a_worker_waits_for_its_main_node_until_its_deadline() {
    let certs = Certs::make(1);
    let (listener, address) = listen();
    drop(listener);
    let mut retries = 0;
    let worker = NodeDial {
        deadline: Duration::from_millis(300),
        ..dial(&certs, worker_node(0, 0), address)
    };
    let error = connect_main(worker, &AbortFlag::new(), |_| retries += 1).err().unwrap();
    assert!(matches!(error, Error::CannotConnect { .. }) && retries > 1, "{error}");
}
