//! Processes that die: everybody else ends soon, says why, and leaves nothing behind.

use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Process, Site, free_ports, is_alive, kill};

/// The time in which everything has to be over.
const SOON: Duration = Duration::from_secs(20);

/// Keeps the parties exchanging messages for much longer than a test.
const LONG: &str = "print_ln('started')\nx = sint(1)\n\
                    @for_range(10 ** 9)\ndef _(i):\n    x.update(x * x)\nprint_ln('%s', x.reveal())\n";

/// Starts a program whose parties compute until they are stopped, and waits until they do.
fn computing(site: &Site) -> (Process, Vec<Pid>) {
    site.program("long", LONG);
    let mut run = site.compile_run("ring long");
    run.wait_until("computing", |run| run.stdout().contains("started"));
    let parties = run.children();
    assert_eq!(parties.len(), 3);
    (run, parties)
}

#[track_caller]
fn all_end(pids: &[Pid]) {
    let deadline = Instant::now() + SOON;
    for pid in pids {
        while is_alive(*pid) {
            assert!(Instant::now() < deadline, "process {pid:?} goes on");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn a_killed_party_ends_the_others_with_the_root_cause_first() {
    let site = Site::new();
    for victim in 0..3 {
        let (run, parties) = computing(&site);
        let killed = Instant::now();
        kill(parties[victim]);
        let finished = run.fail(5, &["killed by signal 9"]);
        assert!(killed.elapsed() < SOON, "{:?}", killed.elapsed());
        let first = finished.stderr.lines().find(|line| line.starts_with("caucus: P")).unwrap();
        assert!(first.contains("killed by signal 9"), "{}", finished.stderr);
        all_end(&parties);
    }
}

#[test]
fn parties_end_when_their_launcher_is_killed() {
    let site = Site::new();
    let (run, parties) = computing(&site);
    kill(run.pid());
    all_end(&parties);
}

#[test]
fn ctrl_c_ends_everything_and_frees_the_ports() {
    let site = Site::new();
    site.program("long", LONG);
    let port = free_ports(3);
    for signal in [Signal::INT, Signal::TERM] {
        let mut run = site.compile_run(&format!("ring long -- -pn {port}"));
        run.wait_until("computing", |run| run.stdout().contains("started"));
        let parties = run.children();
        kill_process(run.pid(), signal).unwrap();
        let finished = run.finish();
        assert_eq!(finished.code, 128 + signal.as_raw(), "{}", finished.stderr);
        all_end(&parties);
        // The last thread of a killed process may need a moment to let go of its sockets.
        let deadline = Instant::now() + SOON;
        for party in 0..3 {
            while let Err(error) = std::net::TcpListener::bind(("0.0.0.0", port + party)) {
                assert!(Instant::now() < deadline, "P{party}: {error}");
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    }
}

#[test]
fn a_party_killed_while_connecting_is_noticed() {
    let site = Site::new();
    site.program("long", LONG);
    for delay in [0, 5, 15, 30, 60, 100] {
        let mut run = site.compile_run("ring long");
        run.wait_until("started", |run| run.children().len() == 3);
        std::thread::sleep(Duration::from_millis(delay));
        let parties = run.children();
        let killed = Instant::now();
        if let Some(victim) = parties.get(1) {
            let _ = kill_process(*victim, Signal::KILL);
        }
        run.fail(5, &["killed by signal 9"]);
        assert!(killed.elapsed() < SOON, "{:?}", killed.elapsed());
        all_end(&parties);
    }
}

const BOSS: &str = "port = int(program.args[1])\nlisten_for_clients(port)\n\
                    w = accept_client_connection(port)\nprint_ln('connected')\n\
                    x = sint.read_from_socket(w)\nprint_ln('%s', x.reveal())\n";
const HAND: &str = "m = init_client_connection('localhost', int(program.args[1]), 0)\n\
                    print_ln('connected')\nx = sint(2)\n\
                    @for_range(10 ** 9)\ndef _(i):\n    x.update(x * x)\n\
                    x.write_fully_to_socket(m)\n";

fn main_and_worker(site: &Site) -> (Process, Process) {
    site.program("boss", BOSS);
    site.program("hand", HAND);
    let port = free_ports(3);
    let mut boss = site.compile_run(&format!("ring boss {port}"));
    let mut hand = site.compile_run(&format!("ring hand {port}"));
    boss.wait_until("connected", |run| run.stdout().contains("connected"));
    hand.wait_until("connected", |run| run.stdout().contains("connected"));
    (boss, hand)
}

#[test]
fn a_killed_worker_ends_its_main_nodes_and_the_other_workers() {
    let site = Site::new();
    for victim in 0..3 {
        let (boss, hand) = main_and_worker(&site);
        let killed = Instant::now();
        kill(hand.children()[victim]);
        hand.fail(5, &["killed by signal 9"]);
        boss.fail(5, &["W0"]);
        assert!(killed.elapsed() < SOON, "{:?}", killed.elapsed());
    }
}

#[test]
fn a_killed_main_node_ends_its_workers() {
    let site = Site::new();
    let (boss, hand) = main_and_worker(&site);
    let killed = Instant::now();
    kill(boss.children()[1]);
    boss.fail(5, &["killed by signal 9"]);
    // The workers compute for a long time before they need their main node again.
    hand.fail(5, &["main node"]);
    assert!(killed.elapsed() < SOON, "{:?}", killed.elapsed());
}

#[test]
fn a_run_time_error_of_one_party_reaches_all() {
    let site = Site::new();
    site.program("few", "@for_range(3)\ndef _(i):\n    print_ln('%s', sint.get_input_from(1).reveal())\n\
                         @while_do(lambda x: x < regint(5), regint(0))\n\
                         def _(x):\n    print_ln('%s', sint.get_input_from(2).reveal())\n    return x + 1\n");
    site.input(1, "1 2 3");
    site.input(2, "7");
    let finished = site.compile_run("ring few").fail(9, &["P2", "Input-P2-0", "few.mpc:6"]);
    assert!(finished.took < SOON, "{:?}", finished.took);
}
