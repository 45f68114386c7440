//! Who may connect as what: certificates that are wrong in every way are refused before any share
//! is sent, and both sides say what was expected and what came.

use std::fs;
use std::process::Command;

use caucus_core::identity::{self, IssueOptions};
use caucus_core::ids::{PartyId, WorkerId};
use time::{Duration, OffsetDateTime};

use crate::support::{Site, free_ports};

/// A folder with identities of three parties, worker 0 of each and client 0, and two programs.
fn site() -> Site {
    let site = Site::new();
    let certs = site.path("certs");
    let options = IssueOptions::default();
    identity::init_parties(&certs, (0..3).map(PartyId::new), &options).unwrap();
    for party in 0..3 {
        identity::add_worker(&certs, PartyId::new(party), WorkerId::new(0), &options).unwrap();
    }
    identity::add_client(&certs, 0, &options).unwrap();
    site.program(
        "boss",
        "port = int(program.args[1])\n\
         listen_for_clients(port)\n\
         w = accept_client_connection(port)\n\
         sint(5).write_fully_to_socket(w)\n\
         print_ln('sent to %s', w)\n",
    );
    site.program(
        "hand",
        "m = init_client_connection('localhost', int(program.args[1]), 0)\n\
         x = sint.read_from_socket(m)\n\
         print_ln('got %s', x.reveal())\n",
    );
    site
}

/// A copy of the identities that the worker uses, after a change.
fn changed(site: &Site, change: impl FnOnce(&std::path::Path)) {
    let copy = site.path("changed");
    let status = Command::new("cp").arg("-a").arg(site.path("certs")).arg(&copy).status().unwrap();
    assert!(status.success());
    change(&copy);
}

