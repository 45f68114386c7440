//! The main job: parties of one main node and several workers square secret numbers.

use crate::support::{Finished, Process, Site, example_port};

/// Starts the workers, then the main program, and waits for all of them.
#[track_caller]
fn run_example(site: &Site, protocol: &str, workers: usize, threads: u64, ops: u64) -> Finished {
    let running = start_workers(site, protocol, workers, threads, ops);
    let main = format!("{protocol} multinode_example_main {workers} {threads} {ops}");
    let finished = site.compile_run(&main).succeed();
    for worker in running {
        worker.succeed();
    }
    let total = workers as u64 * threads * ops;
    let expected = format!("{total} squares by {workers} workers are right\n");
    assert_eq!(finished.stdout, expected);
    finished
}

fn start_workers(
    site: &Site,
    protocol: &str,
    workers: usize,
    threads: u64,
    ops: u64,
) -> Vec<Process> {
    let words = |i| format!("{protocol} multinode_example_worker {threads} {ops} {i} localhost");
    (0..workers).map(|i| site.compile_run(&words(i))).collect()
}

#[test]
fn four_workers_of_five_threads_square_20000_numbers() {
    let _port = example_port();
    run_example(&Site::new(), "ring", 4, 5, 1000);
}

#[test]
fn one_number_is_enough() {
    let _port = example_port();
    run_example(&Site::new(), "ring", 1, 1, 1);
}

#[test]
fn sizes_need_not_be_round() {
    let _port = example_port();
    run_example(&Site::new(), "ring", 3, 2, 777);
}

#[test]
fn two_workers_square_400000_numbers() {
    let _port = example_port();
    run_example(&Site::new(), "ring", 2, 2, 100_000);
}

#[test]
fn two_workers_square_4_million_numbers() {
    let _port = example_port();
    run_example(&Site::new(), "ring", 2, 2, 1_000_000);
}

#[test]
fn emulation_gives_the_same() {
    let _port = example_port();
    let site = Site::new();
    for (workers, threads, ops) in
        [(4, 5, 1000), (1, 1, 1), (2, 2, 100_000), (3, 2, 777), (2, 2, 1_000_000)]
    {
        run_example(&site, "emulate", workers, threads, ops);
    }
}

#[test]
fn wider_rings_give_the_same() {
    let _port = example_port();
    let site = Site::new();
    for bits in [72, 128] {
        let worker = site.compile_run(&format!("-R {bits} ring multinode_example_worker 2 50 0"));
        let main = site.compile_run(&format!("-R {bits} ring multinode_example_main 1 2 50"));
        main.succeed();
        worker.succeed();
    }
}

#[test]
fn the_main_node_may_start_first() {
    let _port = example_port();
    let site = Site::new();
    let mut main = site.compile_run("ring multinode_example_main 2 1 10");
    main.wait_until("listening", |_| std::net::TcpStream::connect("127.0.0.1:15002").is_ok());
    let workers = start_workers(&site, "ring", 2, 1, 10);
    main.succeed();
    for worker in workers {
        worker.succeed();
    }
}

#[test]
fn identities_are_made_once_and_said() {
    let _port = example_port();
    let site = Site::new();
    let worker = site.compile_run("ring multinode_example_worker 1 1 0");
    let main = site.compile_run("ring multinode_example_main 1 1 1");
    let said = main.succeed().stderr + &worker.succeed().stderr;
    assert!(said.contains("made") && said.contains("certs"), "{said}");
    let worker = site.compile_run("ring multinode_example_worker 1 1 0");
    let main = site.compile_run("ring multinode_example_main 1 1 1");
    let said = main.succeed().stderr + &worker.succeed().stderr;
    assert!(!said.contains("made"), "{said}");
}
