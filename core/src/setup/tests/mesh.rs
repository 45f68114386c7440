//! Meshes: connecting, failing to, and losing peers.

use std::io::{Read, Write};
use std::net::TcpStream;

use super::*;

const SOON: Duration = Duration::from_secs(20);

type Joined = Result<(Mesh, ThreadLinks), Error>;

fn join(config: MeshConfig, listener: TcpListener, n_threads: u32, abort: &AbortFlag) -> Joined {
    connect_mesh(config, listener, n_threads, abort.clone(), |_| {})
}

/// Connects all parties in threads of this process.
fn join_all(certs: &Certs, role: fn(u8) -> NodeId, n_threads: u32) -> Vec<(Joined, AbortFlag)> {
    let (listeners, addresses) = listen_all(certs.n_parties);
    std::thread::scope(|scope| {
        let parties: Vec<_> = listeners
            .into_iter()
            .zip(0..)
            .map(|(listener, party)| {
                let config = certs.config(role(party), &addresses, SOON);
                scope.spawn(move || {
                    let abort = AbortFlag::new();
                    (join(config, listener, n_threads, &abort), abort)
                })
            })
            .collect();
        parties.into_iter().map(|party| party.join().unwrap()).collect()
    })
}

#[test]
fn three_parties_connect_talk_and_part_in_order() {
    let certs = Certs::make(3);
    for role in [main_node, |party| worker_node(party, 1)] {
        let joined = join_all(&certs, role, 2);
        let mut parties = Vec::new();
        for (party, (joined, abort)) in joined.into_iter().enumerate() {
            let (mesh, links) = joined.unwrap();
            assert_eq!(mesh.proposals()[2], format!("proposal of {}", role(2)).into_bytes());
            assert_eq!(links.len(), 2);
            assert!(links[0][party].is_none());
            parties.push((mesh, links, abort));
        }
        // Each says to each, on each thread, who it is and on which thread.
        for (from, (_, links, _)) in parties.iter_mut().enumerate() {
            for (thread, links) in links.iter_mut().enumerate() {
                for (to, link) in links.iter_mut().enumerate() {
                    let text = [from as u8, thread as u8, to as u8];
                    link.iter_mut().for_each(|link| link.write_all(&text, SOON).unwrap());
                }
            }
        }
        for (me, (_, links, _)) in parties.iter_mut().enumerate() {
            for (thread, links) in links.iter_mut().enumerate() {
                for (from, link) in links.iter_mut().enumerate() {
                    let mut text = [0; 3];
                    let Some(link) = link else { continue };
                    link.read_exact(&mut text, SOON).unwrap();
                    assert_eq!(text, [from as u8, thread as u8, me as u8]);
                    assert_eq!(link.peer(), role(from as u8));
                }
            }
        }
        let flags: Vec<_> = parties.iter().map(|(_, _, abort)| abort.clone()).collect();
        for (mesh, _, _) in parties {
            mesh.control().bye();
        }
        std::thread::sleep(Duration::from_millis(100));
        assert!(flags.iter().all(|flag| !flag.is_set()), "{flags:?}");
    }
}

#[test]
fn the_first_to_leave_in_order_is_not_lost() {
    let certs = Certs::make(2);
    let mut joined = join_all(&certs, main_node, 0);
    let (second, second_flag) = joined.pop().unwrap();
    let (first, _) = joined.pop().unwrap();
    let (first, second) = (first.unwrap().0, second.unwrap().0);
    first.control().bye();
    drop(first);
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(second_flag.cause(), None);
    second.control().bye();
}

#[test]
fn a_party_that_vanishes_is_named_by_all_others() {
    let certs = Certs::make(3);
    let mut joined = join_all(&certs, main_node, 0);
    let (vanishing, _) = joined.pop().unwrap();
    drop(vanishing.unwrap());
    for (mesh, abort) in joined {
        let _mesh = mesh.unwrap();
        let cause = cause_of(&abort);
        assert!(cause.contains("P2 was lost: its process ended"), "{cause}");
    }
}

