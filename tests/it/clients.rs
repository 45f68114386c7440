//! External clients against real parties: programs with clients in their heads, once with the library
//! in Rust and once with the module in Python, and clients that are faulty or malicious.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use caucus_client::{Client, Config, Error};
use caucus_core::identity::{self, IssueOptions};

use crate::support::client::{Library, Script, folder, run_program, run_rust, site};
use crate::support::{Process, Site, free_ports, root};

const PATIENCE: Duration = Duration::from_secs(60);

/// Runs a program and its clients, which must all print what its head says.
fn passes(path: &str, library: Library, protocol: &str) {
    let wrong = run_program(&root().join(path), library, protocol);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The suite's programs with clients written in Python; `conformance` runs them with those in Rust.
#[test]
fn programs_with_clients_in_python_print_what_they_state() {
    for name in ["sum", "loop", "tensor"] {
        let path = format!("tests/conformance/lang/net_client_{name}.mpc");
        passes(&path, Library::Python, "ring");
    }
}

#[test]
fn every_kind_of_value_goes_both_ways() {
    let path = "tests/clients/all_kinds.mpc";
    passes(path, Library::Rust, "ring");
    passes(path, Library::Python, "ring");
    passes(path, Library::Python, "emulate");
}

#[test]
fn parties_without_a_common_client_take_their_own() {
    passes("programs/own_readings.mpc", Library::Rust, "ring");
}

/// The auction with commands: bids from Rust are tested above, here the examples in Python.
#[test]
fn an_auction_tells_the_bidders_only() {
    passes("programs/highest_bid.mpc", Library::Rust, "ring");
    passes("programs/highest_bid.mpc", Library::Rust, "emulate");
    let site = site(0..3);
    let port = free_ports(3);
    let run = site.compile_run(&format!("ring highest_bid {port} 3"));
    let example = |client: u32, bid: i64| {
        let mut command = Command::new("python3");
        command.arg("-B").arg(root().join("clients/python/bid.py"));
        command.arg(client.to_string()).arg(folder(&site)).arg(port.to_string());
        site.start(command.arg(bid.to_string()))
    };
    let clients: Vec<_> = [(0, 10), (1, 12), (2, 7)].map(|(id, bid)| example(id, bid)).into();
    let said: Vec<_> = clients.into_iter().map(|client| client.succeed().stdout).collect();
    assert_eq!(said, ["client 1 won, for 10\n", "won, for 10\n", "client 1 won, for 10\n"]);
    assert_eq!(run.succeed().stdout, "3 bidders\nsold: 1\n");
}

/// A program that adds the inputs of two clients.
const SUM: &str = "
port = int(program.args[1])
listen_for_clients(port)
total = MemValue(sint(0))
@for_range(2)
def _(i):
    s = accept_client_connection(port)
    print_ln('client %s', s)
    total.iadd(sint.receive_from_client(1, s)[0])
print_ln('sum %s', total.reveal())
";

/// Runs the program with a change of its text.
fn sum(site: &Site, port: u16) -> Process {
    site.program("sum", SUM);
    site.compile_run(&format!("ring sum {port}"))
}

fn client(site: &Site, id: u32, statements: &str) -> Result<String, Error> {
    let statements = statements.to_owned();
    let script = Script { id, statements, expect: String::new() };
    run_rust(&folder(site), &script, 3, PATIENCE)
}

#[test]
fn a_client_that_tells_the_parties_different_values_is_caught() {
    let site = site([4]);
    let port = free_ports(3);
    site.program(
        "tell",
        "port = int(program.args[1])\nlisten_for_clients(port)\n\
         s = accept_client_connection(port)\nprint_ln('got %s', regint.read_from_socket(s))\n",
    );
    let run = site.compile_run(&format!("ring tell {port}"));
    let lies = format!("port {port}; ints-to 0 5; ints-to 1 5; ints-to 2 6");
    client(&site, 4, &lies).unwrap();
    let finished = run.fail(6, &["external client 4 sent other values to P", "tell.mpc:4"]);
    assert_eq!(finished.stdout, "");
}

#[test]
fn a_masked_input_that_differs_is_caught() {
    let site = site([4]);
    let port = free_ports(3);
    let run = sum(&site, port);
    let mut liar = Client::connect(&Config::local(4, folder(&site), 3, port)).unwrap();
    // The masks are of no interest to it.
    liar.receive_shares(3).unwrap();
    for (party, masked) in [7, 7, 8].into_iter().enumerate() {
        liar.send_public_to(party, &[masked]).unwrap();
    }
    run.fail(6, &["external client 4 sent other values to P", "nothing of it was used"]);
}

#[test]
fn a_number_that_is_in_use_is_refused_kindly_and_the_others_are_served() {
    let site = site([4, 5]);
    let port = free_ports(3);
    let mut run = sum(&site, port);
    let config = Config::local(4, folder(&site), 3, port);
    let mut first = Client::connect(&config).unwrap();
    run.wait_until("accepted the client", |run| run.stdout().contains("client 4"));
    let error = Client::connect(&config).unwrap_err().to_string();
    assert!(error.contains("external client 4 is refused: there is a connection"), "{error}");
    first.send_private(&[40]).unwrap();
    client(&site, 5, &format!("port {port}; private 2")).unwrap();
    let finished = run.succeed();
    assert_eq!(finished.stdout, "client 4\nclient 5\nsum 42\n");
    assert!(finished.stderr.contains("connection of number 4 already"), "{}", finished.stderr);
}

#[test]
fn clients_that_leave_early_or_connect_to_some_parties_keep_nobody_out() {
    let site = site([3, 4, 5, 6]);
    let port = free_ports(3);
    let run = sum(&site, port);
    // One that leaves at once, and one that connects to a single party and stays.
    client(&site, 3, &format!("port-to 1 {port}")).unwrap();
    let mut config = Config::local(6, folder(&site), 3, port);
    config.parties.truncate(1);
    let stays = Client::connect(&config).unwrap();
    for (id, value) in [(4, 1), (5, -3)] {
        client(&site, id, &format!("port {port}; private {value}")).unwrap();
    }
    assert_eq!(run.succeed().stdout, "client 4\nclient 5\nsum -2\n");
    stays.close();
}

#[test]
fn a_client_that_is_lost_in_the_middle_is_named() {
    let site = site([4]);
    let port = free_ports(3);
    let run = sum(&site, port);
    client(&site, 4, &format!("port {port}; shares 3")).unwrap();
    run.fail(5, &["external client 4", "closed the connection", "sum.mpc:9"]);
}

#[test]
fn a_message_of_another_length_names_client_and_lengths() {
    let site = site([4]);
    let port = free_ports(3);
    let run = sum(&site, port);
    client(&site, 4, &format!("port {port}; shares 3; cints 1 2")).unwrap();
    run.fail(8, &["external client 4", "expected 1 value (8 bytes), the message has 2"]);
}

#[test]
fn a_client_gets_no_full_shares() {
    let site = site([4]);
    let port = free_ports(3);
    site.program(
        "leak",
        "port = int(program.args[1])\nlisten_for_clients(port)\n\
         s = accept_client_connection(port)\nsint.write_to_socket(s, [sint(5)])\n",
    );
    let run = site.compile_run(&format!("ring leak {port}"));
    let mut reader = Client::connect(&Config::local(4, folder(&site), 3, port)).unwrap();
    assert!(matches!(reader.receive_shares(2), Err(Error::Lost { .. } | Error::Refused { .. })));
    run.fail(3, &["external client 4", "reveal_to_clients", "leak.mpc:4"]);
}

#[test]
fn wrong_certificates_are_refused_at_either_end() {
    let site = site([4, 5]);
    let port = free_ports(3);
    let run = sum(&site, port);
    let at = |name: &str| folder(&site).join(name);
    let exported = |name: &str, client: u32| {
        let folder = site.path(name);
        identity::export_client(&site.path("certs"), client, &folder).unwrap();
        folder
    };
    let connect = |folder: &Path, id| {
        let error = Client::connect(&Config::local(id, folder, 3, port)).unwrap_err();
        (error.to_string(), error)
    };
    // It announces 5 and shows the certificate of 4.
    let swapped = exported("swapped", 5);
    for ending in ["pem", "key"] {
        fs::copy(at(&format!("C4.{ending}")), swapped.join(format!("C5.{ending}"))).unwrap();
    }
    let (text, error) = connect(&swapped, 5);
    assert!(matches!(error, Error::Declined { party: 0, .. }), "{text}");
    let reason = "number 5 was announced but the certificate is that of external client 4";
    assert!(text.contains(reason), "{text}");
    // It believes the authority of another party.
    let mixed = exported("mixed", 4);
    fs::copy(at("P1.pem"), mixed.join("P0.pem")).unwrap();
    let (text, error) = connect(&mixed, 4);
    assert!(matches!(error, Error::NotTheParty { party: 0, .. }), "{text}");
    assert!(text.contains("is not P0") && text.contains("compare P0.pem"), "{text}");
    // It comes from another deployment.
    let strangers = Site::new();
    let options = IssueOptions::default();
    identity::add_client(&strangers.path("certs"), 4, &options).unwrap();
    let foreign = exported("foreign", 4);
    for ending in ["pem", "key"] {
        let name = format!("C4.{ending}");
        fs::copy(folder(&strangers).join(&name), foreign.join(&name)).unwrap();
    }
    let (text, error) = connect(&foreign, 4);
    assert!(matches!(error, Error::Refused { .. }), "{text}");
    // It has no certificate.
    let (text, error) = connect(&folder(&site), 9);
    assert!(matches!(error, Error::Certificate { .. }), "{text}");
    assert!(text.contains("caucus certs client --index 9"), "{text}");
    for (id, value) in [(4, 1), (5, 2)] {
        client(&site, id, &format!("port {port}; private {value}")).unwrap();
    }
    let finished = run.succeed();
    assert!(finished.stdout.ends_with("sum 3\n"), "{}", finished.stdout);
    for heard in [reason, "none of the authorities believed here issued it"] {
        assert!(finished.stderr.contains(heard), "{heard} is missing in\n{}", finished.stderr);
    }
}

/// Python's own verification of names, in its strictest form, with nothing but the standard library.
#[test]
fn pythons_tls_library_takes_the_certificates_as_they_are() {
    let site = site([4]);
    let port = free_ports(3);
    let run = sum(&site, port);
    let script = "
import socket, ssl, sys
folder, port = sys.argv[1], int(sys.argv[2])
for party in range(3):
    for attempt in range(600):
        try:
            s = socket.create_connection(('localhost', port + party))
            break
        except ConnectionRefusedError:
            __import__('time').sleep(.1)
    context = ssl.create_default_context()
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    for other in range(3):
        context.load_verify_locations('%s/P%d.pem' % (folder, other))
    context.load_cert_chain(folder + '/C4.pem', folder + '/C4.key')
    s.sendall(b'\\x01\\0\\0\\0' + b'4')
    t = context.wrap_socket(s, server_hostname='P%d' % party)
    t.settimeout(30)
    name = dict(x[0] for x in t.getpeercert()['subject'])['commonName']
    assert name == 'P%d' % party, name
    data = b''
    while len(data) < 16:
        data += t.recv(16 - len(data))
    assert data == b'\\x0c\\0\\0\\0R\\0\\0\\0\\x40\\0\\0\\0\\x40\\0\\0\\0', data
print('fine')
";
    let mut command = Command::new("python3");
    command.args(["-c", script]).arg(folder(&site)).arg(port.to_string());
    assert_eq!(site.start(&mut command).succeed().stdout, "fine\n");
    drop(run);
}
