//! What the machine allows: the smallest programs that move the bytes of an operation over TLS and do its arithmetic.
//!
//! `bound OPERATION SIZE TIMES` starts three processes, which are connected over loopback as the parties of replicated
//! sharing are, and prints the seconds that each of TIMES runs took, as JSON. There are no programs, no headers of
//! messages, no deadlines and no statistics here; kernels of the engine are used as they are, since they are part of
//! the machine's limit. `scripts/bench` compares the engine with this.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "this prints measurements, or fails")]

#[cfg(target_arch = "x86_64")]
#[path = "../../core/src/random/keystream.rs"]
#[allow(dead_code, unreachable_pub, reason = "a part of another crate")]
mod keystream;
mod operations;
#[path = "../../core/src/tile.rs"]
#[allow(dead_code, unreachable_pub, reason = "a part of another crate")]
mod tile;
#[path = "../../core/src/wide.rs"]
#[allow(dead_code, unreachable_pub, reason = "a part of another crate")]
mod wide;
mod wire;

use std::io::{BufRead, BufReader, Write, stdin};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use operations::Party;
use wire::Wire;

const N_PARTIES: usize = 3;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["party", me, operation, size, times] => {
            party(me.parse().unwrap(), operation, size.parse().unwrap(), times.parse().unwrap());
        }
        [operation, size, times] => parent(operation, size, times),
        _ => panic!("usage: bound OPERATION SIZE TIMES"),
    }
}

/// Starts the parties, tells them each other's ports, and prints the time of the slowest in each run.
fn parent(operation: &str, size: &str, times: &str) {
    let start = |me: usize| {
        Command::new(std::env::current_exe().unwrap())
            .args(["party", &me.to_string(), operation, size, times])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let mut parties: Vec<Child> = (0..N_PARTIES).map(start).collect();
    let mut outputs: Vec<_> =
        parties.iter_mut().map(|party| BufReader::new(party.stdout.take().unwrap())).collect();
    let mut inputs: Vec<_> = parties.iter_mut().map(|party| party.stdin.take().unwrap()).collect();
    let mut lines = || -> Vec<String> {
        let line = |output: &mut BufReader<_>| {
            let mut line = String::new();
            output.read_line(&mut line).unwrap();
            line.trim().to_owned()
        };
        outputs.iter_mut().map(line).collect()
    };
    let mut tell =
        |text: &str| inputs.iter_mut().for_each(|input| writeln!(input, "{text}").unwrap());
    let ports = lines();
    tell(&ports.join(" "));
    assert_eq!(lines(), ["connected"; N_PARTIES]);
    tell("go");
    let reports: Vec<Vec<f64>> = lines()
        .iter()
        .map(|line| line.split_whitespace().map(|number| number.parse().unwrap()).collect())
        .collect();
    parties.iter_mut().for_each(|party| assert!(party.wait().unwrap().success()));
    let slowest = |run: usize| reports.iter().map(|times| times[run]).fold(0.0, f64::max);
    let seconds: Vec<String> = (0..reports[0].len()).map(|run| slowest(run).to_string()).collect();
    println!("{{\"seconds\": [{}]}}", seconds.join(", "));
}

/// One party: connects with the previous and the next one, and measures.
fn party(me: usize, operation: &str, size: usize, times: usize) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("{}", listener.local_addr().unwrap().port());
    let mut line = String::new();
    stdin().read_line(&mut line).unwrap();
    let ports: Vec<u16> = line.split_whitespace().map(|port| port.parse().unwrap()).collect();
    // Each dials the next and is dialed by the previous one. The last one accepts first: somebody must.
    let dial =
        || Wire::client(TcpStream::connect(("127.0.0.1", ports[(me + 1) % N_PARTIES])).unwrap());
    let accept = || Wire::server(listener.accept().unwrap().0);
    let (next, previous);
    if me == N_PARTIES - 1 {
        previous = accept();
        next = dial();
    } else {
        next = dial();
        previous = accept();
    }
    println!("connected");
    // Nobody sends before all have left the handshake: it would read too far.
    stdin().read_line(&mut line).unwrap();
    let mut party = Party::new(me, next, previous, operation, size);
    party.run();
    let mut seconds = Vec::new();
    for _ in 0..times {
        party.barrier();
        let start = Instant::now();
        party.run();
        seconds.push(start.elapsed().as_secs_f64().to_string());
    }
    println!("{}", seconds.join(" "));
}