#[test]
fn a_cause_reaches_all_parties_and_the_first_one_stays() {
    let certs = Certs::make(3);
    let joined = join_all(&certs, main_node, 0);
    let meshes: Vec<_> = joined.into_iter().map(|(mesh, flag)| (mesh.unwrap().0, flag)).collect();
    meshes[1].0.control().abort("x.py:7: index 9 out of range\u{7}");
    assert!(meshes[1].1.is_set());
    for party in [0, 2] {
        let cause = cause_of(&meshes[party].1);
        assert_eq!(cause, "x.py:7: index 9 out of range  (reported by P1)");
        meshes[party].0.control().abort("too late");
        assert_eq!(meshes[party].1.cause().unwrap(), cause);
    }
}

#[test]
fn a_peer_that_does_not_listen_is_named_with_address_and_likely_cause() {
    let certs = Certs::make(2);
    let (mut listeners, addresses) = listen_all(2);
    drop(listeners.remove(0));
    let config = certs.config(main_node(1), &addresses, Duration::from_millis(400));
    let mut n_retries = 0;
    let progress = |event: &Progress| {
        assert!(event.to_string().starts_with("waiting for P0 at 127.0.0.1:"), "{event}");
        n_retries += 1;
    };
    let listener = listeners.remove(0);
    let error = connect_mesh(config, listener, 0, AbortFlag::new(), progress).err().unwrap();
    assert!(matches!(error, Error::CannotConnect { stage: Stage::Connect, .. }), "{error}");
    let message = error.to_string();
    assert!(message.contains(&format!("P1 cannot connect to P0 at {}", addresses[0])), "{message}");
    assert!(message.contains("refused") && message.contains("nothing listens there"), "{message}");
    assert!(n_retries >= 3, "{n_retries} retries");
}

#[test]
fn a_peer_that_does_not_come_is_named_and_the_others_hear_of_it() {
    let certs = Certs::make(3);
    let (mut listeners, addresses) = listen_all(3);
    let (first, second) = (listeners.remove(0), listeners.remove(0));
    let short = certs.config(main_node(0), &addresses, Duration::from_millis(700));
    let long = certs.config(main_node(1), &addresses, SOON);
    std::thread::scope(|scope| {
        let other = scope.spawn(|| join(long, second, 0, &AbortFlag::new()).err().unwrap());
        let error = join(short, first, 0, &AbortFlag::new()).err().unwrap();
        let message = error.to_string();
        assert!(message.contains("P0 waited 0.7 s for P2 to connect"), "{message}");
        let message = other.join().unwrap().to_string();
        assert!(message.contains("for P2 to connect"), "{message}");
        assert!(message.contains("(reported by P0)"), "{message}");
    });
}

#[test]
fn a_peer_of_another_deployment_is_refused_at_once_and_named_on_both_sides() {
    let certs = Certs::make(2);
    let name = certs.trust().deployment().to_owned();
    let same_name = IssueOptions { deployment: Some(name), ..IssueOptions::default() };
    let strangers = Certs::with(2, &same_name);
    // The stranger believes P0 but P0 does not believe its authority.
    let file = "party-0/authority.pem";
    std::fs::copy(certs.path().join(file), strangers.path().join(file)).unwrap();
    let (mut listeners, addresses) = listen_all(2);
    let ours = certs.config(main_node(0), &addresses, Duration::from_secs(3));
    let theirs = strangers.config(main_node(1), &addresses, SOON);
    let (first, second) = (listeners.remove(0), listeners.remove(0));
    std::thread::scope(|scope| {
        let ours = scope.spawn(|| join(ours, first, 0, &AbortFlag::new()).err().unwrap());
        let started = Instant::now();
        let error = join(theirs, second, 0, &AbortFlag::new()).err().unwrap();
        assert!(started.elapsed() < Duration::from_secs(3));
        assert!(matches!(error, Error::Refused { .. }), "{error}");
        let message = error.to_string();
        assert!(message.contains("it expects a certificate of P1's authority"), "{message}");
        assert!(message.contains("/party/1/main issued by \"Caucus P1 authority\""), "{message}");
        let message = ours.join().unwrap().to_string();
        assert!(message.contains("refused meanwhile: connection from 127.0.0.1"), "{message}");
        assert!(message.contains("but not its signature"), "{message}");
    });
}