/// The worker program with the changed identities fails with these parts in its message. A worker
/// that presents worker 0's changed certificate of P0 all the same is refused by the main node,
/// which says these parts, and goes on to serve the right worker.
#[track_caller]
fn refused(site: &Site, expected: &[&str], heard: &[&str]) {
    let port = free_ports(3);
    let mut boss = site.compile_run(&format!("ring boss {port}"));
    boss.wait_until("listening", |_| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
    let hand = site.compile_run(&format!("--certs changed ring hand {port}"));
    let finished = hand.fail(3, expected);
    assert!(!finished.stdout.contains("got"), "{}", finished.stdout);
    let mut python = Command::new("python3");
    let script = format!(
        "{CONNECT}c.set_alpn_protocols(['caucus-worker/1'])\n\
         c.load_cert_chain('changed/party-0/worker-0.pem', 'changed/party-0/worker-0.key')\nrefused()"
    );
    python.args(["-c", &script, &port.to_string()]);
    site.start(&mut python).succeed();
    boss.wait_until("said whom it refused", |boss| {
        let stderr = boss.stderr();
        heard.iter().all(|part| stderr.contains(part))
    });
    let hand = site.compile_run(&format!("ring hand {port}"));
    assert_eq!(boss.succeed().stdout, "sent to 0\n");
    assert_eq!(hand.succeed().stdout, "got 5\n");
}

fn replace(from: &std::path::Path, to: &std::path::Path) {
    for ending in ["pem", "key"] {
        fs::copy(from.with_extension(ending), to.with_extension(ending)).unwrap();
    }
}

#[test]
fn the_right_worker_is_served() {
    let site = site();
    let port = free_ports(3);
    let boss = site.compile_run(&format!("ring boss {port}"));
    assert_eq!(site.compile_run(&format!("ring hand {port}")).succeed().stdout, "got 5\n");
    boss.succeed();
}

#[test]
fn a_worker_with_another_partys_certificate_is_refused() {
    let site = site();
    changed(&site, |copy| {
        let name = |party| format!("party-{party}/worker-0.pem");
        let saved = copy.join("saved.pem");
        replace(&copy.join(name(0)), &saved);
        replace(&copy.join(name(1)), &copy.join(name(0)));
        replace(&copy.join(name(2)), &copy.join(name(1)));
        replace(&saved, &copy.join(name(2)));
    });
    refused(&site, &["P0", "party/1/worker/0"], &["P0", "party/1/worker/0"]);
}

#[test]
fn a_worker_with_a_clients_certificate_is_refused() {
    let site = site();
    changed(&site, |copy| {
        for party in 0..3 {
            replace(
                &copy.join("clients/C0.pem"),
                &copy.join(format!("party-{party}/worker-0.pem")),
            );
        }
    });
    refused(&site, &["client/0"], &["client/0"]);
}

#[test]
fn an_expired_worker_certificate_is_refused_with_its_date() {
    let site = site();
    changed(&site, |copy| {
        let now = OffsetDateTime::now_utc();
        let validity = Some((now - Duration::days(20), now - Duration::days(2)));
        let options = IssueOptions { validity, ..IssueOptions::default() };
        for party in 0..3 {
            for ending in ["pem", "key"] {
                fs::remove_file(copy.join(format!("party-{party}/worker-0.{ending}"))).unwrap();
            }
            identity::add_worker(copy, PartyId::new(party), WorkerId::new(0), &options).unwrap();
        }
    });
    let date = (OffsetDateTime::now_utc() - Duration::days(2)).date().to_string();
    refused(&site, &["expired", &date, "caucus certs worker"], &["expired", &date]);
}

#[test]
fn a_worker_of_another_deployment_is_refused() {
    let site = site();
    let other = site.path("changed");
    let options = IssueOptions::default();
    identity::init_parties(&other, (0..3).map(PartyId::new), &options).unwrap();
    for party in 0..3 {
        identity::add_worker(&other, PartyId::new(party), WorkerId::new(0), &options).unwrap();
    }
    refused(&site, &["authority"], &["authority"]);
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let site = site();
    let key = site.path("certs/party-1/main.key");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    fs::set_permissions(&key, mode).unwrap();
    site.program("hello", "print_ln('hello')\n");
    site.compile_run("ring hello").fail(3, &["main.key", "chmod 600"]);
}

#[test]
fn keys_are_made_for_their_owner_only() {
    let site = site();
    assert_eq!(fs::read_to_string(site.path("certs/.gitignore")).unwrap(), "*\n");
    for name in ["party-0/authority.key", "party-2/main.key", "party-1/worker-0.key"] {
        let meta = fs::metadata(site.path("certs").join(name)).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::mode(&meta.permissions());
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn a_deployment_makes_no_identity_by_itself() {
    let site = Site::new();
    site.program("hello", "print_ln('hello')\n");
    fs::write(site.path("hosts"), "localhost\nlocalhost\nlocalhost\n").unwrap();
    let run = site.caucus("run --party 0 --hosts hosts ring hello");
    run.fail(3, &["certs", "caucus certs init"]);
    assert!(!site.path("certs").exists());
}

/// Runs a piece of Python against the worker port of a main node, which then serves the right
/// worker.
#[track_caller]
fn stranger(script: &str) {
    let site = site();
    let port = free_ports(3);
    let mut boss = site.compile_run(&format!("ring boss {port}"));
    boss.wait_until("listening", |_| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
    let mut python = Command::new("python3");
    python.args(["-c", script, &port.to_string()]);
    site.start(&mut python).succeed();
    let hand = site.compile_run(&format!("ring hand {port}"));
    assert_eq!(hand.succeed().stdout, "got 5\n");
    assert_eq!(boss.succeed().stdout, "sent to 0\n");
}

const CONNECT: &str = "
import socket, ssl, sys
s = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
s.settimeout(10)
c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
c.check_hostname = False
c.verify_mode = ssl.CERT_NONE
def refused():
    try:
        t = c.wrap_socket(s)
        t.settimeout(30)
        data = t.recv(1000)
    except (ssl.SSLError, ConnectionError) as error:
        print(error)
    else:
        sys.exit('was not refused: %r' % data if data and b'expected' not in data else 0)
";

#[test]
fn tls_1_2_is_refused() {
    stranger(&format!("{CONNECT}c.maximum_version = ssl.TLSVersion.TLSv1_2\nrefused()"));
}

#[test]
fn a_stranger_without_a_certificate_is_refused() {
    stranger(&format!("{CONNECT}refused()"));
}

#[test]
fn plain_tcp_is_refused() {
    stranger(&format!(
        "{CONNECT}s.sendall(b'GET / HTTP/1.1\\r\\n\\r\\n' * 100)\n\
         s.settimeout(30)\ntry:\n    data = s.recv(1000)\nexcept ConnectionError:\n    data = b''\n\
         assert not data, data"
    ));
}
