//! Who is not there, who is there twice, and who only disturbs.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use caucus_core::identity::{self, IssueOptions};
use caucus_core::ids::PartyId;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::support::{Site, free_ports};

const BOSS: &str = "port = int(program.args[1])\nn = int(program.args[2])\n\
                    listen_for_clients(port)\nready = regint.Array(n)\nready.assign_all(0)\n\
                    @for_range(n)\ndef _(i):\n    ready[accept_client_connection(port)] = 1\n\
                    runtime_error_if(sum(ready) != n, 'connection problems')\n\
                    @for_range(n)\ndef _(i):\n    sint(5).write_fully_to_socket(i)\n\
                    @for_range(n)\ndef _(i):\n    print_ln('%s', sint.read_from_socket(i).reveal())\n";
const HAND: &str = "m = init_client_connection('localhost', int(program.args[1]), int(program.args[2]))\n\
                    x = sint.read_from_socket(m)\n(x * x).write_fully_to_socket(m)\n";

fn site() -> Site {
    let site = Site::new();
    site.program("boss", BOSS);
    site.program("hand", HAND);
    site
}

#[test]
fn a_main_node_that_is_not_there_is_reported_with_its_address() {
    let port = free_ports(3);
    let site = site();
    let run = site.compile_run(&format!("--connect-timeout 2 ring hand {port} 0"));
    let finished = run.fail(4, &["hand.mpc:1", &port.to_string(), "refused"]);
    assert!(finished.took < Duration::from_secs(20), "{:?}", finished.took);
}

#[test]
fn a_worker_that_never_comes_is_reported() {
    let port = free_ports(3);
    let site = site();
    let run = site.compile_run(&format!("--connect-timeout 2 ring boss {port} 1"));
    let finished = run.fail(4, &["boss.mpc:8", &port.to_string()]);
    assert!(finished.took < Duration::from_secs(20), "{:?}", finished.took);
}

#[test]
fn a_party_that_is_not_there_is_reported_with_its_address() {
    let site = Site::new();
    site.program("hello", "print_ln('hello')\n");
    identity::init_parties(&site.path("certs"), (0..3).map(PartyId::new), &IssueOptions::default())
        .unwrap();
    let port = free_ports(3);
    let hosts: String = (0..3).map(|i| format!("localhost:{}\n", port + i)).collect();
    std::fs::write(site.path("hosts"), hosts).unwrap();
    let run = site.caucus("run --connect-timeout 2 --party 2 --hosts hosts ring hello");
    let finished = run.fail(4, &["P2 cannot connect to P", "localhost:", "refused"]);
    assert!(finished.took < Duration::from_secs(20), "{:?}", finished.took);
}

#[test]
fn a_port_in_use_is_reported() {
    let site = site();
    let port = free_ports(3);
    let _taken = TcpListener::bind(("0.0.0.0", port + 1)).unwrap();
    let run = site.compile_run(&format!("--connect-timeout 5 ring boss {port} 1"));
    run.fail(3, &["P1", &(port + 1).to_string(), "in use", "boss.mpc:3"]);
    let run = site.compile_run(&format!("ring boss 1 1 -- -pn {port}"));
    run.fail(3, &["P1", &(port + 1).to_string(), "in use"]);
}

#[test]
fn the_same_worker_twice_is_seen_by_the_program() {
    let site = site();
    let port = free_ports(3);
    let boss = site.compile_run(&format!("ring boss {port} 2"));
    let first = site.compile_run(&format!("ring hand {port} 0"));
    let second = site.compile_run(&format!("ring hand {port} 0"));
    let finished = boss.fail(1, &["boss.mpc:9"]);
    assert!(finished.stdout.contains("connection problems"), "{}", finished.stdout);
    assert_ne!(first.finish().code, 0);
    assert_ne!(second.finish().code, 0);
}

/// MX2.
#[test]
fn workers_of_another_ring_or_protocol_are_refused() {
    let site = site();
    let port = free_ports(3);
    let mut boss = site.compile_run(&format!("ring boss {port} 1"));
    boss.wait_until("listening", |_| TcpStream::connect(("127.0.0.1", port)).is_ok());
    let other_ring = site.compile_run(&format!("-R 128 ring hand {port} 0"));
    other_ring.fail(8, &["128", "64"]);
    let other_protocol = site.compile_run(&format!("emulate hand {port} 0"));
    other_protocol.fail(8, &["emulate", "ring"]);
    let right = site.compile_run(&format!("ring hand {port} 0"));
    assert_eq!(boss.succeed().stdout, "25\n");
    right.succeed();
}

#[test]
fn a_thousand_junk_connections_disturb_nothing() {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).unwrap();
    let site = site();
    let port = free_ports(3);
    let mut boss = site.compile_run(&format!("ring boss {port} 2"));
    boss.wait_until("listening", |_| {
        (port..port + 3).all(|port| TcpStream::connect(("127.0.0.1", port)).is_ok())
    });
    let ports = listening_ports(&boss);
    assert!(ports.len() >= 6, "parties and programs listen on {ports:?}");
    let before = junk(&ports, 500);
    let workers: Vec<_> =
        (0..2).map(|i| site.compile_run(&format!("ring hand {port} {i}"))).collect();
    let during = junk(&ports, 500);
    for pid in boss.children() {
        let peak = peak_memory_kib(pid);
        assert!(peak < 200_000, "a party took {peak} KiB");
    }
    assert_eq!(boss.succeed().stdout, "25\n25\n");
    for worker in workers {
        worker.succeed();
    }
    assert!(before.len() + during.len() > 3 * 500, "most connections were made");
}

/// Opens connections to each of the ports that send junk, half a hello or nothing, or that go away
/// at once. Those that stay are returned, so that they stay.
fn junk(ports: &[u16], connections: usize) -> Vec<TcpStream> {
    let mut open = Vec::new();
    for round in 0..connections {
        for (index, port) in ports.iter().enumerate() {
            let address = ([127, 0, 0, 1], *port).into();
            let connected = TcpStream::connect_timeout(&address, Duration::from_millis(200));
            let Ok(mut stream) = connected else { continue };
            let _ = match (round + index) % 4 {
                0 => stream.write_all(&[0xff; 300]),
                1 => stream.write_all(&[22, 3, 1, 2, 0, 1]),
                2 => Ok(()),
                _ => continue,
            };
            open.push(stream);
        }
    }
    open
}

/// The TCP ports that the parties of a command listen on.
fn listening_ports(process: &crate::support::Process) -> Vec<u16> {
    let sockets: Vec<String> = process
        .children()
        .iter()
        .flat_map(|pid| std::fs::read_dir(format!("/proc/{}/fd", pid.as_raw_nonzero())))
        .flatten()
        .flatten()
        .filter_map(|entry| std::fs::read_link(entry.path()).ok())
        .map(|link| link.to_string_lossy().into_owned())
        .collect();
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let mut ports = Vec::new();
    for line in table.lines().skip(1) {
        let fields: Vec<_> = line.split_whitespace().collect();
        let listening = fields[3] == "0A";
        if listening && sockets.contains(&format!("socket:[{}]", fields[9])) {
            let port = fields[1].rsplit(':').next().unwrap();
            ports.push(u16::from_str_radix(port, 16).unwrap());
        }
    }
    ports.sort_unstable();
    ports.dedup();
    ports
}

fn peak_memory_kib(pid: rustix::process::Pid) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", pid.as_raw_nonzero()));
    let status = status.unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|text| text.parse().ok()).unwrap_or(0)
}
