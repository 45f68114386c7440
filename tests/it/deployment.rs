//! `caucus run`: every party started by itself, as on machines of their own.

use std::fs;
use std::process::Command;

use caucus_core::identity::{self, IssueOptions};
use caucus_core::ids::{PartyId, WorkerId};

use crate::support::{Process, Site, free_ports, root};

/// A folder with identities and a hosts file for three parties on this machine.
fn site() -> (Site, u16) {
    let site = Site::new();
    identities(&site);
    let port = free_ports(3);
    let hosts: String = (0..3).map(|i| format!("127.0.0.1:{}\n", port + i)).collect();
    fs::write(site.path("hosts"), hosts).unwrap();
    (site, port)
}

fn identities(site: &Site) {
    let (certs, options) = (site.path("certs"), IssueOptions::default());
    identity::init_parties(&certs, (0..3).map(PartyId::new), &options).unwrap();
    for party in 0..3 {
        identity::add_worker(&certs, PartyId::new(party), WorkerId::new(0), &options).unwrap();
    }
}

fn parties(site: &Site, words: [&str; 3]) -> [Process; 3] {
    let mut number = 0;
    words.map(|words| {
        let run = format!("run --party {number} --hosts hosts {words}");
        number += 1;
        site.caucus(&run)
    })
}

#[test]
fn three_parties_find_each_other_by_the_hosts_file() {
    let (site, _) = site();
    site.program("hello", "print_ln('%s', (sint(6) * 7).reveal())\n");
    let [p0, p1, p2] = parties(&site, ["ring hello"; 3]);
    assert_eq!(p0.succeed().stdout, "42\n");
    assert_eq!(p1.succeed().stdout, "");
    assert_eq!(p2.succeed().stdout, "");
}

#[test]
fn bytecode_runs_where_there_is_no_source() {
    let (site, _) = site();
    site.program("hello", "print_ln('%s', (sint(6) * 7).reveal())\n");
    site.caucus("compile -o hello.cbc hello").succeed();
    fs::remove_file(site.path("Programs/Source/hello.mpc")).unwrap();
    let [p0, p1, p2] = parties(&site, ["ring hello.cbc"; 3]);
    assert_eq!(p0.succeed().stdout, "42\n");
    p1.succeed();
    p2.succeed();
}

#[test]
fn parties_with_different_programs_all_stop_and_name_both() {
    let (site, _) = site();
    site.program("one", "print_ln('%s', (sint(6) * int(program.args[1])).reveal())\n");
    site.program("two", "print_ln('%s', (sint(6) + 7).reveal())\n");
    for third in ["ring two", "ring one 8", "-R 128 ring one 7"] {
        for run in parties(&site, ["ring one 7", "ring one 7", third]) {
            let finished = run.fail(8, &["P2"]);
            assert!(finished.took.as_secs() < 20, "{:?}", finished.took);
        }
    }
    let [p0, p1, p2] = parties(&site, ["ring one 7", "ring one 7", "ring two"]);
    p0.fail(8, &["one-7", "two"]);
    p1.fail(8, &["one-7", "two"]);
    p2.fail(8, &["one-7", "two"]);
}

#[test]
fn parties_with_different_plans_of_a_distributed_loop_all_stop() {
    let (site, _) = site();
    site.program(
        "spread",
        "a = sint.Array(7)\n\
         @for_range_opt_multinode(7)\n\
         def _(i):\n\
         \x20   a[i] = i\n\
         print_ln('%s', a[6].reveal())\n",
    );
    let words = ["ring spread", "ring spread", "--workers 2 ring spread"];
    for run in parties(&site, words) {
        run.fail(8, &["P2"]);
    }
}

#[test]
fn a_wrong_hosts_file_names_the_line() {
    let (site, _) = site();
    site.program("hello", "print_ln('hello')\n");
    fs::write(site.path("hosts"), "localhost\n# comment\nlocalhost:notaport\nlocalhost\n").unwrap();
    site.caucus("run -p 0 --hosts hosts ring hello").fail(3, &["hosts:3", "notaport"]);
    fs::write(site.path("hosts"), "localhost\nlocalhost\n").unwrap();
    site.caucus("run -p 0 --hosts hosts ring hello").fail(3, &["hosts", "3"]);
}