#[test]
fn a_worker_does_not_pass_as_a_main_node() {
    let certs = Certs::make(2);
    let (mut listeners, addresses) = listen_all(2);
    let notes = Notes::default();
    let mut ours = certs.config(main_node(0), &addresses, Duration::from_secs(2));
    ours.on_refused = notes.receiver();
    // It believes P0's main node, which is right, but has the identity of a worker.
    let mut theirs = certs.config(main_node(1), &addresses, SOON);
    theirs.identity = certs.identity(worker_node(1, 0));
    let (first, second) = (listeners.remove(0), listeners.remove(0));
    std::thread::scope(|scope| {
        let ours = scope.spawn(|| join(ours, first, 0, &AbortFlag::new()).err().unwrap());
        let error = join(theirs, second, 0, &AbortFlag::new()).err().unwrap();
        assert!(error.to_string().contains("access denied"), "{error}");
        notes.wait_for("worker 0 of P1 may not connect here");
        assert!(matches!(ours.join().unwrap(), Error::NeverCame { .. }));
    });
}

#[test]
fn a_second_process_of_a_connected_party_is_declined() {
    let certs = Certs::make(3);
    let (mut listeners, addresses) = listen_all(3);
    let (first, second) = (listeners.remove(0), listeners.remove(0));
    let stop = AbortFlag::new();
    std::thread::scope(|scope| {
        let waiting = certs.config(main_node(0), &addresses, SOON);
        let also = certs.config(main_node(1), &addresses, SOON);
        let flag = stop.clone();
        scope.spawn(move || join(waiting, first, 0, &flag).err());
        let flag = stop.clone();
        scope.spawn(move || join(also, second, 0, &flag).err());
        std::thread::sleep(Duration::from_millis(500));
        let again = certs.config(main_node(1), &addresses, SOON);
        let error = join(again, listen().0, 0, &AbortFlag::new()).err().unwrap();
        stop.set("the test is over");
        assert!(error.to_string().contains("connected to P0 already"), "{error}");
    });
}

#[test]
fn junk_connections_do_not_disturb_a_mesh() {
    let certs = Certs::make(2);
    let (mut listeners, addresses) = listen_all(2);
    let (first, second) = (listeners.remove(0), listeners.remove(0));
    let port = |idx: usize| ("127.0.0.1", addresses[idx].port());
    let config = certs.config(main_node(0), &addresses, SOON);
    let last = certs.config(main_node(1), &addresses, SOON);
    std::thread::scope(|scope| {
        let ours = scope.spawn(|| join(config, first, 3, &AbortFlag::new()).map(|_| ()));
        // Some never say anything, some speak another protocol, some stop within a record.
        let texts: [&[u8]; 4] = [b"", b"GET / HTTP/1.1\r\n\r\n", &[0x16, 3, 1, 2, 0, 1], &[0; 300]];
        let mut open = Vec::new();
        for idx in 0..600 {
            let mut stream = TcpStream::connect(port(0)).unwrap();
            // The other end may have had enough already.
            let _ = stream.write_all(texts[idx % 4]);
            if idx % 2 == 0 {
                open.push(stream);
            }
        }
        let theirs = join(last, second, 3, &AbortFlag::new());
        let (mesh, links) = theirs.unwrap();
        assert_eq!(links.iter().flatten().flatten().count(), 3);
        ours.join().unwrap().unwrap();
        // The port of the last party, to which nobody connects, answers strangers just so.
        let mut stranger = TcpStream::connect(port(1)).unwrap();
        stranger.write_all(b"hello, are you there?").unwrap();
        stranger.set_read_timeout(Some(SOON)).unwrap();
        let mut answer = Vec::new();
        stranger.read_to_end(&mut answer).unwrap();
        assert_eq!(answer.first(), Some(&0x15), "an alert was expected, found {answer:?}");
        drop(mesh);
    });
}

#[test]
fn a_node_that_waits_stops_when_the_run_is_aborted() {
    let certs = Certs::make(2);
    let (mut listeners, addresses) = listen_all(2);
    let config = certs.config(main_node(0), &addresses, SOON);
    let listener = listeners.remove(0);
    let abort = AbortFlag::new();
    let flag = abort.clone();
    let started = Instant::now();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(200));
        flag.set("interrupted");
    });
    let error = join(config, listener, 0, &abort).err().unwrap();
    assert_eq!(error.to_string(), "interrupted");
    assert!(started.elapsed() < Duration::from_secs(5));
}
