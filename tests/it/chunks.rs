//! Sizes of what nodes of a party send to each other.

use crate::support::{Process, Site, free_ports};

/// Sends `sent` secrets from a main to a worker program, which returns what it expects.
fn programs(site: &Site) {
    site.program(
        "giver",
        "port, n = int(program.args[1]), int(program.args[2])\n\
         listen_for_clients(port)\n\
         worker = accept_client_connection(port)\n\
         data = Array.create_from(sint(regint.inc(n)))\n\
         data.get_vector().write_fully_to_socket(worker)\n\
         back = sint.read_from_socket(worker, size=n)\n\
         print_ln('%s', sum(back - data.get_vector()).reveal())\n\
         closeclientconnection(worker)\n",
    );
    site.program(
        "taker",
        "port, n = int(program.args[1]), int(program.args[2])\n\
         main = init_client_connection('localhost', port, 0)\n\
         data = sint.Array(n)\n\
         data.read_from_socket(main)\n\
         (data.get_vector() + 1).write_fully_to_socket(main)\n",
    );
}

fn start(site: &Site, port: u16, sent: usize, expected: usize) -> (Process, Process) {
    programs(site);
    let taker = site.compile_run(&format!("ring taker {port} {expected}"));
    (site.compile_run(&format!("ring giver {port} {sent}")), taker)
}

#[test]
fn chunks_of_any_size_arrive_whole() {
    let site = Site::new();
    for size in [1, 999_999, 1_000_000, 1_000_001, 10_000_000] {
        let (giver, taker) = start(&site, free_ports(3), size, size);
        assert_eq!(giver.succeed().stdout, format!("{size}\n"));
        taker.succeed();
    }
}

#[test]
fn more_values_than_expected_are_an_error() {
    let site = Site::new();
    let (giver, taker) = start(&site, free_ports(3), 100, 99);
    taker.fail(8, &["taker.mpc:4", "99", "100"]);
    assert_ne!(giver.finish().code, 0);
}

#[test]
fn fewer_values_than_expected_are_an_error() {
    let site = Site::new();
    let (giver, taker) = start(&site, free_ports(3), 99, 100);
    taker.fail(8, &["taker.mpc:4", "99", "100"]);
    assert_ne!(giver.finish().code, 0);
}

#[test]
fn public_values_and_integers_travel_too() {
    let site = Site::new();
    site.program(
        "public_main",
        "port = int(program.args[1])\n\
         listen_for_clients(port)\n\
         w = accept_client_connection(port)\n\
         regint.write_to_socket(w, [regint(7), regint(-8)])\n\
         cint.write_to_socket(w, [cint(9)])\n\
         a, b = regint.read_from_socket(w, 2)\n\
         c = cint.read_from_socket(w)\n\
         print_ln('%s %s %s', a, b, c)\n",
    );
    site.program(
        "public_worker",
        "port = int(program.args[1])\n\
         m = init_client_connection('localhost', port, 3)\n\
         a, b = regint.read_from_socket(m, 2)\n\
         c = cint.read_from_socket(m)\n\
         regint.write_to_socket(m, [b, a])\n\
         cint.write_to_socket(m, [c * 2])\n",
    );
    let port = free_ports(3);
    let worker = site.compile_run(&format!("ring public_worker {port}"));
    let main = site.compile_run(&format!("ring public_main {port}"));
    assert_eq!(main.succeed().stdout, "-8 7 18\n");
    worker.succeed();
}

#[test]
fn two_upstream_connections_keep_apart() {
    let site = Site::new();
    site.program(
        "source",
        "port, value = int(program.args[1]), int(program.args[2])\n\
         listen_for_clients(port)\n\
         w = accept_client_connection(port)\n\
         sint(value).write_fully_to_socket(w)\n\
         print_ln('%s', sint.read_from_socket(w).reveal())\n",
    );
    site.program(
        "between",
        "a = init_client_connection('localhost', int(program.args[1]), 0)\n\
         b = init_client_connection('localhost', int(program.args[2]), 0)\n\
         x = sint.read_from_socket(a)\n\
         y = sint.read_from_socket(b)\n\
         y.write_fully_to_socket(a)\n\
         x.write_fully_to_socket(b)\n",
    );
    let (first, second) = (free_ports(3), free_ports(3));
    let between = site.compile_run(&format!("ring between {first} {second}"));
    let one = site.compile_run(&format!("ring source {first} 11"));
    let two = site.compile_run(&format!("ring source {second} 22"));
    assert_eq!(one.succeed().stdout, "22\n");
    assert_eq!(two.succeed().stdout, "11\n");
    between.succeed();
}