#[test]
fn only_two_parties_authorities_are_not_enough() {
    let (site, _) = site();
    site.program("hello", "print_ln('hello')\n");
    fs::remove_dir_all(site.path("certs/party-2")).unwrap();
    site.caucus("run -p 0 --hosts hosts ring hello").fail(3, &["party-2", "authority.pem"]);
}

/// Two machines as network namespaces joined by a virtual cable; removed on drop.
struct Namespaces {
    names: [String; 2],
}

impl Namespaces {
    /// `None` where this system does not let us make any.
    fn new() -> Option<Self> {
        let names = ["a", "b"].map(|end| format!("caucus-{}-{end}", std::process::id()));
        let this = Self { names };
        let [a, b] = &this.names;
        ip(&["netns", "add", a]).then_some(())?;
        ip(&["netns", "add", b]).then_some(())?;
        let made = ip(&[
            "link", "add", "cable", "netns", a, "type", "veth", "peer", "name", "cable", "netns", b,
        ]);
        made.then_some(())?;
        for (name, address) in [(a, "10.9.8.1/24"), (b, "10.9.8.2/24")] {
            assert!(ip(&["-n", name, "addr", "add", address, "dev", "cable"]));
            assert!(ip(&["-n", name, "link", "set", "cable", "up"]));
            assert!(ip(&["-n", name, "link", "set", "lo", "up"]));
        }
        Some(this)
    }

    /// Runs `caucus` on one of the machines.
    fn caucus(&self, site: &Site, machine: usize, words: &str) -> Process {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.names[machine], env!("CARGO_BIN_EXE_caucus")]);
        site.start(command.args(words.split_whitespace()))
    }
}

impl Drop for Namespaces {
    fn drop(&mut self) {
        for name in &self.names {
            ip(&["netns", "delete", name]);
        }
    }
}

fn ip(words: &[&str]) -> bool {
    Command::new("ip").args(words).output().is_ok_and(|output| output.status.success())
}

#[test]
fn parties_and_workers_on_two_machines_work_together() {
    let Some(machines) = Namespaces::new() else {
        assert!(std::env::var_os("CI").is_none(), "CI must be able to make network namespaces");
        return;
    };
    let site = Site::new();
    identities(&site);
    // Main nodes of P0 and P1 on the first machine, of P2 on the second; workers the other way.
    fs::write(site.path("main"), "10.9.8.1:5000\n10.9.8.1:5001\n10.9.8.2:5002\n").unwrap();
    fs::write(site.path("work"), "10.9.8.2:6000\n10.9.8.2:6001\n10.9.8.1:6002\n").unwrap();
    let home = |party: usize| if party == 2 { 1 } else { 0 };
    let run = |hosts: &str, party: usize, extra: &str, words: &str| {
        let words = format!("run --party {party} --hosts {hosts} {extra} ring {words}");
        let machine = if hosts == "main" { home(party) } else { 1 - home(party) };
        machines.caucus(&site, machine, &words)
    };
    let workers: Vec<_> = (0..3)
        .map(|party| {
            let host = if party == 2 { "10.9.8.2" } else { "10.9.8.1" };
            let extra = format!("--worker 0 --main {host}");
            run("work", party, &extra, "multinode_example_worker 2 500 0")
        })
        .collect();
    let mains: Vec<_> =
        (0..3).map(|party| run("main", party, "", "multinode_example_main 1 2 500")).collect();
    let outputs: Vec<_> = mains.into_iter().map(|main| main.succeed().stdout).collect();
    assert_eq!(outputs[0], "1000 squares by 1 workers are right\n");
    for worker in workers {
        worker.succeed();
    }
}

#[test]
fn the_readme_names_the_two_first_commands() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let demo = readme.find("./scripts/demo").unwrap();
    assert!(demo < readme.find("./scripts/test").unwrap());
}
